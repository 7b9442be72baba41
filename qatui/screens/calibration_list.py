"""The tickets behind a figure of a calibration, the furthest apart first; Enter opens a transcript."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Container
from textual.message import Message

from qatui.domain import calibration_words
from qatui.domain.calibration import CalibrationReport, Chosen, Pair
from qatui.domain.rubric import Dimension
from qatui.screens import words
from qatui.screens.calibration_page import scores_cell
from qatui.screens.frame import bindings
from qatui.screens.list_behind import ListBehind
from qatui.screens.style import style
from qatui.screens.ticket import EndOfList, TicketScreen
from qatui.text import visible
from qatui.widgets.columns import Column
from qatui.widgets.figures import printable
from qatui.widgets.sources import Source
from qatui.widgets.window_table import InMemory, WindowTable


@dataclass
class PairsRead(Message):
    """The tickets of a list."""

    pairs: tuple[Pair, ...]


class PairsScreen(ListBehind, inherit_bindings=False):
    """One list; esc goes back to the figure. It stays as it was compared."""

    SCREEN = "pairs"
    ROW = "ticket"
    CSS_PATH = style("performance")
    BINDINGS = bindings("pairs")
    HINTS: ClassVar[tuple[str, ...]] = ("pairs.open", "go.back")

    def __init__(self, report: CalibrationReport, of: Chosen, title: str) -> None:
        super().__init__()
        self._report = report
        self._of = of
        self._title = title
        self._source: InMemory[Pair] | None = None

    def compose_page(self) -> ComposeResult:
        zone = self.session.zone
        with Container():
            yield WindowTable(
                [
                    Column[Pair](
                        "closed", "closed", 12, lambda pair: words.when(pair.row.closed_at, zone, self.session.open.now)
                    ),
                    Column[Pair]("ticket", "ticket", 20, lambda pair: visible(pair.row.name), grow=True),
                    Column[Pair]("rep", "rep", 15, lambda pair: visible(pair.row.rep), priority=1),
                    *(Column[Pair](d.value, d.label[0], 4, scores_cell(d)) for d in Dimension),
                    Column[Pair]("who", "reviewer", 12, lambda pair: visible(pair.who), priority=2),
                ],
                key=lambda pair: pair.row.row_id,
                empty="None.",
            )

    def where_words(self) -> tuple[str, ...]:
        return (printable(visible(self._title)),)

    def load(self) -> None:
        """Read the list once: what is opened from it does not reorder it."""
        if self._source is None:
            self.start("pairs", "reading the tickets", self._read)

    async def _read(self) -> None:
        report = self._report
        self.post_message(
            PairsRead(await self.session.open.calibration.pairs(report.first, report.second, report.scope, self._of))
        )

    @on(PairsRead)
    def _show(self, message: PairsRead) -> None:
        self._source = InMemory(message.pairs, lambda pair: pair.row.row_id)
        self.session.desk.seen.update(pair.row.row_id for pair in message.pairs)
        self.table.show(self._source)
        first, second = (visible(party.name) for party in (self._report.first, self._report.second))
        note = f"{calibration_words.tickets(len(message.pairs))}; scores by {first}, then by {second}."
        self.note.stand(printable(note))
        self.refresh_frame()

    def do_pairs_open(self, _argument: str) -> None:
        """Open the transcript."""
        self.table.action_select()

    def transcript(self, place: int, row: Pair) -> TicketScreen | None:
        if self._source is None:
            return None
        return PairTicketScreen(self._source, place, row.row.row_id, self._of.dimension or Dimension.TONE)


class PairTicketScreen(TicketScreen, inherit_bindings=False):
    """A transcript opened from a list of pairs, in whose order next and previous walk."""

    BINDINGS = bindings("ticket")
    WALKS = True

    def __init__(self, source: Source[Pair], place: int, row_id: int, dimension: Dimension) -> None:
        super().__init__(row_id, dimension=dimension)
        self._pairs = source
        self._place = place

    async def _read_neighbour(self, step: int) -> None:
        place = (self._place or 0) + step
        rows = await self._pairs.rows(place, 1) if place >= 0 else []
        if rows:
            self.post_message(await self.read_ticket(rows[0].row.row_id, place))
        else:
            self.post_message(EndOfList(step))
