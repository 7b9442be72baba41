"""Changes that people make: who may, what they touched, the log of them; each can be taken back and made again.

Undo goes by person, not by screen: it takes back one's own latest change of whatever kind, also after a restart.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from qatui.domain.people import Account, Right
from qatui.errors import UsageError
from qatui.services.people import People
from qatui.store import people
from qatui.store.engine import Database
from qatui.store.journal import Images, Journal, differing, leaning, tickets, write
from qatui.store.sql import Connection

_RIGHTS: Final = {"reviews": Right.REVIEW, "golden": Right.REVIEW, "choices": Right.IMPORT}
"""What it takes to change rows of a table of the journal; of the others, which hold topics: Right.TRIAGE."""


@dataclass(frozen=True, slots=True)
class Done:
    """A change that was made: what happened in a sentence, and the entry of the log.

    topics, tickets: what it was about, where it was about topics or about reviews of tickets (row ids).
    """

    words: str
    entry: int
    topics: tuple[int, ...] = ()
    tickets: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Changing:
    """What a change works with: its transaction, the journal to note rows in first, who makes it and when."""

    connection: Connection
    journal: Journal
    by: Account
    now: datetime


class ChangeLog:
    """The changes of people to one workspace."""

    def __init__(self, db: Database, people: People, clock: Callable[[], datetime]) -> None:
        self._db = db
        self._people = people
        self._clock = clock

    async def make(self, right: Right, action: str, work: Callable[[Changing], Awaitable[str]]) -> Done:
        """One change, all or nothing; `work` makes it and says in a sentence what it did.

        ForbiddenError for who has not the right. The new change ends what could be done again.
        """
        now = self._clock()
        async with self._db.write() as connection:
            by = await self._people.require(connection, right)
            journal = Journal(connection)
            words = await work(Changing(connection, journal, by, now))
            after = await journal.after()
            await people.forget_undone(connection, by.uid)
            entry = await people.log(
                connection,
                by,
                now,
                action=action,
                words=words,
                before=journal.before,
                after=after,
                standing=people.DONE,
            )
        return Done(words, entry, tickets=tuple(tickets(journal.before, after)))

    async def undo(self) -> Done:
        """Take back the latest change of the one asking that still stands; UsageError where there is none, or where
        somebody has changed the same since."""
        return await self._turn_back(people.DONE)

    async def redo(self) -> Done:
        """Make the change again that was undone last."""
        return await self._turn_back(people.UNDONE)

    async def _turn_back(self, standing: int) -> Done:
        undoes = standing == people.DONE
        verb = "undo" if undoes else "redo"
        async with self._db.write() as connection:
            by = await self._people.require(connection, Right.REVIEW)  # the least right that makes any change
            entry = await people.latest(connection, by.uid, standing)
            if entry is None:
                raise UsageError(f"There is nothing to {verb}.", hint="Only one's own changes can be undone.")
            there, then = (entry.after, entry.before) if undoes else (entry.before, entry.after)
            for right in sorted({_right(table) for table in then}):
                await self._people.require(connection, right)
            await self._refuse_conflict(connection, entry.id, by.uid, entry.words, there, then, verb)
            await write(connection, then)
            await people.stands(connection, entry.id, people.UNDONE if undoes else people.DONE)
            words = f"{verb}: {entry.words}"
            number = await people.log(
                connection, by, self._clock(), action=verb, words=words, before=there, after=then, undid=entry.id
            )
        topics = tuple(int(key) for key in then.get("topics", {}))
        return Done(words, number, topics, tuple(tickets(there, then)))

    @staticmethod
    async def _refuse_conflict(
        connection: Connection, entry: int, uid: int, words: str, there: Images, then: Images, verb: str
    ) -> None:
        """UsageError where rows are not as the change left them, or somebody put something into a topic that goes."""
        differs = await differing(connection, there)
        who = await people.changed_since(connection, entry, *differs) or "somebody" if differs else None
        gone = [topic for topic, row in then.get("topics", {}).items() if row is None]
        who = who or await leaning(connection, entry, uid, gone)
        if who is not None:
            raise UsageError(
                f"{words} cannot be {verb[:2]}done: {who} has changed the same since.",
                hint="Make the opposite change by hand.",
            )


def _right(table: str) -> Right:
    return _RIGHTS.get(table, Right.TRIAGE)
