"""What people say of scores: both values stay, views use the person's, and everything can be taken back."""

import json
import random
import sqlite3
from datetime import timedelta
from itertools import pairwise

import pytest

from qatui.domain.conversation import Status
from qatui.domain.listing import Sort, SortColumn, TicketFilter
from qatui.domain.metrics import ScoredBy
from qatui.domain.people import Right, Role
from qatui.domain.review import Scores, Stand
from qatui.domain.review_queue import BLIND_WHY, Quota
from qatui.domain.rubric import Dimension
from qatui.domain.verdict import Flag, Reason, Unscored
from qatui.errors import ForbiddenError, NotFoundError, UsageError
from qatui.store import listing
from qatui.store.sql import tell
from tests.services.review_desk import NOW, OLGA, REMO, RITA, VERA, desk_on, staffed
from tests.services.tickets import BEN, LLM, OFFLINE, at, ticket, verdict

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


async def adopt(changing):
    """Make the offline judge the workspace's."""
    await changing.journal.note("choices", [listing.JUDGE_CHOICE])
    value = json.dumps([OFFLINE.judge, OFFLINE.model, OFFLINE.rubric])
    await tell(changing.connection, "INSERT INTO choices (name, value) VALUES ('judge', ?)", (value,))
    await listing.show_every(changing.connection)
    return "chose the offline judge"


async def test_the_workspaces_judge_is_shown_even_where_another_judged_later(desk):
    for row_id, of in enumerate(desk.tickets, 1):
        await desk.judge(row_id, of, verdict(5, 5, 5), judge=LLM, when=at(1))
    await desk.reviews.score(2, OWN)
    assert await desk.scores(1) == (5, 5, 5)
    before = desk.dump()
    desk.who = OLGA
    await desk.log.make(Right.IMPORT, "adopt", adopt)
    assert (await desk.scores(1), await desk.scores(2)) == ((4, 3, 2), (1, 2, 5))
    assert [(await desk.row(row_id)).judge for row_id in (1, 2)] == ["offline · v1"] * 2
    assert await desk.db.check() == []
    await desk.judge(1, desk.tickets[0], verdict(5, 5, 5), judge=LLM, when=at(1))
    assert await desk.scores(1) == (4, 3, 2)
    await desk.log.undo()
    assert desk.dump() == before


async def test_where_the_workspaces_judge_has_not_read_a_ticket_the_latest_verdict_is_shown(desk):
    desk.who = OLGA
    await desk.log.make(Right.IMPORT, "adopt", adopt)
    await desk.add(ticket(1, reply=REPLACED))
    await desk.judge(1, ticket(1, reply=REPLACED), verdict(2, 2, 2), judge=LLM)
    assert await desk.scores(1) == (2, 2, 2)
    assert await desk.db.check() == []


# Who may ----------------------------------------------------------------------------------------------------


def every_change():
    """One of each change, in an order in which all are possible."""
    return [
        lambda reviews: reviews.agree([1, 2, 3]),
        lambda reviews: reviews.score(1, OWN, "Too kind."),
        lambda reviews: reviews.score(4, OWN, blind=True),
        lambda reviews: reviews.dispute(2, "No."),
        lambda reviews: reviews.withdraw([1, 3, 4]),
        lambda reviews: reviews.agree([4]),
    ]


async def test_a_viewer_changes_nothing(desk):
    await desk.reviews.agree([1])
    before, log = desk.dump(), len(await desk.people.audit())
    desk.who = VERA
    for door in (*every_change(), lambda reviews: desk.log.undo(), lambda reviews: desk.log.redo()):
        with pytest.raises(ForbiddenError, match="vera is a viewer") as refused:
            await door(desk.reviews)
        assert "olga (admin), remo (reviewer)" in refused.value.hint
    assert desk.dump() == before
    assert len(await desk.people.audit()) == log
    assert "may not review scores" in await desk.reviews.why_not()
    desk.who = REMO
    assert await desk.reviews.why_not() is None


async def test_a_reviewer_who_became_a_viewer_takes_nothing_back(desk):
    await desk.reviews.agree([1])
    desk.who = OLGA
    await desk.people.set_role("remo", Role.VIEWER)
    desk.who = REMO
    with pytest.raises(ForbiddenError, match="remo is a viewer"):
        await desk.log.undo()


async def test_every_change_is_in_the_log_in_words(desk):
    for change in every_change():
        await change(desk.reviews)
    await desk.log.undo()
    assert [entry.words for entry in await desk.people.audit(who="remo")] == [
        "undo: agreed with the scores of T-4",
        "agreed with the scores of T-4",
        "withdrew the review of 3 tickets",
        "disputed the scores of T-2",
        "scored T-4 blind: tone 1, clarity 2, empathy 5",
        "scored T-1: tone 1, clarity 2, empathy 5",
        "agreed with the scores of 3 tickets",
    ]


# What cannot be done ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda reviews: reviews.agree([1, 6]), "no scores of a judge to agree with in T-9"),
        (lambda reviews: reviews.agree([5]), "cannot be scored. The rep wrote fewer"),
        (lambda reviews: reviews.agree([4040]), "not in this workspace"),
        (lambda reviews: reviews.agree([]), "No ticket was named"),
        (lambda reviews: reviews.agree([2]), "agree with these scores already"),
        (lambda reviews: reviews.agree([3]), "rita has given T-3 other scores"),
        (lambda reviews: reviews.score(5, OWN), "cannot be scored. The rep wrote fewer"),
        (lambda reviews: reviews.score(1, OWN, "x" * 5_001), "5,001 characters"),
        (lambda reviews: reviews.dispute(1, " \n"), "needs a reason"),
        (lambda reviews: reviews.dispute(6, "No."), "no scores of a judge to dispute in T-9"),
        (lambda reviews: reviews.withdraw([3]), "not reviewed T-3"),
        (lambda reviews: reviews.withdraw([]), "No ticket was named"),
    ],
)
async def test_what_cannot_be_done_is_said_and_changes_nothing(desk, change, words):
    await desk.add(ticket(8, reply="Done."), ticket(9))
    desk.who = RITA
    await desk.reviews.score(3, OWN)
    desk.who = REMO
    await desk.reviews.agree([2])
    before, log = desk.dump(), len(await desk.people.audit())
    with pytest.raises((UsageError, NotFoundError), match=words):
        await change(desk.reviews)
    assert desk.dump() == before
    assert len(await desk.people.audit()) == log


async def test_the_same_review_twice_is_refused(desk):
    for change in (lambda: desk.reviews.score(1, OWN, "So."), lambda: desk.reviews.dispute(1, "So.")):
        await change()
        with pytest.raises(UsageError, match="already"):
            await change()


async def test_one_agrees_where_somebody_else_agreed(desk):
    await desk.reviews.agree([1])
    desk.who = RITA
    await desk.reviews.agree([1])
    assert [each.who for each in await desk.reviews.of(1)] == ["rita", "remo"]


# Undo -------------------------------------------------------------------------------------------------------


async def test_undo_and_redo_bring_every_byte_back_also_after_a_restart(desk, path):
    states = [desk.dump()]
    for minute, change in enumerate(every_change()):
        desk.now = NOW + timedelta(minutes=minute)
        await change(desk.reviews)
        states.append(desk.dump())
        assert await desk.db.check() == []
    assert all(one != other for one, other in pairwise(states))
    async with desk_on(path) as later:
        later.who = REMO
        for state in reversed(states[:-1]):
            assert (await later.log.undo()).tickets
            assert later.dump() == state
        with pytest.raises(UsageError, match="nothing to undo"):
            await later.log.undo()
        for state in states[1:]:
            await later.log.redo()
            assert later.dump() == state
        assert await later.db.check() == []


@pytest.mark.parametrize("seed", range(6))
async def test_any_sequence_of_reviews_by_two_can_be_taken_back_to_the_byte(desk, seed):
    dice = random.Random(seed)
    order = []
    first = desk.dump()
    while len(order) < 14:
        desk.who = dice.choice([REMO, RITA])
        desk.now += timedelta(minutes=1)
        one, two = dice.randint(1, 4), dice.randint(1, 4)
        change = dice.choice(
            [
                lambda one=one, two=two: desk.reviews.agree(sorted({one, two})),
                lambda one=one: desk.reviews.score(one, Scores(*(dice.randint(1, 5) for _ in range(3)))),
                lambda one=one, at=desk.now: desk.reviews.dispute(one, f"No, {at:%H:%M}."),
                lambda one=one: desk.reviews.withdraw([one]),
            ]
        )
        before = desk.dump()
        try:
            await change()
        except UsageError:
            assert desk.dump() == before
        else:
            order.append((desk.who, before))
            assert await desk.db.check() == []
    final = desk.dump()
    for who, before in reversed(order):
        desk.who = who
        await desk.log.undo()
        assert desk.dump() == before
    assert desk.dump() == first
    for who, _ in order:
        desk.who = who
        await desk.log.redo()
    assert desk.dump() == final


async def test_one_takes_back_ones_own_review_while_another_reviews_the_same(desk):
    await desk.reviews.score(1, OWN)
    desk.who, desk.now = RITA, NOW + timedelta(hours=1)
    await desk.reviews.score(1, Scores(3, 3, 3))
    desk.who = REMO
    assert (await desk.log.undo()).words == "undo: scored T-1: tone 1, clarity 2, empathy 5"
    assert await desk.scores(1) == (3, 3, 3)
    with pytest.raises(UsageError, match="nothing to undo"):
        await desk.log.undo()


async def test_a_review_is_taken_back_after_the_words_have_changed(desk):
    await desk.reviews.score(1, OWN)
    await desk.add(ticket(1, reply=REPLACED))
    await desk.log.undo()
    await desk.add(desk.tickets[0])
    assert await desk.scores(1) == (4, 3, 2)
    await desk.log.redo()
    assert await desk.scores(1) == (1, 2, 5)
    assert await desk.db.check() == []


async def test_a_row_that_is_not_as_it_was_left_is_not_taken_back(desk):
    await desk.reviews.score(1, OWN)
    async with desk.db.write() as connection:
        await tell(connection, "UPDATE reviews SET comment = 'by another hand'")
    with pytest.raises(UsageError, match="somebody has changed the same since"):
        await desk.log.undo()


# Reading ----------------------------------------------------------------------------------------------------


async def test_reviews_are_listed_with_the_judges_scores_beside_them(desk):
    await desk.reviews.score(1, OWN, "So.")
    desk.who, desk.now = RITA, NOW + timedelta(hours=1)
    await desk.reviews.dispute(2, "No.")
    both = await desk.reviews.made()
    assert [(each.review.who, each.row.id, each.judged) for each in both] == [
        ("rita", "T-2", Scores(4, 3, 2)),
        ("remo", "T-1", Scores(4, 3, 2)),
    ]
    assert await desk.reviews.made(who="remo") == both[1:]
    assert await desk.reviews.made(since=desk.now) == both[:1]
    assert await desk.reviews.made(until=desk.now) == both[1:]
    assert await desk.reviews.made(limit=1) == both[:1]


async def test_lists_are_filtered_by_judge_and_by_what_people_said(desk):
    await desk.judge(1, desk.tickets[0], verdict(5, 5, 5), judge=LLM, when=at(1))
    await desk.reviews.agree([2])

    async def ids(**where):
        rows = await desk.reports.rows(TicketFilter(**where), Sort(SortColumn.NAME, False), 0, 9)
        assert (await desk.reports.counts(TicketFilter(**where))).total == len(rows)
        return [row.id for row in rows]

    assert await ids(judge="llm") == await ids(judge="SMALL") == await ids(judge="llm · small") == ["T-1"]
    assert await ids(judge="offline") == ["T-2", "T-3", "T-4"]
    assert await ids(judge="nobody") == []
    assert await ids(judge="offline", flags=frozenset({Flag.REVIEWED})) == ["T-2"]
    assert (await desk.reports.choices()).judges == ("llm", "llm · small", "offline", "offline · v1")


async def test_a_report_says_which_judges_and_how_many_people_made_its_scores(desk):
    every = TicketFilter()
    assert await desk.reports.judges(every) == ScoredBy(judges=((OFFLINE, 4),))
    assert await desk.reports.judges(TicketFilter(rep="nobody")) == ScoredBy(judges=())
    await desk.reviews.score(1, OWN)
    await desk.reviews.dispute(2, "too kind")
    assert await desk.reports.judges(every) == ScoredBy(judges=((OFFLINE, 3),), reviewed=1)
    assert await desk.reports.judges(TicketFilter(flags=frozenset({Flag.REVIEWED}))) == ScoredBy(judges=(), reviewed=1)
    await desk.reviews.withdraw([1, 2])
    await desk.judge(1, desk.tickets[0], verdict(5, 5, 5), judge=LLM, when=at(1))
    assert (await desk.reports.judges(every)).mixed
    await desk.add(ticket(8))
    await desk.reviews.agree([2])
    await desk.reviews.score(5, OWN)
    assert await desk.reports.judges(every) == ScoredBy(judges=((OFFLINE, 2), (LLM, 1)), reviewed=2)
    assert await desk.reports.judges(TicketFilter(judge="llm")) == ScoredBy(judges=((LLM, 1),))


async def test_means_are_of_the_persons_scores(desk):
    await desk.reviews.score(1, OWN)
    [team] = (await desk.reports.reps(TicketFilter())).teams
    assert team.tally.mean(Dimension.TONE) == (1 + 4 + 4 + 4) / 4


# The queue --------------------------------------------------------------------------------------------------


async def ids(desk, **quota):
    return [proposal.row.row_id for proposal in await desk.reviews.queue(Quota(**quota))]


async def test_a_queue_gets_shorter_as_one_reads_and_stays_otherwise(desk):
    first = await ids(desk, per_rep=9)
    assert sorted(first) == [1, 2, 3, 4]
    await desk.reviews.agree([first[1]])
    assert await ids(desk, per_rep=9) == [row_id for row_id in first if row_id != first[1]]
    desk.who = RITA
    assert first[1] in await ids(desk, per_rep=9)
    desk.who, desk.now = REMO, NOW + timedelta(days=7)
    assert sorted(await ids(desk, per_rep=9)) == sorted(set(first) - {first[1]})
    await desk.add(ticket(first[1], reply=REPLACED))
    assert first[1] not in await ids(desk, per_rep=9)  # its new words have no score yet
    await desk.judge(first[1], ticket(first[1], reply=REPLACED))
    assert first[1] in await ids(desk, per_rep=9)


async def test_a_queue_says_why(desk):
    await desk.judge(1, desk.tickets[0], verdict(1, 3, 5), judge=LLM, when=at(-1))
    said = set()
    for seed in "abcdefgh":
        said |= {(each.row.row_id, each.why) for each in await desk.reviews.queue(Quota(per_rep=9, seed=seed))}
    assert {why for row_id, why in said if row_id == 1} == {"Drawn by lot.", "Two judges are 3 points apart on Tone."}
    assert (4, "The judge gives Empathy 2 of 5.") in said


async def test_a_blind_queue_shows_nothing_that_anybody_said(desk):
    desk.who = RITA
    await desk.reviews.score(1, OWN)
    desk.who = REMO
    for proposal in await desk.reviews.queue(Quota(per_rep=9, blind=True)):
        row = proposal.row
        assert (row.tone, row.clarity, row.empathy, row.unscored, row.judge, proposal.kind) == (None,) * 6
        assert (row.flags, proposal.why) == (frozenset(), BLIND_WHY)


async def test_a_queue_is_of_a_filter_and_of_scored_tickets(desk):
    await desk.add(ticket(8, reply="Done."), ticket(9, rep=BEN), ticket(10, rep=BEN))
    await desk.judge(6, ticket(9, rep=BEN))
    await desk.reviews.score(7, OWN)
    assert await ids(desk, where=TicketFilter(rep="Ben Osei")) == [6]
    assert await ids(desk, where=TicketFilter(rep="ben")) == [6]
    assert sorted(await ids(desk, per_rep=1)) != []
    assert len(await ids(desk, per_rep=1)) == 2
    assert len(await ids(desk, size=1)) == 1


# Soundness --------------------------------------------------------------------------------------------------

DAMAGE = {
    "UPDATE listing SET tone = 3 WHERE id = 1": "ticket 1 with scores that its review did not give",
    "UPDATE listing SET review_id = NULL WHERE id = 1": "does not show the review of ticket 1 that counts",
    "UPDATE listing SET flags = flags & ~32 WHERE id = 1": "marks of ticket 1",
    "UPDATE listing SET flags = flags | 64 WHERE id = 1": "marks of ticket 1",
    "UPDATE listing SET flags = flags & ~64 WHERE id = 2": "marks of ticket 2",
    "UPDATE listing SET judge_id = 9 WHERE id = 3": "judgement of ticket 3 that is not by the judge it names",
    "UPDATE reviews SET tone = NULL WHERE ticket_id = 1": "Review 1 has scores outside",
    "UPDATE reviews SET stand = 'shrugged' WHERE ticket_id = 1": "Review 1 has scores outside",
    "UPDATE reviews SET ticket_id = 99 WHERE ticket_id = 1": "Review 1 is of a ticket that is not there",
    'INSERT INTO choices VALUES (\'judge\', \'["llm", "small", "rubric"]\')': "ticket 4 that is not by the workspace",
}


@pytest.mark.parametrize("damage", DAMAGE)
async def test_check_finds_what_does_not_fit(desk, path, damage):
    await desk.reviews.score(1, OWN)
    await desk.reviews.dispute(2, "No.")
    await desk.judge(4, desk.tickets[3], verdict(1, 1, 1), judge=LLM, when=at(-5))
    assert await desk.db.check() == []
    with sqlite3.connect(path) as connection:
        connection.execute(damage)
    connection.close()
    assert DAMAGE[damage] in "\n".join(await desk.db.check())
