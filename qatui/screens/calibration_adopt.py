"""The question before a judge is adopted: what it changes, and for whom."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from qatui.domain.calibration import Party
from qatui.screens.style import style
from qatui.text import visible


class ConfirmAdoption(ModalScreen[bool], inherit_bindings=False):
    """Dismissed with True on Enter, with False on escape. present: the name of the adopted judge, if there is one."""

    CSS_PATH = style("calibration")
    BINDINGS: ClassVar = [
        Binding("enter,y", "answer(True)", show=False),
        Binding("escape,n,q", "answer(False)", show=False),
        Binding("ctrl+c", "screen.copy_text", show=False),
    ]

    def __init__(self, judge: Party, present: str | None) -> None:
        super().__init__()
        self._judge = judge
        self._present = present

    def compose(self) -> ComposeResult:
        with Vertical(id="adoption"):
            yield Static(Content(visible(self._question())), classes="adoption--title")
            for line in self._lines():
                yield Static(Content(visible(line)))
            yield Static(Content("Enter does it, esc leaves all as it is."), classes="adoption--keys")

    def _question(self) -> str:
        if self._judge.adopted:
            return f"Adopt no judge any more, instead of {self._judge.name}?"
        instead = f" instead of {self._present}" if self._present else ""
        return f"Adopt {self._judge.name}{instead}?"

    def _lines(self) -> tuple[str, ...]:
        if self._judge.adopted:
            return ("Every view then shows the latest verdict, whoever gave it.",)
        return (
            "Every view, for everybody here, then shows its verdicts wherever it has one, else the latest.",
            "A person's scores stay above both. Scores before and after come from different judges.",
        )

    def action_answer(self, yes: bool) -> None:
        """Close with the answer."""
        self.dismiss(yes)
