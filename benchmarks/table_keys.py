"""What a key costs in a table: time until the terminal has the answer, and bytes sent to it.

Runs the window table over a SQLite file with 1,000,000 rows, and Textual's DataTable over fewer rows held in memory
(it needs minutes and more than a gigabyte for a million), each alone in a pseudo-terminal of 130 x 40:

    python -m benchmarks.table_keys [--rows 1000000] [--peer-rows 20000] [--keys 200]
"""

from __future__ import annotations

import argparse
import asyncio
import sqlite3
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.terminal import HEIGHT, Terminal

SEED = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
SUBJECTS = (
    "Charged twice for one order",
    "Where is my replacement lamp",
    "Cancel before renewal",
    "Login code is late",
)
REPS = ("Ana Duarte", "Tom Weiss", "Li Na", "Sara Okafor", "Jonas Bergström")

Row = tuple[int, str, str, str, int, int, int]


def make_rows(path: Path, count: int) -> None:
    """A table of `count` tickets, different in every row."""
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(
            "CREATE TABLE tickets (id INTEGER PRIMARY KEY, closed TEXT, name TEXT, rep TEXT, t INT, c INT, e INT)"
        )
        subjects = " ".join(f"WHEN {index} THEN '{text}'" for index, text in enumerate(SUBJECTS))
        reps = " ".join(f"WHEN {index} THEN '{text}'" for index, text in enumerate(REPS))
        connection.execute(
            f"{SEED} INSERT INTO tickets SELECT i, strftime('%d %m %H:%M', 1772000000 - i * 61, 'unixepoch'),"
            f" CASE i % {len(SUBJECTS)} {subjects} END || ' ' || i, CASE i * 7 % {len(REPS)} {reps} END,"
            " 1 + i % 5, 1 + i * 7 % 5, 1 + i * 3 % 5 FROM n",
            (count,),
        )


class SqliteSource:
    """Rows by number from a SQLite file; past the middle it reads from the other end."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, check_same_thread=False)
        self._count = self._connection.execute("SELECT max(id) FROM tickets").fetchone()[0]

    async def count(self) -> int:
        return int(self._count)

    async def rows(self, offset: int, limit: int) -> Sequence[Row]:
        return await asyncio.to_thread(self._read, offset, limit)

    def _read(self, offset: int, limit: int) -> list[Row]:
        if offset <= self._count // 2:
            sql = "SELECT * FROM tickets ORDER BY id LIMIT ? OFFSET ?"
            return self._connection.execute(sql, (limit, offset)).fetchall()
        limit = min(limit, self._count - offset)
        sql = "SELECT * FROM tickets ORDER BY id DESC LIMIT ? OFFSET ?"
        return self._connection.execute(sql, (limit, self._count - offset - limit)).fetchall()[::-1]


KEYS = {"down": "cursor_down", "pagedown": "page_down", "ctrl+end": "end", "ctrl+home": "home"}


def run_window(path: Path) -> None:
    """The application under test: nothing but the window table."""
    from textual.app import App, ComposeResult
    from textual.content import Content

    from qatui.widgets.columns import Column
    from qatui.widgets.window_table import WindowTable

    def score(place: int) -> Callable[[Row], Content | str]:
        def cell(row: Row) -> Content | str:
            value = row[place]
            return (
                Content.styled(f"{value}!", "bold $text-error") if isinstance(value, int) and value <= 2 else f"{value}"
            )

        return cell

    columns: list[Column[Row]] = [
        Column("closed", "closed", 12, lambda row: row[1]),
        Column("ticket", "ticket", 20, lambda row: row[2], grow=True),
        Column("rep", "rep", 16, lambda row: row[3], priority=1),
        Column("tone", "T", 2, score(4), explain=True),
        Column("clarity", "C", 2, score(5), explain=True),
        Column("empathy", "E", 2, score(6), explain=True),
    ]

    class Window(App[None]):
        def compose(self) -> ComposeResult:
            yield WindowTable(columns, key=lambda row: row[0])

        def on_mount(self) -> None:
            table = self.query_one(WindowTable)
            for key, action in KEYS.items():
                self.bind(key, f"table('{action}')")
            table.focus()
            table.show(SqliteSource(path), sort=("closed", True))

        def action_table(self, name: str) -> None:
            getattr(self.query_one(WindowTable), f"action_{name}")()

    Window().run()


def run_peer(path: Path) -> None:
    """The peer: Textual's DataTable with the same columns, all rows in memory."""
    from textual.app import App, ComposeResult
    from textual.widgets import DataTable

    class Peer(App[None]):
        def compose(self) -> ComposeResult:
            yield DataTable(cursor_type="row")

        def on_mount(self) -> None:
            table: DataTable[Any] = self.query_one(DataTable)
            table.add_columns("closed", "ticket", "rep", "T", "C", "E")
            table.add_rows(row[1:] for row in sqlite3.connect(path).execute("SELECT * FROM tickets ORDER BY id"))
            table.focus()

    Peer().run()


KEYSTROKES = {"down": b"\x1b[B", "page down": b"\x1b[6~", "end": b"\x1b[1;5F", "home": b"\x1b[1;5H"}


def measure(name: str, mode: str, path: Path, keys: int, limit: float) -> None:
    """Print one line per kind of key."""
    terminal = Terminal([sys.executable, "-m", "benchmarks.table_keys", "--run", mode, "--file", str(path)])
    try:
        visible = terminal.until(b"lamp", limit)
        terminal.answer(quiet=1.0)
        print(f"{name}: rows visible after {visible * 1000:,.0f} ms, {terminal.memory():,.0f} MB")
        idle = terminal.answer(quiet=2.0)[1]
        for _ in range(HEIGHT):
            terminal.answer(KEYSTROKES["down"])
        jumps = (("end", 1), ("home", 1)) if mode == "window" else ()  # the peer has other keys for these
        for key, times in (("down", keys), ("page down", keys // 4), *jumps):
            answers = [terminal.answer(KEYSTROKES[key]) for _ in range(times)]
            seconds = sorted(taken for taken, _ in answers)
            sizes = sorted(size for _, size in answers)
            p95 = seconds[min(len(seconds) - 1, int(len(seconds) * 0.95))]
            print(
                f"  {key:10} {times:4} keys   ms median {statistics.median(seconds) * 1000:6.1f}  p95 {p95 * 1000:6.1f}"
                f"  most {seconds[-1] * 1000:6.1f}   bytes mean {statistics.mean(sizes):7,.0f}  most {sizes[-1]:7,}"
            )
        print(f"  {'idle':10} {idle} bytes in 2 s, {terminal.memory():,.0f} MB at the end")
    finally:
        terminal.close()


def main() -> None:
    """Measure both tables one after the other."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--peer-rows", type=int, default=20_000)
    parser.add_argument("--keys", type=int, default=200)
    parser.add_argument("--run", choices=("window", "peer"), help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        {"window": run_window, "peer": run_peer}[options.run](options.file)
        return
    with tempfile.TemporaryDirectory() as directory:
        for name, mode, count in (("window table", "window", options.rows), ("DataTable", "peer", options.peer_rows)):
            path = Path(directory) / f"{mode}.db"
            make_rows(path, count)
            measure(f"{name}, {count:,} rows", mode, path, options.keys, limit=120)


if __name__ == "__main__":
    main()
