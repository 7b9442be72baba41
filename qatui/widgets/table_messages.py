"""What a window table says; screens hear these as `WindowTable.RowHighlighted` and so on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from textual.geometry import Region
from textual.message import Message

if TYPE_CHECKING:
    from qatui.widgets.row_window import RowWindow


@dataclass(eq=False)
class TableMessage(Message):
    """Anything a table says; `table` is the one that says it."""

    table: RowWindow[Any]

    @property
    def control(self) -> RowWindow[Any]:
        return self.table


@dataclass(eq=False)
class RowHighlighted(TableMessage, namespace="window_table"):
    """The cursor came to another row, or the row under it was read."""

    row: Any
    index: int


@dataclass(eq=False)
class RowSelected(TableMessage, namespace="window_table"):
    """The row under the cursor was chosen: Enter or a double click."""

    row: Any
    index: int


@dataclass(eq=False)
class CellChanged(TableMessage, namespace="window_table"):
    """The cell cursor came to another explainable column; `row` is None until it is read."""

    row: Any | None
    column: str


@dataclass(eq=False)
class CellHovered(TableMessage, namespace="window_table"):
    """The mouse rests on an explainable cell; `region` is that cell on the screen."""

    row: Any
    index: int
    column: str
    region: Region


@dataclass(eq=False)
class HoverLeft(TableMessage, namespace="window_table"):
    """The mouse left the cell that CellHovered named."""


@dataclass(eq=False)
class HeaderSelected(TableMessage, namespace="window_table"):
    """The title of a sortable column was clicked."""

    column: str


@dataclass(eq=False)
class MarksChanged(TableMessage, namespace="window_table"):
    """Rows were marked or unmarked; `table.marks` holds their keys."""


@dataclass(eq=False)
class Loaded(TableMessage, namespace="window_table"):
    """The number of rows is known."""

    total: int


@dataclass(eq=False)
class Failed(TableMessage, namespace="window_table"):
    """The source could not be read."""

    error: Exception


@dataclass(eq=False)
class Found(TableMessage, namespace="window_table"):
    """A search came to this row; the cursor is there."""

    index: int


@dataclass(eq=False)
class NotFound(TableMessage, namespace="window_table"):
    """A search for `text` read so many rows and found nothing."""

    text: str
    searched: int
