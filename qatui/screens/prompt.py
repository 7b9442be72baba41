"""One line that asks for words in place of the note: a search, a name, a file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.message import Message
from textual.suggester import SuggestFromList
from textual.widgets import Input, Static

from qatui.screens.frame import FrameScreen


class Prompt(Horizontal):
    """A label and an input over the note line; posts Given, or Left when it is abandoned."""

    BINDINGS: ClassVar = [
        Binding("tab", "complete", show=False),
        Binding("escape", "leave", show=False),
    ]

    class Given(Message):
        """Words were typed; `then` is what to do with them."""

        def __init__(self, words: str, then: Callable[[str], None]) -> None:
            super().__init__()
            self.words = words
            self.then = then

    class Left(Message):
        """Nothing was typed."""

    def __init__(self, label: str, then: Callable[[str], None], value: str = "", choices: Sequence[str] = ()) -> None:
        super().__init__(id="prompt")
        self._label = label
        self._then = then
        self._value = value
        self._choices = choices

    def compose(self) -> ComposeResult:
        yield Static(f"{self._label} ", markup=False)
        suggester = SuggestFromList(self._choices, case_sensitive=False) if self._choices else None
        field = Input(self._value, suggester=suggester, compact=True, select_on_focus=False)
        field.cursor_blink = False
        yield field

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Given(event.value.strip(), self._then))

    def on_input_blurred(self, event: Input.Blurred) -> None:
        event.stop()
        self.post_message(self.Left())

    def action_complete(self) -> None:
        """Take the completion that is shown."""
        self.query_one(Input).action_cursor_right()

    def action_leave(self) -> None:
        """Give way without words."""
        self.post_message(self.Left())


class AsksInALine(FrameScreen, inherit_bindings=False):
    """A screen that asks for words in place of its note."""

    async def ask_for(
        self, label: str, then: Callable[[str], None], value: str = "", choices: Sequence[str] = ()
    ) -> None:
        """Open the line with `value` in it; `then` gets what is entered; a line that is left calls nothing."""
        await self._close_prompt()
        self.note.display = False
        line = Prompt(label, then, value, choices)
        await self.mount(line, before=self.note)
        self.set_focus(line.query_one(Input))  # at once: the next key may be here already

    async def _close_prompt(self) -> None:
        if self.query(Prompt):
            await self.query(Prompt).remove()
            self.note.display = True
            self.focus_page()

    @on(Prompt.Left)
    async def _prompt_left(self) -> None:
        await self._close_prompt()

    @on(Prompt.Given)
    async def _prompt_given(self, message: Prompt.Given) -> None:
        await self._close_prompt()
        message.then(message.words)
