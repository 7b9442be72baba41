"""Agreement of two parties: counts and kappa by hand, and what holds for all scores."""

from __future__ import annotations

import time
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qatui.domain.agreement import Agreement, agreement, difference, table_of, with_interval

score = st.integers(1, 5)
pairs = st.lists(st.tuples(score, score), max_size=60)
HAND = [(1, 1), (2, 2), (3, 4), (5, 5)]


def test_counts_and_kappa_by_hand() -> None:
    """Squares 1; by chance (26 + 14 + 10 + 26) ÷ 4 = 19; kappa 1 − 1 ÷ 19."""
    found = agreement(HAND)
    assert (found.pairs, found.exact, found.within_one) == (4, 3, 4)
    assert found.share(found.exact) == 0.75
    assert found.sums == (11, 12)
    assert found.mean_difference == -0.25
    assert (found.squares, found.squares_by_chance) == (1, 19.0)
    assert found.kappa == pytest.approx(18 / 19)
    assert found.table[2][3] == 1
    assert found.firsts == (1, 1, 1, 0, 1)
    assert found.seconds == (1, 1, 0, 1, 1)


def test_opposite_scores_agree_less_than_chance() -> None:
    """Half 1 against 5, half 5 against 1: squares 32, by chance 16 for two pairs; kappa −1."""
    assert agreement([(1, 5), (5, 1)]).kappa == pytest.approx(-1)


def test_a_far_difference_weighs_more_than_a_near_one() -> None:
    near = agreement([*[(n, n) for n in (1, 2, 3, 4, 5)], (2, 3)])
    far = agreement([*[(n, n) for n in (1, 2, 3, 4, 5)], (1, 5)])
    assert near.kappa is not None
    assert far.kappa is not None
    assert near.kappa > far.kappa


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ([], "Without tickets that both have scored there is no kappa."),
        ([(4, 1), (4, 2)], "judge gives every ticket a 4"),
        ([(1, 3), (2, 3)], "people gives every ticket a 3"),
        ([(4, 4)] * 9, "judge and people give every ticket a 4"),
        ([(4, 2)], "judge gives every ticket a 4"),
    ],
)
def test_there_is_no_kappa_where_chance_explains_all_and_a_sentence_says_so(
    given: list[tuple[int, int]], sentence: str
) -> None:
    found = agreement(given)
    assert found.kappa is None
    assert found.interval is None
    assert sentence in found.no_kappa("judge", "people")


def test_few_pairs_are_marked() -> None:
    assert Agreement(table_of({(3, 3): 29})).few
    assert not Agreement(table_of({(3, 3): 30})).few


@given(pairs)
def test_a_mapping_of_counts_means_the_same_as_the_pairs(given: list[tuple[int, int]]) -> None:
    assert table_of(given) == table_of(Counter(given))


@given(pairs)
def test_counts_add_up(given: list[tuple[int, int]]) -> None:
    found = Agreement(table_of(given))
    assert found.pairs == len(given) == sum(found.apart(distance) for distance in range(5))
    assert found.exact == sum(a == b for a, b in given)
    assert found.within_one == sum(abs(a - b) <= 1 for a, b in given)
    assert found.squares == sum((a - b) ** 2 for a, b in given)
    if given:
        assert found.mean_difference == pytest.approx(sum(a - b for a, b in given) / len(given))
        every = sum((a - b) ** 2 for a, _ in given for _, b in given) / len(given)
        assert found.squares_by_chance == pytest.approx(every)


@given(pairs)
def test_kappa_is_at_most_one_and_does_not_care_who_is_first(given: list[tuple[int, int]]) -> None:
    found, turned = agreement(given), agreement([(b, a) for a, b in given])
    assert (found.kappa is None) == (turned.kappa is None) == bool(found.no_kappa("a", "b"))
    if found.kappa is not None:
        assert found.kappa <= 1
        assert found.kappa == pytest.approx(turned.kappa)
        assert (found.kappa == 1) == (found.exact == found.pairs)


@given(pairs, st.integers(0, 3))
def test_the_interval_lies_in_order_and_is_the_same_for_the_same_seed(given: list[tuple[int, int]], seed: int) -> None:
    found = agreement(given, seed=seed)
    assert found == agreement(reversed(given), seed=seed)
    if found.interval is not None:
        low, high = found.interval
        assert low <= high <= 1


def test_more_tickets_make_the_interval_narrower() -> None:
    few = {(1, 1): 4, (2, 3): 5, (3, 3): 6, (4, 4): 8, (5, 4): 5, (2, 5): 2}
    small, large = agreement(few), agreement({pair: 50 * number for pair, number in few.items()})
    assert small.kappa == pytest.approx(large.kappa)
    assert small.interval is not None
    assert large.interval is not None
    assert small.kappa is not None
    assert small.interval[0] < small.kappa < small.interval[1]
    assert large.interval[1] - large.interval[0] < (small.interval[1] - small.interval[0]) / 5


def test_another_seed_gives_nearly_the_same_interval() -> None:
    counts = {(1, 1): 4, (2, 3): 5, (3, 3): 6, (4, 4): 8, (5, 4): 5, (2, 5): 2}
    one, other = agreement(counts, seed=1).interval, agreement(counts, seed=2).interval
    assert one != other
    assert one == pytest.approx(other, abs=0.05)


def test_mostly_constant_scores_have_a_kappa_but_no_interval() -> None:
    """One ticket of twenty is drawn again in 64 of 100 resamples; of two unlike tickets only in half of them both."""
    assert agreement({(4, 4): 19, (2, 2): 1}).interval is not None
    assert agreement({(4, 4): 1, (2, 3): 1, (4, 3): 8}).kappa is not None
    lonely = agreement({(4, 4): 8, (2, 4): 1, (4, 2): 1})
    assert lonely.kappa is not None
    assert lonely.interval is None


def test_an_interval_takes_at_most_fifty_milliseconds() -> None:
    table = Agreement(table_of({(a, b): 40_000 + a * b for a in range(1, 6) for b in range(1, 6)}))
    with_interval(table)  # the first call loads numpy
    began = time.process_time()
    with_interval(table)
    assert time.process_time() - began < 0.05


# Two judges ------------------------------------------------------------------------------------------


def test_a_judge_that_is_always_right_is_clearly_better_than_one_that_guesses() -> None:
    triples = {(p, guess, p): 4 for p in range(1, 6) for guess in range(1, 6)}
    found = difference(triples)
    assert found.candidate.kappa == 1
    assert found.kappa is not None
    assert found.kappa > 0.9
    assert found.better
    assert not found.worse
    turned = difference({(other, one, p): n for (one, other, p), n in triples.items()})
    assert turned.worse
    assert not turned.better


def test_the_same_judge_twice_differs_by_nothing() -> None:
    """Both scores are drawn together: a difference of nothing is certain, however unsure each kappa is."""
    found = difference({(a, a, b): 1 for a in range(1, 6) for b in range(1, 6)})
    assert found.kappa == 0
    assert found.interval == (0, 0)
    assert not found.better
    assert not found.worse


def test_without_a_kappa_of_either_there_is_no_difference() -> None:
    found = difference({(3, 2, 2): 10, (3, 4, 4): 10})
    assert found.kappa is None
    assert found.interval is None
    assert not found.better
    assert not found.worse


@given(st.lists(st.tuples(score, score, score), min_size=1, max_size=40))
def test_a_difference_is_that_of_the_two_kappas(given: list[tuple[int, int, int]]) -> None:
    found = difference(Counter(given))
    assert found.candidate.table == table_of((one, person) for one, _, person in given)
    assert found.present.table == table_of((other, person) for _, other, person in given)
    if found.kappa is not None:
        assert found.interval is None or -2 <= found.interval[0] <= found.interval[1] <= 2
