"""A window onto rows that are kept elsewhere: it reads what is seen, moves the cursor, and says where it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeAlias

from textual import on
from textual.timer import Timer
from textual.widget import Widget

from qatui.text import one_line
from qatui.widgets import row_reader, table_messages
from qatui.widgets.columns import Row
from qatui.widgets.sources import PAGE, Rows, Source
from qatui.widgets.viewport import View

PATIENCE = 0.3  # seconds before a wait is said; shorter ones would only flicker
TYPED_AHEAD = 64  # moves that are kept until the first rows are read


class RowWindow(Widget, Generic[Row]):
    """The part of a table that reads and moves; a subclass draws its rows, one a line below a header.

    A move to rows that are not read yet is shown when they are (or after PATIENCE), so that nothing is drawn twice.
    Moves made while the first rows are read are kept and made then.
    """

    RowHighlighted: TypeAlias = table_messages.RowHighlighted
    RowSelected: TypeAlias = table_messages.RowSelected
    CellChanged: TypeAlias = table_messages.CellChanged
    CellHovered: TypeAlias = table_messages.CellHovered
    HoverLeft: TypeAlias = table_messages.HoverLeft
    HeaderSelected: TypeAlias = table_messages.HeaderSelected
    MarksChanged: TypeAlias = table_messages.MarksChanged
    Loaded: TypeAlias = table_messages.Loaded
    Failed: TypeAlias = table_messages.Failed
    Found: TypeAlias = table_messages.Found
    NotFound: TypeAlias = table_messages.NotFound

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._source: Source[Row] | None = None
        self._generation = 0  # of sources and readings: what an older one still sends is thrown away
        self._same = False  # it reads a source anew that was shown before
        self._ready = False  # the first rows of this generation are here
        self._rows: Rows[Row] = Rows()
        self._reading: int | None = None
        self._error: Exception | None = None
        self._view = View()
        self._next: View | None = None  # a view whose rows are still being read
        self._announced: tuple[int, int] | None = None
        self._patience: Timer | None = None
        self._typed: list[Callable[[], None]] = []

    # What a subclass draws --------------------------------------------------------------------------

    def paint_row(self, index: int) -> None:
        """Draw the line of one row anew."""
        raise NotImplementedError

    def paint_rows(self) -> None:
        """Draw the lines of all rows anew."""
        raise NotImplementedError

    def texts(self, row: Row) -> list[str]:
        """What can be read in a row, for a search."""
        raise NotImplementedError

    # What a screen asks and says --------------------------------------------------------------------

    def read(self, source: Source[Row], cursor: int) -> None:
        """Read another source, with the cursor on that row."""
        self._source = source
        self._begin(cursor, None, same=False)

    def reload(self) -> None:
        """Read the same source again; the cursor stays on its row where the source can tell the row's place."""
        if self._source is not None:
            self._begin(self.cursor, self.row, same=True)

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
    def state(self) -> str:
        """What the table shows: 'loading', 'empty', 'error' or 'rows'."""
        if self._error is not None:
            return "error"
        if not self._ready:
            return "loading"
        return "empty" if self._rows.total == 0 else "rows"

    def find(self, text: str, *, backwards: bool = False) -> None:
        """Go to the next row with this text in one of its columns (any case); posts Found or NotFound."""
        wanted = one_line(text).casefold()
        if self._source is None or not self._rows.total or not wanted:
            return

        def matches(row: Row) -> bool:
            return any(wanted in text.casefold() for text in self.texts(row))

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

    # Actions ----------------------------------------------------------------------------------------

    def action_cursor_down(self) -> None:
        """One row down."""
        self._move(lambda: self._go_to(self.cursor + 1))

    def action_cursor_up(self) -> None:
        """One row up."""
        self._move(lambda: self._go_to(self.cursor - 1))

    def action_page_down(self) -> None:
        """A window of rows down."""
        self._move(lambda: self._leap(self.height))

    def action_page_up(self) -> None:
        """A window of rows up."""
        self._move(lambda: self._leap(-self.height))

    def action_half_page_down(self) -> None:
        """Half a window down."""
        self._move(lambda: self._leap(max(1, self.height // 2)))

    def action_half_page_up(self) -> None:
        """Half a window up."""
        self._move(lambda: self._leap(-max(1, self.height // 2)))

    def action_home(self) -> None:
        """To the first row."""
        self._move(lambda: self._go_to(0))

    def action_end(self) -> None:
        """To the last row, once it is known which that is."""
        if self._rows.total is None:
            self._typed.append(self.action_end)
        else:
            self._go_to(self._rows.total - 1)

    def action_select(self) -> None:
        """Choose the row under the cursor."""
        row = self.row
        if row is not None:
            self.post_message(self.RowSelected(self, row, self.cursor))

    # Reading: workers await the source and post what they got; handlers change the widget -----------

    def _begin(self, cursor: int, keep: Row | None, *, same: bool) -> None:
        """Read from the start; what is painted stays until the new rows are here."""
        assert self._source is not None
        self._same = same
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
        # After a reload the cursor keeps its line on the screen, so that nothing moves that need not.
        line = self._view.cursor - self._view.top if self._same else self.height // 2
        self._view = View(cursor, cursor - line).fitted(self.height, self._rows.known)
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
            self.paint_rows()
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
            self.paint_rows()
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
        near = max(0, view.top - self.height), min(view.top + 2 * self.height, self._rows.known) - 1
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
    def height(self) -> int:
        """Rows that are seen at once."""
        return max(1, self.content_size.height - 1)

    def _window(self, view: View) -> tuple[int, int]:
        return view.window(self.height, self._rows.known)

    def _move(self, move: Callable[[], None]) -> None:
        """Make a move now, or when the rows are here."""
        if self._ready:
            move()
        elif self._error is None and len(self._typed) < TYPED_AHEAD:
            self._typed.append(move)

    def _go_to(self, index: int) -> None:
        self.see((self._next or self._view).at(index, self.height, self._rows.known))

    def _leap(self, rows: int) -> None:
        self.see((self._next or self._view).leapt(rows, self.height, self._rows.known))

    def see(self, view: View) -> None:
        """Go to a view, now or when its rows are read."""
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
            self.paint_rows()
        elif view.cursor != before.cursor:
            self.paint_row(before.cursor)
            self.paint_row(view.cursor)
