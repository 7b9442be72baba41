"""The dialog for an error: what happened, and how to mend it."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from qatui.errors import QatuiError
from qatui.screens.style import style
from qatui.text import visible


class ErrorDialog(ModalScreen[None], inherit_bindings=False):
    """Title, message and hint of a QatuiError; any of enter, escape, space and q closes it."""

    CSS_PATH = style("dialog")
    BINDINGS: ClassVar = [
        Binding("enter,escape,space,q", "dismiss", "Close", show=False),
        Binding("ctrl+c", "screen.copy_text", show=False),
    ]

    def __init__(self, error: QatuiError, doing: str) -> None:
        super().__init__()
        self.error = error
        self.doing = doing

    def compose(self) -> ComposeResult:
        error = self.error
        with Vertical(id="dialog"):
            yield Static(Content(visible(f"{error.title}: {self.doing} failed")), classes="dialog--title")
            yield Static(Content(visible(error.message)), classes="dialog--message")
            if error.hint:
                yield Static(Content(visible(error.hint)), classes="dialog--hint")
            yield Static(Content("Enter closes this."), classes="dialog--keys")
