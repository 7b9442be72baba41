"""Names of topics: the words that set a topic apart from the others, and its most central question."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qatui.services.gaps.topics import medoid
from qatui.services.gaps.vectors import MAX_CHARACTERS

if TYPE_CHECKING:
    from qatui.services.gaps.vectors import Vectors

_WORD = re.compile(r"[^\W\d_][\w'’-]*[^\W_]|[^\W\d_]")

# Words that say how somebody asks, not what about. English; in other languages the weights must do.
_ASKING_WORDS = """
    a about after again all also am an and any anyone are as at be because been before being but by can can't cannot
    could did didn't do does doesn't don't for from get gets getting give go going gonna got had has have haven't
    having hello help here hey hi how i i'd i'll i'm i've if in into is isn't it it's its just know let like look
    looking make may maybe me might more much my need needed needs no not now of off ok okay on one only or our out
    over own please really right see should show so some someone something still sure tell than thank thanks that
    that's the their them then there these they thing things this those through to too try trying up us use using
    very want wanted wants was way we well were what what's when where where's which while who why will with won't
    would yes yet you your
"""
_ASKING = frozenset(_ASKING_WORDS.split())


@dataclass(frozen=True, slots=True)
class TopicName:
    """A name made by machine: terms, best first, and the row of the most central question."""

    terms: tuple[str, ...]
    question: int

    @property
    def text(self) -> str:
        """The terms as one line; empty if the questions have no word of their own."""
        return ", ".join(self.terms)


def question_words(text: str) -> frozenset[str]:
    """The words of a question that may name a topic: lower case, without the words of asking."""
    words = (word.replace("’", "'").removesuffix("'s") for word in _WORD.findall(text[:MAX_CHARACTERS].lower()))
    return frozenset(word for word in words if len(word) > 1 and word not in _ASKING)


def count_words(texts: Iterable[str]) -> Counter[str]:
    """In how many of the texts each word occurs: the background that `name_topic` weighs against."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(question_words(text))
    return counts


def name_topic(
    texts: Sequence[str], vectors: Vectors, background: Counter[str], questions: int, *, terms: int = 3
) -> TopicName:
    """Names a topic of n >= 1 questions: texts (n) and their unit rows (n, d).

    background: `count_words` of all questions (or a fair sample of them, this topic included), `questions` of them.
    A word's weight is its share of the topic's questions times log(1 + questions / background count): class-based
    TF-IDF (Grootendorst 2022) on the presence of words, so that one long question cannot name a topic. Words of a
    single question name nothing unless the topic has no other. Ties go by alphabet.
    """
    counts = count_words(texts)
    shared = {word: count for word, count in counts.items() if count > 1} or dict(counts)
    weights = {
        word: count / len(texts) * math.log(1 + questions / max(count, background[word]))
        for word, count in shared.items()
    }
    best = sorted(weights, key=lambda word: (-weights[word], word))
    chosen: list[str] = []
    for word in best:
        if not any(_same_stem(word, other) for other in chosen):
            chosen.append(word)
        if len(chosen) == terms:
            break
    return TopicName(tuple(chosen), medoid(vectors))


def _same_stem(one: str, other: str) -> bool:
    """Whether two words are forms of one ('charge', 'charges', 'charged'): a long common beginning, short ends."""
    common = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        common += 1
    return common >= 4 and max(len(one), len(other)) - common <= 3
