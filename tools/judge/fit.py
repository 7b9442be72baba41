"""Fits the members of the judge, the cuts and the confidence; everything as plain arrays."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import LogisticRegression, Ridge

from qatui.services.scoring.offline import weights as files
from qatui.services.scoring.offline.model import CLIP, EMOTIONS, Model, confidence_inputs
from qatui.services.scoring.offline.terms import OUTPUTS, SATISFACTION
from qatui.services.scoring.offline.transcript import Transcript
from tools.judge import heads
from tools.judge.cuts import best_cuts
from tools.judge.data import Sample
from tools.judge.heads import Vocabulary
from tools.judge.signs import signs

Arrays = dict[str, NDArray[Any]]
Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

_OTHERS = 0.08  # weight of a ticket without the cue in Empathy with it, and the other way round
_STEPS = 400  # of the cue member's fit; more change no coefficient in its fourth digit


@dataclass(frozen=True, slots=True)
class Settings:
    """Chosen by cross-validation; docs/judge.md lists what else was tried."""

    min_tickets: int = 4
    words_ridge: float = 1.0
    customer_share: float = 0.7
    dense_ridge: tuple[float, ...] = (800.0, 800.0, 600.0, 800.0, 600.0)  # by output
    tree_rounds: int = 80
    tree_depth: int = 4
    tree_rate: float = 0.075
    tree_leaf: tuple[int, ...] = (20, 20, 15, 20, 15)  # by output
    tree_l2: float = 5.0
    tree_features: float = 0.1
    inner_folds: int = 4
    centred: float = 0.5  # how much of a source's own mean is taken out before the cue member is fitted
    blend: tuple[float, float, float] = (0.2, 0.5, 0.3)  # words, cue features, trees


@dataclass(frozen=True, slots=True)
class Heads:
    """What is fitted once on people's labels, whatever rows of the sample are held out."""

    emotion: heads.Emotion
    satisfaction: heads.Satisfaction

    @classmethod
    def fit(cls) -> Heads:
        return cls(heads.emotion(), heads.satisfaction())


@dataclass(frozen=True, slots=True)
class Words:
    """The word member: vocabularies of both sides, weights (terms × outputs) and base."""

    rep: Vocabulary
    customer: Vocabulary
    rep_weights: Floats
    customer_weights: Floats
    base: Floats


def with_heads(sample: Sample, found: Heads) -> Sample:
    """The sample with the heads' features; rated tickets get what a fit without them says."""
    model = Model.of(files.Weights("", "", {}, _frame(found)))
    rows = model.look(sample.scripts).rows
    at = slice(rows.shape[1] - 2 * len(EMOTIONS) - len(SATISFACTION), rows.shape[1] - 2 * len(EMOTIONS))
    for row, ticket in zip(rows, sample.tickets, strict=True):
        if ticket.id in found.satisfaction.held:
            row[at] = found.satisfaction.held[ticket.id]
    return replace(sample, rows=rows)


def words(scripts: list[Transcript], target: Floats, weight: Floats, settings: Settings) -> Words:
    """Ridge regression on tf-idf of both sides."""
    rep_docs, cus_docs = heads.counted(scripts, "rep"), heads.counted(scripts, "customer")
    rep, customer = Vocabulary.of(rep_docs, settings.min_tickets), Vocabulary.of(cus_docs, settings.min_tickets)
    x = sparse.hstack((rep.matrix(rep_docs), settings.customer_share * customer.matrix(cus_docs))).tocsr()
    fitted = [Ridge(settings.words_ridge).fit(x, y, sample_weight=w) for y, w in zip(target.T, weight.T, strict=True)]
    cut = len(rep.idf)
    coef = np.array([ridge.coef_ for ridge in fitted]).T
    return Words(
        rep,
        customer,
        coef[:cut].astype(np.float16).astype(np.float64),
        (settings.customer_share * coef[cut:]).astype(np.float16).astype(np.float64),
        np.array([ridge.intercept_ for ridge in fitted]),
    )


def say(found: Words, scripts: list[Transcript]) -> Floats:
    """What the word member says (n × outputs)."""
    rep = found.rep.matrix(heads.counted(scripts, "rep")) @ found.rep_weights
    customer = found.customer.matrix(heads.counted(scripts, "customer")) @ found.customer_weights
    return np.asarray(found.base + rep + customer)


def dense(rows: Floats, target: Floats, weight: Floats, source: NDArray[np.str_], settings: Settings) -> Arrays:
    """The cue member: ridge regression on standardised features, each in the direction that it may have.

    Half of what sets the sources apart is taken out first, so that a cue is weighed more by what it does among
    tickets of one help desk than by which help desk uses it; tickets of other desks are judged better for it.
    """
    rows, target = _centred(rows, source, settings.centred), _centred(target, source, settings.centred)
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


def _centred(values: Floats, source: NDArray[np.str_], share: float) -> Floats:
    moved = values.copy()
    for one in np.unique(source):
        here = source == one
        moved[here] -= share * (values[here].mean(0) - values.mean(0))
    return moved


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
    """The three members, fitted."""

    words: Words
    dense: Arrays
    trees: Arrays


def members(sample: Sample, keep: Ints, settings: Settings) -> Members:
    """Fits all three on the rows `keep`."""
    rows, target, weight = sample.rows[keep], *aims(sample, keep)
    return Members(
        words([sample.scripts[i] for i in keep], target, weight, settings),
        dense(rows, target, weight, sample.source[keep], settings),
        trees(rows, target, weight, settings),
    )


def aims(sample: Sample, keep: Ints) -> tuple[Floats, Floats]:
    """What each output is fitted to, and how much each ticket weighs in it (len(keep) × outputs both).

    Empathy means something else towards a customer with an emotional cue, so it is fitted twice: on the tickets that
    readers see a cue in, and on those that they see none in. A reader errs, so the others count a little as well.
    """
    target = sample.target[keep]
    twice = np.where(sample.doubled[keep], 1.3, 1.0)[:, None]  # two readings are less noisy than one
    weight = np.repeat(twice, len(OUTPUTS), axis=1)
    weight[:, OUTPUTS.index("empathy")] *= np.clip(target[:, 3], _OTHERS, 1.0)
    weight[:, OUTPUTS.index("calm")] *= np.clip(1.0 - target[:, 3], _OTHERS, 1.0)
    return np.column_stack((target, target[:, 2])), weight


def answers(found: Members, sample: Sample, keep: Ints, settings: Settings) -> Floats:
    """What each member says (len(keep) × 4 × 3), by the code that ships where it counts."""
    parts = {**_frame(None), **found.dense, **found.trees, "blend": _blend(settings)}
    model = Model.of(files.Weights("", "", {}, parts))
    rows = sample.rows[keep]
    return model.members(rows, say(found.words, [sample.scripts[i] for i in keep]), model.forest.path(rows)).members


def _blend(settings: Settings) -> Floats:
    return np.tile(np.array(settings.blend), (len(OUTPUTS), 1))


def split(sample: Sample, keep: Ints, folds: int, seed: int) -> list[tuple[Ints, Ints]]:
    """Positions in `keep` for training and testing, the shares of sources and scores alike in every fold.

    Tickets whose customer wrote the same words are one group and never on both sides.
    """
    groups: dict[str, list[int]] = {}
    for at, i in enumerate(keep):
        groups.setdefault("\n".join(sample.scripts[i].customer_text), []).append(at)
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
    found = np.zeros((len(keep), sample.target.shape[1], 3))
    for train, test in split(sample, keep, settings.inner_folds, seed):
        found[test] = answers(members(sample, keep[train], settings), sample, keep[test], settings)
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


def tune(sample: Sample, keep: Ints, held: Floats, settings: Settings) -> Tuned:
    """Cuts and confidence from held-out answers on rows `keep`."""
    raw = blended(held, settings)
    cuts = [best_cuts(raw[:, d], sample.first[keep, d]) for d in range(3)]
    lengths = [len(sample.scripts[i].tokens) for i in keep]
    sure = [best_sure(held[:, d], raw[:, d], cuts[d], sample.first[keep, d], lengths) for d in range(3)]
    return Tuned(np.array(cuts), np.array(sure))


def blended(said: Floats, settings: Settings) -> Floats:
    """Raw scores and cue (n × 4) from what the three members say."""
    return np.asarray(np.round(said @ np.array(settings.blend), 6))


def complete(sample: Sample, found: Heads, settings: Settings) -> Arrays:
    """Everything that ships, fitted on every row."""
    keep = np.arange(len(sample))
    tuned = tune(sample, keep, out_of_fold(sample, keep, settings, seed=0), settings)
    fitted = members(sample, keep, settings)
    return {
        **_tables(found, fitted.words),
        **fitted.dense,
        **fitted.trees,
        "blend": _blend(settings),
        "cuts": tuned.cuts,
        "sure": tuned.sure,
    }


def _tables(found: Heads, member: Words) -> Arrays:
    """The terms of the word member and of both heads side by side, one table a side, looked up once."""
    said = found.satisfaction
    emotion = found.emotion
    return {
        **_side("rep", member.rep, member.rep_weights, said.rep, said.rep_weights, {}, np.zeros((0, 0))),
        **_side(
            "customer",
            member.customer,
            member.customer_weights,
            said.customer,
            said.customer_weights,
            emotion.index,
            emotion.weights,
        ),
        "words_base": member.base,
        "heard_base": said.base,
        "emotion_base": emotion.base,
    }


def _side(
    name: str,
    own: Vocabulary,
    own_weights: Floats,
    other: Vocabulary,
    other_weights: Floats,
    emotion: dict[str, int],
    emotion_weights: Floats,
) -> Arrays:
    terms = sorted({*own.index, *other.index, *emotion})
    idf = np.zeros((len(terms), 2), dtype=np.float32)
    weights = np.zeros((len(terms), len(OUTPUTS) + len(SATISFACTION)), dtype=np.float16)
    feelings = np.zeros((len(terms), emotion_weights.shape[1]), dtype=np.float16)
    for at, term in enumerate(terms):
        if term in own.index:
            idf[at, 0] = own.idf[own.index[term]]
            weights[at, : len(OUTPUTS)] = own_weights[own.index[term]]
        if term in other.index:
            idf[at, 1] = other.idf[other.index[term]]
            weights[at, len(OUTPUTS) :] = other_weights[other.index[term]]
        if term in emotion:
            feelings[at] = emotion_weights[emotion[term]]
    return {
        f"{name}_terms": files.lines(terms),
        f"{name}_idf": idf,
        f"{name}_weights": weights,
        f"{name}_emotion": feelings,
    }


def _frame(found: Heads | None) -> Arrays:
    """Arrays of a model whose other parts are empty: for the heads alone, or for the dense and tree members alone."""
    nothing = Vocabulary({}, np.zeros(0))
    none = np.zeros((0, len(OUTPUTS)))
    member = Words(nothing, nothing, none, none, np.zeros(len(OUTPUTS)))
    if found is None:
        ghost = np.zeros((0, len(SATISFACTION)))
        found = Heads(
            heads.Emotion({}, np.zeros((0, len(EMOTIONS))), np.zeros(len(EMOTIONS))),
            heads.Satisfaction(nothing, nothing, ghost, ghost, np.zeros(len(SATISFACTION)), {}, {}),
        )
    one = np.zeros(1)
    return {
        **_tables(found, member),
        "mean": one, "scale": one, "dense": np.zeros((len(OUTPUTS), 1)), "dense_base": np.zeros(len(OUTPUTS)),
        "tree_feature": one, "tree_threshold": one, "tree_left": one, "tree_right": one, "tree_value": one,
        "tree_roots": one, "tree_owner": one, "tree_depth": one.astype(np.uint8), "tree_base": np.zeros(len(OUTPUTS)),
        "blend": np.full((len(OUTPUTS), 3), 1 / 3), "cuts": np.zeros((3, 4)), "sure": np.zeros((3, 8)),
    }  # fmt: skip
