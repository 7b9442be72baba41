"""Periods and dates as people give them: 'last 90 days', 2026-03-02, an instant; always turned into UTC instants."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

PERIOD_DAYS: dict[str, int | None] = {"7d": 7, "30d": 30, "90d": 90, "365d": 365, "all": None}


def period_start(period: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    """Where a period such as '90d' begins: midnight in `zone`, that many days before `now`; None for 'all'.

    Raises KeyError for a period that is not in PERIOD_DAYS.
    """
    days = PERIOD_DAYS[period]
    if days is None:
        return None
    first = now.astimezone(zone).date() - timedelta(days=days)
    return datetime.combine(first, time.min, zone).astimezone(UTC)


def period_words(period: str) -> str:
    """How a period reads: 'last 90 days' or 'all time'."""
    days = PERIOD_DAYS[period]
    return "all time" if days is None else f"last {days} days"


def parse_instant(text: str, zone: ZoneInfo, *, end_of_day: bool = False) -> datetime:
    """A date or an ISO 8601 instant as UTC; without an offset it is meant in `zone`.

    A bare date is its first instant, or with `end_of_day` the first instant of the next day, so that
    'until 2026-03-31' includes the 31st. Raises ValueError with the mend.
    """
    try:
        day = date.fromisoformat(text)
    except ValueError:
        try:
            instant = datetime.fromisoformat(text)
        except ValueError:
            raise ValueError(f"{text!r} is no date; write 2026-03-31 or 2026-03-31T18:00") from None
        return (instant if instant.tzinfo else instant.replace(tzinfo=zone)).astimezone(UTC)
    try:
        start = day + timedelta(days=1) if end_of_day else day
        return datetime.combine(start, time.min, zone).astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{text!r} is outside of the calendar") from None
