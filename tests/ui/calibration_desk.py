"""A workspace on a real file with two judges and two reviewers, under the application on its Calibration screen."""

from __future__ import annotations

import asyncio
import random
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from qatui.app import QatuiApp
from qatui.domain.people import Account
from qatui.domain.review import Scores
from qatui.screens.calibration import CalibrationScreen
from qatui.services.calibration import Calibration
from qatui.services.people import People
from qatui.services.reviews import Reviews
from qatui.services.workspace import Workspace, open_workspace
from tests.services.calibration_desk import EMIL, NAMED, OLGA, VERA, several
from tests.services.calibration_desk import desk_on as services_on
from tests.services.tickets import LLM, OFFLINE, START
from tests.ui.driving import NARROW, Driver, settings

NOW = START + timedelta(days=2)
SUBJECTS = ("Parcel is late", "Wrong colour", "Refund for one lamp", "Invoice twice", "How to dim it")


def near(score: int, by: random.Random, spread: int) -> int:
    return max(1, min(5, score + by.randint(-spread, spread)))


async def _make(path: Path, tickets: int) -> None:
    """Tickets with a right score each: people are near it, the offline judge farther, the llm judge right."""
    async with services_on(path) as desk:
        by = random.Random(7)
        made = [
            replace(each, subject=f"{SUBJECTS[n % len(SUBJECTS)]} {n}") for n, each in enumerate(several(tickets), 1)
        ]
        await desk.add(made)
        right = [Scores(*(by.randint(1, 5) for _ in range(3))) for _ in made]

        def about(spread: int) -> list[tuple[int, Any, Scores]]:
            return [
                (n, each, Scores(*(near(getattr(score, name), by, spread) for name in ("tone", "clarity", "empathy"))))
                for n, (each, score) in enumerate(zip(made, right, strict=True), 1)
            ]

        await desk.judge(OFFLINE, about(2))
        await desk.judge(LLM, about(0)[: tickets * 3 // 4])
        for n, _, scores in about(1)[: tickets * 4 // 5]:
            await desk.review(VERA if n % 3 else EMIL, n, scores, blind=bool(n % 2))
            if n % 5 == 0:
                await desk.review(EMIL if n % 3 else VERA, n, scores, blind=True)
        if tickets:
            desk.who = EMIL
            await desk.reviews.dispute(tickets, "Nobody would read it so.")


def made(path: Path, tickets: int = 60) -> Path:
    """The file that tests start from a copy of."""
    asyncio.run(_make(path, tickets))
    return path


@dataclass
class Desk:
    """The open workspace and the application's driver."""

    workspace: Workspace
    driver: Driver

    @property
    def screen(self) -> CalibrationScreen:
        assert isinstance(self.driver.app.screen, CalibrationScreen)
        return self.driver.app.screen

    async def press(self, *keys: str) -> None:
        await self.driver.press(*keys)

    @property
    def explained(self) -> str:
        """The explanation that is open, its lines joined."""
        return " ".join(self.screen.popover.text.split())


@asynccontextmanager
async def opened(path: Path, who: Account = OLGA, **values: Any) -> AsyncIterator[Workspace]:
    """The workspace at NOW, used by somebody."""
    chosen = settings(db=str(path), **values)
    async with open_workspace(chosen, clock=lambda: NOW, account=lambda: who) as workspace:
        people = People(workspace._db, lambda: NOW, lambda: who, NAMED.get)
        workspace.__dict__["people"] = people
        workspace.__dict__["calibration"] = Calibration(workspace._db, people, lambda: NOW)
        workspace.__dict__["reviews"] = Reviews(workspace._db, chosen, people, lambda: NOW)
        yield workspace


@asynccontextmanager
async def desk_at(
    template: Path, path: Path, *, who: Account = OLGA, size: tuple[int, int] = NARROW, keys: str = "5", **values: Any
) -> AsyncIterator[Desk]:
    """The application over a copy of the file, after some keys."""
    shutil.copy(template, path)
    async with opened(path, who, **values) as workspace:
        app = QatuiApp(workspace.settings, open_workspace=lambda _settings: nullcontext(workspace))
        async with app.run_test(size=size) as pilot:
            driver = Driver(app, pilot, workspace)  # type: ignore[arg-type]
            await driver.until(lambda: app.session.workspace is not None)
            await driver.press(*keys)
            yield Desk(workspace, driver)
