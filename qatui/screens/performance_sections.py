"""The sections of the Performance screen: which figures and charts each of them has."""

from __future__ import annotations

from dataclasses import dataclass

from qatui.domain.performance import MetricId
from qatui.domain.performance_counts import Count
from qatui.domain.performance_report import PerformanceReport
from qatui.screens.performance_charts import BAD, FAINT, GOOD, PLAIN, WARN, Charts, Numbers, Panel
from qatui.screens.performance_explained import OTHER, Figure
from qatui.screens.performance_tiles import Tiles
from qatui.widgets.figures import Series, Shape

SECTIONS = ("overview", "resolutions", "deflections", "handoffs")
TITLES = {
    "overview": "Overview",
    "resolutions": "Resolutions",
    "deflections": "Deflections",
    "handoffs": "Human handoffs",
}

_HANDLED: Numbers = (
    ("handled", MetricId.HANDLED, PLAIN),
    ("resolved", MetricId.RESOLVED, GOOD),
    ("handed off", MetricId.HANDED_OFF, WARN),
    ("other", OTHER, PLAIN),
    ("pending", MetricId.PENDING, FAINT),
)


def _rate(title: str, rate: MetricId, part: str, count: Figure) -> Numbers:
    """A rate with its numerator, its denominator and what is still pending."""
    return (
        (title, rate, PLAIN),
        (part, count, PLAIN),
        ("settled", Count.SETTLED, PLAIN),
        ("pending", MetricId.PENDING, PLAIN),
    )


@dataclass(frozen=True, slots=True)
class Section:
    """One page: figures above, charts below, and the sentence that matters."""

    key: str
    tiles: Panel
    charts: tuple[Panel, ...]
    note: str

    @property
    def panels(self) -> tuple[Panel, ...]:
        """All of them, the tiles first."""
        return (self.tiles, *self.charts)


class Sections:
    """The sections of one report. wide: tiles have room for whole words."""

    def __init__(self, report: PerformanceReport, *, wide: bool) -> None:
        self.report = report
        self._charts = Charts(report)
        self._tiles = Tiles(self._charts, wide=wide)

    def section(self, key: str) -> Section:
        """One of SECTIONS."""
        made: Section = getattr(self, key)()
        return made

    def period_words(self) -> str:
        """The period as dates."""
        return self._charts.period_words()

    def overview(self) -> Section:
        """This week beside last week, and what was handled."""
        handle_rate: Numbers = (
            ("handle rate", MetricId.HANDLE_RATE, PLAIN),
            ("handled", Count.HANDLED_INBOUND, PLAIN),
            ("inbound", Count.INBOUND, PLAIN),
        )
        channels: Numbers = (
            ("handled", MetricId.HANDLED, PLAIN),
            ("handle rate", MetricId.HANDLE_RATE, PLAIN),
            ("pending", MetricId.PENDING, PLAIN),
        )
        return Section(
            "overview",
            self._tiles.impact(),
            (
                self._charts.weekly("handled", "handled by week", Shape.STACKED, _HANDLED),
                self._charts.by_channel("handled_channels", "handled by channel", channels),
                self._charts.feedback(),
                self._charts.weekly("handle_rate", "handle rate by week", Shape.COLUMNS, handle_rate),
            ),
            self._tiles.impact_note(),
        )

    def resolutions(self) -> Section:
        """How much was resolved, how fast, and what of it is unverified."""
        rate = _rate("resolution rate", MetricId.RESOLUTION_RATE, "resolved", MetricId.RESOLVED)
        resolved: Numbers = (
            ("resolved", MetricId.RESOLVED, GOOD),
            ("of these unverified", MetricId.RESOLVED_UNVERIFIED, WARN),
        )
        time: Numbers = (
            ("mean time to close", MetricId.RESOLUTION_MEAN, PLAIN),
            ("closed", Count.CLOSED, PLAIN),
            ("handled", MetricId.HANDLED, PLAIN),
        )
        totals = self.report.totals
        note = "What is pending counts only when 72 hours have passed without a human."
        if totals.resolved_unverified:
            note = (
                f"{totals.resolved_unverified:,} of {totals.resolved:,} resolved are unverified: the import names no "
                "sources or actions."
            )
        return Section(
            "resolutions",
            self._tiles.of_period(
                "resolutions",
                MetricId.RESOLUTION_RATE,
                MetricId.RESOLVED,
                MetricId.RESOLVED_UNVERIFIED,
                MetricId.RESOLUTION_MEAN,
                MetricId.RESOLUTION_MEDIAN,
            ),
            (
                self._charts.weekly("resolution_rate", "resolution rate by week", Shape.COLUMNS, rate),
                self._charts.weekly(
                    "resolved", "resolved by week", Shape.STACKED, resolved, rest=Series("verified", look=GOOD)
                ),
                self._charts.weekly("resolution_time", "time to close by week", Shape.COLUMNS, time),
                self._charts.by_channel("resolution_channels", "resolution rate by channel", rate),
            ),
            note,
        )

    def deflections(self) -> Section:
        """What settled without a human, and the reps beside the customer agent."""
        rate = _rate("deflection rate", MetricId.DEFLECTION_RATE, "deflected", MetricId.DEFLECTED)
        deflected: Numbers = (
            ("deflected", MetricId.DEFLECTED, PLAIN),
            ("resolved", MetricId.RESOLVED, GOOD),
            ("unresolved", MetricId.DEFLECTED_UNRESOLVED, WARN),
        )
        return Section(
            "deflections",
            self._tiles.of_period(
                "deflections",
                MetricId.DEFLECTION_RATE,
                MetricId.DEFLECTED,
                MetricId.RESOLVED,
                MetricId.DEFLECTED_UNRESOLVED,
            ),
            (
                self._charts.weekly("deflection_rate", "deflection rate by week", Shape.COLUMNS, rate),
                self._charts.weekly("deflected", "deflected by week", Shape.STACKED, deflected),
                self._charts.team(),
                self._charts.by_channel("deflection_channels", "deflection rate by channel", rate),
            ),
            "Deflected: settled without a human, so every resolution is a deflection.",
        )

    def handoffs(self) -> Section:
        """How often a human had to take over, why, and how long it took."""
        rate = _rate("handoff rate", MetricId.HANDOFF_RATE, "handed off", MetricId.HANDED_OFF)
        handed: Numbers = (
            ("handed off", MetricId.HANDED_OFF, WARN),
            ("settled", Count.SETTLED, PLAIN),
            ("mean time to close", MetricId.HANDOFF_MEAN, PLAIN),
        )
        late: Numbers = (("late handoffs", MetricId.LATE_HANDOFFS, BAD),)
        number = self.report.totals.late_handoffs
        note = "The rate is of settled episodes; the share so far counts pending ones too."
        if number:
            note = f"{number:,} late {'handoff' if number == 1 else 'handoffs'} came after settling: in no rate."
        return Section(
            "handoffs",
            self._tiles.of_period(
                "handoffs",
                MetricId.HANDOFF_RATE,
                MetricId.HANDED_OFF,
                MetricId.HANDOFF_SHARE,
                MetricId.HANDOFF_MEAN,
                MetricId.HANDOFF_MEDIAN,
                MetricId.LATE_HANDOFFS,
            ),
            (
                self._charts.weekly("handoff_rate", "handoff rate by week", Shape.COLUMNS, rate),
                self._charts.reasons(),
                self._charts.weekly("handed_off", "handed off by week", Shape.COLUMNS, handed),
                self._charts.weekly(
                    "late",
                    "late handoffs by week of the handoff",
                    Shape.COLUMNS,
                    late,
                    nothing="No handoff came after an episode had settled.",
                ),
            ),
            note,
        )
