"""The facts: tickets with their messages and events, as a help desk recorded them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

UNKNOWN_REP = "Unknown rep"  # somebody replied whom the source does not name
NO_REP = "No rep"  # nobody replied
NO_TEAM = "No team"
NAME_WORDS = 9  # a ticket without a subject is named by so many first words of its customer


class Speaker(StrEnum):
    """Who wrote a message."""

    CUSTOMER = "customer"
    REP = "rep"
    CUSTOMER_AGENT = "customer_agent"
    SYSTEM = "system"


class EventType(StrEnum):
    """What happened to a conversation besides messages."""

    ASSIGNED = "assigned"
    HANDOFF_REQUESTED = "handoff_requested"
    HANDOFF = "handoff"
    FEEDBACK = "feedback"
    UNANSWERED = "unanswered"
    CLOSED = "closed"
    REOPENED = "reopened"


class Status(StrEnum):
    """Whether the help desk still works on a ticket."""

    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Rep:
    """A human who answers customers; `id` is unique within one source."""

    id: str
    name: str
    team: str | None = None


@dataclass(frozen=True, slots=True)
class Customer:
    """The visitor who asks."""

    id: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One message. `at` is UTC or unknown; `sources` and `actions` are None where the source does not say."""

    id: str
    speaker: Speaker
    text: str
    at: datetime | None = None
    author: Rep | None = None
    private: bool = False
    sources: tuple[str, ...] | None = None
    actions: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One event; which of the optional fields it has depends on its type."""

    type: EventType
    at: datetime | None = None
    to: str | None = None  # assigned: a rep's id or 'customer_agent'
    by: str | None = None  # handoff: customer_agent, rule or rep
    reason: str | None = None  # handoff
    value: str | None = None  # feedback: positive, negative or neutral
    message: str | None = None  # feedback, unanswered: the id of the message meant


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """One imported conversation, identified by (source, id); messages and events in file order."""

    source: str
    id: str
    messages: tuple[Message, ...]
    events: tuple[Event, ...] = ()
    subject: str | None = None
    url: str | None = None
    channel: str | None = None
    status: Status = Status.OPEN
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    customer: Customer | None = None
    tags: tuple[str, ...] = ()
    spam: bool = False
    outbound: bool = False

    @property
    def key(self) -> str:
        """The name of the ticket in commands and JSON: `source/id`."""
        return f"{self.source}/{self.id}"

    @property
    def name(self) -> str:
        """The subject, or the first words of the customer, or the id: never empty."""
        if self.subject and self.subject.strip():
            return self.subject.strip()
        for message in self.public(Speaker.CUSTOMER):
            words = message.text.split()
            if words:
                cut = " ".join(words[:NAME_WORDS])
                return cut + " …" if len(words) > NAME_WORDS else cut
        return self.id

    def public(self, speaker: Speaker | None = None) -> Iterator[Message]:
        """Messages that the customer can see, of one speaker or of all."""
        for message in self.messages:
            if not message.private and (speaker is None or message.speaker is speaker):
                yield message
