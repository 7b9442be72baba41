"""What is said of plain conversations without working it out is what working it out says."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qatui.domain.conversation import Event, EventType, Message, Rep, Speaker, Status, Ticket
from qatui.domain.outcome import Episode, history
from qatui.domain.rep_close import RepClose
from qatui.domain.verdict import responding
from qatui.store.performance_prepared import plain_since

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
ANA, BEN = Rep("r1", "Ana", "Billing"), Rep("r2", "Ben")
CUSTOMER, REP, SYSTEM, AGENT = Speaker.CUSTOMER, Speaker.REP, Speaker.SYSTEM, Speaker.CUSTOMER_AGENT
THREE_DAYS = 72.0


def conversation(*said: tuple[Speaker, float], closed: float | None = None, **other) -> Ticket:
    """Messages with so many hours after the one before, closed so many hours after the last."""
    at, messages = START, []
    for number, (speaker, hours) in enumerate(said):
        at += timedelta(hours=hours)
        messages.append(Message(f"m{number}", speaker, "Hello", at, ANA if speaker is REP else None))
    closed_at = None if closed is None else at + timedelta(hours=closed)
    values = {
        "source": "desk",
        "id": "1",
        "messages": tuple(messages),
        "status": Status.OPEN if closed is None else Status.CLOSED,
        "closed_at": closed_at,
        "events": (Event(EventType.CLOSED, closed_at),) if closed_at else (),
    }
    return Ticket(**(values | other))


def assert_said_rightly(ticket: Ticket) -> None:
    """What `plain_since` promises of a plain conversation."""
    since = plain_since(ticket)
    assert since is not None
    told = history(ticket)
    began = datetime.fromtimestamp(since // 1_000_000, UTC) + timedelta(microseconds=since % 1_000_000)
    [episode] = told.episodes
    assert (told.excluded, told.feedback, told.late_handoffs) == (None, (), ())
    assert episode == Episode(
        number=0,
        channel=ticket.channel,
        started_at=began,
        settles_at=ticket.closed_at,
        closed_at=ticket.closed_at,
        human_joined_at=episode.human_joined_at,  # in no row
    )
    who = responding(ticket)
    close = who and RepClose(closed_at=ticket.closed_at, from_at=ticket.closed_at, until_at=None, rep=who.rep)
    assert told.closes == ((close,) if close else ())
    assert ticket.events == (Event(EventType.CLOSED, ticket.closed_at),)


@pytest.mark.parametrize(
    "ticket",
    [
        conversation((CUSTOMER, 0), (REP, 1), (CUSTOMER, 2), (REP, 1), closed=0),
        conversation((CUSTOMER, 0), (REP, THREE_DAYS - 0.01), closed=THREE_DAYS - 0.01),
        conversation((REP, 0), (SYSTEM, 1), (CUSTOMER, 2), closed=1),  # counts from the customer's message on
        conversation((CUSTOMER, 0), (CUSTOMER, 0), closed=5),  # no rep: no close to anybody's credit
        conversation((CUSTOMER, 0), (REP, 0), closed=0, channel="email"),  # all at once
    ],
)
def test_plain_conversations(ticket):
    assert_said_rightly(ticket)


@pytest.mark.parametrize(
    "ticket",
    [
        conversation((CUSTOMER, 0), (REP, 1)),  # open
        conversation((CUSTOMER, 0), (REP, 1), closed=1, status=Status.OPEN),
        conversation((CUSTOMER, 0), (REP, 1), closed=1, spam=True),
        conversation((CUSTOMER, 0), (REP, 1), closed=1, outbound=True),
        conversation((CUSTOMER, 0), (AGENT, 1), closed=1),
        conversation((CUSTOMER, 0), (REP, THREE_DAYS), closed=1),  # two episodes
        conversation((CUSTOMER, 0), (REP, 1), closed=THREE_DAYS),  # settled before it was closed
        conversation((CUSTOMER, 5), (REP, -1), closed=3),  # not in order
        conversation((CUSTOMER, 0), (REP, 1), closed=-0.5),  # goes on after the close
        conversation((REP, 0), closed=1),  # no customer
        conversation(closed=1),
        conversation((CUSTOMER, 0), (REP, 1), closed=1, events=()),
        conversation((CUSTOMER, 0), closed=1, messages=(Message("m1", CUSTOMER, "Hello"),)),
        conversation((CUSTOMER, 0), closed=1, messages=(Message("m1", CUSTOMER, "Hello", START, private=True),)),
        conversation(
            (CUSTOMER, 0), closed=1, events=(Event(EventType.CLOSED, START + timedelta(hours=1), reason="x"),)
        ),
        conversation((CUSTOMER, 0), closed=1, events=(Event(EventType.CLOSED, START),)),  # closed at another time
    ],
)
def test_what_is_not_plain(ticket):
    assert plain_since(ticket) is None


hours = st.sampled_from([0.0, 0.5, 30.0, THREE_DAYS - 1e-6, THREE_DAYS, -1.0])
events = st.lists(
    st.builds(Event, st.sampled_from(EventType), st.none() | st.just(START)) | st.just(Event(EventType.CLOSED, START)),
    max_size=2,
).map(tuple)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from([CUSTOMER, CUSTOMER, REP, REP, SYSTEM, AGENT]), hours), max_size=5),
    hours,
    st.lists(st.sampled_from([ANA, BEN, None]), min_size=5, max_size=5),
    st.none() | events,
)
def test_whatever_is_called_plain_is(said, closed, authors, told):
    ticket = conversation(*said, closed=closed, **({} if told is None else {"events": told}))
    messages = tuple(
        replace(message, author=author if message.speaker is REP else None)
        for message, author in zip(ticket.messages, authors, strict=False)
    )
    ticket = replace(ticket, messages=messages)
    if plain_since(ticket) is not None:
        assert_said_rightly(ticket)
