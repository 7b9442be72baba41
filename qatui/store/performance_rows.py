"""The rows behind performance reports, stored with the conversations they follow from, and their sums with them."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from qatui.store import performance_sums, reps
from qatui.store.layout import UNKNOWN_REP_ID
from qatui.store.performance_layout import NO_NAME
from qatui.store.performance_prepared import Performed, Row, perform
from qatui.store.performance_tally import COLUMNS, SUMS, Tallied, tally
from qatui.store.sql import GIVEN, Connection, ask, tell

if TYPE_CHECKING:
    from qatui.store.engine import Database

CHUNK = 500  # tickets derived anew in one transaction

_INSERT = {
    table: f"INSERT INTO {table} ({columns}) VALUES ({', '.join('?' * (columns.count(',') + 1))})"
    for table, columns in COLUMNS.items()
}
_ADD_SUMS = (
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
_DUE = f"SELECT ticket_id FROM performance_due WHERE ticket_id <> {performance_sums.ALL}"

Told = tuple[int, str, Performed]
"""A ticket's row, its source, and what its facts tell."""

Names = dict[str | None, int]
"""Channels and handoff reasons -> row of performance_names."""


async def put(connection: Connection, tickets: Sequence[Told], changed: Collection[int] = ()) -> None:
    """Store what follows from the facts of tickets, after the facts; the rows `changed` had other facts before.

    The cost depends on these tickets, not on how many are stored.
    """
    if changed:
        await _remove(connection, changed)
    rows = await rows_of(connection, tickets, await _name(connection, _names(tickets)))
    for table, of_table in rows.items():
        await tell(connection, _INSERT[table], of_table)
    if not await performance_sums.due(connection):
        await _add(connection, tally(rows), 1)


async def count(connection: Connection, ids: Collection[int]) -> None:
    """Add rows that were stored elsewhere to the kept sums and groups."""
    if ids and not await performance_sums.due(connection):
        await _add(connection, tally(await _stored(connection, ids)), 1)


async def _remove(connection: Connection, ids: Collection[int]) -> None:
    """Take the rows of tickets away, and out of what is counted where that is kept."""
    rows = await _stored(connection, ids)
    if not await performance_sums.due(connection):
        tallied = tally(rows)
        await _add(connection, tallied, -1)
        await tell(connection, _DROP_SUMS, list(tallied.sums))
        await tell(connection, _DROP_GROUPS, list(tallied.groups))
    for table, of_table in rows.items():
        if of_table:
            await tell(connection, f"DELETE FROM {table} WHERE ticket_id IN {GIVEN}", (json.dumps(list(ids)),))


async def _stored(connection: Connection, ids: Collection[int]) -> dict[str, list[Row]]:
    """The rows of tickets by table, in the order of COLUMNS."""
    given = (json.dumps(list(ids)),)
    return {
        table: await ask(connection, f"SELECT {columns} FROM {table} WHERE ticket_id IN {GIVEN}", given)
        for table, columns in COLUMNS.items()
    }


def _names(tickets: Sequence[Told]) -> list[str]:
    """The channels and handoff reasons that tickets name."""
    named: set[str | None] = set()
    for _, _, told in tickets:
        named.add(told.channel)
        for row in (*told.episodes, *told.late_handoffs):
            named.add(row[1])
    return [name for name in named if name is not None]


async def _name(connection: Connection, wanted: Sequence[str]) -> Names:
    """The row of each name, those without one given one first."""
    ids = await _known(connection, wanted)
    absent = sorted(name for name in wanted if name not in ids)
    if absent:
        await tell(connection, "INSERT INTO performance_names (name) VALUES (?)", [(name,) for name in absent])
        ids |= await _known(connection, absent)
    return ids


async def _known(connection: Connection, wanted: Sequence[str]) -> Names:
    query = f"SELECT name, id FROM performance_names WHERE name IN {GIVEN}"
    return {None: NO_NAME, **dict(map(tuple, await ask(connection, query, (json.dumps(wanted),))))}


async def names(connection: Connection) -> Names:
    """The row of every name there is, and of none."""
    return {None: NO_NAME, **dict(map(tuple, await ask(connection, "SELECT name, id FROM performance_names")))}


async def rows_of(connection: Connection, tickets: Sequence[Told], ids: Names) -> dict[str, list[Row]]:
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


async def _add(connection: Connection, tallied: Tallied, sign: int) -> None:
    """Add to the kept sums and groups, or with the sign -1 take away."""
    sums = [(*cell, *[sign * value for value in values]) for cell, values in tallied.sums.items()]
    await tell(connection, _ADD_SUMS, sums)
    await tell(connection, _ADD_GROUPS, [(*cell, sign * number) for cell, number in tallied.groups.items()])


async def complete(database: Database) -> None:
    """Derive what is due, in steps that are kept each: a killed run goes on when the database is opened again."""
    from qatui.store import conversations  # saving puts rows here: imported late to stand above

    while True:
        async with database.read() as connection:
            if not await ask(connection, f"{_DUE} LIMIT 1"):
                break
        async with database.write() as connection:
            ids = [row_id for (row_id,) in await ask(connection, f"{_DUE} ORDER BY 1 LIMIT {CHUNK}")]
            tickets = await conversations.load(connection, ids)
            told = [(row_id, ticket.source, perform(ticket)) for row_id, ticket in zip(ids, tickets, strict=True)]
            await put(connection, told, ids)
            await tell(connection, f"DELETE FROM performance_due WHERE ticket_id IN {GIVEN}", (json.dumps(ids),))
    async with database.read() as connection:
        unsummed = await performance_sums.due(connection)
    if unsummed:
        async with database.write() as connection:
            await performance_sums.make(connection)


async def rebuild(database: Database) -> None:
    """Forget everything derived for performance reports and derive it anew from the facts."""
    async with database.write() as connection:
        for table in (*COLUMNS, "performance_sums", "performance_groups", "performance_names", "performance_due"):
            await tell(connection, f"DELETE FROM {table}")
        await tell(connection, "INSERT INTO performance_due SELECT id FROM tickets")
        await performance_sums.put_off(connection)
    await complete(database)
