"""A scoring run: what waits for a judge, judged and stored step by step; resumable, never paid twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

from qatui.domain.conversation import Ticket
from qatui.domain.run import RunKind
from qatui.domain.verdict import JudgeIdentity, Reason, Unscored, Verdict, content_hash
from qatui.services.scoring.control import Control
from qatui.services.scoring.ledger import Also, Ledger, Meter, recorded
from qatui.store import conversations, verdicts
from qatui.store.engine import Database
from qatui.store.rows import Fetched, tickets_of
from qatui.store.verdict_rows import DETAIL, REASON, Judged, outcome_row


@dataclass(frozen=True, slots=True)
class ScoreProgress:
    """How far a run is: tickets done (of them failed) out of total, and what an endpoint was paid for them.

    cost: None where no price is set or the judge is embedded.
    """

    done: int
    total: int
    failed: int
    tokens: int = 0
    cost: float | None = None


@dataclass(frozen=True, slots=True)
class ScorePlan:
    """What a run would do: which judge, and how many tickets; golden: only pinned ones."""

    judge: JudgeIdentity
    tickets: int
    golden: bool = False


@dataclass(frozen=True, slots=True)
class ScoreResult:
    """What a run did: tickets scored, and those it could not score by reason.

    stopped: why it ended before all were judged, or "". tokens, cost: what the endpoint was paid; cost is None where
    no price is set or the judge is embedded. golden: pinned tickets among those that were read. why: what the judge
    said most often of tickets at which it failed, with how often.
    """

    judge: JudgeIdentity
    scored: int
    unscored: dict[str, int]
    stopped: str = ""
    tokens: int = 0
    cost: float | None = None
    golden: int = 0
    why: tuple[str, int] | None = None

    @property
    def failed(self) -> int:
        return self.unscored.get(Reason.JUDGE_FAILED, 0)


async def plan(
    db: Database, judge: JudgeIdentity, *, limit: int | None = None, rescore: bool = False, golden: bool = False
) -> ScorePlan:
    """Count what a run of this judge would read; golden: of the pinned tickets only."""
    async with db.read() as connection:
        tickets = await verdicts.waiting_count(connection, judge, rescore=rescore, golden=golden)
    return ScorePlan(judge, tickets if limit is None else min(tickets, limit), golden)


@dataclass(slots=True)
class Run:
    """One run over the tickets of a plan; a judge's crew reads `batches` and gives the outcomes to `store`.

    control: what is said to the run meanwhile. ledger: its record, while `recorded` holds.
    """

    db: Database
    plan: ScorePlan
    rescore: bool
    clock: Callable[[], datetime]
    progress: Callable[[ScoreProgress], None] | None = None
    control: Control = field(default_factory=Control)
    ledger: Ledger | None = None
    tally: Counter[str] = field(default_factory=Counter)  # "" counts the scored, a reason those without a score
    failures: Counter[str] = field(default_factory=Counter)  # the judge's words
    golden: set[int] = field(default_factory=set)  # pinned tickets that were handed out

    @asynccontextmanager
    async def recorded(
        self, kind: RunKind, *, meter: Meter | None = None, also: Also | None = None
    ) -> AsyncIterator[Ledger]:
        """Keep a record of the run while it goes on; see `ledger.recorded`."""
        planned, judge = self.plan.tickets, self.plan.judge
        async with recorded(self.db, judge, kind, planned, self.clock, meter=meter, also=also) as self.ledger:
            yield self.ledger
            self.ledger.stopped = self.ledger.stopped or self.control.stopped

    async def fetched(self, size: int) -> AsyncIterator[tuple[list[int], Fetched]]:
        """What waits, pinned tickets first, then in ascending order of import, up to `size` tickets at once.

        Pinned ones come first so that a new judge's agreement with people is known as early as can be. Each ticket
        comes once in a run. None comes while the run is paused, and none after it was stopped.
        """
        after, left, golden = 0, self.plan.tickets, True
        while left > 0 and await self.control.may_go():
            async with self.db.read() as connection:
                waiting = await verdicts.waiting(
                    connection,
                    self.plan.judge,
                    after=after,
                    limit=min(size, left),
                    rescore=self.rescore,
                    golden=golden,
                )
                ids = waiting if golden else [row_id for row_id in waiting if row_id not in self.golden]
                found = await conversations.fetch(connection, ids)
            if not waiting:
                if not golden or self.plan.golden:
                    return
                after, golden = 0, False
                continue
            after, left = waiting[-1], left - len(ids)
            if golden:
                self.golden.update(ids)
            if ids:
                yield ids, found

    async def batches(self, size: int) -> AsyncIterator[list[tuple[int, Ticket]]]:
        """What `fetched` gives, as tickets."""
        async for ids, found in self.fetched(size):
            yield list(zip(ids, tickets_of(ids, found), strict=True))

    async def store(self, batch: Sequence[tuple[int, Ticket]], outcomes: Sequence[Verdict | Unscored]) -> None:
        """`keep` what a judge said of tickets."""
        await self.keep(
            [
                (row_id, bytes.fromhex(content_hash(ticket)), outcome_row(outcome))
                for (row_id, ticket), outcome in zip(batch, outcomes, strict=True)
            ]
        )

    async def keep(self, judged: Sequence[Judged]) -> None:
        """Store outcomes at once, so that a kill loses none of them, and say how far the run is."""
        news = Counter(outcome[REASON] or "" for _, _, outcome in judged)
        async with self.db.write() as connection:
            await verdicts.keep(connection, self.plan.judge, self.clock(), judged)
            if self.ledger:
                await self.ledger.note(connection, news)
        self.tally += news
        self.failures.update(
            outcome[DETAIL] for _, _, outcome in judged if outcome[REASON] == Reason.JUDGE_FAILED and outcome[DETAIL]
        )
        if self.progress:
            failed = self.tally[Reason.JUDGE_FAILED]
            self.progress(ScoreProgress(self.tally.total(), self.plan.tickets, failed, *self._paid()))

    async def finish(self) -> ScoreResult:
        """Empty the write-ahead log and sum up."""
        await self.db.checkpoint()
        reasons = {reason: count for reason, count in sorted(self.tally.items()) if reason and count}
        stopped = (self.ledger and self.ledger.stopped) or self.control.stopped
        tokens, cost = self._paid()
        why = next(iter(self.failures.most_common(1)), None)
        return ScoreResult(self.plan.judge, self.tally[""], reasons, stopped, tokens, cost, len(self.golden), why)

    def _paid(self) -> tuple[int, float | None]:
        meter = self.ledger.meter if self.ledger else None
        return (meter.usage.tokens, meter.cost) if meter else (0, None)


def first_cause(failure: BaseException) -> BaseException:
    """What a person is told when a run ends early: the first failure of those that happened at once."""
    while isinstance(failure, BaseExceptionGroup):
        failure = failure.exceptions[0]
    return failure
