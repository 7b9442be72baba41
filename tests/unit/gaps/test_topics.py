"""Topics that grow: joining, waiting, founding, and that nobody's question is moved."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qatui.services.gaps import topics as topics_module
from qatui.services.gaps.grouping import SCHEME, in_order
from qatui.services.gaps.topics import Growth, grow, medoid, review, sample_members

from .test_grouping import bundles

EAGER = replace(SCHEME, centred=0.0, apart=0.0)  # places whatever has a group, to see the groups
NOTHING = np.zeros((0, 24), dtype=np.float32)


def test_a_first_grouping_founds_topics() -> None:
    vectors, truth = bundles(40, 25, 12)
    growth = grow(vectors, NOTHING, [], EAGER)
    assert growth.founded == tuple(tuple(np.flatnonzero(truth == topic).tolist()) for topic in range(3))
    assert growth.joined == growth.waiting == ()


def test_too_few_wait_and_found_a_topic_once_they_are_enough() -> None:
    vectors, truth = bundles(30, SCHEME.founders)
    known, late = vectors[truth == 0], vectors[truth == 1]
    early = grow(late[:-1], known, [7] * 30)
    assert early == Growth((), (), tuple(range(SCHEME.founders - 1)))
    assert grow(late, known, [7] * 30) == Growth((), (tuple(range(SCHEME.founders)),), ())


def test_a_new_question_joins_its_topic() -> None:
    vectors, truth = bundles(30, 20)
    known = np.delete(np.arange(50), [3, 40])
    names = np.array([4, 9])[truth[known]]
    assert grow(vectors[[3, 40]], vectors[known], names) == Growth(((0, 4), (1, 9)), (), ())


def test_an_unclear_question_waits() -> None:
    vectors, truth = bundles(30, 20)
    known = np.arange(1, 50)
    careful = replace(SCHEME, apart=2.0, apart_until=1_000_000)
    assert grow(vectors[:1], vectors[known], truth[known], careful) == Growth((), (), (0,))


def test_a_person_may_have_put_questions_anywhere() -> None:
    # Topic 1 was merged by hand from two unlike bundles; it goes on where most of it is, and the other half's
    # newcomers do not vanish: they wait or found.
    vectors, truth = bundles(30, 12, 30)
    known = np.flatnonzero(np.arange(72) % 6 > 0)
    homes = np.where(truth[known] == 2, 2, 1)
    new = np.setdiff1d(np.arange(72), known)
    growth = grow(vectors[new], vectors[known], homes, EAGER)
    assert {(int(truth[new[row]]), topic) for row, topic in growth.joined} == {(0, 1), (2, 2)}
    assert [int(truth[new[row]]) for row in growth.waiting] == [1, 1]


@given(st.integers(0, 1_000), st.lists(st.integers(1, 15), min_size=1, max_size=8), st.integers(1, 6))
@settings(max_examples=25, deadline=None)
def test_every_waiting_question_has_one_fate_and_the_same_one_each_time(
    seed: int, sizes: list[int], batches: int
) -> None:
    vectors, _ = bundles(*sizes, noise=0.6, seed=seed)
    vectors = vectors[np.random.default_rng(seed).permutation(len(vectors))]
    homes = np.full(len(vectors), -1)
    for batch in np.array_split(np.arange(len(vectors)), batches):
        seen = np.arange(int(batch[-1]) + 1 if len(batch) else 0)
        waiting, known = seen[homes[seen] < 0], seen[homes[seen] >= 0]
        growth = grow(vectors[waiting], vectors[known], homes[known])
        assert growth == grow(vectors[waiting], vectors[known], homes[known])
        fates = [row for row, _ in growth.joined] + [row for rows in growth.founded for row in rows]
        assert sorted([*fates, *growth.waiting]) == list(range(len(waiting)))
        assert {topic for _, topic in growth.joined} <= set(homes[known].tolist())
        for row, topic in growth.joined:
            homes[waiting[row]] = topic
        for rows in growth.founded:
            homes[waiting[list(rows)]] = homes.max() + 1


def test_a_large_import_is_placed_in_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(topics_module, "MOST_AT_ONCE", 100)
    monkeypatch.setattr(topics_module, "MOST_KNOWN", 40)
    vectors, truth = bundles(70, 60, 50)
    order = np.random.default_rng(5).permutation(180)
    growth = grow(vectors[order], NOTHING, [], EAGER)
    found = np.full(180, -1)
    for topic, rows in enumerate(growth.founded):
        found[list(rows)] = topic
    assert (growth.joined, growth.waiting) == ((), ())
    assert in_order(found).tolist() == in_order(truth[order]).tolist()


def test_members_are_sampled_fairly_newest_first() -> None:
    topics = [1, 1, 1, 1, 2, 1, 1, 3, 1, 1]
    assert sample_members(topics, 10) == tuple(range(10))
    assert sample_members(topics, 5) == (4, 6, 7, 8, 9)  # the one of 2, the one of 3, the three newest of 1
    assert sample_members(topics, 2) == (7, 9)


def test_two_topics_that_read_as_one_are_suggested_for_a_merge() -> None:
    vectors, truth = bundles(40, 30)
    homes = truth.copy()
    homes[:20] = 5  # the first bundle is two topics, 5 and 0
    merges, splits = review(vectors, homes)
    assert [(hint.first, hint.second) for hint in merges] == [(0, 5)]
    assert merges[0].score >= SCHEME.alike
    assert splits == ()


def test_a_topic_that_reads_as_two_is_suggested_for_a_split() -> None:
    vectors, truth = bundles(40, 20, 30)
    merges, splits = review(vectors, np.array([3, 3, 8])[truth])
    assert merges == ()
    assert [(hint.topic, hint.rows) for hint in splits] == [(3, tuple(np.flatnonzero(truth == 1).tolist()))]
    assert splits[0].score > 0.5


def test_nothing_to_review_in_an_empty_workspace() -> None:
    assert review(NOTHING, []) == ((), ())
    assert grow(NOTHING, NOTHING, []) == Growth((), (), ())


def test_the_medoid_is_the_most_central() -> None:
    turn = np.radians([0, 10, 21, 90])
    assert medoid(np.stack([np.cos(turn), np.sin(turn)], axis=1).astype(np.float32)) == 2
