"""What people say of scores: both values stay, views use the person's, and everything can be taken back."""

from datetime import timedelta

import pytest

from qatui.domain.conversation import Status
from qatui.domain.people import Role
from qatui.domain.review import Scores, Stand
from qatui.domain.verdict import Flag, Reason, Unscored
from qatui.errors import UsageError
from tests.services.review_desk import NOW, REMO, RITA, desk_on, staffed
from tests.services.tickets import LLM, at, ticket, verdict

OWN = Scores(1, 2, 5)
REPLACED = "I am sorry, Marta; the courier lost the parcel, and a new one leaves us tomorrow morning."


@pytest.fixture
async def desk(path):
    """Four tickets judged with 4, 3, 2 by the offline judge; remo asks."""
    async with desk_on(path) as desk:
        desk.tickets = await staffed(desk)
        desk.who = REMO
        yield desk


async def test_both_values_stay_and_views_use_the_persons(desk):
    done = await desk.reviews.score(1, OWN, " The reply blames the customer. ")
    assert (done.words, done.tickets) == ("scored T-1: tone 1, clarity 2, empathy 5", (1,))
    view = await desk.reports.ticket(1)
    assert (view.row.tone, view.row.clarity, view.row.empathy, view.row.unscored) == (1, 2, 5, None)
    assert Flag.REVIEWED in view.row.flags
    assert [score.value for _, score in view.judgement.outcome.scores()] == [4, 3, 2]
    [review] = view.reviews
    assert (review.who, review.at, review.stand, review.scores) == ("remo", NOW, Stand.SCORED, OWN)
    assert (review.comment, review.blind, review.current) == ("The reply blames the customer.", False, True)
    assert view.row.judge == "offline · v1"
    assert await desk.db.check() == []


async def test_agreeing_keeps_the_judges_scores_whatever_a_judge_says_later(desk):
    done = await desk.reviews.agree([1, 2])
    assert done.words == "agreed with the scores of 2 tickets"
    assert Flag.REVIEWED in (await desk.row(2)).flags
    await desk.judge(1, desk.tickets[0], verdict(5, 5, 5), when=at(9))
    assert await desk.scores(1) == (4, 3, 2)
    view = await desk.reports.ticket(1)
    assert [score.value for _, score in view.judgement.outcome.scores()] == [5, 5, 5]
    assert [(each.stand, each.scores) for each in view.reviews] == [(Stand.AGREED, Scores(4, 3, 2))]


async def test_a_dispute_marks_the_ticket_and_leaves_the_scores(desk):
    await desk.reviews.dispute(1, "Nobody was rude here.")
    row = await desk.row(1)
    assert (row.tone, row.clarity, row.empathy) == (4, 3, 2)
    assert (Flag.DISPUTED in row.flags, Flag.REVIEWED in row.flags) == (True, False)
    desk.now += timedelta(hours=1)
    await desk.reviews.score(1, OWN)
    row = await desk.row(1)
    assert (Flag.DISPUTED in row.flags, Flag.REVIEWED in row.flags) == (False, True)


async def test_of_two_reviewers_the_later_counts_and_a_dispute_keeps_the_scores_before_it(desk):
    await desk.reviews.score(1, OWN)
    desk.who, desk.now = RITA, NOW + timedelta(hours=1)
    await desk.reviews.score(1, Scores(3, 3, 3))
    assert await desk.scores(1) == (3, 3, 3)
    assert [each.who for each in await desk.reviews.of(1)] == ["rita", "remo"]
    desk.now += timedelta(hours=1)
    await desk.reviews.dispute(1, "I think otherwise now.")
    row = await desk.row(1)
    assert await desk.scores(1) == (1, 2, 5)
    assert {Flag.REVIEWED, Flag.DISPUTED} <= row.flags
    desk.now += timedelta(hours=1)
    await desk.reviews.withdraw([1])
    assert Flag.DISPUTED not in (await desk.row(1)).flags
    assert await desk.db.check() == []


async def test_ones_newer_review_takes_the_place_of_the_older(desk):
    await desk.reviews.agree([1])
    desk.now += timedelta(hours=1)
    await desk.reviews.score(1, OWN, blind=True)
    [review] = await desk.reviews.of(1)
    assert (review.stand, review.blind, review.at) == (Stand.SCORED, True, desk.now)


async def test_new_words_make_a_review_history_and_the_same_words_bring_it_back(desk):
    await desk.reviews.score(1, OWN)
    await desk.add(ticket(1, reply=REPLACED))
    assert str((await desk.row(1)).unscored) == "waiting"
    assert Flag.REVIEWED not in (await desk.row(1)).flags
    assert [each.current for each in await desk.reviews.of(1)] == [False]
    with pytest.raises(UsageError, match="not reviewed T-1"):
        await desk.reviews.withdraw([1])
    assert await desk.db.check() == []
    await desk.add(desk.tickets[0])
    assert await desk.scores(1) == (1, 2, 5)
    assert [each.current for each in await desk.reviews.of(1)] == [True]
    assert await desk.db.check() == []


async def test_a_ticket_that_is_open_again_is_unscored_until_it_closes(desk):
    await desk.reviews.score(1, OWN)
    await desk.add(ticket(1, status=Status.OPEN))
    assert str((await desk.row(1)).unscored) == "not_closed"
    await desk.add(desk.tickets[0])
    assert await desk.scores(1) == (1, 2, 5)


async def test_a_person_scores_what_no_judge_could(desk, path):
    await desk.add(ticket(8), ticket(9))
    await desk.judge(5, ticket(8), Unscored(Reason.JUDGE_FAILED, "no answer"))
    before = desk.dump()
    for row_id in (5, 6):
        await desk.reviews.score(row_id, OWN)
        assert await desk.scores(row_id) == (1, 2, 5)
        assert (await desk.row(row_id)).unscored is None
    assert (await desk.reports.ticket(6)).judgement is None
    assert await desk.db.check() == []
    await desk.log.undo()
    await desk.log.undo()
    assert desk.dump() == before
    assert str((await desk.row(5)).unscored) == "judge_failed: no answer"
    assert str((await desk.row(6)).unscored) == "waiting"


async def test_the_workspaces_judge_is_shown_even_where_another_judged_later(desk):
    for row_id, of in enumerate(desk.tickets, 1):
        await desk.judge(row_id, of, verdict(5, 5, 5), judge=LLM, when=at(1))
    await desk.reviews.score(2, OWN)
    assert await desk.scores(1) == (5, 5, 5)
    later = desk.dump()

    async def adopt(at):
        from qatui.store import listing
        from qatui.store.sql import tell

        await at.journal.note("choices", ["judge"])
        await tell(
            at.connection,
            'INSERT INTO choices (name, value) VALUES (\'judge\', \'["offline", "v1", "rubric"]\')',
        )
        await listing.show_every(at.connection)
        return "chose the offline judge"

    from qatui.domain.people import Right

    await desk.people.set_role("remo", Role.EDITOR) if desk.who.name == "olga" else None
    desk.who = REMO
    from tests.services.review_desk import OLGA

    desk.who = OLGA
    await desk.log.make(Right.IMPORT, "adopt", adopt)
    assert (await desk.scores(1), await desk.scores(2)) == ((4, 3, 2), (1, 2, 5))
    assert [(await desk.row(row_id)).judge for row_id in (1, 2)] == ["offline · v1"] * 2
    assert await desk.db.check() == []
    await desk.judge(1, desk.tickets[0], verdict(1, 1, 1), judge=LLM, when=at(5))
    assert await desk.scores(1) == (4, 3, 2)
    await desk.judge(1, desk.tickets[0], verdict(5, 5, 5), judge=LLM, when=at(1))
    await desk.log.undo()
    assert desk.dump() == later
