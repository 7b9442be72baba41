"""What the Gaps screen shows and how one moves in it: the list of topics, and the one under the cursor."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widget import Widget
from textual.widgets import TextArea

from qatui.domain.gap_topic import WAITING, Draft, TopicRow, TopicSort, TopicsReport, TopicView
from qatui.errors import QatuiError, UsageError
from qatui.screens.frame import OPENS_INPUT, Placard, as_error
from qatui.screens.gaps_pane import TopicPane, answerable
from qatui.screens.gaps_ticket import QuestionTicketScreen
from qatui.screens.gaps_words import NATURAL_UP, WHICH, WHICH_WORDS, summary, topic_columns
from qatui.screens.moving import MovesInTable
from qatui.screens.prompt import AsksInALine
from qatui.text import one_line
from qatui.widgets.glyphs import glyphs
from qatui.widgets.window_table import WindowTable

FIELDS = ("question", "answer")
PARTS = ("topics", "questions", *FIELDS)
NEED_TOPIC = frozenset({"gaps.answer", "gaps.draft", "gaps.draft_next", "gaps.resolve"})
"""What waits until the topic under the cursor is read."""


@dataclass
class ListRead(Message):
    """The topics of a list; why_not: why the one asking may change nothing, None if they may."""

    asked: object
    report: TopicsReport
    why_not: str | None


@dataclass
class TopicRead(Message):
    """One topic with its drafts, and what the Question field starts with."""

    topic: int
    view: TopicView
    drafts: tuple[Draft, ...]
    question: str


class TopicRows:
    """The rows of the list in memory; a row that is gone hands the cursor to `at`."""

    def __init__(self) -> None:
        self.all: Sequence[TopicRow] = ()
        self.at = 0

    async def count(self) -> int:
        return len(self.all)

    async def rows(self, offset: int, limit: int) -> Sequence[TopicRow]:
        return self.all[offset : offset + limit]

    async def position(self, _row: object, /) -> int | None:
        return self.at


class GapsPage(MovesInTable, AsksInALine, inherit_bindings=False):
    """Reads and shows. Keys that come while rows are read are kept and done then, so that none hits another row."""

    def __init__(self) -> None:
        super().__init__()
        self.which = "waiting"
        self.search = ""
        self.sort = TopicSort.CONVERSATIONS
        self.descending = True
        self.report: TopicsReport | None = None
        self.may_not: str | None = None
        self.changing = False
        self.wanted: Sequence[int] = ()
        """The topics to which the cursor should go when the list is read, the first that is in it."""
        self.kept: dict[int, tuple[str, str]] = {}
        """What was typed into the fields of topics and not yet resolved."""
        self._rows = TopicRows()
        self._shown: object = None
        self._listing = False
        self._reading: int | None = None
        self._stale = True
        self._typed: deque[tuple[str, str]] = deque()
        self._part = "topics"
        self._came_from = "topics"

    def compose_page(self) -> ComposeResult:
        zone = self.session.zone
        with Horizontal(id="gaps"):
            with Vertical(id="rows"):
                columns = topic_columns(zone, self._now)
                yield WindowTable[TopicRow](columns, key=lambda row: row.topic, id="topics")
                yield Placard("placard")
            yield TopicPane(zone, self._now)

    def _now(self) -> Any:
        return self.session.open.now

    def on_mount(self) -> None:
        self.placard.display = False
        self.focus_page()

    # The parts -------------------------------------------------------------------------------------

    @property
    def topics(self) -> WindowTable[TopicRow]:
        return self.query_one("#topics", WindowTable)

    @property
    def pane(self) -> TopicPane:
        return self.query_one(TopicPane)

    @property
    def placard(self) -> Placard:
        return self.query_one("#placard", Placard)

    @property
    def row(self) -> TopicRow | None:
        """The topic under the cursor."""
        return self.topics.row if self._rows.all else None

    @property
    def part(self) -> str:
        """Where the keyboard is: topics, questions, question or answer."""
        return self._part

    @property
    def table(self) -> WindowTable[Any]:
        """The table in which moving moves."""
        return self.topics if self._part == "topics" else self.pane.questions

    @property
    def writing(self) -> bool:
        """Whether an answer is being written."""
        return self._part in FIELDS

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        if event.widget is not self.app.focused or self.query("CommandLine, Prompt"):
            return  # where the keyboard fell for a moment, when what held it was taken away
        if event.widget.id in PARTS and event.widget.id != self._part:
            self._enter(event.widget.id)

    def focus_page(self) -> None:
        self.set_focus(self.query_one(f"#{self._part}"))

    def go_to(self, part: str) -> None:
        """Give the keyboard to a part; below 110 columns topics and topic take each other's place."""
        if self.writing and part not in FIELDS:
            self.keep()
        self.set_class(part != "topics", "-inside")
        self._enter(part)
        if part != "topics":
            self.follow()

    def _enter(self, part: str) -> None:
        """At once: the next key may be here already."""
        if part in FIELDS and not self.writing:
            self._came_from = self._part
        self._part = part
        self.set_focus(self.query_one(f"#{part}"))
        self.refresh_frame()

    def keep(self) -> None:
        """Keep what was typed into the fields for when one comes back."""
        if self.pane.view is not None and self.pane.edited:
            self.kept[self.pane.view.row.topic] = self.pane.texts

    def where_words(self) -> tuple[str, ...]:
        said = [WHICH_WORDS.get(self.which, self.which)]
        if self.search:
            said.append(f"{glyphs().open_quote}{one_line(self.search)}{glyphs().close_quote}")
        return tuple(said)

    # Reading ---------------------------------------------------------------------------------------

    def asks(self) -> object:
        """What the list on screen answers."""
        return self.which, self.search, self.sort, self.descending, self.session.revision

    def load(self) -> None:
        """Read the list unless the one on screen answers the same question."""
        if self._shown != self.asks():
            self.ask()

    def ask(self) -> None:
        """Read the list."""
        self._listing = True
        self.start("list", "reading the topics", self._read, self.asks())

    async def _read(self, asked: object) -> None:
        gaps = self.session.open.gaps
        where = replace(WHICH[self.which], text=self.search)
        report = await gaps.report(where, self.sort, descending=self.descending)
        self.post_message(ListRead(asked, report, await gaps.why_not()))

    @on(ListRead)
    def _show_list(self, message: ListRead) -> None:
        places = {row.topic: place for place, row in enumerate(message.report.rows)}
        here = [self.row.topic] if self.row is not None else []
        first = self._shown is None or self._shown != message.asked
        self._shown = message.asked
        self.report, self.may_not = message.report, message.why_not
        self._rows.all = message.report.rows
        wanted = [topic for topic in (*self.wanted, *here) if topic in places]
        last = max(0, len(places) - 1)
        self._rows.at = places[wanted[0]] if wanted else 0 if first else min(self.topics.cursor, last)
        self.wanted = ()
        self._stale = True
        shown = self.pane.view
        if shown is not None and shown.row.topic not in places and self._part != "topics":
            self.go_to("topics")
        self.topics.marks &= set(places)
        sort = (self.sort.value, self.descending)
        if first:
            self.topics.show(self._rows, cursor=self._rows.at, sort=sort)
        else:
            self.topics.reload()

    @on(WindowTable.Loaded, "#topics")
    async def _list_stands(self, message: WindowTable.Loaded) -> None:
        self._listing = False
        self.topics.display = bool(message.total)
        self.placard.display = not message.total
        if not message.total:
            self.pane.clear()
            self.placard.show("empty", *self._nothing())
        elif self._part == "topics" and self.app.focused is None:
            self.topics.focus()
        if self.report is not None:
            self.note.stand(f"Read-only: {self.may_not}" if self.may_not else summary(self.report))
        self.refresh_frame()
        await self.go_on()

    def _nothing(self) -> tuple[str, ...]:
        """What to say where no topic is."""
        keys = self.session.keys
        if self.search:
            return (
                f"No topic here speaks of “{one_line(self.search)}”.",
                f"{keys.label('go.back')} clears the search.",
            )
        if self.which != "waiting":
            return ("No such topic.", f"{keys.label('gaps.state')} lists others, {keys.label('go.back')} what waits.")
        return (
            "Nothing waits for an answer.",
            "Questions that the customer agent could not answer come with the conversations:  qatui import FILE…",
            f"{keys.label('gaps.state')} lists topics that are resolved or dismissed.",
        )

    @on(WindowTable.Failed)
    def _table_failed(self, message: WindowTable.Failed) -> None:
        message.stop()
        self.show_failure(as_error(message.error), "reading the topics")

    def show_failure(self, error: QatuiError, doing: str) -> None:
        """Where nothing was read yet the failure stands in place of the rows; else a dialog tells it."""
        self._listing = self.changing = False
        self._reading = None
        self._typed.clear()
        if self._shown is None:
            self.topics.display = False
            self.placard.display = True
            self.placard.show("error", f"{error.title}: {doing} failed", error.message, error.hint)
            self.say("No topics are shown, because none could be read.", "error", stay=True)
        else:
            super().show_failure(error, doing)

    # The topic under the cursor --------------------------------------------------------------------

    @on(WindowTable.RowHighlighted, "#topics")
    def _topic_highlighted(self) -> None:
        self.refresh_frame()
        if self.wide or self.has_class("-inside"):
            self.follow()

    def on_resize(self) -> None:
        if self.wide and self.is_mounted:
            self.follow()

    def follow(self) -> None:
        """Read the topic under the cursor, unless it stands there or its answer is being written."""
        row = self.row
        if row is None or self.topic_stands or (self.writing and self._reading is None and not self._stale):
            return
        if self._reading != row.topic or self._stale:
            if not self.writing:
                self.keep()
            self._reading, self._stale = row.topic, False
            self.start("topic", "reading the topic", self._read_topic, row.topic)

    @property
    def topic_stands(self) -> bool:
        """Whether the pane shows the topic under the cursor as it is now."""
        view, row = self.pane.view, self.row
        there = view is not None and row is not None and view.row.topic == row.topic
        return there and self._reading is None and not self._stale

    async def _read_topic(self, topic: int) -> None:
        gaps = self.session.open.gaps
        view = await gaps.topic(topic)
        drafts: tuple[Draft, ...] = ()
        question = ""
        if answerable(view):
            drafts = await gaps.drafts(topic)
            question = await gaps.suggested_question(topic)
        self.post_message(TopicRead(topic, view, drafts, question))

    @on(TopicRead)
    async def _show_topic(self, message: TopicRead) -> None:
        if message.topic != self._reading:
            return
        self._reading = None
        pane = self.pane
        before = pane.view.row.topic if pane.view is not None else None
        pane.show(message.view, message.drafts)
        if not (self.writing and before == message.topic and pane.edited):
            kept = self.kept.get(message.topic)
            if kept is not None:
                pane.fill(*kept, kept=True)
            else:
                answers = message.view.answers
                pane.fill(message.question, answers[0].answer if answers else "")
        self.refresh_frame()
        await self.go_on()

    # Keys that come early --------------------------------------------------------------------------

    def types_into(self, widget: Widget | None) -> bool:
        """Whether a widget takes what is typed as text."""
        return isinstance(widget, TextArea) or super().types_into(widget)

    async def action_do(self, action_id: str, argument: str = "") -> None:
        """Do an action, once what it is about stands on screen."""
        here = action_id.startswith(("gaps.", "move.")) and self.session.workspace is not None
        if here and (self._typed or self._busy(action_id)):
            self._typed.append((action_id, argument))
            return
        if action_id == "app.quit" and self._typed and self._typed[-1][0] != action_id:
            self._typed.append((action_id, argument))  # what was typed before it is still to be done; again, it is not
            return
        await super().action_do(action_id, argument)

    def _busy(self, action_id: str) -> bool:
        if self.changing or self._listing:
            return True
        if action_id in NEED_TOPIC and self.row is not None and not self.topic_stands:
            self.follow()
            return True
        return False

    async def go_on(self) -> None:
        """Do what was typed meanwhile."""
        while self._typed and not self._busy(self._typed[0][0]):
            action_id, argument = self._typed.popleft()
            await super().action_do(action_id, argument)
            if action_id in OPENS_INPUT or action_id in ("gaps.answer", "gaps.draft"):
                # What came after was meant as text; doing it as commands would be worse than losing it.
                self._typed = deque(each for each in self._typed if each[0] == "gaps.resolve")

    # Moving ----------------------------------------------------------------------------------------

    def do_gaps_open(self, _argument: str) -> None:
        """Into the topic, or to the transcript of the question."""
        self.table.action_select()

    @on(WindowTable.RowSelected, "#topics")
    def _topic_selected(self) -> None:
        self.go_to("questions")

    @on(WindowTable.RowSelected, "#questions")
    def _question_selected(self, message: WindowTable.RowSelected) -> None:
        if self.pane.view is not None:
            screen = QuestionTicketScreen(self.pane.view.questions, message.index)
            self.app.push_screen(screen, self._came_back)

    def _came_back(self, place: int | None) -> None:
        """The cursor follows to the question that was read last."""
        if place is not None:
            self.pane.questions.cursor = place

    def do_gaps_right(self, _argument: str) -> None:
        """Into the topic."""
        if self.row is not None and self._part == "topics":
            self.go_to("questions")

    def do_gaps_left(self, _argument: str) -> None:
        """Back to the list."""
        self.go_to("topics")

    def do_gaps_next(self, _argument: str) -> None:
        """The next part."""
        self._turn(1)

    def do_gaps_previous(self, _argument: str) -> None:
        """The part before."""
        self._turn(-1)

    def _turn(self, step: int) -> None:
        view = self.pane.view
        parts = PARTS if view is not None and answerable(view) and self.may_not is None else PARTS[:2]
        if self.row is not None:
            self.go_to(parts[(parts.index(self._part) + step) % len(parts)])

    # Which topics, in which order ------------------------------------------------------------------

    def do_gaps_state(self, argument: str) -> None:
        """The choice that is named, or the next one."""
        names = list(WHICH)
        if argument and argument not in WHICH:
            raise UsageError(f"There is no choice {argument!r}; choose {', '.join(names)}.")
        self.which = argument or names[(names.index(self.which) + 1) % len(names)]
        self.narrowed()

    def narrowed(self) -> None:
        """Another choice of topics was made."""
        self.topics.marks = set()
        self.go_to("topics")
        self.refresh_frame()
        self.load()

    def do_gaps_sort(self, argument: str) -> None:
        """By the column that is named, or the next one."""
        columns = [column.value for column in TopicSort]
        found = [column for column in columns if argument and column.startswith(argument.casefold())]
        if argument and not found:
            raise UsageError(f"There is no column {argument!r} to sort by; choose {', '.join(columns)}.")
        order = [column.key for column in topic_columns(self.session.zone, self._now) if column.sortable]
        column = found[0] if found else order[(order.index(self.sort.value) + 1) % len(order)]
        self._order(TopicSort(column), TopicSort(column) not in NATURAL_UP)

    def do_gaps_reverse(self, _argument: str) -> None:
        """The other way around."""
        self._order(self.sort, not self.descending)

    def _order(self, column: TopicSort, descending: bool) -> None:
        self.sort, self.descending = column, descending
        self.load()

    @on(WindowTable.HeaderSelected, "#topics")
    def _header_clicked(self, message: WindowTable.HeaderSelected) -> None:
        column = TopicSort(message.column)
        self._order(column, not self.descending if column is self.sort else column not in NATURAL_UP)

    # Marks -----------------------------------------------------------------------------------------

    def do_gaps_mark(self, _argument: str) -> None:
        """Mark the row under the cursor."""
        if not self.writing:
            self.table.action_toggle_mark()

    def do_gaps_mark_all(self, _argument: str) -> None:
        """Mark all rows, or none."""
        table = self.table
        if table.marks:
            table.action_clear_marks()
            return
        if self._part == "topics":
            table.marks = {row.topic for row in self._rows.all if row.topic != WAITING}
        elif self.pane.view is not None:
            table.marks = {question.id for question in self.pane.view.questions}
        table.paint_rows()
        table.post_message(WindowTable.MarksChanged(table))

    @on(WindowTable.MarksChanged)
    def _say_marks(self, message: WindowTable.MarksChanged) -> None:
        message.stop()
        number = len(message.table.marks)  # type: ignore[attr-defined]
        self.say(f"{number:,} marked." if number else "", stay=bool(number))
