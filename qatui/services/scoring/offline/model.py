"""The fitted model: n-grams, cue features and boosted trees averaged into one raw score per dimension."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qatui.services.scoring.offline.features import Row, Sentence, Transcript
from qatui.services.scoring.offline.weights import Weights

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
CLIP = 4.0  # standard deviations: no single feature of an odd ticket may decide


@dataclass(frozen=True, slots=True)
class Ngrams:
    """Words and word pairs of one side: weight (terms × 3) of each term times its inverse frequency."""

    index: dict[str, int]
    idf: Floats
    weights: Floats

    def score(self, found: list[Sentence]) -> Floats:
        """Three numbers: tf-idf (sublinear, unit length) times the weights."""
        counts: dict[int, int] = {}
        get = self.index.get
        for sentence in found:
            before = ""
            for token in sentence.tokens:
                at = get(token)
                if at is not None:
                    counts[at] = counts.get(at, 0) + 1
                if before:
                    at = get(before + " " + token)
                    if at is not None:
                        counts[at] = counts.get(at, 0) + 1
                before = token
        if not counts:
            return np.zeros(self.weights.shape[1])
        at_ = np.fromiter(counts.keys(), dtype=np.intp, count=len(counts))
        tf = 1.0 + np.log(np.fromiter(counts.values(), dtype=np.float64, count=len(counts)))
        values = tf * self.idf[at_]
        return (values @ self.weights[at_]) / np.sqrt(values @ values)


@dataclass(frozen=True, slots=True)
class Forest:
    """Regression trees of all dimensions side by side, walked level by level.

    feature, threshold, left, right, value: one entry per node; a leaf points to itself on both sides.
    roots: first node of each tree; owner (trees): which dimension a tree adds to; depth: levels to walk.
    """

    feature: Ints
    threshold: Floats
    left: Ints
    right: Ints
    value: Floats
    roots: Ints
    owner: Ints
    depth: int
    base: Floats

    def score(self, row: Row) -> Floats:
        node = self.roots
        for _ in range(self.depth):
            node = np.where(row[self.feature[node]] <= self.threshold[node], self.left[node], self.right[node])
        return self.base + np.bincount(self.owner, weights=self.value[node], minlength=len(self.base))

    def shares(self, row: Row, width: int) -> Floats:
        """What each feature added on the way from root to leaf (dimensions × features), after Saabas (2014)."""
        node = self.roots
        found = np.zeros(len(self.base) * width)
        for _ in range(self.depth):
            feature = self.feature[node]
            after = np.where(row[feature] <= self.threshold[node], self.left[node], self.right[node])
            found += np.bincount(
                self.owner * width + feature, weights=self.value[after] - self.value[node], minlength=len(found)
            )
            node = after
        return found.reshape(len(self.base), width)


@dataclass(frozen=True, slots=True)
class Model:
    """Everything between a transcript with its row of features and three raw scores on the scale 1..5."""

    rep: Ngrams
    customer: Ngrams
    words_base: Floats
    mean: Floats
    scale: Floats
    dense: Floats  # dimensions × features
    dense_base: Floats
    forest: Forest
    blend: Floats  # dimensions × 3: n-grams, cue features, trees
    cuts: Floats  # dimensions × 4
    sure: Floats  # dimensions × coefficients of the confidence

    @classmethod
    def of(cls, weights: Weights) -> Model:
        a = weights.arrays
        floats = lambda name: a[name].astype(np.float64)  # noqa: E731
        ints = lambda name: a[name].astype(np.intp)  # noqa: E731
        return cls(
            rep=_ngrams(weights, "rep"),
            customer=_ngrams(weights, "customer"),
            words_base=floats("words_base"),
            mean=floats("mean"),
            scale=floats("scale"),
            dense=floats("dense"),
            dense_base=floats("dense_base"),
            forest=Forest(
                ints("tree_feature"), floats("tree_threshold"), ints("tree_left"), ints("tree_right"),
                floats("tree_value"), ints("tree_roots"), ints("tree_owner"), int(a["tree_depth"][0]), floats("tree_base"),
            ),
            blend=floats("blend"),
            cuts=floats("cuts"),
            sure=floats("sure"),
        )

    def standard(self, row: Row) -> Floats:
        return np.clip((row - self.mean) / self.scale, -CLIP, CLIP)

    def members(self, script: Transcript, row: Row) -> Floats:
        """What each of the three members says (dimensions × 3)."""
        words = self.words_base + self.rep.score(script.rep) + self.customer.score(script.customer)
        dense = self.dense_base + self.dense @ self.standard(row)
        return np.stack((words, dense, self.forest.score(row)), axis=1)

    def raw(self, members: Floats) -> Floats:
        """Raw scores; rounded, so that the last bits of a sum cannot decide between two scores."""
        return np.round((members * self.blend).sum(axis=1), 6)

    def confidence(self, dimension: int, members: Floats, raw: Floats, words: int) -> float:
        """The calibrated probability 0..1 that a reader gives exactly this score."""
        z = float(self.sure[dimension] @ confidence_inputs(self.cuts[dimension], members[dimension], raw[dimension], words))
        return round(float(1.0 / (1.0 + np.exp(-z))), 4)

    def shares(self, row: Row) -> Floats:
        """How much each feature moved each raw score away from the average ticket's (dimensions × features)."""
        linear = self.dense * self.standard(row) * self.blend[:, 1:2]
        return linear + self.forest.shares(row, len(row)) * self.blend[:, 2:3]


def confidence_inputs(cuts: Floats, members: Floats, raw: float, words: int) -> Floats:
    """What the confidence is read from: how far the raw score is from the cuts, and how far the members differ."""
    value = int(np.searchsorted(cuts, raw, side="right"))
    gap = float(np.min(np.abs(cuts - raw)))
    low = float(cuts[value - 1]) if value > 0 else raw - 0.5
    high = float(cuts[value]) if value < 4 else raw + 0.5
    return np.array(
        (1.0, min(gap, 0.5), min(high - low, 1.5), float(np.std(members)), float(value <= 1), float(value == 2), float(value >= 4), min(6.0, np.log1p(words)))
    )


def _ngrams(weights: Weights, side: str) -> Ngrams:
    terms = weights.text(f"{side}_terms")
    return Ngrams(
        {term: at for at, term in enumerate(terms)},
        weights.arrays[f"{side}_idf"].astype(np.float64),
        weights.arrays[f"{side}_weights"].astype(np.float64),
    )
