"""A workspace in memory with the same questions and answers as the real one, over fixed tickets."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from qatui.config import Settings
from qatui.domain.conversation import NO_TEAM, UNKNOWN_REP, Customer, Message, Rep, Speaker, Status, Ticket
from qatui.domain.listing import (
    Choices,
    GroupDetail,
    RepChoice,
    Sort,
    SortColumn,
    TicketCounts,
    TicketFilter,
    TicketRow,
    TicketView,
)
from qatui.domain.metrics import RepsReport, RepSummary, ScoredBy, Tally, TeamSummary
from qatui.domain.rubric import Dimension, rubric_hash
from qatui.domain.run import RunRecord, RunTotals
from qatui.domain.verdict import (
    Cue,
    Evidence,
    Explanation,
    Flag,
    JudgeIdentity,
    Judgement,
    Reason,
    Score,
    Unscored,
    Verdict,
    responding,
)
from qatui.errors import NotFoundError, UsageError
from qatui.services.scoring.control import Control
from qatui.services.scoring.llm.cost import RunEstimate, Usage
from qatui.services.scoring.runner import ScorePlan, ScoreProgress, ScoreResult

NOW = datetime(2026, 3, 5, 10, 0, tzinfo=UTC)
JUDGE = JudgeIdentity("offline", "1", rubric_hash())

ASKED = (
    "My lamp arrived with a cracked shade and I need it on Friday. This is really annoying.",
    "You charged me twice for one order and nobody tells me why.",
    "How do I change the delivery address before it ships?",
)
REPLIED = (
    "I am sorry about the cracked shade, that is the last thing you need before Friday. A new one leaves today.",
    "Please use the form on our site. Refunds are handled by another department, we cannot see them here.",
    "Open your order, choose Delivery, and save the new address; until it ships that is all there is to it.",
)
NAMES = ("Cracked shade on arrival", "Charged twice for one order", "Change the delivery address")


@dataclass
class Kind:
    """What the tickets of one rep look like."""

    rep: Rep | None
    tickets: int
    scores: Sequence[tuple[int, int, int]]
    channel: str = "chat"


KINDS = (
    Kind(Rep("r1", "Ana Duarte", "Billing"), 24, ((5, 4, 4), (4, 4, 4), (4, 3, 4))),
    Kind(Rep("r2", "Tom Weiss", "Billing"), 18, ((3, 3, 2), (2, 3, 2), (4, 4, 3)), "email"),
    Kind(Rep("r3", "Li Na", "Billing"), 4, ((4, 4, 3),)),
    Kind(Rep("r4", "Sam Okafor", "Technical"), 30, ((4, 3, 3), (3, 4, 3)), "email"),
    Kind(Rep("r5", "Mia Lund", "Technical"), 11, ((4, 5, 4),)),
    Kind(None, 6, ((3, 3, 3),)),
)


@cache
def make_view(
    row_id: int,
    rep: Rep | None,
    scores: tuple[int, int, int] | None,
    *,
    closed_at: datetime | None,
    channel: str | None = "chat",
    unscored: Unscored | None = None,
    name: str | None = None,
    asked: str | None = None,
    replied: str | None = None,
    flags: frozenset[Flag] = frozenset(),
    url: str | None = None,
) -> TicketView:
    """A ticket with its row and, when it has scores, a judgement whose evidence quotes it."""
    kind = row_id % 3
    asked = ASKED[kind] if asked is None else asked
    replied = REPLIED[kind] if replied is None else replied
    opened = (closed_at or NOW) - timedelta(hours=3)
    ticket = Ticket(
        source="desk",
        id=f"T-{1000 + row_id}",
        subject=NAMES[kind] if name is None else name,
        channel=channel,
        status=Status.CLOSED if closed_at else Status.OPEN,
        opened_at=opened,
        closed_at=closed_at,
        customer=Customer("c1", "Kim Sorel"),
        url=url,
        messages=(
            Message("m1", Speaker.CUSTOMER, asked, opened),
            Message("m2", Speaker.REP, "Note to myself: check the warehouse.", opened, rep, private=True),
            Message("m3", Speaker.REP, replied, opened + timedelta(minutes=20), rep),
            Message("m4", Speaker.CUSTOMER, "Thank you.", opened + timedelta(minutes=30)),
        ),
    )
    judgement = None
    if scores is not None:
        verdict = Verdict(
            tone=_score(scores[0], asked, replied, "The rep stays friendly and calm from the first word to the last."),
            clarity=_score(scores[1], asked, replied, "It says what happens next, but not when exactly."),
            empathy=_score(scores[2], asked, replied, "The customer was upset; the reply names what went wrong."),
            emotional_cue=True,
            flags=flags,
        )
        judgement = Judgement(outcome=verdict, judge=JUDGE, content_hash="x", at=NOW)
    elif unscored is not None:
        judgement = Judgement(outcome=unscored, judge=JUDGE, content_hash="x", at=NOW)
    who = responding(ticket)
    tone, clarity, empathy = scores or (None, None, None)
    row = TicketRow(
        row_id=row_id,
        source=ticket.source,
        id=ticket.id,
        name=ticket.name,
        rep=who.rep.name if who and who.rep else UNKNOWN_REP,
        rep_key=f"desk/{who.rep.id}" if who and who.rep else None,
        team=(who.rep.team if who and who.rep else None) or NO_TEAM,
        channel=channel,
        closed_at=closed_at,
        tone=tone,
        clarity=clarity,
        empathy=empathy,
        unscored=unscored,
        flags=flags,
    )
    return TicketView(row=row, ticket=ticket, judgement=judgement)


def _score(value: int, asked: str, replied: str, text: str) -> Score:
    evidence = (Evidence(0, 0, min(30, len(asked))), Evidence(2, 0, min(40, len(replied))))
    cues = (
        Cue("late", "names what happens next", 1),
        Cue("elsewhere", "refers elsewhere", -1) if value <= 3 else Cue("thanks", "thanks the customer", 1),
    )
    return Score(value, Explanation(text, evidence, cues), 0.6)


def company() -> list[TicketView]:
    """93 scored and 6 unscored tickets of the twelve weeks before NOW, newest ones spread over all reps."""
    views: list[TicketView] = []
    for kind in KINDS:
        for number in range(kind.tickets):
            closed = NOW - timedelta(days=1 + number * 80 / kind.tickets, hours=number % 7)
            scores = kind.scores[number % len(kind.scores)]
            flags = frozenset({Flag.UNSURE}) if number % 9 == 4 else frozenset()
            if number % 11 == 5:
                flags |= {Flag.SEVERAL_REPS}
            url = "https://desk.example/t/1" if kind.rep and kind.rep.id == "r1" else None
            views.append(
                make_view(
                    len(views) + 1, kind.rep, scores, closed_at=closed, channel=kind.channel, flags=flags, url=url
                )
            )
    for reason, count in ((Reason.TOO_SHORT, 3), (Reason.NO_REP_REPLY, 1), (Reason.WAITING, 2)):
        for number in range(count):
            views.append(
                make_view(
                    len(views) + 1,
                    KINDS[number % 4].rep,
                    None,
                    closed_at=NOW - timedelta(days=3 + number, hours=5),
                    unscored=Unscored(reason),
                )
            )
    return views


class FakeReports:
    """`Reports` over views in memory; `asked` records every question, `broken` makes all fail."""

    def __init__(self, views: list[TicketView]) -> None:
        self.views = views
        self.asked: list[tuple[str, Any]] = []
        self.broken: Exception | None = None
        self.held: asyncio.Event | None = None

    async def _ask(self, what: str, about: Any = None) -> None:
        self.asked.append((what, about))
        if self.held is not None:
            await self.held.wait()
        if self.broken is not None:
            raise self.broken

    def _rows(self, where: TicketFilter) -> list[TicketRow]:
        return [view.row for view in self.views if fits(view.row, where)]

    async def reps(self, where: TicketFilter) -> RepsReport:
        await self._ask("reps", where)
        rows = [row for row in self._rows(replace(where, scored=None)) if row.tone is not None]
        teams: dict[str, dict[tuple[str, str | None], list[TicketRow]]] = {}
        for row in rows:
            teams.setdefault(row.team, {}).setdefault((row.rep, row.rep_key), []).append(row)
        return RepsReport(
            teams=tuple(
                TeamSummary(
                    team=team,
                    reps=tuple(_summary(rep, key, team, reps[rep, key]) for rep, key in sorted(reps, key=str)),
                )
                for team, reps in sorted(teams.items())
            ),
            unscored=self._unscored(where),
        )

    def _unscored(self, where: TicketFilter) -> dict[str, int]:
        return dict(Counter(str(row.unscored) for row in self._rows(where) if row.unscored is not None))

    async def counts(self, where: TicketFilter) -> TicketCounts:
        await self._ask("counts", where)
        return TicketCounts(total=len(self._rows(where)), unscored=self._unscored(where))

    async def rows(self, where: TicketFilter, sort: Sort, offset: int, limit: int) -> list[TicketRow]:
        await self._ask("rows", (where, sort, offset, limit))
        return self._ordered(where, sort)[offset : offset + limit]

    def _ordered(self, where: TicketFilter, sort: Sort) -> list[TicketRow]:
        rows = sorted(self._rows(where), key=lambda row: row.row_id, reverse=sort.descending)
        known = [row for row in rows if _value(row, sort.column) is not None]
        unknown = [row for row in rows if _value(row, sort.column) is None]
        known.sort(key=lambda row: _value(row, sort.column), reverse=sort.descending)
        return known + unknown

    async def position(self, where: TicketFilter, sort: Sort, row_id: int) -> int | None:
        await self._ask("position", row_id)
        ids = [row.row_id for row in self._ordered(where, sort)]
        return ids.index(row_id) if row_id in ids else None

    async def ticket(self, row_id: int) -> TicketView:
        await self._ask("ticket", row_id)
        for view in self.views:
            if view.row.row_id == row_id:
                return view
        raise NotFoundError("That ticket is gone.")

    async def find(self, name: str) -> int:
        await self._ask("find", name)
        for view in self.views:
            if name in (view.row.id, view.row.key):
                return view.row.row_id
        raise NotFoundError(f"There is no ticket {name!r}.", hint="Look for it with / on the Tickets screen.")

    async def detail(self, where: TicketFilter) -> GroupDetail:
        await self._ask("detail", where)
        scored = replace(where, scored=True)
        rows = self._rows(scored)
        return GroupDetail(
            distributions={
                d: tuple(sum(row.value(d) == score for row in rows) for score in range(1, 6))  # type: ignore[misc]
                for d in Dimension
            },
            lowered_by=((Dimension.EMPATHY, "cue passed over", 9), (Dimension.CLARITY, "refers elsewhere", 4)),
            exemplary=tuple(self._ordered(scored, Sort(SortColumn.OVERALL, True))[:2]),
            difficult=tuple(self._ordered(scored, Sort(SortColumn.OVERALL, False))[:2]),
        )

    async def choices(self) -> Choices:
        await self._ask("choices")
        reps = {(view.row.rep, view.row.rep_key, view.row.team) for view in self.views if view.row.rep_key}
        return Choices(
            reps=tuple(RepChoice(name=n, key=k or "", team=t) for n, k, t in sorted(reps, key=str)),
            teams=tuple(sorted({view.row.team for view in self.views})),
            channels=("chat", "email"),
            sources=("desk",),
            reasons=tuple(sorted({str(v.row.unscored) for v in self.views if v.row.unscored})),
        )

    async def judges(self, where: TicketFilter) -> ScoredBy:
        await self._ask("judges", where)
        scored = [view for view in self.views if fits(view.row, where) and view.row.tone is not None]
        counted = Counter(view.judgement.judge for view in scored if view.judgement is not None)
        return ScoredBy(judges=tuple(counted.most_common()))

    async def addressing(self, _ticket: Ticket) -> dict[int, str]:
        await self._ask("addressing")
        return {}

    async def span(self) -> tuple[datetime | None, datetime | None]:
        await self._ask("span")
        closed = [view.row.closed_at for view in self.views if view.row.closed_at is not None]
        return (min(closed), max(closed)) if closed else (None, None)


def _value(row: TicketRow, column: SortColumn) -> Any:
    if column is SortColumn.CLOSED:
        return row.closed_at
    if column is SortColumn.OVERALL:
        return None if row.tone is None else row.tone + (row.clarity or 0) + (row.empathy or 0)
    return getattr(row, column.value)


def _summary(rep: str, key: str | None, team: str, rows: Sequence[TicketRow]) -> RepSummary:
    weeks: dict[str, Tally] = {}
    total = Tally()
    for row in rows:
        tally = Tally.of(row.tone or 0, row.clarity or 0, row.empathy or 0)
        total += tally
        if row.closed_at is not None:
            monday = (row.closed_at - timedelta(days=row.closed_at.weekday())).date().isoformat()
            weeks[monday] = weeks.get(monday, Tally()) + tally
    return RepSummary(rep=rep, key=key, team=team, tally=total, weekly=tuple(sorted(weeks.items())))


def fits(row: TicketRow, where: TicketFilter) -> bool:
    """Whether a row passes a filter, read naively."""
    text = f"{row.name} {row.id}".casefold()
    ranges = ((where.tone, row.tone), (where.clarity, row.clarity), (where.empathy, row.empathy))
    return all(
        (
            all(word in text for word in where.text.casefold().split()),
            where.rep is None or where.rep == row.rep_key or where.rep.casefold() == row.rep.casefold(),
            where.team is None or where.team == row.team,
            where.channel is None or where.channel == row.channel,
            where.source is None or where.source == row.source,
            where.since is None or (row.closed_at is not None and row.closed_at >= where.since),
            where.until is None or (row.closed_at is not None and row.closed_at < where.until),
            where.flags <= row.flags,
            where.scored is None or where.scored == (row.tone is not None),
            where.reason is None or (row.unscored is not None and row.unscored.reason == where.reason),
            all(limits is None or (v is not None and limits[0] <= v <= limits[1]) for limits, v in ranges),
        )
    )


class FakeReviews:
    """`Reviews` where everybody may review; `said` records what was to be kept, nothing is kept or proposed."""

    def __init__(self) -> None:
        self.said: list[tuple[Any, ...]] = []

    def _done(self, *what: Any) -> Any:
        self.said.append(what)
        return SimpleNamespace(words=f"{what[0]} done", entry=len(self.said), tickets=())

    async def agree(self, row_ids: Sequence[int]) -> Any:
        return self._done("agree", list(row_ids))

    async def score(self, row_id: int, scores: Any, comment: str = "", *, blind: bool = False) -> Any:
        return self._done("score", row_id, scores, comment, blind)

    async def dispute(self, row_id: int, comment: str) -> Any:
        return self._done("dispute", row_id, comment)

    async def withdraw(self, row_ids: Sequence[int]) -> Any:
        return self._done("withdraw", list(row_ids))

    async def why_not(self) -> str | None:
        return None

    async def queue(self, _quota: Any = None) -> tuple[Any, ...]:
        return ()


class FakePeople:
    """`People` with one person in it."""

    async def me(self) -> Any:
        return SimpleNamespace(uid=1000, name="olga")


class FakeRuns:
    """`Runs` over records in memory."""

    def __init__(self) -> None:
        self.records: list[RunRecord] = []
        self.sums: list[RunTotals] = []

    async def recent(self, limit: int = 20) -> list[RunRecord]:
        return self.records[:limit]

    async def totals(self) -> list[RunTotals]:
        return self.sums


class FakeWorkspace:
    """`Workspace` with what the screens use of it."""

    def __init__(self, views: list[TicketView], settings: Settings, now: datetime = NOW) -> None:
        self.reports = FakeReports(views)
        self.reviews = FakeReviews()
        self.people = FakePeople()
        self.settings = settings
        self.path = Path("northwind_support.db")
        self.now = now
        self.closed = False
        self.go_on = asyncio.Event()
        """Set to let a scoring run finish."""
        self.scoring_fails: Exception | None = None
        self.runs = FakeRuns()
        self.asked_to_score: list[tuple[str, float | None]] = []

    async def undo(self) -> Any:
        raise UsageError("There is nothing to undo.")

    async def redo(self) -> Any:
        raise UsageError("There is nothing to redo.")

    async def score(
        self,
        *,
        judge: str = "offline",
        budget: float | None = None,
        progress: Callable[[Any], None] | None = None,
        control: Control | None = None,
    ) -> Any:
        self.asked_to_score.append((judge, budget))
        control = control or Control()
        waiting = [v for v in self.reports.views if v.row.unscored and v.row.unscored.reason is Reason.WAITING]
        if progress is not None:
            progress(ScoreProgress(1, len(waiting), 0))
        stopped = asyncio.Event()
        control.heed(lambda: control.stopped and stopped.set())
        ends = [asyncio.ensure_future(self.go_on.wait()), asyncio.ensure_future(stopped.wait())]
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for end in ends:
                end.cancel()
        if self.scoring_fails is not None:
            raise self.scoring_fails
        if control.stopped:
            return ScoreResult(JUDGE, 0, {}, control.stopped)
        for view in waiting:
            self.reports.views.remove(view)
            self.reports.views.append(make_view(view.row.row_id, KINDS[0].rep, (4, 4, 4), closed_at=view.row.closed_at))
        return ScoreResult(JUDGE, len(waiting), {})

    async def score_plan(self, *, judge: str, sample: int | None = None) -> Any:
        usage = Usage(640, 640_000, 0, 268_800)
        return ScorePlan(JudgeIdentity(judge, "small-1", rubric_hash()), 640), RunEstimate(640, usage, 1.25, 2.6)


def opener(workspace: FakeWorkspace) -> Callable[[Settings], Any]:
    """What the application calls to open its workspace."""

    @asynccontextmanager
    async def open_workspace(_settings: Settings) -> AsyncIterator[FakeWorkspace]:
        try:
            yield workspace
        finally:
            workspace.closed = True

    return open_workspace
