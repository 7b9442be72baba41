"""Several readings make one verdict: the middle score with its own reason, and how far they lay apart."""

from __future__ import annotations

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qatui.domain.rubric import Dimension
from qatui.domain.verdict import Explanation, Flag, Score, Verdict
from qatui.services.scoring.llm.repeated import combined, deserves_more

SCORE = st.integers(1, 5)
READINGS = st.lists(st.tuples(SCORE, SCORE, SCORE), min_size=1, max_size=9)


def read(tone: int, clarity: int = 3, empathy: int = 3, *flags: Flag, cue: bool = True, name: str = "") -> Verdict:
    tone_, clarity_, empathy_ = (Score(value, Explanation(f"{name}{value}")) for value in (tone, clarity, empathy))
    return Verdict(
        tone=tone_, clarity=clarity_, empathy=empathy_, emotional_cue=cue, flags=frozenset(flags), tokens=100
    )


@pytest.mark.parametrize(
    ("first", "again"),
    [
        (read(3, 4, 2), False),
        (read(5), True),
        (read(3, 3, 1), True),
        (read(3, 3, 3, Flag.INJECTION), True),
        (read(3, 3, 3, Flag.UNVERIFIED), True),
        (read(3, 3, 3, Flag.UNSURE), False),
    ],
)
def test_what_is_read_again(first: Verdict, again: bool) -> None:
    assert deserves_more(first) is again


def test_of_three_readings_the_middle_one_counts_per_dimension() -> None:
    made = combined([read(5, 2, 3, name="a"), read(3, 4, 3, name="b"), read(4, 5, 3, name="c")])
    assert [(score.value, score.explanation.text, score.spread) for _, score in made.scores()] == [
        (4, "c4", 1.0),
        (4, "b4", 1.5),
        (3, "a3", 0.0),
    ]
    assert (made.readings, made.tokens) == (3, 300)
    assert Flag.UNSURE in made.flags


def test_of_two_readings_as_near_to_the_median_the_first_counts() -> None:
    made = combined([read(5, name="a"), read(4, name="b")])
    assert (made.tone.value, made.tone.spread) == (5, 0.5)
    assert Flag.UNSURE not in made.flags


def test_the_cue_is_what_most_readings_saw_and_of_a_tie_what_the_first_did() -> None:
    assert not combined([read(1, cue=True), read(1, cue=False), read(1, cue=False)]).emotional_cue
    assert combined([read(1, cue=True), read(1, cue=False)]).emotional_cue


def test_a_lost_quote_counts_where_its_reading_is_kept() -> None:
    assert Flag.UNVERIFIED not in combined([read(1, 3, 3, Flag.UNVERIFIED), read(3, 4, 4), read(4, 5, 5)]).flags
    assert Flag.UNVERIFIED in combined([read(3, 4, 4, Flag.UNVERIFIED), read(1), read(5, 5, 5)]).flags
    assert Flag.INJECTION in combined([read(1, 3, 3, Flag.INJECTION), read(2, 4, 4, Flag.INJECTION)]).flags


def test_one_reading_stays_what_it_is() -> None:
    alone = read(1)
    assert combined([alone]) is alone
    assert alone.tone.spread is None


@given(READINGS)
def test_the_score_is_one_that_was_read_and_nearest_to_the_median(readings: list[tuple[int, int, int]]) -> None:
    made = combined([read(*scores) for scores in readings])
    for place, dimension in enumerate(Dimension):
        values = [scores[place] for scores in readings]
        score = made.score(dimension)
        assert score.value in values
        assert abs(score.value - statistics.median(values)) == min(abs(v - statistics.median(values)) for v in values)
        assert score.explanation.text == str(score.value)
        if len(readings) > 1:
            assert score.spread == (max(values) - min(values)) / 2


@given(st.lists(st.tuples(SCORE, SCORE, SCORE), min_size=2, max_size=9))
def test_unsure_is_a_spread_of_one_anchor_or_more(readings: list[tuple[int, int, int]]) -> None:
    made = combined([read(*scores) for scores in readings])
    wide = any(max(values) - min(values) >= 2 for values in zip(*readings, strict=True))
    assert (Flag.UNSURE in made.flags) is wide
