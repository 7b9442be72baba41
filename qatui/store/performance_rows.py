"""The rows behind performance reports, stored with the conversations they follow from, and their sums with them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from qatui.store import reps
from qatui.store.performance_prepared import Performed, Row, perform
from qatui.store.performance_schema import NO_NAME, SUMMED
from qatui.store.performance_sql import (
    FINALLY,
    GROUP_SPANS,
    GROUPINGS,
    PLACEMENTS,
    SUM_SPANS,
    hour_of,
)
from qatui.store.schema import UNKNOWN_REP_ID
from qatui.store.sql import GIVEN, ask, tell

if TYPE_CHECKING:
    from qatui.store.engine import Database

CHUNK = 500  # tickets derived anew in one transaction

COLUMNS: Final = {
    "episodes": (
        "ticket_id, number, channel_id, reason_id, started_at, settles_at, handled_at, first_response_at, handoff_at, "
        "closed_at, time_to_close, time_bin, settled_outcome, unverified, failed"
    ),
    "feedback": "ticket_id, number, channel_id, at, opinion, episode_started_at, replaced_at",
    "late_handoffs": "ticket_id, number, channel_id, reason_id, at",
    "rep_closes": "ticket_id, number, channel_id, rep_id, closed_at, from_at, until_at",
    "exclusions": "ticket_id, channel_id, why, placed_at",
}
"""The tables with a row for each thing that a conversation tells."""

_INSERT = {
    table: f"INSERT INTO {table} ({columns}) VALUES ({', '.join('?' * (columns.count(',') + 1))})"
    for table, columns in COLUMNS.items()
}
SUMS: Final = ("standing", *SUMMED)
_ADD_SUMS: Final = (
    f"INSERT INTO performance_sums (span, channel_id, bucket, {', '.join(SUMS)})"
    f" VALUES (?, ?, ?{', ?' * len(SUMS)}) ON CONFLICT DO UPDATE SET "
    + ", ".join(f"{name} = {name} + excluded.{name}" for name in SUMS)
)
_DROP_SUMS = "DELETE FROM performance_sums WHERE span = ? AND channel_id = ? AND bucket = ? AND standing = 0"
_ADD_GROUPS = (
    "INSERT INTO performance_groups (kind, span, channel_id, bucket, value, number) VALUES (?, ?, ?, ?, ?, ?)"
    " ON CONFLICT DO UPDATE SET number = number + excluded.number"
)
_DROP_GROUPS = (
    "DELETE FROM performance_groups WHERE kind = ? AND span = ? AND channel_id = ? AND bucket = ? AND value = ?"
    " AND number = 0"
)

Told = tuple[int, str, Performed]
"""A ticket's row, its source, and what its facts tell."""

Names = dict[str | None, int]
"""Channels and handoff reasons -> row of performance_names."""


async def put(connection: AsyncConnection, tickets: Sequence[Told], changed: Collection[int] = ()) -> None:
    """Store what follows from the facts of tickets, after the facts; the rows `changed` had other facts before.

    The cost depends on these tickets, not on how many are stored.
    """
    if changed:
        await _remove(connection, changed)
    ids = await _name(connection, _names(tickets))
    rows = await rows_of(connection, tickets, ids)
    for table, of_table in rows.items():
        await tell(connection, _INSERT[table], of_table)
    await _count(connection, {table for table, of_table in rows.items() if of_table}, [ticket[0] for ticket in tickets])


def _names(tickets: Sequence[Told]) -> list[str]:
    """The channels and handoff reasons that tickets name."""
    named: set[str | None] = set()
    for _, _, told in tickets:
        named.add(told.channel)
        for row in (*told.episodes, *told.late_handoffs):
            named.add(row[1])
    return [name for name in named if name is not None]


async def _name(connection: AsyncConnection, wanted: Sequence[str]) -> Names:
    """The row of each name, those without one given one first."""
    ids = await _known(connection, wanted)
    absent = sorted(name for name in wanted if name not in ids)
    if absent:
        await tell(connection, "INSERT INTO performance_names (name) VALUES (?)", [(name,) for name in absent])
        ids |= await _known(connection, absent)
    return ids


async def _known(connection: AsyncConnection, wanted: Sequence[str]) -> Names:
    query = f"SELECT name, id FROM performance_names WHERE name IN {GIVEN}"
    return {None: NO_NAME, **dict(map(tuple, await ask(connection, query, (json.dumps(wanted),))))}


async def names(connection: AsyncConnection) -> Names:
    """The row of every name there is, and of none."""
    return {None: NO_NAME, **dict(map(tuple, await ask(connection, "SELECT name, id FROM performance_names")))}


async def rows_of(connection: AsyncConnection, tickets: Sequence[Told], ids: Names) -> dict[str, list[Row]]:
    """Rows by table, in the order of COLUMNS: what was worked out without the database, and the ids that it has."""
    people = await reps.by_key(
        connection,
        {(source, row[1]) for _, source, told in tickets for row in told.rep_closes if row[1] is not None},
    )
    rows: dict[str, list[Row]] = {table: [] for table in COLUMNS}
    episodes, closes = rows["episodes"], rows["rep_closes"]
    for row_id, source, told in tickets:
        channel = ids[told.channel]
        for number, reason, *rest in told.episodes:
            handled, handoff = rest[2], rest[4]
            reason_id = None if handled is None or handoff is None else ids[reason]
            episodes.append((row_id, number, channel, reason_id, *rest))
        for number, rep, *rest in told.rep_closes:
            rep_id = UNKNOWN_REP_ID if rep is None else people[source, rep].row_id
            closes.append((row_id, number, channel, rep_id, *rest))
        for number, *rest in told.feedback:
            rows["feedback"].append((row_id, number, channel, *rest))
        for number, reason, at in told.late_handoffs:
            rows["late_handoffs"].append((row_id, number, channel, ids[reason], at))
        if told.excluded:
            rows["exclusions"].append((row_id, channel, *told.excluded))
    return rows


async def _remove(connection: AsyncConnection, ids: Collection[int]) -> None:
    """Take the rows of tickets away, and out of what is counted."""
    await _count(connection, COLUMNS, ids, sign=-1)
    for table in COLUMNS:
        await tell(connection, f"DELETE FROM {table} WHERE ticket_id IN {GIVEN}", (json.dumps(list(ids)),))


async def _count(connection: AsyncConnection, tables: Collection[str], ids: Collection[int], *, sign: int = 1) -> None:
    """Add what rows of tickets count finally to the sums and groups they stand in; with the sign -1 take it out."""
    counted = await count(connection, tables, ids)
    sums = [(*cell, *(sign * value for value in values)) for cell, values in counted.sums.items()]
    groups = [(*cell, sign * number) for cell, number in counted.groups.items()]
    await tell(connection, _ADD_SUMS, sums)
    await tell(connection, _ADD_GROUPS, groups)
    if sign < 0:
        await tell(connection, _DROP_SUMS, list(counted.sums))
        await tell(connection, _DROP_GROUPS, list(counted.groups))


@dataclass(frozen=True, slots=True)
class Counted:
    """What rows count finally.

    sums: (span, channel, bucket) -> numbers in the order of SUMS. groups: (kind, span, channel, bucket, value) -> rows.
    """

    sums: dict[tuple[int, ...], list[int]]
    groups: Counter[tuple[int, ...]]


async def count(
    connection: AsyncConnection, tables: Collection[str] = COLUMNS, ids: Collection[int] | None = None
) -> Counted:
    """What the rows of some tables count, of tickets or (None) of all."""
    counted = Counted({}, Counter())
    only, given = ("", ()) if ids is None else (f" AND ticket_id IN {GIVEN}", (json.dumps(list(ids)),))
    for placement in PLACEMENTS:
        if placement.table in tables:
            places = [SUMS.index(name) for name in (*placement.fields, SUMS[0])]
            totals_of = ", ".join(placement.sums(FINALLY))
            found = await ask(
                connection,
                f"SELECT channel_id, {hour_of(placement.column)} AS hour, {totals_of}, count(*)"
                f" FROM {placement.table} WHERE {placement.column} IS NOT NULL{only} GROUP BY channel_id, hour",
                given,
            )
            for channel, hour, *values in found:
                for span in SUM_SPANS:
                    totals = counted.sums.setdefault((span, channel, hour // span), [0] * len(SUMS))
                    for place, value in zip(places, values, strict=True):
                        totals[place] += value
    shortest = GROUP_SPANS[0]
    for grouping in GROUPINGS:
        if grouping.table in tables:
            found = await ask(
                connection,
                f"SELECT channel_id, {hour_of(grouping.column)} / {shortest} AS day, {grouping.value}, count(*)"
                f" FROM {grouping.table} WHERE {grouping.holds(FINALLY)}{only}"
                f" GROUP BY channel_id, day, {grouping.value}",
                given,
            )
            for channel, day, value, number in found:
                for span in GROUP_SPANS:
                    counted.groups[grouping.code, span, channel, day * shortest // span, value] += number
    return counted


async def complete(database: Database) -> None:
    """Derive what is due, in steps that are kept each: a killed run goes on when the database is opened again."""
    from qatui.store import conversations  # saving puts rows here: imported late to stand above

    while True:
        async with database.read() as connection:
            if not await ask(connection, "SELECT 1 FROM performance_due LIMIT 1"):
                return
        async with database.write() as connection:
            found = await ask(connection, f"SELECT ticket_id FROM performance_due ORDER BY 1 LIMIT {CHUNK}")
            ids = [row_id for (row_id,) in found]
            tickets = await conversations.load(connection, ids)
            told = [(row_id, ticket.source, perform(ticket)) for row_id, ticket in zip(ids, tickets, strict=True)]
            await put(connection, told, ids)
            await tell(connection, f"DELETE FROM performance_due WHERE ticket_id IN {GIVEN}", (json.dumps(ids),))


async def rebuild(database: Database) -> None:
    """Forget everything derived for performance reports and derive it anew from the facts."""
    async with database.write() as connection:
        for table in (*COLUMNS, "performance_sums", "performance_groups", "performance_names", "performance_due"):
            await tell(connection, f"DELETE FROM {table}")
        await tell(connection, "INSERT INTO performance_due SELECT id FROM tickets")
    await complete(database)
