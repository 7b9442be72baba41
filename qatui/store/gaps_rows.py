"""Unanswered questions stored with the conversations they follow from; what was decided about them is kept."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from qatui.store.gaps_prepared import Asked, asked
from qatui.store.sql import GIVEN, Connection, ask, tell

if TYPE_CHECKING:
    from qatui.store.engine import Database

CHUNK = 500  # tickets looked through in one transaction

_PUT = (
    "INSERT INTO gap_questions (ticket_id, message, position, rule, at, text_hash, present, weighed, dismissed)"
    " VALUES (?, ?, ?, ?, ?, ?, 1, 0, 0) ON CONFLICT (ticket_id, message) DO UPDATE SET position = excluded.position,"
    " rule = excluded.rule, at = excluded.at, text_hash = excluded.text_hash, present = 1,"
    # Other words may have other company: a question that waits is looked at again.
    " weighed = weighed AND text_hash = excluded.text_hash"
)


async def put(connection: Connection, tickets: Sequence[tuple[int, Asked]], changed: Collection[int] = ()) -> None:
    """Store the questions of tickets (row id, rows), after the facts; the tickets `changed` had other facts before.

    A question that the facts no longer tell is kept aside with what was decided about it, and counts nowhere.
    """
    if changed:
        await tell(
            connection,
            f"UPDATE gap_questions SET present = 0 WHERE ticket_id IN {GIVEN}",
            (json.dumps(list(changed)),),
        )
    await tell(connection, _PUT, [(row_id, *row) for row_id, rows in tickets for row in rows])


async def complete(database: Database) -> None:
    """Look for questions where that is due, in steps that are kept each: a killed run goes on later."""
    from qatui.store import conversations  # saving puts rows here: imported late to stand above

    while True:
        async with database.read() as connection:
            if not await ask(connection, "SELECT 1 FROM gap_due LIMIT 1"):
                return
        async with database.write() as connection:
            found = await ask(connection, f"SELECT ticket_id FROM gap_due ORDER BY 1 LIMIT {CHUNK}")
            ids = [row_id for (row_id,) in found]
            tickets = await conversations.load(connection, ids)
            await put(connection, [(row_id, asked(ticket)) for row_id, ticket in zip(ids, tickets, strict=True)], ids)
            await tell(connection, f"DELETE FROM gap_due WHERE ticket_id IN {GIVEN}", (json.dumps(ids),))
