"""The words by which reps and customers show what the rubric asks for, as cues found in one pass over the tokens."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources
from itertools import product

from qatui.errors import JudgeError

FILE = "lexicon.txt"


def read() -> dict[str, dict[str, tuple[str, ...]]]:
    """Patterns by cue, for 'rep' and 'customer', from the packaged file; raises JudgeError when it is missing."""
    try:
        text = resources.files(__package__).joinpath(FILE).read_text(encoding="utf-8")
    except OSError as error:
        raise JudgeError("The judge's lexicon is missing.", hint="Install qatui again.") from error
    sides: dict[str, dict[str, tuple[str, ...]]] = {}
    for part in text.split("\n["):
        side, _, body = part.partition("]\n")
        if body:
            entries = (entry.partition(": ") for entry in body.replace("\n ", "").strip().split("\n"))
            sides[side] = {
                cue: tuple(" ".join(pattern.split()) for pattern in patterns.split(",")) for cue, _, patterns in entries
            }
    return sides


def expand(pattern: str) -> Iterator[tuple[str, ...]]:
    """Every word sequence a pattern stands for: `(so|very|) sorry` -> (so, sorry), (very, sorry), (sorry,)."""
    parts: list[list[str]] = []
    for part in _split(pattern):
        parts.append(part)
    for choice in product(*parts):
        words = tuple("".join(choice).split())
        if words:
            yield words


def _split(pattern: str) -> Iterator[list[str]]:
    depth = 0
    start = 0
    for at, char in enumerate(pattern):
        if char == "(" and pattern[at - 1 : at] not in (":", "-", "'"):
            if at > start:
                yield [pattern[start:at]]
            depth, start = 1, at + 1
        elif char == ")" and depth:
            yield pattern[start:at].split("|")
            depth, start = 0, at + 1
    if start < len(pattern):
        yield [pattern[start:]]


Node = tuple[tuple[int, ...], dict[str, "Node"]]
"""The cues that words up to here show, without those that fewer of them show already, and what a next word shows."""

_Grown = dict[str | int, "_Grown"]  # while it is made: by word what comes next, and by number the cues shown here


class Trie:
    """Word sequences and the cues they show, ready for one pass over tokens; `starts` holds the first words."""

    __slots__ = ("names", "starts")

    def __init__(self, cues: dict[str, tuple[str, ...]]) -> None:
        self.names = tuple(cues)
        grown: _Grown = {}
        for index, patterns in enumerate(cues.values()):
            for pattern in patterns:
                for words in expand(pattern):
                    here = grown
                    for word in words:
                        here = here.setdefault(word, {})
                    here[index] = {}
        ends: dict[tuple[int, ...], Node] = {}
        self.starts = {word: _node(after, set(), ends) for word, after in grown.items() if isinstance(word, str)}

    def find(self, tokens: list[str]) -> list[int]:
        """The cue of every match; overlapping patterns of one cue that start at one token count once."""
        found: list[int] = []
        size = len(tokens)
        for at, node in enumerate(map(self.starts.get, tokens), 1):
            if node is not None:
                here = at
                cues, further = node
                if cues:
                    found += cues
                while further and here < size and (node := further.get(tokens[here])) is not None:
                    cues, further = node
                    if cues:
                        found += cues
                    here += 1
        return found


def _node(grown: _Grown, before: set[int], ends: dict[tuple[int, ...], Node]) -> Node:
    """What stands behind some words. Most words are the last of theirs: those that show the same share one node."""
    shown = {cue for cue in grown if isinstance(cue, int)}
    cues = tuple(sorted(shown - before))
    if len(grown) == len(shown):
        return ends.setdefault(cues, (cues, {}))
    before = before | shown
    return cues, {word: _node(after, before, ends) for word, after in grown.items() if isinstance(word, str)}
