"""A scoring run inside the application: one at a time, paused and stopped from here, told in the note line."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING

from textual.app import App
from textual.message import Message
from textual.worker import Worker

from qatui.errors import QatuiError
from qatui.screens.frame import as_error
from qatui.screens.words import tickets
from qatui.text import one_line, supports_unicode

if TYPE_CHECKING:  # scoring is loaded when it is asked for
    from qatui.domain.run import RunRecord
    from qatui.services.scoring.control import Control
    from qatui.services.scoring.llm.cost import RunEstimate
    from qatui.services.scoring.runner import ScorePlan, ScoreProgress, ScoreResult
    from qatui.services.workspace import Workspace

EVERY = 0.2  # seconds between two tellings of how far a run is
LOOK_BACK = 20.0  # seconds over which the rate is taken
STEADY = 1.0  # seconds before a rate is told
SAMPLE = 500  # tickets looked at for an estimate: more would keep a person waiting
LLM = "llm"
OFFLINE = "offline"


@dataclass(frozen=True, slots=True)
class Pulse:
    """How far a run is, with its rate (tickets a second) and the seconds left, where they are known."""

    done: int
    total: int
    failed: int = 0
    tokens: int = 0
    cost: float | None = None
    rate: float | None = None

    def words(self) -> str:
        """'12 of 40 (30%), 1 failed, 9,120 tokens, 0.0123, 2 a second, 14 s left'."""
        share = self.done / self.total if self.total else 1.0
        parts = [f"{self.done:,} of {self.total:,} ({share:.0%})"]
        parts += [f"{self.failed:,} failed"] if self.failed else []
        parts += [f"{self.tokens:,} tokens"] if self.tokens else []
        parts += [f"{self.cost:.4f}"] if self.cost is not None else []
        if self.rate:
            parts += [rate_words(self.rate), f"{time_words((self.total - self.done) / self.rate)} left"]
        return ", ".join(parts)


def rate_words(rate: float) -> str:
    """'1,520 a second', '0.4 a second'."""
    return f"{rate:,.0f} a second" if rate >= 2 else f"{rate:.1f} a second"


def time_words(seconds: float) -> str:
    """'40 s', '3 min', '2 h 10 min'."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


class ScoringPlanned(Message):
    """What a run of the llm judge would use, for a person to say yes to; budget: the most it may spend."""

    def __init__(self, plan: ScorePlan, estimate: RunEstimate, budget: float | None) -> None:
        super().__init__()
        self.plan = plan
        self.estimate = estimate
        self.budget = budget


class ScoringMoved(Message):
    """So many tickets are judged; a newer one replaces an older one that nobody has seen."""

    def __init__(self, pulse: Pulse) -> None:
        super().__init__()
        self.pulse = pulse

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, ScoringMoved)


class ScoringEnded(Message):
    """The run came to its end, or failed; both are None where it was cancelled."""

    def __init__(self, result: ScoreResult | None, error: QatuiError | None) -> None:
        super().__init__()
        self.result = result
        self.error = error


class Scoring:
    """The run of this application, if there is one.

    judge: who reads in it; pulse: how far it was said to be last; words: what every note line says of it.
    """

    def __init__(self, app: App[int]) -> None:
        self._app = app
        self._worker: Worker[None] | None = None
        self._planning: Worker[None] | None = None
        self._control: Control | None = None
        self._told = 0.0
        self._seen: deque[tuple[float, int]] = deque()
        self.judge = ""
        self.pulse: Pulse | None = None
        self.words = ""

    @property
    def running(self) -> bool:
        """Whether a run goes on, be it paused, or is being estimated."""
        return any(worker is not None and worker.is_running for worker in (self._worker, self._planning))

    @property
    def planning(self) -> bool:
        """Whether what a run would use is being found out."""
        return self._planning is not None and self._planning.is_running

    @property
    def paused(self) -> bool:
        return self.running and self._control is not None and self._control.paused

    @property
    def stopping(self) -> bool:
        """Whether it was told to stop and what was under way then still is."""
        return self.running and self._control is not None and bool(self._control.stopped)

    def estimate(self, workspace: Workspace, budget: float | None) -> None:
        """Find out what the llm judge would use; the app hears ScoringPlanned, or ScoringEnded with an error."""
        self._worker, self._control, self.judge, self.pulse = None, None, "", None  # the run before says nothing of it
        self._planning = self._app.run_worker(
            partial(self._estimate, workspace, budget), name="estimate", group="score", exclusive=True
        )

    def start(self, workspace: Workspace, judge: str = OFFLINE, budget: float | None = None) -> None:
        """Begin; the app hears ScoringMoved a few times a second and ScoringEnded once."""
        from qatui.services.scoring.control import Control

        self._told, self.pulse, self.judge = 0.0, None, judge
        self._seen.clear()
        self._control = Control()
        self._worker = self._app.run_worker(
            partial(self._run, workspace, judge, budget, self._control), name="score", group="score", exclusive=True
        )

    def pause(self, paused: bool) -> None:
        """Begin nothing more, or go on; what is under way comes to its end."""
        if self._control is not None:
            self._seen.clear()
            (self._control.pause if paused else self._control.resume)()

    def stop(self) -> None:
        """End the run with what is under way stored; said again, without waiting for that."""
        if self._planning is not None:
            self._planning.cancel()
        if self._worker is None or self._control is None:
            return
        if self._control.stopped:
            self._worker.cancel()
        self._control.stop()

    async def usual_judge(self, workspace: Workspace) -> str:
        """Who judged last here, as far as the settings still know how to ask; else the embedded judge."""
        latest: list[RunRecord] = await workspace.runs.recent(1)
        asked = latest[0].judge.judge if latest else OFFLINE
        return LLM if asked == LLM and workspace.settings.llm.model else OFFLINE

    async def _estimate(self, workspace: Workspace, budget: float | None) -> None:
        try:
            plan, estimate = await workspace.score_plan(judge=LLM, sample=SAMPLE)
        except Exception as error:
            self._app.post_message(ScoringEnded(None, as_error(error)))
        else:
            assert estimate is not None
            self._app.post_message(ScoringPlanned(plan, estimate, budget))

    async def _run(self, workspace: Workspace, judge: str, budget: float | None, control: Control) -> None:
        result, failure = None, None
        try:
            result = await workspace.score(judge=judge, budget=budget, progress=self._tell, control=control)
        except Exception as error:
            failure = as_error(error)
        finally:  # a cancelled run has neither
            self._app.post_message(ScoringEnded(result, failure))

    def _tell(self, progress: ScoreProgress) -> None:
        now = monotonic()
        if now - self._told >= EVERY:
            self._told = now
            rate = self._rate(now, progress.done)
            self.pulse = Pulse(progress.done, progress.total, progress.failed, progress.tokens, progress.cost, rate)
            self._app.post_message(ScoringMoved(self.pulse))

    def _rate(self, now: float, done: int) -> float | None:
        self._seen.append((now, done))
        while now - self._seen[0][0] > LOOK_BACK:
            self._seen.popleft()
        since, before = self._seen[0]
        return (done - before) / (now - since) if now - since >= STEADY else None


def ended_words(result: ScoreResult, unscored: str) -> str:
    """What a run came to; unscored: its tickets without a score, in words."""
    dot = " · " if supports_unicode() else " - "
    without = f"; without a score: {unscored}" if unscored else ""
    paid = f"{dot}{result.tokens:,} tokens" if result.tokens else ""
    paid += f"{dot}{result.cost:.4f} spent" if result.cost is not None else ""
    why = f" Failed because {one_line(result.why[0]).rstrip('.')}." if result.why else ""
    return f"Scored {tickets(result.scored)}{without}{paid}.{why}"
