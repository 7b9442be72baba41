"""The llm judge: asks an endpoint about one ticket until it has a verdict it can verify, or a reason it has none."""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType

from qatui.config_llm import LlmSettings, Secret, read_headers, read_key
from qatui.domain.conversation import Ticket
from qatui.domain.rubric import rubric_hash
from qatui.domain.verdict import Flag, JudgeIdentity, Reason, Responding, Unscored, Verdict, responding
from qatui.services.scoring.llm.answer import NoVerdict, read_answer, verdicts_in
from qatui.services.scoring.llm.cost import Budget, BudgetSpentError, Price, Usage, estimate
from qatui.services.scoring.llm.dialect import Dialect, Negotiation
from qatui.services.scoring.llm.endpoint import CallError, Endpoint, Reply
from qatui.services.scoring.llm.injection import findings
from qatui.services.scoring.llm.pace import Bucket, Clock, Pace, Sleep
from qatui.services.scoring.llm.preview import RequestPreview
from qatui.services.scoring.llm.prompt import Prompt, build_prompt
from qatui.services.scoring.llm.reading import Reading, read

ANSWERS = 3  # answers asked for per ticket: one, one more for bad quotes, one more for a verdict that is none
FIRST_WAIT = 0.5  # seconds before the second try; doubled each time
LONGEST_WAIT = 30.0
MOST_PATIENCE = 300.0  # an endpoint that asks for a longer wait has failed this ticket
_REPEATED = 4000  # characters of an unusable answer that are shown to the model again


@dataclass(frozen=True, slots=True)
class Outside:
    """What the judge takes from the world, so that a test can give it another one.

    clock: seconds that only grow; now: Unix time, for dates in headers; rng: must not be guessable, since the marks
    around messages come from it.
    """

    clock: Clock = time.monotonic
    now: Clock = time.time
    sleep: Sleep = asyncio.sleep
    rng: random.Random = field(default_factory=random.SystemRandom)


class LlmJudge:
    """Implements `qatui.services.scoring.judge.Judge` for an OpenAI-compatible endpoint.

    `judge` may be called for as many tickets at once as one likes: requests wait for a slot. Close it when done
    (`async with`). usage: all that was used since it was made; stopped: why no ticket can be judged any more (a
    refused key, an unknown model), for a run to end early.
    """

    def __init__(
        self,
        settings: LlmSettings,
        *,
        key: Secret,
        headers: Mapping[str, Secret] | None = None,
        budget: Budget | None = None,
        outside: Outside | None = None,
    ) -> None:
        self.settings = settings.checked()
        self.usage = Usage()
        self.stopped: str | None = None
        self._outside = outside or Outside()
        self._budget = budget
        self._headers = dict(headers or {})
        self._endpoint = Endpoint(settings, key, self._headers, self._outside.now)
        self._negotiation = Negotiation(settings.base_url, settings.model)
        clock = self._outside.clock
        self._pace = Pace(
            settings.concurrency,
            Bucket(settings.requests_per_minute, clock),
            Bucket(settings.tokens_per_minute, clock),
            clock,
            self._outside.sleep,
        )

    @classmethod
    def from_environment(
        cls, settings: LlmSettings, environ: Mapping[str, str] = os.environ, *, budget: float | None = None
    ) -> LlmJudge:
        """The judge of these settings with key and secret headers from the environment or the key file.

        budget: the most that this judge may spend, in the currency of the prices. Raises ConfigError.
        """
        settings = settings.checked()
        price = Price.of(settings)
        return cls(
            settings,
            key=read_key(settings, environ),
            headers=read_headers(settings, environ),
            budget=None if budget is None else Budget(budget, price),
        )

    @property
    def identity(self) -> JudgeIdentity:
        return JudgeIdentity("llm", self.settings.model, rubric_hash())

    @property
    def slots(self) -> int:
        """Requests that may be under way at once, as the endpoint bears them now."""
        return int(self._pace.allowed)

    @property
    def cost(self) -> float | None:
        """What was spent since this judge was made, or None where no price is set."""
        price = Price.of(self.settings)
        return None if price is None else price.cost(self.usage)

    async def __aenter__(self) -> LlmJudge:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._endpoint.close()

    async def judge(self, ticket: Ticket, who: Responding) -> Verdict | Unscored:
        """The verdict of the model, or `judge_failed` with a sentence on why there is none.

        Raises BudgetSpentError when the next request could overrun the budget: the ticket then stays waiting.
        """
        prompt = self._prompt(ticket, who)
        flags = frozenset({Flag.INJECTION}) if findings(ticket) else frozenset[Flag]()
        echoes = frozenset().union(*(verdicts_in(sent.text) for sent in prompt.sent.values()))
        messages: list[Mapping[str, str]] = list(prompt.messages)
        limit = self.settings.max_output_tokens
        used = Usage()
        kept: Reading | None = None
        problem = ""
        for _ in range(ANSWERS):
            try:
                reply = await self._ask(messages, limit, estimate(prompt))
            except CallError as error:
                used += error.usage
                problem = error.words
                break
            except BudgetSpentError:
                if kept is None:
                    raise
                break
            used += reply.usage
            try:
                reading = read(read_answer(reply.text, echoes), prompt, ticket, who)
            except NoVerdict as error:
                if kept is not None:
                    break
                problem = f"the model gave no usable verdict in {ANSWERS} answers: {error}"
                messages = _again(prompt, reply, f"Your answer cannot be used: {error}.")
                if reply.cut:
                    problem = f"the model's answers were cut off at {limit} tokens; raise max_output_tokens"
                    limit *= 2
                    messages = list(prompt.messages)
                continue
            if not reading.missing or kept is not None:
                return reading.verdict(flags, used.tokens)
            kept = reading
            messages = _again(
                prompt, reply, "Quote letter for letter. " + " ".join(f"{what}." for what in reading.missing)
            )
        if kept is not None:
            return kept.verdict(flags, used.tokens)
        return Unscored(Reason.JUDGE_FAILED, problem)

    def estimate(self, ticket: Ticket, who: Responding) -> Usage:
        """What this ticket will use, for `estimate_run`."""
        return estimate(self._prompt(ticket, who))

    def request_preview(self, ticket: Ticket) -> RequestPreview:
        """Exactly what would be sent about a ticket; only the mark between messages differs each time."""
        prompt = self._prompt(ticket, responding(ticket) or Responding(None, (), False))
        dialect = self._negotiation.dialect
        return RequestPreview(
            settings=self.settings,
            messages=tuple(dialect.messages(prompt.messages)),
            options=dialect.options(self.settings.temperature, self.settings.max_output_tokens),
            headers=tuple(self._headers),
            replaced=prompt.masker.replaced if prompt.masker else None,
            usage=estimate(prompt),
        )

    def _prompt(self, ticket: Ticket, who: Responding) -> Prompt:
        return build_prompt(ticket, who, mask=self.settings.masked, rng=self._outside.rng)

    async def _ask(self, messages: Sequence[Mapping[str, str]], limit: int, expected: Usage) -> Reply:
        """One reply, in the best dialect that the endpoint takes. Raises CallError."""
        async with self._negotiation.turn():
            dialect = self._negotiation.dialect
            while True:
                try:
                    reply = await self._try(messages, dialect, limit, expected)
                except CallError as error:
                    simpler = dialect.simpler(error, settled=self._negotiation.settled)
                    if simpler is None:
                        raise
                    dialect = simpler
                else:
                    self._negotiation.accept(dialect)
                    return reply

    async def _try(self, messages: Sequence[Mapping[str, str]], dialect: Dialect, limit: int, expected: Usage) -> Reply:
        """One reply, tried again while the endpoint is busy, broken or silent. Raises CallError."""
        tries = self.settings.tries
        for attempt in range(tries):
            if self.stopped:
                raise CallError(self.stopped, final=True, usage=Usage())
            try:
                return await self._once(dialect.messages(messages), dialect, limit, expected)
            except CallError as error:
                if error.final:
                    self.stopped = error.words
                if not error.again or dialect.simpler(error, settled=self._negotiation.settled):
                    raise
                if error.wait is not None and error.wait > MOST_PATIENCE:
                    words = f"{error.words} and asks to wait {error.wait / 60:.0f} minutes"
                    raise CallError(words, status=error.status) from None
                if attempt + 1 == tries:
                    often = f", {tries} times in a row" if tries > 1 else ""
                    raise CallError(error.words + often, status=error.status, usage=Usage(tries)) from None
                if error.wait is None:
                    # Jitter keeps requests that failed together from coming back together.
                    await self._outside.sleep(
                        self._outside.rng.uniform(0.5, 1.0) * min(LONGEST_WAIT, FIRST_WAIT * 2**attempt)
                    )
        raise AssertionError("tries is at least 1")

    async def _once(
        self, messages: Sequence[Mapping[str, str]], dialect: Dialect, limit: int, expected: Usage
    ) -> Reply:
        options = dialect.options(self.settings.temperature, limit)
        async with self._pace.slot(expected.tokens):
            started = self._outside.clock()
            reserved = self._budget.reserve(expected) if self._budget else 0.0
            used = expected  # of a request that is cancelled or lost on the way nobody knows what it cost
            try:
                reply = await self._endpoint.ask(messages, options)
                used = reply.usage if reply.usage.prompt else expected
            except CallError as error:
                used = expected if error.billed else error.usage
                if error.again:
                    self._pace.was_refused(error.wait or 0.0, started)
                raise
            finally:
                if self._budget:
                    self._budget.settle(reserved, used)
                self._pace.tokens.give_back(expected.tokens - used.tokens)
                self.usage += used
        self._pace.went_well()
        self._adopt(reply.limits)
        return reply if reply.usage.prompt else Reply(reply.text, used, reply.cut, reply.limits)

    def _adopt(self, limits: tuple[int, int]) -> None:
        """Keep to the limits that the endpoint states where the settings state none."""
        requests, tokens = limits
        if requests:
            self._pace.requests.limit(requests)
        if tokens:
            self._pace.tokens.limit(tokens)


def _again(prompt: Prompt, reply: Reply, complaint: str) -> list[Mapping[str, str]]:
    """The conversation with the model so far, and what to do better; what was sent before stays its prefix."""
    if not reply.text.strip():
        return list(prompt.messages)  # endpoints refuse an empty message
    return [
        *prompt.messages,
        {"role": "assistant", "content": reply.text[:_REPEATED]},
        {"role": "user", "content": f"{complaint} Answer again, with the whole JSON object and nothing else."},
    ]
