"""The sample workspace on a real file, under the application, on the coaching pack of one rep."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from qatui.app import QatuiApp
from qatui.config import Settings
from qatui.domain.people import Account
from qatui.services.demo import ensure_demo
from qatui.services.workspace import Workspace, open_workspace
from tests.ui.driving import NARROW, Driver, settings
from tests.ui.fake_workspace import NOW

OLGA = Account(os.getuid(), "olga")


def made(path: Path) -> None:
    """Write the sample as it is at NOW."""
    asyncio.run(ensure_demo(settings(db=str(path)), fresh=True, now=NOW))


@asynccontextmanager
async def opened(chosen: Settings) -> AsyncIterator[Workspace]:
    """The workspace at NOW."""
    async with open_workspace(chosen, clock=lambda: NOW, account=lambda: OLGA) as workspace:
        yield workspace


async def to_rep(driver: Driver, name: str) -> None:
    """The cursor of Reps goes to a rep, unfolding all teams."""
    await driver.rows()
    names = [row.name for row in driver.screen._rows]  # type: ignore[attr-defined]
    if name not in names:
        await driver.press("f")
        names = [row.name for row in driver.screen._rows]  # type: ignore[attr-defined]
    await driver.press("g", *["j"] * names.index(name))
    assert driver.row.name == name


@asynccontextmanager
async def driving(template: Path, path: Path, size: tuple[int, int] = NARROW) -> AsyncIterator[Driver]:
    """The application over a copy of the sample, on Reps."""
    shutil.copy(template, path)
    chosen = settings(db=str(path))
    app = QatuiApp(chosen, open_workspace=lambda _settings: opened(chosen))
    async with app.run_test(size=size) as pilot:
        driver = Driver(app, pilot, None)  # type: ignore[arg-type]
        await driver.until(lambda: app.session.workspace is not None)
        await driver.quiet()
        yield driver
