"""The conversations behind a figure: one list for each count of its formula; Enter opens a transcript."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Container
from textual.content import Content
from textual.widgets import Static

from qatui.domain.outcome import Criterion, Outcome
from qatui.domain.performance import duration_words
from qatui.domain.performance_behind import BehindRow, PerformanceQuestion
from qatui.domain.performance_counts import SELECTIONS, Subject
from qatui.screens import words
from qatui.screens.frame import bindings
from qatui.screens.list_behind import ListBehind
from qatui.screens.performance_charts import reason_words
from qatui.screens.performance_explained import Explained
from qatui.screens.style import style
from qatui.screens.ticket import EndOfList, TicketScreen
from qatui.text import one_line, visible
from qatui.widgets.columns import Column
from qatui.widgets.figures import MUTED, POINTED, printable
from qatui.widgets.sources import Source
from qatui.widgets.window_table import WindowTable

if TYPE_CHECKING:
    from qatui.services.performance import BehindRows

_OUTCOMES = {
    Outcome.PENDING: "pending",
    Outcome.HANDED_OFF: "handed off",
    Outcome.HUMAN_JOINED: "rep joined",
    Outcome.RESOLVED: "resolved",
    Outcome.DEFLECTED_UNRESOLVED: "unresolved",
}
_FAILED = {
    Criterion.SOURCE_OR_ACTION: "no source or action",
    Criterion.NO_HUMAN_WANTED: "asked for a human",
    Criterion.NOT_NEGATIVE: "negative feedback",
}
_TIMES = {
    Subject.EPISODE: "began",
    Subject.FEEDBACK: "given",
    Subject.LATE_HANDOFF: "handed off",
    Subject.REP_CLOSE: "closed",
}


def outcome_words(row: BehindRow) -> str:
    """How the episode stands, or what the feedback said."""
    if row.opinion is not None:
        return row.opinion.value
    if row.outcome is None:
        return words.none()
    return _OUTCOMES[row.outcome]


def why_words(row: BehindRow) -> str:
    """Why a resolution failed or is not sure, or the reason of the handoff."""
    if row.failed:
        return ", ".join(_FAILED[criterion] for criterion in row.failed)
    if row.unverified:
        return "unverified"
    return reason_words(row.reason) if row.reason else ""


class BehindScreen(ListBehind, inherit_bindings=False):
    """One list per count of an explanation, the first shown the one at `line`; esc goes back to the figure."""

    SCREEN = "behind"
    ROW = "conversation"
    CSS_PATH = style("performance")
    BINDINGS = bindings("behind")
    HINTS: ClassVar[tuple[str, ...]] = ("behind.open", "behind.next", "go.back")

    def __init__(self, explained: Explained, question: PerformanceQuestion, line: int) -> None:
        super().__init__()
        self._explained = explained
        self._question = question
        self._line = line
        self._source: BehindRows | None = None
        self._revision = -1

    def compose_page(self) -> ComposeResult:
        yield Static(id="parts", markup=False)
        with Container():
            yield self._make_table()

    def _make_table(self) -> WindowTable[BehindRow]:
        behind = self._explained.lines[self._line].behind
        time = _TIMES[SELECTIONS[behind.count].subject] if behind is not None else ""
        zone = self.session.zone
        columns = [
            Column[BehindRow]("at", time, 12, lambda row: words.when(row.at, zone, self.session.open.now)),
            Column[BehindRow]("ticket", "conversation", 26, lambda row: visible(row.ticket.name), grow=True),
            Column[BehindRow]("channel", "channel", 8, lambda row: row.ticket.channel or words.none(), priority=2),
            Column[BehindRow]("rep", "rep", 12, lambda row: visible(row.ticket.rep), priority=3),
            Column[BehindRow]("outcome", "outcome", 11, outcome_words),
            Column[BehindRow]("why", "because", 19, why_words, priority=1),
            Column[BehindRow]("time", "to close", 9, _time_to_close, priority=4, align="right"),
        ]
        return WindowTable(columns, key=lambda row: (row.ticket.row_id, row.number, row.at), empty="None.")

    def where_words(self) -> tuple[str, ...]:
        return (printable(self._explained.title), printable(self._explained.place))

    def on_mount(self) -> None:
        self._show_parts()

    # Reading ---------------------------------------------------------------------------------------

    def load(self) -> None:
        """List the rows; where other rows may have come, read them again with the cursor where it is."""
        if self._source is None:
            self._list()
        elif self._revision != self.session.revision:
            self.table.reload()
        self._revision = self.session.revision

    def do_app_refresh(self, _argument: str) -> None:
        """Read the rows again; they stay those of the same moment as the figure."""
        self.table.reload()

    def _list(self) -> None:
        behind = self._explained.lines[self._line].behind
        if behind is not None:
            self._source = self.session.open.performance.behind(self._question, behind)
            self.table.show(self._source)

    @on(WindowTable.Loaded)
    def _loaded(self, message: WindowTable.Loaded) -> None:
        line = self._explained.lines[self._line]
        note = f"{self._explained.title}: {printable(self._explained.working)}"
        if message.total != line.number:
            note = f"The workspace has changed since: {message.total:,} now, {line.number:,} when it was counted."
        self.note.stand(note)
        self.refresh_frame()

    # The counts of the formula ---------------------------------------------------------------------

    def _show_parts(self) -> None:
        """The counts one below the other, the one that is listed marked."""
        lines = []
        for index, line in enumerate(self._explained.lines):
            text = f"{line.number:,}  {line.role + ': ' if line.role else ''}{line.words}"
            here = index == self._line
            look = f"bold {POINTED}" if here else "" if line.behind is not None else MUTED
            lines.append(Content.styled(printable(one_line(text)), look))
        self.query_one("#parts", Static).update(Content("\n").join(lines))

    def _turn(self, step: int) -> None:
        open_ = [index for index, line in enumerate(self._explained.lines) if line.behind is not None]
        self._line = open_[(open_.index(self._line) + step) % len(open_)]
        self._show_parts()
        self._list()

    def do_behind_next(self, _argument: str) -> None:
        """List the next count."""
        self._turn(1)

    def do_behind_previous(self, _argument: str) -> None:
        """List the previous count."""
        self._turn(-1)

    def why_disabled(self, action_id: str) -> str | None:
        listed = sum(line.behind is not None for line in self._explained.lines)
        if action_id in ("behind.next", "behind.previous") and listed < 2:
            return "This figure is made of one count alone."
        return super().why_disabled(action_id)

    # Opening ---------------------------------------------------------------------------------------

    def do_behind_open(self, _argument: str) -> None:
        """Open the transcript."""
        self.table.action_select()

    def transcript(self, place: int, row: BehindRow) -> TicketScreen | None:
        if self._source is None:
            return None
        return BehindTicketScreen(self._source, place, row.ticket.row_id)


class BehindTicketScreen(TicketScreen, inherit_bindings=False):
    """A transcript opened from the list behind a figure, in whose order next and previous walk."""

    BINDINGS = bindings("ticket")
    WALKS = True

    def __init__(self, source: Source[BehindRow], place: int, row_id: int) -> None:
        super().__init__(row_id)
        self._rows = source
        self._place = place

    async def _read_neighbour(self, step: int) -> None:
        """The next row of another conversation: one that stands in the list with several episodes is read once."""
        place = self._place or 0
        while True:
            place += step
            rows = await self._rows.rows(place, 1) if place >= 0 else []
            if not rows:
                self.post_message(EndOfList(step))
                return
            if rows[0].ticket.row_id != self._row_id:
                self.post_message(await self.read_ticket(rows[0].ticket.row_id, place))
                return


def _time_to_close(row: BehindRow) -> str:
    return duration_words(row.time_to_close.total_seconds()) if row.time_to_close is not None else ""
