"""Charts as numbers: series of items with what is drawn, before anything is drawn.

qatui draws its charts itself. textual-plotext was tried on each of them and left out: its frames and lines have no
ASCII form, parts of a stack differ by colour alone, a gap or a provisional week looks like any other, and nothing
tells which cells a bar takes, so that no cursor can stand on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from textual.content import Content
from textual.geometry import Region

from qatui.domain.performance import Unit, in_words
from qatui.text import ellipsis
from qatui.widgets.glyphs import glyphs

MUTED = "$foreground-muted"  # not $text-muted, which is white inside a Content
POINTED = "reverse"  # under the cursor: must be seen without colour

_ASCII = str.maketrans({"—": "-", "÷": "/", "−": "-", "·": "-", "×": "x", "…": "~"})


def printable(words: str) -> str:
    """qatui's own words with signs that this terminal's locale can carry."""
    return words if glyphs().unicode else words.translate(_ASCII)


def compact(number: float) -> str:
    """A count in at most five cells, exact below 1,000: `950`, `9.5k`, `95k`, `9.5M`."""
    if number < 1_000:
        return f"{number:.0f}"
    if number < 999_500:
        return f"{number / 1e3:.1f}k" if number < 9_950 else f"{number / 1e3:.0f}k"
    return f"{number / 1e6:.1f}M"


def joined(runs: Iterable[tuple[str, str]]) -> Content:
    """Runs of text and their looks as few spans: neighbours that look the same are one, and blanks have no look."""
    texts: list[str] = []
    looks: list[str] = []
    for text, look in runs:
        if not text:
            continue
        if looks and (look == looks[-1] or (text.isspace() and not (_filled(look) or _filled(looks[-1])))):
            texts[-1] += text
        else:
            texts.append(text)
            looks.append(look)
    return Content.assemble(*zip(texts, looks, strict=True))


def _filled(look: str) -> bool:
    """Whether a look shows on blanks too."""
    return "on $" in look or POINTED in look


def cut(content: Content, width: int) -> Content:
    """At most `width` cells, with the mark of cut text."""
    if content.cell_length <= width:
        return content
    return Content.assemble(content.truncate(max(0, width - 1)), (ellipsis(), MUTED))


class Shape(StrEnum):
    """How a chart is drawn."""

    TILES = "tiles"  # one figure beside the other
    COLUMNS = "columns"  # a column per week: the first series; the others are numbers beside it
    STACKED = "stacked"  # a column per week: the first series is the whole, the others are its parts
    BARS = "bars"  # a line per item: the first series as a bar, all as numbers


@dataclass(frozen=True, slots=True)
class Series:
    """One number per item. look: the colour of its bars, a variable of the theme."""

    title: str
    unit: Unit = Unit.COUNT
    look: str = "$primary"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A week, a channel, a reason, a rep, or a tile: its numbers, one for each series (None: there is none).

    label: as short as an axis needs it; name: in full. partial: the week is not over or cut by the period;
    provisional: episodes of it are still pending. lines and trend: what a tile says below its figure.
    """

    label: str
    name: str
    values: tuple[float | None, ...]
    partial: bool = False
    provisional: bool = False
    lines: tuple[str, ...] = ()
    trend: tuple[float | None, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """What one chart shows. remark: a sentence without which it would mislead; rest: what the parts leave of the whole.

    A tile takes the unit of the series with its own index, every other item those of all series.
    """

    key: str
    title: str
    shape: Shape
    series: tuple[Series, ...]
    items: tuple[Item, ...]
    remark: str = ""
    rest: Series | None = None

    def text(self, item: int, series: int) -> str:
        """One number as it reads; of a tile the figure itself."""
        unit = self.series[item if self.shape is Shape.TILES else series].unit
        return printable(in_words(unit, self.items[item].values[series]))

    @property
    def width(self) -> int:
        """How many numbers an item has."""
        return 1 if self.shape is Shape.TILES else len(self.series)


@dataclass(frozen=True, slots=True)
class Spot:
    """The cells in which one number is drawn, relative to the chart."""

    region: Region
    item: int
    series: int


@dataclass(frozen=True, slots=True)
class Drawn:
    """A drawn chart: its lines, and where each number stands in them. first: the first item that is seen."""

    lines: Sequence[Content]
    spots: Sequence[Spot]
    first: int = 0

    def spot(self, item: int, series: int) -> Region | None:
        """Where a number stands; of a column that is one bar, the whole of it."""
        same = [spot for spot in self.spots if spot.item == item]
        exact = [spot for spot in same if spot.series == series]
        return (exact or same)[0].region if same else None

    def at(self, x: int, y: int) -> Spot | None:
        """The number that is drawn in a cell."""
        return next((spot for spot in self.spots if spot.region.contains(x, y)), None)


def window(first: int, seen: int, total: int, cursor: int) -> int:
    """The first of `seen` items so that the cursor is among them, moved as little as possible."""
    first = min(max(first, cursor - seen + 1), cursor)
    return max(0, min(first, total - seen))
