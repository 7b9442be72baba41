"""The llm judge: asks an endpoint about one ticket until it has a verdict it can verify, or a reason it has none."""

from __future__ import annotations

import os
import random
from collections.abc import Mapping
from functools import cached_property
from types import TracebackType
from typing import Any

from qatui.config_llm import LlmSettings, Secret, read_headers, read_key
from qatui.domain.conversation import Ticket
from qatui.domain.rubric import rubric_hash
from qatui.domain.verdict import Flag, JudgeIdentity, Reason, Responding, Unscored, Verdict, responding
from qatui.services.scoring.llm.answer import NoVerdict, read_answer, verdicts_in
from qatui.services.scoring.llm.caller import Caller, HaltedError, Outside
from qatui.services.scoring.llm.cost import Budget, BudgetSpentError, Price, Usage, estimate
from qatui.services.scoring.llm.endpoint import CallError, Endpoint, Reply
from qatui.services.scoring.llm.injection import findings
from qatui.services.scoring.llm.once import Asking
from qatui.services.scoring.llm.preview import RequestPreview
from qatui.services.scoring.llm.prompt import Prompt, build_prompt, prompt_hash
from qatui.services.scoring.llm.reading import Reading, read
from qatui.services.scoring.llm.repeated import combined, deserves_more

ANSWERS = 3  # answers asked for per ticket: one, one more for bad quotes, one more for a verdict that is none
SECRET_BYTES = 32
_REPEATED = 4000  # characters of an unusable answer that are shown to the model again


class LlmJudge:
    """Implements `qatui.services.scoring.judge.Judge` for an OpenAI-compatible endpoint.

    `judge` may be called for as many tickets at once as one likes: requests wait for a slot. Close it when done
    (`async with`).
    """

    def __init__(
        self,
        settings: LlmSettings,
        *,
        key: Secret,
        headers: Mapping[str, Secret] | None = None,
        budget: Budget | None = None,
        secret: bytes = b"",
        outside: Outside | None = None,
    ) -> None:
        """secret: of the workspace, so that a ticket is asked about in the same words again; else it is new each time.

        Raises ConfigError for settings that no judge can work with.
        """
        self.settings = settings.checked()
        self._outside = outside or Outside()
        self._headers = dict(headers or {})
        self._secret = secret or self._outside.rng.randbytes(SECRET_BYTES)
        self._endpoint = Endpoint(settings, key, self._headers, self._outside.now)
        self._caller = Caller(settings, self._endpoint, budget, self._outside)

    @classmethod
    def from_environment(
        cls,
        settings: LlmSettings,
        environ: Mapping[str, str] = os.environ,
        *,
        budget: float | None = None,
        secret: bytes = b"",
    ) -> LlmJudge:
        """The judge of these settings with key and secret headers from the environment or the key file.

        budget: the most that this judge may spend, in the currency of the prices. Raises ConfigError, and UsageError
        as `Budget` does.
        """
        settings = settings.checked()
        price = Price.of(settings)
        return cls(
            settings,
            key=read_key(settings, environ),
            headers=read_headers(settings, environ),
            budget=None if budget is None else Budget(budget, price),
            secret=secret,
        )

    @cached_property
    def identity(self) -> JudgeIdentity:
        """Another one when the model, the rubric or any word of the prompt changes: then it is another judge."""
        return JudgeIdentity("llm", self.settings.model, f"{rubric_hash()}-{prompt_hash()[:6]}")

    @property
    def slots(self) -> int:
        """Requests that may be under way at once, as the endpoint bears them now."""
        return int(self._caller.pace.allowed)

    @property
    def usage(self) -> Usage:
        """All that was used since this judge was made."""
        return self._caller.usage

    @property
    def stopped(self) -> str | None:
        """Why no ticket can be judged any more, such as a refused key; for a run to end early."""
        return self._caller.stopped

    @property
    def dialect(self) -> str | None:
        """How the endpoint takes requests, as JSON for the next run; None until that is known."""
        return self._caller.negotiation.kept

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

    def recall(self, dialect: str) -> None:
        """Begin with what an earlier run found the endpoint to take (`dialect`)."""
        self._caller.negotiation.recall(dialect)

    def pause(self, held: bool) -> None:
        """Send nothing more while held; requests that are under way come to their end."""
        self._caller.pace.hold(held)

    def halt(self) -> None:
        """Begin no ticket any more: `judge` raises HaltedError, or is cancelled, unless its ticket is under way."""
        self._caller.halt()

    def cut(self) -> None:
        """Cancel every `judge` that is not done."""
        self._caller.cut()

    async def judge(self, ticket: Ticket, who: Responding, *, since: int = 0) -> Verdict | Unscored:
        """The verdict of the model, or `judge_failed` with a sentence on why there is none.

        since: another number makes the endpoint judge anew what it has judged. Raises BudgetSpentError when the next
        request could overrun the budget and HaltedError after `halt`: the ticket then stays waiting.
        """
        asking = Asking.about(ticket, self.identity, secret=self._secret, since=since)
        with self._caller.about(asking):
            first = await self._read(ticket, who, asking)
            if not isinstance(first, Verdict) or not deserves_more(first):
                return first
            readings = [first]
            for number in range(2, self.settings.readings + 1):
                asking.reading = number
                try:
                    another = await self._read(ticket, who, asking)
                except (BudgetSpentError, HaltedError):
                    break
                if isinstance(another, Verdict):
                    readings.append(another)
        return combined(readings)

    async def _read(self, ticket: Ticket, who: Responding, asking: Asking) -> Verdict | Unscored:
        """One reading: answers until one is a verdict with true quotes."""
        prompt = self._prompt(ticket, who, asking.rng())
        flags = frozenset({Flag.INJECTION}) if findings(ticket) else frozenset[Flag]()
        echoes = frozenset().union(*(verdicts_in(sent.text) for sent in prompt.sent.values()))
        messages: list[Mapping[str, str]] = list(prompt.messages)
        limit = self.settings.max_output_tokens
        used = Usage()
        kept: Reading | None = None
        problem = ""
        for _ in range(ANSWERS):
            try:
                reply = await self._caller.reply(asking, messages, limit, estimate(prompt))
            except CallError as error:
                used += error.usage
                problem = error.words
                break
            except (BudgetSpentError, HaltedError):
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

    @property
    def endpoint(self) -> Endpoint:
        """Where this judge's requests go, for what is no request about one ticket."""
        return self._endpoint

    def request(self, ticket: Ticket, who: Responding, *, since: int = 0) -> tuple[dict[str, Any], Usage]:
        """The first request about a ticket as `judge` would send it, to be handed in with others, and its estimate."""
        prompt = self._prompt(ticket, who, Asking.about(ticket, self.identity, secret=self._secret, since=since).rng())
        dialect = self._caller.negotiation.dialect
        options = dialect.options(self.settings.temperature, self.settings.max_output_tokens)
        body = {"model": self.settings.model, "messages": dialect.messages(prompt.messages), **options}
        return body, estimate(prompt)

    def estimate(self, ticket: Ticket, who: Responding) -> Usage:
        """What this ticket will use, for `estimate_run`."""
        return estimate(self._prompt(ticket, who))

    def request_preview(self, ticket: Ticket) -> RequestPreview:
        """Exactly what would be sent about a ticket; only the mark between messages differs each time."""
        prompt = self._prompt(ticket, responding(ticket) or Responding(None, (), False))
        dialect = self._caller.negotiation.dialect
        return RequestPreview(
            settings=self.settings,
            messages=tuple(dialect.messages(prompt.messages)),
            options=dialect.options(self.settings.temperature, self.settings.max_output_tokens),
            headers=tuple(self._headers),
            replaced=prompt.masker.replaced if prompt.masker else None,
            usage=estimate(prompt),
        )

    def _prompt(self, ticket: Ticket, who: Responding, rng: random.Random | None = None) -> Prompt:
        return build_prompt(ticket, who, mask=self.settings.masked, rng=rng or self._outside.rng)


def _again(prompt: Prompt, reply: Reply, complaint: str) -> list[Mapping[str, str]]:
    """The conversation with the model so far, and what to do better; what was sent before stays its prefix."""
    if not reply.text.strip():
        return list(prompt.messages)  # endpoints refuse an empty message
    return [
        *prompt.messages,
        {"role": "assistant", "content": reply.text[:_REPEATED]},
        {"role": "user", "content": f"{complaint} Answer again, with the whole JSON object and nothing else."},
    ]
