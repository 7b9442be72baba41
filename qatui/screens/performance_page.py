"""The page of the Performance screen: its panels, where the cursor is among them, and moving it."""

from __future__ import annotations

from textual.app import ComposeResult, RenderResult
from textual.containers import Container
from textual.content import Content
from textual.style import Style
from textual.widget import Widget

from qatui.screens.frame import FrameScreen, Placard
from qatui.screens.performance_charts import Panel, as_of_words
from qatui.screens.performance_popover import FigurePopover
from qatui.screens.performance_sections import SECTIONS, TITLES, Section, Sections
from qatui.widgets.chart_view import ChartView
from qatui.widgets.figures import Shape

CHARTS = 4  # charts below the tiles of every section
ALL_CHARTS = (110, 34)  # columns and lines from which all charts of a section have room


class SectionsLine(Widget):
    """The sections, the present one in brackets, and of what moment the figures are."""

    auto_links = False

    def __init__(self) -> None:
        super().__init__(id="sections")
        self._current = SECTIONS[0]
        self._moment = ""

    def show(self, current: str, moment: str) -> None:
        """Say which section is seen, and of when."""
        if (current, moment) != (self._current, self._moment):
            self._current, self._moment = current, moment
            self.refresh()

    def render(self) -> RenderResult:
        parts: list[Content | tuple[str, str]] = []
        for section in SECTIONS:
            click = Style.from_meta({"@click": f"screen.do('performance.{section}')"})
            title = TITLES[section]
            if section == self._current:
                parts.append((f"[{title}]", "bold $accent"))
            else:
                parts.append(Content.styled(f" {title} ", click).stylize("$foreground-muted"))
        left = Content.assemble(*parts)
        room = self.size.width - left.cell_length
        if room <= len(self._moment):
            return left
        return Content.assemble(left, (self._moment.rjust(room), "$foreground-muted"))


class PerformancePage(FrameScreen, inherit_bindings=False):
    """Sections of panels (tiles, then charts); the cursor is in one panel, and there on one number."""

    def __init__(self) -> None:
        super().__init__()
        self._section = SECTIONS[0]
        self._panel = dict.fromkeys(SECTIONS, 0)
        """By section, the panel of the cursor: 0 the tiles, then the charts."""
        self._chart = dict.fromkeys(SECTIONS, 1)
        """By section, the chart that is seen where there is room for one only."""
        self._numbers: dict[str, tuple[str, int]] = {}
        """By chart, the name of the item and the series under its cursor."""
        self._table = False
        self._sections: Sections | None = None
        self._page: Section | None = None
        """What is on screen; None while nothing is, or a sentence stands in its place."""
        self._hovering = False
        """Whether the explanation belongs to the mouse: then the cursor's keys do not choose in it."""

    # Panels ----------------------------------------------------------------------------------------

    def compose_page(self) -> ComposeResult:
        yield SectionsLine()
        yield ChartView(id="tiles")
        with Container(id="charts"):
            for number in range(CHARTS):
                yield ChartView(id=f"chart-{number}")
        placard = Placard("placard")
        placard.display = False
        yield placard
        yield FigurePopover()

    @property
    def placard(self) -> Placard:
        return self.query_one("#placard", Placard)

    @property
    def popover(self) -> FigurePopover:
        return self.query_one(FigurePopover)

    @property
    def views(self) -> list[ChartView]:
        """The panels: the tiles, then the charts."""
        return list(self.query(ChartView))

    @property
    def view(self) -> ChartView:
        """The panel with the cursor."""
        return self.views[self._panel[self._section]]

    @property
    def panel(self) -> Panel | None:
        """What the panel with the cursor shows."""
        return self._page.panels[self._panel[self._section]] if self._page is not None else None

    def focus_page(self) -> None:
        self.view.focus()

    # Showing ---------------------------------------------------------------------------------------

    @property
    def all_charts(self) -> bool:
        """Whether all charts of a section have room."""
        return self.app.size.width >= ALL_CHARTS[0] and self.app.size.height >= ALL_CHARTS[1]

    def _show_section(self) -> None:
        """Give every panel its chart, with the cursor where it was in it."""
        if self._sections is None:
            return
        self.popover.hide()
        self._page = self._sections.section(self._section)
        self.placard.display = False
        self.query_one("#tiles").display = self.query_one("#charts").display = True
        for view, panel in zip(self.views, self._page.panels, strict=True):
            view.show(panel.chart, *self._number(panel), table=self._table)
        self._arrange()
        moment = as_of_words(self._sections.report.as_of, self.session.zone)
        self.query_one(SectionsLine).show(self._section, moment)
        self.note.stand(self._page.note)
        self.focus_page()

    def _number(self, panel: Panel) -> tuple[int, int]:
        """The item and series of a chart's cursor: where it was, at first the latest week or the first of a list."""
        chart = panel.chart
        name, series = self._numbers.get(chart.key, ("", 0))
        names = [item.name for item in chart.items]
        latest = len(names) - 1 if chart.shape in (Shape.COLUMNS, Shape.STACKED) else 0
        return (names.index(name) if name in names else latest), series

    def _arrange(self) -> None:
        """All charts, or the one that is chosen."""
        self.set_class(self.all_charts, "-all")
        for number, view in enumerate(self.views[1:], 1):
            view.display = self.all_charts or number == self._chart[self._section]

    def on_resize(self) -> None:
        """Another size may have room for more."""
        if self._sections is not None:
            self._sections = Sections(self._sections.report, wide=self.wide)
        if self._page is not None:
            self._show_section()

    def _remember(self) -> None:
        view = self.view
        if view.chart is not None and view.chart.items:
            self._numbers[view.chart.key] = (view.chart.items[view.item].name, view.series)

    def _enter(self, panel: int) -> None:
        """Put the cursor into a panel."""
        self._panel[self._section] = panel
        if panel:
            self._chart[self._section] = panel
        self._arrange()
        self.focus_page()
        self._moved()

    def _moved(self) -> None:
        """The cursor came to another number: an open explanation follows it."""
        self._remember()
        self.refresh_frame()
        if self.popover.display:
            self.call_after_refresh(self.explain_cursor)

    def explain_cursor(self) -> None:
        """Explain the number under the cursor."""
        raise NotImplementedError

    # Moving ----------------------------------------------------------------------------------------

    def _move(self, across: int, down: int) -> None:
        if self._page is None:
            return
        if self.popover.display and not self._hovering and down:
            self.popover.move(down)
        elif self.view.move(across, down):
            self._moved()
        else:
            following = self._neighbour(across, down)
            if following is not None:
                self._enter(following)

    def _neighbour(self, across: int, down: int) -> int | None:
        """The panel beside, above or below the one with the cursor."""
        panel = self._panel[self._section]
        if not self.all_charts:
            there = {(0, 0, 1): self._chart[self._section], (1, 0, -1): 0}
            return there.get((min(panel, 1), 0 if not across else 1, down))
        if panel == 0:
            return 1 if down > 0 else None
        row, column = divmod(panel - 1, 2)
        row, column = row + down, column + across
        if row < 0:
            return 0
        return 1 + 2 * row + column if row < CHARTS // 2 and 0 <= column < 2 else None

    def do_move_down(self, _argument: str) -> None:
        self._move(0, 1)

    def do_move_up(self, _argument: str) -> None:
        self._move(0, -1)

    def do_performance_right(self, _argument: str) -> None:
        """To the number at the right."""
        self._move(1, 0)

    def do_performance_left(self, _argument: str) -> None:
        """To the number at the left."""
        self._move(-1, 0)

    def _leap(self, items: int) -> None:
        if self._page is not None:
            self.view.leap(items)
            self._moved()

    def do_move_half_down(self, _argument: str) -> None:
        self._leap(max(1, self.view.page // 2))

    def do_move_half_up(self, _argument: str) -> None:
        self._leap(-max(1, self.view.page // 2))

    def do_move_page_down(self, _argument: str) -> None:
        self._leap(self.view.page)

    def do_move_page_up(self, _argument: str) -> None:
        self._leap(-self.view.page)

    def do_move_top(self, _argument: str) -> None:
        self._leap(-len(self.view.chart.items) if self.view.chart else 0)

    def do_move_bottom(self, _argument: str) -> None:
        self._leap(len(self.view.chart.items) if self.view.chart else 0)

    def do_performance_next(self, _argument: str) -> None:
        """To the next panel of the section."""
        self._enter((self._panel[self._section] + 1) % (CHARTS + 1))

    def do_performance_previous(self, _argument: str) -> None:
        """To the previous panel of the section."""
        self._enter((self._panel[self._section] - 1) % (CHARTS + 1))

    # Sections --------------------------------------------------------------------------------------

    def _turn_to(self, section: str) -> None:
        self._section = section
        if self._page is not None:
            self._show_section()
            self.refresh_frame()

    def do_performance_section_next(self, _argument: str) -> None:
        """The next section."""
        self._turn_to(SECTIONS[(SECTIONS.index(self._section) + 1) % len(SECTIONS)])

    def do_performance_section_previous(self, _argument: str) -> None:
        """The section before."""
        self._turn_to(SECTIONS[(SECTIONS.index(self._section) - 1) % len(SECTIONS)])

    def do_performance_overview(self, _argument: str) -> None:
        """To the first section."""
        self._turn_to("overview")

    def do_performance_resolutions(self, _argument: str) -> None:
        """To the second section."""
        self._turn_to("resolutions")

    def do_performance_deflections(self, _argument: str) -> None:
        """To the third section."""
        self._turn_to("deflections")

    def do_performance_handoffs(self, _argument: str) -> None:
        """To the fourth section."""
        self._turn_to("handoffs")

    def do_performance_table(self, _argument: str) -> None:
        """The numbers instead of the drawing, or the drawing again."""
        self._table = not self._table
        self._show_section()
