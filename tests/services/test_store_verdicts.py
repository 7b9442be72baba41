"""Judgements: what waits for a judge, what is kept, and which one is shown."""

import pytest

from qatui.domain.conversation import Status
from qatui.domain.rubric import Dimension
from qatui.domain.verdict import Evidence, Explanation, Flag, Reason, Score, Unscored
from qatui.store import conversations, reports, verdicts
from qatui.store.layout import FLAG_BITS, flag_bits, flags_of
from tests.services.tickets import LLM, OFFLINE, at, judged, ticket, verdict

FAILED = Unscored(Reason.JUDGE_FAILED, "the endpoint did not answer: \x00\ud800 odd letters")
FOREIGN = Unscored(Reason.UNSUPPORTED_LANGUAGE)


@pytest.fixture
async def stored(database):
    """Six tickets, of which the fourth is open and the fifth too short to judge."""
    tickets = [ticket(number) for number in range(1, 7)]
    tickets[3] = ticket(4, status=Status.OPEN)
    tickets[4] = ticket(5, reply="Done.")
    async with database.write() as connection:
        await conversations.save(connection, tickets)
    return tickets


async def record(database, *judgements):
    async with database.write() as connection:
        await verdicts.record(connection, judgements)


async def waiting(database, judge=OFFLINE, after=0, limit=100, rescore=False):
    async with database.read() as connection:
        ids = await verdicts.waiting(connection, judge, after=after, limit=limit, rescore=rescore)
        if not after:
            count = await verdicts.waiting_count(connection, judge, rescore=rescore)
            assert min(count, limit) == len(ids)
        return ids


async def shown(database, row_id=1):
    """The row of the list, having seen that it and `latest` say the same."""
    async with database.read() as connection:
        [row] = await reports.rows_by_id(connection, [row_id])
        latest = (await verdicts.latest_of(connection, [row_id])).get(row_id)
    if latest is None:
        assert row.tone is None
    elif isinstance(latest.outcome, Unscored):
        assert row.unscored == latest.outcome
    else:
        assert [row.value(dimension) for dimension in Dimension] == [s.value for _, s in latest.outcome.scores()]
        assert latest.outcome.flags <= row.flags
    return row


async def test_eligible_tickets_wait_in_order_of_import(database, stored):
    assert await waiting(database) == [1, 2, 3, 6]
    assert await waiting(database, after=2) == [3, 6]
    assert await waiting(database, limit=2) == [1, 2]


async def test_what_a_judge_has_answered_does_not_wait_for_it_again(database, stored):
    await record(database, (1, judged(stored[0], verdict())), (2, judged(stored[1], FOREIGN)))
    assert await waiting(database) == [3, 6]
    assert await waiting(database, rescore=True) == [1, 2, 3, 6]
    assert await waiting(database, judge=LLM) == [1, 2, 3, 6]


async def test_a_failed_call_waits_again(database, stored):
    await record(database, (1, judged(stored[0], FAILED)))
    assert 1 in await waiting(database)


async def test_a_verdict_comes_back_as_it_was(database, stored):
    given = verdict(
        tone=5,
        clarity=1,
        tokens=812,
        flags=frozenset({Flag.UNSURE, Flag.UNVERIFIED}),
        empathy=3,
    )
    given = type(given)(
        tone=Score(5, Explanation("Warm – “quoted” \ud800 text.", (Evidence(0, 1, 5), Evidence(1, 0, 3)))),
        clarity=given.clarity,
        empathy=given.empathy,
        emotional_cue=False,
        flags=given.flags,
        tokens=812,
    )
    judgement = judged(stored[0], given, when=at(1.000001))
    await record(database, (1, judgement))
    async with database.read() as connection:
        assert await verdicts.latest_of(connection, [1]) == {1: judgement}
        assert await verdicts.history(connection, 1) == [judgement]
        assert await verdicts.latest_of(connection, [1, 2]) == {1: judgement}


async def test_the_same_judgement_twice_is_one(database, stored):
    for _ in range(2):
        await record(database, (1, judged(stored[0], verdict(2), when=at(1))))
    async with database.read() as connection:
        assert len(await verdicts.history(connection, 1)) == 1


async def test_the_latest_verdict_is_shown_whoever_gave_it(database, stored):
    await record(database, (1, judged(stored[0], verdict(2), when=at(2))))
    await record(database, (1, judged(stored[0], verdict(5), judge=LLM, when=at(3))))
    assert (await shown(database)).tone == 5
    await record(database, (1, judged(stored[0], verdict(1), when=at(4))))
    assert (await shown(database)).tone == 1
    async with database.read() as connection:
        assert [each.judge for each in await verdicts.history(connection, 1)] == [LLM, OFFLINE]


async def test_a_failure_never_takes_the_place_of_scores(database, stored):
    await record(database, (1, judged(stored[0], verdict(2), when=at(1))))
    await record(database, (1, judged(stored[0], FAILED, when=at(2))))
    await record(database, (1, judged(stored[0], FAILED, judge=LLM, when=at(3))))
    assert (await shown(database)).tone == 2


async def test_a_failure_is_shown_until_a_verdict_comes(database, stored):
    await record(database, (1, judged(stored[0], Unscored(Reason.JUDGE_FAILED, "no answer"))))
    assert str((await shown(database)).unscored) == "judge_failed: no answer"
    await record(database, (1, judged(stored[0], verdict(2))))
    assert (await shown(database)).tone == 2


async def test_odd_letters_in_a_failure_are_kept_as_far_as_they_can_be(database, stored):
    await record(database, (1, judged(stored[0], FAILED)))
    assert (await shown(database)).unscored.detail.startswith("the endpoint did not answer")


async def test_a_judgement_of_content_that_changed_meanwhile_is_history(database, stored):
    other = ticket(1, reply="A reply that the judge read, and that was replaced while it was reading it.")
    await record(database, (1, judged(other, verdict())))
    assert str((await shown(database)).unscored) == "waiting"
    assert 1 in await waiting(database)
    async with database.read() as connection:
        assert len(await verdicts.history(connection, 1)) == 1


async def test_a_ticket_that_may_not_be_judged_stays_unscored(database, stored):
    await record(database, (4, judged(stored[3], verdict())))
    assert str((await shown(database, 4)).unscored) == "not_closed"
    assert await database.check() == []


async def test_nothing_to_record(database, stored):
    await record(database)


def test_every_flag_has_a_bit_of_its_own_and_words():
    assert sorted(FLAG_BITS.values()) == [1 << place for place in range(len(Flag))]
    assert all(flags_of(flag_bits({flag})) == {flag} and flag.words for flag in Flag)
