"""Requests about many tickets to one endpoint: in a form it takes, at a pace it bears, within a budget."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from qatui.config_llm import LlmSettings
from qatui.services.scoring.llm.cost import Budget, Usage
from qatui.services.scoring.llm.dialect import Dialect, Negotiation
from qatui.services.scoring.llm.endpoint import CallError, Endpoint, Reply
from qatui.services.scoring.llm.once import Asking
from qatui.services.scoring.llm.pace import Bucket, Clock, Pace, Sleep

FIRST_WAIT = 0.5  # seconds before the second try; doubled each time
LONGEST_WAIT = 30.0
MOST_PATIENCE = 300.0  # an endpoint that asks for a longer wait has failed this ticket


@dataclass(frozen=True, slots=True)
class Outside:
    """What the judge takes from the world, so that a test can give it another one.

    clock: seconds that only grow; now: Unix time, for dates in headers; rng: must not be guessable, since the marks
    around messages come from it where the workspace has no secret for them.
    """

    clock: Clock = time.monotonic
    now: Clock = time.time
    sleep: Sleep = asyncio.sleep
    rng: random.Random = field(default_factory=random.SystemRandom)


class HaltedError(Exception):
    """Nothing more is sent; the ticket stays waiting."""


class Caller:
    """Sends the requests of one judge and counts what they used.

    usage: all that was used since it was made; stopped: why no request can succeed any more, or None.
    """

    def __init__(self, settings: LlmSettings, endpoint: Endpoint, budget: Budget | None, outside: Outside) -> None:
        self.settings = settings
        self.negotiation = Negotiation(settings.base_url, settings.model)
        self.usage = Usage()
        self.stopped: str | None = None
        self._endpoint = endpoint
        self._budget = budget
        self._outside = outside
        self._halted = False
        self._asked: dict[asyncio.Task[object], Asking] = {}
        clock = outside.clock
        self.pace = Pace(
            settings.concurrency,
            Bucket(settings.requests_per_minute, clock),
            Bucket(settings.tokens_per_minute, clock),
            clock,
            outside.sleep,
        )

    # What somebody says to a run that goes on --------------------------------------------------------

    def halt(self) -> None:
        """Begin no ticket any more; those with a request under way, or a reply already, go on to their end."""
        self._halted = True
        self.pace.hold(False)
        for task, asking in self._asked.items():
            if not asking.on_wire and not asking.begun:
                task.cancel()

    def cut(self) -> None:
        """Wait no longer for what is under way; its tickets stay waiting."""
        self._halted = True
        for task in self._asked:
            task.cancel()

    @contextmanager
    def about(self, asking: Asking) -> Iterator[None]:
        """Hold while this task asks about a ticket. Raises HaltedError once nothing more is to be begun."""
        if self._halted:
            raise HaltedError
        task = asyncio.current_task()
        assert task is not None
        self._asked[task] = asking
        try:
            yield
        finally:
            del self._asked[task]

    # Asking ----------------------------------------------------------------------------------------

    async def reply(self, asking: Asking, messages: Sequence[Mapping[str, str]], limit: int, expected: Usage) -> Reply:
        """One reply of at most `limit` tokens, in the best dialect that the endpoint takes.

        Raises CallError, BudgetSpentError and HaltedError.
        """
        while True:
            async with self.negotiation.turn():
                dialect = self.negotiation.dialect
                while True:
                    try:
                        reply = await self._try(asking, messages, dialect, limit, expected)
                    except CallError as error:
                        if self.negotiation.refuses(dialect, error):
                            break  # what was remembered is forgotten: found out anew, one request at a time
                        simpler = dialect.simpler(error, settled=self.negotiation.settled)
                        if simpler is None:
                            raise
                        dialect = simpler
                    else:
                        self.negotiation.accept(dialect)
                        return reply

    async def _try(
        self, asking: Asking, messages: Sequence[Mapping[str, str]], dialect: Dialect, limit: int, expected: Usage
    ) -> Reply:
        """One reply, tried again while the endpoint is busy, broken or silent."""
        tries = self.settings.tries
        for attempt in range(tries):
            if self.stopped:
                raise CallError(self.stopped, final=True, usage=Usage())
            try:
                return await self._once(asking, dialect.messages(messages), dialect, limit, expected)
            except CallError as error:
                if error.final:
                    self.stopped = error.words
                if not error.again or dialect.simpler(error, settled=self.negotiation.settled):
                    raise
                if self._halted:
                    raise HaltedError from None  # nothing is under way for this ticket: it can be asked another day
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
        self, asking: Asking, messages: Sequence[Mapping[str, str]], dialect: Dialect, limit: int, expected: Usage
    ) -> Reply:
        options = dialect.options(self.settings.temperature, limit)
        async with self.pace.slot(expected.tokens):
            if self._halted and not asking.begun:
                raise HaltedError
            started = self._outside.clock()
            reserved = self._budget.reserve(expected) if self._budget else 0.0
            used = expected  # of a request that is cancelled or lost on the way nobody knows what it cost
            asking.on_wire = True
            try:
                reply = await self._endpoint.ask(messages, options, asking.key)
                asking.answered()
                used = reply.usage if reply.usage.prompt else expected
            except CallError as error:
                asking.refused(error)
                used = expected if error.billed else error.usage
                if error.again:
                    self.pace.was_refused(error.wait or 0.0, started)
                raise
            finally:
                asking.on_wire = False
                if self._budget:
                    self._budget.settle(reserved, used)
                self.pace.tokens.give_back(expected.tokens - used.tokens)
                self.usage += used
        self.pace.went_well()
        self._adopt(reply.limits)
        return reply if reply.usage.prompt else Reply(reply.text, used, reply.cut, reply.limits)

    def _adopt(self, limits: tuple[int, int]) -> None:
        """Keep to the limits that the endpoint states where the settings state none."""
        requests, tokens = limits
        if requests:
            self.pace.requests.limit(requests)
        if tokens:
            self.pace.tokens.limit(tokens)
