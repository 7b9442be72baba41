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


Longer = dict[str, tuple[tuple[tuple[str, ...], int], ...]]


class Trie:
    """Word sequences and the cues they show, ready for one pass over tokens.

    `starts` maps a first word to the cues it shows alone and, by second word, to (further words, cue).
    """

    __slots__ = ("names", "starts")

    def __init__(self, cues: dict[str, tuple[str, ...]]) -> None:
        self.names = tuple(cues)
        alone: dict[str, set[int]] = {}
        longer: dict[str, dict[str, set[tuple[tuple[str, ...], int]]]] = {}
        for index, patterns in enumerate(cues.values()):
            for pattern in patterns:
                for words in expand(pattern):
                    alone.setdefault(words[0], set())
                    seconds = longer.setdefault(words[0], {})
                    if len(words) == 1:
                        alone[words[0]].add(index)
                    else:
                        seconds.setdefault(words[1], set()).add((words[2:], index))
        self.starts: dict[str, tuple[tuple[int, ...], Longer]] = {
            first: (tuple(sorted(cue)), {second: tuple(sorted(rest)) for second, rest in longer[first].items()})
            for first, cue in alone.items()
        }

    def find(self, tokens: list[str]) -> list[int]:
        """The cue of every match, in order of the tokens; overlapping patterns of one cue at one place count once."""
        found: list[int] = []
        starts = self.starts
        for at, token in enumerate(tokens):
            if token not in starts:
                continue
            alone, longer = starts[token]
            found += alone
            if longer and at + 1 < len(tokens):
                candidates = longer.get(tokens[at + 1])
                if candidates is not None:
                    seen = set(alone)
                    for rest, cue in candidates:
                        if cue not in seen and (not rest or tuple(tokens[at + 2 : at + 2 + len(rest)]) == rest):
                            seen.add(cue)
                            found.append(cue)
        return found
