"""What a coaching pack is written in: blocks of plain text, which Markdown, HTML and the screen draw alike.

What strangers wrote stands in them as it was stored; whoever draws makes it harmless.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from qatui.domain.coaching import Quoted


class Kind(Enum):
    """How a paragraph is meant."""

    PLAIN = auto()
    WARNING = auto()
    QUIET = auto()


@dataclass(frozen=True, slots=True)
class Heading:
    """level: 1 the title, 2 a section, 3 a ticket; page: printed, it begins a new page."""

    text: str
    level: int = 2
    page: bool = False


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One or more sentences."""

    text: str
    kind: Kind = Kind.PLAIN


@dataclass(frozen=True, slots=True)
class Grid:
    """A table; all columns but the first hold figures."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Series:
    """One value a week, oldest first, None where nothing was closed; drawn between `low` and `high`."""

    label: str
    values: tuple[float | None, ...]
    low: float
    high: float
    words: str


@dataclass(frozen=True, slots=True)
class Trends:
    """Series over the same weeks, which are named by their first days."""

    weeks: tuple[str, ...]
    series: tuple[Series, ...]


@dataclass(frozen=True, slots=True)
class Point:
    """One thing worth saying, and how often it was seen (or nothing)."""

    text: str
    count: str = ""


@dataclass(frozen=True, slots=True)
class Labelled:
    """Words under a label: a reason under its score, a review under its author."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Quotation:
    """Words of a ticket, and where they stand."""

    quote: Quoted
    source: str


Block = Heading | Paragraph | Grid | Trends | Point | Labelled | Quotation
