"""The figures at the top of each section of the Performance screen, as tiles: this week's, or those of the period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from qatui.domain.performance import IMPACT, METRICS, Kind, MetricId, Unit, explain, in_words
from qatui.domain.performance_behind import Behind
from qatui.domain.performance_counts import Count, Counts
from qatui.domain.performance_report import WeekFigures
from qatui.screens.performance_charts import Charts, Panel
from qatui.screens.performance_explained import Explained, of_metric, unit
from qatui.widgets.figures import Chart, Item, Series, Shape, compact, printable
from qatui.widgets.glyphs import glyphs

TREND = 12  # weeks of a tile's trend, at most
TIGHT = 12  # cells of the narrowest tile: six of them in 80 columns

_TITLES = {
    MetricId.RESOLVED: ("resolved", "resolved"),
    MetricId.HANDLED: ("handled", "conversations handled"),
    MetricId.RESOLUTION_MEAN: ("time to close", "average time to close"),
    MetricId.RESOLUTION_MEDIAN: ("median", "median time to close"),
    MetricId.DEFLECTION_RATE: ("deflection", "deflection rate"),
    MetricId.HELPFUL_RATE: ("helpful", "helpful"),
    MetricId.RESOLUTION_RATE: ("resolution", "resolution rate"),
    MetricId.RESOLVED_UNVERIFIED: ("unverified", "resolved, unverified"),
    MetricId.DEFLECTED: ("deflected", "deflected"),
    MetricId.DEFLECTED_UNRESOLVED: ("unresolved", "deflected, unresolved"),
    MetricId.HANDOFF_RATE: ("handoff rate", "human handoff rate"),
    MetricId.HANDED_OFF: ("handed off", "handed off"),
    MetricId.HANDOFF_SHARE: ("share so far", "share so far"),
    MetricId.HANDOFF_MEAN: ("mean close", "mean time to close"),
    MetricId.HANDOFF_MEDIAN: ("median close", "median to close"),
    MetricId.LATE_HANDOFFS: ("late", "late handoffs"),
}
"""How a tile is headed: where it is narrow, and where it has room."""


class Tiles:
    """Makes the tiles of one report. wide: they have room for whole words."""

    def __init__(self, charts: Charts, *, wide: bool) -> None:
        self.report = charts.report
        self._charts = charts
        self._wide = wide

    def impact(self) -> Panel:
        """This week beside the week before."""
        now, before = self.report.this_week, self.report.week_before
        items = []
        for metric in IMPACT:
            lines = (self._rests_on(metric, now.counts), self._beside(metric, now, before))
            items.append(self._tile(metric, METRICS[metric].value(now.counts), lines))
        chart = Chart(key="impact", title="impact", shape=Shape.TILES, series=self._series_of(IMPACT), items=(*items,))

        def explain_tile(item: int, _series: int) -> Explained:
            metric = IMPACT[item]
            where = Behind(count=METRICS[metric].numerator, week=now.week)
            place = f"this week, from {self._charts.day_of(now.week)}, not over yet"
            made = of_metric(explain(metric, now.counts), place, where, whole_time=True)
            was = explain(metric, before.counts)
            return replace(made, remarks=(*made.remarks, f"The week before: {was.working}."))

        return Panel(chart, explain_tile)

    def impact_note(self) -> str:
        """Which week the figures are of, what is pending, and what takes no part."""
        now = self.report.this_week
        sentence = f"Week of {self._charts.short(now.week)} so far"
        if now.counts.pending:
            sentence += f"; {now.counts.pending:,} of {now.counts.handled:,} pending: rates may change"
        excluded = sum(self.report.excluded.values())
        return sentence + (f"; {excluded:,} left out" if excluded else "") + "."

    def of_period(self, key: str, *metrics: MetricId) -> Panel:
        """Figures over the whole period."""
        report = self.report
        items = []
        for metric in metrics:
            beside = ""
            if METRICS[metric].kind is not Kind.MEDIAN:
                shown = _short(unit(metric), METRICS[metric].value(report.this_week.counts))
                beside = f"{'this week' if self._wide else 'now'} {shown}"
            lines = (self._rests_on(metric, report.totals), beside)
            items.append(self._tile(metric, report.value(metric), lines))
        chart = Chart(key=key, title=key, shape=Shape.TILES, series=self._series_of(metrics), items=(*items,))

        def explain_tile(item: int, _series: int) -> Explained:
            metric = metrics[item]
            where = Behind(count=METRICS[metric].numerator)
            return of_metric(report.explain(metric), self._charts.period_words(), where)

        return Panel(chart, explain_tile)

    def _tile(self, metric: MetricId, figure: float | None, lines: tuple[str, str]) -> Item:
        trend = tuple(METRICS[metric].value(row.counts) for row in self.report.weeks[-TREND:])
        if METRICS[metric].kind is Kind.MEDIAN:
            trend = ()
        return Item(
            label=_TITLES[metric][self._wide],
            name=METRICS[metric].title,
            values=(figure,),
            lines=tuple(printable(line) for line in lines),
            trend=trend,
            partial=bool(trend) and self.report.weeks[-1].partial,
        )

    def _series_of(self, metrics: Sequence[MetricId]) -> tuple[Series, ...]:
        return tuple(Series(METRICS[metric].title, unit(metric)) for metric in metrics)

    def _rests_on(self, metric: MetricId, counts: Counts) -> str:
        """The numerator and denominator of a figure, in as few cells as a tile has."""
        definition = METRICS[metric]
        part = counts.of(definition.numerator)
        if definition.denominator is not None:
            whole = counts.of(definition.denominator)
            exact, short = f"{part:,} of {whole:,}", f"{compact(part)} of {compact(whole)}"
        elif Count.PENDING in definition.left_out or metric is MetricId.HANDLED:
            exact, short = f"{counts.pending:,} pending", f"{compact(counts.pending)} pending"
        else:
            return ""
        return exact if self._wide or len(exact) <= TIGHT else short

    def _beside(self, metric: MetricId, now: WeekFigures, before: WeekFigures) -> str:
        """The week before; an arrow only between figures that do not grow with the days of a week."""
        new, old = METRICS[metric].value(now.counts), METRICS[metric].value(before.counts)
        words = f"{'last week' if self._wide else 'was'} {_short(unit(metric), old)}"
        if new is None or old is None or unit(metric) is Unit.COUNT or new == old:
            return words
        return f"{glyphs().up if new > old else glyphs().down} {words}"


def _short(unit: Unit, value: float | None) -> str:
    """A figure in few cells: a time of ten days, hours or minutes and more without its smaller unit."""
    words = in_words(unit, value)
    if unit is Unit.SECONDS and len(words.split()) == 4 and value is not None and len(words.split()[0]) > 1:
        return " ".join(words.split()[:2])
    return words
