"""A workspace with judged tickets, people who review them, and a clock of its own."""

import os
import sqlite3
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from qatui.config import Settings
from qatui.domain.people import Account, Role
from qatui.services.changes import ChangeLog
from qatui.services.people import People
from qatui.services.reports import Reports
from qatui.services.reviews import Reviews
from qatui.store import conversations, verdicts
from qatui.store.engine import Database
from tests.services.tickets import OFFLINE, START, judged, ticket, verdict

NOW = datetime(2026, 3, 30, 12, tzinfo=UTC)
OLGA = Account(os.getuid(), "olga")
REMO = Account(502, "remo")
RITA = Account(503, "rita")
VERA = Account(501, "vera")


@dataclass
class Desk:
    """An open workspace, seen by one account at one time; both can be changed."""

    db: Database
    path: object
    who: Account = OLGA
    now: datetime = NOW
    people: People = field(init=False)
    reviews: Reviews = field(init=False)
    reports: Reports = field(init=False)
    log: ChangeLog = field(init=False)

    def __post_init__(self):
        accounts = {account.name: account for account in (VERA, REMO, RITA)} | {str(OLGA.uid): OLGA}
        settings = Settings(timezone="UTC")
        self.people = People(self.db, lambda: self.now, lambda: self.who, accounts.get)
        self.reviews = Reviews(self.db, settings, self.people, lambda: self.now)
        self.reports = Reports(self.db, settings)
        self.log = ChangeLog(self.db, self.people, lambda: self.now)

    async def add(self, *tickets):
        async with self.db.write() as connection:
            await conversations.save(connection, tickets)

    async def judge(self, row_id, of, outcome=None, *, judge=OFFLINE, when=START):
        async with self.db.write() as connection:
            await verdicts.record(connection, [(row_id, judged(of, outcome or verdict(), judge=judge, when=when))])

    async def row(self, row_id=1):
        return (await self.reports.ticket(row_id)).row

    async def scores(self, row_id=1):
        row = await self.row(row_id)
        return None if row.tone is None else (row.tone, row.clarity, row.empathy)

    def dump(self):
        """Every row of what people say and of what lists show, as stored."""
        connection = sqlite3.connect(self.path)
        try:
            tables = ("reviews", "golden", "choices", "listing", "verdicts")
            return {name: connection.execute(f"SELECT * FROM {name} ORDER BY 1").fetchall() for name in tables}
        finally:
            connection.close()


@asynccontextmanager
async def desk_on(path):
    """The workspace on a file, used by its owner."""
    db = await Database.open(path)
    try:
        yield Desk(db, path)
    finally:
        await db.close()


async def staffed(desk, count=4):
    """Tickets 1 to `count`, all judged with 4, 3, 2; remo and rita may review."""
    tickets = [ticket(number) for number in range(1, count + 1)]
    await desk.add(*tickets)
    for row_id, of in enumerate(tickets, 1):
        await desk.judge(row_id, of)
    await desk.people.set_role("remo", Role.REVIEWER)
    await desk.people.set_role("rita", Role.REVIEWER)
    return tickets
