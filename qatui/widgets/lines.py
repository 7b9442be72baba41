"""A scrolling text of many lines, of which only those in sight are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.style import Style

from qatui.widgets.cells import Part, strip
from qatui.widgets.cells import steady as steady_text

Run = tuple[str, str]  # harmless text, and the name of its look: a component class, or '' for the widget's own


@dataclass(frozen=True, slots=True)
class Line:
    """One line: runs of text, and which item (a quote, say) it belongs to."""

    runs: tuple[Run, ...] = ()
    item: int | None = None


class LineView(ScrollView, inherit_bindings=False):
    """Lines made anew by `build` when the content or the width changes; the application's actions scroll it."""

    DEFAULT_CSS = """
    LineView {
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size-vertical: 1;
        scrollbar-gutter: stable;
    }
    """
    ALLOW_SELECT = False

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.lines: Sequence[Line] = ()
        self._built_for = -1

    def build(self, width: int) -> Sequence[Line]:
        """All lines for this width in cells."""
        raise NotImplementedError

    def rebuild(self) -> None:
        """Make the lines anew and draw them."""
        width = self.scrollable_content_region.width
        self._built_for = width  # 0 while it takes no room: the lines are made when it is shown again
        if width > 0:
            self.lines = self.build(width)
            self.virtual_size = Size(width, len(self.lines))
            self.refresh()

    def on_resize(self) -> None:
        if self.scrollable_content_region.width != self._built_for:
            self.rebuild()
            self.rebuilt()

    def rebuilt(self) -> None:
        """Called when lines were made for another width: what was in sight stands elsewhere now."""

    def item_at(self, y: int) -> int | None:
        """The item of the line at `y` cells below the top of the widget's content."""
        index = y + self.scroll_offset.y
        return self.lines[index].item if 0 <= index < len(self.lines) else None

    def first_line(self, item: int) -> int | None:
        """The index of the first line of an item."""
        return next((index for index, line in enumerate(self.lines) if line.item == item), None)

    def reveal(self, index: int, count: int = 1) -> None:
        """Scroll so that `count` lines from `index` on are in sight, a third down if they were not."""
        height = self.content_size.height
        top = self.scroll_offset.y
        if index < top or index + count > top + height:
            self._scroll(max(0, index - max(0, height - count) // 3))

    def _scroll(self, top: int) -> None:
        """At once, and also when the lines were made only now: `scroll_to` still reckons with the old ones."""
        self.scroll_y = self.scroll_target_y = max(0, min(top, len(self.lines) - self.scrollable_content_region.height))

    def action_cursor_down(self) -> None:
        """One line down."""
        self._scroll(self.scroll_offset.y + 1)

    def action_cursor_up(self) -> None:
        """One line up."""
        self._scroll(self.scroll_offset.y - 1)

    def action_page_down(self) -> None:
        """A window down, one line kept for orientation."""
        self._scroll(self.scroll_offset.y + max(1, self.content_size.height - 1))

    def action_page_up(self) -> None:
        """A window up, one line kept for orientation."""
        self._scroll(self.scroll_offset.y - max(1, self.content_size.height - 1))

    def action_half_page_down(self) -> None:
        """Half a window down."""
        self._scroll(self.scroll_offset.y + max(1, self.content_size.height // 2))

    def action_half_page_up(self) -> None:
        """Half a window up."""
        self._scroll(self.scroll_offset.y - max(1, self.content_size.height // 2))

    def action_home(self) -> None:
        """To the first line."""
        self._scroll(0)

    def action_end(self) -> None:
        """To the last line."""
        self._scroll(len(self.lines))

    def look(self, name: str) -> Style:
        """The style of a run by its name; decided when it is drawn, so that a new look needs no new lines."""
        return self.get_visual_style(name)

    def render_line(self, y: int) -> Strip:
        """One line in sight."""
        width = self.size.width
        base = self.visual_style
        index = y + self.scroll_offset.y
        runs: list[Part] = []
        if 0 <= index < len(self.lines):
            for text, name in self.lines[index].runs:
                runs.append((steady_text(text), self.look(name) if name else base))
        runs.append((" ", base))
        return strip(runs, width)
