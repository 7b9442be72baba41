"""Changes that people make from any screen: one after the other, told in the note line, taken back by undo."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from textual.app import App
from textual.message import Message
from textual.message_pump import MessagePump

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
    """Every change goes through here: it belongs to the application and not to a screen, and leaving waits for it."""

    def __init__(self, app: App[int]) -> None:
        self._app = app
        self._turn = asyncio.Lock()
        self._begun = 0
        self._failed = 0
        self._settled = asyncio.Event()

    @property
    def under_way(self) -> bool:
        """Whether a change was begun that is not made yet."""
        return self._begun > 0

    async def settled(self) -> bool:
        """Wait until every change that was begun has come to its end; whether all of them were made."""
        failed = self._failed
        while self._begun:
            await self._settled.wait()
        return self._failed == failed

    def make(self, doing: str, work: Work, back: str = "change.undo", tell: MessagePump | None = None) -> None:
        """Make a change after those that are being made.

        tell: who hears ChangeMade, ChangeRefused or ChangeFailed, by default the app.
        """
        hears = tell or self._app
        self._begun += 1
        self._settled.clear()

        async def make() -> None:
            try:
                async with self._turn:
                    done = await work()
            except (UsageError, ForbiddenError, NotFoundError) as error:
                self._failed += 1
                hears.post_message(ChangeRefused(error))
            except Exception as error:
                self._failed += 1
                hears.post_message(ChangeFailed(as_error(error), doing))
            else:
                hears.post_message(ChangeMade(done, back))
            finally:
                self._begun -= 1
                if not self._begun:
                    self._settled.set()

        self._app.run_worker(make(), name="change", group="change")
