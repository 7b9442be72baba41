"""Facts as rows and back: what a ticket looks like in the tables."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any

import msgspec

from qatui.domain.conversation import Customer, Event, EventType, Message, Rep, Speaker, Status, Ticket

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_facts = msgspec.msgpack.Encoder()
_list = msgspec.json.Encoder()
_strings = msgspec.json.Decoder(tuple[str, ...])

Row = tuple[Any, ...]


def to_micros(at: datetime | None) -> int | None:
    """An instant as the tables keep it: microseconds since 1970, UTC."""
    return None if at is None else (at - _EPOCH) // _MICROSECOND


def from_micros(at: int | None) -> datetime | None:
    """The inverse of `to_micros`."""
    return None if at is None else _EPOCH + timedelta(microseconds=at)


def to_list(values: Sequence[str] | None) -> str | None:
    """Strings as JSON text; None stays None."""
    return None if values is None else _list.encode(values).decode()


def from_list(text: str | None) -> tuple[str, ...] | None:
    """The inverse of `to_list`."""
    return None if text is None else _strings.decode(text)


def facts_hash(ticket: Ticket) -> bytes:
    """Sixteen bytes that change when any fact of the conversation changes."""
    return blake2b(_facts.encode(ticket), digest_size=16).digest()


TICKET_COLUMNS = (
    "id, source, external_id, subject, url, channel, status, opened_at, closed_at, customer_id, customer_name, tags, "
    "spam, outbound, facts_hash"
)


def ticket_row(row_id: int, ticket: Ticket, digest: bytes) -> Row:
    """In the order of TICKET_COLUMNS."""
    customer = ticket.customer
    return (
        row_id,
        ticket.source,
        ticket.id,
        ticket.subject,
        ticket.url,
        ticket.channel,
        ticket.status.value,
        to_micros(ticket.opened_at),
        to_micros(ticket.closed_at),
        customer.id if customer else None,
        customer.name if customer else None,
        to_list(ticket.tags) if ticket.tags else None,
        ticket.spam,
        ticket.outbound,
        digest,
    )


MESSAGE_COLUMNS = "ticket_id, position, external_id, speaker, text, at, author_id, private, sources, actions"


def message_rows(row_id: int, ticket: Ticket, authors: dict[Rep, int]) -> list[Row]:
    """In the order of MESSAGE_COLUMNS; `authors` holds the row of every rep who wrote in the ticket."""
    return [
        (
            row_id,
            position,
            message.id,
            message.speaker.value,
            message.text,
            None if message.at is None else (message.at - _EPOCH) // _MICROSECOND,
            authors[message.author] if message.author else None,
            message.private,
            None if message.sources is None else to_list(message.sources),
            None if message.actions is None else to_list(message.actions),
        )
        for position, message in enumerate(ticket.messages)
    ]


EVENT_COLUMNS = "ticket_id, position, type, at, assigned_to, handed_by, reason, value, message"


def event_rows(row_id: int, ticket: Ticket) -> list[Row]:
    """In the order of EVENT_COLUMNS."""
    return [
        (
            row_id,
            position,
            event.type.value,
            to_micros(event.at),
            event.to,
            event.by,
            event.reason,
            event.value,
            event.message,
        )
        for position, event in enumerate(ticket.events)
    ]


def ticket_of(row: Row, messages: Sequence[Message], events: Sequence[Event]) -> Ticket:
    """A row of TICKET_COLUMNS as the domain knows it."""
    (_, source, id, subject, url, channel, status, opened, closed, customer_id, customer_name, tags, spam, out, _) = row
    customer = None if customer_id is None and customer_name is None else Customer(customer_id, customer_name)
    return Ticket(
        source=source,
        id=id,
        messages=tuple(messages),
        events=tuple(events),
        subject=subject,
        url=url,
        channel=channel,
        status=Status(status),
        opened_at=from_micros(opened),
        closed_at=from_micros(closed),
        customer=customer,
        tags=from_list(tags) or (),
        spam=bool(spam),
        outbound=bool(out),
    )


def message_of(row: Row, author: Rep | None) -> Message:
    """A row of MESSAGE_COLUMNS as the domain knows it."""
    _, _, id, speaker, text, at, _, private, sources, actions = row
    return Message(
        id, Speaker(speaker), text, from_micros(at), author, bool(private), from_list(sources), from_list(actions)
    )


def event_of(row: Row) -> Event:
    """A row of EVENT_COLUMNS as the domain knows it."""
    _, _, type, at, to, by, reason, value, message = row
    return Event(EventType(type), from_micros(at), to, by, reason, value, message)
