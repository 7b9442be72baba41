"""The changes that people make to topics and questions; each notes in the journal what it touches."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from qatui.domain.gap_topic import WAITING, ShortAnswer, TopicState
from qatui.errors import NotFoundError, UsageError
from qatui.store.gaps import MERGED, answers
from qatui.store.journal import Journal, free_number
from qatui.store.rows import to_micros
from qatui.store.sql import GIVEN, Connection, ask, tell


class Changes:
    """Changes in one transaction. UsageError for what makes no sense, NotFoundError for what is gone."""

    def __init__(self, connection: Connection, journal: Journal, now: datetime) -> None:
        self._connection = connection
        self._journal = journal
        self._now = to_micros(now)

    async def resolve(self, topic: int, question: str, answer: str, author: str) -> int:
        """Give a topic its short answer, from now on; the version of the answer, from 1."""
        await self._standing(topic)
        await self._journal.note("topics", [topic])
        version = await self._answer(topic, question, answer, author)
        await tell(
            self._connection,
            "UPDATE gap_topics SET state = ?, answered_at = ? WHERE id = ?",
            (TopicState.RESOLVED.value, self._now, topic),
        )
        return version

    async def edit(self, topic: int, question: str, answer: str, author: str) -> int:
        """Put an answer into other words: a new version; since when the topic is resolved stays."""
        await self.answer(topic)
        return await self._answer(topic, question, answer, author)

    async def _answer(self, topic: int, question: str, answer: str, author: str) -> int:
        number = await free_number(self._connection, "answers")
        [[version]] = await ask(
            self._connection, "SELECT coalesce(max(version), 0) + 1 FROM gap_answers WHERE topic_id = ?", (topic,)
        )
        await self._journal.note("answers", [number])
        await tell(
            self._connection,
            "INSERT INTO gap_answers (id, topic_id, version, question, answer, author, at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (number, topic, version, question, answer, author, self._now),
        )
        return int(version)

    async def dismiss_topics(self, topics: Sequence[int]) -> None:
        """Say that topics need no answer."""
        for topic in topics:
            await self._standing(topic)
        await self._journal.note("topics", topics)
        await tell(
            self._connection,
            f"UPDATE gap_topics SET state = ? WHERE id IN {GIVEN}",
            (TopicState.DISMISSED.value, json.dumps(list(topics))),
        )

    async def restore_topic(self, topic: int) -> TopicState:
        """Take a decision back: a dismissed topic is what it was before, a resolved one is open again."""
        state, answered_at = await self._standing(topic)
        if state is TopicState.OPEN:
            raise UsageError("The topic is open already.", hint="`qatui undo` takes back the last change.")
        back = TopicState.RESOLVED if state is TopicState.DISMISSED and answered_at is not None else TopicState.OPEN
        await self._journal.note("topics", [topic])
        await tell(
            self._connection,
            "UPDATE gap_topics SET state = ?, answered_at = ? WHERE id = ?",
            (back.value, answered_at if back is TopicState.RESOLVED else None, topic),
        )
        return back

    async def dismiss_questions(self, ids: Sequence[int], *, dismissed: bool) -> None:
        """Say that questions are none, or that they are after all."""
        await self._present(ids)
        await self._journal.note("questions", ids)
        await tell(
            self._connection,
            f"UPDATE gap_questions SET dismissed = ? WHERE id IN {GIVEN}",
            (dismissed, json.dumps(list(ids))),
        )

    async def merge(self, into: int, others: Sequence[int]) -> None:
        """Hand everything of other topics to one. Where it has no answer, it takes over the latest of theirs."""
        state, answered_at = await self._standing(into)
        if not others or into in others:
            raise UsageError("A topic cannot be merged with itself.", hint="Name two topics.")
        standing = {other: await self._standing(other) for other in others}
        await self._journal.note("topics", [into, *others])
        for other in others:
            rows = await ask(self._connection, "SELECT id FROM gap_questions WHERE topic_id = ?", (other,))
            await self._journal.note("questions", [row_id for (row_id,) in rows])
        await tell(
            self._connection,
            f"UPDATE gap_questions SET topic_id = ? WHERE topic_id IN {GIVEN}",
            (into, json.dumps(list(others))),
        )
        resolved = [(at, other) for other, (of, at) in standing.items() if of is TopicState.RESOLVED and at is not None]
        has_answers = await ask(self._connection, "SELECT 1 FROM gap_answers WHERE topic_id = ?", (into,))
        if resolved and state is TopicState.OPEN and not has_answers:
            answered_at, giver = max(resolved)
            rows = await ask(self._connection, "SELECT id FROM gap_answers WHERE topic_id = ?", (giver,))
            await self._journal.note("answers", [row_id for (row_id,) in rows])
            await tell(self._connection, "UPDATE gap_answers SET topic_id = ? WHERE topic_id = ?", (into, giver))
            await tell(
                self._connection,
                "UPDATE gap_topics SET state = ?, answered_at = ? WHERE id = ?",
                (TopicState.RESOLVED.value, answered_at, into),
            )
        await tell(
            self._connection,
            f"UPDATE gap_topics SET state = '{MERGED}', merged_into = ? WHERE id IN {GIVEN}",
            (into, json.dumps(list(others))),
        )
        await self.refuse(into, None)  # what a person put together is not suggested to be parted again

    async def split(self, topic: int, ids: Sequence[int], name: str, central: str, *, named: bool) -> int:
        """Make a topic of some questions of another, or of those that wait; the number of the new topic."""
        if topic != WAITING:
            await self._standing(topic)
        questions = await self._present(ids)
        if any((home or WAITING) != topic for home in questions.values()):
            raise UsageError("The questions are not all of this topic.", hint="`qatui gaps move` takes any questions.")
        if topic != WAITING:
            [[rest]] = await ask(
                self._connection,
                "SELECT count(*) FROM gap_questions WHERE topic_id = ? AND present = 1 AND dismissed = 0"
                f" AND id NOT IN {GIVEN}",
                (topic, json.dumps(list(ids))),
            )
            if not rest:
                raise UsageError("These are all questions of the topic.", hint="`qatui gaps rename` renames it.")
        number = await free_number(self._connection, "topics")
        await self._journal.note("topics", [number])
        await self._journal.note("questions", ids)
        await tell(
            self._connection,
            "INSERT INTO gap_topics (id, name, central, named, state, founded_at) VALUES (?, ?, ?, ?, ?, ?)",
            (number, name, central, named, TopicState.OPEN.value, self._now),
        )
        await tell(
            self._connection,
            f"UPDATE gap_questions SET topic_id = ? WHERE id IN {GIVEN}",
            (number, json.dumps(list(ids))),
        )
        if topic != WAITING:
            await self.refuse(min(topic, number), max(topic, number))
        return number

    async def rename(self, topic: int, name: str) -> None:
        """Give a topic a name, for ever."""
        await self._standing(topic)
        rows = await ask(
            self._connection, f"SELECT id, name FROM gap_topics WHERE state != '{MERGED}' AND id != ?", (topic,)
        )
        if any(other.casefold() == name.casefold() for _, other in rows):
            raise UsageError(f"There is a topic {name!r} already.", hint="Choose another name, or merge the two.")
        await self._journal.note("topics", [topic])
        await tell(self._connection, "UPDATE gap_topics SET name = ?, named = 1 WHERE id = ?", (name, topic))

    async def move(self, ids: Sequence[int], topic: int) -> None:
        """Put questions into a topic."""
        await self._standing(topic)
        await self._present(ids)
        await self._journal.note("questions", ids)
        await tell(
            self._connection,
            f"UPDATE gap_questions SET topic_id = ? WHERE id IN {GIVEN}",
            (topic, json.dumps(list(ids))),
        )

    async def refuse(self, first: int, second: int | None) -> None:
        """Never suggest to merge two topics again, or (second None) to split one."""
        kind, low, high = ("split", first, 0) if second is None else ("merge", min(first, second), max(first, second))
        await self._journal.note("hints", [f"{kind} {low} {high}"])
        await tell(
            self._connection,
            "INSERT INTO gap_hints (kind, first, second, score, questions, refused) VALUES (?, ?, ?, 0, '[]', 1)"
            " ON CONFLICT DO UPDATE SET refused = 1",
            (kind, low, high),
        )

    async def name(self, topic: int) -> str:
        """What a topic is called."""
        rows = await ask(self._connection, "SELECT name FROM gap_topics WHERE id = ?", (topic,))
        return str(rows[0][0]) if rows else str(topic)

    async def answer(self, topic: int) -> ShortAnswer:
        """The latest version of a topic's answer; NotFoundError where it has none."""
        await self._standing(topic)
        found = await answers(self._connection, topic=topic)
        if not found:
            raise NotFoundError("The topic has no answer yet.", hint="`qatui gaps resolve` gives it one.")
        return max(found, key=lambda each: each.version)

    async def _standing(self, topic: int) -> tuple[TopicState, int | None]:
        """The state of a topic and when it was resolved."""
        if topic == WAITING:
            raise UsageError(
                "These questions are no topic yet.",
                hint="Make one of some of them first: `qatui gaps split 0 QUESTION…`.",
            )
        rows = await ask(
            self._connection, "SELECT state, answered_at, merged_into FROM gap_topics WHERE id = ?", (topic,)
        )
        if not rows:
            raise NotFoundError(f"There is no topic {topic}.", hint="`qatui gaps list` shows their numbers.")
        state, answered_at, merged_into = rows[0]
        if state == MERGED:
            raise NotFoundError(f"Topic {topic} was merged into topic {merged_into}.", hint="Take that one.")
        return TopicState(state), answered_at

    async def _present(self, ids: Sequence[int]) -> dict[int, int | None]:
        """The topic of each question; NotFoundError where one is not there."""
        if not ids:
            raise UsageError("No question was named.", hint="`qatui gaps show TOPIC` lists them with their numbers.")
        found = dict(
            map(
                tuple,
                await ask(
                    self._connection,
                    f"SELECT id, topic_id FROM gap_questions WHERE present = 1 AND id IN {GIVEN}",
                    (json.dumps(list(ids)),),
                ),
            )
        )
        absent = [row_id for row_id in ids if row_id not in found]
        if absent:
            raise NotFoundError(f"There is no question {absent[0]}.", hint="`qatui gaps show TOPIC` lists them.")
        return found
