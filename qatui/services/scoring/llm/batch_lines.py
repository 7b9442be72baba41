"""The lines of a batch: one request a ticket going out, one answer a ticket coming back, read like any other answer."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from qatui.domain.conversation import Ticket
from qatui.domain.verdict import Flag, Reason, Responding, Unscored, Verdict
from qatui.services.scoring.llm.answer import NoVerdict, read_answer, verdicts_in
from qatui.services.scoring.llm.cost import Usage
from qatui.services.scoring.llm.endpoint import CallError, Endpoint, Reply
from qatui.services.scoring.llm.injection import findings
from qatui.services.scoring.llm.prompt import build_prompt
from qatui.services.scoring.llm.reading import read

CHAT = "/v1/chat/completions"
_NAME = "ticket-"
_DIGITS = 19  # of the highest row id that there can be
_UNANSWERED = frozenset({"batch_expired", "batch_cancelled"})  # codes of requests that were never worked on


def line(row_id: int, body: dict[str, Any]) -> bytes:
    """The request about one ticket, by its row id, with its line feed."""
    request = {"custom_id": f"{_NAME}{row_id}", "method": "POST", "url": CHAT, "body": body}
    return msgspec.json.encode(request) + b"\n"


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back about one ticket; it is None where the endpoint never came to it."""

    row_id: int
    reply: Reply | CallError | None

    @property
    def usage(self) -> Usage:
        return self.reply.usage if self.reply is not None else Usage()


class _Response(msgspec.Struct):
    status_code: int = 0
    body: msgspec.Raw = msgspec.Raw(b"{}")


class _Error(msgspec.Struct):
    code: str | None = None
    message: str | None = None


class _Line(msgspec.Struct):
    custom_id: str
    response: _Response | None = None
    error: _Error | None = None


_decode = msgspec.json.Decoder(_Line).decode


def answers(content: bytes, endpoint: Endpoint) -> Iterator[Answered]:
    """The answers in a file of output or of errors; lines that name no ticket are passed over."""
    for raw in content.splitlines():
        try:
            found = _decode(raw)
        except (msgspec.DecodeError, RecursionError):
            continue
        number = found.custom_id.removeprefix(_NAME)
        if found.custom_id.startswith(_NAME) and number.isascii() and number.isdigit() and len(number) <= _DIGITS:
            yield Answered(int(number), _reply(found, endpoint))


def _reply(found: _Line, endpoint: Endpoint) -> Reply | CallError | None:
    code = (found.error and found.error.code) or ""
    if code in _UNANSWERED:
        return None
    if found.response is None or not found.response.status_code:
        words = endpoint.own_words((found.error and found.error.message) or code or "it gave no reason")
        return CallError(f"the endpoint did not answer this request of a batch: {words}")
    try:
        return endpoint.answer(found.response.status_code, bytes(found.response.body))
    except CallError as error:
        return error


def verdict_of(reply: Reply | CallError, ticket: Ticket, who: Responding, *, masked: bool) -> Verdict | Unscored:
    """The verdict of an answer, with its quotes found again in the stored messages; a reason where there is none.

    masked: personal data was replaced in what was sent. What cannot be used is not asked for again here: the ticket
    stays waiting for the next run.
    """
    if isinstance(reply, CallError):
        return Unscored(Reason.JUDGE_FAILED, reply.words)
    # What was sent, but for the mark between messages, which no answer repeats.
    prompt = build_prompt(ticket, who, mask=masked, rng=random.Random(0))
    echoes = frozenset().union(*(verdicts_in(sent.text) for sent in prompt.sent.values()))
    try:
        reading = read(read_answer(reply.text, echoes), prompt, ticket, who)
    except NoVerdict as error:
        if reply.cut:
            return Unscored(Reason.JUDGE_FAILED, "the model's answer was cut off; raise max_output_tokens")
        return Unscored(Reason.JUDGE_FAILED, f"the model gave no usable verdict in a batch: {error}")
    flags = frozenset({Flag.INJECTION}) if findings(ticket) else frozenset[Flag]()
    return reading.verdict(flags, reply.usage.tokens)
