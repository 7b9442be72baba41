"""The fitted model: words, cue features and boosted trees averaged into one raw score per dimension."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log1p, sqrt

import numpy as np

from qatui.services.scoring.offline import features
from qatui.services.scoring.offline.forest import Forest
from qatui.services.scoring.offline.terms import OUTPUTS, SATISFACTION, Floats, Ints, Terms, starts_of
from qatui.services.scoring.offline.transcript import Transcript
from qatui.services.scoring.offline.weights import Weights

EMOTIONS = ("anger", "sadness", "fear", "confusion", "curiosity", "desire", "joy", "gratitude", "neutral")
DIMENSIONS = 3  # so many of the outputs are scores
_EMPATHY, _CUE, _CALM = (OUTPUTS.index(name) for name in ("empathy", "cue", "calm"))
CLIP = 4.0  # standard deviations: no single feature of an odd ticket may decide


def names() -> list[str]:
    """Every feature of a ticket: counted ones first, then what the heads say of it."""
    return [
        *features.names(),
        *(f"heard.{name}" for name in SATISFACTION),
        *(f"emotion.{name}.{pool}" for pool in ("most", "mean") for name in EMOTIONS),
    ]


@dataclass(frozen=True, slots=True)
class Looks:
    """What the members see of several tickets.

    rows (tickets × features); words (tickets × outputs): what the words alone say; told (sentences × outputs): what
    each sentence of the reps brought in to that; starts: the first of these sentences of each ticket, and the end.
    """

    rows: Floats
    words: Floats
    told: Floats
    starts: Ints


@dataclass(frozen=True, slots=True)
class Said:
    """What the members say of several tickets.

    members (tickets × 4 × 3): three scores and the emotional cue, by words, cue features and trees. Empathy is what
    is said for a customer with emotion and for one without, in the shares in which the cue is believed.
    felt (tickets): that share, 0..1; gap (tickets): how far Empathy would move if the cue moved by one.
    """

    members: Floats
    felt: Floats
    gap: Floats

    def mixed(self, moves: Floats, of: Ints) -> Floats:
        """Moves of the five outputs (rows × 5 × …) as moves of the three scores; of: the ticket of each row."""
        shape = (len(of), *[1] * (moves.ndim - 2))
        felt, gap = self.felt[of].reshape(shape), self.gap[of].reshape(shape)
        found = moves[:, :DIMENSIONS].copy()
        found[:, _EMPATHY] = felt * moves[:, _EMPATHY] + (1.0 - felt) * moves[:, _CALM] + gap * moves[:, _CUE]
        return found


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
            listed = weights.text(f"{side}_terms")
            return Terms.of(listed, floats(f"{side}_idf"), floats(f"{side}_weights"), floats(f"{side}_emotion"))

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

    def look(self, scripts: Sequence[Transcript]) -> Looks:
        """Counts, looks up and asks the heads."""
        customers = self.customer.find([script.customer for script in scripts])
        rep, told = self.rep.score(self.rep.find([script.rep for script in scripts]))
        said = rep + self.customer.score(customers)[0]
        rows = np.concatenate(
            (
                features.rows(scripts),
                self.heard_base + said[:, len(OUTPUTS) :],
                self.customer.emotions(customers, self.emotion_base),
            ),
            axis=1,
        )
        words = self.words_base + said[:, : len(OUTPUTS)]
        return Looks(rows, words, told, starts_of([script.rep for script in scripts]))

    def standard(self, rows: Floats) -> Floats:
        """Features in standard deviations from the average ticket, cut at CLIP."""
        return np.clip((rows - self.mean) / self.scale, -CLIP, CLIP)

    def members(self, rows: Floats, words: Floats, path: list[Ints]) -> Said:
        """What each of the three members says. rows, words: of `Looks`; path: of the forest on these rows."""
        dense = self.dense_base + np.einsum("tf,of->to", self.standard(rows), self.dense)
        each = np.stack((words, dense, self.forest.score(path)), axis=2)
        total = (each * self.blend).sum(axis=2)
        felt = np.clip(total[:, _CUE], 0.0, 1.0)
        inside = (total[:, _CUE] > 0.0) & (total[:, _CUE] < 1.0)
        gap = np.where(inside, total[:, _EMPATHY] - total[:, _CALM], 0.0)
        each[:, _EMPATHY] = felt[:, None] * each[:, _EMPATHY] + (1.0 - felt[:, None]) * each[:, _CALM]
        return Said(each[:, :_CALM], felt, gap)

    def raw(self, said: Said) -> Floats:
        """Raw scores and the cue (tickets × 4); rounded, so that the last bits of a sum cannot decide between two."""
        return np.asarray(np.round((said.members * self.blend[:_CALM]).sum(axis=2), 6))

    def value(self, dimension: int, raw: float) -> int:
        """The score 1..5 of a raw score."""
        return 1 + bisect_right(self.cuts[dimension], raw)

    def confidence(self, dimension: int, members: Sequence[float], raw: float, words: int) -> float:
        """The calibrated probability 0..1 that a reader gives exactly this score."""
        inputs = confidence_inputs(self.cuts[dimension], members, raw, words)
        odds = sum(weight * value for weight, value in zip(self.sure[dimension], inputs, strict=True))
        return round(1.0 / (1.0 + exp(-odds)), 4)

    def shares(self, rows: Floats, path: list[Ints], said: Said, group: Ints, groups: int) -> Floats:
        """How far groups of features moved each score away from the average ticket's (tickets × 3 × groups).

        group: which one each feature belongs to; said: by the members of these rows.
        """
        tickets = np.arange(len(rows))
        moves = said.mixed(np.broadcast_to(self.dense * self.blend[:, 1:2], (len(rows), *self.dense.shape)), tickets)
        linear = self.standard(rows)[:, None, :] * moves
        cells = np.arange(len(rows) * DIMENSIONS)[:, None] * groups + group
        summed = np.bincount(cells.ravel(), linear.ravel(), len(rows) * DIMENSIONS * groups)
        trees = said.mixed(self.forest.shares(path, len(OUTPUTS), group, groups) * self.blend[:, 2, None], tickets)
        return np.asarray(summed.reshape(trees.shape) + trees)


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
