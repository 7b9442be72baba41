"""What people say of a ticket's scores: each review with both scores side by side, and its comment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, tzinfo
from typing import ClassVar

from qatui.domain.listing import TicketView
from qatui.domain.review import Review, Scores
from qatui.domain.rubric import Dimension
from qatui.text import visible
from qatui.widgets.glyphs import glyphs
from qatui.widgets.lines import Line, LineView, Run
from qatui.widgets.review_words import beside, heading, judges_scores
from qatui.widgets.wrapping import flow, wrapped

INDENT = "  "


class ReviewView(LineView):
    """The reviews of one ticket, the newest first; takes no room where there is none."""

    DEFAULT_CSS = """
    ReviewView {
        height: auto;
        & > .review--who { color: $text-accent; text-style: bold; }
        & > .review--differs { text-style: bold; }
        & > .review--comment { text-style: italic; }
        & > .review--muted { color: $text-muted; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"review--who", "review--differs", "review--comment", "review--muted"}

    def __init__(self, *, zone: tzinfo = UTC, id: str | None = None) -> None:
        """`zone` is where the dates of reviews are shown."""
        super().__init__(id=id)
        self._zone = zone
        self._view: TicketView | None = None
        self._me: int | None = None
        self.display = False

    def show(self, view: TicketView, me: int | None) -> None:
        """Show the reviews of a ticket; me: the user id of the one who looks."""
        self._view, self._me = view, me
        self.display = bool(view.reviews)
        self.action_home()
        self.rebuild()
        self.refresh(layout=True)

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        """As many lines as there are; the style sheet says how many at most."""
        return len(self.build(width - 1))  # one cell is the scrollbar's

    def build(self, width: int) -> Sequence[Line]:
        """Who and when, the scores beside the judge's, the comment; then the next review."""
        if self._view is None:
            return ()
        judge = judges_scores(self._view)
        lines: list[Line] = []
        for review in self._view.reviews:
            lines += self._review(review, judge, width)
        return lines

    def _review(self, review: Review, judge: Scores | None, width: int) -> list[Line]:
        muted = "" if review.current else "review--muted"
        lines = [
            Line(((line, muted or "review--who"),)) for line in wrapped(heading(review, self._me, self._zone), width)
        ]
        pairs = list(beside(review, judge, self._me))
        for row in flow([text for _, text in pairs], width - len(INDENT), 3):
            runs: list[Run] = [(INDENT, "")]
            for place, index in enumerate(row):
                dimension, text = pairs[index]
                runs += [("   ", "")] if place else []
                runs.append((text, muted or ("review--differs" if _differs(review, judge, dimension) else "")))
            if row:
                lines.append(Line(tuple(runs)))
        if review.comment.strip():
            signs = glyphs()
            said = f"{signs.open_quote}{visible(review.comment).strip()}{signs.close_quote}"
            look = muted or "review--comment"
            lines += [Line(((INDENT + line, look),)) for line in wrapped(said, max(12, width - len(INDENT)))]
        return lines


def _differs(review: Review, judge: Scores | None, dimension: Dimension) -> bool:
    return judge is not None and review.scores is not None and review.scores.of(dimension) != judge.of(dimension)
