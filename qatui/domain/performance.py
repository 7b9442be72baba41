"""Every figure about the customer agent: how counts become a figure, and the words that explain it.

Counts are sums of rows (`performance_counts`), so a metric over any weeks and channels is computed from added counts;
only medians need the rows themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from qatui.domain.outcome import Exclusion
from qatui.domain.performance_counts import SELECTIONS, Count, Counts


class Unit(StrEnum):
    """What a figure is measured in."""

    COUNT = "count"  # a whole number
    SHARE = "share"  # 0 to 1
    SECONDS = "seconds"


class Kind(StrEnum):
    """How counts become a figure."""

    COUNT = "count"  # the numerator itself
    RATE = "rate"  # numerator ÷ denominator
    MEAN = "mean"  # sum of times ÷ numerator; the denominator is whom it could have covered
    MEDIAN = "median"  # the middle time of the numerator's episodes, from the rows


class MetricId(StrEnum):
    """Stable names of the figures."""

    HANDLED = "handled"
    HANDLE_RATE = "handle_rate"
    RESOLUTION_RATE = "resolution_rate"
    DEFLECTION_RATE = "deflection_rate"
    HANDOFF_RATE = "handoff_rate"
    RESOLVED = "resolved"
    RESOLVED_UNVERIFIED = "resolved_unverified"
    DEFLECTED = "deflected"
    DEFLECTED_UNRESOLVED = "deflected_unresolved"
    HANDED_OFF = "handed_off"
    HUMAN_JOINED = "human_joined"
    PENDING = "pending"
    LATE_HANDOFFS = "late_handoffs"
    RESOLUTION_MEAN = "resolution_time_mean"
    RESOLUTION_MEDIAN = "resolution_time_median"
    HANDOFF_SHARE = "handoff_share"
    HANDOFF_MEAN = "handoff_time_mean"
    HANDOFF_MEDIAN = "handoff_time_median"
    TEAM = "team"
    REP_CLOSED = "rep_closed"
    FEEDBACK_POSITIVE = "feedback_positive"
    FEEDBACK_NEGATIVE = "feedback_negative"
    FEEDBACK_NEUTRAL = "feedback_neutral"
    HELPFUL_RATE = "helpful_rate"


@dataclass(frozen=True, slots=True)
class Metric:
    """One figure: its formula in words, and the counts it is made of, each of which can be opened.

    left_out: counts that belong beside the figure because they are in neither side. time: the sum behind a mean.
    """

    id: MetricId
    title: str
    formula: str
    kind: Kind
    numerator: Count
    denominator: Count | None = None
    left_out: tuple[Count, ...] = ()
    time: str | None = None

    @property
    def unit(self) -> Unit:
        return {Kind.COUNT: Unit.COUNT, Kind.RATE: Unit.SHARE}.get(self.kind, Unit.SECONDS)

    def value(self, counts: Counts, median: float | None = None) -> float | None:
        """The figure: a whole number, a share 0..1 or seconds; None where there is nothing to divide by.

        A median cannot come from sums: it is handed in as `median` and given back.
        """
        part = counts.of(self.numerator)
        match self.kind:
            case Kind.COUNT:
                return part
            case Kind.RATE:
                whole = counts.of(self.denominator) if self.denominator else 0
                return part / whole if whole else None
            case Kind.MEAN:
                total: timedelta = getattr(counts, self.time or "")
                return total.total_seconds() / part if part else None
            case Kind.MEDIAN:
                return median if part else None


def _rate(id: MetricId, title: str, formula: str, part: Count, whole: Count, *left_out: Count) -> Metric:
    return Metric(id, title, formula, Kind.RATE, part, whole, left_out)


def _count(id: MetricId, title: str, formula: str, count: Count, *left_out: Count) -> Metric:
    return Metric(id, title, formula, Kind.COUNT, count, None, left_out)


_UNTIL_SETTLED = "72 hours after the customer agent's last response"

METRICS: dict[MetricId, Metric] = {
    metric.id: metric
    for metric in (
        _count(
            MetricId.HANDLED,
            "Conversations handled",
            "episodes with a public response of the customer agent, or with a handoff while it was assigned; "
            "by the week in which the episode began",
            Count.HANDLED,
        ),
        _rate(
            MetricId.HANDLE_RATE,
            "Handle rate",
            "handled episodes ÷ all episodes, on the channels the customer agent is assigned to; "
            "spam and outbound conversations are in neither",
            Count.HANDLED_INBOUND,
            Count.INBOUND,
            Count.ELSEWHERE,
        ),
        _rate(
            MetricId.RESOLUTION_RATE,
            "Resolution rate",
            "resolved ÷ settled handled episodes",
            Count.RESOLVED,
            Count.SETTLED,
            Count.PENDING,
        ),
        _rate(
            MetricId.DEFLECTION_RATE,
            "Deflection rate",
            "deflected ÷ settled handled episodes; deflected are the resolved ones and those that "
            "ended without a human but missed a criterion of a resolution",
            Count.DEFLECTED,
            Count.SETTLED,
            Count.PENDING,
        ),
        _rate(
            MetricId.HANDOFF_RATE,
            "Human handoff rate",
            "handed off before settling ÷ settled handled episodes",
            Count.HANDED_OFF,
            Count.SETTLED,
            Count.PENDING,
            Count.LATE_HANDOFFS,
        ),
        _count(
            MetricId.RESOLVED,
            "Resolved",
            f"episodes that settled ({_UNTIL_SETTLED}) with no handoff and no rep, a source or an action in some "
            "response, no request for a human, and no negative last feedback on the last response",
            Count.RESOLVED,
            Count.PENDING,
        ),
        _count(
            MetricId.RESOLVED_UNVERIFIED,
            "Resolved, unverified",
            "resolved episodes of conversations whose import says nothing at all about sources and actions",
            Count.RESOLVED_UNVERIFIED,
            Count.PENDING,
        ),
        _count(
            MetricId.DEFLECTED,
            "Deflected",
            f"episodes that settled ({_UNTIL_SETTLED}) with no handoff and no rep, resolved or not",
            Count.DEFLECTED,
            Count.PENDING,
        ),
        _count(
            MetricId.DEFLECTED_UNRESOLVED,
            "Deflected, unresolved",
            "episodes that settled with no handoff and no rep, and missed a criterion of a resolution",
            Count.DEFLECTED_UNRESOLVED,
            Count.PENDING,
        ),
        _count(
            MetricId.HANDED_OFF,
            "Handed off",
            "settled handled episodes with a handoff before settling; the first handoff of an episode counts",
            Count.HANDED_OFF,
            Count.PENDING,
            Count.LATE_HANDOFFS,
        ),
        _count(
            MetricId.HUMAN_JOINED,
            "Human joined",
            "settled handled episodes without a handoff in which a rep wrote to the customer before settling",
            Count.HUMAN_JOINED,
            Count.PENDING,
        ),
        _count(
            MetricId.PENDING,
            "Pending",
            f"handled episodes that have not settled yet ({_UNTIL_SETTLED})",
            Count.PENDING,
        ),
        _count(
            MetricId.LATE_HANDOFFS,
            "Late handoffs",
            "handoffs after the episode settled, by the week of the handoff; they are part of no rate",
            Count.LATE_HANDOFFS,
        ),
        Metric(
            MetricId.RESOLUTION_MEAN,
            "Average resolution time",
            "mean time from the first assignment to the customer agent, or its first response, to the first close; "
            "handled episodes that were closed",
            Kind.MEAN,
            Count.CLOSED,
            Count.HANDLED,
            (Count.NOT_CLOSED,),
            "closed_time",
        ),
        Metric(
            MetricId.RESOLUTION_MEDIAN,
            "Median resolution time",
            "middle time from the first assignment to the customer agent, or its first response, to the first close; "
            "handled episodes that were closed",
            Kind.MEDIAN,
            Count.CLOSED,
            Count.HANDLED,
            (Count.NOT_CLOSED,),
        ),
        _rate(
            MetricId.HANDOFF_SHARE,
            "Share handed off",
            "handled episodes handed off so far ÷ handled episodes, pending ones in both",
            Count.PASSED_ON,
            Count.HANDLED,
            Count.LATE_HANDOFFS,
        ),
        Metric(
            MetricId.HANDOFF_MEAN,
            "Average time to close after a handoff",
            "mean time from assignment to the customer agent to the first close; "
            "handled episodes that were handed off and closed",
            Kind.MEAN,
            Count.PASSED_ON_CLOSED,
            Count.PASSED_ON,
            (Count.PASSED_ON_OPEN,),
            "passed_on_time",
        ),
        Metric(
            MetricId.HANDOFF_MEDIAN,
            "Median time to close after a handoff",
            "middle time from assignment to the customer agent to the first close; "
            "handled episodes that were handed off and closed",
            Kind.MEDIAN,
            Count.PASSED_ON_CLOSED,
            Count.PASSED_ON,
            (Count.PASSED_ON_OPEN,),
        ),
        _count(
            MetricId.TEAM,
            "Customer agent on your team",
            "episodes resolved by the customer agent, beside the closed tickets of each responding rep; "
            "tickets of reps do not pass the 72 hour test, so the two are not the same achievement",
            Count.RESOLVED,
            Count.PENDING,
        ),
        _count(
            MetricId.REP_CLOSED,
            "Closed by reps",
            "closed tickets by responding rep and by date of the latest close; without the 72 hour test",
            Count.REP_CLOSED,
        ),
        _count(
            MetricId.FEEDBACK_POSITIVE,
            "Positive feedback",
            "positive feedback of visitors, by the week in which it was given",
            Count.FEEDBACK_POSITIVE,
        ),
        _count(
            MetricId.FEEDBACK_NEGATIVE,
            "Negative feedback",
            "negative feedback of visitors, by the week in which it was given",
            Count.FEEDBACK_NEGATIVE,
        ),
        _count(
            MetricId.FEEDBACK_NEUTRAL,
            "Neutral feedback",
            "neutral feedback of visitors, by the week in which it was given",
            Count.FEEDBACK_NEUTRAL,
        ),
        _rate(
            MetricId.HELPFUL_RATE,
            "Helpful",
            "positive ÷ (positive + negative), the last feedback of each episode",
            Count.HELPFUL,
            Count.RATED,
            Count.RATED_NEUTRAL,
        ),
    )
}

IMPACT = (
    MetricId.RESOLVED,
    MetricId.HANDLED,
    MetricId.RESOLUTION_MEAN,
    MetricId.DEFLECTION_RATE,
    MetricId.HELPFUL_RATE,
)


@dataclass(frozen=True, slots=True)
class Part:
    """One count of an explanation: its number in words; `count` opens the rows behind it, None where there are none."""

    words: str
    number: int
    count: Count | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricExplanation:
    """A figure with its own numbers: what a popover beside it shows.

    value: as of Metric.value; working: the formula with the numbers filled in; provisional: pending episodes will
    enter it when they settle.
    """

    metric: Metric
    value: float | None
    working: str
    numerator: Part
    denominator: Part | None
    left_out: tuple[Part, ...]
    provisional: bool


_EXCLUDED_WORDS = {
    Exclusion.SPAM: "conversations marked as spam",
    Exclusion.OUTBOUND: "outbound conversations",
    Exclusion.NO_TIMES: "conversations with messages that have no time",
}


def explain(
    metric: MetricId, counts: Counts, *, median: float | None = None, excluded: Mapping[Exclusion, int] | None = None
) -> MetricExplanation:
    """A metric with the numbers of `counts` filled in.

    median: seconds, for the metrics of that kind. excluded: conversations that take no part at all; those with a
    number above 0 are listed among what was left out.
    """
    definition = METRICS[metric]
    left_out = [Part(SELECTIONS[count].words, counts.of(count), count) for count in definition.left_out]
    left_out += [Part(_EXCLUDED_WORDS[why], number) for why, number in (excluded or {}).items() if number]
    value = definition.value(counts, median)
    return MetricExplanation(
        metric=definition,
        value=value,
        working=_working(definition, counts, value),
        numerator=_part(definition.numerator, counts),
        denominator=_part(definition.denominator, counts) if definition.denominator else None,
        left_out=tuple(left_out),
        provisional=Count.PENDING in definition.left_out and counts.pending > 0,
    )


def _part(count: Count, counts: Counts) -> Part:
    return Part(SELECTIONS[count].words, counts.of(count), count)


def _working(metric: Metric, counts: Counts, value: float | None) -> str:
    part = counts.of(metric.numerator)
    shown = in_words(metric.unit, value)
    match metric.kind:
        case Kind.COUNT:
            return shown
        case Kind.RATE:
            whole = counts.of(metric.denominator) if metric.denominator else 0
            return f"{part:,} ÷ {whole:,} = {shown}"
        case Kind.MEAN:
            total: timedelta = getattr(counts, metric.time or "")
            return f"{in_words(Unit.SECONDS, total.total_seconds())} ÷ {part:,} = {shown}"
        case Kind.MEDIAN:
            return f"middle of {part:,} = {shown}"


def in_words(unit: Unit, value: float | None) -> str:
    """A figure as it reads: '1,234', '71.3 %', '3 h 12 m'; '—' where there is none."""
    if value is None:
        return "—"
    match unit:
        case Unit.COUNT:
            return f"{round(value):,}"
        case Unit.SHARE:
            return f"{value * 100:.1f} %"
        case Unit.SECONDS:
            return duration_words(value)


def duration_words(seconds: float) -> str:
    """The two largest units of a time: '2 d 4 h', '3 h 12 m', '5 m 3 s', '12 s'; rounded to seconds first."""
    whole = round(seconds)
    parts = ((whole // 86400, "d"), (whole // 3600 % 24, "h"), (whole // 60 % 60, "m"), (whole % 60, "s"))
    first = next((number for number, (size, _) in enumerate(parts) if size), len(parts) - 1)
    return " ".join(f"{size:,} {unit}" for size, unit in parts[first : first + 2] if size or unit == parts[first][1])
