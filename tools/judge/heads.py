"""The two heads fitted on people's labels: emotion in single sentences, and how satisfied a customer is."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import KFold

from qatui.domain.verdict import responding
from qatui.services.scoring.offline.lexer import Lexer
from qatui.services.scoring.offline.model import EMOTIONS
from qatui.services.scoring.offline.terms import grams
from qatui.services.scoring.offline.transcript import Transcript
from tools.judge import data

Floats = NDArray[np.float64]

# The 27 emotions of the comments as the nine that matter to a support lead.
GROUPS: dict[str, tuple[str, ...]] = {
    "anger": ("anger", "annoyance", "disgust", "disapproval"),
    "sadness": ("disappointment", "sadness", "grief", "remorse", "embarrassment"),
    "fear": ("fear", "nervousness"),
    "confusion": ("confusion",),
    "curiosity": ("curiosity",),
    "desire": ("desire",),
    "joy": (
        "joy", "amusement", "excitement", "love", "admiration", "optimism", "pride", "relief", "approval", "caring",
    ),
    "gratitude": ("gratitude",),
    "neutral": ("neutral",),
}  # fmt: skip
_EMOTION_TERMS = 6000
_SATISFACTION_RIDGE = 2.0


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Terms in alphabetical order with their inverse frequency."""

    index: dict[str, int]
    idf: Floats

    @classmethod
    def of(cls, docs: list[Counter[str]], at_least: int) -> Vocabulary:
        seen: Counter[str] = Counter()
        for doc in docs:
            seen.update(doc.keys())
        terms = sorted(term for term, n in seen.items() if n >= at_least)
        idf = np.log((1 + len(docs)) / (1 + np.array([seen[term] for term in terms]))) + 1
        return cls({term: at for at, term in enumerate(terms)}, idf.astype(np.float32).astype(np.float64))

    def matrix(self, docs: list[Counter[str]]) -> sparse.csr_matrix:
        """tf-idf, sublinear, rows of unit length: the same sums as `Terms.score`."""
        data_, cols, ptr = [], [], [0]
        for doc in docs:
            hits = [(self.index[term], n) for term, n in doc.items() if term in self.index]
            at = np.array([h[0] for h in hits], dtype=np.intp)
            values = (1.0 + np.log([h[1] for h in hits])) * self.idf[at] if hits else np.zeros(0)
            data_.append(values / (np.sqrt(values @ values) or 1.0))
            cols.append(at)
            ptr.append(ptr[-1] + len(hits))
        return sparse.csr_matrix((np.concatenate(data_), np.concatenate(cols), ptr), shape=(len(docs), len(self.idf)))


def counted(scripts: list[Transcript], side: str) -> list[Counter[str]]:
    """Words and word pairs of one side ('rep' or 'customer') of each ticket."""
    return [Counter(gram for s in getattr(script, side) for gram in grams(s.tokens)) for script in scripts]


@dataclass(frozen=True, slots=True)
class Emotion:
    """index: terms; weights (terms × 9); base (9): log odds of each emotion in one sentence."""

    index: dict[str, int]
    weights: Floats
    base: Floats


def emotion() -> Emotion:
    """Logistic regressions on the emotion comments; terms that carry little are left out."""
    lexer = Lexer()
    folder = data.SHARED / "emotions"
    labels = (folder / "labels.txt").read_text(encoding="utf-8").split()
    found: list[tuple[list[str], set[str]]] = []
    for name in ("goemotions_train.tsv", "goemotions_dev.tsv"):
        for line in (folder / name).read_text(encoding="utf-8").splitlines():
            text, ids, _ = line.split("\t")
            found.append((lexer.tokens(text), {labels[int(i)] for i in ids.split(",")}))
    docs = [Counter(grams(tokens)) for tokens, _ in found]
    sizes = [max(1, len(tokens)) for tokens, _ in found]
    vocabulary = Vocabulary.of(docs, 8)
    x = _rooted(docs, sizes, vocabulary.index)
    targets = [np.array([bool(labels_ & set(GROUPS[name])) for _, labels_ in found]) for name in EMOTIONS]
    first = np.array([_logistic(x, y).coef_[0] for y in targets])
    often = np.sqrt(np.asarray(x.getnnz(axis=0), dtype=np.float64))
    keep = np.sort(np.argsort(-(np.abs(first).max(0) * often), kind="stable")[:_EMOTION_TERMS])
    terms = list(vocabulary.index)
    fitted = [_logistic(x[:, keep], y) for y in targets]
    return Emotion(
        {terms[at]: new for new, at in enumerate(keep)},
        np.array([f.coef_[0] for f in fitted]).T.astype(np.float16).astype(np.float64),
        np.array([float(f.intercept_[0]) for f in fitted]),
    )


def _logistic(x: sparse.csr_matrix, y: NDArray[np.bool_]) -> LogisticRegression:
    return LogisticRegression(C=1.0, max_iter=100, tol=1e-3).fit(x, y)


def _rooted(docs: list[Counter[str]], sizes: list[int], index: dict[str, int]) -> sparse.csr_matrix:
    """Counts over the root of the sentence's length: the same sums as `Terms.emotions`."""
    values, cols, ptr = [], [], [0]
    for doc, size in zip(docs, sizes, strict=True):
        for term, n in doc.items():
            if term in index:
                cols.append(index[term])
                values.append(n / np.sqrt(size))
        ptr.append(len(cols))
    return sparse.csr_matrix((values, cols, ptr), shape=(len(docs), len(index)))


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """Ridge regression of three ratings by 19 people on the words of both sides.

    rep, customer: vocabularies; weights of each (terms × 3); base (3); held: per ticket id what a fit that has not
    seen the ticket says (3 numbers), which is what the judge is fitted on.
    """

    rep: Vocabulary
    customer: Vocabulary
    rep_weights: Floats
    customer_weights: Floats
    base: Floats
    held: dict[str, Floats]
    ratings: dict[str, Floats]


def satisfaction() -> Satisfaction:
    """Fits the head on every rated ticket."""
    keys = ("customer_satisfaction", "task_accomplishment", "effectiveness")
    rated = {
        row["id"]: np.array([row[k] for k in keys]) for row in data.rows(data.SHARED / "labels/stc3_quality.jsonl")
    }
    tickets = [t for t in data.conversations("stc3") if t.id in rated and responding(t)]
    scripts = data.transcripts(tickets)
    rep_docs, cus_docs = counted(scripts, "rep"), counted(scripts, "customer")
    rep, customer = Vocabulary.of(rep_docs, 4), Vocabulary.of(cus_docs, 4)
    x = sparse.hstack((rep.matrix(rep_docs), customer.matrix(cus_docs))).tocsr()
    y = np.array([rated[t.id] for t in tickets])
    held = np.zeros_like(y)
    for train, test in KFold(8, shuffle=True, random_state=0).split(y):
        held[test] = Ridge(_SATISFACTION_RIDGE).fit(x[train], y[train]).predict(x[test])
    full = Ridge(_SATISFACTION_RIDGE).fit(x, y)
    cut = len(rep.idf)
    weights = full.coef_.T.astype(np.float16).astype(np.float64)
    ids = [t.id for t in tickets]
    return Satisfaction(
        rep, customer, weights[:cut], weights[cut:], full.intercept_,
        dict(zip(ids, held, strict=True)), {i: rated[i] for i in ids},
    )  # fmt: skip
