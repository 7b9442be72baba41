"""What grouping reads and writes: vectors by text, the topics of known questions, new topics and suggestions."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from qatui.domain.gap_topic import TopicState
from qatui.store.gaps import MERGED
from qatui.store.journal import free_number
from qatui.store.rows import to_micros
from qatui.store.sql import GIVEN, Connection, ask, tell

Placed = tuple[int, str, int]
"""A question: its number, the hash of its text, its topic."""

Free = tuple[int, str]
"""A question without a topic: its number and the hash of its text."""


@dataclass(frozen=True, slots=True)
class Founded:
    """A topic to be: its questions by number, its name and the words of its most central question."""

    questions: tuple[int, ...]
    name: str
    central: str


_FREE = "present = 1 AND dismissed = 0 AND topic_id IS NULL"


async def new(connection: Connection) -> int:
    """How many questions no grouping has looked at."""
    [[count]] = await ask(
        connection,
        "SELECT count(*) FROM gap_questions WHERE present = 1 AND weighed = 0 AND dismissed = 0 AND topic_id IS NULL",
    )
    return int(count)


async def waiting(connection: Connection, *, fresh: int, old: int) -> list[Free]:
    """Questions without a topic, by number: the first `fresh` new ones, and the last `old` of those looked at."""
    rows = await ask(
        connection,
        f"SELECT * FROM (SELECT id, text_hash FROM gap_questions WHERE {_FREE} AND weighed = 0 ORDER BY id LIMIT ?)"
        " UNION ALL SELECT * FROM"
        f" (SELECT id, text_hash FROM gap_questions WHERE {_FREE} AND weighed = 1 ORDER BY id DESC LIMIT ?)"
        " ORDER BY 1",
        (fresh, old),
    )
    return [(row_id, digest) for row_id, digest in rows]


async def placed(connection: Connection) -> list[Placed]:
    """Every question with a topic that takes part in grouping, oldest first."""
    rows = await ask(
        connection,
        "SELECT id, text_hash, topic_id FROM gap_questions WHERE topic_id IS NOT NULL AND present = 1 AND dismissed = 0"
        " ORDER BY id",
    )
    return [(row_id, digest, topic) for row_id, digest, topic in rows]


async def count(connection: Connection) -> int:
    """How many questions take part in grouping."""
    [[number]] = await ask(connection, "SELECT count(*) FROM gap_questions WHERE present = 1 AND dismissed = 0")
    return int(number)


async def texts(connection: Connection, ids: Sequence[int]) -> dict[int, str]:
    """The words of questions by number."""
    rows = await ask(
        connection,
        "SELECT gap_questions.id, messages.text FROM gap_questions JOIN messages"
        " ON messages.ticket_id = gap_questions.ticket_id AND messages.position = gap_questions.position"
        f" WHERE gap_questions.id IN {GIVEN}",
        (json.dumps(list(ids)),),
    )
    return dict(map(tuple, rows))


async def vectors(connection: Connection, engine: str, digests: Iterable[str]) -> dict[str, bytes]:
    """Cached vectors by the hash of their text."""
    wanted = sorted(set(digests))
    rows = await ask(
        connection,
        f"SELECT text_hash, vector FROM gap_vectors WHERE engine = ? AND text_hash IN {GIVEN}",
        (engine, json.dumps(wanted)),
    )
    return dict(map(tuple, rows))


async def keep_vectors(connection: Connection, engine: str, made: Iterable[tuple[str, bytes]]) -> None:
    """Put vectors into the cache."""
    await tell(
        connection,
        "INSERT OR IGNORE INTO gap_vectors (engine, text_hash, vector) VALUES (?, ?, ?)",
        [(engine, digest, vector) for digest, vector in made],
    )


async def grow(
    connection: Connection,
    *,
    weighed: Sequence[int],
    joined: Sequence[tuple[int, int]],
    founded: Sequence[Founded],
    least: int,
    now: datetime,
) -> tuple[int, int]:
    """Place questions as grouping found; how many were placed, and how many topics are new.

    joined: (question, topic). Since grouping read them, people may have sorted some: a question that has a topic by
    now stays, a topic that was merged hands on what joins it, and a topic of fewer than `least` is not founded.
    """
    free = {
        row_id
        for (row_id,) in await ask(
            connection, f"SELECT id FROM gap_questions WHERE {_FREE} AND id IN {GIVEN}", (json.dumps(list(weighed)),)
        )
    }
    into = dict(map(tuple, await ask(connection, "SELECT id, merged_into FROM gap_topics")))

    def home(topic: int) -> int | None:
        while topic in into and into[topic] is not None:
            topic = into[topic]
        return topic if topic in into else None

    places = [(row_id, home(topic)) for row_id, topic in joined if row_id in free]
    last = await free_number(connection, "topics") - 1
    topics = 0
    for each in founded:
        members = [row_id for row_id in each.questions if row_id in free]
        if len(members) < least:
            continue
        topics += 1
        await tell(
            connection,
            "INSERT INTO gap_topics (id, name, central, named, state, founded_at) VALUES (?, ?, ?, 0, ?, ?)",
            (last + topics, each.name, each.central, TopicState.OPEN.value, to_micros(now)),
        )
        places += [(row_id, last + topics) for row_id in members]
    await tell(connection, f"UPDATE gap_questions SET weighed = 1 WHERE id IN {GIVEN}", (json.dumps(list(weighed)),))
    settled = [(topic, row_id) for row_id, topic in places if topic is not None]
    await tell(connection, "UPDATE gap_questions SET topic_id = ? WHERE id = ?", settled)
    return len(settled), topics


async def suggest(
    connection: Connection,
    merges: Iterable[tuple[int, int, float]],
    splits: Iterable[tuple[int, Sequence[int], float]],
) -> None:
    """Replace what is suggested: merges (first, second, score), splits (topic, questions, score), best first.

    What a person refused stays refused: two topics, and one topic whatever its questions are by then.
    """
    await tell(connection, "DELETE FROM gap_hints WHERE refused = 0")
    rows = [("merge", first, second, round(score * 1000), "[]") for first, second, score in merges]
    rows += [("split", topic, 0, round(score * 1000), json.dumps(list(ids))) for topic, ids, score in splits]
    await tell(
        connection,
        "INSERT OR IGNORE INTO gap_hints (kind, first, second, score, questions, refused) VALUES (?, ?, ?, ?, ?, 0)",
        rows,
    )


async def names(connection: Connection) -> set[str]:
    """The names that topics have, in lower case."""
    rows = await ask(connection, f"SELECT name FROM gap_topics WHERE state != '{MERGED}'")
    return {name.casefold() for (name,) in rows}
