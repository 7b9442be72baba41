"""Draws the pictures of the documentation from the sample workspace: `python tools/screenshots.py`."""

from __future__ import annotations

import asyncio
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from qatui.app import QatuiApp
from qatui.config import Settings
from qatui.services.demo import ensure_demo

NOW = datetime(2026, 3, 5, 10, 0, tzinfo=UTC)
TARGET = Path(__file__).parent.parent / "docs" / "screens"
WIDE, NARROW = (130, 40), (80, 24)

SCORED = ("2", "slash", *"scored", "enter")

# Enough reviews for a picture of Calibration: one agrees with a dozen tickets and gives two others their own scores.
REVIEWED = (
    *("a", "down") * 12,
    "v",
    "4",
    "tab",
    "3",
    "tab",
    "4",
    "enter",
    "down",
    "v",
    "2",
    "tab",
    "3",
    "tab",
    "2",
    "enter",
)

PICTURES: dict[str, tuple[tuple[int, int], tuple[str, ...]]] = {
    "reps": (WIDE, ("right", "down", "down")),
    "reps-80": (NARROW, ("right", "down")),
    "tickets": (WIDE, (*SCORED, "down", "down")),
    "explanation-80": (NARROW, (*SCORED, "down", "tab", "tab", "space")),
    "ticket": (WIDE, (*SCORED, "down", "down", "enter")),
    "performance": (WIDE, ("3",)),
    "gaps": (WIDE, ("4",)),
    "coaching": (WIDE, ("right", "down", "c")),
    "review": (WIDE, (*SCORED, "down", "down", "enter", "v")),
    "queue": (WIDE, ("Q",)),
    "calibration": (WIDE, (*SCORED, *REVIEWED, "5")),
}


async def draw(settings: Settings, name: str, size: tuple[int, int], keys: tuple[str, ...]) -> None:
    """One picture: the application at this size after these keys."""
    app = QatuiApp(settings)
    async with app.run_test(size=size) as pilot:
        for key in (None, *keys):
            if key:
                await pilot.press(key)
            for _ in range(40):  # a key may start a worker that starts another
                await pilot.pause(0.01)
                await app.workers.wait_for_complete()
        app.save_screenshot(f"{name}.svg", str(TARGET))


async def main() -> None:
    """All pictures, from a sample workspace of one fixed day."""
    TARGET.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as room:
        settings = Settings(db=str(Path(room) / "Fernlight.db"), timezone="Europe/Berlin", period="all")
        await ensure_demo(settings, fresh=False, now=NOW)
        for name, (size, keys) in PICTURES.items():
            await draw(settings, name, size, keys)


if __name__ == "__main__":
    asyncio.run(main())
