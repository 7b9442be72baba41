"""The explanation of one figure: formula, its own numbers, what was left out; each count can be chosen to be listed."""

from __future__ import annotations

from textual.app import RenderResult
from textual.content import Content
from textual.geometry import Offset, Region
from textual.widget import Widget

from qatui.screens.performance_explained import Explained, Line
from qatui.text import cell_len, one_line
from qatui.widgets.figures import MUTED, POINTED, printable
from qatui.widgets.glyphs import glyphs
from qatui.widgets.wrapping import wrapped

WIDTH = 62
FRAME = 3  # cells of its left line and of the blanks at both sides


class FigurePopover(Widget):
    """Floats beside a figure without covering it; shown, moved and hidden by the screen."""

    def __init__(self) -> None:
        super().__init__(id="explained")
        self.display = False
        self.explained: Explained | None = None
        self.chosen = 0
        self._keys = ""
        self._room = WIDTH

    def show(self, explained: Explained, figure: Region, area: Region, *, keys: str) -> None:
        """Explain; the figure's cells and those that may be covered are of the screen. keys: what can be pressed."""
        self.explained = explained
        self.chosen = explained.opens or 0
        self._keys = keys
        region = self._place(explained, figure, area)
        self._room = region.width - FRAME
        self.styles.width = region.width
        self.styles.height = region.height
        self.absolute_offset = Offset(region.x, region.y)
        self.set_class(not glyphs().unicode, "-ascii")
        self.display = True
        self.refresh(layout=True)

    def _place(self, explained: Explained, figure: Region, area: Region) -> Region:
        """Below or above the figure where it fits, wider if it must be, else at the side with more room."""
        for width in (min(WIDTH, area.width), area.width):
            height = len(self._lines(explained, width - FRAME))
            x = max(area.x, min(figure.x, area.right - width))
            if height <= area.bottom - figure.bottom:
                return Region(x, figure.bottom, width, height)
            if height <= figure.y - area.y:
                return Region(x, figure.y - height, width, height)
        right, left = area.right - figure.right, figure.x - area.x
        width = min(WIDTH, max(right, left))
        height = min(area.height, len(self._lines(explained, width - FRAME)))
        y = max(area.y, min(figure.y, area.bottom - height))
        return Region(figure.right if right >= left else figure.x - width, y, width, height)

    def hide(self) -> None:
        self.display = False
        self.explained = None

    @property
    def line(self) -> Line | None:
        """The count that is chosen."""
        return self.explained.lines[self.chosen] if self.explained is not None else None

    def move(self, step: int) -> None:
        """Choose another count."""
        if self.explained is not None:
            self.chosen = max(0, min(self.chosen + step, len(self.explained.lines) - 1))
            self.refresh()

    @property
    def text(self) -> str:
        """What is explained, while it is shown."""
        return "\n".join(line.plain for line in self._lines(self.explained, self._room)) if self.explained else ""

    def render(self) -> RenderResult:
        if self.explained is None:
            return Content("")
        return Content("\n").join(self._lines(self.explained, self._room))

    def _lines(self, explained: Explained, width: int) -> list[Content]:
        title, place = printable(one_line(explained.title)), printable(one_line(explained.place))
        if cell_len(title) + cell_len(place) + 2 <= width:
            lines = [Content.assemble((title, "bold"), "  ", (place, MUTED))]
        else:
            lines = [Content.styled(text, "bold") for text in wrapped(title, width)]
            lines += [Content.styled(text, MUTED) for text in wrapped(place, width)]
        if explained.formula:
            lines += [Content(text) for text in wrapped(printable(explained.formula), width)]
        lines += [Content.styled(text, "bold $accent") for text in wrapped(printable(explained.working), width)]
        lines.append(Content(""))
        numbers = max(len(f"{line.number:,}") for line in explained.lines)
        for index, line in enumerate(explained.lines):
            lines += self._part(line, numbers, width, chosen=index == self.chosen)
        for remark in explained.remarks:
            lines += [Content.styled(text, "$text-warning") for text in wrapped(printable(remark), width)]
        if self._keys:
            lines += [Content.styled(text, MUTED) for text in wrapped(self._keys, width)]
        return lines

    def _part(self, line: Line, numbers: int, width: int, *, chosen: bool) -> list[Content]:
        """One count: the sign of the choice, its number, what it is in the formula, its words."""
        sign = glyphs().cursor if chosen and line.behind is not None else " "
        words = printable(one_line(f"{line.role}: {line.words}" if line.role else line.words))
        indent = numbers + 4
        first, *rest = wrapped(words, max(10, width - indent))
        number = f"{line.number:>{numbers},}"
        look = f"bold {POINTED}" if chosen and line.behind is not None else "bold"
        return [
            Content.assemble((f"{sign} ", "$accent"), (number, look), "  ", first),
            *(Content(" " * indent + text) for text in rest),
        ]
