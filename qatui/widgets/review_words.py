"""How reviews read: who, when, which scores beside the judge's, and whether they are about earlier words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo

from qatui.domain.listing import TicketView
from qatui.domain.review import Review, Scores, Stand
from qatui.domain.rubric import Dimension
from qatui.domain.verdict import Verdict
from qatui.text import one_line
from qatui.widgets.glyphs import glyphs
from qatui.widgets.words import day


def judges_scores(view: TicketView) -> Scores | None:
    """What the judge gave, whatever people said of it."""
    outcome = view.judgement.outcome if view.judgement is not None else None
    if not isinstance(outcome, Verdict):
        return None
    return Scores(outcome.tone.value, outcome.clarity.value, outcome.empathy.value)


def reviewer(review: Review, me: int | None) -> str:
    """'you', or the reviewer's name."""
    return "you" if review.uid == me else one_line(review.who)


def mark(review: Review) -> str:
    """The sign of a review."""
    return glyphs().disputed if review.stand is Stand.DISPUTED else glyphs().reviewed


def heading(review: Review, me: int | None, zone: tzinfo) -> str:
    """'✎ you · 5 Mar 2026 · blind': who, when and how."""
    facts = [reviewer(review, me), day(review.at, zone)]
    if review.stand is Stand.AGREED:
        facts.append("agreed with the judge")
    elif review.stand is Stand.DISPUTED:
        facts.append("disputed the judge's scores")
    if review.blind:
        facts.append("blind")
    if not review.current:
        facts.append("on earlier words")
    return f"{mark(review)} " + f" {glyphs().dot} ".join(facts)


def beside(review: Review, judge: Scores | None, me: int | None) -> Iterator[tuple[Dimension, str]]:
    """Both scores of each dimension: 'Tone: judge 3 · you 4 (+1)'; without a judge the reviewer's alone."""
    if review.scores is None:
        return
    who = reviewer(review, me)
    for dimension in Dimension:
        own = review.scores.of(dimension)
        if judge is None or not review.current:
            yield dimension, f"{dimension.label}: {who} {own}"
        else:
            theirs = judge.of(dimension)
            yield (
                dimension,
                f"{dimension.label}: judge {theirs} {glyphs().dot} {who} {own}{difference(own - theirs)}",
            )


def difference(points: int) -> str:
    """' (+1)', ' (−2)', and nothing where there is none."""
    if not points:
        return ""
    return f" (+{points})" if points > 0 else f" ({glyphs().minus}{-points})"


def in_a_line(review: Review, judge: Scores | None, dimension: Dimension, me: int | None) -> str:
    """'✎ reviewed by Ana: 4 (judge 3)': one dimension of one review."""
    who = reviewer(review, me)
    if review.stand is Stand.DISPUTED or review.scores is None:
        return f"{mark(review)} disputed by {who}"
    own = review.scores.of(dimension)
    theirs = "not scored" if judge is None else str(judge.of(dimension))
    how = "confirmed" if review.stand is Stand.AGREED else "reviewed"
    return f"{mark(review)} {how} by {who}: {own} (judge {theirs})"
