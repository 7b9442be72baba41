"""Scoring what waits from inside the application: one run at a time, told in the note line, stopped by esc."""

from __future__ import annotations

from contextlib import redirect_stderr
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING

from textual.app import App
from textual.message import Message
from textual.worker import Worker

from qatui.errors import QatuiError
from qatui.screens.frame import as_error

if TYPE_CHECKING:
    from qatui.services.scoring.runner import ScoreProgress, ScoreResult
    from qatui.services.workspace import Workspace

EVERY = 0.2  # seconds between two tellings of how far a run is


class ScoringMoved(Message):
    """So many tickets are judged; a newer one replaces an older one that nobody has seen."""

    def __init__(self, done: int, total: int) -> None:
        super().__init__()
        self.done = done
        self.total = total

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, ScoringMoved)


class ScoringEnded(Message):
    """The run came to its end, or failed."""

    def __init__(self, result: ScoreResult | None, error: QatuiError | None) -> None:
        super().__init__()
        self.result = result
        self.error = error


def let_processes_start() -> None:
    """Make judging in several processes possible while Textual holds the standard streams.

    Python's resource tracker hands the file number of sys.stderr to the processes it starts. Textual's stand-in
    answers -1, which is refused; without a stream the tracker does without the number.
    """
    from multiprocessing import resource_tracker

    with redirect_stderr(None):
        resource_tracker.ensure_running()


class Scoring:
    """The run of this application, if there is one."""

    def __init__(self, app: App[int]) -> None:
        self._app = app
        self._worker: Worker[None] | None = None
        self._told = 0.0

    @property
    def running(self) -> bool:
        return self._worker is not None and self._worker.is_running

    def start(self, workspace: Workspace) -> None:
        """Begin; the app hears ScoringMoved a few times a second and ScoringEnded once."""
        self._told = 0.0
        self._worker = self._app.run_worker(partial(self._run, workspace), name="score", group="score", exclusive=True)

    def stop(self) -> None:
        """Stop; what was judged so far is kept."""
        if self._worker is not None:
            self._worker.cancel()
            self._worker = None

    async def _run(self, workspace: Workspace) -> None:
        try:
            let_processes_start()
            result = await workspace.score(progress=self._tell)
        except Exception as error:
            self._app.post_message(ScoringEnded(None, as_error(error)))
        else:
            self._app.post_message(ScoringEnded(result, None))

    def _tell(self, progress: ScoreProgress) -> None:
        now = monotonic()
        if now - self._told >= EVERY:
            self._told = now
            self._app.post_message(ScoringMoved(progress.done, progress.total))
