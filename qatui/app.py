"""The application: opens the workspace, holds the screens, themes and what concerns all of them."""

from __future__ import annotations

import asyncio
import gc
import importlib
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.command import Provider
from textual.message import Message
from textual.reactive import var
from textual.screen import Screen

from qatui.config import THEMES as THEME_NAMES
from qatui.config import Settings
from qatui.errors import Exit, QatuiError, UsageError
from qatui.screens.changes import ChangeFailed, ChangeMade, ChangeRefused, Changes
from qatui.screens.frame import WIDE, Curtain, FrameScreen, as_error
from qatui.screens.frame_lines import COLUMNS, LINES, Tone
from qatui.screens.scoring import Scoring
from qatui.screens.scoring_actions import ScoresTickets
from qatui.screens.session import Session
from qatui.screens.style import style
from qatui.screens.themes import THEMES
from qatui.text import one_line

if TYPE_CHECKING:  # what the first frame does not wait for
    from qatui.domain.listing import TicketFilter
    from qatui.services.workspace import Workspace

PATIENCE = 15.0  # seconds that leaving waits for changes: longer than the store waits for another program's lock

Opener = Callable[[Settings], "AbstractAsyncContextManager[Workspace]"]


def _reps() -> Screen[Any]:
    from qatui.screens.reps import RepsScreen

    return RepsScreen()


def _tickets() -> Screen[Any]:
    from qatui.screens.tickets import TicketsScreen

    return TicketsScreen()


def _performance() -> Screen[Any]:
    from qatui.screens.performance import PerformanceScreen

    return PerformanceScreen()


def _gaps() -> Screen[Any]:
    from qatui.screens.gaps import GapsScreen

    return GapsScreen()


def _queue() -> Screen[Any]:
    from qatui.screens.review_queue import QueueScreen

    return QueueScreen()


def _calibration() -> Screen[Any]:
    from qatui.screens.calibration import CalibrationScreen

    return CalibrationScreen()


def _palette() -> type[Provider]:
    from qatui.screens.palette import ActionProvider

    return ActionProvider


class WorkspaceOpened(Message):
    """The workspace can be asked."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self.workspace = workspace


class WorkspaceRefused(Message):
    """The workspace could not be opened."""

    def __init__(self, error: QatuiError) -> None:
        super().__init__()
        self.error = error


class QatuiApp(ScoresTickets, inherit_bindings=False):
    """The application over one workspace.

    open_workspace: how to open it, by default the services', imported only after the first frame stands.
    """

    TITLE = "qatui"
    CSS_PATH: ClassVar[list[str | PurePath]] = [style("app"), style("reps")]  # read later it has all parsed again
    MODES: ClassVar[dict[str, str | Callable[[], Screen[Any]]]] = {
        "reps": _reps,
        "tickets": _tickets,
        "performance": _performance,
        "gaps": _gaps,
        "calibration": _calibration,
        "queue": _queue,
    }
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {_palette}
    COMMAND_PALETTE_BINDING = "no-key-app.command_palette"  # the registry has the key
    HORIZONTAL_BREAKPOINTS = [(0, "-cramped"), (COLUMNS, "-narrow"), (WIDE, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-short"), (LINES, "-tall")]  # noqa: RUF012

    workspace_revision = var(0)
    """Grows when the workspace was opened or its rows changed; screens watch it."""

    def __init__(self, settings: Settings, *, open_workspace: Opener | None = None, notice: str = "") -> None:
        super().__init__()
        self.animation_level = "none"
        self.session = Session(settings)
        self.session.notice = notice
        self._opener = open_workspace
        self._held = AsyncExitStack()
        self.scoring = Scoring(self)
        self.changes = Changes(self)
        self._waits = False
        """Whether it will be left once changes are stored."""
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = settings.theme
        self.set_keymap(self.session.keys.overrides)

    # Opening ---------------------------------------------------------------------------------------

    def get_default_screen(self) -> Screen[Any]:
        """The empty frame, which stands while the first screen and the database library are imported."""
        return Curtain()

    def on_mount(self) -> None:
        self.call_after_refresh(self._raise_curtain)

    async def _raise_curtain(self) -> None:
        if isinstance(self.screen, Curtain):  # a key typed ahead may have chosen another screen already
            await self.switch_mode("reps")
        self.call_after_refresh(self._start_opening)

    def _start_opening(self) -> None:
        self.run_worker(self._open(), name="workspace", group="workspace", exclusive=True)

    async def _open(self) -> None:
        try:
            if self._opener is None:
                self._opener = await asyncio.to_thread(_services_opener)
            workspace = await self._held.enter_async_context(self._opener(self.session.settings))
        except Exception as error:
            self.post_message(WorkspaceRefused(as_error(error)))
        else:
            self.post_message(WorkspaceOpened(workspace))

    @on(WorkspaceOpened)
    def _opened(self, message: WorkspaceOpened) -> None:
        if not gc.isenabled():  # the command line leaves it off while modules load
            gc.freeze()  # what was loaded stays: to look through all of it now would hold up the first rows
            gc.enable()
        self.session.workspace = message.workspace
        self.tell(self.session.notice)
        self.workspace_changed()

    @on(WorkspaceRefused)
    def _refused(self, message: WorkspaceRefused) -> None:
        if self.front is not None:
            self.front.show_failure(message.error, "opening the workspace")

    def workspace_changed(self) -> None:
        """Tell the screens that rows may have changed."""
        self.session.revision += 1
        self.workspace_revision += 1

    async def on_unmount(self) -> None:
        await self._held.aclose()

    # Changes of people -----------------------------------------------------------------------------

    @on(ChangeMade)
    def _change_made(self, message: ChangeMade) -> None:
        from qatui.screens.change_words import change_words

        self.answer(change_words(message.done.words, self.session.keys, message.back), "good")
        self.workspace_changed()

    @on(ChangeRefused)
    def _change_refused(self, message: ChangeRefused) -> None:
        self.answer(one_line(str(message.error)), "warning")

    @on(ChangeFailed)
    def _change_failed(self, message: ChangeFailed) -> None:
        if self.front is not None:
            self.front.show_failure(message.error, message.doing)

    def answer(self, sentence: str, tone: Tone) -> None:
        """Say it where one is, and there alone: it is about what one just did."""
        if self.front is not None:
            self.front.say(sentence, tone)

    def do_change_undo(self, _argument: str) -> None:
        """Take one's last change back."""
        self.changes.make("undoing", self.session.open.undo, "change.redo")

    def do_change_redo(self, _argument: str) -> None:
        """Make it again."""
        self.changes.make("redoing", self.session.open.redo)

    async def show_tickets(self, where: TicketFilter, origin: str, of_whom: str) -> None:
        """The Tickets screen with the tickets behind a figure; esc there goes back to `origin`."""
        from qatui.screens.tickets import TicketsScreen

        await self.switch_mode("tickets")
        if isinstance(self.screen, TicketsScreen):
            self.screen.drill(where, origin, of_whom)

    # Actions that mean the same everywhere -----------------------------------------------------------

    async def do_go_reps(self, argument: str) -> None:
        """To the Reps screen."""
        await self._go("reps", argument)

    async def do_go_tickets(self, argument: str) -> None:
        """To the Tickets screen, narrowed by the argument."""
        await self._go("tickets", argument)

    async def do_go_performance(self, _argument: str) -> None:
        """To the Performance screen."""
        await self._go("performance")

    async def do_go_gaps(self, _argument: str) -> None:
        """To the Gaps screen."""
        await self._go("gaps")

    async def do_go_calibration(self, argument: str) -> None:
        """To the Calibration screen, looking at the judge that is named."""
        await self._go("calibration", argument)

    async def do_go_queue(self, argument: str) -> None:
        """To the review queue, made anew where the argument says of how many tickets, and of which."""
        origin = self.current_mode
        await self._go("queue")
        from qatui.screens.review_queue import QueueScreen

        if isinstance(self.screen, QueueScreen):
            self.screen.come_from(origin, argument)

    async def _go(self, mode: str, wanted: str = "") -> None:
        while len(self.screen_stack) > 1:
            await self.pop_screen()
        await self.switch_mode(mode)
        if wanted and isinstance(self.screen, FrameScreen):
            self.screen.narrow(wanted)

    def do_app_palette(self, _argument: str) -> None:
        """Open the palette."""
        self.action_command_palette()

    def do_app_theme(self, argument: str) -> None:
        """The theme that is named, or the next one."""
        if argument and argument not in THEME_NAMES:
            raise UsageError(f"There is no theme {argument!r}; choose {', '.join(THEME_NAMES)}.")
        following = THEME_NAMES[(THEME_NAMES.index(self.theme) + 1) % len(THEME_NAMES)]
        self.theme = argument or following

    def do_app_quit(self, _argument: str) -> None:
        """Leave."""
        if self.leave_scoring():
            self.leave()

    def leave(self) -> None:
        """Leave, but not before the changes that people began are stored; at once where there are none."""
        if not self.changes.under_way:
            self.exit(Exit.DONE)
        elif not self._waits:
            self._waits = True
            self.tell("Leaving once what you changed is stored.", stay=True)
            self.run_worker(self._leave_after_changes(), name="leave", group="leave")

    async def _leave_after_changes(self) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                made = await self.changes.settled()
        except TimeoutError:
            self.exit(Exit.DONE, message="Your last change could not be stored in time and may be lost.")
        else:
            if made:
                self.exit(Exit.DONE)
        self._waits = False  # what was not made is told where one is, and whoever wants to leave still can


def _services_opener() -> Opener:
    opener: Opener = importlib.import_module("qatui.services.workspace").open_workspace
    return opener


def run_app(settings: Settings, notice: str = "") -> int:
    """Run the application in this terminal until it is left; the exit code of the command.

    notice: a sentence shown first, such as what was just imported. Raises ConfigError for keys that cannot be.
    """
    app = QatuiApp(settings, notice=notice)
    result = app.run()
    return int(result if result is not None else (app.return_code or Exit.DONE))
