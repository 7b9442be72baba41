"""A conversation made ready to be stored: everything that can be worked out without the database.

No SQL and no SQLAlchemy here, so that another process can do it: plain tuples travel cheaply.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Final, NamedTuple

import msgspec

from qatui.domain.conversation import EventType, Rep, Ticket
from qatui.domain.verdict import Flag, Reason, content_hash, standing
from qatui.store.gaps_prepared import Asked, asked
from qatui.store.layout import FLAG_BITS
from qatui.store.performance_prepared import perform, plain_since
from qatui.store.rows import Row, to_list, to_micros

NAME_LENGTH = 300
"""So many characters of a ticket's name are kept for lists and for the text filter."""

_facts = msgspec.msgpack.Encoder()


Author = tuple[str, str, str | None, int | None]
"""A rep as messages of one ticket name them: id, name, team, microseconds of the newest of these messages if known."""


class Prepared(NamedTuple):
    """One ticket's rows. They lack what only the database knows: the ticket's row id and the rows of its authors.

    Nothing but tuples, lists, text, bytes and numbers, so that it can travel by `marshal`.
    """

    # as in TICKET_COLUMNS
    source: str
    id: str
    subject: str | None
    url: str | None
    channel: str | None
    status: str
    opened_at: int | None
    closed_at: int | None
    customer_id: str | None
    customer_name: str | None
    tags: str | None
    spam: int
    outbound: int
    facts_hash: bytes  # changes when any fact of the conversation changes
    # what lists need
    name: str
    answered: int  # by any rep
    rep: str | None  # id of the responding rep; None too where the source does not name who answered
    reason: str  # why it may not be judged, or that it waits for a judge
    flags: int
    content_hash: bytes
    plain_since: int | None  # `performance_prepared.plain_since`; the rows that follow from it are left out below
    # what stands in several rows
    messages: list[Row]  # MESSAGE_COLUMNS after ticket_id; instead of author_id the place in `authors`, or None
    events: list[Row]  # EVENT_COLUMNS after ticket_id
    authors: list[Author]
    performed: Row | None  # a `Performed`, what performance reports need of it; None of a plain one
    asked: Asked  # what the customer agent could not answer


WIDE: Final = Prepared._fields.index("messages")
"""So many first fields are columns of `incoming`."""


def prepare(ticket: Ticket) -> Prepared:
    """Work out the rows of a ticket. Its texts must be storable (`qatui.text.storable`)."""
    customer = ticket.customer
    row = (
        ticket.source,
        ticket.id,
        ticket.subject,
        ticket.url,
        ticket.channel,
        ticket.status._value_,
        to_micros(ticket.opened_at),
        to_micros(ticket.closed_at),
        customer.id if customer else None,
        customer.name if customer else None,
        to_list(ticket.tags) if ticket.tags else None,
        ticket.spam,
        ticket.outbound,
    )
    messages, authors = _messages(ticket)
    events = [
        (
            position,
            event.type._value_,
            to_micros(event.at),
            event.to,
            event.by,
            event.reason,
            event.value,
            event.message,
        )
        for position, event in enumerate(ticket.events)
    ]
    who, unfit = standing(ticket)
    flags = FLAG_BITS[Flag.SEVERAL_REPS] if who and who.several else 0
    for event in ticket.events:
        if event.type is EventType.REOPENED:
            flags |= FLAG_BITS[Flag.REOPENED]
    since = plain_since(ticket)
    return Prepared(
        *row[:-2],
        int(ticket.spam),
        int(ticket.outbound),
        facts_hash(row, messages, events, authors),
        ticket.name[:NAME_LENGTH],
        int(who is not None),
        who.rep.id if who and who.rep else None,
        (unfit.reason if unfit else Reason.WAITING)._value_,
        flags,
        bytes.fromhex(content_hash(ticket)),
        since,
        messages,
        events if since is None else [],
        authors,
        tuple(perform(ticket)) if since is None else None,
        asked(ticket),
    )


def facts_hash(ticket: Row, messages: list[Row], events: list[Row], authors: list[Author]) -> bytes:
    """The name of all facts of a conversation, as they stand in rows."""
    return blake2b(_facts.encode((ticket, messages, events, authors)), digest_size=16).digest()


def _messages(ticket: Ticket) -> tuple[list[Row], list[Author]]:
    places: dict[Rep, int] = {}
    latest: list[int | None] = []
    rows = []
    for position, message in enumerate(ticket.messages):
        at = to_micros(message.at)
        place = None
        author = message.author
        if author is not None:
            place = places.setdefault(author, len(places))
            if place == len(latest):
                latest.append(at)
            elif at is not None:
                latest[place] = max(at, latest[place] or at)
        rows.append(
            (
                position,
                message.id,
                message.speaker._value_,  # `value` is a property of enums, and takes longer than the rest
                message.text,
                at,
                place,
                message.private,
                None if message.sources is None else to_list(message.sources),
                None if message.actions is None else to_list(message.actions),
            )
        )
    return rows, [(rep.id, rep.name, rep.team, at) for rep, at in zip(places, latest, strict=True)]
