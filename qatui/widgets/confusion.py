"""A confusion matrix with a cursor that stands on its cells; it draws only what it was given."""

from __future__ import annotations

from textual import events
from textual.app import RenderResult
from textual.content import Content
from textual.geometry import Region
from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget

from qatui.domain.agreement import LEVELS, Agreement
from qatui.domain.rubric import SCORES
from qatui.text import fit
from qatui.widgets.figures import MUTED, POINTED, cut, printable
from qatui.widgets.glyphs import glyphs

HOVER = 0.25  # seconds the mouse rests on a cell before its explanation is asked for
CELL = 6  # cells of the terminal for one of the matrix, its blanks included
LABEL = 4  # for the first party's score at the left
ABOVE = 2  # lines above the first row: title and the second party's scores
WIDTH = LABEL + CELL * LEVELS + 3  # room for "Empathy: offline down, people across"
HEIGHT = ABOVE + LEVELS


class Confusion(Widget, can_focus=True):
    """Tickets by both scores: the first party's down, the second's across. Binds no keys: the screen moves the cursor.

    Exact matches are bold, scores that are two or more apart carry a mark besides their colour.
    """

    DEFAULT_CSS = f"""
    Confusion {{ height: {HEIGHT}; width: {WIDTH}; }}
    """
    ALLOW_SELECT = False

    class Pointed(Message):
        """A cell was clicked; `again`: the cursor was on it already."""

        def __init__(self, matrix: Confusion, again: bool) -> None:
            super().__init__()
            self.matrix = matrix
            self.again = again

    class Hovered(Message):
        """The mouse rests on a cell (first score, second score), or (None) left it."""

        def __init__(self, matrix: Confusion, cell: tuple[int, int] | None) -> None:
            super().__init__()
            self.matrix = matrix
            self.cell = cell

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.agreement: Agreement | None = None
        self.cell = (3, 3)
        """The scores under the cursor: the first party's, the second's."""
        self._title = ""
        self._hovered: tuple[int, int] | None = None
        self._hover_timer: Timer | None = None

    def show(self, agreement: Agreement, title: str) -> None:
        """Show another matrix, with the cursor where it is."""
        self.agreement, self._title = agreement, title
        self.refresh()

    def move(self, across: int, down: int) -> bool:
        """Move the cursor by so many cells; False where the matrix ends, so that what is beside it can take over."""
        first, second = self.cell
        cell = (max(1, min(LEVELS, first + down)), max(1, min(LEVELS, second + across)))
        if cell == self.cell:
            return False
        self.point(cell)
        return True

    def point(self, cell: tuple[int, int]) -> None:
        """Put the cursor on the cell of these scores."""
        if cell != self.cell:
            self.cell = cell
            self.refresh()

    def number(self, cell: tuple[int, int]) -> int:
        """How many tickets have these scores."""
        return self.agreement.table[cell[0] - 1][cell[1] - 1] if self.agreement is not None else 0

    def region_of(self, cell: tuple[int, int]) -> Region:
        """Where a cell stands on the screen."""
        x, y = LABEL + (cell[1] - 1) * CELL, ABOVE + cell[0] - 1
        return Region(x, y, CELL, 1).translate(self.content_region.offset)

    # Drawing ---------------------------------------------------------------------------------------

    def render(self) -> RenderResult:
        if self.agreement is None:
            return Content("")
        width = self.content_size.width
        title = Content.styled(
            fit(printable(self._title), width).rstrip(), "bold $accent" if self.has_focus else "bold"
        )
        header = Content.styled(" " * LABEL + "".join(f"{score:>{CELL - 1}} " for score in SCORES), MUTED)
        return Content("\n").join([title, cut(header, width), *(cut(self._row(first), width) for first in SCORES)])

    def _row(self, first: int) -> Content:
        parts = [Content.styled(f"{first:>{LABEL - 1}} ", MUTED)]
        for second in SCORES:
            number = self.number((first, second))
            text = f"{number:,}" if number < 100_000 else f"{number // 1000:,}k"
            text = text if number else glyphs().dot
            if not number:
                look = MUTED
            elif first == second:
                look = "bold"
            else:
                look = "$text-warning" if abs(first - second) > 1 else ""
            mark = "!" if number and abs(first - second) > 1 else " "
            here = self.has_focus and self.cell == (first, second)
            parts.append(Content.styled(f"{text:>{CELL - 1}}{mark}", f"{look} {POINTED}".strip() if here else look))
        return Content.assemble(*parts)

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    # Mouse -----------------------------------------------------------------------------------------

    def _cell_at(self, event: events.MouseEvent) -> tuple[int, int] | None:
        offset = event.get_content_offset(self)
        if offset is None or offset.x < LABEL:
            return None
        first, second = offset.y - ABOVE + 1, (offset.x - LABEL) // CELL + 1
        return (first, second) if first in SCORES and second in SCORES else None

    def on_click(self, event: events.Click) -> None:
        cell = self._cell_at(event)
        if cell is not None:
            event.stop()
            again = self.has_focus and cell == self.cell
            self.point(cell)
            self.post_message(self.Pointed(self, again))

    def on_mouse_move(self, event: events.MouseMove) -> None:
        self._hover(self._cell_at(event))

    def on_leave(self) -> None:
        self._hover(None)

    def _hover(self, cell: tuple[int, int] | None) -> None:
        if cell == self._hovered:
            return
        self._hovered = cell
        if self._hover_timer is not None:
            self._hover_timer.stop()
            self._hover_timer = None
        if cell is None:
            self.post_message(self.Hovered(self, None))
        else:
            self._hover_timer = self.set_timer(HOVER, self._rested)

    def _rested(self) -> None:
        self.post_message(self.Hovered(self, self._hovered))
