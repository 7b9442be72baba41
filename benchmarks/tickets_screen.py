"""The Tickets screen over 1,000,000 tickets in a terminal of 130 x 40, beside a minimal Textual application.

    python -m benchmarks.tickets_screen [--tickets 1000000] [--runs 7] [--keys 150] [--keep workspace.db]

Promises: rows visible within 2.4 times the minimal application, at most 130 MB, a key that scrolls answered within
40 ms (95 of 100) and 10 kB, and a jump to the end, any sort and a filter by rep within 150 ms. The workspace is a
simulated log, imported like any other; its scores are made up, since judging a million tickets is not the question.
"""

from __future__ import annotations

import argparse
import asyncio
import sqlite3
import sys
import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import msgspec

from benchmarks.terminal import MINIMAL, MINIMAL_MARK, PAUSE, Terminal
from qatui.services.intake import import_paths
from qatui.services.simulate import simulate
from qatui.store.engine import Database

UNTIL = datetime(2026, 3, 5, tzinfo=UTC)
PATIENCE = 60.0
DOWN, END, HOME = b"j", b"G", b"g"
PROMISED_START, PROMISED_MB, PROMISED_KEY, PROMISED_BYTES, PROMISED_JUMP = 2.4, 130, 40, 10_000, 150


async def build(path: Path, tickets: int) -> None:
    """A workspace of simulated tickets, all with a rep and scores."""
    lines = path.with_suffix(".jsonl")
    encode = msgspec.json.Encoder().encode
    with lines.open("wb") as file:
        for ticket in simulate(52, tickets, 1, until=UNTIL):
            file.write(encode(ticket) + b"\n")
    database = await Database.open(path)
    started = time.perf_counter()
    await import_paths(database, [str(lines)])
    print(f"imported {tickets:,} conversations in {time.perf_counter() - started:.0f} s")
    await database.close()
    lines.unlink()
    with closing(sqlite3.connect(path)) as connection, connection:
        reps = connection.execute("SELECT id, name, team FROM reps ORDER BY id").fetchall()
        connection.execute("INSERT INTO judges (id, judge, model, rubric) VALUES (1, 'offline', 'arithmetic', '')")
        connection.executemany(
            "UPDATE listing SET rep_id = ?, rep_name = ?, team = coalesce(?, 'No team'), reason = NULL, judge_id = 1,"
            " tone = 1 + id % 5, clarity = 1 + id / 5 % 5, empathy = 1 + id / 25 % 5,"
            " overall = 3 + id % 5 + id / 5 % 5 + id / 25 % 5"
            " WHERE id % ? = ?",
            [(*rep, len(reps), place) for place, rep in enumerate(reps)],
        )


def minimal() -> float:
    """Seconds until a minimal application has painted."""
    terminal = Terminal([sys.executable, "-c", MINIMAL])
    try:
        return terminal.until(MINIMAL_MARK, PATIENCE)
    finally:
        terminal.close()


def opened(path: Path) -> tuple[Terminal, float]:
    """The application with Tickets on screen, and the seconds until rows of tickets were painted."""
    terminal = Terminal([sys.executable, "-m", "qatui", "--db", str(path)])
    try:
        terminal.until(b"1 Reps", PATIENCE)
        terminal.type(b"2")
        return terminal, terminal.until(b"4 Mar 23:5", PATIENCE)
    except BaseException:
        terminal.close()
        raise


def main() -> int:
    """Print each figure with its promise; 1 when one is broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tickets", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--keys", type=int, default=150)
    parser.add_argument("--keep", type=Path, help="build the workspace here, or use the one that stands here")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as room:
        path = options.keep or Path(room) / "million.db"
        if not path.exists():
            asyncio.run(build(path, options.tickets))
        return measure(path, options.runs, options.keys)


def measure(path: Path, runs: int, keys: int) -> int:
    """All figures over one workspace."""
    base, rows = [], []
    for run in range(runs + 1):
        first = minimal()
        terminal, second = opened(path)
        terminal.close()
        if run:  # the first round warms the file cache
            base.append(first)
            rows.append(second)
    kept = [promise("rows visible", median(rows) / median(base), PROMISED_START, "x minimal")]
    print(f"  minimal {median(base) * 1000:.0f} ms, rows {median(rows) * 1000:.0f} ms")
    terminal, _ = opened(path)
    try:
        terminal.answer(quiet=1.0)
        for _ in range(40):
            terminal.answer(DOWN)
        answers = [terminal.answer(DOWN, quiet=PAUSE) for _ in range(keys)]  # as fast as a held key repeats
        slow = sorted(seconds for seconds, _ in answers)[int(keys * 0.95) - 1]
        kept.append(promise("cursor down, p95", slow * 1000, PROMISED_KEY, "ms"))
        kept.append(promise("cursor down, most", max(size for _, size in answers), PROMISED_BYTES, "bytes"))
        for name, key in (("jump to the end", END), ("jump to the start", HOME)):
            kept.append(promise(name, jump(terminal, key), PROMISED_JUMP, "ms"))
        for column in ("name", "rep", "team", "channel", "tone", "clarity", "empathy", "overall", "closed"):
            kept.append(promise(f"sort by {column}", command(terminal, f"sort {column}"), PROMISED_JUMP, "ms"))
        with closing(sqlite3.connect(path)) as connection:
            [rep] = connection.execute("SELECT name FROM reps WHERE id = 3").fetchone()
        kept.append(promise("filter by rep", command(terminal, f'tickets rep:"{rep}"'), PROMISED_JUMP, "ms"))
        kept.append(promise("memory", terminal.memory(), PROMISED_MB, "MB"))
    finally:
        terminal.close()
    return int(not all(kept))


def jump(terminal: Terminal, key: bytes) -> float:
    """Milliseconds from a key until the rows it leads to are painted."""
    taken = terminal.repaint(key) * 1000
    terminal.answer(quiet=0.5)
    return taken


def command(terminal: Terminal, line: str) -> float:
    """Milliseconds from Enter until the rows that a ':' command asks for are painted."""
    terminal.answer(b":")
    terminal.answer(line.encode(), quiet=0.3)
    taken = terminal.repaint(b"\r") * 1000
    terminal.answer(quiet=0.6)
    return taken


def promise(name: str, value: float, limit: float, unit: str) -> bool:
    """Print a figure beside what was promised; whether it is kept."""
    print(f"{name:24} {value:10,.1f} {unit:10} promised {limit:,}{'' if value <= limit else '   BROKEN'}")
    return value <= limit


if __name__ == "__main__":
    raise SystemExit(main())
