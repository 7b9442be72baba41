"""How far judges and people agree: each figure explained and openable, the worst disagreements, and who is adopted."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from textual import on
from textual.message import Message
from textual.timer import Timer

from qatui.config import PERIODS
from qatui.domain import calibration_words
from qatui.domain.calibration import CalibrationReport, Chosen, Pair, Party, PartyKind, Scope
from qatui.domain.listing import TicketFilter
from qatui.domain.period import period_start, period_words
from qatui.domain.rubric import Dimension
from qatui.errors import QatuiError, UsageError
from qatui.screens.calibration_explained import Figure, chosen, explain_cell, explain_figure
from qatui.screens.calibration_page import CalibrationPage, Part
from qatui.screens.frame import as_error, bindings
from qatui.screens.style import style
from qatui.text import one_line
from qatui.widgets.confusion import Confusion
from qatui.widgets.figures import printable
from qatui.widgets.window_table import InMemory, WindowTable

FIGURES = frozenset(f"calibration.{action}" for action in ("open", "explain", "next", "previous", "left", "right"))
"""The actions that need figures on screen."""
PATIENCE = 0.3  # seconds before a wait is said
WORST = 100  # disagreements in the list


@dataclass
class Compared(Message):
    """What was asked for, who can be compared here, and the comparison; None where there is nobody to compare."""

    asked: object
    parties: tuple[Party, ...]
    report: CalibrationReport | None
    golden: int
    may_not_adopt: str


class CalibrationScreen(CalibrationPage, inherit_bindings=False):
    """Screen 5: two parties, which tickets, and what comes of it."""

    SCREEN = "calibration"
    CSS_PATH: ClassVar = [style("calibration"), style("performance")]  # the explanation is the same one
    BINDINGS = bindings("calibration")
    HINTS: ClassVar[tuple[str, ...]] = (
        "calibration.open",
        "calibration.explain",
        "calibration.next",
        "calibration.first",
        "calibration.blind",
    )

    def __init__(self) -> None:
        super().__init__()
        self._first: str | None = None
        self._second: str | None = None
        """Names of the parties that were chosen; None: the usual judge, and people."""
        self._blind = False
        self._golden = False
        self._period = "all"  # a calibration wants all it can get, not what is new
        self._parties: tuple[Party, ...] = ()
        self._may_not_adopt = ""
        self._shown: object = None
        self._waiting: Timer | None = None
        self._said = False
        self._wanted = ""
        """A party that was named before it was known who there is."""

    def where_words(self) -> tuple[str, ...]:
        words = [period_words(self._period)]
        words += ["blind"] if self._blind else []
        words += ["golden set"] if self._golden else []
        return tuple(words)

    # Reading ---------------------------------------------------------------------------------------

    def asks(self) -> object:
        """What the figures on screen answer."""
        return self._first, self._second, self._blind, self._golden, self._period, self.session.revision

    def load(self) -> None:
        """Compare, unless what is on screen answers the same question."""
        if self._shown != self.asks():
            if self._waiting is None:
                self._waiting = self.set_timer(PATIENCE, self._say_waiting)
            self.start("compare", "comparing", self._compare, self.asks())

    def do_app_refresh(self, _argument: str) -> None:
        """Compare again."""
        self._shown = None
        self.load()

    def _say_waiting(self) -> None:
        self._said = True
        self.say("Comparing …", stay=True)

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.stop()
            self._waiting = None
        if self._said:  # else the note may tell of the change that made comparing again necessary
            self._said = False
            self.say("")

    async def _compare(self, asked: object) -> None:
        workspace = self.session.open
        calibration = workspace.calibration
        since = period_start(self._period, workspace.now, self.session.zone)
        scope = Scope(where=TicketFilter(since=since), blind=self._blind, golden=self._golden)
        parties = await calibration.parties()
        by_name = {party.name: party for party in parties}
        first = by_name.get(self._first) if self._first else await calibration.usual()
        second = by_name.get(self._second or "people")
        report = None
        if first is not None and second is not None:
            report = await calibration.compare(first, second, scope, worst=WORST)
        golden = len(await calibration.golden()) if self._golden else 0
        may_not = await calibration.why_not_adopt() or ""
        self.post_message(Compared(asked, parties, report, golden, may_not))

    @on(Compared)
    def _show(self, message: Compared) -> None:
        if message.asked != self.asks():
            return
        self._stop_waiting()
        self._shown = message.asked
        self._parties, self._may_not_adopt = message.parties, message.may_not_adopt
        if self._wanted:
            self._look_at_wanted()
            if message.asked != self.asks():
                return
        nothing = self._nothing(message)
        if nothing or message.report is None:
            self.show_placard(*nothing)
        else:
            self.session.desk.seen.update(pair.row.row_id for pair in message.report.worst)
            self.show_report(message.report)
            self.note.stand(self._summary(message.report))
        self.refresh_frame()

    def _nothing(self, message: Compared) -> tuple[str, ...]:
        """What to say instead of figures; empty where there are some."""
        keys, report = self.session.keys, message.report
        if report is None:
            return (
                "No judge has read anything here yet.",
                ":score offline lets the embedded judge read what was imported.",
                "Or leave with q and look around in a made-up company:  qatui demo",
            )
        if report.pairs:
            return ()
        narrowed = {
            "calibration.blind": self._blind,
            "calibration.golden": self._golden,
            "calibration.period": self._period != "all",
        }
        ways = ", ".join(f"{keys.label(action)} {_WIDENS[action]}" for action, on_ in narrowed.items() if on_)
        reviews = sum(party.read for party in message.parties if party.kind is PartyKind.PEOPLE)
        if report.human and not reviews:
            return (
                "Nobody has given a ticket scores yet, so there is nothing to compare the judge with.",
                f"{keys.label('go.queue')} opens the review queue: tickets that are worth a person's look.",
                f"Two judges can be compared too: {keys.label('calibration.second')} turns to the next party.",
            )
        pinned = ""
        if self._golden and not message.golden:
            pinned = "Nothing is pinned: :pin on Tickets, or  qatui calibrate pin --reviewed"
        names = f"{one_line(report.first.name)} and {one_line(report.second.name)}"
        return (
            f"There is no ticket that both {names} have scored{' here' if ways else ''}.",
            f"{ways[:1].upper()}{ways[1:]}." if ways else "",
            pinned,
            f"{keys.label('calibration.first')} and {keys.label('calibration.second')} turn to other parties.",
        )

    def _summary(self, report: CalibrationReport) -> str:
        """What matters most: a caution, else where agreement is lowest."""
        for sentence in calibration_words.cautions(report):
            return printable(sentence)
        known = {d: each for d, each in report.agreements.items() if each.kappa is not None}
        lowest = min(known, key=lambda dimension: known[dimension].kappa or 0.0)
        kappa = calibration_words.two_decimals(known[lowest].kappa)
        between = calibration_words.between(known[lowest].interval)
        sure = f" ({between})" if between else ""
        return f"Agreement is lowest in {lowest.label}: kappa {kappa}{sure}, {calibration_words.tickets(report.pairs)}."

    def show_failure(self, error: QatuiError, doing: str) -> None:
        """Where nothing was read yet the failure stands in place of the figures; else a dialog tells it."""
        self._stop_waiting()
        if self.report is None:
            self.show_placard(f"{error.title}: {doing} failed", error.message, error.hint, kind="error")
            self.say("No figures are shown, because none could be read.", "error", stay=True)
        else:
            super().show_failure(error, doing)

    # What is compared ------------------------------------------------------------------------------

    def do_calibration_first(self, argument: str) -> None:
        """The first party that is named, or the next one."""
        self._first = self._turn(argument, self.report.first if self.report else None, self._other(self._second))
        self.load()

    def do_calibration_second(self, argument: str) -> None:
        """The second party that is named, or the next one."""
        other = self._other(self._second)
        now = next((party for party in self._parties if party.name == other), None)
        first = self.report.first.name if self.report else self._first
        self._second = self._turn(argument, now, first)
        self.load()

    def _other(self, name: str | None) -> str:
        return name or "people"

    def _turn(self, argument: str, now: Party | None, taken: str | None) -> str | None:
        """The party that is named, or the one after `now`; never the one that the other side is."""
        names = [party.name for party in self._parties if party.name != taken]
        if argument:
            wanted = argument.casefold()
            fits = [name for name in names if name.casefold() == wanted]
            fits = fits or [name for name in names if name.casefold().startswith(wanted)]
            if not fits:
                raise UsageError(f"There is no {argument!r} to compare; choose {', '.join(map(one_line, names))}.")
            return fits[0]
        if not names or (now is not None and names == [now.name]):
            raise UsageError("Nobody else has scored here.")
        return names[(names.index(now.name) + 1) % len(names)] if now and now.name in names else names[0]

    def do_calibration_blind(self, _argument: str) -> None:
        """Only blind reviews, or all."""
        self._blind = not self._blind
        self.load()

    def do_calibration_golden(self, _argument: str) -> None:
        """Only pinned tickets, or all."""
        self._golden = not self._golden
        self.load()

    def do_calibration_period(self, argument: str) -> None:
        """The period that is named, or the next one."""
        if argument and argument not in PERIODS:
            raise UsageError(f"There is no period {argument!r}; choose {', '.join(PERIODS)}.")
        self._period = argument or PERIODS[(PERIODS.index(self._period) + 1) % len(PERIODS)]
        self.load()

    def why_disabled(self, action_id: str) -> str | None:
        if action_id in FIGURES and self.report is None:
            return "There are no figures here."
        if action_id == "calibration.open" and self.part is Part.WORST and self.worst.row is None:
            return "There is no ticket here."
        if action_id == "calibration.adopt":
            judge = self.report.first if self.report else None
            if self._may_not_adopt:
                return self._may_not_adopt
            if judge is None or judge.judge is None:
                return f"No judge is looked at; {self.session.keys.label('calibration.first')} turns to one."
        return super().why_disabled(action_id)

    # Adopting --------------------------------------------------------------------------------------

    def do_calibration_adopt(self, _argument: str) -> None:
        """Ask, then let every view show the first party's verdicts, or the latest again."""
        from qatui.screens.calibration_adopt import ConfirmAdoption

        assert self.report is not None
        judge = self.report.first
        present = next((party.name for party in self._parties if party.adopted), None)
        self.app.push_screen(ConfirmAdoption(judge, present), partial(self._adopt, judge))

    def _adopt(self, party: Party, yes: bool | None) -> None:
        """`party` is the one that was asked about: another comparison may have come in since."""
        if not yes:
            return
        calibration = self.session.open.calibration
        judge = None if party.adopted else party.judge
        self.app.changes.make("adopting the judge", lambda: calibration.adopt(judge))  # type: ignore[attr-defined]

    # Explaining and opening ------------------------------------------------------------------------

    def do_calibration_explain(self, _argument: str) -> None:
        """Explain what is under the cursor, or stop explaining."""
        if self.popover.display and not self._hovering:
            self.popover.hide()
        else:
            self.explain_cursor()

    @on(WindowTable.RowHighlighted)
    @on(WindowTable.CellChanged)
    def _cursor_moved(self, message: WindowTable.RowHighlighted | WindowTable.CellChanged) -> None:
        message.stop()
        if self.report is not None:
            self._arrange()
            if self.part is Part.MATRIX:
                self.keep_focus()
            self.moved()

    @on(WindowTable.CellHovered)
    def _figure_hovered(self, message: WindowTable.CellHovered) -> None:
        message.stop()
        if self.report is not None and (self._hovering or not self.popover.display):
            self._hovering = True
            made = explain_figure(Figure(message.column), message.row.dimension, self.report)
            self.popup(made, message.region)

    @on(WindowTable.HoverLeft)
    def _figure_left(self, message: WindowTable.HoverLeft) -> None:
        message.stop()
        self._hover_ended()

    @on(Confusion.Hovered)
    def _cell_hovered(self, message: Confusion.Hovered) -> None:
        message.stop()
        if message.cell is None:
            self._hover_ended()
        elif self.report is not None and (self._hovering or not self.popover.display):
            self._hovering = True
            made = explain_cell(message.cell, self._dimension_of(message.matrix), self.report)
            self.popup(made, message.matrix.region_of(message.cell))

    def _hover_ended(self) -> None:
        if self._hovering:
            self._hovering = False
            self.popover.hide()

    def _dimension_of(self, matrix: Confusion) -> Dimension:
        return tuple(Dimension)[self.matrices.index(matrix)]

    @on(Confusion.Pointed)
    def _cell_clicked(self, message: Confusion.Pointed) -> None:
        message.stop()
        self.figures.cursor = self.matrices.index(message.matrix)
        self.enter(Part.MATRIX)
        if message.again:
            self.do_calibration_open("")

    def on_descendant_focus(self) -> None:
        """A click may have brought the cursor elsewhere."""
        for part, widget in ((Part.FIGURES, self.figures), (Part.WORST, self.worst)):
            if self.focused is widget and self.part is not part:
                self.part = part
                self.refresh_frame()

    def do_calibration_open(self, _argument: str) -> None:
        """List the tickets behind the figure or cell under the cursor, or read the ticket."""
        if self.report is None:
            return
        if self.part is Part.WORST:
            self.worst.action_select()
        elif self.part is Part.FIGURES:
            self._list(
                chosen(self.figure, self.dimension), explain_figure(self.figure, self.dimension, self.report).title
            )
        else:
            cell = self.matrix.cell
            self._list(
                Chosen(dimension=self.dimension, cell=cell), explain_cell(cell, self.dimension, self.report).title
            )

    def _list(self, of: Chosen, title: str) -> None:
        from qatui.screens.calibration_list import PairsScreen

        assert self.report is not None
        self.popover.hide()
        self.app.push_screen(PairsScreen(self.report, of, title))

    @on(WindowTable.RowSelected)
    def _selected(self, message: WindowTable.RowSelected) -> None:
        message.stop()
        if self.report is None:
            return
        if message.table is self.figures:
            self.part = Part.FIGURES
            self.do_calibration_open("")
            return
        from qatui.screens.calibration_list import PairTicketScreen

        pair: Pair = message.row
        self.popover.hide()
        source = InMemory(self.report.worst, lambda each: each.row.row_id)
        screen = PairTicketScreen(source, message.index, pair.row.row_id, self.dimension)
        self.app.push_screen(screen, self._came_back)

    def _came_back(self, place: int | None) -> None:
        """The cursor follows to the ticket that was read last."""
        if place is not None:
            self.worst.cursor = place

    @on(WindowTable.Failed)
    def _table_failed(self, message: WindowTable.Failed) -> None:
        message.stop()
        self.show_failure(as_error(message.error), "reading the tickets")

    async def do_go_back(self, argument: str) -> None:
        """Close the explanation; else there is nothing to go back to."""
        if self.popover.display:
            self.popover.hide()
        else:
            await super().do_go_back(argument)

    def narrow(self, wanted: str) -> None:
        """`:calibration llm` looks at that judge, as soon as it is known who there is."""
        if self._parties:
            self.do_calibration_first(wanted)
        else:
            self._wanted = wanted

    def _look_at_wanted(self) -> None:
        wanted, self._wanted = self._wanted, ""
        try:
            self.do_calibration_first(wanted)
        except UsageError as error:
            self.say(str(error), "warning")


_WIDENS = {
    "calibration.blind": "counts all reviews",
    "calibration.golden": "counts all tickets",
    "calibration.period": "changes the period",
}
