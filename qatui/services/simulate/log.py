"""A believable log of customer-agent conversations, as long as one likes, for trying out and for load."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from random import Random
from types import MappingProxyType
from typing import Any

from qatui.errors import UsageError
from qatui.services.simulate.story import Shares, Story
from qatui.services.simulate.writer import HOUR, Writer

CHANNELS: Mapping[str, float] = MappingProxyType({"chat": 0.55, "email": 0.25, "whatsapp": 0.14, "social": 0.06})
WEEKDAYS = (1.25, 1.2, 1.1, 1.05, 1.0, 0.7, 0.6)  # Monday first
HOURS = (2, 1, 1, 1, 1, 2, 4, 7, 11, 14, 15, 14, 12, 12, 13, 13, 12, 11, 10, 11, 11, 9, 6, 4)  # from midnight, UTC


def simulate(
    weeks: int,
    conversations: int,
    seed: int,
    *,
    until: datetime,
    resolution_share: float = 0.5,
    handoff_share: float = 0.25,
    joined_share: float = 0.05,
    handled_share: float = 0.85,
    feedback_share: float = 0.3,
    channels: Mapping[str, float] = CHANNELS,
    growth: float = 0.02,
) -> Iterator[dict[str, Any]]:
    """Conversations of an invented web shop in the import format `qatui/1`, oldest first, one at a time.

    They open within the `weeks` before `until`, more of them on weekdays and by day; nothing is later than `until`, so
    the youngest ones are open and pending. The same arguments give the same log; memory does not grow with it.

    weeks: 1 or more; conversations: how many in all, spam (1 %) and outbound ones (0.5 %) among them.
    resolution_share, handoff_share, joined_share: of the settled episodes that the customer agent handled, how many
    are resolved, handed off, and joined by a rep without a handoff; the rest are unresolved deflections. 3 % of the
    conversations have a second episode. These are the rates of METRICS, reached up to chance.
    handled_share: of the other inbound conversations, how many the customer agent takes part in.
    feedback_share: of the episodes that the customer agent ends alone, how many get feedback.
    channels: name to weight; `social` says nothing of sources and actions.
    growth: how much larger each week is than the one before (0.02: 2 % more); above -1.

    Raises UsageError for values outside these ranges.
    """
    if until.tzinfo is None:
        raise UsageError("The end of a simulated log needs a time zone.")
    if weeks < 1 or conversations < 0:
        raise UsageError("A simulated log has at least one week, and 0 conversations or more.")
    if not all(
        0 <= share <= 1 for share in (resolution_share, handoff_share, joined_share, handled_share, feedback_share)
    ):
        raise UsageError("A share is a number from 0 to 1.")
    if resolution_share + handoff_share + joined_share > 1 + 1e-9:
        raise UsageError("The shares of resolved, handed off and joined conversations are more than 1 together.")
    if not channels or not all(0 <= weight < math.inf for weight in channels.values()) or not sum(channels.values()):
        raise UsageError("A simulated log needs a channel with a weight above 0.")
    if not -1 < growth < math.inf:
        raise UsageError("Growth is a number above -1; 0.02 means 2 % more each week.")
    shares = Shares(
        resolution=resolution_share,
        handoff=handoff_share,
        joined=joined_share,
        handled=handled_share,
        feedback=feedback_share,
        channels=channels,
    )
    until = until.astimezone(UTC)
    random = Random(seed).random
    story = Story(random, Writer(random, until, weeks), shares)
    customers = 1 + conversations * 2 // 3  # some come again
    openings = _openings(random, until, weeks, conversations, growth)
    return (story.tell(number, customers, opening) for number, opening in enumerate(openings, start=1))


def _openings(
    random: Callable[[], float], until: datetime, weeks: int, conversations: int, growth: float
) -> Iterator[int]:
    """Seconds from the first midnight to each opening, ascending: one in each of equal parts of the log's weight."""
    start = until - timedelta(weeks=weeks)
    weights = (
        (1 + growth) ** (hour // 168 - weeks)
        * WEEKDAYS[(start + timedelta(hours=hour)).weekday()]
        * HOURS[(start + timedelta(hours=hour)).hour]
        for hour in range(weeks * 168)
    )
    sums = list(accumulate(weights))
    offset = start.hour * HOUR + start.minute * 60 + start.second
    hour, before = 0, 0.0
    for number in range(conversations):
        place = sums[-1] * (number + random()) / conversations
        while sums[hour] < place and hour < len(sums) - 1:
            before = sums[hour]
            hour += 1
        yield offset + int((hour + (place - before) / (sums[hour] - before)) * HOUR)
