"""How long topics take with many unanswered questions: the first grouping, a hundred more, opening the list.

Run `python -m benchmarks.gaps_speed [--questions 50000]`. Questions are made of four hundred needs in several wordings.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from qatui.config import Settings
from qatui.domain.conversation import Event, EventType, Message, Speaker, Ticket
from qatui.domain.gap_topic import TopicState
from qatui.services.gaps.triage import Gaps
from qatui.services.gaps.vectors import WordLlamaEmbedder
from qatui.services.people import People
from qatui.store import conversations
from qatui.store.engine import Database

NOW = datetime(2026, 6, 1, tzinfo=UTC)
VERBS = """
cancel return exchange repair clean insure rent borrow upgrade pause transfer register unlock charge engrave wrap
assemble recycle test ship
"""
THINGS = """
bicycle helmet membership invoice voucher sofa tablet mattress passport kettle subscription router violin parcel
jacket password tent warranty camera ticket
"""
WORDINGS = (
    "how do I {} my {}",
    "can you {} the {} for me",
    "is it possible to {} a {} that I bought last month",
    "I would like to {} the {}, what does it cost",
    "where can I {} an old {}",
    "do you also {} a {} for companies",
)
TAILS = ("", "?", " please", ", it is urgent", " before Friday?", " - I could not find it on the website")


def tickets(first: int, number: int, dice: random.Random) -> Iterator[Ticket]:
    """Conversations with one unanswered question each, spread over a year."""
    for place in range(first, first + number):
        text = dice.choice(WORDINGS).format(dice.choice(VERBS.split()), dice.choice(THINGS.split())) + dice.choice(
            TAILS
        )
        at = NOW - timedelta(minutes=dice.randrange(525_600))
        yield Ticket(
            source="bench",
            id=f"Q-{place}",
            channel="chat",
            messages=(
                Message("m1", Speaker.CUSTOMER, text, at),
                Message("m2", Speaker.CUSTOMER_AGENT, "I do not know.", at, sources=(), actions=()),
            ),
            events=(Event(EventType.UNANSWERED, at, message="m1"),),
        )


async def save(db: Database, first: int, number: int, dice: random.Random) -> None:
    """Store conversations in chunks, as an import does."""
    for start in range(0, number, 1_000):
        async with db.write() as connection:
            chunk = list(tickets(first + start, min(1_000, number - start), dice))
            await conversations.save(connection, chunk)


async def measure(path: Path, questions: int) -> None:
    """Print the figures."""
    dice = random.Random(7)
    engine = WordLlamaEmbedder()
    db = await Database.open(path)
    try:
        gaps = Gaps(db, Settings(timezone="UTC"), People(db, lambda: NOW), lambda: NOW, lambda: engine)
        await save(db, 0, questions, dice)
        start = time.perf_counter()
        done = await gaps.refresh()
        print(f"first grouping of {questions:,}: {time.perf_counter() - start:.1f} s, {done}")
        for again in range(5):
            await save(db, questions + 100 * again, 100, dice)
            start = time.perf_counter()
            done = await gaps.refresh()
            print(f"100 more: {time.perf_counter() - start:.2f} s, {done.placed} placed, {done.founded} founded")
        for _ in range(5):
            start = time.perf_counter()
            report = await gaps.report()
            print(f"list of {len(report.rows)} topics: {time.perf_counter() - start:.3f} s")
        largest = next(row for row in report.rows if row.topic)
        start = time.perf_counter()
        view = await gaps.topic(largest.topic, limit=100)
        print(f"one topic of {view.row.questions:,} questions: {time.perf_counter() - start:.3f} s")
        start = time.perf_counter()
        await gaps.resolve(largest.topic, "How?", "Like this.")
        print(f"resolve: {time.perf_counter() - start:.3f} s")
        start = time.perf_counter()
        await gaps.undo()
        print(f"undo: {time.perf_counter() - start:.3f} s")
        assert (await gaps.topic(largest.topic, limit=1)).row.state is TopicState.OPEN
    finally:
        await db.close()


def main() -> None:
    """Measure on a workspace of its own."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--questions", type=int, default=50_000)
    questions = parser.parse_args().questions
    with tempfile.TemporaryDirectory() as directory:
        asyncio.run(measure(Path(directory) / "w.db", questions))


if __name__ == "__main__":
    main()
