"""Outcomes as rows and back: what a verdict, or the reason for none, looks like in the tables."""

from __future__ import annotations

import json
from typing import Any, Final

from qatui.domain.rubric import Dimension
from qatui.domain.verdict import Cue, Evidence, Explanation, Reason, Score, Unscored, Verdict
from qatui.store.layout import flag_bits, flags_of
from qatui.store.rows import Row
from qatui.text import storable

OUTCOME_COLUMNS: Final = (
    "tone, clarity, empathy, tone_sure, clarity_sure, empathy_sure, emotional_cue, flags, tokens, reason, detail, "
    "lowered, explanations, readings, tone_spread, clarity_spread, empathy_spread"
)
REASON: Final = OUTCOME_COLUMNS.split(", ").index("reason")
DETAIL: Final = REASON + 1
"""The place in an outcome's row of the reason for no score; None with scores."""

Judged = tuple[int, bytes, Row]
"""A ticket's row id, the hash of the content that was read, and what came of it (a row of OUTCOME_COLUMNS)."""


def outcome_row(outcome: Verdict | Unscored) -> Row:
    """A row of OUTCOME_COLUMNS."""
    if isinstance(outcome, Unscored):
        return (*(None,) * 7, 0, 0, outcome.reason.value, storable(outcome.detail) or None, *(None,) * 6)
    scores = [score for _, score in outcome.scores()]
    lowered = {
        (dimension.value, cue.words): None  # a dictionary keeps the order, strongest first
        for dimension, score in outcome.scores()
        for cue in score.explanation.cues
        if cue.direction < 0
    }
    return (
        *(score.value for score in scores),
        *(score.sure for score in scores),
        outcome.emotional_cue,
        flag_bits(outcome.flags),
        outcome.tokens,
        None,
        None,
        json.dumps(list(lowered)) if lowered else None,
        json.dumps({dimension.value: _explanation_row(score.explanation) for dimension, score in outcome.scores()}),
        None if outcome.readings == 1 else outcome.readings,
        *(score.spread for score in scores),
    )


def _explanation_row(explanation: Explanation) -> list[Any]:
    return [
        explanation.text,
        [[span.position, span.start, span.end] for span in explanation.evidence],
        [[cue.name, cue.words, cue.direction] for cue in explanation.cues],
    ]


def outcome_of(row: Row) -> Verdict | Unscored:
    """The inverse of `outcome_row`."""
    *scores, cue, flags, tokens, reason, detail, _, explanations, readings, tone, clarity, empathy = row
    if reason is not None:
        return Unscored(Reason(reason), detail or "")
    told = json.loads(explanations)
    spreads = tone, clarity, empathy
    made = {
        dimension.value: Score(
            value=scores[place],
            explanation=_explanation(*told[dimension.value]),
            sure=scores[place + 3],
            spread=spreads[place],
        )
        for place, dimension in enumerate(Dimension)
    }
    return Verdict(**made, emotional_cue=bool(cue), flags=flags_of(flags), tokens=tokens, readings=readings or 1)


def _explanation(text: str, spans: list[list[int]], cues: list[Any]) -> Explanation:
    return Explanation(text, tuple(Evidence(*span) for span in spans), tuple(Cue(*cue) for cue in cues))
