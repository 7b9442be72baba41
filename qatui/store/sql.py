"""Statements sent to SQLite as they are written, with placeholders: the two ways everything in this room uses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

GIVEN = "(SELECT value FROM json_each(?))"
"""SQL: the elements of a JSON list, so that one placeholder takes any number of values."""


async def ask(connection: AsyncConnection, query: str, values: tuple[Any, ...] = ()) -> Sequence[Any]:
    """All rows of a query."""
    return (await connection.exec_driver_sql(query, values)).all()


async def tell(
    connection: AsyncConnection, statement: str, values: tuple[Any, ...] | list[tuple[Any, ...]] = ()
) -> None:
    """Carry out a statement, once or for every row of a list; an empty list does nothing."""
    if values != []:
        await connection.exec_driver_sql(statement, values)
