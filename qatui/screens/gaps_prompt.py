"""One line that asks for words on the Gaps screen: a search, a name, a topic."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.message import Message
from textual.suggester import SuggestFromList
from textual.widgets import Input, Static


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
