"""Tickets and verdicts to store, and a look into the tables without row ids."""

import sqlite3
from datetime import UTC, datetime, timedelta

from qatui.domain.conversation import Customer, Event, EventType, Message, Rep, Speaker, Status, Ticket
from qatui.domain.verdict import (
    Cue,
    Evidence,
    Explanation,
    JudgeIdentity,
    Judgement,
    Score,
    Verdict,
    content_hash,
)

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
ANA = Rep("r1", "Ana Pires", "Deliveries")
BEN = Rep("r2", "Ben Osei", "Billing")
OFFLINE = JudgeIdentity("offline", "v1", "rubric")
LLM = JudgeIdentity("llm", "small", "rubric")


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def ticket(
    number: int | str = 1,
    *,
    rep: Rep | None = ANA,
    reply: str = "I am sorry about the delay, Marta; the parcel leaves us today by courier.",
    replied: datetime | None = None,
    closed: datetime | None = START,
    **other,
) -> Ticket:
    """A closed ticket that a judge may read, unless told otherwise."""
    values = {
        "source": "desk",
        "id": f"T-{number}",
        "status": Status.CLOSED,
        "closed_at": closed,
        "channel": "email",
        "customer": Customer("c-1", "Marta Oliveira"),
        "events": (Event(EventType.CLOSED, closed),) if closed else (),
        "messages": (
            Message("m1", Speaker.CUSTOMER, "Where is my parcel? It is late again!", at(-2)),
            Message("m2", Speaker.REP, reply, replied or at(-1), rep),
        ),
    }
    return Ticket(**(values | other))


def verdict(tone: int = 4, clarity: int = 3, empathy: int = 2, **other) -> Verdict:
    def score(value: int) -> Score:
        cues = (Cue("short", "a short reply", -1),) if value < 3 else (Cue("thanks", "a thank-you", 1),)
        return Score(value, Explanation("Said why.", (Evidence(1, 0, 10),), cues), 0.7316)

    values = {"tone": score(tone), "clarity": score(clarity), "empathy": score(empathy), "emotional_cue": True}
    return Verdict(**(values | other))


def judged(of: Ticket, outcome, *, judge: JudgeIdentity = OFFLINE, when: datetime = START) -> Judgement:
    return Judgement(outcome=outcome, judge=judge, content_hash=content_hash(of), at=when)


_TABLES = {
    "tickets": "SELECT source, external_id, subject, url, channel, status, opened_at, closed_at, customer_id,"
    " customer_name, tags, spam, outbound, facts_hash FROM tickets",
    "messages": "SELECT tickets.source, tickets.external_id, position, messages.external_id, speaker, text, at,"
    " private, sources, actions, reps.external_id, authors.name, authors.team FROM messages"
    " JOIN tickets ON tickets.id = ticket_id LEFT JOIN authors ON authors.id = author_id"
    " LEFT JOIN reps ON reps.id = rep_id",
    "events": "SELECT tickets.source, tickets.external_id, position, type, at, assigned_to, handed_by, reason, value,"
    " message FROM events JOIN tickets ON tickets.id = ticket_id",
    "reps": "SELECT reps.source, reps.external_id, reps.name, reps.team, authors.name, authors.team, latest_at"
    " FROM reps LEFT JOIN authors ON rep_id = reps.id",
    "listing": "SELECT tickets.source, tickets.external_id, listing.source, listing.name, reps.external_id, rep_name,"
    " listing.team, listing.channel, listing.closed_at, tone, clarity, empathy, overall, reason, detail, flags,"
    " content_hash FROM tickets LEFT JOIN listing ON listing.id = tickets.id LEFT JOIN reps ON reps.id = rep_id",
    "verdicts": "SELECT tickets.source, tickets.external_id, content_hash, judge, model, rubric, tone, clarity,"
    " empathy, reason, explanations FROM verdicts JOIN tickets ON tickets.id = ticket_id"
    " JOIN judges ON judges.id = judge_id",
}


def contents(path) -> dict[str, list[str]]:
    """Everything stored, in an order and with keys that do not depend on when rows were made."""
    connection = sqlite3.connect(path)
    try:
        return {name: sorted(map(repr, connection.execute(query))) for name, query in _TABLES.items()}
    finally:
        connection.close()
