"""What each screen looks like, narrow and wide, in each state and theme; times and data are fixed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from textual.pilot import Pilot

from qatui.app import QatuiApp
from qatui.domain.listing import TicketView
from qatui.errors import NewerDatabaseError, StoreError
from tests.ui.driving import NARROW, WIDE, Driver, settings
from tests.ui.fake_workspace import KINDS, NOW, FakeWorkspace, company, make_view, opener

SIZES = {"80x24": NARROW, "130x40": WIDE}
Steps = Callable[[Driver], Awaitable[Any]]


async def reps(driver: Driver) -> None:
    await driver.rows()


async def reps_explained(driver: Driver) -> None:
    await driver.rows()
    await driver.press("j", "tab", "space")


async def reps_of_one(driver: Driver) -> None:
    await driver.rows()
    await driver.press("j")


async def tickets(driver: Driver) -> None:
    await driver.press("2")
    await driver.rows()
    await driver.press("j", "j", "j", "j", "tab", "tab")


async def tickets_explained(driver: Driver) -> None:
    await tickets(driver)
    await driver.press("space")
    await driver.until(lambda: driver.screen.popover.is_open)


async def tickets_filtered(driver: Driver) -> None:
    await driver.command("tickets empathy:<=2 rep:Tom")
    await driver.until(lambda: "of 99 tickets" in driver.note)


async def tickets_typing(driver: Driver) -> None:
    await driver.press("2")
    await driver.rows()
    await driver.press("/")
    await driver.until(lambda: driver.screen._bar.choices.reps)
    await driver.type("rep:")


async def tickets_unscored(driver: Driver) -> None:
    await driver.press("2")
    await driver.rows()
    await driver.press("u")


async def nothing_fits(driver: Driver) -> None:
    await driver.command("tickets zebra")
    await driver.until(lambda: driver.placard.display)


async def ticket(driver: Driver) -> None:
    await tickets(driver)
    await driver.press("enter")
    await driver.until(lambda: driver.screen.SCREEN == "ticket" and driver.screen.view is not None)
    await driver.press("e")


async def help_page(driver: Driver) -> None:
    await driver.rows()
    await driver.press("?")


async def command_line(driver: Driver) -> None:
    await driver.rows()
    await driver.pilot.press(":")
    await driver.type("per")


async def failed(driver: Driver) -> None:
    await driver.rows()
    await driver.until(lambda: not driver.screen.wide or "Lowered" in driver.text())
    driver.workspace.reports.broken = StoreError(
        "The disk that holds the workspace is full.", hint="Free some space, then press r."
    )
    await driver.press("p")


async def scoring(driver: Driver) -> None:
    await driver.rows()
    await driver.pilot.press("w")
    await driver.until(lambda: driver.note.startswith("Scoring 1 of 2"))


async def nothing(driver: Driver) -> None:
    await driver.until(lambda: driver.placard.display)


SCENES: dict[str, Steps] = {
    "reps": reps,
    "reps_explained": reps_explained,
    "tickets": tickets,
    "tickets_explained": tickets_explained,
    "tickets_filtered": tickets_filtered,
    "tickets_typing": tickets_typing,
    "tickets_unscored": tickets_unscored,
    "nothing_fits": nothing_fits,
    "ticket": ticket,
    "help": help_page,
    "command_line": command_line,
    "failed": failed,
    "scoring": scoring,
}


def shown(
    snap_compare: Any, steps: Steps, size: tuple[int, int], views: list[TicketView] | None = None, **values: Any
) -> bool:
    """Whether the application looks as recorded after these steps."""
    chosen = settings(**values)
    workspace = FakeWorkspace(company() if views is None else views, chosen)
    app = QatuiApp(chosen, open_workspace=opener(workspace))

    async def before(pilot: Pilot[int]) -> None:
        driver = Driver(app, pilot, workspace)
        await driver.until(lambda: app.session.workspace is not None)
        await driver.quiet()
        await steps(driver)
        await asyncio.sleep(0.3)  # what follows the cursor waits until it rests
        await driver.quiet()

    result: bool = snap_compare(app, terminal_size=size, run_before=before)
    return result


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scene", SCENES)
def test_screens(snap_compare: Any, scene: str, size: str) -> None:
    assert shown(snap_compare, SCENES[scene], SIZES[size])


@pytest.mark.parametrize("theme", ["light", "ansi", "contrast"])
@pytest.mark.parametrize("scene", ["reps_explained", "tickets", "ticket", "help"])
def test_themes(snap_compare: Any, scene: str, theme: str) -> None:
    assert shown(snap_compare, SCENES[scene], WIDE, theme=theme)


def test_no_color(snap_compare: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert shown(snap_compare, tickets, NARROW)


def test_ascii(snap_compare: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the locale carries no more than ASCII."""
    for module in ("qatui.text", "qatui.actions", "qatui.screens.frame", "qatui.screens.words", "qatui.screens.reps"):
        monkeypatch.setattr(f"{module}.supports_unicode", lambda: False)
    for module in ("tickets", "ticket", "ticket_list", "reps_pane"):
        monkeypatch.setattr(f"qatui.screens.{module}.supports_unicode", lambda: False)
    assert shown(snap_compare, reps_of_one, WIDE)


@pytest.mark.parametrize("size", SIZES)
def test_empty_workspace(snap_compare: Any, size: str) -> None:
    assert shown(snap_compare, nothing, SIZES[size], [])


@pytest.mark.parametrize("size", SIZES)
def test_one_row(snap_compare: Any, size: str) -> None:
    views = [make_view(1, KINDS[0].rep, (5, 4, 2), closed_at=NOW - timedelta(days=1))]
    assert shown(snap_compare, reps, SIZES[size], views)


def test_all_wait_for_a_judge(snap_compare: Any) -> None:
    views = [view for view in company() if str(view.row.unscored) == "waiting"]
    assert shown(snap_compare, nothing, NARROW, views)


def test_too_small(snap_compare: Any) -> None:
    async def wait(_driver: Driver) -> None:
        pass

    assert shown(snap_compare, wait, (60, 18))


def test_workspace_refused(snap_compare: Any) -> None:
    def refuse(_settings: Any) -> Any:
        raise NewerDatabaseError(
            "northwind_support.db was written by qatui 9.1; this is 0.1.", hint="Install that version or a newer one."
        )

    app = QatuiApp(settings(), open_workspace=refuse)

    async def before(pilot: Pilot[int]) -> None:
        while not app.screen.query("#placard") or not app.screen.query_one("#placard").display:
            await pilot.pause(0.01)

    assert snap_compare(app, terminal_size=NARROW, run_before=before)
