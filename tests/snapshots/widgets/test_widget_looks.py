"""What the widgets look like at 80 x 24 and 130 x 40, in dark, light and the terminal's own colours, and in ASCII."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from textual.pilot import Pilot

from qatui.domain.filter_language import parse
from qatui.domain.rubric import Dimension
from qatui.widgets.explanation import ExplanationPopover, ExplanationView
from qatui.widgets.filter_bar import FilterBar
from qatui.widgets.sources import InMemory
from qatui.widgets.transcript import Transcript
from qatui.widgets.window_table import WindowTable
from tests.ui.widgets.samples import Host, Lamp, make_table, make_unscored, make_view

NARROW, WIDE = (80, 24), (130, 40)
UTC = ZoneInfo("UTC")
NAMES = (
    "Charged twice for one order",
    "我的灯在哪里？我已经等了一个星期了",
    "[/x] [@click=app.quit]x[/] \x1b[31mred",
    "👨‍👩‍👧 our lamp, 🇩🇪 plug ❤️",
    "A subject that does not know when to end and goes on and on beyond every column of every terminal",
)
LAMPS = [Lamp(index, NAMES[index % 5], index % 5 + 1) for index in range(400)]


class ListHost(Host):
    """A filter bar, a table and a popover, as a list screen has them."""

    def __init__(self, theme: str = "textual-dark") -> None:
        self.bar = FilterBar(zone=UTC)
        self.table = make_table()
        self.popover = ExplanationPopover(zone=UTC)
        super().__init__(self.bar, self.table, self.popover)
        self.theme = theme

    def on_mount(self) -> None:
        self.table.focus()
        self.table.show(InMemory(LAMPS), cursor=3, sort=("id", False))


class ReadingHost(Host):
    """One widget over one judged ticket."""

    def __init__(self, widget: Transcript | ExplanationView, theme: str = "textual-dark") -> None:
        super().__init__(widget)
        self.theme = theme


async def ready(pilot: Pilot[None]) -> None:
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


Snap = Callable[..., bool]


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "130x40"])
@pytest.mark.parametrize("theme", ["textual-dark", "textual-light", "ansi-dark"])
def test_table_with_filter_marks_and_cell_cursor(snap_compare: Snap, size: tuple[int, int], theme: str) -> None:
    app = ListHost(theme)

    async def prepare(pilot: Pilot[None]) -> None:
        await ready(pilot)
        app.bar.show(parse('late rep:"Tom Weiss" tone:<=2', UTC))
        app.table.action_toggle_mark()
        app.table.action_next_cell()
        await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=prepare)


@pytest.mark.parametrize("row", [3, 21], ids=["below", "above"])
def test_popover_beside_its_row(snap_compare: Snap, row: int) -> None:
    app = ListHost()

    async def prepare(pilot: Pilot[None]) -> None:
        await ready(pilot)
        app.table.cursor = row
        await pilot.pause()
        app.popover.open(make_view(), Dimension.EMPATHY, app.table.row_region())
        app.popover.action_next_quote()
        await pilot.pause()

    assert snap_compare(app, terminal_size=NARROW, run_before=prepare)


def test_filter_is_typed(snap_compare: Snap) -> None:
    app = ListHost()

    async def prepare(pilot: Pilot[None]) -> None:
        await ready(pilot)
        app.bar.query_one("_Line").cursor_blink = False  # type: ignore[attr-defined]
        app.bar.action_edit("late t")
        await pilot.pause()

    assert snap_compare(app, terminal_size=NARROW, run_before=prepare)


def test_filter_with_a_mistake(snap_compare: Snap) -> None:
    app = ListHost()

    async def prepare(pilot: Pilot[None]) -> None:
        await ready(pilot)
        app.bar.query_one("_Line").cursor_blink = False  # type: ignore[attr-defined]
        app.bar.action_edit("late repp:Tom")
        await pilot.press("enter")
        await pilot.pause()

    assert snap_compare(app, terminal_size=NARROW, run_before=prepare)


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "130x40"])
@pytest.mark.parametrize("theme", ["textual-dark", "textual-light"])
def test_transcript_at_a_quote(snap_compare: Snap, size: tuple[int, int], theme: str) -> None:
    transcript = Transcript(zone=UTC)

    async def prepare(pilot: Pilot[None]) -> None:
        transcript.show(make_view(), Dimension.EMPATHY)
        transcript.action_next_quote()
        await pilot.pause()

    assert snap_compare(ReadingHost(transcript, theme), terminal_size=size, run_before=prepare)


@pytest.mark.parametrize("view", [make_view(), make_unscored()], ids=["scored", "unscored"])
def test_explanation_as_a_pane(snap_compare: Snap, view: Any) -> None:
    explanation = ExplanationView(zone=UTC)

    async def prepare(pilot: Pilot[None]) -> None:
        explanation.show(view, Dimension.EMPATHY)
        await pilot.pause()

    assert snap_compare(ReadingHost(explanation), terminal_size=(48, 24), run_before=prepare)


def test_everything_in_ascii(snap_compare: Snap, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qatui.text.supports_unicode", lambda: False)
    app = ListHost("ansi-dark")

    async def prepare(pilot: Pilot[None]) -> None:
        await ready(pilot)
        app.table.action_toggle_mark()
        app.popover.open(make_view(), Dimension.EMPATHY, app.table.row_region())
        await pilot.pause()

    assert snap_compare(app, terminal_size=NARROW, run_before=prepare)


def test_table_without_rows_and_with_an_error(snap_compare: Snap) -> None:
    class Broken:
        async def count(self) -> int:
            return 0

        async def rows(self, offset: int, limit: int) -> list[Lamp]:
            raise OSError("The disk is gone.")

    class Two(Host):
        def on_mount(self) -> None:
            empty, broken = self.query(WindowTable)
            empty.show(InMemory([]))
            broken.show(Broken())

    assert snap_compare(Two(make_table(), make_table()), terminal_size=NARROW, run_before=ready)
