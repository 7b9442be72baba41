"""What performance reports need of one conversation, as rows: everything that can be worked out without the database.

No SQL and no SQLAlchemy here, so that another process can do it: plain tuples travel cheaply.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from qatui.domain.conversation import Event, EventType, Speaker, Status, Ticket
from qatui.domain.outcome import SETTLES_AFTER, Criterion, Exclusion, Opinion, Outcome, history

OUTCOME_CODES: Final = {
    Outcome.RESOLVED: 1,
    Outcome.DEFLECTED_UNRESOLVED: 2,
    Outcome.HANDED_OFF: 3,
    Outcome.HUMAN_JOINED: 4,
}
OPINION_CODES: Final = {Opinion.POSITIVE: 1, Opinion.NEGATIVE: 2, Opinion.NEUTRAL: 3}
EXCLUSION_CODES: Final = {Exclusion.SPAM: 1, Exclusion.OUTBOUND: 2, Exclusion.NO_TIMES: 3}
CRITERION_BITS: Final = {Criterion.SOURCE_OR_ACTION: 1, Criterion.NO_HUMAN_WANTED: 2, Criterion.NOT_NEGATIVE: 4}
"""How rows hold these words; a number is never given a second meaning."""

TIME_BINS: Final = tuple(round(1_000_000 * 2 ** (half / 2)) for half in range(47))
"""Where the bins of times to close end, in microseconds: from one second to three months, by factors of 1.4."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

Row = tuple[Any, ...]


class Performed(NamedTuple):
    """One ticket's rows. They lack what only the database knows: the rows of the ticket, of names and of reps.

    episodes: (number, reason, started_at, settles_at, handled_at, first_response_at, handoff_at, closed_at,
    time_to_close, time_bin, settled_outcome, unverified, failed), the reason being that of the handoff.
    feedback: (number, at, opinion, episode_started_at, replaced_at). late_handoffs: (number, reason, at).
    rep_closes: (number, id of the rep, closed_at, from_at, until_at). excluded: (why, placed_at), or nothing.
    """

    channel: str | None
    episodes: tuple[Row, ...] = ()
    feedback: tuple[Row, ...] = ()
    late_handoffs: tuple[Row, ...] = ()
    rep_closes: tuple[Row, ...] = ()
    excluded: Row = ()


def plain_since(ticket: Ticket) -> int | None:
    """When the only episode of a plain conversation began; None of any other.

    Plain is what most conversations without a customer agent are: public messages in order of time, no three days
    between two of them, then one close and nothing else. `perform` then tells of one episode that ends at the close
    and that the customer agent never handled, and of a close by the responding rep if there is one; to know that is
    ten times as quick as to work it out.
    """
    events, closed = ticket.events, ticket.closed_at
    if len(events) != 1 or closed is None or events[0] != Event(EventType.CLOSED, closed):
        return None
    if ticket.spam or ticket.outbound or ticket.status is not Status.CLOSED:
        return None
    since = last = None
    for message in ticket.messages:
        at = message.at
        if at is None or message.private or message.speaker is Speaker.CUSTOMER_AGENT:
            return None
        if last is not None and not last <= at < last + SETTLES_AFTER:
            return None
        last = at
        if since is None and message.speaker is Speaker.CUSTOMER:
            since = at
    if since is None or last is None or not last <= closed < last + SETTLES_AFTER:
        return None
    return (since - _EPOCH) // _MICROSECOND


def perform(ticket: Ticket) -> Performed:
    """The rows of a ticket, as `domain.outcome.history` tells them. Every imported conversation comes here."""
    told = history(ticket)
    if told.excluded is not None:
        return Performed(told.channel, excluded=(EXCLUSION_CODES[told.excluded], _micros(told.placed_at)))
    episodes = []
    for episode in told.episodes:
        handled, responded, handoff = episode.handled_at, episode.first_response_at, episode.handoff_at
        closed, outcome, time = episode.closed_at, episode.settled_outcome, episode.time_to_close
        handled_at = None if handled is None else (handled - _EPOCH) // _MICROSECOND
        to_close = None if time is None else time // _MICROSECOND
        episodes.append(
            (
                episode.number,
                episode.handoff_reason,
                (episode.started_at - _EPOCH) // _MICROSECOND,
                (episode.settles_at - _EPOCH) // _MICROSECOND,
                handled_at,
                handled_at if responded is handled else _micros(responded),
                None if handoff is None else (handoff - _EPOCH) // _MICROSECOND,
                None if closed is None else (closed - _EPOCH) // _MICROSECOND,
                to_close,
                None if to_close is None else bisect_right(TIME_BINS, to_close),
                None if outcome is None else OUTCOME_CODES[outcome],
                episode.unverified,
                sum([CRITERION_BITS[criterion] for criterion in episode.failed]) if episode.failed else 0,
            )
        )
    return Performed(
        told.channel,
        tuple(episodes),
        tuple(
            (
                number,
                _micros(given.at),
                OPINION_CODES[given.opinion],
                _micros(given.episode_started_at),
                _micros(given.replaced_at),
            )
            for number, given in enumerate(told.feedback)
        )
        if told.feedback
        else (),
        tuple((number, late.reason, _micros(late.at)) for number, late in enumerate(told.late_handoffs))
        if told.late_handoffs
        else (),
        tuple(
            (
                number,
                close.rep.id if close.rep else None,
                _micros(close.closed_at),
                _micros(close.from_at),
                _micros(close.until_at),
            )
            for number, close in enumerate(told.closes)
        )
        if told.closes
        else (),
    )


def _micros(at: datetime | None) -> int | None:
    return None if at is None else (at - _EPOCH) // _MICROSECOND
