"""A scoring run: what waits for a judge, judged and stored step by step; resumable, never paid twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from qatui.domain.conversation import Ticket
from qatui.domain.verdict import JudgeIdentity, Judgement, Reason, Unscored, Verdict, content_hash
from qatui.store import conversations, verdicts
from qatui.store.engine import Database


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
    """What a run did: tickets scored, and those it could not score by reason.

    stopped: why it ended before all were judged, or "". tokens, cost: what the endpoint was paid; cost is None where
    no price is set or the judge is embedded.
    """

    judge: JudgeIdentity
    scored: int
    unscored: dict[str, int]
    stopped: str = ""
    tokens: int = 0
    cost: float | None = None

    @property
    def failed(self) -> int:
        return self.unscored.get(Reason.JUDGE_FAILED, 0)


async def plan(db: Database, judge: JudgeIdentity, *, limit: int | None = None, rescore: bool = False) -> ScorePlan:
    """Count what a run of this judge would read."""
    async with db.read() as connection:
        tickets = await verdicts.waiting_count(connection, judge, rescore=rescore)
    return ScorePlan(judge, tickets if limit is None else min(tickets, limit))


@dataclass(slots=True)
class Run:
    """One run over the tickets of a plan; a judge's crew reads `batches` and gives the outcomes to `store`."""

    db: Database
    plan: ScorePlan
    rescore: bool
    clock: Callable[[], datetime]
    progress: Callable[[ScoreProgress], None] | None = None
    tally: Counter[str] = field(default_factory=Counter)  # "" counts the scored, a reason those without a score

    async def batches(self, size: int) -> AsyncIterator[list[tuple[int, Ticket]]]:
        """What waits, in ascending order of import, up to `size` tickets at once; each ticket comes once in a run."""
        after, left = 0, self.plan.tickets
        while left > 0:
            async with self.db.read() as connection:
                ids = await verdicts.waiting(
                    connection, self.plan.judge, after=after, limit=min(size, left), rescore=self.rescore
                )
                tickets = await conversations.load(connection, ids)
            if not ids:
                return
            after, left = ids[-1], left - len(ids)
            yield list(zip(ids, tickets, strict=True))

    async def store(self, batch: Sequence[tuple[int, Ticket]], outcomes: Sequence[Verdict | Unscored]) -> None:
        """Keep outcomes at once, so that a kill loses none of them, and say how far the run is."""
        at = self.clock()
        judgements = [
            (row_id, Judgement(outcome=outcome, judge=self.plan.judge, content_hash=content_hash(ticket), at=at))
            for (row_id, ticket), outcome in zip(batch, outcomes, strict=True)
        ]
        async with self.db.write() as connection:
            await verdicts.record(connection, judgements)
        self.tally.update(outcome.reason if isinstance(outcome, Unscored) else "" for outcome in outcomes)
        if self.progress:
            self.progress(ScoreProgress(self.tally.total(), self.plan.tickets, self.tally[Reason.JUDGE_FAILED]))

    async def finish(self, *, stopped: str = "", tokens: int = 0, cost: float | None = None) -> ScoreResult:
        """Empty the write-ahead log and sum up."""
        await self.db.checkpoint()
        reasons = {reason: count for reason, count in sorted(self.tally.items()) if reason and count}
        return ScoreResult(self.plan.judge, self.tally[""], reasons, stopped, tokens, cost)


def first_cause(failure: BaseException) -> BaseException:
    """What a person is told when a run ends early: the first failure of those that happened at once."""
    while isinstance(failure, BaseExceptionGroup):
        failure = failure.exceptions[0]
    return failure
