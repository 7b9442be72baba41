"""How the customer agent performs: figures and charts in four sections, each number explained and openable."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from textual import on
from textual.geometry import Region
from textual.message import Message
from textual.timer import Timer

from qatui.config import PERIODS
from qatui.domain.performance_behind import PerformanceQuestion
from qatui.domain.performance_report import Channel, PerformanceReport
from qatui.domain.period import period_start, period_words
from qatui.domain.weeks import Period, Week
from qatui.errors import QatuiError, UsageError
from qatui.screens.frame import bindings
from qatui.screens.performance_charts import channel_words
from qatui.screens.performance_explained import Explained
from qatui.screens.performance_page import PerformancePage
from qatui.screens.performance_sections import Sections
from qatui.screens.style import style
from qatui.widgets.chart_view import ChartView

FIGURES = frozenset(
    f"performance.{action}"
    for action in ("open", "explain", "table", "next", "previous", "section_next", "section_previous", "left", "right")
)
"""The actions that need figures on screen."""
PATIENCE = 0.3  # seconds before a wait is said


@dataclass
class ReportRead(Message):
    """The report of a question. channels: all that occur; tickets: whether the workspace has any at all."""

    asked: object
    question: PerformanceQuestion
    report: PerformanceReport
    channels: tuple[Channel, ...]
    tickets: bool


class PerformanceScreen(PerformancePage, inherit_bindings=False):
    """Screen 3: reads the report of a period and channel; explains and opens its numbers."""

    SCREEN = "performance"
    CSS_PATH = style("performance")
    BINDINGS = bindings("performance")
    HINTS: ClassVar[tuple[str, ...]] = (
        "performance.open",
        "performance.explain",
        "performance.next",
        "performance.section_next",
        "performance.period",
    )

    def __init__(self) -> None:
        super().__init__()
        self._channel: Channel | None = None
        self._narrowed = False
        """Whether only `_channel` is shown; it may be None, which is a channel too."""
        self._channels: tuple[Channel, ...] = ()
        self._counted = -1
        """The revision of the workspace in which these channels occur."""
        self._shown: object = None
        self._question: PerformanceQuestion | None = None
        self._waiting: Timer | None = None

    def where_words(self) -> tuple[str, ...]:
        channel = channel_words(self._channel) if self._narrowed else "all channels"
        if self._sections is None:
            return (period_words(self.session.period), channel)
        return (self._sections.period_words(), channel)

    # Reading ---------------------------------------------------------------------------------------

    def asks(self) -> object:
        """What the figures on screen answer."""
        return self.session.period, self._narrowed, self._channel, self.session.revision

    def load(self) -> None:
        """Read the report unless the one on screen answers the same question."""
        if self._shown != self.asks():
            if self._waiting is None:
                self._waiting = self.set_timer(PATIENCE, self._say_waiting)
            self.start("report", "reading the report", self._read, self.asks())

    def do_app_refresh(self, _argument: str) -> None:
        """Read the workspace again, as of now."""
        self._shown = None
        self.load()

    def _say_waiting(self) -> None:
        self.say("Counting …", stay=True)

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.stop()
            self._waiting = None
            self.say("")

    async def _read(self, asked: object) -> None:
        workspace = self.session.open
        now, zone = workspace.now, self.session.zone
        since = period_start(self.session.period, now, zone)
        if since is not None:
            since = Week.of(since, zone).start(zone)  # whole weeks: a stub of one would look like a collapse
        question = PerformanceQuestion(
            as_of=now,
            period=Period(since),
            channels=frozenset({self._channel}) if self._narrowed else None,
        )
        report = await workspace.performance.report(question)
        channels = self._channels if self._counted == self.session.revision else await workspace.performance.channels()
        tickets = bool(report.totals.episodes) or (await workspace.reports.span())[1] is not None
        if not tickets:
            from qatui.domain.listing import TicketFilter

            tickets = (await workspace.reports.counts(TicketFilter())).total > 0
        self.post_message(ReportRead(asked, question, report, channels, tickets))

    @on(ReportRead)
    def _show_report(self, message: ReportRead) -> None:
        if message.asked != self.asks():
            return
        self._stop_waiting()
        self._shown = message.asked
        self._question = message.question
        self._channels, self._counted = message.channels, self.session.revision
        self._sections = Sections(message.report, wide=self.wide)
        nothing = self._nothing(message.report, tickets=message.tickets)
        if nothing:
            self._show_placard(*nothing)
        else:
            self._show_section()
        self.refresh_frame()

    def show_failure(self, error: QatuiError, doing: str) -> None:
        """Where nothing was read yet the failure stands in place of the figures; else a dialog tells it."""
        self._stop_waiting()
        if self._page is None:
            self._show_placard(f"{error.title}: {doing} failed", error.message, error.hint, kind="error")
            self.say("No figures are shown, because none could be read.", "error", stay=True)
        else:
            super().show_failure(error, doing)

    def _nothing(self, report: PerformanceReport, *, tickets: bool) -> tuple[str, ...]:
        """What to say instead of figures; empty where there are some."""
        keys = self.session.keys
        totals, impact = report.totals, report.this_week.counts
        agent = bool(totals.handled or report.agent_channels or impact.handled)
        if not tickets:
            return (
                "This workspace has no conversations yet.",
                "Leave with q and bring some in:  qatui import FILE…",
                "Or look around in a made-up company:  qatui demo",
            )
        elsewhere = f"{keys.label('performance.period')} changes the period"
        if self._narrowed:
            elsewhere += f", {keys.label('performance.channel')} the channel"
        if not agent and not self._narrowed:
            left_out = sum(report.excluded.values())
            why = f"{left_out:,} conversations are left out: spam, outbound, or messages without times."
            counted = f"any of the {totals.episodes:,} conversations here" if totals.episodes else "any conversation"
            return (
                f"No customer agent took part in {counted}.",
                'An import names it: messages with  "from": "customer_agent", or events that assign to it.',
                "Bring in conversations that it answered:  qatui import FILE…",
                why if left_out else "",
            )
        if not (totals.episodes or totals.late_handoffs or totals.rep_closed or self._feedback_in(report)):
            began = self._sections.period_words() if self._sections else ""
            where = f" on {channel_words(self._channel)}" if self._narrowed else ""
            return (f"No conversation began {began}{where}.", f"{elsewhere}.", "More come with  qatui import FILE…")
        return ()

    def _feedback_in(self, report: PerformanceReport) -> int:
        totals = report.totals
        return totals.feedback_positive + totals.feedback_negative + totals.feedback_neutral

    def _show_placard(self, *lines: str, kind: str = "empty") -> None:
        """Say something in place of the figures."""
        self._page = None
        self.popover.hide()
        self.placard.show("error" if kind == "error" else "empty", *lines)
        self.placard.display = True
        self.query_one("#tiles").display = self.query_one("#charts").display = False
        self.note.stand("")

    # Period, channel, table ------------------------------------------------------------------------

    def do_performance_period(self, argument: str) -> None:
        """The period that is named, or the next one."""
        session = self.session
        if argument and argument not in PERIODS:
            raise UsageError(f"There is no period {argument!r}; choose {', '.join(PERIODS)}.")
        session.period = argument or PERIODS[(PERIODS.index(session.period) + 1) % len(PERIODS)]
        self.load()

    def do_performance_channel(self, argument: str) -> None:
        """The channel that is named, or the next one; after the last, all of them."""
        choices: list[tuple[bool, Channel]] = [(False, None), *((True, channel) for channel in self._channels)]
        if argument:
            wanted = argument.casefold()
            found = [c for c in choices if (channel_words(c[1]) if c[0] else "all").casefold() == wanted]
            if not found:
                names = ", ".join(["all", *(channel_words(channel) for channel in self._channels)])
                raise UsageError(f"There is no channel {argument!r}; choose {names}.")
            chosen = found[0]
        else:
            now = (self._narrowed, self._channel)
            chosen = choices[(choices.index(now) + 1) % len(choices)] if now in choices else choices[0]
        self._narrowed, self._channel = chosen
        self.load()

    # Explaining and opening ------------------------------------------------------------------------

    def why_disabled(self, action_id: str) -> str | None:
        if action_id in FIGURES and self._page is None:
            return "There are no figures here."
        if action_id in ("performance.open", "performance.explain") and (
            self.panel is None or not self.panel.chart.items
        ):
            return "There is no figure under the cursor."
        return super().why_disabled(action_id)

    def _of(self, view: ChartView, item: int, series: int) -> Explained | None:
        """The explanation of a number, with the channel that is chosen."""
        if self._page is None or view.chart is None or not view.chart.items:
            return None
        panel = self._page.panels[self.views.index(view)]
        made = panel.explain(item, series)
        return replace(made, place=f"{made.place}, {channel_words(self._channel)}") if self._narrowed else made

    def do_performance_explain(self, _argument: str) -> None:
        """Explain the number under the cursor, or stop explaining."""
        if self.popover.display and not self._hovering:
            self.popover.hide()
        else:
            self.explain_cursor()

    def explain_cursor(self) -> None:
        """Explain the number under the cursor."""
        self._hovering = False
        view = self.view
        self._popup(view, view.item, view.series)

    def _popup(self, view: ChartView, item: int, series: int) -> None:
        explained = self._of(view, item, series)
        if explained is None:
            self.popover.hide()
            return
        keys = self.session.keys
        choose = f"{keys.label('move.up')} {keys.label('move.down')} choose, " if len(explained.lines) > 1 else ""
        hint = f"{choose}{keys.label('performance.open')} lists the conversations, {keys.label('go.back')} closes"
        figure = view.region_of(item, series)
        self.popover.show(explained, figure, self._free(), keys="" if self._hovering else hint)

    def _free(self) -> Region:
        """Where an explanation may lie: all but the where line and the keys line."""
        size = self.app.size
        return Region(0, 1, size.width - 1, size.height - 2)

    @on(ChartView.Hovered)
    def _hovered(self, message: ChartView.Hovered) -> None:
        message.stop()
        if self.popover.display and not self._hovering:
            return
        self._hovering = message.spot is not None
        if message.spot is None:
            self.popover.hide()
        else:
            self._popup(message.view, message.spot.item, message.spot.series)

    @on(ChartView.Pointed)
    def _clicked(self, message: ChartView.Pointed) -> None:
        message.stop()
        panel = self.views.index(message.view)
        if panel != self._panel[self._section]:
            self._enter(panel)
        else:
            self._moved()
        if message.again:
            self.do_performance_open("")

    def do_performance_open(self, _argument: str) -> None:
        """List the conversations behind the number under the cursor, or behind the count chosen in its explanation."""
        if self.popover.display and not self._hovering and self.popover.explained is not None:
            explained, line = self.popover.explained, self.popover.chosen
        else:
            found = self._of(self.view, self.view.item, self.view.series)
            if found is None:
                return
            if found.opens is None:
                self.explain_cursor()
                return
            explained, line = found, found.opens
        if explained.lines[line].behind is None:
            self.say("These take no part in any figure; they are not listed here.", "warning")
            return
        self.popover.hide()
        self._list(explained, line)

    def _list(self, explained: Explained, line: int) -> None:
        from qatui.screens.performance_list import BehindScreen

        assert self._question is not None
        question = replace(self._question, period=Period()) if explained.whole_time else self._question
        self.app.push_screen(BehindScreen(explained, question, line))

    async def do_go_back(self, argument: str) -> None:
        """Close the explanation; else there is nothing to go back to."""
        if self.popover.display:
            self.popover.hide()
        else:
            await super().do_go_back(argument)
