"""Which rows stand behind every count about the customer agent, and the sums that add up over weeks and channels.

A `Selection` is the one definition of a count: its conditions decide row by row, the store turns the same conditions
into SQL, and a drill-down lists what they select (METRICS, 'Customer agent').

Where METRICS leaves a choice, it is this:

* Handle rate: both sides on the channels of the customer agent, so that it never exceeds 1.
* Rates of outcomes look at settled episodes; what says 'handled' or 'each episode' includes pending ones: the share
  handed off (a handoff cannot be undone), the times to close, helpful %.
* Helpful % takes the last feedback of every episode, handled or not; where that is neutral, the episode is in no side.
* Late handoffs and the feedback trend stand in the week of the event, everything else in the week of episode start.
* A close counts for a time only inside its episode, as everything else does.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from enum import StrEnum

from qatui.domain.outcome import Episode, Feedback, LateHandoff, Opinion, Outcome
from qatui.domain.rep_close import RepClose

Row = Episode | Feedback | LateHandoff | RepClose


class Subject(StrEnum):
    """What is counted: rows of one kind."""

    EPISODE = "episode"
    FEEDBACK = "feedback"
    LATE_HANDOFF = "late_handoff"
    REP_CLOSE = "rep_close"


@dataclass(frozen=True, slots=True)
class By:
    """The time in this column is set and at or before `as_of`."""

    column: str


@dataclass(frozen=True, slots=True)
class NotBy:
    """The time in this column is not set, or lies after `as_of`."""

    column: str


@dataclass(frozen=True, slots=True)
class OneOf:
    """The column holds one of these values."""

    column: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IsTrue:
    """The column is true."""

    column: str


@dataclass(frozen=True, slots=True)
class AgentChannel:
    """The channel of the ticket is one that the customer agent is assigned to, or with False is not."""

    assigned: bool = True


Condition = By | NotBy | OneOf | IsTrue | AgentChannel


class Count(StrEnum):
    """Every count there is; the values are the fields of `Counts`."""

    EPISODES = "episodes"
    INBOUND = "inbound"
    ELSEWHERE = "elsewhere"
    HANDLED = "handled"
    HANDLED_INBOUND = "handled_inbound"
    SETTLED = "settled"
    PENDING = "pending"
    RESOLVED = "resolved"
    RESOLVED_UNVERIFIED = "resolved_unverified"
    DEFLECTED = "deflected"
    DEFLECTED_UNRESOLVED = "deflected_unresolved"
    HANDED_OFF = "handed_off"
    HUMAN_JOINED = "human_joined"
    LATE_HANDOFFS = "late_handoffs"
    PASSED_ON = "passed_on"
    PASSED_ON_CLOSED = "passed_on_closed"
    PASSED_ON_OPEN = "passed_on_open"
    CLOSED = "closed"
    NOT_CLOSED = "not_closed"
    RATED = "rated"
    HELPFUL = "helpful"
    UNHELPFUL = "unhelpful"
    RATED_NEUTRAL = "rated_neutral"
    FEEDBACK_POSITIVE = "feedback_positive"
    FEEDBACK_NEGATIVE = "feedback_negative"
    FEEDBACK_NEUTRAL = "feedback_neutral"
    REP_CLOSED = "rep_closed"


@dataclass(frozen=True, slots=True)
class Selection:
    """Which rows a count counts: all conditions hold. `week_by` is the column whose week the row stands in."""

    count: Count
    words: str
    subject: Subject
    week_by: str
    conditions: tuple[Condition, ...]

    def holds(self, row: Row, as_of: datetime, *, agent_channel: bool) -> bool:
        """Whether a row of this subject counts at `as_of`; `agent_channel`: the customer agent works on its channel."""
        for condition in self.conditions:
            match condition:
                case By(column):
                    at = getattr(row, column)
                    met = at is not None and at <= as_of
                case NotBy(column):
                    at = getattr(row, column)
                    met = at is None or at > as_of
                case OneOf(column, values):
                    met = getattr(row, column) in values
                case IsTrue(column):
                    met = getattr(row, column) is True
                case AgentChannel(assigned):
                    met = agent_channel is assigned
            if not met:
                return False
        return True


def _episodes(count: Count, words: str, *conditions: Condition) -> Selection:
    return Selection(count, words, Subject.EPISODE, "started_at", (By("started_at"), *conditions))


def _settled(count: Count, words: str, *outcomes: Outcome, unverified: bool = False) -> Selection:
    doubt = (IsTrue("unverified"),) if unverified else ()
    return _episodes(count, words, By("settles_at"), OneOf("settled_outcome", outcomes), *doubt)


def _last_feedback(count: Count, words: str, *opinions: Opinion) -> Selection:
    last = (By("episode_started_at"), By("at"), NotBy("replaced_at"))
    return Selection(count, words, Subject.FEEDBACK, "episode_started_at", (*last, OneOf("opinion", opinions)))


def _submitted(count: Count, words: str, opinion: Opinion) -> Selection:
    return Selection(count, words, Subject.FEEDBACK, "at", (By("at"), OneOf("opinion", (opinion,))))


_SETTLED = (Outcome.RESOLVED, Outcome.DEFLECTED_UNRESOLVED, Outcome.HANDED_OFF, Outcome.HUMAN_JOINED)
_HANDLED = By("handled_at")
_PASSED_ON = (_HANDLED, By("handoff_at"))

SELECTIONS: dict[Count, Selection] = {
    selection.count: selection
    for selection in (
        _episodes(Count.EPISODES, "episodes, without spam and outbound conversations"),
        _episodes(Count.INBOUND, "episodes on the customer agent's channels", AgentChannel()),
        _episodes(Count.ELSEWHERE, "episodes on channels without the customer agent", AgentChannel(False)),
        _episodes(Count.HANDLED, "episodes the customer agent handled", _HANDLED),
        _episodes(Count.HANDLED_INBOUND, "of these, handled by the customer agent", _HANDLED, AgentChannel()),
        _settled(Count.SETTLED, "handled episodes that settled", *_SETTLED),
        _episodes(Count.PENDING, "handled episodes still pending", _HANDLED, NotBy("settles_at")),
        _settled(Count.RESOLVED, "resolved by the customer agent", Outcome.RESOLVED),
        _settled(
            Count.RESOLVED_UNVERIFIED,
            "resolved, but the import says nothing about sources and actions",
            Outcome.RESOLVED,
            unverified=True,
        ),
        _settled(
            Count.DEFLECTED, "settled without a human stepping in", Outcome.RESOLVED, Outcome.DEFLECTED_UNRESOLVED
        ),
        _settled(
            Count.DEFLECTED_UNRESOLVED,
            "settled without a human, but a criterion of a resolution failed",
            Outcome.DEFLECTED_UNRESOLVED,
        ),
        _settled(Count.HANDED_OFF, "handed off to a human before settling", Outcome.HANDED_OFF),
        _settled(Count.HUMAN_JOINED, "joined by a rep without a handoff", Outcome.HUMAN_JOINED),
        Selection(Count.LATE_HANDOFFS, "handoffs after settling", Subject.LATE_HANDOFF, "at", (By("at"),)),
        _episodes(Count.PASSED_ON, "handled episodes handed off so far", *_PASSED_ON),
        _episodes(Count.PASSED_ON_CLOSED, "handed off and closed", *_PASSED_ON, By("closed_at")),
        _episodes(Count.PASSED_ON_OPEN, "handed off, not closed within the episode", *_PASSED_ON, NotBy("closed_at")),
        _episodes(Count.CLOSED, "handled episodes with a close", _HANDLED, By("closed_at")),
        _episodes(Count.NOT_CLOSED, "handled episodes not closed within the episode", _HANDLED, NotBy("closed_at")),
        _last_feedback(
            Count.RATED,
            "episodes whose last feedback is positive or negative",
            Opinion.POSITIVE,
            Opinion.NEGATIVE,
        ),
        _last_feedback(Count.HELPFUL, "episodes whose last feedback is positive", Opinion.POSITIVE),
        _last_feedback(Count.UNHELPFUL, "episodes whose last feedback is negative", Opinion.NEGATIVE),
        _last_feedback(Count.RATED_NEUTRAL, "episodes whose last feedback is neutral", Opinion.NEUTRAL),
        _submitted(Count.FEEDBACK_POSITIVE, "positive feedback submitted", Opinion.POSITIVE),
        _submitted(Count.FEEDBACK_NEGATIVE, "negative feedback submitted", Opinion.NEGATIVE),
        _submitted(Count.FEEDBACK_NEUTRAL, "neutral feedback submitted", Opinion.NEUTRAL),
        Selection(
            Count.REP_CLOSED,
            "closed tickets of responding reps",
            Subject.REP_CLOSE,
            "closed_at",
            (By("from_at"), NotBy("until_at")),
        ),
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Sums over the rows of any weeks and channels, from which every figure but a median is computed; they add up.

    Fields are those of `Count`, those not kept being differences of others. `closed_time` and `passed_on_time`: sums
    of the time from assignment to close over `closed` and `passed_on_closed`.
    """

    episodes: int = 0
    inbound: int = 0
    handled: int = 0
    handled_inbound: int = 0
    settled: int = 0
    resolved: int = 0
    resolved_unverified: int = 0
    deflected_unresolved: int = 0
    handed_off: int = 0
    human_joined: int = 0
    late_handoffs: int = 0
    passed_on: int = 0
    passed_on_closed: int = 0
    closed: int = 0
    helpful: int = 0
    unhelpful: int = 0
    rated_neutral: int = 0
    feedback_positive: int = 0
    feedback_negative: int = 0
    feedback_neutral: int = 0
    rep_closed: int = 0
    closed_time: timedelta = timedelta()
    passed_on_time: timedelta = timedelta()

    def __add__(self, other: Counts) -> Counts:
        return Counts(**{name: getattr(self, name) + getattr(other, name) for name in KEPT})

    def on_channel(self, *, agent: bool) -> Counts:
        """The same sums of one channel, knowing whether the customer agent is assigned to it."""
        return replace(self, inbound=self.episodes if agent else 0, handled_inbound=self.handled if agent else 0)

    @property
    def pending(self) -> int:
        return self.handled - self.settled

    @property
    def deflected(self) -> int:
        return self.resolved + self.deflected_unresolved

    @property
    def rated(self) -> int:
        return self.helpful + self.unhelpful

    @property
    def elsewhere(self) -> int:
        return self.episodes - self.inbound

    @property
    def not_closed(self) -> int:
        return self.handled - self.closed

    @property
    def passed_on_open(self) -> int:
        return self.passed_on - self.passed_on_closed

    def of(self, count: Count) -> int:
        """One count by its name."""
        number: int = getattr(self, count)
        return number


KEPT = tuple(field.name for field in fields(Counts))


def counts_of_row(subject: Subject, row: Row, as_of: datetime, *, agent_channel: bool) -> dict[str, Counts]:
    """What one row adds, by the column (`week_by`) in whose week it is added."""
    sums: dict[str, dict[str, int | timedelta]] = {}
    for selection in SELECTIONS.values():
        if selection.subject is subject and selection.count in KEPT:
            if not selection.holds(row, as_of, agent_channel=agent_channel):
                continue
            added = sums.setdefault(selection.week_by, {})
            added[selection.count] = 1
            if isinstance(row, Episode) and row.time_to_close is not None:
                if selection.count is Count.CLOSED:
                    added["closed_time"] = row.time_to_close
                elif selection.count is Count.PASSED_ON_CLOSED:
                    added["passed_on_time"] = row.time_to_close
    return {column: Counts(**added) for column, added in sums.items()}  # type: ignore[arg-type]
