"""Topics that grow: new questions join, wait or found a topic; a question that has a topic never moves by itself.

What must be stored is plain: each question's vector (cached by engine and text) and its topic, or none while it
waits. Everything else is derived from these. All functions are pure and deterministic; a question is named by its
row in the arrays given, a topic by any whole number >= 0 that the caller chose.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from qatui.services.gaps.grouping import MOST_AT_ONCE, SCHEME, Grouping, Scheme, group, group_means
from qatui.services.gaps.vectors import unit

if TYPE_CHECKING:
    import numpy.typing as npt

    from qatui.services.gaps.vectors import Vectors

    Topics = npt.NDArray[np.int64]

WAITING = -1
"""In an array of topics: a question without a topic."""

MOST_KNOWN = 1_500  # placed questions that speak for their topics in one step
MOST_WAITING = MOST_AT_ONCE - MOST_KNOWN
"""Questions that one step places beside known ones; more are placed in several steps of about a second each."""

LEAST_PART = 5  # questions of a part that is worth suggesting as a topic of its own


@dataclass(frozen=True, slots=True)
class Growth:
    """What becomes of questions that had no topic, by their rows: (row, topic) joins, new topics, still waiting."""

    joined: tuple[tuple[int, int], ...]
    founded: tuple[tuple[int, ...], ...]
    waiting: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class MergeHint:
    """Two topics that read as one: mean similarity of their questions' smoothed vectors, 0..1; first < second."""

    first: int
    second: int
    score: float


@dataclass(frozen=True, slots=True)
class SplitHint:
    """A topic that reads as several: rows that form a topic of their own, and how unlike the rest they are, 0..1."""

    topic: int
    rows: tuple[int, ...]
    score: float


def sample_members(topics: Sequence[int], room: int = MOST_KNOWN) -> tuple[int, ...]:
    """Indexes of questions that speak for their topics where not all fit; in rising order.

    topics: the topic of each placed question, oldest first. Each topic gives its newest questions in turn until
    `room` is used, so small topics are there whole and large ones by what was asked last. With more topics than
    room the topics with the newest questions are there.
    """
    if len(topics) <= room:
        return tuple(range(len(topics)))
    newest_first: dict[int, int] = {}
    turns: list[tuple[int, int]] = []
    for age, topic in enumerate(reversed(topics)):
        turn = newest_first.get(topic, 0)
        newest_first[topic] = turn + 1
        turns.append((turn, age))
    turns.sort()
    return tuple(sorted(len(topics) - 1 - age for _, age in turns[:room]))


def grow(waiting: Vectors, known: Vectors, topics: Sequence[int] | Topics, scheme: Scheme = SCHEME) -> Growth:
    """Places questions without a topic among the topics there are.

    waiting: unit rows (w, d), all questions without a topic, oldest first; known: unit rows (k, d) of questions with
    a topic, chosen by `sample_members` where they are many (k <= MOST_KNOWN); topics: their topics (k,).

    Everything is grouped together as if for the first time, so each question is judged with all that is known now.
    A group is the continuation of the topic that has most of its known questions there; its waiting questions join
    that topic if they clearly belong. A group that continues no topic founds one once `founders` of its questions
    are clear. Known questions stay where they are, whatever the grouping says: that is for `review` to suggest.
    Raises ValueError for more known questions than fit.
    """
    homes = np.array(topics, dtype=np.int64)
    vectors = known
    joined: list[tuple[int, int]] = []
    founded: list[tuple[int, ...]] = []
    left: list[int] = []
    number = int(homes.max(initial=-1)) + 1  # of a topic founded here, until the caller numbers it
    limit = number
    if len(known) > MOST_KNOWN:
        raise ValueError(f"at most {MOST_KNOWN} known questions, not {len(known)}: see sample_members")
    start = 0
    while start < len(waiting):
        if start:  # what this call placed so far is known to the next step
            chosen = list(sample_members(homes.tolist(), MOST_KNOWN))
            vectors, homes = vectors[chosen], homes[chosen]
        rows = np.arange(start, min(start + MOST_AT_ONCE - len(vectors), len(waiting)))
        start += len(rows)
        step = _place(waiting[rows], vectors, homes, scheme)
        placed: list[int] = []
        placed_topics: list[int] = []
        for index, topic in step.joined:
            row = int(rows[index])
            if topic < limit:
                joined.append((row, topic))
            else:
                founded[topic - limit] += (row,)
            placed.append(row)
            placed_topics.append(topic)
        for group_rows in step.founded:
            founded.append(tuple(int(rows[index]) for index in group_rows))
            placed.extend(founded[-1])
            placed_topics.extend([number] * len(group_rows))
            number += 1
        left.extend(int(rows[index]) for index in step.waiting)
        vectors = np.concatenate([vectors, waiting[placed]])
        homes = np.concatenate([homes, np.array(placed_topics, dtype=np.int64)])
    return Growth(tuple(joined), tuple(founded), tuple(left))


def _place(waiting: Vectors, known: Vectors, homes: Topics, scheme: Scheme) -> Growth:
    grouping = group(np.concatenate([known, waiting]), scheme)
    k = len(known)
    continued = _continued(grouping, homes, scheme)
    labels, sure = grouping.labels[k:], _sure(grouping, scheme)[k:]
    joined: list[tuple[int, int]] = []
    founded: list[tuple[int, ...]] = []
    left: list[int] = []
    for label in range(len(grouping.means)):
        here = np.flatnonzero(labels == label)
        certain = here[sure[here]].tolist()
        if label in continued:
            joined.extend((row, continued[label]) for row in certain)
        elif len(certain) >= scheme.founders:
            founded.append(tuple(certain))
        else:
            certain = []
        left.extend(sorted(set(here.tolist()).difference(certain)))
    return Growth(tuple(sorted(joined)), tuple(sorted(founded)), tuple(sorted(left)))


def _sure(grouping: Grouping, scheme: Scheme) -> npt.NDArray[np.bool_]:
    """Whether each question's group is clear enough to be final, shape (n,).

    A placed question never moves again, so a young workspace is careful: what a hundred questions suggest, five
    hundred often refute. The more is known, the less clear a question has to be.
    """
    n = max(1, len(grouping.labels))
    centred = min(scheme.centred, scheme.centred_until / n)
    apart = min(scheme.apart, (scheme.apart_until / n) ** 2)
    sure: npt.NDArray[np.bool_] = (grouping.position >= centred) & (grouping.margin >= apart)
    return sure


def _continued(grouping: Grouping, homes: Topics, scheme: Scheme) -> dict[int, int]:
    """The topic that each group continues: one whose questions are mostly there, the one with the most of them."""
    k = len(homes)
    best: dict[int, tuple[int, int]] = {}
    for topic in np.unique(homes).tolist():
        counts = np.bincount(grouping.labels[:k][homes == topic])
        label = int(counts.argmax())
        held = int(counts[label])
        if held >= scheme.hold * counts.sum() and held > best.get(label, (0, 0))[0]:
            best[label] = (held, topic)
    return {label: topic for label, (_, topic) in best.items()}


def review(
    known: Vectors, topics: Sequence[int] | Topics, scheme: Scheme = SCHEME
) -> tuple[tuple[MergeHint, ...], tuple[SplitHint, ...]]:
    """Merges and splits to suggest to a person, best first; nothing is changed.

    known (k, d) and topics (k,) as for `grow`. Two topics whose questions mostly fall into one group read as one; a
    topic of which at least five questions and a quarter fall into a group of their own reads as two.
    """
    homes = np.array(topics, dtype=np.int64)
    if not len(homes):
        return (), ()
    grouping = group(known, scheme)
    numbers, labels = np.unique(homes, return_inverse=True)

    means = group_means(grouping.smoothed, labels)
    merges: list[MergeHint] = []
    splits: list[SplitHint] = []
    home: dict[int, list[int]] = {}
    for index, topic in enumerate(numbers.tolist()):
        rows = np.flatnonzero(labels == index)
        counts = np.bincount(grouping.labels[rows])
        chief = int(counts.argmax())
        home.setdefault(chief, []).append(index)
        for label in np.flatnonzero(counts).tolist():
            if label == chief or counts[label] < max(LEAST_PART, len(rows) / 4):
                continue
            apart = rows[grouping.labels[rows] == label]
            rest = rows[grouping.labels[rows] != label]
            alike = float(grouping.smoothed[apart].mean(axis=0) @ grouping.smoothed[rest].mean(axis=0))
            splits.append(SplitHint(topic, tuple(apart.tolist()), _score(1 - alike)))
    for together in home.values():
        for place, first in enumerate(together):
            for second in together[place + 1 :]:
                score = float(means[first] @ means[second])
                if score >= scheme.alike:
                    merges.append(MergeHint(int(numbers[first]), int(numbers[second]), _score(score)))
    merges.sort(key=lambda hint: (-hint.score, hint.first, hint.second))
    splits.sort(key=lambda hint: (-hint.score, hint.topic, hint.rows))
    return tuple(merges), tuple(splits)


def _score(value: float) -> float:
    return round(min(1.0, max(0.0, value)), 3)


def medoid(vectors: Vectors) -> int:
    """Row of the most central question: the nearest to the mean of unit rows (n, d), n >= 1; ties to the first."""
    return int((vectors @ unit(vectors.mean(axis=0)[None])[0]).argmax())
