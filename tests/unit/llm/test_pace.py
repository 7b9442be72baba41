"""Slots and limits a minute, on a clock that only sleeping moves."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qatui.services.scoring.llm.pace import Bucket, Pace


class Time:
    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.at += seconds
        await asyncio.sleep(0)


def make(most: int, *, requests: int = 0, tokens: int = 0) -> tuple[Pace, Time]:
    time = Time()
    return Pace(most, Bucket(requests, time), Bucket(tokens, time), time, time.sleep), time


@given(st.lists(st.floats(0, 30), max_size=40), st.integers(1, 20))
def test_in_no_minute_more_is_used_than_twice_the_limit(gaps: list[float], limit: int) -> None:
    """A bucket that is full lets one minute's worth go at once, and refills meanwhile: twice the limit at most."""
    time = Time()
    bucket = Bucket(limit, time)
    used: list[float] = []
    for gap in gaps:
        time.at += gap
        used.append(time.at + bucket.take(1))
    assert used == sorted(used)
    for first in used:
        assert sum(first <= at < first + 60 for at in used) <= 2 * limit


def test_a_bucket_without_a_limit_never_waits_and_can_be_given_one() -> None:
    time = Time()
    bucket = Bucket(0, time)
    assert bucket.take(1e9) == 0
    bucket.limit(60)
    assert [bucket.take(30) for _ in range(4)] == [0, 0, 30, 60]
    bucket.limit(600)
    assert bucket.per_minute == 60


def test_an_estimate_is_corrected() -> None:
    bucket = Bucket(100, Time())
    bucket.take(100)
    bucket.give_back(40)
    assert bucket.take(40) == 0
    assert bucket.take(10) == 6


async def test_waiting_requests_go_first_come_first_served() -> None:
    pace, _ = make(2)
    order: list[int] = []
    release = asyncio.Event()

    async def request(number: int) -> None:
        async with pace.slot(1):
            order.append(number)
            await release.wait()

    tasks = [asyncio.create_task(request(number)) for number in range(5)]
    await asyncio.sleep(0.001)
    assert (order, pace.busy) == ([0, 1], 2)
    release.set()
    await asyncio.gather(*tasks)
    assert order == [0, 1, 2, 3, 4]
    assert pace.busy == 0


async def test_a_burst_of_refusals_halves_the_slots_once_and_quiet_holds_for_all() -> None:
    pace, time = make(16)
    for _ in range(5):
        pace.was_refused(9.0, started=0.0)
    assert pace.allowed == 8
    async with pace.slot(1):
        assert time.at == 9.0
    for _ in range(200):
        pace.went_well()
    assert pace.allowed == 16


def test_the_last_slot_stays() -> None:
    pace, time = make(4)
    for _ in range(9):
        time.at += 1
        pace.was_refused(0, started=time.at)
    assert pace.allowed == 1


async def test_cancelled_waits_leave_no_slot_behind() -> None:
    pace, _ = make(1)
    async with pace.slot(1):
        waiting = [asyncio.create_task(pace.slot(1).__aenter__()) for _ in range(3)]
        await asyncio.sleep(0)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
    assert pace.busy == 0
    async with asyncio.timeout(1), pace.slot(1):
        assert pace.busy == 1


async def test_a_slot_handed_over_in_the_instant_of_a_cancel_is_passed_on() -> None:
    pace, _ = make(1)
    holder = pace.slot(1)
    await holder.__aenter__()
    first = asyncio.create_task(pace.slot(1).__aenter__())
    await asyncio.sleep(0)
    await holder.__aexit__(None, None, None)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert pace.busy == 0
