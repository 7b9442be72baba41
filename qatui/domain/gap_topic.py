"""Topics of unanswered questions: what a list shows of them, their answers, and whether an answer helped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from qatui.domain.gap import Rule
from qatui.domain.gap_content import content_words, substance
from qatui.domain.weeks import Week, weeks_through

WAITING = 0
"""The number of what is no topic yet: questions that have too little company to found one."""

WAITING_NAME = "Not grouped yet"
TREND_WEEKS = 12
EFFECT_WINDOW = timedelta(weeks=12)
EFFECT_AFTER = timedelta(weeks=1)
"""How long an answer must stand before its effect is told."""


class TopicState(StrEnum):
    """What a person decided about a topic."""

    OPEN = "open"
    RESOLVED = "resolved"
    DISMISSED = "dismissed"


class QuestionState(StrEnum):
    """Where one question stands."""

    OPEN = "open"
    ANSWERED = "answered"  # its topic was resolved after it was asked
    DISMISSED = "dismissed"  # itself, or with its topic


class TopicSort(StrEnum):
    """What a list of topics can be ordered by; ties by the topic's number."""

    CONVERSATIONS = "conversations"
    QUESTIONS = "questions"
    FIRST = "first"
    LAST = "last"
    NAME = "name"
    TREND = "trend"  # questions of the last four weeks less those of the four before


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicFilter:
    """Which topics; every condition that is set must hold.

    attention: True for what waits for a person (open topics and those that came back), False for the others.
    text: words that all occur (any case) in the topic's name or in one of its questions. since, until: only questions
    asked in this time count, UTC, since <= t < until; channel: only those of this channel. A topic without any is left
    out.
    """

    state: TopicState | None = None
    attention: bool | None = None
    recurring: bool | None = None
    text: str = ""
    since: datetime | None = None
    until: datetime | None = None
    channel: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicRow:
    """One topic in a list. Dismissed questions, and those that the facts no longer tell, are in no number.

    topic: its number, for ever; WAITING for the questions without one. conversations: distinct ones. first_at,
    last_at: when its first and last question were asked, UTC. trend: questions a week, the last TREND_WEEKS weeks up
    to now, oldest first. since_answer: questions asked after it was resolved.
    """

    topic: int
    name: str
    state: TopicState
    conversations: int
    questions: int
    first_at: datetime | None
    last_at: datetime | None
    trend: tuple[int, ...]
    answered_at: datetime | None = None
    since_answer: int = 0
    dismissed_questions: int = 0

    @property
    def recurring(self) -> bool:
        """Whether it was resolved and came back."""
        return self.state is TopicState.RESOLVED and self.since_answer > 0

    @property
    def attention(self) -> bool:
        """Whether it waits for a person."""
        return self.state is TopicState.OPEN or self.recurring

    def value(self, column: TopicSort) -> float | str | None:
        """What it is ordered by."""
        match column:
            case TopicSort.CONVERSATIONS:
                return self.conversations
            case TopicSort.QUESTIONS:
                return self.questions
            case TopicSort.FIRST:
                return self.first_at.timestamp() if self.first_at else None
            case TopicSort.LAST:
                return self.last_at.timestamp() if self.last_at else None
            case TopicSort.NAME:
                return self.name.casefold()
            case TopicSort.TREND:
                return sum(self.trend[-4:]) - sum(self.trend[-8:-4])


def in_order(rows: Iterable[TopicRow], column: TopicSort, *, descending: bool = True) -> list[TopicRow]:
    """Topics ordered by a column, those without a value last; what is no topic yet comes last of all."""
    ordered = sorted(rows, key=lambda row: row.topic)
    valued = [row for row in ordered if row.topic != WAITING and row.value(column) is not None]
    valued.sort(key=lambda row: row.value(column), reverse=descending)  # type: ignore[arg-type,return-value]
    there = {row.topic for row in valued}
    rest = [row for row in ordered if row.topic not in there]
    return valued + sorted(rest, key=lambda row: (row.topic == WAITING, row.topic))


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicQuestion:
    """One question of a topic; `id` names it in this workspace for ever, `row_id` its ticket."""

    id: int
    topic: int
    text: str
    ticket: str  # source/id
    row_id: int
    message: str
    position: int
    at: datetime | None
    state: QuestionState
    rule: Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortAnswer:
    """One version of a topic's answer; `version` counts from 1."""

    topic: int
    version: int
    question: str
    answer: str
    author: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRow:
    """The answer that a topic has now, with how it fares."""

    topic: TopicRow
    answer: ShortAnswer


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a rep wrote to a customer after a question: `text` is a verbatim span of that public message.

    start, end: the span; `whole` is the message as it stands.
    """

    text: str
    whole: str
    start: int
    end: int
    question: int
    ticket: str
    row_id: int
    message: str
    rep: str | None
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Reply:
    """A rep's public message after a question, before it is looked at: the fields of a Draft without its span."""

    question: int
    ticket: str
    row_id: int
    message: str
    text: str
    rep: str | None
    at: datetime | None


def drafts(replies: Sequence[Reply]) -> tuple[Draft, ...]:
    """The replies that can serve as an answer, best first, without salutation and farewell.

    Best is what most agrees with what the other conversations were told (mean share of common words), then the
    newest; one conversation gives one draft. Nothing is written here: every text is a span of a rep's message.
    """
    found: dict[int, tuple[Draft, frozenset[str]]] = {}
    for reply in replies:
        start, end = substance(reply.text)
        said = frozenset(content_words(reply.text[start:end]))
        # Of several messages to one customer the first with substance answers; what follows answers what follows.
        if len(said) >= 3 and reply.row_id not in found:
            draft = Draft(
                text=reply.text[start:end],
                whole=reply.text,
                start=start,
                end=end,
                question=reply.question,
                ticket=reply.ticket,
                row_id=reply.row_id,
                message=reply.message,
                rep=reply.rep,
                at=reply.at,
            )
            found[reply.row_id] = (draft, said)
    every = list(found.values())

    def agreement(said: frozenset[str]) -> float:
        shares = [len(said & other) / len(said | other) for _, other in every if other is not said]
        return sum(shares) / len(shares) if shares else 0.0

    def newness(draft: Draft) -> float:
        return draft.at.timestamp() if draft.at else float("-inf")

    ranked = sorted(every, key=lambda each: (-agreement(each[1]), -newness(each[0]), each[0].row_id))
    return tuple(draft for draft, _ in ranked)


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """Unanswered questions of a topic by week, around its answer.

    weeks: every week from the first question to `as_of`, oldest first. before, after: questions a week in at most
    EFFECT_WINDOW before and after the answer; None without an answer, where there is no time before it, or while it
    has stood for less than EFFECT_AFTER.
    """

    weeks: tuple[tuple[Week, int], ...]
    answered_at: datetime | None
    before: float | None
    after: float | None

    @property
    def helped(self) -> bool | None:
        """Whether fewer questions came after the answer than before; None while it cannot be told."""
        return None if self.before is None or self.after is None else self.after < self.before


def effect(asked: Sequence[datetime], answered_at: datetime | None, *, as_of: datetime, zone: ZoneInfo) -> Effect:
    """How often a topic's questions came, and whether less often after the answer; `asked` in any order."""
    times = sorted(at for at in asked if at <= as_of)
    counts = Counter(Week.of(at, zone) for at in times)
    weeks = weeks_through(Week.of(times[0], zone), Week.of(as_of, zone)) if times else ()
    before = after = None
    if answered_at is not None and answered_at <= as_of and times:
        since = max(answered_at - EFFECT_WINDOW, times[0])
        before = _weekly([at for at in times if since <= at <= answered_at], answered_at - since)
        until = min(as_of, answered_at + EFFECT_WINDOW)
        if until - answered_at >= EFFECT_AFTER:
            after = _weekly([at for at in times if answered_at < at <= until], until - answered_at)
    return Effect(
        weeks=tuple((week, counts[week]) for week in weeks), answered_at=answered_at, before=before, after=after
    )


def _weekly(times: Sequence[datetime], span: timedelta) -> float | None:
    """Questions a week; a span shorter than a week counts as one, so that a first day is not multiplied by seven."""
    return len(times) / max(span / timedelta(weeks=1), 1.0) if span > timedelta(0) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """Two topics that read as one, or (second None) questions of one that read as a topic of their own.

    names: of first and second; score: how sure, 0 to 1; questions: what a split would take out.
    """

    first: int
    second: int | None
    names: tuple[str, ...]
    score: float
    questions: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicView:
    """One topic as it is read: its row, its questions newest first, its answers newest first."""

    row: TopicRow
    questions: tuple[TopicQuestion, ...]
    answers: tuple[ShortAnswer, ...] = ()
    effect: Effect | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicsReport:
    """A list of topics, with what stands above it: open_topics and open_questions wait for a person."""

    rows: tuple[TopicRow, ...]
    open_topics: int
    open_questions: int
    not_grouped: int
    as_of: datetime
