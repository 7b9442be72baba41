"""The indexes and sums that lists and reports need: left out during a first bulk load, complete at any other time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qatui.store.layout import BULKY_INDEXES
from qatui.store.sql import ask, tell

if TYPE_CHECKING:
    from qatui.store.engine import Database
    from qatui.store.sql import Connection


async def missing(connection: Connection) -> list[str]:
    """Names of these indexes that are not there."""
    there = {name for (name,) in await ask(connection, "SELECT name FROM sqlite_schema WHERE type = 'index'")}
    return [name for name in BULKY_INDEXES if name not in there]


async def drop(database: Database) -> None:
    """Leave indexes and sums out for a while; `restore` brings them back, at the latest on opening."""
    from qatui.store import performance_sums  # a database that is only opened needs none of it

    async with database.write() as connection:
        await performance_sums.put_off(connection)
        for name in BULKY_INDEXES:
            await tell(connection, f"DROP INDEX IF EXISTS {name}")


async def complete(database: Database) -> None:
    """Build what is missing, one transaction each, so that other writers wait for one index at most."""
    async with database.read() as connection:
        absent = await missing(connection)
    if absent:
        from qatui.store.create import index_statements

        for statement in index_statements(absent):
            async with database.write() as connection:
                await tell(connection, statement)


async def restore(database: Database) -> None:
    """Bring back what `drop` left out."""
    from qatui.store import performance_rows

    await performance_rows.complete(database)
    await complete(database)
