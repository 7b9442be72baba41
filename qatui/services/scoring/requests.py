"""The llm judge at work: many requests under way, each answer stored at once, and what a run would cost."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

from qatui.domain.conversation import Ticket
from qatui.domain.run import RunKind
from qatui.domain.verdict import Reason, Unscored, Verdict, responding
from qatui.services.scoring.llm.caller import HaltedError
from qatui.services.scoring.llm.cost import BudgetSpentError, RunEstimate, Usage, estimate_run
from qatui.services.scoring.llm.judge import LlmJudge
from qatui.services.scoring.runner import Run, ScoreResult, first_cause
from qatui.store import dialects, verdicts
from qatui.store.sql import Connection

CHUNK = 64  # tickets read from the store at once
AHEAD = 1.25  # tickets under way per request slot: the next one is ready when a slot falls free
GRACE = 30.0  # most seconds that a stopped run waits for the requests under way
DIALECT_HOLDS = timedelta(days=30)  # a server may learn a better format; after so long it is asked again


async def judge_by_requests(run: Run, judge: LlmJudge) -> ScoreResult:
    """Judge all tickets of a run, each stored as soon as it is answered.

    Ends early when the endpoint refuses for good, the budget is spent or the run is stopped: the rest stays waiting,
    and the result says why.
    """
    memory = _Memory(run, judge)
    await memory.recall()
    async with run.recorded(RunKind.REQUESTS, meter=judge, also=memory.keep) as ledger:
        crew = _Requests(run, judge)
        try:
            await crew.work()
        except BaseExceptionGroup as failure:
            raise first_cause(failure) from failure
        ledger.stopped = crew.spent or judge.stopped or ""
    return await run.finish()


@dataclass(slots=True)
class _Memory:
    """The dialect of the endpoint, known from earlier runs and kept for later ones."""

    run: Run
    judge: LlmJudge
    _kept: str | None = None

    async def recall(self) -> None:
        settings = self.judge.settings
        since = self.run.clock() - DIALECT_HOLDS
        async with self.run.db.read() as connection:
            self._kept = await dialects.known(connection, settings.base_url, settings.model, since=since)
        if self._kept is not None:
            self.judge.recall(self._kept)

    async def keep(self, connection: Connection) -> None:
        """Write down what has changed."""
        settings, now = self.judge.settings, self.judge.dialect
        if now == self._kept:
            return
        if now is None:
            await dialects.forget(connection, settings.base_url, settings.model)
        else:
            await dialects.remember(connection, settings.base_url, settings.model, now, self.run.clock())
        self._kept = now


@dataclass(slots=True)
class _Requests:
    """The tasks of one run; spent: the words of a budget that is used up."""

    run: Run
    judge: LlmJudge
    spent: str = ""
    _answered: list[tuple[tuple[int, Ticket], Verdict | Unscored]] = field(default_factory=list)
    _storing: asyncio.Lock = field(default_factory=asyncio.Lock)
    _cutting: asyncio.TimerHandle | None = None

    async def work(self) -> None:
        """Ask about every ticket that waits, until one of the reasons to end early."""
        lanes = asyncio.Semaphore(max(1, int(self.judge.settings.concurrency * AHEAD)))
        self.run.control.heed(self._heed)
        try:
            async with asyncio.TaskGroup() as running:
                async for batch in self.run.batches(CHUNK):
                    since = await self._since([row_id for row_id, _ in batch])
                    for row_id, ticket in batch:
                        await lanes.acquire()
                        if self.spent or self.judge.stopped or not await self.run.control.may_go():
                            return
                        task = running.create_task(self._ask(row_id, ticket, since.get(row_id, 0)))
                        task.add_done_callback(lambda _: lanes.release())
        finally:
            if self._cutting is not None:
                self._cutting.cancel()

    async def _since(self, row_ids: list[int]) -> dict[int, int]:
        async with self.run.db.read() as connection:
            return await verdicts.answered_at(connection, self.run.plan.judge, row_ids)

    async def _ask(self, row_id: int, ticket: Ticket, since: int) -> None:
        who = responding(ticket)
        try:
            outcome = Unscored(Reason.NO_REP_REPLY) if who is None else await self.judge.judge(ticket, who, since=since)
        except BudgetSpentError as error:
            self.spent = self.spent or error.message
        except HaltedError:
            pass  # it stays waiting
        else:
            self._answered.append(((row_id, ticket), outcome))
            async with self._storing:  # whoever comes first stores what the others have brought meanwhile
                brought, self._answered = self._answered, []
                if brought:
                    await self.run.store(*zip(*brought, strict=True))

    def _heed(self) -> None:
        """Do what was said to the run."""
        control = self.run.control
        self.judge.pause(control.paused)
        if control.stopped and self._cutting is None:
            self.judge.halt()
            grace = min(GRACE, self.judge.settings.timeout)
            self._cutting = asyncio.get_running_loop().call_later(grace, self.judge.cut)


async def estimate_by_requests(run: Run, judge: LlmJudge, most: int | None = None) -> RunEstimate:
    """Tokens and price of a run; nothing is sent. most: so many tickets are looked at, the others taken to be alike."""
    usages: list[Usage] = []
    looked = 0
    async for batch in run.batches(CHUNK):
        usages += [judge.estimate(ticket, who) for _, ticket in batch if (who := responding(ticket))]
        looked += len(batch)
        if most is not None and looked >= most:
            break
    return estimate_run(usages, judge.settings, run.plan.tickets / looked if looked else 1.0)
