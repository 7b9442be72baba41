"""The review queue: why a ticket is in it, how far one is, walking it, blind or not, and whose tickets it holds."""

from __future__ import annotations

import asyncio
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from qatui.domain.listing import TicketFilter
from qatui.domain.review import Scores
from qatui.domain.review_queue import Proposal, Quota
from qatui.errors import UsageError
from qatui.screens.review_queue import in_order, parse_quota
from tests.ui.driving import NARROW, WIDE
from tests.ui.review_room import RITA, TICKETS, as_rita, made, room_at, views

SCORED = {how["name"] for _, outcome, how in TICKETS if isinstance(outcome, tuple)}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("queue") / "northwind.db"
    asyncio.run(made(path))
    return path


@pytest.fixture
def room(template: Path, tmp_path: Path):
    return lambda **how: room_at(template, tmp_path, **how)


async def queue(it, *keys: str) -> None:
    await it.press("Q")
    await it.driver.rows()
    await it.press(*keys)


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_q_lists_scored_tickets_with_why_each_is_proposed(room, size) -> None:
    async with room(size=size) as it:
        await queue(it)
        text = it.driver.text()
        assert it.driver.table.total == len(SCORED)
        assert all(name in text for name in SCORED)
        assert "Just closed" not in text
        assert "review queue · last 90 days" in it.driver.where
        assert it.note.startswith("0 of 4 done · ")
        assert it.note.endswith(it.driver.row.why)
        shown = it.driver.row.why if size == WIDE else {"random": "by lot"}.get(it.driver.row.kind, "")
        assert shown in it.line(it.driver.row.row.name)


async def test_why_a_ticket_is_proposed_is_told_as_long_as_the_terminal_has_room_for(room) -> None:
    async with room(size=NARROW) as it:
        await queue(it)
        driver = it.driver
        proposal = driver.row
        name, why = proposal.row.name, proposal.why
        assert why not in it.line(name)
        await driver.pilot.resize_terminal(*WIDE)
        await driver.quiet()
        assert why in it.line(name)
        assert driver.row == proposal
        await driver.pilot.resize_terminal(*NARROW)
        await driver.quiet()
        assert why not in it.line(name)
        assert "low score" in driver.text()


async def test_a_terminal_that_grew_while_a_ticket_was_read_has_room_for_why_afterwards(room) -> None:
    async with room(size=NARROW) as it:
        await queue(it)
        name, why = it.driver.row.row.name, it.driver.row.why
        await it.press("enter")
        await it.driver.until(lambda: it.screen.SCREEN == "ticket" and it.screen.view is not None)
        await it.driver.pilot.resize_terminal(*WIDE)
        await it.press("escape")
        assert it.screen.SCREEN == "queue"
        assert why in it.line(name)


async def test_a_review_given_in_the_list_keeps_the_row_and_counts(room) -> None:
    async with room() as it:
        await queue(it, "j")
        row = it.driver.row.row
        await it.press("v", "1", "tab", "1", "tab", "2")
        await it.press("enter")
        await it.driver.quiet()
        assert it.driver.row.row.row_id == row.row_id
        line = it.line(row.name)
        assert "✎" in line
        assert "1 1 2" in line
        await it.press("k", "j")
        assert it.note == "1 of 4 done"
        await it.press("z")
        await it.driver.quiet()
        await it.press("k", "j")
        assert it.note.startswith("0 of 4 done")
        assert "✎" not in it.line(row.name)


async def test_enter_reads_and_next_and_previous_walk_the_queue(room) -> None:
    async with room() as it:
        await queue(it)
        order = [proposal.row.row_id for proposal in it.screen._rows]
        await it.press("enter")
        await it.driver.until(lambda: it.screen.SCREEN == "ticket" and it.screen.view is not None)
        await it.driver.quiet()
        seen = [it.screen.view.row.row_id]
        assert "1 of 4" in it.driver.where
        await it.press("[")
        assert it.note == "This is the first ticket of the list."
        await it.press("a")  # done, and it keeps its place
        for _ in range(3):
            await it.press("]")
            seen.append(it.screen.view.row.row_id)
        assert seen == order
        await it.press("]")
        assert it.note == "This is the last ticket of the list."
        await it.press("escape")
        assert it.screen.SCREEN == "queue"
        assert it.driver.table.cursor == 3
        assert "1 of 4 done" in it.note


async def test_all_done_says_how_to_go_on(room) -> None:
    async with room() as it:
        await queue(it)
        for _ in range(4):
            await it.press("a")
            await it.driver.quiet()
            await it.press("j")
        assert it.note == "All 4 are done; :queue 40 asks for more."
        await it.driver.command("queue 40")
        await it.driver.until(lambda: it.driver.placard.display)
        assert "Nothing is left to review here." in it.driver.placard.text
        await it.press("a")
        assert it.note == "There is no ticket here."
        assert "read" not in it.driver.keys


@pytest.mark.parametrize("argument", ["9" * 5000, "3\xa0rep:Ana", "3\trep:Ana", "\xa0"])
def test_what_follows_queue_never_breaks_it(argument: str) -> None:
    quota = parse_quota(argument, ZoneInfo("UTC"))
    assert quota.size in (Quota().size, 3) or quota.size > 10_000


async def test_what_cannot_be_queued_is_said_where_one_is_then(room) -> None:
    async with room() as it:
        await it.open_ticket()
        await it.driver.command("queue tone:9")
        assert it.screen.SCREEN == "queue"
        assert "tone" in it.note.casefold()
        assert it.driver.app.is_running


async def test_the_next_ticket_waits_while_a_review_is_written(room) -> None:
    async with room() as it:
        await queue(it, "enter")
        await it.driver.until(lambda: it.screen.SCREEN == "ticket" and it.screen.view is not None)
        await it.press("v", "]")
        assert it.note.startswith("A review is being written")


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_blind_hides_scores_and_reasons_until_a_ticket_is_done(room, size) -> None:
    async with room(size=size) as it:
        await it.driver.command("queue blind")
        await it.driver.until(lambda: it.screen.SCREEN == "queue" and it.driver.row is not None)
        await it.driver.quiet()
        assert "blind" in it.driver.where
        rows = it.screen._rows
        assert {proposal.row.name for proposal in rows} == SCORED
        for proposal in rows:
            assert "·   ·   ·" in it.line(proposal.row.name)
        assert "by lot" not in it.driver.text()
        assert "lot." not in it.driver.text()
        await it.press("a")
        assert it.note == "The judge's scores are hidden: v gives your own, b shows the judge's."
        await it.press("enter")
        await it.driver.until(lambda: it.screen.SCREEN == "ticket" and it.screen.view is not None)
        assert "Hidden until your own scores are saved." in it.driver.text()
        row_id = it.screen.view.row.row_id
        await it.press("v", "1", "tab", "1", "tab", "1", "enter")
        [review] = await it.reviews(row_id)
        assert review.blind
        assert "judge" in it.driver.text()
        await it.press("escape")
        await it.driver.quiet()
        name = views()[row_id - 1].row.name
        assert "1 1 1" in it.line(name)
        assert "·   ·   ·" not in it.line(name)
        await it.press("b")
        await it.driver.quiet()
        assert "·   ·   ·" not in it.driver.text()


async def test_a_review_is_not_blind_where_the_queue_had_shown_the_scores(room) -> None:
    async with room() as it:
        await queue(it, "b")
        await it.driver.quiet()
        row_id = it.screen.here.row.row_id
        await it.press("v", "1", "tab", "1", "tab", "1", "enter")
        [review] = await it.reviews(row_id)
        assert not review.blind


async def test_what_others_reviewed_is_still_proposed(room) -> None:
    async with room() as it:
        await as_rita(it.workspace).score(1, Scores(3, 3, 3))
        await queue(it)
        assert it.driver.table.total == 4


async def test_how_many_and_whose_is_said_after_the_command(room) -> None:
    async with room() as it:
        await it.press("2")
        await it.driver.rows()
        await it.driver.command('queue 10 rep:"Tom Weiss"')
        await it.driver.until(lambda: it.screen.SCREEN == "queue" and it.driver.row is not None)
        await it.driver.quiet()
        assert {proposal.row.rep for proposal in it.screen._rows} == {"Tom Weiss"}
        await it.driver.command("queue 1")
        await it.driver.until(lambda: it.driver.table.total == 1)
        await it.driver.command("queue 0")
        assert it.note == "A queue holds at least one ticket, and one of a rep."
        await it.driver.command("queue colour:red")
        assert "colour" in it.note


async def test_escape_goes_back_to_where_one_came_from(room) -> None:
    async with room() as it:
        await it.press("2")
        await it.driver.rows()
        await queue(it, "escape")
        assert it.screen.SCREEN == "tickets"
        await it.press("1", "Q", "Q", "escape")
        assert it.screen.SCREEN == "reps"


async def test_a_reviewer_of_their_own_has_their_own_queue(room) -> None:
    async with room(who=RITA) as it:
        await it.workspace.reviews.agree([1])
        await queue(it)
        assert it.driver.table.total == 3


def proposal(row_id: int) -> Proposal:
    return Proposal(row=views()[row_id - 1].row, why="Drawn by lot.", kind=None)


def test_the_order_stays_while_tickets_get_done_and_new_ones_come_last() -> None:
    before = [proposal(number) for number in (1, 2, 3)]
    view = views()[1]
    ids = [p.row.row_id for p in in_order(before, [proposal(1), proposal(3), proposal(4)], {2: view})]
    assert ids == [1, 2, 3, 4]
    # gone for another reason than a review of one's own
    assert [p.row.row_id for p in in_order(before, [proposal(1), proposal(3)], {})] == [1, 3]
    # another order of what is left counts
    assert [p.row.row_id for p in in_order(before, [proposal(3), proposal(1)], {2: view})] == [2, 3, 1]


@pytest.mark.parametrize(
    ("argument", "quota"),
    [
        ("", Quota()),
        ("30", Quota(size=30)),
        ("30 2", Quota(size=30, per_rep=2)),
        ("team:Billing", Quota(where=TicketFilter(team="Billing"))),
        ("10 rep:Ana", Quota(size=10, per_rep=10, where=TicketFilter(rep="Ana"))),
        ("10 2 rep:Ana", Quota(size=10, per_rep=2, where=TicketFilter(rep="Ana"))),
        ("rep:Ana", Quota(per_rep=20, where=TicketFilter(rep="Ana"))),
    ],
)
def test_what_follows_the_queue_command(argument: str, quota: Quota) -> None:
    assert parse_quota(argument, ZoneInfo("UTC")) == quota


@pytest.mark.parametrize("argument", ["0", "5 0", "5 nonsense:x", "empathy:9"])
def test_a_queue_that_cannot_be_is_refused(argument: str) -> None:
    with pytest.raises(UsageError):
        parse_quota(argument, ZoneInfo("UTC"))
