"""Looks for damage: pages, references, and derived rows that do not fit their facts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from qatui.domain.verdict import Reason
from qatui.errors import StoreError
from qatui.store import conversations, gaps_check, indexes, performance_check, reps, review_check
from qatui.store.listing import FLAGS_OF_FACTS, JUDGED, OF_FACTS, row
from qatui.store.prepared import prepare
from qatui.store.rows import Row
from qatui.store.sql import GIVEN, ask, tell

if TYPE_CHECKING:
    from qatui.store.engine import Database
    from qatui.store.sql import Connection

CHUNK = 500  # tickets in memory at once
SHOWN = 20  # problems of one kind that are told one by one


async def problems(database: Database) -> list[str]:
    """What is wrong, one sentence each; empty when the database is sound."""
    async with database.read() as connection:
        found = [f"Pages: {text}." for (text,) in await ask(connection, "PRAGMA integrity_check") if text != "ok"]
        if found:
            return found  # what damaged pages say about the rest means nothing
        found += [
            f"References: row {row_id} of {table} points to a row of {parent} that is not there."
            for table, row_id, parent, _ in await ask(connection, "PRAGMA foreign_key_check")
        ]
        found += [f"Index {name} is missing." for name in await indexes.missing(connection)]
        found += await _rows(connection)
        found += await review_check.problems(connection)
        found += await _people(connection)
        found += await _tickets(connection)
        found += await performance_check.problems(connection)
        found += await gaps_check.problems(connection)
    if not database.read_only:
        found += await _search(database)
    return found


async def _rows(connection: Connection) -> list[str]:
    """Sentences about rows that stand alone or contradict themselves."""
    suspects = {
        "Ticket {} is in no list.": "SELECT id FROM tickets WHERE id NOT IN (SELECT id FROM listing)",
        "The list shows ticket {} with scores and a reason for none, or with neither.": (
            "SELECT id FROM listing WHERE (reason IS NULL) = (tone IS NULL) OR (reason IS NULL) = (overall IS NULL)"
        ),
        "Judgement {} has scores outside 1 to 5, or neither scores nor a reason.": (
            "SELECT id FROM verdicts WHERE reason IS NULL AND (tone NOT BETWEEN 1 AND 5 OR clarity NOT BETWEEN 1 AND 5"
            " OR empathy NOT BETWEEN 1 AND 5 OR tone IS NULL OR clarity IS NULL OR empathy IS NULL"
            " OR NOT json_valid(explanations))"
        ),
        "Rep {} wrote no message.": "SELECT id FROM reps WHERE id NOT IN (SELECT rep_id FROM authors)",
    }
    found = []
    for sentence, query in suspects.items():
        rows = await ask(connection, f"{query} LIMIT {SHOWN}")
        found += [sentence.format(row_id) for (row_id,) in rows]
    return found


async def _people(connection: Connection) -> list[str]:
    """Sentences about reps whose name or team is not that of their latest message."""
    found = [
        f"Author {row_id} is not dated by the latest message."
        for (row_id,) in await ask(
            connection,
            "SELECT id FROM authors LEFT JOIN"
            " (SELECT author_id, max(at) AS at FROM messages GROUP BY author_id) AS newest"
            f" ON newest.author_id = authors.id WHERE authors.latest_at IS NOT newest.at LIMIT {SHOWN}",
        )
    ]
    everyone = [rep_id for (rep_id,) in await ask(connection, "SELECT id FROM reps")]
    found += [
        f"Rep {rep.key} has not the name and team of the latest message."
        for rep in await reps.outdated(connection, everyone)
    ]
    return found


async def _tickets(connection: Connection) -> list[str]:
    """Sentences about tickets whose hash or row in the list is not what their facts make it."""
    found: list[str] = []
    last = 0
    while len(found) < SHOWN:
        stored = dict(
            await ask(connection, "SELECT id, facts_hash FROM tickets WHERE id > ? ORDER BY id LIMIT ?", (last, CHUNK))
        )
        if not stored:
            break
        last = max(stored)
        ids = list(stored)
        tickets = await conversations.load(connection, ids)
        rows = await ask(connection, f"SELECT {OF_FACTS} FROM listing WHERE id IN {GIVEN}", (json.dumps(ids),))
        listed = {each[0]: tuple(each) for each in rows}
        people = await reps.known(connection, tickets)
        for row_id, ticket in zip(ids, tickets, strict=True):
            ready = prepare(ticket)
            if ready.facts_hash != stored[row_id]:
                found.append(f"Ticket {ticket.key} is not as it was imported.")
            elif row_id in listed and not _fits(listed[row_id], row(row_id, ready, people)):
                found.append(f"The list does not show ticket {ticket.key} as its messages say.")
    return found[:SHOWN]


def _fits(listed: Row, due: Row) -> bool:
    """Whether a row of the list says what the facts say; a judgement may have changed its reason and added flags."""
    *same, reason, flags, content = listed
    *due_same, due_reason, due_flags, due_content = due
    reasons = JUDGED if due_reason == Reason.WAITING else {due_reason}
    return (same, flags & FLAGS_OF_FACTS, content) == (due_same, due_flags, due_content) and reason in reasons


async def _search(database: Database) -> list[str]:
    """The text index against the texts; asked for by a statement that SQLite counts as a change."""
    try:
        async with database.write() as connection:
            await tell(connection, "INSERT INTO search (search, rank) VALUES ('integrity-check', 1)")
    except StoreError:
        return ["The text filter does not find tickets by their present names."]
    return []
