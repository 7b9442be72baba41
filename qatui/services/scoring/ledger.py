"""The record that a run writes of itself as it goes: whatever ends it, what is written is what happened."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from qatui.domain.run import RunKind, Used
from qatui.domain.verdict import JudgeIdentity, Reason
from qatui.errors import QatuiError, StoreError
from qatui.services.runs import refuse_a_second
from qatui.store import runs
from qatui.store.engine import Database
from qatui.store.sql import Connection

if TYPE_CHECKING:  # a run of the embedded judge loads nothing of the other
    from qatui.services.scoring.llm.cost import Usage


class Meter(Protocol):
    """What a judge has used so far; cost: None where no price is set."""

    @property
    def usage(self) -> Usage: ...

    @property
    def cost(self) -> float | None: ...


Also = Callable[[Connection], Awaitable[None]]
"""Something else that is to be kept together with outcomes."""


@dataclass(slots=True)
class Ledger:
    """One run's row. stopped: why the run ended early, as far as it is known."""

    clock: Callable[[], datetime]
    meter: Meter | None
    also: Also | None
    run_id: int
    stopped: str = ""
    _told: Used = field(default_factory=Used)

    async def note(self, connection: Connection, tally: Mapping[str, int]) -> None:
        """Add outcomes, counted by reason ("" for a score), and what was used since; in their own transaction."""
        failed, scored = tally.get(Reason.JUDGE_FAILED, 0), tally.get("", 0)
        await runs.advance(
            connection,
            self.run_id,
            self.clock(),
            scored=scored,
            unscored=sum(tally.values()) - scored - failed,
            failed=failed,
            used=self._news(),
        )
        if self.also is not None:
            await self.also(connection)

    def _news(self) -> Used | None:
        if self.meter is None:
            return None
        now, cost, told = self.meter.usage, self.meter.cost or 0.0, self._told
        self._told = Used(now.requests, now.prompt, now.cached, now.answer, cost)
        return Used(
            now.requests - told.requests,
            now.prompt - told.sent,
            now.cached - told.cached,
            now.answer - told.received,
            cost - (told.cost or 0.0),
        )

    async def close(self, db: Database) -> None:
        """Write that the run is over, with what was used last."""
        async with db.write() as connection:
            await self.note(connection, {})
            await runs.end(connection, self.run_id, self.clock(), stopped=self.stopped)


@asynccontextmanager
async def recorded(
    db: Database,
    judge: JudgeIdentity,
    kind: RunKind,
    planned: int,
    clock: Callable[[], datetime],
    *,
    meter: Meter | None = None,
    also: Also | None = None,
) -> AsyncIterator[Ledger]:
    """Write down that a run begins, and how it ends: well, early with the ledger's `stopped`, or by an error.

    UsageError where another process already asks an endpoint as the same judge.
    """
    async with db.write() as connection:
        if kind is RunKind.REQUESTS:
            await refuse_a_second(connection, judge)
        run_id = await runs.begin(
            connection,
            judge,
            kind,
            planned=planned,
            at=clock(),
            pid=os.getpid(),
            priced=meter is not None and meter.cost is not None,
        )
    ledger = Ledger(clock, meter, also, run_id)
    try:
        yield ledger
    except BaseException as error:
        ledger.stopped = ledger.stopped or _why(error)
        with suppress(StoreError):  # the database may be what failed
            await asyncio.shield(ledger.close(db))
        raise
    await ledger.close(db)


def _why(error: BaseException) -> str:
    if isinstance(error, QatuiError):
        return error.message
    return "it was cancelled" if isinstance(error, asyncio.CancelledError) else f"{type(error).__name__}: {error}"
