"""A workspace on a real file with three topics of unanswered questions, under the application."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from qatui.app import QatuiApp
from qatui.config import Settings
from qatui.domain.conversation import Ticket
from qatui.domain.people import Account
from qatui.screens.gaps import GapsScreen
from qatui.services.gaps.triage import Gaps
from qatui.services.people import People
from qatui.services.workspace import Workspace, open_workspace
from qatui.store import conversations
from tests.services.gap_tickets import NEEDS, NOW, asked, engine, needs
from tests.ui.driving import NARROW, Driver, settings

OWNER = Account(os.getuid(), "olga")
REPLIES = (
    "Good morning! Choose a parcel locker at checkout, below the address; it holds parcels of up to 60 centimetres.",
    "Yes: choose the parcel locker at checkout. Parcels of up to 60 centimetres fit into it. Kind regards, Ana",
)


def questions() -> list[Ticket]:
    """Three needs of six questions each, two of them answered by a rep, and a question alone."""
    answered = [
        asked(50 + number, NEEDS["locker"].format("tomorrow"), days=3 + number, reply=reply)
        for number, reply in enumerate(REPLIES)
    ]
    return [*answered, *needs("locker", "invoice", "dimmer"), asked(99, "Do you hire gardeners?")]


@dataclass
class Desk:
    """The open workspace, the application's driver, and the file below."""

    workspace: Workspace
    driver: Driver
    path: Path

    @property
    def screen(self) -> GapsScreen:
        assert isinstance(self.driver.app.screen, GapsScreen)
        return self.driver.app.screen

    @property
    def names(self) -> list[str]:
        """The topics of the list, as the table holds them."""
        return [row.name for row in self.screen._rows.all]

    async def press(self, *keys: str) -> None:
        await self.driver.press(*keys)

    async def settle(self) -> None:
        await self.driver.quiet()


async def add(workspace: Workspace, tickets: Sequence[Ticket]) -> None:
    """Facts as an import leaves them."""
    async with workspace._db.write() as connection:
        await conversations.save(connection, tickets)


async def made(path: Path) -> None:
    """Make the file of the tests, with its topics."""
    async with open_workspace(settings(db=str(path)), clock=lambda: NOW, account=lambda: OWNER) as workspace:
        await add(workspace, questions())
        await Gaps(workspace._db, workspace.settings, workspace.people, lambda: NOW, engine).refresh()


@asynccontextmanager
async def opened(
    chosen: Settings, who: Account = OWNER, hours: float = 1, tickets: Sequence[Ticket] = ()
) -> AsyncIterator[Workspace]:
    """The workspace, used by somebody so many hours after NOW; tickets: what was imported since the last grouping."""
    now = NOW + timedelta(hours=hours)
    async with open_workspace(chosen, clock=lambda: now, account=lambda: who) as workspace:
        people = People(workspace._db, lambda: now, lambda: who, {str(OWNER.uid): OWNER}.get)
        workspace.__dict__["people"] = people
        workspace.__dict__["gaps"] = Gaps(workspace._db, chosen, people, lambda: now, engine)
        if tickets:
            await add(workspace, tickets)
        yield workspace


@asynccontextmanager
async def desk_at(
    template: Path,
    path: Path,
    *,
    who: Account = OWNER,
    size: tuple[int, int] = NARROW,
    tickets: Sequence[Ticket] = (),
    hours: float = 1,
    **values: Any,
) -> AsyncIterator[Desk]:
    """The application over a copy of the file (over the file itself where the two are one), on the Gaps screen."""
    if template != path:
        shutil.copy(template, path)
    chosen = settings(db=str(path), **values)
    async with opened(chosen, who, hours, tickets) as workspace:
        app = QatuiApp(chosen, open_workspace=lambda _settings: nullcontext(workspace))
        async with app.run_test(size=size) as pilot:
            driver = Driver(app, pilot, workspace)  # type: ignore[arg-type]
            await driver.until(lambda: app.session.workspace is not None)
            await driver.press("4")
            yield Desk(workspace, driver, path)
