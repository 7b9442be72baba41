"""The row that lists show of a ticket, derived from its facts, its judgements and its reviews."""

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

SEARCHED: Final = "id, name, external_id, customer FROM searchable"
OF_FACTS: Final = "id, source, name, rep_id, rep_name, team, channel, closed_at, reason, flags, content_hash"
"""The columns that follow from facts alone; the others hold a judgement."""

JUDGE_CHOICE: Final = "judge"
"""The name in `choices` of the workspace's judge: a JSON list of its name, model and rubric."""

OF_CHOICE: Final = f"""
    SELECT judges.id FROM choices JOIN judges
      ON judges.judge = value ->> 0 AND judges.model = value ->> 1 AND judges.rubric = value ->> 2
    WHERE choices.name = '{JUDGE_CHOICE}'
"""
"""SQL: the row of the workspace's judge; none where none was chosen or it has judged nothing yet."""

# What is said of tickets' present content; of each ticket, what counts comes last.
_JUDGEMENTS: Final = f"""
    SELECT listing.id, verdicts.tone, verdicts.clarity, verdicts.empathy, verdicts.reason, verdicts.detail,
           verdicts.flags, verdicts.id, verdicts.judge_id
    FROM listing JOIN verdicts
      ON verdicts.ticket_id = listing.id AND verdicts.content_hash = listing.content_hash
    WHERE listing.id IN {GIVEN} AND {ELIGIBLE}
    ORDER BY listing.id, verdicts.reason IS NULL,
             verdicts.reason IS NULL AND verdicts.judge_id IS ({OF_CHOICE}), verdicts.at, verdicts.id
"""
# CROSS JOIN: from the reviews, which few tickets have, to the listing, and not the other way round.
_REVIEWS: Final = f"""
    SELECT reviews.ticket_id, reviews.id, reviews.stand, reviews.tone, reviews.clarity, reviews.empathy
    FROM reviews CROSS JOIN listing
      ON listing.id = reviews.ticket_id AND listing.content_hash = reviews.content_hash
    WHERE reviews.ticket_id IN {GIVEN} AND {ELIGIBLE}
    ORDER BY reviews.at, reviews.id
"""
AT_ONCE: Final = 2_000  # tickets shown anew in one step


def row(row_id: int, ready: Prepared, people: Mapping[tuple[str, str], Known]) -> Row:
    """The columns OF_FACTS as they ought to be: `incoming` makes them of all tickets at once, and a check compares."""
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
    old = await ask(connection, f"SELECT {SEARCHED} WHERE id IN {GIVEN}", (json.dumps(ids),))
    await tell(
        connection,
        "INSERT INTO search (search, rowid, name, external_id, customer) VALUES ('delete', ?, ?, ?, ?)",
        [tuple(each) for each in old],
    )
    await tell(connection, f"DELETE FROM listing WHERE id IN {GIVEN}", (json.dumps(ids),))


async def show(connection: Connection, ids: Sequence[int]) -> None:
    """Let the listing show, of each ticket that may be judged, the scores that count and the judgement beside them.

    The judgement is the verdict of the workspace's judge on the present content; without one (or such a judge) the
    latest verdict on it; without any the latest failure. The scores are those of the latest review on the present
    content that has any, otherwise the judgement's.
    """
    given = (json.dumps(ids),)
    judged: dict[int, Any] = {each[0]: each[1:] for each in await ask(connection, _JUDGEMENTS, given)}
    said: dict[int, list[Any]] = {}
    for each in await ask(connection, _REVIEWS, given):
        said.setdefault(each[0], []).append(each)
    none = (None, None, None, Reason.WAITING.value, None, 0, None, None)
    await tell(
        connection,
        "UPDATE listing SET tone = ?, clarity = ?, empathy = ?, overall = ?, reason = ?, detail = ?,"
        f" flags = (flags & {FLAGS_OF_FACTS}) | (? & ~{FLAGS_OF_FACTS}), verdict_id = ?, judge_id = ?, review_id = ?"
        " WHERE id = ?",
        [
            (*_shown(judgement, said[row_id]), row_id)
            if row_id in said
            else (*judgement[:3], _sum(judgement), *judgement[3:], None, row_id)
            for row_id, judgement in judged.items()
        ]
        + [(*_shown(none, reviews), row_id) for row_id, reviews in said.items() if row_id not in judged],
    )
    bare = [row_id for row_id in ids if row_id not in judged and row_id not in said]
    if bare:  # a ticket that only a review had scored, before the review was taken back
        await tell(
            connection,
            "UPDATE listing SET tone = NULL, clarity = NULL, empathy = NULL, overall = NULL, reason = ?,"
            f" flags = flags & {FLAGS_OF_FACTS}, review_id = NULL"
            f" WHERE id IN {GIVEN} AND review_id IS NOT NULL AND {ELIGIBLE}",
            (Reason.WAITING.value, json.dumps(bare)),
        )


async def show_every(connection: Connection) -> None:
    """`show` for all tickets of which the judgement that counts may have become another: the workspace's judge has."""
    rows = await ask(connection, "SELECT ticket_id FROM verdicts GROUP BY ticket_id HAVING count(*) > 1")
    several = [row_id for (row_id,) in rows]
    for start in range(0, len(several), AT_ONCE):
        await show(connection, several[start : start + AT_ONCE])


def _sum(judgement: Sequence[Any]) -> int | None:
    tone, clarity, empathy, reason = judgement[:4]
    return None if reason else tone + clarity + empathy


def _shown(judgement: Sequence[Any], reviews: Sequence[Any]) -> Row:
    """The columns of a ticket with reviews, oldest first, beside a judgement."""
    from qatui.domain.review import Stand  # few tickets have reviews

    *_, reason, detail, flags, verdict_id, judge_id = judgement
    scores, total, review_id = judgement[:3], _sum(judgement), None
    for _, number, _, *given in reviews:
        if given[0] is not None:
            scores, total, review_id, reason, detail = given, sum(given), number, None, None
    if review_id is not None:
        flags |= FLAG_BITS[Flag.REVIEWED]
    if reviews[-1][2] == Stand.DISPUTED:
        flags |= FLAG_BITS[Flag.DISPUTED]
    return (*scores, total, reason, detail, flags, verdict_id, judge_id, review_id)
