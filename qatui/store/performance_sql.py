"""The selections of the domain as SQL: one definition of every count, here written for the tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from qatui.domain.performance_counts import (
    SELECTIONS,
    AgentChannel,
    By,
    Condition,
    Count,
    IsTrue,
    NotBy,
    OneOf,
    Selection,
    Subject,
)
from qatui.store.performance_layout import SUMMED
from qatui.store.performance_prepared import OPINION_CODES, OUTCOME_CODES

FINALLY: Final = None
"""As an `as_of`: after every time that a row holds."""

TABLES: Final = {
    Subject.EPISODE: "episodes",
    Subject.FEEDBACK: "feedback",
    Subject.LATE_HANDOFF: "late_handoffs",
    Subject.REP_CLOSE: "rep_closes",
}
FINAL_FROM: Final = {
    "episodes": "settles_at",
    "feedback": "coalesce(replaced_at, at)",
    "late_handoffs": "at",
    "rep_closes": "coalesce(until_at, from_at)",
}
"""The latest of a row's times: from then on it counts the same for ever. No other column of a row is later."""

_CODES: dict[str, Mapping[Any, int]] = {"settled_outcome": OUTCOME_CODES, "opinion": OPINION_CODES}
TIMES: Final = {Count.CLOSED: "closed_time", Count.PASSED_ON_CLOSED: "passed_on_time"}


def numbers(values: Iterable[int]) -> str:
    """A list of numbers to stand after IN."""
    return f"({', '.join(map(str, values))})"


def holds(selection: Selection, as_of: int | None, agent_channels: Iterable[int] = ()) -> str:
    """The conditions of a selection at `as_of` (microseconds, or FINALLY), over the columns of its table."""
    return " AND ".join(_sql(condition, as_of, agent_channels) for condition in selection.conditions)


def _sql(condition: Condition, as_of: int | None, agent_channels: Iterable[int]) -> str:
    match condition:
        case By(column):
            return f"{column} IS NOT NULL" if as_of is FINALLY else f"{column} <= {as_of}"
        case NotBy(column):
            return f"{column} IS NULL" if as_of is FINALLY else f"({column} IS NULL OR {column} > {as_of})"
        case OneOf(column, values):
            return f"{column} IN {numbers(_CODES[column][value] for value in values)}"
        case IsTrue(column):
            return column
        case AgentChannel(assigned):
            return f"channel_id {'' if assigned else 'NOT '}IN {numbers(agent_channels)}"


def read_by(selections: Iterable[Selection]) -> dict[str, bool]:
    """The columns that decide whether selections hold finally; True: only whether there is a time in it."""
    read: dict[str, bool] = {}
    for selection in selections:
        for condition in selection.conditions:
            match condition:
                case By(column) | NotBy(column):
                    read[column] = True
                case OneOf(column, _) | IsTrue(column):
                    read[column] = False
    return read


def finally_holds(selection: Selection, read: Mapping[str, Any]) -> bool:
    """`holds` at FINALLY, of a row known by the columns of `read_by`."""
    for condition in selection.conditions:
        match condition:
            case By(column):
                met = read[column]
            case NotBy(column):
                met = not read[column]
            case OneOf(column, values):
                met = read[column] in {_CODES[column][value] for value in values}
            case IsTrue(column):
                met = bool(read[column])
            case AgentChannel():
                met = False  # follows from the channel, and is never kept
        if not met:
            return False
    return True


@dataclass(frozen=True, slots=True)
class Placement:
    """Rows of one table standing in the week of one of their times, and what they add to sums there."""

    subject: Subject
    column: str
    counts: tuple[Count, ...]

    @property
    def table(self) -> str:
        return TABLES[self.subject]

    @property
    def fields(self) -> tuple[str, ...]:
        """The columns of the sums that these rows add to."""
        times = (TIMES[count] for count in self.counts if count in TIMES)
        return (*(count.value for count in self.counts), *times)

    def sums(self, as_of: int | None) -> tuple[str, ...]:
        """An aggregate for each of `fields`; 0 where nothing counts."""
        made = []
        for count in self.counts:
            made.append(f"count(*) FILTER (WHERE {holds(SELECTIONS[count], as_of)})")
        for count in self.counts:
            if count in TIMES:
                condition = holds(SELECTIONS[count], as_of)
                made.append(f"coalesce(sum(time_to_close) FILTER (WHERE {condition}), 0)")
        return tuple(made)


def _placements() -> tuple[Placement, ...]:
    found: dict[tuple[Subject, str], list[Count]] = {}
    for selection in SELECTIONS.values():
        if selection.count.value in SUMMED:
            found.setdefault((selection.subject, selection.week_by), []).append(selection.count)
    return tuple(Placement(subject, column, tuple(counts)) for (subject, column), counts in found.items())


PLACEMENTS: Final = _placements()


@dataclass(frozen=True, slots=True)
class Grouping:
    """Rows of a count by the value of a column: what a report needs besides sums. `code` names it in the table."""

    code: int
    count: Count
    value: str

    @property
    def table(self) -> str:
        return TABLES[SELECTIONS[self.count].subject]

    @property
    def column(self) -> str:
        """The time by which the rows stand in a day."""
        return SELECTIONS[self.count].week_by

    def holds(self, as_of: int | None) -> str:
        """The conditions of the count."""
        return holds(SELECTIONS[self.count], as_of)


REASONS: Final = Grouping(1, Count.PASSED_ON, "reason_id")
REPS: Final = Grouping(2, Count.REP_CLOSED, "rep_id")
CLOSE_TIMES: Final = Grouping(3, Count.CLOSED, "time_bin")
PASSED_ON_TIMES: Final = Grouping(4, Count.PASSED_ON_CLOSED, "time_bin")
GROUPINGS: Final = (REASONS, REPS, CLOSE_TIMES, PASSED_ON_TIMES)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def micros(at: datetime) -> int:
    """An instant as the tables keep it."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def instant(at: int) -> datetime:
    """The inverse of `micros`."""
    return _EPOCH + timedelta(microseconds=at)


HOUR: Final = 3_600_000_000  # microseconds
_YEAR_ONE = 62_135_596_800_000_000  # microseconds from 0001-01-01, a midnight, to 1970: no bucket is negative


def hour_of(column: str) -> str:
    """SQL: the hour in which a time lies."""
    return f"({column} + {_YEAR_ONE}) / {HOUR}"


def hour_at(time: int) -> int:
    """The hour in which a time lies."""
    return (time + _YEAR_ONE) // HOUR


def hour_start(hour: int) -> int:
    """The first microsecond of an hour."""
    return hour * HOUR - _YEAR_ONE


SUM_SPANS: Final = (1, 24)
GROUP_SPANS: Final = (24, 24 * 32)
"""Hours of the buckets: short ones for the ends of a stretch, long ones for what lies between."""


@dataclass(frozen=True, slots=True)
class Pieces:
    """A stretch of time cut into full buckets and what is left: what kept numbers answer, and what rows must.

    buckets: (span in hours, first bucket, first bucket after); edges: (first microsecond, first after).
    whole: the hours of the buckets, as (first, first after).
    """

    buckets: tuple[tuple[int, int, int], ...]
    edges: tuple[tuple[int, int], ...]
    whole: tuple[int, int]

    @classmethod
    def of(cls, start: int, end: int, spans: tuple[int, int]) -> Pieces:
        """start <= t < end, in microseconds; `spans` are SUM_SPANS or GROUP_SPANS."""
        short, long = spans
        first, last = hour_at(start - 1) // short + 1, hour_at(end) // short  # of short buckets
        if first >= last:
            return cls((), ((start, end),) if start < end else (), (0, 0))
        edges = ((start, hour_start(first * short)), (hour_start(last * short), end))
        ratio = long // short
        first_long, last_long = -(-first // ratio), last // ratio
        buckets: tuple[tuple[int, int, int], ...] = ((short, first, last),)
        if first_long < last_long:
            buckets = (
                (short, first, first_long * ratio),
                (long, first_long, last_long),
                (short, last_long * ratio, last),
            )
        return cls(
            tuple(bucket for bucket in buckets if bucket[1] < bucket[2]),
            tuple(edge for edge in edges if edge[0] < edge[1]),
            (first * short, last * short),
        )
