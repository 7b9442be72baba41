"""Brings conversations in from files: each line checked, the good ones stored, the bad ones set aside to be mended."""

from qatui.services.intake.pipeline import ImportResult, Progress, import_paths

__all__ = ["ImportResult", "Progress", "import_paths"]
