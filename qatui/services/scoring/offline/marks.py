"""What a careful reader would mark in single sentences, and the numbers of a ticket that come of it.

A reader marked the sentences of some two thousand tickets: how much feeling a customer's sentence shows, and whether a
rep's is warm, curt, a stock apology and the like. What the marks look like in words and cues is fitted; how they are
pooled over a conversation is written here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log1p

import numpy as np

from qatui.services.scoring.offline.terms import Floats, Ints, starts_of, sums_of
from qatui.services.scoring.offline.transcript import Sentence, Transcript, occurrences

# A rep's sentence: warm beyond courtesy; curt, cold, blaming or careless; takes up this customer's feeling or
# situation; a stock apology; plays a feeling down or argues with it; an answer, a step or who does what by when;
# evasive, beside the question or elsewhere without a why.
MARKS = ("warm", "cold", "case", "stock", "argues", "concrete", "vague")
FEELING = 3.0  # a customer's sentence shows feeling from 0 to this
PLAIN = 0.4  # from this strength on a mark is named: then readers made most of them as well
_WARM, _COLD, _CASE, _STOCK = (MARKS.index(name) for name in ("warm", "cold", "case", "stock"))
POOLS = ("most", "mean", "first", "last")
NAMES = (
    *(f"marks.{mark}.{pool}" for pool in POOLS for mark in MARKS),
    "felt.most", "felt.sum", "felt.mean", "felt.open", "felt.later", "felt.last", "felt.three",
    "felt.passed_over", "felt.met", "felt.hurt", "felt.unmet", "felt.taken_up",
)  # fmt: skip
SHAPE = 2  # numbers of a sentence beside its cues


@dataclass(frozen=True, slots=True)
class Seen:
    """What the sentences of one side show beside their words.

    cue, of: each cue and the sentence in which it stands; shape (sentences × SHAPE): length, whether the turn is the
    first.
    """

    cue: Ints
    of: Ints
    shape: Floats

    @classmethod
    def by(cls, sides: Sequence[list[Sentence]]) -> Seen:
        """In the sentences of one side of several tickets."""
        found = [sentence for side in sides for sentence in side]
        cue, of = occurrences(found)
        shape = np.empty((len(found), SHAPE))
        shape[:, 0] = np.log1p([len(sentence.tokens) for sentence in found])
        shape[:, 1] = [sentence.turn == 0 for sentence in found]
        return cls(cue, of, shape)


@dataclass(frozen=True, slots=True)
class Marker:
    """The fitted marks of one side, beside what the words say.

    cues (cues × marks), shape (SHAPE × marks): what each adds; base (marks).
    """

    cues: Floats
    shape: Floats
    base: Floats

    def strengths(self, words: Floats, seen: Seen, most: float) -> Floats:
        """How strongly each sentence would be marked (sentences × marks), 0..most; words: what its words add."""
        shown = sums_of(self.cues[seen.cue], seen.of, len(words))
        shown += (seen.shape[:, :, None] * self.shape).sum(axis=1)
        return np.clip(self.base + words + shown, 0.0, most)


@dataclass(frozen=True, slots=True)
class Marked:
    """The marks of several tickets: rep (sentences × MARKS, 0..1), feeling (customers' sentences, 0..FEELING)."""

    rep: Floats
    feeling: Floats

    @classmethod
    def of(cls, rep: Floats, feeling: Floats) -> Marked:
        """Marks from their strengths; understanding or warmth in a cold sentence is none ("it is your own fault")."""
        rep = rep.copy()
        rep[:, [_WARM, _CASE]] *= 1.0 - rep[:, [_COLD]]
        return cls(rep, feeling)


def rows(scripts: Sequence[Transcript], marked: Marked) -> Floats:
    """The numbers of several tickets (tickets × NAMES); in each the rep must have written something."""
    reps, customers = [script.rep for script in scripts], [script.customer for script in scripts]
    starts = starts_of(reps)
    owner = np.repeat(np.arange(len(scripts)), np.diff(starts))
    turn = np.array([sentence.turn for side in reps for sentence in side], dtype=np.intp)
    first = np.array([side[0].turn for side in reps], dtype=np.intp)[owner]
    last = np.array([side[-1].turn for side in reps], dtype=np.intp)[owner]
    pools = (
        _most(marked.rep, starts),
        sums_of(marked.rep, owner, len(scripts)) / np.diff(starts)[:, None],
        _most(marked.rep * (turn == first)[:, None], starts),
        _most(marked.rep * (turn == last)[:, None], starts),
    )
    rep, felt = marked.rep.tolist(), marked.feeling.tolist()
    said, heard = starts.tolist(), starts_of(customers).tolist()
    numbers = [
        _numbers(script, rep[said[at] : said[at + 1]], felt[heard[at] : heard[at + 1]])
        for at, script in enumerate(scripts)
    ]
    return np.concatenate((*pools, np.array(numbers)), axis=1)


def _most(values: Floats, starts: Ints) -> Floats:
    return np.asarray(np.maximum.reduceat(values, starts[:-1], axis=0))


def _numbers(script: Transcript, rep: list[list[float]], felt: list[float]) -> tuple[float, ...]:
    """The customer's feeling in one ticket, and how the replies to it meet it."""
    by_turn: dict[int, float] = {}
    opening = later = 0.0
    opens = max(1, script.opening)
    for sentence, feeling in zip(script.customer, felt, strict=True):
        by_turn[sentence.turn] = max(by_turn.get(sentence.turn, 0.0), feeling)
        if sentence.turn < opens:
            opening = max(opening, feeling)
        else:
            later = max(later, feeling)
    replies: dict[int, tuple[float, float]] = {}  # how far each acknowledges, and how cold it is
    for sentence, marks in zip(script.rep, rep, strict=True):
        met, cold = replies.get(sentence.turn, (0.0, 0.0))
        replies[sentence.turn] = max(met, marks[_CASE], marks[_STOCK]), max(cold, marks[_COLD])
    passed = met = hurt = pending = 0.0
    for side, turn in script.order:
        if side == "c":
            pending = max(pending, by_turn.get(turn, 0.0))
        elif turn in replies:
            answered, cold = replies[turn]
            passed += pending * (1.0 - answered)
            met += pending * answered
            hurt += pending * cold
            pending = 0.0
    most = max(felt, default=0.0)
    taken_up = max(marks[_CASE] for marks in rep)
    return (
        most,
        log1p(sum(felt)),
        sum(felt) / max(1, len(felt)),
        opening,
        later,
        by_turn[max(by_turn)] if by_turn else 0.0,
        sum(sorted(felt, reverse=True)[:3]) / min(3, max(1, len(felt))),
        log1p(passed),
        log1p(met),
        log1p(hurt),
        most * (1.0 - max(answered for answered, _ in replies.values())),
        most * taken_up,
    )
