"""The list of tickets as a table asks for it: pages, total, and where a ticket stands; and its columns."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from textual.content import Content

from qatui.domain.listing import Sort, SortColumn, TicketCounts, TicketFilter, TicketRow
from qatui.domain.rubric import LOW, Dimension
from qatui.domain.verdict import Flag
from qatui.screens import words
from qatui.text import supports_unicode, visible
from qatui.widgets.columns import Column
from qatui.widgets.glyphs import glyphs

if TYPE_CHECKING:
    from qatui.services.reports import Reports

SORT_WORDS = {
    SortColumn.CLOSED: "close date",
    SortColumn.NAME: "name",
    SortColumn.OVERALL: "overall score",
}


@dataclass(frozen=True, slots=True)
class ListOf:
    """Which list: the filter with its window, and the order. Two equal ones have the same rows."""

    where: TicketFilter
    sort: Sort


class TicketsSource:
    """Rows of one list, read page by page; the counts are asked for once."""

    def __init__(self, reports: Reports, of: ListOf) -> None:
        self.of = of
        self._reports = reports
        self._counts: asyncio.Future[TicketCounts] | None = None

    async def counts(self) -> TicketCounts:
        """Total and unscored tickets; whoever asks second waits for the first answer."""
        if self._counts is None or self._counts.cancelled():
            self._counts = asyncio.ensure_future(self._reports.counts(self.of.where))
        return await asyncio.shield(self._counts)

    def forget(self) -> None:
        """The rows may have changed: count them anew when asked again."""
        self._counts = None

    async def count(self) -> int:
        return (await self.counts()).total

    async def rows(self, offset: int, limit: int) -> Sequence[TicketRow]:
        return await self._reports.rows(self.of.where, self.of.sort, offset, limit)

    async def position(self, row: object, /) -> int | None:
        assert isinstance(row, TicketRow)
        return await self._reports.position(self.of.where, self.of.sort, row.row_id)


def natural(column: SortColumn) -> Sort:
    """The direction one wants first: the newest, the lowest scores, names from A."""
    return Sort(column, column is SortColumn.CLOSED)


def columns(zone: ZoneInfo, now: Callable[[], datetime]) -> list[Column[TicketRow]]:
    """The columns of the table, the ones that are needed at 80 cells first to stay."""

    def closed(row: TicketRow) -> Content:
        return Content.styled(words.when(row.closed_at, zone, now()), "$foreground-muted")

    return [
        Column(SortColumn.CLOSED.value, "closed", 12, closed),
        Column(SortColumn.NAME.value, "ticket", 20, lambda row: row.name, grow=True),
        Column(SortColumn.REP.value, "rep", 15, _rep),
        Column(SortColumn.TEAM.value, "team", 12, lambda row: row.team, priority=3),
        Column(SortColumn.CHANNEL.value, "channel", 8, lambda row: row.channel or words.none(), priority=4),
        *(
            Column(dimension.value, dimension.label[0], 2, score_cell(dimension), explain=True)
            for dimension in Dimension
        ),
        Column(SortColumn.OVERALL.value, "mean", 4, _mean, priority=2, align="right"),
        Column("note", "", 12, note_cell, sortable=False, priority=1),
    ]


def _rep(row: TicketRow) -> Content:
    return Content.styled(visible(row.rep), "$foreground-muted" if row.rep_key is None else "")


def _mean(row: TicketRow) -> str:
    scores = [score for score in map(row.value, Dimension) if score is not None]
    return f"{sum(scores) / len(scores):.1f}" if scores else words.none()


def score_cell(dimension: Dimension) -> Callable[[TicketRow], Content]:
    """A score as a digit; a low one has a mark besides its colour."""

    def cell(row: TicketRow) -> Content:
        score = row.value(dimension)
        if score is None:
            return Content.styled(words.none(), "$foreground-muted")
        if score <= LOW:
            return Content.styled(f"{score}{low_mark()}", "bold $text-error")
        return Content.styled(str(score), "$text-success" if score == 5 else "")

    return cell


def low_mark() -> str:
    """What stands beside a low score."""
    return "◂" if supports_unicode() else "<"


def note_cell(row: TicketRow) -> Content:
    """Why a ticket has no score, after the signs of what people said of it and of its flags."""
    signs = review_sign(row)
    if row.unscored is not None:
        reason = words.reason_words(row.unscored.reason)
        return Content.assemble((signs, "bold $accent"), " " if signs else "", (reason, "$text-warning"))
    rest = row.flags - {Flag.UNSURE, Flag.REVIEWED, Flag.DISPUTED}
    unsure = Flag.UNSURE in row.flags and Flag.REVIEWED not in row.flags  # the judge is, the person is not
    flags = ("~" if unsure else "") + ("!" if rest else "")
    return Content.assemble((signs, "bold $accent"), (flags, "bold $text-warning"))


def review_sign(row: TicketRow) -> str:
    """Whether the scores are a person's, and whether somebody disputes them."""
    signs = glyphs()
    reviewed = signs.reviewed if Flag.REVIEWED in row.flags else ""
    return reviewed + (signs.disputed if Flag.DISPUTED in row.flags else "")
