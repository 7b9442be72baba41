"""The rows behind a number of a performance report, in pages, by the same selection that counted them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from qatui.domain.listing import TicketRow
from qatui.domain.outcome import Criterion, Outcome
from qatui.domain.performance_behind import ALL, Behind, BehindRow, PerformanceQuestion
from qatui.domain.performance_counts import SELECTIONS, Selection, Subject
from qatui.store import reports
from qatui.store.layout import UNKNOWN_REP_ID
from qatui.store.performance import sum_of
from qatui.store.performance_groups import number_of
from qatui.store.performance_layout import NO_NAME
from qatui.store.performance_prepared import CRITERION_BITS, OPINION_CODES, OUTCOME_CODES
from qatui.store.performance_scope import Scope, scope
from qatui.store.performance_sql import REASONS, REPS, TABLES, Grouping, holds, instant, micros
from qatui.store.sql import Connection, ask

NEAR = 2_000
"""Up to this offset a page is read from the front without counting how far the end is."""

_OUTCOMES = {code: outcome for outcome, code in OUTCOME_CODES.items()}
_OPINIONS = {code: opinion for opinion, code in OPINION_CODES.items()}
_NAME = "(SELECT name FROM performance_names WHERE id = reason_id)"
_COLUMNS = {
    Subject.EPISODE: (
        f"handled_at, settles_at, settled_outcome, unverified, failed, handoff_at, {_NAME}, closed_at, time_to_close"
    ),
    Subject.FEEDBACK: "opinion",
    Subject.LATE_HANDOFF: _NAME,
    Subject.REP_CLOSE: "rep_id",
}


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked for, in the words of the tables; `narrowed`: a grouping and the one value of it that is wanted."""

    scope: Scope
    selection: Selection
    narrowed: tuple[Grouping, int] | None

    @property
    def table(self) -> str:
        return TABLES[self.selection.subject]

    @property
    def conditions(self) -> str:
        """SQL: which rows of the table."""
        found = [
            holds(self.selection, self.scope.as_of, self.scope.agent_ids),
            self.scope.within(self.selection.week_by),
            self.scope.on_channels,
        ]
        if self.narrowed:
            grouping, value = self.narrowed
            found.append(f"{grouping.value} = {value}")
        return " AND ".join(found)


async def _asked(
    connection: Connection,
    question: PerformanceQuestion,
    what: Behind,
    zone: ZoneInfo,
    agent_channels: Collection[str] | None,
) -> _Asked:
    asked = await scope(connection, question, agent_channels)
    if what.channel is not ALL:
        wanted = tuple(row_id for row_id in asked.wanted if asked.channels[row_id] == what.channel)
        asked = replace(asked, wanted=wanted, every=False)
    if what.week is not None:
        start, end = asked.stretch
        week = micros(what.week.start(zone)), micros(what.week.end(zone))
        asked = replace(asked, stretch=(max(start, week[0]), min(end, week[1])))
    return _Asked(asked, SELECTIONS[what.count], await _narrowed(connection, what))


async def _narrowed(connection: Connection, what: Behind) -> tuple[Grouping, int] | None:
    nobody = -1  # a value that no row has: of a name that is not there (any more)
    if what.reason is not ALL:
        if what.count is not REASONS.count or what.rep is not ALL:
            raise ValueError(f"a handoff reason narrows {REASONS.count} alone")
        if what.reason is None:
            return REASONS, NO_NAME
        found = await ask(connection, "SELECT id FROM performance_names WHERE name = ?", (what.reason,))
        return REASONS, found[0][0] if found else nobody
    if what.rep is not ALL:
        if what.count is not REPS.count:
            raise ValueError(f"a rep narrows {REPS.count} alone")
        if what.rep is None:
            return REPS, UNKNOWN_REP_ID
        found = await ask(connection, "SELECT id FROM reps WHERE source || '/' || external_id = ?", (what.rep,))
        return REPS, found[0][0] if found else nobody
    return None


async def count(
    connection: Connection,
    question: PerformanceQuestion,
    what: Behind,
    zone: ZoneInfo,
    agent_channels: Collection[str] | None,
) -> int:
    """How many rows there are: from the sums, so that it takes as long for a million as for ten.

    Raises ValueError for a reason with another count than PASSED_ON, or a rep with another than REP_CLOSED.
    """
    return await _count(connection, await _asked(connection, question, what, zone, agent_channels))


async def _count(connection: Connection, asked: _Asked) -> int:
    if asked.narrowed:
        grouping, value = asked.narrowed
        return await number_of(connection, asked.scope, grouping, value)
    return (await sum_of(connection, asked.scope)).of(asked.selection.count)


async def rows(
    connection: Connection,
    question: PerformanceQuestion,
    what: Behind,
    zone: ZoneInfo,
    agent_channels: Collection[str] | None,
    offset: int,
    limit: int,
) -> list[BehindRow]:
    """At most `limit` rows from place `offset` on, newest first; see `count` for errors."""
    asked = await _asked(connection, question, what, zone, agent_channels)
    way, backwards = "DESC", False
    if offset > NEAR:
        total = await _count(connection, asked)
        limit = min(limit, total - offset)
        if limit <= 0:
            return []
        if offset > total // 2:  # the way from the end is shorter
            way, backwards, offset = "ASC", True, total - offset - limit
    column = asked.selection.week_by
    found = await ask(
        connection,
        f"SELECT ticket_id, number, {column}, {_COLUMNS[asked.selection.subject]} FROM {asked.table}"
        f" WHERE {asked.conditions} ORDER BY {column} {way}, ticket_id {way}, number {way} LIMIT ? OFFSET ?",
        (limit, offset),
    )
    if backwards:
        found = found[::-1]
    tickets = await reports.rows_by_id(connection, [row[0] for row in found])
    return [_row(asked, row, ticket) for row, ticket in zip(found, tickets, strict=True)]


async def position(
    connection: Connection,
    question: PerformanceQuestion,
    what: Behind,
    zone: ZoneInfo,
    agent_channels: Collection[str] | None,
    row: BehindRow,
) -> int | None:
    """Where a row stands now, from 0; None when it is not among them any more."""
    asked = await _asked(connection, question, what, zone, agent_channels)
    key = f"({asked.selection.week_by}, ticket_id, number)"
    place = (micros(row.at), row.ticket.row_id, row.number)
    [[there, ahead]] = await ask(
        connection,
        f"SELECT (SELECT count(*) FROM {asked.table} WHERE {asked.conditions} AND {key} = (?, ?, ?)),"
        f" (SELECT count(*) FROM {asked.table} WHERE {asked.conditions} AND {key} > (?, ?, ?))",
        (*place, *place),
    )
    return int(ahead) if there else None


def _row(asked: _Asked, row: Sequence[Any], ticket: TicketRow) -> BehindRow:
    _, number, at, *rest = row
    made = BehindRow(ticket=ticket, at=instant(at), number=number)
    match asked.selection.subject:
        case Subject.EPISODE:
            return _episode(made, asked.scope.as_of, rest)
        case Subject.FEEDBACK:
            return replace(made, opinion=_OPINIONS[rest[0]])
        case Subject.LATE_HANDOFF:
            return replace(made, reason=rest[0])
        case Subject.REP_CLOSE:
            return made


def _episode(made: BehindRow, as_of: int, columns: Sequence[Any]) -> BehindRow:
    """An episode as known at `as_of`."""
    handled_at, settles_at, outcome, unverified, failed, handoff_at, reason, closed_at, time = columns
    if handled_at is None or handled_at > as_of:
        return made
    settled = settles_at <= as_of
    return replace(
        made,
        outcome=_OUTCOMES[outcome] if settled else Outcome.PENDING,
        unverified=settled and bool(unverified),
        failed=tuple(criterion for criterion in Criterion if settled and failed & CRITERION_BITS[criterion]),
        reason=reason if handoff_at is not None and handoff_at <= as_of else None,
        time_to_close=timedelta(microseconds=time) if closed_at is not None and closed_at <= as_of else None,
    )
