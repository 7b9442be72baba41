"""A coaching pack as Markdown in which nothing that was written in a ticket is a mark, a link or HTML."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from qatui.services.coaching.blocks import Block, Grid, Heading, Kind, Labelled, Paragraph, Point, Quotation, Trends
from qatui.text import one_line

_MARKS = re.compile(r"([\\`*_\[\]<>#|&~$])")
# Words that readers of Markdown turn into links by themselves, also where every mark in them is escaped: addresses,
# names of hosts, mentions and numbers of issues. As code they stay what they are.
_LINKED = re.compile(r"://|//|@|^\W*www\.|\w\.[^\W\d_]{2}|#\w", re.IGNORECASE)
_LIST = re.compile(r"^(\d{0,9})([-+.)])")  # by which a line would begin an item of a list, or be a rule
_TICKS = re.compile(r"`+")
_BARS = "▁▂▃▄▅▆▇█"
_NO_BAR = "·"
_DASH = "—"


def markdown(blocks: Iterable[Block]) -> str:
    """The blocks as one document."""
    return "".join(_parts(blocks))


def _parts(blocks: Iterable[Block]) -> Iterator[str]:
    before: Block | None = None
    for block in blocks:
        listed = isinstance(block, Point | Labelled)
        yield "" if before is None or (listed and isinstance(before, Point | Labelled)) else "\n"
        yield _block(block, nested=isinstance(before, Point))
        before = block


def _block(block: Block, *, nested: bool) -> str:
    match block:
        case Heading(text, level):
            return f"{'#' * level} {escaped(text)}\n"
        case Paragraph(text, Kind.WARNING):
            return f"**Note:** {escaped(text)}\n"
        case Paragraph(text, Kind.QUIET):
            return f"*{escaped(text)}*\n"
        case Paragraph(text):
            return f"{escaped(text)}\n"
        case Point(text, count):
            return f"- **{escaped(text)}**{f' ({escaped(count)})' if count else ''}\n"
        case Labelled(label, text):
            return f"- {escaped(label)}: {escaped(text)}\n"
        case Quotation(quote, source):
            return f"> “{escaped(quote.text)}”\n> {_DASH} {escaped(source)}\n"
        case Grid(header, rows):
            return _table(header, rows)
        case Trends(weeks, series):
            head = ("", f"{weeks[0]} to {weeks[-1]}", "")
            return _table(head, [(each.label, spark(each.values, each.low, each.high), each.words) for each in series])


def _table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    rule = ("---", *("---:" for _ in header[1:]))
    lines = [_cells(header), rule, *map(_cells, rows)]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def _cells(texts: tuple[str, ...]) -> tuple[str, ...]:
    """The cells of a row; readers differ on how a bar inside of one is written, so another sign stands for it."""
    return tuple(escaped(text.replace("|", "¦")) for text in texts)


def escaped(text: str) -> str:
    """Text on one line that Markdown shows as it is: marks behind backslashes, what looks like a link as code."""
    words = one_line(text).split(" ")
    shown = " ".join(_code(word) if _LINKED.search(word) else _MARKS.sub(r"\\\1", word) for word in words)
    return _LIST.sub(r"\1\\\2", shown)


def _code(word: str) -> str:
    """A word as code, between more backticks than it holds itself."""
    longest = max((len(run) for run in _TICKS.findall(word)), default=0)
    fence = "`" * (longest + 1)
    gap = " " if word.startswith("`") or word.endswith("`") else ""
    return f"{fence}{gap}{word}{gap}{fence}"


def spark(values: Iterable[float | None], low: float, high: float) -> str:
    """One bar a value between `low` and `high`, in the middle where these are the same; a dot for None."""
    span = high - low
    drawn = []
    for value in values:
        share = 0.5 if span <= 0 else ((value or 0.0) - low) / span
        step = max(0, min(len(_BARS) - 1, int(share * len(_BARS))))
        drawn.append(_NO_BAR if value is None else _BARS[step])
    return "".join(drawn)
