"""Logs for the tests: conversations as plain dicts, random hostile ones, and their translation into tickets."""

import random
from datetime import UTC, datetime, timedelta

from qatui.domain.conversation import Event, EventType, Message, Rep, Speaker, Status, Ticket

# Around what makes weeks difficult: clock changes, the year's end with week 53, a skipped day, the last of a month.
ANCHORS = {
    "Europe/Berlin": (datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)),
    "America/New_York": (datetime(2026, 3, 8, 7, tzinfo=UTC), datetime(2026, 11, 1, 6, tzinfo=UTC)),
    "Asia/Kathmandu": (datetime(2021, 1, 3, 18, 15, tzinfo=UTC), datetime(2020, 12, 27, 18, 15, tzinfo=UTC)),
    "Pacific/Apia": (datetime(2011, 12, 30, 10, tzinfo=UTC), datetime(2012, 1, 1, 10, tzinfo=UTC)),
    "Asia/Tehran": (datetime(2010, 3, 21, 20, 30, tzinfo=UTC), datetime(2009, 9, 21, 19, 30, tzinfo=UTC)),
    "UTC": (datetime(2024, 2, 29, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)),
}
_STEPS = (
    timedelta(),
    timedelta(microseconds=1),
    timedelta(seconds=1),
    timedelta(minutes=7),
    timedelta(hours=5),
    timedelta(hours=36),
    timedelta(hours=72) - timedelta(seconds=1),
    timedelta(hours=72) - timedelta(microseconds=1),
    timedelta(hours=72),
    timedelta(hours=72),
    timedelta(hours=72, microseconds=1),
    timedelta(days=5),
)
_LIKELY = (12, 1, 3, 8, 8, 4, 2, 1, 2, 1, 1, 2)


def ticket_of(conversation):
    """A plain dict in the shape of the import format as the ticket that an import makes of it."""
    return Ticket(
        source=conversation["source"],
        id=conversation["id"],
        channel=conversation["channel"],
        status=Status(conversation["status"]),
        opened_at=conversation.get("opened_at"),
        closed_at=conversation.get("closed_at"),
        spam=conversation.get("spam", False),
        outbound=conversation.get("outbound", False),
        messages=tuple(
            Message(
                id=message["id"],
                speaker=Speaker(message["from"]),
                text="…",
                at=message.get("at"),
                author=Rep(**message["author"]) if message.get("author") else None,
                private=message.get("private", False),
                sources=message.get("sources"),
                actions=message.get("actions"),
            )
            for message in conversation["messages"]
        ),
        events=tuple(
            Event(
                type=EventType(event["type"]),
                at=event.get("at"),
                to=event.get("to"),
                by=event.get("by"),
                reason=event.get("reason"),
                value=event.get("value"),
                message=event.get("message"),
            )
            for event in conversation["events"]
        ),
    )


def hostile_log(seed):
    """(zone, conversations, moments worth an as_of): everything that a help desk should not, but does, export."""
    chance = random.Random(seed)
    zone = chance.choice(list(ANCHORS))
    conversations = [
        _conversation(chance, chance.choice(ANCHORS[zone]), number) for number in range(chance.randint(1, 9))
    ]
    moments = sorted(
        {
            fact["at"]
            for conversation in conversations
            for fact in (*conversation["messages"], *conversation["events"])
            if fact.get("at")
        }
    )
    return zone, conversations, moments


def _conversation(chance, anchor, number):
    at = anchor + timedelta(days=chance.randint(-12, 6), hours=chance.choice((0, 0, 1, 11)))
    messages, events = [], []
    chatty = chance.random()
    for _ in range(chance.choice((1, 2, 4, 8, 14, 25))):
        at += chance.choices(_STEPS, _LIKELY)[0]
        if chance.random() < 0.3 + 0.4 * chatty:
            messages.append(_message(chance, at, len(messages)))
        else:
            events.append(_event(chance, at))
    if chance.random() < 0.15:
        chance.shuffle(messages)
    if chance.random() < 0.15:
        chance.shuffle(events)
    if messages and chance.random() < 0.06:
        chance.choice(messages)["at"] = None
    if events and chance.random() < 0.06:
        chance.choice(events)["at"] = None
    if chance.random() < 0.3:  # this source says nothing about sources and actions
        for message in messages:
            message["sources"] = message["actions"] = None
    conversation = {
        "id": str(number),
        "source": chance.choice(("desk", "desk", "mail")),
        "channel": chance.choice(("chat", "chat", "email", "phone", None)),
        "opened_at": chance.choice((None, anchor)),
        "closed_at": at + chance.choice((timedelta(), timedelta(hours=-20), timedelta(days=4))),
        "spam": chance.random() < 0.04,
        "outbound": chance.random() < 0.05,
        "messages": messages,
        "events": events,
    }
    if chance.random() < 0.6:
        conversation["closed_at"] = None
    conversation["status"] = _status(conversation)
    return conversation


def _message(chance, at, number):
    speaker = chance.choices(("customer", "customer_agent", "rep", "system"), (5, 5, 4, 1))[0]
    message = {"id": f"m{chance.choice((number, number, number, 1))}", "at": at, "from": speaker}
    message["private"] = chance.random() < 0.1
    if speaker == "rep":
        rep = chance.choice(("a", "b", "b", "c"))
        message["author"] = chance.choice(({"id": rep, "name": rep.upper(), "team": "Desk"}, None))
    if speaker == "customer_agent":
        message["sources"] = chance.choice((None, (), ("kb/1",), ("kb/1",)))
        message["actions"] = chance.choice((None, None, (), ("refund",)))
    return message


def _event(chance, at):
    kinds = ("assigned", "handoff_requested", "handoff", "feedback", "unanswered", "closed", "reopened")
    event = {"at": at, "type": chance.choices(kinds, (4, 1, 2, 6, 1, 3, 1))[0]}
    if event["type"] == "assigned":
        event["to"] = chance.choice(("customer_agent", "customer_agent", "b"))
    if event["type"] == "handoff":
        event["by"] = chance.choice(("customer_agent", "rule", "rep"))
        event["reason"] = chance.choice(("customer_request", "missing_knowledge", None))
    if event["type"] == "feedback":
        event["value"] = chance.choice(("positive", "negative", "negative", "neutral", "five stars"))
        event["message"] = chance.choice((None, None, "m1", f"m{chance.randint(0, 12)}"))
    return event


def _status(conversation):
    """Closed where the last close or reopening, in the order that counts, is a close."""
    moves = [e for e in conversation["events"] if e["at"] and e["type"] in ("closed", "reopened")]
    if conversation["closed_at"] and not [move for move in moves if move["type"] == "closed"]:
        moves.append({"type": "closed", "at": conversation["closed_at"]})
    moves.sort(key=lambda move: move["at"])
    return "closed" if moves and moves[-1]["type"] == "closed" else "open"
