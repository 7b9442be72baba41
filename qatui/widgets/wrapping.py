"""Text broken into lines of terminal cells, as spans of the text, so that a passage of it can still be found."""

from __future__ import annotations

import re
from functools import lru_cache

from rich.cells import get_character_cell_size

from qatui.text import cell_len
from qatui.widgets.cells import steady

# Anything but characters of exactly one cell: Latin letters, usual punctuation and currency signs need no measuring.
_MEASURED = re.compile(r"[^ -\xac\xae-\u02ff\u2010-\u2027\u2030-\u205e\u20a0-\u20bf]")

Span = tuple[int, int]  # start and end of a line in the text, the blank it was broken at left out


def wrap(text: str, width: int) -> list[Span]:
    """The lines of `text` at most `width` cells wide; line feeds break too; at least one line.

    Breaks at blanks, between wide characters (Chinese, Japanese and Korean write no blanks), and inside a word only
    where it is longer than a line.
    """
    width = max(2, width)
    lines: list[Span] = []
    start = 0
    while True:
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        lines += (_wide if _MEASURED.search(text, start, end) else _narrow)(text, start, end, width)
        if end == len(text):
            return lines
        start = end + 1


def _narrow(text: str, start: int, end: int, width: int) -> list[Span]:
    """One paragraph in which every character is one cell: no measuring needed."""
    lines: list[Span] = []
    while end - start > width:
        cut = text.rfind(" ", start, start + width + 1)
        if cut <= start:
            cut = start + width
        lines.append((start, cut))
        start = cut
        while start < end and text[start] == " ":
            start += 1
    lines.append((start, end))
    return lines


def _wide(text: str, start: int, end: int, width: int) -> list[Span]:
    """One paragraph with characters of none, one or two cells."""
    lines: list[Span] = []
    used = 0
    position = start
    opportunity = start  # where the line may end: after the last blank or wide character
    while position < end:
        size = cells(text[position])
        if used + size > width:
            cut = opportunity if opportunity > start else position
            lines.append((start, start + len(text[start:cut].rstrip(" "))))
            start = cut
            while start < end and text[start] == " ":
                start += 1
            position = opportunity = start
            used = 0
            continue
        used += size
        position += 1
        if size == 2 or text[position - 1] == " ":
            opportunity = position
    lines.append((start, end))
    return lines


@lru_cache(maxsize=4096)
def cells(character: str) -> int:
    """The cells one character takes on screen, as `steady` shows it."""
    if character.isascii():
        return 1
    shown = steady(character)
    return get_character_cell_size(shown) if shown else 0


def wrapped(text: str, width: int) -> list[str]:
    """The lines themselves, for text in which no passage has to be found."""
    return [text[start:end] for start, end in wrap(text, width)]


def flow(items: list[str], width: int, gap: int) -> list[list[int]]:
    """Items set side by side with `gap` blanks between, as indexes per line: what does not fit goes on below."""
    lines: list[list[int]] = [[]]
    used = 0
    for index, item in enumerate(items):
        size = cell_len(item)
        if lines[-1] and used + gap + size > width:
            lines.append([])
            used = 0
        used += size + (gap if lines[-1] else 0)
        lines[-1].append(index)
    return lines
