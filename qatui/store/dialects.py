"""How endpoints want to be asked, and the secret from which requests are made alike: kept from run to run."""

from __future__ import annotations

import secrets
from datetime import datetime

from qatui.store.rows import to_micros
from qatui.store.sql import Connection, ask, tell

_SECRET = "request_secret"
_SECRET_BYTES = 32


async def known(connection: Connection, endpoint: str, model: str, *, since: datetime) -> str | None:
    """The dialect (JSON) that an endpoint and model took last, if that was not before `since`."""
    rows = await ask(
        connection,
        "SELECT dialect FROM dialects WHERE endpoint = ? AND model = ? AND at >= ?",
        (endpoint, model, to_micros(since)),
    )
    return rows[0][0] if rows else None


async def remember(connection: Connection, endpoint: str, model: str, dialect: str, at: datetime) -> None:
    """Keep a dialect in place of the one before."""
    await tell(
        connection,
        "INSERT INTO dialects (endpoint, model, dialect, at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (endpoint, model) DO UPDATE SET dialect = excluded.dialect, at = excluded.at",
        (endpoint, model, dialect, to_micros(at)),
    )


async def forget(connection: Connection, endpoint: str, model: str) -> None:
    """The endpoint refuses what it took before."""
    await tell(connection, "DELETE FROM dialects WHERE endpoint = ? AND model = ?", (endpoint, model))


async def request_secret(connection: Connection) -> bytes:
    """The workspace's own secret, made when it is first asked for; needs a transaction that writes.

    Marks between messages follow from it, so that a request can be repeated exactly and nobody can guess them.
    """
    await tell(
        connection,
        "INSERT INTO choices (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING",
        (_SECRET, secrets.token_hex(_SECRET_BYTES)),
    )
    [[value]] = await ask(connection, "SELECT value FROM choices WHERE name = ?", (_SECRET,))
    return bytes.fromhex(value)
