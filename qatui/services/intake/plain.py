"""Plain conversations from the import format straight to the rows that are stored.

Most lines of an export are plain (`store.performance_prepared.plain_since`) and leave out what is seldom said. The
careful way makes a ticket of them (`wire.to_ticket`) and asks every rule about it (`store.prepared.prepare`); here the
same rows are made while the messages are read once, in half the time. Whatever is not plain, or is said in a way worth
a second look, is left to the careful way.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final, cast

from qatui.domain.conversation import EventType, Speaker, Status, Ticket
from qatui.domain.outcome import SETTLES_AFTER
from qatui.domain.verdict import Flag, Reason, content_hash, standing
from qatui.services.intake.wire import DEFAULT_SOURCE, EARLIEST, FORMAT, LATEST, WireTicket
from qatui.store.layout import FLAG_BITS
from qatui.store.prepared import NAME_LENGTH, Author, Prepared, facts_hash
from qatui.store.rows import Row

_MICROSECOND: Final = timedelta(microseconds=1)
_END: Final = (LATEST - EARLIEST) // _MICROSECOND
_APART: Final = SETTLES_AFTER // _MICROSECOND


def prepare_plain(wire: WireTicket) -> Prepared | None:
    """`prepare(to_ticket(wire))` of a plain conversation; None where these have to be asked.

    Of `wire` at most that is changed which `to_ticket` would change too.
    """
    closed = _micros(wire.closed_at)
    opened = None if wire.opened_at is None else _micros(wire.opened_at)
    name = "" if wire.subject is None else wire.subject.strip()
    customer = wire.customer
    if (
        closed is None
        or (opened is None and wire.opened_at is not None)
        or not name
        or (customer is not None and not (customer.id or customer.name))
        or wire.status is Status.OPEN
        or wire.format not in (None, FORMAT)
        or wire.events
        or wire.tags
        or wire.spam
        or wire.outbound
    ):
        return None
    since = None
    last, until = 0, _END  # when the message before was written, and by when the next one has to be
    ids = set()
    messages: list[Row] = []
    places: dict[tuple[str, str, str | None], int] = {}
    newest: dict[tuple[str, str, str | None], int] = {}
    for position, message in enumerate(wire.messages):
        at, speaker, author = _micros(message.at), message.speaker, message.author
        if (
            at is None
            or not last <= at < until
            or speaker is Speaker.CUSTOMER_AGENT
            or message.private
            or message.sources is not None
            or message.actions is not None
        ):
            return None
        last, until = at, at + _APART
        if message.id is None:
            message.id = f"m{position + 1}"
        ids.add(message.id)
        place = None
        if author is not None:
            if speaker is not Speaker.REP:
                return None
            named = (author.id, author.name or author.id, author.team or None)
            place = places.setdefault(named, len(places))
            newest[named] = at
        elif since is None and speaker is Speaker.CUSTOMER:
            since = at
        messages.append((position, message.id, speaker._value_, message.text, at, place, False, None, None))
    if since is None or not last <= closed < until or len(ids) < len(messages):
        return None
    wire.status = Status.CLOSED
    ticket = cast("Ticket", wire)  # it has by now whatever these two look at
    who, unfit = standing(ticket)
    row = (
        wire.source or DEFAULT_SOURCE,
        wire.id,
        wire.subject,
        wire.url,
        wire.channel or None,
        Status.CLOSED._value_,
        opened,
        closed,
        customer.id if customer else None,
        customer.name if customer else None,
        None,
    )
    authors: list[Author] = [(*named, at) for named, at in newest.items()]
    close = (0, EventType.CLOSED._value_, closed, None, None, None, None, None)
    return Prepared(
        *row,
        0,
        0,
        facts_hash((*row, False, False), messages, [close], authors),
        name[:NAME_LENGTH],
        int(who is not None),
        who.rep.id if who and who.rep else None,
        (unfit.reason if unfit else Reason.WAITING)._value_,
        FLAG_BITS[Flag.SEVERAL_REPS] if who and who.several else 0,
        bytes.fromhex(content_hash(ticket)),
        since,
        messages,
        [],
        authors,
        None,
        (),
    )


def _micros(at: datetime | None) -> int | None:
    """Microseconds since 1970 of a time that needs no second look; None of others."""
    if at is None or at.tzinfo is not UTC:
        return None
    micros = (at - EARLIEST) // _MICROSECOND
    return micros if 0 <= micros < _END else None
