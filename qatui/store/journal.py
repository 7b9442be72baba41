"""Changes of people with the rows before and after, whatever they are about: what undo and redo go by.

A change notes every row that it will touch before it touches it; at its end the rows are read again. Undo writes the
rows before back, if they still are as the change left them; redo the other way round. Only what people decide is
noted: what follows from facts goes on while they decide.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final

from qatui.store import listing
from qatui.store.people import DONE
from qatui.store.sql import GIVEN, Connection, ask, tell

Images = dict[str, dict[str, dict[str, Any] | None]]
"""Table -> key -> the row, or None where there is no such row."""

_TABLES: Final = {
    "topics": (
        "gap_topics",
        ("id",),
        ("name", "central", "named", "state", "answered_at", "merged_into", "founded_at"),
    ),
    "questions": ("gap_questions", ("id",), ("topic_id", "dismissed")),
    "answers": ("gap_answers", ("id",), ("topic_id", "version", "question", "answer", "author", "at")),
    "hints": ("gap_hints", ("kind", "first", "second"), ("score", "questions", "refused")),
    "reviews": (
        "reviews",
        ("id",),
        (
            "ticket_id",
            "content_hash",
            "uid",
            "who",
            "at",
            "stand",
            "tone",
            "clarity",
            "empathy",
            "comment",
            "blind",
            "verdict_id",
        ),
    ),
    "golden": ("golden", ("ticket_id",), ("at", "who")),
    "choices": ("choices", ("name",), ("value",)),
}
_BYTES: Final = frozenset({"content_hash"})  # as hexadecimal digits in an image, which is JSON
_OF_TEXT: Final = frozenset({"hints", "choices"})  # tables whose keys are no numbers


class Journal:
    """The rows that one change touches."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.before: Images = {}

    async def note(self, table: str, keys: Iterable[int | str]) -> None:
        """Remember rows as they are now; before they are touched for the first time. Keys of hints: 'merge 3 4'."""
        seen = self.before.setdefault(table, {})
        fresh = [str(key) for key in keys if str(key) not in seen]
        seen.update(await images(self._connection, table, fresh))

    async def after(self) -> Images:
        """The same rows now."""
        return {table: await images(self._connection, table, list(rows)) for table, rows in self.before.items()}


async def images(connection: Connection, table: str, keys: list[str]) -> dict[str, dict[str, Any] | None]:
    """Rows by key; None for those that are not there."""
    name, key_columns, columns = _TABLES[table]
    found: dict[str, dict[str, Any] | None] = dict.fromkeys(keys)
    key = " || ' ' || ".join(key_columns)
    given: list[Any] = keys if table in _OF_TEXT else [int(each) for each in keys]
    read = ", ".join(f"lower(hex({column}))" if column in _BYTES else column for column in columns)
    for row in await ask(connection, f"SELECT {key}, {read} FROM {name} WHERE {key} IN {GIVEN}", (json.dumps(given),)):
        found[str(row[0])] = dict(zip(columns, row[1:], strict=True))
    return found


async def free_number(connection: Connection, table: str) -> int:
    """A number for a new row that none ever had: one that was undone may be made again. Of tables numbered by id."""
    name = _TABLES[table][0]
    [[number]] = await ask(
        connection,
        f"SELECT max(coalesce((SELECT max(id) FROM {name}), 0), coalesce((SELECT max(CAST(made.key AS INTEGER))"
        f" FROM audit JOIN json_each(audit.after, '$.{table}') AS made WHERE undid IS NULL), 0)) + 1",
    )
    return int(number)


async def leaning(connection: Connection, entry: int, uid: int, topics: Iterable[str]) -> str | None:
    """Who else, after an entry of the log, put something into topics (by key) that would go; None for nobody."""
    gone = {int(topic) for topic in topics}
    if gone:
        for who, after in await ask(
            connection,
            "SELECT who, after FROM audit WHERE id > ? AND uid != ? AND standing = ? ORDER BY id DESC",
            (entry, uid, DONE),
        ):
            left: Images = json.loads(after)
            rows = [*left.get("questions", {}).values(), *left.get("topics", {}).values()]
            if any(row and (row.get("topic_id") in gone or row.get("merged_into") in gone) for row in rows):
                return str(who)
    return None


async def differing(connection: Connection, expected: Images) -> tuple[str, str] | None:
    """The first row (table, key) that is not as expected."""
    for table, rows in expected.items():
        now = await images(connection, table, list(rows))
        for key, row in rows.items():
            if now[key] != row:
                return table, key
    return None


async def write(connection: Connection, rows: Images) -> None:
    """Make rows what they are in `rows`, those that are None there go; and let follow what is derived from them.

    Questions that came into a topic which goes wait again, and are looked at by the next grouping. Tickets whose
    reviews change are shown anew; all of them, where the workspace's judge does.
    """
    reviewed = tickets({"reviews": await images(connection, "reviews", list(rows.get("reviews", {})))}, rows)
    for table, of_table in rows.items():
        await _write(connection, table, of_table)
    gone = [(int(topic),) for topic, row in rows.get("topics", {}).items() if row is None]
    await tell(connection, "UPDATE gap_questions SET topic_id = NULL, weighed = 0 WHERE topic_id = ?", gone)
    if listing.JUDGE_CHOICE in rows.get("choices", {}):
        await listing.show_every(connection)
    elif reviewed:
        await listing.show(connection, reviewed)


def tickets(*states: Images) -> list[int]:
    """The tickets whose reviews are among rows, by row id in rising order."""
    reviews = [row for each in states for row in each.get("reviews", {}).values()]
    return sorted({int(row["ticket_id"]) for row in reviews if row is not None})


async def _write(connection: Connection, table: str, rows: dict[str, dict[str, Any] | None]) -> None:
    name, key_columns, columns = _TABLES[table]
    where = " AND ".join(f"{column} = ?" for column in key_columns)
    gone = [_key(table, key) for key, row in rows.items() if row is None]
    await tell(connection, f"DELETE FROM {name} WHERE {where}", gone)
    there = [(_key(table, key), _values(columns, row)) for key, row in rows.items() if row is not None]
    if table == "questions":  # which have columns that follow from facts, too
        changes = ", ".join(f"{column} = ?" for column in columns)
        await tell(connection, f"UPDATE {name} SET {changes} WHERE {where}", [(*row, *key) for key, row in there])
    else:
        names = (*key_columns, *columns)
        await tell(
            connection,
            f"INSERT OR REPLACE INTO {name} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})",
            [(*key, *row) for key, row in there],
        )


def _key(table: str, key: str) -> tuple[Any, ...]:
    if table not in _OF_TEXT:
        return (int(key),)
    if table == "choices":
        return (key,)
    kind, first, second = key.split(" ")
    return kind, int(first), int(second)


def _values(columns: tuple[str, ...], row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(bytes.fromhex(row[column]) if column in _BYTES else row[column] for column in columns)
