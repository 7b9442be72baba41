"""Where raw scores become 1 to 5, on scores whose best cuts are known."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("scipy", reason="fitting the judge needs the group 'fit'")

from tools.judge.cuts import best_cuts, chances, kappa


def test_kappa_of_worked_examples() -> None:
    scores = np.array([1, 2, 3, 4, 5])
    assert kappa(scores, scores) == 1.0
    assert kappa(scores, scores[::-1].copy()) == pytest.approx(-1.0)
    assert kappa(scores, np.full(5, 3)) == pytest.approx(0.0)
    # One of four is one off: seen 1/4 of a squared step, by chance (1/4)(1 + 1 + 0 + 1 ...) = 1/2 of one.
    assert kappa(np.array([2, 2, 3, 3]), np.array([2, 3, 3, 3])) == pytest.approx(1 - (1 / 4) / (1 / 2))


def test_scores_that_can_be_told_apart_are_cut_between() -> None:
    rng = np.random.default_rng(3)
    scores = np.repeat([1, 2, 3, 4, 5], 60)
    raw = scores + rng.uniform(-0.3, 0.3, len(scores))
    cuts = best_cuts(raw, scores)
    assert np.all(np.abs(cuts - [1.5, 2.5, 3.5, 4.5]) < 0.25)


def test_chances_are_chances_and_rise_with_the_raw_score() -> None:
    rng = np.random.default_rng(4)
    raw = np.sort(rng.normal(3, 0.5, 200))
    scores = np.clip(np.round(raw + rng.normal(0, 0.7, 200)), 1, 5).astype(int)
    found = chances(raw, scores)
    assert found.shape == (200, 5)
    assert np.allclose(found.sum(axis=1), 1.0)
    assert np.all(np.diff(found @ np.arange(1, 6)) >= -1e-9)


def test_cuts_never_cross_and_do_not_move_the_mean() -> None:
    rng = np.random.default_rng(5)
    scores = np.clip(np.round(rng.normal(3, 0.8, 400)), 1, 5).astype(int)
    raw = 3 + 0.4 * (scores - 3) + rng.normal(0, 0.3, 400)
    cuts = best_cuts(raw, scores)
    assert np.all(np.diff(cuts) >= 0)
    given = 1 + np.searchsorted(cuts, raw, side="right")
    assert abs(float(np.mean(given - scores))) < 0.12
