"""The columns of a table: what they show, and which of them fit into a width."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from qatui.widgets.cells import Cell

Row = TypeVar("Row")

GAP = 2  # cells between columns
GUTTER = 2  # cells left of the first column: the cursor's sign and the mark of a selected row


# Without slots: a frozen generic class with slots cannot be made as `Column[Row](…)`.
@dataclass(frozen=True)
class Column(Generic[Row]):
    """One column of a table of `Row`s.

    width: cells, for the growing column the least it needs; priority: 0 never leaves, the highest leaves first when
    the table is narrow; grow: takes the width that is left (one column of a table); explain: its cells have an
    explanation, so the cell cursor stops there.
    """

    key: str
    title: str
    width: int
    cell: Callable[[Row], Cell]
    priority: int = 0
    grow: bool = False
    align: Literal["left", "right"] = "left"
    sortable: bool = True
    explain: bool = False


@dataclass(frozen=True)
class Placed(Generic[Row]):
    """A column that is shown: its first cell in the line and how many it has."""

    column: Column[Row]
    x: int
    width: int


def place(columns: Sequence[Column[Row]], width: int) -> list[Placed[Row]]:
    """The columns that fit into `width` cells, in their order.

    Columns leave by priority, the highest first and of equals the rightmost, until the rest fits; those of priority
    0 stay and the last of them may be cut by the edge.
    """
    shown = list(columns)
    while _needed(shown) > width:
        leaving = max(shown, key=lambda column: (column.priority, shown.index(column)), default=None)
        if leaving is None or leaving.priority == 0:
            break
        shown.remove(leaving)
    spare = width - _needed(shown)
    placed: list[Placed[Row]] = []
    x = GUTTER
    for column in shown:
        size = max(1, column.width + spare) if column.grow else column.width
        size = min(size, width - x)
        if size <= 0:
            break
        placed.append(Placed(column, x, size))
        x += size + GAP
    return placed


def _needed(columns: Sequence[Column[Row]]) -> int:
    return GUTTER + sum(column.width for column in columns) + GAP * max(0, len(columns) - 1)
