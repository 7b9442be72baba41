"""What sums cannot tell: reasons of handoffs, closed tickets by rep, and medians, from counts by value."""

from __future__ import annotations

import json
import statistics
from collections import Counter
from collections.abc import Collection

from qatui.domain.conversation import NO_TEAM, UNKNOWN_REP
from qatui.domain.performance_report import RepClosed
from qatui.store.layout import UNKNOWN_REP_ID
from qatui.store.performance_layout import SUMMED
from qatui.store.performance_prepared import TIME_BINS
from qatui.store.performance_scope import Scope, not_final
from qatui.store.performance_sql import CLOSE_TIMES, FINALLY, GROUP_SPANS, REASONS, REPS, Grouping, Pieces, hour_start
from qatui.store.sql import GIVEN, Connection, ask


async def group(connection: Connection, asked: Scope, grouping: Grouping, revised: Collection[str]) -> dict[int, int]:
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
            f" - count(*) FILTER (WHERE {grouping.holds(FINALLY)}) {not_final(asked, grouping, first, last)}"
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


async def median(connection: Connection, asked: Scope, grouping: Grouping, revised: Collection[str]) -> float | None:
    """The middle time to close of the episodes of a count, in seconds; None without any.

    The bins say in which one the middle lies; only there times are read, in their order.
    """
    bins = sorted((await group(connection, asked, grouping, revised)).items())
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


async def reasons(connection: Connection, asked: Scope, revised: Collection[str]) -> dict[str | None, int]:
    """How often each handoff reason stands behind PASSED_ON."""
    found = await group(connection, asked, REASONS, revised)
    names: dict[int, str] = dict(
        map(
            tuple,
            await ask(
                connection, f"SELECT id, name FROM performance_names WHERE id IN {GIVEN}", (json.dumps(list(found)),)
            ),
        )
    )
    return {names.get(reason): number for reason, number in found.items()}


async def reps(
    connection: Connection, asked: Scope, team: str | None, revised: Collection[str]
) -> tuple[RepClosed, ...]:
    """Closed tickets by responding rep; of one team, or of all."""
    found = await group(connection, asked, REPS, revised)
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


async def number_of(connection: Connection, asked: Scope, grouping: Grouping, value: int) -> int:
    """How many rows of a grouping have a value, in a scope."""
    return (await group(connection, asked, grouping, SUMMED)).get(value, 0)
