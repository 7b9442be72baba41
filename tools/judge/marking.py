"""Fits what readers mark in single sentences, and puts the marks of a ticket beside its other features."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.linear_model import Ridge

from qatui.services.scoring.offline import marks
from qatui.services.scoring.offline.marks import FEELING, Marked, Marker, Seen
from qatui.services.scoring.offline.terms import Terms, grams
from qatui.services.scoring.offline.transcript import CUSTOMER, REP, Sentence, Transcript
from tools.judge.data import Sample

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

_SEEN = 3  # sentences in which a term must stand
_RIDGE = 2.0
_CUES = 0.3  # cues and shape beside words: the smaller, the more they are held back
_FOLDS = 5


@dataclass(frozen=True, slots=True)
class Side:
    """The marks of one side in words and cues: terms; weights (terms × marks); marker: the rest."""

    terms: list[str]
    weights: Floats
    marker: Marker

    def strengths(self, sides: list[list[Sentence]], most: float) -> Floats:
        """By the code that ships."""
        nothing = np.zeros((len(self.terms), 0), dtype=np.float32)
        terms = Terms.of(self.terms, np.zeros(len(self.terms)), nothing, self.weights.astype(np.float32))
        return self.marker.strengths(terms.singly(terms.find(sides)), Seen.by(sides), most)


@dataclass(frozen=True, slots=True)
class Marking:
    """The marks of both sides, fitted."""

    rep: Side
    customer: Side

    def of(self, scripts: list[Transcript]) -> Marked:
        """What would be marked in every sentence."""
        feeling = self.customer.strengths([script.customer for script in scripts], FEELING)[:, 0]
        return Marked.of(self.rep.strengths([script.rep for script in scripts], 1.0), feeling)


def fit(sample: Sample, keep: Ints) -> Marking:
    """Ridge regression of every mark on words, word pairs, cues and shape of a sentence."""
    scripts = [sample.scripts[i] for i in keep]
    rep, customer = [script.rep for script in scripts], [script.customer for script in scripts]
    felt = np.concatenate([sample.marks[i].feeling for i in keep])
    return Marking(
        _side(rep, Seen.by(rep), len(REP.names), np.concatenate([sample.marks[i].rep for i in keep])),
        _side(customer, Seen.by(customer), len(CUSTOMER.names), felt[:, None]),
    )


def _side(sides: list[list[Sentence]], seen: Seen, cues: int, target: Floats) -> Side:
    found = [sentence for side in sides for sentence in side]
    docs = [Counter(grams(sentence.tokens)) for sentence in found]
    sizes = np.sqrt([max(1, len(sentence.tokens)) for sentence in found])
    times: Counter[str] = Counter()
    for doc in docs:
        times.update(doc.keys())
    terms = sorted(term for term, n in times.items() if n >= _SEEN)
    index = {term: at for at, term in enumerate(terms)}
    hits = [(at, index[term], n / sizes[at]) for at, doc in enumerate(docs) for term, n in doc.items() if term in index]
    of, column, value = (np.array(part) for part in zip(*hits, strict=True))
    words = sparse.csr_matrix((value, (of, column)), shape=(len(docs), len(terms)))
    occurs = sparse.csr_matrix((np.ones(len(seen.cue)), (seen.of, seen.cue)), shape=(len(docs), cues))
    x = sparse.hstack((words, _CUES * occurs, _CUES * sparse.csr_matrix(seen.shape))).tocsr()
    fitted = Ridge(_RIDGE).fit(x, target)
    coef = fitted.coef_.reshape(target.shape[1], -1).T
    beside = (_CUES * coef[len(terms) :]).astype(np.float32).astype(np.float64)
    base = np.asarray(fitted.intercept_).reshape(target.shape[1])
    return Side(
        terms, coef[: len(terms)].astype(np.float16).astype(np.float64), Marker(beside[:cues], beside[cues:], base)
    )


def with_marks(sample: Sample, train: Ints) -> Sample:
    """The sample with the features of the marks; a row of `train` gets what a fit on the others of `train` says.

    Rows that are not in `train` get what a fit on all of `train` says: as a new ticket would.
    """
    found = np.zeros((len(sample), len(marks.NAMES)))
    fold = _folds([sample.group[i] for i in train])
    for one in range(_FOLDS):
        held = train[fold == one]
        found[held] = _rows(fit(sample, train[fold != one]), sample, held)
    others = np.setdiff1d(np.arange(len(sample)), train)
    if len(others):
        found[others] = _rows(fit(sample, train), sample, others)
    return replace(sample, rows=np.concatenate((sample.rows, found), axis=1))


def _rows(found: Marking, sample: Sample, keep: Ints) -> Floats:
    scripts = [sample.scripts[i] for i in keep]
    return marks.rows(scripts, found.of(scripts))


def _folds(groups: list[str]) -> Ints:
    names = list(dict.fromkeys(groups))
    order = np.random.default_rng(0).permutation(len(names))
    fold = dict(zip((names[at] for at in order), np.arange(len(names)) % _FOLDS, strict=True))
    return np.array([fold[name] for name in groups])
