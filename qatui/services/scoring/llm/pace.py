"""How fast an endpoint is asked: slots that give way when it is busy, and limits per minute."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

Clock = Callable[[], float]
Sleep = Callable[[float], Awaitable[None]]

MINUTE = 60.0


class Bucket:
    """So many units a minute, saved up to one minute's worth; 0 means no limit."""

    def __init__(self, per_minute: float, clock: Clock) -> None:
        self.per_minute = per_minute
        self._clock = clock
        self._filled_at = clock()
        self._units = per_minute

    def limit(self, per_minute: float) -> None:
        """Set the limit of a bucket that had none."""
        if not self.per_minute:
            self.per_minute = self._units = per_minute
            self._filled_at = self._clock()

    def take(self, units: float) -> float:
        """Take units out and say for how many seconds to wait before using them.

        What is not there yet is owed, so that everyone who asks later waits longer: first come, first served.
        """
        if not self.per_minute:
            return 0.0
        now = self._clock()
        self._units = min(self.per_minute, self._units + (now - self._filled_at) * self.per_minute / MINUTE)
        self._filled_at = now
        self._units -= units
        return max(0.0, -self._units * MINUTE / self.per_minute)

    def give_back(self, units: float) -> None:
        """Correct an estimate: what was taken and not used, or (negative) used beyond it."""
        self._units += units


class Pace:
    """Slots for requests: one more after each round that went well, half as many when the endpoint is busy.

    `most` slots at the highest, one at the lowest. A cancelled wait gives its place back.
    """

    def __init__(self, most: int, requests: Bucket, tokens: Bucket, clock: Clock, sleep: Sleep) -> None:
        self.most = most
        self.allowed = float(most)
        self.requests = requests
        self.tokens = tokens
        self._clock = clock
        self._sleep = sleep
        self._busy = 0
        self._held = False
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._quiet_until = 0.0
        self._slowed_at = float("-inf")

    @asynccontextmanager
    async def slot(self, tokens: int) -> AsyncIterator[None]:
        """Hold a slot while a request of about `tokens` tokens is under way."""
        await self._enter()
        try:
            await self._turn(tokens)
            yield
        finally:
            self._busy -= 1
            self._wake()

    def went_well(self) -> None:
        """A request was answered: grow by one slot per round of slots."""
        if self.allowed < self.most:
            self.allowed = min(float(self.most), self.allowed + 1 / self.allowed)
            self._wake()

    def was_refused(self, wait: float, started: float) -> None:
        """The endpoint is busy: let nobody ask for `wait` seconds, and halve the slots.

        Requests of the same burst are refused together; those that began before the last halving count once.
        """
        now = self._clock()
        self._quiet_until = max(self._quiet_until, now + wait)
        if started > self._slowed_at:
            self.allowed = max(1.0, self.allowed / 2)
            self._slowed_at = now

    def hold(self, held: bool) -> None:
        """Let no request begin while held; those under way are not touched."""
        self._held = held
        self._wake()

    @property
    def busy(self) -> int:
        """Requests under way."""
        return self._busy

    async def _turn(self, tokens: int) -> None:
        delay = max(self.requests.take(1), self.tokens.take(tokens), self._quiet_until - self._clock())
        try:
            while delay > 0:
                await self._sleep(delay)
                # The endpoint may have asked for more quiet in the meantime.
                delay = self._quiet_until - self._clock()
        except asyncio.CancelledError:
            self.requests.give_back(1)
            self.tokens.give_back(tokens)
            raise

    async def _enter(self) -> None:
        if self._busy < int(self.allowed) and not self._waiting and not self._held:
            self._busy += 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._busy -= 1  # the slot was handed over in the instant of the cancel
                self._wake()
            elif turn in self._waiting:
                self._waiting.remove(turn)
            raise

    def _wake(self) -> None:
        while self._waiting and not self._held and self._busy < int(self.allowed):
            turn = self._waiting.popleft()
            if not turn.done():
                self._busy += 1
                turn.set_result(None)
