"""Scoring runs: begun, brought up to date with what they store, ended; and what all of them came to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from qatui.domain.run import RunKind, RunRecord, RunState, RunTotals, Used
from qatui.domain.verdict import JudgeIdentity
from qatui.store.rows import from_micros, to_micros
from qatui.store.sql import Connection, ask, tell
from qatui.store.verdicts import judge_row
from qatui.text import storable

Alive = Callable[[int, datetime], bool]
"""Whether the process with a number lives, and did so at an instant: numbers are given out again."""

_USED = "requests, tokens_sent, tokens_cached, tokens_received, cost"
_SUMS = (
    "count(*), sum(scored), sum(unscored), sum(failed), sum(requests), sum(tokens_sent), sum(tokens_cached),"
    " sum(tokens_received), sum(cost), sum(requests > 0 AND cost IS NULL)"
)


async def begin(
    connection: Connection,
    judge: JudgeIdentity,
    kind: RunKind,
    *,
    planned: int,
    at: datetime,
    pid: int,
    priced: bool = False,
) -> int:
    """Write the row of a run that starts, and give its id. priced: a cost will be told."""
    rows = await ask(
        connection,
        "INSERT INTO runs (judge_id, kind, started_at, moved_at, planned, scored, unscored, failed,"
        f" {_USED}, stopped, pid) VALUES (?, ?, ?, ?, ?, 0, 0, 0, 0, 0, 0, 0, ?, '', ?) RETURNING id",
        (
            await judge_row(connection, judge),
            kind.value,
            to_micros(at),
            to_micros(at),
            planned,
            0.0 if priced else None,
            pid,
        ),
    )
    return int(rows[0][0])


async def advance(
    connection: Connection,
    run_id: int,
    at: datetime,
    *,
    scored: int = 0,
    unscored: int = 0,
    failed: int = 0,
    used: Used | None = None,
) -> None:
    """Add to a run what was answered and used since; belongs into the transaction that stores the outcomes."""
    more = used or Used()
    await tell(
        connection,
        "UPDATE runs SET moved_at = ?, scored = scored + ?, unscored = unscored + ?, failed = failed + ?,"
        " requests = requests + ?, tokens_sent = tokens_sent + ?, tokens_cached = tokens_cached + ?,"
        " tokens_received = tokens_received + ?, cost = cost + ? WHERE id = ?",
        (
            to_micros(at),
            scored,
            unscored,
            failed,
            more.requests,
            more.sent,
            more.cached,
            more.received,
            more.cost or 0.0,
            run_id,
        ),
    )


async def resume(connection: Connection, run_id: int, at: datetime, *, pid: int) -> None:
    """Another process goes on with a run, such as one that collects what a Batch endpoint has answered."""
    await tell(
        connection,
        "UPDATE runs SET moved_at = ?, ended_at = NULL, stopped = '', pid = ? WHERE id = ?",
        (to_micros(at), pid, run_id),
    )


async def under_way(connection: Connection, judge: JudgeIdentity) -> list[tuple[int, datetime]]:
    """Runs of a judge that ask an endpoint and have not ended, oldest first: the process of each, and when it began."""
    rows = await ask(
        connection,
        "SELECT pid, started_at FROM runs JOIN judges ON judges.id = runs.judge_id"
        " WHERE kind = ? AND ended_at IS NULL AND judges.judge = ? AND judges.model = ? AND judges.rubric = ?"
        " ORDER BY runs.id",
        (RunKind.REQUESTS.value, judge.judge, judge.model, judge.rubric),
    )
    return [(pid, at) for pid, began in rows if (at := from_micros(began)) is not None]


async def end(connection: Connection, run_id: int, at: datetime, *, stopped: str = "") -> None:
    """The run is over; stopped: why before all was judged."""
    await tell(
        connection,
        "UPDATE runs SET moved_at = ?, ended_at = ?, stopped = ? WHERE id = ?",
        (to_micros(at), to_micros(at), storable(stopped), run_id),
    )


async def recent(connection: Connection, limit: int, alive: Alive) -> list[RunRecord]:
    """The latest runs, newest first; limit: negative for all."""
    rows = await ask(
        connection,
        "SELECT runs.id, judges.judge, judges.model, judges.rubric, kind, started_at, moved_at, ended_at, planned,"
        f" scored, unscored, failed, {_USED}, stopped, pid"
        " FROM runs JOIN judges ON judges.id = runs.judge_id ORDER BY runs.id DESC LIMIT ?",
        (limit,),
    )
    return [_record(row, alive) for row in rows]


async def totals(connection: Connection) -> list[RunTotals]:
    """What all runs came to, per judge and model, and in the end in all."""
    per_judge = await ask(
        connection,
        f"SELECT judges.judge, judges.model, {_SUMS} FROM runs JOIN judges ON judges.id = runs.judge_id"
        " GROUP BY judges.judge, judges.model ORDER BY judges.judge, judges.model",
    )
    in_all = await ask(connection, f"SELECT '', '', {_SUMS} FROM runs HAVING count(*) > 0")
    return [_totals(row) for row in [*per_judge, *in_all]]


def _record(row: Any, alive: Alive) -> RunRecord:
    key, judge, model, rubric, kind, began, moved, ended, planned, scored, unscored, failed, *used, why, pid = row
    started_at, moved_at = from_micros(began), from_micros(moved)
    assert started_at is not None
    assert moved_at is not None
    if ended is not None:
        state = RunState.STOPPED if why else RunState.DONE
    elif kind == RunKind.BATCH:
        state = RunState.WAITING
    else:
        state = RunState.GOING if alive(pid, started_at) else RunState.CUT_SHORT
    return RunRecord(
        id=key,
        judge=JudgeIdentity(judge, model, rubric),
        kind=RunKind(kind),
        state=state,
        started_at=started_at,
        moved_at=moved_at,
        ended_at=from_micros(ended),
        planned=planned,
        scored=scored,
        unscored=unscored,
        failed=failed,
        used=Used(*used),
        stopped=why,
        pid=pid,
    )


def _totals(row: Any) -> RunTotals:
    judge, model, runs, scored, unscored, failed, *used, unpriced = row
    return RunTotals(
        judge=judge,
        model=model,
        runs=runs,
        scored=scored,
        unscored=unscored,
        failed=failed,
        used=Used(*used),
        unpriced=unpriced,
    )
