"""The record of scoring runs: true whatever ends a run, and what all of them came to."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from qatui.config import Settings
from qatui.config_llm import LlmSettings
from qatui.domain.conversation import Message, Rep, Speaker, Status, Ticket
from qatui.domain.listing import Sort, SortColumn, TicketFilter
from qatui.domain.rubric import rubric_hash
from qatui.domain.run import RunKind, RunState, Used
from qatui.domain.verdict import Flag, JudgeIdentity
from qatui.errors import UsageError
from qatui.services.runs import Runs, process_alive
from qatui.services.scoring.control import BY_HAND, Control
from qatui.services.scoring.llm.dialect import forget_dialects
from qatui.services.workspace import Workspace
from qatui.store import conversations, dialects, runs
from qatui.store.engine import Database
from tests.services.endpoint import Act, Endpoint, Hang, Refuse, Request, Say, part, scripted, verdict

NOW = datetime(2026, 3, 5, 10, 0, tzinfo=UTC)
LLM = JudgeIdentity("llm", "m", rubric_hash())
GOOD = verdict(part(4, ("m2", "Hello")), part(4, ("m2", "a new one leaves today")), part(2, ("m2", "Hello")))
PRICES = {"price_in": 1.0, "price_cached": 0.5, "price_out": 10.0}


def ticket(number: int, said: str = "") -> Ticket:
    messages = (
        Message("m1", Speaker.CUSTOMER, "My kettle leaks and I am upset."),
        Message(
            "m2",
            Speaker.REP,
            f"Hello, a new one leaves today, it is number {number} of the day. {said}",
            author=Rep("r", "Ana"),
        ),
    )
    return Ticket(source="s", id=f"{number:04}", messages=messages, status=Status.CLOSED)


@pytest.fixture(autouse=True)
def _fresh() -> None:
    forget_dialects()


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    db = await Database.open(tmp_path / "w.db")
    yield db
    await db.close()


def workspace(db: Database, endpoint: Endpoint, *, now: datetime = NOW, **llm: object) -> Workspace:
    values = {"base_url": endpoint.base_url, "model": "m", "tries": 1, **llm}
    settings = Settings(db=str(db.path), timezone="UTC", llm=LlmSettings(**values))  # type: ignore[arg-type]
    return Workspace(db, settings, clock=lambda: now)


async def save(db: Database, *tickets: Ticket) -> None:
    async with db.write() as connection:
        await conversations.save(connection, tickets)


def records(db: Database, *, alive: bool = True) -> Runs:
    return Runs(db, lambda _pid, _at: alive)


# The row of a run ---------------------------------------------------------------------------------------


async def test_a_run_writes_what_it_did_and_used(db: Database) -> None:
    await save(db, *(ticket(n) for n in range(10)))
    bad = iter([Say("no"), Say("no"), Say("no")])

    def script(request: Request) -> Act:
        return next(bad, Say(GOOD)) if "number 3 of" in request.user else Say(GOOD, cached=400)

    async with scripted(script) as endpoint:
        await workspace(db, endpoint, **PRICES).score(judge="llm")
    [run] = await records(db).recent()
    assert (run.judge.judge, run.judge.model, run.kind) == ("llm", "m", RunKind.REQUESTS)
    assert run.state is RunState.DONE
    assert (run.planned, run.scored, run.unscored, run.failed, run.tickets) == (10, 9, 0, 1, 10)
    assert (run.started_at, run.ended_at, run.stopped, run.pid) == (NOW, NOW, "", os.getpid())
    # 9 good answers, 3 unusable ones: 12 times 1,000 tokens sent, 9 times 400 of them cached, 12 times 200 received
    cost = (8_400 * 1.0 + 3_600 * 0.5 + 2_400 * 10.0) / 1e6
    assert run.used == Used(12, 12_000, 3_600, 2_400, pytest.approx(cost))


async def test_the_embedded_judge_has_records_too(db: Database) -> None:
    await save(db, *(ticket(n) for n in range(5)))
    async with scripted([Say(GOOD)]) as endpoint:
        opened = workspace(db, endpoint)
        await opened.score()
        await opened.score(limit=3, rescore=True)
    newest, oldest = await records(db).recent()
    assert (oldest.kind, oldest.planned, oldest.scored, oldest.used) == (RunKind.OFFLINE, 5, 5, Used())
    assert (newest.planned, newest.scored) == (3, 3)


async def test_what_a_kill_leaves_is_what_was_stored_up_to_then(db: Database) -> None:
    """The row grows in the transaction of the outcomes: there is no moment at which they differ."""
    await save(db, *(ticket(n) for n in range(30)))
    seen: list[tuple[int, int, int]] = []
    async with scripted([Say(GOOD)]) as endpoint:
        opened = workspace(db, endpoint, concurrency=3)

        async def look() -> None:
            while len(seen) < 1000:
                async with db.read() as connection:
                    rows = await connection.execute_fetchall(
                        "SELECT scored, tokens_sent, (SELECT count(*) FROM verdicts) FROM runs"
                    )
                seen.extend(tuple(row) for row in rows)
                await asyncio.sleep(0)

        looking = asyncio.create_task(look())
        await opened.score(judge="llm")
        looking.cancel()
    assert len(seen) > 3
    assert all(scored == verdicts for scored, _, verdicts in seen)
    assert all(sent >= 1000 * scored for scored, sent, _ in seen)


async def test_a_run_without_an_end_goes_on_or_was_cut_short(db: Database) -> None:
    async with db.write() as connection:
        await runs.begin(connection, LLM, RunKind.REQUESTS, planned=9, at=NOW, pid=77)
        await runs.begin(connection, LLM, RunKind.BATCH, planned=9, at=NOW, pid=77)
    for alive, state in ((True, RunState.GOING), (False, RunState.CUT_SHORT)):
        batch, requests = await records(db, alive=alive).recent()
        assert requests.state is state
        assert batch.state is RunState.WAITING


def test_a_process_lives_under_its_number_until_that_is_given_out_again() -> None:
    assert process_alive(os.getpid(), datetime.now(UTC))
    if Path("/proc/self/stat").exists():
        assert not process_alive(os.getpid(), datetime.now(UTC) - timedelta(days=3650))
    assert not process_alive(2**22 + 1, datetime.now(UTC))  # beyond what Linux gives out


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="only the process table of Linux is read")
def test_a_process_that_has_ended_is_gone_before_anybody_waits_for_it() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # it has ended, and stays to be waited for
        assert not process_alive(process.pid, datetime.now(UTC))


async def test_two_processes_never_ask_as_the_same_judge_at_once(db: Database) -> None:
    await save(db, ticket(0))
    now = datetime.now(UTC)
    async with scripted(lambda _request: Say(GOOD)) as endpoint:
        opened = workspace(db, endpoint, now=now)
        judge = (await opened.score_plan(judge="llm"))[0].judge
        async with db.write() as connection:
            another = await runs.begin(connection, judge, RunKind.REQUESTS, planned=9, at=now, pid=os.getppid())
        with pytest.raises(UsageError, match=f"Process {os.getppid()} is judging with llm · m already"):
            await opened.score(judge="llm")
        assert endpoint.requests == []
        assert [run.id for run in await opened.runs.recent()] == [another]  # what was refused is no run
        other = await workspace(db, endpoint, now=now, model="other").score(judge="llm")
        assert other.scored == 1  # another judge's tickets are others
        async with db.write() as connection:
            await runs.end(connection, another, now)
        assert (await opened.score(judge="llm")).scored == 1


async def test_a_run_that_fails_says_why(db: Database) -> None:
    await save(db, *(ticket(n) for n in range(20)))
    async with scripted([Refuse(401)]) as endpoint:
        await workspace(db, endpoint).score(judge="llm")
    [run] = await records(db).recent()
    assert run.state is RunState.STOPPED
    assert run.stopped == "the endpoint refused the key (401)"


async def test_a_cancelled_run_is_ended_with_what_it_used(db: Database) -> None:
    await save(db, *(ticket(n) for n in range(4)))
    async with scripted([Say(GOOD), Hang()]) as endpoint:
        task = asyncio.create_task(workspace(db, endpoint, concurrency=1, **PRICES).score(judge="llm"))
        await endpoint.received(2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    [run] = await records(db).recent()
    assert (run.state, run.stopped, run.scored) == (RunState.STOPPED, "it was cancelled", 1)
    assert run.used.requests == 2  # the one that was cut may have been paid


async def test_totals_are_per_judge_and_in_all(db: Database) -> None:
    await save(db, *(ticket(n) for n in range(4)))
    async with scripted([Say(GOOD)]) as endpoint:
        assert await records(db).totals() == []
        await workspace(db, endpoint).score()
        await workspace(db, endpoint, **PRICES).score(judge="llm", limit=3)
        await workspace(db, endpoint).score(judge="llm")
    llm, offline, every = await records(db).totals()
    assert (llm.judge, llm.runs, llm.scored, llm.unpriced) == ("llm", 2, 4, 1)
    assert llm.used == Used(4, 4000, 0, 800, pytest.approx(0.009))
    assert (offline.judge, offline.runs, offline.scored, offline.used.cost) == ("offline", 1, 4, None)
    assert (every.judge, every.model, every.runs, every.tickets) == ("", "", 3, 8)


# Pausing and stopping -----------------------------------------------------------------------------------


async def test_the_embedded_judge_pauses_and_stops_between_batches(db: Database) -> None:
    await save(db, *(ticket(n) for n in range(400)))
    async with scripted([Say(GOOD)]) as endpoint:
        opened = workspace(db, endpoint)
        control, paused = Control(), asyncio.Event()
        control.heed(lambda: control.paused and paused.set())
        run = asyncio.create_task(opened.score(control=control, progress=lambda _: control.pause()))
        await paused.wait()
        for _ in range(20):
            await asyncio.sleep(0)
        assert not run.done()
        control.stop()
        result = await run
    assert result.stopped == BY_HAND
    assert 0 < result.scored < 400
    assert (await opened.reports.counts(TicketFilter())).scored == result.scored


async def test_a_stopped_run_gives_up_what_does_not_answer(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qatui.services.scoring.requests.GRACE", 0.01)
    await save(db, *(ticket(n) for n in range(9)))
    async with scripted([Say(GOOD), Hang()]) as endpoint:
        control = Control()
        run = asyncio.create_task(workspace(db, endpoint, concurrency=3).score(judge="llm", control=control))
        await endpoint.received(4)
        control.stop()
        result = await run
    assert (result.scored, result.stopped) == (1, BY_HAND)
    assert (await workspace(db, endpoint).score_plan(judge="llm"))[0].tickets == 8


# How an endpoint wants to be asked ----------------------------------------------------------------------


def only_objects(request: Request) -> Act:
    if request.format == "json_object":
        return Say(GOOD)
    return Refuse(400, {"error": {"message": f"response_format {request.format} is not supported"}})


async def test_the_next_process_begins_with_what_the_endpoint_took(db: Database) -> None:
    await save(db, ticket(1), ticket(2))
    async with scripted(only_objects) as endpoint:
        await workspace(db, endpoint).score(judge="llm", limit=1)
        forget_dialects()  # as a new process would
        await workspace(db, endpoint).score(judge="llm")
        assert [request.format for request in endpoint.requests] == ["json_schema", "json_object", "json_object"]


async def test_what_the_endpoint_refuses_later_is_forgotten_and_found_out_anew(db: Database) -> None:
    await save(db, *(ticket(n) for n in range(6)))
    async with scripted([Say(GOOD)]) as endpoint:
        await workspace(db, endpoint).score(judge="llm", limit=1)
        forget_dialects()

    def script(request: Request) -> Act:
        return Say(GOOD) if request.format == "plain" else Refuse(400, {"detail": "bad request"})

    async with scripted(script) as other:
        async with db.write() as connection:
            kept = await dialects.known(connection, endpoint.base_url, "m", since=NOW)
            assert kept is not None
            await dialects.remember(connection, other.base_url, "m", kept, NOW)
        result = await workspace(db, other).score(judge="llm")
        assert (result.scored, result.failed) == (5, 0)
        async with db.read() as connection:
            now = await dialects.known(connection, other.base_url, "m", since=NOW)
        assert now is not None
        assert json.loads(now)["format"] == "plain"


async def test_after_a_month_a_better_format_gets_its_chance(db: Database) -> None:
    await save(db, ticket(1), ticket(2))
    async with scripted(only_objects) as endpoint:
        await workspace(db, endpoint).score(judge="llm", limit=1)
        forget_dialects()
        await workspace(db, endpoint, now=NOW + timedelta(days=31)).score(judge="llm")
        assert endpoint.requests[-2].format == "json_schema"


@pytest.mark.parametrize("kept", ["", "{}garbage", '{"format": "telepathy"}', "[]"])
async def test_a_dialect_that_cannot_be_read_is_passed_over(db: Database, kept: str) -> None:
    await save(db, ticket(1))
    async with scripted(only_objects) as endpoint:
        async with db.write() as connection:
            await dialects.remember(connection, endpoint.base_url, "m", kept, NOW)
        assert (await workspace(db, endpoint).score(judge="llm")).scored == 1


# Repeated readings --------------------------------------------------------------------------------------


async def test_readings_and_their_spread_are_stored_and_shown(db: Database) -> None:
    await save(db, ticket(1))
    tones = iter([5, 2, 3])

    def script(_request: Request) -> Act:
        return Say(verdict(part(next(tones), ("m2", "Hello")), part(4, ("m2", "today")), part(3, ("m2", "Hello"))))

    async with scripted(script) as endpoint:
        opened = workspace(db, endpoint, readings=3)
        await opened.score(judge="llm")
    [row] = await opened.reports.rows(TicketFilter(), Sort(SortColumn.NAME, False), 0, 1)
    assert (row.tone, row.clarity, row.empathy) == (3, 4, 3)
    assert Flag.UNSURE in row.flags
    view = await opened.reports.ticket(row.row_id)
    assert view.judgement is not None
    stored = view.judgement.outcome
    assert (stored.readings, stored.tone.spread, stored.clarity.spread) == (3, 1.5, 0.0)  # type: ignore[union-attr]
    [run] = await records(db).recent()
    assert (run.scored, run.used.requests) == (1, 3)


async def test_a_rescore_is_another_question_to_an_endpoint_that_remembers(db: Database) -> None:
    """One that honours idempotency keys would give the old answer for the same one."""
    await save(db, ticket(1))
    async with scripted([Say(GOOD)]) as endpoint:
        await workspace(db, endpoint).score(judge="llm")
        await workspace(db, endpoint, now=NOW + timedelta(hours=1)).score(judge="llm", rescore=True)
        first, second = [request.headers["idempotency-key"] for request in endpoint.requests]
        assert first != second
