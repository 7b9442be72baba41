"""Lists over 1,000,000 tickets in the store: pages, the end, every sort, filters, counts, sums per rep.

Run: python benchmarks/listing_speed.py [--tickets 1000000] [--database FILE]. Target: each page and count within 100 ms
for all tickets, for a rep, a team and a period; other filters are measured beside them. FILE is made if it is absent
and kept. Every figure is the median of several runs with the file in the system's cache; of a sort it is the slowest of
four pages of 128 rows: the first, those at a quarter and a half, and the last.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import resource
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from qatui.domain.listing import Sort, SortColumn, TicketFilter
from qatui.domain.verdict import Flag
from qatui.store import indexes, reports
from qatui.store.engine import Database

PAGE = 128
REPS = 40
DAYS = 700
START = datetime(2024, 1, 1, tzinfo=UTC)
WORDS = (
    "parcel",
    "invoice",
    "lamp",
    "refund",
    "late",
    "broken",
    "login",
    "bulb",
    "order",
    "address",
    "thanks",
    "again",
)
RUNS = 5
TARGET_MS = 100


def rows(count: int) -> Iterator[tuple[tuple[Any, ...], tuple[Any, ...]]]:
    """Rows of tickets and of the listing; the same count gives the same rows."""
    dice = random.Random(2)
    for number in range(1, count + 1):
        closed = int((START + timedelta(seconds=dice.randrange(86_400 * DAYS))).timestamp()) * 1_000_000
        closed_at = None if dice.random() < 0.02 else closed
        rep = dice.randrange(1, REPS + 1)
        name = " ".join(dice.choices(WORDS, k=5))
        channel = dice.choice(("chat", "email", "social"))
        ticket = (number, "bench", f"T-{number}", name, channel, "closed", closed_at, 0, 0, b"")
        scores = None if dice.random() < 0.03 else dice.choices((1, 2, 3, 4, 5), (1, 2, 6, 8, 4), k=3)
        judged = (*scores, sum(scores), None) if scores else (None, None, None, None, "too_short")
        flags = 8 if dice.random() < 0.05 else 0
        yield (
            ticket,
            (
                *(number, "bench", name, rep, f"Rep Number {rep}", f"Team {rep % 4}", channel, closed_at, flags, b""),
                *judged,
            ),
        )


async def build(path: Path, count: int) -> None:
    """Fill a new workspace with tickets that have a row in the list but no messages."""
    database = await Database.open(path)
    await indexes.drop(database)
    with closing(sqlite3.connect(path)) as connection, connection:
        for rep in range(1, REPS + 1):
            connection.execute(
                "INSERT INTO reps VALUES (?, 'bench', ?, ?, ?)",
                (rep, f"r{rep}", f"Rep Number {rep}", f"Team {rep % 4}"),
            )
        for ticket, listed in rows(count):
            connection.execute(
                "INSERT INTO tickets (id, source, external_id, subject, channel, status, closed_at, spam, outbound,"
                " facts_hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                ticket,
            )
            connection.execute(
                "INSERT INTO listing (id, source, name, rep_id, rep_name, team, channel, closed_at, flags,"
                " content_hash, tone, clarity, empathy, overall, reason)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                listed,
            )
        connection.execute("INSERT INTO search (search) VALUES ('rebuild')")
    await indexes.complete(database)
    await database.close()


FILTERS = {
    "all": TicketFilter(),
    "one rep": TicketFilter(rep="Rep Number 7"),
    "one team": TicketFilter(team="Team 2"),
    "90 days": TicketFilter(since=START + timedelta(days=DAYS - 90)),
    "a rep in 90 days": TicketFilter(rep="bench/r7", since=START + timedelta(days=DAYS - 90)),
    "empathy up to 2": TicketFilter(empathy=(1, 2)),
    "one channel": TicketFilter(channel="chat"),
    "reopened": TicketFilter(flags=frozenset({Flag.REOPENED})),
    "unscored": TicketFilter(scored=False),
    "one word": TicketFilter(text="refund"),
    "two letters": TicketFilter(text="re"),
    "two words": TicketFilter(text="refund again"),
}


async def milliseconds(ask: Callable[[], Awaitable[Any]]) -> float:
    """The median of several runs."""
    took = []
    for _ in range(RUNS):
        start = time.perf_counter()
        await ask()
        took.append((time.perf_counter() - start) * 1000)
    return statistics.median(took)


async def measure(path: Path) -> None:
    """Print a table: a filter a line, for its count and for each sort the slowest of the pages asked for."""
    database = await Database.open(path)
    columns = [(column, way) for column in SortColumn for way in (True, False)]
    titles = [f"{column.value[:6]}{'↓' if way else '↑'}" for column, way in columns]
    print(f"{'milliseconds':18}{'tickets':>10}{'count':>8}" + "".join(f"{title:>9}" for title in titles))
    slowest = 0.0
    async with database.read() as connection:
        for name, where in FILTERS.items():
            total = (await reports.counts(connection, where)).total
            figures = [await milliseconds(partial(reports.counts, connection, where))]
            for column, way in columns:
                sort = Sort(column, way)
                pages = [
                    await milliseconds(partial(reports.rows, connection, where, sort, at, PAGE))
                    for at in sorted({0, total // 4, total // 2, max(0, total - PAGE)})
                ]
                figures.append(max(pages))
            slowest = max(slowest, *figures)
            print(
                f"{name:18}{total:>10,}"
                + "".join(f"{each:>8.0f}{'!' if each > TARGET_MS else ' '}" for each in figures)
            )
        everything, zone = FILTERS["all"], ZoneInfo("Europe/Berlin")
        others: dict[str, Callable[[], Awaitable[Any]]] = {
            "place of a ticket by tone": lambda: reports.position(
                connection, everything, Sort(SortColumn.TONE), 400_000
            ),
            "place of a ticket by close date": lambda: reports.position(connection, everything, Sort(), 400_000),
            "sums per rep and week, 90 days": lambda: reports.by_rep(connection, FILTERS["90 days"], zone),
            "sums per rep and week, all": lambda: reports.by_rep(connection, everything, zone),
            "distributions of a rep": lambda: reports.distributions(connection, FILTERS["one rep"]),
            "choices": lambda: reports.choices(connection),
            "span": lambda: reports.span(connection),
        }
        for name, ask in others.items():
            print(f"{name:36}{await milliseconds(ask):>8.1f}")
    await database.close()
    print(f"slowest page or count: {slowest:.0f} ms")


def run(path: Path, tickets: int) -> None:
    if not path.exists():
        start = time.perf_counter()
        asyncio.run(build(path, tickets))
        print(f"made {tickets:,} tickets in {time.perf_counter() - start:.0f} s, {path.stat().st_size / 2**20:.0f} MiB")
    asyncio.run(measure(path))
    print(f"memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB at most")


def main() -> None:
    """Make the database if need be, and print the tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--tickets", type=int, default=1_000_000)
    parser.add_argument("--database", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        run(arguments.database or Path(directory) / "listing.db", arguments.tickets)


if __name__ == "__main__":
    main()
