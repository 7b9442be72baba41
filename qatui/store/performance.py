"""The facts of a performance report, from sums where they are final and from rows where they are not."""

from __future__ import annotations

import json
import statistics
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from qatui.domain.conversation import NO_TEAM, UNKNOWN_REP
from qatui.domain.outcome import Exclusion
from qatui.domain.performance_behind import PerformanceQuestion
from qatui.domain.performance_counts import Count, Counts
from qatui.domain.performance_report import Channel, PerformanceFacts, RepClosed
from qatui.domain.weeks import Period, Week
from qatui.store.layout import UNKNOWN_REP_ID
from qatui.store.performance_layout import NO_NAME, SUMMED
from qatui.store.performance_prepared import EXCLUSION_CODES, TIME_BINS
from qatui.store.performance_sql import (
    CLOSE_TIMES,
    FINAL_FROM,
    FINALLY,
    GROUP_SPANS,
    PASSED_ON_TIMES,
    PLACEMENTS,
    REASONS,
    REPS,
    SUM_SPANS,
    Grouping,
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
from qatui.store.sql import GIVEN, Connection, ask

_LONG_AGO = -(2**62)  # microseconds: before the year 1
_PLACE = {name: place for place, name in enumerate(SUMMED)}
_DAY = SUM_SPANS[1]
_REP_CLOSED = Count.REP_CLOSED.value
_EXCLUSIONS = {code: why for why, code in EXCLUSION_CODES.items()}

Sums = list[int]
"""Numbers in the order of SUMMED."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What part of the rows a report looks at, in the words of the tables.

    stretch: first microsecond, first after; nothing stands later than `as_of`. channels: those that occur, by id.
    wanted: those asked for; every: all are, those of left out conversations too.
    """

    as_of: int
    stretch: tuple[int, int]
    channels: Mapping[int, Channel]
    wanted: tuple[int, ...]
    every: bool
    agent: frozenset[Channel]

    @property
    def on_channels(self) -> str:
        """SQL: the channel of a row is one of those asked for."""
        return "true" if self.every else f"channel_id IN {numbers(self.wanted)}"

    @property
    def agent_ids(self) -> tuple[int, ...]:
        return tuple(row_id for row_id, channel in self.channels.items() if channel in self.agent)

    def within(self, column: str) -> str:
        """SQL: a time lies in the stretch."""
        return f"{column} >= {self.stretch[0]} AND {column} < {self.stretch[1]}"


async def scope(connection: Connection, question: PerformanceQuestion, agent_channels: Collection[str] | None) -> Scope:
    """What a question means; agent_channels: where the customer agent is assigned, None: wherever it responded."""
    as_of, wanted = micros(question.as_of), question.channels
    asked_for = [] if wanted is None else [name for name in wanted if name is not None]
    found = await ask(
        connection,
        "SELECT id, name FROM performance_names WHERE EXISTS"
        f" (SELECT 1 FROM performance_sums WHERE span = ? AND channel_id = id) OR name IN {GIVEN}",
        (_DAY, json.dumps(asked_for)),
    )
    channels: dict[int, Channel] = {NO_NAME: None, **dict(map(tuple, found))}
    if agent_channels is None:
        responded = await ask(
            connection,
            "SELECT value FROM json_each(?)"
            " WHERE (SELECT min(first_response_at) FROM episodes"
            "        WHERE channel_id = value AND first_response_at IS NOT NULL) <= ?",
            (json.dumps(list(channels)), as_of),
        )
        agent = frozenset(channels[row_id] for (row_id,) in responded)
    else:
        agent = frozenset(agent_channels)
    return Scope(
        as_of=as_of,
        stretch=_stretch(question.period, as_of),
        channels=channels,
        wanted=tuple(row_id for row_id, channel in channels.items() if wanted is None or channel in wanted),
        every=wanted is None,
        agent=agent,
    )


def _stretch(period: Period, as_of: int) -> tuple[int, int]:
    start = _LONG_AGO if period.since is None else micros(period.since)
    return start, as_of + 1 if period.until is None else min(micros(period.until), as_of + 1)


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
        close_median=await _median(connection, asked, CLOSE_TIMES, revised),
        passed_on_median=await _median(connection, asked, PASSED_ON_TIMES, revised),
        handoff_reasons=await _reasons(connection, asked, revised),
        reps=await _reps(connection, asked, question.team, revised),
        excluded=await _excluded(connection, asked),
        agent_channels=asked.agent,
    )


async def sum_of(connection: Connection, asked: Scope) -> Counts:
    """The counts of everything in a scope."""
    cells, _ = await _cells(connection, asked, [asked.stretch])
    return sum(cells.values(), Counts())


async def number_of(connection: Connection, asked: Scope, grouping: Grouping, value: int) -> int:
    """How many rows of a grouping have a value, in a scope."""
    return (await _group(connection, asked, grouping, SUMMED)).get(value, 0)


async def channels(connection: Connection) -> list[Channel]:
    """The channels of all conversations that can be reported on, by name; None, where the import names none, last."""
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
    start, end = _stretch(period, as_of)
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
    source = _not_final(asked, placement, min(start for start, _ in slots), max(end for _, end in slots))
    return await ask(
        connection,
        f"SELECT {hour_of(placement.column)} AS hour, channel_id, {differences} {source} GROUP BY hour, channel_id",
    )


def _not_final(asked: Scope, rows: Placement | Grouping, first: int, last: int) -> str:
    """SQL: FROM the rows that are not final at `as_of` and stand at first <= t < last, on the channels asked for.

    The index by the time from which rows are final holds what finds them; only these few are then looked up.
    """
    table, column = rows.table, rows.column
    return (
        f"FROM (SELECT ticket_id AS its_ticket, number AS its_number FROM {table}"
        f" WHERE {FINAL_FROM[table]} > {asked.as_of} AND +{column} >= {first} AND +{column} < {last})"
        f" CROSS JOIN {table} ON ticket_id = its_ticket AND number = its_number WHERE {asked.on_channels}"
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


async def _group(connection: Connection, asked: Scope, grouping: Grouping, revised: Collection[str]) -> dict[int, int]:
    """How many rows of the stretch have each value, as known at `as_of`; values that none has are left out."""
    pieces = Pieces.of(*asked.stretch, GROUP_SPANS)
    numbers_of: Counter[int] = Counter()
    for span, first, last in pieces.buckets:
        found = await ask(
            connection,
            "WITH wanted (id) AS MATERIALIZED (SELECT value FROM json_each(?))"
            " SELECT kept.value, sum(kept.number) FROM wanted CROSS JOIN performance_groups AS kept"
            " WHERE kind = ? AND span = ? AND channel_id = wanted.id AND bucket >= ? AND bucket < ?"
            " GROUP BY kept.value",
            (json.dumps(asked.wanted), grouping.code, span, first, last),
        )
        numbers_of.update(dict(map(tuple, found)))
    if grouping.count.value in revised:
        first, last = map(hour_start, pieces.whole)
        differences = await ask(
            connection,
            f"SELECT {grouping.value}, count(*) FILTER (WHERE {grouping.holds(asked.as_of)})"
            f" - count(*) FILTER (WHERE {grouping.holds(FINALLY)}) {_not_final(asked, grouping, first, last)}"
            f" GROUP BY {grouping.value}",
        )
        numbers_of.update({value: number for value, number in differences if number})
    for start, end in pieces.edges:
        found = await ask(
            connection,
            f"SELECT {grouping.value}, count(*) FROM {grouping.table} WHERE {grouping.column} >= {start}"
            f" AND {grouping.column} < {end} AND {grouping.holds(asked.as_of)} AND {asked.on_channels}"
            f" GROUP BY {grouping.value}",
        )
        numbers_of.update(dict(map(tuple, found)))
    return dict(+numbers_of)


async def _median(connection: Connection, asked: Scope, grouping: Grouping, revised: Collection[str]) -> float | None:
    """The middle time to close of the episodes of a count, in seconds; None without any.

    The bins say in which one the middle lies; only there times are read, in their order.
    """
    bins = sorted((await _group(connection, asked, grouping, revised)).items())
    total = sum(number for _, number in bins)
    if not total:
        return None
    middle = []
    for place in {(total - 1) // 2, total // 2}:
        before = 0
        for time_bin, number in bins:
            if place < before + number:
                middle.append(await _time_at(connection, asked, grouping, revised, time_bin, place - before))
                break
            before += number
    return statistics.median(middle) / 1e6


async def _time_at(
    connection: Connection, asked: Scope, grouping: Grouping, revised: Collection[str], time_bin: int, place: int
) -> int:
    """The time at a place, counted from 0, among the times of a bin in ascending order, in microseconds."""
    if grouping.count.value in revised:
        counts = grouping.holds(asked.as_of)
    else:  # the same rows, by what the index holds
        counts = "true" if grouping is CLOSE_TIMES else "reason_id IS NOT NULL"
    first = TIME_BINS[time_bin - 1] if time_bin else 0
    last = f"AND time_to_close < {TIME_BINS[time_bin]}" if time_bin < len(TIME_BINS) else ""
    [[time]] = await ask(
        connection,
        f"SELECT time_to_close FROM episodes WHERE time_to_close >= {first} {last} AND {counts}"
        f" AND {asked.within('+started_at')} AND {asked.on_channels} ORDER BY time_to_close LIMIT 1 OFFSET {place}",
    )
    return int(time)


async def _reasons(connection: Connection, asked: Scope, revised: Collection[str]) -> dict[str | None, int]:
    """How often each handoff reason stands behind PASSED_ON."""
    found = await _group(connection, asked, REASONS, revised)
    names: dict[int, str] = dict(
        map(
            tuple,
            await ask(
                connection, f"SELECT id, name FROM performance_names WHERE id IN {GIVEN}", (json.dumps(list(found)),)
            ),
        )
    )
    return {names.get(reason): number for reason, number in found.items()}


async def _reps(
    connection: Connection, asked: Scope, team: str | None, revised: Collection[str]
) -> tuple[RepClosed, ...]:
    """Closed tickets by responding rep; of one team, or of all."""
    found = await _group(connection, asked, REPS, revised)
    known = await ask(
        connection,
        f"SELECT id, source || '/' || external_id, name, coalesce(team, ?) FROM reps WHERE id IN {GIVEN}",
        (NO_TEAM, json.dumps(list(found))),
    )
    return tuple(
        RepClosed(key=key, name=name, team=of_team, closed=found[row_id])
        for row_id, key, name, of_team in (*known, (UNKNOWN_REP_ID, None, UNKNOWN_REP, NO_TEAM))
        if row_id in found and team in (None, of_team)
    )


async def _excluded(connection: Connection, asked: Scope) -> dict[Exclusion, int]:
    found = await ask(
        connection,
        "SELECT why, count(*) FROM exclusions"
        f" WHERE (placed_at IS NULL OR {asked.within('placed_at')}) AND {asked.on_channels} GROUP BY why",
    )
    return {_EXCLUSIONS[why]: number for why, number in found}
