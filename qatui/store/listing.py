"""The row that lists show of a ticket, derived from its facts and its judgements."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from qatui.domain.conversation import NO_REP, NO_TEAM, UNKNOWN_REP
from qatui.domain.verdict import Flag, Reason
from qatui.store.layout import FLAG_BITS, NO_REP_ID, UNKNOWN_REP_ID
from qatui.store.reps import Known
from qatui.store.rows import Row
from qatui.store.sql import GIVEN, Connection, ask, tell

if TYPE_CHECKING:  # made where conversations are read in; a list needs none of it
    from qatui.store.prepared import Prepared

JUDGED: Final = frozenset({None, Reason.WAITING, Reason.JUDGE_FAILED, Reason.UNSUPPORTED_LANGUAGE})
"""What `listing.reason` can be of a ticket that a judge may read; the other reasons follow from the facts."""

ELIGIBLE: Final = f"(listing.reason IS NULL OR listing.reason IN {tuple(str(reason) for reason in JUDGED if reason)})"
"""SQL: a judge may read the ticket."""

FLAGS_OF_FACTS: Final = FLAG_BITS[Flag.SEVERAL_REPS] | FLAG_BITS[Flag.REOPENED]

_SEARCHED = "id, name, external_id, customer FROM searchable"
OF_FACTS: Final = "id, source, name, rep_id, rep_name, team, channel, closed_at, reason, flags, content_hash"
"""The columns that follow from facts alone; the others hold a judgement."""

_INSERT = f"INSERT INTO listing ({OF_FACTS}) VALUES ({', '.join('?' * 11)})"


def row(row_id: int, ready: Prepared, people: Mapping[tuple[str, str], Known]) -> Row:
    """The columns OF_FACTS."""
    rep_id, rep_name, team = (UNKNOWN_REP_ID, UNKNOWN_REP, NO_TEAM) if ready.answered else (NO_REP_ID, NO_REP, NO_TEAM)
    if ready.rep is not None:
        rep = people[ready.source, ready.rep]
        rep_id, rep_name, team = rep.row_id, rep.name, rep.team or NO_TEAM
    return (
        row_id,
        ready.source,
        ready.name,
        rep_id,
        rep_name,
        team,
        ready.channel,
        ready.closed_at,
        ready.reason,
        ready.flags,
        ready.content_hash,
    )


async def take_out(connection: Connection, ids: Sequence[int]) -> None:
    """Take tickets out of the lists: before their facts change, since the text filter must be told what it holds."""
    old = await ask(connection, f"SELECT {_SEARCHED} WHERE id IN {GIVEN}", (json.dumps(ids),))
    await tell(
        connection,
        "INSERT INTO search (search, rowid, name, external_id, customer) VALUES ('delete', ?, ?, ?, ?)",
        [tuple(each) for each in old],
    )
    await tell(connection, f"DELETE FROM listing WHERE id IN {GIVEN}", (json.dumps(ids),))


async def put(connection: Connection, rows: list[Row]) -> None:
    """Store rows made by `row`, as not judged yet."""
    await tell(connection, _INSERT, rows)
    await tell(
        connection,
        f"INSERT INTO search (rowid, name, external_id, customer) SELECT {_SEARCHED} WHERE id IN {GIVEN} ORDER BY id",
        (json.dumps([each[0] for each in rows]),),
    )


async def show(connection: Connection, ids: Sequence[int]) -> None:
    """Let the listing show, of each ticket that may be judged, the judgement that counts.

    That is the latest verdict on the present content; where there is none, the latest failure.
    """
    found = await ask(
        connection,
        "SELECT listing.id, verdicts.tone, verdicts.clarity, verdicts.empathy, verdicts.reason, verdicts.detail,"
        "       verdicts.flags, verdicts.id"
        " FROM listing JOIN verdicts"
        "   ON verdicts.ticket_id = listing.id AND verdicts.content_hash = listing.content_hash"
        f" WHERE listing.id IN {GIVEN} AND {ELIGIBLE}"
        " ORDER BY listing.id, verdicts.reason IS NULL, verdicts.at, verdicts.id",
        (json.dumps(ids),),
    )
    last: dict[int, Any] = {each[0]: each for each in found}
    if last:
        await tell(
            connection,
            "UPDATE listing SET tone = ?, clarity = ?, empathy = ?, overall = ?, reason = ?, detail = ?,"
            f" flags = (flags & {FLAGS_OF_FACTS}) | (? & ~{FLAGS_OF_FACTS}), verdict_id = ? WHERE id = ?",
            [
                (*scores, None if reason else sum(scores), reason, detail, flags, verdict_id, row_id)
                for row_id, *scores, reason, detail, flags, verdict_id in last.values()
            ],
        )
