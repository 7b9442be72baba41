"""Gathers a coaching pack: one rep, one period, from scores, reasons, quotes and tags as they are stored."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from qatui.config import Settings
from qatui.domain.coaching import (
    TOPICS,
    WEEKS,
    Example,
    Examples,
    Pack,
    Pattern,
    Quoted,
    Sighting,
    Sign,
    advise,
    difficult,
    exemplary,
    patterns,
    scores_of,
    set_aside,
    tally_of,
    telling_dimension,
    traits,
)
from qatui.domain.conversation import NO_REP, NO_TEAM, UNKNOWN_REP
from qatui.domain.filter_language import format
from qatui.domain.listing import RepChoice, Sort, SortColumn, TicketFilter, TicketRow
from qatui.domain.metrics import RepSummary, Tally
from qatui.domain.period import period_start
from qatui.domain.rubric import SCORES, Dimension
from qatui.domain.verdict import Evidence, Flag, JudgeIdentity, Verdict
from qatui.domain.weeks import Week, weeks_through
from qatui.errors import NotFoundError, UsageError
from qatui.services.coaching.quotes import LOOKED_AT, Facts, of_example, with_quotes
from qatui.services.reports import CHUNK
from qatui.store import coaching, conversations, reports, reviews, verdicts
from qatui.store.engine import Database
from qatui.store.sql import Connection

NAMELESS = (UNKNOWN_REP, NO_REP)
ALL = 1 << 40  # more tickets than there are


@dataclass(slots=True)
class _Read:
    """What one walk over the rep's scored tickets gathers."""

    rows: list[TicketRow]
    sightings: list[Sighting] = field(default_factory=list)
    judges: dict[JudgeIdentity, Tally] = field(default_factory=dict)
    people: Tally = field(default_factory=Tally)
    set_aside: int = 0


class Coaching:
    """Reads only; a pack is of one moment of the database."""

    def __init__(self, db: Database, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._db = db
        self._settings = settings
        self._clock = clock

    async def pack(self, rep: str, where: TicketFilter | None = None, *, period: str = "all") -> Pack:
        """The pack of the rep with this name (any case) or key `source/id`.

        where: narrows their tickets, also to dates; period: as in PERIODS, where it names no dates; all time where
        nothing is scored in it. Raises NotFoundError where the name fits nobody or several, or nothing is scored, and
        UsageError where it names no person or the dates are the wrong way round.
        """
        asked = where or TicketFilter()
        now = self._clock()
        until = asked.until or now
        if asked.since is not None and asked.since >= until:
            raise UsageError("The period ends before it begins.", hint="Begin it on an earlier date.")
        async with self._db.read() as connection:
            who = _person(rep, await coaching.reps(connection))
            theirs = replace(asked, rep=who.key, team=None, scored=True)
            if asked.since is None and asked.until is None:
                theirs = replace(theirs, since=period_start(period, now, self._settings.zone))
            rows = await _rows(connection, theirs)
            widened = theirs.since != asked.since and not rows
            if widened:
                theirs = replace(theirs, since=None)
                rows = await _rows(connection, theirs)
            if not rows:
                await _nothing(connection, who, replace(theirs, scored=None))
            return await self._gather(connection, who, theirs, rows, now, widened)

    async def _gather(
        self,
        connection: Connection,
        who: RepChoice,
        where: TicketFilter,
        rows: list[TicketRow],
        now: datetime,
        widened: bool,
    ) -> Pack:
        since, until = where.since, where.until or now
        read = await _read(connection, rows)
        tally = tally_of(rows)
        best = exemplary(rows)
        worst = difficult(rows, best.tickets)
        found = {sign: patterns(read.sightings, sign) for sign in Sign}
        taken: set[tuple[int, Evidence]] = set()
        facts = await _facts(connection, _needed(found.values(), (best, worst)))
        distributions = _distributions(rows)
        tagged = await coaching.tags(connection, [row.row_id for row in rows])
        before = None
        if since is not None:
            earlier = replace(where, since=since - (until - since), until=since)
            before = tally_of(await _rows(connection, earlier))
        return Pack(
            rep=who,
            since=since,
            until=until,
            first=min((row.closed_at for row in rows if row.closed_at is not None), default=None),
            made_at=now,
            widened=widened,
            narrowed=format(replace(where, rep=None, since=None, until=None, scored=None), self._settings.zone),
            formula=self._settings.overall,
            tally=tally,
            before=before,
            others=await self._others(connection, who, where),
            weeks=self._weeks(rows, since, until),
            distributions=distributions,
            judges=_named(read.judges),
            people=read.people,
            unscored=await reports.unscored(connection, replace(where, scored=None)),
            strengths=_quoted(found[Sign.STRENGTH], facts, taken),
            weaknesses=_quoted(found[Sign.WEAKNESS], facts, taken),
            customers=tuple(pattern for pattern, _ in found[Sign.CUSTOMER]),
            set_aside=read.set_aside,
            exemplary=await _examples(connection, best.tickets, facts, best=True),
            difficult=await _examples(connection, worst.tickets, facts, best=False),
            exemplary_reached=best.reached,
            difficult_reached=worst.reached,
            topics=_by((name, row) for row in rows for name in tagged.get(row.row_id, ())),
            tagged=len(tagged),
            channels=_by((row.channel, row) for row in rows if row.channel),
            advice=advise(tally, distributions),
        )

    async def _others(self, connection: Connection, who: RepChoice, where: TicketFilter) -> Tally:
        """The team without the rep; without a team, everybody else."""
        team = None if who.team == NO_TEAM else who.team
        all_ = await reports.by_rep(connection, replace(where, rep=None, team=team), self._settings.zone)
        return sum((each.tally for each in all_ if not _is(each, who)), Tally())

    def _weeks(
        self, rows: Sequence[TicketRow], since: datetime | None, until: datetime
    ) -> tuple[tuple[Week, Tally], ...]:
        """The weeks of the period, at most the latest WEEKS; for all time those from the first ticket to the last."""
        zone = self._settings.zone
        by_week: dict[Week, list[TicketRow]] = {}
        for row in rows:
            if row.closed_at is not None:
                by_week.setdefault(Week.of(row.closed_at, zone), []).append(row)
        if not by_week:
            return ()
        first = min(by_week) if since is None else Week.of(since, zone)
        last = max(by_week) if since is None else Week.of(until, zone)
        if last.start(zone) == until:  # the period ends where this week begins
            last = last.before
        return tuple((week, tally_of(by_week.get(week, ()))) for week in weeks_through(first, last)[-WEEKS:])


def _person(name: str, known: Sequence[RepChoice]) -> RepChoice:
    if name.casefold() in (nameless.casefold() for nameless in NAMELESS):
        raise UsageError(
            f"{name!r} stands for tickets without a known rep; nobody can be coached on them.",
            hint="Name a rep: `qatui report reps` lists them.",
        )
    found = [rep for rep in known if rep.key == name] or [
        rep for rep in known if rep.name.casefold() == name.strip().casefold()
    ]
    if len(found) == 1:
        return found[0]
    if found:
        keys = ", ".join(f"{rep.key} ({rep.team})" for rep in found)
        raise NotFoundError(f"{len(found)} reps are called {name!r}: {keys}.", hint="Name the rep by source/id.")
    raise NotFoundError(f"There is no rep {name!r}.", hint=_near(name, known))


def _near(name: str, known: Sequence[RepChoice]) -> str:
    """Whom a name that fits nobody may mean: somebody whose name has these words, or nearly these letters."""
    words = name.casefold().split()
    near = [
        rep.name
        for rep in known
        if words and all(any(part.startswith(word) for part in rep.name.casefold().split()) for word in words)
    ] or difflib.get_close_matches(name, [rep.name for rep in known], n=2, cutoff=0.6)
    shown = " or ".join(dict.fromkeys(near[:3]))
    return f"Did you mean {shown}?" if shown else "`qatui report reps` lists them."


async def _nothing(connection: Connection, who: RepChoice, where: TicketFilter) -> None:
    """NotFoundError saying what there is of a rep instead of scored tickets in the period."""
    unscored = await reports.unscored(connection, where)
    ever = await reports.counts(connection, TicketFilter(rep=who.key, scored=True))
    hint = "`qatui report tickets --rep` lists what there is of them."
    if ever.total:
        sort = Sort(SortColumn.CLOSED, True)
        [latest] = await reports.rows(connection, TicketFilter(rep=who.key, scored=True), sort, 0, 1)
        if latest.closed_at is not None:
            hint = f"They have {_tickets(ever.total)} in all, the latest closed on {latest.closed_at:%Y-%m-%d}."
    elif unscored:
        counted = ", ".join(f"{reason} {count}" for reason, count in unscored.items())
        hint = f"Unscored are: {counted}. `qatui score` judges those that wait."
    narrower = [f"in {where.channel!r}"] if where.channel else []
    narrower += [f"by the judge {where.judge!r}"] if where.judge else []
    scored = " ".join(["no scored ticket", *narrower])
    raise NotFoundError(f"{who.name} has {scored} in this period.", hint=hint)


def _tickets(count: int) -> str:
    return f"{count:,} scored ticket{'' if count == 1 else 's'}"


def _is(summary: RepSummary, who: RepChoice) -> bool:
    return summary.key == who.key


async def _rows(connection: Connection, where: TicketFilter) -> list[TicketRow]:
    return await reports.rows(connection, where, Sort(SortColumn.CLOSED, True), 0, ALL)


async def _read(connection: Connection, rows: list[TicketRow]) -> _Read:
    """Who scored which tickets, and what the judges name as reasons; a chunk of verdicts in memory at a time."""
    read = _Read(rows)
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start : start + CHUNK]
        judgements = await verdicts.latest_of(connection, [row.row_id for row in chunk])
        for row in chunk:
            judgement = judgements.get(row.row_id)
            verdict = judgement.outcome if judgement is not None else None
            if Flag.REVIEWED in row.flags:
                read.people += tally_of([row])
            elif judgement is not None:
                read.judges[judgement.judge] = read.judges.get(judgement.judge, Tally()) + tally_of([row])
            if isinstance(verdict, Verdict):
                read.sightings += traits(row, verdict)
                read.set_aside += set_aside(row, verdict)
    return read


def _needed(found: Iterable[list[tuple[Pattern, list[Sighting]]]], examples: Iterable[Examples]) -> list[int]:
    """Row ids of the tickets whose words are needed."""
    ids = [row.row_id for each in examples for row in each.tickets]
    for group in found:
        for _, sightings in group:
            ids += [sighting.row.row_id for sighting in sightings[:LOOKED_AT]]
    return list(dict.fromkeys(ids))


async def _facts(connection: Connection, row_ids: list[int]) -> Facts:
    tickets = await conversations.load(connection, row_ids)
    judgements = await verdicts.latest_of(connection, row_ids)
    return {
        row_id: (ticket, judgement.outcome)
        for row_id, ticket in zip(row_ids, tickets, strict=True)
        if (judgement := judgements.get(row_id)) is not None and isinstance(judgement.outcome, Verdict)
    }


def _quoted(
    found: list[tuple[Pattern, list[Sighting]]], facts: Facts, taken: set[tuple[int, Evidence]]
) -> tuple[Pattern, ...]:
    return tuple(with_quotes(pattern, sightings[:LOOKED_AT], facts, taken) for pattern, sightings in found)


async def _examples(
    connection: Connection, rows: Sequence[TicketRow], facts: Facts, *, best: bool
) -> tuple[Example, ...]:
    said = await reviews.of(connection, [row.row_id for row in rows])
    made = []
    for row in rows:
        dimension = telling_dimension(row, best=best)
        reasons: dict[Dimension, str] = {}
        quotes: tuple[Quoted, ...] = ()
        if row.row_id in facts:
            ticket, verdict = facts[row.row_id]
            reasons = {each: score.explanation.text for each, score in verdict.scores()}
            quotes = of_example(row, ticket, verdict, dimension)
        current = tuple(review for review in said.get(row.row_id, ()) if review.current)
        made.append(Example(row=row, dimension=dimension, reasons=reasons, quotes=quotes, reviews=current))
    return tuple(made)


def _distributions(rows: Iterable[TicketRow]) -> dict[Dimension, tuple[int, ...]]:
    counted = Counter((dimension, row.value(dimension)) for row in rows for dimension in Dimension)
    return {dimension: tuple(counted[dimension, score] for score in SCORES) for dimension in Dimension}


def _named(judges: dict[JudgeIdentity, Tally]) -> tuple[tuple[str, Tally], ...]:
    """Judges by the words that tell them apart, most tickets first."""
    alike = Counter(map(str, judges))
    named = [
        (str(judge) if alike[str(judge)] == 1 else f"{judge} · rubric {judge.rubric}", tally)
        for judge, tally in judges.items()
    ]
    return tuple(sorted(named, key=lambda each: (-each[1].tickets, each[0])))


def _by(pairs: Iterable[tuple[str, TicketRow]]) -> tuple[tuple[str, Tally], ...]:
    """Tickets by a name, most tickets first, at most TOPICS."""
    tallies: dict[str, Tally] = {}
    for name, row in pairs:
        scores = scores_of(row)
        if scores is not None:
            tallies[name] = tallies.get(name, Tally()) + Tally.of(*scores)
    return tuple(sorted(tallies.items(), key=lambda each: (-each[1].tickets, each[0])))[:TOPICS]
