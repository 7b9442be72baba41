"""What a Batch endpoint holds: tickets set apart before they are handed in, until their answers are collected."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from qatui.domain.verdict import JudgeIdentity
from qatui.store.rows import from_micros, to_micros
from qatui.store.sql import GIVEN, Connection, ask, tell

HELD: Final = """EXISTS (
    SELECT 1 FROM batches JOIN runs ON runs.id = batches.run_id
    JOIN batch_requests ON batch_requests.batch_id = batches.id
    WHERE batches.collected_at IS NULL AND runs.judge_id = ? AND batch_requests.ticket_id = listing.id
      AND batch_requests.content_hash = listing.content_hash
)"""
"""SQL: a batch holds the present words of a ticket for the judge of the placeholder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One batch that is not collected yet. remote_id: the endpoint's name of it, None until that is known.

    pid, begun_at: of the process that handed it in, and when; it may still be at it.
    """

    id: int
    run_id: int
    key: str
    endpoint: str
    masked: bool
    remote_id: str | None
    judge: JudgeIdentity
    requests: int
    pid: int
    begun_at: datetime


async def any_open(connection: Connection) -> bool:
    """Whether there is a batch whose answers are not collected."""
    return bool(await ask(connection, "SELECT 1 FROM batches WHERE collected_at IS NULL LIMIT 1"))


async def open_batches(connection: Connection) -> list[Batch]:
    """Batches whose answers are not collected, oldest first."""
    rows = await ask(
        connection,
        "SELECT batches.id, run_id, key, endpoint, masked, remote_id, judges.judge, judges.model, judges.rubric,"
        "       (SELECT count(*) FROM batch_requests WHERE batch_id = batches.id), runs.pid, runs.moved_at"
        " FROM batches JOIN runs ON runs.id = run_id JOIN judges ON judges.id = runs.judge_id"
        " WHERE collected_at IS NULL ORDER BY batches.id",
    )
    return [_batch(row) for row in rows]


def _batch(row: Any) -> Batch:
    number, run_id, key, endpoint, masked, remote_id, judge, model, rubric, requests, pid, moved = row
    begun = from_micros(moved)
    assert begun is not None
    return Batch(
        id=number,
        run_id=run_id,
        key=key,
        endpoint=endpoint,
        masked=bool(masked),
        remote_id=remote_id,
        judge=JudgeIdentity(judge, model, rubric),
        requests=requests,
        pid=pid,
        begun_at=begun,
    )


_HELD_OF = """
    FROM batches JOIN runs ON runs.id = batches.run_id JOIN judges ON judges.id = runs.judge_id
    JOIN batch_requests ON batch_requests.batch_id = batches.id
    JOIN listing ON listing.id = batch_requests.ticket_id AND listing.content_hash = batch_requests.content_hash
    WHERE batches.collected_at IS NULL AND judges.judge = ? AND judges.model = ? AND judges.rubric = ?
"""


async def held(connection: Connection, judge: JudgeIdentity) -> int:
    """How many tickets a batch holds for a judge with the words that they have now."""
    [[count]] = await ask(
        connection, f"SELECT count(DISTINCT listing.id) {_HELD_OF}", (judge.judge, judge.model, judge.rubric)
    )
    return int(count)


async def held_of(connection: Connection, judge: JudgeIdentity, row_ids: Sequence[int]) -> set[int]:
    """Those of the tickets that a batch holds for a judge with the words that they have now."""
    rows = await ask(
        connection,
        f"SELECT listing.id {_HELD_OF} AND listing.id IN {GIVEN}",
        (judge.judge, judge.model, judge.rubric, json.dumps(list(row_ids))),
    )
    return {row_id for (row_id,) in rows}


async def set_apart(
    connection: Connection,
    run_id: int,
    key: str,
    *,
    endpoint: str,
    masked: bool,
    at: datetime,
    requests: Sequence[tuple[int, bytes]],
) -> int:
    """Write down a batch with its requests (row id, content hash) before any of it is sent; its id."""
    [[batch_id]] = await ask(
        connection,
        "INSERT INTO batches (run_id, key, endpoint, masked, submitted_at) VALUES (?, ?, ?, ?, ?) RETURNING id",
        (run_id, key, endpoint, masked, to_micros(at)),
    )
    await tell(
        connection,
        "INSERT INTO batch_requests (batch_id, ticket_id, content_hash, answered) VALUES (?, ?, ?, 0)",
        [(batch_id, ticket_id, content) for ticket_id, content in requests],
    )
    return int(batch_id)


async def handed_in(connection: Connection, batch_id: int, remote_id: str) -> None:
    """The endpoint has taken it under this name."""
    await tell(connection, "UPDATE batches SET remote_id = ? WHERE id = ?", (remote_id, batch_id))


async def is_open(connection: Connection, batch_id: int) -> bool:
    """Whether the answers of a batch are not all collected."""
    return bool(await ask(connection, "SELECT 1 FROM batches WHERE id = ? AND collected_at IS NULL", (batch_id,)))


async def unanswered(connection: Connection, batch_id: int) -> dict[int, bytes]:
    """The requests whose answers are not stored yet: row id and content hash of each, ascending."""
    rows = await ask(
        connection,
        "SELECT ticket_id, content_hash FROM batch_requests WHERE batch_id = ? AND NOT answered ORDER BY ticket_id",
        (batch_id,),
    )
    return dict(rows)


async def answered(connection: Connection, batch_id: int, row_ids: Sequence[int]) -> None:
    """Answers of these requests are stored; belongs into the transaction that stores them."""
    await tell(
        connection,
        f"UPDATE batch_requests SET answered = 1 WHERE batch_id = ? AND ticket_id IN {GIVEN}",
        (batch_id, json.dumps(row_ids)),
    )


async def release(connection: Connection, batch_id: int, row_ids: Sequence[int]) -> None:
    """These tickets are not handed in after all: they wait again."""
    await tell(
        connection,
        f"DELETE FROM batch_requests WHERE batch_id = ? AND ticket_id IN {GIVEN}",
        (batch_id, json.dumps(row_ids)),
    )


async def close(connection: Connection, batch_id: int, at: datetime) -> bool:
    """Nothing more is to be collected: what has no answer waits again. False where that was so already."""
    closed = await ask(
        connection,
        "UPDATE batches SET collected_at = ? WHERE id = ? AND collected_at IS NULL RETURNING id",
        (to_micros(at), batch_id),
    )
    return bool(closed)
