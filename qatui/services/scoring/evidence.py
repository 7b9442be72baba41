"""Sentences of messages as spans, and finding a quote again in the text it was taken from."""

from __future__ import annotations

import re
import unicodedata

from qatui.domain.verdict import Evidence

MAX_QUOTE = 280  # a longer sentence is cut at a word: a quote is to be read at a glance

# A sentence ends at a line feed or at closing punctuation before a blank, so that the dots of
# addresses and version numbers do not end one.
# One class of characters comes first, since the search for these is several times faster than for alternatives.
_END = re.compile(r"[\n.!?…。！？](?:(?<=\n)|[\"'”’)\]]*\s)\s*")
_QUOTES = str.maketrans({"‘": "'", "’": "'", "‚": "'", "“": '"', "”": '"', "„": '"', "–": "-", "—": "-", "\u00a0": " "})


def sentences(text: str) -> list[tuple[int, int]]:
    """The sentences of a message as (start, end) offsets, without the blanks around them; none is empty."""
    spans: list[tuple[int, int]] = []
    start = 0
    for end in [*[match.end() for match in _END.finditer(text)], len(text)]:
        piece = text[start:end]
        bare = piece.strip()
        if bare:
            first = start if piece[0] == bare[0] else start + len(piece) - len(piece.lstrip())
            spans.append((first, first + len(bare)))
        start = end
    return spans


def trimmed(position: int, start: int, end: int, text: str) -> Evidence:
    """Evidence for one sentence of a message, cut at a word where it is longer than MAX_QUOTE characters."""
    if end - start > MAX_QUOTE:
        cut = text.rfind(" ", start + MAX_QUOTE // 2, start + MAX_QUOTE)
        end = cut if cut > start else start + MAX_QUOTE
    return Evidence(position, start, end)


def find_quote(text: str, quote: str) -> tuple[int, int] | None:
    """Where `quote` stands in `text`, as (start, end) offsets of the stored text, or None.

    Exact first; then with blanks folded, typographic marks made plain and case ignored, since whoever quotes
    from memory changes these and nothing else. Quotation marks and dots around the quote do not count.
    """
    wanted = quote.strip()
    if not wanted:
        return None
    at = text.find(wanted)
    if at >= 0:
        return at, at + len(wanted)
    wanted = wanted.strip("\"'“”‘’…. ")
    folded, offsets = _folded(text)
    needle, _ = _folded(wanted)
    needle = needle.strip()
    if not needle:
        return None
    at = folded.find(needle)
    if at < 0:
        return None
    return offsets[at], offsets[at + len(needle) - 1] + 1


def _folded(text: str) -> tuple[str, list[int]]:
    """Text for comparison, and for each of its characters the offset of the original one."""
    kept: list[str] = []
    offsets: list[int] = []
    blank = True
    for offset, char in enumerate(text.translate(_QUOTES)):
        if char.isspace():
            if not blank:
                kept.append(" ")
                offsets.append(offset)
            blank = True
            continue
        blank = False
        for piece in unicodedata.normalize("NFKC", char).casefold():
            kept.append(piece)
            offsets.append(offset)
    return "".join(kept), offsets
