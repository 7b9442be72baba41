"""What all screens of one run share: settings, keys, the open workspace and the period looked at."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from qatui.actions import Keys
from qatui.config import Settings
from qatui.domain.period import period_start, period_words

if TYPE_CHECKING:  # the first frame waits for neither: services bring the database library
    from qatui.domain.listing import TicketFilter
    from qatui.screens.review_desk import ReviewDesk
    from qatui.services.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Window:
    """The stretch of time on screen: its first instant (None: all time), in words, and whether it was widened.

    widened: the chosen period holds no ticket at all, so all time is shown instead.
    """

    since: datetime | None
    words: str
    widened: bool = False

    def around(self, where: TicketFilter) -> TicketFilter:
        """The filter inside this window; dates of the filter itself win."""
        if where.since is not None or where.until is not None:
            return where
        return replace(where, since=self.since)


class Session:
    """State of one run; `revision` grows whenever the workspace's rows may have changed."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.keys = Keys(settings.keys)
        self.zone: ZoneInfo = settings.zone
        self.period = settings.period
        self.revision = 0
        self.notice = ""
        self.workspace: Workspace | None = None

    @cached_property
    def desk(self) -> ReviewDesk:
        """What reviewing remembers."""
        from qatui.screens.review_desk import ReviewDesk

        return ReviewDesk()

    @property
    def name(self) -> str:
        """What the workspace is called: the name of its file."""
        stem = self.settings.database.stem.replace("_", " ").replace("-", " ")
        return stem[:1].upper() + stem[1:]

    @property
    def open(self) -> Workspace:
        """The workspace; only asked for after it was opened."""
        assert self.workspace is not None
        return self.workspace

    async def window(self) -> Window:
        """The chosen period, or all time when no ticket was closed in it."""
        since = period_start(self.period, self.open.now, self.zone)
        if since is None:
            return Window(None, period_words("all"))
        _, latest = await self.open.reports.span()
        if latest is None or latest < since:
            return Window(None, period_words("all"), widened=True)
        return Window(since, period_words(self.period))
