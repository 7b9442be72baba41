"""A run of the llm judge over a workspace: stored at once, paid once, stopped in time, never a default score."""

import asyncio
from datetime import UTC, datetime

import pytest

from qatui.config import Settings
from qatui.config_llm import LlmSettings
from qatui.domain.conversation import Message, Rep, Speaker, Status, Ticket
from qatui.domain.listing import Sort, SortColumn, TicketFilter
from qatui.domain.verdict import Flag, Reason, Unscored, Verdict
from qatui.errors import UsageError
from qatui.services.scoring.llm.dialect import forget_dialects
from qatui.services.workspace import Workspace
from qatui.store import conversations
from qatui.store.engine import Database
from tests.services.endpoint import Drip, Drop, Hang, Refuse, Say, part, scripted, verdict

NOW = datetime(2026, 3, 5, 10, 0, tzinfo=UTC)
ALL = TicketFilter()
BY_NAME = Sort(SortColumn.NAME, False)
GOOD = verdict(part(4, ("m2", "Hello")), part(5, ("m2", "a new one leaves today")), part(2, ("m2", "Hello")))


def ticket(number):
    messages = (
        Message("m1", Speaker.CUSTOMER, "My kettle leaks and I am upset."),
        Message(
            "m2",
            Speaker.REP,
            f"Hello, a new one leaves today, it is number {number} of the day.",
            author=Rep("r", "Ana"),
        ),
    )
    return Ticket(source="s", id=f"{number:04}", messages=messages, status=Status.CLOSED)


@pytest.fixture(autouse=True)
def _fresh(monkeypatch):
    forget_dialects()
    monkeypatch.setenv("QATUI_LLM_API_KEY", "sk-test-0123456789")


@pytest.fixture
async def db(tmp_path):
    db = await Database.open(tmp_path / "w.db")
    yield db
    await db.close()


def workspace(db, endpoint, **llm):
    settings = LlmSettings(**{"base_url": endpoint.base_url, "model": "m", "tries": 1, **llm})
    return Workspace(db, Settings(db=str(db.path), timezone="UTC", llm=settings), clock=lambda: NOW)


async def save(db, count):
    async with db.write() as connection:
        await conversations.save(connection, [ticket(number) for number in range(count)])


async def test_every_ticket_is_asked_once_and_paid_once(db):
    await save(db, 100)
    async with scripted([Say(GOOD, prompt=1000, answer=200)]) as endpoint:
        opened = workspace(db, endpoint, price_in=1.0, price_out=10.0)
        result = await opened.score(judge="llm")
        assert (result.scored, result.failed, result.stopped) == (100, 0, "")
        assert (result.tokens, result.cost) == (120_000, pytest.approx(0.3))
        again = await opened.score(judge="llm")
        assert (again.scored, again.tokens, len(endpoint.requests)) == (0, 0, 100)
    rows = await opened.reports.rows(ALL, BY_NAME, 0, 200)
    assert {(row.tone, row.clarity, row.empathy) for row in rows} == {(4, 5, 2)}


async def test_a_cancelled_run_goes_on_where_it_stood(db):
    await save(db, 60)
    async with scripted([Say(GOOD)]) as endpoint:
        opened = workspace(db, endpoint, concurrency=4)
        some = asyncio.Event()
        run = asyncio.create_task(opened.score(judge="llm", progress=lambda p: p.done >= 10 and some.set()))
        await some.wait()
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run
        stored = (await opened.reports.counts(ALL)).scored
        assert 10 <= stored < 60
        assert (await opened.score(judge="llm")).scored == 60 - stored


async def test_a_refused_key_ends_the_run_and_leaves_the_rest_waiting(db):
    await save(db, 50)
    async with scripted([Refuse(401, {"error": {"message": "no"}})]) as endpoint:
        opened = workspace(db, endpoint, concurrency=2)
        result = await opened.score(judge="llm")
        assert "401" in result.stopped
        assert result.scored == 0
        assert len(endpoint.requests) < 10
    counts = await opened.reports.counts(ALL)
    assert counts.scored == 0
    assert set(counts.unscored) <= {Reason.WAITING, Reason.JUDGE_FAILED}


async def test_a_budget_stops_the_run_in_time(db):
    await save(db, 40)
    async with scripted([Say(GOOD, prompt=1000, answer=400)]) as endpoint:
        opened = workspace(db, endpoint, price_in=1.0, price_out=1.0, concurrency=2)
        result = await opened.score(judge="llm", budget=0.02)
        assert "budget" in result.stopped
        assert 0 < result.scored < 40
        assert result.cost <= 0.02
    assert (await opened.reports.counts(ALL)).unscored == {Reason.WAITING: 40 - result.scored}


async def test_a_budget_needs_prices(db):
    async with scripted([Say(GOOD)]) as endpoint:
        with pytest.raises(UsageError, match="prices"):
            await workspace(db, endpoint).score(judge="llm", budget=1.0)


async def test_a_plan_counts_tokens_and_sends_nothing(db):
    await save(db, 3)
    async with scripted([Say(GOOD)]) as endpoint:
        plan, estimate = await workspace(db, endpoint, price_in=1.0, price_out=1.0).score_plan(judge="llm")
        assert (plan.tickets, estimate.tickets) == (3, 3)
        assert 0 < estimate.cost <= estimate.highest
        assert endpoint.requests == []


async def test_a_preview_shows_what_would_be_sent_and_sends_nothing(db):
    await save(db, 1)
    async with scripted([Say(GOOD)]) as endpoint:
        text = (await workspace(db, endpoint).request_preview("0000")).text()
        assert "My kettle leaks" in text
        assert "sk-test" not in text
        assert endpoint.requests == []


async def test_the_newest_judgement_is_shown_and_both_are_kept(db):
    await save(db, 1)
    async with scripted([Say(GOOD)]) as endpoint:
        opened = workspace(db, endpoint)
        await opened.score()
        await opened.score(judge="llm")
    [row] = await opened.reports.rows(ALL, BY_NAME, 0, 1)
    view = await opened.reports.ticket(row.row_id)
    assert view.judgement.judge.judge == "llm"


KEY = "sk-test-0123456789"
ECHO = {"error": {"message": f"bad key {KEY}, sent as Bearer {KEY}"}}
MISFORTUNES = {
    "invented quote": [Say(GOOD.replace('"Hello"', '"I adore you"'))],
    "wrong speaker": [Say(verdict(part(4, ("m1", "My kettle leaks")), part(4), part(4)))],
    "truncated": [Say(GOOD[:-30])],
    "cut by the limit": [Say(GOOD[:-30], finish="length")],
    "prose": [Say("A friendly reply, I would say.")],
    "prose around": [Say(f"Well: {GOOD} That is all.")],
    "out of range": [Say(GOOD.replace('"score": 4', '"score": 7'))],
    "two verdicts": [Say(GOOD + GOOD)],
    "empty": [Say("")],
    "nothing": [Say(None)],
    "a stream nobody asked for": [Refuse(200, 'data: {"choices": []}\n\ndata: [DONE]\n\n')],
    "a page": [Refuse(200, "<html>Welcome</html>")],
    "400": [Refuse(400, ECHO)],
    "401": [Refuse(401, ECHO)],
    "403": [Refuse(403, ECHO)],
    "404": [Refuse(404, ECHO)],
    "429": [Refuse(429, ECHO, {"Retry-After": "0"})],
    "429 for hours": [Refuse(429, ECHO, {"Retry-After": "86400"})],
    "500": [Refuse(500, ECHO)],
    "a key in the answer": [Say(f"{KEY} is your key")],
    "a refusal": [Say(None, refusal=f"I will not use {KEY}.")],
    "silence": [Hang()],
    "dropped": [Drop()],
    "dropped halfway": [Drop(200)],
    "slow": [Drip(GOOD)],
    "too slow": [Drip(GOOD, piece=4, pause=0.05)],
}
UNHURT = {"prose around", "two verdicts", "slow"}  # nothing is wrong with these verdicts
UNQUOTED = {"invented quote", "wrong speaker"}  # these lose their quotes


@pytest.mark.parametrize("name", MISFORTUNES)
async def test_every_misfortune_ends_in_a_verdict_or_a_reason_and_the_key_is_nowhere(db, name, capsys, caplog):
    await save(db, 1)
    async with scripted(MISFORTUNES[name]) as endpoint:
        opened = workspace(db, endpoint, timeout=0.25)
        result = await opened.score(judge="llm")
        [row] = await opened.reports.rows(ALL, BY_NAME, 0, 1)
        view = await opened.reports.ticket(row.row_id)
        records = await opened.runs.recent()
    outcome = view.judgement.outcome
    if name in UNHURT | UNQUOTED:
        assert isinstance(outcome, Verdict)
        assert (Flag.UNVERIFIED in outcome.flags) is (name in UNQUOTED)
    else:
        assert isinstance(outcome, Unscored)
        assert outcome.reason is Reason.JUDGE_FAILED
        assert row.tone is None
        assert len(outcome.detail.split()) > 3
    said = capsys.readouterr()
    everything = f"{result}{view}{records}{said.out}{said.err}{caplog.text}".encode()
    everything += b"".join(path.read_bytes() for path in db.path.parent.glob("w.db*"))
    assert KEY.encode() not in everything


async def test_readings_are_counted_by_the_budget(db):
    """At 0.0014 a request four fit: three readings of one ticket, and the first of the next, which stands alone."""
    await save(db, 3)
    extreme = verdict(part(5, ("m2", "Hello")), part(5, ("m2", "leaves today")), part(5, ("m2", "Hello")))
    async with scripted([Say(extreme, prompt=1000, answer=400)]) as endpoint:
        prices = {"price_in": 1.0, "price_out": 1.0, "concurrency": 1}
        result = await workspace(db, endpoint, readings=3, **prices).score(judge="llm", budget=0.006)
    assert result.cost == pytest.approx(0.0056)
    assert (result.scored, len(endpoint.requests)) == (2, 4)
    assert "budget" in result.stopped


async def test_the_highest_estimate_has_all_readings_in_it(db):
    await save(db, 3)
    async with scripted([Say(GOOD)]) as endpoint:
        prices = {"price_in": 1.0, "price_out": 1.0}
        _, once = await workspace(db, endpoint, **prices).score_plan(judge="llm")
        _, thrice = await workspace(db, endpoint, readings=3, **prices).score_plan(judge="llm")
    assert thrice.highest == pytest.approx(3 * once.highest)
    assert thrice.cost == once.cost


async def test_an_estimate_of_a_sample_is_near_that_of_all(db):
    await save(db, 200)
    async with scripted([Say(GOOD)]) as endpoint:
        opened = workspace(db, endpoint, price_in=1.0, price_out=1.0)
        _, whole = await opened.score_plan(judge="llm")
        _, guessed = await opened.score_plan(judge="llm", sample=50)
    assert guessed.tickets == whole.tickets == 200
    assert guessed.cost == pytest.approx(whole.cost, rel=0.05)
    assert guessed.usage.prompt == pytest.approx(whole.usage.prompt, rel=0.05)
