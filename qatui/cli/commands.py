"""All commands: loading this module registers every one of them."""

from qatui.cli import (
    answers,
    calibrate,
    coach,
    data,
    gaps,
    gaps_changes,
    people,
    performance,
    reports,
    review,
    score,
    tickets,
)
from qatui.cli.root import app

__all__ = [
    "answers", "app", "calibrate", "coach", "data", "gaps", "gaps_changes", "people", "performance",
    "reports", "review", "score", "tickets",
]  # fmt: skip
