"""What somebody says to a run that goes on: pause, go on, stop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

BY_HAND = "it was stopped"


class Control:
    """Held by whoever started a run, and heeded by the run between two tickets or requests.

    Pausing and stopping let what is under way come to its end and be stored. To wait for nothing, cancel the run.
    """

    def __init__(self) -> None:
        self.paused = False
        self.stopped = ""
        self._go = asyncio.Event()
        self._go.set()
        self._heeding: Callable[[], None] | None = None

    def pause(self) -> None:
        """Begin nothing more until `resume`."""
        if not self.stopped:
            self.paused = True
            self._go.clear()
            self._tell()

    def resume(self) -> None:
        """Go on."""
        self.paused = False
        self._go.set()
        self._tell()

    def stop(self, why: str = BY_HAND) -> None:
        """Begin nothing more at all; why: as the run's record says it."""
        self.stopped = self.stopped or why
        self.resume()

    async def may_go(self) -> bool:
        """Whether the next ticket may be begun; waits while the run is paused."""
        if not self._go.is_set():
            await self._go.wait()
        return not self.stopped

    def heed(self, heeding: Callable[[], None]) -> None:
        """Call this whenever something was said, and once now."""
        self._heeding = heeding
        heeding()

    def _tell(self) -> None:
        if self._heeding is not None:
            self._heeding()
