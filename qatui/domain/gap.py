"""Which questions the customer agent could not answer, by three rules (METRICS, 'Knowledge gaps').

Spam and outbound conversations ask nothing; private messages never count; only what a public customer message says is
a question, in its exact words. A question stands under the rule that comes first of those that found it:

* `unanswered`: an event says so. It names the asking message; where it names another one or none, the latest public
  customer message up to that one, or up to the event's time, is meant.
* `missing_knowledge`: a handoff with that reason; the question is the latest customer message before it.
* `fallback`: a response of the customer agent without source and action, then a request for a human (or a handoff
  because the customer asked for one) before its next response, or negative feedback on that response. The question is
  the latest customer message before the response. Where a conversation says nothing of sources and actions at all, it
  is unknown what is a fallback, and the rule finds none.

Where the asking turn has no content of its own (`gap_content`), the question is the latest turn before it that has;
where there is none, there is no question.

At equal times messages come before events, then file order. An event without a time, or in a conversation whose public
messages lack times, is placed by the message it names; a handoff or request that names none stands before the first
public message of a rep, or at the end.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from qatui.domain.conversation import Event, EventType, Message, Speaker, Ticket
from qatui.domain.gap_content import has_content

MISSING_KNOWLEDGE = "missing_knowledge"
CUSTOMER_REQUEST = "customer_request"
NEGATIVE = "negative"


class Rule(StrEnum):
    """What found a question, strongest first."""

    UNANSWERED = "unanswered"
    MISSING_KNOWLEDGE = "missing_knowledge"
    FALLBACK = "fallback"

    @property
    def words(self) -> str:
        """The rule in words, for explanations."""
        return {
            Rule.UNANSWERED: "the customer agent said that it could not answer",
            Rule.MISSING_KNOWLEDGE: "handed off for missing knowledge",
            Rule.FALLBACK: "answered without a source or action, then a human was asked for or the answer was rejected",
        }[self]


@dataclass(frozen=True, slots=True)
class Question:
    """A customer's question that stayed unanswered.

    text: the exact words of the message; position: its place among the ticket's messages, from 0; at: when it was
    asked, UTC; the opening of the ticket where the message has no time, None where nothing tells.
    """

    rule: Rule
    text: str
    message: str
    position: int
    at: datetime | None


def questions(ticket: Ticket) -> tuple[Question, ...]:
    """The unanswered questions of a ticket in the order of its messages, each message at most once."""
    if ticket.spam or ticket.outbound or not any(map(_tells, ticket.events)):
        return ()
    return _Search(ticket).found()


def _tells(event: Event) -> bool:
    match event.type:
        case EventType.UNANSWERED | EventType.HANDOFF_REQUESTED:
            return True
        case EventType.HANDOFF:
            return event.reason in (MISSING_KNOWLEDGE, CUSTOMER_REQUEST)
        case EventType.FEEDBACK:
            return event.value == NEGATIVE
    return False


class _Search:
    """One conversation's public messages in order, and how its events point at them."""

    __slots__ = ("_by_id", "_first_rep", "_order", "_sources_known", "_ticket", "_times")

    def __init__(self, ticket: Ticket) -> None:
        self._ticket = ticket
        public = [(position, message) for position, message in enumerate(ticket.messages) if not message.private]
        times = [message.at for _, message in public if message.at is not None]
        timed = len(times) == len(public)
        if timed:
            public.sort(key=lambda each: (each[1].at, each[0]))
            times.sort()
        self._order: Sequence[tuple[int, Message]] = public
        self._times: Sequence[datetime] = times if timed else ()
        self._by_id = {message.id: place for place, (_, message) in enumerate(public)}
        by_speaker = (place for place, (_, message) in enumerate(public) if message.speaker is Speaker.REP)
        self._first_rep = next(by_speaker, len(public))
        self._sources_known = any(
            message.sources is not None or message.actions is not None
            for _, message in public
            if message.speaker is Speaker.CUSTOMER_AGENT
        )

    def found(self) -> tuple[Question, ...]:
        rules: dict[int, Rule] = {}
        strength = list(Rule)
        for event in self._ticket.events:
            if not _tells(event):
                continue
            rule, place = self._asked(event)
            asked = None if place is None else self._with_content(place)
            if asked is not None and (asked not in rules or strength.index(rule) < strength.index(rules[asked])):
                rules[asked] = rule
        return tuple(self._question(asked, rules[asked]) for asked in sorted(rules, key=lambda each: self._order[each]))

    def _question(self, place: int, rule: Rule) -> Question:
        position, message = self._order[place]
        return Question(rule, message.text, message.id, position, message.at or self._ticket.opened_at)

    def _asked(self, event: Event) -> tuple[Rule, int | None]:
        """The rule that an event speaks for, and the last place at which its question may stand."""
        if event.type is EventType.UNANSWERED:
            named = None if event.message is None else self._by_id.get(event.message)
            return Rule.UNANSWERED, self._before(event) - 1 if named is None else named
        if event.type is EventType.HANDOFF and event.reason == MISSING_KNOWLEDGE:
            return Rule.MISSING_KNOWLEDGE, self._before(event) - 1
        return Rule.FALLBACK, self._fallback(event)

    def _fallback(self, event: Event) -> int | None:
        """The place of the response that an event rejects, if it is a fallback."""
        named = self._by_id.get(event.message or "") if event.type is EventType.FEEDBACK else None
        place = named
        if place is None:
            if event.type is EventType.FEEDBACK and event.message is not None:
                return None  # about a message that is not there, or private
            places = range(self._before(event) - 1, -1, -1)
            place = next((p for p in places if self._order[p][1].speaker is Speaker.CUSTOMER_AGENT), None)
        if place is None:
            return None
        message = self._order[place][1]
        empty = self._sources_known and not message.sources and not message.actions
        return place if message.speaker is Speaker.CUSTOMER_AGENT and empty else None

    def _before(self, event: Event) -> int:
        """How many public messages come before an event."""
        if event.at is not None and self._times:
            return bisect_right(self._times, event.at)
        if event.type in (EventType.UNANSWERED, EventType.FEEDBACK):
            return len(self._order)
        return self._first_rep

    def _with_content(self, place: int) -> int | None:
        """The latest customer message with content at a place or before it."""
        for each in range(place, -1, -1):
            message = self._order[each][1]
            if message.speaker is Speaker.CUSTOMER and has_content(message.text):
                return each
        return None
