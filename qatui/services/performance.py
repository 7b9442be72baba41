"""Questions about the customer agent, answered: what the Performance screen and `qatui report performance` show."""

from __future__ import annotations

from datetime import datetime

from qatui.config import Settings
from qatui.domain.performance_behind import Behind, BehindRow, PerformanceQuestion
from qatui.domain.performance_report import Channel, PerformanceReport, performance_report
from qatui.store import performance, performance_behind
from qatui.store.engine import Database


class Performance:
    """Reads only; every answer is of one moment of the database."""

    def __init__(self, db: Database, settings: Settings) -> None:
        self._db = db
        self._settings = settings

    async def report(self, question: PerformanceQuestion) -> PerformanceReport:
        """Every figure of the customer agent; `explain` of the report and of the domain put them into words."""
        zone = self._settings.zone
        async with self._db.read() as connection:
            facts = await performance.facts(connection, question, zone, self._settings.assigned_channels)
        return performance_report(facts, as_of=question.as_of, zone=zone, period=question.period)

    def behind(self, question: PerformanceQuestion, what: Behind) -> BehindRows:
        """The rows behind one number of `report(question)`, to be read in pages."""
        return BehindRows(self._db, self._settings, question, what)

    async def channels(self) -> tuple[Channel, ...]:
        """The channels that occur, by name; None, where an import names none, last."""
        async with self._db.read() as connection:
            return tuple(await performance.channels(connection))

    async def span(self) -> tuple[datetime | None, datetime | None]:
        """When the first and the last episode of all began, UTC; None without any."""
        async with self._db.read() as connection:
            return await performance.span(connection)


class BehindRows:
    """The rows behind a number, newest first; as many as the number says. ValueError as `Behind` tells."""

    def __init__(self, db: Database, settings: Settings, question: PerformanceQuestion, what: Behind) -> None:
        self._db = db
        self._asked = (question, what, settings.zone, settings.assigned_channels)

    async def count(self) -> int:
        """How many rows there are."""
        async with self._db.read() as connection:
            return await performance_behind.count(connection, *self._asked)

    async def rows(self, offset: int, limit: int) -> list[BehindRow]:
        """At most `limit` rows from `offset` on, counted from 0."""
        async with self._db.read() as connection:
            return await performance_behind.rows(connection, *self._asked, offset, limit)

    async def position(self, row: object, /) -> int | None:
        """The place of a row now, counted from 0; None where it is gone."""
        if not isinstance(row, BehindRow):
            return None
        async with self._db.read() as connection:
            return await performance_behind.position(connection, *self._asked, row)
