"""A table that is a window onto rows kept elsewhere: it holds a few pages of them and draws only what is seen."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, ClassVar, Generic

from textual import events, on
from textual.geometry import Region
from textual.strip import Strip
from textual.style import Style
from textual.timer import Timer
from textual.widget import Widget

from qatui.text import ellipsis, one_line
from qatui.widgets import row_reader, table_messages
from qatui.widgets.cells import Part, fit_parts, plain, strip
from qatui.widgets.columns import GAP, Column, Placed, Row, place
from qatui.widgets.glyphs import glyphs
from qatui.widgets.sources import PAGE, InMemory, Rows, Source
from qatui.widgets.table_lines import header_line, row_line, sentence_line
from qatui.widgets.viewport import View

PATIENCE = 0.3  # seconds before a wait is said; shorter ones would only flicker
HOVER = 0.25  # seconds the mouse rests on a cell before its explanation is asked for
WHEEL = 3  # rows per notch of the mouse wheel
TYPED_AHEAD = 64  # moves that are kept until the first rows are read


class WindowTable(Widget, Generic[Row], can_focus=True):
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

    RowHighlighted = table_messages.RowHighlighted
    RowSelected = table_messages.RowSelected
    CellChanged = table_messages.CellChanged
    CellHovered = table_messages.CellHovered
    HoverLeft = table_messages.HoverLeft
    HeaderSelected = table_messages.HeaderSelected
    MarksChanged = table_messages.MarksChanged
    Loaded = table_messages.Loaded
    Failed = table_messages.Failed
    Found = table_messages.Found
    NotFound = table_messages.NotFound

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
        self._source: Source[Row] | None = None
        self._generation = 0  # of sources and readings: what an older one still sends is thrown away
        self._ready = False  # the first rows of this generation are here
        self._rows: Rows[Row] = Rows()
        self._reading: int | None = None
        self._error: Exception | None = None
        self._view = View()
        self._next: View | None = None  # a view whose rows are still being read
        self._announced: tuple[int, int] | None = None
        self._patience: Timer | None = None
        self._typed: list[Callable[[], None]] = []
        self._hovered: tuple[int, str] | None = None
        self._hover_timer: Timer | None = None

    # What a screen asks and says ------------------------------------------------------------------

    def show(self, source: Source[Row], *, cursor: int = 0, sort: tuple[str, bool] | None = None) -> None:
        """Show another source with the cursor on that row; `sort` is (column key, descending), for the header."""
        self._source = source
        if sort != self._sort:
            self._sort = sort
            self._refresh_header()
        self._begin(cursor, None)

    def reload(self) -> None:
        """Read the same source again; the cursor stays on its row where the source can tell the row's place."""
        if self._source is not None:
            self._begin(self.cursor, self.row)

    def say_when_empty(self, sentence: str) -> None:
        """What is said where there are no rows: one sentence, with the key or command that fills the table."""
        self._empty = sentence
        if self.state == "empty":
            self.refresh()

    @property
    def total(self) -> int | None:
        """How many rows there are, None until it is known."""
        return self._rows.total

    @property
    def cursor(self) -> int:
        """The index of the row under the cursor, counted from 0; setting it moves there."""
        return (self._next or self._view).cursor

    @cursor.setter
    def cursor(self, index: int) -> None:
        self._move(lambda: self._go_to(index))

    @property
    def row(self) -> Row | None:
        """The row under the cursor as it is painted, None while it is not read."""
        return self._rows[self.cursor]

    @property
    def cell(self) -> str | None:
        """The key of the explainable column under the cell cursor; setting it moves there."""
        stops = self._stops()
        return self._cell if self._cell in stops or not stops else stops[0]

    @cell.setter
    def cell(self, column: str) -> None:
        if column != self.cell and column in self._stops():
            self._cell = column
            self._refresh_row(self._view.cursor)
            self.post_message(self.CellChanged(self, self.row, column))

    @property
    def state(self) -> str:
        """What the table shows: 'loading', 'empty', 'error' or 'rows'."""
        if self._error is not None:
            return "error"
        if not self._ready:
            return "loading"
        return "empty" if self._rows.total == 0 else "rows"

    @property
    def visible_columns(self) -> list[str]:
        """The keys of the columns that fit, from left to right."""
        return [placed.column.key for placed in self._placed]

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

    def find(self, text: str, *, backwards: bool = False) -> None:
        """Go to the next row with this text in one of its columns (any case); posts Found or NotFound."""
        wanted = one_line(text).casefold()
        if self._source is None or not self._rows.total or not wanted:
            return
        columns = self._columns

        def matches(row: Row) -> bool:
            return any(wanted in plain(column.cell(row)).casefold() for column in columns)

        self.run_worker(
            row_reader.look_for(
                self.post_message,
                self._generation,
                self._source,
                text,
                matches,
                self.cursor,
                self._rows.total,
                backwards,
            ),
            group="search",
            exclusive=True,
            exit_on_error=False,
        )

    # Actions ---------------------------------------------------------------------------------------

    def action_cursor_down(self) -> None:
        """One row down."""
        self._move(lambda: self._go_to(self.cursor + 1))

    def action_cursor_up(self) -> None:
        """One row up."""
        self._move(lambda: self._go_to(self.cursor - 1))

    def action_page_down(self) -> None:
        """A window of rows down."""
        self._move(lambda: self._leap(self._height))

    def action_page_up(self) -> None:
        """A window of rows up."""
        self._move(lambda: self._leap(-self._height))

    def action_half_page_down(self) -> None:
        """Half a window down."""
        self._move(lambda: self._leap(max(1, self._height // 2)))

    def action_half_page_up(self) -> None:
        """Half a window up."""
        self._move(lambda: self._leap(-max(1, self._height // 2)))

    def action_home(self) -> None:
        """To the first row."""
        self._move(lambda: self._go_to(0))

    def action_end(self) -> None:
        """To the last row, once it is known which that is."""
        if self._rows.total is None:
            self._typed.append(self.action_end)
        else:
            self._go_to(self._rows.total - 1)

    def action_next_cell(self) -> None:
        """The cell cursor one explainable column to the right, from the last to the first."""
        self._step_cell(1)

    def action_prev_cell(self) -> None:
        """The cell cursor one explainable column to the left, from the first to the last."""
        self._step_cell(-1)

    def action_select(self) -> None:
        """Choose the row under the cursor."""
        row = self.row
        if row is not None:
            self.post_message(self.RowSelected(self, row, self.cursor))

    def action_toggle_mark(self) -> None:
        """Mark the row under the cursor, or take its mark away, and go on to the next."""
        row = self.row
        if row is not None:
            self.marks ^= {self._key(row)}
            self._refresh_row(self._view.cursor)
            self.post_message(self.MarksChanged(self))
            self.action_cursor_down()

    def action_clear_marks(self) -> None:
        """Take all marks away."""
        if self.marks:
            self.marks = set()
            self._refresh_rows()
            self.post_message(self.MarksChanged(self))

    # Reading: workers await the source and post what they got; handlers change the widget -----------

    def _begin(self, cursor: int, keep: Row | None) -> None:
        """Read from the start; what is painted stays until the new rows are here."""
        assert self._source is not None
        self._generation += 1
        self._ready = False
        self._error = None
        self._rows.total = None
        self._reading = None
        self._next = None
        self._typed.clear()
        self._wait()
        self.run_worker(
            row_reader.read_first(self.post_message, self._generation, self._source, max(0, cursor), keep),
            group="rows",
            exit_on_error=False,
        )

    @on(row_reader.First)
    def _got_first(self, message: row_reader.First) -> None:
        if message.generation != self._generation:
            return
        offset = message.cursor // PAGE * PAGE
        self._ready = True
        self._stop_waiting()
        self._rows.forget()
        self._rows.put(message.cursor // PAGE, message.rows)
        self._rows.total = message.total
        cursor = min(message.cursor, max(0, offset + len(message.rows) - 1))
        # The cursor keeps its line on the screen, so that a reload moves nothing that need not move.
        line = self._view.cursor - self._view.top
        self._view = View(cursor, cursor - line).fitted(self._height, self._rows.known)
        self.refresh()
        if message.total is not None:
            self.post_message(self.Loaded(self, message.total))
        self._arrived()
        self._replay()

    @on(row_reader.Counted)
    def _got_count(self, message: row_reader.Counted) -> None:
        if message.generation == self._generation:
            self._rows.total = message.total
            self.post_message(self.Loaded(self, message.total))
            self._arrived()
            self._replay()

    @on(row_reader.Page)
    def _got_page(self, message: row_reader.Page) -> None:
        if message.generation != self._generation:
            return
        self._reading = None
        if self._rows.put(message.number, message.rows):
            self.post_message(self.Loaded(self, self._rows.known))
        first, last = self._window(self._view)
        if message.number in range(first // PAGE, last // PAGE + 1):
            self._refresh_rows()
        self._arrived()

    @on(row_reader.Unread)
    def _got_error(self, message: row_reader.Unread) -> None:
        if message.generation != self._generation:
            return
        if message.page is None and not self._ready:
            self._error = message.error
            self._rows.forget()
            self._stop_waiting()
            self.refresh()
        elif message.page is not None:
            self._reading = None
            told = bool(self._rows.unreadable)
            self._rows.unreadable.add(message.page)
            self._refresh_rows()
            self._arrived()
            if told:  # one failure is told once, not page by page
                return
        self.post_message(self.Failed(self, message.error))

    @on(row_reader.Searched)
    def _search_ended(self, message: row_reader.Searched) -> None:
        if message.generation != self._generation:
            return
        if message.index is None:
            self.post_message(self.NotFound(self, message.text, message.searched))
        else:
            self._go_to(message.index)
            self.post_message(self.Found(self, message.index))

    def _arrived(self) -> None:
        """Rows or their number came: show the view that waited for them, say the row, read on."""
        if self._next is not None and not self._lacking(self._next):
            self._paint(self._next)
        self._announce()
        self._read_on()

    def _replay(self) -> None:
        typed, self._typed = self._typed, []
        for move in typed:
            move()

    def _read_on(self) -> None:
        """Read the next page that is seen, about to be seen, or next to it; one at a time, the nearest need first."""
        if self._reading is not None or not self._ready or self._source is None:
            return
        view = self._next or self._view
        near = max(0, view.top - self._height), min(view.top + 2 * self._height, self._rows.known) - 1
        for page in (*self._lacking(view), *self._rows.lacking(*near)):
            self._reading = page
            self.run_worker(
                row_reader.read_page(self.post_message, self._generation, self._source, page),
                group="rows",
                exit_on_error=False,
            )
            return

    def _lacking(self, view: View) -> list[int]:
        return self._rows.lacking(*self._window(view))

    def _announce(self) -> None:
        row = self._rows[self._view.cursor]
        if self._next is None and row is not None and self._announced != (self._generation, self._view.cursor):
            self._announced = (self._generation, self._view.cursor)
            self.post_message(self.RowHighlighted(self, row, self._view.cursor))

    def _wait(self) -> None:
        if self._patience is None:
            self._patience = self.set_timer(PATIENCE, self._lose_patience)

    def _stop_waiting(self) -> None:
        if self._patience is not None:
            self._patience.stop()
            self._patience = None

    def _lose_patience(self) -> None:
        """It takes long: say so where the rows will be."""
        self._patience = None
        if not self._ready:
            self._rows.forget()
            self.refresh()
        elif self._next is not None:
            self._paint(self._next)

    # Moving ----------------------------------------------------------------------------------------

    @property
    def _height(self) -> int:
        """Rows that are seen at once."""
        return max(1, self.content_size.height - 1)

    def _window(self, view: View) -> tuple[int, int]:
        return view.window(self._height, self._rows.known)

    def _move(self, move: Callable[[], None]) -> None:
        """Make a move now, or when the rows are here."""
        if self._ready:
            move()
        elif self._error is None and len(self._typed) < TYPED_AHEAD:
            self._typed.append(move)

    def _go_to(self, index: int) -> None:
        self._see((self._next or self._view).at(index, self._height, self._rows.known))

    def _leap(self, rows: int) -> None:
        self._see((self._next or self._view).leapt(rows, self._height, self._rows.known))

    def _see(self, view: View) -> None:
        if self._lacking(view):
            self._next = view
            self._wait()
        else:
            self._paint(view)
            self._announce()
        self._read_on()

    def _paint(self, view: View) -> None:
        """Make a view the painted one; refresh two lines where the window stays, the rows where it moves."""
        before, self._view, self._next = self._view, view, None
        if self._ready:
            self._stop_waiting()
        self._rows.seen(*self._window(view))
        if view.top != before.top:
            self._leave_hover()
            self._refresh_rows()
        elif view.cursor != before.cursor:
            self._refresh_row(before.cursor)
            self._refresh_row(view.cursor)

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
            self._see((self._next or self._view).wheeled(rows, self._height, self._rows.known))

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
        self._placed = place(self._columns, self.content_size.width)
        if self._ready:
            self._see((self._next or self._view).fitted(self._height, self._rows.known))
        self.refresh()

    def _refresh_header(self) -> None:
        self.refresh(Region(0, 0, self.size.width, 1))

    def _refresh_row(self, index: int) -> None:
        line = index - self._view.top
        if 0 <= line < self._height:
            self.refresh(Region(0, line + 1, self.size.width, 1))

    def _refresh_rows(self) -> None:
        self.refresh(Region(0, 1, self.size.width, self._height))

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
