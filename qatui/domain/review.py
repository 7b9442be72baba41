"""What a person says of a ticket's scores: they agree, give their own, or dispute them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from qatui.domain.rubric import Dimension


class Stand(StrEnum):
    """How a review stands to the judge's scores."""

    AGREED = "agreed"  # the judge's scores are the reviewer's too
    SCORED = "scored"  # the reviewer's own scores
    DISPUTED = "disputed"  # the judge is wrong; the reviewer gives no scores


@dataclass(frozen=True, slots=True)
class Scores:
    """Three scores, each 1..5; raises ValueError for others."""

    tone: int
    clarity: int
    empathy: int

    def __post_init__(self) -> None:
        for dimension in Dimension:
            if not 1 <= self.of(dimension) <= 5:
                raise ValueError(f"a score is 1 to 5, not {self.of(dimension)}")

    def of(self, dimension: Dimension) -> int:
        score: int = getattr(self, dimension.value)
        return score


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One person's word on one state of a ticket; their newer one takes its place.

    scores: None of a dispute alone. blind: the judge's scores were hidden until it was given. current: it is about
    the words that the ticket has now. Views use the scores of the latest current review that has any.
    """

    row_id: int
    uid: int
    who: str
    at: datetime
    stand: Stand
    scores: Scores | None
    comment: str = ""
    blind: bool = False
    current: bool = True


def counting(reviews: Iterable[Review]) -> Review | None:
    """The one whose scores the views use: of those on the ticket's present words that have scores, the latest.

    reviews: newest first.
    """
    return next((review for review in reviews if review.current and review.scores is not None), None)


def present(reviews: Iterable[Review]) -> Review | None:
    """What people say of the ticket's present words: the review that counts, else the latest dispute; newest first."""
    current = [review for review in reviews if review.current]
    return counting(current) or next(iter(current), None)
