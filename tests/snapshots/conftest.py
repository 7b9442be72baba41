"""Applications that start sooner."""

from tests.parsed_styles import _styles_parsed_once

__all__ = ["_styles_parsed_once"]
