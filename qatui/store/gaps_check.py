"""Looks for questions that the facts do not tell, and for topics, answers and changes that do not fit together."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from qatui.domain.gap_topic import TopicState
from qatui.store import conversations
from qatui.store.gaps import MERGED
from qatui.store.gaps_prepared import asked
from qatui.store.sql import GIVEN, ask

if TYPE_CHECKING:
    from qatui.store.sql import Connection

CHUNK = 500  # tickets in memory at once
SHOWN = 20  # problems of one kind that are told one by one

_SUSPECTS = {
    "Question {} belongs to a ticket that is not there.": (
        "SELECT id FROM gap_questions WHERE ticket_id NOT IN (SELECT id FROM tickets)"
    ),
    "Question {} belongs to a topic that is not there, or that was merged into another.": (
        "SELECT id FROM gap_questions WHERE topic_id IS NOT NULL"
        f" AND topic_id NOT IN (SELECT id FROM gap_topics WHERE state != '{MERGED}')"
    ),
    "Topic {} has no state that there is.": (
        "SELECT id FROM gap_topics WHERE state NOT IN"
        f" ({', '.join(repr(state.value) for state in TopicState)}, '{MERGED}')"
        f" OR (state = '{MERGED}') != (merged_into IS NOT NULL)"
    ),
    "Topic {} was merged into one that is not there.": (
        "SELECT id FROM gap_topics WHERE merged_into IS NOT NULL AND merged_into NOT IN (SELECT id FROM gap_topics)"
    ),
    "Topic {} is resolved without an answer.": (
        f"SELECT id FROM gap_topics WHERE state = '{TopicState.RESOLVED}'"
        " AND (answered_at IS NULL OR id NOT IN (SELECT topic_id FROM gap_answers))"
    ),
    "Answer {} belongs to a topic that is not there.": (
        "SELECT id FROM gap_answers WHERE topic_id NOT IN (SELECT id FROM gap_topics)"
    ),
    "Entry {} of the log cannot be read.": (
        "SELECT id FROM audit WHERE NOT json_valid(before) OR NOT json_valid(after)"
    ),
}


async def problems(connection: Connection) -> list[str]:
    """What is wrong, one sentence each; empty when all fits."""
    found = [
        sentence.format(row_id)
        for sentence, query in _SUSPECTS.items()
        for (row_id,) in await ask(connection, f"{query} LIMIT {SHOWN}")
    ]
    return found + await _tickets(connection)


async def _tickets(connection: Connection) -> list[str]:
    """Sentences about tickets whose questions are not what their facts tell."""
    found: list[str] = []
    last = 0
    while len(found) < SHOWN:
        rows = await ask(
            connection,
            "SELECT id FROM tickets WHERE id > ? AND id NOT IN (SELECT ticket_id FROM gap_due) ORDER BY id LIMIT ?",
            (last, CHUNK),
        )
        if not rows:
            break
        ids = [row_id for (row_id,) in rows]
        last = ids[-1]
        stored: dict[int, set[tuple[object, ...]]] = {}
        for row_id, *question in await ask(
            connection,
            "SELECT ticket_id, message, position, rule, at, text_hash FROM gap_questions"
            f" WHERE present = 1 AND ticket_id IN {GIVEN}",
            (json.dumps(ids),),
        ):
            stored.setdefault(row_id, set()).add(tuple(question))
        for row_id, ticket in zip(ids, await conversations.load(connection, ids), strict=True):
            if set(asked(ticket)) != stored.get(row_id, set()):
                found.append(f"The unanswered questions of ticket {ticket.key} are not those that its facts tell.")
    return found[:SHOWN]
