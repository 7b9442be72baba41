"""Starts the application over a workspace in memory and waits for what it should come to."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from textual.pilot import Pilot

from qatui.app import QatuiApp
from qatui.config import Settings
from qatui.domain.listing import TicketView
from qatui.screens.frame import FrameScreen, Placard
from qatui.screens.frame_lines import KeysLine, NoteLine, WhereLine
from qatui.widgets.window_table import WindowTable
from tests.ui.fake_workspace import FakeWorkspace, company, opener

NARROW = (80, 24)
WIDE = (130, 40)


def settings(**values: Any) -> Settings:
    """Settings that do not depend on the machine."""
    return Settings(**{"db": "northwind_support.db", "timezone": "UTC", **values})


@dataclass
class Driver:
    """The running application and shorthands for what a person sees and does."""

    app: QatuiApp
    pilot: Pilot[int]
    workspace: FakeWorkspace

    async def until(self, what: Callable[[], Any], tries: int = 400) -> None:
        """Go on until something holds; fails when it never does."""
        for _ in range(tries):
            if what():
                return
            await self.pilot.pause(0.005)
        raise AssertionError(f"never came: {what}; note {self.note!r}")

    async def press(self, *keys: str) -> None:
        """Press keys and wait until the application is quiet."""
        for key in keys:
            await self.pilot.press(key)
        await self.quiet()

    async def type(self, text: str) -> None:
        await self.pilot.press(*("space" if character == " " else character for character in text))
        await self.pilot.pause()

    async def command(self, line: str) -> None:
        """Type a ':' command."""
        await self.pilot.press(":")
        await self.until(lambda: self.screen.query("#command Input"))
        self.screen.query_one("#command Input").value = line  # type: ignore[attr-defined]
        await self.press("enter")

    async def quiet(self) -> None:
        """No worker runs and no message waits."""
        await self.pilot.pause()
        while running := [w for w in self.app.workers if not w.is_finished and w.name != "score"]:
            await self.app.workers.wait_for_complete(running)
            await self.pilot.pause()

    async def rows(self) -> None:
        """Rows are on screen."""
        await self.until(lambda: self.table.row is not None)
        await self.quiet()

    @property
    def screen(self) -> FrameScreen:
        assert isinstance(self.app.screen, FrameScreen)
        return self.app.screen

    @property
    def table(self) -> WindowTable[Any]:
        return self.screen.query_one(WindowTable)

    @property
    def row(self) -> Any:
        return self.table.row

    @property
    def note(self) -> str:
        frames = [screen for screen in self.app.screen_stack if isinstance(screen, FrameScreen)]
        return frames[-1].query_one(NoteLine).text if frames else ""

    @property
    def where(self) -> str:
        return str(self.screen.query_one(WhereLine).render())

    @property
    def keys(self) -> str:
        return str(self.screen.query_one(KeysLine).render())

    @property
    def placard(self) -> Placard:
        return self.screen.query_one(Placard)

    def asked(self, what: str) -> list[Any]:
        """The questions of one kind that were asked of the workspace."""
        return [about for kind, about in self.workspace.reports.asked if kind == what]

    def text(self) -> str:
        """Everything on the terminal, as plain lines; what is about to be laid out is so first.

        A busy machine would do that later, and the application seems at rest until then.
        """
        self.app.screen._refresh_layout()
        return "\n".join(strip.text.rstrip() for strip in self.app.screen._compositor.render_strips())


@asynccontextmanager
async def driving(
    views: list[TicketView] | None = None,
    *,
    size: tuple[int, int] = NARROW,
    wait: bool = True,
    notice: str = "",
    workspace: FakeWorkspace | None = None,
    **values: Any,
) -> AsyncIterator[Driver]:
    """The application over these tickets (by default a whole company), in a terminal of this size."""
    chosen = settings(**values)
    workspace = workspace or FakeWorkspace(company() if views is None else views, chosen)
    app = QatuiApp(chosen, open_workspace=opener(workspace), notice=notice)
    async with app.run_test(size=size) as pilot:
        driver = Driver(app, pilot, workspace)
        if wait:
            await driver.until(lambda: app.session.workspace is not None)
            await driver.quiet()
        yield driver
