"""Judges and people compared over the store: which pairs count, what is left out, the golden set, the adopted judge."""

import random
import sqlite3
from collections import Counter
from dataclasses import replace

import pytest

from qatui.domain.adoption import Advice
from qatui.domain.agreement import table_of
from qatui.domain.calibration import Chosen, LeftOut, PartyKind, Scope
from qatui.domain.conversation import Message, Speaker
from qatui.domain.listing import TicketFilter
from qatui.domain.people import Role
from qatui.domain.review import Scores
from qatui.domain.rubric import Dimension
from qatui.domain.verdict import Flag, JudgeIdentity, Reason, Unscored
from qatui.errors import ForbiddenError, NotFoundError, UsageError
from qatui.services.calibration import PEOPLE
from qatui.store import verdicts
from tests.services.calibration_desk import EMIL, GUEST, LLM, NAMESAKE, OFFLINE, OLGA, VERA, Desk, desk_on, several
from tests.services.tickets import at, judged, ticket

TONE = Dimension.TONE
OTHER_PROMPT = JudgeIdentity("llm", "small", "another")


@pytest.fixture
async def desk(path):
    async with desk_on(path) as desk:
        yield desk


@pytest.fixture
async def six(desk):
    """Six tickets that the embedded judge gave 4, 3, 2 each."""
    tickets = several(6)
    await desk.add(tickets)
    await desk.judge(OFFLINE, [(n, each, Scores(4, 3, 2)) for n, each in enumerate(tickets, 1)])
    return tickets


async def compared(desk, first="offline", second="people", scope=None, **more):
    calibration = desk.calibration
    return await calibration.compare(
        await calibration.find(first), await calibration.find(second), scope or Scope(), **more
    )


# Pairs -----------------------------------------------------------------------------------------------


async def test_a_pair_is_a_ticket_that_both_have_scored(desk, six):
    await desk.review(VERA, 1, Scores(4, 3, 2), blind=True)
    await desk.review(VERA, 2, Scores(5, 3, 4))
    desk.who = EMIL
    await desk.reviews.agree([3])
    await desk.reviews.dispute(4, "Empathy is far too low.")
    found = await compared(desk)
    assert found.pairs == 3
    assert (found.blind, found.own, found.agreed) == (1, 1, 1)
    assert found.agreements[TONE].table == table_of([(4, 4), (4, 5), (4, 4)])
    assert found.agreements[Dimension.EMPATHY].mean_difference == pytest.approx(-2 / 3)
    assert found.left_out == LeftOut(disputes=1)


async def test_blind_leaves_out_what_was_given_with_the_scores_in_sight(desk, six):
    await desk.review(VERA, 1, Scores(4, 3, 2), blind=True)
    await desk.review(VERA, 2, Scores(5, 3, 4))
    desk.who = VERA
    await desk.reviews.agree([3])
    found = await compared(desk, scope=Scope(blind=True))
    assert (found.pairs, found.blind, found.own, found.agreed) == (1, 1, 0, 0)
    assert found.left_out == LeftOut(seen=2)


async def test_of_several_reviews_of_a_ticket_the_newest_counts(desk, six):
    await desk.review(VERA, 1, Scores(1, 1, 1))
    await desk.review(EMIL, 1, Scores(5, 5, 5))
    found = await compared(desk)
    assert found.agreements[TONE].table == table_of([(4, 5)])
    assert found.left_out == LeftOut(older=1)
    assert found.worst[0].who == "emil"


async def test_what_the_judge_has_not_read_is_counted_apart(desk, six):
    await desk.judge(LLM, [(1, six[0], Scores(3, 3, 3))])
    for row_id in (1, 2, 3):
        await desk.review(VERA, row_id, Scores(4, 4, 4))
    found = await compared(desk, "llm")
    assert found.pairs == 1
    assert found.left_out == LeftOut(unread=2)


async def test_a_judgement_and_a_review_of_other_words_are_no_pair(desk, six):
    await desk.review(VERA, 1, Scores(5, 5, 5))
    changed = replace(six[0], messages=(*six[0].messages, Message("m9", Speaker.CUSTOMER, "And now?", at(3))))
    await desk.add([changed])
    assert (await compared(desk)).pairs == 1  # both were about the words of then
    await desk.judge(OFFLINE, [(1, changed, Scores(2, 2, 2))])
    assert (await compared(desk)).agreements[TONE].table == table_of([(4, 5)])
    await desk.review(VERA, 1, Scores(3, 3, 3))
    found = await compared(desk)
    assert found.agreements[TONE].table == table_of([(2, 3)])  # one pair for each ticket, the newest
    assert found.left_out == LeftOut(older=1)


async def test_a_failure_is_no_score(desk, six):
    async with desk.db.write() as connection:
        await verdicts.record(connection, [(1, judged(six[0], Unscored(Reason.JUDGE_FAILED, "no answer"), judge=LLM))])
    await desk.review(VERA, 1, Scores(4, 3, 2))
    assert (await compared(desk, "llm")).pairs == 0


async def test_judges_can_be_compared_and_reviewers_too(desk, six):
    await desk.judge(LLM, [(n, each, Scores(5, 3, n % 5 + 1)) for n, each in enumerate(six[:4], 1)])
    judges = await compared(desk, "offline", "llm")
    assert judges.pairs == 4
    assert not judges.human
    assert (judges.agreed, judges.own, judges.blind) == (0, 0, 0)
    assert judges.left_out == LeftOut()
    assert judges.agreements[TONE].table == table_of([(4, 5)] * 4)
    await desk.review(VERA, 1, Scores(5, 4, 3))
    await desk.review(EMIL, 1, Scores(4, 4, 4), blind=True)
    await desk.review(EMIL, 2, Scores(1, 1, 1))
    people = await compared(desk, "vera", "emil")
    assert people.agreements[TONE].table == table_of([(5, 4)])
    assert people.own == 1  # only one of the two was blind
    assert (await compared(desk, "emil", "people")).pairs == 1  # the others, not oneself


async def test_nobody_is_compared_with_themselves(desk, six):
    await desk.review(VERA, 1, Scores(5, 4, 3))
    for name in ("offline", "people", "vera"):
        with pytest.raises(UsageError, match="agrees with itself"):
            await compared(desk, name, name)


async def test_scopes_narrow_by_facts_and_to_the_golden_set(desk, six):
    for row_id in range(1, 7):
        await desk.review(VERA, row_id, Scores(3, 3, 3))
    assert (await compared(desk, scope=Scope(where=TicketFilter(rep="Ana Pires")))).pairs == 3
    email = await compared(desk, scope=Scope(where=TicketFilter(channel="email", until=at(96))))
    assert email.pairs == 1
    assert email.left_out == LeftOut()
    await desk.calibration.pin([2, 5])
    golden = await compared(desk, scope=Scope(golden=True))
    assert {pair.row.row_id for pair in golden.worst} == {2, 5}


async def test_the_worst_disagreements_come_first_then_the_newest(desk, six):
    for row_id, scores in ((1, (4, 3, 2)), (2, (1, 3, 2)), (3, (5, 3, 2)), (4, (4, 3, 5)), (5, (4, 2, 5))):
        await desk.review(VERA, row_id, Scores(*scores))
    found = await compared(desk)
    assert [pair.row.row_id for pair in found.worst] == [5, 4, 2, 3]
    assert [pair.furthest for pair in found.worst] == [3, 3, 3, 1]
    assert found.worst[0].apart(Dimension.EMPATHY) == -3
    assert len((await compared(desk, worst=1)).worst) == 1
    listed = await desk.calibration.pairs(
        found.first, found.second, Scope(), Chosen(dimension=Dimension.EMPATHY, cell=(2, 5))
    )
    assert [pair.row.row_id for pair in listed] == [5, 4]
    exact = await desk.calibration.pairs(found.first, found.second, Scope(), Chosen(dimension=TONE, apart=(0, 0)))
    assert [pair.row.row_id for pair in exact] == [5, 4, 1]


@pytest.mark.parametrize("seed", range(4))
async def test_a_count_of_all_stored_rows_by_hand_says_the_same(desk, path, seed):
    """A second way to the same numbers that shares no code with the first, on random judgements and reviews."""
    random_ = random.Random(seed)
    tickets = several(25)
    await desk.add(tickets)
    for turn in range(2):
        for judge in (OFFLINE, LLM):
            some = random_.sample(list(enumerate(tickets, 1)), 15)
            await desk.judge(judge, [(n, each, _random_scores(random_)) for n, each in some])
        for _ in range(25):
            row_id = random_.randint(1, 25)
            desk.who = random_.choice([VERA, EMIL, OLGA])
            try:
                match random_.randrange(3):
                    case 0:
                        await desk.reviews.agree([row_id])
                    case 1:
                        await desk.reviews.dispute(row_id, "No.")
                    case 2:
                        await desk.reviews.score(row_id, _random_scores(random_), blind=random_.random() < 0.5)
            except UsageError:
                pass  # nothing to agree with yet, or other scores there
        if not turn:
            for n in random_.sample(range(25), 6):
                said = Message("m7", Speaker.CUSTOMER, "One thing more.", at(2))
                tickets[n] = replace(tickets[n], messages=(*tickets[n].messages, said))
            await desk.add(tickets)
    connection = sqlite3.connect(path)
    for blind in (False, True):
        for judge in ("offline", "llm"):
            newest: dict[int, tuple] = {}
            for ticket_id, content, *review in connection.execute(
                "SELECT ticket_id, content_hash, tone, clarity, empathy, stand, blind, at FROM reviews"
                " WHERE tone IS NOT NULL ORDER BY at"
            ):
                for verdict in connection.execute(
                    "SELECT tone, clarity, empathy, at FROM verdicts JOIN judges ON judges.id = judge_id WHERE"
                    " ticket_id = ? AND content_hash = ? AND judge = ? AND reason IS NULL",
                    (ticket_id, content, judge),
                ):
                    mark = max(review[-1], verdict[-1])
                    same = newest.get(ticket_id)
                    if (review[4] or not blind) and (same is None or same[0] < mark or same[1] == content):
                        newest[ticket_id] = (mark, content, verdict[:3], review)
            found = await compared(desk, judge, scope=Scope(blind=blind))
            for place, dimension in enumerate(Dimension):
                pairs = [(judged[place], review[place]) for _, _, judged, review in newest.values()]
                assert found.agreements[dimension].table == table_of(pairs)
            kinds = Counter(
                "agreed" if review[3] == "agreed" else "blind" if review[4] else "own"
                for _, _, _, review in newest.values()
            )
            assert (found.agreed, found.own, found.blind) == (kinds["agreed"], kinds["own"], kinds["blind"])
            [[every]] = connection.execute("SELECT count(*) FROM reviews")
            left = found.left_out
            assert left.disputes + left.seen + left.older + left.unread + found.pairs == every
    connection.close()


def _random_scores(random_):
    return Scores(*(random_.randint(1, 5) for _ in range(3)))


# Parties ---------------------------------------------------------------------------------------------


async def test_everybody_who_has_scored_is_known_with_how_much(desk, six):
    assert (await desk.calibration.usual()).judge == OFFLINE
    await desk.judge(LLM, [(1, six[0], Scores(3, 3, 3))])
    await desk.judge(OTHER_PROMPT, [(1, six[0], Scores(3, 3, 3)), (2, six[1], Scores(3, 3, 3))])
    await desk.review(VERA, 1, Scores(3, 3, 3))
    found = [(party.kind, party.name, party.read) for party in await desk.calibration.parties()]
    assert found == [
        (PartyKind.JUDGE, "llm · small · another", 2),
        (PartyKind.JUDGE, "llm · small · rubric", 1),
        (PartyKind.JUDGE, "offline · v1", 6),
        (PartyKind.PEOPLE, "people", 1),
        (PartyKind.PERSON, "vera", 1),
    ]


@pytest.mark.parametrize(
    ("name", "judge"),
    [
        ("offline", OFFLINE),
        ("OFFLINE · V1", OFFLINE),
        ("v1", OFFLINE),
        ("llm", OTHER_PROMPT),  # the newest of its kind
        ("small", OTHER_PROMPT),
        ("llm · small · rubric", LLM),
    ],
)
async def test_judges_are_found_by_name_kind_or_model(desk, six, name, judge):
    await desk.judge(LLM, [(1, six[0], Scores(3, 3, 3))])
    await desk.judge(OTHER_PROMPT, [(1, six[0], Scores(3, 3, 3))])
    assert (await desk.calibration.find(name)).judge == judge


async def test_an_unknown_name_says_who_is_known(desk, six):
    with pytest.raises(NotFoundError, match="Nobody called 'zoe' has scored here") as refused:
        await desk.calibration.find("zoe")
    assert refused.value.hint == "Here are offline · v1, people."


async def test_a_reviewer_called_like_everybody_can_still_be_named(desk, six):
    await desk.people.set_role("people", Role.REVIEWER)
    await desk.review(NAMESAKE, 1, Scores(3, 3, 3))
    assert [party.name for party in await desk.calibration.parties()][1:] == ["people", "people (504)"]
    assert (await desk.calibration.find("people")).kind is PartyKind.PEOPLE
    assert (await desk.calibration.find("people (504)")).uid == 504


async def test_an_empty_workspace_has_nobody_but_people(desk):
    assert [party.name for party in await desk.calibration.parties()] == ["people"]
    assert await desk.calibration.usual() is None


# The golden set --------------------------------------------------------------------------------------


async def test_tickets_are_pinned_unpinned_undone_and_logged(desk, six):
    desk.who = VERA
    done = await desk.calibration.pin([2, 4, 4])
    assert done.words == "pinned 2 tickets to the golden set"
    assert [(each.row.id, each.who, each.scores) for each in await desk.calibration.golden()] == [
        ("T-4", "vera", None),
        ("T-2", "vera", None),
    ]
    with pytest.raises(UsageError, match="pinned already"):
        await desk.calibration.pin([2])
    assert (await desk.calibration.unpin([4, 1])).words == "took desk/T-4 out of the golden set"
    with pytest.raises(UsageError, match="not in the golden set"):
        await desk.calibration.unpin([4])
    await desk.changes.undo()
    await desk.changes.undo()
    assert await desk.calibration.golden() == ()
    await desk.changes.redo()
    assert len(await desk.calibration.golden()) == 2
    assert [entry.action for entry in await desk.people.audit()][:2] == ["redo", "undo"]


async def test_reviewed_tickets_are_pinned_at_once_with_their_scores(desk, six):
    with pytest.raises(UsageError, match="No ticket has a person's scores yet"):
        await desk.calibration.pin_reviewed()
    for row_id in (1, 3):
        await desk.review(VERA, row_id, Scores(row_id, 2, 2))
    await desk.calibration.pin_reviewed()
    assert [(each.row.id, each.scores) for each in await desk.calibration.golden()] == [
        ("T-3", Scores(3, 2, 2)),
        ("T-1", Scores(1, 2, 2)),
    ]


async def test_a_ticket_that_no_judge_may_read_is_not_pinned(desk):
    await desk.add([ticket(1, reply="Done.")])
    with pytest.raises(UsageError, match="cannot be pinned"):
        await desk.calibration.pin([1])


async def test_who_only_reads_pins_and_adopts_nothing(desk, six):
    desk.who = GUEST
    with pytest.raises(ForbiddenError):
        await desk.calibration.pin([1])
    desk.who = VERA
    assert "have them judged" in await desk.calibration.why_not_adopt()
    with pytest.raises(ForbiddenError):
        await desk.calibration.adopt(OFFLINE)
    assert await desk.calibration.golden() == ()


# The adopted judge -----------------------------------------------------------------------------------


async def rows_of(desk: Desk):
    return [(await desk.reports.ticket(row_id)).row for row_id in (1, 2, 3)]


async def test_an_adopted_judge_is_what_views_show_until_it_is_undone(desk, six):
    await desk.judge(LLM, [(n, six[n - 1], Scores(5, 5, 5)) for n in (1, 2)])
    assert [row.tone for row in await rows_of(desk)] == [5, 5, 4]
    desk.who = EMIL
    assert (await desk.calibration.adopt(OFFLINE)).words == "adopted offline · v1"
    assert [row.tone for row in await rows_of(desk)] == [4, 4, 4]
    assert await desk.calibration.adopted() == OFFLINE
    assert [party.name for party in await desk.calibration.parties() if party.adopted] == ["offline · v1"]
    assert (await desk.calibration.usual()).judge == OFFLINE
    await desk.calibration.adopt(LLM)
    assert [row.tone for row in await rows_of(desk)] == [5, 5, 4]  # where it has none, the latest verdict
    await desk.changes.undo()
    assert await desk.calibration.adopted() == OFFLINE
    assert [row.tone for row in await rows_of(desk)] == [4, 4, 4]
    await desk.calibration.adopt(None)
    assert [row.tone for row in await rows_of(desk)] == [5, 5, 4]
    assert await desk.db.check() == []


async def test_a_persons_scores_stay_shown_whichever_judge_is_adopted(desk, six):
    await desk.judge(LLM, [(1, six[0], Scores(5, 5, 5))])
    await desk.review(VERA, 1, Scores(2, 2, 2))
    await desk.calibration.adopt(OFFLINE)
    row = (await desk.reports.ticket(1)).row
    assert row.tone == 2
    assert Flag.REVIEWED in row.flags


async def test_only_a_judge_that_has_read_here_can_be_adopted_and_only_once(desk, six):
    with pytest.raises(UsageError, match="has not read anything here"):
        await desk.calibration.adopt(LLM)
    await desk.calibration.adopt(OFFLINE)
    with pytest.raises(UsageError, match="adopted already"):
        await desk.calibration.adopt(OFFLINE)


# Advice ----------------------------------------------------------------------------------------------


async def test_advice_compares_candidate_and_adopted_judge_on_the_pinned_tickets(desk):
    tickets = several(40)
    await desk.add(tickets)
    right = [Scores(n % 5 + 1, n % 5 + 1, n % 5 + 1) for n in range(40)]
    guess = [Scores(3 + n % 2, 3 + n % 2, 3 + n % 2) for n in range(40)]
    await desk.judge(OFFLINE, [(n, each, guess[n - 1]) for n, each in enumerate(tickets, 1)])
    await desk.judge(LLM, [(n, each, right[n - 1]) for n, each in enumerate(tickets, 1)])
    for row_id in range(1, 41):
        await desk.review(VERA, row_id, right[row_id - 1], blind=True)
    assert (await desk.calibration.advice(LLM)).advice is Advice.TOO_FEW
    await desk.calibration.pin_reviewed()
    alone = await desk.calibration.advice(LLM)
    assert alone.advice is Advice.ADOPT
    assert "llm · small agrees with people beyond chance, and no judge is adopted yet" in alone.reason
    await desk.calibration.adopt(OFFLINE)
    better = await desk.calibration.advice(LLM)
    assert better.advice is Advice.ADOPT
    assert "On 40 pinned tickets" in better.reason
    assert "llm · small agrees clearly more with people than offline · v1" in better.reason
    await desk.calibration.adopt(LLM)
    assert (await desk.calibration.advice(OFFLINE)).advice is Advice.KEEP


async def test_people_are_the_second_party_unless_told_otherwise(desk, six):
    await desk.review(VERA, 1, Scores(4, 4, 4))
    found = await desk.calibration.compare(await desk.calibration.find("offline"))
    assert found.second == PEOPLE
    assert found.scope == Scope()
