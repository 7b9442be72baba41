"""A table that is a window onto rows kept elsewhere: it holds a few pages of them and draws only what is seen."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, ClassVar

from textual import events
from textual.geometry import Region
from textual.strip import Strip
from textual.style import Style
from textual.timer import Timer

from qatui.text import ellipsis
from qatui.widgets.cells import Part, fit_parts, plain, strip
from qatui.widgets.columns import GAP, Column, Placed, Row, place
from qatui.widgets.glyphs import glyphs
from qatui.widgets.row_window import RowWindow
from qatui.widgets.sources import PAGE, InMemory, Source
from qatui.widgets.table_lines import header_line, row_line, sentence_line
from qatui.widgets.viewport import View

HOVER = 0.25  # seconds the mouse rests on a cell before its explanation is asked for
WHEEL = 3  # rows per notch of the mouse wheel


class WindowTable(RowWindow[Row], can_focus=True):
    """Rows of a source, drawn line by line; only the lines that changed are sent to the terminal.

    A move to rows that are not read yet is shown when they are (or after PATIENCE), so that nothing is drawn twice.
    Moves made while the first rows are read are kept and made then. The widget binds no keys: the application's
    actions call its `action_…` methods.
    """

    DEFAULT_CSS = """
    WindowTable {
        height: 1fr;
        & > .window-table--header { color: $text-muted; text-style: bold; }
        & > .window-table--sorted { color: $text-accent; text-style: bold; }
        & > .window-table--cursor { background: $surface; }
        & > .window-table--sign { color: $accent; background: $surface; }
        & > .window-table--marked { color: $accent; text-style: bold; }
        & > .window-table--note { color: $text-muted; }
        & > .window-table--error { color: $text-error; }
        &:focus > .window-table--cursor { background: $panel; text-style: bold; }
        &:focus > .window-table--sign { background: $panel; text-style: bold; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "window-table--header",
        "window-table--sorted",
        "window-table--cursor",
        "window-table--sign",
        "window-table--marked",
        "window-table--note",
        "window-table--error",
    }
    ALLOW_SELECT = False

    def __init__(
        self,
        columns: Sequence[Column[Row]],
        *,
        key: Callable[[Row], Hashable] | None = None,
        empty: str = "Nothing here.",
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        """A table of these columns; `key` names a row among all, `empty` is said where there are no rows."""
        super().__init__(id=id, classes=classes)
        self.marks: set[Hashable] = set()
        self._empty = empty
        self._columns = tuple(columns)
        self._placed: list[Placed[Row]] = []
        self._key: Callable[[Row], Any] = key or (lambda row: row)
        self._cell = next((column.key for column in columns if column.explain), None)
        self._sort: tuple[str, bool] | None = None
        self._hovered: tuple[int, str] | None = None
        self._hover_timer: Timer | None = None

    # What a screen asks and says ------------------------------------------------------------------

    def show(self, source: Source[Row], *, cursor: int = 0, sort: tuple[str, bool] | None = None) -> None:
        """Show another source with the cursor on that row; `sort` is (column key, descending), for the header."""
        if sort != self._sort:
            self._sort = sort
            self.refresh(Region(0, 0, self.size.width, 1))
        self.read(source, cursor)

    @property
    def cell(self) -> str | None:
        """The key of the explainable column under the cell cursor; setting it moves there."""
        stops = self._stops()
        return self._cell if self._cell in stops or not stops else stops[0]

    @cell.setter
    def cell(self, column: str) -> None:
        if column != self.cell and column in self._stops():
            self._cell = column
            self.paint_row(self._view.cursor)
            self.post_message(self.CellChanged(self, self.row, column))

    @property
    def visible_columns(self) -> list[str]:
        """The keys of the columns that fit, from left to right."""
        return [placed.column.key for placed in self._placed]

    @property
    def columns(self) -> Sequence[Column[Row]]:
        """The columns, also those that do not fit; setting them leaves rows, cursor and marks as they are."""
        return self._columns

    @columns.setter
    def columns(self, columns: Sequence[Column[Row]]) -> None:
        self._columns = tuple(columns)
        if self._placed:  # else the first layout places them
            self._placed = place(self._columns, self.content_size.width)
            self.refresh()

    def texts(self, row: Row) -> list[str]:
        return [plain(column.cell(row)) for column in self._columns]

    def full_text(self) -> str:
        """The whole text of the row under the cursor, hidden columns too: `Title: text · Title: text`."""
        row = self.row
        if row is None:
            return ""
        texts = ((column.title.strip(), plain(column.cell(row))) for column in self._columns)
        return f" {glyphs().dot} ".join(f"{title}: {text}" if title else text for title, text in texts if text)

    def row_region(self) -> Region:
        """The line of the row under the cursor, on the screen."""
        area = self.content_region
        return Region(area.x, area.y + 1 + self._view.cursor - self._view.top, area.width, 1)

    def cell_region(self, column: str | None = None) -> Region:
        """One cell of the row under the cursor (by default the one under the cell cursor), on the screen."""
        line = self.row_region()
        for placed in self._placed:
            if placed.column.key == (column or self.cell):
                return Region(line.x + placed.x, line.y, placed.width, 1)
        return line

    # Actions ---------------------------------------------------------------------------------------

    def action_next_cell(self) -> None:
        """The cell cursor one explainable column to the right, from the last to the first."""
        self._step_cell(1)

    def action_prev_cell(self) -> None:
        """The cell cursor one explainable column to the left, from the first to the last."""
        self._step_cell(-1)

    def action_toggle_mark(self) -> None:
        """Mark the row under the cursor, or take its mark away, and go on to the next."""
        row = self.row
        if row is not None:
            self.marks ^= {self._key(row)}
            self.paint_row(self._view.cursor)
            self.post_message(self.MarksChanged(self))
            self.action_cursor_down()

    def action_clear_marks(self) -> None:
        """Take all marks away."""
        if self.marks:
            self.marks = set()
            self.paint_rows()
            self.post_message(self.MarksChanged(self))

    def _stops(self) -> list[str]:
        return [placed.column.key for placed in self._placed if placed.column.explain]

    def _step_cell(self, step: int) -> None:
        stops = self._stops()
        if stops:
            here = stops.index(self.cell) if self.cell in stops else 0
            self.cell = stops[(here + step) % len(stops)]

    # The mouse -------------------------------------------------------------------------------------

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self._wheel(WHEEL)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self._wheel(-WHEEL)

    def _wheel(self, rows: int) -> None:
        if self._ready:
            self.see((self._next or self._view).wheeled(rows, self.height, self._rows.known))

    def _column_at(self, x: int) -> Column[Row] | None:
        return next((p.column for p in self._placed if p.x <= x < p.x + p.width + GAP), None)

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None:
            return
        column = self._column_at(offset.x)
        if offset.y == 0:
            if column is not None and column.sortable:
                self.post_message(self.HeaderSelected(self, column.key))
            return
        index = self._view.top + offset.y - 1
        if self.state != "rows" or index >= self._rows.known:
            return
        self._go_to(index)
        if column is not None and column.explain:
            self.cell = column.key
        if event.chain == 2:
            self.action_select()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        offset = event.get_content_offset(self)
        column = None if offset is None else self._column_at(offset.x)
        hovered: tuple[int, str] | None = None
        if offset is not None and offset.y > 0 and column is not None and column.explain and self.state == "rows":
            index = self._view.top + offset.y - 1
            if self._rows[index] is not None and index < self._rows.known:
                hovered = (index, column.key)
        if hovered != self._hovered:
            self._leave_hover()
            if hovered is not None:
                self._hovered = hovered
                self._hover_timer = self.set_timer(HOVER, self._rest)

    def on_leave(self) -> None:
        self._leave_hover()

    def _rest(self) -> None:
        self._hover_timer = None
        if self._hovered is None:
            return
        index, key = self._hovered
        row = self._rows[index]
        placed = next((placed for placed in self._placed if placed.column.key == key), None)
        if row is not None and placed is not None:
            area = self.content_region
            region = Region(area.x + placed.x, area.y + 1 + index - self._view.top, placed.width, 1)
            self.post_message(self.CellHovered(self, row, index, key, region))

    def _leave_hover(self) -> None:
        if self._hover_timer is not None:
            self._hover_timer.stop()
            self._hover_timer = None
        elif self._hovered is not None:
            self.post_message(self.HoverLeft(self))
        self._hovered = None

    # Drawing ---------------------------------------------------------------------------------------

    def on_resize(self) -> None:
        first = not self._placed
        self._placed = place(self._columns, self.content_size.width)
        if self._ready:
            view = self._next or self._view
            if first:  # rows that were read before the first layout: now it is known how many are seen
                view = View(view.cursor, view.cursor - self.height // 2)
            self.see(view.fitted(self.height, self._rows.known))
        self.refresh()

    def paint_row(self, index: int) -> None:
        line = index - self._view.top
        if 0 <= line < self.height:
            self.refresh(Region(0, line + 1, self.size.width, 1))

    def paint_rows(self) -> None:
        self._leave_hover()
        self.refresh(Region(0, 1, self.size.width, self.height))

    def render_line(self, y: int) -> Strip:
        """One line: the header, a row, or a sentence where there are no rows."""
        width = self.content_size.width
        base = self.visual_style
        if y == 0:
            plain_style = self.get_visual_style("window-table--header")
            return header_line(
                self._placed, self._sort, plain_style, self.get_visual_style("window-table--sorted"), width
            )
        index = self._view.top + y - 1
        here = index == self._view.cursor
        sign = (glyphs().cursor, self.get_visual_style("window-table--sign")) if here else (" ", base)
        row = self._rows[index]
        if row is not None and (not self._ready or index < self._rows.known):
            style = self.get_visual_style("window-table--cursor") if here else base
            gutter = (sign, self._mark(row, style))
            return row_line(self._placed, row, gutter, style, self.cell if here else None, self.has_focus, width)
        if self._ready and index < self._rows.known:
            return self._gap(index, sign, base, width)
        return self._sentence(y - 1, base, width)

    def _mark(self, row: Row, style: Style) -> Part:
        """The sign of a row that was marked."""
        if self.marks and self._key(row) in self.marks:
            return glyphs().marked, style + self.get_visual_style("window-table--marked", partial=True)
        return " ", style

    def _gap(self, index: int, sign: Part, base: Style, width: int) -> Strip:
        """A row that is still read, or could not be."""
        failed = index // PAGE in self._rows.unreadable
        style = self.get_visual_style("window-table--error" if failed else "window-table--note")
        text = " could not be read" if failed else f" {ellipsis()}"
        return strip([sign, *fit_parts([(text, style)], width - 1, "left", base)], width)

    def _sentence(self, line: int, base: Style, width: int) -> Strip:
        """Below the header: what is wrong, that there is nothing, or that it takes long."""
        if self._error is not None:
            title = getattr(self._error, "title", "The rows could not be read")
            message = str(getattr(self._error, "message", self._error))
            said = (f"{title}.", message, getattr(self._error, "hint", ""))
            return sentence_line(said, line, self.get_visual_style("window-table--error"), width)
        note = self.get_visual_style("window-table--note")
        if self.state == "empty":
            return sentence_line((self._empty,), line, note, width)
        if self.state == "loading" and self._patience is None and self._source is not None:
            return sentence_line((f"Loading {ellipsis()}",), line, note, width)
        return Strip.blank(width, base.rich_style)


__all__ = ["Column", "InMemory", "Source", "WindowTable"]
