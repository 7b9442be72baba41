"""Grouping of vectors: Ward and average linkage to a limit, smoothing over neighbours, the whole."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qatui.services.gaps.grouping import MOST_AT_ONCE, average, group, group_means, in_order, smooth, ward
from qatui.services.gaps.vectors import unit


def bundles(*sizes: int, dim: int = 24, noise: float = 0.25, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Unit rows around as many random directions as there are sizes, and the direction of each."""
    random = np.random.default_rng(seed)
    centres = unit(random.normal(size=(len(sizes), dim)))
    truth = np.repeat(np.arange(len(sizes)), sizes)
    return unit(centres[truth] + noise * random.normal(size=(len(truth), dim)) / dim**0.5 * 2), truth


def test_ward_by_hand() -> None:
    # Two pairs 0.2 apart inside, 10 apart between: heights are 0.2, 0.2 and, for the last merge,
    # sqrt(2*2*2/4) * 10 = 14.1.
    points = np.array([[0, 0], [0.2, 0], [10, 0], [10.2, 0]], dtype=np.float32)
    assert ward(points, 0.1).tolist() == [0, 1, 2, 3]
    assert ward(points, 0.21).tolist() == [0, 0, 1, 1]
    assert ward(points, 14.1).tolist() == [0, 0, 1, 1]
    assert ward(points, 14.2).tolist() == [0, 0, 0, 0]


def test_average_by_hand() -> None:
    # Similarities 0.9 (a, b), 0.6 (a, c), 0.4 (b, c); after a and b merge, c is alike by 0.5, or, where a stands
    # for three questions, by (3 * 0.6 + 0.4) / 4 = 0.55.
    means = np.linalg.cholesky(np.array([[1, 0.9, 0.6], [0.9, 1, 0.4], [0.6, 0.4, 1]])).astype(np.float32)
    assert average(means, np.array([1, 1, 1]), 0.95).tolist() == [0, 1, 2]
    assert average(means, np.array([1, 1, 1]), 0.52).tolist() == [0, 0, 1]
    assert average(means, np.array([3, 1, 1]), 0.52).tolist() == [0, 0, 0]


@given(st.integers(0, 10_000), st.integers(2, 40), st.floats(0.1, 4))
@settings(max_examples=40, deadline=None)
def test_ward_is_the_greedy_rule(seed: int, n: int, height: float) -> None:
    """Chains find what merging the cheapest pair again and again finds."""
    points = np.random.default_rng(seed).normal(size=(n, 3)).astype(np.float32)
    clusters = [[row] for row in range(n)]

    def cost(one: list[int], other: list[int]) -> float:
        apart = np.linalg.norm(points[one].mean(axis=0) - points[other].mean(axis=0))
        return float(apart) * (2 * len(one) * len(other) / (len(one) + len(other))) ** 0.5

    while len(clusters) > 1:
        cheapest, i, j = min((cost(clusters[i], clusters[j]), i, j) for i in range(len(clusters)) for j in range(i))
        if abs(cheapest - height) < 1e-4:
            return  # float32 may fall on either side
        if cheapest > height:
            break
        clusters[j] += clusters.pop(i)
    expected = np.empty(n, dtype=int)
    for number, rows in enumerate(clusters):
        expected[rows] = number
    assert ward(points, height).tolist() == in_order(expected).tolist()


def test_groups_are_found_without_being_told_how_many() -> None:
    vectors, truth = bundles(40, 25, 12, 9)
    assert group(vectors).labels.tolist() == in_order(truth).tolist()


def test_grouping_does_not_depend_on_the_order_of_questions() -> None:
    vectors, _ = bundles(30, 20, 20, 10)
    order = np.random.default_rng(3).permutation(len(vectors))
    assert in_order(group(vectors).labels[order]).tolist() == group(vectors[order]).labels.tolist()


def test_smoothing_brings_questions_of_one_topic_together() -> None:
    vectors, truth = bundles(40, 40, noise=0.5)
    same = truth[:, None] == truth[None]
    before, after = vectors @ vectors.T, smooth(vectors) @ smooth(vectors).T
    assert after[same].mean() > before[same].mean() + 0.2
    assert np.allclose(np.linalg.norm(smooth(vectors), axis=1), 1, atol=1e-5)


def test_margin_says_how_clear_a_question_is() -> None:
    vectors, truth = bundles(20, 20)
    grouping = group(vectors)
    nearness = grouping.smoothed @ grouping.means.T
    for row in (0, 39):
        own, other = nearness[row, truth[row]], nearness[row, 1 - truth[row]]
        assert grouping.margin[row] == pytest.approx(own - other, abs=1e-6)
    assert grouping.position.mean() == pytest.approx(1, abs=1e-4)  # typical is the mean of the group


def test_a_lone_group_is_as_clear_as_can_be() -> None:
    vectors, _ = bundles(12)
    grouping = group(vectors)
    assert grouping.margin.min() == grouping.position.min() == 1


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_few_questions_are_no_trouble(n: int) -> None:
    vectors, _ = bundles(*[1] * n) if n else (np.zeros((0, 24), np.float32), None)
    grouping = group(vectors)
    assert len(grouping.labels) == len(grouping.margin) == n


def test_texts_without_a_vector_and_equal_questions_are_no_trouble() -> None:
    vectors, _ = bundles(5, 5)
    vectors = np.concatenate([np.zeros((3, 24), np.float32), np.repeat(vectors[:1], 30, axis=0), vectors])
    labels = group(vectors).labels
    assert len(set(labels[3:33].tolist())) == 1
    assert not set(labels[:3].tolist()) & set(labels[3:].tolist())


def test_too_many_at_once_is_an_error_not_an_hour() -> None:
    with pytest.raises(ValueError, match="at most"):
        group(np.zeros((MOST_AT_ONCE + 1, 4), np.float32))


def test_group_means_are_means() -> None:
    vectors = np.array([[1, 0], [0, 1], [0, 3]], dtype=np.float32)
    assert group_means(vectors, np.array([1, 0, 0])).tolist() == [[0, 2], [1, 0]]
