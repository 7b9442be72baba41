"""Keeps topics up to date: new questions are turned into vectors, join, found or wait; nothing that is placed moves."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from qatui.store import gaps_grouping
from qatui.store.engine import Database
from qatui.store.gaps_grouping import Founded, Free

if TYPE_CHECKING:  # numpy and the vectors are loaded when there is something to group
    from qatui.services.gaps.vectors import Embedder, Vectors

COMPANY = 300  # questions that wait already and are looked at again beside new ones
FEW = 300
SMALL_ROOM = 1_200
"""Up to FEW new questions are grouped with so many in all, which takes a fraction of a second; more of them with as
many as one grouping takes, which takes a second and more."""
LEAST = 3  # questions that found a topic; people may have sorted some while grouping was at work
BACKGROUND = 1_500  # questions whose words names are weighed against


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh did: questions looked at, how many of them have a topic now, topics founded."""

    questions: int = 0
    placed: int = 0
    founded: int = 0

    def __add__(self, other: Refreshed) -> Refreshed:
        return Refreshed(self.questions + other.questions, self.placed + other.placed, self.founded + other.founded)


@dataclass(frozen=True, slots=True)
class _Step:
    """What one grouping starts from."""

    free: list[Free]
    known: list[gaps_grouping.Placed]
    texts: dict[int, str]
    vectors: dict[str, bytes]
    taken: set[str]


async def refresh(
    db: Database,
    embedder: Callable[[], Embedder],
    now: datetime,
    progress: Callable[[int, int], None] | None = None,
) -> Refreshed:
    """Place every question that no grouping has looked at; finished steps are kept when the run is stopped.

    progress: (looked at, in all). The work of a step runs beside the event loop.
    """
    done = Refreshed()
    engine: Embedder | None = None
    total = 0
    while True:
        async with db.read() as connection:
            left = await gaps_grouping.new(connection)
        if not left:
            break
        total = total or left
        if engine is None:
            engine = await asyncio.to_thread(embedder)
        done += await _step(db, engine, now)
        if progress:
            progress(min(done.questions, total), total)
    if done.placed and engine is not None:
        await _suggest(db, engine)
    return done


async def _step(db: Database, engine: Embedder, now: datetime) -> Refreshed:
    step, fresh = await _read(db, engine)
    joined, founded = await asyncio.to_thread(_group, step, engine)
    async with db.write() as connection:
        placed, topics = await gaps_grouping.grow(
            connection,
            weighed=[row_id for row_id, _ in step.free],
            joined=joined,
            founded=founded,
            least=LEAST,
            now=now,
        )
    return Refreshed(fresh, placed, topics)


async def _read(db: Database, engine: Embedder) -> tuple[_Step, int]:
    from qatui.services.gaps.topics import MOST_KNOWN, MOST_WAITING, sample_members

    async with db.read() as connection:
        fresh = await gaps_grouping.new(connection)
        few = fresh <= FEW
        limit = FEW if few else MOST_WAITING - COMPANY
        free = await gaps_grouping.waiting(connection, fresh=limit, old=COMPANY)
        every = await gaps_grouping.placed(connection)
        room = SMALL_ROOM - len(free) if few else MOST_KNOWN
        known = [every[index] for index in sample_members([topic for _, _, topic in every], room)]
        spoken = [row_id for row_id, _ in free] + [row_id for row_id, _, _ in known[-BACKGROUND:]]
        texts = await gaps_grouping.texts(connection, spoken)
        taken = await gaps_grouping.names(connection)
    vectors = await _vectors(db, engine, [*free, *((row_id, digest) for row_id, digest, _ in known)])
    return _Step(free, known, texts, vectors, taken), min(fresh, limit)


async def _vectors(db: Database, engine: Embedder, questions: Sequence[Free]) -> dict[str, bytes]:
    """A vector for the text of every question, made where the cache has none."""
    digests = {digest: row_id for row_id, digest in questions}
    async with db.read() as connection:
        found = await gaps_grouping.vectors(connection, engine.name, digests)
        absent = [digest for digest in digests if digest not in found]
        texts = await gaps_grouping.texts(connection, [digests[digest] for digest in absent])
    if absent:
        wanted = [(digest, texts[digests[digest]]) for digest in absent if digests[digest] in texts]
        rows = await asyncio.to_thread(engine.embed, [text for _, text in wanted])
        made = [(digest, row.tobytes()) for (digest, _), row in zip(wanted, rows, strict=True)]
        async with db.write() as connection:
            await gaps_grouping.keep_vectors(connection, engine.name, made)
        found |= dict(made)
    return found


def _matrix(step_vectors: dict[str, bytes], digests: Sequence[str], dim: int) -> Vectors:
    import numpy as np

    absent = bytes(4 * dim)  # a question whose text went in this moment: near to nothing
    joined = b"".join(step_vectors.get(digest, absent) for digest in digests)
    return np.frombuffer(joined, dtype=np.float32).reshape(len(digests), dim).copy()


def _group(step: _Step, engine: Embedder) -> tuple[list[tuple[int, int]], list[Founded]]:
    """What becomes of the questions of a step: (question, topic) joins, and topics to found."""
    from qatui.services.gaps.naming import count_words
    from qatui.services.gaps.topics import grow

    waiting = _matrix(step.vectors, [digest for _, digest in step.free], engine.dim)
    known = _matrix(step.vectors, [digest for _, digest, _ in step.known], engine.dim)
    growth = grow(waiting, known, [topic for _, _, topic in step.known])
    background = count_words(step.texts.values())
    taken = set(step.taken)
    founded = []
    for rows in growth.founded:
        ids = tuple(step.free[row][0] for row in rows)
        texts = [step.texts.get(row_id, "") for row_id in ids]
        name, central = name_of(texts, waiting[list(rows)], background, len(step.texts), taken)
        taken.add(name.casefold())
        founded.append(Founded(ids, name, central))
    return [(step.free[row][0], topic) for row, topic in growth.joined], founded


def name_of(
    texts: Sequence[str], vectors: Vectors, background: Counter[str], questions: int, taken: set[str]
) -> tuple[str, str]:
    """A name that no other topic has, and the words of the most central question.

    taken: names in lower case. More terms tell topics of the same first terms apart, then numbers do.
    """
    from qatui.services.gaps.naming import name_topic

    found = name_topic(texts, vectors, background, questions)
    central = texts[found.question]
    for terms in (3, 4, 5):
        best = name_topic(texts, vectors, background, questions, terms=terms).terms
        name = " · ".join(best)
        if name and name.casefold() not in taken:
            return name, central
    name = " · ".join(found.terms) or "Questions"
    number = 2
    while f"{name} ({number})".casefold() in taken:
        number += 1
    return (f"{name} ({number})" if name.casefold() in taken else name), central


async def _suggest(db: Database, engine: Embedder) -> None:
    """Look for topics that read as one, or as several; only what nobody refused is shown."""
    from qatui.services.gaps.topics import review, sample_members

    async with db.read() as connection:
        every = await gaps_grouping.placed(connection)
    known = [every[index] for index in sample_members([topic for _, _, topic in every], SMALL_ROOM)]
    vectors = await _vectors(db, engine, [(row_id, digest) for row_id, digest, _ in known])
    matrix = _matrix(vectors, [digest for _, digest, _ in known], engine.dim)
    merges, splits = await asyncio.to_thread(review, matrix, [topic for _, _, topic in known])
    async with db.write() as connection:
        await gaps_grouping.suggest(
            connection,
            [(hint.first, hint.second, hint.score) for hint in merges],
            [(hint.topic, [known[row][0] for row in hint.rows], hint.score) for hint in splits],
        )


async def name_for(db: Database, embedder: Callable[[], Embedder], questions: Sequence[int]) -> tuple[str, str]:
    """A derived name for chosen questions, and their most central question's words."""
    from qatui.services.gaps.naming import count_words

    engine = await asyncio.to_thread(embedder)
    async with db.read() as connection:
        texts = await gaps_grouping.texts(connection, questions)
        every = await gaps_grouping.placed(connection)
        background = await gaps_grouping.texts(connection, [row[0] for row in every[-BACKGROUND:]])
        taken = await gaps_grouping.names(connection)
    chosen = [texts[row_id] for row_id in questions if row_id in texts]
    vectors = await asyncio.to_thread(engine.embed, chosen)
    words = count_words({**background, **texts}.values())
    return name_of(chosen, vectors, words, len({**background, **texts}), taken)
