"""Questions about quality, answered: what the Reps, Tickets and Ticket screens and `qatui report` show."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime

from qatui.config import Settings
from qatui.domain.conversation import NO_TEAM, Ticket
from qatui.domain.listing import (
    Choices,
    GroupDetail,
    Sort,
    SortColumn,
    TicketCounts,
    TicketFilter,
    TicketRow,
    TicketView,
)
from qatui.domain.metrics import RepsReport, RepSummary, ScoredBy, TeamSummary
from qatui.store import reports
from qatui.store.engine import Database
from qatui.store.sql import Connection

EXAMPLES = 2  # exemplary and difficult tickets shown beside a rep or team
REASONS = 6  # what lowered scores most often: so many cues
CHUNK = 400  # tickets read at once when all of a filter are walked through


class Reports:
    """Reads only; every answer is of one moment of the database."""

    def __init__(self, db: Database, settings: Settings) -> None:
        self._db = db
        self._settings = settings

    async def reps(self, where: TicketFilter) -> RepsReport:
        """Teams with their reps, by name with the unknown last, and how many tickets of `where` are unscored."""
        async with self._db.read() as connection:
            rows = await reports.by_rep(connection, where, self._settings.zone)
            unscored = await reports.unscored(connection, where)
        teams: dict[str, list[RepSummary]] = {}
        for row in rows:
            teams.setdefault(row.team, []).append(row)
        return RepsReport(
            teams=tuple(
                TeamSummary(
                    team=team, reps=tuple(sorted(teams[team], key=lambda rep: (not rep.key, rep.rep.casefold())))
                )
                for team in sorted(teams, key=lambda team: (team == NO_TEAM, team.casefold()))
            ),
            unscored=unscored,
            mapping=self._settings.overall,
        )

    async def counts(self, where: TicketFilter) -> TicketCounts:
        """How many tickets `where` leaves, and why some are unscored."""
        async with self._db.read() as connection:
            return await reports.counts(connection, where)

    async def rows(self, where: TicketFilter, sort: Sort, offset: int, limit: int) -> list[TicketRow]:
        """One page of the list of `where` in the order of `sort`."""
        async with self._db.read() as connection:
            return await reports.rows(connection, where, sort, offset, limit)

    async def position(self, where: TicketFilter, sort: Sort, row_id: int) -> int | None:
        """Where a ticket stands in that list, from 0; None when the filter leaves it out."""
        async with self._db.read() as connection:
            return await reports.position(connection, where, sort, row_id)

    async def find(self, name: str) -> int:
        """The row id of the ticket named `id` or `source/id`; NotFoundError when none or several fit."""
        from qatui.store import conversations

        async with self._db.read() as connection:
            return await conversations.find(connection, name)

    async def ticket(self, row_id: int) -> TicketView:
        """One ticket with its facts and the judgement that views use; NotFoundError when it is gone."""
        async with self._db.read() as connection:
            [row] = await reports.rows_by_id(connection, [row_id])
            [view] = await _views(connection, [row])
            return view

    async def addressing(self, ticket: Ticket) -> dict[int, str]:
        """Which messages of a ticket speak to the judge, by position, and what they do: 'asks for a score'."""
        from qatui.services.scoring.llm.injection import findings

        found: dict[int, list[str]] = {}
        for finding in await asyncio.to_thread(findings, ticket):
            found.setdefault(finding.position, []).append(finding.trick.words)
        return {position: ", ".join(words) for position, words in found.items()}

    async def walk(self, where: TicketFilter, sort: Sort, limit: int | None = None) -> AsyncIterator[TicketView]:
        """All tickets of `where` in order, with facts and judgements, a chunk in memory at a time."""
        offset = 0
        async with self._db.read() as connection:
            while limit is None or offset < limit:
                size = CHUNK if limit is None else min(CHUNK, limit - offset)
                rows = await reports.rows(connection, where, sort, offset, size)
                for view in await _views(connection, rows):
                    yield view
                if len(rows) < size:
                    return
                offset += size

    async def detail(self, where: TicketFilter) -> GroupDetail:
        """What stands behind a rep's or team's means: distributions, reasons, the best and the worst tickets."""
        scored = replace(where, scored=True)
        async with self._db.read() as connection:
            return GroupDetail(
                distributions=await reports.distributions(connection, scored),
                lowered_by=tuple(await reports.cue_counts(connection, scored, REASONS)),
                exemplary=tuple(await reports.rows(connection, scored, Sort(SortColumn.OVERALL, True), 0, EXAMPLES)),
                difficult=tuple(await reports.rows(connection, scored, Sort(SortColumn.OVERALL, False), 0, EXAMPLES)),
            )

    async def judges(self, where: TicketFilter) -> ScoredBy:
        """Who gave the scores that the figures of `where` are made of; nobody averages several judges unawares."""
        async with self._db.read() as connection:
            return await reports.judges(connection, where)

    async def choices(self) -> Choices:
        """The values that occur, for filters and completions."""
        async with self._db.read() as connection:
            return await reports.choices(connection)

    async def span(self) -> tuple[datetime | None, datetime | None]:
        """The first and the latest close date of all tickets; None where no ticket has one."""
        async with self._db.read() as connection:
            return await reports.span(connection)


async def _views(connection: Connection, rows: Sequence[TicketRow]) -> list[TicketView]:
    """Rows with their facts, judgements and reviews; NotFoundError when one is gone."""
    from qatui.store import conversations, reviews, verdicts  # the first rows on screen need none of them

    ids = [row.row_id for row in rows]
    tickets = await conversations.load(connection, ids)
    judgements = await verdicts.latest_of(connection, ids)
    said = await reviews.of(connection, ids)
    return [
        TicketView(
            row=row, ticket=ticket, judgement=judgements.get(row.row_id), reviews=tuple(said.get(row.row_id, ()))
        )
        for row, ticket in zip(rows, tickets, strict=True)
    ]
