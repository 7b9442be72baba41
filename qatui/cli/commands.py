"""All commands: loading this module registers every one of them."""

from qatui.cli import answers, data, gaps, people, performance, reports
from qatui.cli.root import app

__all__ = ["answers", "app", "data", "gaps", "people", "performance", "reports"]
