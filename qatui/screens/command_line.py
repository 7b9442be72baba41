"""The ':' line: takes a command by name, completes it, and gives way again."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.message import Message
from textual.suggester import Suggester
from textual.widgets import Input, Static

from qatui.actions import completions


class _Names(Suggester):
    """Completes the names of the commands that a screen takes."""

    def __init__(self, screen: str) -> None:
        super().__init__(case_sensitive=True, use_cache=False)
        self._screen = screen

    async def get_suggestion(self, value: str) -> str | None:
        found = completions(value, self._screen) if value else []
        return next((name for name in found if name != value), None)


class CommandLine(Horizontal):
    """One line of input over the note line; posts Entered, or Left when it is abandoned."""

    BINDINGS: ClassVar = [
        Binding("tab", "complete", show=False),
        Binding("escape", "leave", show=False),
    ]

    class Entered(Message):
        """A command was typed."""

        def __init__(self, line: str) -> None:
            super().__init__()
            self.line = line

    class Left(Message):
        """Nothing was typed."""

    def __init__(self, screen: str) -> None:
        super().__init__(id="command")
        self._for_screen = screen

    def compose(self) -> ComposeResult:
        yield Static(":", markup=False)
        field = Input(suggester=_Names(self._for_screen), compact=True, select_on_focus=False)
        field.cursor_blink = False
        yield field

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        line = event.value.strip()
        self.post_message(self.Entered(line) if line else self.Left())

    def on_input_blurred(self, event: Input.Blurred) -> None:
        event.stop()
        self.post_message(self.Left())

    def action_complete(self) -> None:
        """Take the completion that is shown."""
        self.query_one(Input).action_cursor_right()

    def action_leave(self) -> None:
        """Give way without a command."""
        self.post_message(self.Left())
