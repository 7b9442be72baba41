"""The fitted model: words, cue features and boosted trees averaged into one raw score per dimension."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import exp, log1p, sqrt

import numpy as np
from numpy.typing import NDArray

from qatui.services.scoring.offline import features
from qatui.services.scoring.offline.features import Row
from qatui.services.scoring.offline.transcript import Sentence, Transcript
from qatui.services.scoring.offline.weights import Weights

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

OUTPUTS = ("tone", "clarity", "empathy", "cue")  # three scores 1..5, and whether the customer shows emotion, 0..1
SATISFACTION = ("satisfaction", "accomplishment", "effectiveness")
EMOTIONS = ("anger", "sadness", "fear", "confusion", "curiosity", "desire", "joy", "gratitude", "neutral")
_COLUMNS = np.repeat((0, 1), (len(OUTPUTS), len(SATISFACTION)))  # which idf each weight goes with
CLIP = 4.0  # standard deviations: no single feature of an odd ticket may decide


def names() -> list[str]:
    """Every feature of a ticket: counted ones first, then what the heads say of it."""
    return [
        *features.names(),
        *(f"heard.{name}" for name in SATISFACTION),
        *(f"emotion.{name}.{pool}" for pool in ("most", "mean") for name in EMOTIONS),
    ]


def grams(tokens: list[str]) -> Iterator[str]:
    """The words and word pairs of one sentence."""
    yield from tokens
    yield from map(" ".join, pairwise(tokens))


@dataclass(frozen=True, slots=True)
class Said:
    """total: four outputs and three of the satisfaction head; each (terms found × 7): what each occurrence added."""

    total: Floats
    each: Floats


@dataclass(frozen=True, slots=True)
class Terms:
    """Words and word pairs of one side.

    idf (terms × 2): inverse frequencies for the scores and for the satisfaction head, 0 where a term plays no part;
    weights (terms × 7): four outputs, three of the satisfaction head; emotion (terms × 9), empty for the rep.
    """

    index: dict[str, int]
    idf: Floats
    weights: Floats
    emotion: Floats

    def found(self, sentences: list[Sentence]) -> tuple[list[int], list[int]]:
        """Rows of the terms in the order in which they stand, and how many there are after each sentence."""
        get = self.index.get
        rows: list[int] = []
        ends: list[int] = []
        for sentence in sentences:
            tokens = sentence.tokens
            rows += [at for at in map(get, tokens) if at is not None]
            rows += [at for at in map(get, map(" ".join, pairwise(tokens))) if at is not None]
            ends.append(len(rows))
        return rows, ends

    def score(self, rows: list[int]) -> Said:
        """tf-idf (sublinear, unit length) times the weights."""
        if not rows:
            return Said(np.zeros(self.weights.shape[1]), np.zeros((0, self.weights.shape[1])))
        given = np.array(rows, dtype=np.intp)
        order = given.argsort(kind="stable")
        ranked = given[order]
        place = np.zeros(len(ranked), dtype=np.intp)
        np.cumsum(ranked[1:] != ranked[:-1], out=place[1:])
        count = np.bincount(place)
        at = np.empty(len(count), dtype=np.intp)
        at[place] = ranked
        values = (1.0 + np.log(count))[:, None] * self.idf[at]
        length = np.sqrt(np.einsum("ij,ij->j", values, values)) + 1e-9
        parts = self.weights[at] * (values / length)[:, _COLUMNS]
        each = np.empty((len(rows), parts.shape[1]))
        each[order] = (parts / count[:, None])[place]
        return Said(parts.sum(0), each)

    def emotions(self, rows: list[int], ends: list[int], sentences: list[Sentence], base: Floats) -> Floats:
        """Nine emotions at their strongest in any sentence, then on average (18 numbers, log odds)."""
        if not sentences:
            return np.concatenate((base, base))
        size = np.sqrt(np.array([max(1, len(s.tokens)) for s in sentences], dtype=np.float64))
        per = base + _by_sentence(self.emotion[rows], ends) / size[:, None]
        return np.concatenate((per.max(0), per.mean(0)))


@dataclass(frozen=True, slots=True)
class Forest:
    """Regression trees of all outputs side by side, walked level by level.

    feature, threshold, left, right, value: one entry per node; a leaf points to itself on both sides.
    roots: first node of each tree; owner (trees): which output a tree adds to; depth: levels to walk.
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
        """The sum of the trees of each output."""
        node = self.roots
        for _ in range(self.depth):
            node = np.where(row[self.feature[node]] <= self.threshold[node], self.left[node], self.right[node])
        return self.base + np.bincount(self.owner, weights=self.value[node], minlength=len(self.base))

    def shares(self, row: Row) -> Floats:
        """What each feature added on the way from root to leaf (outputs × features), after Saabas (2014)."""
        node = self.roots
        width = len(row)
        where: list[Ints] = []
        moves: list[Floats] = []
        value = self.value[node]
        for _ in range(self.depth):
            feature = self.feature[node]
            node = np.where(row[feature] <= self.threshold[node], self.left[node], self.right[node])
            after = self.value[node]
            where.append(self.owner * width + feature)
            moves.append(after - value)
            value = after
        total = np.bincount(np.concatenate(where), weights=np.concatenate(moves), minlength=len(self.base) * width)
        return np.asarray(total.reshape(len(self.base), width), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Look:
    """What the members see of a ticket: the full row of features and what the words alone say (four numbers).

    cues (rep's sentences × cues) and told (rep's sentences × outputs): what each sentence brought in.
    """

    row: Row
    words: Floats
    cues: Floats
    told: Floats


@dataclass(frozen=True, slots=True)
class Model:
    """Everything between a transcript and three raw scores on the scale 1..5."""

    rep: Terms
    customer: Terms
    words_base: Floats
    heard_base: Floats
    emotion_base: Floats
    mean: Floats
    scale: Floats
    dense: Floats  # outputs × features
    dense_base: Floats
    forest: Forest
    blend: Floats  # outputs × 3: words, cue features, trees
    cuts: list[list[float]]  # dimensions × 4
    sure: list[list[float]]  # dimensions × coefficients of the confidence

    @classmethod
    def of(cls, weights: Weights) -> Model:
        """The model in a weights file."""
        arrays = weights.arrays

        def floats(name: str) -> Floats:
            return np.asarray(arrays[name], dtype=np.float64)

        def ints(name: str) -> Ints:
            return np.asarray(arrays[name], dtype=np.intp)

        def terms(side: str) -> Terms:
            index = {term: at for at, term in enumerate(weights.text(f"{side}_terms"))}
            return Terms(index, floats(f"{side}_idf"), floats(f"{side}_weights"), floats(f"{side}_emotion"))

        return cls(
            rep=terms("rep"),
            customer=terms("customer"),
            words_base=floats("words_base"),
            heard_base=floats("heard_base"),
            emotion_base=floats("emotion_base"),
            mean=floats("mean"),
            scale=floats("scale"),
            dense=floats("dense"),
            dense_base=floats("dense_base"),
            forest=Forest(
                ints("tree_feature"),
                floats("tree_threshold"),
                ints("tree_left"),
                ints("tree_right"),
                floats("tree_value"),
                ints("tree_roots"),
                ints("tree_owner"),
                int(arrays["tree_depth"][0]),
                floats("tree_base"),
            ),
            blend=floats("blend"),
            cuts=floats("cuts").tolist(),
            sure=floats("sure").tolist(),
        )

    def look(self, script: Transcript) -> Look:
        """Counts, looks up and asks the heads."""
        terms, ends = self.rep.found(script.rep)
        cus_terms, cus_ends = self.customer.found(script.customer)
        rep, customer = self.rep.score(terms), self.customer.score(cus_terms)
        said = rep.total + customer.total
        counted = features.count(script)
        row = np.concatenate(
            (
                counted.row,
                self.heard_base + said[len(OUTPUTS) :],
                self.customer.emotions(cus_terms, cus_ends, script.customer, self.emotion_base),
            )
        )
        return Look(
            row, self.words_base + said[: len(OUTPUTS)], counted.cues, _by_sentence(rep.each, ends)[:, : len(OUTPUTS)]
        )

    def standard(self, row: Row) -> Floats:
        """Features in standard deviations from the average ticket, cut at CLIP."""
        return np.clip((row - self.mean) / self.scale, -CLIP, CLIP)

    def members(self, look: Look) -> Floats:
        """What each of the three members says (outputs × 3)."""
        dense = self.dense_base + self.dense @ self.standard(look.row)
        return np.stack((look.words, dense, self.forest.score(look.row)), axis=1)

    def raw(self, members: Floats) -> Floats:
        """Raw scores; rounded, so that the last bits of a sum cannot decide between two scores."""
        return np.asarray(np.round((members * self.blend).sum(axis=1), 6))

    def value(self, dimension: int, raw: float) -> int:
        """The score 1..5 of a raw score."""
        return 1 + bisect_right(self.cuts[dimension], raw)

    def confidence(self, dimension: int, members: Sequence[float], raw: float, words: int) -> float:
        """The calibrated probability 0..1 that a reader gives exactly this score."""
        inputs = confidence_inputs(self.cuts[dimension], members, raw, words)
        odds = sum(weight * value for weight, value in zip(self.sure[dimension], inputs, strict=True))
        return round(1.0 / (1.0 + exp(-odds)), 4)

    def shares(self, row: Row) -> Floats:
        """How much each feature moved each raw score away from the average ticket's (outputs × features)."""
        linear = self.dense * self.standard(row) * self.blend[:, 1:2]
        return np.asarray(linear + self.forest.shares(row) * self.blend[:, 2:3])


def confidence_inputs(cuts: Sequence[float], members: Sequence[float], raw: float, words: int) -> tuple[float, ...]:
    """What the confidence is read from: how far the raw score is from the cuts, and how far the members differ."""
    value = bisect_right(cuts, raw)
    low = cuts[value - 1] if value > 0 else raw - 0.5
    high = cuts[value] if value < 4 else raw + 0.5
    mean = sum(members) / len(members)
    return (
        1.0,
        min(raw - low, high - raw, 0.5),
        min(high - low, 1.5),
        sqrt(sum((member - mean) ** 2 for member in members) / len(members)),
        float(value <= 1),
        float(value == 2),
        float(value >= 4),
        min(6.0, log1p(words)),
    )


def _by_sentence(each: Floats, ends: list[int]) -> Floats:
    """Sums of the rows of each sentence (sentences × columns)."""
    sums = np.zeros((len(each) + 1, each.shape[1]))
    np.cumsum(each, axis=0, out=sums[1:])
    return np.diff(sums[[0, *ends]], axis=0).astype(np.float64, copy=False)
