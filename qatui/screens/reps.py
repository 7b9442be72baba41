"""Teams and reps with their scores: how well whom writes, with how many tickets, and whereto it moves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.timer import Timer

from qatui.domain.conversation import NO_TEAM, UNKNOWN_REP
from qatui.domain.listing import GroupDetail, TicketFilter
from qatui.domain.metrics import TREND_WEEKS, RepsReport, Tally, weakest
from qatui.domain.rubric import Dimension
from qatui.screens import words
from qatui.screens.frame import bindings
from qatui.screens.groups import GroupRow, flatten, scale
from qatui.screens.lists import ListScreen, waiting_in
from qatui.screens.popover import Popover
from qatui.screens.session import Window
from qatui.screens.style import style
from qatui.text import one_line, supports_unicode, visible
from qatui.widgets.charts import sparkline
from qatui.widgets.columns import Column
from qatui.widgets.window_table import InMemory, WindowTable

PAUSE = 0.12  # seconds the cursor rests before the pane follows it


@dataclass
class ReportRead(Message):
    """The report of a question: its period, its rows, and the rows of the trend."""

    question: object
    window: Window
    report: RepsReport
    trend: RepsReport


@dataclass
class DetailRead(Message):
    """What stands behind a row."""

    row: GroupRow
    detail: GroupDetail


class RepsScreen(ListScreen[GroupRow], inherit_bindings=False):
    """Screen 1."""

    SCREEN = "reps"
    NOUN = "reps"
    CSS_PATH = style("reps")
    BINDINGS = bindings("reps")
    HINTS: ClassVar[tuple[str, ...]] = (
        "list.open",
        "list.explain",
        "reps.coach",
        "list.period",
        "list.filter",
        "list.sort",
    )

    def __init__(self) -> None:
        super().__init__()
        self._report: RepsReport | None = None
        self._trend: RepsReport | None = None
        self._unfolded: set[str] | None = None
        """Names of the teams whose reps are shown; None until the first report decides."""
        self._sort = ("name", False)
        self._rows: list[GroupRow] = []
        self._scale = (0.0, 100.0)
        self._detail_timer: Timer | None = None

    # What the list asks ----------------------------------------------------------------------------

    def make_table(self) -> WindowTable[GroupRow]:
        return WindowTable(self.columns(), key=lambda row: row.key)

    def columns(self) -> list[Column[GroupRow]]:
        return [
            Column("name", "Team / rep", 19, _name, grow=True),
            Column("tickets", "tickets", 7, lambda row: f"{row.tally.tickets:,}", align="right", explain=True),
            Column("overall", "overall", 8, self._overall, align="right", explain=True),
            *(
                Column(
                    dimension.value,
                    dimension.value,
                    max(5, len(dimension.value)),
                    _mean_cell(dimension),
                    align="right",
                    explain=True,
                )
                for dimension in Dimension
            ),
            Column("trend", f"{TREND_WEEKS} weeks", TREND_WEEKS, self._sparkline, priority=1, explain=True),
        ]

    def compose_pane(self) -> ComposeResult:
        with VerticalScroll(id="pane", can_focus=False):
            from qatui.screens.reps_pane import RepsPane

            yield RepsPane()

    def compose_page(self) -> ComposeResult:
        yield from super().compose_page()
        yield Popover()

    @property
    def popover(self) -> Popover:
        return self.query_one(Popover)

    def question(self) -> object:
        return self.session.period, replace(self.where, text=""), self.session.revision

    def ask(self) -> None:
        self.start("report", "reading the report", self._read, self.question(), replace(self.where, text=""))

    async def _read(self, question: object, where: TicketFilter) -> None:
        reports = self.session.open.reports
        window = await self.session.window()
        report = await reports.reps(window.around(where))
        trend = report
        shortest = self.session.open.now - timedelta(weeks=TREND_WEEKS)
        if window.since is not None and window.since > shortest and where.since is None and where.until is None:
            trend = await reports.reps(replace(where, since=shortest))
        self.post_message(ReportRead(question, window, report, trend))

    @on(ReportRead)
    def _show_report(self, message: ReportRead) -> None:
        if message.question != self.question():
            return
        self._shown = message.question
        self.window = message.window
        self._report, self._trend = message.report, message.trend
        if self._unfolded is None:
            rows = sum(1 + len(team.reps) for team in message.report.teams)
            fits = rows < self.table.size.height
            self._unfolded = {team.team for team in message.report.teams} if fits else set()
        self._show_rows()
        self.refresh_frame()
        self._say_what_matters()

    def _show_rows(self) -> None:
        """Fill the table anew with the cursor on the row it was on."""
        if self._report is None or self._trend is None:
            return
        before = self.table.row
        self._scale = scale(self._trend)
        self._rows = flatten(
            self._report, self._trend, unfolded=self._unfolded or (), words=self.where.text, sort=self._sort
        )
        keys = [row.key for row in self._rows]
        cursor = keys.index(before.key) if before is not None and before.key in keys else 0
        if self._rows:
            self.show_rows()
            self.table.show(InMemory(self._rows, lambda row: row.key), cursor=cursor, sort=self._sort)
        elif self.where == TicketFilter() and not self._report.unscored:
            self.empty_workspace()
        else:
            self._nobody()

    def _nobody(self) -> None:
        assert self._report is not None
        unscored = sum(self._report.unscored.values())
        keys = self.session.keys
        if self.where != TicketFilter():
            self.show_placard("empty", "No rep or team fits the filter.", f"{keys.label('go.back')} clears it.")
        elif waiting_in(self._report.unscored):
            self.show_placard(
                "empty",
                f"{words.tickets(unscored)} and no score yet.",
                f"{keys.label('list.score')} lets the embedded judge read them.",
            )
        else:
            self.show_placard(
                "empty",
                f"{words.tickets(unscored)}, none with a score: {words.reasons(self._report.unscored)}.",
                f"{keys.label('list.unscored')} lists them.",
            )

    def _say_what_matters(self) -> None:
        assert self._report is not None
        assert self.window is not None
        keys = self.session.keys
        sentences = []
        if self.window.widened and self._report.teams:
            chosen = f"No ticket in the last {self.session.period[:-1]} days, so this is all time"
            sentences.append(chosen)
        lowest = weakest([team for team in self._report.teams if team.team != NO_TEAM])
        if lowest is not None:
            dimension, team = lowest
            where = f" in {one_line(team.team)}" if len(self._report.teams) > 1 else ""
            mean = words.mean(team.tally, dimension)
            sentences.append(f"{dimension.label} is lowest{where} ({mean}, n = {team.tally.tickets:,})")
        waiting = waiting_in(self._report.unscored)
        unscored = sum(self._report.unscored.values()) - waiting
        if waiting:
            sentences.append(f"{waiting:,} waiting ({keys.label('list.score')})")
        if unscored:
            sentences.append(f"{unscored:,} unscored ({keys.label('list.unscored')})")
        self.stand("; ".join(sentences) + "." if sentences else "")
        if self._report.teams:
            self.ask_judges(self.window.around(replace(self.where, text="")))

    # Cells -----------------------------------------------------------------------------------------

    def _overall(self, row: GroupRow) -> Content:
        assert self._report is not None
        text = words.overall(row.tally, self._report.mapping)
        return Content.styled(text, "$foreground-muted" if row.tally.few else "bold")

    def _sparkline(self, row: GroupRow) -> Content:
        assert self._report is not None
        mapping = self._report.mapping
        values = [week.overall_percent(mapping) for week in row.weeks]
        low, high = self._scale
        return Content.styled(sparkline(values, TREND_WEEKS, low=low, high=high), "$primary")

    # Order and folding -----------------------------------------------------------------------------

    @property
    def sort_state(self) -> tuple[str, bool]:
        return self._sort

    def sort_by(self, column: str, descending: bool | None = None) -> None:
        self._sort = (column, column != "name" if descending is None else descending)
        self._show_rows()

    def why_disabled(self, action_id: str) -> str | None:
        row = self.table.row if self.is_mounted else None
        if action_id in ("reps.fold", "reps.unfold") and self.where.text:
            return "A filter by name unfolds every team that has a match."
        if action_id in ("list.open", "list.explain", "reps.tickets", "reps.fold", "reps.unfold") and row is None:
            return "There is no row here."
        if action_id == "reps.coach" and (row is None or row.rep is None):
            return "Coaching is for one rep: unfold the team and choose one."
        if action_id == "reps.coach" and row is not None and row.rep is not None and row.rep.key is None:
            return "These tickets name no rep, so nobody can be coached on them."
        return super().why_disabled(action_id)

    def do_reps_unfold(self, _argument: str) -> None:
        """Show the reps of this team."""
        row = self.table.row
        if row is not None and self._unfolded is not None and row.team.team not in self._unfolded:
            self._unfolded.add(row.team.team)
            self._show_rows()

    def do_reps_fold(self, _argument: str) -> None:
        """Hide the reps of this team; from a rep, the cursor goes to the team."""
        row = self.table.row
        if row is None or self._unfolded is None or row.team.team not in self._unfolded:
            return
        self._unfolded.discard(row.team.team)
        place = next(i for i, other in enumerate(self._rows) if other.rep is None and other.team.team == row.team.team)
        self.table.cursor = place
        self._show_rows()

    def do_reps_fold_all(self, _argument: str) -> None:
        """Show all reps, or when all are shown, none."""
        if self._report is None:
            return
        teams = {team.team for team in self._report.teams}
        self._unfolded = set() if self._unfolded == teams else teams
        self._show_rows()

    # Drilling in -----------------------------------------------------------------------------------

    @on(WindowTable.RowSelected)
    async def _row_selected(self, message: WindowTable.RowSelected) -> None:
        row: GroupRow = message.row
        if row.rep is not None:
            await self._open_tickets(row)
        elif row.unfolded:
            self.do_reps_fold("")
        else:
            self.do_reps_unfold("")

    async def do_reps_tickets(self, _argument: str) -> None:
        """The tickets of the team or rep under the cursor."""
        row = self.table.row
        if row is not None:
            await self._open_tickets(row)

    def do_reps_coach(self, _argument: str) -> None:
        """The pack for a one-to-one with the rep under the cursor."""
        from qatui.screens.coaching import CoachingScreen

        row = self.table.row
        if row is not None and row.rep is not None and row.rep.key is not None and self.window is not None:
            where = replace(self.where, text="", rep=None, team=None)
            self.app.push_screen(CoachingScreen(row.rep.key, self.window.around(where)))

    async def _open_tickets(self, row: GroupRow) -> None:
        await self.app.show_tickets(self._behind(row), origin=self.SCREEN, of_whom=row.name)  # type: ignore[attr-defined]

    def _behind(self, row: GroupRow) -> TicketFilter:
        """The filter that leaves exactly the tickets of a row."""
        where = replace(self.where, text="", scored=True)
        if row.rep is None:
            return replace(where, team=row.team.team)
        return replace(where, rep=row.rep.key or row.rep.rep, team=row.team.team)

    async def do_list_unscored(self, _argument: str) -> None:
        """The tickets of this period that have no score."""
        where = replace(self.where, text="", scored=False)
        await self.app.show_tickets(where, origin=self.SCREEN, of_whom="")  # type: ignore[attr-defined]

    def waiting(self) -> int:
        return waiting_in(self._report.unscored) if self._report else 0

    # Explaining ------------------------------------------------------------------------------------

    def do_list_explain(self, _argument: str) -> None:
        """Explain the figure under the cursor, or stop explaining."""
        if self.popover.display:
            self.popover.hide()
            return
        row, column = self.table.row, self.table.cell
        if row is not None and column is not None:
            self._explain(row, column)

    def _explain(self, row: GroupRow, column: str) -> None:
        assert self._report is not None
        assert self.window is not None
        tally, mapping = row.tally, self._report.mapping
        title = one_line(row.name)
        if column == "overall":
            title, lines = f"{title}: overall communication score", words.explain_overall(tally, mapping)
        elif column == "tickets":
            title, lines = f"{title}: ticket volume", [f"{words.tickets(tally.tickets)} with a score."]
        elif column == "trend":
            title, lines = f"{title}: overall score by week", _trend_lines(row, self._trend or self._report)
        else:
            dimension = Dimension(column)
            title, lines = f"{title}: {dimension.label}", words.explain_dimension(tally, dimension)
        lines.append(f"Window: {self.window.words}{self._narrowed()}; n = {tally.tickets:,}.")
        if self._report.unscored:
            left_out = sum(self._report.unscored.values())
            why = words.reasons(self._report.unscored)
            lines.append(f"Left out of every figure here: {left_out:,} unscored ({why}).")
        self.popover.show(title, [visible(line) for line in lines], self.table.cell_region(), self.table.region)

    def _narrowed(self) -> str:
        plain = replace(self.where, text="")
        return f", {self.filter_words()}" if plain != TicketFilter() else ""

    @on(WindowTable.CellChanged)
    def _cell_changed(self) -> None:
        row, column = self.table.row, self.table.cell
        if self.popover.display and row is not None and column is not None:
            self._explain(row, column)

    # The pane --------------------------------------------------------------------------------------

    @on(WindowTable.RowHighlighted)
    def _follow(self, message: WindowTable.RowHighlighted) -> None:
        self.popover.hide()
        self.refresh_frame()
        if self._detail_timer is not None:
            self._detail_timer.stop()
        if self.wide:
            self._detail_timer = self.set_timer(PAUSE, self._read_detail_soon)

    def _read_detail_soon(self) -> None:
        row = self.table.row
        if row is not None and self.window is not None:
            where = self.window.around(self._behind(row))
            self.start("detail", "reading what is behind the row", self._read_detail, row, where)

    async def _read_detail(self, row: GroupRow, where: TicketFilter) -> None:
        self.post_message(DetailRead(row, await self.session.open.reports.detail(where)))

    @on(DetailRead)
    def _show_detail(self, message: DetailRead) -> None:
        from qatui.screens.reps_pane import RepsPane

        if self.table.row is not None and self.table.row.key == message.row.key and self._report is not None:
            self.query_one(RepsPane).show(message.row, message.detail, self._report.mapping)

    # Back and filter -------------------------------------------------------------------------------

    async def do_go_back(self, argument: str) -> None:
        """Close the popover, stop a run, clear the filter: whichever there is first."""
        if self.popover.display:
            self.popover.hide()
        else:
            await super().do_go_back(argument)

    def set_filter(self, where: TicketFilter, of_whom: str = "") -> None:
        super().set_filter(where, of_whom)
        if self._shown == self.question():
            self._show_rows()


def _name(row: GroupRow) -> Content:
    if row.rep is not None:
        muted = row.rep.rep == UNKNOWN_REP
        return Content.styled("  " + visible(row.rep.rep), "$foreground-muted" if muted else "not bold")
    unfolded, folded = ("▾", "▸") if supports_unicode() else ("-", "+")
    mark = unfolded if row.unfolded else folded
    return Content.styled(
        f"{mark} {visible(row.team.team)}", "$foreground-muted" if row.team.team == NO_TEAM else "bold"
    )


def _mean_cell(dimension: Dimension):  # type: ignore[no-untyped-def]
    def cell(row: GroupRow) -> Content:
        turn = row.turn(dimension)
        text = words.mean(row.tally, dimension)
        if not turn:
            return Content.styled(text, "$foreground-muted" if row.tally.few else "")
        up, down = ("↑", "↓") if supports_unicode() else ("^", "v")
        return Content.assemble((up if turn > 0 else down, "$text-success" if turn > 0 else "$text-error"), " ", text)

    return cell


def _trend_lines(row: GroupRow, trend: RepsReport) -> list[str]:
    earlier, later = row.halves()
    change = row.change(trend.mapping)
    low, high = scale(trend)
    lines = [
        "Each bar is the overall score of the tickets closed in one ISO week; a gap is a week without any.",
        f"All bars share one scale, {low:.0f} to {high:.0f} %: the lowest and highest week of any team.",
    ]
    if change is None:
        return [*lines, "Too few weeks have tickets to say how it moved."]
    lines.append(
        f"The later six weeks ({_percent(later, trend)}, n = {later.tickets:,}) against the six before "
        f"({_percent(earlier, trend)}, n = {earlier.tickets:,}): {change:+.1f} points."
    )
    return lines


def _percent(tally: Tally, trend: RepsReport) -> str:
    percent = tally.overall_percent(trend.mapping)
    return words.none() if percent is None else f"{percent:.1f} %"
