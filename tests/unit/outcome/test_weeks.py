"""Weeks begin on Monday by the clock on the workspace's wall, through clock changes and the turn of the year."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qatui.domain.weeks import Period, Week, weeks_through

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/Havana",
    "Asia/Kathmandu",
    "Asia/Tehran",
    "Australia/Lord_Howe",
]


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "at", "label"),
    [
        ("UTC", utc(2026, 3, 1, 23, 59, 59), "2026-W09"),
        ("UTC", utc(2026, 3, 2), "2026-W10"),
        ("Europe/Berlin", utc(2026, 3, 1, 22, 59, 59), "2026-W09"),  # an hour ahead in winter
        ("Europe/Berlin", utc(2026, 3, 1, 23), "2026-W10"),
        ("Europe/Berlin", utc(2026, 7, 5, 21, 59, 59), "2026-W27"),  # two in summer
        ("Europe/Berlin", utc(2026, 7, 5, 22), "2026-W28"),
        ("Europe/Berlin", utc(2026, 3, 29, 22), "2026-W14"),  # clocks went forward that Sunday
        ("Europe/Berlin", utc(2026, 10, 25, 22), "2026-W43"),  # clocks went back that Sunday
        ("Europe/Berlin", utc(2026, 10, 25, 23), "2026-W44"),
        ("America/New_York", utc(2026, 3, 9, 3, 59), "2026-W10"),
        ("America/New_York", utc(2026, 3, 9, 4), "2026-W11"),
        ("Asia/Kathmandu", utc(2026, 3, 1, 18, 15), "2026-W10"),  # five hours and three quarters ahead
        ("UTC", utc(2021, 1, 3, 12), "2020-W53"),  # a January day in the last week of the year before
        ("UTC", utc(2018, 12, 31), "2019-W01"),  # a December day in the first week of the next
    ],
)
def test_the_week_of_an_instant(zone, at, label):
    assert Week.of(at, ZoneInfo(zone)).label == label


def test_weeks_of_clock_changes_are_an_hour_shorter_and_longer():
    spring, autumn = Week(date(2026, 3, 23)), Week(date(2026, 10, 19))
    assert spring.end(BERLIN) - spring.start(BERLIN) == timedelta(hours=167)
    assert autumn.end(BERLIN) - autumn.start(BERLIN) == timedelta(hours=169)


def test_where_clocks_skip_midnight_the_week_begins_after_the_gap():
    """In Tehran Monday 22 March 2010 began at one o'clock."""
    tehran = ZoneInfo("Asia/Tehran")
    start = Week(date(2010, 3, 22)).start(tehran)
    assert start.astimezone(tehran).hour == 1
    assert Week.of(start - timedelta(microseconds=1), tehran) == Week(date(2010, 3, 15))


@given(st.integers(0, 47 * 366 * 86400 * 1000), st.sampled_from(ZONES))
def test_an_instant_lies_between_start_and_end_of_its_week_alone(milliseconds, name):
    at, zone = utc(1990, 1, 1) + timedelta(milliseconds=milliseconds), ZoneInfo(name)
    week = Week.of(at, zone)
    assert week.start(zone) <= at < week.end(zone)
    assert week.monday.weekday() == 0
    assert week.next.start(zone) == week.end(zone)
    assert week.next.before == week


def test_a_series_leaves_no_week_out():
    weeks = weeks_through(Week(date(2020, 12, 14)), Week(date(2021, 1, 11)))
    assert [week.label for week in weeks] == ["2020-W51", "2020-W52", "2020-W53", "2021-W01", "2021-W02"]
    assert weeks_through(Week(date(2021, 1, 11)), Week(date(2021, 1, 4))) == ()


def test_a_period_holds_its_first_instant_and_not_its_last():
    period = Period(utc(2026, 3, 2), utc(2026, 3, 9))
    assert utc(2026, 3, 2) in period
    assert utc(2026, 3, 8, 23, 59, 59) in period
    assert utc(2026, 3, 9) not in period
    assert utc(1970, 1, 1) in Period()
