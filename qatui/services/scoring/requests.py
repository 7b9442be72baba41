"""The llm judge at work: many requests under way, each answer stored at once, and what a run would cost."""

from __future__ import annotations

import asyncio

from qatui.domain.conversation import Ticket
from qatui.domain.verdict import Reason, Unscored, responding
from qatui.services.scoring.llm.cost import BudgetSpentError, RunEstimate, Usage, estimate_run
from qatui.services.scoring.llm.judge import LlmJudge
from qatui.services.scoring.runner import Run, ScoreResult, first_cause

CHUNK = 64  # tickets read from the store at once
AHEAD = 1.25  # tickets under way per request slot: the next one is ready when a slot falls free


async def judge_by_requests(run: Run, judge: LlmJudge) -> ScoreResult:
    """Judge all tickets of a run, each stored as soon as it is answered.

    Ends early when the endpoint refuses for good or the budget is spent: the rest stays waiting, and the result
    says why.
    """
    lanes = asyncio.Semaphore(max(1, int(judge.settings.concurrency * AHEAD)))
    spent = ""

    async def ask(row_id: int, ticket: Ticket) -> None:
        nonlocal spent
        try:
            who = responding(ticket)
            outcome = Unscored(Reason.NO_REP_REPLY) if who is None else await judge.judge(ticket, who)
            await run.store([(row_id, ticket)], [outcome])
        except BudgetSpentError as error:
            spent = spent or error.message
        finally:
            lanes.release()

    try:
        async with asyncio.TaskGroup() as running:
            async for batch in run.batches(CHUNK):
                for row_id, ticket in batch:
                    await lanes.acquire()
                    if spent or judge.stopped:
                        lanes.release()
                        break
                    running.create_task(ask(row_id, ticket))
                if spent or judge.stopped:
                    break
    except BaseExceptionGroup as failure:
        raise first_cause(failure) from failure
    return await run.finish(stopped=spent or judge.stopped or "", tokens=judge.usage.tokens, cost=judge.cost)


async def estimate_by_requests(run: Run, judge: LlmJudge) -> RunEstimate:
    """Tokens and price of a run; nothing is sent."""
    usages: list[Usage] = []
    async for batch in run.batches(CHUNK):
        for _, ticket in batch:
            if who := responding(ticket):
                usages.append(judge.estimate(ticket, who))
    return estimate_run(usages, judge.settings)
