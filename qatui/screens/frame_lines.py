"""The lines of the frame: where one is, one sentence of note, the keys; and what covers them in a small terminal."""

from __future__ import annotations

from typing import Literal

from textual.app import RenderResult
from textual.content import Content
from textual.style import Style
from textual.timer import Timer
from textual.widget import Widget

from qatui.actions import BY_ID
from qatui.text import cell_len, ellipsis, fit, one_line, supports_unicode
from qatui.widgets.wrapping import wrapped

Tone = Literal["plain", "good", "warning", "error"]

COLUMNS, LINES = 80, 24  # what every screen is complete at
PASSING = 8.0  # seconds a passing note stays
NOTE_LINES = 3  # the most that the note takes; the style sheet says the same
TABS = (
    ("go.reps", "reps"),
    ("go.tickets", "tickets"),
    ("go.performance", "performance"),
    ("go.gaps", "gaps"),
    ("go.calibration", "calibration"),
)


class WhereLine(Widget):
    """Workspace, period and filter at the left; the screens at the right, the present one in brackets."""

    auto_links = False  # what can be clicked need not look like a web page

    def __init__(self, current: str) -> None:
        super().__init__(id="where")
        self._current = current
        self._words: tuple[str, ...] = ()

    def show(self, words: tuple[str, ...]) -> None:
        """Say other words, the workspace first; foreign text is made harmless here."""
        if words != self._words:
            self._words = words
            self.refresh()

    def _tabs(self, *, tight: bool) -> Content:
        """The screens; tight: of the last one, where one is not, the number alone."""
        tabs: list[Content | tuple[str, str | Style]] = []
        for number, (action, screen) in enumerate(TABS, 1):
            here = screen == self._current
            titled = here or not tight or number < len(TABS)
            label = f"{number} {BY_ID[action].title}" if titled else f"{number}{ellipsis()}"
            click = Style.from_meta({"@click": f"screen.do('{action}')"})
            tabs.append((" ", ""))
            tabs.append(
                (f"[{label}]", "bold $accent") if here else Content.styled(label, click).stylize("$foreground-muted")
            )
        return Content.assemble(*tabs)

    def render(self) -> RenderResult:
        dot = " · " if supports_unicode() else " - "
        name, *rest = (one_line(word) for word in self._words) if self._words else ("",)
        whole = dot.join([name, *rest])
        for tight in (False, True):
            right = self._tabs(tight=tight)
            room = max(0, self.size.width - right.cell_length - 1)
            if cell_len(whole) <= room:
                break
        if cell_len(whole) > room and rest:
            return Content.assemble(fit(dot.join(rest), room), " ", right)  # where one looks matters more than in what
        return Content.assemble(Content(fit(whole, room)).stylize("bold", 0, len(name)), " ", right)


class NoteLine(Widget):
    """One sentence: what matters here; instead how far a run is, and for a while the last thing that happened."""

    def __init__(self) -> None:
        super().__init__(id="note")
        self._standing = ""
        self._under_way = ""
        self._passing = ""
        self._tone: Tone = "plain"
        self._timer: Timer | None = None

    @property
    def text(self) -> str:
        """What is being said."""
        return self._passing or self._under_way or self._standing

    def stand(self, sentence: str) -> None:
        """What is said while nothing else is."""
        if sentence != self._standing:
            self._standing = sentence
            self.refresh(layout=True)

    def run(self, sentence: str) -> None:
        """How far a run is, empty once it is none. What passes by is left its time: one goes on working meanwhile."""
        if sentence == self._under_way:
            return
        self._under_way = sentence
        if sentence and self._timer is None:
            self._passing = ""
        self.refresh(layout=True)

    def say(self, sentence: str, tone: Tone = "plain", *, stay: bool = False) -> None:
        """Say something for PASSING seconds, or with `stay` until something else is said."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        self._passing, self._tone = sentence, tone
        self.refresh(layout=True)
        if sentence and not stay:
            self._timer = self.set_timer(PASSING, self._fall_silent)

    def pass_by(self) -> None:
        """Something else is being done: what was passing is past."""
        if self._timer is not None:
            self.say("")

    def _fall_silent(self) -> None:
        self.say("")

    def render(self) -> RenderResult:
        style = {"plain": "", "good": "$text-success", "warning": "$text-warning", "error": "bold $text-error"}
        text = self._cut(one_line(self.text))
        return Content.styled(text, style[self._tone] if self._passing else "") if text else Content("")

    def _cut(self, text: str) -> str:
        """As much as NOTE_LINES hold, with a mark where that is not all."""
        width = max(2, self.app.size.width - 2)
        lines = wrapped(text, width)
        if len(lines) <= NOTE_LINES:
            return text
        last = f"{lines[NOTE_LINES - 1]} {ellipsis()}"
        return "\n".join([*lines[: NOTE_LINES - 1], fit(last, min(width, cell_len(last)))])


class KeysLine(Widget):
    """At most six keys with what they do; the ones that cannot be used now are left out."""

    auto_links = False

    def __init__(self) -> None:
        super().__init__(id="keys")
        self._pairs: list[tuple[str, str, str]] = []

    def show(self, pairs: list[tuple[str, str, str]]) -> None:
        """Show these (action id, key, title)."""
        if pairs != self._pairs:
            self._pairs = pairs
            self.refresh()

    def render(self) -> RenderResult:
        parts: list[Content] = []
        room = self.size.width
        for action, key, title in self._pairs:
            click = Style.from_meta({"@click": f"screen.do('{action}')"})
            part = Content.assemble((key, "bold $accent"), " ", (title, "$foreground-muted"), "   ").stylize(click)
            if part.cell_length - 3 > room:
                break
            room -= part.cell_length
            parts.append(part)
        return Content.assemble(*parts) if parts else Content("")


class TooSmall(Widget):
    """Covers everything where the terminal is smaller than the screens need."""

    def render(self) -> RenderResult:
        width, height = self.app.size
        times = "×" if supports_unicode() else "x"
        return Content(
            f"qatui needs {COLUMNS} {times} {LINES} characters;\nhere are {width} {times} {height}.\n"
            "Make the window larger, or leave with q."
        )
