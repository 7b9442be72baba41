"""Reviewing a ticket: what the Tickets, Ticket and queue screens do alike."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.message import Message

from qatui.domain.listing import TicketRow, TicketView
from qatui.domain.review import Scores
from qatui.domain.rubric import Dimension
from qatui.errors import UsageError
from qatui.screens.frame import FrameScreen
from qatui.screens.review_desk import ReviewDesk, Typed, why_not_scored_by_people
from qatui.text import one_line
from qatui.widgets.glyphs import glyphs
from qatui.widgets.review_words import judges_scores

if TYPE_CHECKING:  # brings the input widget, which only writing a review needs
    from qatui.screens.changes import Changes, Work
    from qatui.widgets.review_editor import ReviewEditor

NEED_RIGHT = frozenset(
    f"review.{action}" for action in ("agree", "edit", "dispute", "save", "withdraw", "pin", "unpin")
)
NEED_ROW = NEED_RIGHT - {"review.save"}
_IN_A_LINE = re.compile(r"([1-5])[\s,]+([1-5])[\s,]+([1-5])(?:[\s,]+(.*))?", re.DOTALL)
ALWAYS = frozenset({"app.help", "app.theme", "app.copy_selection", "review.save"})
"""What can be done while a review is written."""


@dataclass
class ReviewRead(Message):
    """The ticket whose review is written, as it is now."""

    view: TicketView


class Reviewing(FrameScreen, inherit_bindings=False):
    """A screen with a ticket under the cursor, or read, that one can review."""

    KEYS: ClassVar[tuple[str, ...]] = ()
    """The keys that matter here while no review is written."""
    WHILE_WRITING: ClassVar[frozenset[str]] = frozenset()
    """What else can be done while a review is written."""

    editor: ReviewEditor | None = None
    _hid = False
    """Whether the scores were hidden when the editor was opened."""

    # What subclasses answer ------------------------------------------------------------------------

    def reviewed_row(self) -> TicketRow | None:
        """The ticket that would be reviewed."""
        raise NotImplementedError

    def reviewed_view(self) -> TicketView | None:
        """The same with its reviews, where it is read already."""
        return None

    # Who may, and what is hidden -------------------------------------------------------------------

    @property
    def desk(self) -> ReviewDesk:
        return self.session.desk

    @property
    def changes(self) -> Changes:
        return self.app.changes  # type: ignore[attr-defined,no-any-return]

    @property
    def HINTS(self) -> tuple[str, ...]:  # type: ignore[override]  # they depend on whether a review is written
        return ("review.save", "go.back") if self.editor is not None else self.KEYS

    async def know_reviewer(self) -> None:
        """Ask who reviews and whether they may; once for each state of the workspace."""
        desk, session = self.desk, self.session
        if desk.asked != session.revision:
            desk.me = (await session.open.people.me()).uid
            desk.may_not = await session.open.reviews.why_not() or ""
            desk.asked = session.revision

    def why_disabled(self, action_id: str) -> str | None:
        if self.editor is not None and not self._alive(action_id):
            back = self.session.keys.label("go.back")
            return f"A review is being written: {self.session.keys.label('review.save')} saves it, {back} leaves it."
        if action_id in NEED_RIGHT and self.desk.may_not:
            return self.desk.may_not
        row = self.reviewed_row() if self.is_mounted else None
        if action_id in NEED_ROW and row is None:
            return "There is no ticket here."
        if action_id == "review.save" and self.editor is None:
            return f"No review is being written; {self.session.keys.label('review.edit')} begins one."
        if row is not None and action_id in NEED_ROW:
            return self._why_not_row(action_id, row) or super().why_disabled(action_id)
        return super().why_disabled(action_id)

    def _why_not_row(self, action_id: str, row: TicketRow) -> str:
        view = self.reviewed_view()
        edit = self.session.keys.label("review.edit")
        if action_id == "review.withdraw":
            return "You have not reviewed this ticket." if view is not None and self.desk.own(view) is None else ""
        if action_id == "review.unpin":
            return ""
        if action_id in ("review.edit", "review.pin"):
            return why_not_scored_by_people(row)
        if self.hidden(row):
            show = self.session.keys.label("review.blind")
            return f"The judge's scores are hidden: {edit} gives your own, {show} shows the judge's."
        judged = row.unscored is None if view is None else judges_scores(view) is not None
        if not judged:
            return why_not_scored_by_people(row) or f"No judge has scored this ticket; {edit} gives your own scores."
        return ""

    def hidden(self, row: TicketRow) -> bool:
        """Whether this screen hides the scores of a row."""
        view = self.reviewed_view()
        return view is not None and self.desk.hides(view)

    def _alive(self, action_id: str) -> bool:
        return action_id in ALWAYS or action_id in self.WHILE_WRITING or action_id == "go.back"

    # Saying what one thinks ------------------------------------------------------------------------

    def do_review_agree(self, _argument: str) -> None:
        """The judge's scores are mine too."""
        row_id = self._row().row_id
        reviews = self.session.open.reviews
        self.changes.make("saving the review", lambda: reviews.agree([row_id]))

    def do_review_withdraw(self, _argument: str) -> None:
        """Take one's own review away."""
        row_id = self._row().row_id
        reviews = self.session.open.reviews
        self.changes.make("withdrawing the review", lambda: reviews.withdraw([row_id]))

    def do_review_pin(self, _argument: str) -> None:
        """Into the golden set."""
        row_id, calibration = self._row().row_id, self.session.open.calibration
        self.changes.make("pinning the ticket", lambda: calibration.pin([row_id]))

    def do_review_unpin(self, _argument: str) -> None:
        """Out of the golden set."""
        row_id, calibration = self._row().row_id, self.session.open.calibration
        self.changes.make("unpinning the ticket", lambda: calibration.unpin([row_id]))

    async def do_review_edit(self, argument: str) -> None:
        """Give scores: those that were typed after the command, or open the editor."""
        row = self._row()
        if argument:
            self._save(row.row_id, parse_scores(argument), dispute=False, hidden=self.hidden(row))
        else:
            await self._write(row, dispute=False)

    async def do_review_dispute(self, argument: str) -> None:
        """Say that the judge is wrong: with the words after the command, or ask for them."""
        row = self._row()
        if argument:
            self._save(row.row_id, Typed(comment=argument), dispute=True, hidden=self.hidden(row))
        else:
            await self._write(row, dispute=True)

    def _row(self) -> TicketRow:
        row = self.reviewed_row()
        assert row is not None
        return row

    def _save(self, row_id: int, typed: Typed, *, dispute: bool, hidden: bool) -> None:
        """Keep a review; what was typed stays at hand until it is kept. hidden: this screen hid the scores."""
        reviews = self.session.open.reviews
        desk = self.desk
        blind = hidden and desk.was_blind(row_id)
        scores = typed.complete
        desk.typed[row_id, dispute] = typed

        async def work():  # type: ignore[no-untyped-def]  # a Done, which is only imported for types
            if dispute:
                done = await reviews.dispute(row_id, typed.comment)
            else:
                assert scores is not None
                done = await reviews.score(row_id, scores, typed.comment, blind=blind)
            desk.typed.pop((row_id, dispute), None)
            return done

        kept: Work = work
        self.changes.make("saving the review", kept)

    # The editor ------------------------------------------------------------------------------------

    async def _write(self, row: TicketRow, *, dispute: bool) -> None:
        """Open the editor at once, with what is known: the next key may be here already."""
        from qatui.widgets.review_editor import ReviewEditor

        doing = "Why are the judge's scores wrong?" if dispute else "Your scores"
        editor = ReviewEditor(
            row.row_id, f"{doing} {glyphs().dot} {one_line(row.id)} {one_line(row.name)}", dispute=dispute
        )
        self.editor, self._hid = editor, self.hidden(row)
        self.set_class(True, "-writing")
        await self.mount(editor, before=self.note)
        self.set_focus(editor.first)
        view = self.reviewed_view()
        if view is None:
            shown = {} if self._hid else scores_of(row)
            editor.fill(shown, {})
            self.start("review", "reading the ticket", self._read_review, row.row_id)
        else:
            self._fill(view)
        self.refresh_frame()

    async def _read_review(self, row_id: int) -> None:
        self.post_message(ReviewRead(await self.session.open.reports.ticket(row_id)))

    @on(ReviewRead)
    def _review_read(self, message: ReviewRead) -> None:
        if self.editor is not None and self.editor.row_id == message.view.row.row_id:
            self._fill(message.view)

    def _fill(self, view: TicketView) -> None:
        """What was typed before, else one's own review, else the judge's scores unless they are hidden."""
        editor = self.editor
        assert editor is not None
        own = self.desk.own(view)
        made = judges_scores(view)
        judge = {} if made is None or (self._hid and self.desk.hides(view)) else as_mapping(made)
        typed = self.desk.typed.get((editor.row_id, editor.dispute))
        if typed is not None:
            editor.fill(typed.scores, judge, typed.comment, kept=True)
        elif own is not None and (own.scores is None) == editor.dispute:
            editor.fill(as_mapping(own.scores) if own.scores is not None else {}, judge, own.comment)
        else:
            editor.fill(judge, judge)

    async def do_review_save(self, _argument: str) -> None:
        """Keep the review, if nothing is missing."""
        editor = self.editor
        if editor is None:
            return
        typed = Typed(editor.scores, editor.comment)
        if editor.dispute and not typed.comment:
            raise UsageError("A dispute needs a comment: say what the judge got wrong.")
        if not editor.dispute and typed.complete is None:
            missing = " and ".join(d.label for d in Dimension if d not in typed.scores)
            raise UsageError(f"No score yet for {missing}: 1 to 5.")
        # Before the editor is taken away, for the key that leaves may come meanwhile.
        self._save(editor.row_id, typed, dispute=editor.dispute, hidden=self._hid)
        await self._close()

    async def on_review_editor_saved(self) -> None:
        await self.action_do("review.save")

    async def action_do(self, action_id: str, argument: str = "") -> None:
        """While a review is written, esc leaves it, wherever one is, and what opened it leads back into it."""
        if self.editor is not None and action_id == "go.back":
            await self._leave()
        elif self.editor is not None and action_id in ("review.edit", "review.dispute"):
            self.set_focus(self.editor.first)
        else:
            await super().action_do(action_id, argument)

    async def _leave(self) -> None:
        """Close the editor; what was typed is kept, and that is said."""
        editor = self.editor
        assert editor is not None
        key = (editor.row_id, editor.dispute)
        if editor.edited:
            self.desk.typed[key] = Typed(editor.scores, editor.comment)
            again = self.session.keys.label("review.dispute" if editor.dispute else "review.edit")
            self.say(f"Not saved. What you wrote is kept until qatui is left: {again} goes on with it.", "warning")
        await self._close()

    async def _close(self) -> None:
        editor, self.editor = self.editor, None
        if editor is not None:
            await editor.remove()
        self.set_class(False, "-writing")
        self.focus_page()
        self.refresh_frame()

    # Blind -----------------------------------------------------------------------------------------

    def do_review_blind(self, _argument: str) -> None:
        """Hide the judge's scores until one's own are saved, or show them."""
        self.desk.blind = not self.desk.blind
        self.blindness_changed()
        self.refresh_frame()
        if self.desk.blind:
            self.say("Blind: the judge's scores stay hidden until yours are saved. What was shown counts as seen.")
        else:
            self.say("The judge's scores are shown.")

    def blindness_changed(self) -> None:
        """Draw anew what is hidden or shown."""


def parse_scores(argument: str) -> Typed:
    """What follows `:review`: three scores and, if wished, a comment. Raises UsageError."""
    found = _IN_A_LINE.fullmatch(argument.strip())
    if found is None:
        raise UsageError("Give Tone, Clarity and Empathy, each 1 to 5, then a comment: :review 4 3 2 too cold.")
    *scores, comment = found.groups()
    return Typed(dict(zip(Dimension, map(int, scores), strict=True)), comment or "")


def scores_of(row: TicketRow) -> dict[Dimension, int]:
    """The scores that a row shows."""
    found = {dimension: row.value(dimension) for dimension in Dimension}
    return {dimension: score for dimension, score in found.items() if score is not None}


def as_mapping(scores: Scores) -> Mapping[Dimension, int]:
    """Scores by dimension."""
    return {dimension: scores.of(dimension) for dimension in Dimension}
