"""Repeated readings of one ticket: which tickets deserve them, and the one verdict that they make together."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import replace

from qatui.domain.rubric import SCORES, Dimension
from qatui.domain.verdict import Flag, Score, Verdict

DOUBTED = frozenset({Flag.INJECTION, Flag.UNVERIFIED})
UNSURE_FROM = 1.0  # half the range: readings that lie two anchors apart


def deserves_more(verdict: Verdict) -> bool:
    """Whether a verdict should be read again: a score at an end of the scale, an attack, or a quote not found."""
    ends = {SCORES[0], SCORES[-1]}
    return bool(verdict.flags & DOUBTED) or any(score.value in ends for _, score in verdict.scores())


def combined(readings: Sequence[Verdict]) -> Verdict:
    """One verdict of several readings of the same ticket.

    Per dimension the score nearest to the median counts, with its own explanation; of two as near, the earlier
    reading's. Its spread is half the range. The ticket is unsure from a spread of UNSURE_FROM on. A single reading
    stays what it is.
    """
    if len(readings) == 1:
        return readings[0]
    chosen: dict[str, Score] = {}
    flags = readings[0].flags - {Flag.UNVERIFIED}
    for dimension in Dimension:
        values = [reading.score(dimension).value for reading in readings]
        median = statistics.median(values)
        kept = min(readings, key=lambda reading: abs(reading.score(dimension).value - median))
        spread = (max(values) - min(values)) / 2
        chosen[dimension.value] = replace(kept.score(dimension), spread=spread)
        flags |= kept.flags
        if spread >= UNSURE_FROM:
            flags |= {Flag.UNSURE}
    cues = sum(reading.emotional_cue for reading in readings) * 2
    return Verdict(
        **chosen,
        emotional_cue=readings[0].emotional_cue if cues == len(readings) else cues > len(readings),
        flags=flags,
        tokens=sum(reading.tokens for reading in readings),
        readings=len(readings),
    )
