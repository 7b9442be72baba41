"""Help for where one is: every action with its keys, searchable, and why one cannot be done now."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from qatui.action_table import Action, Group
from qatui.actions import actions_of, matches
from qatui.screens.frame import FrameScreen
from qatui.screens.style import style

KEYS_WIDTH = 16
TITLE_WIDTH = 22
FRAME = 7  # cells of border, padding and scrollbar


class HelpScreen(ModalScreen[None], inherit_bindings=False):
    """The registry's actions of one screen; typing narrows them."""

    CSS_PATH = style("help")
    BINDINGS: ClassVar = [
        Binding("escape", "dismiss", show=False),
        Binding("down", "scroll(1)", show=False),
        Binding("up", "scroll(-1)", show=False),
        Binding("pagedown", "scroll(10)", show=False),
        Binding("pageup", "scroll(-10)", show=False),
    ]

    def __init__(self, below: FrameScreen, words: str = "") -> None:
        super().__init__()
        self._below = below
        self._words = words

    def compose(self) -> ComposeResult:
        with Vertical(id="help"):
            field = Input(
                self._words, placeholder="Type to search; ↓ ↑ scroll, esc closes", compact=True, select_on_focus=False
            )
            field.cursor_blink = False
            yield field
            with VerticalScroll(can_focus=False):
                yield Static(self._page(self._words), id="actions")

    @on(Input.Changed)
    def _narrow(self, event: Input.Changed) -> None:
        self.query_one("#actions", Static).update(self._page(event.value))
        self.query_one(VerticalScroll).scroll_home(animate=False)

    @on(Input.Submitted)
    def _close(self) -> None:
        self.dismiss()

    def action_scroll(self, lines: int) -> None:
        """So many lines down."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)

    def _page(self, words: str) -> Content:
        found = [action for action in actions_of(self._below.SCREEN) if matches(action, words)]
        if not found:
            return Content.styled("No action has these words.", "$foreground-muted")
        parts: list[Content | str] = []
        group: Group | None = None
        for action in found:
            if action.group is not group:
                group = action.group
                parts.append(Content.styled(("\n" if parts else "") + group.value + "\n", "bold $foreground-muted"))
            parts.append(self._line(action))
        return Content.assemble(*parts)

    def _line(self, action: Action) -> Content:
        """One action: keys, title, then what it does or why it cannot be done, wrapped under itself."""
        from textwrap import wrap

        labels = self._below.session.keys.labels(action.id)
        commands = " ".join(f":{command}" for command in action.commands)
        reason = self._below.why_disabled(action.id)
        sentence = f"{action.help} {commands}".strip() if reason is None else f"Not now: {reason}"
        page = min(self.app.size.width * 9 // 10, 112) - FRAME  # as the style sheet has it
        width = max(20, page - KEYS_WIDTH - TITLE_WIDTH)
        first, *rest = wrap(sentence, width) or [""]
        indent = " " * (KEYS_WIDTH + TITLE_WIDTH)
        style = "" if reason is None else "$text-warning"
        return Content.assemble(
            (labels.ljust(KEYS_WIDTH), "bold $accent"),
            action.title.ljust(TITLE_WIDTH),
            ("\n".join([first, *(indent + line for line in rest)]) + "\n", style),
        )
