"""Fits the three members of the judge, their blend, the cuts and the confidence; everything as plain arrays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import StratifiedKFold

from qatui.services.scoring.offline import weights as files
from qatui.services.scoring.offline.features import Sentence, Transcript
from qatui.services.scoring.offline.model import CLIP, Model, confidence_inputs
from tools.judge.data import OUTPUTS, Sample

Arrays = dict[str, NDArray[Any]]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Settings:
    """Chosen by cross-validation; docs/judge.md lists what else was tried."""

    min_tickets: int = 4
    ngram_ridge: float = 1.5
    customer_share: float = 0.7
    dense_ridge: float = 600.0
    tree_bags: int = 2
    tree_rounds: int = 180
    tree_depth: int = 4
    tree_rate: float = 0.04
    tree_leaf: int = 10
    tree_l2: float = 5.0
    tree_features: float = 0.2
    inner_folds: int = 5


def grams(found: Sequence[Sentence]) -> Counter[str]:
    """Words and word pairs within sentences."""
    counts: Counter[str] = Counter()
    for sentence in found:
        tokens = sentence.tokens
        counts.update(tokens)
        counts.update(f"{a} {b}" for a, b in zip(tokens, tokens[1:], strict=False))
    return counts


def _matrix(docs: list[Counter[str]], index: dict[str, int], idf: Floats) -> sparse.csr_matrix:
    data, cols, ptr = [], [], [0]
    for doc in docs:
        hits = [(index[term], n) for term, n in doc.items() if term in index]
        at = np.array([h[0] for h in hits], dtype=np.intp)
        values = (1.0 + np.log(np.array([h[1] for h in hits], dtype=np.float64))) * idf[at] if hits else np.zeros(0)
        norm = np.sqrt(values @ values) or 1.0
        data.append(values / norm)
        cols.append(at)
        ptr.append(ptr[-1] + len(hits))
    return sparse.csr_matrix((np.concatenate(data), np.concatenate(cols), ptr), shape=(len(docs), len(index)))


def _vocabulary(docs: list[Counter[str]], at_least: int) -> tuple[list[str], Floats]:
    seen: Counter[str] = Counter()
    for doc in docs:
        seen.update(doc.keys())
    terms = sorted(term for term, n in seen.items() if n >= at_least)
    idf = np.log((1 + len(docs)) / (1 + np.array([seen[term] for term in terms]))) + 1
    return terms, idf.astype(np.float32).astype(np.float64)


def words(scripts: list[Transcript], target: Floats, weight: Floats, settings: Settings) -> Arrays:
    """The n-gram member: ridge regression on tf-idf of both sides."""
    rep = [grams(s.rep) for s in scripts]
    customer = [grams(s.customer) for s in scripts]
    rep_terms, rep_idf = _vocabulary(rep, settings.min_tickets)
    cus_terms, cus_idf = _vocabulary(customer, settings.min_tickets)
    x = sparse.hstack(
        (
            _matrix(rep, {t: i for i, t in enumerate(rep_terms)}, rep_idf),
            settings.customer_share * _matrix(customer, {t: i for i, t in enumerate(cus_terms)}, cus_idf),
        )
    ).tocsr()
    ridge = Ridge(settings.ngram_ridge).fit(x, target, sample_weight=weight)
    coef = ridge.coef_.T
    cut = len(rep_terms)
    return {
        "rep_terms": files.lines(rep_terms),
        "rep_idf": rep_idf.astype(np.float32),
        "rep_weights": coef[:cut].astype(np.float16),
        "customer_terms": files.lines(cus_terms),
        "customer_idf": cus_idf.astype(np.float32),
        "customer_weights": (settings.customer_share * coef[cut:]).astype(np.float16),
        "words_base": ridge.intercept_.astype(np.float64),
    }


def dense(rows: Floats, target: Floats, weight: Floats, settings: Settings) -> Arrays:
    """The cue member: ridge regression on standardised features."""
    mean = rows.mean(0)
    scale = rows.std(0)
    scale[scale < 1e-9] = 1.0
    z = np.clip((rows - mean) / scale, -CLIP, CLIP)
    ridge = Ridge(settings.dense_ridge).fit(z, target, sample_weight=weight)
    return {
        "mean": mean.astype(np.float32),
        "scale": scale.astype(np.float32),
        "dense": ridge.coef_.astype(np.float32),
        "dense_base": ridge.intercept_.astype(np.float64),
    }


def trees(rows: Floats, target: Floats, weight: Floats, settings: Settings) -> Arrays:
    """The tree member: boosted trees on the same features, several bags averaged."""
    nodes: dict[str, list[NDArray[Any]]] = {k: [] for k in ("feature", "threshold", "left", "right", "value")}
    roots: list[int] = []
    owner: list[int] = []
    base = np.zeros(target.shape[1])
    offset = 0
    for at in range(target.shape[1]):
        for bag in range(settings.tree_bags):
            booster = HistGradientBoostingRegressor(
                max_depth=settings.tree_depth,
                learning_rate=settings.tree_rate,
                max_iter=settings.tree_rounds,
                l2_regularization=settings.tree_l2,
                min_samples_leaf=settings.tree_leaf,
                max_features=settings.tree_features,
                early_stopping=False,
                random_state=100 * at + bag,
            ).fit(rows, target[:, at], sample_weight=weight)
            base[at] += float(np.ravel(booster._baseline_prediction)[0]) / settings.tree_bags
            for (predictor,) in booster._predictors:
                tree = predictor.nodes
                here = np.arange(len(tree))
                leaf = tree["is_leaf"].astype(bool)
                left = np.where(leaf, here, tree["left"]).astype(np.int64)
                right = np.where(leaf, here, tree["right"]).astype(np.int64)
                value = tree["value"].astype(np.float64).copy()
                count = tree["count"].astype(np.float64)
                for node in here[::-1]:  # children come after their parent
                    if not leaf[node]:
                        a, b = left[node], right[node]
                        value[node] = (count[a] * value[a] + count[b] * value[b]) / (count[a] + count[b])
                nodes["feature"].append(np.where(leaf, 0, tree["feature_idx"]))
                nodes["threshold"].append(np.where(leaf, 0.0, tree["num_threshold"]))
                nodes["left"].append(left + offset)
                nodes["right"].append(right + offset)
                nodes["value"].append(value / settings.tree_bags)
                roots.append(offset)
                owner.append(at)
                offset += len(tree)
    joined = {name: np.concatenate(parts) for name, parts in nodes.items()}
    return {
        "tree_feature": joined["feature"].astype(np.uint16),
        "tree_threshold": joined["threshold"].astype(np.float32),
        "tree_left": joined["left"].astype(np.uint32),
        "tree_right": joined["right"].astype(np.uint32),
        "tree_value": joined["value"].astype(np.float16).astype(np.float32),
        "tree_roots": np.array(roots, dtype=np.uint32),
        "tree_owner": np.array(owner, dtype=np.uint8),
        "tree_depth": np.array([settings.tree_depth], dtype=np.uint8),
        "tree_base": base,
    }


def members(scripts: list[Transcript], rows: Floats, target: Floats, weight: Floats, settings: Settings) -> Arrays:
    """All three members, with a blend of equal parts and no cuts yet."""
    n = target.shape[1]
    return {
        **words(scripts, target, weight, settings),
        **dense(rows, target, weight, settings),
        **trees(rows, target, weight, settings),
        "blend": np.full((n, 3), 1 / 3),
        "cuts": np.tile(np.array([1.5, 2.5, 3.5, 4.5]), (3, 1)),
        "sure": np.zeros((3, len(confidence_inputs(np.arange(4.0), np.zeros(3), 1.5, 10)))),
    }


def predict(arrays: Arrays, scripts: list[Transcript], rows: Floats) -> Floats:
    """What each member says (n × outputs × 3), by the very code that ships."""
    model = Model.of(files.Weights("", "", {}, arrays))
    return np.array([model.members(script, row) for script, row in zip(scripts, rows, strict=True)])


def out_of_fold(sample: Sample, keep: NDArray[np.intp], settings: Settings, seed: int) -> Floats:
    """Members' answers on rows `keep`, each from a fit that has not seen the row (len(keep) × outputs × 3)."""
    found = np.zeros((len(keep), len(OUTPUTS), 3))
    splitter = StratifiedKFold(settings.inner_folds, shuffle=True, random_state=seed)
    for train, test in splitter.split(keep, strata(sample, keep)):
        arrays = fit_members(sample, keep[train], settings)
        found[test] = predict(arrays, [sample.scripts[i] for i in keep[test]], sample.rows[keep[test]])
    return found


def fit_members(sample: Sample, keep: NDArray[np.intp], settings: Settings) -> Arrays:
    weight = np.where(sample.doubled[keep], 1.3, 1.0)  # two readings are less noisy than one
    return members([sample.scripts[i] for i in keep], sample.rows[keep], sample.target[keep], weight, settings)


def strata(sample: Sample, keep: NDArray[np.intp]) -> list[str]:
    """Folds keep the shares of sources and scores."""
    return [f"{sample.source[i]}{min(4, max(2, sample.first[i, 0]))}{sample.first[i, 2] <= 2}" for i in keep]


def kappa(one: NDArray[np.int_], other: NDArray[np.int_]) -> float:
    """Quadratically weighted kappa of two rows of scores 1..5 (Cohen, 1968)."""
    seen = np.bincount((one - 1) * 5 + (other - 1), minlength=25).reshape(5, 5).astype(float)
    far = np.subtract.outer(np.arange(5), np.arange(5)) ** 2
    chance = np.outer(seen.sum(1), seen.sum(0)) / seen.sum()
    expected = float((far * chance).sum())
    return 1.0 - float((far * seen).sum()) / expected if expected else 0.0


def best_cuts(raw: Floats, scores: NDArray[np.int_]) -> Floats:
    """Four cuts that make the scores of these rows agree best (kappa, less a charge for a shifted mean)."""
    grid = np.quantile(raw, np.linspace(0.002, 0.998, 160))
    cuts = np.array([np.quantile(raw, min(0.999, max(0.001, float(np.mean(scores <= k))))) for k in (1, 2, 3, 4)])

    def worth(candidate: Floats) -> float:
        given = 1 + np.searchsorted(candidate, raw, side="right")
        return kappa(scores, given) - 0.3 * max(0.0, abs(float(np.mean(given - scores))) - 0.02)

    best = worth(cuts)
    for _ in range(4):
        before = best
        for at in range(4):
            for value in grid:
                candidate = cuts.copy()
                candidate[at] = value
                if np.all(np.diff(candidate) >= 0) and (now := worth(candidate)) > best + 1e-9:
                    best, cuts = now, candidate
        if best <= before:
            break
    return cuts


def best_sure(members_: Floats, raw: Floats, cuts: Floats, first: NDArray[np.int_], lengths: list[int]) -> Floats:
    """Coefficients of the confidence: logistic regression of 'exactly the reader's score' on held-out rows."""
    x = np.array([confidence_inputs(cuts, m, float(r), n) for m, r, n in zip(members_, raw, lengths, strict=True)])
    exact = 1 + np.searchsorted(cuts, raw, side="right") == first
    fitted = LogisticRegression(C=1.0, fit_intercept=False, max_iter=2000).fit(x, exact)
    return np.asarray(fitted.coef_[0], dtype=np.float64)


def complete(sample: Sample, keep: NDArray[np.intp], settings: Settings, seed: int = 0) -> Arrays:
    """Members, cuts and confidence, all from rows `keep` alone."""
    arrays = fit_members(sample, keep, settings)
    held = out_of_fold(sample, keep, settings, seed)
    blend = arrays["blend"]
    raw = np.round((held * blend).sum(2), 6)
    cuts = [best_cuts(raw[:, d], sample.first[keep, d]) for d in range(3)]
    lengths = [len(sample.scripts[i].tokens) for i in keep]
    sure = [best_sure(held[:, d], raw[:, d], cuts[d], sample.first[keep, d], lengths) for d in range(3)]
    return {**arrays, "cuts": np.array(cuts), "sure": np.array(sure)}
