"""Where a review is written: three scores set by digits over the rubric's anchors, and a comment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from qatui.domain.rubric import RUBRIC, SCORES, Dimension
from qatui.text import one_line, supports_unicode
from qatui.widgets.glyphs import glyphs
from qatui.widgets.wrapping import wrapped

DIMENSIONS = tuple(Dimension)
MEASURE = 110  # cells of an anchor's line


class ScoreFields(Static, can_focus=True):
    """Tone, Clarity and Empathy, one of them pointed at, with what each score of that one looks like."""

    BINDINGS: ClassVar = [
        *(Binding(str(score), f"set({score})", show=False) for score in SCORES),
        Binding("left,h", "turn(-1)", show=False),
        Binding("right,l", "turn(1)", show=False),
        Binding("enter", "done", show=False),
    ]

    class Done(Message):
        """Enter was pressed."""

    def __init__(self) -> None:
        super().__init__(id="scores", markup=False)
        self.scores: dict[Dimension, int] = {}
        self.judge: Mapping[Dimension, int] = {}
        self.dimension = DIMENSIONS[0]

    def on_mount(self) -> None:
        self.show()

    def on_resize(self) -> None:
        self.show()

    def watch_has_focus(self, has_focus: bool) -> None:
        super().watch_has_focus(has_focus)
        self.show()

    def point(self, dimension: Dimension) -> None:
        """Point at another score."""
        self.dimension = dimension
        self.show()

    def action_set(self, score: int) -> None:
        """Give the score that is pointed at."""
        self.scores[self.dimension] = score
        self.show()

    def action_turn(self, step: int) -> None:
        """To the next or previous score."""
        self.point(DIMENSIONS[(DIMENSIONS.index(self.dimension) + step) % len(DIMENSIONS)])

    def action_done(self) -> None:
        """The review is written."""
        self.post_message(self.Done())

    def show(self) -> None:
        """Draw scores and anchors; always as many lines, so that nothing jumps when one turns."""
        width = min(MEASURE, self.size.width)
        if width:
            pages = {dimension: self._anchors(dimension, width) for dimension in Dimension}
            page = pages[self.dimension]
            most = max(len(lines) for lines in pages.values())
            padding = [Content("")] * (most - len(page))
            self.update(Content("\n").join([self._fields(), *page, *padding]))

    def _fields(self) -> Content:
        parts: list[Content] = []
        for dimension in Dimension:
            score = self.scores.get(dimension)
            here = dimension is self.dimension and self.has_focus
            value = f"[{score or '_'}]" if here else f" {score or '_'} "
            look = "bold reverse" if here else "bold" if score else "$foreground-muted"
            parts += [Content(f"{dimension.label} "), Content.styled(value, look)]
            if dimension in self.judge:
                parts.append(Content.styled(f" judge {self.judge[dimension]}", "$foreground-muted"))
            parts.append(Content("   "))
        return Content.assemble(*parts)

    def _anchors(self, dimension: Dimension, width: int) -> list[Content]:
        lines: list[Content] = []
        for score in SCORES:
            chosen = self.scores.get(dimension) == score
            sign = glyphs().cursor if chosen else " "
            look = "bold" if chosen else "$foreground-muted"
            for number, text in enumerate(wrapped(RUBRIC[dimension].anchor(score), max(20, width - 5))):
                head = f"{sign}{score}  " if not number else f"{sign}   "
                lines.append(Content.styled(head + text, look))
        return lines


class ReviewEditor(Vertical):
    """The scores (left out of a dispute), a comment, and the keys that work here; posts Saved."""

    BINDINGS: ClassVar = [
        Binding("tab", "turn(1)", show=False),
        Binding("shift+tab", "turn(-1)", show=False),
    ]
    DEFAULT_CSS = """
    ReviewEditor {
        height: auto;
        padding: 0 1;
        background: $surface;
        & #about { height: 1; }
        & #scores { height: auto; }
        & #comment { height: 1; }
        & #comment Static { width: 9; color: $text-muted; }
        & #comment Input { width: 1fr; }
        & #how { height: 1; color: $text-muted; }
    }
    """

    class Saved(Message):
        """The review is to be kept."""

    def __init__(self, row_id: int, about: str, *, dispute: bool) -> None:
        """about: which ticket; dispute: a comment alone."""
        super().__init__(id="review")
        self.row_id = row_id
        self.dispute = dispute
        self._about = about
        self._fields = None if dispute else ScoreFields()
        self._filled: tuple[dict[Dimension, int], str] = ({}, "")

    def compose(self) -> ComposeResult:
        yield Static(Content.styled(self._about, "bold $text-accent"), id="about", markup=False)
        if self._fields is not None:
            yield self._fields
        with Horizontal(id="comment"):
            yield Static("Comment", markup=False)
            field = Input(compact=True, select_on_focus=False)
            field.cursor_blink = False
            yield field
        dot = f" {glyphs().dot} "
        enter = "↵" if supports_unicode() else "enter"
        keys = [f"{enter} saves", "esc leaves"]
        if self._fields is not None:
            keys = ["1 to 5 sets the score", "tab goes on", *keys]
        yield Static(Content(dot.join(keys)), id="how", markup=False)

    def fill(
        self, scores: Mapping[Dimension, int], judge: Mapping[Dimension, int], comment: str = "", *, kept: bool = False
    ) -> None:
        """What it begins with, unless somebody wrote already.

        judge: what the judge gave, shown beside, empty where it is hidden; kept: it was typed before, and not saved.
        """
        if self.edited:
            return
        if self._fields is not None:
            self._fields.scores, self._fields.judge = dict(scores), judge
            self._fields.show()
        self.query_one(Input).value = one_line(comment)
        self._filled = ({}, "") if kept else (self.scores, self.query_one(Input).value)

    @property
    def first(self) -> Input | ScoreFields:
        """Where one begins."""
        return self.query_one(Input) if self._fields is None else self._fields

    @property
    def scores(self) -> dict[Dimension, int]:
        """The scores that are set."""
        return {} if self._fields is None else dict(self._fields.scores)

    @property
    def comment(self) -> str:
        return self.query_one(Input).value.strip()

    @property
    def edited(self) -> bool:
        """Whether something was set or typed here."""
        return (self.scores, self.query_one(Input).value) != self._filled

    def action_turn(self, step: int) -> None:
        """Tone, Clarity, Empathy, the comment: to the next of them."""
        fields = self._fields
        if fields is None:
            return
        stops: list[Dimension | None] = [*DIMENSIONS, None]
        here = stops.index(fields.dimension if fields.has_focus else None)
        stop = stops[(here + step) % len(stops)]
        if stop is None:
            self.query_one(Input).focus()
        else:
            fields.point(stop)
            fields.focus()

    def on_score_fields_done(self, event: ScoreFields.Done) -> None:
        event.stop()
        self.post_message(self.Saved())

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Saved())
