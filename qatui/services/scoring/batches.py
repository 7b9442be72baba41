"""The embedded judge at work: batches in flight on all cores, one writer that stores them."""

from __future__ import annotations

import asyncio
import os

from qatui.services.scoring.runner import Run, ScoreResult, first_cause

BATCH = 64  # tickets read, judged and stored together: more would take memory, and a kill lose more, for no speed
FEW = 600  # up to so many tickets a thread is done before processes have started


async def judge_in_batches(run: Run) -> ScoreResult:
    """Judge all tickets of a run; one that breaks the judge becomes `judge_failed` and does not end the run.

    Raises JudgeError when a judging process is ended from outside.
    """
    cores = _cores()
    if run.plan.tickets > FEW and cores > 1:
        await _in_processes(run, cores)
    elif run.plan.tickets:
        await _in_a_thread(run)
    return await run.finish()


def _cores() -> int:
    return max(1, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)


async def _in_a_thread(run: Run) -> None:
    from qatui.services.scoring.offline.judge import OfflineJudge
    from qatui.services.scoring.reading import judged

    judge = await asyncio.to_thread(OfflineJudge.load)
    async for row_ids, fetched in run.fetched(BATCH):
        await run.keep(await asyncio.to_thread(judged, judge, row_ids, fetched))


async def _in_processes(run: Run, cores: int) -> None:
    from qatui.services.scoring.crew import Worker, crew

    async with crew(cores) as workers:
        batches = run.fetched(BATCH)
        turn = asyncio.Lock()  # one lane reads at a time, so that no batch goes to two

        async def lane(worker: Worker) -> None:
            while True:
                async with turn:
                    batch = await anext(batches, None)
                if batch is None:
                    return
                await run.keep(await worker.judged(*batch))

        try:
            async with asyncio.TaskGroup() as running:
                for worker in [*workers, *workers]:  # two lanes each: one batch is judged, another comes or goes
                    running.create_task(lane(worker))
        except BaseExceptionGroup as failure:
            raise first_cause(failure) from failure
