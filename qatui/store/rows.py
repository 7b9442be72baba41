"""Facts as rows and back: what a ticket looks like in the tables."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from qatui.domain.conversation import Customer, Event, EventType, Message, Rep, Speaker, Status, Ticket

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
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


TICKET_COLUMNS = (
    "id, source, external_id, subject, url, channel, status, opened_at, closed_at, customer_id, customer_name, tags, "
    "spam, outbound, facts_hash"
)
MESSAGE_COLUMNS = "ticket_id, position, external_id, speaker, text, at, author_id, private, sources, actions"
EVENT_COLUMNS = "ticket_id, position, type, at, assigned_to, handed_by, reason, value, message"
AUTHOR = MESSAGE_COLUMNS.split(", ").index("author_id")

Fetched = tuple[list[Row], list[Row], list[Row], list[Row]]
"""Conversations as stored: rows of TICKET_COLUMNS, of MESSAGE_COLUMNS and EVENT_COLUMNS in their order, and of the
authors named in messages (id, the rep's id in the source, name, team)."""


def tickets_of(row_ids: Sequence[int], fetched: Fetched) -> list[Ticket]:
    """The conversations with these row ids, in this order, as the domain knows them."""
    tickets, messages, events, authors = fetched
    people: dict[int | None, Rep] = {id: Rep(external_id, name, team) for id, external_id, name, team in authors}
    said: dict[int, list[Message]] = {row_id: [] for row_id in row_ids}
    happened: dict[int, list[Event]] = {row_id: [] for row_id in row_ids}
    for row in messages:
        said[row[0]].append(_message_of(row, people.get(row[AUTHOR])))
    for row in events:
        happened[row[0]].append(_event_of(row))
    made = {row[0]: _ticket_of(row, said[row[0]], happened[row[0]]) for row in tickets}
    return [made[row_id] for row_id in row_ids]


def _ticket_of(row: Row, messages: Sequence[Message], events: Sequence[Event]) -> Ticket:
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


def _message_of(row: Row, author: Rep | None) -> Message:
    """A row of MESSAGE_COLUMNS as the domain knows it."""
    _, _, id, speaker, text, at, _, private, sources, actions = row
    return Message(
        id, Speaker(speaker), text, from_micros(at), author, bool(private), from_list(sources), from_list(actions)
    )


def _event_of(row: Row) -> Event:
    """A row of EVENT_COLUMNS as the domain knows it."""
    _, _, type, at, to, by, reason, value, message = row
    return Event(EventType(type), from_micros(at), to, by, reason, value, message)
