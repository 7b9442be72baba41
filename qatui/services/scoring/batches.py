"""The embedded judge at work: batches in flight on all cores, one writer that stores them."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
from collections.abc import Sequence
from concurrent.futures import BrokenExecutor, Executor, ProcessPoolExecutor, ThreadPoolExecutor

from qatui.domain.conversation import Ticket
from qatui.domain.verdict import Reason, Unscored, Verdict, responding
from qatui.errors import JudgeError
from qatui.services.scoring.offline.judge import OfflineJudge
from qatui.services.scoring.runner import Run, ScoreResult, first_cause

BATCH = 128  # tickets read, judged and stored together: what a kill can lose
FEW = 600  # up to so many tickets a thread is done before processes have started


async def judge_in_batches(run: Run) -> ScoreResult:
    """Judge all tickets of a run; one that breaks the judge becomes `judge_failed` and does not end the run.

    Raises JudgeError when a judging process is ended from outside.
    """
    if run.plan.tickets:
        with _executor(run.plan.tickets) as executor:
            try:
                await _judge_all(run, executor)
            except BaseException as failure:
                executor.shutdown(wait=False, cancel_futures=True)
                cause = first_cause(failure)
                if isinstance(cause, BrokenExecutor):
                    cause = JudgeError(
                        "A judging process was ended from outside, perhaps for want of memory.",
                        hint="What was finished is kept; score again to go on.",
                    )
                raise cause from failure
    return await run.finish()


async def _judge_all(run: Run, executor: Executor) -> None:
    loop = asyncio.get_running_loop()
    lanes = asyncio.Semaphore(_workers() + 1)  # one batch more than workers, so that none waits for the reader

    async def judge(batch: Sequence[tuple[int, Ticket]]) -> None:
        try:
            outcomes = await loop.run_in_executor(executor, read_batch, [ticket for _, ticket in batch])
            await run.store(batch, outcomes)
        finally:
            lanes.release()

    async with asyncio.TaskGroup() as running:
        async for batch in run.batches(BATCH):
            await lanes.acquire()
            running.create_task(judge(batch))


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


def read_batch(tickets: Sequence[Ticket]) -> list[Verdict | Unscored]:
    """Judge tickets in this process."""
    global _judge
    if _judge is None:
        _judge = OfflineJudge.load()
    return [_read(_judge, ticket) for ticket in tickets]


def _read(judge: OfflineJudge, ticket: Ticket) -> Verdict | Unscored:
    who = responding(ticket)
    if who is None:
        return Unscored(Reason.NO_REP_REPLY)
    try:
        return judge.read(ticket, who)
    except Exception as error:  # one odd ticket must not end a run over thousands; the reason is kept and shown
        return Unscored(Reason.JUDGE_FAILED, f"the embedded judge stumbled over it ({type(error).__name__}: {error})")
