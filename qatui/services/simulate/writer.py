"""Writes one simulated conversation after the other, and nothing that lies after the end of the log."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

HOUR, DAY = 3600, 86400  # seconds

_MINUTES = tuple(f"T{minute // 60:02}:{minute % 60:02}:" for minute in range(1440))
_SECONDS = tuple(f"{second:02}Z" for second in range(60))


class Writer:
    """Writes down one conversation after the other; what would come after the end of the log is not written."""

    __slots__ = ("_days", "_end", "_random", "agent", "at", "customer", "events", "messages", "silent")

    def __init__(self, random: Callable[[], float], until: datetime, weeks: int) -> None:
        self._random = random
        start = until - timedelta(weeks=weeks)
        self._days = [(start + timedelta(days=day)).date().isoformat() for day in range(weeks * 7 + 2)]
        self._end = start.hour * HOUR + start.minute * 60 + start.second + weeks * 7 * DAY
        self.begin(0, silent=False)

    def begin(self, at: int, *, silent: bool) -> None:
        self.at = at
        self.silent = silent
        self.messages: list[dict[str, Any]] = []
        self.events: list[dict[str, Any]] = []
        self.agent = self.customer = ""  # ids of the latest messages

    @property
    def over(self) -> bool:
        """Whether the log ended in the middle of this conversation."""
        return self.at > self._end

    def stamp(self) -> str:
        day, second = divmod(self.at, DAY)
        return self._days[day] + _MINUTES[second // 60] + _SECONDS[second % 60]

    def wait(self, least: int, most: int) -> None:
        """Let time pass, rather a short than a long one."""
        chance = self._random()
        self.at += least + int((most - least) * chance * chance)

    def customer_says(self, text: str) -> None:
        if self.at <= self._end:
            self.customer = f"m{len(self.messages) + 1}"
            self.messages.append({"id": self.customer, "at": self.stamp(), "from": "customer", "text": text})

    def agent_says(self, text: str, sources: Sequence[str] = (), actions: Sequence[str] = ()) -> None:
        if self.at <= self._end:
            self.agent = f"m{len(self.messages) + 1}"
            message: dict[str, Any] = {
                "id": self.agent,
                "at": self.stamp(),
                "from": "customer_agent",
                "text": text,
            }
            if not self.silent:
                message["sources"] = list(sources)
                message["actions"] = list(actions)
            self.messages.append(message)

    def rep_says(self, author: dict[str, str] | None, text: str, *, private: bool = False) -> None:
        if self.at <= self._end:
            message: dict[str, Any] = {
                "id": f"m{len(self.messages) + 1}",
                "at": self.stamp(),
                "from": "rep",
                "text": text,
            }
            if author is not None:
                message["author"] = author
            if private:
                message["private"] = True
            self.messages.append(message)

    def happens(self, kind: str, **more: str) -> None:
        if self.at <= self._end:
            self.events.append({"at": self.stamp(), "type": kind, **more})
