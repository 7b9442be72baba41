"""The llm judge against a scripted endpoint: every misfortune ends in a verified verdict or in a reason."""

from __future__ import annotations

import asyncio
import json
import logging
import random
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pytest

from qatui.config_llm import LlmSettings, Secret
from qatui.domain.conversation import Message, Rep, Speaker, Status, Ticket
from qatui.domain.rubric import Dimension, rubric_hash
from qatui.domain.verdict import Flag, Reason, Responding, Unscored, Verdict, responding
from qatui.errors import ConfigError
from qatui.services.scoring.llm.cost import Budget, BudgetSpentError, Price, Usage, estimate_run
from qatui.services.scoring.llm.dialect import forget_dialects
from qatui.services.scoring.llm.judge import LlmJudge, Outside
from qatui.services.scoring.llm.prompt import prompt_hash
from tests.services.endpoint import (
    Act,
    Drip,
    Drop,
    Endpoint,
    Hang,
    RealEndpointError,
    Refuse,
    Request,
    Say,
    Script,
    loopback_only,
    part,
    scripted,
    verdict,
)

KEY = "sk-test-4f9a2b7c1d8e"

TICKET = Ticket(
    source="desk",
    id="T-1",
    status=Status.CLOSED,
    subject="the subject stays at home",
    messages=(
        Message("m1", Speaker.CUSTOMER, "The kettle leaks and I am really upset about the wet floor!"),
        Message(
            "m2",
            Speaker.REP,
            "Hello Ines, a wet kitchen is no joke, I’m sorry.\nA new kettle leaves  today.",
            author=Rep("r1", "Olaf"),
        ),
        Message("m3", Speaker.REP, "private: this customer always complains", author=Rep("r1", "Olaf"), private=True),
        Message("m4", Speaker.REP, "I am another colleague.", author=Rep("r2", "Pia")),
        Message("m5", Speaker.REP, "You need not send the old one back.", author=Rep("r1", "Olaf")),
    ),
)
WHO = responding(TICKET)
assert isinstance(WHO, Responding)

TONE = part(4, ("m2", "Hello Ines"))
CLARITY = part(5, ("m5", "You need not send the old one back."))
EMPATHY = part(4, ("m2", "a wet kitchen is no joke"), ("m1", "really upset"))
GOOD = verdict(TONE, CLARITY, EMPATHY)


@pytest.fixture(autouse=True)
def _at_home() -> Iterator[None]:
    """No test reaches a real endpoint, and none inherits what another learned of one."""
    forget_dialects()
    with loopback_only():
        yield


@dataclass
class Time:
    """A clock that only sleeping moves."""

    at: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += seconds
        await asyncio.sleep(0)


def make(endpoint: Endpoint, *, time: Time | None = None, budget: Budget | None = None, **settings: object) -> LlmJudge:
    time = time or Time()
    values = {"base_url": endpoint.base_url, "model": "small-1", "timeout": 5.0, **settings}
    outside = Outside(clock=time, now=time, sleep=time.sleep, rng=random.Random(7))
    return LlmJudge(LlmSettings(**values), key=Secret(KEY), budget=budget, outside=outside)  # type: ignore[arg-type]


async def ask(script: Script, **settings: object) -> tuple[Verdict | Unscored, list[Request]]:
    async with scripted(script) as endpoint, make(endpoint, **settings) as judge:  # type: ignore[arg-type]
        return await judge.judge(TICKET, WHO), endpoint.requests


def quotes(outcome: Verdict | Unscored, dimension: Dimension) -> list[str]:
    assert isinstance(outcome, Verdict), outcome
    return [evidence.quote(TICKET) for evidence in outcome.score(dimension).explanation.evidence]


def failure(outcome: Verdict | Unscored) -> str:
    assert isinstance(outcome, Unscored), outcome
    assert outcome.reason is Reason.JUDGE_FAILED
    return outcome.detail


# --- a good answer --------------------------------------------------------------------------------


async def test_a_good_answer_becomes_a_verdict_with_quotes_cut_from_the_stored_text() -> None:
    outcome, requests = await ask([Say(GOOD, prompt=900, answer=150)])
    assert isinstance(outcome, Verdict)
    assert [score.value for _, score in outcome.scores()] == [4, 5, 4]
    assert quotes(outcome, Dimension.EMPATHY) == ["a wet kitchen is no joke", "really upset"]
    assert outcome.score(Dimension.TONE).explanation.text == "The words bear it out."
    assert outcome.emotional_cue
    assert outcome.flags == frozenset()
    assert outcome.tokens == 1050
    assert len(requests) == 1


async def test_a_request_carries_public_messages_with_their_ids_and_nothing_else_of_the_ticket() -> None:
    _, (request,) = await ask([Say(GOOD)])
    for message in TICKET.public():
        assert f'message "{message.id}"' in request.user
        assert message.text in request.user
    whole = json.dumps(request.body)
    assert "always complains" not in whole
    assert "stays at home" not in whole
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.path == "/v1/chat/completions"


async def test_blanks_and_quotation_marks_may_differ_from_the_stored_text() -> None:
    sloppy = verdict(part(4, ("m2", "I'm sorry.  a new KETTLE leaves today")), CLARITY, EMPATHY)
    outcome, _ = await ask([Say(sloppy)])
    assert quotes(outcome, Dimension.TONE) == ["I’m sorry.\nA new kettle leaves  today"]


async def test_the_identity_names_model_and_rubric() -> None:
    async with scripted([Say(GOOD)]) as endpoint, make(endpoint) as judge:
        assert (judge.identity.judge, judge.identity.model) == ("llm", "small-1")
        assert judge.identity.rubric == f"{rubric_hash()}-{prompt_hash()[:6]}"


# --- the response format ----------------------------------------------------------------------------


def takes(*formats: str, code: int = 400) -> Script:
    def script(request: Request) -> Act:
        if request.format in formats:
            return Drip(GOOD)
        return Refuse(code, {"error": {"message": f"response_format {request.format} is not supported"}})

    return script


@pytest.mark.parametrize(
    ("accepted", "asked"),
    [
        (("json_schema",), ["json_schema"]),
        (("json_object",), ["json_schema", "json_object"]),
        (("plain",), ["json_schema", "json_object", "json_object", "plain"]),
    ],
)
async def test_the_best_format_that_the_endpoint_takes_is_found(accepted: tuple[str, ...], asked: list[str]) -> None:
    outcome, requests = await ask(takes(*accepted))
    assert isinstance(outcome, Verdict)
    assert [request.format for request in requests] == asked


async def test_a_json_object_is_asked_for_with_the_schema_first_and_without_it_then() -> None:
    _, requests = await ask(takes("plain"))
    with_schema, without = [request.body["response_format"] for request in requests if request.format == "json_object"]
    assert with_schema["schema"]["required"] == ["emotional_cue", "tone", "clarity", "empathy"]
    assert "schema" not in without


async def test_the_schema_is_strict_and_has_the_score_last() -> None:
    _, (request,) = await ask([Say(GOOD)])
    schema = request.body["response_format"]["json_schema"]
    assert schema["strict"] is True
    assert list(schema["schema"]["properties"]) == ["emotional_cue", "tone", "clarity", "empathy"]
    assert list(schema["schema"]["properties"]["tone"]["properties"]) == ["evidence", "reasoning", "score"]
    assert schema["schema"]["additionalProperties"] is False


async def test_what_an_endpoint_takes_is_remembered_by_every_judge() -> None:
    async with scripted(takes("json_object")) as endpoint:
        for _ in range(2):
            async with make(endpoint) as judge:
                await judge.judge(TICKET, WHO)
        assert [request.format for request in endpoint.requests] == ["json_schema", "json_object", "json_object"]


async def test_many_tickets_at_once_find_the_format_once() -> None:
    async with scripted(takes("json_object")) as endpoint, make(endpoint) as judge:
        outcomes = await asyncio.gather(*(judge.judge(TICKET, WHO) for _ in range(20)))
        assert all(isinstance(outcome, Verdict) for outcome in outcomes)
        assert [request.format for request in endpoint.requests].count("json_schema") == 1
        assert endpoint.most_busy > 1


async def test_a_server_that_fails_over_the_schema_is_asked_without_it_at_once() -> None:
    def script(request: Request) -> Act:
        if request.format == "json_schema":
            return Refuse(500, {"error": {"message": "failed to parse grammar"}})
        return Say(GOOD)

    outcome, requests = await ask(script)
    assert isinstance(outcome, Verdict)
    assert len(requests) == 2


@pytest.mark.parametrize(
    ("message", "name", "gone"),
    [
        (
            "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.",
            "max_completion_tokens",
            "max_tokens",
        ),
        ("Unsupported value: 'temperature' does not support 0.0.", "max_tokens", "temperature"),
    ],
)
async def test_parameters_that_a_model_does_not_take_are_left_out(message: str, name: str, gone: str) -> None:
    def script(request: Request) -> Act:
        return Refuse(400, {"error": {"message": message}}) if gone in request.body else Say(GOOD)

    outcome, requests = await ask(script)
    assert isinstance(outcome, Verdict)
    assert name in requests[-1].body
    assert requests[-1].format == "json_schema"


async def test_a_model_without_a_system_role_gets_the_rubric_from_the_user() -> None:
    def script(request: Request) -> Act:
        if request.messages[0]["role"] == "system":
            return Refuse(400, {"error": {"message": "System role not supported"}})
        return Say(GOOD)

    outcome, requests = await ask(script)
    assert isinstance(outcome, Verdict)
    assert "Emotional cue" in requests[-1].user
    assert 'message "m1"' in requests[-1].user


# --- answers that are none, or not quite ------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        f"Let me think.\n```json\n{GOOD}\n```\nI hope this helps!",
        f"<think>tone maybe {{2}}?</think>{GOOD}",
        json.dumps({"verdict": json.loads(GOOD)}),
        GOOD.replace('"score": 4', '"score": "4"').replace('"score": 5', '"score": 5.0'),
    ],
    ids=["fence", "thoughts", "wrapped", "numbers as text"],
)
async def test_a_verdict_is_found_in_what_stands_around_it(text: str) -> None:
    outcome, requests = await ask([Say(text)])
    assert isinstance(outcome, Verdict)
    assert outcome.clarity.value == 5
    assert len(requests) == 1


async def test_of_two_verdicts_the_last_valid_one_counts() -> None:
    draft = verdict(part(1, ("m2", "Hello Ines")), CLARITY, EMPATHY)
    invalid = verdict(part(9, ("m2", "Hello Ines")), CLARITY, EMPATHY)
    outcome, _ = await ask([Say(f"Draft: {draft}\nFinal: {GOOD}\n{invalid}")])
    assert isinstance(outcome, Verdict)
    assert outcome.tone.value == 4


BAD = {
    "truncated": (Say(GOOD[:-40]), "cut off or is not JSON"),
    "empty": (Say(""), "the reply was empty"),
    "nothing": (Say(None), "the reply was empty"),
    "prose": (Say("The rep was friendly."), "no verdict"),
    "six": (Say(verdict(part(6, ("m2", "Hello Ines")), CLARITY, EMPATHY)), "tone.score is not a score from 1 to 5"),
    "zero": (Say(verdict(TONE, part(0, ("m2", "Hello Ines")), EMPATHY)), "clarity.score is not a score from 1 to 5"),
    "half": (Say(GOOD.replace('"score": 5', '"score": 4.5')), "clarity.score"),
    "true": (Say(GOOD.replace('"score": 5', '"score": true')), "clarity.score"),
    "no reason": (Say(verdict(part(4, ("m2", "Hello Ines"), reasoning=" "), CLARITY, EMPATHY)), "tone.reasoning"),
    "missing": (Say(json.dumps({"emotional_cue": True, "tone": TONE})), "clarity"),
    "deep": (Say('{"tone":' * 5000), "cut off or is not JSON"),
    "long": (Say("word " * 20_000), "longer than"),
}


@pytest.mark.parametrize(("act", "words"), BAD.values(), ids=BAD)
async def test_an_unusable_answer_is_asked_for_again_and_never_becomes_a_score(act: Act, words: str) -> None:
    outcome, requests = await ask([act])
    assert words in failure(outcome)
    assert failure(outcome).startswith("the model gave no usable verdict in 3 answers: ")
    assert len(requests) == 3


@pytest.mark.parametrize("act", [act for act, _ in BAD.values()], ids=BAD)
async def test_a_good_answer_after_an_unusable_one_counts(act: Act) -> None:
    outcome, requests = await ask([act, Say(GOOD)])
    assert isinstance(outcome, Verdict)
    assert len(requests) == 2
    assert outcome.flags == frozenset()


async def test_the_model_is_told_what_was_wrong_behind_an_unchanged_beginning() -> None:
    _, (first, second) = await ask([BAD["six"][0], Say(GOOD)])
    assert second.messages[: len(first.messages)] == first.messages
    assert "tone.score is not a score from 1 to 5" in second.messages[-1]["content"]


async def test_a_cut_answer_is_given_more_room() -> None:
    outcome, (first, second) = await ask([Say(GOOD[:-40], finish="length"), Say(GOOD)])
    assert isinstance(outcome, Verdict)
    assert second.body["max_tokens"] == 2 * first.body["max_tokens"]
    outcome, _ = await ask([Say(GOOD[:-40], finish="length")])
    assert "cut off" in failure(outcome)
    assert "max_output_tokens" in failure(outcome)


# --- evidence ------------------------------------------------------------------------------------------

UNTRUE = {
    "invented": ("m2", "I am thrilled to help you"),
    "of the customer": ("m1", "The kettle leaks"),
    "of another rep": ("m4", "I am another colleague."),
    "from a private note": ("m3", "this customer always complains"),
    "from another message": ("m5", "Hello Ines"),
    "of nobody": ("m77", "Hello Ines"),
    "one comma": ("m2", ","),
}


@pytest.mark.parametrize("quote", UNTRUE.values(), ids=UNTRUE)
async def test_a_quote_that_is_not_there_is_asked_for_once_more_then_dropped_and_marked(quote: tuple[str, str]) -> None:
    lie = verdict(part(4, quote, ("m2", "Hello Ines")), CLARITY, EMPATHY)
    outcome, requests = await ask([Say(lie)])
    assert isinstance(outcome, Verdict)
    assert len(requests) == 2
    assert outcome.flags == {Flag.UNVERIFIED}
    assert quotes(outcome, Dimension.TONE) == ["Hello Ines"]
    assert outcome.tone.value == 4
    assert outcome.tokens == 2400


async def test_a_second_answer_with_true_quotes_is_verified() -> None:
    lie = verdict(part(5, UNTRUE["invented"]), CLARITY, EMPATHY)
    outcome, requests = await ask([Say(lie), Say(GOOD)])
    assert isinstance(outcome, Verdict)
    assert outcome.flags == frozenset()
    assert outcome.tone.value == 4
    assert "thrilled" in requests[1].messages[-1]["content"]


async def test_a_score_without_a_quote_is_unverified() -> None:
    outcome, requests = await ask([Say(verdict(part(4), CLARITY, EMPATHY))])
    assert isinstance(outcome, Verdict)
    assert outcome.flags == {Flag.UNVERIFIED}
    assert len(requests) == 2


@pytest.mark.parametrize("second", [Say("sorry"), Refuse(400, "no"), Refuse(401)], ids=["prose", "400", "401"])
async def test_when_the_second_answer_fails_the_first_stands_without_its_bad_quotes(second: Act) -> None:
    lie = verdict(part(4, UNTRUE["invented"]), CLARITY, EMPATHY)
    outcome, _ = await ask([Say(lie), second])
    assert isinstance(outcome, Verdict)
    assert outcome.flags == {Flag.UNVERIFIED}
    assert quotes(outcome, Dimension.TONE) == []


async def test_a_customer_may_be_quoted_for_what_they_felt_and_for_nothing_else() -> None:
    cue = ("m1", "I am really upset")
    outcome, _ = await ask([Say(verdict(TONE, CLARITY, part(4, cue)))])
    assert isinstance(outcome, Verdict)
    assert outcome.flags == frozenset()
    outcome, _ = await ask([Say(verdict(TONE, part(4, cue), EMPATHY))])
    assert isinstance(outcome, Verdict)
    assert outcome.flags == {Flag.UNVERIFIED}


# --- an endpoint in trouble ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "body", "words"),
    [
        (401, {"error": {"message": f"Incorrect API key provided: {KEY}"}}, "the endpoint refused the key (401)"),
        (403, {"error": {"message": "no"}}, "the endpoint does not allow this key to use it (403)"),
        (402, {}, "the account has no credit left (402)"),
        (429, {"error": {"message": "quota", "code": "insufficient_quota"}}, "the account has no credit left (429)"),
        (307, "", "the endpoint sends us elsewhere (307); check base_url"),
    ],
)
async def test_a_refusal_that_concerns_every_ticket_stops_the_judge(
    code: int, body: dict[str, object], words: str
) -> None:
    async with scripted([Refuse(code, body, {"Location": "http://127.0.0.1:1/x"} if code == 307 else {})]) as endpoint:
        async with make(endpoint) as judge:
            assert judge.stopped is None
            outcome = await judge.judge(TICKET, WHO)
            assert failure(outcome) == words
            assert str(outcome) == f"judge_failed: {words}"
            assert judge.stopped == words
            assert failure(await judge.judge(TICKET, WHO)) == words
        assert len(endpoint.requests) == 1


async def test_an_unknown_model_is_named() -> None:
    outcome, _ = await ask([Refuse(404, {"error": {"message": "no such model"}})])
    assert failure(outcome) == "127.0.0.1 does not know the model 'small-1' or the address (404): no such model"


async def test_a_conversation_that_is_too_long_fails_alone() -> None:
    body = {
        "error": {"message": "This model's maximum context length is 4096 tokens.", "code": "context_length_exceeded"}
    }
    async with scripted([Refuse(400, body), Say(GOOD)]) as endpoint, make(endpoint) as judge:
        assert failure(await judge.judge(TICKET, WHO)) == "the conversation is longer than the model can read (400)"
        assert judge.stopped is None
        assert isinstance(await judge.judge(TICKET, WHO), Verdict)


async def test_a_refusal_in_every_format_is_told_in_the_endpoints_words() -> None:
    outcome, _ = await ask([Refuse(422, {"detail": "messages\x1b[2J must be nice"})])
    assert failure(outcome) == "the endpoint refused the request (422): messages␛[2J must be nice"


async def test_a_busy_endpoint_is_left_alone_for_as_long_as_it_says() -> None:
    time = Time()
    outcome, requests = await ask([Refuse(429, "", {"Retry-After": "7"}), Say(GOOD)], time=time)
    assert isinstance(outcome, Verdict)
    assert time.slept == [7.0]
    assert len(requests) == 2


@pytest.mark.parametrize(
    ("header", "seconds"),
    [({"retry-after-ms": "1500"}, 1.5), ({"Retry-After": "Thu, 01 Jan 1970 00:17:00 GMT"}, 20.0)],
)
async def test_the_wait_may_be_in_milliseconds_or_a_date(header: dict[str, str], seconds: float) -> None:
    time = Time()
    outcome, _ = await ask([Refuse(429, "", header), Say(GOOD)], time=time)
    assert isinstance(outcome, Verdict)
    assert time.slept == [seconds]


async def test_an_endpoint_that_wants_hours_has_failed() -> None:
    outcome, _ = await ask([Refuse(429, "", {"Retry-After": "7200"})])
    assert failure(outcome) == "the endpoint is busy (429) and asks to wait 120 minutes"


@pytest.mark.parametrize("code", [429, 500, 502, 503, 529])
async def test_trouble_is_retried_with_growing_and_uneven_waits(code: int) -> None:
    time = Time()
    outcome, requests = await ask([Refuse(code, "<html>oops</html>")] * 3 + [Say(GOOD)], time=time)
    assert isinstance(outcome, Verdict)
    assert len(requests) == 4
    for attempt, slept in enumerate(time.slept):
        assert 0.25 * 2**attempt <= slept <= 0.5 * 2**attempt


async def test_trouble_without_end_fails_the_ticket_with_what_happened() -> None:
    outcome, requests = await ask([Refuse(500, {"error": {"message": "disk full"}})], tries=4)
    assert failure(outcome) == "the endpoint failed (500): disk full, 4 times in a row"
    assert len(requests) == 4


async def test_a_silent_endpoint_is_given_up_after_the_timeout() -> None:
    outcome, requests = await ask([Hang()], timeout=0.03, tries=2)
    assert failure(outcome) == "the endpoint did not answer within 0.03 s, 2 times in a row"
    assert len(requests) == 2


async def test_an_answer_that_comes_in_drops_is_read_when_it_comes_in_time() -> None:
    outcome, _ = await ask([Drip(GOOD)])
    assert isinstance(outcome, Verdict)
    outcome, _ = await ask([Drip(GOOD, piece=8, pause=0.01)], timeout=0.05, tries=1)
    assert failure(outcome) == "the endpoint did not answer within 0.05 s"


@pytest.mark.parametrize("after", [0, 10, 120], ids=["before", "in the head", "in the body"])
async def test_a_broken_connection_is_tried_again(after: int) -> None:
    outcome, requests = await ask([Drop(after), Say(GOOD)])
    assert isinstance(outcome, Verdict)
    outcome, requests = await ask([Drop(after)], tries=2)
    assert failure(outcome) == "the endpoint broke the connection, 2 times in a row"
    assert len(requests) == 2


async def test_an_address_where_nothing_listens_is_named() -> None:
    outcome, _ = await ask([Say(GOOD)], base_url="http://127.0.0.1:9/v1", tries=1)
    assert failure(outcome) == "there is no endpoint at 127.0.0.1, or no way to it"


@pytest.mark.parametrize("body", ["<html>welcome</html>", "{}", '{"choices": 3}', "[" * 9000, '{"choices": []}'])
async def test_an_answer_that_is_no_completion_is_a_reason(body: str) -> None:
    outcome, _ = await ask([Refuse(200, body)])
    assert failure(outcome)


async def test_a_refusing_model_and_a_content_filter_are_named() -> None:
    outcome, _ = await ask([Say(None, refusal="I would rather not.")])
    assert failure(outcome) == "the model refused to judge this conversation: I would rather not."
    outcome, _ = await ask([Say("", finish="content_filter")])
    assert failure(outcome) == "the endpoint's content filter stopped the answer"


# --- pace and cancelling --------------------------------------------------------------------------------


async def test_no_more_requests_than_slots_are_under_way() -> None:
    async with scripted(lambda _: Drip(GOOD)) as endpoint, make(endpoint, concurrency=3) as judge:
        await asyncio.gather(*(judge.judge(TICKET, WHO) for _ in range(12)))
        assert endpoint.most_busy == 3


async def test_a_busy_endpoint_halves_the_slots() -> None:
    busy = iter([Say(GOOD), Refuse(429, "", {"Retry-After": "1"})])
    async with scripted(lambda _: next(busy, Say(GOOD))) as endpoint, make(endpoint, concurrency=8) as judge:
        await judge.judge(TICKET, WHO)
        assert judge.slots == 8
        assert isinstance(await judge.judge(TICKET, WHO), Verdict)
        assert judge.slots == 4
        for _ in range(30):
            await judge.judge(TICKET, WHO)
        assert judge.slots == 8


async def test_limits_a_minute_are_kept_by_setting_and_by_header() -> None:
    for settings, headers in (({"requests_per_minute": 2}, {}), ({}, {"x-ratelimit-limit-requests": "2"})):
        time = Time()
        async with scripted([Say(GOOD, headers=headers)]) as endpoint, make(endpoint, time=time, **settings) as judge:
            for _ in range(5):
                await judge.judge(TICKET, WHO)
        assert 60 <= time.at - 1000 <= 91


async def test_a_cancelled_ticket_gives_its_slot_back() -> None:
    acts = iter([Say(GOOD), Hang()])
    async with scripted(lambda _: next(acts, Say(GOOD))) as endpoint, make(endpoint, concurrency=1) as judge:
        await judge.judge(TICKET, WHO)
        hanging = asyncio.create_task(judge.judge(TICKET, WHO))
        waiting = asyncio.create_task(judge.judge(TICKET, WHO))
        await endpoint.received(2)
        for task in (waiting, hanging):
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        assert isinstance(await judge.judge(TICKET, WHO), Verdict)


async def test_cancelling_while_the_format_is_found_leaves_nobody_waiting() -> None:
    acts = iter([Hang()])
    async with scripted(lambda _: next(acts, Say(GOOD))) as endpoint, make(endpoint) as judge:
        first = asyncio.create_task(judge.judge(TICKET, WHO))
        second = asyncio.create_task(judge.judge(TICKET, WHO))
        await endpoint.received(1)
        first.cancel()
        assert isinstance(await second, Verdict)


# --- money ----------------------------------------------------------------------------------------------


async def test_tokens_and_price_are_counted_with_what_was_cached() -> None:
    prices = {"price_in": 2.0, "price_cached": 0.5, "price_out": 8.0}
    async with (
        scripted([Say(GOOD, prompt=1000, cached=600, answer=250)]) as endpoint,
        make(endpoint, **prices) as judge,
    ):
        await judge.judge(TICKET, WHO)
        await judge.judge(TICKET, WHO)
        assert judge.usage == Usage(requests=2, prompt=2000, cached=1200, answer=500)
        assert judge.cost == pytest.approx((800 * 2.0 + 1200 * 0.5 + 500 * 8.0) / 1e6)


async def test_an_endpoint_that_counts_nothing_is_estimated() -> None:
    async with scripted([Say(GOOD, prompt=0, answer=0)]) as endpoint, make(endpoint) as judge:
        outcome = await judge.judge(TICKET, WHO)
        assert isinstance(outcome, Verdict)
        assert outcome.tokens > 1000


async def test_a_budget_is_not_overrun_and_the_ticket_stays_waiting() -> None:
    settings = LlmSettings(price_in=1.0, price_out=1.0)
    budget = Budget(0.004, Price.of(settings))
    async with (
        scripted([Say(GOOD, prompt=1000, answer=500)]) as endpoint,
        make(endpoint, budget=budget, price_in=1.0, price_out=1.0) as judge,
    ):
        results = await asyncio.gather(*(judge.judge(TICKET, WHO) for _ in range(10)), return_exceptions=True)
    done = [result for result in results if isinstance(result, Verdict)]
    assert 1 <= len(done) <= 2
    assert all(isinstance(result, Verdict | BudgetSpentError) for result in results)
    assert budget.spent <= 0.004
    assert len(endpoint.requests) == len(done)


async def test_a_dry_run_is_close_to_what_the_run_uses_and_sends_nothing() -> None:
    async with scripted([Say(GOOD)]) as endpoint, make(endpoint, price_in=1.0, price_out=2.0) as judge:
        plan = estimate_run((judge.estimate(TICKET, WHO) for _ in range(100)), judge.settings)
        assert plan.tickets == plan.usage.requests == 100
        assert plan.cost is not None
        assert plan.highest is not None
        assert plan.cost < plan.highest
        assert endpoint.requests == []


# --- secrets and privacy ------------------------------------------------------------------------------


async def test_the_key_is_in_no_output_log_or_error(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    echo = {"error": {"message": f"bad header Bearer {KEY} and sk-proj-abcdef123456 and {KEY[3:]}"}}
    seen: list[str] = []
    for act in (
        Refuse(400, echo),
        Refuse(401, echo),
        Refuse(404, echo),
        Refuse(500, echo),
        Drop(),
        Refuse(200, "no"),
        Say(None, refusal=KEY),
    ):
        forget_dialects()
        async with scripted([act]) as endpoint, make(endpoint, tries=1) as judge:
            seen += [
                repr(await judge.judge(TICKET, WHO)),
                repr(judge),
                repr(vars(judge)),
                judge.request_preview(TICKET).text(),
            ]
            try:
                await judge._endpoint.ask([{"role": "user", "content": "x"}], {})
            except Exception as error:
                seen.append("".join(traceback.format_exception(error)) + repr(error.__dict__))
    captured = capsys.readouterr()
    everything = "\n".join([*seen, captured.out, captured.err, caplog.text])
    assert KEY not in everything
    assert "sk-proj" not in everything


async def test_secret_headers_are_sent_and_never_shown() -> None:
    async with scripted([Refuse(400, {"error": {"message": "header s3cr3t-value is odd"}})]) as endpoint:
        settings = LlmSettings(base_url=endpoint.base_url, model="m")
        async with LlmJudge(settings, key=Secret(""), headers={"X-Gate": Secret("s3cr3t-value")}) as judge:
            outcome = await judge.judge(TICKET, WHO)
            assert "s3cr3t" not in failure(outcome) + judge.request_preview(TICKET).text()
        assert endpoint.requests[0].headers["x-gate"] == "s3cr3t-value"
        assert "authorization" not in endpoint.requests[0].headers


PERSONAL = replace(
    TICKET,
    messages=(
        Message("m1", Speaker.CUSTOMER, "Write to ines.k@example.org or call +49 170 1234567, I am really upset."),
        Message(
            "m2",
            Speaker.REP,
            "Hello Ines, I sent it to ines.k@example.org. Regards, Olaf Brandt",
            author=Rep("r1", "Olaf Brandt"),
        ),
    ),
)


async def test_personal_data_stays_here_and_quotes_find_back_to_the_stored_text() -> None:
    sent: list[str] = []

    def script(request: Request) -> Act:
        sent.append(json.dumps(request.body, ensure_ascii=False))
        quote = "I sent it to [EMAIL-1]. Regards, [NAME-1]"
        return Say(
            verdict(
                part(4, ("m2", quote), reasoning="[NAME-1] names [EMAIL-1]."),
                part(4, ("m2", "sent it to")),
                part(3, ("m1", "or call [PHONE-1]")),
            )
        )

    async with scripted(script) as endpoint, make(endpoint, mask="on") as judge:
        who = responding(PERSONAL)
        assert who
        outcome = await judge.judge(PERSONAL, who)
    assert isinstance(outcome, Verdict)
    assert outcome.flags == frozenset()
    assert (
        outcome.tone.explanation.evidence[0].quote(PERSONAL) == "I sent it to ines.k@example.org. Regards, Olaf Brandt"
    )
    assert outcome.empathy.explanation.evidence[0].quote(PERSONAL) == "or call +49 170 1234567"
    assert outcome.tone.explanation.text == "Olaf Brandt names ines.k@example.org."
    for secret in ("example.org", "1234567", "Brandt"):
        assert secret not in sent[0]


async def test_the_preview_is_what_is_sent_but_for_the_mark() -> None:
    async with scripted([Say(GOOD)]) as endpoint, make(endpoint, mask="on") as judge:
        preview = judge.request_preview(TICKET)
        await judge.judge(TICKET, WHO)
        (request,) = endpoint.requests
        mark = request.user.split("\n")[0].split()[-1]
        shown = preview.body["messages"][1]["content"].split("\n")[0].split()[-1]
        assert mark != shown
        assert json.loads(json.dumps(preview.body).replace(shown, mark)) == request.body
        assert "masked" in preview.text()


async def test_the_guard_lets_no_test_leave_the_machine() -> None:
    async with make(Endpoint("http://192.0.2.1/v1"), tries=1) as judge:
        with pytest.raises(RealEndpointError):
            await judge.judge(TICKET, WHO)
    with pytest.raises(ConfigError):
        make(Endpoint("http://192.0.2.1/v1"), local_only=True)
