"""Grouping of unit vectors into an unknown number of groups: neighbours, smoothing, Ward, then average linkage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from qatui.services.gaps.vectors import unit

if TYPE_CHECKING:
    import numpy.typing as npt

    from qatui.services.gaps.vectors import Vectors

    Labels = npt.NDArray[np.intp]

MOST_AT_ONCE = 2_500  # questions in one grouping: n x n similarities take 25 MB, and the whole stays near a second


@dataclass(frozen=True, slots=True)
class Scheme:
    """The one setting for every workspace and both engines; how each number was chosen is in docs/topics.md."""

    neighbours: float = 0.18
    """Neighbours of a question, per square root of the number of questions: more questions, finer evidence."""
    most_neighbours: int = 12
    blend: float = 0.65
    """Share of its neighbours' mean in a smoothed vector; the rest is the question's own."""
    rounds: int = 3
    """How often smoothing is repeated: words travel this many neighbours far."""
    spread: float = 0.06
    """Ward stops at this height per square root of the number of questions; fine groups, merged by the next rule."""
    alike: float = 0.66
    """Two groups are one while the mean similarity of their smoothed questions is at least this."""
    founders: int = 3
    """Questions that found a topic; fewer wait for company."""
    centred: float = 0.9
    centred_until: int = 600
    """Least `Grouping.position` of a question that is placed: `centred`, and beyond this number of questions less."""
    apart: float = 0.3
    apart_until: int = 200
    """Least `Grouping.margin` of a question that is placed: `apart`, and less by the square of the number."""
    hold: float = 0.3
    """Share of a topic's questions that a group must hold to be that topic's continuation."""


SCHEME = Scheme()


@dataclass(frozen=True, slots=True, eq=False)
class Grouping:
    """Groups of n questions.

    labels: group of each question, 0..k-1 in order of first appearance, shape (n,); smoothed: shape (n, d);
    means: mean of the smoothed vectors of each group, not scaled, so that the dot product of two rows is the mean
    similarity of their questions, shape (k, d); margin: by how much a question is nearer to its own group than to
    the next, shape (n,); position: the margin as a share of the margin of a typical question of its group against
    the same next group, 1 for a typical one and 0 half way between, shape (n,).
    """

    labels: Labels
    smoothed: Vectors
    means: Vectors
    margin: Vectors
    position: Vectors


def group(vectors: Vectors, scheme: Scheme = SCHEME) -> Grouping:
    """Groups unit rows (n, d), n <= MOST_AT_ONCE, without being told how many groups; ValueError for more rows.

    Deterministic: ties go to the row that comes first.
    """
    n = len(vectors)
    if n == 0:
        return Grouping(np.zeros(0, dtype=np.intp), vectors, vectors, *np.zeros((2, 0), dtype=np.float32))
    if n > MOST_AT_ONCE:
        raise ValueError(f"at most {MOST_AT_ONCE} questions at once, not {n}")
    smoothed = smooth(vectors, scheme)
    fine = ward(smoothed, scheme.spread * n**0.5)
    means = group_means(smoothed, fine)
    coarse = average(means, np.bincount(fine), scheme.alike)
    labels = in_order(coarse[fine])
    means = group_means(smoothed, labels)
    near = smoothed @ means.T
    rows = np.arange(n)
    own = near[rows, labels]
    if len(means) == 1:  # no other group to be taken for
        return Grouping(labels, smoothed, means, *np.ones((2, n), dtype=np.float32))
    near[rows, labels] = -1
    other = near.argmax(axis=1)
    margin = own - near[rows, other]
    between = means @ means.T
    typical = np.diag(between)[labels] - between[labels, other]
    return Grouping(labels, smoothed, means, margin, margin / np.maximum(typical, 1e-6))


def smooth(vectors: Vectors, scheme: Scheme = SCHEME) -> Vectors:
    """Each row blended with the mean of its nearest rows, several rounds; unit rows, shape kept (n, d).

    Two questions in different words that share their neighbours come together, which no pairwise similarity shows
    (diffusion on the nearest-neighbour graph). Their number grows with the square root of n: a fixed number would
    blend several topics of a small workspace into one.
    """
    n = len(vectors)
    count = min(n - 1, scheme.most_neighbours, max(2, round(scheme.neighbours * n**0.5)))
    if count < 1:
        return vectors
    similar = vectors @ vectors.T
    np.fill_diagonal(similar, -2)
    nearest = np.argpartition(-similar, count - 1, axis=1)[:, :count]
    weights = np.maximum(np.take_along_axis(similar, nearest, axis=1), 0)
    weights /= np.maximum(weights.sum(axis=1, keepdims=True), 1e-9)
    smoothed = vectors
    for _ in range(scheme.rounds):
        around = np.zeros_like(vectors)
        for k in range(count):  # one neighbour at a time: the (n, count, d) array would be a hundred megabytes
            around += weights[:, k, None] * smoothed[nearest[:, k]]
        smoothed = unit((1 - scheme.blend) * vectors + scheme.blend * around)
    return smoothed


def ward(vectors: Vectors, height: float) -> Labels:
    """Ward's clusters of rows (n, d) below a height (as Euclidean distance between two single rows); labels (n,)."""
    squares = np.einsum("nd,nd->n", vectors, vectors)
    distances = np.maximum(squares[:, None] + squares[None, :] - 2 * (vectors @ vectors.T), 0)
    return _chain(distances, np.ones(len(vectors)), height**2, variance=True)


def average(means: Vectors, sizes: npt.NDArray[np.intp], alike: float) -> Labels:
    """Groups joined while their mean similarity is at least `alike`; means (k, d) and sizes (k,); labels (k,)."""
    return _chain(1 - means @ means.T, sizes.astype(np.float64), 1 - alike, variance=False)


def _chain(distances: Vectors, sizes: npt.NDArray[np.float64], limit: float, *, variance: bool) -> Labels:
    """Agglomeration by nearest-neighbour chains up to a limit; destroys `distances` (n, n) and `sizes` (n,).

    Both rules (Ward on squared distances, average linkage) are reducible: a merge brings no third cluster nearer.
    Hence two mutual nearest neighbours farther apart than the limit will never merge with anything below it, and
    leave the game. O(n^2) in all. Murtagh (1983); Lance and Williams (1967) for the updates.
    """
    n = len(distances)
    parent = np.arange(n)
    np.fill_diagonal(distances, np.inf)
    active = np.ones(n, dtype=bool)
    chain: list[int] = []
    start = 0
    while True:
        if not chain:
            while start < n and not active[start]:
                start += 1
            if start == n:
                break
            chain.append(start)
        top = chain[-1]
        row = distances[top]
        nearest = int(row.argmin())
        if len(chain) > 1 and row[chain[-2]] <= row[nearest]:
            nearest = chain[-2]
        if row[nearest] == np.inf:  # the last one of all
            active[top] = False
            chain.pop()
        elif len(chain) > 1 and nearest == chain[-2]:
            del chain[-2:]
            gone, kept = max(top, nearest), min(top, nearest)
            if row[nearest] > limit:
                for leaving in (gone, kept):
                    active[leaving] = False
                    distances[leaving] = distances[:, leaving] = np.inf
                continue
            a, b = sizes[kept], sizes[gone]
            if variance:
                merged = (a + sizes) * distances[kept] + (b + sizes) * distances[gone] - sizes * row[nearest]
                merged /= a + b + sizes
            else:
                merged = (a * distances[kept] + b * distances[gone]) / (a + b)
            merged[[kept, gone]] = np.inf
            distances[kept] = distances[:, kept] = merged
            distances[gone] = distances[:, gone] = np.inf
            sizes[kept] = a + b
            active[gone] = False
            parent[gone] = kept
        else:
            chain.append(nearest)
    for child in range(n):  # a parent is always a smaller number, so one pass reaches every root
        parent[child] = parent[parent[child]]
    return in_order(parent)


def in_order(labels: Labels) -> Labels:
    """The same groups numbered 0..k-1 by first appearance; shape (n,)."""
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.intp)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[inverse]


def group_means(vectors: Vectors, labels: Labels) -> Vectors:
    """Mean row of each group, not scaled; vectors (n, d) and labels 0..k-1 (n,) give (k, d) float32; n >= 1."""
    order = np.argsort(labels, kind="stable")
    counts = np.bincount(labels)
    starts = np.concatenate(([0], np.cumsum(counts)[:-1]))
    sums = np.add.reduceat(vectors[order].astype(np.float64), starts, axis=0)
    means: Vectors = (sums / counts[:, None]).astype(np.float32)
    return means
