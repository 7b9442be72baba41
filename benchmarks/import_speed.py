"""Importing 100,000 conversations with 500,000 messages, beside a bare sqlite3 executemany of the same rows.

Run: python -m benchmarks.import_speed [--conversations 100000] [--rounds 3]. Targets: at most 4 times the time of the
bare inserts, and memory that does not grow with the file. The bare loop has its rows in memory and writes them to
tables without keys or indexes; the import reads, checks, hashes, derives the list and builds its indexes. How much of
its time nobody could save shows a third figure: all rows of the imported database, inserted from memory into the same
tables with the same keys and indexes.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import NamedTuple

from qatui.services.intake import import_paths
from qatui.store.engine import Database

WORDS = (
    *("the", "a", "your", "order", "parcel", "lamp", "invoice", "please", "thank", "you", "help", "with", "delay"),
    *("refund", "password", "crash", "late", "again", "broken", "we", "will", "check", "now", "today", "tomorrow"),
    *("sorry", "could", "send", "number", "address", "this", "issue", "is", "being", "looked", "into"),
)
FACTS = ("tickets", "reps", "authors", "messages", "events")


def generate(path: Path, conversations: int, messages: int = 5, reps: int = 50) -> None:
    """Write a file in the import format; the same arguments give the same bytes."""
    dice = random.Random(1)
    start = datetime(2024, 1, 1, tzinfo=UTC)
    with path.open("w") as file:
        for number in range(conversations):
            opened = start + timedelta(seconds=dice.randrange(86_400 * 700))
            times = [(opened + timedelta(minutes=3 * turn)).isoformat() for turn in range(messages)]
            rep = dice.randrange(reps)
            author = {"id": f"r{rep}", "name": f"Rep Number {rep}", "team": f"Team {rep % 5}"}
            talk = [
                {"id": f"m{turn + 1}", "at": at, "from": "customer", "text": _text(dice)}
                | ({"from": "rep", "author": author} if turn % 2 else {})
                for turn, at in enumerate(times)
            ]
            ticket = {
                "format": "qatui/1",
                "id": f"T-{number}",
                "source": "bench",
                "subject": " ".join(dice.choices(WORDS, k=6)),
                "channel": dice.choice(("chat", "email", "social")),
                "status": "closed",
                "opened_at": times[0],
                "closed_at": times[-1],
                "customer": {"id": f"c-{number % 5000}", "name": f"Customer {number % 5000}"},
                "messages": talk,
            }
            file.write(json.dumps(ticket) + "\n")


def _text(dice: random.Random) -> str:
    return " ".join(dice.choices(WORDS, k=dice.randrange(8, 30)))


def timed_import(source: Path, target: Path) -> None:
    """Import in this process and print what `Measured` holds."""

    async def work() -> float:
        database = await Database.open(target)
        try:
            return (await import_paths(database, [str(source)])).seconds
        finally:
            await database.close()

    seconds = asyncio.run(work())
    for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):
        used = resource.getrusage(who)
        print(used.ru_maxrss / 1024, used.ru_utime + used.ru_stime)
    print(seconds)


class Measured(NamedTuple):
    """One import: megabytes and CPU seconds of the process that stores and of its helper, and seconds in all."""

    memory: float
    cpu: float
    helper_memory: float
    helper_cpu: float
    seconds: float


def in_process(source: Path, target: Path) -> Measured:
    """`timed_import` in a fresh process."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.import_speed", "--import", str(source), str(target)],
        check=True,
        capture_output=True,
        text=True,
    )
    return Measured(*map(float, done.stdout.split()))


def bare(rows: dict[str, list[tuple[object, ...]]], target: Path) -> float:
    """Seconds to insert the same rows with nothing but sqlite3, in one transaction."""
    connection = sqlite3.connect(target)
    for table, values in rows.items():
        connection.execute(f"CREATE TABLE {table} ({', '.join(f'c{place}' for place in range(len(values[0])))})")
    start = time.perf_counter()
    with connection:
        for table, values in rows.items():
            connection.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(values[0]))})", values)
    seconds = time.perf_counter() - start
    connection.close()
    return seconds


def same_tables(imported: Path, target: Path) -> float:
    """Seconds to insert all rows of an imported database into one like it, indexes last, with nothing but sqlite3."""
    made = sqlite3.connect(target)
    with closing(sqlite3.connect(imported)) as connection:
        schema = connection.execute(
            "SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT GLOB 'search_*'"
        ).fetchall()
        tables = [name for kind, name, _ in schema if kind == "table" and name != "search"]
        rows = {table: connection.execute(f"SELECT * FROM {table}").fetchall() for table in tables}
    for kind, _, statement in schema:
        if kind != "index":
            made.execute(statement)
    start = time.perf_counter()
    with made:
        for table, values in rows.items():
            if values:
                made.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(values[0]))})", values)
        made.execute("INSERT INTO search (search) VALUES ('rebuild')")
        for kind, _, statement in schema:
            if kind == "index":
                made.execute(statement)
    seconds = time.perf_counter() - start
    made.close()
    return seconds


def main() -> None:
    """Print the figures of several rounds, each import beside its bare counterpart, and the medians."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--conversations", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--import", nargs=2, type=Path, dest="files")
    arguments = parser.parse_args()
    if arguments.files:
        timed_import(*arguments.files)
        return
    with tempfile.TemporaryDirectory() as directory:
        measure(Path(directory), arguments.conversations, arguments.rounds)


def measure(directory: Path, conversations: int, rounds: int) -> None:
    """Import and insert by turns; memory is taken before this process holds rows, which its children would inherit."""
    whole, quarter = directory / "whole.jsonl", directory / "quarter.jsonl"
    generate(whole, conversations)
    generate(quarter, conversations // 4)
    small = in_process(quarter, directory / "quarter.db")
    large = in_process(whole, directory / "0.db")
    print(f"memory with a quarter of the file {small.memory:.0f} MiB, helper {small.helper_memory:.0f} MiB")
    print(f"memory with the whole file        {large.memory:.0f} MiB, helper {large.helper_memory:.0f} MiB")
    with closing(sqlite3.connect(directory / "0.db")) as connection:
        rows = {table: connection.execute(f"SELECT * FROM {table}").fetchall() for table in FACTS}
    rows = {table: values for table, values in rows.items() if values}
    print(f"{conversations:,} conversations, {sum(map(len, rows.values())):,} rows of facts")
    imports, inserts, same = [large.seconds], [], []
    for number in range(1, rounds + 1):
        inserts.append(bare(rows, directory / f"bare{number}.db"))
        same.append(same_tables(directory / "0.db", directory / f"same{number}.db"))
        again = in_process(whole, directory / f"{number}.db")
        imports.append(again.seconds)
        print(
            f"round {number}: bare {inserts[-1]:.2f} s; all into the same tables {same[-1]:.2f} s;"
            f" import {again.seconds:.2f} s (CPU {again.cpu:.2f} s, helper {again.helper_cpu:.2f} s)"
        )
    taken, inserted, everything = (median(times) for times in (imports, inserts, same))
    print(f"medians: import {taken:.2f} s, bare {inserted:.2f} s: {taken / inserted:.2f} times")
    print(f"the same tables {everything:.2f} s: {taken / everything:.2f} times")


if __name__ == "__main__":
    main()
