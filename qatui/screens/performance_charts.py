"""The charts of the Performance screen: by week, by channel, by reason, by rep; each number explained and openable."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from qatui.domain.performance import METRICS, MetricId, Unit, explain, in_words
from qatui.domain.performance_behind import Behind
from qatui.domain.performance_counts import Count, Counts
from qatui.domain.performance_report import Channel, PerformanceReport, WeekFigures
from qatui.domain.weeks import Week
from qatui.screens.performance_explained import OTHER, Explained, Figure, Line, explained, of_metric, unit, value
from qatui.text import one_line
from qatui.widgets.figures import Chart, Item, Series, Shape
from qatui.widgets.words import clock, day

GOOD, BAD, WARN, PLAIN, FAINT = "$success", "$error", "$warning", "$primary", "$foreground-muted"
REPS_CAVEAT = "Not alike: tickets of reps do not pass the 72 hour test."

Numbers = tuple[tuple[str, Figure, str], ...]
"""Title, figure and colour of each series."""

_FEEDBACK: Numbers = (
    ("positive", MetricId.FEEDBACK_POSITIVE, GOOD),
    ("negative", MetricId.FEEDBACK_NEGATIVE, BAD),
    ("neutral", MetricId.FEEDBACK_NEUTRAL, FAINT),
)


@dataclass(frozen=True, slots=True)
class Panel:
    """A chart, and the explanation of each of its numbers by item and series."""

    chart: Chart
    explain: Callable[[int, int], Explained]


class Charts:
    """Makes the charts of one report."""

    def __init__(self, report: PerformanceReport) -> None:
        self.report = report
        self._zone = report.zone

    def weekly(
        self, key: str, title: str, shape: Shape, numbers: Numbers, *, rest: Series | None = None, nothing: str = ""
    ) -> Panel:
        """A number by week. rest: what the parts of a stack leave of it; nothing: what is said where all are 0."""
        weeks = self.report.weeks
        items = tuple(self._week_item(row, numbers) for row in weeks)
        if not any(any(item.values) for item in items):
            return self._nothing(key, title, shape, numbers, nothing or "Nothing of this in the period.")
        chart = Chart(key=key, title=title, shape=shape, series=_series(numbers), items=items, rest=rest)

        def explain_week(item: int, series: int) -> Explained:
            row = weeks[item]
            where = Behind(count=Count.HANDLED, week=row.week)
            return self._marked(explained(numbers[series][1], row.counts, self._place(row), where), row)

        return Panel(chart, explain_week)

    def feedback(self) -> Panel:
        """Feedback by the week in which it was given; its whole is the sum of the three."""
        weeks = self.report.weeks
        items = []
        for row in weeks:
            parts = [value(figure, row.counts) or 0 for _, figure, _ in _FEEDBACK]
            items.append(replace(self._week_item(row, _FEEDBACK), values=(sum(parts), *parts)))
        title = "feedback by week"
        if not any(item.values[0] for item in items):
            sentence = "No feedback in this period; an import brings it as events of the type feedback."
            return self._nothing("feedback", title, Shape.STACKED, _FEEDBACK, sentence)
        series = (Series("all feedback"), *_series(_FEEDBACK))
        chart = Chart(key="feedback", title=title, shape=Shape.STACKED, series=series, items=(*items,))

        def explain_week(item: int, number: int) -> Explained:
            row = weeks[item]
            where = Behind(count=Count.FEEDBACK_POSITIVE, week=row.week)
            if number:
                return explained(_FEEDBACK[number - 1][1], row.counts, self._place(row), where)
            parts = [explained(figure, row.counts, "", where) for _, figure, _ in _FEEDBACK]
            working = " + ".join(part.working for part in parts) + f" = {items[item].values[0]:,}"
            return Explained(
                title="Feedback",
                place=self._place(row),
                formula="feedback of visitors, by the week in which it was given",
                working=working,
                lines=tuple(part.lines[0] for part in parts),
                opens=None,
            )

        return Panel(chart, explain_week)

    def by_channel(self, key: str, title: str, numbers: Numbers) -> Panel:
        """Numbers by channel, the one with the most handled first."""
        rows = [row for row in self.report.channels if row.counts.episodes or row.counts.handled]
        items = tuple(
            Item(
                label=channel_words(row.channel),
                name=channel_words(row.channel),
                values=tuple(value(figure, row.counts) for _, figure, _ in numbers),
            )
            for row in rows
        )
        if not items:
            return self._nothing(key, title, Shape.BARS, numbers, "No conversation in this period.")
        chart = Chart(key=key, title=title, shape=Shape.BARS, series=_series(numbers), items=items)

        def explain_channel(item: int, series: int) -> Explained:
            row = rows[item]
            where = Behind(count=Count.HANDLED, channel=row.channel)
            place = f"{channel_words(row.channel)}, {self.period_words()}"
            made = explained(numbers[series][1], row.counts, place, where)
            if row.agent:
                return made
            return replace(made, remarks=(*made.remarks, "The customer agent is not assigned to this channel."))

        return Panel(chart, explain_channel)

    def team(self) -> Panel:
        """The customer agent beside the reps, and why the two do not compare."""
        team = self.report.team
        items = tuple(
            Item(label=member.name, name=f"{member.name}, {member.team}" if member.team else member.name,
                 values=(member.resolved,))
            for member in team
        )  # fmt: skip
        chart = Chart(
            key="team",
            title="customer agent beside your team",
            shape=Shape.BARS,
            series=(Series("resolved / closed"),),
            items=items,
            remark=REPS_CAVEAT,
        )

        def explain_member(item: int, _series: int) -> Explained:
            member = team[item]
            if member.customer_agent:
                return of_metric(self.report.explain(MetricId.TEAM), self.period_words(), Behind(count=Count.RESOLVED))
            counts = Counts(rep_closed=member.resolved)
            where = Behind(count=Count.REP_CLOSED, rep=member.key)
            place = f"{one_line(items[item].name)}, {self.period_words()}"
            return of_metric(explain(MetricId.REP_CLOSED, counts), place, where)

        return Panel(chart, explain_member)

    def reasons(self) -> Panel:
        """Handoffs by reason, pending episodes included, with their share."""
        reasons = self.report.handoff_reasons
        total = self.report.totals.passed_on
        series = (Series("handed off", look=WARN), Series("share", Unit.SHARE))
        items = tuple(
            Item(label=reason_words(reason), name=reason_words(reason), values=(number, number / total))
            for reason, number in reasons
        )
        title = "reasons of handoffs"
        if not items:
            sentence = "No episode was handed off in this period."
            return Panel(
                Chart(key="reasons", title=title, shape=Shape.BARS, series=series, items=(), remark=sentence), _none
            )
        chart = Chart(key="reasons", title=title, shape=Shape.BARS, series=series, items=items)

        def explain_reason(item: int, number: int) -> Explained:
            reason, count = reasons[item]
            line = Line(
                role="numerator" if number else "",
                words=f"handed off so far, reason: {reason_words(reason)}",
                number=count,
                behind=Behind(count=Count.PASSED_ON, reason=reason),
            )
            whole = Line(
                role="denominator",
                words="handled episodes handed off so far",
                number=total,
                behind=Behind(count=Count.PASSED_ON),
            )
            return Explained(
                title=f"Handed off: {reason_words(reason)}",
                place=self.period_words(),
                formula="handled episodes handed off so far, by the reason that their first handoff names; "
                "pending ones and those that settled, late handoffs in neither",
                working=f"{count:,} ÷ {total:,} = {in_words(Unit.SHARE, count / total)}" if number else f"{count:,}",
                lines=(line, whole) if number else (line,),
            )

        return Panel(chart, explain_reason)

    def _nothing(self, key: str, title: str, shape: Shape, numbers: Numbers, sentence: str) -> Panel:
        return Panel(
            Chart(key=key, title=title, shape=shape, series=_series(numbers), items=(), remark=sentence), _none
        )

    # Words -----------------------------------------------------------------------------------------

    def _week_item(self, row: WeekFigures, numbers: Numbers) -> Item:
        settling = any(_changes(figure) for _, figure, _ in numbers)
        short = self.short(row.week)
        if len(self.report.weeks) > 53:
            short += f" {row.week.monday:%y}"
        return Item(
            label=short,
            name=f"week of {self.day_of(row.week)}",
            values=tuple(value(figure, row.counts) for _, figure, _ in numbers),
            partial=row.partial,
            provisional=row.provisional and settling,
        )

    def _marked(self, made: Explained, row: WeekFigures) -> Explained:
        return (
            replace(made, remarks=(*made.remarks, "Partial: this week is not over, or cut by the period."))
            if (row.partial)
            else made
        )

    def _place(self, row: WeekFigures) -> str:
        return f"week of {self.day_of(row.week)}"

    def day_of(self, week: Week) -> str:
        """A week's Monday: `2 Mar 2026`."""
        return day(week.start(self._zone), self._zone)

    def short(self, week: Week) -> str:
        """A week's Monday without the year."""
        return " ".join(self.day_of(week).split()[:2])

    def period_words(self) -> str:
        """The period as dates: `since 1 Dec 2025`, `all time`."""
        since = self.report.period.since
        return f"since {day(since, self._zone)}" if since else "all time"


def _changes(figure: Figure) -> bool:
    """Whether pending episodes will enter a figure when they settle."""
    return figure is OTHER or (isinstance(figure, MetricId) and Count.PENDING in METRICS[figure].left_out)


def _none(_item: int, _series: int) -> Explained:
    raise IndexError("a chart without items has no figure")


def _series(numbers: Numbers) -> tuple[Series, ...]:
    return tuple(Series(title, unit(figure), look) for title, figure, look in numbers)


def channel_words(channel: Channel) -> str:
    """A channel's name; conversations whose import names none have one too."""
    return "no channel" if channel is None else one_line(channel) or "no channel"


def reason_words(reason: str | None) -> str:
    """The reason of a handoff as it reads."""
    return "no reason named" if not reason else one_line(reason.replace("_", " "))


def as_of_words(at: datetime, zone: ZoneInfo) -> str:
    """`as of 5 Mar 10:00`."""
    return f"as of {' '.join(day(at, zone).split()[:2])} {clock(at, zone)}"
