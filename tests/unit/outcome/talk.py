"""Short words for writing a conversation in a test: who or what, and how many hours after the beginning."""

from datetime import UTC, datetime, timedelta

from qatui.domain.conversation import Event, EventType, Message, Rep, Speaker, Status, Ticket

BEGIN = datetime(2026, 3, 2, 9, tzinfo=UTC)  # a Monday
SECOND = 1 / 3600
KB = ("kb/12",)
EVER = BEGIN + timedelta(days=365)
ANA = Rep("a", "Ana", "Billing")
TOM = Rep("t", "Tom", "Technical")


def at(hours):
    return BEGIN + timedelta(hours=hours)


def customer(hours, **more):
    return Message(more.pop("id", f"c{hours}"), Speaker.CUSTOMER, "…", at(hours), **more)


def agent(hours, sources=KB, **more):
    return Message(more.pop("id", f"a{hours}"), Speaker.CUSTOMER_AGENT, "…", at(hours), sources=sources, **more)


def rep(hours, author=ANA, **more):
    return Message(f"r{hours}", Speaker.REP, "…", at(hours), author=author, **more)


def system(hours):
    return Message(f"s{hours}", Speaker.SYSTEM, "…", at(hours))


def assigned(hours, to="customer_agent"):
    return Event(EventType.ASSIGNED, at(hours), to=to)


def handoff(hours, by="rule", reason=None):
    return Event(EventType.HANDOFF, at(hours), by=by, reason=reason)


def wants_human(hours):
    return Event(EventType.HANDOFF_REQUESTED, at(hours))


def feedback(hours, value, message=None):
    return Event(EventType.FEEDBACK, at(hours), value=value, message=message)


def closed(hours):
    return Event(EventType.CLOSED, at(hours))


def reopened(hours):
    return Event(EventType.REOPENED, at(hours))


def ticket(*facts, **more):
    """A closed chat ticket of these messages and events, each kind in the order given."""
    values = {"source": "desk", "id": "T-1", "channel": "chat", "status": Status.CLOSED, **more}
    return Ticket(
        messages=tuple(fact for fact in facts if isinstance(fact, Message)),
        events=tuple(fact for fact in facts if isinstance(fact, Event)),
        **values,
    )
