"""What lists of topics and questions ask; every number is counted from the questions when it is asked."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from qatui.domain.gap_topic import (
    WAITING,
    WAITING_NAME,
    QuestionState,
    Reply,
    ShortAnswer,
    Suggestion,
    TopicFilter,
    TopicQuestion,
    TopicRow,
    TopicState,
)
from qatui.errors import NotFoundError
from qatui.store.gaps_prepared import RULE_CODES
from qatui.store.rows import Row, from_micros, to_micros
from qatui.store.sql import GIVEN, Connection, ask

MERGED = "merged"
"""`gap_topics.state` of a topic whose questions another one has now."""

REPLIES = 200  # messages of reps looked at for drafts, newest conversations first

_RULES = {code: rule for rule, code in RULE_CODES.items()}
_COUNTED = "present = 1 AND dismissed = 0"


async def topics(
    connection: Connection,
    where: TopicFilter,
    *,
    as_of: datetime,
    weeks: Sequence[datetime],
    only: Sequence[int] | None = None,
) -> list[TopicRow]:
    """The topics that a filter leaves, in no order; facts later than `as_of` do not exist yet.

    weeks: where the weeks of the trend begin, oldest first. only: these topics, whatever they count. Topics without
    a question that counts are left out, unless they were resolved.
    """
    bounds = [*(to_micros(week) or 0 for week in weeks), (to_micros(as_of) or 0) + 1]
    trend = ", ".join(f"sum(at >= {start} AND at < {end})" for start, end in pairwise(bounds))
    since, until = to_micros(where.since), to_micros(where.until)
    narrowed = "" if only is None else f" AND coalesce(topic_id, {WAITING}) IN (SELECT value FROM json_each(?))"
    given: tuple[object, ...] = () if only is None else (json.dumps(list(only)),)
    period = f" AND (at IS NULL OR at < {bounds[-1]})"
    if since is not None:
        period += f" AND at >= {since}"
    if until is not None:
        period += f" AND at < {until}"
    if where.channel is not None:
        period += " AND ticket_id IN (SELECT id FROM tickets WHERE channel = ?)"
    counted = {
        row[0]: row
        for row in await ask(
            connection,
            f"SELECT coalesce(topic_id, {WAITING}) AS topic, count(DISTINCT ticket_id), count(*), min(at), max(at),"
            f" {trend} FROM gap_questions WHERE {_COUNTED}{period}{narrowed} GROUP BY topic_id",
            (*(() if where.channel is None else (where.channel,)), *given),
        )
    }
    ids = None if only is None else json.dumps(list(only))
    decided = await ask(
        connection,
        "SELECT id, name, state, answered_at, CASE WHEN answered_at IS NULL THEN 0 ELSE"
        f" (SELECT count(*) FROM gap_questions WHERE topic_id = gap_topics.id AND {_COUNTED}"
        f"  AND at > answered_at AND at < {bounds[-1]}) END,"
        " (SELECT count(*) FROM gap_questions WHERE topic_id = gap_topics.id AND present = 1 AND dismissed = 1)"
        f" FROM gap_topics WHERE state != '{MERGED}'" + ("" if ids is None else f" AND id IN {GIVEN}"),
        () if ids is None else (ids,),
    )
    [[waiting_dismissed]] = await ask(
        connection, "SELECT count(*) FROM gap_questions WHERE topic_id IS NULL AND present = 1 AND dismissed = 1"
    )
    every = [*decided, (WAITING, WAITING_NAME, TopicState.OPEN.value, None, 0, waiting_dismissed)]
    unbounded = since is None and until is None and where.channel is None
    found = []
    for topic, name, state, answered_at, since_answer, dismissed in every:
        counts = counted.get(topic)
        keep = only is not None or (unbounded and state == TopicState.RESOLVED)
        if counts is None and not keep:
            continue
        if topic == WAITING and counts is None and (only is None or WAITING not in only):
            continue
        _, conversations, number, first, last, *by_week = counts or (topic, 0, 0, None, None, *[0] * len(weeks))
        row = TopicRow(
            topic=topic,
            name=name,
            state=TopicState(state),
            conversations=conversations,
            questions=number,
            first_at=from_micros(first),
            last_at=from_micros(last),
            trend=tuple(count or 0 for count in by_week),
            answered_at=from_micros(answered_at),
            since_answer=since_answer,
            dismissed_questions=dismissed,
        )
        if _fits(row, where):
            found.append(row)
    return await _with_words(connection, found, where.text) if where.text.strip() else found


def _fits(row: TopicRow, where: TopicFilter) -> bool:
    return (
        (where.state is None or row.state is where.state)
        and (where.attention is None or row.attention is where.attention)
        and (where.recurring is None or row.recurring is where.recurring)
    )


async def _with_words(connection: Connection, rows: list[TopicRow], text: str) -> list[TopicRow]:
    """Those whose name, or one of whose questions, has all the words."""
    words = text.split()
    folded = [word.casefold() for word in words]
    named = {row.topic for row in rows if all(word in row.name.casefold() for word in folded)}
    likes = " AND ".join("messages.text LIKE ? ESCAPE '\\'" for _ in words)
    patterns = tuple(f"%{_literally(word)}%" for word in words)
    found = await ask(
        connection,
        f"SELECT DISTINCT coalesce(topic_id, {WAITING}) FROM gap_questions JOIN messages"
        " ON messages.ticket_id = gap_questions.ticket_id AND messages.position = gap_questions.position"
        f" WHERE {_COUNTED} AND {likes}",
        patterns,
    )
    named.update(topic for (topic,) in found)
    return [row for row in rows if row.topic in named]


def _literally(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


async def questions(
    connection: Connection, topic: int | None, *, ids: Sequence[int] = (), offset: int = 0, limit: int = -1
) -> list[TopicQuestion]:
    """Questions of a topic newest first, dismissed ones too; with topic None the questions `ids`.

    limit: negative for all. The numbers of those that are not there are left out.
    """
    given: tuple[int | str | None]
    chosen, given = "gap_questions.topic_id = ?", (topic,)
    if topic is None:
        chosen, given = f"gap_questions.id IN {GIVEN}", (json.dumps(list(ids)),)
    elif topic == WAITING:
        chosen, given = "gap_questions.topic_id IS ?", (None,)
    rows = await ask(
        connection,
        f"SELECT gap_questions.id, coalesce(gap_questions.topic_id, {WAITING}), messages.text,"
        " tickets.source || '/' || tickets.external_id, gap_questions.ticket_id, gap_questions.message,"
        " gap_questions.position, gap_questions.at, rule, dismissed, gap_topics.state, answered_at"
        " FROM gap_questions JOIN tickets ON tickets.id = gap_questions.ticket_id"
        " JOIN messages ON messages.ticket_id = gap_questions.ticket_id AND messages.position = gap_questions.position"
        " LEFT JOIN gap_topics ON gap_topics.id = gap_questions.topic_id"
        f" WHERE present = 1 AND {chosen}"
        " ORDER BY gap_questions.at DESC, gap_questions.id DESC LIMIT ? OFFSET ?",
        (*given, limit, offset),
    )
    return [_question(row) for row in rows]


def _question(row: Row) -> TopicQuestion:
    id, topic, text, ticket, row_id, message, position, at, rule, dismissed, state, answered_at = row
    if dismissed or state == TopicState.DISMISSED:
        stands = QuestionState.DISMISSED
    elif state == TopicState.RESOLVED and (at is None or at <= answered_at):
        stands = QuestionState.ANSWERED
    else:
        stands = QuestionState.OPEN
    return TopicQuestion(
        id=id,
        topic=topic,
        text=text,
        ticket=ticket,
        row_id=row_id,
        message=message,
        position=position,
        at=from_micros(at),
        state=stands,
        rule=_RULES[rule],
    )


async def times(connection: Connection, topic: int) -> list[datetime]:
    """When the questions of a topic that count were asked, oldest first."""
    rows = await ask(
        connection,
        f"SELECT at FROM gap_questions WHERE topic_id = ? AND {_COUNTED} AND at IS NOT NULL ORDER BY at",
        (topic,),
    )
    return [at for (micros,) in rows if (at := from_micros(micros)) is not None]


async def answers(connection: Connection, *, topic: int | None = None, current: bool = False) -> list[ShortAnswer]:
    """Short answers, newest first: of one topic, or of all; current: only the latest version of resolved topics."""
    conditions = ["true"]
    if topic is not None:
        conditions.append(f"topic_id = {topic:d}")
    if current:
        conditions.append(f"gap_topics.state = '{TopicState.RESOLVED}'")
        conditions.append(
            "version = (SELECT max(version) FROM gap_answers AS every WHERE every.topic_id = gap_topics.id)"
        )
    rows = await ask(
        connection,
        "SELECT topic_id, version, question, answer, author, at FROM gap_answers"
        f" JOIN gap_topics ON gap_topics.id = topic_id WHERE {' AND '.join(conditions)}"
        " ORDER BY gap_answers.at DESC, topic_id, version DESC",
    )
    return [
        ShortAnswer(
            topic=topic_id,
            version=version,
            question=question,
            answer=answer,
            author=author,
            at=_instant(at),
        )
        for topic_id, version, question, answer, author, at in rows
    ]


def _instant(micros: int) -> datetime:
    at = from_micros(micros)
    assert at is not None
    return at


async def central(connection: Connection, topic: int) -> str:
    """The words of a topic's most central question when it was founded; empty where there is no such topic."""
    rows = await ask(connection, "SELECT central FROM gap_topics WHERE id = ?", (topic,))
    return str(rows[0][0]) if rows else ""


async def replies(connection: Connection, topic: int) -> list[Reply]:
    """What reps wrote to customers after the questions of a topic, newest conversations first, each in order."""
    of_topic = None if topic == WAITING else topic
    rows = await ask(
        connection,
        "WITH asked AS (SELECT min(id) AS id, ticket_id, min(position) AS position, max(at) AS at FROM gap_questions"
        f"  WHERE {_COUNTED} AND topic_id IS ? GROUP BY ticket_id ORDER BY max(at) DESC, ticket_id LIMIT {REPLIES})"
        " SELECT asked.id, tickets.source || '/' || tickets.external_id, asked.ticket_id, messages.external_id,"
        " messages.text, authors.name, messages.at"
        " FROM asked JOIN tickets ON tickets.id = asked.ticket_id JOIN messages ON messages.ticket_id = asked.ticket_id"
        "  AND messages.position > asked.position AND messages.speaker = 'rep' AND messages.private = 0"
        " LEFT JOIN authors ON authors.id = messages.author_id"
        " ORDER BY asked.at DESC, asked.ticket_id, messages.position",
        (of_topic,),
    )
    return [
        Reply(question=id, ticket=ticket, row_id=row_id, message=message, text=text, rep=rep, at=from_micros(at))
        for id, ticket, row_id, message, text, rep, at in rows
    ]


async def suggestions(connection: Connection, topic: int | None = None) -> list[Suggestion]:
    """Merges and splits that nobody refused, between topics that stand, surest first; of one topic or of all."""
    standing = dict(
        map(
            tuple,
            await ask(
                connection,
                f"SELECT id, name FROM gap_topics WHERE state NOT IN ('{MERGED}', '{TopicState.DISMISSED}')",
            ),
        )
    )
    found = []
    for kind, first, second, score, chosen in await ask(
        connection,
        "SELECT kind, first, second, score, questions FROM gap_hints WHERE refused = 0"
        " ORDER BY score DESC, kind, first, second",
    ):
        both = (first, second) if kind == "merge" else (first,)
        if not all(each in standing for each in both) or (topic is not None and topic not in both):
            continue
        ids = tuple(json.loads(chosen))
        if kind == "split":
            there = await ask(
                connection, f"SELECT count(*) FROM gap_questions WHERE id IN {GIVEN} AND topic_id = ?", (chosen, first)
            )
            if there[0][0] != len(ids):
                continue  # somebody has sorted them since
        found.append(
            Suggestion(
                first=first,
                second=second or None,
                names=tuple(standing[each] for each in both),
                score=score / 1000,
                questions=ids,
            )
        )
    return found


async def find(connection: Connection, name: str) -> int:
    """The number of the topic with this number or name (any case); a merged one leads to where its questions are.

    Raises NotFoundError when none or several fit.
    """
    by_number = name.removeprefix("#")
    if by_number.isdecimal() and len(by_number) < 19:
        number = int(by_number)
        rows = await ask(connection, "SELECT id, merged_into FROM gap_topics WHERE id = ?", (number,))
        while rows and rows[0][1] is not None:
            rows = await ask(connection, "SELECT id, merged_into FROM gap_topics WHERE id = ?", (rows[0][1],))
        if rows:
            return int(rows[0][0])
        if number == WAITING:
            return WAITING
    wanted = name.strip().casefold()
    if wanted == WAITING_NAME.casefold():
        return WAITING
    named = [
        (row_id, title)
        for row_id, title in await ask(connection, f"SELECT id, name FROM gap_topics WHERE state != '{MERGED}'")
        if title.casefold() == wanted
    ]
    if len(named) == 1:
        return int(named[0][0])
    if not named:
        raise NotFoundError(f"There is no topic {name!r}.", hint="`qatui gaps list` shows their numbers.")
    numbers = ", ".join(str(row_id) for row_id, _ in named)
    raise NotFoundError(f"Several topics are called {name!r}: {numbers}.", hint="Name it by its number.")
