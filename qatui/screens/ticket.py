"""One ticket: its transcript at the left, the three scores with their reasons and reviews at the right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from qatui.action_table import ACTIONS, Scope
from qatui.domain.listing import TicketRow, TicketView
from qatui.domain.rubric import Dimension
from qatui.domain.verdict import Evidence, Flag
from qatui.screens import words
from qatui.screens.frame import Placard, bindings
from qatui.screens.review_desk import blinded
from qatui.screens.reviewing import Reviewing
from qatui.screens.style import style
from qatui.screens.ticket_list import ListOf, low_mark, review_sign
from qatui.text import cell_len, fit, one_line, supports_unicode
from qatui.widgets.explanation import ExplanationView
from qatui.widgets.glyphs import glyphs
from qatui.widgets.review_view import ReviewView
from qatui.widgets.review_words import judges_scores
from qatui.widgets.transcript import Transcript
from qatui.widgets.words import SPEAKERS

DIMENSIONS = tuple(Dimension)
TOLD = frozenset({Flag.REVIEWED, Flag.DISPUTED})  # told where the reviews are shown
HIDDEN = "Hidden until your own scores are saved."


@dataclass
class TicketRead(Message):
    """A ticket with its place in the list (None where it is in none).

    addressing: which messages speak to the judge, by position, and how in words.
    """

    view: TicketView
    place: int | None
    addressing: Mapping[int, str] = field(default_factory=dict)


@dataclass
class EndOfList(Message):
    """There is no ticket in that direction."""

    step: int


class TicketScreen(Reviewing, inherit_bindings=False):
    """Read one ticket; `of` is the list it was opened from, through which next and previous walk.

    Dismissed with the ticket's place in that list, so that the list's cursor can follow.
    """

    SCREEN = "ticket"
    CSS_PATH = style("ticket")
    BINDINGS = bindings("ticket")
    KEYS: ClassVar = (
        "ticket.quote", "review.agree", "review.edit", "ticket.next", "go.back", "ticket.score_next", "ticket.previous"
    )  # fmt: skip
    WALKS: ClassVar[bool] = False
    """Whether next and previous walk a list of the screen's own, though it has no `of`."""
    WHILE_WRITING: ClassVar = frozenset(action.id for action in ACTIONS if action.scope is Scope.MOVE) | {
        "ticket.quote",
        "ticket.quote_back",
        "ticket.copy",
    }

    def __init__(
        self,
        row_id: int,
        of: ListOf | None = None,
        *,
        dimension: Dimension = Dimension.TONE,
        evidence: Evidence | None = None,
    ) -> None:
        super().__init__()
        self._row_id = row_id
        self._of = of
        self._dimension = dimension
        self._evidence = evidence
        self._place: int | None = None
        self._addressing: Mapping[int, str] = {}
        self.view: TicketView | None = None

    def compose_page(self) -> ComposeResult:
        yield Static(id="title", markup=False)
        with Horizontal(id="ticket"):
            yield Transcript(zone=self.session.zone)
            with Vertical(id="scored"):
                explanations = ExplanationView(zone=self.session.zone, reviews=False, id="why")
                explanations.can_focus = False
                yield explanations
                reviews = ReviewView(zone=self.session.zone, id="reviews")
                reviews.can_focus = False
                yield reviews
        placard = Placard("placard")
        placard.display = False
        yield placard

    @property
    def transcript(self) -> Transcript:
        return self.query_one(Transcript)

    @property
    def why(self) -> ExplanationView:
        return self.query_one("#why", ExplanationView)

    def on_mount(self) -> None:
        self.focus_page()

    def on_resize(self) -> None:
        if self.view is not None:
            self._show_title(self.view)

    @property
    def reviews(self) -> ReviewView:
        return self.query_one(ReviewView)

    def focus_page(self) -> None:
        self.transcript.focus()

    def where_words(self) -> tuple[str, ...]:
        if self.view is None:
            return ()
        row = self.view.row
        return (row.key, "blind") if self.desk.blind else (row.key,)

    # Reading ---------------------------------------------------------------------------------------

    def load(self) -> None:
        self.start("ticket", "reading the ticket", self._read, self._row_id)

    async def _read(self, row_id: int) -> None:
        reports = self.session.open.reports
        place = None if self._of is None else await reports.position(self._of.where, self._of.sort, row_id)
        self.post_message(await self.read_ticket(row_id, place))

    async def read_ticket(self, row_id: int, place: int | None) -> TicketRead:
        """A ticket with what reviewing it and looking at it closely needs."""
        await self.know_reviewer()
        reports = self.session.open.reports
        view = await reports.ticket(row_id)
        addressing = await reports.addressing(view.ticket) if Flag.INJECTION in view.row.flags else {}
        return TicketRead(view, place, addressing)

    @on(TicketRead)
    def _show_ticket(self, message: TicketRead) -> None:
        self.view = message.view
        self._row_id = message.view.row.row_id
        self._addressing = message.addressing
        if message.place is not None:
            self._place = message.place
        self._show_dimension()
        if self._evidence is not None:
            self.transcript.jump(self._evidence)
            self._evidence = None
        self.refresh_frame()

    def _title(self, view: TicketView) -> Content:
        """Name, rep, scores: the row of the list once more, in full."""
        row = view.row
        dot = " · " if supports_unicode() else " - "
        facts = [one_line(row.rep), one_line(row.team)]
        if row.channel:
            facts.append(one_line(row.channel))
        facts.append(words.when(row.closed_at, self.session.zone, self.session.open.now))
        scores = self._scores(row)
        room = max(12, self.app.size.width - scores.cell_length - 4)
        said = fit(dot.join(facts), min(room, cell_len(dot.join(facts))))
        head = Content.assemble((one_line(row.name), "bold"), "\n", (said + "   ", "$foreground-muted"))
        return Content.assemble(head, scores)

    def _scores(self, row: TicketRow) -> Content:
        parts: list[Content] = []
        if sign := review_sign(row):
            parts.append(Content.styled(f"{sign} ", "bold $accent"))
        nothing = glyphs().dot if row.unscored is None else words.none()  # hidden, or there is none
        for place, dimension in enumerate(DIMENSIONS):
            score = row.value(dimension)
            text = nothing if score is None else str(score)
            low = score is not None and score <= 2
            label = f"{dimension.label} {text}{low_mark() if low else ''}"
            chosen = dimension is self._dimension
            look = ("bold underline" if chosen else "") + (" $text-error" if low else "")
            parts += [Content("   " if place else ""), Content.styled(label, look.strip())]
        return Content.assemble(*parts)

    def _remark(self, view: TicketView) -> str:
        if self.desk.hides(view):
            edit, show = (self.session.keys.label(action) for action in ("review.edit", "review.blind"))
            return f"Blind: {edit} gives your scores, then the judge's are shown; {show} shows them now."
        if view.row.unscored is not None:
            return f"Not scored. {view.row.unscored.reason.sentence}"
        said = TOLD if not self._addressing else TOLD | {Flag.INJECTION}
        if Flag.REVIEWED in view.row.flags:  # how sure the judge was says nothing of a person's scores
            said |= {Flag.UNSURE}
        flags = [flag.words for flag in sorted(view.row.flags - said)]
        flags += [self._addressed(view, position) for position in self._addressing]
        sentence = ", ".join(flags)
        return sentence[:1].upper() + sentence[1:] + "." if sentence else ""

    def _addressed(self, view: TicketView, position: int) -> str:
        """Which message speaks to the judge, and how."""
        who = SPEAKERS[view.ticket.messages[position].speaker]
        return f"message {position + 1} ({who}) {self._addressing[position]}"

    def _show_dimension(self) -> None:
        """Show the ticket, with the quotes and the reason of one score; in blind mode without any."""
        if self.view is None:
            return
        view, hidden, remarks = self.view, "", self._addressing
        if self.desk.hides(view):
            view, hidden, remarks = blinded(view), HIDDEN, {}
        else:
            self.desk.seen.add(view.row.row_id)
        self.why.me = self.desk.me
        self.transcript.show(view, self._dimension, remarks)
        self.why.show(view, self._dimension, hidden)
        self.reviews.show(view, self.desk.me)
        self.set_class(bool(view.reviews), "-reviewed")
        self._show_title(self.view)
        self.note.stand(self._remark(self.view))

    def _show_title(self, view: TicketView) -> None:
        self.query_one("#title", Static).update(self._title(blinded(view) if self.desk.hides(view) else view))

    # Reviewing -------------------------------------------------------------------------------------

    def reviewed_row(self) -> TicketRow | None:
        return None if self.view is None else self.view.row

    def reviewed_view(self) -> TicketView | None:
        return self.view

    def blindness_changed(self) -> None:
        self._show_dimension()

    # Moving ----------------------------------------------------------------------------------------

    def do_move_down(self, _argument: str) -> None:
        self.transcript.action_cursor_down()

    def do_move_up(self, _argument: str) -> None:
        self.transcript.action_cursor_up()

    def do_move_half_down(self, _argument: str) -> None:
        self.transcript.action_half_page_down()

    def do_move_half_up(self, _argument: str) -> None:
        self.transcript.action_half_page_up()

    def do_move_page_down(self, _argument: str) -> None:
        self.transcript.action_page_down()

    def do_move_page_up(self, _argument: str) -> None:
        self.transcript.action_page_up()

    def do_move_top(self, _argument: str) -> None:
        self.transcript.action_home()

    def do_move_bottom(self, _argument: str) -> None:
        self.transcript.action_end()

    def do_ticket_score_next(self, _argument: str) -> None:
        """The next of the three scores."""
        self._turn(1)

    def do_ticket_score_previous(self, _argument: str) -> None:
        """The previous of the three scores."""
        self._turn(-1)

    def _turn(self, step: int) -> None:
        self._dimension = DIMENSIONS[(DIMENSIONS.index(self._dimension) + step) % len(DIMENSIONS)]
        self._show_dimension()

    def do_ticket_quote(self, _argument: str) -> None:
        """To the next quoted passage of this score."""
        self.transcript.action_next_quote()

    def do_ticket_quote_back(self, _argument: str) -> None:
        """To the previous quoted passage."""
        self.transcript.action_prev_quote()

    @on(ExplanationView.QuoteChosen)
    def _quote_chosen(self, message: ExplanationView.QuoteChosen) -> None:
        message.stop()
        self.transcript.jump(message.evidence)

    def do_ticket_next(self, _argument: str) -> None:
        """The next ticket of the list."""
        self.start("ticket", "reading the next ticket", self._read_neighbour, 1)

    def do_ticket_previous(self, _argument: str) -> None:
        """The previous ticket of the list."""
        self.start("ticket", "reading the previous ticket", self._read_neighbour, -1)

    async def _read_neighbour(self, step: int) -> None:
        """The neighbour as the list is now: other people's changes may have moved this ticket, or taken it out."""
        assert self._of is not None
        reports = self.session.open.reports
        here = await reports.position(self._of.where, self._of.sort, self._row_id)
        if here is None:
            # This ticket has left the list: its old place now holds the one that came after it.
            here = (self._place or 0) - (1 if step > 0 else 0)
        place = here + step
        rows = await reports.rows(self._of.where, self._of.sort, place, 1) if place >= 0 else []
        if not rows:
            self.post_message(EndOfList(step))
        else:
            self.post_message(await self.read_ticket(rows[0].row_id, place))

    @on(EndOfList)
    def _end_of_list(self, message: EndOfList) -> None:
        self.say(f"This is the {'last' if message.step > 0 else 'first'} ticket of the list.")

    def why_disabled(self, action_id: str) -> str | None:
        reason = super().why_disabled(action_id)
        if reason is not None:
            return reason
        if action_id in ("ticket.next", "ticket.previous") and self._of is None and not self.WALKS:
            return "This ticket was opened by name, not from a list."
        if action_id in ("ticket.quote", "ticket.quote_back"):
            if self.view is not None and self.desk.hides(self.view):
                return "The judge's quotes are hidden until your scores are saved."
            if self.view is None or judges_scores(self.view) is None:
                return "A ticket without a score has no quotes."
        return None

    def do_ticket_copy(self, _argument: str) -> None:
        """The ticket's address, or its key."""
        if self.view is not None:
            self.copy(self.view.ticket.url or self.view.ticket.key)

    async def do_go_back(self, _argument: str) -> None:
        self.dismiss(self._place)
