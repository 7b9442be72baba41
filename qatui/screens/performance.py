"""Performance of the customer agent: not measured yet, and saying so."""

from __future__ import annotations

from textual.app import ComposeResult

from qatui.screens.frame import FrameScreen, Placard, bindings


class PerformanceScreen(FrameScreen, inherit_bindings=False):
    """Screen 3."""

    SCREEN = "performance"
    BINDINGS = bindings("performance")

    def compose_page(self) -> ComposeResult:
        yield Placard("placard")

    def on_mount(self) -> None:
        self.query_one(Placard).show(
            "empty",
            "How the customer agent performs is not shown yet.",
            "This page will say how many conversations it took, how many it resolved, and how often it handed off.",
            "What it needs (who answered, hand-offs, feedback) is kept with every ticket that you import.",
        )
