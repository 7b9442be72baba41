"""A workspace with unanswered questions, people and a clock of its own."""

import os
import sqlite3
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from qatui.config import Settings
from qatui.domain.conversation import Event, EventType, Message, Rep, Speaker, Ticket
from qatui.domain.people import Account
from qatui.services.gaps.triage import Gaps
from qatui.services.gaps.vectors import WordLlamaEmbedder
from qatui.services.people import People
from qatui.store import conversations
from qatui.store.engine import Database

NOW = datetime(2026, 3, 30, 12, tzinfo=UTC)
ANA = Rep("r1", "Ana Pires", "Deliveries")
NEEDS = {
    "locker": "Can the parcel be delivered to a parcel locker {}?",
    "invoice": "How do I correct the company address on my invoice {}?",
    "dimmer": "Does the bulb work with an old wall dimmer {}?",
}
TAILS = ("today", "near the station", "please", "as we spoke", "in winter", "for us", "again", "in the city")
_ENGINE = []


def engine():
    """The default vectors, read once for all tests."""
    if not _ENGINE:
        _ENGINE.append(WordLlamaEmbedder())
    return _ENGINE[0]


def asked(number, text, *, days=10.0, reply=None, message="m1", **other):
    """A ticket whose one question was not answered by the customer agent, perhaps by a rep."""
    at = NOW - timedelta(days=days)
    messages = [
        Message(message, Speaker.CUSTOMER, text, at),
        Message("m2", Speaker.CUSTOMER_AGENT, "I do not know that.", at, sources=(), actions=()),
    ]
    if reply:
        messages.append(Message("m3", Speaker.REP, "Ask the depot first.", at, ANA, private=True))
        messages.append(Message("m4", Speaker.REP, reply, at + timedelta(hours=1), ANA))
    values = {
        "source": "desk",
        "id": f"T-{number}",
        "channel": "chat",
        "messages": tuple(messages),
        "events": (Event(EventType.UNANSWERED, at, message=message),),
    }
    return Ticket(**(values | other))


def needs(*names, start=1, each=6, days=10.0):
    """Several tickets with each of the needs, in other words."""
    return [
        asked(start + place * each + number, NEEDS[name].format(TAILS[number % len(TAILS)]), days=days + number)
        for place, name in enumerate(names)
        for number in range(each)
    ]


@dataclass
class Desk:
    """An open workspace, seen by one account at one time; both can be changed."""

    db: Database
    who: Account
    now: datetime = NOW
    people: People = field(init=False)
    gaps: Gaps = field(init=False)

    def __post_init__(self):
        accounts = {name: Account(uid, name) for name, uid in (("vera", 501), ("emil", 502), ("edda", 503))}
        accounts[str(os.getuid())] = Account(os.getuid(), "olga")
        self.people = People(self.db, lambda: self.now, lambda: self.who, accounts.get)
        self.gaps = Gaps(self.db, Settings(timezone="UTC"), self.people, lambda: self.now, engine)

    async def add(self, *tickets):
        async with self.db.write() as connection:
            return await conversations.save(connection, tickets)

    async def topics(self, **where):
        """The topics of the whole list by the need that their questions have."""
        from qatui.domain.gap_topic import TopicFilter

        found = {}
        for row in (await self.gaps.report(TopicFilter(**where))).rows:
            view = await self.gaps.topic(row.topic)
            for need, text in NEEDS.items():
                if any(each.text.startswith(text[:12]) for each in view.questions):
                    found.setdefault(need, row)
        return found


@asynccontextmanager
async def desk_on(path):
    """The workspace on a file, used by its owner."""
    db = await Database.open(path)
    try:
        yield Desk(db, Account(os.getuid(), "olga"))
    finally:
        await db.close()


def dump(path):
    """Every row of what people decide, as stored."""
    connection = sqlite3.connect(path)
    try:
        return {
            table: connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2, 3").fetchall()
            for table in ("gap_questions", "gap_topics", "gap_answers", "gap_hints", "gap_vectors")
        }
    finally:
        connection.close()
