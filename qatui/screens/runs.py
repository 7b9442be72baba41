"""The Runs screen: what scoring runs did and cost, one by one and in all."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import ClassVar

from textual.app import ComposeResult
from textual.message import Message

from qatui.domain.run import RunRecord, RunState, RunTotals
from qatui.errors import QatuiError
from qatui.screens.frame import FrameScreen, Placard, bindings
from qatui.screens.moving import MovesInLines
from qatui.screens.style import style
from qatui.widgets.lines import LineView
from qatui.widgets.run_view import RunView


@dataclass
class RunsRead(Message):
    """The latest runs and the sums of all."""

    runs: list[RunRecord]
    totals: list[RunTotals]


class RunsScreen(MovesInLines, FrameScreen, inherit_bindings=False):
    """Over the screen it was opened from; esc goes back. It follows a run that goes on."""

    SCREEN = "runs"
    CSS_PATH = style("runs")
    BINDINGS = bindings("runs")
    HINTS: ClassVar[tuple[str, ...]] = ("score.pause", "score.stop", "go.back")

    def compose_page(self) -> ComposeResult:
        yield RunView(zone=self.session.zone)
        placard = Placard("placard")
        placard.display = False
        yield placard

    @property
    def moved(self) -> LineView:
        return self.query_one(RunView)

    def where_words(self) -> tuple[str, ...]:
        return ("scoring runs",)

    def focus_page(self) -> None:
        self.moved.focus()

    def __init__(self) -> None:
        super().__init__()
        self._reading = False
        self._shown: tuple[list[RunRecord], list[RunTotals]] | None = None

    def load(self) -> None:
        self._reading = True
        self.start("runs", "reading the runs", self._read)

    def run_moved(self) -> None:
        """Follow it; a reading that is under way is let come to its end, else none would while the run goes fast."""
        if not self._reading:
            self.load()

    async def _read(self) -> None:
        runs = self.session.open.runs
        self.post_message(RunsRead(await runs.recent(), await runs.totals()))

    def on_runs_read(self, message: RunsRead) -> None:
        """Show them; a workspace in which nothing was scored says how to begin."""
        message.stop()
        self._reading = False
        self.refresh_frame()
        runs = self._with_pause(message.runs)
        if self._shown == (runs, message.totals):
            return
        self._shown = runs, message.totals
        placard, view = self.query_one("#placard", Placard), self.query_one(RunView)
        placard.display, view.display = not runs, bool(runs)
        if not runs:
            placard.show(
                "empty",
                "Nothing was scored here yet.",
                ":score offline lets the embedded judge read, :score llm the model of your settings.",
            )
        view.show(runs, message.totals)

    def _with_pause(self, runs: list[RunRecord]) -> list[RunRecord]:
        """The record does not hold that a run is paused; the application that paused it knows."""
        if not self.app.scoring.paused:  # type: ignore[attr-defined]
            return runs
        mine = os.getpid()
        return [
            replace(run, state=RunState.PAUSED) if run.state is RunState.GOING and run.pid == mine else run
            for run in runs
        ]

    def show_failure(self, error: QatuiError, doing: str) -> None:
        self._reading = False
        super().show_failure(error, doing)

    def do_go_back(self, _argument: str) -> None:  # type: ignore[override]
        """Back to the screen below."""
        self.dismiss()
