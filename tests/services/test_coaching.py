"""Coaching packs over a workspace on a real file: what they count, quote, compare and refuse."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from qatui.config import Settings
from qatui.domain.coaching import TOPICS, Pack
from qatui.domain.conversation import Rep, Speaker
from qatui.domain.listing import Sort, TicketFilter
from qatui.domain.metrics import Tally
from qatui.domain.people import Account
from qatui.domain.review import Scores
from qatui.domain.rubric import Dimension
from qatui.domain.verdict import Flag, JudgeIdentity, Reason, Unscored, Verdict, responding
from qatui.errors import NotFoundError, UsageError
from qatui.services.demo import ensure_demo
from qatui.services.scoring.offline.judge import OfflineJudge
from qatui.services.scoring.offline.marks import MARKS, PLAIN
from qatui.services.scoring.offline.phrases import MARK, PHRASES
from qatui.services.workspace import Workspace, open_workspace
from qatui.store import conversations, verdicts
from tests.services.tickets import ANA, BEN, LLM, OFFLINE, START, judged, ticket, verdict

NOW = datetime(2026, 3, 5, 10, tzinfo=UTC)
DAY = timedelta(days=1)
OLGA = Account(os.getuid(), "olga")
TEAMMATE = Rep("r3", "Cleo Park", "Deliveries")
NAMESAKE = Rep("r4", "ana pires", "Billing")
SILENT = Rep("r5", "Dan Roe", "Deliveries")


@asynccontextmanager
async def workspace_at(path: Path, now: datetime = NOW) -> AsyncIterator[Workspace]:
    settings = Settings(db=str(path), timezone="UTC")
    async with open_workspace(settings, clock=lambda: now, account=lambda: OLGA) as workspace:
        yield workspace


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample workspace as it is at NOW."""
    path = tmp_path_factory.mktemp("coaching") / "sample.db"
    asyncio.run(ensure_demo(Settings(db=str(path), timezone="UTC"), fresh=True, now=NOW))
    return path


@pytest.fixture
async def demo(sample: Path) -> AsyncIterator[Workspace]:
    async with workspace_at(sample) as workspace:
        yield workspace


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Workspace]:
    async with workspace_at(tmp_path / "w.db") as workspace:
        yield workspace


async def add(workspace: Workspace, number: int, scores, rep=ANA, days=1.0, judge: JudgeIdentity = OFFLINE, **other):
    """A ticket closed so many days before NOW and judged so; its row id."""
    made = ticket(number, rep=rep, closed=NOW - days * DAY, **other)
    async with workspace._db.write() as connection:
        await conversations.save(connection, [made])
        row_id = await conversations.find(connection, made.key)
        outcome = scores if isinstance(scores, Unscored) else verdict(*scores)
        await verdicts.record(connection, [(row_id, judged(made, outcome, judge=judge))])
    return row_id


REPS = ("Greta Hollis", "Priya Nair", "Tobias Lindqvist", "Ilse Vermeer", "Declan Byrne", "Robin Castellan")


# Against the sample ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", REPS)
async def test_figures_are_those_of_the_reps_report(demo: Workspace, name: str) -> None:
    pack = await demo.coaching.pack(name, period="90d")
    assert pack.since is not None
    report = await demo.reports.reps(TicketFilter(since=pack.since))
    [team] = [team for team in report.teams if team.team == pack.rep.team]
    [rep] = [rep for rep in team.reps if rep.rep == name]
    assert pack.tally == rep.tally
    everybody = team.tally if team.team != "No team" else report.tally
    assert pack.others + pack.tally == everybody
    assert sum((tally for _, tally in pack.weeks), Tally()) == pack.tally
    assert [sum(pack.distributions[d]) for d in Dimension] == [pack.tally.tickets] * 3
    assert sum((tally for _, tally in pack.judges), pack.people) == pack.tally


@pytest.mark.parametrize("name", REPS)
async def test_every_quote_is_a_verbatim_span_and_those_of_patterns_are_the_reps_own(
    demo: Workspace, name: str
) -> None:
    pack = await demo.coaching.pack(name)
    of_patterns = [quote for each in (*pack.strengths, *pack.weaknesses) for quote in each.quotes]
    of_examples = [quote for each in (*pack.exemplary, *pack.difficult) for quote in each.quotes]
    assert of_examples
    for quote in (*of_patterns, *of_examples):
        view = await demo.reports.ticket(quote.row_id)
        assert quote.text == quote.evidence.quote(view.ticket)
        assert quote.text.strip()
        assert (quote.ticket, quote.at) == (view.ticket.key, view.row.closed_at)
    for quote in of_patterns:
        view = await demo.reports.ticket(quote.row_id)
        who = responding(view.ticket)
        assert who is not None
        assert who.rep is not None
        assert who.rep.name == name
        assert quote.evidence.position in who.positions
        assert quote.speaker is Speaker.REP


async def counted(workspace: Workspace, pack: Pack, words: str, direction: int) -> int:
    """Tickets of the pack's rep with a cue, by reading every verdict."""
    where = TicketFilter(rep=pack.rep.key, since=pack.since, scored=True)
    found = 0
    async for view in workspace.reports.walk(where, Sort()):
        assert view.judgement is not None
        assert isinstance(view.judgement.outcome, Verdict)
        scores = [score for _, score in view.judgement.outcome.scores()]
        cues = [cue for score in scores for cue in score.explanation.cues]
        found += any(cue.words == words and cue.direction == direction for cue in cues)
    return found


@pytest.mark.parametrize("name", REPS)
async def test_patterns_are_counted_in_tickets(demo: Workspace, name: str) -> None:
    pack = await demo.coaching.pack(name, period="90d")
    for found, direction in ((pack.strengths, 1), (pack.weaknesses, -1)):
        for pattern in found:
            assert pattern.tickets == await counted(demo, pack, pattern.trait.words, direction) >= 2
        assert [each.tickets for each in found] == sorted((each.tickets for each in found), reverse=True)


async def test_a_mark_is_shown_by_a_sentence_that_bears_it(demo: Workspace) -> None:
    found = []
    for name in REPS:
        pack = await demo.coaching.pack(name, period="all")
        for pattern in (*pack.strengths, *pack.weaknesses):
            mark = pattern.trait.name
            if mark.startswith(MARK) and pattern.trait.words == PHRASES[mark].there:
                assert pattern.shown
                found += [(mark.removeprefix(MARK), quote) for quote in pattern.quotes]
    assert len({mark for mark, _ in found}) > 1
    for mark, quote in found:
        told = (await demo.reports.ticket(quote.row_id)).ticket
        who = responding(told)
        assert who is not None
        script, marked = OfflineJudge.load().marked(told, who)
        where = (quote.evidence.position, quote.evidence.start)
        [at] = [n for n, one in enumerate(script.rep) if one.position == where[0] and one.start <= where[1] < one.end]
        assert marked.rep[at, MARKS.index(mark)] >= PLAIN


async def test_a_quote_that_shows_a_trait_holds_it_and_stands_once_in_a_pack(demo: Workspace) -> None:
    pack = await demo.coaching.pack("Tobias Lindqvist")
    [time_frame] = [each for each in pack.strengths if each.trait.name == "time_frame"]
    assert time_frame.shown
    assert all("day" in quote.text or "month" in quote.text for quote in time_frame.quotes)
    [missing] = [each for each in pack.weaknesses if each.trait.words == "never thanks the customer"]
    assert not missing.shown
    spans = [(quote.row_id, quote.evidence) for each in (*pack.strengths, *pack.weaknesses) for quote in each.quotes]
    assert len(spans) == len(set(spans))


async def test_topics_are_the_help_desks_tags(demo: Workspace) -> None:
    pack = await demo.coaching.pack("Yuki Tanabe")
    tags: dict[str, int] = {}
    async for view in demo.reports.walk(TicketFilter(rep="Yuki Tanabe", scored=True), Sort()):
        for tag in view.ticket.tags:
            tags[tag] = tags.get(tag, 0) + 1
    assert {name: tally.tickets for name, tally in pack.topics}.items() <= tags.items()
    assert len(pack.topics) == min(TOPICS, len(tags))
    assert pack.tagged <= pack.tally.tickets


async def test_the_same_workspace_gives_the_same_pack(demo: Workspace) -> None:
    assert await demo.coaching.pack("Greta Hollis") == await demo.coaching.pack("greta hollis")


async def test_the_pack_is_narrowed_as_the_list_is(demo: Workspace) -> None:
    pack = await demo.coaching.pack("Greta Hollis", TicketFilter(channel="email"))
    assert pack.narrowed == "channel:email"
    assert [name for name, _ in pack.channels] == ["email"]
    assert all(example.row.channel == "email" for example in (*pack.exemplary, *pack.difficult))


# Hand-made ------------------------------------------------------------------------------------------


async def test_the_period_before_is_as_long_and_ends_where_this_one_begins(desk: Workspace) -> None:
    await add(desk, 1, (5, 5, 5), days=3)
    await add(desk, 2, (3, 3, 3), days=12)
    await add(desk, 3, (2, 2, 2), days=19.9)
    await add(desk, 4, (1, 1, 1), days=20.1)
    pack = await desk.coaching.pack("Ana Pires", TicketFilter(since=NOW - 10 * DAY))
    assert (pack.tally, pack.before) == (Tally.of(5, 5, 5), Tally.of(3, 3, 3) + Tally.of(2, 2, 2))
    everything = await desk.coaching.pack("Ana Pires")
    assert (everything.tally.tickets, everything.before) == (4, None)


async def test_a_usual_period_without_scores_becomes_all_time_and_chosen_dates_do_not(desk: Workspace) -> None:
    await add(desk, 1, (4, 4, 4), days=200)
    pack = await desk.coaching.pack("Ana Pires", period="90d")
    assert (pack.widened, pack.since, pack.tally.tickets) == (True, None, 1)
    with pytest.raises(NotFoundError, match="no scored ticket in this period") as caught:
        await desk.coaching.pack("Ana Pires", TicketFilter(since=NOW - DAY), period="90d")
    assert "1 scored ticket in all" in caught.value.hint


async def test_the_team_is_compared_without_the_rep(desk: Workspace) -> None:
    await add(desk, 1, (5, 5, 5))
    await add(desk, 2, (3, 3, 3), TEAMMATE)
    await add(desk, 3, (1, 1, 1), BEN)
    await add(desk, 4, (2, 2, 2), None)
    assert (await desk.coaching.pack("Ana Pires")).others == Tally.of(3, 3, 3)
    assert (await desk.coaching.pack("Ben Osei")).others == Tally()


async def test_a_persons_scores_are_shown_and_their_words_stand_in_the_pack(desk: Workspace) -> None:
    rows = [await add(desk, number, (4, 4, 2), days=number) for number in (1, 2)]
    await desk.reviews.score(rows[0], Scores(4, 4, 5), "the call before this ticket is in the notes")
    pack = await desk.coaching.pack("Ana Pires")
    assert pack.tally == Tally.of(4, 4, 5) + Tally.of(4, 4, 2)
    assert (pack.people, pack.judges) == (Tally.of(4, 4, 5), (("offline · v1", Tally.of(4, 4, 2)),))
    assert pack.set_aside == 1
    assert "a short reply" not in [each.trait.words for each in pack.weaknesses]  # one ticket of the judge is left
    [best] = pack.exemplary
    assert Flag.REVIEWED in best.row.flags
    assert [(review.who, review.comment[:8]) for review in best.reviews] == [("olga", "the call")]


async def test_a_disputed_ticket_is_no_example_and_proves_nothing(desk: Workspace) -> None:
    rows = [await add(desk, number, (4, 4, 1), days=number) for number in (1, 2)]
    await desk.reviews.dispute(rows[0], "the customer meant another shop")
    pack = await desk.coaching.pack("Ana Pires")
    assert pack.set_aside == 1
    assert pack.weaknesses == ()
    assert [example.row.row_id for example in (*pack.exemplary, *pack.difficult)] == [rows[1]]


async def test_judges_are_told_apart_by_rubric_where_their_names_are_alike(desk: Workspace) -> None:
    await add(desk, 1, (4, 4, 4))
    await add(desk, 2, (3, 3, 3), judge=LLM)
    await add(desk, 3, (2, 2, 2), judge=replace(OFFLINE, rubric="older"))
    pack = await desk.coaching.pack("Ana Pires")
    assert [name for name, _ in pack.judges] == [
        "llm · small",
        "offline · v1 · rubric older",
        "offline · v1 · rubric rubric",
    ]
    only = await desk.coaching.pack("Ana Pires", TicketFilter(judge="llm"))
    assert (only.tally, only.narrowed) == (Tally.of(3, 3, 3), "judge:llm")


async def test_unscored_tickets_are_counted_apart(desk: Workspace) -> None:
    await add(desk, 1, (4, 4, 4))
    await add(desk, 2, Unscored(Reason.JUDGE_FAILED, "slow"))
    pack = await desk.coaching.pack("Ana Pires")
    assert (pack.tally.tickets, pack.unscored) == (1, {"judge_failed": 1})


async def test_weeks_run_to_the_end_of_the_period_and_name_their_gaps(desk: Workspace) -> None:
    await add(desk, 1, (4, 4, 4), days=10)
    pack = await desk.coaching.pack("Ana Pires", TicketFilter(since=NOW - 20 * DAY))
    assert [(week.label, tally.tickets) for week, tally in pack.weeks] == [
        ("2026-W07", 0), ("2026-W08", 0), ("2026-W09", 1), ("2026-W10", 0),
    ]  # fmt: skip
    monday = datetime(2026, 3, 2, tzinfo=UTC)  # the first instant that does not count any more
    pack = await desk.coaching.pack("Ana Pires", TicketFilter(since=NOW - 20 * DAY, until=monday))
    assert pack.weeks[-1][0].label == "2026-W09"


async def test_all_time_takes_in_tickets_that_closed_nobody_knows_when(desk: Workspace) -> None:
    made = ticket(1, closed=None, events=())
    async with desk._db.write() as connection:
        await conversations.save(connection, [made])
        await verdicts.record(connection, [(1, judged(made, verdict(4, 4, 4)))])
    pack = await desk.coaching.pack("Ana Pires")
    assert (pack.tally, pack.weeks, pack.first) == (Tally.of(4, 4, 4), (), None)


# Who -------------------------------------------------------------------------------------------------


async def test_a_name_that_fits_several_wants_the_key(desk: Workspace) -> None:
    await add(desk, 1, (4, 4, 4))
    await add(desk, 2, (3, 3, 3), NAMESAKE)
    with pytest.raises(NotFoundError, match=r"2 reps are called 'ANA PIRES': desk/r1 \(Deliveries\), desk/r4"):
        await desk.coaching.pack("ANA PIRES")
    assert (await desk.coaching.pack("desk/r4")).tally == Tally.of(3, 3, 3)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("Ana", "Did you mean Ana Pires?"),
        ("Anna Pires", "Did you mean Ana Pires?"),
        ("Zoltan", "report reps"),
        ("", "report reps"),
    ],
)
async def test_an_unknown_name_is_refused_with_whom_it_may_mean(desk: Workspace, name: str, hint: str) -> None:
    await add(desk, 1, (4, 4, 4))
    with pytest.raises(NotFoundError, match="There is no rep") as caught:
        await desk.coaching.pack(name)
    assert hint in caught.value.hint


@pytest.mark.parametrize("name", ["Unknown rep", "no rep"])
async def test_tickets_of_nobody_are_nobodys_to_be_coached_on(desk: Workspace, name: str) -> None:
    with pytest.raises(UsageError, match="nobody can be coached"):
        await desk.coaching.pack(name)


async def test_a_rep_whose_tickets_have_no_score_is_told_why(desk: Workspace) -> None:
    await add(desk, 1, Unscored(Reason.JUDGE_FAILED, "slow"))
    with pytest.raises(NotFoundError, match="Ana Pires has no scored ticket") as caught:
        await desk.coaching.pack("Ana Pires")
    assert "judge_failed 1" in caught.value.hint


async def test_a_rep_who_only_helped_along_has_no_ticket_of_their_own(desk: Workspace) -> None:
    made = ticket(1)
    helped = replace(made.messages[1], id="m3", author=SILENT, private=True)
    made = replace(made, messages=(*made.messages, helped))
    async with desk._db.write() as connection:
        await conversations.save(connection, [made])
    with pytest.raises(NotFoundError, match="Dan Roe has no scored ticket"):
        await desk.coaching.pack("Dan Roe")


async def test_a_period_that_ends_before_it_begins_is_refused(desk: Workspace) -> None:
    with pytest.raises(UsageError, match="ends before it begins"):
        await desk.coaching.pack("Ana Pires", TicketFilter(since=START, until=START))
