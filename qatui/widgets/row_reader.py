"""Reading a table's rows in the background: coroutines that await a source and post what they got."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from textual.message import Message

from qatui.widgets.columns import Row
from qatui.widgets.sources import PAGE, Locating, Source, search

Post = Callable[[Message], object]


@dataclass(eq=False)
class Answer(Message, bubble=False):
    """What was asked in one generation of a table; another generation does not want it any more."""

    generation: int


@dataclass(eq=False)
class First(Answer, bubble=False):
    """The page with the row on which the cursor begins, and the number of rows where it is known already."""

    cursor: int
    rows: Sequence[Any]
    total: int | None


@dataclass(eq=False)
class Counted(Answer, bubble=False):
    """How many rows there are."""

    total: int


@dataclass(eq=False)
class Page(Answer, bubble=False):
    """One more page."""

    number: int
    rows: Sequence[Any]


@dataclass(eq=False)
class Unread(Answer, bubble=False):
    """A page, or where it is None something else, could not be read."""

    page: int | None
    error: Exception


@dataclass(eq=False)
class Searched(Answer, bubble=False):
    """Where a text was found, if it was, and how many rows were looked at."""

    text: str
    index: int | None
    searched: int


async def read_first(post: Post, generation: int, source: Source[Row], cursor: int, keep: Row | None) -> None:
    """Read where the cursor will be: on the row `keep` if the source can tell its place, else on that number.

    Rows come before the count where possible: to count a filter can take longer than to read what is seen.
    """
    try:
        if keep is not None and isinstance(source, Locating):
            place = await source.position(keep)
            cursor = cursor if place is None else place
        total: int | None = None
        if cursor >= PAGE:
            total = await source.count()
            cursor = min(cursor, max(0, total - 1))
        rows = await source.rows(cursor // PAGE * PAGE, PAGE)
        if cursor < PAGE and len(rows) < PAGE:
            total = len(rows)
        post(First(generation, cursor, rows, total))
        if total is None:
            post(Counted(generation, await source.count()))
    except Exception as error:
        post(Unread(generation, None, error))


async def read_page(post: Post, generation: int, source: Source[Row], number: int) -> None:
    """Read one page."""
    try:
        rows = await source.rows(number * PAGE, PAGE)
    except Exception as error:
        post(Unread(generation, number, error))
    else:
        post(Page(generation, number, rows))


async def look_for(
    post: Post,
    generation: int,
    source: Source[Row],
    text: str,
    matches: Callable[[Row], bool],
    start: int,
    total: int,
    backwards: bool,
) -> None:
    """Search for a row that matches `text`, from `start` on."""
    try:
        index, searched = await search(source, matches, start, total, backwards=backwards)
    except Exception as error:
        post(Unread(generation, None, error))
    else:
        post(Searched(generation, text, index, searched))
