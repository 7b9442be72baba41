"""Knowledge gaps: not collected yet, and saying so."""

from __future__ import annotations

from textual.app import ComposeResult

from qatui.screens.frame import FrameScreen, Placard, bindings


class GapsScreen(FrameScreen, inherit_bindings=False):
    """Screen 4."""

    SCREEN = "gaps"
    BINDINGS = bindings("gaps")

    def compose_page(self) -> ComposeResult:
        yield Placard("placard")

    def on_mount(self) -> None:
        self.query_one(Placard).show(
            "empty",
            "What the customer agent could not answer is not collected yet.",
            "This page will group unanswered questions by topic, so that one short answer closes many of them.",
            "What it needs (unanswered questions, hand-offs and their reasons) is kept with every ticket you import.",
        )
