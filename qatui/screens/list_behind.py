"""A list behind a figure: its table, the transcript that Enter opens, and the way back to the figure."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import on

from qatui.screens.frame import FrameScreen, as_error
from qatui.screens.moving import MovesInTable
from qatui.screens.ticket import TicketScreen
from qatui.widgets.window_table import WindowTable


class ListBehind(MovesInTable, FrameScreen, inherit_bindings=False):
    """A screen with one table of what was counted; the action `SCREEN.open` opens the row under the cursor."""

    ROW: ClassVar[str]
    """What a row is, in one word: ticket."""

    # What subclasses answer ------------------------------------------------------------------------

    def transcript(self, place: int, row: Any) -> TicketScreen | None:
        """The transcript of the row at a place; None while there is no list to walk in."""
        raise NotImplementedError

    # The table -------------------------------------------------------------------------------------

    @property
    def table(self) -> WindowTable[Any]:
        return self.query_one(WindowTable)

    def on_mount(self) -> None:
        self.focus_page()

    def focus_page(self) -> None:
        self.table.focus()

    @on(WindowTable.Failed)
    def _table_failed(self, message: WindowTable.Failed) -> None:
        message.stop()
        self.show_failure(as_error(message.error), f"reading the {self.ROW}s")

    def why_disabled(self, action_id: str) -> str | None:
        if action_id == f"{self.SCREEN}.open" and (not self.is_mounted or self.table.row is None):
            return f"There is no {self.ROW} here."
        return super().why_disabled(action_id)

    # Opening, going back ---------------------------------------------------------------------------

    @on(WindowTable.RowHighlighted)
    def _highlighted(self) -> None:
        self.refresh_frame()

    @on(WindowTable.RowSelected)
    def _row_selected(self, message: WindowTable.RowSelected) -> None:
        screen = self.transcript(message.index, message.row)
        if screen is not None:
            self.app.push_screen(screen, self._came_back)

    def _came_back(self, place: int | None) -> None:
        """The cursor follows to the row that was read last."""
        if place is not None:
            self.table.cursor = place

    async def do_go_back(self, _argument: str) -> None:
        """Back to the figure."""
        self.dismiss()
