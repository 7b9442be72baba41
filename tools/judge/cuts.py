"""Where raw scores become 1 to 5: cuts that make the expected kappa large, under a smooth view of what readers give."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

Floats = NDArray[np.float64]
Ints = NDArray[np.int_]

_FAR = np.subtract.outer(np.arange(5), np.arange(5)) ** 2
_SLACK = 0.03  # a shifted mean, and a share of scores two or more off, that is not charged for
_SHIFT_COST, _OFF_COST = 0.5, 1.5
_STEPS = 120


def kappa(one: Ints, other: Ints) -> float:
    """Quadratically weighted kappa of two rows of scores 1..5 (Cohen, 1968)."""
    return _kappa(np.bincount((one - 1) * 5 + (other - 1), minlength=25).reshape(5, 5).astype(float))


def _kappa(seen: Floats) -> float:
    chance = np.outer(seen.sum(1), seen.sum(0)) / seen.sum()
    expected = float((_FAR * chance).sum())
    return 1.0 - float((_FAR * seen).sum()) / expected if expected else 0.0


def chances(raw: Floats, scores: Ints) -> Floats:
    """How likely a reader gives each score (n × 5), by proportional odds on the raw score (McCullagh, 1980)."""
    n = len(raw)
    share = np.clip([np.mean(scores <= k) for k in (1, 2, 3, 4)], 0.002, 0.998)
    start = np.log(share / (1 - share))
    mid = float(raw.mean())

    def levels(at: Floats) -> Floats:
        below = expit(at[1] + np.concatenate(([0.0], np.cumsum(np.exp(at[2:]))))[None] - at[0] * (raw - mid)[:, None])
        return np.hstack((np.zeros((n, 1)), below, np.ones((n, 1))))

    def loss(at: Floats) -> float:
        edges = levels(at)
        given = edges[np.arange(n), scores] - edges[np.arange(n), scores - 1]
        return float(-np.log(np.maximum(given, 1e-9)).sum())

    first = np.concatenate(([1.0, start[0]], np.log(np.maximum(np.diff(start), 0.05))))
    return np.asarray(np.diff(levels(minimize(loss, first, method="L-BFGS-B").x), axis=1))


def best_cuts(raw: Floats, scores: Ints) -> Floats:
    """Four cuts of the raw scores of held-out rows.

    What is made large is the kappa to be expected where readers give each score as often as `chances` says, with a
    charge for a shifted mean and for scores two or more off. Counting the readers' own scores instead follows the
    luck of single tickets: kappa has many near-equal peaks.
    """
    order = np.argsort(raw, kind="stable")
    lined = raw[order]
    sums = np.vstack((np.zeros(5), np.cumsum(chances(raw, scores)[order], axis=0)))
    n = len(raw)
    grid = np.unique(np.linspace(0, n, _STEPS + 1).astype(int))
    truth = sums[-1]
    place = np.searchsorted(grid, [round(float(truth[:k].sum())) for k in (1, 2, 3, 4)]).clip(0, len(grid) - 1)
    best = _worth(sums, grid[place], truth)
    for _ in range(4):
        before = best
        for at in range(4):
            for value in range(len(grid)):
                candidate = place.copy()
                candidate[at] = value
                if np.all(np.diff(candidate) >= 0) and (now := _worth(sums, grid[candidate], truth)) > best + 1e-9:
                    best, place = now, candidate
        if best <= before:
            break
    edges = np.concatenate(([lined[0] - 1.0], (lined[1:] + lined[:-1]) / 2, [lined[-1] + 1.0]))
    return np.round(edges[grid[place]], 6)


def _worth(sums: Floats, ends: Ints, truth: Floats) -> float:
    edges = np.concatenate(([0], ends, [len(sums) - 1]))
    seen = sums[edges[1:]] - sums[edges[:-1]]  # given × reader's
    n = truth.sum()
    shift = abs(float((seen.sum(1) - truth) @ np.arange(5))) / float(n)
    off = float(seen[_FAR > 1].sum() / n)
    return _kappa(seen) - _SHIFT_COST * max(0.0, shift - _SLACK) - _OFF_COST * max(0.0, off - _SLACK)
