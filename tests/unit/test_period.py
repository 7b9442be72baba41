"""Periods and dates become UTC instants in the workspace's zone, daylight saving included."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from qatui.domain.period import parse_instant, period_start, period_words

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 4, 2, 10, 0, tzinfo=UTC)


def test_a_period_begins_at_midnight_of_the_workspace():
    assert period_start("7d", NOW, BERLIN) == datetime(2026, 3, 25, 23, 0, tzinfo=UTC)  # before the clocks change
    assert period_start("7d", NOW, ZoneInfo("UTC")) == datetime(2026, 3, 26, tzinfo=UTC)
    assert period_start("all", NOW, BERLIN) is None


def test_periods_read_as_words():
    assert period_words("90d") == "last 90 days"
    assert period_words("all") == "all time"


@pytest.mark.parametrize(
    ("text", "end", "instant"),
    [
        ("2026-03-31", False, datetime(2026, 3, 30, 22, tzinfo=UTC)),
        ("2026-03-31", True, datetime(2026, 3, 31, 22, tzinfo=UTC)),
        ("2026-03-29", True, datetime(2026, 3, 29, 22, tzinfo=UTC)),  # a day of 23 hours
        ("2026-03-31T12:00", False, datetime(2026, 3, 31, 10, tzinfo=UTC)),
        ("2026-03-31T12:00:00Z", True, datetime(2026, 3, 31, 12, tzinfo=UTC)),
    ],
)
def test_dates_as_people_give_them(text, end, instant):
    assert parse_instant(text, BERLIN, end_of_day=end) == instant


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01", "31.3.2026", "9999-12-31"])
def test_what_is_no_date_is_said(text):
    with pytest.raises(ValueError, match=r"no date|outside"):
        parse_instant(text, BERLIN, end_of_day=True)
