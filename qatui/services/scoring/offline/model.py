"""The fitted model: a linear member and boosted trees on the same features, averaged into one raw score each."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log1p, sqrt

import numpy as np

from qatui.services.scoring.offline import features, marks
from qatui.services.scoring.offline.forest import Forest
from qatui.services.scoring.offline.marks import FEELING, Marked, Marker, Seen
from qatui.services.scoring.offline.terms import OUTPUTS, SATISFACTION, Floats, Ints, Terms, sums_of
from qatui.services.scoring.offline.transcript import Transcript
from qatui.services.scoring.offline.weights import Weights

EMOTIONS = ("anger", "sadness", "fear", "confusion", "curiosity", "desire", "joy", "gratitude", "neutral")
DIMENSIONS = 3  # so many of the outputs are scores
MEMBERS = 2  # linear and trees, which count alike
_EMPATHY, _CUE, _CALM = (OUTPUTS.index(name) for name in ("empathy", "cue", "calm"))
CLIP = 4.0  # standard deviations: no single feature of an odd ticket may decide


def names() -> list[str]:
    """Every feature of a ticket: counted ones first, then what the heads say of it."""
    return [
        *features.names(),
        *(f"heard.{name}" for name in SATISFACTION),
        *(f"emotion.{name}.{pool}" for pool in ("most", "mean") for name in EMOTIONS),
        *marks.NAMES,
    ]


@dataclass(frozen=True, slots=True)
class Looks:
    """What the members see of several tickets.

    rows (tickets × features); rep_starts, customer_starts: the first sentence of each ticket on that side, and the end;
    marked: what a reader would mark in every sentence.
    """

    rows: Floats
    rep_starts: Ints
    customer_starts: Ints
    marked: Marked


@dataclass(frozen=True, slots=True)
class Said:
    """What the members say of several tickets.

    members (tickets × 4 × 2): three scores and the emotional cue, by linear member and trees. Empathy is what is said
    for a customer with emotion and for one without, in the shares in which the cue is believed.
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
    heard_base: Floats
    emotion_base: Floats
    rep_marker: Marker
    customer_marker: Marker
    mean: Floats
    scale: Floats
    dense: Floats  # outputs × features
    dense_base: Floats
    forest: Forest
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
            heard, single = (np.asarray(arrays[f"{side}_{part}"], dtype=np.float32) for part in ("weights", "single"))
            return Terms.of(weights.text(f"{side}_terms"), floats(f"{side}_idf"), heard, single)

        def marker(side: str) -> Marker:
            return Marker(*(floats(f"{side}_marks_{part}") for part in ("cues", "shape", "base")))

        return cls(
            rep=terms("rep"),
            customer=terms("customer"),
            heard_base=floats("heard_base"),
            emotion_base=floats("emotion_base"),
            rep_marker=marker("rep"),
            customer_marker=marker("customer"),
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
            cuts=floats("cuts").tolist(),
            sure=floats("sure").tolist(),
        )

    def look(self, scripts: Sequence[Transcript]) -> Looks:
        """Counts, looks up and asks the heads."""
        reps, customers = [script.rep for script in scripts], [script.customer for script in scripts]
        rep, customer = self.rep.find(reps), self.customer.find(customers)
        heard = self.customer.singly(customer)
        feeling = self.customer_marker.strengths(heard[:, len(EMOTIONS) :], Seen.by(customers), FEELING)[:, 0]
        marked = Marked.of(self.rep_marker.strengths(self.rep.singly(rep), Seen.by(reps), 1.0), feeling)
        rows = np.concatenate(
            (
                features.rows(scripts),
                self.heard_base + self.rep.satisfaction(rep) + self.customer.satisfaction(customer),
                _most_and_mean(heard[:, : len(EMOTIONS)], self.emotion_base, customer.starts),
                marks.rows(scripts, marked),
            ),
            axis=1,
        )
        return Looks(rows, rep.starts, customer.starts, marked)

    def standard(self, rows: Floats, columns: Ints | slice = slice(None)) -> Floats:
        """Features in standard deviations from the average ticket, cut at CLIP; columns: which of them `rows` holds."""
        return np.clip((rows - self.mean[columns]) / self.scale[columns], -CLIP, CLIP)

    def members(self, rows: Floats, path: list[Ints]) -> Said:
        """What each of the two members says. rows: of `Looks`; path: of the forest on these rows."""
        dense = self.dense_base + np.einsum("tf,of->to", self.standard(rows), self.dense)
        each = np.stack((dense, self.forest.score(path)), axis=2)
        total = each.mean(axis=2)
        felt = np.clip(total[:, _CUE], 0.0, 1.0)
        inside = (total[:, _CUE] > 0.0) & (total[:, _CUE] < 1.0)
        gap = np.where(inside, total[:, _EMPATHY] - total[:, _CALM], 0.0)
        each[:, _EMPATHY] = felt[:, None] * each[:, _EMPATHY] + (1.0 - felt[:, None]) * each[:, _CALM]
        return Said(each[:, :_CALM], felt, gap)

    def raw(self, said: Said) -> Floats:
        """Raw scores and the cue (tickets × 4); rounded, so that the last bits of a sum cannot decide between two."""
        return np.asarray(np.round(said.members.mean(axis=2), 6))

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
        moves = said.mixed(np.broadcast_to(self.dense / MEMBERS, (len(rows), *self.dense.shape)), tickets)
        linear = self.standard(rows)[:, None, :] * moves
        cells = np.arange(len(rows) * DIMENSIONS)[:, None] * groups + group
        summed = np.bincount(cells.ravel(), linear.ravel(), len(rows) * DIMENSIONS * groups)
        trees = said.mixed(self.forest.shares(path, len(OUTPUTS), group, groups) / MEMBERS, tickets)
        return np.asarray(summed.reshape(trees.shape) + trees)


def _most_and_mean(told: Floats, base: Floats, starts: Ints) -> Floats:
    """What is said of sentences, at its strongest in a ticket and then on average; `base` where there is none."""
    sizes = np.diff(starts)
    some = np.flatnonzero(sizes)
    most = np.tile(base, (len(sizes), 1))
    mean = most.copy()
    if len(some):
        most[some] += np.maximum.reduceat(told, starts[some], axis=0)
        mean[some] += sums_of(told, np.repeat(np.arange(len(sizes)), sizes), len(sizes))[some] / sizes[some, None]
    return np.concatenate((most, mean), axis=1)


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
