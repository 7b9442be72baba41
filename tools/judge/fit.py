"""Fits the members of the judge, the cuts and the confidence; everything as plain arrays."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import LogisticRegression

from qatui.services.scoring.offline import marks
from qatui.services.scoring.offline import weights as files
from qatui.services.scoring.offline.marks import MARKS, SHAPE, Marker
from qatui.services.scoring.offline.model import CLIP, EMOTIONS, MEMBERS, Model, confidence_inputs
from qatui.services.scoring.offline.terms import OUTPUTS, SATISFACTION
from qatui.services.scoring.offline.transcript import CUSTOMER, REP
from tools.judge import heads, marking
from tools.judge.cuts import best_cuts
from tools.judge.data import WRITTEN, Sample
from tools.judge.heads import Vocabulary
from tools.judge.marking import Marking
from tools.judge.signs import signs

Arrays = dict[str, NDArray[Any]]
Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

_OTHERS = 0.08  # weight of a ticket without the cue in Empathy with it, and the other way round
_EVERY = 4  # one in so many of the written tickets is counted when the cuts are found
_PULL = 0.25  # how far a cut is drawn to the middle between its two scores
_MIDDLES = np.array([1.5, 2.5, 3.5, 4.5])
_STEPS = 400  # of the linear member's fit; more change no coefficient in its fourth digit


@dataclass(frozen=True, slots=True)
class Settings:
    """Chosen by cross-validation; docs/judge.md lists what else was tried."""

    dense_ridge: tuple[float, ...] = (800.0, 800.0, 600.0, 800.0, 600.0)  # by output
    tree_rounds: int = 80
    tree_depth: int = 4
    tree_rate: float = 0.075
    tree_leaf: tuple[int, ...] = (20, 20, 15, 20, 15)  # by output
    tree_l2: float = 5.0
    tree_features: float = 0.1
    tree_bins: int = 31  # of a feature; as good as 255, and found much sooner
    inner_folds: int = 4
    written: float = 0.15  # weight of a ticket that was written for the judge, beside one of people


@dataclass(frozen=True, slots=True)
class Heads:
    """What is fitted once on people's labels, whatever rows of the sample are held out."""

    emotion: heads.Emotion
    satisfaction: heads.Satisfaction

    @classmethod
    def fit(cls) -> Heads:
        return cls(heads.emotion(), heads.satisfaction())


def with_heads(sample: Sample, found: Heads) -> Sample:
    """The sample with the heads' features; rated tickets get what a fit without them says."""
    model = Model.of(files.Weights("", "", {}, _frame(found)))
    rows = model.look(sample.scripts).rows[:, : -len(marks.NAMES)]
    at = slice(rows.shape[1] - 2 * len(EMOTIONS) - len(SATISFACTION), rows.shape[1] - 2 * len(EMOTIONS))
    for row, ticket in zip(rows, sample.tickets, strict=True):
        if ticket.id in found.satisfaction.held:
            row[at] = found.satisfaction.held[ticket.id]
    return replace(sample, rows=rows)


def dense(rows: Floats, target: Floats, weight: Floats, settings: Settings) -> Arrays:
    """The linear member: ridge regression on standardised features, each in the direction that it may have."""
    mean = rows.mean(0).astype(np.float32)
    scale = rows.std(0).astype(np.float32)
    scale[scale < 1e-6] = 1.0
    z = np.clip((rows - mean) / scale, -CLIP, CLIP)
    directions = signs()
    fitted = [
        bounded(z, target[:, at], weight[:, at], directions[at], ridge) for at, ridge in enumerate(settings.dense_ridge)
    ]
    return {
        "mean": mean,
        "scale": scale,
        "dense": np.array([one for one, _ in fitted]).astype(np.float32),
        "dense_base": np.array([base for _, base in fitted]),
    }


def bounded(z: Floats, target: Floats, weight: Floats, sign: NDArray[np.int_], ridge: float) -> tuple[Floats, float]:
    """Ridge regression whose coefficients keep to their signs, and its base.

    Accelerated projected gradient (Beck and Teboulle, 2009), a set number of steps: the same sums on every run.
    """
    centre, level = np.average(z, axis=0, weights=weight), float(np.average(target, weights=weight))
    weighted = (z - centre) * weight[:, None]
    gram = weighted.T @ (z - centre) + ridge * np.eye(z.shape[1])
    aim = weighted.T @ (target - level)
    step = 1.0 / float(np.linalg.norm(gram, 2))
    low, high = np.where(sign > 0, 0.0, -np.inf), np.where(sign < 0, 0.0, np.inf)
    found = np.clip(np.linalg.solve(gram, aim), low, high)
    ahead, pace = found, 1.0
    for _ in range(_STEPS):
        moved = np.clip(ahead - step * (gram @ ahead - aim), low, high)
        faster = (1.0 + np.sqrt(1.0 + 4.0 * pace * pace)) / 2.0
        ahead = moved + (pace - 1.0) / faster * (moved - found)
        found, pace = moved, faster
    return found, level - float(centre @ found)


def trees(rows: Floats, target: Floats, weight: Floats, settings: Settings) -> Arrays:
    """The tree member: boosted trees on the same features and directions, written out node by node."""
    parts: dict[str, list[NDArray[Any]]] = {k: [] for k in ("feature", "threshold", "left", "right", "value")}
    roots: list[int] = []
    owner: list[int] = []
    base = np.zeros(target.shape[1])
    offset = 0
    directions = signs()
    for at in range(target.shape[1]):
        booster = HistGradientBoostingRegressor(
            max_depth=settings.tree_depth,
            learning_rate=settings.tree_rate,
            max_iter=settings.tree_rounds,
            l2_regularization=settings.tree_l2,
            min_samples_leaf=settings.tree_leaf[at],
            max_features=settings.tree_features,
            early_stopping=False,
            max_bins=settings.tree_bins,
            random_state=at,
            monotonic_cst=directions[at],
        ).fit(rows, target[:, at], sample_weight=weight[:, at])
        base[at] = float(np.ravel(booster._baseline_prediction)[0])
        for (predictor,) in booster._predictors:
            tree = predictor.nodes
            here = np.arange(len(tree))
            leaf = tree["is_leaf"].astype(bool)
            left = np.where(leaf, here, tree["left"]).astype(np.int64)
            right = np.where(leaf, here, tree["right"]).astype(np.int64)
            value = tree["value"].astype(np.float64).copy()
            count = tree["count"].astype(np.float64)
            for node in here[::-1]:  # children come after their parent; inner nodes hold the mean of their leaves
                if not leaf[node]:
                    a, b = left[node], right[node]
                    value[node] = (count[a] * value[a] + count[b] * value[b]) / (count[a] + count[b])
            parts["feature"].append(np.where(leaf, 0, tree["feature_idx"]))
            parts["threshold"].append(np.where(leaf, 0.0, tree["num_threshold"]))
            parts["left"].append(left + offset)
            parts["right"].append(right + offset)
            parts["value"].append(value)
            roots.append(offset)
            owner.append(at)
            offset += len(tree)
    joined = {name: np.concatenate(found) for name, found in parts.items()}
    return {
        "tree_feature": joined["feature"].astype(np.uint16),
        "tree_threshold": joined["threshold"].astype(np.float32),
        "tree_left": joined["left"].astype(np.uint16),
        "tree_right": joined["right"].astype(np.uint16),
        "tree_value": joined["value"].astype(np.float16),
        "tree_roots": np.array(roots, dtype=np.uint16),
        "tree_owner": np.array(owner, dtype=np.uint8),
        "tree_depth": np.array([settings.tree_depth], dtype=np.uint8),
        "tree_base": base,
    }


@dataclass(frozen=True, slots=True)
class Members:
    """The two members, fitted."""

    dense: Arrays
    trees: Arrays


def members(sample: Sample, keep: Ints, settings: Settings) -> Members:
    """Fits both on the rows `keep`."""
    rows, target, weight = sample.rows[keep], *aims(sample, keep, settings)
    return Members(
        dense(rows, target, weight, settings),
        trees(rows, target, weight, settings),
    )


def aims(sample: Sample, keep: Ints, settings: Settings) -> tuple[Floats, Floats]:
    """What each output is fitted to, and how much each ticket weighs in it (len(keep) × outputs both).

    Empathy means something else towards a customer with an emotional cue, so it is fitted twice: on the tickets that
    readers see a cue in, and on those that they see none in. A reader errs, so the others count a little as well.
    """
    target = sample.target[keep]
    twice = np.where(sample.doubled[keep], 1.3, 1.0)[:, None]  # two readings are less noisy than one
    twice[sample.source[keep] == WRITTEN] *= settings.written
    weight = np.repeat(twice, len(OUTPUTS), axis=1)
    weight[:, OUTPUTS.index("empathy")] *= np.clip(target[:, 3], _OTHERS, 1.0)
    weight[:, OUTPUTS.index("calm")] *= np.clip(1.0 - target[:, 3], _OTHERS, 1.0)
    return np.column_stack((target, target[:, 2])), weight


def answers(found: Members, sample: Sample, keep: Ints) -> Floats:
    """What each member says (len(keep) × 4 × 2), by the code that ships."""
    model = Model.of(files.Weights("", "", {}, {**_frame(None), **found.dense, **found.trees}))
    rows = sample.rows[keep]
    return model.members(rows, model.forest.path(rows)).members


def split(sample: Sample, keep: Ints, folds: int, seed: int) -> list[tuple[Ints, Ints]]:
    """Positions in `keep` for training and testing.

    The shares of sources and scores are alike in every fold. Tickets whose customer wrote the same words are one group
    and never on both sides.
    """
    groups: dict[str, list[int]] = {}
    for at, i in enumerate(keep):
        groups.setdefault(sample.group[i], []).append(at)
    order = np.random.default_rng(seed).permutation(len(groups))
    listed = list(groups.values())
    shuffled = sorted((listed[g] for g in order), key=lambda group: _kind(sample, int(keep[group[0]])))
    fold = np.zeros(len(keep), dtype=np.intp)
    for number, group in enumerate(shuffled):
        fold[group] = number % folds
    here = np.arange(len(keep))
    return [(here[fold != f], here[fold == f]) for f in range(folds)]


def _kind(sample: Sample, i: int) -> tuple[str, int, int, int]:
    return (str(sample.source[i]), *(int(v) for v in sample.first[i]))


def out_of_fold(sample: Sample, keep: Ints, settings: Settings, seed: int) -> Floats:
    """Members' answers on rows `keep`, each from a fit that has not seen the row."""
    found = np.zeros((len(keep), sample.target.shape[1], MEMBERS))
    for train, test in split(sample, keep, settings.inner_folds, seed):
        found[test] = answers(members(sample, keep[train], settings), sample, keep[test])
    return found


def best_sure(said: Floats, raw: Floats, cuts: Floats, first: NDArray[np.int_], lengths: list[int]) -> Floats:
    """Coefficients of the confidence: logistic regression of 'exactly the reader's score' on held-out rows."""
    x = np.array(
        [confidence_inputs(cuts.tolist(), m.tolist(), float(r), n) for m, r, n in zip(said, raw, lengths, strict=True)]
    )
    exact = 1 + np.searchsorted(cuts, raw, side="right") == first
    fitted = LogisticRegression(C=1.0, fit_intercept=False, max_iter=2000).fit(x, exact)
    return np.asarray(fitted.coef_[0], dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Tuned:
    """cuts (3 × 4) and sure (3 × coefficients), both from rows that the answers had not seen."""

    cuts: Floats
    sure: Floats


def tune(sample: Sample, keep: Ints, held: Floats) -> Tuned:
    """Cuts and confidence from held-out answers on rows `keep`.

    The cuts that are best for two or three help desks lie where the commonest scores of these desks are, and other
    desks are judged too low or too high by them. So some of the tickets that were written are counted as well, and the
    cuts are drawn a little towards the middle between two scores.
    """
    raw, first = blended(held), sample.first[keep]
    people = np.flatnonzero(sample.source[keep] != WRITTEN)
    counted = np.concatenate((people, np.flatnonzero(sample.source[keep] == WRITTEN)[::_EVERY]))
    best = np.array([best_cuts(raw[counted, d], first[counted, d]) for d in range(3)])
    cuts = np.round((1.0 - _PULL) * best + _PULL * _MIDDLES, 6)
    lengths = [len(sample.scripts[i].tokens) for i in keep[people]]
    sure = [best_sure(held[people, d], raw[people, d], cuts[d], first[people, d], lengths) for d in range(3)]
    return Tuned(cuts, np.array(sure))


def blended(said: Floats) -> Floats:
    """Raw scores and cue (n × 4) from what the members say."""
    return np.asarray(np.round(said.mean(axis=2), 6))


def complete(sample: Sample, found: Heads, settings: Settings) -> Arrays:
    """Everything that ships, fitted on every row; sample: with the features of the heads."""
    everything = np.arange(len(sample))
    marked = marking.with_marks(sample, everything)
    tuned = tune(marked, everything, out_of_fold(marked, everything, settings, seed=0))
    fitted = members(marked, everything, settings)
    return {
        **_tables(found, marking.fit(sample, everything)),
        **fitted.dense,
        **fitted.trees,
        "cuts": tuned.cuts,
        "sure": tuned.sure,
    }


def _tables(found: Heads, marked: Marking) -> Arrays:
    """The terms of both heads and of the marks: one table a side, looked up once."""
    said, emotion = found.satisfaction, found.emotion
    feelings = (emotion.index, emotion.weights)
    arrays = {
        **_side("rep", said.rep, said.rep_weights, _singles(marked.rep)),
        **_side("customer", said.customer, said.customer_weights, feelings, _singles(marked.customer)),
        "heard_base": said.base,
        "emotion_base": emotion.base,
    }
    for name, side in (("rep", marked.rep), ("customer", marked.customer)):
        arrays[f"{name}_marks_cues"] = side.marker.cues.astype(np.float32)
        arrays[f"{name}_marks_shape"] = side.marker.shape.astype(np.float32)
        arrays[f"{name}_marks_base"] = side.marker.base
    return arrays


def _singles(side: marking.Side) -> tuple[dict[str, int], Floats]:
    return {term: at for at, term in enumerate(side.terms)}, side.weights


def _side(name: str, heard: Vocabulary, heard_weights: Floats, *singles: tuple[dict[str, int], Floats]) -> Arrays:
    """heard: of the satisfaction head; singles: what terms say of the single sentence they stand in, side by side."""
    terms = sorted(set(heard.index).union(*(index for index, _ in singles)))
    idf = np.zeros(len(terms), dtype=np.float32)
    weights = np.zeros((len(terms), len(SATISFACTION)), dtype=np.float16)
    single = [np.zeros((len(terms), columns.shape[1]), dtype=np.float16) for _, columns in singles]
    for at, term in enumerate(terms):
        if term in heard.index:
            idf[at] = heard.idf[heard.index[term]]
            weights[at] = heard_weights[heard.index[term]]
        for part, (index, columns) in zip(single, singles, strict=True):
            if term in index:
                part[at] = columns[index[term]]
    return {
        f"{name}_terms": files.lines(terms),
        f"{name}_idf": idf,
        f"{name}_weights": weights,
        f"{name}_single": np.concatenate(single, axis=1),
    }


def _frame(found: Heads | None) -> Arrays:
    """Arrays of a model whose other parts are empty: for the heads alone, or for the members alone."""
    if found is None:
        nothing = Vocabulary({}, np.zeros(0))
        none = np.zeros((0, len(SATISFACTION)))
        found = Heads(
            heads.Emotion({}, np.zeros((0, len(EMOTIONS))), np.zeros(len(EMOTIONS))),
            heads.Satisfaction(nothing, nothing, none, none, np.zeros(len(SATISFACTION)), {}, {}),
        )
    one = np.zeros(1)
    return {
        **_tables(found, Marking(_unmarked(len(MARKS), len(REP.names)), _unmarked(1, len(CUSTOMER.names)))),
        "mean": one, "scale": one, "dense": np.zeros((len(OUTPUTS), 1)), "dense_base": np.zeros(len(OUTPUTS)),
        "tree_feature": one, "tree_threshold": one, "tree_left": one, "tree_right": one, "tree_value": one,
        "tree_roots": one, "tree_owner": one, "tree_depth": one.astype(np.uint8), "tree_base": np.zeros(len(OUTPUTS)),
        "cuts": np.zeros((3, 4)), "sure": np.zeros((3, 8)),
    }  # fmt: skip


def _unmarked(width: int, cues: int) -> marking.Side:
    none = Marker(np.zeros((cues, width)), np.zeros((SHAPE, width)), np.zeros(width))
    return marking.Side([], np.zeros((0, width)), none)
