"""ISO weeks (Monday) in the workspace's time zone: which week an instant lies in, where a week begins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True, order=True)
class Week:
    """One week, named by its Monday; weeks of daylight saving changes last 167 or 169 hours."""

    monday: date

    @classmethod
    def of(cls, at: datetime, zone: ZoneInfo) -> Week:
        """The week in which an instant lies by the zone's wall clock."""
        day = at.astimezone(zone).date()
        return cls(day - timedelta(days=day.weekday()))

    @property
    def label(self) -> str:
        """As in ISO 8601: 2026-W10; the year is the one that holds the week's Thursday."""
        year, week, _ = self.monday.isocalendar()
        return f"{year:04d}-W{week:02d}"

    def start(self, zone: ZoneInfo) -> datetime:
        """The first instant of the week, UTC; the end of the gap where clocks skip midnight."""
        return datetime.combine(self.monday, time.min, zone).astimezone(UTC)

    def end(self, zone: ZoneInfo) -> datetime:
        """The first instant after the week, UTC."""
        return self.next.start(zone)

    @property
    def next(self) -> Week:
        return Week(self.monday + _WEEK)

    @property
    def before(self) -> Week:
        return Week(self.monday - _WEEK)


def weeks_through(first: Week, last: Week) -> tuple[Week, ...]:
    """Every week from the first to the last, both included, none left out; empty if they are the wrong way round."""
    count = (last.monday - first.monday).days // 7 + 1
    return tuple(Week(first.monday + number * _WEEK) for number in range(count))


@dataclass(frozen=True, slots=True)
class Period:
    """Instants with since <= t < until, UTC; None is open."""

    since: datetime | None = None
    until: datetime | None = None

    def __contains__(self, at: datetime) -> bool:
        return (self.since is None or at >= self.since) and (self.until is None or at < self.until)
