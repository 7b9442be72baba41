"""The review queue: tickets that are worth a person's look, why each is, and how many are done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar
from zoneinfo import ZoneInfo

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message

from qatui.domain.listing import TicketFilter, TicketRow, TicketView
from qatui.domain.review_queue import Kind, Proposal, Quota
from qatui.domain.rubric import LOW, Dimension
from qatui.errors import QatuiError, UsageError
from qatui.screens import words
from qatui.screens.frame import Placard, as_error, bindings
from qatui.screens.moving import MovesInTable
from qatui.screens.reviewing import Reviewing, as_mapping
from qatui.screens.style import style
from qatui.screens.ticket import EndOfList, TicketScreen
from qatui.screens.ticket_list import low_mark
from qatui.text import visible
from qatui.widgets.columns import Column
from qatui.widgets.glyphs import glyphs
from qatui.widgets.review_words import judges_scores, mark
from qatui.widgets.window_table import InMemory, WindowTable

_KINDS = {
    Kind.RANDOM: "by lot",
    Kind.UNSURE: "unsure",
    Kind.DISAGREE: "judges differ",
    Kind.LOW: "low score",
    Kind.FLAGGED: "flagged",
}
LONGEST = 9  # digits of a number that are read: the reason for refusing it stays the same


@dataclass
class Proposed(Message):
    """What a question is answered with: what is left to review, and what of it one has reviewed, by row id."""

    asked: object
    period: str
    left: tuple[Proposal, ...]
    done: Mapping[int, TicketView]


class QueueScreen(MovesInTable, Reviewing, inherit_bindings=False):
    """A list that keeps its order while one works through it; what is done stays in it with both scores."""

    SCREEN = "queue"
    CSS_PATH = style("queue")
    BINDINGS = bindings("queue")
    KEYS: ClassVar[tuple[str, ...]] = ("queue.open", "review.edit", "review.agree", "review.blind", "go.back")

    def __init__(self) -> None:
        super().__init__()
        self._quota = Quota()
        self._rows: Sequence[Proposal] | None = None
        self._done: Mapping[int, TicketView] = {}
        self._shown: object = None
        self._period = ""
        self._origin = "reps"

    def compose_page(self) -> ComposeResult:
        yield WindowTable[Proposal](self._columns(), key=lambda proposal: proposal.row.row_id)
        yield Placard("placard")

    def _columns(self) -> list[Column[Proposal]]:
        zone, wide = self.session.zone, self.wide

        def closed(proposal: Proposal) -> Content:
            return Content.styled(words.when(proposal.row.closed_at, zone, self.session.open.now), "$foreground-muted")

        def why(proposal: Proposal) -> str:
            if proposal.kind is None:  # hidden: the note says what to do
                return ""
            return proposal.why if wide else _KINDS[proposal.kind]

        return [
            Column("done", "", 1, self._sign),
            Column("closed", "closed", 12, closed, priority=1, sortable=False),
            Column("ticket", "ticket", 20, lambda proposal: visible(proposal.row.name), grow=True, sortable=False),
            Column("rep", "rep", 14, lambda proposal: visible(proposal.row.rep), sortable=False),
            *(Column(d.value, d.label[0], 2, self._judges(d), sortable=False) for d in Dimension),
            Column("own", "you", 5, self._own, sortable=False),
            Column("why", "because", 44 if wide else 13, why, sortable=False),
        ]

    def _sign(self, proposal: Proposal) -> Content:
        view = self._done.get(proposal.row.row_id)
        own = None if view is None else self.desk.own(view)
        return Content.styled(" " if own is None else mark(own), "bold $accent")

    def _judges(self, dimension: Dimension):  # type: ignore[no-untyped-def]
        def cell(proposal: Proposal) -> Content:
            view = self._done.get(proposal.row.row_id)
            judged = None if view is None else judges_scores(view)
            score = proposal.row.value(dimension) if judged is None else judged.of(dimension)
            if score is None:
                return Content.styled(glyphs().dot, "$foreground-muted")
            return Content.styled(f"{score}{low_mark()}", "bold $text-error") if score <= LOW else Content(str(score))

        return cell

    def _own(self, proposal: Proposal) -> Content:
        view = self._done.get(proposal.row.row_id)
        own = None if view is None else self.desk.own(view)
        if own is None or own.scores is None:
            return Content("")
        return Content.styled(" ".join(map(str, as_mapping(own.scores).values())), "bold")

    @property
    def table(self) -> WindowTable[Proposal]:
        return self.query_one(WindowTable)

    @property
    def here(self) -> Proposal | None:
        """The ticket under the cursor; the table keeps its last rows when there are no more."""
        return self.table.row if self._rows else None

    @property
    def placard(self) -> Placard:
        return self.query_one("#placard", Placard)

    def on_mount(self) -> None:
        self.placard.display = False
        self.focus_page()

    def on_resize(self) -> None:
        """Another width may have room for the whole reason, or for a word alone."""
        if self.is_mounted:
            self.table.columns = self._columns()

    def on_screen_resume(self) -> None:
        """The terminal may have got another width while a ticket, or another screen, was seen."""
        self.table.columns = self._columns()

    def focus_page(self) -> None:
        self.table.focus()

    def where_words(self) -> tuple[str, ...]:
        said = ["review queue", self._period or words.none()]
        if self._quota.where != TicketFilter():
            from qatui.domain.filter_language import format

            said.append(format(self._quota.where, self.session.zone))
        return (*said, "blind") if self.desk.blind else tuple(said)

    def come_from(self, origin: str, argument: str) -> None:
        """Asked for from another screen, to which esc goes back; the argument says how many tickets, and of which."""
        if origin != self.SCREEN:
            self._origin = origin
        if argument:
            self._quota = parse_quota(argument, self.session.zone)
            self.desk.blind = self.desk.blind or self._quota.blind
            self._rows = None
            self._done = {}
            self.refresh_frame()
            if self.session.workspace is not None:  # else it is asked for once that is open
                self.load()

    # Reading ---------------------------------------------------------------------------------------

    def question(self) -> object:
        """What the rows on screen answer."""
        return self._quota, self.desk.blind, self.session.period, self.session.revision

    def load(self) -> None:
        """Ask for the queue unless the one on screen answers the same question."""
        if self._shown != self.question():
            self.start("queue", "drawing up the queue", self._read, self.question(), self._quota)

    def do_app_refresh(self, _argument: str) -> None:
        """Ask again, whatever is on screen."""
        self._shown = None
        self.load()

    async def _read(self, asked: object, quota: Quota) -> None:
        await self.know_reviewer()
        open_, desk = self.session.open, self.desk
        window = await self.session.window()
        where = window.around(quota.where)
        left = await open_.reviews.queue(replace(quota, where=where, blind=desk.blind))
        waiting = {proposal.row.row_id for proposal in left}
        done: dict[int, TicketView] = {}
        for proposal in self._rows or ():
            row_id = proposal.row.row_id
            if row_id not in waiting:
                view = await open_.reports.ticket(row_id)
                if desk.own(view) is not None:
                    done[row_id] = view
        self.post_message(Proposed(asked, window.words, left, done))

    @on(Proposed)
    def _show(self, message: Proposed) -> None:
        if message.asked != self.question():
            return
        here = self.here
        self._rows = in_order(self._rows or (), message.left, message.done)
        self._done, self._period, self._shown = message.done, message.period, message.asked
        if not self.desk.blind:
            self.desk.seen.update(proposal.row.row_id for proposal in self._rows)  # the list shows their scores
        places = [proposal.row.row_id for proposal in self._rows]
        cursor = places.index(here.row.row_id) if here is not None and here.row.row_id in places else 0
        self.table.display, self.placard.display = bool(self._rows), not self._rows
        if self._rows:
            source = InMemory(self._rows, lambda proposal: proposal.row.row_id)
            self.table.show(source, cursor=cursor)
        else:
            self.placard.show("empty", *self._nothing())
        self._tell()

    def _nothing(self) -> tuple[str, ...]:
        keys = self.session.keys
        return (
            "Nothing is left to review here.",
            "The queue holds tickets with scores that you have not reviewed, of the period on screen.",
            f":queue {2 * self._quota.size} asks for more, {keys.label('go.tickets')} lists all tickets.",
        )

    def _tell(self) -> None:
        """How far one is, and why the ticket under the cursor is here."""
        self.refresh_frame()
        rows = self._rows or ()
        if not rows:
            self.note.stand("")
            return
        done = f"{len(self._done):,} of {len(rows):,} done"
        if len(self._done) == len(rows):
            self.note.stand(f"All {len(rows):,} are done; :queue {2 * self._quota.size} asks for more.")
            return
        here = self.here
        why = "" if here is None or here.row.row_id in self._done else f" {glyphs().dot} {here.why}"
        self.note.stand(done + why)

    @on(WindowTable.RowHighlighted)
    def _highlighted(self) -> None:
        self._tell()

    @on(WindowTable.Failed)
    def _table_failed(self, message: WindowTable.Failed) -> None:
        message.stop()
        self.show_failure(as_error(message.error), "reading the queue")

    def show_failure(self, error: QatuiError, doing: str) -> None:
        """Where nothing was read yet the failure stands in place of the rows; else a dialog tells it."""
        if self._shown is None:
            self.table.display, self.placard.display = False, True
            self.placard.show("error", f"{error.title}: {doing} failed", error.message, error.hint)
        else:
            super().show_failure(error, doing)

    # Reviewing -------------------------------------------------------------------------------------

    def reviewed_row(self) -> TicketRow | None:
        return None if self.here is None else self.here.row

    def reviewed_view(self) -> TicketView | None:
        return None if self.here is None else self._done.get(self.here.row.row_id)

    def hidden(self, row: TicketRow) -> bool:
        return self.desk.blind and row.row_id not in self._done

    def blindness_changed(self) -> None:
        self.load()

    def why_disabled(self, action_id: str) -> str | None:
        if action_id == "queue.open" and (not self.is_mounted or self.here is None):
            return "There is no ticket here."
        return super().why_disabled(action_id)

    # Opening and going back ------------------------------------------------------------------------

    def do_queue_open(self, _argument: str) -> None:
        """Read the ticket under the cursor."""
        self.table.action_select()

    @on(WindowTable.RowSelected)
    def _row_selected(self, message: WindowTable.RowSelected) -> None:
        self.app.push_screen(QueueTicketScreen(self._rows or (), message.index), self._came_back)

    def _came_back(self, place: int | None) -> None:
        """The cursor follows to the ticket that was read last."""
        if place is not None:
            self.table.cursor = place

    async def do_go_back(self, _argument: str) -> None:
        """To the screen one came from."""
        await self.app.switch_mode(self._origin)


class QueueTicketScreen(TicketScreen, inherit_bindings=False):
    """A ticket of the queue, in whose order next and previous walk."""

    BINDINGS = bindings("ticket")
    WALKS = True

    def __init__(self, proposals: Sequence[Proposal], place: int) -> None:
        super().__init__(proposals[place].row.row_id)
        self._proposals = proposals
        self._place = place

    def where_words(self) -> tuple[str, ...]:
        return (f"{(self._place or 0) + 1} of {len(self._proposals)}", *super().where_words())

    async def _read_neighbour(self, step: int) -> None:
        place = (self._place or 0) + step
        if 0 <= place < len(self._proposals):
            self.post_message(await self.read_ticket(self._proposals[place].row.row_id, place))
        else:
            self.post_message(EndOfList(step))

    def _remark(self, view: TicketView) -> str:
        """Why it is proposed, until it is reviewed."""
        said = super()._remark(view)
        proposal = self._proposals[self._place or 0]
        if proposal.kind is None or self.desk.hides(view) or self.desk.own(view) is not None:
            return said
        return f"{proposal.why} {said}".strip()


def in_order(
    before: Sequence[Proposal], left: Sequence[Proposal], done: Mapping[int, TicketView]
) -> tuple[Proposal, ...]:
    """What is left and what is done, as far as possible in the order that stood before; what is new comes last.

    Where what is left has another order now (blind or not), that counts, and what is done stands before it.
    """
    fresh = {proposal.row.row_id: proposal for proposal in left}
    kept = [proposal.row.row_id for proposal in before if proposal.row.row_id in fresh]
    if kept != [row_id for row_id in fresh if row_id in set(kept)]:
        return (*(proposal for proposal in before if proposal.row.row_id in done), *left)
    merged = [fresh.pop(p.row.row_id, p) for p in before if p.row.row_id in fresh or p.row.row_id in done]
    return (*merged, *fresh.values())


def parse_quota(argument: str, zone: ZoneInfo) -> Quota:
    """What follows `:queue`: `blind`, how many tickets, how many of a rep, and a filter; each may be left out.

    Asked for one rep alone, all may be theirs. Raises UsageError.
    """
    from qatui.domain.filter_language import parse

    numbers: list[int] = []
    blind, _, rest = argument.strip().partition(" ")
    if blind != "blind":
        rest = argument.strip()
    try:
        while len(numbers) < 2 and rest and rest.split(None, 1)[0].isdecimal():
            number, *more = rest.split(None, 1)
            numbers.append(int(number[:LONGEST]))
            rest = more[0] if more else ""
        where = parse(rest, zone)
        size = numbers[0] if numbers else Quota().size
        per_rep = numbers[1] if len(numbers) > 1 else size if where.rep is not None else Quota().per_rep
        return Quota(size=size, per_rep=per_rep, where=where, blind=blind == "blind")
    except ValueError as error:
        said = str(error)
        raise UsageError(said[:1].upper() + said[1:].rstrip(".") + ".") from None
