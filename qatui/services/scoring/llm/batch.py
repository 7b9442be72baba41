"""Scoring through a Batch endpoint: handed in at a lower price, collected by any process once it has answered.

What is handed in is written down first, under a name that the endpoint is told. So whatever a kill cuts short is found
again: either the endpoint lists the batch, or it was never made. No ticket is in two batches with the same words.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

from qatui.config import Settings
from qatui.domain.batch import BatchNews, HandedIn
from qatui.domain.conversation import Ticket
from qatui.domain.people import Right
from qatui.domain.run import RunKind
from qatui.domain.verdict import content_hash, responding
from qatui.errors import JudgeError
from qatui.services.people import People
from qatui.services.runs import process_alive, refuse_a_second
from qatui.services.scoring.llm.batch_collect import Collecting, let_go
from qatui.services.scoring.llm.batch_lines import line
from qatui.services.scoring.llm.batch_remote import BatchRemote, UnsureError
from qatui.services.scoring.llm.caller import Outside
from qatui.services.scoring.llm.cost import Budget, BudgetSpentError, Price, Usage, estimate_run
from qatui.services.scoring.llm.judge import LlmJudge
from qatui.services.scoring.requests import DIALECT_HOLDS, judge_by_requests
from qatui.services.scoring.runner import Run, plan
from qatui.store import batches, conversations, dialects, runs, verdicts
from qatui.store.batches import Batch
from qatui.store.engine import Database
from qatui.store.runs import Alive

CHUNK = 256  # tickets read at once
MOST_REQUESTS = 10_000  # of one batch; OpenAI takes 50,000
MOST_BYTES = 64 << 20  # of one batch's file, which is held in memory; OpenAI takes 200 MB
IN_OTHER_HANDS = "another process is handing it in"


@dataclass(frozen=True, slots=True)
class _Request:
    row_id: int
    content: bytes
    line: bytes


@dataclass(slots=True)
class _Visit:
    """One command's dealings with the endpoint; collected: tickets whose answers it stored."""

    judge: LlmJudge
    remote: BatchRemote
    collected: set[int] = field(default_factory=set)


class Batches:
    """What `qatui score --batch`, `--collect` and `--cancel-batch` do."""

    def __init__(
        self,
        db: Database,
        settings: Settings,
        people: People,
        clock: Callable[[], datetime],
        secret: Callable[[], Awaitable[bytes]],
        *,
        outside: Outside | None = None,
        alive: Alive | None = None,
    ) -> None:
        """secret: of the workspace, see LlmJudge; alive: whether a process lived at an instant and still does."""
        self._db = db
        self._settings = settings
        self._people = people
        self._clock = clock
        self._secret = secret
        self._outside = outside or Outside()
        self._alive = alive or process_alive

    async def hand_in(
        self, *, limit: int | None = None, rescore: bool = False, budget: float | None = None
    ) -> HandedIn:
        """Collect what is done, then hand in what waits; what failed just now is left for another time.

        Where it is not known yet how the endpoint takes requests, one ticket is judged at once to find out. budget:
        in the currency of the prices, against an estimate. Raises ConfigError, ForbiddenError, UsageError as `Budget`
        and beside a run that asks at once, and JudgeError where the endpoint offers no batches or does not answer.
        """
        async with self._visit(budget) as visit:
            await visit.remote.offered()
            async with self._db.read() as connection:
                await refuse_a_second(connection, visit.judge.identity, self._alive)
            before = await self._see_to_all(visit, send=True)
            await self._learn(visit.judge)
            price = self._price()
            purse = None if budget is None else Budget(budget, price)
            handed: list[tuple[str, int]] = []
            usages: list[Usage] = []
            stopped = ""
            pending: list[_Request] = []
            size = 0
            try:
                async for row_id, ticket, since in self._waiting(visit, limit, rescore):
                    who = responding(ticket)
                    if who is None:
                        continue
                    body, usage = visit.judge.request(ticket, who, since=since)
                    if purse is not None:
                        purse.reserve(usage)
                    request = _Request(row_id, bytes.fromhex(content_hash(ticket)), line(row_id, body))
                    if pending and (len(pending) == MOST_REQUESTS or size + len(request.line) > MOST_BYTES):
                        await self._hand_over(visit, pending, handed)
                        pending, size = [], 0
                    pending.append(request)
                    usages.append(usage)
                    size += len(request.line)
            except BudgetSpentError as error:
                stopped = error.message
            if pending:
                await self._hand_over(visit, pending, handed)
        estimate = estimate_run(usages, self._settings.llm)
        return HandedIn(
            before=before,
            tickets=sum(tickets for _, tickets in handed),
            batches=tuple(name for name, _ in handed),
            sent=estimate.usage.prompt,
            received=estimate.usage.answer,
            cost=None if price is None else price.cost(estimate.usage),
            stopped=stopped,
        )

    async def collect(self) -> tuple[BatchNews, ...]:
        """Look after every batch that is open, and store the answers of those that are over. Raises as `hand_in`."""
        async with self._visit() as visit:
            return await self._see_to_all(visit, send=False)

    async def cancel(self) -> tuple[BatchNews, ...]:
        """Have every open batch cancelled; what was answered until then is stored, the rest waits again.

        An endpoint takes its time: until a later `collect` finds the batch cancelled its tickets are still held.
        """
        async with self._visit() as visit:
            news = []
            for batch in await self._open():
                left_alone = self._left_alone(batch)
                if left_alone is not None:
                    news.append(left_alone)
                    continue
                name = batch.remote_id or await self._found(visit, batch)
                if name is not None:
                    await visit.remote.cancel(name)
                    news.append(await self._look(visit, batch, name))
                elif await self._take_up(batch):
                    news.append(await self._drop(batch, "it was never handed in"))
                else:
                    news.append(_still(batch, IN_OTHER_HANDS))
            return tuple(news)

    # One visit -------------------------------------------------------------------------------------

    @asynccontextmanager
    async def _visit(self, budget: float | None = None) -> AsyncIterator[_Visit]:
        await self._people.demand(Right.IMPORT)
        llm = self._settings.llm
        async with LlmJudge.from_environment(llm, budget=budget, secret=await self._secret()) as judge:
            async with self._db.read() as connection:
                known = await dialects.known(connection, llm.base_url, llm.model, since=self._clock() - DIALECT_HOLDS)
            if known is not None:
                judge.recall(known)
            yield _Visit(judge, BatchRemote(judge.endpoint, llm.host, llm.tries, self._outside))

    async def _learn(self, judge: LlmJudge) -> None:
        """Judge one ticket by a request of its own, where the endpoint's dialect is not known: a batch cannot ask."""
        if judge.dialect is not None:
            return
        work = await plan(self._db, judge.identity, limit=1)
        if not work.tickets:
            return
        result = await judge_by_requests(Run(self._db, work, False, self._clock, None), judge)
        if judge.dialect is None:
            why = result.stopped or "a first request brought no answer"
            raise JudgeError(
                f"Nothing was handed in: {why}.", hint="`qatui score --judge llm --limit 1` tries one ticket."
            )

    def _price(self) -> Price | None:
        price = Price.of(self._settings.llm)
        return None if price is None else price.less(self._settings.llm.batch_discount)

    async def _waiting(self, visit: _Visit, limit: int | None, rescore: bool) -> AsyncIterator[tuple[int, Ticket, int]]:
        """Tickets that wait for the judge and that this command has not collected, with when it answered last."""
        after, left = 0, limit
        while left is None or left > 0:
            async with self._db.read() as connection:
                found = await verdicts.waiting(
                    connection, visit.judge.identity, after=after, limit=CHUNK, rescore=rescore
                )
                ids = [row_id for row_id in found if row_id not in visit.collected][:left]
                tickets = await conversations.load(connection, ids)
                since = await verdicts.answered_at(connection, visit.judge.identity, ids)
            if not found:
                return
            after = found[-1]
            for row_id, ticket in zip(ids, tickets, strict=True):
                yield row_id, ticket, since.get(row_id, 0)
            left = None if left is None else left - len(ids)

    # Handing in ------------------------------------------------------------------------------------

    async def _hand_over(self, visit: _Visit, requests: Sequence[_Request], handed: list[tuple[str, int]]) -> None:
        """Set tickets apart, then hand them in; `handed` gets the endpoint's name of the batch and how many they are.

        What another process has set apart meanwhile is left to it.
        """
        key = secrets.token_hex(16)
        judge, llm, now = visit.judge.identity, self._settings.llm, self._clock()
        async with self._db.write() as connection:
            await refuse_a_second(connection, judge, self._alive)
            held = await batches.held_of(connection, judge, [request.row_id for request in requests])
            free = [request for request in requests if request.row_id not in held]
            if not free:
                return
            priced = self._price() is not None
            run_id = await runs.begin(
                connection, judge, RunKind.BATCH, planned=len(free), at=now, pid=os.getpid(), priced=priced
            )
            await batches.set_apart(
                connection,
                run_id,
                key,
                endpoint=llm.base_url,
                masked=llm.masked,
                at=now,
                requests=[(request.row_id, request.content) for request in free],
            )
            [batch] = [each for each in await batches.open_batches(connection) if each.key == key]
        handed.append((await self._send(visit, batch, free), len(free)))

    async def _send(self, visit: _Visit, batch: Batch, requests: Sequence[_Request], *, again: bool = False) -> str:
        """Upload and create; a failure after which the endpoint surely holds nothing lets the tickets go.

        again: it was tried before, so the file may be there already.
        """
        name = f"qatui-{batch.key}.jsonl"
        try:
            file_id = await visit.remote.uploaded(name) if again else None
            if file_id is None:
                file_id = await visit.remote.upload(name, b"".join(request.line for request in requests))
            created = await visit.remote.create(file_id, batch.key)
        except UnsureError:
            raise
        except JudgeError as error:
            await let_go(self._db, batch, self._clock(), error.message)
            raise
        async with self._db.write() as connection:
            await batches.handed_in(connection, batch.id, created.id)
        return created.id

    async def _send_again(self, visit: _Visit, batch: Batch) -> BatchNews:
        """A batch that was set apart and never sent: what still says the same is handed in now."""
        if not await self._take_up(batch):
            return _still(batch, IN_OTHER_HANDS)
        if batch.judge != visit.judge.identity:
            return await self._drop(batch, "it was never handed in, and the judge has changed since")
        async with self._db.read() as connection:
            wanted = await batches.unanswered(connection, batch.id)
            since = await verdicts.answered_at(connection, batch.judge, list(wanted))
            tickets = await conversations.load(connection, list(wanted))
        requests, gone = [], []
        for (row_id, content), ticket in zip(wanted.items(), tickets, strict=True):
            who = responding(ticket)
            if who is None or bytes.fromhex(content_hash(ticket)) != content:
                gone.append(row_id)
            else:
                body, _ = visit.judge.request(ticket, who, since=since.get(row_id, 0))
                requests.append(_Request(row_id, content, line(row_id, body)))
        async with self._db.write() as connection:
            await batches.release(connection, batch.id, gone)
        if not requests:
            return await self._drop(batch, "it was never handed in, and every ticket has changed since")
        name = await self._send(visit, batch, requests, again=True)
        return BatchNews(name=name, requests=len(requests), words="handed in", waiting=True, released=len(gone))

    # Looking after ---------------------------------------------------------------------------------

    async def _open(self) -> list[Batch]:
        async with self._db.read() as connection:
            return await batches.open_batches(connection)

    async def _see_to_all(self, visit: _Visit, *, send: bool) -> tuple[BatchNews, ...]:
        """Look after every open batch; send: hand in those that a kill kept from it."""
        return tuple([await self._see_to(visit, batch, send=send) for batch in await self._open()])

    async def _see_to(self, visit: _Visit, batch: Batch, *, send: bool) -> BatchNews:
        left_alone = self._left_alone(batch)
        if left_alone is not None:
            return left_alone
        name = batch.remote_id or await self._found(visit, batch)
        if name is not None:
            return await self._look(visit, batch, name)
        if send:
            return await self._send_again(visit, batch)
        return _still(batch, "handing it in was cut short; `qatui score --batch` does it")

    def _left_alone(self, batch: Batch) -> BatchNews | None:
        """Why a batch is none of this command's business; None where it is."""
        if batch.endpoint != self._settings.llm.base_url:
            return _still(batch, f"it is at {batch.endpoint}; set base_url to that to collect it")
        if batch.remote_id is None and batch.pid != os.getpid() and self._alive(batch.pid, batch.begun_at):
            return _still(batch, IN_OTHER_HANDS)
        return None

    async def _take_up(self, batch: Batch) -> bool:
        """Make a batch that was never sent this process's own; False where another one was quicker."""
        async with self._db.write() as connection:
            unchanged = batch in await batches.open_batches(connection)
            if unchanged:
                await runs.resume(connection, batch.run_id, self._clock(), pid=os.getpid())
        return unchanged

    async def _found(self, visit: _Visit, batch: Batch) -> str | None:
        """The endpoint's name of a batch whose handing in was cut short, if it has taken it."""
        found = await visit.remote.find(batch.key)
        if found is None:
            return None
        async with self._db.write() as connection:
            await batches.handed_in(connection, batch.id, found.id)
        return found.id

    async def _look(self, visit: _Visit, batch: Batch, name: str) -> BatchNews:
        standing = await visit.remote.retrieve(name)
        if standing is None:
            return await self._drop(batch, "the endpoint does not know it any more")
        if not standing.over:
            done = f", {standing.done:,} of {batch.requests:,} done" if standing.request_counts else ""
            words = standing.status.replace("_", " ") or "under way"
            return BatchNews(name=name, requests=batch.requests, words=words + done, waiting=True)
        collecting = Collecting(self._db, self._clock, self._price(), visit.remote, batch)
        try:
            return await collecting.collect(standing)
        finally:
            visit.collected |= collecting.row_ids

    async def _drop(self, batch: Batch, why: str) -> BatchNews:
        """Let go of the tickets of a batch that will bring nothing."""
        released = await let_go(self._db, batch, self._clock(), why)
        name = batch.remote_id or batch.key
        return BatchNews(name=name, requests=batch.requests, words=why, waiting=False, released=released)


def _still(batch: Batch, words: str) -> BatchNews:
    name = batch.remote_id or batch.key
    return BatchNews(name=name, requests=batch.requests, words=words, waiting=True)
