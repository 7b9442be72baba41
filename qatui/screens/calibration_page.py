"""The page of the Calibration screen: figures, confusion matrices, the worst disagreements, and the cursor in them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from textual.app import ComposeResult
from textual.containers import Container, Horizontal
from textual.content import Content
from textual.geometry import Region
from textual.widget import Widget
from textual.widgets import Static

from qatui.domain import calibration_words
from qatui.domain.agreement import Agreement
from qatui.domain.calibration import CalibrationReport, Pair
from qatui.domain.rubric import Dimension
from qatui.screens import words
from qatui.screens.calibration_explained import Figure, explain_cell, explain_figure, explain_pair, text
from qatui.screens.frame import FrameScreen, Placard
from qatui.screens.performance_explained import Explained
from qatui.screens.performance_popover import FigurePopover
from qatui.text import visible
from qatui.widgets.columns import Column
from qatui.widgets.confusion import Confusion
from qatui.widgets.figures import MUTED, printable
from qatui.widgets.glyphs import glyphs
from qatui.widgets.window_table import InMemory, WindowTable

DIMENSIONS = tuple(Dimension)
SHORT = 14  # letters of both names that fit above a matrix
THREE = 126  # columns from which the matrices of all dimensions have room beside each other


class Part(StrEnum):
    """What of the page has the cursor."""

    FIGURES = "figures"
    MATRIX = "matrix"
    WORST = "worst"


PARTS = tuple(Part)


@dataclass(frozen=True, slots=True)
class FiguresRow:
    """One dimension's line of figures."""

    dimension: Dimension
    agreement: Agreement


def scores_cell(dimension: Dimension) -> Callable[[Pair], Content]:
    """Both scores of a dimension, '4·2'; far ones carry a mark besides their colour."""

    def cell(pair: Pair) -> Content:
        apart = abs(pair.apart(dimension))
        both = f"{pair.first.of(dimension)}{glyphs().dot}{pair.second.of(dimension)}"
        if apart > 1:
            return Content.styled(f"{both}!", "bold $text-warning")
        return Content.styled(both, "" if apart else MUTED)

    return cell


class CalibrationPage(FrameScreen, inherit_bindings=False):
    """Three parts: a table of figures, a matrix for each dimension, a table of tickets."""

    def __init__(self) -> None:
        super().__init__()
        self.report: CalibrationReport | None = None
        """What is on screen; None while nothing is, or a sentence stands in its place."""
        self.part = Part.FIGURES
        self._hovering = False
        """Whether the explanation belongs to the mouse."""

    # Parts -----------------------------------------------------------------------------------------

    def compose_page(self) -> ComposeResult:
        with Container(id="calibration"):
            yield Static(id="parties", markup=False)
            with Horizontal(id="above"):
                yield self._make_figures()
                yield Static(id="beside", markup=False)
            with Horizontal(id="matrices"):
                for dimension in DIMENSIONS:
                    yield Confusion(id=f"matrix-{dimension}")
                yield Static(id="rests", markup=False)
            yield self._make_worst()
        placard = Placard("placard")
        placard.display = False
        yield placard
        yield FigurePopover()

    def _make_figures(self) -> WindowTable[FiguresRow]:
        titles = {
            Figure.TICKETS: ("tickets", 7),
            Figure.EXACT: ("exact", 6),
            Figure.WITHIN_ONE: ("within 1", 8),
            Figure.DIFFERENCE: ("difference", 10),
            Figure.KAPPA: ("kappa", 6),
            Figure.INTERVAL: ("95 %", 14),
        }

        def shown(figure: Figure) -> Callable[[FiguresRow], str]:
            return lambda row: _sign(text(figure, row.agreement) or words.none())

        return WindowTable(
            [
                Column[FiguresRow]("dimension", "", 8, lambda row: row.dimension.label, sortable=False),
                *(
                    Column[FiguresRow](
                        figure.value, title, width, shown(figure), align="right", sortable=False, explain=True
                    )
                    for figure, (title, width) in titles.items()
                ),
            ],
            key=lambda row: row.dimension,
            id="figures",
        )

    def _make_worst(self) -> WindowTable[Pair]:
        zone = self.session.zone
        return WindowTable(
            [
                Column[Pair]("name", "furthest apart", 20, lambda pair: visible(pair.row.name), grow=True),
                *(Column[Pair](d.value, d.label[0], 4, scores_cell(d), sortable=False) for d in DIMENSIONS),
                Column[Pair]("rep", "rep", 15, lambda pair: visible(pair.row.rep), priority=2, sortable=False),
                Column[Pair]("who", "reviewer", 12, lambda pair: visible(pair.who), priority=3, sortable=False),
                Column[Pair](
                    "at",
                    "when",
                    12,
                    lambda pair: words.when(pair.at, zone, self.session.open.now),
                    priority=1,
                    sortable=False,
                ),
            ],
            key=lambda pair: pair.row.row_id,
            empty="They differ nowhere.",
            id="worst",
        )

    @property
    def figures(self) -> WindowTable[FiguresRow]:
        return self.query_one("#figures", WindowTable)

    @property
    def worst(self) -> WindowTable[Pair]:
        return self.query_one("#worst", WindowTable)

    @property
    def matrices(self) -> list[Confusion]:
        return list(self.query(Confusion))

    @property
    def matrix(self) -> Confusion:
        """The one of the dimension under the cursor."""
        return self.matrices[DIMENSIONS.index(self.dimension)]

    @property
    def dimension(self) -> Dimension:
        """The dimension whose line has the cursor."""
        return DIMENSIONS[min(self.figures.cursor, len(DIMENSIONS) - 1)]

    @property
    def figure(self) -> Figure:
        """The figure under the cursor of the table of figures."""
        return Figure(self.figures.cell or Figure.KAPPA)

    @property
    def placard(self) -> Placard:
        return self.query_one("#placard", Placard)

    @property
    def popover(self) -> FigurePopover:
        return self.query_one(FigurePopover)

    def focus_page(self) -> None:
        part: dict[Part, Widget] = {Part.FIGURES: self.figures, Part.MATRIX: self.matrix, Part.WORST: self.worst}
        part[self.part].focus()

    def keep_focus(self) -> None:
        """The part with the cursor has the keyboard, unless a line is being typed."""
        if not self.types_into(self.focused):
            self.focus_page()

    # Showing ---------------------------------------------------------------------------------------

    @property
    def three(self) -> bool:
        """Whether the matrices of all dimensions have room."""
        return self.app.size.width >= THREE

    def show_report(self, report: CalibrationReport) -> None:
        """Show a comparison, with the cursor where it is."""
        self.report = report
        self.popover.hide()
        self.placard.display = False
        self.query_one("#calibration").display = True
        rows = [FiguresRow(dimension, agreement) for dimension, agreement in report.agreements.items()]
        self.figures.show(InMemory(rows, lambda row: row.dimension), cursor=DIMENSIONS.index(self.dimension))
        cursor = max(0, min(self.worst.cursor, len(report.worst) - 1))
        self.worst.show(InMemory(report.worst, lambda pair: pair.row.row_id), cursor=cursor)
        for dimension, matrix in zip(DIMENSIONS, self.matrices, strict=True):
            matrix.show(report.agreements[dimension], f"{dimension.label}: {_axes(report)}")
        first, second = (printable(visible(party.name)) for party in (report.first, report.second))
        adopted = " (adopted)" if report.first.adopted else ""
        self.query_one("#parties", Static).update(
            Content.assemble((first, "bold"), (adopted, MUTED), (" compared with ", MUTED), (second, "bold"))
        )
        rests = Content("\n").join(
            Content.styled(printable(visible(sentence)), MUTED) for sentence in self._rests(report) if sentence
        )
        self.query_one("#rests", Static).update(rests)
        self.query_one("#beside", Static).update(rests)
        self._arrange()
        self.keep_focus()

    def _rests(self, report: CalibrationReport) -> list[str]:
        """What the figures rest on."""
        return [calibration_words.how_people_came_to_theirs(report), calibration_words.left_out(report)]

    def show_placard(self, *lines: str, kind: str = "empty") -> None:
        """Say something in place of the figures."""
        self.report = None
        self.popover.hide()
        self.placard.show("error" if kind == "error" else "empty", *lines)
        self.placard.display = True
        self.query_one("#calibration").display = False
        self.note.stand("")

    def _arrange(self) -> None:
        """All matrices where they have room, else the one of the dimension under the cursor."""
        self.set_class(self.three, "-three")
        for dimension, matrix in zip(DIMENSIONS, self.matrices, strict=True):
            matrix.display = self.three or dimension is self.dimension

    def on_resize(self) -> None:
        """Another width may have room for more."""
        if self.report is not None:
            self._arrange()
            self.keep_focus()

    # Moving ----------------------------------------------------------------------------------------

    def enter(self, part: Part) -> None:
        """Put the cursor into a part."""
        if self.report is not None:
            self.part = part
            self.focus_page()
            self.moved()

    def moved(self) -> None:
        """The cursor came elsewhere: an open explanation follows it."""
        self.refresh_frame()
        if self.popover.display:
            self.call_after_refresh(self.explain_cursor)

    def _move(self, down: int) -> None:
        if self.report is None:
            return
        match self.part:
            case Part.FIGURES:
                place = DIMENSIONS.index(self.dimension) + down
                if place >= len(DIMENSIONS):
                    self.enter(Part.MATRIX)
                elif place >= 0:
                    self.figures.cursor = place
            case Part.MATRIX:
                if self.matrix.move(0, down):
                    self.moved()
                else:
                    self.enter(Part.WORST if down > 0 else Part.FIGURES)
            case Part.WORST:
                if down < 0 and self.worst.cursor == 0:
                    self.enter(Part.MATRIX)
                elif down > 0:
                    self.worst.action_cursor_down()
                else:
                    self.worst.action_cursor_up()

    def do_move_down(self, _argument: str) -> None:
        self._move(1)

    def do_move_up(self, _argument: str) -> None:
        self._move(-1)

    def do_calibration_right(self, _argument: str) -> None:
        """To the figure or cell at the right."""
        self._sideways(1)

    def do_calibration_left(self, _argument: str) -> None:
        """To the figure or cell at the left."""
        self._sideways(-1)

    def _sideways(self, step: int) -> None:
        if self.part is Part.FIGURES:
            stops = [column for column in self.figures.visible_columns if column != "dimension"]
            place = stops.index(self.figure) + step
            if 0 <= place < len(stops):
                self.figures.cell = stops[place]
        elif self.part is Part.MATRIX:
            if self.matrix.move(step, 0):
                self.moved()
            elif self.three:
                self._to_matrix(step)

    def _to_matrix(self, step: int) -> None:
        """From the edge of one matrix into the one beside it, on the same line."""
        place = DIMENSIONS.index(self.dimension) + step
        if 0 <= place < len(DIMENSIONS):
            first, _ = self.matrix.cell
            self.matrices[place].point((first, 1 if step > 0 else 5))
            self.figures.cursor = place

    def do_calibration_next(self, _argument: str) -> None:
        """To the next part of the page."""
        self.enter(PARTS[(PARTS.index(self.part) + 1) % len(PARTS)])

    def do_calibration_previous(self, _argument: str) -> None:
        """To the part before."""
        self.enter(PARTS[(PARTS.index(self.part) - 1) % len(PARTS)])

    def do_move_half_down(self, _argument: str) -> None:
        self.worst.action_half_page_down()

    def do_move_half_up(self, _argument: str) -> None:
        self.worst.action_half_page_up()

    def do_move_page_down(self, _argument: str) -> None:
        self.worst.action_page_down()

    def do_move_page_up(self, _argument: str) -> None:
        self.worst.action_page_up()

    def do_move_top(self, _argument: str) -> None:
        self.enter(Part.FIGURES)
        self.figures.cursor = 0

    def do_move_bottom(self, _argument: str) -> None:
        self.enter(Part.WORST)
        self.worst.action_end()

    # Explaining ------------------------------------------------------------------------------------

    def explained(self) -> Explained | None:
        """The explanation of what is under the cursor."""
        if self.report is None:
            return None
        if self.part is Part.FIGURES:
            return explain_figure(self.figure, self.dimension, self.report)
        if self.part is Part.MATRIX:
            return explain_cell(self.matrix.cell, self.dimension, self.report)
        pair = self.worst.row
        return None if pair is None else explain_pair(pair, self.report, self.session.zone)

    def cursor_region(self) -> Region:
        """Where the cursor stands on the screen."""
        if self.part is Part.FIGURES:
            return self.figures.cell_region()
        if self.part is Part.MATRIX:
            return self.matrix.region_of(self.matrix.cell)
        return self.worst.row_region()

    def explain_cursor(self) -> None:
        """Explain what is under the cursor."""
        self._hovering = False
        self.popup(self.explained(), self.cursor_region())

    def popup(self, explained: Explained | None, region: Region) -> None:
        """Show an explanation beside what it is about."""
        if explained is None:
            self.popover.hide()
            return
        keys = self.session.keys
        what = "reads the ticket" if self.part is Part.WORST else "lists the tickets"
        hint = f"{keys.label('calibration.open')} {what}, {keys.label('go.back')} closes"
        size = self.app.size
        area = Region(0, 1, size.width - 1, size.height - 2)
        self.popover.show(explained, region, area, keys="" if self._hovering else hint)


def _axes(report: CalibrationReport) -> str:
    """Whose scores go down, and whose across, in few words."""
    first, second = (
        visible(party.judge.judge if party.judge else party.name) for party in (report.first, report.second)
    )
    if first == second or len(first + second) > SHORT:
        first, second = "first", "second"
    return f"{first} down, {second} across"


def _sign(figure: str) -> str:
    """A figure with a minus as wide as a plus, where the terminal has one."""
    return figure.replace("-", glyphs().minus) if figure[:1] == "-" and figure[1:2].isdigit() else figure
