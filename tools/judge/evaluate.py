"""Cross-validation of the judge with the code that fits it: nothing is chosen on rows that are reported on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from qatui.services.scoring.offline.model import confidence_inputs
from tools.judge import data, fit
from tools.judge.cuts import kappa
from tools.judge.data import Sample
from tools.judge.fit import Settings, Tuned
from tools.judge.marking import with_marks

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Held:
    """What fits that had not seen a row say of it, for the tickets of people.

    raw (n × 4), given scores (n × 3), confidence (n × 3).
    """

    raw: Floats
    given: NDArray[np.int_]
    sure: Floats


@dataclass(frozen=True, slots=True)
class Figures:
    """Agreement of given scores with the first reading, beside giving every ticket the commonest score."""

    n: int
    kappa: float
    rank: float
    within_one: float
    exact: float
    shift: float
    low: int
    low_recall: float
    low_precision: float
    majority_exact: float
    majority_within: float


def cross_validate(sample: Sample, settings: Settings, folds: int = 5, seed: int = 1) -> Held:
    """Marks, members, cuts and confidence are all fitted inside the training part of each fold."""
    return _held(sample, settings, fit.split(sample, sample.real, folds, seed))


def leave_source_out(sample: Sample, settings: Settings) -> Held:
    """Each source is judged by a fit on the other two, as a user's own tickets would be."""
    here = sample.real
    return _held(
        sample, settings, [(here[sample.source[here] != s], here[sample.source[here] == s]) for s in data.LABELLED]
    )


def _held(sample: Sample, settings: Settings, splits: list[tuple[Ints, Ints]]) -> Held:
    n = len(sample.real)
    raw = np.zeros((n, sample.target.shape[1]))
    given = np.zeros((n, 3), dtype=np.int_)
    sure = np.zeros((n, 3))
    for train, test in splits:
        keep = np.concatenate((train, sample.written))
        seen = with_marks(sample, keep)
        tuned = fit.tune(seen, keep, fit.out_of_fold(seen, keep, settings, seed=0))
        said = fit.answers(fit.members(seen, keep, settings), seen, test)
        raw[test] = fit.blended(said)
        for d in range(3):
            given[test, d] = 1 + np.searchsorted(tuned.cuts[d], raw[test, d], side="right")
            sure[test, d] = _confidence(sample, tuned, d, test, said[:, d], raw[test, d])
    return Held(raw, given, sure)


def _confidence(sample: Sample, tuned: Tuned, d: int, test: Ints, said: Floats, raw: Floats) -> Floats:
    inputs = [
        confidence_inputs(tuned.cuts[d].tolist(), m.tolist(), float(r), len(sample.scripts[i].tokens))
        for i, m, r in zip(test, said, raw, strict=True)
    ]
    return np.asarray(1 / (1 + np.exp(-(np.array(inputs) @ tuned.sure[d]))))


def figures(first: NDArray[np.int_], given: NDArray[np.int_], raw: Floats) -> Figures:
    """One dimension on some rows."""
    low, named = first <= 2, given <= 2
    off = np.abs(first - given)
    most = int(np.bincount(first).argmax())
    rank = float(spearmanr(first, raw)[0]) if len(set(first.tolist())) > 1 else float("nan")
    return Figures(
        n=len(first),
        kappa=kappa(first, given),
        rank=rank,
        within_one=float(np.mean(off <= 1)),
        exact=float(np.mean(off == 0)),
        shift=float(np.mean(given - first)),
        low=int(low.sum()),
        low_recall=float(np.mean(named[low])) if low.any() else float("nan"),
        low_precision=float(np.mean(low[named])) if named.any() else float("nan"),
        majority_exact=float(np.mean(first == most)),
        majority_within=float(np.mean(np.abs(first - most) <= 1)),
    )
