"""Statements sent to SQLite as they are written, with placeholders: the two ways everything in this room uses."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from aiosqlite import Connection

GIVEN = "(SELECT value FROM json_each(?))"
"""SQL: the elements of a JSON list, so that one placeholder takes any number of values."""


async def ask(connection: Connection, query: str, values: tuple[Any, ...] = ()) -> list[Any]:
    """All rows of a query, each a tuple."""
    rows: Iterable[Any] = await connection.execute_fetchall(query, values)
    return list(rows)


async def tell(connection: Connection, statement: str, values: tuple[Any, ...] | list[tuple[Any, ...]] = ()) -> None:
    """Carry out a statement, once or for every row of a list; an empty list does nothing."""
    if isinstance(values, tuple):
        await ask(connection, statement, values)
    elif values:
        await (await connection.executemany(statement, values)).close()


__all__ = ["GIVEN", "Connection", "ask", "tell"]
