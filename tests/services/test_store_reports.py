"""Lists and reports against the same questions answered in plain Python over all rows."""

import asyncio
import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qatui.domain.conversation import Customer, Event, EventType, Rep, Status
from qatui.domain.listing import Sort, SortColumn, TicketFilter
from qatui.domain.metrics import TREND_WEEKS, Tally
from qatui.domain.rubric import Dimension
from qatui.domain.verdict import Flag, Reason, Unscored
from qatui.domain.weeks import Week
from qatui.errors import NotFoundError
from qatui.store import conversations, reports, verdicts
from qatui.store.engine import Database
from tests.services.tickets import at, judged, ticket, verdict

BERLIN = ZoneInfo("Europe/Berlin")
EVERYTHING = TicketFilter()
UNSURE = frozenset({Flag.UNSURE})
REPS = (
    Rep("r1", "Ana Pires", "Deliveries"),
    Rep("r2", "ben osei", "Billing"),
    Rep("r3", "Çelik", None),
    Rep("r4", "Ana Pires", "Billing"),
    None,
)
SUBJECTS = ("Broken lamp", "broken Lamp again", "Refund, please!", "Élan delivery", "OR AND NOT", 'a "quoted" one', "")


def some_tickets(dice: random.Random, count: int):
    for number in range(count):
        closed = datetime(2026, 3, 20, tzinfo=UTC) + timedelta(hours=dice.randrange(0, 700, 5))
        yield ticket(
            number,
            source=dice.choice(("desk", "shop")),
            rep=dice.choice(REPS),
            reply="Ok." if dice.random() < 0.1 else "We are sorry, and will send you a new one tomorrow morning.",
            closed=None if dice.random() < 0.1 else closed,
            status=Status.OPEN if dice.random() < 0.1 else Status.CLOSED,
            events=(Event(EventType.REOPENED),) if dice.random() < 0.2 else (),
            channel=dice.choice(("chat", "email", None)),
            subject=dice.choice(SUBJECTS),
            customer=Customer(f"c-{number % 7}", dice.choice(("Zoë Ek", "Li Wen", None))),
        )


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A workspace of 90 tickets, most of them judged, and these tickets by row id."""
    dice = random.Random(4)
    path = tmp_path_factory.mktemp("reports") / "w.db"
    tickets = dict(enumerate(some_tickets(dice, 90), start=1))

    async def build():
        database = await Database.open(path)
        async with database.write() as connection:
            await conversations.save(connection, list(tickets.values()))
            for row_id, each in tickets.items():
                outcome = verdict(*(dice.randint(1, 5) for _ in range(3)), flags=dice.choice((UNSURE, frozenset())))
                if dice.random() < 0.1:
                    outcome = Unscored(Reason.JUDGE_FAILED, dice.choice(("slow", "rude")))
                if dice.random() < 0.8:
                    await verdicts.record(connection, [(row_id, judged(each, outcome))])
        await database.close()

    asyncio.run(build())
    return path, tickets


class World:
    """The database, every row of its list, and every ticket by row id."""

    def __init__(self, database, rows, tickets):
        self.database = database
        self.rows = rows
        self.tickets = tickets

    def __iter__(self):
        return iter((self.database, self.rows, self.tickets))


@pytest.fixture
async def world(built):
    path, tickets = built
    database = await Database.open(path)
    async with database.read() as connection:
        rows = await reports.rows_by_id(connection, list(tickets))
    yield World(database, rows, tickets)
    await database.close()


# The same in Python ---------------------------------------------------------------------------------------


def fits(row, of, where: TicketFilter) -> bool:
    words = " ".join(part for part in (row.name, of.id, of.customer.id, of.customer.name) if part)
    known = folded(words).split()
    return all(
        (
            all(any(word.startswith(wanted) for word in known) for wanted in folded(where.text).split()),
            where.rep is None or where.rep == row.rep_key or where.rep.casefold() == row.rep.casefold(),
            where.team is None or where.team == row.team,
            where.channel is None or where.channel == row.channel,
            where.source is None or where.source == row.source,
            where.since is None or (row.closed_at is not None and row.closed_at >= where.since),
            where.until is None or (row.closed_at is not None and row.closed_at < where.until),
            where.flags <= row.flags,
            where.scored is None or where.scored == (row.unscored is None),
            where.reason is None or (row.unscored is not None and row.unscored.reason == where.reason),
            *(
                bounds is None or (row.value(dimension) is not None and bounds[0] <= row.value(dimension) <= bounds[1])
                for dimension, bounds in zip(Dimension, (where.tone, where.clarity, where.empathy), strict=True)
            ),
        )
    )


def folded(text: str) -> str:
    plain = text.casefold().translate(str.maketrans("éëç", "eec"))
    return "".join(letter if letter.isalnum() else " " for letter in plain)


def value(row, column: SortColumn):
    if column is SortColumn.CLOSED:
        return row.closed_at
    if column is SortColumn.OVERALL:
        return None if row.tone is None else row.tone + row.clarity + row.empathy
    found = getattr(row, column.value)
    return ascii_lower(found) if isinstance(found, str) else found


def ascii_lower(text: str) -> str:
    return "".join(letter.lower() if letter.isascii() else letter for letter in text)


def ordered(rows, sort: Sort):
    known = [row for row in rows if value(row, sort.column) is not None]
    unknown = [row for row in rows if value(row, sort.column) is None]
    known.sort(key=lambda row: (value(row, sort.column), row.row_id), reverse=sort.descending)
    unknown.sort(key=lambda row: row.row_id, reverse=sort.descending)
    return [*known, *unknown]


scores = st.none() | st.tuples(st.integers(1, 5), st.integers(1, 5))
times = st.none() | st.floats(-150, 900).map(at)
filters = st.builds(
    TicketFilter,
    text=st.sampled_from(["", "", "lamp", "BROK la", "elan", "zoe", "zo li", "nobody", "or", '"quoted', "a*"]),
    rep=st.sampled_from([None, None, "Ana Pires", "BEN OSEI", "çelik", "desk/r1", "Unknown rep", "no rep", "nobody"]),
    team=st.sampled_from([None, None, "Billing", "No team", "nowhere"]),
    channel=st.sampled_from([None, None, "chat", "fax"]),
    source=st.sampled_from([None, None, "shop"]),
    tone=scores,
    clarity=st.none(),
    empathy=scores,
    since=times,
    until=times,
    flags=st.sampled_from(
        [frozenset(), frozenset(), frozenset({Flag.REOPENED}), frozenset({Flag.UNSURE, Flag.REOPENED})]
    ),
    scored=st.sampled_from([None, None, True, False]),
    reason=st.sampled_from([None, None, None, "waiting", "judge_failed"]),
)
sorts = st.builds(Sort, st.sampled_from(SortColumn), st.booleans())
by_example = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@by_example
@given(where=filters, sort=sorts, near=st.sampled_from([0, 10, 10_000]), page=st.integers(1, 40))
async def test_counts_pages_and_places_are_those_of_all_rows_sorted(world, monkeypatch, where, sort, near, page):
    database, rows, tickets = world
    monkeypatch.setattr(reports, "NEAR", near)  # from the front, and past the middle from the end
    expected = ordered([row for row in rows if fits(row, tickets[row.row_id], where)], sort)
    async with database.read() as connection:
        counts = await reports.counts(connection, where)
        paged = []
        for offset in range(0, len(expected) + page, page):
            paged += await reports.rows(connection, where, sort, offset, page)
        places = [await reports.position(connection, where, sort, row.row_id) for row in expected[::7]]
        left_out = next((row for row in rows if row not in expected), None)
        absent = left_out and await reports.position(connection, where, sort, left_out.row_id)
        unscored = await reports.unscored(connection, where)
    assert [row.row_id for row in paged] == [row.row_id for row in expected]
    assert paged == expected
    assert counts.total == len(expected)
    assert counts.unscored == unscored == Counter(str(row.unscored.reason) for row in expected if row.unscored)
    assert places == list(range(0, len(expected), 7))
    assert absent is None


@by_example
@given(where=filters)
async def test_sums_per_rep_and_week_are_those_of_all_rows(world, where):
    database, rows, tickets = world
    async with database.read() as connection:
        summaries = await reports.by_rep(connection, where, BERLIN)
        distributions = await reports.distributions(connection, where)
    chosen = [row for row in rows if row.unscored is None and fits(row, tickets[row.row_id], where)]
    whole, weekly = {}, {}
    for row in chosen:
        who = (row.rep, row.rep_key, row.team)
        tally = Tally.of(row.tone, row.clarity, row.empathy)
        whole[who] = whole.get(who, Tally()) + tally
        if row.closed_at:
            week = (who, str(Week.of(row.closed_at, BERLIN).monday))
            weekly[week] = weekly.get(week, Tally()) + tally
    shown = sorted({monday for _, monday in weekly}, reverse=True)
    oldest = str(date.fromisoformat(shown[0]) - timedelta(weeks=TREND_WEEKS - 1)) if shown else ""
    weekly = {(who, monday): tally for (who, monday), tally in weekly.items() if monday >= oldest}
    assert {(each.rep, each.key, each.team): each.tally for each in summaries} == whole
    assert {((s.rep, s.key, s.team), monday): tally for s in summaries for monday, tally in s.weekly} == weekly
    assert all(list(each.weekly) == sorted(each.weekly, key=lambda week: week[0]) for each in summaries)
    for dimension in Dimension:
        scored = Counter(row.value(dimension) for row in chosen)
        assert distributions[dimension] == tuple(scored[score] for score in range(1, 6))


async def test_the_words_that_lowered_scores_most_often(world):
    database, rows, _ = world
    async with database.read() as connection:
        counted = await reports.cue_counts(connection, TicketFilter(scored=True), 10)
        first = await reports.cue_counts(connection, TicketFilter(scored=True), 1)
    expected = {
        (dimension, "a short reply", sum(1 for row in rows if (row.value(dimension) or 5) < 3))
        for dimension in Dimension
    }
    assert set(counted) == expected
    assert first == [max(counted, key=lambda each: each[2])]


async def test_choices_and_span_are_what_occurs(world):
    database, rows, _ = world
    async with database.read() as connection:
        choices = await reports.choices(connection)
        span = await reports.span(connection)
    assert {(each.name, each.key) for each in choices.reps} == {(row.rep, row.rep_key or row.rep) for row in rows}
    assert [each.name for each in choices.reps] == sorted((each.name for each in choices.reps), key=str.casefold)
    assert set(choices.teams) == {row.team for row in rows}
    assert choices.channels == ("chat", "email")
    assert choices.sources == ("desk", "shop")
    assert set(choices.reasons) == {str(row.unscored.reason) for row in rows if row.unscored}
    closed = [row.closed_at for row in rows if row.closed_at]
    assert span == (min(closed), max(closed))


@pytest.mark.parametrize(
    ("typed", "meant"), [("ana", "Ana Pires"), ("Ben", "ben osei"), ("ç", "Çelik"), ("unk", "Unknown rep"), ("", None)]
)
async def test_the_beginning_of_one_name_names_a_rep(world, typed, meant):
    database, rows, _ = world
    async with database.read() as connection:
        counts = await reports.counts(connection, TicketFilter(rep=typed))
    assert counts.total == sum(row.rep == meant for row in rows)


async def test_the_beginning_of_several_names_is_nobodys_and_a_whole_name_is_never_one(database):
    named = (Rep("a", "Ann", None), Rep("b", "Anna", None), Rep("c", "Anne", None))
    async with database.write() as connection:
        await conversations.save(connection, [ticket(number, rep=rep) for number, rep in enumerate(named)])
    async with database.read() as connection:
        counts = [(await reports.counts(connection, TicketFilter(rep=typed))).total for typed in ("an", "ANN", "anna")]
    assert counts == [0, 1, 1]


@pytest.mark.parametrize(
    "text", ['"', "'", "*", "(", ")", "AND", "NEAR(", "a OR b", "name:x", "^a", "-", "!!!", "\0", "🙂"]
)
async def test_what_a_person_types_is_never_syntax(world, text):
    database, _, _ = world
    async with database.read() as connection:
        counts = await reports.counts(connection, TicketFilter(text=text))
    if not any(letter.isalnum() for letter in text):
        assert counts.total == 0  # no ticket has a word '!!!'


async def test_an_empty_workspace_has_answers_too(database):
    async with database.read() as connection:
        assert (await reports.counts(connection, EVERYTHING)).total == 0
        assert await reports.rows(connection, EVERYTHING, Sort(), 0, 10) == []
        assert await reports.rows(connection, EVERYTHING, Sort(), 5000, 10) == []
        assert await reports.by_rep(connection, EVERYTHING, BERLIN) == []
        assert await reports.span(connection) == (None, None)
        assert (await reports.choices(connection)).reps == ()
        assert await reports.cue_counts(connection, EVERYTHING, 5) == []
        assert await reports.position(connection, EVERYTHING, Sort(), 1) is None
        with pytest.raises(NotFoundError):
            await reports.rows_by_id(connection, [1])


async def test_weeks_end_where_the_clock_of_the_zone_says(database):
    # Clocks in Berlin go forward on 29 March 2026: the Monday after begins at 22:00 UTC, the one before at 23:00.
    moments = ["2026-03-22T22:59:59", "2026-03-22T23:00:00", "2026-03-29T21:59:59", "2026-03-29T22:00:00"]
    tickets = [
        ticket(number, closed=datetime.fromisoformat(moment).replace(tzinfo=UTC))
        for number, moment in enumerate(moments)
    ]
    async with database.write() as connection:
        await conversations.save(connection, tickets)
        await verdicts.record(
            connection, [(number + 1, judged(each, verdict())) for number, each in enumerate(tickets)]
        )
    async with database.read() as connection:
        [summary] = await reports.by_rep(connection, EVERYTHING, BERLIN)
    assert [(monday, tally.tickets) for monday, tally in summary.weekly] == [
        ("2026-03-16", 1),
        ("2026-03-23", 2),
        ("2026-03-30", 1),
    ]
