"""The Tickets screen: a window onto the list, its filter and order, and the reasons beside it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from qatui.domain.listing import SortColumn, TicketFilter
from qatui.domain.rubric import Dimension
from qatui.domain.verdict import Reason, Unscored
from qatui.widgets.filter_bar import FilterBar
from tests.ui.driving import NARROW, WIDE, driving
from tests.ui.fake_workspace import KINDS, NOW, make_view


async def test_rows_newest_first_with_total_and_unscored_reasons() -> None:
    async with driving() as driver:
        await driver.press("2")
        await driver.rows()
        assert driver.table.total == 99
        assert driver.note == "99 tickets · 6 unscored (too short 3, waiting 2, no rep reply 1)"
        assert driver.screen.sort_state == ("closed", True)
        first = driver.row.closed_at
        await driver.press("G")
        assert driver.row.closed_at < first


async def test_low_scores_have_a_mark_besides_their_colour_and_unscored_rows_say_why() -> None:
    views = [
        make_view(1, KINDS[1].rep, (2, 3, 1), closed_at=NOW - timedelta(days=1)),
        make_view(2, KINDS[1].rep, None, closed_at=NOW - timedelta(days=2), unscored=Unscored(Reason.TOO_SHORT)),
    ]
    async with driving(views) as driver:
        await driver.press("2")
        await driver.rows()
        lines = driver.text().splitlines()
        scored = next(line for line in lines if "1 day" in line or "4 Mar" in line)
        assert "2◂" in scored
        assert "3 " in scored
        assert "1◂" in scored
        assert any("too short" in line and "—" in line for line in lines)


async def test_never_more_rows_are_asked_for_than_a_page() -> None:
    views = [make_view(n + 1, KINDS[0].rep, (3, 3, 3), closed_at=NOW - timedelta(hours=n)) for n in range(1000)]
    async with driving(views) as driver:
        await driver.press("2")
        await driver.rows()
        await driver.press("G", "ctrl+u", "pageup", "g")
        limits = [limit for _, _, _, limit in driver.asked("rows")]
        assert max(limits) <= 128
        assert sum(limits) < 1000


@pytest.mark.parametrize("column", list(SortColumn))
async def test_every_column_can_be_sorted_by_both_ways(column: SortColumn) -> None:
    async with driving() as driver:
        await driver.press("2")
        await driver.rows()
        await driver.command(f"sort {column.value}")
        assert driver.screen.sort_state[0] == column.value
        down = driver.screen.sort_state[1]
        await driver.press("S")
        assert driver.screen.sort_state == (column.value, not down)
        (_, sort, _, _) = driver.asked("rows")[-1]
        assert sort.column is column
        if column.value not in driver.table.visible_columns:
            assert "sorted by" in driver.note


async def test_s_sorts_by_the_next_column() -> None:
    async with driving() as driver:
        await driver.press("2")
        await driver.rows()
        await driver.press("s")
        assert driver.screen.sort_state == ("name", False)


async def test_a_column_that_does_not_exist_is_answered_with_those_that_do() -> None:
    async with driving() as driver:
        await driver.press("2")
        await driver.rows()
        await driver.command("sort colour")
        assert "There is no column 'colour'" in driver.note
        assert "empathy" in driver.note


async def test_slash_types_a_filter_and_escape_clears_it() -> None:
    async with driving() as driver:
        await driver.press("2")
        await driver.rows()
        await driver.press("/")
        await driver.type("empathy:<=2")
        await driver.press("enter")
        assert driver.screen.where == TicketFilter(empathy=(1, 2))
        assert driver.table.total == 12
        assert "12 of 99 tickets" in driver.note
        assert "empathy" in driver.text()  # as a chip
        assert driver.table.has_focus
        await driver.press("escape")
        assert driver.screen.where == TicketFilter()
        assert driver.table.total == 99


async def test_escape_in_the_filter_line_leaves_the_filter_as_it_was() -> None:
    async with driving() as driver:
        await driver.press("2")
        await driver.rows()
        await driver.press("/")
        await driver.type("nonsense:x")
        await driver.press("enter")
        assert driver.screen.query_one(FilterBar).editing  # the mistake is shown, nothing was applied
        assert driver.screen.where == TicketFilter()
        await driver.press("escape")
        assert not driver.screen.query_one(FilterBar).editing
        await driver.press("j")
        assert driver.table.cursor == 1


async def test_completion_knows_the_reps_of_the_workspace() -> None:
    async with driving() as driver:
        await driver.press("2")
        await driver.rows()
        await driver.press("/")
        await driver.until(lambda: driver.screen.query_one(FilterBar).choices.reps)
        await driver.type("rep:mi")
        await driver.press("tab", "enter")
        assert driver.screen.where.rep == "Mia Lund"
        assert driver.table.total == 11


async def test_a_filter_that_leaves_nothing_looks_different_from_an_error() -> None:
    async with driving() as driver:
        await driver.press("2")
        await driver.rows()
        await driver.command("filter zebra")
        await driver.until(lambda: driver.placard.display)
        await driver.quiet()
        assert driver.placard.kind == "empty"
        assert "None of the 99 tickets here fits the filter." in driver.text()
        await driver.press("escape")
        await driver.rows()
        assert not driver.placard.display


async def test_u_shows_only_unscored_tickets_and_all_again() -> None:
    async with driving() as driver:
        await driver.press("2")
        await driver.rows()
        await driver.press("u")
        assert driver.table.total == 6
        await driver.press("u")
        assert driver.table.total == 99


async def test_dates_in_the_filter_win_over_the_period() -> None:
    async with driving() as driver:
        await driver.command("tickets since:2026-02-01 until:2026-02-28")
        await driver.rows()
        (where, *_) = driver.asked("rows")[-1]
        assert where.since is not None
        assert where.since.isoformat() == "2026-02-01T00:00:00+00:00"


async def test_the_pane_explains_the_score_under_the_cursor_and_follows_it() -> None:
    async with driving(size=WIDE) as driver:
        await driver.press("2")
        await driver.rows()
        await driver.until(lambda: driver.screen.pane.view is not None)
        assert "Tone 3 of 5" in driver.text()
        await driver.press("tab")
        assert driver.screen.pane.dimension is Dimension.CLARITY
        assert "Clarity 3 of 5" in driver.text()
        await driver.press("l")
        assert driver.screen.pane.dimension is Dimension.EMPATHY
        await driver.press("j")
        row = driver.row
        await driver.until(lambda: driver.screen.pane.view.row == row)
        assert driver.screen.pane.dimension is Dimension.EMPATHY


async def test_the_explanation_waits_until_the_cursor_rests() -> None:
    async with driving(size=WIDE) as driver:
        await driver.press("2")
        await driver.rows()
        await driver.until(lambda: driver.asked("ticket"))
        before = len(driver.asked("ticket"))
        await driver.pilot.press(*"jjjjjjjj")
        row_id = driver.row.row_id
        await driver.until(lambda: driver.screen.pane.view and driver.screen.pane.view.row.row_id == row_id)
        assert len(driver.asked("ticket")) - before < 8


async def test_space_opens_a_popover_that_does_not_cover_its_row() -> None:
    async with driving(size=NARROW) as driver:
        await driver.press("2")
        await driver.rows()
        for move in ("g", "j", "ctrl+d", "j", "ctrl+d", "G"):
            await driver.press(move, "space")
            await driver.until(lambda: driver.screen.popover.is_open)
            assert not driver.screen.popover.region.overlaps(driver.table.row_region())
            await driver.press("space")
            assert not driver.screen.popover.is_open


async def test_tab_changes_the_score_in_an_open_popover_and_escape_closes_it() -> None:
    async with driving(size=NARROW) as driver:
        await driver.press("2")
        await driver.rows()
        await driver.press("space", "tab")
        assert "Clarity" in driver.text()
        await driver.press("escape")
        assert not driver.screen.popover.is_open
        assert driver.screen.SCREEN == "tickets"


async def test_moving_closes_the_popover() -> None:
    async with driving(size=NARROW) as driver:
        await driver.press("2")
        await driver.rows()
        await driver.press("space")
        await driver.until(lambda: driver.screen.popover.is_open)
        await driver.press("j")
        assert not driver.screen.popover.is_open


async def test_hovering_a_score_explains_it_and_leaving_closes_it() -> None:
    async with driving(size=NARROW) as driver:
        await driver.press("2")
        await driver.rows()
        cell = driver.table.cell_region("empathy")
        await driver.pilot.hover(offset=(cell.x, cell.y + 3))
        await driver.until(lambda: driver.screen.popover.is_open)
        assert driver.screen.popover.dimension is Dimension.EMPATHY
        await driver.pilot.hover(offset=(5, 1))
        await driver.until(lambda: not driver.screen.popover.is_open)


async def test_e_walks_the_quotes_and_enter_opens_the_transcript_there() -> None:
    async with driving(size=WIDE) as driver:
        await driver.press("2")
        await driver.rows()
        await driver.until(lambda: driver.screen.pane.view is not None)
        await driver.press("e", "e", "enter")
        await driver.until(lambda: driver.screen.SCREEN == "ticket")
        await driver.until(lambda: driver.screen.transcript._here == 1)


async def test_y_sends_the_address_or_the_key_and_says_that_it_was_only_sent() -> None:
    async with driving() as driver:
        await driver.command("tickets rep:desk/r1 scored")
        await driver.rows()
        await driver.press("y")
        assert driver.app.clipboard == "https://desk.example/t/1"
        assert driver.note.startswith("Sent to the terminal")
        await driver.command("tickets rep:desk/r2 scored")
        await driver.rows()
        await driver.press("y")
        assert driver.app.clipboard == driver.row.key


async def test_disabled_keys_say_why() -> None:
    async with driving([]) as driver:
        await driver.press("2")
        await driver.until(lambda: driver.placard.display)
        await driver.press("enter")
        assert driver.note == "There is no ticket here."
        await driver.press("w")
        assert driver.note == "No ticket waits for a judge here."


async def test_coming_back_to_an_unchanged_list_reads_nothing_and_keeps_the_cursor() -> None:
    async with driving() as driver:
        await driver.press("2")
        await driver.rows()
        await driver.press("j", "j", "j")
        await driver.press("1", "2")
        assert driver.table.cursor == 3
        assert len(driver.asked("rows")) == 1


async def test_a_list_whose_rows_changed_keeps_the_cursor_in_its_place() -> None:
    async with driving() as driver:
        await driver.press("2")
        await driver.rows()
        await driver.press("j", "j", "j")
        ticket = driver.row
        newer = make_view(500, KINDS[0].rep, (3, 3, 3), closed_at=NOW - timedelta(minutes=1))
        driver.workspace.reports.views.append(newer)
        await driver.press("r")
        await driver.until(lambda: driver.table.total == 100)
        assert driver.row == ticket


async def test_tickets_without_subject_rep_or_date_have_a_place_and_a_name() -> None:
    view = make_view(
        1, None, (3, 3, 3), closed_at=None, name="", asked="Is anybody there at all today please answer me"
    )
    view = replace(view, row=replace(view.row, name=view.ticket.name))
    async with driving([view]) as driver:
        await driver.press("2")
        await driver.rows()
        assert "Is anybody there" in driver.text()
        assert "Unknown rep" in driver.text()
