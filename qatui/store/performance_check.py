"""Looks for rows of performance reports that do not fit the facts, and for sums that do not fit the rows."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING

from qatui.store import conversations, performance_sums
from qatui.store.performance_prepared import Row, perform
from qatui.store.performance_rows import Names, Told, names, rows_of
from qatui.store.performance_sql import PLACEMENTS
from qatui.store.performance_tally import COLUMNS, SUMS, Tallied, tally
from qatui.store.sql import GIVEN, ask

if TYPE_CHECKING:
    from qatui.store.sql import Connection

UNKNOWN = -1  # the row of a name that has none: no stored row says so
CHUNK = 500  # tickets in memory at once
ROWS = 5_000  # rows in memory at once
SHOWN = 20  # problems of one kind that are told one by one


async def problems(connection: Connection) -> list[str]:
    """What is wrong, one sentence each; empty when all fits. `performance_rows.rebuild` mends all of it."""
    found = [
        f"A row of {table} belongs to ticket {row_id}, which is not there."
        for table in COLUMNS
        for (row_id,) in await ask(
            connection,
            f"SELECT DISTINCT ticket_id FROM {table} WHERE ticket_id NOT IN (SELECT id FROM tickets) LIMIT {SHOWN}",
        )
    ]
    return found + await _tickets(connection) + await _counts(connection)


async def _tickets(connection: Connection) -> list[str]:
    """Sentences about tickets whose rows are not what their facts make them."""
    known: Names = defaultdict(lambda: UNKNOWN, await names(connection))
    found: list[str] = []
    last = 0
    while len(found) < SHOWN:
        ids = [
            row_id
            for (row_id,) in await ask(
                connection,
                "SELECT id FROM tickets WHERE id > ? AND id NOT IN (SELECT ticket_id FROM performance_due)"
                " ORDER BY id LIMIT ?",
                (last, CHUNK),
            )
        ]
        if not ids:
            break
        last = ids[-1]
        tickets = dict(zip(ids, await conversations.load(connection, ids), strict=True))
        told: list[Told] = [(row_id, ticket.source, perform(ticket)) for row_id, ticket in tickets.items()]
        due = await rows_of(connection, told, known)
        misfits: set[int] = set()
        for table, columns in COLUMNS.items():
            stored = await ask(
                connection, f"SELECT {columns} FROM {table} WHERE ticket_id IN {GIVEN}", (json.dumps(ids),)
            )
            there: set[Row] = {tuple(row) for row in stored}
            misfits.update(row[0] for row in there.symmetric_difference(due[table]))
        found += [
            f"Performance reports do not count ticket {tickets[row_id].key} as its facts say."
            for row_id in sorted(misfits)
        ]
    return found[:SHOWN]


async def _counts(connection: Connection) -> list[str]:
    """Sentences about sums that are not those of the rows."""
    if await performance_sums.due(connection):
        return []
    tallied = Tallied()
    for table in sorted({placement.table for placement in PLACEMENTS}):
        last = (-1, -1)
        while rows := await ask(
            connection,
            f"SELECT {COLUMNS[table]} FROM {table} WHERE (ticket_id, number) > (?, ?)"
            f" ORDER BY ticket_id, number LIMIT {ROWS}",
            last,
        ):
            tally({table: rows}, tallied)
            last = (rows[-1][0], rows[-1][1])
    kept = {
        tuple(row[:3]): list(row[3:])
        for row in await ask(connection, f"SELECT span, channel_id, bucket, {', '.join(SUMS)} FROM performance_sums")
    }
    groups = {
        tuple(row[:5]): row[5]
        for row in await ask(connection, "SELECT kind, span, channel_id, bucket, value, number FROM performance_groups")
    }
    found = []
    if kept != tallied.sums:
        found.append("The sums of performance reports are not those of their rows.")
    if groups != tallied.groups:
        found.append("The groups of performance reports are not those of their rows.")
    return found
