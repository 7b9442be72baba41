"""A workspace with judged tickets and several reviewers, for what is compared between them."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from qatui.config import Settings
from qatui.domain.conversation import Ticket
from qatui.domain.people import Account, Role
from qatui.domain.review import Scores
from qatui.domain.verdict import JudgeIdentity
from qatui.services.calibration import Calibration
from qatui.services.changes import ChangeLog
from qatui.services.people import People
from qatui.services.reports import Reports
from qatui.services.reviews import Reviews
from qatui.store import conversations, verdicts
from qatui.store.engine import Database
from tests.services.tickets import ANA, BEN, LLM, OFFLINE, START, judged, ticket, verdict

OLGA = Account(os.getuid(), "olga")
VERA, EMIL, GUEST = Account(501, "vera"), Account(502, "emil"), Account(503, "gast")
NAMESAKE = Account(504, "people")
NAMED = {account.name: account for account in (VERA, EMIL, GUEST, NAMESAKE)}


class Desk:
    """The services over one file; `who` is asking, and every change is a minute later than the one before."""

    def __init__(self, db: Database, path: Path) -> None:
        self.db = db
        self.who = OLGA
        self.minutes = 0
        settings = Settings(db=str(path), timezone="UTC")
        self.people = People(db, self.now, lambda: self.who, NAMED.get)
        self.reviews = Reviews(db, settings, self.people, self.now)
        self.calibration = Calibration(db, self.people, self.now)
        self.changes = ChangeLog(db, self.people, self.now)
        self.reports = Reports(db, settings)

    def now(self):
        self.minutes += 1
        return START + timedelta(days=1, minutes=self.minutes)

    async def add(self, tickets: Sequence[Ticket]) -> None:
        """Facts as an import leaves them; row ids count from 1."""
        async with self.db.write() as connection:
            await conversations.save(connection, tickets)

    async def judge(self, by: JudgeIdentity, of: Sequence[tuple[int, Ticket, Scores]]) -> None:
        """Verdicts of a judge on tickets, by row id."""
        async with self.db.write() as connection:
            await verdicts.record(
                connection,
                [
                    (row_id, judged(each, verdict(s.tone, s.clarity, s.empathy), judge=by, when=self.now()))
                    for row_id, each, s in of
                ],
            )

    async def review(self, who: Account, row_id: int, scores: Scores, *, blind: bool = False) -> None:
        """A person's own scores."""
        before, self.who = self.who, who
        await self.reviews.score(row_id, scores, blind=blind)
        self.who = before


def several(number: int) -> list[Ticket]:
    """So many tickets, by turns of Ana and Ben."""
    return [
        ticket(n, rep=ANA if n % 2 else BEN, closed=START + timedelta(days=n % 7), channel="chat" if n % 3 else "email")
        for n in range(1, number + 1)
    ]


@asynccontextmanager
async def desk_on(path: Path) -> AsyncIterator[Desk]:
    """A new workspace with two reviewers and an editor."""
    db = await Database.open(path)
    try:
        desk = Desk(db, path)
        await desk.people.set_role("vera", Role.REVIEWER)
        await desk.people.set_role("emil", Role.EDITOR)
        yield desk
    finally:
        await db.close()


__all__ = ["ANA", "BEN", "EMIL", "GUEST", "LLM", "NAMESAKE", "OFFLINE", "OLGA", "VERA", "Desk", "desk_on", "several"]
