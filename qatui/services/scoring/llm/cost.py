"""Tokens and money: what a request will use, what a run has used, and a budget that stops in time."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from qatui.config_llm import LlmSettings
from qatui.domain.money import amount
from qatui.errors import QatuiError, UsageError
from qatui.services.scoring.llm.prompt import SYSTEM_PROMPT, Prompt

MILLION = 1_000_000
ANSWER_TOKENS = 420  # a verdict with three reasons and four quotes, as models write it
OVERHEAD_TOKENS = 12  # roles and separators around the messages of one request
CACHED_FROM = 1024  # a prefix shorter than this is kept by no endpoint's prompt cache


class BudgetSpentError(QatuiError):
    """The next request could cost more than is left of the budget; the ticket stays waiting."""

    title = "Budget"


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of requests: `prompt` counts all that was sent, `cached` the part that the endpoint had already."""

    requests: int = 0
    prompt: int = 0
    cached: int = 0
    answer: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.requests + other.requests,
            self.prompt + other.prompt,
            self.cached + other.cached,
            self.answer + other.answer,
        )

    @property
    def tokens(self) -> int:
        return self.prompt + self.answer


@dataclass(frozen=True, slots=True)
class Price:
    """Prices of a million tokens sent, sent but cached, and received, in the currency of the settings."""

    prompt: float
    cached: float
    answer: float

    @classmethod
    def of(cls, settings: LlmSettings) -> Price | None:
        """The prices that are set, or None where none is."""
        if not settings.price_in and not settings.price_out:
            return None
        cached = settings.price_in if settings.price_cached is None else settings.price_cached
        return cls(settings.price_in, cached, settings.price_out)

    def less(self, discount: float) -> Price:
        """These prices with a share of 0 to 1 taken off."""
        left = 1 - discount
        return Price(self.prompt * left, self.cached * left, self.answer * left)

    def cost(self, usage: Usage) -> float:
        """What requests cost, in units of the currency."""
        fresh = usage.prompt - usage.cached
        return (fresh * self.prompt + usage.cached * self.cached + usage.answer * self.answer) / MILLION


def estimate_tokens(text: str) -> int:
    """Tokens of a text without a tokenizer, on the high side.

    Tokenizers take about four letters of English a token and about one character of other scripts.
    """
    if text.isascii():
        return math.ceil(len(text) / 3.6)
    plain = sum(char < "\u0250" for char in text)
    return math.ceil(plain / 3.2 + (len(text) - plain) / 1.1)


_SYSTEM_TOKENS = estimate_tokens(SYSTEM_PROMPT)


def estimate(prompt: Prompt, answer_tokens: int = ANSWER_TOKENS) -> Usage:
    """What one ticket will use when its first answer is good and nothing is cached."""
    sent = (
        _SYSTEM_TOKENS + sum(estimate_tokens(message["content"]) for message in prompt.messages[1:]) + OVERHEAD_TOKENS
    )
    return Usage(1, sent, 0, answer_tokens)


@dataclass(frozen=True, slots=True)
class RunEstimate:
    """What a run would use and cost, before it runs; `cost` is None where no price is set.

    usage: with the rubric cached from the second ticket on, where the endpoint does so, and one reading a ticket;
    highest: nothing cached, every ticket read as often as the settings allow, and asked twice each time.
    """

    tickets: int
    usage: Usage
    cost: float | None
    highest: float | None


def estimate_run(tickets: Iterable[Usage], settings: LlmSettings, times: float = 1.0) -> RunEstimate:
    """Sum up the estimates of single tickets (`LlmJudge.estimate`); times: tickets of the run for each of these."""
    count = 0
    total = Usage()
    for usage in tickets:
        count += 1
        total += usage
    if times != 1.0:
        count = round(count * times)
        total = Usage(*(round(number * times) for number in (total.requests, total.prompt, 0, total.answer)))
    cacheable = _SYSTEM_TOKENS if _SYSTEM_TOKENS >= CACHED_FROM else 0
    expected = Usage(total.requests, total.prompt, cacheable * max(0, count - 1), total.answer)
    price = Price.of(settings)
    if price is None:
        return RunEstimate(count, expected, None, None)
    return RunEstimate(count, expected, price.cost(expected), 2 * settings.readings * price.cost(total))


class Budget:
    """An amount that a run may spend; what is under way counts as spent, so that it is never overrun by more requests.

    Raises UsageError for what is no amount, and without prices.
    """

    def __init__(self, limit: float, price: Price | None) -> None:
        if not limit >= 0:  # neither below 0 nor `nan`, which no spending ever reaches
            raise UsageError(f"A budget of {amount(limit)} is no amount.", hint="Give one such as 2.50.")
        if price is None:
            raise UsageError(
                "A budget needs prices.", hint="Set QATUI_LLM_PRICE_IN and QATUI_LLM_PRICE_OUT, per million tokens."
            )
        self.limit = limit
        self._price = price
        self._reserved = 0.0
        self.spent = 0.0

    def reserve(self, expected: Usage) -> float:
        """Put aside what a request may cost; raises BudgetSpentError when that is more than is left."""
        price = self._price.cost(expected)
        if self.spent + self._reserved + price > self.limit:
            raise BudgetSpentError(
                f"The budget of {amount(self.limit)} is used up: {self.spent:.4f} spent, "
                f"and the next request could cost {price:.4f}.",
                hint="Tickets that are not scored yet stay waiting; run again with a higher budget.",
            )
        self._reserved += price
        return price

    def settle(self, reserved: float, used: Usage) -> None:
        """Replace what was put aside by what was used."""
        self._reserved -= reserved
        self.spent += self._price.cost(used)
