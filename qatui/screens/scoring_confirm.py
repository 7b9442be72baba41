"""The question before a paid run: how many tickets, where they go, what it will take."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from qatui.config_llm import LlmSettings
from qatui.domain.money import amount
from qatui.screens.scoring import SAMPLE, ScoringPlanned
from qatui.screens.style import style
from qatui.screens.words import tickets
from qatui.text import visible


class ConfirmScoring(ModalScreen[bool], inherit_bindings=False):
    """Dismissed with True on Y, with False on escape.

    Not on Enter: the question comes when the estimate is made, perhaps while something else is being typed.
    """

    CSS_PATH = style("runs")
    BINDINGS: ClassVar = [
        Binding("Y", "answer(True)", show=False),
        Binding("escape,n,q", "answer(False)", show=False),
        Binding("ctrl+c", "screen.copy_text", show=False),
    ]

    def __init__(self, planned: ScoringPlanned, settings: LlmSettings) -> None:
        super().__init__()
        self._planned = planned
        self._settings = settings

    def compose(self) -> ComposeResult:
        planned = self._planned
        with Vertical(id="confirm"):
            title = f"Have {tickets(planned.plan.tickets)} judged by {planned.plan.judge}?"
            yield Static(Content(visible(title)), classes="confirm--title")
            for line in estimate_lines(planned, self._settings):
                yield Static(Content(visible(line)))
            yield Static(Content("Y begins, esc sends nothing."), classes="confirm--keys")

    def action_answer(self, yes: bool) -> None:
        """Close with the answer."""
        self.dismiss(yes)


def estimate_lines(planned: ScoringPlanned, settings: LlmSettings) -> Iterator[str]:
    """Where the tickets go, and what that takes and costs."""
    estimate = planned.estimate
    masked = "Personal data is masked." if settings.masked else "Personal data is not masked."
    yield f"Sent to {settings.host}. {masked}"
    guessed = f", by the first {SAMPLE:,} of them" if planned.plan.tickets > SAMPLE else ""
    yield f"About {estimate.usage.prompt:,} tokens sent and {estimate.usage.answer:,} received{guessed}."
    if settings.readings > 1:
        yield f"Doubtful tickets are read up to {settings.readings} times."
    if estimate.cost is None or estimate.highest is None:
        yield "No price is set, so what it costs is not known: price_in and price_out in [llm]."
    else:
        yield f"About {estimate.cost:.4f} in the currency of the prices, at most {estimate.highest:.4f}."
    if planned.budget is not None:
        yield f"It ends before {amount(planned.budget)} is spent."
    elif estimate.cost is not None:
        yield "Without a budget; `:score llm 2.50` would set one."
