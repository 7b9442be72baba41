"""What Reps and Tickets share: a table, a filter, a period, an order, and scoring what waits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widget import AwaitMount

from qatui.config import PERIODS
from qatui.domain.listing import Choices, TicketFilter
from qatui.domain.metrics import ScoredBy
from qatui.domain.period import period_words
from qatui.domain.verdict import Reason
from qatui.errors import QatuiError, UsageError
from qatui.screens.frame import FrameScreen, Placard
from qatui.screens.moving import MovesInTable
from qatui.screens.session import Window
from qatui.text import one_line
from qatui.widgets.columns import Column
from qatui.widgets.window_table import WindowTable

if TYPE_CHECKING:  # brings the input widget, which only typing a filter needs
    from qatui.widgets.filter_bar import FilterBar

Row = TypeVar("Row")
EMBEDDED = "offline"  # the judge whose model needs no naming


@dataclass
class JudgesRead(Message):
    """Of how many tickets which judge gave the scores."""

    where: TicketFilter
    by: ScoredBy


@dataclass
class ChoicesRead(Message):
    """What a filter can name."""

    choices: Choices


class ListScreen(MovesInTable, FrameScreen, Generic[Row], inherit_bindings=False):
    """A table of rows under a filter and a period; subclasses say which columns, rows and explanations."""

    STOPS: ClassVar[str] = "go.back"
    NOUN: ClassVar[str]
    """What the rows are made of, in the plural: 'tickets'."""

    def __init__(self) -> None:
        super().__init__()
        self.where = TicketFilter()
        self.of_whom = ""
        """Whose rows these are, after drilling in from another screen."""
        self.window: Window | None = None
        self._bar: FilterBar | None = None
        self._bar_mounted: AwaitMount | None = None
        self._sentence = ""
        self._judges: tuple[TicketFilter | None, str] = (None, "")
        """Of which rows is known how many judges scored them, and what is to be said of it."""
        self._shown: object = None
        """What the rows on screen answer: filter, order, period and revision; None before the first answer."""

    # What subclasses answer ------------------------------------------------------------------------

    def columns(self) -> list[Column[Row]]:
        """The columns of the table."""
        raise NotImplementedError

    def make_table(self) -> WindowTable[Row]:
        """The table."""
        raise NotImplementedError

    def compose_pane(self) -> ComposeResult:
        """What stands right of the table where there is room."""
        yield from ()

    def question(self) -> object:
        """What the rows answer; as long as it stays the same they need not be read again."""
        raise NotImplementedError

    def ask(self) -> None:
        """Start the worker that reads the rows."""
        raise NotImplementedError

    def sort_by(self, column: str, descending: bool | None = None) -> None:
        """Order by a column, in its natural direction unless one is given."""
        raise NotImplementedError

    @property
    def sort_state(self) -> tuple[str, bool]:
        """The column and whether it is descending."""
        raise NotImplementedError

    def waiting(self) -> int:
        """How many tickets wait for a judge, as far as this screen knows."""
        return 0

    # Frame -----------------------------------------------------------------------------------------

    def compose_page(self) -> ComposeResult:
        with Horizontal(id="list"):
            with Vertical(id="rows"):
                yield self.make_table()
                yield Placard("placard")
            yield from self.compose_pane()

    def on_mount(self) -> None:
        self.placard.display = False
        self.focus_page()

    @property
    def table(self) -> WindowTable[Row]:
        return self.query_one(WindowTable)

    @property
    def placard(self) -> Placard:
        return self.query_one("#placard", Placard)

    def focus_page(self) -> None:
        self.table.focus()

    def where_words(self) -> tuple[str, ...]:
        period = self.window.words if self.window else period_words(self.session.period)
        return (period, self.of_whom) if self.of_whom else (period,)

    def filter_words(self) -> str:
        """The filter as one would type it."""
        from qatui.domain.filter_language import format

        return format(self.where, self.session.zone)

    def load(self) -> None:
        """Read the rows unless those on screen answer the same question."""
        if self._shown != self.question():
            self.ask()

    def do_app_refresh(self, _argument: str) -> None:
        """Read the workspace again, whatever is on screen."""
        self._shown = None
        self.ask()

    def show_rows(self) -> None:
        """The rows are there: take away what stood in their place."""
        self.placard.display = False
        self.table.display = True

    def show_placard(self, kind: Any, *lines: str) -> None:
        """Say something in place of the rows."""
        self.placard.show(kind, *lines)
        self.placard.display = True
        self.table.display = False

    def show_failure(self, error: QatuiError, doing: str) -> None:
        """Where nothing was read yet the failure stands in place of the rows; else a dialog tells it."""
        if self._shown is None:
            self.show_placard("error", f"{error.title}: {doing} failed", error.message, error.hint)
            self.say("No figures are shown, because none could be read.", "error", stay=True)
        else:
            super().show_failure(error, doing)

    # Who judged ------------------------------------------------------------------------------------

    def stand(self, sentence: str) -> None:
        """What the note says of the rows; after it, where it is so, that several judges scored them."""
        self._sentence = sentence
        self.note.stand(" ".join(part for part in (sentence, self._judges[1]) if part))

    def ask_judges(self, where: TicketFilter) -> None:
        """After the rows stand: ask who scored them."""
        if where != self._judges[0]:
            self._judges = (None, "")
        self.start("judges", "counting judges", self._read_judges, where)

    async def _read_judges(self, where: TicketFilter) -> None:
        self.post_message(JudgesRead(where, await self.session.open.reports.judges(where)))

    @on(JudgesRead)
    def _say_judges(self, message: JudgesRead) -> None:
        self._judges = (message.where, judges_words(message.by))
        self.stand(self._sentence)

    @on(WindowTable.Failed)
    def _table_failed(self, message: WindowTable.Failed) -> None:
        from qatui.screens.frame import as_error

        message.stop()
        self.show_failure(as_error(message.error), f"reading {self.NOUN}")

    def empty_workspace(self) -> None:
        """There is no ticket at all: say what fills the workspace."""
        self.show_placard(
            "empty",
            "This workspace has no tickets yet.",
            "Leave with q and bring some in:  qatui import FILE…",
            "Or look around in a made-up company:  qatui demo",
        )

    # Moving ----------------------------------------------------------------------------------------

    def do_cell_next(self, _argument: str) -> None:
        self.table.action_next_cell()

    def do_cell_previous(self, _argument: str) -> None:
        self.table.action_prev_cell()

    def do_list_open(self, _argument: str) -> None:
        self.table.action_select()

    # Order, period, filter ---------------------------------------------------------------------------

    def do_list_sort(self, argument: str) -> None:
        """Order by the next column, or by the one that is named by its key or the beginning of its title."""
        sortable = [column for column in self.columns() if column.sortable]
        if argument:
            word = argument.casefold()
            found = [c for c in sortable if c.key == word] or [
                c for c in sortable if c.key.startswith(word) or c.title.casefold().startswith(word)
            ]
            if not found:
                names = ", ".join(column.key for column in sortable)
                raise UsageError(f"There is no column {argument!r} to sort by; choose {names}.")
            self.sort_by(found[0].key)
            return
        keys = [column.key for column in sortable]
        self.sort_by(keys[(keys.index(self.sort_state[0]) + 1) % len(keys)])

    def do_list_reverse(self, _argument: str) -> None:
        """Turn the order around."""
        column, descending = self.sort_state
        self.sort_by(column, not descending)

    @on(WindowTable.HeaderSelected)
    def _header_clicked(self, message: WindowTable.HeaderSelected) -> None:
        column, descending = self.sort_state
        self.sort_by(message.column, not descending if message.column == column else None)

    def do_list_period(self, argument: str) -> None:
        """The period that is named, or the next one."""
        session = self.session
        if argument and argument not in PERIODS:
            raise UsageError(f"There is no period {argument!r}; choose {', '.join(PERIODS)}.")
        session.period = argument or PERIODS[(PERIODS.index(session.period) + 1) % len(PERIODS)]
        self.load()

    async def do_list_filter(self, argument: str) -> None:
        """Take a filter that was typed, or open the bar to type one."""
        if argument:
            self.narrow(argument)
        else:
            await self._open_filter_bar()

    def narrow(self, wanted: str) -> None:
        from qatui.domain.filter_language import parse

        try:
            self.set_filter(parse(wanted, self.session.zone))
        except ValueError as error:
            raise UsageError(str(error)) from None

    def set_filter(self, where: TicketFilter, of_whom: str = "") -> None:
        """Show what this filter leaves."""
        self.where = where
        self.of_whom = of_whom
        if where != TicketFilter() or self._bar is not None:
            self._filter_bar().show(where)
        self.refresh_frame()
        if self.session.workspace is not None:  # else it is read once that is open
            self.load()

    def _filter_bar(self) -> FilterBar:
        """The bar; made when it is first needed, so that the first frame does not wait for it."""
        if self._bar is None:
            from qatui.widgets.filter_bar import FilterBar

            self._bar = FilterBar(zone=self.session.zone)
            self._bar_mounted = self.mount(self._bar, after="#where")
        return self._bar

    async def _open_filter_bar(self) -> None:
        from textual.widgets import Input

        bar = self._filter_bar()
        self.start("choices", "reading names for the filter", self._read_choices)
        if self._bar_mounted is not None:
            await self._bar_mounted
        bar.action_edit()
        field = bar.query_one(Input)
        field.cursor_blink = False  # no timer while nobody types
        self.set_focus(field)  # at once: the next key may be here already

    async def _read_choices(self) -> None:
        self.post_message(ChoicesRead(await self.session.open.reports.choices()))

    @on(ChoicesRead)
    def _offer_choices(self, message: ChoicesRead) -> None:
        self._filter_bar().choices = message.choices

    def on_filter_bar_changed(self, message: FilterBar.Changed) -> None:
        """Another filter was typed, or a condition clicked away."""
        message.stop()
        self.set_filter(message.where)

    def on_filter_bar_left(self, message: FilterBar.Left) -> None:
        """The keyboard goes back to the rows."""
        message.stop()
        self.focus_page()

    # Scoring ---------------------------------------------------------------------------------------

    def why_disabled(self, action_id: str) -> str | None:
        if action_id == "list.score":
            if self.app.scoring.running:  # type: ignore[attr-defined]
                return f"A run is under way already; {self.session.keys.label(self.STOPS)} stops it."
            if not self.waiting():
                return "No ticket waits for a judge here."
        return super().why_disabled(action_id)

    async def do_go_back(self, argument: str) -> None:
        """Stop a run, else clear the filter, else say that there is nothing to go back to."""
        if self.app.scoring.running:  # type: ignore[attr-defined]
            self.app.stop_scoring()  # type: ignore[attr-defined]
        elif self.where != TicketFilter():
            self.set_filter(TicketFilter())
            self.say("Filter cleared.")
        else:
            await super().do_go_back(argument)

    async def do_list_score(self, _argument: str) -> None:
        """Let the judge that read last read what waits."""
        await self.app.start_scoring()  # type: ignore[attr-defined]


def waiting_in(unscored: dict[str, int]) -> int:
    """How many of the unscored tickets wait for a judge."""
    return unscored.get(Reason.WAITING, 0)


def judges_words(by: ScoredBy) -> str:
    """That scores of several judges stand side by side, and how to see those of one; empty where there is one."""
    if not by.mixed:
        return ""
    names = [judge.judge for judge, _ in by.judges]
    called = [judge.judge if names.count(judge.judge) == 1 else str(judge) for judge, _ in by.judges]
    said = [
        f"{one_line(name if judge.judge == EMBEDDED else str(judge))} {tickets:,}"
        for name, (judge, tickets) in zip(called, by.judges, strict=True)
    ]
    people = f", people {by.reviewed:,}" if by.reviewed else ""
    first = one_line(called[0])
    value = f'"{first}"' if " " in first else first
    return f"Scores by {len(called)} judges: {', '.join(said)}{people}; filter judge:{value}."
