"""A few lines over the table that explain one figure, placed so that the figure's own row stays visible."""

from __future__ import annotations

from textual.app import RenderResult
from textual.content import Content
from textual.geometry import Offset, Region
from textual.widget import Widget

WIDTH = 64


class Popover(Widget):
    """Floats beside a row; shown and hidden by the screen."""

    def __init__(self) -> None:
        super().__init__(id="popover")
        self._content = Content("")
        self.display = False

    def show(self, title: str, lines: list[str], row: Region, screen: Region) -> None:
        """Explain: a title and lines, below `row`, or above it where there is more room (both in screen cells)."""
        self._content = Content.assemble((title, "bold"), *(f"\n{line}" for line in lines))
        width = min(WIDTH, screen.width - 4)
        height = self._content.get_height({}, width - 4) + 2
        below = screen.bottom - row.bottom
        y = row.bottom if height <= below or below >= row.y - screen.y else max(screen.y, row.y - height)
        self.styles.width = width
        self.styles.max_height = max(3, below if y == row.bottom else row.y - screen.y)
        self.absolute_offset = Offset(max(0, min(row.x + 4, screen.right - width - 1)), y)
        self.display = True
        self.refresh(layout=True)

    def hide(self) -> None:
        self.display = False

    @property
    def text(self) -> str:
        """What is explained, while it is shown."""
        return self._content.plain if self.display else ""

    def render(self) -> RenderResult:
        return self._content
