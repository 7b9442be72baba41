"""What a person can say to scoring from any screen: begin with a judge, yes to a price, pause, go on, stop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.app import App

from qatui.domain.verdict import JudgeIdentity
from qatui.errors import QatuiError, UsageError
from qatui.screens.frame import STOP, FrameScreen, as_error
from qatui.screens.frame_lines import Tone
from qatui.screens.scoring import (
    LLM,
    OFFLINE,
    Scoring,
    ScoringEnded,
    ScoringMoved,
    ScoringPlanned,
    ended_words,
)
from qatui.text import one_line

if TYPE_CHECKING:
    from qatui.screens.session import Session

FORMS = "offline, llm, llm with the most it may spend, pause, go or stop"


class ScoresTickets(App[int], inherit_bindings=False):
    """The part of the application that scores; what a run says stands in the note line of whatever screen is seen."""

    session: Session
    scoring: Scoring
    _leaving = False

    def workspace_changed(self) -> None:
        """Tell the screens that rows may have changed."""
        raise NotImplementedError

    def leave(self) -> None:
        """Leave once what people changed is stored."""
        raise NotImplementedError

    @property
    def front(self) -> FrameScreen | None:
        """The screen one works on, under whatever dialog lies over it."""
        return next((screen for screen in reversed(self.screen_stack) if isinstance(screen, FrameScreen)), None)

    def tell(self, sentence: str, tone: Tone = "plain", *, stay: bool = False) -> None:
        """Say something in the note line of every screen that is open."""
        for screen in self.screen_stack:
            if isinstance(screen, FrameScreen):
                screen.say(sentence, tone, stay=stay)

    def tell_run(self, sentence: str) -> None:
        """Say how far the run is wherever nothing else was just said; empty when there is none."""
        self.scoring.words = sentence
        for screen in self.screen_stack:
            if isinstance(screen, FrameScreen):
                screen.tell_run()

    # Beginning -------------------------------------------------------------------------------------

    async def do_score_run(self, argument: str) -> None:
        """Have tickets judged, or say something to the run that goes on; UsageError for other words than FORMS."""
        if self.session.workspace is None:
            raise UsageError("The workspace is still being opened.")
        word, _, rest = argument.partition(" ")
        if word == "stop" and not rest:
            self.stop_scoring()
        elif word in ("pause", "go") and not rest:
            self._pause(word == "pause")
        elif self.scoring.running:
            raise UsageError(f"A run is under way already; {self.session.keys.label('score.stop')} stops it.")
        elif word in (OFFLINE, "") and not rest:
            await self.start_scoring(word)
        elif word == LLM:
            self._estimate(_amount(rest) if rest else None)
        else:
            raise UsageError(f"{argument!r} says nothing about scoring; choose {FORMS}.")

    async def start_scoring(self, judge: str = "") -> None:
        """Let the judge read what waits; without a name, the one that read last. One that is paid is estimated."""
        try:
            chosen = judge or await self.scoring.usual_judge(self.session.open)
        except QatuiError as error:
            self.post_message(ScoringEnded(None, error))
            return
        if chosen == LLM:
            self._estimate(None)
        else:
            self.scoring.start(self.session.open)
            self.tell_run("Scoring: getting the judge ready …")

    def _estimate(self, budget: float | None) -> None:
        self.scoring.estimate(self.session.open, budget)
        self.tell_run("Scoring: counting what the llm judge would be sent …")

    @on(ScoringPlanned)
    def _planned(self, message: ScoringPlanned) -> None:
        from qatui.screens.scoring_confirm import ConfirmScoring

        self.tell_run("")
        if not message.plan.tickets:
            self.tell(f"No ticket waits for {message.plan.judge}.")
            return
        if message.budget is not None and message.estimate.cost is None:
            self.tell("A budget needs prices: set price_in and price_out in [llm].", "warning")
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self.scoring.start(self.session.open, LLM, message.budget)
                self.tell_run("Scoring: getting the judge ready …")
            else:
                self.tell("Nothing was sent.")

        self.push_screen(ConfirmScoring(message, self.session.settings.llm), answered)

    # While it goes on ------------------------------------------------------------------------------

    def do_score_pause(self, _argument: str) -> None:
        """Pause the run, or go on with it."""
        self._pause(not self.scoring.paused)

    def _pause(self, paused: bool) -> None:
        if not self.scoring.running or self.scoring.stopping:
            raise UsageError("No run is under way.")
        self.scoring.pause(paused)
        if paused:
            pulse = self.scoring.pulse
            far = f" at {pulse.done:,} of {pulse.total:,}" if pulse else ""
            key = self.session.keys.label("score.pause")
            self.tell_run(f"Paused{far}; requests under way come to their end. {key} goes on.")
        else:
            self.tell_run("Scoring goes on.")
        if self.front is not None:
            self.front.run_moved()

    def stop_scoring(self) -> None:
        """Stop the run; what is judged stays judged, and what is under way is waited for, unless told again."""
        if not self.scoring.running:
            raise UsageError("No run is under way.")
        if self.scoring.planning:
            self.scoring.stop()
            self.tell_run("")
            self.tell("Nothing was sent.")
            return
        again = self.scoring.stopping
        self.scoring.stop()
        if self.scoring.stopping and not again:
            self.tell_run(f"Stopping: what is under way is finished and stored; {STOP} again waits for nothing.")

    def do_score_stop(self, _argument: str) -> None:
        """The same as a command of its own."""
        self.stop_scoring()

    @on(ScoringMoved)
    def _moved(self, message: ScoringMoved) -> None:
        scoring = self.scoring
        if scoring.running and not scoring.stopping:
            keys = self.session.keys
            if scoring.paused:
                how = f"paused; {keys.label('score.pause')} goes on."
            elif scoring.judge == LLM:
                how = f"{keys.label('score.pause')} pauses, {STOP} stops it."
            else:
                how = f"{STOP} stops it."
            self.tell_run(f"Scoring {message.pulse.words()}; {how}")
        if self.front is not None:
            self.front.run_moved()

    @on(ScoringEnded)
    def _ended(self, message: ScoringEnded) -> None:
        self.tell_run("")
        self.workspace_changed()
        result = message.result
        if message.error is not None:
            if self.front is not None:
                self.front.tell_failure(message.error, "scoring")  # no reading failed: what is on screen stands
        elif result is None:
            self.tell("Scoring stopped; what was judged is kept.", "warning")
        else:
            from qatui.screens.words import reasons
            from qatui.services.scoring.control import BY_HAND

            words = ended_words(result, reasons(result.unscored))
            if result.stopped == BY_HAND:
                self.tell(f"Scoring stopped; what was judged is kept. {words}", "warning")
            elif result.stopped:
                self.tell(f"It ended early: {result.stopped.rstrip('.')}. {words}", "warning", stay=True)
            else:
                self.tell(words, "good")
            if result.golden:
                self.run_worker(self._advise(result.judge), name="advice", group="advice", exclusive=True)
        if self._leaving:
            self.leave()

    async def _advise(self, judge: JudgeIdentity) -> None:
        """After a run that read pinned tickets: say whether to adopt its judge; what else it did is in its record."""
        try:
            advice = await self.session.open.calibration.advice_in_words(judge)
        except Exception as error:
            self.tell(f"There is no advice on the judge: {one_line(str(as_error(error)))}", "warning")
        else:
            self.tell(one_line(advice), stay=True)

    def leave_scoring(self) -> bool:
        """Whether the application may be left now: a paid run first stores what is under way, unless told again."""
        if self._leaving or not self.scoring.running or self.scoring.judge != LLM:
            return True
        self._leaving = True
        if not self.scoring.stopping:
            self.scoring.stop()
        key = self.session.keys.label("app.quit")
        self.tell_run(f"Leaving once the requests under way are stored; {key} again leaves at once.")
        return False

    # Runs ------------------------------------------------------------------------------------------

    async def do_go_runs(self, _argument: str) -> None:
        """The record of runs, over the present screen."""
        from qatui.screens.runs import RunsScreen

        if self.session.workspace is None:
            raise UsageError("The workspace is still being opened.")
        if not isinstance(self.screen, RunsScreen):
            await self.push_screen(RunsScreen())


def _amount(text: str) -> float:
    try:
        amount = float(text)
    except ValueError:
        amount = -1.0
    if not 0 <= amount < float("inf"):
        raise UsageError(f"{text!r} is no amount of money; write `:score llm 2.50`.")
    return amount
