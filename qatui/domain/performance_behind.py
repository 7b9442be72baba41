"""What a performance report is asked for, and what one asks of the rows behind one of its numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

from qatui.domain.listing import TicketRow
from qatui.domain.outcome import Criterion, Opinion, Outcome
from qatui.domain.performance_counts import Count
from qatui.domain.performance_report import Channel
from qatui.domain.weeks import Period, Week


class All(Enum):
    """No narrowing. None means something else: what names no channel, no reason or no rep."""

    ALL = "all"


ALL: Final = All.ALL


@dataclass(frozen=True, slots=True, kw_only=True)
class PerformanceQuestion:
    """Of which moment (UTC), period and channels a report is; channels: None for all.

    team: narrows the reps beside the customer agent and nothing else, since the customer agent belongs to no team;
    NO_TEAM for the reps without one.
    """

    as_of: datetime
    period: Period = field(default_factory=Period)
    channels: frozenset[Channel] | None = None
    team: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """Which rows: those of one count, perhaps of one week, channel, handoff reason or rep alone.

    week: as far as the period reaches. reason: of the handoff, with PASSED_ON alone. rep: the key `source/id`, with
    REP_CLOSED alone; None for reps whom the source does not name. With another count ValueError is raised when the
    rows are asked for.
    """

    count: Count
    week: Week | None = None
    channel: str | All | None = ALL
    reason: str | All | None = ALL
    rep: str | All | None = ALL


@dataclass(frozen=True, slots=True, kw_only=True)
class BehindRow:
    """One row behind a number, with its ticket: a list of them is as long as the number says.

    at: the time by which it stands in its week. number: which row of its ticket, from 0; of an episode its number.
    outcome, unverified, failed, reason, time_to_close: of episodes, as known at the `as_of` of the question;
    reason also of late handoffs. opinion: of feedback.
    """

    ticket: TicketRow
    at: datetime
    number: int
    outcome: Outcome | None = None
    unverified: bool = False
    failed: tuple[Criterion, ...] = ()
    reason: str | None = None
    time_to_close: timedelta | None = None
    opinion: Opinion | None = None
