"""The indexes that lists and reports need: left out during a first bulk load, complete at any other time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.schema import CreateIndex, DropIndex

from qatui.store.performance_schema import INDEXES
from qatui.store.schema import LISTING_INDEXES
from qatui.store.sql import ask

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from qatui.store.engine import Database

BULKY = (*LISTING_INDEXES, *INDEXES)


async def missing(connection: AsyncConnection) -> list[str]:
    """Names of these indexes that are not there."""
    there = {name for (name,) in await ask(connection, "SELECT name FROM sqlite_schema WHERE type = 'index'")}
    return [str(index.name) for index in BULKY if index.name not in there]


async def drop(database: Database) -> None:
    """Leave the indexes out for a while; `complete` brings them back, at the latest when the database is opened."""
    async with database.write() as connection:
        for index in BULKY:
            await connection.execute(DropIndex(index, if_exists=True))


async def complete(database: Database) -> None:
    """Build what is missing, one transaction each, so that other writers wait for one index at most."""
    async with database.read() as connection:
        absent = await missing(connection)
    for index in BULKY:
        if index.name in absent:
            async with database.write() as connection:
                await connection.execute(CreateIndex(index, if_not_exists=True))
