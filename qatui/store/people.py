"""Who may change what in this workspace, and the log of every change."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from qatui.domain.people import Account, AuditEntry, Person, Role
from qatui.store.rows import from_micros, to_micros
from qatui.store.sql import Connection, ask, tell

FIXED, DONE, UNDONE = 0, 1, 2
"""`audit.standing`: never to be undone; may be undone; was undone and may be done again."""


async def everyone(connection: Connection) -> list[Person]:
    """Everybody who was added, by name."""
    rows = await ask(connection, "SELECT uid, name, role, seated, added_at FROM people ORDER BY name, uid")
    return [
        Person(uid=uid, name=name, role=Role(role), seated=bool(seated), added_at=from_micros(added_at))
        for uid, name, role, seated, added_at in rows
    ]


async def put(connection: Connection, person: Person, now: datetime) -> None:
    """Add a person, or change what is known of one."""
    await tell(
        connection,
        "INSERT INTO people (uid, name, role, seated, added_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT (uid) DO UPDATE"
        " SET name = excluded.name, role = excluded.role, seated = excluded.seated",
        (person.uid, person.name, person.role.value, person.seated, to_micros(person.added_at or now)),
    )


async def log(
    connection: Connection,
    account: Account,
    now: datetime,
    *,
    action: str,
    words: str,
    before: dict[str, Any],
    after: dict[str, Any],
    undid: int | None = None,
    standing: int = FIXED,
) -> int:
    """Write down a change in the transaction that makes it; the number of the entry."""
    [[number]] = await ask(connection, "SELECT coalesce(max(id), 0) + 1 FROM audit")
    await tell(
        connection,
        "INSERT INTO audit (id, at, uid, who, action, words, before, after, undid, standing)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            number,
            to_micros(now),
            account.uid,
            account.name,
            action,
            words,
            json.dumps(before, sort_keys=True),
            json.dumps(after, sort_keys=True),
            undid,
            standing,
        ),
    )
    return int(number)


_ENTRY = "SELECT id, at, uid, who, action, words, before, after, undid FROM audit"


def _entry(row: Sequence[Any]) -> AuditEntry:
    number, at, uid, who, action, words, before, after, undid = row
    when = from_micros(at)
    assert when is not None
    return AuditEntry(
        id=number,
        at=when,
        uid=uid,
        who=who,
        action=action,
        words=words,
        before=json.loads(before),
        after=json.loads(after),
        undid=undid,
    )


async def entries(connection: Connection, *, limit: int = -1, who: str | None = None) -> list[AuditEntry]:
    """The log, newest first; limit: negative for all of it."""
    rows = await ask(connection, f"{_ENTRY} WHERE ?1 IS NULL OR who = ?1 ORDER BY id DESC LIMIT ?2", (who, limit))
    return [_entry(row) for row in rows]


async def latest(connection: Connection, uid: int, standing: int) -> AuditEntry | None:
    """The change of a person that comes next: of those DONE the newest, of those UNDONE the one undone last."""
    order = "DESC" if standing == DONE else "ASC"
    rows = await ask(
        connection, f"{_ENTRY} WHERE uid = ? AND standing = ? ORDER BY id {order} LIMIT 1", (uid, standing)
    )
    return _entry(rows[0]) if rows else None


async def stands(connection: Connection, entry: int, standing: int) -> None:
    """Say whether a change is done or undone now."""
    await tell(connection, "UPDATE audit SET standing = ? WHERE id = ?", (standing, entry))


async def forget_undone(connection: Connection, uid: int) -> None:
    """A new change: what this person had undone before can not be done again."""
    await tell(connection, f"UPDATE audit SET standing = {FIXED} WHERE uid = ? AND standing = {UNDONE}", (uid,))


async def changed_since(connection: Connection, entry: int, table: str, key: str) -> str | None:
    """Who else changed a row after an entry of the log, the last one; None where the log does not say."""
    for found in await ask(connection, "SELECT who, before FROM audit WHERE id > ? ORDER BY id DESC", (entry,)):
        if key in json.loads(found[1]).get(table, {}):
            return str(found[0])
    return None
