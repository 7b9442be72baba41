"""What reviewing remembers for as long as qatui runs: who one is, what is hidden, what was seen and what was typed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from qatui.domain.listing import TicketRow, TicketView
from qatui.domain.review import Review, Scores
from qatui.domain.rubric import Dimension
from qatui.domain.verdict import Reason

JUDGEABLE = frozenset({Reason.WAITING, Reason.JUDGE_FAILED, Reason.UNSUPPORTED_LANGUAGE})
"""Without a score for these reasons a ticket can still be scored by a person."""


@dataclass(slots=True)
class Typed:
    """A review that is being written."""

    scores: dict[Dimension, int] = field(default_factory=dict)
    comment: str = ""

    @property
    def complete(self) -> Scores | None:
        """The scores, once all three are set."""
        if set(self.scores) != set(Dimension):
            return None
        return Scores(**{dimension.value: score for dimension, score in self.scores.items()})


@dataclass(slots=True)
class ReviewDesk:
    """me: the user id of who reviews; may_not: why they may not, '' if they may; asked: at which revision of the rows.

    blind: the judge's scores are hidden until one's own are saved; seen: tickets that were read with them; typed:
    reviews that were begun and left, by ticket and whether they are disputes.
    """

    me: int | None = None
    may_not: str = ""
    asked: int = -1
    blind: bool = False
    seen: set[int] = field(default_factory=set)
    typed: dict[tuple[int, bool], Typed] = field(default_factory=dict)

    def own(self, view: TicketView) -> Review | None:
        """One's own review of the words that the ticket has now."""
        return next((review for review in view.reviews if review.current and review.uid == self.me), None)

    def hides(self, view: TicketView) -> bool:
        """Whether the scores of a ticket stay hidden: in blind mode until one has given one's own."""
        return self.blind and self.own(view) is None

    def was_blind(self, row_id: int) -> bool:
        """Whether a review given now is blind: the scores are hidden and were whenever this run had the ticket open."""
        return self.blind and row_id not in self.seen


def blinded(view: TicketView) -> TicketView:
    """The same ticket without anything that a judge or another person said of it."""
    return replace(view, row=blinded_row(view.row), judgement=None, reviews=())


def blinded_row(row: TicketRow) -> TicketRow:
    """The same row without scores and flags."""
    return replace(row, tone=None, clarity=None, empathy=None, unscored=None, flags=frozenset())


def why_not_scored_by_people(row: TicketRow) -> str:
    """Why nobody can give scores to a ticket; empty when they can."""
    if row.unscored is None or row.unscored.reason in JUDGEABLE:
        return ""
    return f"Nobody can score this ticket: {row.unscored.reason.sentence[:1].lower()}{row.unscored.reason.sentence[1:]}"
