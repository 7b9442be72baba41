"""Knowledge gaps: what the customer agent could not answer, by topic; answered, sorted and undone by keyboard."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import on
from textual.message import Message
from textual.widgets import Input

from qatui.domain.gap_topic import WAITING, QuestionState, Suggestion, TopicState
from qatui.errors import UsageError
from qatui.screens.changes import ChangeFailed, ChangeMade, ChangeRefused
from qatui.screens.frame import bindings
from qatui.screens.gaps_page import GapsPage
from qatui.screens.gaps_pane import answerable
from qatui.screens.gaps_words import count, sentence, suggestion_words
from qatui.screens.style import style
from qatui.text import one_line
from qatui.widgets.figures import printable
from qatui.widgets.glyphs import glyphs

if TYPE_CHECKING:
    from qatui.services.changes import Done
    from qatui.services.gaps.refresh import Refreshed

CHANGES = frozenset(
    f"gaps.{action}"
    for action in (
        "answer", "draft", "resolve", "dismiss", "restore", "merge", "split", "move", "rename", "accept", "refuse",
        "undo", "redo",
    )
)  # fmt: skip
"""What needs an editor."""
TURNS = {"gaps.undo": "gaps.redo", "gaps.redo": "gaps.undo"}


@dataclass
class Sorting(Message):
    """So many of the new questions have been sorted into topics."""

    done: int
    total: int


@dataclass
class Sorted(Message):
    """New questions were sorted into topics."""

    result: Refreshed


@dataclass
class Suggested(Message):
    """Merges and splits that wait for a person."""

    suggestions: list[Suggestion]


class GapsScreen(GapsPage, inherit_bindings=False):
    """Screen 4: what a person decides about topics and questions."""

    SCREEN = "gaps"
    CSS_PATH = style("gaps")
    BINDINGS = bindings("gaps")

    def __init__(self) -> None:
        super().__init__()
        self._sorted = -1
        """The revision of the workspace whose new questions were sorted."""
        self._next: Sequence[int] = ()
        """Where the cursor goes after the change that is being made."""
        self._suggestions: list[Suggestion] = []
        self._suggestion = -1

    @property
    def HINTS(self) -> tuple[str, ...]:  # type: ignore[override]  # they depend on where one is
        """The keys that matter where the keyboard is."""
        if self.writing:
            return ("gaps.resolve", "gaps.draft_next", "gaps.next", "go.back")
        if self.part == "questions":
            return ("gaps.open", "gaps.answer", "gaps.dismiss", "gaps.split", "gaps.move")
        return ("gaps.open", "gaps.draft", "gaps.answer", "gaps.dismiss", "gaps.undo")

    # New questions ---------------------------------------------------------------------------------

    def load(self) -> None:
        """Read the list; then sort new questions into topics, if there are any."""
        super().load()
        if self._sorted != self.session.revision:
            self._sorted = self.session.revision
            self.start("sorting", "sorting new questions into topics", self._sort_new)

    def do_app_refresh(self, _argument: str) -> None:
        """Read the workspace again and sort new questions."""
        self._sorted = -1
        self._shown = None
        self.load()

    async def _sort_new(self) -> None:
        gaps = self.session.open.gaps
        due = await gaps.due()
        if due and await gaps.why_not() is None:
            self.post_message(Sorting(0, due))

            def progress(done: int, total: int) -> None:
                self.post_message(Sorting(done, total))

            self.post_message(Sorted(await gaps.catch_up(progress)))

    @on(Sorting)
    def _say_sorting(self, message: Sorting) -> None:
        self.say(f"Sorting {message.done:,} of {message.total:,} new questions into topics", stay=True)

    @on(Sorted)
    def _say_sorted(self, message: Sorted) -> None:
        result = message.result
        found = f", {count(result.founded, 'new topic')}" if result.founded else ""
        self.say(f"{count(result.questions, 'new question')}: {result.placed:,} sorted into topics{found}.", "good")
        self.ask()

    # Making changes --------------------------------------------------------------------------------

    def why_disabled(self, action_id: str) -> str | None:
        if action_id in CHANGES and self.may_not:
            return self.may_not
        if action_id in ("gaps.accept", "gaps.refuse") and self._suggestion < 0:
            return f"No suggestion is shown; {self.session.keys.label('gaps.suggest')} shows the next one."
        if action_id == "gaps.draft_next" and self.is_mounted and len(self.pane.drafts) < 2:
            return "There is no other draft."
        if action_id in ("gaps.answer", "gaps.draft", "gaps.resolve") and self.is_mounted:
            if self.row is None:
                return "There is no topic under the cursor."
            if self.row.topic == WAITING:
                return "These questions are no topic yet; mark some and split them off to make one."
            if self.row.state is TopicState.DISMISSED:
                return "This topic is dismissed; restore it first."
            if action_id == "gaps.draft" and self.topic_stands and self.pane.draft is None:
                return "No rep answered this in public: there is no draft to take."
        return super().why_disabled(action_id)

    def change(
        self,
        doing: str,
        work: Callable[[], Awaitable[Done]],
        wanted: Sequence[int] = (),
        back: str = "gaps.undo",
    ) -> None:
        """Make a change; what is typed meanwhile waits for the list after it. wanted: where the cursor goes then."""
        self.changing, self._next = True, wanted
        self.app.changes.make(doing, work, back, tell=self)  # type: ignore[attr-defined]

    @on(ChangeMade)
    def _changed(self, message: ChangeMade) -> None:
        message.stop()
        self.changing = False
        self.topics.marks = set()
        self.pane.questions.marks = set()
        self._suggestion = -1
        self.wanted = self._next or message.done.topics
        verb = "makes it again" if message.back == "gaps.redo" else "undoes it"
        words = sentence(printable(one_line(message.done.words)))
        key = self.session.keys.label(message.back)
        self.say(f"{words} {glyphs().dot} {key} {verb}", "good", stay=True)
        if message.done.tickets:  # undo goes by person: it was a review that was taken back
            self.app.workspace_changed()  # type: ignore[attr-defined]
        self.ask()

    @on(ChangeRefused)
    async def _refused(self, message: ChangeRefused) -> None:
        message.stop()
        self.changing = False
        self.say(printable(one_line(str(message.error))), "warning")
        await self.go_on()

    @on(ChangeFailed)
    def _change_failed(self, message: ChangeFailed) -> None:
        message.stop()
        self.show_failure(message.error, message.doing)

    def _after(self, gone: Collection[int]) -> list[int]:
        """Where the cursor goes when these topics leave the list: the next that waits, else the one before."""
        rows = self._rows.all
        place = self.topics.cursor
        order = [*rows[place:], *reversed(rows[:place])]
        return [row.topic for row in order if row.topic not in gone and row.topic != WAITING and row.attention]

    # Answers ---------------------------------------------------------------------------------------

    def do_gaps_answer(self, _argument: str) -> None:
        """To the fields: the answer, where a question stands already."""
        self.go_to("answer" if self.pane.question.value else "question")

    def do_gaps_draft(self, _argument: str) -> None:
        """The draft into the Answer field."""
        self.pane.take_draft()
        self.go_to("answer")

    def do_gaps_draft_next(self, _argument: str) -> None:
        """Offer the next draft."""
        self.pane.next_draft()

    @on(Input.Submitted, "#question")
    def _question_done(self, event: Input.Submitted) -> None:
        event.stop()
        self.go_to("answer")

    def do_gaps_resolve(self, _argument: str) -> None:
        """Create the answer and resolve the topic; of a resolved topic put the answer into other words."""
        view = self.pane.view
        if view is None or not answerable(view):
            return
        topic = view.row.topic
        question, answer = self.pane.texts
        if not answer.strip():
            keys = self.session.keys
            write, take = keys.label("gaps.answer"), keys.label("gaps.draft")
            raise UsageError(f"There is no answer yet: {write} writes one, {take} takes the draft.")
        gaps = self.session.open.gaps
        if view.row.state is TopicState.RESOLVED and not view.row.recurring:
            wanted = [topic]

            async def work() -> Done:
                return await gaps.edit_answer(topic, question=question, answer=answer)
        else:
            wanted = self._after({topic})

            async def work() -> Done:
                return await gaps.resolve(topic, question, answer)

        async def make() -> Done:
            done = await work()
            self.kept.pop(topic, None)
            self.pane.fill(question, answer)  # nothing is unsaved any more
            return done

        self.change("resolving the topic", make, wanted)

    # Topics and questions --------------------------------------------------------------------------

    def _chosen_topics(self) -> list[int]:
        """The marked topics, or the one under the cursor."""
        marked = [row.topic for row in self._rows.all if row.topic in self.topics.marks]
        chosen = marked or ([self.row.topic] if self.row is not None else [])
        if not chosen:
            raise UsageError("There is no topic under the cursor.")
        return chosen

    def _chosen_questions(self, *, marked_only: bool = False) -> list[int]:
        """The marked questions of the topic, or the one under the cursor."""
        table, view = self.pane.questions, self.pane.view
        marked = [question.id for question in view.questions if question.id in table.marks] if view else []
        here = [table.row.id] if table.row is not None and self.part == "questions" and not marked_only else []
        if not marked and not here:
            space = self.session.keys.label("gaps.mark")
            raise UsageError(f"Mark the questions first: {space} in the list of a topic's questions.")
        return marked or here

    def do_gaps_dismiss(self, _argument: str) -> None:
        """Topics or questions need no answer."""
        gaps = self.session.open.gaps
        if self.part == "topics":
            topics = self._chosen_topics()
            self.change("dismissing", lambda: gaps.dismiss_topics(topics), self._after(set(topics)))
        else:
            questions = self._chosen_questions()
            self.change("dismissing", lambda: gaps.dismiss_questions(questions))

    def do_gaps_restore(self, _argument: str) -> None:
        """Dismissed ones count again; a resolved topic is open again."""
        gaps = self.session.open.gaps
        if self.part == "topics":
            topics = self._chosen_topics()
            if len(topics) > 1:
                raise UsageError("Topics are restored one by one; take the marks away first.")
            self.change("restoring", lambda: gaps.restore_topic(topics[0]))
            return
        assert self.pane.view is not None
        chosen = set(self._chosen_questions())
        dismissed = [
            question.id
            for question in self.pane.view.questions
            if question.id in chosen and question.state is QuestionState.DISMISSED
        ]
        if not dismissed:
            raise UsageError("Only dismissed questions can be restored.")
        self.change("restoring", lambda: gaps.restore_questions(dismissed))

    def do_gaps_merge(self, _argument: str) -> None:
        """The marked topics into the one under the cursor."""
        keys = self.session.keys
        into = self.row
        others = [row.topic for row in self._rows.all if row.topic in self.topics.marks]
        others = [topic for topic in others if into is None or topic != into.topic]
        if into is None or self.part != "topics" or not others:
            raise UsageError(
                f"Mark topics with {keys.label('gaps.mark')}, then {keys.label('gaps.merge')} on the one to keep."
            )
        gaps = self.session.open.gaps
        self.change("merging", lambda: gaps.merge(into.topic, others), [into.topic])

    async def do_gaps_split(self, argument: str) -> None:
        """The marked questions become a topic; ask for its name."""
        questions = self._chosen_questions()
        row = self.row
        if row is None:
            return
        gaps = self.session.open.gaps

        def split(name: str) -> None:
            self.change("splitting", lambda: gaps.split(row.topic, questions, name), [row.topic])

        if argument:
            split(argument)
        else:
            await self.ask_for(f"Name of the new topic (empty: from {count(len(questions), 'question')}):", split)

    async def do_gaps_move(self, argument: str) -> None:
        """The marked questions into another topic; ask which."""
        questions = self._chosen_questions()
        gaps = self.session.open.gaps
        here = [self.row.topic] if self.row is not None else []

        def move(name: str) -> None:
            async def work() -> Done:
                return await gaps.move(questions, await gaps.find(name))

            if name:
                self.change("moving", work, here)

        if argument:
            move(argument)
        else:
            names = [row.name for row in self._rows.all if row.topic not in (*here, WAITING)]
            await self.ask_for(f"Move {count(len(questions), 'question')} to topic:", move, choices=names)

    async def do_gaps_rename(self, argument: str) -> None:
        """Another name for the topic; ask for it."""
        row = self.row
        if row is None or row.topic == WAITING:
            raise UsageError("There is no topic to rename under the cursor.")
        gaps = self.session.open.gaps

        def rename(name: str) -> None:
            if name and name != row.name:
                self.change("renaming", lambda: gaps.rename(row.topic, name), [row.topic])

        if argument:
            rename(argument)
        else:
            await self.ask_for("Name:", rename, one_line(row.name))

    async def do_gaps_search(self, argument: str) -> None:
        """Topics with these words."""

        def search(words: str) -> None:
            self.search = words
            self.narrowed()

        if argument:
            search(argument)
        else:
            await self.ask_for("Search:", search, self.search)

    # Suggestions -----------------------------------------------------------------------------------

    def do_gaps_suggest(self, _argument: str) -> None:
        """The next suggestion."""
        self.start("suggestions", "reading suggestions", self._read_suggestions)

    async def _read_suggestions(self) -> None:
        self.post_message(Suggested(await self.session.open.gaps.suggestions()))

    @on(Suggested)
    def _suggest(self, message: Suggested) -> None:
        self._suggestions = message.suggestions
        if not self._suggestions:
            self._suggestion = -1
            self.say("Nothing is suggested.")
            return
        self._suggestion = (self._suggestion + 1) % len(self._suggestions)
        shown = self._suggestions[self._suggestion]
        place = next((at for at, row in enumerate(self._rows.all) if row.topic == shown.first), None)
        if place is not None:
            self.go_to("topics")
            self.topics.cursor = place
        keys = self.session.keys
        number = f"{self._suggestion + 1} of {len(self._suggestions)}"
        how = f"{keys.label('gaps.accept')} accepts, {keys.label('gaps.refuse')} refuses"
        self.say(f"Suggested ({number}): {suggestion_words(shown)} {glyphs().dot} {how}", stay=True)

    def do_gaps_accept(self, _argument: str) -> None:
        """Do what is suggested."""
        gaps, shown = self.session.open.gaps, self._suggestions[self._suggestion]
        self.change("accepting", lambda: gaps.accept(shown), [shown.first])

    def do_gaps_refuse(self, _argument: str) -> None:
        """Never suggest it again."""
        gaps, shown = self.session.open.gaps, self._suggestions[self._suggestion]
        self.change("refusing", lambda: gaps.refuse(shown), [shown.first])

    # Undo, going back ------------------------------------------------------------------------------

    def do_gaps_undo(self, _argument: str) -> None:
        """Take the last change back."""
        self.change("undoing", self.session.open.gaps.undo, back="gaps.redo")

    def do_gaps_redo(self, _argument: str) -> None:
        """Make it again."""
        self.change("redoing", self.session.open.gaps.redo)

    async def do_go_back(self, argument: str) -> None:
        """Leave the fields, take marks away, leave the topic, clear the search, list what waits."""
        if self.writing:
            self.go_to(self._came_from)
            if self.pane.view is not None and self.pane.view.row.topic in self.kept:
                self.say("What you wrote is kept until qatui is left.")
        elif self.table.marks:
            self.table.action_clear_marks()
        elif self.part == "questions":
            self.go_to("topics")
        elif self.search or self.which != "waiting":
            self.search, self.which = ("", self.which) if self.search else ("", "waiting")
            self.narrowed()
        else:
            await super().do_go_back(argument)
