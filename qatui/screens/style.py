"""Where the style sheets lie: inside the package when installed from a wheel, beside it in a checkout."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


def style(name: str) -> Path:
    """The style sheet `name`.tcss. Raises FileNotFoundError when the installation lacks it."""
    candidates = [directory / "styles" / f"{name}.tcss" for directory in (_PACKAGE, _PACKAGE.parent)]
    for path in candidates:
        if path.is_file():
            return path
    raise FileNotFoundError(f"The style sheet {candidates[0]} is missing; install qatui again.")
