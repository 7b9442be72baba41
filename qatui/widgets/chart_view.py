"""One chart on screen with a cursor that stands on its numbers; it draws only what it was given."""

from __future__ import annotations

from textual import events
from textual.app import RenderResult
from textual.content import Content
from textual.geometry import Region
from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget

from qatui.text import fit
from qatui.widgets.chart_columns import draw_columns, marks_words
from qatui.widgets.chart_rows import draw_bars, draw_table, draw_tiles
from qatui.widgets.figures import MUTED, Chart, Drawn, Shape, Spot, cut
from qatui.widgets.glyphs import glyphs

HOVER = 0.25  # seconds the mouse rests on a number before its explanation is asked for
FACES = (Shape.COLUMNS, Shape.STACKED)  # these have time from left to right, unless they are shown as tables


class ChartView(Widget, can_focus=True):
    """A chart, or with `table` its numbers. Binds no keys: the screen moves the cursor."""

    DEFAULT_CSS = """
    ChartView { height: 1fr; }
    """
    ALLOW_SELECT = False

    class Pointed(Message):
        """A number was clicked; `again`: the cursor was on it already."""

        def __init__(self, view: ChartView, again: bool) -> None:
            super().__init__()
            self.view = view
            self.again = again

    class Hovered(Message):
        """The mouse rests on a number, or (None) left it."""

        def __init__(self, view: ChartView, spot: Spot | None) -> None:
            super().__init__()
            self.view = view
            self.spot = spot

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.chart: Chart | None = None
        self.item = 0
        self.series = 0
        self.table = False
        self._first = 0
        self._drawn = Drawn((), ())
        self._hovered: Spot | None = None
        self._hover_timer: Timer | None = None

    def show(self, chart: Chart, item: int, series: int, *, table: bool) -> None:
        """Show a chart with the cursor on one of its numbers, or the nearest there is."""
        if self.chart is None or chart.key != self.chart.key or table != self.table:
            self._first = 0
        self.chart, self.table = chart, table
        self.item = max(0, min(item, len(chart.items) - 1))
        self.series = max(0, min(series, chart.width - 1))
        self.refresh()

    def point(self, item: int, series: int) -> None:
        """Put the cursor on a number."""
        if (item, series) != (self.item, self.series):
            self.item, self.series = item, series
            self.refresh()

    def move(self, across: int, down: int) -> bool:
        """Move the cursor by so many numbers; False where the chart ends, so that the next one can take over."""
        if self.chart is None or not self.chart.items:
            return False
        sideways = self.chart.shape is Shape.TILES or (self.chart.shape in FACES and not self.table)
        items, series = (across, down) if sideways else (down, across)
        item = max(0, min(self.item + items, len(self.chart.items) - 1))
        number = max(0, min(self.series + series, self.chart.width - 1))
        moved = (item, number) != (self.item, self.series)
        self.point(item, number)
        return moved

    @property
    def page(self) -> int:
        """How many items are in sight."""
        return max(1, len({spot.item for spot in self._drawn.spots}))

    def leap(self, items: int) -> None:
        """Move the cursor by so many items, stopping at the ends."""
        if self.chart is not None and self.chart.items:
            self.point(max(0, min(self.item + items, len(self.chart.items) - 1)), self.series)

    def region_of(self, item: int, series: int) -> Region:
        """Where a number stands on the screen."""
        spot = self._drawn.spot(item, series)
        if spot is None:
            return self.content_region
        return spot.translate(self.content_region.offset).translate((0, self._above))

    @property
    def _above(self) -> int:
        """Lines above the drawing: the title of a chart; tiles have none."""
        return 0 if self.chart is None or self.chart.shape is Shape.TILES else 1

    # Drawing ---------------------------------------------------------------------------------------

    def render(self) -> RenderResult:
        width, height = self.content_size
        if self.chart is None or width < 1 or height < 1:
            return Content("")
        return Content("\n").join(self._lines(self.chart, width, height))

    def _lines(self, chart: Chart, width: int, height: int) -> list[Content]:
        lines = [] if chart.shape is Shape.TILES else [self._title(chart, width)]
        if chart.remark:
            height -= 1
        if not chart.items:
            self._drawn = Drawn((), ())
            lines.append(Content.styled(fit(chart.remark or "Nothing to show here.", width).rstrip(), MUTED))
            return lines
        if chart.shape is Shape.TILES:
            drawing = draw_tiles
        elif self.table:
            drawing = draw_table
        else:
            drawing = draw_bars if chart.shape is Shape.BARS else draw_columns
        self._drawn = drawing(
            chart, width, height - len(lines), self.item, self.series, first=self._first, pointed=self.has_focus
        )
        self._first = self._drawn.first
        lines += self._drawn.lines
        if chart.remark:
            lines.append(Content.styled(fit(chart.remark, width).rstrip(), MUTED))
        return lines

    def _title(self, chart: Chart, width: int) -> Content:
        """A thin line with the title in it, at its end the legend of marks."""
        thin = glyphs().thin
        marks = marks_words(chart.items)
        end = f" {marks} {thin}" if marks else ""
        head = f"{thin} {chart.title} "
        look = "bold $accent" if self.has_focus else "bold"
        line = thin * max(1, width - len(head) - len(end))
        return cut(Content.assemble((f"{thin} ", MUTED), (chart.title, look), " ", (line, MUTED), (end, MUTED)), width)

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    # Mouse -----------------------------------------------------------------------------------------

    def _spot_at(self, event: events.MouseEvent) -> Spot | None:
        offset = event.get_content_offset(self)
        return None if offset is None else self._drawn.at(offset.x, offset.y - self._above)

    def on_click(self, event: events.Click) -> None:
        spot = self._spot_at(event)
        if spot is not None:
            event.stop()
            again = self.has_focus and (spot.item, spot.series) == (self.item, self.series)
            self.point(spot.item, spot.series)
            self.post_message(self.Pointed(self, again))

    def on_mouse_move(self, event: events.MouseMove) -> None:
        self._hover(self._spot_at(event))

    def on_leave(self) -> None:
        self._hover(None)

    def _hover(self, spot: Spot | None) -> None:
        if spot == self._hovered:
            return
        self._hovered = spot
        if self._hover_timer is not None:
            self._hover_timer.stop()
            self._hover_timer = None
        if spot is None:
            self.post_message(self.Hovered(self, None))
        else:
            self._hover_timer = self.set_timer(HOVER, self._rested)

    def _rested(self) -> None:
        self.post_message(self.Hovered(self, self._hovered))
