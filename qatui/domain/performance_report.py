"""The performance report: counts by week and channel put together, with everything that needs more than sums."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from qatui.domain.conversation import NO_TEAM, UNKNOWN_REP
from qatui.domain.outcome import Episode, Exclusion, History
from qatui.domain.performance import IMPACT, METRICS, MetricExplanation, MetricId, explain
from qatui.domain.performance_counts import Count, Counts, Row, Subject, counts_of_row
from qatui.domain.rep_close import RepClose
from qatui.domain.weeks import Period, Week, weeks_through

CUSTOMER_AGENT_NAME = "Customer agent"
Channel = str | None  # None: the import names no channel


@dataclass(frozen=True, slots=True, kw_only=True)
class RepClosed:
    """One rep's closed tickets in the period; `key` is `source/id` of the rep, None where the source names nobody."""

    key: str | None
    name: str
    team: str
    closed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PerformanceFacts:
    """What a report is made from, as known at one `as_of`, of the channels asked for.

    cells: counts by the week and channel they stand in, within the period; cells of zeros may be missing.
    this_week, week_before: the week of `as_of` and the one before it, whatever the period.
    close_median, passed_on_median: seconds, over the episodes of CLOSED and PASSED_ON_CLOSED in the period.
    handoff_reasons: how often each reason stands behind PASSED_ON in the period. reps: REP_CLOSED by rep.
    excluded: conversations that take no part; those of unknown time are in every period.
    agent_channels: where the customer agent is assigned.
    """

    cells: Mapping[tuple[Week, Channel], Counts]
    this_week: Counts
    week_before: Counts
    close_median: float | None
    passed_on_median: float | None
    handoff_reasons: Mapping[str | None, int]
    reps: Sequence[RepClosed]
    excluded: Mapping[Exclusion, int]
    agent_channels: frozenset[Channel]


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekFigures:
    """One week's counts. partial: it is not over at `as_of`, or the period cuts it."""

    week: Week
    partial: bool
    counts: Counts

    @property
    def provisional(self) -> bool:
        """Whether episodes of this week are still pending, so that its rates will change."""
        return self.counts.pending > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelFigures:
    """One channel's counts over the period. agent: the customer agent is assigned to it."""

    channel: Channel
    agent: bool
    counts: Counts


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamMember:
    """The customer agent with its resolved episodes, or a rep with their closed tickets: not the same achievement.

    key: `source/id` of the rep, None of the customer agent and of replies that the source ascribes to nobody.
    """

    name: str
    team: str | None
    resolved: int
    customer_agent: bool = False
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PerformanceReport:
    """What the Performance screen and `report performance` show. Weeks are without holes, oldest first."""

    as_of: datetime
    zone: ZoneInfo
    period: Period
    totals: Counts
    weeks: tuple[WeekFigures, ...]
    channels: tuple[ChannelFigures, ...]
    this_week: WeekFigures
    week_before: WeekFigures
    close_median: float | None
    passed_on_median: float | None
    handoff_reasons: tuple[tuple[str | None, int], ...]
    team: tuple[TeamMember, ...]
    excluded: Mapping[Exclusion, int]
    agent_channels: frozenset[Channel]

    def value(self, metric: MetricId) -> float | None:
        """One figure over the whole period, medians included."""
        return METRICS[metric].value(self.totals, self._median(metric))

    def explain(self, metric: MetricId) -> MetricExplanation:
        """One figure over the whole period with its formula, its numbers and all that was left out."""
        return explain(metric, self.totals, median=self._median(metric), excluded=self.excluded)

    def _median(self, metric: MetricId) -> float | None:
        return {MetricId.RESOLUTION_MEDIAN: self.close_median, MetricId.HANDOFF_MEDIAN: self.passed_on_median}.get(
            metric
        )


def performance_report(
    facts: PerformanceFacts, *, as_of: datetime, zone: ZoneInfo, period: Period
) -> PerformanceReport:
    """Put counts together: totals, weeks from the start of the period (or the first count) to `as_of`, channels."""
    by_week: dict[Week, Counts] = defaultdict(Counts)
    by_channel: dict[Channel, Counts] = defaultdict(Counts)
    for (week, channel), counts in facts.cells.items():
        by_week[week] += counts
        by_channel[channel] += counts
    current = Week.of(as_of, zone)

    def figures(week: Week, counts: Counts) -> WeekFigures:
        start, end = week.start(zone), week.end(zone)
        cut = (period.since is not None and period.since > start) or (period.until is not None and period.until < end)
        return WeekFigures(week=week, partial=end > as_of or cut, counts=counts)

    nothing = Counts()
    channels = [
        ChannelFigures(channel=channel, agent=channel in facts.agent_channels, counts=counts)
        for channel, counts in by_channel.items()
    ]
    reps = sorted(facts.reps, key=lambda rep: (-rep.closed, rep.name, rep.key or ""))
    totals = sum(by_week.values(), nothing)
    return PerformanceReport(
        as_of=as_of,
        zone=zone,
        period=period,
        totals=totals,
        weeks=tuple(figures(week, by_week.get(week, nothing)) for week in _series(by_week, as_of, zone, period)),
        channels=tuple(sorted(channels, key=lambda row: (-row.counts.handled, row.channel is None, row.channel or ""))),
        this_week=WeekFigures(week=current, partial=True, counts=facts.this_week),
        week_before=WeekFigures(week=current.before, partial=False, counts=facts.week_before),
        close_median=facts.close_median,
        passed_on_median=facts.passed_on_median,
        handoff_reasons=tuple(sorted(facts.handoff_reasons.items(), key=lambda item: (-item[1], item[0] or ""))),
        team=(
            TeamMember(name=CUSTOMER_AGENT_NAME, team=None, resolved=totals.resolved, customer_agent=True),
            *(TeamMember(name=rep.name, team=rep.team, resolved=rep.closed, key=rep.key) for rep in reps),
        ),
        excluded=facts.excluded,
        agent_channels=facts.agent_channels,
    )


def _series(counted: Collection[Week], as_of: datetime, zone: ZoneInfo, period: Period) -> tuple[Week, ...]:
    if period.since is None and not counted:
        return ()
    first = min(counted) if period.since is None else Week.of(period.since, zone)
    last = as_of
    if period.until is not None and period.until <= as_of:
        last = period.until - timedelta.resolution
    return weeks_through(first, Week.of(last, zone))


def median_seconds(times: Iterable[timedelta]) -> float | None:
    """The middle of some times, the mean of the two middle ones where their number is even; None without any."""
    microseconds = [time // timedelta.resolution for time in times]
    return statistics.median(microseconds) / 1e6 if microseconds else None


def performance_facts(
    histories: Iterable[History],
    *,
    as_of: datetime,
    zone: ZoneInfo,
    period: Period,
    channels: Collection[Channel] | None = None,
    agent_channels: Collection[Channel] | None = None,
) -> PerformanceFacts:
    """The facts of a report straight from the rows: what the store's sums must be equal to.

    channels: only conversations on these; None: all. agent_channels: where the customer agent is assigned;
    None: wherever it ever responded.
    """
    histories = list(histories)
    if agent_channels is None:
        agent_channels = responded_channels(histories, as_of)
    current = Week.of(as_of, zone)
    cells: dict[tuple[Week, Channel], Counts] = defaultdict(Counts)
    recent: dict[Week, Counts] = defaultdict(Counts)
    times: dict[Count, list[timedelta]] = {Count.CLOSED: [], Count.PASSED_ON_CLOSED: []}
    reasons: Counter[str | None] = Counter()
    reps: dict[str | None, RepClosed] = {}
    excluded: Counter[Exclusion] = Counter()
    for history in histories:
        if channels is not None and history.channel not in channels:
            continue
        at = history.placed_at
        if history.excluded is not None and (at is None or (at <= as_of and at in period)):
            excluded[history.excluded] += 1
        agent = history.channel in agent_channels
        for subject, row in _rows(history):
            for column, counts in counts_of_row(subject, row, as_of, agent_channel=agent).items():
                stands_at: datetime = getattr(row, column)
                week = Week.of(stands_at, zone)
                if week in (current, current.before):
                    recent[week] += counts
                if stands_at not in period:
                    continue
                cells[week, history.channel] += counts
                if isinstance(row, Episode):
                    for count, found in times.items():
                        if counts.of(count) and row.time_to_close is not None:
                            found.append(row.time_to_close)
                    reasons[row.handoff_reason] += counts.passed_on
                elif isinstance(row, RepClose):
                    _credit(reps, history.source, row)
    return PerformanceFacts(
        cells=dict(cells),
        this_week=recent[current],
        week_before=recent[current.before],
        close_median=median_seconds(times[Count.CLOSED]),
        passed_on_median=median_seconds(times[Count.PASSED_ON_CLOSED]),
        handoff_reasons=+reasons,
        reps=tuple(reps.values()),
        excluded=dict(excluded),
        agent_channels=frozenset(agent_channels),
    )


def responded_channels(histories: Iterable[History], as_of: datetime) -> frozenset[Channel]:
    """The channels on which the customer agent ever responded: where it counts as assigned unless settings say more."""
    return frozenset(
        episode.channel
        for history in histories
        for episode in history.episodes
        if episode.first_response_at is not None and episode.first_response_at <= as_of
    )


def _rows(history: History) -> Iterable[tuple[Subject, Row]]:
    yield from ((Subject.EPISODE, row) for row in history.episodes)
    yield from ((Subject.FEEDBACK, row) for row in history.feedback)
    yield from ((Subject.LATE_HANDOFF, row) for row in history.late_handoffs)
    yield from ((Subject.REP_CLOSE, row) for row in history.closes)


def _credit(reps: dict[str | None, RepClosed], source: str, row: RepClose) -> None:
    key = f"{source}/{row.rep.id}" if row.rep else None
    before = reps[key].closed if key in reps else 0
    reps[key] = RepClosed(
        key=key,
        name=row.rep.name if row.rep else UNKNOWN_REP,
        team=(row.rep.team if row.rep else None) or NO_TEAM,
        closed=before + 1,
    )


_RATES = (
    MetricId.HANDLE_RATE,
    MetricId.RESOLUTION_RATE,
    MetricId.DEFLECTION_RATE,
    MetricId.HANDOFF_RATE,
    MetricId.HELPFUL_RATE,
)
_BESIDE = (Count.DEFLECTED_UNRESOLVED, Count.HANDLED_INBOUND, Count.HELPFUL, Count.UNHELPFUL, Count.RATED_NEUTRAL)


def counts_json(counts: Counts) -> dict[str, Any]:
    """The block W of `report performance`: whole counts; rates 0..1, or None where there is nothing to divide by."""
    return {
        "inbound": counts.inbound,
        "handled": counts.handled,
        "settled": counts.settled,
        "pending": counts.pending,
        "resolved": counts.resolved,
        "resolved_unverified": counts.resolved_unverified,
        "deflected": counts.deflected,
        "handed_off": counts.handed_off,
        "human_joined": counts.human_joined,
        "late_handoffs": counts.late_handoffs,
        **{rate.value: METRICS[rate].value(counts) for rate in _RATES},
        **{count.value: counts.of(count) for count in _BESIDE},  # with these, every rate can be checked
    }


def report_json(report: PerformanceReport) -> dict[str, Any]:
    """The report as `report performance --format json` prints it; the keys are a contract, more may be added."""
    totals = report.totals
    return {
        "as_of": report.as_of.isoformat().replace("+00:00", "Z"),
        "timezone": report.zone.key,
        "totals": counts_json(totals),
        "weeks": [_week_json(row) for row in report.weeks],
        "channels": [
            {"channel": row.channel, "customer_agent": row.agent, **counts_json(row.counts)} for row in report.channels
        ],
        "impact": {"this_week": _impact_json(report.this_week), "week_before": _impact_json(report.week_before)},
        "handoff": {
            "share": report.value(MetricId.HANDOFF_SHARE),
            "mean_seconds": report.value(MetricId.HANDOFF_MEAN),
            "median_seconds": report.value(MetricId.HANDOFF_MEDIAN),
            "n": totals.passed_on_closed,
            "handed_off": totals.passed_on,
            "reasons": [{"reason": reason, "handed_off": number} for reason, number in report.handoff_reasons],
        },
        "resolution_time": {
            "mean_seconds": report.value(MetricId.RESOLUTION_MEAN),
            "median_seconds": report.value(MetricId.RESOLUTION_MEDIAN),
            "n": totals.closed,
        },
        "team": [
            {
                "name": member.name,
                "resolved": member.resolved,
                "team": member.team,
                "customer_agent": member.customer_agent,
                "rep": member.key,
            }
            for member in report.team
        ],
        "feedback": [
            {
                "week": row.week.label,
                "positive": row.counts.feedback_positive,
                "negative": row.counts.feedback_negative,
                "neutral": row.counts.feedback_neutral,
            }
            for row in report.weeks
        ],
        "excluded": {why.value: report.excluded.get(why, 0) for why in Exclusion},
    }


def _week_json(row: WeekFigures) -> dict[str, Any]:
    return {
        "week": row.week.label,
        "start": row.week.monday.isoformat(),
        "partial": row.partial,
        "provisional": row.provisional,
        **counts_json(row.counts),
    }


def _impact_json(row: WeekFigures) -> dict[str, Any]:
    """The figures of IMPACT for one week, with the numbers they rest on."""
    return {
        "week": row.week.label,
        "start": row.week.monday.isoformat(),
        "partial": row.partial,
        "provisional": row.provisional,
        **{metric.value: METRICS[metric].value(row.counts) for metric in IMPACT},
        "resolution_time_n": row.counts.closed,
        "settled": row.counts.settled,
        "pending": row.counts.pending,
        "deflected": row.counts.deflected,
        "helpful_n": row.counts.rated,
    }
