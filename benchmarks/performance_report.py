"""Performance reports and imports of one conversation, with 1,000, 100,000 and 1,000,000 conversations stored.

Run: python benchmarks/performance_report.py [--sizes 1000 100000 1000000] [--keep DIRECTORY]. Targets: with 1,000,000
conversations (5,700,000 messages and events) the first report of a freshly opened workspace within 1 s and every other
period or channel within 100 ms; one more conversation costs the same with 1,000,000 as with 1,000.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from qatui.config import Settings
from qatui.domain.conversation import Ticket
from qatui.domain.performance_behind import Behind, PerformanceQuestion
from qatui.domain.performance_counts import Count
from qatui.domain.period import PERIOD_DAYS, period_start
from qatui.domain.weeks import Period
from qatui.services.intake import import_paths
from qatui.services.performance import Performance
from qatui.services.simulate import simulate
from qatui.store import conversations
from qatui.store.engine import Database

WEEKS = 52
NOW = datetime(2026, 3, 20, 15, 30, tzinfo=UTC)
ROUNDS = 5
ONE_MORE = 30
ZONES = ("Europe/Berlin", "Asia/Kathmandu")  # weeks that begin on a full hour of UTC, and weeks that do not


async def prepare(path: Path, size: int) -> None:
    """A workspace with a simulated log of that many conversations."""
    log = path.with_suffix(".jsonl")
    line = json.JSONEncoder(separators=(",", ":")).encode
    with log.open("w", encoding="utf-8") as file:
        file.writelines(line(row) + "\n" for row in simulate(WEEKS, size, 1, until=NOW))
    database = await Database.open(path)
    result = await import_paths(database, [str(log)])
    print(f"imported {result.new:,} conversations in {result.seconds:.1f} s")
    await database.close()
    log.unlink()


def questions() -> Iterator[tuple[str, PerformanceQuestion, str]]:
    """Every period of the screen, over all channels and over one, in two time zones."""
    for zone in ZONES:
        for period in PERIOD_DAYS:
            for channel in (None, "chat"):
                since = period_start(period, NOW, Settings(timezone=zone).zone)
                channels = frozenset({channel}) if channel else None
                words = f"{period} {channel or 'all channels'} {zone}"
                yield words, PerformanceQuestion(as_of=NOW, period=Period(since), channels=channels), zone


async def timed(work: Callable[[], Awaitable[Any]], rounds: int = ROUNDS) -> list[float]:
    """Milliseconds of each round, ascending."""
    found = []
    for _ in range(rounds):
        start = time.perf_counter()
        await work()
        found.append((time.perf_counter() - start) * 1000)
    return sorted(found)


async def first_report(path: Path) -> None:
    """What opening the screen costs besides painting."""
    database = await Database.open(path)
    await Performance(database, Settings(timezone=ZONES[0])).report(PerformanceQuestion(as_of=NOW))
    await database.close()


async def measure(path: Path) -> dict[str, float]:
    """Figures in milliseconds, by what was done."""
    found: dict[str, float] = {}
    await first_report(path)  # the pages are in the operating system's memory from here on
    found["open workspace, report of all time"] = (await timed(lambda: first_report(path)))[ROUNDS // 2]
    database = await Database.open(path)
    reports: dict[str, list[float]] = {}
    for words, question, zone in questions():
        service = Performance(database, Settings(timezone=zone))
        reports[words] = await timed(lambda service=service, question=question: service.report(question))
    middles = {words: times[ROUNDS // 2] for words, times in reports.items()}
    slowest = max(middles, key=middles.__getitem__)
    found["report, middle of all periods and channels"] = statistics.median(middles.values())
    found[f"report, slowest ({slowest})"] = middles[slowest]
    service = Performance(database, Settings(timezone=ZONES[0]))
    then = PerformanceQuestion(as_of=NOW - timedelta(weeks=WEEKS // 2))
    found["report as of half the time ago"] = (await timed(lambda: service.report(then)))[ROUNDS // 2]
    behind = service.behind(PerformanceQuestion(as_of=NOW), Behind(count=Count.RESOLVED))
    total = await behind.count()
    found["rows behind 'resolved': how many"] = (await timed(behind.count))[ROUNDS // 2]
    found["rows behind 'resolved': first page"] = (await timed(lambda: behind.rows(0, 128)))[ROUNDS // 2]
    last = max(0, total - 128)
    found["rows behind 'resolved': last page"] = (await timed(lambda: behind.rows(last, 128)))[ROUNDS // 2]
    source = f"run {time.time_ns()}"
    for words, tickets in (("new", one_more(source)), ("changed", one_more(source, later=True))):
        times = [(await timed(lambda ticket=ticket: save(database, ticket), 1))[0] for ticket in tickets]
        found[f"import one {words} conversation"] = statistics.median(times)
    await database.close()
    return found


def one_more(source: str, *, later: bool = False) -> Iterable[Ticket]:
    """Conversations of the last weeks under a source; `later`, the same with one message less."""
    for row in simulate(2, ONE_MORE, 2, until=NOW):
        row["source"] = source
        row["messages"] = [{"private": False, **message} for message in row["messages"][: -1 if later else None]]
        for message in row["messages"]:
            message["speaker"] = message.pop("from")
        del row["format"]
        yield msgspec.convert(row, Ticket)


async def save(database: Database, ticket: Ticket) -> None:
    async with database.write() as connection:
        await conversations.save(connection, [ticket])


async def run(sizes: Iterable[int], directory: Path) -> None:
    columns: dict[int, dict[str, float]] = {}
    for size in sizes:
        path = directory / f"performance-{size}.db"
        if not path.exists():
            await prepare(path, size)
        columns[size] = await measure(path)
        print(f"\n{size:,} conversations")
        for words, milliseconds in columns[size].items():
            print(f"  {words:72}{milliseconds:9.1f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 100_000, 1_000_000])
    parser.add_argument("--keep", type=Path, help="keep the workspaces in this directory and use those that are there")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        directory = arguments.keep or Path(temporary)
        directory.mkdir(parents=True, exist_ok=True)
        asyncio.run(run(arguments.sizes, directory))


if __name__ == "__main__":
    main()
