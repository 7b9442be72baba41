"""Whether a judge should take the place of the one whose verdicts are shown: the rule, and its reason in a sentence.

A judge is changed only for a clear gain. Scores before and after a change come from different judges and cannot be
compared over time, so a candidate that is merely as good costs more than it brings; and one that is better on the
whole but clearly worse in one dimension would be trusted in that dimension too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from qatui.domain.agreement import FEW_PAIRS, SEED, Agreement, Difference, Interval, agreement, difference
from qatui.domain.review import Scores
from qatui.domain.rubric import Dimension


class Advice(StrEnum):
    """What to do with a candidate."""

    ADOPT = "adopt"
    KEEP = "keep"
    TOO_FEW = "too few"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """Advice with its reason, a sentence with the figures that decided."""

    advice: Advice
    reason: str


@dataclass(frozen=True, slots=True)
class Tried:
    """One golden ticket's scores; present: None where no judge is adopted."""

    candidate: Scores
    present: Scores | None
    people: Scores


def recommend(candidate: str, present: str | None, tried: Sequence[Tried], *, seed: int = SEED) -> Recommendation:
    """Advice on a candidate, from the golden tickets; the names are those of the judges in the reason.

    present: the adopted judge, None where there is none. Fewer than FEW_PAIRS tickets: too few. Without an adopted
    judge: adopt one whose kappa lies above 0, with its whole interval, in every dimension that has one. Else: adopt
    one that agrees clearly more with people in at least one dimension and clearly less in none; clearly means that
    the whole 95 % interval of the difference of the kappas lies on one side of 0.
    """
    if len(tried) < FEW_PAIRS:
        return Recommendation(advice=Advice.TOO_FEW, reason=_too_few(len(tried), judges=1 if present is None else 2))
    if present is None:
        agreements = {
            dimension: agreement(
                Counter((each.candidate.of(dimension), each.people.of(dimension)) for each in tried), seed=seed
            )
            for dimension in Dimension
        }
        advice, reason = _alone(candidate, agreements)
    else:
        differences = {
            dimension: difference(
                Counter(
                    (each.candidate.of(dimension), each.present.of(dimension), each.people.of(dimension))
                    for each in tried
                    if each.present is not None
                ),
                seed=seed,
            )
            for dimension in Dimension
        }
        advice, reason = _beside(candidate, present, differences)
    return Recommendation(advice=advice, reason=f"On {len(tried):,} pinned tickets {reason}")


def _too_few(tickets: int, *, judges: int) -> str:
    whose = "both judges'" if judges == 2 else "the judge's"
    have = "1 pinned ticket has" if tickets == 1 else f"{tickets} pinned tickets have"
    return f"{have} a person's scores and {whose}; {FEW_PAIRS} are needed: review or pin {FEW_PAIRS - tickets} more."


def _alone(candidate: str, agreements: dict[Dimension, Agreement]) -> tuple[Advice, str]:
    known = {dimension: each for dimension, each in agreements.items() if each.interval is not None}
    if not known:
        return Advice.KEEP, f"nothing can be told of {candidate}: somebody gives every ticket the same score."
    doubtful = [dimension for dimension, each in known.items() if each.interval is None or each.interval[0] <= 0]
    if doubtful:
        return Advice.KEEP, f"{candidate} is not shown to agree with people beyond chance in {_listed(doubtful)}."
    kappas = ", ".join(f"{dimension.label} {each.kappa:.2f}" for dimension, each in known.items())
    return (
        Advice.ADOPT,
        f"{candidate} agrees with people beyond chance, and no judge is adopted yet: kappa {kappas}.",
    )


def _beside(candidate: str, present: str, differences: dict[Dimension, Difference]) -> tuple[Advice, str]:
    worse = [dimension for dimension, each in differences.items() if each.worse]
    better = [dimension for dimension, each in differences.items() if each.better]
    if worse:
        figures = "; ".join(_figures(dimension, differences[dimension]) for dimension in worse)
        return Advice.KEEP, f"{candidate} agrees clearly less with people than {present}: {figures}."
    if better:
        figures = "; ".join(_figures(dimension, differences[dimension]) for dimension in better)
        return (
            Advice.ADOPT,
            f"{candidate} agrees clearly more with people than {present}: {figures}; clearly less nowhere.",
        )
    return (
        Advice.KEEP,
        f"{candidate} agrees with people about as {present} does, clearly more in no dimension: a change would break "
        "the line of scores for no gain.",
    )


def _figures(dimension: Dimension, found: Difference) -> str:
    assert found.interval is not None
    return (
        f"{dimension.label} kappa {found.candidate.kappa:.2f} against {found.present.kappa:.2f}, "
        f"difference {found.kappa:+.2f} ({signed(found.interval)})"
    )


def signed(interval: Interval) -> str:
    """An interval of differences: '+0.05 to +0.21'."""
    low, high = interval
    return f"{low:+.2f} to {high:+.2f}"


def _listed(dimensions: Sequence[Dimension]) -> str:
    *most, last = (dimension.label for dimension in dimensions)
    return f"{', '.join(most)} and {last}" if most else last
