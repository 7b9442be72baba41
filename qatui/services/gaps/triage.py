"""Unanswered questions and their topics: what is read of them, and what people decide, each in one transaction.

Every change needs an editor (and a seat, where these are limited), is written to the log with what it was before, and
can be undone and done again by who made it, also after a restart.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from qatui.config import Settings
from qatui.domain.gap_topic import (
    TREND_WEEKS,
    WAITING,
    AnswerRow,
    Draft,
    ShortAnswer,
    Suggestion,
    TopicFilter,
    TopicQuestion,
    TopicRow,
    TopicSort,
    TopicsReport,
    TopicState,
    TopicView,
    drafts,
    effect,
    in_order,
)
from qatui.domain.people import Account, Right
from qatui.domain.weeks import Week
from qatui.errors import ForbiddenError, UsageError
from qatui.services.changes import ChangeLog, Changing, Done
from qatui.services.gaps.refresh import Refreshed
from qatui.services.people import People
from qatui.store import gaps, gaps_grouping
from qatui.store.engine import Database
from qatui.store.gaps_changes import Changes
from qatui.text import one_line, storable

if TYPE_CHECKING:
    from qatui.services.gaps.vectors import Embedder

NAME_LENGTH = 120
ANSWER_LENGTH = 20_000
ATTENTION = TopicFilter(attention=True)
"""What waits for a person: open topics, and those that came back."""


Change = Callable[[Changes, Account], Awaitable[tuple[str, tuple[int, ...]]]]


class Gaps:
    """Knowledge gaps of one workspace."""

    def __init__(
        self,
        db: Database,
        settings: Settings,
        people: People,
        clock: Callable[[], datetime],
        embedder: Callable[[], Embedder] | None = None,
    ) -> None:
        """embedder: what makes vectors, loaded when the first is needed; None: what the settings say."""
        self._db = db
        self._settings = settings
        self._people = people
        self._clock = clock
        self._log = ChangeLog(db, people, clock)
        self._embedder = embedder or self._engine

    # Reading --------------------------------------------------------------------------------------------------

    async def report(
        self,
        where: TopicFilter = ATTENTION,
        sort: TopicSort = TopicSort.CONVERSATIONS,
        *,
        descending: bool = True,
        as_of: datetime | None = None,
    ) -> TopicsReport:
        """The topics of a list in order, and how much waits in all; as_of: now."""
        as_of = as_of or self._clock()
        async with self._db.read() as connection:
            weeks = self._weeks(as_of)
            rows = await gaps.topics(connection, where, as_of=as_of, weeks=weeks)
            every = rows if where == ATTENTION else await gaps.topics(connection, ATTENTION, as_of=as_of, weeks=weeks)
        topics = [row for row in every if row.topic != WAITING]
        return TopicsReport(
            rows=tuple(in_order(rows, sort, descending=descending)),
            open_topics=len(topics),
            open_questions=sum(_open_questions(row) for row in every),
            not_grouped=sum(row.questions for row in every if row.topic == WAITING),
            as_of=as_of,
        )

    async def topic(self, topic: int, *, as_of: datetime | None = None, offset: int = 0, limit: int = -1) -> TopicView:
        """One topic with its questions newest first (of them a page), its answers newest first, and their effect.

        topic: WAITING for the questions that no topic has yet. NotFoundError when it is gone.
        """
        as_of = as_of or self._clock()
        async with self._db.read() as connection:
            topic = await gaps.find(connection, str(topic))
            rows = await gaps.topics(connection, TopicFilter(), as_of=as_of, weeks=self._weeks(as_of), only=[topic])
            row = rows[0]
            questions = await gaps.questions(connection, topic, offset=offset, limit=limit)
            answers = await gaps.answers(connection, topic=topic) if topic != WAITING else []
            times = await gaps.times(connection, topic) if topic != WAITING else []
        found = effect(times, row.answered_at, as_of=as_of, zone=self._settings.zone)
        return TopicView(row=row, questions=tuple(questions), answers=tuple(answers), effect=found)

    async def find(self, name: str) -> int:
        """The number of a topic named by number or name; NotFoundError when none or several fit."""
        async with self._db.read() as connection:
            return await gaps.find(connection, name)

    async def questions(self, ids: Sequence[int]) -> list[TopicQuestion]:
        """Questions by number, newest first; those that are gone are left out."""
        async with self._db.read() as connection:
            return await gaps.questions(connection, None, ids=ids)

    async def drafts(self, topic: int) -> tuple[Draft, ...]:
        """What reps answered in the conversations of a topic, best first: spans of their public messages."""
        async with self._db.read() as connection:
            return drafts(await gaps.replies(connection, topic))

    async def suggested_question(self, topic: int) -> str:
        """What the Question field starts with: the answer's question, else the most central question's words."""
        async with self._db.read() as connection:
            answers = await gaps.answers(connection, topic=topic)
            if answers:
                return answers[0].question
            return one_line(await gaps.central(connection, topic))

    async def suggestions(self, topic: int | None = None) -> list[Suggestion]:
        """Merges and splits that nobody refused, surest first; of one topic or of all."""
        async with self._db.read() as connection:
            return await gaps.suggestions(connection, topic)

    async def answers(self, search: str = "") -> list[AnswerRow]:
        """The answers of resolved topics, newest first; search: words that all occur in the answer or topic."""
        as_of = self._clock()
        async with self._db.read() as connection:
            found = await gaps.answers(connection, current=True)
            rows = await gaps.topics(
                connection,
                TopicFilter(),
                as_of=as_of,
                weeks=self._weeks(as_of),
                only=[answer.topic for answer in found],
            )
        by_number = {row.topic: row for row in rows}
        words = search.casefold().split()
        return [
            AnswerRow(topic=by_number[answer.topic], answer=answer)
            for answer in found
            if all(word in _searched(by_number[answer.topic], answer) for word in words)
        ]

    async def why_not(self) -> str | None:
        """Why the one asking may not change anything here, and who could; None if they may."""
        return await self._people.why_not(Right.TRIAGE)

    # Keeping up -----------------------------------------------------------------------------------------------

    async def due(self) -> int:
        """How many questions no grouping has looked at yet."""
        async with self._db.read() as connection:
            return await gaps_grouping.new(connection)

    async def refresh(self, progress: Callable[[int, int], None] | None = None) -> Refreshed:
        """Put new questions into topics; what is placed already stays. ForbiddenError for who only reads.

        progress: (looked at, in all).
        """
        from qatui.services.gaps.refresh import refresh

        async with self._db.read() as connection:
            await self._people.require(connection, Right.TRIAGE)
        return await refresh(self._db, self._embedder, self._clock(), progress)

    async def catch_up(self, progress: Callable[[int, int], None] | None = None) -> Refreshed:
        """`refresh`, if there is anything to do and the one asking may: what a list calls before it is shown."""
        if not await self.due():
            return Refreshed()
        try:
            return await self.refresh(progress)
        except ForbiddenError:
            return Refreshed()

    # Changing -------------------------------------------------------------------------------------------------

    async def resolve(self, topic: int, question: str, answer: str) -> Done:
        """Create a short answer and resolve the topic by it, from now on; also for a topic that came back."""
        question, answer = _text(question, "question"), _text(answer, "answer")

        async def change(changes: Changes, by: Account) -> tuple[str, tuple[int, ...]]:
            await changes.resolve(topic, question, answer, by.name)
            return f"resolved {await self._called(changes, topic)}", (topic,)

        return await self._change("resolve", change)

    async def edit_answer(self, topic: int, *, question: str | None = None, answer: str | None = None) -> Done:
        """Put a topic's answer into other words; the words before stay in its history."""

        async def change(changes: Changes, by: Account) -> tuple[str, tuple[int, ...]]:
            before = await changes.answer(topic)
            new_question = _text(before.question if question is None else question, "question")
            new_answer = _text(before.answer if answer is None else answer, "answer")
            if (new_question, new_answer) == (before.question, before.answer):
                raise UsageError("The answer says that already.", hint="Change its words, or leave it.")
            await changes.edit(topic, new_question, new_answer, by.name)
            return f"edited the answer of {await self._called(changes, topic)}", (topic,)

        return await self._change("edit answer", change)

    async def dismiss_topics(self, topics: Sequence[int]) -> Done:
        """Say that topics need no answer."""

        async def change(changes: Changes, by: Account) -> tuple[str, tuple[int, ...]]:
            await changes.dismiss_topics(topics)
            what = await self._called(changes, topics[0]) if len(topics) == 1 else _count(len(topics), "topic")
            return f"dismissed {what}", tuple(topics)

        return await self._change("dismiss", change)

    async def dismiss_questions(self, questions: Sequence[int]) -> Done:
        """Say that questions are none that need an answer; they count nowhere."""

        async def change(changes: Changes, by: Account) -> tuple[str, tuple[int, ...]]:
            await changes.dismiss_questions(questions, dismissed=True)
            return f"dismissed {_count(len(questions), 'question')}", ()

        return await self._change("dismiss questions", change)

    async def restore_topic(self, topic: int) -> Done:
        """Take a decision back: a dismissed topic is what it was before, a resolved one is open again."""

        async def change(changes: Changes, by: Account) -> tuple[str, tuple[int, ...]]:
            state = await changes.restore_topic(topic)
            return f"restored {await self._called(changes, topic)}: {state}", (topic,)

        return await self._change("restore", change)

    async def restore_questions(self, questions: Sequence[int]) -> Done:
        """Let dismissed questions count again."""

        async def change(changes: Changes, by: Account) -> tuple[str, tuple[int, ...]]:
            await changes.dismiss_questions(questions, dismissed=False)
            return f"restored {_count(len(questions), 'question')}", ()

        return await self._change("restore questions", change)

    async def merge(self, into: int, others: Sequence[int]) -> Done:
        """Put the questions of other topics into one, which keeps its name and number."""

        async def change(changes: Changes, by: Account) -> tuple[str, tuple[int, ...]]:
            names = [await self._called(changes, other) for other in others]
            await changes.merge(into, others)
            return f"merged {', '.join(names)} into {await self._called(changes, into)}", (into, *others)

        return await self._change("merge", change)

    async def split(self, topic: int, questions: Sequence[int], name: str = "") -> Done:
        """Make a topic of some questions of another, or of those that wait (topic WAITING); the new one is
        `topics[0]` of the result. Without a name it gets one from its words."""
        from qatui.services.gaps.refresh import name_for

        given = _name(name) if name.strip() else ""
        derived, central = "", ""
        if questions and await self.why_not() is None:  # a refused change does no work first
            derived, central = await name_for(self._db, self._embedder, questions)

        async def change(changes: Changes, by: Account) -> tuple[str, tuple[int, ...]]:
            number = await changes.split(topic, questions, given or derived, central, named=bool(given))
            source = "" if topic == WAITING else f" out of {await self._called(changes, topic)}"
            words = f"made {await self._called(changes, number)} of {_count(len(questions), 'question')}{source}"
            return words, (number, topic) if topic != WAITING else (number,)

        return await self._change("split", change)

    async def rename(self, topic: int, name: str) -> Done:
        """Give a topic a name, which no run changes."""
        given = _name(name)

        async def change(changes: Changes, by: Account) -> tuple[str, tuple[int, ...]]:
            before = await self._called(changes, topic)
            await changes.rename(topic, given)
            return f"renamed {before} to “{given}”", (topic,)

        return await self._change("rename", change)

    async def move(self, questions: Sequence[int], topic: int) -> Done:
        """Put questions into a topic, from wherever they are."""

        async def change(changes: Changes, by: Account) -> tuple[str, tuple[int, ...]]:
            await changes.move(questions, topic)
            return f"moved {_count(len(questions), 'question')} to {await self._called(changes, topic)}", (topic,)

        return await self._change("move", change)

    async def accept(self, suggestion: Suggestion) -> Done:
        """Do what is suggested: a merge into the topic with the lower number, or a split."""
        if suggestion.second is not None:
            return await self.merge(suggestion.first, [suggestion.second])
        return await self.split(suggestion.first, suggestion.questions)

    async def refuse(self, suggestion: Suggestion) -> Done:
        """Never suggest this again."""

        async def change(changes: Changes, by: Account) -> tuple[str, tuple[int, ...]]:
            await changes.refuse(suggestion.first, suggestion.second)
            first = await self._called(changes, suggestion.first)
            if suggestion.second is None:
                return f"keeps {first} in one piece", (suggestion.first,)
            second = await self._called(changes, suggestion.second)
            return f"keeps {first} and {second} apart", (suggestion.first, suggestion.second)

        return await self._change("refuse", change)

    async def undo(self) -> Done:
        """`ChangeLog.undo`: one's latest change, also one of something else."""
        return await self._log.undo()

    async def redo(self) -> Done:
        """`ChangeLog.redo`."""
        return await self._log.redo()

    async def _change(self, action: str, change: Change) -> Done:
        topics: tuple[int, ...] = ()

        async def work(at: Changing) -> str:
            nonlocal topics
            words, topics = await change(Changes(at.connection, at.journal, at.now), at.by)
            return words

        return replace(await self._log.make(Right.TRIAGE, action, work), topics=topics)

    def _engine(self) -> Embedder:
        from qatui.services.gaps.engines import engine_of

        return engine_of(self._settings)

    async def _called(self, changes: Changes, topic: int) -> str:
        return f"“{one_line(await changes.name(topic))}”"

    def _weeks(self, as_of: datetime) -> list[datetime]:
        """Where the weeks of a trend begin, oldest first."""
        week = Week.of(as_of, self._settings.zone)
        weeks = [Week(week.monday - timedelta(weeks=back)) for back in range(TREND_WEEKS - 1, -1, -1)]
        return [each.start(self._settings.zone) for each in weeks]


def _open_questions(row: TopicRow) -> int:
    return row.since_answer if row.state is TopicState.RESOLVED else row.questions


def _searched(row: TopicRow, answer: ShortAnswer) -> str:
    return f"{row.name}\n{answer.question}\n{answer.answer}".casefold()


def _text(text: str, what: str) -> str:
    """What a person wrote, fit to be stored; UsageError when there is nothing."""
    kept = storable(text).strip()
    if not kept:
        raise UsageError(f"The {what} is empty.", hint=f"Write a {what}, or take a draft.")
    if len(kept) > ANSWER_LENGTH:
        raise UsageError(f"The {what} has {len(kept):,} characters.", hint=f"At most {ANSWER_LENGTH:,} are possible.")
    return kept


def _name(name: str) -> str:
    kept = one_line(storable(name))
    if not kept:
        raise UsageError("The name is empty.", hint="Give the topic a name.")
    if len(kept) > NAME_LENGTH:
        raise UsageError(f"The name has {len(kept)} characters.", hint=f"At most {NAME_LENGTH} are possible.")
    return kept


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
