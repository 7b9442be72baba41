"""Conversations on their way in: a wide row each, of which SQLite makes the rows of several tables by itself.

Handing a row over to SQLite takes three times as long as inserting it (a NULL alone, for which the driver looks for an
adapter, as long as a message's text), so nothing is handed over twice that one table already has from another.
"""

from __future__ import annotations

from typing import Final

from qatui.domain.conversation import NO_REP, NO_TEAM, UNKNOWN_REP, EventType
from qatui.store.layout import NO_REP_ID, UNKNOWN_REP_ID
from qatui.store.listing import OF_FACTS, SEARCHED
from qatui.store.performance_layout import NO_NAME
from qatui.store.rows import EVENT_COLUMNS, TICKET_COLUMNS, Row
from qatui.store.sql import Connection, tell

COLUMNS: Final = f"{TICKET_COLUMNS}, name, answered, rep, reason, flags, content_hash, plain_since"
"""The row id, and the first fields of `prepared.Prepared`."""

_MAKE: Final = f"CREATE TEMP TABLE IF NOT EXISTS incoming ({COLUMNS.replace('id', 'id INTEGER PRIMARY KEY', 1)})"
_TAKE: Final = f"INSERT INTO temp.incoming VALUES ({', '.join('?' * (COLUMNS.count(',') + 1))})"
_FACTS: Final = TICKET_COLUMNS.split(", ")[1:]

_TICKETS: Final = (
    f"INSERT INTO tickets ({TICKET_COLUMNS}) SELECT {TICKET_COLUMNS} FROM temp.incoming WHERE true"
    f" ON CONFLICT (id) DO UPDATE SET ({', '.join(_FACTS)}) = ({', '.join(f'excluded.{name}' for name in _FACTS)})"
)
_LISTING: Final = (
    f"INSERT INTO listing ({OF_FACTS}) SELECT incoming.id, incoming.source, incoming.name,"
    f" coalesce(reps.id, iif(answered, {UNKNOWN_REP_ID}, {NO_REP_ID})),"
    f" coalesce(reps.name, iif(answered, '{UNKNOWN_REP}', '{NO_REP}')),"
    f" coalesce(nullif(reps.team, ''), '{NO_TEAM}'), channel, closed_at, reason, flags, content_hash"
    " FROM temp.incoming LEFT JOIN reps ON reps.source = incoming.source AND reps.external_id = incoming.rep"
    " ORDER BY incoming.id"
)
_SEARCH: Final = (
    f"INSERT INTO search (rowid, name, external_id, customer) SELECT {SEARCHED}"
    " WHERE id IN (SELECT id FROM temp.incoming) ORDER BY id"
)

# What follows from a plain conversation (`performance_prepared.plain_since`) beside its ticket and messages.
_PLAIN: Final = (
    f"INSERT INTO events ({EVENT_COLUMNS}) SELECT id, 0, '{EventType.CLOSED}', closed_at, NULL, NULL, NULL, NULL, NULL"
    " FROM temp.incoming WHERE plain_since IS NOT NULL",
    "INSERT INTO performance_names (name) SELECT DISTINCT channel FROM temp.incoming"
    " WHERE plain_since IS NOT NULL AND channel IS NOT NULL ORDER BY channel ON CONFLICT DO NOTHING",
    "INSERT INTO episodes (ticket_id, number, channel_id, started_at, settles_at, closed_at, unverified, failed)"
    f" SELECT incoming.id, 0, coalesce(performance_names.id, {NO_NAME}), plain_since, closed_at, closed_at, 0, 0"
    " FROM temp.incoming LEFT JOIN performance_names ON performance_names.name = channel"
    " WHERE plain_since IS NOT NULL ORDER BY incoming.id",
    "INSERT INTO rep_closes (ticket_id, number, channel_id, rep_id, closed_at, from_at)"
    " SELECT ticket_id, 0, channel_id, rep_id, incoming.closed_at, incoming.closed_at"
    " FROM temp.incoming CROSS JOIN episodes ON ticket_id = incoming.id CROSS JOIN listing ON listing.id = incoming.id"
    " WHERE plain_since IS NOT NULL AND answered ORDER BY incoming.id",
)


async def take(connection: Connection, rows: list[Row]) -> None:
    """Put rows of COLUMNS here, and into the tickets; those of tickets stored before replace their facts."""
    await tell(connection, _MAKE)
    await tell(connection, _TAKE, rows)
    await tell(connection, _TICKETS)


async def enlist(connection: Connection) -> None:
    """Show them in lists, as not judged yet, once their reps are there."""
    await tell(connection, _LISTING)
    await tell(connection, _SEARCH)


async def conclude(connection: Connection) -> None:
    """Store what follows from the plain ones, and be ready for others."""
    for statement in _PLAIN:
        await tell(connection, statement)
    await tell(connection, "DELETE FROM temp.incoming")
