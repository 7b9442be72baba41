"""The import format `qatui/1`: what one conversation looks like on the way in, and how it becomes a ticket."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Final, Literal

import msgspec

from qatui.domain.conversation import EventType, Speaker, Status, Ticket

FORMAT: Final = "qatui/1"

DEFAULT_SOURCE: Final = "import"
"""The source of a conversation that names none: not the file's name, which changes from export to export."""

EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(2100, 1, 1, tzinfo=UTC)
"""Times outside are slips (a zero, seconds read as years) that would stretch every series over centuries."""

NAIVE_NOTE: Final = "times without an offset were read as UTC"

Named = Annotated[str, msgspec.Meta(min_length=1)]
Note = Callable[[str], None]
"""Told of what was read in a way worth knowing; the same note is counted, not repeated."""


class Rejection(Exception):
    """Why a conversation cannot be taken: where in it, and what is wrong there."""

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(f"{where}: {problem}" if where else problem)
        self.where = where
        self.problem = problem


# The attributes below are named as in `qatui.domain.conversation`, so that one call converts a whole conversation.


class WireRep(msgspec.Struct, forbid_unknown_fields=True):
    """The author of a rep's message."""

    id: Named
    name: str | None = None
    team: str | None = None


class WireCustomer(msgspec.Struct, forbid_unknown_fields=True):
    """The customer."""

    id: str | None = None
    name: str | None = None


class WireMessage(msgspec.Struct, forbid_unknown_fields=True):
    """One message."""

    speaker: Speaker = msgspec.field(name="from")
    text: str
    id: Named | None = None
    at: datetime | None = None
    author: WireRep | None = None
    private: bool | None = None
    sources: tuple[str, ...] | None = None
    actions: tuple[str, ...] | None = None


class WireEvent(msgspec.Struct, forbid_unknown_fields=True):
    """One event."""

    type: EventType
    at: datetime | None = None
    to: str | None = None
    by: Literal["customer_agent", "rule", "rep"] | None = None
    reason: str | None = None
    value: Literal["positive", "negative", "neutral"] | None = None
    message: str | None = None


class WireTicket(msgspec.Struct, forbid_unknown_fields=True):
    """One conversation."""

    id: Named
    messages: list[WireMessage]
    format: str | None = None
    source: str | None = None
    subject: str | None = None
    url: str | None = None
    channel: str | None = None
    status: Status | None = None
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    customer: WireCustomer | None = None
    tags: tuple[str | None, ...] | None = None  # exports write null for a tag that was deleted
    spam: bool | None = None
    outbound: bool | None = None
    events: list[WireEvent] | None = None


def to_ticket(wire: WireTicket, note: Note) -> Ticket:
    """The ticket that a conversation in the import format is; `wire` is used up.

    Raises Rejection for what types cannot say: another version of the format, a message id that stands twice, a time
    out of range, feedback without a value.
    """
    if wire.format is not None and wire.format != FORMAT:
        raise version_rejection(wire.format)
    wire.source = wire.source or DEFAULT_SOURCE
    wire.channel = wire.channel or None
    wire.tags = tuple(tag for tag in wire.tags if tag) if wire.tags else ()
    wire.spam = bool(wire.spam)
    wire.outbound = bool(wire.outbound)
    if wire.customer is not None and not (wire.customer.id or wire.customer.name):
        wire.customer = None
    if wire.opened_at is not None:
        wire.opened_at = _instant(wire.opened_at, "opened_at", note)
    if wire.closed_at is not None:
        wire.closed_at = _instant(wire.closed_at, "closed_at", note)
    _messages(wire.messages, note)
    wire.events = wire.events or []
    if wire.events:
        _events(wire.events, note)
    _closing(wire, wire.events)
    return msgspec.convert(wire, Ticket, from_attributes=True)


def version_rejection(format: str) -> Rejection:
    """For a conversation in another format or version."""
    if format.startswith("qatui/"):
        return Rejection("format", f"{format!r} is another version than {FORMAT}; upgrade qatui or export {FORMAT}")
    return Rejection("format", f"{format!r} is not {FORMAT}")


def _messages(messages: list[WireMessage], note: Note) -> None:
    names = set()
    for position, message in enumerate(messages):
        if message.id is None:
            message.id = f"m{position + 1}"
        names.add(message.id)
        message.private = bool(message.private)
        author = message.author
        if author is not None:
            if message.speaker is Speaker.REP:
                author.name = author.name or author.id
                author.team = author.team or None
            else:
                message.author = None  # only reps are people whose work is looked at
        at = message.at
        if at is not None and (at.tzinfo is not UTC or not EARLIEST.year <= at.year < LATEST.year):
            message.at = _instant(at, f"messages[{position}].at", note)
    if len(names) < len(messages):
        seen = set()
        for position, message in enumerate(messages):
            if message.id in seen:
                raise Rejection(f"messages[{position}].id", f"{message.id!r} is the id of an earlier message too")
            seen.add(message.id)


def _events(events: list[WireEvent], note: Note) -> None:
    for position, event in enumerate(events):
        if event.at is not None:
            event.at = _instant(event.at, f"events[{position}].at", note)
        if event.type is EventType.FEEDBACK and event.value is None:
            raise Rejection(f"events[{position}].value", "missing: positive, negative or neutral")
        if event.type is EventType.ASSIGNED and event.to is None:
            raise Rejection(f"events[{position}].to", "missing: a rep's id or customer_agent")


def _closing(wire: WireTicket, events: list[WireEvent]) -> None:
    """Let the status, the close date (the latest close) and the closed events agree."""
    turns = [event for event in events if event.type in (EventType.CLOSED, EventType.REOPENED)]
    closes = [event for event in turns if event.type is EventType.CLOSED]
    if wire.status is None:
        closed = turns[-1].type is EventType.CLOSED if turns else wire.closed_at is not None
        wire.status = Status.CLOSED if closed else Status.OPEN
    if not closes and wire.closed_at is not None:
        events.append(WireEvent(type=EventType.CLOSED, at=wire.closed_at))
    known = [at for at in (wire.closed_at, *(event.at for event in closes)) if at is not None]
    wire.closed_at = max(known) if known else None


def _instant(at: datetime, where: str, note: Note) -> datetime:
    """A time in UTC, within the years that make sense."""
    if at.tzinfo is None:
        note(NAIVE_NOTE)
        at = at.replace(tzinfo=UTC)
    if not EARLIEST.year - 1 <= at.year <= LATEST.year:  # before the offset is applied, which may overflow
        raise Rejection(where, f"the year {at.year} is not between {EARLIEST.year} and {LATEST.year - 1}")
    at = at.astimezone(UTC)
    if not EARLIEST <= at < LATEST:
        raise Rejection(where, f"the year {at.year} is not between {EARLIEST.year} and {LATEST.year - 1}")
    return at
