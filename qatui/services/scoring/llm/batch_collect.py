"""Collecting a batch that is over: every answer verified and stored once, whoever collects it and whatever cuts in."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from qatui.domain.batch import BatchNews
from qatui.domain.run import Used
from qatui.domain.verdict import Reason, content_hash, responding
from qatui.services.scoring.llm.batch_lines import Answered, answers, verdict_of
from qatui.services.scoring.llm.batch_remote import BatchRemote, GoneError, Remote
from qatui.services.scoring.llm.cost import Price, Usage
from qatui.store import batches, conversations, runs, verdicts
from qatui.store.batches import Batch
from qatui.store.engine import Database
from qatui.store.sql import Connection
from qatui.store.verdict_rows import REASON, Judged, outcome_row

CHUNK = 256  # answers stored at once


@dataclass(slots=True)
class Collecting:
    """One batch being collected. row_ids: tickets whose answers were stored."""

    db: Database
    clock: Callable[[], datetime]
    price: Price | None
    remote: BatchRemote
    batch: Batch
    row_ids: set[int] = field(default_factory=set)
    _tally: Counter[str] = field(default_factory=Counter)  # "" counts the scored, a reason those without a score
    _changed: int = 0
    _used: Usage = field(default_factory=Usage)

    async def collect(self, standing: Remote) -> BatchNews:
        """Store its answers step by step, let go of the tickets without one, and have its files forgotten."""
        batch = self.batch
        async with self.db.write() as connection:
            if not await batches.is_open(connection, batch.id):
                words = "another process has collected it"
                return BatchNews(name=standing.id, requests=batch.requests, words=words, waiting=False)
            await runs.resume(connection, batch.run_id, self.clock(), pid=os.getpid())
        lost = ""
        for file_id in (standing.output_file_id, standing.error_file_id):
            if file_id:
                try:
                    content = await self.remote.content(file_id)
                except GoneError:
                    lost = "; answers of it are gone from the endpoint"
                else:
                    found = answers(content, self.remote.endpoint)
                    while chunk := list(islice(found, CHUNK)):
                        await self._store(chunk)
        # An endpoint that refused the whole of it says why; a batch that ended well is no run that ended early.
        ended = self._ended(standing)
        early = "" if standing.status == "completed" else f"the batch {ended}"
        released = await let_go(self.db, batch, self.clock(), f"{early}{lost}".removeprefix("; "))
        for file_id in (standing.input_file_id, standing.output_file_id, standing.error_file_id):
            await self.remote.delete(file_id)  # conversations need not lie there any longer
        return BatchNews(
            name=standing.id,
            requests=batch.requests,
            words=ended + lost,
            waiting=False,
            scored=self._tally[""],
            unscored=Counter({reason: count for reason, count in self._tally.items() if reason and count}),
            changed=self._changed,
            released=released,
            tokens=self._used.tokens,
            cost=None if self.price is None else self.price.cost(self._used),
        )

    def _ended(self, standing: Remote) -> str:
        """'completed', or 'failed: a line of the file is too long', as harmless as any words of an endpoint."""
        return self.remote.endpoint.own_words(": ".join(filter(None, (standing.status, standing.complaint))))

    async def _store(self, chunk: Sequence[Answered]) -> None:
        """Verify and keep the answers of a chunk that are not kept yet."""
        brought = {each.row_id: each for each in chunk if each.reply is not None}
        judged = await self._judged(brought)
        async with self.db.write() as connection:
            left = await batches.unanswered(connection, self.batch.id)  # another process may collect the same batch
            now = [row_id for row_id in judged if row_id in left]
            kept = [row for row_id in now if (row := judged[row_id]) is not None]
            news = Counter(outcome[REASON] or "" for _, _, outcome in kept)
            used = sum((brought[row_id].usage for row_id in now), Usage())
            await verdicts.keep(connection, self.batch.judge, self.clock(), kept)
            await batches.answered(connection, self.batch.id, now)
            await self._note(connection, news, used)
        self.row_ids.update(now)
        self._tally += news
        self._changed += len(now) - len(kept)
        self._used += used

    async def _judged(self, brought: dict[int, Answered]) -> dict[int, Judged | None]:
        """What the answers say, by row id; None of one that is about words which its ticket does not have any more."""
        async with self.db.read() as connection:
            wanted = await batches.unanswered(connection, self.batch.id)
            ids = [row_id for row_id in brought if row_id in wanted]
            tickets = await conversations.load(connection, ids)
        judged: dict[int, Judged | None] = {}
        for row_id, ticket in zip(ids, tickets, strict=True):
            who, reply = responding(ticket), brought[row_id].reply
            if who is None or reply is None or bytes.fromhex(content_hash(ticket)) != wanted[row_id]:
                judged[row_id] = None
            else:
                outcome = verdict_of(reply, ticket, who, masked=self.batch.masked)
                judged[row_id] = (row_id, wanted[row_id], outcome_row(outcome))
        return judged

    async def _note(self, connection: Connection, news: Counter[str], used: Usage) -> None:
        """Add to the record of the run."""
        failed, scored = news[Reason.JUDGE_FAILED], news[""]
        cost = None if self.price is None else self.price.cost(used)
        await runs.advance(
            connection,
            self.batch.run_id,
            self.clock(),
            scored=scored,
            unscored=news.total() - scored - failed,
            failed=failed,
            used=Used(used.requests, used.prompt, used.cached, used.answer, cost),
        )


async def let_go(db: Database, batch: Batch, now: datetime, why: str) -> int:
    """Nothing more of a batch will be collected: how many tickets have no answer and wait again."""
    async with db.write() as connection:
        released = len(await batches.unanswered(connection, batch.id))
        if await batches.close(connection, batch.id, now):  # whoever was quicker knows better how it ended
            await runs.end(connection, batch.run_id, now, stopped=why)
    return released
