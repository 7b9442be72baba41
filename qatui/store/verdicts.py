"""Judgements: recorded once per content and judge, kept for ever, and which of them is shown."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from qatui.domain.verdict import JudgeIdentity, Judgement, Reason
from qatui.store.batches import HELD, any_open
from qatui.store.listing import ELIGIBLE, show
from qatui.store.rows import Row, from_micros, to_micros
from qatui.store.sql import GIVEN, Connection, ask, tell
from qatui.store.verdict_rows import OUTCOME_COLUMNS, Judged, outcome_of, outcome_row

_MARKS = ", ".join("?" * (4 + len(OUTCOME_COLUMNS.split(", "))))
_PUT = (
    f"INSERT INTO verdicts (ticket_id, content_hash, judge_id, at, {OUTCOME_COLUMNS}) VALUES ({_MARKS})"
    " ON CONFLICT (ticket_id, content_hash, judge_id) DO UPDATE SET at = excluded.at, "
    + ", ".join(f"{name} = excluded.{name}" for name in OUTCOME_COLUMNS.split(", "))
    # a failure never takes the place of scores that were made, and perhaps paid for, before
    + " WHERE excluded.reason IS NULL OR verdicts.reason IS NOT NULL"
)
_READ = (
    f"SELECT verdicts.ticket_id, verdicts.content_hash, judges.judge, judges.model, judges.rubric, verdicts.at, "
    f"{', '.join(f'verdicts.{name}' for name in OUTCOME_COLUMNS.split(', '))}"
    " FROM verdicts JOIN judges ON judges.id = verdicts.judge_id"
)
_OPEN = f"""
    FROM listing
    WHERE {ELIGIBLE} AND listing.id > ? AND (? OR NOT EXISTS (
        SELECT 1 FROM verdicts
        WHERE verdicts.ticket_id = listing.id AND verdicts.content_hash = listing.content_hash
          AND verdicts.judge_id = ? AND verdicts.reason IS NOT '{Reason.JUDGE_FAILED}'
    ))
"""

_GOLDEN = "AND listing.id IN (SELECT ticket_id FROM golden)"


async def waiting(
    connection: Connection,
    judge: JudgeIdentity,
    *,
    after: int,
    limit: int,
    rescore: bool = False,
    golden: bool = False,
) -> list[int]:
    """Up to `limit` row ids above `after`, ascending: tickets that may be judged and that this judge has not answered.

    A failed call is no answer, an unsupported language is one. What a Batch endpoint holds for this judge is not
    among them. rescore: those it has answered too; golden: only pinned ones.
    """
    asked, values = await _waiting(connection, judge, after, rescore, golden)
    rows = await ask(connection, f"SELECT listing.id {asked} ORDER BY listing.id LIMIT ?", (*values, limit))
    return [row_id for (row_id,) in rows]


async def _waiting(
    connection: Connection, judge: JudgeIdentity, after: int, rescore: bool, golden: bool
) -> tuple[str, tuple[int | None, ...]]:
    judge_id = await _judge_id(connection, judge)
    asked, values = f"{_OPEN} {_GOLDEN if golden else ''}", (after, rescore, judge_id)
    if await any_open(connection):
        return f"{asked} AND NOT {HELD}", (*values, judge_id)
    return asked, values


async def waiting_count(
    connection: Connection, judge: JudgeIdentity, *, rescore: bool = False, golden: bool = False
) -> int:
    """How many tickets `waiting` would give in all."""
    asked, values = await _waiting(connection, judge, 0, rescore, golden)
    [[count]] = await ask(connection, f"SELECT count(*) {asked}", values)
    return int(count)


async def _judge_id(connection: Connection, judge: JudgeIdentity) -> int | None:
    rows = await ask(
        connection,
        "SELECT id FROM judges WHERE judge = ? AND model = ? AND rubric = ?",
        (judge.judge, judge.model, judge.rubric),
    )
    return rows[0][0] if rows else None


async def answered_at(connection: Connection, judge: JudgeIdentity, row_ids: Sequence[int]) -> dict[int, int]:
    """When this judge answered last on the present content of tickets, as microseconds; only those it answered."""
    rows = await ask(
        connection,
        "SELECT listing.id, verdicts.at FROM listing JOIN verdicts"
        "   ON verdicts.ticket_id = listing.id AND verdicts.content_hash = listing.content_hash"
        f" WHERE listing.id IN {GIVEN} AND verdicts.judge_id = ?",
        (json.dumps(list(row_ids)), await _judge_id(connection, judge)),
    )
    return dict(rows)


async def judge_row(connection: Connection, judge: JudgeIdentity) -> int:
    """The row id of a judge, written down when it is met first."""
    await tell(
        connection,
        "INSERT INTO judges (judge, model, rubric) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        (judge.judge, judge.model, judge.rubric),
    )
    row_id = await _judge_id(connection, judge)
    assert row_id is not None
    return row_id


async def record(connection: Connection, judgements: Sequence[tuple[int, Judgement]]) -> None:
    """Keep judgements of tickets (by row id) and show in the lists those that count.

    One per ticket, content and judge: a newer one takes the place of an older one, but a failure never that of scores.
    A judgement of content that has changed meanwhile is kept as history.
    """
    judges: dict[tuple[JudgeIdentity, datetime], list[Judged]] = {}
    for row_id, judgement in judgements:
        judges.setdefault((judgement.judge, judgement.at), []).append(
            (row_id, bytes.fromhex(judgement.content_hash), outcome_row(judgement.outcome))
        )
    for (judge, at), judged in judges.items():
        await keep(connection, judge, at, judged)


async def keep(connection: Connection, judge: JudgeIdentity, at: datetime, judged: Sequence[Judged]) -> None:
    """`record` for what one judge said at one time, made ready elsewhere."""
    if not judged:
        return
    made = (await judge_row(connection, judge), to_micros(at))
    await tell(connection, _PUT, [(ticket_id, content, *made, *outcome) for ticket_id, content, outcome in judged])
    await show(connection, sorted({ticket_id for ticket_id, _, _ in judged}))


def _judgement(row: Row) -> Judgement:
    _, content, judge, model, rubric, at, *outcome = row
    when = from_micros(at)
    assert when is not None
    return Judgement(
        outcome=outcome_of(tuple(outcome)),
        judge=JudgeIdentity(judge, model, rubric),
        content_hash=content.hex(),
        at=when,
    )


async def latest_of(connection: Connection, row_ids: Sequence[int]) -> dict[int, Judgement]:
    """The judgements that views show of tickets, by row id; tickets without one are left out."""
    rows = await ask(
        connection,
        f"{_READ} WHERE verdicts.id IN (SELECT verdict_id FROM listing WHERE id IN {GIVEN})",
        (json.dumps(list(row_ids)),),
    )
    return {row[0]: _judgement(row) for row in rows}


async def history(connection: Connection, row_id: int) -> list[Judgement]:
    """Every judgement of a ticket in all its states, oldest first."""
    rows = await ask(connection, f"{_READ} WHERE verdicts.ticket_id = ? ORDER BY verdicts.at, verdicts.id", (row_id,))
    return [_judgement(row) for row in rows]
