"""Facts go in once, come out as they were, and nothing depends on the order or number of imports."""

import asyncio
import itertools
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qatui.domain.conversation import Customer, Event, EventType, Message, Rep, Speaker, Status, Ticket
from qatui.domain.listing import Sort, SortColumn, TicketFilter
from qatui.domain.verdict import Flag
from qatui.errors import NotFoundError
from qatui.store import conversations, prepared, reports, verdicts
from qatui.store.conversations import Saved
from qatui.store.engine import Database
from qatui.text import storable
from tests.services.tickets import ANA, BEN, at, contents, judged, ticket, verdict


async def save(database, *tickets):
    async with database.write() as connection:
        return await conversations.save(connection, tickets)


async def row(database, row_id=1):
    async with database.read() as connection:
        [found] = await reports.rows_by_id(connection, [row_id])
        return found


async def found_by_text(database, text):
    async with database.read() as connection:
        rows = await reports.rows(connection, TicketFilter(text=text), Sort(SortColumn.NAME, False), 0, 50)
        return [found.id for found in rows]


async def test_the_same_conversation_twice_changes_nothing(database, path):
    assert await save(database, ticket(1), ticket(2)) == Saved(new=2)
    before = contents(path)
    assert await save(database, ticket(2), ticket(1)) == Saved(unchanged=2)
    assert contents(path) == before


async def test_of_two_states_in_one_call_the_later_wins(database):
    assert await save(database, ticket(1), ticket(1, subject="Later"), ticket(1, subject="Last")) == Saved(1, 2, 0)
    assert (await row(database)).name == "Last"


async def test_a_changed_conversation_replaces_its_facts_in_every_place(database):
    await save(database, ticket(1, subject="Broken lamp", customer=Customer(name="Zoë")))
    changed = ticket(1, subject="Refund", rep=BEN, channel="chat", tags=("late",), customer=Customer(name="Marta"))
    assert await save(database, changed) == Saved(changed=1)
    async with database.read() as connection:
        assert await conversations.load(connection, [1]) == [changed]
    shown = await row(database)
    assert (shown.name, shown.rep, shown.team, shown.channel) == ("Refund", "Ben Osei", "Billing", "chat")
    assert await found_by_text(database, "lamp") == []
    assert await found_by_text(database, "zoe") == []
    assert await found_by_text(database, "refund mar") == ["T-1"]
    assert await database.check() == []


async def test_a_changed_conversation_waits_for_a_judge_and_its_history_stays(database):
    first, second = ticket(1), ticket(1, reply="Quite another reply, long enough for a judge to read it through.")
    await save(database, first)
    async with database.write() as connection:
        await verdicts.record(connection, [(1, judged(first, verdict(), when=at(1)))])
    await save(database, second)
    assert str((await row(database)).unscored) == "waiting"
    async with database.read() as connection:
        assert await verdicts.latest_of(connection, [1]) == {}
        assert len(await verdicts.history(connection, 1)) == 1
    await save(database, first)  # what was judged before is known again
    assert (await row(database)).tone == 4
    assert await database.check() == []


async def test_a_change_that_no_judge_reads_keeps_the_scores(database):
    await save(database, ticket(1))
    async with database.write() as connection:
        await verdicts.record(connection, [(1, judged(ticket(1), verdict(flags=frozenset({Flag.UNSURE}))))])
    await save(database, ticket(1, subject="Now with a subject", tags=("new",)))
    shown = await row(database)
    assert (shown.name, shown.tone, shown.flags) == ("Now with a subject", 4, {Flag.UNSURE})


async def test_a_ticket_that_may_not_be_judged_shows_why_whatever_a_judge_said(database):
    await save(database, ticket(1))
    async with database.write() as connection:
        await verdicts.record(connection, [(1, judged(ticket(1), verdict()))])
    await save(database, ticket(1, spam=True))
    shown = await row(database)
    assert (str(shown.unscored), shown.tone) == ("spam", None)
    async with database.read() as connection:
        assert await verdicts.latest_of(connection, [1]) == {}
    await save(database, ticket(1))
    assert (await row(database)).tone == 4


async def test_marks_from_the_facts(database):
    several = (*ticket(1).messages, Message("m3", Speaker.REP, "I take over from here.", at(0), BEN))
    reopened = (Event(EventType.CLOSED, at(0)), Event(EventType.REOPENED, at(1)), Event(EventType.CLOSED, at(2)))
    await save(database, ticket(1, messages=several), ticket(2, events=reopened), ticket(3))
    assert [(await row(database, number)).flags for number in (1, 2, 3)] == [
        {Flag.SEVERAL_REPS},
        {Flag.REOPENED},
        frozenset(),
    ]


async def test_who_is_not_named_is_unknown_and_nobody_is_no_rep(database):
    await save(
        database, ticket(1, messages=ticket(1).messages[:1]), ticket(2, rep=None), ticket(3, rep=Rep("r9", "Io"))
    )
    rows = [await row(database, number) for number in (1, 2, 3)]
    assert [(shown.rep, shown.rep_key, shown.team) for shown in rows] == [
        ("No rep", None, "No team"),
        ("Unknown rep", None, "No team"),
        ("Io", "desk/r9", "No team"),
    ]


async def test_plain_conversations_are_stored_as_any_others(database, path, monkeypatch):
    """What SQLite makes of a wide row is what was worked out row by row, whatever was stored before."""
    talk = ticket(1).messages
    private = (*talk, Message("m3", Speaker.REP, "Mind the courier.", at(-0.5), ANA, private=True))
    plain = [
        ticket(1),
        ticket(2, rep=None, channel=None),
        ticket(3, messages=talk[:1], channel="chat"),
        ticket(4, rep=Rep("r4", "Io", ""), source="shop", customer=None, tags=("late",), url="https://shop.example"),
    ]
    others = [ticket(1, messages=private), ticket(2, closed=None, status=Status.OPEN), ticket(5, closed=at(90))]
    turns = [plain, [*others, *plain[2:]], plain[::-1]]
    monkeypatch.setattr(prepared, "plain_since", lambda ticket: None)
    careful = await Database.open(path.with_name("careful.db"))
    for states in turns:
        await save(careful, *states)
    monkeypatch.undo()
    for states in turns:
        await save(database, *states)
        assert await database.check() == []
    assert [prepared.prepare(each).performed is None for each in (*plain, *others)] == [True] * 4 + [False] * 3
    assert await careful.check() == []
    await careful.close()
    assert contents(careful.path) == contents(path)


# Reps who are renamed or move ----------------------------------------------------------------------------


MOVES = (
    ticket(1, rep=Rep("r1", "Ana", "Deliveries"), replied=at(1)),
    ticket(2, rep=Rep("r1", "Ana Pires", "Billing"), replied=at(3)),
    ticket(3, rep=Rep("r1", "A. Pires", "Technical"), replied=at(2)),
    ticket(4, rep=Rep("r1", "r1", None), replied=at(4)),  # a message that gives the id alone
)


@pytest.mark.parametrize("order", itertools.permutations(range(4)))
async def test_name_and_team_are_those_of_the_latest_message_in_any_order_of_import(database, order):
    for place in order:
        await save(database, MOVES[place])
    rows = [await row(database, number) for number in (1, 2, 3, 4)]
    assert {(shown.rep, shown.team) for shown in rows} == {("Ana Pires", "Billing")}
    assert await database.check() == []


async def test_a_move_that_is_taken_back_is_forgotten(database, path):
    await save(database, MOVES[0], MOVES[1])
    await save(database, ticket(2, rep=BEN))
    assert (await row(database)).team == "Deliveries"
    other = path.with_name("other.db")
    fresh = await Database.open(other)
    await save(fresh, MOVES[0], ticket(2, rep=BEN))
    await fresh.close()
    assert contents(path) == contents(other)


async def test_reps_of_two_sources_with_the_same_id_are_two_people(database):
    await save(database, ticket(1), ticket(1, source="shop", rep=Rep("r1", "Uma", "Shop")))
    assert [(await row(database, number)).rep for number in (1, 2)] == ["Ana Pires", "Uma"]


# Names ----------------------------------------------------------------------------------------------------


async def test_find_by_id_and_by_source_and_id(database):
    await save(database, ticket(1), ticket(2), ticket(2, source="shop"), ticket("a/b"), ticket("b", source="desk/T-a"))
    async with database.read() as connection:
        assert await conversations.find(connection, "T-1") == 1
        assert await conversations.find(connection, "desk/T-1") == 1
        assert await conversations.find(connection, "shop/T-2") == 3
        assert await conversations.find(connection, "T-a/b") == 4
        with pytest.raises(NotFoundError, match="desk/T-2, shop/T-2"):
            await conversations.find(connection, "T-2")
        for absent in ("T-9", "desk/T-9", "", "/", "%", "shop/"):
            with pytest.raises(NotFoundError):
                await conversations.find(connection, absent)


async def test_a_ticket_that_is_gone_is_not_found(database):
    async with database.read() as connection:
        with pytest.raises(NotFoundError):
            await conversations.load(connection, [7])


# Any facts ------------------------------------------------------------------------------------------------


texts = st.text(st.characters(), max_size=12).map(storable)
names = texts.filter(bool)
times = st.none() | st.floats(-400_000, 600_000).map(at)
strings = st.none() | st.lists(texts, max_size=2).map(tuple)
people = st.builds(Rep, st.sampled_from("ab"), names, st.none() | names)
messages = st.lists(
    st.builds(
        Message,
        names,
        st.sampled_from(Speaker),
        texts,
        at=times,
        author=st.none() | people,
        private=st.booleans(),
        sources=strings,
        actions=strings,
    ),
    max_size=4,
).map(tuple)
events = st.lists(
    st.builds(Event, st.sampled_from(EventType), times, *[st.none() | texts] * 5),
    max_size=3,
).map(tuple)
anything = st.builds(
    Ticket,
    source=st.sampled_from(["desk", "shop"]),
    id=st.sampled_from(["1", "2", "3"]),
    messages=messages,
    events=events,
    subject=st.none() | texts,
    url=st.none() | texts,
    channel=st.none() | texts,
    status=st.sampled_from(Status),
    opened_at=times,
    closed_at=times,
    customer=st.none() | st.builds(Customer, st.none() | names, names),
    tags=st.lists(texts, max_size=2).map(tuple),
    spam=st.booleans(),
    outbound=st.booleans(),
)


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    """The file of a new workspace, to be copied: quicker than making its tables each time."""
    path = tmp_path_factory.mktemp("empty") / "w.db"

    async def make():
        await (await Database.open(path)).close()

    asyncio.run(make())
    return path


def in_copy(empty, work):
    """Run `work(database)` on a fresh copy; what it gives, and what is stored then."""

    async def run(path):
        database = await Database.open(path)
        try:
            return await work(database)
        finally:
            await database.close()

    with tempfile.TemporaryDirectory() as directory:
        path = Path(shutil.copy(empty, directory))
        result = asyncio.run(run(path))
        return result, contents(path)


@settings(max_examples=30, deadline=None)
@given(st.lists(anything, min_size=1, max_size=6), st.data())
def test_what_is_stored_depends_on_the_last_state_of_each_conversation_alone(empty, states, data):
    cuts = data.draw(st.lists(st.integers(0, len(states)), max_size=3).map(sorted))

    async def in_pieces(database):
        for start, end in itertools.pairwise([0, *cuts, len(states)]):
            await save(database, *states[start:end])
        await save(database, *states[-1:])
        return await database.check()

    last = {(state.source, state.id): state for state in states}

    async def at_once(database):
        await save(database, *last.values())
        async with database.read() as connection:
            return await conversations.load(connection, range(1, len(last) + 1))

    problems, pieces = in_copy(empty, in_pieces)
    loaded, whole = in_copy(empty, at_once)
    assert problems == []
    assert pieces == whole
    assert loaded == list(last.values())
