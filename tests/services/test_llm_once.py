"""Asked once, paid once: the same question has the same key in every process, and another question never has."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.killed_run import killed
from qatui.config_llm import LlmSettings, Secret
from qatui.domain.conversation import Message, Rep, Speaker, Status, Ticket
from qatui.domain.verdict import JudgeIdentity, Unscored, Verdict, responding
from qatui.services.scoring.llm.caller import HaltedError, Outside
from qatui.services.scoring.llm.dialect import forget_dialects
from qatui.services.scoring.llm.endpoint import CallError
from qatui.services.scoring.llm.judge import LlmJudge
from qatui.services.scoring.llm.once import Asking
from qatui.services.scoring.requests import AHEAD
from tests.services.endpoint import Act, Drop, Endpoint, Hang, Refuse, Request, Say, part, scripted, verdict

TICKET = Ticket(
    source="desk",
    id="T-1",
    status=Status.CLOSED,
    messages=(
        Message("m1", Speaker.CUSTOMER, "The kettle leaks and I am really upset!"),
        Message("m2", Speaker.REP, "Hello Ines, a new kettle leaves today.", author=Rep("r1", "Olaf")),
    ),
)
WHO = responding(TICKET)
assert WHO is not None
GOOD = verdict(part(4, ("m2", "Hello Ines")), part(4, ("m2", "leaves today")), part(3, ("m1", "really upset")))
BAD = "I would rather not say."


@pytest.fixture(autouse=True)
def _fresh() -> None:
    forget_dialects()


async def _no_sleep(_seconds: float) -> None:
    await asyncio.sleep(0)


def make(endpoint: Endpoint, *, secret: bytes = b"of the workspace", **settings: object) -> LlmJudge:
    values = {"base_url": endpoint.base_url, "model": "small-1", "timeout": 5.0, "concurrency": 2, **settings}
    outside = Outside(sleep=_no_sleep, rng=random.Random(3))
    return LlmJudge(LlmSettings(**values), key=Secret(""), secret=secret, outside=outside)  # type: ignore[arg-type]


def key(request: Request) -> str:
    return request.headers["idempotency-key"]


async def sent(*acts: Act, times: int = 1, ticket: Ticket = TICKET, since: int = 0, **more: object) -> list[Request]:
    """The requests of one judge that reads a ticket."""
    who = responding(ticket)
    assert who is not None
    async with scripted(list(acts)) as endpoint, make(endpoint, **more) as judge:  # type: ignore[arg-type]
        for _ in range(times):
            await judge.judge(ticket, who, since=since)
        return endpoint.requests


async def test_another_process_sends_the_same_bytes_under_the_same_key() -> None:
    [first] = await sent(Say(GOOD))
    forget_dialects()
    [second] = await sent(Say(GOOD))
    assert key(first) == key(second)
    assert first.body == second.body


@pytest.mark.parametrize(
    "other",
    [
        {"ticket": replace(TICKET, id="T-2")},
        {"ticket": replace(TICKET, messages=(*TICKET.messages, Message("m3", Speaker.CUSTOMER, "Thanks.")))},
        {"since": 17},
        {"model": "small-2"},
        {"secret": b"of another one"},
        {"temperature": 0.7},
    ],
    ids=["ticket", "content", "asked anew", "model", "workspace", "request"],
)
async def test_what_is_another_question_has_another_key(other: dict[str, object]) -> None:
    [first] = await sent(Say(GOOD))
    [second] = await sent(Say(GOOD), **other)  # type: ignore[arg-type]
    assert key(first) != key(second)


async def test_without_the_workspaces_secret_nobody_knows_the_mark_of_the_next_process() -> None:
    [first] = await sent(Say(GOOD), secret=b"one")
    [second] = await sent(Say(GOOD), secret=b"two")
    assert first.user.split("\n")[0] != second.user.split("\n")[0]


async def test_an_answer_that_cannot_be_used_is_asked_for_again_under_another_key() -> None:
    requests = await sent(Say(""), Say(BAD), Say(GOOD))
    assert len({key(request) for request in requests}) == 3


@pytest.mark.parametrize("act", [Drop(), Drop(40), Refuse(429), Refuse(503), Refuse(409)])
async def test_a_request_that_nobody_knows_the_end_of_keeps_its_key(act: Act) -> None:
    first, second = await sent(act, Say(GOOD))
    assert key(first) == key(second)


async def test_a_silent_endpoint_is_asked_again_under_the_same_key() -> None:
    first, second = await sent(Hang(), Say(GOOD), timeout=0.05, tries=2)
    assert key(first) == key(second)


async def test_an_endpoint_that_keeps_its_failures_is_given_another_key_after_two() -> None:
    """It would answer the same 500 for ever."""
    requests = await sent(Refuse(500), Refuse(500), Refuse(500), Say(GOOD))
    one, two, three, four = map(key, requests)
    assert one == two != three == four


@pytest.mark.parametrize("ways", [[Say(""), Say(BAD), Say(GOOD)], [Refuse(500), Refuse(500), Say(BAD), Say(GOOD)]])
async def test_the_order_of_keys_is_the_same_in_every_process(ways: list[Act]) -> None:
    """Whatever was answered before a kill is found again, and nothing else is billed."""
    found: list[list[str]] = []
    for _ in range(2):
        forget_dialects()
        found.append([key(request) for request in await sent(*ways)])
    assert found[0] == found[1]


def test_a_key_says_nothing_about_the_ticket() -> None:
    judge = JudgeIdentity("llm", "m", "r")
    asking = Asking.about(TICKET, judge, secret=b"s")
    assert asking.key(b"the words") != asking.key(b"other words")
    assert len(asking.key(b"the words")) == 32
    again = Asking.about(TICKET, judge, secret=b"s")
    again.refused(CallError("broken"))
    assert again.key(b"the words") == Asking.about(TICKET, judge, secret=b"s").key(b"the words")


# Stopping ----------------------------------------------------------------------------------------------


async def test_after_a_halt_what_has_an_answer_comes_to_its_end_and_nothing_else_begins() -> None:
    async with scripted([Say(BAD), Say(GOOD)]) as endpoint, make(endpoint) as judge:
        endpoint.hold = asyncio.Event()
        under_way = asyncio.create_task(judge.judge(TICKET, WHO))
        waiting = [asyncio.create_task(judge.judge(replace(TICKET, id=f"{n}"), WHO)) for n in range(4)]
        await endpoint.received(1)
        judge.halt()
        endpoint.hold.set()
        assert isinstance(await under_way, Verdict)
        assert len(endpoint.requests) == 2
        ends = await asyncio.gather(*waiting, return_exceptions=True)
        assert all(isinstance(end, asyncio.CancelledError) for end in ends)
        with pytest.raises(HaltedError):
            await judge.judge(TICKET, WHO)


async def test_a_cut_waits_for_nothing() -> None:
    async with scripted([Hang()]) as endpoint, make(endpoint) as judge:
        under_way = asyncio.create_task(judge.judge(TICKET, WHO))
        await endpoint.received(1)
        judge.halt()
        judge.cut()
        with pytest.raises(asyncio.CancelledError):
            await under_way


async def test_after_a_halt_a_busy_endpoint_is_not_asked_again() -> None:
    async with scripted([Refuse(429)]) as endpoint, make(endpoint) as judge:
        endpoint.hold = asyncio.Event()
        under_way = asyncio.create_task(judge.judge(TICKET, WHO))
        await endpoint.received(1)
        judge.halt()
        endpoint.hold.set()
        with pytest.raises(HaltedError):
            await under_way
        assert len(endpoint.requests) == 1


async def test_a_pause_holds_what_waits_for_a_slot() -> None:
    async with scripted([Say(GOOD)]) as endpoint, make(endpoint) as judge:
        judge.pause(True)
        asked = asyncio.create_task(judge.judge(TICKET, WHO))
        for _ in range(20):
            await asyncio.sleep(0)
        assert endpoint.requests == []
        judge.pause(False)
        assert not isinstance(await asked, Unscored)


# Killed ------------------------------------------------------------------------------------------------


async def test_a_run_that_is_killed_scores_and_pays_each_ticket_once(tmp_path: Path) -> None:
    slots = 8
    outcome = await killed(tmp_path, 150, 2, slots, random.Random(5))
    assert (outcome.verdicts, outcome.scored, outcome.billed, outcome.changed) == (150, 150, 150, 0)
    assert outcome.ends == ["SIGKILL", "exit 143", "exit 0"]
    # Of an endpoint that ignores keys: what was under way, or answered and not stored yet, at a SIGKILL.
    assert outcome.repeated <= int(slots * AHEAD)
    assert outcome.states == ["cut short", "it was stopped", ""]
