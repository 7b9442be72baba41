"""Where a table's rows come from, and the few pages of them that are kept."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from typing import Generic, Protocol, TypeVar, runtime_checkable

PAGE = 128  # rows read at once
PAGES = 16  # pages kept; the least recently seen leaves first
SEARCHED = 20_000  # rows that one search reads at most

Row = TypeVar("Row")
Row_co = TypeVar("Row_co", covariant=True)


class Source(Protocol[Row_co]):
    """Rows in one order under one filter, read in pieces."""

    async def count(self) -> int:
        """How many rows there are."""
        ...

    async def rows(self, offset: int, limit: int) -> Sequence[Row_co]:
        """At most `limit` rows from `offset` on, counted from 0."""
        ...


@runtime_checkable
class Locating(Protocol):
    """A source that can tell where a row stands now, so that the cursor stays on it when the rows are read again."""

    async def position(self, row: object, /) -> int | None:
        """The place of the row, counted from 0, or None where it is gone."""
        ...


class InMemory(Generic[Row]):
    """A source over rows that are in memory already; `key` names a row among all."""

    def __init__(self, rows: Sequence[Row], key: Callable[[Row], Hashable] | None = None) -> None:
        self._rows = rows
        self._key: Callable[[Row], object] = key or (lambda row: row)

    async def count(self) -> int:
        return len(self._rows)

    async def rows(self, offset: int, limit: int) -> Sequence[Row]:
        return self._rows[offset : offset + limit]

    async def position(self, row: Row, /) -> int | None:
        wanted = self._key(row)
        return next((index for index, other in enumerate(self._rows) if self._key(other) == wanted), None)


class Rows(Generic[Row]):
    """What is known of a source: the pages seen last, how many rows there are, and what could not be read."""

    def __init__(self) -> None:
        self.total: int | None = None
        self.unreadable: set[int] = set()
        self._pages: OrderedDict[int, Sequence[Row]] = OrderedDict()

    def __getitem__(self, index: int) -> Row | None:
        """The row at `index` of the source, None where it is not kept."""
        number, place = divmod(index, PAGE)
        page = self._pages.get(number)
        return page[place] if page is not None and place < len(page) else None

    @property
    def pages(self) -> int:
        """How many pages are kept: at most PAGES, whatever the source holds."""
        return len(self._pages)

    @property
    def known(self) -> int:
        """Rows that are known to exist: the total, or while it is still counted what was read from the start on."""
        if self.total is not None:
            return self.total
        number = 0
        while len(self._pages.get(number, ())) == PAGE:
            number += 1
        return number * PAGE

    def forget(self) -> None:
        """Another source, or the same one read anew."""
        self.total = None
        self.unreadable.clear()
        self._pages.clear()

    def put(self, number: int, rows: Sequence[Row]) -> bool:
        """Keep a page; whether it shows that there are fewer rows than were counted."""
        self._pages[number] = rows
        self._pages.move_to_end(number)
        while len(self._pages) > PAGES:
            self._pages.popitem(last=False)
        end = number * PAGE + len(rows)
        if self.total is None or not rows or len(rows) == PAGE or end >= self.total:
            return False
        self.total = end
        return True

    def seen(self, first: int, last: int) -> None:
        """The rows from `first` to `last` (both included) are on screen: their pages leave last."""
        for number in range(first // PAGE, last // PAGE + 1):
            if number in self._pages:
                self._pages.move_to_end(number)

    def lacking(self, first: int, last: int) -> list[int]:
        """The pages of the rows from `first` to `last` (both included) that are neither kept nor unreadable."""
        pages = range(first // PAGE, last // PAGE + 1)
        return [number for number in pages if number not in self._pages and number not in self.unreadable]


async def search(
    source: Source[Row], matches: Callable[[Row], bool], start: int, total: int, *, backwards: bool
) -> tuple[int | None, int]:
    """The nearest row after (or before) `start` that matches, going around the end, and how many rows were read.

    Reads SEARCHED rows at most, `start` itself last: a search in a table of millions ends soon.
    """
    step = -1 if backwards else 1
    page: Sequence[Row] = ()
    offset = -1
    for searched in range(1, min(total, SEARCHED) + 1):
        index = (start + step * searched) % total
        if index // PAGE * PAGE != offset:
            offset = index // PAGE * PAGE
            page = await source.rows(offset, PAGE)
        if index - offset < len(page) and matches(page[index - offset]):
            return index, searched
    return None, min(total, SEARCHED)
