"""Data on standard output as a table, JSON or CSV; narration and progress on standard error."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

from qatui.text import csv_cell, one_line

Cell = str | int | float | None


class Format(StrEnum):
    """How a list is written."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


def write_json(value: Any) -> None:
    """One JSON value and a line feed; ASCII only, so that no byte of a ticket can steer a terminal."""
    json.dump(value, sys.stdout, ensure_ascii=True)
    sys.stdout.write("\n")


def write_csv(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """Comma-separated values with a header line; text that a spreadsheet would run as a formula is quoted away."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(header)
    for row in rows:
        writer.writerow([csv_cell(cell) if isinstance(cell, str) else cell for cell in row])


def write_table(
    header: Sequence[str], rows: Iterable[Sequence[Cell]], *, numbers: frozenset[str] = frozenset()
) -> None:
    """Aligned columns, those in `numbers` to the right; fits the width of a terminal, in a pipe nothing is cut."""
    from rich.console import Console  # imported late: JSON and CSV need none of it
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="", padding=(0, 2, 0, 0))
    for title in header:
        table.add_column(title, justify="right" if title in numbers else "left", no_wrap=True, overflow="ellipsis")
    for row in rows:
        table.add_row(*(Text(shown(cell)) for cell in row))
    console = Console(markup=False, highlight=False, emoji=False, color_system=None)
    if not console.is_terminal:
        console = Console(markup=False, highlight=False, emoji=False, color_system=None, width=100_000)
    with console.capture() as captured:
        console.print(table)
    sys.stdout.writelines(line.rstrip() + "\n" for line in captured.get().splitlines())


def shown(cell: Cell) -> str:
    """A cell for people: one decimal for means, a dash for nothing."""
    if cell is None:
        return "—" if sys.stdout.encoding.lower().startswith("utf") else "-"
    if isinstance(cell, float):
        return f"{cell:.1f}"
    text = str(cell)
    return " " * (len(text) - len(text.lstrip(" "))) + one_line(text)  # an indent says what belongs to what


def plural(count: int, noun: str) -> str:
    """'1 ticket', '2 tickets', '12,345 tickets'."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def say(message: str) -> None:
    """Narration, on standard error."""
    print(message, file=sys.stderr)


@contextmanager
def progress_line(quiet: bool) -> Iterator[Callable[[int, int | None, str], None]]:
    """A function (done, total or None, words) that draws progress with rate and remaining time, on a terminal only."""
    if quiet or not sys.stderr.isatty():
        yield lambda done, total, words: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(30),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True, refresh_per_second=4) as bar:
        task = bar.add_task("", total=None)

        def update(done: int, total: int | None, words: str) -> None:
            bar.update(task, completed=done, total=total, description=words)

        yield update
