"""Words and word pairs of several tickets, looked up and weighed at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise, repeat

import numpy as np
from numpy.typing import NDArray

from qatui.services.scoring.offline.transcript import Sentence

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]  # holds what the weights file holds, exactly, in half the memory
Ints = NDArray[np.intp]

# Tone, Clarity, Empathy towards a customer who shows emotion, whether the customer does (0..1), and Empathy towards
# one who does not.
OUTPUTS = ("tone", "clarity", "empathy", "cue", "calm")
SATISFACTION = ("satisfaction", "accomplishment", "effectiveness")


def grams(tokens: list[str]) -> Iterator[str]:
    """The words and word pairs of one sentence."""
    yield from tokens
    yield from map(" ".join, pairwise(tokens))


@dataclass(frozen=True, slots=True)
class Found:
    """The terms in the sentences of several tickets.

    rows: of the table of terms; sentence, ticket: where each stands, counted over all tickets. sizes: tokens of each
    sentence; starts: the first sentence of each ticket, and the end.
    """

    rows: Ints
    sentence: Ints
    ticket: Ints
    sizes: Floats
    starts: Ints


@dataclass(frozen=True, slots=True)
class Terms:
    """Words and word pairs of one side.

    words: a number for each word; word_rows: the word's row by its number, or -1. pairs: ascending, the number of the
    first word times how many words there are, plus that of the second; pair_rows: their rows.
    idf (terms): inverse frequencies for the satisfaction head, 0 where a term plays no part in it; weights (terms × 3):
    of that head; single (terms × columns): what a term says of the
    single sentence in which it stands.
    """

    words: dict[str, int]
    word_rows: Ints
    pairs: Ints
    pair_rows: Ints
    idf: Floats
    weights: Singles
    single: Singles

    @classmethod
    def of(cls, terms: Sequence[str], idf: Floats, weights: Singles, single: Singles) -> Terms:
        """A table whose row n belongs to the n-th term."""
        words = {word: at for at, word in enumerate(dict.fromkeys(word for term in terms for word in term.split(" ")))}
        word_rows = np.full(len(words), -1, dtype=np.intp)
        pairs: dict[int, int] = {}
        for row, term in enumerate(terms):
            first, _, second = term.partition(" ")
            if second:
                pairs[words[first] * len(words) + words[second]] = row
            else:
                word_rows[words[first]] = row
        keys = sorted(pairs)
        return cls(
            words,
            word_rows,
            np.array(keys, dtype=np.intp),
            np.array([pairs[key] for key in keys], dtype=np.intp),
            idf,
            weights,
            single,
        )

    def find(self, tickets: Sequence[list[Sentence]]) -> Found:
        """Looks up the sentences of each ticket."""
        told = [sentence.tokens for sentences in tickets for sentence in sentences]
        sizes = np.array([len(tokens) for tokens in told], dtype=np.intp)
        starts = starts_of(tickets)
        sentence = np.repeat(np.arange(len(sizes)), sizes)
        known = map(self.words.get, chain.from_iterable(told), repeat(-1))
        word = np.fromiter(known, dtype=np.intp, count=len(sentence))
        rows = np.where(word < 0, -1, self.word_rows[word])
        first, second = word[:-1], word[1:]
        both = np.flatnonzero((first >= 0) & (second >= 0) & (sentence[:-1] == sentence[1:]))
        wanted = first[both] * len(self.words) + second[both]
        place = np.searchsorted(self.pairs, wanted)
        place[place == len(self.pairs)] = 0
        there = self.pairs[place] == wanted
        alone = np.flatnonzero(rows >= 0)
        of = np.concatenate((sentence[alone], sentence[both[there]]))
        return Found(
            np.concatenate((rows[alone], self.pair_rows[place[there]])),
            of,
            np.repeat(np.arange(len(tickets)), np.diff(starts))[of],
            sizes.astype(np.float64),
            starts,
        )

    def satisfaction(self, found: Found) -> Floats:
        """What the words say of the customer's satisfaction (tickets × 3): tf-idf (sublinear, unit length), weighed."""
        tickets = len(found.starts) - 1
        terms = len(self.idf)
        once, count = np.unique(found.ticket * terms + found.rows, return_counts=True)
        ticket, term = np.divmod(once, max(1, terms))
        values = (1.0 + np.log(count)) * self.idf[term]
        length = np.sqrt(np.bincount(ticket, values * values, tickets)) + 1e-9
        return sums_of(self.weights[term] * (values / length[ticket])[:, None], ticket, tickets)

    def singly(self, found: Found) -> Floats:
        """What the words say of each single sentence (sentences × columns): sums over the root of its length."""
        size = np.sqrt(np.maximum(found.sizes, 1.0))
        return sums_of(self.single[found.rows], found.sentence, len(size)) / size[:, None]


def starts_of(tickets: Sequence[list[Sentence]]) -> Ints:
    """The place of each ticket's first sentence among those of all tickets, and how many there are."""
    starts = np.zeros(len(tickets) + 1, dtype=np.intp)
    np.cumsum([len(sentences) for sentences in tickets], out=starts[1:])
    return starts


def sums_of(values: Floats | Singles, of: Ints, count: int) -> Floats:
    """Sums of the rows of `values` by the group 0..count-1 that each belongs to (groups × columns).

    Each is added up by itself, one row after the other: what comes of a ticket must not hang on the tickets that are
    judged with it, not even in the last bit.
    """
    width = values.shape[1]
    cells = (of[:, None] * width + np.arange(width)).ravel()
    return np.asarray(np.bincount(cells, values.ravel(), count * width).reshape(count, width), dtype=np.float64)
