"""How topics, their questions and their answers read: columns, headings, sentences."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from textual.content import Content

from qatui.domain.gap_topic import (
    TREND_WEEKS,
    WAITING,
    Draft,
    Effect,
    QuestionState,
    ShortAnswer,
    Suggestion,
    TopicFilter,
    TopicQuestion,
    TopicRow,
    TopicSort,
    TopicsReport,
    TopicState,
    TopicView,
)
from qatui.screens import words
from qatui.text import one_line, supports_unicode
from qatui.widgets.charts import sparkline
from qatui.widgets.columns import Column
from qatui.widgets.figures import printable
from qatui.widgets.glyphs import glyphs

WHICH: dict[str, TopicFilter] = {
    "waiting": TopicFilter(attention=True),
    "open": TopicFilter(state=TopicState.OPEN),
    "back": TopicFilter(recurring=True),
    "resolved": TopicFilter(state=TopicState.RESOLVED),
    "dismissed": TopicFilter(state=TopicState.DISMISSED),
    "all": TopicFilter(),
}
"""Which topics a list can show, by the word that names the choice."""
WHICH_WORDS = {"back": "came back", "all": "all topics"}
NATURAL_UP = frozenset({TopicSort.NAME})
"""What one wants from the least to the greatest."""


def count(number: int, noun: str) -> str:
    """'1 topic', '4,556 topics'."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def sentence(text: str) -> str:
    """The first letter large."""
    return text[:1].upper() + text[1:]


def day(at: datetime | None, zone: ZoneInfo, now: datetime) -> str:
    """'4 Mar', with month and year alone where it is not this year."""
    if at is None:
        return words.none()
    local = at.astimezone(zone)
    return f"{local.day} {local:%b}" if local.year == now.astimezone(zone).year else f"{local:%b %Y}"


def back_mark() -> str:
    """The sign of a topic that came back after its answer."""
    return "↻" if supports_unicode() else "@"


def state_words(row: TopicRow) -> str:
    """Open, resolved, dismissed, or how often it was asked since its answer."""
    if row.topic == WAITING:
        return ""
    return f"back, {row.since_answer} new" if row.recurring else row.state.value


def _name(row: TopicRow) -> Content:
    if row.topic == WAITING:
        return Content.styled(f"  {printable(one_line(row.name))}", "$foreground-muted")
    sign = (back_mark(), "bold $text-warning") if row.recurring else " "
    return Content.assemble(sign, " ", printable(one_line(row.name)))


def topic_columns(zone: ZoneInfo, now: Callable[[], datetime]) -> list[Column[TopicRow]]:
    """The columns of the list of topics; their keys are what the list can be ordered by."""
    return [
        Column(TopicSort.NAME.value, "  topic", 22, _name, grow=True),
        Column(TopicSort.CONVERSATIONS.value, "conv", 6, lambda row: f"{row.conversations:,}", align="right"),
        Column(TopicSort.QUESTIONS.value, "asked", 6, lambda row: f"{row.questions:,}", priority=3, align="right"),
        Column(TopicSort.FIRST.value, "first", 8, lambda row: day(row.first_at, zone, now()), priority=4),
        Column(TopicSort.LAST.value, "last", 8, lambda row: day(row.last_at, zone, now())),
        Column(TopicSort.TREND.value, f"{TREND_WEEKS} weeks", TREND_WEEKS, _trend, priority=1),
        Column("state", "state", 12, _state, priority=2, sortable=False),
    ]


def _trend(row: TopicRow) -> str:
    return sparkline(row.trend, TREND_WEEKS, low=0, high=max(1, *row.trend))


def _state(row: TopicRow) -> Content:
    return Content.styled(state_words(row), "$text-warning" if row.recurring else "$foreground-muted")


def question_columns(zone: ZoneInfo, now: Callable[[], datetime]) -> list[Column[TopicQuestion]]:
    """The columns of a topic's questions."""

    def asked(question: TopicQuestion) -> Content:
        return Content.styled(day(question.at, zone, now()), "$foreground-muted")

    return [
        Column("at", "asked", 8, asked),
        Column("text", "question", 20, lambda question: one_line(question.text), grow=True),
        Column("ticket", "ticket", 10, lambda question: one_line(ticket_name(question.ticket))),
        Column("state", "", 9, _question_state, priority=1),
    ]


def _question_state(question: TopicQuestion) -> Content:
    text = "" if question.state is QuestionState.OPEN else question.state.value
    return Content.styled(text, "$foreground-muted")


def ticket_name(key: str) -> str:
    """The ticket's id without its source."""
    return key.partition("/")[2] or key


def heading(view: TopicView) -> Content:
    """A topic's name, and below it where it stands."""
    row = view.row
    dot = f" {glyphs().dot} "
    facts = [state_words(row)] if row.topic != WAITING else []
    facts += [count(row.conversations, "conversation"), count(row.questions, "question")]
    if row.dismissed_questions:
        facts.append(f"{row.dismissed_questions:,} dismissed")
    if view.effect is not None and row.answered_at is not None:
        facts.append(effect_words(view.effect))
    name = (f"{back_mark()} " if row.recurring else "") + printable(one_line(row.name))
    return Content.assemble((name, "bold"), "\n", (dot.join(facts), "$foreground-muted"))


def effect_words(effect: Effect) -> str:
    """Questions a week before and after the answer, and whether it helped."""
    if effect.before is None or effect.after is None:
        return "too early to tell"
    verdict = "helped" if effect.helped else "did not help"
    return f"{effect.before:.1f} a week before, {effect.after:.1f} after: {verdict}"


def draft_words(draft: Draft, place: int, of: int, zone: ZoneInfo, now: datetime) -> Content:
    """What a rep wrote, quoted with its source."""
    source = [ticket_name(draft.ticket), draft.rep or "a rep", day(draft.at, zone, now)]
    number = f" ({place + 1} of {of})" if of > 1 else ""
    signs = glyphs()
    head = f"Draft{number} from {', '.join(one_line(part) for part in source)}: "
    return Content.assemble((head, "$foreground-muted"), f"{signs.open_quote}{one_line(draft.text)}{signs.close_quote}")


def answer_words(answer: ShortAnswer, zone: ZoneInfo, now: datetime) -> Content:
    """Who answered, when, in which version."""
    version = f", version {answer.version}" if answer.version > 1 else ""
    said = f"Answered {day(answer.at, zone, now)} by {one_line(answer.author)}{version}."
    return Content.styled(said, "$foreground-muted")


def suggestion_words(suggestion: Suggestion) -> str:
    """What is suggested, in a clause."""
    signs = glyphs()
    names = [f"{signs.open_quote}{printable(one_line(name))}{signs.close_quote}" for name in suggestion.names]
    if suggestion.second is None:
        return f"split {count(len(suggestion.questions), 'question')} off {names[0]}"
    return f"merge {names[-1]} into {names[0]}"


def summary(report: TopicsReport) -> str:
    """What waits for a person, whatever the list shows."""
    if not report.open_questions:
        return "Nothing waits for an answer."
    said = f"{count(report.open_topics, 'topic')} with {count(report.open_questions, 'question')} wait for an answer"
    return f"{said}; {report.not_grouped:,} not grouped yet." if report.not_grouped else f"{said}."
