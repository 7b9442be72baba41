"""The facts of a performance report, from sums where they are final and from rows where they are not."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from qatui.domain.outcome import Exclusion
from qatui.domain.performance_behind import PerformanceQuestion
from qatui.domain.performance_counts import Count, Counts
from qatui.domain.performance_report import Channel, PerformanceFacts
from qatui.domain.weeks import Period, Week
from qatui.store import performance_sums
from qatui.store.performance_groups import median, reasons, reps
from qatui.store.performance_layout import SUMMED
from qatui.store.performance_prepared import EXCLUSION_CODES
from qatui.store.performance_scope import Scope, not_final, scope, stretch
from qatui.store.performance_sql import (
    CLOSE_TIMES,
    FINALLY,
    PASSED_ON_TIMES,
    PLACEMENTS,
    SUM_SPANS,
    Pieces,
    Placement,
    hour_at,
    hour_of,
    hour_start,
    instant,
    micros,
    numbers,
)
from qatui.store.rows import from_micros
from qatui.store.sql import Connection, ask

_PLACE = {name: place for place, name in enumerate(SUMMED)}
_DAY = SUM_SPANS[1]
_REP_CLOSED = Count.REP_CLOSED.value
_EXCLUSIONS = {code: why for why, code in EXCLUSION_CODES.items()}

Sums = list[int]
"""Numbers in the order of SUMMED."""


async def facts(
    connection: Connection,
    question: PerformanceQuestion,
    zone: ZoneInfo,
    agent_channels: Collection[str] | None = None,
) -> PerformanceFacts:
    """What `domain.performance_report.performance_facts` makes of all rows, equal to it at every `as_of`.

    The team of the question narrows `reps`. Reps have the names and teams that they have today.
    """
    asked = await scope(connection, question, agent_channels)
    current = Week.of(question.as_of, zone)
    ever = Period()
    slots = [_slot(week, zone, ever, asked.as_of) for week in (current, current.before)]
    weeks = await _weeks(connection, asked, zone)
    slots += [_slot(week, zone, question.period, asked.as_of) for week in weeks]
    cells, revised = await _cells(connection, asked, slots)
    recent: list[Counts] = []
    for number in (0, 1):
        counted = (counts for (slot, _), counts in cells.items() if slot == number)
        recent.append(sum(counted, Counts()))
    in_period = {
        (weeks[slot - len(recent)], channel): counts for (slot, channel), counts in cells.items() if slot >= len(recent)
    }
    return PerformanceFacts(
        cells=in_period,
        this_week=recent[0],
        week_before=recent[1],
        close_median=await median(connection, asked, CLOSE_TIMES, revised),
        passed_on_median=await median(connection, asked, PASSED_ON_TIMES, revised),
        handoff_reasons=await reasons(connection, asked, revised),
        reps=await reps(connection, asked, question.team, revised),
        excluded=await _excluded(connection, asked),
        agent_channels=asked.agent,
    )


async def sum_of(connection: Connection, asked: Scope) -> Counts:
    """The counts of everything in a scope."""
    cells, _ = await _cells(connection, asked, [asked.stretch])
    return sum(cells.values(), Counts())


async def channels(connection: Connection) -> list[Channel]:
    """The channels of all conversations that can be reported on, by name; None, where the import names none, last."""
    await performance_sums.for_now(connection)
    found = await ask(connection, "SELECT DISTINCT channel_id FROM performance_sums WHERE span = ?", (_DAY,))
    names = dict(map(tuple, await ask(connection, "SELECT id, name FROM performance_names")))
    there = [names.get(row_id) for (row_id,) in found]
    return sorted(there, key=lambda channel: (channel is None, (channel or "").casefold(), channel or ""))


async def span(connection: Connection) -> tuple[datetime | None, datetime | None]:
    """When the first and the last episode of all began, UTC; None without any."""
    [[first, last]] = await ask(
        connection, "SELECT (SELECT min(started_at) FROM episodes), (SELECT max(started_at) FROM episodes)"
    )
    return from_micros(first), from_micros(last)


def _slot(week: Week, zone: ZoneInfo, period: Period, as_of: int) -> tuple[int, int]:
    start, end = stretch(period, as_of)
    return max(start, micros(week.start(zone))), min(end, micros(week.end(zone)))


async def _weeks(connection: Connection, asked: Scope, zone: ZoneInfo) -> list[Week]:
    """The weeks of the stretch in which anything may stand, oldest first."""
    start, end = asked.stretch
    days = await ask(
        connection,
        f"SELECT DISTINCT bucket FROM performance_sums WHERE span = {_DAY}"
        f" AND channel_id IN {numbers(asked.wanted)}"
        f" AND bucket BETWEEN {hour_at(start) // _DAY} AND {hour_at(end - 1) // _DAY}",
    )
    found: set[Week] = set()
    for (day,) in days:
        first, last = hour_start(day * _DAY), hour_start((day + 1) * _DAY) - 1
        for at in (max(first, start), min(last, end - 1)):  # a day in UTC may lie in two weeks
            found.add(Week.of(instant(at), zone))
    return sorted(found)


async def _cells(
    connection: Connection, asked: Scope, slots: Sequence[tuple[int, int]]
) -> tuple[dict[tuple[int, Channel], Counts], frozenset[str]]:
    """Counts by slot and channel; a slot is (first microsecond, first after), none later than `as_of`.

    Also the fields in which rows that are not final differ from the sums: what is read from final rows elsewhere
    needs no second look if it is not among them.
    """
    pieces = [Pieces.of(start, end, SUM_SPANS) for start, end in slots]
    cells: dict[tuple[int, int], Sums] = {}
    buckets = [(slot, *bucket) for slot, each in enumerate(pieces) for bucket in each.buckets]
    edges = [(slot, *edge) for slot, each in enumerate(pieces) for edge in each.edges]
    for slot, channel, *values in await _kept(connection, asked, buckets):
        cells[slot, channel] = values
    revised: set[str] = set()
    for placement in PLACEMENTS:
        fields = [_PLACE[name] for name in placement.fields]
        for hour, channel, *values in await _unsettled(connection, asked, placement, slots):
            # Of closes by reps one may come as another goes: a difference of 0 does not say that all are the same.
            revised.update(
                name for name, value in zip(placement.fields, values, strict=True) if value or name == _REP_CLOSED
            )
            for slot, each in enumerate(pieces):
                if each.whole[0] <= hour < each.whole[1]:
                    _add(cells, (slot, channel), fields, values)
        for slot, channel, *values in await _at_edges(connection, asked, placement, edges):
            _add(cells, (slot, channel), fields, values)
    return {
        (slot, asked.channels[channel]): _counts(values, asked.channels[channel] in asked.agent)
        for (slot, channel), values in cells.items()
        if any(values)
    }, frozenset(revised)


def _add(
    cells: dict[tuple[int, int], Sums], cell: tuple[int, int], fields: Sequence[int], values: Sequence[int]
) -> None:
    totals = cells.setdefault(cell, [0] * len(SUMMED))
    for place, value in zip(fields, values, strict=True):
        totals[place] += value


def _counts(values: Sequence[int], agent: bool) -> Counts:
    fields: dict[str, Any] = dict(zip(SUMMED, values, strict=True))
    for name in ("closed_time", "passed_on_time"):
        fields[name] = timedelta(microseconds=fields[name])
    return Counts(**fields).on_channel(agent=agent)


async def _kept(connection: Connection, asked: Scope, buckets: Sequence[tuple[int, ...]]) -> Sequence[Any]:
    """(slot, channel, sums…) of full hours and days, as if all rows were final."""
    totals = ", ".join(f"sum({name})" for name in SUMMED)
    return await ask(
        connection,
        "WITH piece (slot, span, first, last) AS MATERIALIZED"
        " (SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each(?)),"
        " wanted (id) AS MATERIALIZED (SELECT value FROM json_each(?))"
        f" SELECT slot, channel_id, {totals} FROM piece CROSS JOIN wanted CROSS JOIN performance_sums AS kept"
        " WHERE kept.span = piece.span AND kept.channel_id = wanted.id"
        " AND kept.bucket >= piece.first AND kept.bucket < piece.last GROUP BY slot, channel_id",
        (json.dumps(buckets), json.dumps(asked.wanted)),
    )


async def _unsettled(
    connection: Connection, asked: Scope, placement: Placement, slots: Sequence[tuple[int, int]]
) -> Sequence[Any]:
    """(hour, channel, differences…): what rows that are not final at `as_of` count then, less what they will count."""
    differences = ", ".join(
        f"{now} - {finally_}"
        for now, finally_ in zip(placement.sums(asked.as_of), placement.sums(FINALLY), strict=True)
    )
    source = not_final(asked, placement, min(start for start, _ in slots), max(end for _, end in slots))
    return await ask(
        connection,
        f"SELECT {hour_of(placement.column)} AS hour, channel_id, {differences} {source} GROUP BY hour, channel_id",
    )


async def _at_edges(
    connection: Connection, asked: Scope, placement: Placement, edges: Sequence[tuple[int, ...]]
) -> Sequence[Any]:
    """(slot, channel, sums…) of the rows in stretches that are no full hours."""
    column = placement.column
    return await ask(
        connection,
        "WITH edge (slot, first, last) AS MATERIALIZED"
        " (SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?))"
        f" SELECT slot, channel_id, {', '.join(placement.sums(asked.as_of))}"
        f" FROM edge CROSS JOIN {placement.table} WHERE {column} >= first AND {column} < last AND {asked.on_channels}"
        " GROUP BY slot, channel_id",
        (json.dumps(edges),),
    )


async def _excluded(connection: Connection, asked: Scope) -> dict[Exclusion, int]:
    found = await ask(
        connection,
        "SELECT why, count(*) FROM exclusions"
        f" WHERE (placed_at IS NULL OR {asked.within('placed_at')}) AND {asked.on_channels} GROUP BY why",
    )
    return {_EXCLUSIONS[why]: number for why, number in found}
