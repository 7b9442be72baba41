"""The window table: what it draws, reads and says while a person moves in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from textual import on
from textual.content import Content
from textual.pilot import Pilot

from qatui.errors import StoreError
from qatui.widgets import row_window, window_table
from qatui.widgets.columns import Column
from qatui.widgets.sources import PAGE, PAGES, SEARCHED, InMemory
from qatui.widgets.window_table import WindowTable
from tests.ui.widgets.samples import HOSTILE, Host, Lamp, Lamps, PlacedLamps, assert_harmless, lines, make_table, strips


class TableHost(Host):
    """A table, and everything it said."""

    @on(WindowTable.RowHighlighted)
    @on(WindowTable.RowSelected)
    @on(WindowTable.CellChanged)
    @on(WindowTable.CellHovered)
    @on(WindowTable.HoverLeft)
    @on(WindowTable.HeaderSelected)
    @on(WindowTable.MarksChanged)
    @on(WindowTable.Loaded)
    @on(WindowTable.Failed)
    @on(WindowTable.Found)
    @on(WindowTable.NotFound)
    def hear(self, message: object) -> None:
        self.keep(message)

    def told(self, kind: type) -> list[object]:
        return [message for message in self.said if isinstance(message, kind)]


class Drawn(WindowTable[Lamp]):
    """A table that remembers which of its lines were drawn."""

    drawn: list[int]

    def render_line(self, y: int):  # type: ignore[no-untyped-def]
        self.drawn.append(y)
        return super().render_line(y)


@asynccontextmanager
async def shown(
    source: Lamps, *, size: tuple[int, int] = (80, 11), table: WindowTable[Lamp] | None = None, cursor: int = 0
) -> AsyncIterator[tuple[TableHost, WindowTable[Lamp], Pilot[None]]]:
    table = table or make_table()
    app = TableHost(table)
    async with app.run_test(size=size) as pilot:
        table.focus()
        table.show(source, cursor=cursor, sort=("id", False))
        await settle(pilot)
        yield app, table, pilot


async def settle(pilot: Pilot[None]) -> None:
    """Until all workers are done and what they posted is handled."""
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


# What is drawn -------------------------------------------------------------------------------------


async def test_header_rows_cursor_and_sort_mark() -> None:
    async with shown(Lamps(1000)) as (app, _, _):
        assert lines(app)[:3] == [
            "    id ▲  name                                           rep       T   E   flags",
            "▌      0  lamp 0                                         Ana       1!  4   ~",
            "       1  lamp 1                                         Ana       2!  4   ~",
        ]


@pytest.mark.parametrize(
    ("width", "columns"),
    [
        (80, ["id", "name", "rep", "tone", "empathy", "flags"]),
        (45, ["id", "name", "rep", "tone", "empathy", "flags"]),
        (44, ["id", "name", "rep", "tone", "empathy"]),
        (37, ["id", "name", "tone", "empathy"]),
        (24, ["id", "name", "tone", "empathy"]),  # the growing column gives way first
    ],
)
async def test_columns_leave_by_priority_when_it_is_narrow(width: int, columns: list[str]) -> None:
    async with shown(Lamps(3), size=(width, 8)) as (app, table, _):
        assert table.visible_columns == columns
        assert all(strip.cell_length == width for strip in strips(app))


async def test_signs_in_ascii_where_the_locale_has_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qatui.text.supports_unicode", lambda: False)
    source = InMemory([Lamp(0, "A lamp with a name that is far too long for this column")])
    app = TableHost(table := make_table())
    async with app.run_test(size=(50, 5)) as pilot:
        table.show(source, sort=("id", True))
        await settle(pilot)
        assert all(line.isascii() for line in lines(app))
        assert "id v" in lines(app)[0]
        assert lines(app)[1].startswith(">      0  A lamp with")


async def test_only_two_lines_are_drawn_when_the_cursor_moves_and_none_while_nothing_happens() -> None:
    table = Drawn(make_table()._columns, key=lambda lamp: lamp.id)
    table.drawn = []
    async with shown(Lamps(1000), table=table) as (_, _, pilot):
        table.drawn.clear()
        table.action_cursor_down()
        await pilot.pause()
        assert sorted(table.drawn) == [1, 2]
        table.drawn.clear()
        table.cell = "empathy"
        await pilot.pause()
        assert table.drawn == [2]
        table.drawn.clear()
        await settle(pilot)
        assert table.drawn == []


async def test_at_the_edge_half_a_window_scrolls_by_and_the_header_is_not_drawn_again() -> None:
    table = Drawn(make_table()._columns, key=lambda lamp: lamp.id)
    table.drawn = []
    async with shown(Lamps(1000), table=table) as (app, _, pilot):
        for _ in range(9):
            table.action_cursor_down()
        await pilot.pause()
        table.drawn.clear()
        table.action_cursor_down()
        await pilot.pause()
        assert table.cursor == 10
        assert "lamp 5" in lines(app)[1]
        assert lines(app)[6].startswith("▌     10")
        assert 0 not in table.drawn


async def test_wide_and_joined_characters_keep_the_columns_aligned() -> None:
    names = ["plain", "我的灯在哪里", "👨‍👩‍👧 family", "🇩🇪 flag", "❤️ heart", "👍🏽 thumb", "e\u0301 accent", "ｆｕｌｌ"]
    async with shown(InMemory([Lamp(i, name, 4) for i, name in enumerate(names)])) as (app, _, _):  # type: ignore[arg-type]
        for strip in strips(app)[1 : len(names) + 1]:
            assert strip.crop(57, 60).text == "Ana"
            assert strip.cell_length == 80


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
async def test_hostile_text_is_shown_and_does_nothing(text: str) -> None:
    columns = [
        Column[str]("plain", text, 10, lambda row: row),
        Column[str]("styled", "x", 10, lambda row: Content.styled(row, "bold"), explain=True, grow=True),
    ]
    app = TableHost(table := WindowTable(columns, empty=text))
    async with app.run_test(size=(60, 6)) as pilot:
        table.show(InMemory([text, text]))
        await settle(pilot)
        assert_harmless(app)
        table.show(InMemory([]))
        await settle(pilot)
        assert_harmless(app)
        assert table.full_text() == ""


async def test_the_whole_text_of_a_cut_cell_can_be_had() -> None:
    name = "A lamp with a name that no column of this width can ever show to its end"
    async with shown(InMemory([Lamp(7, name)]), size=(40, 5)) as (app, table, _):  # type: ignore[arg-type]
        assert name not in "".join(lines(app))
        assert table.full_text() == f"id: 7 · name: {name} · rep: Ana · T: 3 · E: 4 · flags: ~"


# States --------------------------------------------------------------------------------------------


async def test_an_empty_table_says_what_fills_it() -> None:
    async with shown(Lamps(0)) as (app, table, _):
        assert table.state == "empty"
        assert lines(app)[2] == "  No lamps. Press x."
        assert [message.total for message in app.told(WindowTable.Loaded)] == [0]  # type: ignore[attr-defined]


async def test_an_error_looks_different_from_an_empty_table_and_says_what_to_do() -> None:
    source = Lamps(10)
    source.error = StoreError("The file is gone.", hint="Open another workspace.")
    async with shown(source) as (app, table, pilot):
        assert table.state == "error"
        assert lines(app)[2:5] == ["  Database.", "  The file is gone.", "  Open another workspace."]
        assert app.told(WindowTable.Failed)
        source.error = None
        table.reload()
        await settle(pilot)
        assert table.state == "rows"


async def test_rows_that_cannot_be_read_later_leave_the_others_alone() -> None:
    source = Lamps(10_000)
    async with shown(source) as (app, table, pilot):
        source.error = StoreError("Locked.")
        table.action_end()
        await settle(pilot)
        assert len(app.told(WindowTable.Failed)) == 1
        assert "could not be read" in lines(app)[5]
        table.action_home()
        await settle(pilot)
        assert "lamp 0" in lines(app)[1]


async def test_a_short_wait_changes_nothing_and_a_long_one_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    source = Lamps(1000)
    source.open.clear()
    app = TableHost(table := make_table())
    async with app.run_test(size=(80, 8)) as pilot:
        table.show(source)
        await pilot.pause()
        assert "".join(lines(app)[1:]) == ""
        monkeypatch.setattr(row_window, "PATIENCE", 0.001)
        table.show(source)
        table._stop_waiting()
        table.show(source)
        await pilot.pause(0.02)
        assert lines(app)[2] == "  Loading …"
        source.open.set()
        await settle(pilot)
        assert "lamp 0" in lines(app)[1]


# Reading -------------------------------------------------------------------------------------------


async def test_a_jump_to_the_end_of_a_million_rows_reads_a_few_pages() -> None:
    source = Lamps(1_000_000)
    async with shown(source) as (app, table, pilot):
        table.action_end()
        await settle(pilot)
        assert lines(app)[10].startswith("▌ 999999")
        assert sum(limit for _, limit in source.reads) <= 5 * PAGE
        assert source.counts == 1


async def test_a_short_table_is_not_counted() -> None:
    source = Lamps(5)
    async with shown(source) as (_, table, _):
        assert (source.counts, table.total, source.reads) == (0, 5, [(0, PAGE)])


async def test_few_pages_are_kept_however_far_one_goes() -> None:
    async with shown(Lamps(100_000)) as (_, table, pilot):
        for index in range(0, 100_000, 3_001):
            table.cursor = index
            await settle(pilot)
            assert table.row == Lamp(index, f"lamp {index}", index % 5 + 1)
        assert table._rows.pages <= PAGES


async def test_a_jump_to_unread_rows_is_painted_when_they_are_read() -> None:
    source = Lamps(10_000)
    async with shown(source) as (app, table, pilot):
        before = lines(app)
        source.open.clear()
        table.action_end()
        await pilot.pause()
        assert lines(app) == before
        assert table.cursor == 9_999
        source.open.set()
        await settle(pilot)
        assert lines(app)[10].startswith("▌   9999")
        assert app.told(WindowTable.RowHighlighted)[-1].index == 9_999  # type: ignore[attr-defined]


async def test_a_jump_that_takes_long_shows_where_one_is(monkeypatch: pytest.MonkeyPatch) -> None:
    source = Lamps(10_000)
    async with shown(source) as (app, table, pilot):
        monkeypatch.setattr(row_window, "PATIENCE", 0.001)
        source.open.clear()
        table.action_end()
        await pilot.pause(0.02)
        assert lines(app)[10] == "▌ …"
        source.open.set()
        await settle(pilot)
        assert lines(app)[10].startswith("▌   9999")


async def test_moves_made_before_the_first_rows_are_made_then() -> None:
    source = Lamps(1000)
    source.open.clear()
    app = TableHost(table := make_table())
    async with app.run_test(size=(80, 8)) as pilot:
        table.show(source)
        table.action_cursor_down()
        table.action_cursor_down()
        await pilot.pause()
        source.open.set()
        await settle(pilot)
        assert table.cursor == 2


async def test_rows_of_an_older_source_are_thrown_away() -> None:
    slow, quick = Lamps(1000), Lamps(1000)
    slow.open.clear()
    slow.first = 500
    async with shown(quick) as (app, table, pilot):
        table.show(slow)
        table.show(quick)
        slow.open.set()
        await settle(pilot)
        assert "lamp 0" in lines(app)[1]


@pytest.mark.parametrize(("cursor", "top"), [(3, 0), (500, 495), (999, 990)])
async def test_a_table_opens_with_the_asked_row_in_the_middle(cursor: int, top: int) -> None:
    async with shown(Lamps(1000), cursor=cursor) as (app, _, _):
        assert lines(app)[1 + cursor - top].startswith(f"▌{cursor:7}")


async def test_a_table_that_is_filled_before_the_first_layout_opens_in_the_middle_too() -> None:
    class Hasty(TableHost):
        def on_mount(self) -> None:
            table.show(Lamps(1000), cursor=500)

    app = Hasty(table := make_table())
    async with app.run_test(size=(80, 11)) as pilot:
        await settle(pilot)
        assert lines(app)[6].startswith("▌    500")


async def test_after_a_reload_the_cursor_is_on_its_row_and_its_line() -> None:
    source = PlacedLamps(1000)
    async with shown(source, cursor=300) as (app, table, pilot):
        table.action_cursor_up()
        line = next(y for y, text in enumerate(lines(app)) if text.startswith("▌"))
        source.first, source.total = -40, 1040  # forty new rows before all others
        table.reload()
        await settle(pilot)
        assert (table.cursor, table.row) == (339, Lamp(299, "lamp 299", 5))
        assert lines(app)[line].startswith("▌    299")


async def test_after_a_reload_of_a_source_that_cannot_tell_the_cursor_keeps_its_number() -> None:
    source = Lamps(1000)
    async with shown(source, cursor=300) as (_, table, pilot):
        source.total = 200
        table.reload()
        await settle(pilot)
        assert (table.cursor, table.total) == (199, 200)


async def test_rows_that_went_away_behind_our_back_are_no_longer_counted() -> None:
    source = Lamps(1000)
    async with shown(source) as (_, table, pilot):
        source.total = 990
        table.action_end()
        await settle(pilot)
        table.action_end()
        await settle(pilot)
        assert (table.total, table.row) == (990, Lamp(989, "lamp 989", 5))


# Moving, choosing, marking -----------------------------------------------------------------------


async def test_every_move_stays_inside() -> None:
    async with shown(Lamps(25)) as (_, table, pilot):
        places = []
        for action in ("cursor_up", "page_down", "half_page_down", "page_down", "cursor_down", "half_page_up", "home"):
            getattr(table, f"action_{action}")()
            await settle(pilot)
            places.append(table.cursor)
        assert places == [0, 10, 15, 24, 24, 19, 0]


async def test_what_is_said_while_one_moves_and_chooses() -> None:
    async with shown(Lamps(25)) as (app, table, pilot):
        table.action_cursor_down()
        table.action_select()
        table.action_next_cell()
        table.action_next_cell()
        table.action_prev_cell()
        await pilot.pause()
        told = [
            (type(m).__name__, getattr(m, "index", None), getattr(m, "column", None), getattr(m, "total", None))
            for m in app.said
        ]
        assert told == [
            ("Loaded", None, None, 25),
            ("RowHighlighted", 0, None, None),
            ("RowHighlighted", 1, None, None),
            ("RowSelected", 1, None, None),
            ("CellChanged", None, "empathy", None),
            ("CellChanged", None, "tone", None),
            ("CellChanged", None, "empathy", None),
        ]


async def test_the_cell_cursor_shows_without_colour() -> None:
    async with shown(Lamps(25)) as (app, table, pilot):
        table.cell = "empathy"
        await pilot.pause()
        reversed_text = "".join(s.text for s in strips(app)[1] if s.style is not None and s.style.reverse)
        assert reversed_text == "4 "


async def test_rows_are_marked_by_key_and_stay_marked() -> None:
    async with shown(Lamps(1000)) as (app, table, pilot):
        table.action_toggle_mark()
        table.action_toggle_mark()
        await pilot.pause()
        assert table.marks == {0, 1}
        assert [line[:2] for line in lines(app)[1:4]] == [" ●", " ●", "▌ "]
        table.action_cursor_up()
        table.action_toggle_mark()
        await pilot.pause()
        assert table.marks == {0}
        table.reload()
        await settle(pilot)
        assert lines(app)[1].startswith(" ●")
        table.action_clear_marks()
        await pilot.pause()
        assert "●" not in "".join(lines(app))
        assert len(app.told(WindowTable.MarksChanged)) == 4


async def test_search_goes_on_around_the_end_and_back() -> None:
    async with shown(Lamps(1000)) as (app, table, pilot):
        places = []
        for text, backwards in (("LAMP 99", False), ("lamp 99", False), ("lamp 3", True), ("nowhere", False)):
            table.find(text, backwards=backwards)
            await settle(pilot)
            places.append(table.cursor)
        assert places == [99, 990, 399, 399]
        assert [m.searched for m in app.told(WindowTable.NotFound)] == [1000]  # type: ignore[attr-defined]


async def test_a_search_in_a_huge_table_ends() -> None:
    source = Lamps(1_000_000)
    async with shown(source) as (app, table, pilot):
        table.find("nowhere")
        await settle(pilot)
        assert [m.searched for m in app.told(WindowTable.NotFound)] == [SEARCHED]  # type: ignore[attr-defined]


# The mouse ---------------------------------------------------------------------------------------


async def test_clicks_choose_rows_cells_and_orders() -> None:
    async with shown(Lamps(1000)) as (app, _, pilot):
        await pilot.click(WindowTable, offset=(10, 4))
        await pilot.click(WindowTable, offset=(72, 3))
        await pilot.click(WindowTable, offset=(10, 0))
        await pilot.click(WindowTable, offset=(76, 0))  # not sortable
        await pilot.click(WindowTable, offset=(10, 6), times=2)
        await pilot.pause()
        assert [m.index for m in app.told(WindowTable.RowHighlighted)] == [0, 3, 2, 5]  # type: ignore[attr-defined]
        assert [m.column for m in app.told(WindowTable.CellChanged)] == ["empathy"]  # type: ignore[attr-defined]
        assert [m.column for m in app.told(WindowTable.HeaderSelected)] == ["name"]  # type: ignore[attr-defined]
        assert [m.index for m in app.told(WindowTable.RowSelected)] == [5]  # type: ignore[attr-defined]


async def test_the_wheel_moves_the_window_and_takes_the_cursor_along_at_its_edge() -> None:
    async with shown(Lamps(1000)) as (app, table, pilot):
        table._wheel(3)
        await pilot.pause()
        assert table.cursor == 3
        assert lines(app)[1].startswith("▌      3")
        table._wheel(-3)
        await pilot.pause()
        assert table.cursor == 3
        assert lines(app)[4].startswith("▌      3")


async def test_a_mouse_that_rests_on_an_explainable_cell_asks_for_its_explanation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(window_table, "HOVER", 0.001)
    async with shown(Lamps(1000)) as (app, _, pilot):
        await pilot.hover(WindowTable, offset=(72, 3))
        await pilot.pause(0.02)
        hovered = app.told(WindowTable.CellHovered)
        assert [(m.index, m.column, m.region.y, m.row.id) for m in hovered] == [(2, "empathy", 3, 2)]  # type: ignore[attr-defined]
        await pilot.hover(WindowTable, offset=(10, 3))
        await pilot.pause(0.02)
        assert len(app.told(WindowTable.HoverLeft)) == 1
        assert len(app.told(WindowTable.CellHovered)) == 1


async def test_where_a_popover_may_not_stand() -> None:
    async with shown(Lamps(1000)) as (_, table, pilot):
        table.cursor = 4
        await pilot.pause()
        assert table.row_region() == (0, 5, 80, 1)
        assert table.cell_region("tone") == (67, 5, 2, 1)
