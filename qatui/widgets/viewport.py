"""Where a table's cursor and window are, and where each move takes them: numbers alone."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class View:
    """The row under the cursor and the first row seen, counted from 0."""

    cursor: int = 0
    top: int = 0

    def window(self, height: int, known: int) -> tuple[int, int]:
        """The first and last row seen, both included, of `known` rows in a window `height` rows high."""
        return self.top, max(self.top, min(self.top + height, known) - 1)

    def fitted(self, height: int, known: int) -> View:
        """The nearest view with the cursor in sight and no empty lines below the last row."""
        top = max(min(self.top, self.cursor), self.cursor - height + 1)
        return View(self.cursor, max(0, min(top, max(known, self.cursor + 1) - height)))

    def at(self, index: int, height: int, known: int) -> View:
        """The cursor on another row. At the edge half a window scrolls by: far fewer bytes than row by row."""
        cursor = max(0, min(index, known - 1))
        top, half = self.top, height // 2
        if cursor >= top + 2 * height or cursor < top - height:
            top = cursor - half
        elif cursor >= top + height:
            top = cursor - height + half
        elif cursor < top:
            top = cursor - half + 1
        return View(cursor, top).fitted(height, known)

    def leapt(self, rows: int, height: int, known: int) -> View:
        """Cursor and window moved by so many rows."""
        cursor = max(0, min(self.cursor + rows, known - 1))
        return View(cursor, self.top + rows).fitted(height, known)

    def wheeled(self, rows: int, height: int, known: int) -> View:
        """The window moved; the cursor only as far as it must to stay in sight."""
        top = max(0, min(self.top + rows, known - height))
        return View(max(top, min(self.cursor, top + height - 1, known - 1)), top)
