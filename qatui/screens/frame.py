"""The frame of every screen: where one is, what is shown, one sentence of note, and the keys that matter here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from inspect import isawaitable
from typing import Any, ClassVar, Literal, cast

from textual import on
from textual.app import ComposeResult, RenderResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input

from qatui.action_table import Scope
from qatui.actions import BY_ID, actions_of, parse_command
from qatui.domain.period import period_words
from qatui.errors import QatuiError, UsageError
from qatui.screens.frame_lines import KeysLine, NoteLine, Tone, TooSmall, WhereLine
from qatui.screens.session import Session
from qatui.text import one_line, supports_unicode

Handler = Callable[[str], Awaitable[None] | None]
STOP = "{stop}"  # in what is said of a run: the key that stops it on the screen that says it

WIDE = 110  # from so many columns on a second pane has room
OPENS_INPUT = frozenset(
    {
        "list.filter",
        "app.command",
        "app.help",
        "gaps.search",
        "gaps.rename",
        "gaps.split",
        "gaps.move",
        "coaching.write",
        "review.edit",
        "review.dispute",
    }
)


def bindings(screen: str) -> list[BindingType]:
    """What Textual needs to know of the registry for one screen.

    An action without a default key gets a key that nobody can press, so that the settings can give it one. Those
    that open an input line are done before the next key is looked at: over a slow line keys come in bursts, and what
    was typed after `/` must not be taken for commands.
    """
    return [
        Binding(
            action.keys or f"no-key-{action.id}",
            f"do('{action.id}')",
            action.title,
            show=False,
            id=action.id,
            priority=action.id in OPENS_INPUT,
        )
        for action in actions_of(screen)
    ]


def handler_name(action_id: str) -> str:
    """The method that carries out an action: `do_list_sort` for `list.sort`."""
    return "do_" + action_id.replace(".", "_")


def as_error(error: Exception) -> QatuiError:
    """Any failure of a worker as an error that can be shown."""
    if isinstance(error, QatuiError):
        return error
    return QatuiError(
        f"{type(error).__name__}: {error}", hint="This is a fault of qatui; the workspace itself is unharmed."
    )


class Failed(Message):
    """A worker could not do its work; `doing` says what it was at: 'reading tickets'."""

    def __init__(self, error: QatuiError, doing: str) -> None:
        super().__init__()
        self.error = error
        self.doing = doing


class TicketFound(Message):
    """The ticket that was named exists."""

    def __init__(self, row_id: int) -> None:
        super().__init__()
        self.row_id = row_id


class Placard(Widget):
    """In place of rows: nothing is here yet, or it could not be read; `kind` decides how it looks."""

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self.kind: Literal["empty", "error", "loading"] = "loading"
        self._lines: tuple[str, ...] = ()

    def show(self, kind: Literal["empty", "error", "loading"], *lines: str) -> None:
        """A heading and what to do about it."""
        self.kind = kind
        self._lines = lines
        self.set_class(kind == "error", "-error")
        self.refresh(layout=True)

    @property
    def text(self) -> str:
        return "\n".join(self._lines)

    def render(self) -> RenderResult:
        if not self._lines:
            return Content("")
        head, *rest = self._lines
        if self.kind == "error":
            head = ("✗ " if supports_unicode() else "! ") + head
        return Content.assemble(
            (head, "bold $text-error" if self.kind == "error" else "bold"),
            *(f"\n\n{line}" for line in rest if line),
        )


class FrameScreen(Screen[Any], inherit_bindings=False):
    """A screen in the frame. Subclasses name themselves in the registry (SCREEN) and their six keys (HINTS)."""

    SCREEN: ClassVar[str]
    HINTS: ClassVar[tuple[str, ...]] = ()
    STOPS: ClassVar[str] = "score.stop"
    """The action that stops a scoring run here: esc where nothing else is to be closed or left."""
    AUTO_FOCUS = ""

    def __init__(self) -> None:
        super().__init__()
        self._told_failure = False

    def compose(self) -> ComposeResult:
        yield WhereLine(self.SCREEN)
        with Container(id="what"):
            yield from self.compose_page()
        yield NoteLine()
        yield KeysLine()
        yield TooSmall()

    def compose_page(self) -> ComposeResult:
        """What stands between the where line and the note line."""
        yield from ()

    def on_mount(self) -> None:
        self.refresh_frame()
        self.watch(self.app, "workspace_revision", self._workspace_changed, init=False)

    # What subclasses answer ------------------------------------------------------------------------

    def where_words(self) -> tuple[str, ...]:
        """What the where line says after the workspace's name."""
        return ()

    def why_disabled(self, action_id: str) -> str | None:
        """Why an action cannot be done now, as a sentence; None when it can."""
        if action_id in ("score.pause", "score.stop") and not self.app.scoring.running:  # type: ignore[attr-defined]
            return "No run is under way."
        return None

    def load(self) -> None:
        """Read what this screen shows, again; only called when the workspace is open and this screen is seen."""

    # The frame -------------------------------------------------------------------------------------

    @property
    def session(self) -> Session:
        """What all screens share."""
        return cast("Session", self.app.session)  # type: ignore[attr-defined]

    @property
    def wide(self) -> bool:
        """Whether there is room for a second pane."""
        return self.app.size.width >= WIDE

    @property
    def note(self) -> NoteLine:
        return self.query_one(NoteLine)

    def say(self, sentence: str, tone: Tone = "plain", *, stay: bool = False) -> None:
        """Say what just happened in the note line."""
        self.note.say(sentence, tone, stay=stay)

    def tell_run(self) -> None:
        """Say how far the run is, and with which key it is stopped here."""
        words: str = self.app.scoring.words  # type: ignore[attr-defined]
        self.note.run(words.replace(STOP, self.session.keys.label(self.STOPS)))

    def run_moved(self) -> None:
        """The run has come further, and this screen is seen."""

    def refresh_frame(self) -> None:
        """Bring where line and keys line up to date."""
        self.query_one(WhereLine).show((self.session.name, *self.where_words()))
        keys = self.session.keys
        usable = [action for action in self.HINTS if self.why_disabled(action) is None]
        self.query_one(KeysLine).show(
            [(action, keys.label(action), BY_ID[action].hint or BY_ID[action].title.lower()) for action in usable[:5]]
            + [("app.help", keys.label("app.help"), "help")]
        )

    def start(self, name: str, doing: str, work: Callable[..., Coroutine[Any, Any, None]], *about: Any) -> None:
        """Run a worker; a newer one of the same name takes the place of an older one, a failure becomes a message."""

        async def guarded() -> None:
            try:
                await work(*about)
            except Exception as error:
                self.post_message(Failed(as_error(error), doing))

        self.run_worker(guarded, name=name, group=name, exclusive=True)  # type: ignore[arg-type]  # it returns None

    @on(Failed)
    def _worker_failed(self, message: Failed) -> None:
        message.stop()
        self.show_failure(message.error, message.doing)

    def show_failure(self, error: QatuiError, doing: str) -> None:
        """Something could not be read for this screen, or not be done: tell it."""
        self.tell_failure(error, doing)

    def tell_failure(self, error: QatuiError, doing: str) -> None:
        """A dialog says what failed and how to mend it; the note line what that means for the figures on screen."""
        from qatui.screens.dialog import ErrorDialog  # imported late: hopefully never needed

        self.say(f"{doing.capitalize()} failed: what you see was read before.", "error", stay=True)
        if not self._told_failure:  # one cause makes several readings fail, and one dialog tells it
            self._told_failure = True
            self.app.push_screen(ErrorDialog(error, doing))

    def narrow(self, wanted: str) -> None:
        """Take a filter that was typed after the screen's ':' command; UsageError where it cannot be."""
        raise UsageError(f"This screen has no filter, so {wanted!r} cannot narrow it.")

    def _workspace_changed(self) -> None:
        if self.session.workspace is not None and self.is_current:
            self.load()

    def on_screen_resume(self) -> None:
        self.refresh_frame()
        self.tell_run()  # the run may have begun or ended while another screen was seen
        if self._told_failure:
            # Back from the dialog: to read again at once would fail again and open it again.
            self._told_failure = False
        elif self.session.workspace is not None:
            self.load()

    # Actions ---------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether a key may do what it is bound to: a slash in an input line is a slash."""
        if action == "do" and parameters[0] in OPENS_INPUT and self.types_into(self.app.focused):
            return False
        return super().check_action(action, parameters)

    def types_into(self, widget: Widget | None) -> bool:
        """Whether a widget takes what is typed as text."""
        return isinstance(widget, Input)

    async def action_do(self, action_id: str, argument: str = "") -> None:
        """Do an action of the registry, or say why not."""
        if self.session.workspace is None and BY_ID[action_id].scope is not Scope.ANYWHERE:
            reason: str | None = "The workspace is still being opened."
        else:
            reason = self.why_disabled(action_id)
        if reason is not None:
            self.say(reason, "warning")
            return
        self.note.pass_by()
        name = handler_name(action_id)
        own: Handler | None = getattr(self, name, None)
        if own is not None:
            await self._carry_out(own, argument)
        else:
            # What the application does may take this screen away, and a screen cannot wait in its own loop for that.
            self.app.call_next(self._carry_out, getattr(self.app, name), argument)

    async def _carry_out(self, handler: Handler, argument: str) -> None:
        try:
            result = handler(argument)
            if isawaitable(result):
                await result
        except UsageError as error:
            self.app.answer(str(error), "warning")  # type: ignore[attr-defined]  # it may have led to another screen

    async def do_go_back(self, _argument: str) -> None:
        """Nothing is open, nothing runs: say so."""
        self.say(f"Nothing to go back to; {self.session.keys.label('app.quit')} leaves qatui.")

    def do_app_refresh(self, _argument: str) -> None:
        """Read again what is shown."""
        self.load()

    def do_app_copy_selection(self, _argument: str) -> None:
        """Copy what the mouse selected; without a selection, say how to leave."""
        selected = self.get_selected_text()
        if selected:
            self.copy(selected)
        else:
            self.say(f"Nothing is selected; {self.session.keys.label('app.quit')} leaves qatui.")

    def copy(self, text: str) -> None:
        """Hand text to the terminal's clipboard (OSC 52); whether it arrives is the terminal's affair."""
        self.app.copy_to_clipboard(text)
        self.say(f"Sent to the terminal: {one_line(text)}", "good")

    async def do_app_help(self, argument: str) -> None:
        """Open help for this screen."""
        from qatui.screens.help import HelpScreen  # imported late: not part of the first frame

        await self.app.push_screen(HelpScreen(self, argument))

    async def do_app_command(self, _argument: str) -> None:
        """Open the ':' line in place of the note."""
        from qatui.screens.command_line import CommandLine

        if not self.query(CommandLine):
            self.note.display = False
            line = CommandLine(self.SCREEN)
            await self.mount(line, before=self.note)
            self.set_focus(line.query_one(Input))  # at once: the next key may be here already

    async def _close_command_line(self) -> None:
        from qatui.screens.command_line import CommandLine

        await self.query(CommandLine).remove()
        self.note.display = True
        self.focus_page()

    def focus_page(self) -> None:
        """Give the keyboard back to what is shown."""

    async def on_command_line_left(self) -> None:
        await self._close_command_line()

    async def on_command_line_entered(self, message: Any) -> None:
        await self._close_command_line()
        try:
            command = parse_command(message.line, self.SCREEN)
        except UsageError as error:
            self.say(str(error), "warning")
        else:
            await self.action_do(command.action.id, command.argument)

    def do_go_ticket(self, argument: str) -> None:
        """Find the ticket that is named, then open it."""
        if not argument:
            raise UsageError("Name a ticket: :ticket T-1042, or source/id where several have that id.")
        if self.session.workspace is None:
            raise UsageError("The workspace is still being opened.")
        self.start("find", "finding the ticket", self._find_ticket, argument)

    async def _find_ticket(self, name: str) -> None:
        row_id = await self.session.open.reports.find(name)
        self.post_message(TicketFound(row_id))

    @on(TicketFound)
    def _open_found(self, message: TicketFound) -> None:
        from qatui.screens.ticket import TicketScreen

        message.stop()
        self.app.push_screen(TicketScreen(message.row_id))


class Curtain(FrameScreen, inherit_bindings=False):
    """The frame of the Reps screen with nothing in it yet: the first thing that is painted."""

    SCREEN = "reps"
    BINDINGS = bindings("performance")  # what works anywhere
    HINTS: ClassVar[tuple[str, ...]] = ("list.period", "list.filter", "list.sort")

    def where_words(self) -> tuple[str, ...]:
        return (period_words(self.session.period),)
