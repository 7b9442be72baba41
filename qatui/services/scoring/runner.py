"""Runs a judge over all tickets that wait for it: resumable, never paid twice, several at once."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import BrokenExecutor, Executor, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from qatui.domain.conversation import Ticket
from qatui.domain.verdict import (
    JudgeIdentity,
    Judgement,
    Reason,
    Unscored,
    Verdict,
    content_hash,
    responding,
)
from qatui.errors import JudgeError
from qatui.services.scoring.offline.judge import OfflineJudge
from qatui.store import conversations, verdicts
from qatui.store.engine import Database

BATCH = 128  # tickets read, judged and stored together: what a kill can lose
FEW = 600  # up to so many tickets a thread is done before processes have started


@dataclass(frozen=True, slots=True)
class ScoreProgress:
    """How far a run is: tickets done (of them failed) out of total."""

    done: int
    total: int
    failed: int


@dataclass(frozen=True, slots=True)
class ScorePlan:
    """What a run would do: which judge, and how many tickets."""

    judge: JudgeIdentity
    tickets: int


@dataclass(frozen=True, slots=True)
class ScoreResult:
    """What a run did: tickets scored, those it could not score by reason, and of these how many are failures."""

    judge: JudgeIdentity
    scored: int
    unscored: dict[str, int]

    @property
    def failed(self) -> int:
        return self.unscored.get(Reason.JUDGE_FAILED, 0)


async def plan(db: Database, *, limit: int | None = None, rescore: bool = False) -> ScorePlan:
    """Count what `score` would judge. Raises JudgeError when the weights are missing or damaged."""
    judge = await asyncio.to_thread(OfflineJudge.load)
    async with db.read() as connection:
        tickets = await verdicts.waiting_count(connection, judge.identity, rescore=rescore)
    return ScorePlan(judge.identity, tickets if limit is None else min(tickets, limit))


async def score(
    db: Database,
    *,
    limit: int | None = None,
    rescore: bool = False,
    progress: Callable[[ScoreProgress], None] | None = None,
    clock: Callable[[], datetime],
) -> ScoreResult:
    """Judge what waits, in ascending order of import, and store each batch at once.

    Batches are in flight on all cores while one writer stores them; a ticket that breaks the judge becomes
    `judge_failed` with its reason and does not stop the run. Raises JudgeError when the judge cannot work at all.
    """
    work = await plan(db, limit=limit, rescore=rescore)
    tally: Counter[str] = Counter()
    if work.tickets:
        with _executor(work.tickets) as executor:
            try:
                await _run(db, executor, work, rescore, tally, progress, clock)
            except BaseException as failure:
                executor.shutdown(wait=False, cancel_futures=True)
                raise _cause(failure) from failure
        await db.checkpoint()
    scored = tally.pop("", 0)
    return ScoreResult(work.judge, scored, dict(sorted(tally.items())))


async def _run(
    db: Database,
    executor: Executor,
    work: ScorePlan,
    rescore: bool,
    tally: Counter[str],
    progress: Callable[[ScoreProgress], None] | None,
    clock: Callable[[], datetime],
) -> None:
    loop = asyncio.get_running_loop()
    lanes = asyncio.Semaphore(_workers() + 1)  # one batch more than workers, so that none waits for the reader
    writing = asyncio.Lock()

    async def judge_and_store(ids: Sequence[int], tickets: Sequence[Ticket]) -> None:
        try:
            outcomes = await loop.run_in_executor(executor, read_batch, tickets)
            at = clock()
            async with writing, db.write() as connection:
                await verdicts.record(
                    connection,
                    [
                        (row_id, Judgement(outcome=outcome, judge=work.judge, content_hash=content, at=at))
                        for row_id, (outcome, content) in zip(ids, outcomes, strict=True)
                    ],
                )
            tally.update(outcome.reason if isinstance(outcome, Unscored) else "" for outcome, _ in outcomes)
            if progress:
                progress(ScoreProgress(tally.total(), work.tickets, tally[Reason.JUDGE_FAILED]))
        finally:
            lanes.release()

    after = 0
    left = work.tickets
    async with asyncio.TaskGroup() as running:
        while left > 0:
            await lanes.acquire()
            async with db.read() as connection:
                ids = await verdicts.waiting(
                    connection, work.judge, after=after, limit=min(BATCH, left), rescore=rescore
                )
                tickets = await conversations.load(connection, ids)
            if not ids:
                return
            after = ids[-1]
            left -= len(ids)
            running.create_task(judge_and_store(ids, tickets))


def _cause(failure: BaseException) -> BaseException:
    """What a person is told when a run ends early: the first failure of those that happened at once."""
    while isinstance(failure, BaseExceptionGroup):
        failure = failure.exceptions[0]
    if isinstance(failure, BrokenExecutor):
        return JudgeError(
            "A judging process was ended from outside, perhaps for want of memory.",
            hint="What was finished is kept; score again to go on.",
        )
    return failure


def _workers() -> int:
    return max(1, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)


def _executor(tickets: int) -> Executor:
    if tickets <= FEW or _workers() == 1:
        return ThreadPoolExecutor(1, thread_name_prefix="judge")
    # forkserver: forking a process that has threads and an event loop is not safe
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])  # imported once, then shared by all that are forked
    return ProcessPoolExecutor(_workers(), mp_context=context)


_judge: OfflineJudge | None = None  # one per process: loading the weights costs more than reading a batch


def read_batch(tickets: Sequence[Ticket]) -> list[tuple[Verdict | Unscored, str]]:
    """Judge tickets in this process; each outcome with the hash of the content it is about."""
    global _judge
    if _judge is None:
        _judge = OfflineJudge.load()
    return [(_read(_judge, ticket), content_hash(ticket)) for ticket in tickets]


def _read(judge: OfflineJudge, ticket: Ticket) -> Verdict | Unscored:
    who = responding(ticket)
    if who is None:
        return Unscored(Reason.NO_REP_REPLY)
    try:
        return judge.read(ticket, who)
    except Exception as error:  # one odd ticket must not end a run over thousands; the reason is kept and shown
        return Unscored(Reason.JUDGE_FAILED, f"the embedded judge stumbled over it ({type(error).__name__}: {error})")
