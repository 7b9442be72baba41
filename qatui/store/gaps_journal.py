"""Changes of people to topics and questions, with the rows before and after: what undo and redo go by.

A change notes every row that it will touch before it touches it; at its end the rows are read again. Undo writes the
rows before back, if they still are as the change left them; redo the other way round. Only what people decide is
noted: what follows from facts goes on while they decide.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final

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
}


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
    key = " || ' ' || ".join(key_columns) if len(key_columns) > 1 else "id"
    given: list[Any] = keys if len(key_columns) > 1 else [int(each) for each in keys]
    for row in await ask(
        connection, f"SELECT {key}, {', '.join(columns)} FROM {name} WHERE {key} IN {GIVEN}", (json.dumps(given),)
    ):
        found[str(row[0])] = dict(zip(columns, row[1:], strict=True))
    return found


async def free_number(connection: Connection, table: str) -> int:
    """A number for a new topic or answer that none ever had: one that was undone may be made again."""
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
    """Make rows what they are in `rows`; those that are None there go.

    Questions that came into a topic which goes wait again, and are looked at by the next grouping.
    """
    for table, of_table in rows.items():
        name, key_columns, columns = _TABLES[table]
        where = " AND ".join(f"{column} = ?" for column in key_columns)
        gone = [_key(table, key) for key, row in of_table.items() if row is None]
        await tell(connection, f"DELETE FROM {name} WHERE {where}", gone)
        if table == "topics" and gone:
            await tell(connection, "UPDATE gap_questions SET topic_id = NULL, weighed = 0 WHERE topic_id = ?", gone)
        there = [(_key(table, key), row) for key, row in of_table.items() if row is not None]
        if table == "questions":
            changes = ", ".join(f"{column} = ?" for column in columns)
            await tell(
                connection,
                f"UPDATE {name} SET {changes} WHERE {where}",
                [(*(row[column] for column in columns), *key) for key, row in there],
            )
        else:
            names = (*key_columns, *columns)
            await tell(
                connection,
                f"INSERT OR REPLACE INTO {name} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})",
                [(*key, *(row[column] for column in columns)) for key, row in there],
            )


def _key(table: str, key: str) -> tuple[Any, ...]:
    parts = key.split(" ")
    return (parts[0], *map(int, parts[1:])) if table == "hints" else (int(key),)
