"""Changes that people make from any screen: one after the other, told in the note line, taken back by undo."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from textual.app import App
from textual.message import Message

from qatui.errors import ForbiddenError, NotFoundError, QatuiError, UsageError
from qatui.screens.frame import as_error

if TYPE_CHECKING:
    from qatui.services.changes import Done

Work = Callable[[], Awaitable["Done"]]


class ChangeMade(Message):
    """A change was made; back: the action that takes it back."""

    def __init__(self, done: Done, back: str) -> None:
        super().__init__()
        self.done = done
        self.back = back


class ChangeRefused(Message):
    """A change was not made: the error says why."""

    def __init__(self, error: QatuiError) -> None:
        super().__init__()
        self.error = error


class ChangeFailed(Message):
    """A change could not be made; doing: 'saving the review'."""

    def __init__(self, error: QatuiError, doing: str) -> None:
        super().__init__()
        self.error = error
        self.doing = doing


class Changes:
    """Belongs to the application and not to a screen, so that leaving a screen at once loses no change."""

    def __init__(self, app: App[int]) -> None:
        self._app = app
        self._turn = asyncio.Lock()

    def make(self, doing: str, work: Work, back: str = "change.undo") -> None:
        """Make a change after those that are being made; the app hears ChangeMade, ChangeRefused or ChangeFailed."""

        async def make() -> None:
            try:
                async with self._turn:
                    done = await work()
            except (UsageError, ForbiddenError, NotFoundError) as error:
                self._app.post_message(ChangeRefused(error))
            except Exception as error:
                self._app.post_message(ChangeFailed(as_error(error), doing))
            else:
                self._app.post_message(ChangeMade(done, back))

        self._app.run_worker(make(), name="change", group="change")
