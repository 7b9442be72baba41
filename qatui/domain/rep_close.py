"""Closed tickets by responding rep, at any moment: what stands beside the customer agent's resolutions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from qatui.domain.conversation import Event, EventType, Message, Rep, Speaker, Status

Fact = tuple[datetime, int, Message | Event]  # time, rank (messages before events, then file order), the fact


@dataclass(frozen=True, slots=True, kw_only=True)
class RepClose:
    """A ticket stood closed to the credit of one responding rep, for from_at <= as_of < until_at (None: still).

    closed_at: its latest close in that time, by which a period takes it in; rep: None where the source names nobody.
    Of one ticket at most one row holds at any moment.
    """

    closed_at: datetime
    from_at: datetime
    until_at: datetime | None
    rep: Rep | None


def rep_closes(status: Status, facts: Iterable[Fact]) -> tuple[RepClose, ...]:
    """The times in which a ticket stood closed after a public reply of a rep; `facts` in the order of their ranks.

    The responding rep is the one of quality reports: most public messages so far, a tie goes to the last in the file.
    A ticket that the source calls open is not closed now, whatever its events say.
    """
    written: dict[str | None, tuple[int, int]] = {}  # rep id -> public messages, rank of the last in the file
    reps: dict[str | None, Rep | None] = {}
    closes: list[RepClose] = []
    closed_at: datetime | None = None
    for at, rank, fact in facts:
        if isinstance(fact, Message):
            if fact.speaker is not Speaker.REP:
                continue
            who = fact.author.id if fact.author else None
            count, last = written.get(who, (0, -1))
            written[who] = (count + 1, max(last, rank))
            if rank > last:
                reps[who] = fact.author
        elif fact.type is EventType.CLOSED:
            closed_at = at
        elif fact.type is EventType.REOPENED:
            closed_at = None
        else:
            continue
        if closed_at is None and not closes:
            continue
        rep = reps[max(written, key=written.__getitem__)] if written else None
        if closes and closes[-1].until_at is None:
            if (closes[-1].closed_at, closes[-1].rep) == (closed_at, rep):
                continue
            closes[-1] = replace(closes[-1], until_at=at)
        if closed_at is not None and written:
            closes.append(RepClose(closed_at=closed_at, from_at=at, until_at=None, rep=rep))
    return tuple(
        close
        for close in closes
        if (status is Status.CLOSED if close.until_at is None else close.from_at < close.until_at)
    )
