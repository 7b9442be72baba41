"""When a candidate should take the place of the adopted judge."""

from __future__ import annotations

import pytest

from qatui.domain.adoption import Advice, Tried, recommend
from qatui.domain.review import Scores


def same(score: int) -> Scores:
    return Scores(score, score, score)


SPREAD = [1 + number % 5 for number in range(60)]


def off_by_one(score: int) -> int:
    """Wrong by one, upwards or downwards by turns of the scale."""
    return score + 1 if score % 2 else score - 1


def far_off(score: int) -> int:
    return 6 - score


def tried(people: list[int], candidate: list[Scores], present: list[Scores] | None) -> list[Tried]:
    others = present or [None] * len(people)  # type: ignore[list-item]
    return [Tried(one, other, same(person)) for one, other, person in zip(candidate, others, people, strict=True)]


def test_too_few_tickets_say_how_many_are_missing() -> None:
    found = recommend("new", "old", tried(SPREAD[:12], [same(s) for s in SPREAD[:12]], [same(1)] * 12))
    assert found.advice is Advice.TOO_FEW
    assert "12 pinned tickets have a person's scores and both judges'; 30 are needed" in found.reason
    assert "18 more" in found.reason
    assert recommend("new", None, []).advice is Advice.TOO_FEW


def test_a_clearly_better_judge_is_adopted_with_the_figures() -> None:
    candidate = [same(s) for s in SPREAD]
    present = [same(min(5, off_by_one(s))) for s in SPREAD]
    found = recommend("new", "old", tried(SPREAD, candidate, present))
    assert found.advice is Advice.ADOPT
    words = "On 60 pinned tickets new agrees clearly more with people than old: Tone kappa 1.00 against 0."
    assert found.reason.startswith(words)
    assert "difference +0." in found.reason


def test_one_that_is_clearly_worse_in_one_dimension_is_not() -> None:
    candidate = [Scores(s, s, far_off(s)) for s in SPREAD]
    present = [same(min(5, off_by_one(s))) for s in SPREAD]
    found = recommend("new", "old", tried(SPREAD, candidate, present))
    assert found.advice is Advice.KEEP
    assert "clearly less with people than old: Empathy kappa -1.00" in found.reason


def test_one_that_is_merely_as_good_is_not() -> None:
    scores = [same(min(5, off_by_one(s))) for s in SPREAD]
    found = recommend("new", "old", tried(SPREAD, scores, scores))
    assert found.advice is Advice.KEEP
    assert "for no gain" in found.reason


@pytest.mark.parametrize(
    ("candidate", "advice", "words"),
    [
        (lambda s: Scores(s, s, s), Advice.ADOPT, "new agrees with people beyond chance, and no judge is adopted yet"),
        (lambda s: Scores(s, far_off(s), s), Advice.KEEP, "not shown to agree with people beyond chance in Clarity."),
        (lambda s: Scores(4, 4, 4), Advice.KEEP, "nothing can be told of new"),
        (lambda s: Scores(s, s, 4), Advice.ADOPT, "Tone 1.00, Clarity 1.00."),
    ],
)
def test_without_an_adopted_judge_one_beyond_chance_is_adopted(candidate, advice: Advice, words: str) -> None:
    found = recommend("new", None, tried(SPREAD, [candidate(s) for s in SPREAD], None))
    assert found.advice is advice
    assert words in found.reason
