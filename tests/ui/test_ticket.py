"""The Ticket screen: transcript, reasons, quotes, and the neighbours in the list."""

from __future__ import annotations

from datetime import timedelta

from qatui.domain.rubric import Dimension
from qatui.domain.verdict import Reason, Unscored
from tests.ui.driving import WIDE, driving
from tests.ui.fake_workspace import KINDS, NOW, make_view


async def opened(driver, *keys: str) -> None:
    await driver.press("2")
    await driver.rows()
    await driver.press(*keys, "enter")
    await driver.until(lambda: driver.screen.SCREEN == "ticket" and driver.screen.view is not None)
    await driver.quiet()


async def test_transcript_and_reasons_stand_beside_each_other_where_there_is_room() -> None:
    async with driving(size=WIDE) as driver:
        await opened(driver)
        screen = driver.screen
        assert screen.transcript.region.right <= screen.why.region.x
        text = driver.text()
        assert "private note" in text
        assert "①" in text
        assert "Tone 3 of 5" in text


async def test_at_80_columns_the_reasons_stand_below() -> None:
    async with driving() as driver:
        await opened(driver)
        screen = driver.screen
        assert screen.transcript.region.bottom <= screen.why.region.y
        assert screen.transcript.region.height >= 8
        assert "Tone 3 of 5" in driver.text()


async def test_tab_turns_through_the_three_scores() -> None:
    async with driving() as driver:
        await opened(driver)
        seen = [driver.screen.why.dimension]
        for key in ("tab", "l", "right", "shift+tab"):
            await driver.press(key)
            seen.append(driver.screen.why.dimension)
        tone, clarity, empathy = Dimension
        assert seen == [tone, clarity, empathy, tone, empathy]


async def test_next_and_previous_walk_the_list_and_the_cursor_follows() -> None:
    async with driving() as driver:
        await opened(driver, "j", "j")
        third = driver.screen.view.row
        await driver.press("]", "]")
        fifth = driver.screen.view.row
        assert fifth != third
        await driver.press("[")
        fourth = driver.screen.view.row
        await driver.press("escape")
        assert driver.screen.SCREEN == "tickets"
        assert driver.table.cursor == 3
        assert driver.row == fourth


async def test_the_ends_of_the_list_say_so() -> None:
    async with driving() as driver:
        await opened(driver)
        await driver.press("[")
        assert driver.note == "This is the first ticket of the list."
        await driver.press("escape", "G", "enter")
        await driver.until(lambda: driver.screen.SCREEN == "ticket" and driver.screen.view is not None)
        await driver.press("]")
        assert driver.note == "This is the last ticket of the list."


async def test_next_goes_on_from_where_a_vanished_ticket_stood() -> None:
    async with driving() as driver:
        await opened(driver, "j", "j")
        views = driver.workspace.reports.views
        here = driver.screen.view.row.row_id
        order = [
            row.row_id for row in driver.workspace.reports._ordered(driver.screen._of.where, driver.screen._of.sort)
        ]
        after = order[order.index(here) + 1]
        views[:] = [view for view in views if view.row.row_id != here]
        await driver.press("]")
        assert driver.screen.view.row.row_id == after


async def test_e_jumps_from_quote_to_quote_and_around() -> None:
    async with driving() as driver:
        await opened(driver)
        places = []
        for key in ("e", "e", "e", "E"):
            await driver.press(key)
            places.append(driver.screen.transcript._here)
        assert places == [0, 1, 0, 1]


async def test_a_ticket_without_a_score_says_why_and_has_no_quotes() -> None:
    views = [make_view(1, KINDS[0].rep, None, closed_at=NOW - timedelta(days=1), unscored=Unscored(Reason.TOO_SHORT))]
    async with driving(views) as driver:
        await opened(driver)
        assert "fewer than 10 words" in driver.text()
        await driver.press("e")
        assert driver.note == "A ticket without a score has no quotes."


async def test_moving_scrolls_the_transcript() -> None:
    long = make_view(1, KINDS[0].rep, (3, 3, 3), closed_at=NOW - timedelta(days=1), asked="word " * 900)
    async with driving([long]) as driver:
        await opened(driver)
        transcript = driver.screen.transcript
        seen = [transcript.scroll_offset.y]
        for key in ("j", "ctrl+d", "pagedown", "G", "k", "ctrl+u", "pageup", "g"):
            await driver.press(key)
            seen.append(transcript.scroll_offset.y)
        assert seen[1:5] == sorted(seen[1:5])
        assert seen[1] == 1
        assert seen[4] > seen[5] > seen[6] > seen[7] > seen[8] == 0


async def test_y_copies_and_escape_goes_back_by_name_too() -> None:
    async with driving() as driver:
        await driver.rows()
        await driver.command("ticket T-1001")
        await driver.until(lambda: driver.screen.SCREEN == "ticket" and driver.screen.view is not None)
        await driver.press("y")
        assert driver.app.clipboard == "https://desk.example/t/1"
        await driver.press("]")
        assert driver.note == "This ticket was opened by name, not from a list."
        await driver.press("escape")
        assert driver.screen.SCREEN == "reps"


async def test_the_numbers_of_the_screens_leave_a_ticket() -> None:
    async with driving() as driver:
        await opened(driver)
        await driver.press("1")
        assert driver.screen.SCREEN == "reps"
        await driver.press("2")
        assert driver.screen.SCREEN == "tickets"
