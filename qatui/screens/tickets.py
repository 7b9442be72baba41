"""The tickets behind the scores: a window onto the store, with the reasons for each score beside it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.geometry import Region
from textual.message import Message
from textual.timer import Timer

from qatui.domain.listing import Sort, SortColumn, TicketCounts, TicketFilter, TicketRow, TicketView
from qatui.domain.rubric import Dimension
from qatui.domain.verdict import Evidence
from qatui.screens import words
from qatui.screens.frame import bindings
from qatui.screens.lists import ListScreen, waiting_in
from qatui.screens.reviewing import Reviewing
from qatui.screens.session import Window
from qatui.screens.style import style
from qatui.screens.ticket_list import SORT_WORDS, ListOf, TicketsSource, columns, natural
from qatui.text import supports_unicode
from qatui.widgets.columns import Column
from qatui.widgets.explanation import ExplanationPopover, ExplanationView
from qatui.widgets.window_table import WindowTable

PAUSE = 0.08  # seconds the cursor rests before the explanation follows it


@dataclass
class WindowKnown(Message):
    """The period of a question: its rows can be asked for."""

    question: object
    window: Window


@dataclass
class Counted(Message):
    """How many tickets a list has, and how many there are without the filter."""

    of: ListOf
    counts: TicketCounts
    everything: int


@dataclass
class ViewRead(Message):
    """The ticket under the cursor with its reasons; `hovered`: the one under the mouse, as (index, dimension)."""

    view: TicketView
    hovered: Dimension | None = None


@dataclass
class ReviewerKnown(Message):
    """Who reviews, and whether they may, is known for the rows on screen."""


@dataclass
class AddressRead(Message):
    """What to copy of a ticket: its URL, or its key where it has none."""

    address: str


class TicketsScreen(Reviewing, ListScreen[TicketRow], inherit_bindings=False):
    """Screen 2."""

    SCREEN = "tickets"
    NOUN = "tickets"
    CSS_PATH = style("tickets")
    BINDINGS = bindings("tickets")
    KEYS: ClassVar[tuple[str, ...]] = ("list.open", "list.explain", "list.sort", "list.filter", "review.edit")

    def __init__(self) -> None:
        super().__init__()
        self._sort = Sort()
        self._source: TicketsSource | None = None
        self._counts: TicketCounts | None = None
        self._view: TicketView | None = None
        self._wants_popover = False
        self._on_quote = False
        self._origin: str | None = None
        self._pause: Timer | None = None
        self._hover_region = Region()

    # What the list asks ----------------------------------------------------------------------------

    def columns(self) -> list[Column[TicketRow]]:
        return columns(self.session.zone, lambda: self.session.open.now)

    def make_table(self) -> WindowTable[TicketRow]:
        return WindowTable(self.columns(), key=lambda row: row.row_id)

    def compose_pane(self) -> ComposeResult:
        pane = ExplanationView(zone=self.session.zone, id="pane")
        pane.can_focus = False
        yield pane

    def compose_page(self) -> ComposeResult:
        yield from super().compose_page()
        yield ExplanationPopover(zone=self.session.zone)

    @property
    def pane(self) -> ExplanationView:
        return self.query_one("#pane", ExplanationView)

    @property
    def popover(self) -> ExplanationPopover:
        return self.query_one(ExplanationPopover)

    def question(self) -> object:
        return self.session.period, self.where, self._sort, self.session.revision

    def ask(self) -> None:
        self.start("window", "reading tickets", self._know_window, self.question())

    async def _know_window(self, question: object) -> None:
        self.post_message(WindowKnown(question, await self.session.window()))

    @on(WindowKnown)
    def _show_list(self, message: WindowKnown) -> None:
        if message.question != self.question():
            return
        self.window = message.window
        of = ListOf(message.window.around(self.where), self._sort)
        self._shown = message.question
        self._view = None
        self._close_popover()
        self.show_rows()
        if self._source is not None and self._source.of == of:
            # The same list with other rows: the cursor stays on its ticket.
            self._source.forget()
            self.table.reload()
        else:
            self._source = TicketsSource(self.session.open.reports, of)
            self.table.show(self._source, sort=self.sort_state)
        self.refresh_frame()

    @on(WindowTable.Loaded)
    def _count(self, _message: WindowTable.Loaded) -> None:
        if self._source is not None:
            self.start("counts", "counting tickets", self._read_counts, self._source)
            self.start("reviewer", "asking who may review", self._ask_reviewer)
            self.ask_judges(self._source.of.where)

    async def _ask_reviewer(self) -> None:
        await self.know_reviewer()
        self.post_message(ReviewerKnown())

    @on(ReviewerKnown)
    def _reviewer_known(self) -> None:
        """Reviews of one's own are called so, and the keys say what one may."""
        if self.pane.me != self.desk.me:
            self.pane.me = self.popover.me = self.desk.me
            self._cell_changed()
        self.refresh_frame()

    async def _read_counts(self, source: TicketsSource) -> None:
        counts = await source.counts()
        everything = counts.total
        if self.where != TicketFilter() and self.window is not None:
            unfiltered = TicketFilter(since=self.window.since)
            everything = (await self.session.open.reports.counts(unfiltered)).total
        self.post_message(Counted(source.of, counts, everything))

    @on(Counted)
    def _show_counts(self, message: Counted) -> None:
        if self._source is None or message.of != self._source.of:
            return
        counts = self._counts = message.counts
        self.refresh_frame()
        if counts.total == 0:
            self.pane.clear()
            if self.where != TicketFilter():
                keys = self.session.keys
                self.show_placard(
                    "empty",
                    f"None of the {words.tickets(message.everything)} here fits the filter.",
                    f"{keys.label('list.filter')} changes it, {keys.label('go.back')} clears it, "
                    f"{keys.label('list.period')} changes the period.",
                )
            else:
                self.empty_workspace()
        self.stand(self._summary(counts, message.everything))

    def _summary(self, counts: TicketCounts, everything: int) -> str:
        """Total, unscored with reasons, order."""
        dot = " · " if supports_unicode() else " - "
        parts = []
        if self.window is not None and self.window.widened:
            parts.append(f"nothing closed in the last {self.session.period[:-1]} days: all time")
        if counts.total == everything:
            parts.append(words.tickets(counts.total))
        else:
            parts.append(f"{counts.total:,} of {words.tickets(everything)}")
        unscored = sum(counts.unscored.values())
        if unscored:
            parts.append(f"{unscored:,} unscored ({words.reasons(counts.unscored)})")
        column = self._sort.column
        if column.value not in self.table.visible_columns:
            parts.append(f"sorted by {SORT_WORDS.get(column, column.value)}")
        return dot.join(parts)

    def waiting(self) -> int:
        return waiting_in(self._counts.unscored) if self._counts else 0

    # Order -----------------------------------------------------------------------------------------

    @property
    def sort_state(self) -> tuple[str, bool]:
        return self._sort.column.value, self._sort.descending

    def sort_by(self, column: str, descending: bool | None = None) -> None:
        chosen = SortColumn(column)
        self._sort = natural(chosen) if descending is None else Sort(chosen, descending)
        self.load()

    # The explanation follows the cursor --------------------------------------------------------------

    @property
    def dimension(self) -> Dimension:
        """The score under the cell cursor."""
        return Dimension(self.table.cell) if self.table.cell else Dimension.TONE

    @on(WindowTable.RowHighlighted)
    def _follow(self, _message: WindowTable.RowHighlighted) -> None:
        self._close_popover()
        self.refresh_frame()
        self._on_quote = False
        if self._pause is not None:
            self._pause.stop()
        if self.wide:
            self._pause = self.set_timer(PAUSE, self._explain_row)

    def _explain_row(self) -> None:
        row = self.table.row
        if row is not None:
            self.start("explain", "reading the ticket", self._read_view, row.row_id)

    async def _read_view(self, row_id: int, hovered: Dimension | None = None) -> None:
        self.post_message(ViewRead(await self.session.open.reports.ticket(row_id), hovered))

    @on(ViewRead)
    def _show_view(self, message: ViewRead) -> None:
        row = self.table.row
        if message.hovered is not None:
            self.desk.seen.add(message.view.row.row_id)
            self.popover.open(message.view, message.hovered, self._hover_region)
        elif row is not None and row.row_id == message.view.row.row_id:
            self._view = message.view
            if self.wide or self._wants_popover:
                self.desk.seen.add(row.row_id)
            if self.wide:
                self.pane.show(message.view, self.dimension)
            if self._wants_popover:
                self.popover.open(message.view, self.dimension, self.table.row_region())

    def do_list_explain(self, _argument: str) -> None:
        """Explain the score under the cursor in a popover, or close it."""
        if self.popover.is_open:
            self._close_popover()
            return
        row = self.table.row
        if row is None:
            return
        self._wants_popover = True
        if self._view is not None and self._view.row.row_id == row.row_id:
            self.popover.open(self._view, self.dimension, self.table.row_region())
        else:
            self._explain_row()

    def _close_popover(self) -> None:
        self._wants_popover = False
        self._on_quote = False
        self.popover.close()

    @on(WindowTable.CellChanged)
    def _cell_changed(self) -> None:
        self._on_quote = False
        if self._view is None:
            return
        if self.wide:
            self.pane.show(self._view, self.dimension)
        if self.popover.is_open:
            self.popover.open(self._view, self.dimension, self.table.row_region())

    @on(WindowTable.CellHovered)
    def _hovered(self, message: WindowTable.CellHovered) -> None:
        if self._wants_popover:
            return
        self._hover_region = message.region
        row: TicketRow = message.row
        self.start("hover", "reading the ticket", self._read_view, row.row_id, Dimension(message.column))

    @on(WindowTable.HoverLeft)
    def _hover_left(self) -> None:
        if not self._wants_popover:
            self.popover.close()

    # Reviewing -------------------------------------------------------------------------------------

    def reviewed_row(self) -> TicketRow | None:
        row: TicketRow | None = self.table.row
        return row

    def reviewed_view(self) -> TicketView | None:
        view, row = self._view, self.table.row
        return view if view is not None and row is not None and view.row.row_id == row.row_id else None

    def hidden(self, row: TicketRow) -> bool:
        return False  # the list shows the scores of every ticket

    def do_tickets_right(self, _argument: str) -> None:
        """To the next score of this row."""
        self.table.action_next_cell()

    def do_tickets_left(self, _argument: str) -> None:
        """To the previous score of this row."""
        self.table.action_prev_cell()

    def do_tickets_quote(self, _argument: str) -> None:
        """Walk the quotes of the explanation; Enter then opens the transcript there."""
        shown = self.popover if self.popover.is_open else self.pane
        if shown.view is not None:
            self._on_quote = True
            shown.action_next_quote()

    # Opening and going back ------------------------------------------------------------------------

    @on(WindowTable.RowSelected)
    def _row_selected(self, message: WindowTable.RowSelected) -> None:
        if self._on_quote:
            shown = self.popover if self.popover.is_open else self.pane
            shown.action_choose_quote()
        else:
            self._open(message.row.row_id, self.dimension, None)

    @on(ExplanationView.QuoteChosen)
    def _quote_chosen(self, message: ExplanationView.QuoteChosen) -> None:
        message.stop()
        view = message.explanation.view
        if view is not None:
            self._open(view.row.row_id, message.dimension, message.evidence)

    def _open(self, row_id: int, dimension: Dimension, evidence: Evidence | None) -> None:
        from qatui.screens.ticket import TicketScreen

        assert self._source is not None
        self._close_popover()
        self.desk.seen.add(row_id)  # its scores stood in the list
        screen = TicketScreen(row_id, self._source.of, dimension=dimension, evidence=evidence)
        self.app.push_screen(screen, self._came_back)

    def _came_back(self, place: int | None) -> None:
        """The cursor follows to the ticket that was read last."""
        if place is not None:
            self.table.cursor = place

    def drill(self, where: TicketFilter, origin: str, of_whom: str) -> None:
        """Show the tickets behind a figure of another screen, to which esc goes back."""
        self._origin = origin
        self.set_filter(where, of_whom)

    async def do_go_back(self, argument: str) -> None:
        if self.popover.is_open:
            self._close_popover()
        elif self._on_quote:
            self._on_quote = False
            if self._view is not None:
                self.pane.show(self._view, self.dimension)
        elif self.app.scoring.running or self._origin is None:  # type: ignore[attr-defined]
            await super().do_go_back(argument)
        else:
            origin, self._origin = self._origin, None
            await self.app.switch_mode(origin)

    # Filter and copy -------------------------------------------------------------------------------

    def do_list_unscored(self, _argument: str) -> None:
        """Only tickets without a score, or all again."""
        self.set_filter(replace(self.where, scored=None if self.where.scored is False else False, reason=None))

    def why_disabled(self, action_id: str) -> str | None:
        needs_row = ("list.open", "list.explain", "tickets.copy", "tickets.left", "tickets.right", "tickets.quote")
        if action_id in needs_row and (not self.is_mounted or self.table.row is None):
            return "There is no ticket here."
        if action_id == "review.blind":
            return f"This list shows all scores; {self.session.keys.label('go.queue')} opens tickets blind if wished."
        return super().why_disabled(action_id)

    def do_tickets_copy(self, _argument: str) -> None:
        """The ticket's address, or its key."""
        row = self.table.row
        if row is not None:
            self.start("copy", "reading the ticket", self._read_address, row)

    async def _read_address(self, row: TicketRow) -> None:
        view = await self.session.open.reports.ticket(row.row_id)
        self.post_message(AddressRead(view.ticket.url or view.ticket.key))

    @on(AddressRead)
    def _address_read(self, message: AddressRead) -> None:
        self.copy(message.address)
