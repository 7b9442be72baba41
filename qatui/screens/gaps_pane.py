"""One topic beside the list: its questions, the draft that is offered, and the fields of its answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Input, Static, TextArea

from qatui.domain.gap_topic import WAITING, Draft, TopicQuestion, TopicState, TopicView
from qatui.screens.gaps_words import answer_words, draft_words, heading, question_columns
from qatui.text import one_line, visible
from qatui.widgets.sources import InMemory
from qatui.widgets.window_table import WindowTable


def answerable(view: TopicView) -> bool:
    """Whether the topic can have an answer."""
    return view.row.topic != WAITING and view.row.state is not TopicState.DISMISSED


class TopicPane(Vertical):
    """What is known of one topic; the screen fills it and moves the keyboard in it."""

    def __init__(self, zone: ZoneInfo, now: Callable[[], datetime]) -> None:
        super().__init__(id="pane")
        self._zone = zone
        self._now = now
        self.view: TopicView | None = None
        self.drafts: tuple[Draft, ...] = ()
        self._draft = 0
        self._filled = ("", "")
        """What the fields began with."""

    def compose(self) -> ComposeResult:
        yield Static(id="heading", markup=False)
        yield WindowTable[TopicQuestion](
            question_columns(self._zone, self._now), key=lambda row: row.id, empty="No question is left here.",
            id="questions",
        )  # fmt: skip
        yield Static(id="offer", markup=False)
        with Vertical(id="fields"):
            with Horizontal():
                yield Static("Question", markup=False)
                question = Input(compact=True, select_on_focus=False, id="question")
                question.cursor_blink = False
                yield question
            with Horizontal():
                yield Static("Answer", markup=False)
                answer = TextArea(compact=True, highlight_cursor_line=False, id="answer")
                answer.cursor_blink = False
                yield answer

    def on_mount(self) -> None:
        self.clear()

    @property
    def questions(self) -> WindowTable[TopicQuestion]:
        return self.query_one("#questions", WindowTable)

    @property
    def question(self) -> Input:
        return self.query_one("#question", Input)

    @property
    def answer(self) -> TextArea:
        return self.query_one("#answer", TextArea)

    @property
    def texts(self) -> tuple[str, str]:
        """What the two fields hold."""
        return self.question.value, self.answer.text

    @property
    def edited(self) -> bool:
        """Whether somebody wrote in the fields."""
        return self.texts != self._filled

    @property
    def draft(self) -> Draft | None:
        """The draft that is offered."""
        return self.drafts[self._draft] if self.drafts else None

    def clear(self) -> None:
        """No topic is under the cursor."""
        self.view, self.drafts = None, ()
        self.query_one("#heading", Static).update("")
        self.query_one("#offer", Static).update("")
        self.query_one("#fields").display = False
        self.questions.display = False

    def show(self, view: TopicView, drafts: tuple[Draft, ...]) -> None:
        """Show a topic; the same one again keeps cursor, marks and draft."""
        same = self.view is not None and self.view.row.topic == view.row.topic
        self.view, self.drafts = view, drafts
        table = self.questions
        if not same:
            self._draft = 0
            table.marks = set()
        self._draft = min(self._draft, max(0, len(drafts) - 1))
        table.marks &= {question.id for question in view.questions}
        table.display = True
        table.show(InMemory(view.questions, key=lambda row: row.id), cursor=table.cursor if same else 0)
        self.query_one("#heading", Static).update(heading(view))
        self.query_one("#fields").display = answerable(view)
        self._show_offer()

    def fill(self, question: str, answer: str, *, kept: bool = False) -> None:
        """Put words into the fields; kept: they were typed before, so they count as edited."""
        self.question.value = one_line(question)
        self._write(answer)
        self._filled = ("", "") if kept else self.texts

    def take_draft(self) -> None:
        """The draft into the Answer field."""
        if self.draft is not None:
            self._write(self.draft.text)

    def _write(self, answer: str) -> None:
        self.answer.load_text(visible(answer))
        self.answer.move_cursor(self.answer.document.end)

    def next_draft(self) -> None:
        """Offer the next draft."""
        self._draft = (self._draft + 1) % max(1, len(self.drafts))
        self._show_offer()

    def _show_offer(self) -> None:
        assert self.view is not None
        lines = []
        if self.view.answers:
            lines.append(answer_words(self.view.answers[0], self._zone, self._now()))
        if self.draft is not None:
            lines.append(draft_words(self.draft, self._draft, len(self.drafts), self._zone, self._now()))
        elif not self.view.answers:
            lines.append(Content.styled("No rep answered this yet: there is no draft.", "$foreground-muted"))
        self.query_one("#offer", Static).update(Content("\n").join(lines) if answerable(self.view) else "")
