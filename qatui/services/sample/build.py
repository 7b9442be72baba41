"""Reads the written sample tickets and places them in the ten weeks before a given moment.

The tickets stand beside this file as plain text, one file per team plus `agent.txt` (the customer agent alone) and
`odds.txt` (what a real inbox has besides). They are meant to be read and edited like a play:

    == F-2101 | Charged twice | email | 66d 08:52 | Helena Brandt | refund
    0m customer: My bank shows the amount twice.
    2m agent [help/charges] {order_lookup}: I can see one order.
    5s * handoff customer_agent customer_request
    1h30m priya: Dear Helena,
        an indented line goes on with the message
    4m note priya: what only colleagues see
    1d * closed

The heading: id | subject, or `-` for none | channel | when | customer | tags, where `!spam` and `!outbound` are marks.
When is `66d 08:52`, days before today and the time of that day in UTC, or `6h`, hours before now. Every line begins
with the time since the line before. A speaker is `customer`, `agent`, a key of REPS, or `someone`, a rep whom the help
desk does not name. Behind `agent` stand its sources in brackets and its actions in braces, or `?` where unknown.
`*` begins an event; feedback is about the agent's latest message, `unanswered` about the customer's latest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from importlib import resources
from typing import Any

from qatui.domain.conversation import Rep

COMPANY = "Fernlight"
SOURCE = "sample"
FILES = ("billing.txt", "technical.txt", "delivery.txt", "agent.txt", "odds.txt")

REPS = {
    "priya": Rep("r01", "Priya Nair", "Billing"),
    "tobias": Rep("r02", "Tobias Lindqvist", "Billing"),
    "greta": Rep("r03", "Greta Hollis", "Billing"),
    "marcus": Rep("r04", "Marcus Adeyemi", "Technical"),
    "yuki": Rep("r05", "Yuki Tanabe", "Technical"),
    "declan": Rep("r06", "Declan Byrne", "Technical"),
    "noor": Rep("r07", "Noor Haddad", "Technical"),
    "sofia": Rep("r08", "Sofia Marchetti", "Delivery"),
    "ben": Rep("r09", "Ben Okafor", "Delivery"),
    "ilse": Rep("r10", "Ilse Vermeer", "Delivery"),
    "robin": Rep("r11", "Robin Castellan"),  # the evening desk belongs to no team
}

_TURN = re.compile(
    r"(?P<after>\S+) (?:\* (?P<event>.+)|(?P<note>note )?(?P<who>\w+)"
    r"(?: \[(?P<sources>[^\]]*)\])?(?: \{(?P<actions>[^}]*)\})?(?P<unknown> \?)?: (?P<text>.+))"
)
_SPAN = re.compile(r"(\d+)([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def conversations(now: datetime) -> Iterator[dict[str, Any]]:
    """Every sample ticket as one object of the import format `qatui/1`, in order of opening; no time is after `now`.

    The same `now` gives the same tickets. Raises ValueError when `now` has no time zone, or when a file breaks the
    form above, naming file and line.
    """
    if now.tzinfo is None:
        raise ValueError("now must have a time zone")
    now = now.astimezone(UTC).replace(microsecond=0)
    folder = resources.files(__package__)
    tickets = []
    for name in FILES:
        for number, block in _blocks((folder / name).read_text("utf-8")):
            try:
                tickets.append(_ticket(block, now))
            except _Malformed as error:
                raise ValueError(f"{name}:{number + error.line}: {error}") from None
    yield from sorted(tickets, key=lambda ticket: (ticket["opened_at"], ticket["id"]))


class _Malformed(Exception):
    """A line that the form does not know; `line` counts from the ticket's heading."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(why)
        self.line = line


@dataclass(slots=True)
class _Story:
    """A ticket as far as it has been read; `at` is the time of the latest line."""

    at: datetime
    messages: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)

    def say(self, speaker: str, text: str) -> dict[str, Any]:
        message = {"id": f"m{len(self.messages) + 1}", "at": _utc(self.at), "from": speaker, "text": text}
        self.messages.append(message)
        return message

    def happen(self, kind: str, **more: str) -> None:
        self.events.append({"at": _utc(self.at), "type": kind, **more})

    def latest(self, speaker: str) -> str:
        """The id of the latest message of a speaker."""
        return next(str(message["id"]) for message in reversed(self.messages) if message["from"] == speaker)


def _blocks(text: str) -> Iterator[tuple[int, list[str]]]:
    """Tickets as (line number of the heading, lines)."""
    start, block = 1, list[str]()
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith("== ") and block:
            yield start, block
            start, block = number, []
        block.append(line)
    yield start, block


def _ticket(lines: list[str], now: datetime) -> dict[str, Any]:
    heading = [part.strip() for part in lines[0].removeprefix("== ").split("|")]
    if len(heading) != 6:
        raise _Malformed(0, "a heading has six parts")
    name, subject, channel, when, customer, tags = heading
    marks = [tag.strip() for tag in tags.split(",") if tag.strip()]
    story = _Story(_opening(when, now))
    if any(turn and turn["who"] == "agent" for turn in map(_TURN.fullmatch, lines[1:])):
        story.happen("assigned", to="customer_agent")
    for number, line in enumerate(lines[1:], start=1):
        if line.startswith("    "):
            story.messages[-1]["text"] += "\n" + line.strip()
        elif line.strip():
            turn = _TURN.fullmatch(line)
            if turn is None:
                raise _Malformed(number, "neither a message nor an event")
            story.at += _span(turn["after"], number)
            if turn["event"]:
                _event(story, turn["event"].split(), number)
            else:
                _message(story, turn, number)
    closes = [event for event in story.events if event["type"] in ("closed", "reopened")]
    closed = bool(closes) and closes[-1]["type"] == "closed"
    ticket: dict[str, Any] = {
        "format": "qatui/1",
        "id": name,
        "source": SOURCE,
        "url": f"https://desk.fernlight.example/tickets/{name}",
        "channel": channel,
        "status": "closed" if closed else "open",
        "opened_at": story.messages[0]["at"],
        "customer": {"id": "c-" + "-".join(customer.casefold().split()), "name": customer},
        "tags": [mark for mark in marks if not mark.startswith("!")],
        "spam": "!spam" in marks,
        "outbound": "!outbound" in marks,
        "messages": story.messages,
        "events": story.events,
    }
    if subject != "-":
        ticket["subject"] = subject
    if closed:
        ticket["closed_at"] = closes[-1]["at"]
    return ticket


def _message(story: _Story, turn: re.Match[str], number: int) -> None:
    who = turn["who"]
    if who == "customer":
        story.say("customer", turn["text"])
    elif who == "agent":
        message = story.say("customer_agent", turn["text"])
        if not turn["unknown"]:
            message["sources"] = _names(turn["sources"])
            message["actions"] = _names(turn["actions"])
    elif who == "someone":
        story.say("rep", turn["text"])
    elif who in REPS:
        rep = REPS[who]
        message = story.say("rep", turn["text"])
        message["author"] = {"id": rep.id, "name": rep.name} | ({"team": rep.team} if rep.team else {})
        if turn["note"]:
            message["private"] = True
    else:
        raise _Malformed(number, f"{who} is nobody")


def _event(story: _Story, words: list[str], number: int) -> None:
    match words:
        case ["handoff", by, reason]:
            story.happen("handoff", by=by, reason=reason)
        case ["assigned", who] if who in REPS:
            story.happen("assigned", to=REPS[who].id)
        case ["feedback", value]:
            story.happen("feedback", value=value, message=story.latest("customer_agent"))
        case ["unanswered"]:
            story.happen("unanswered", message=story.latest("customer"))
        case ["handoff_requested" | "closed" | "reopened" as kind]:
            story.happen(kind)
        case _:
            raise _Malformed(number, f"{' '.join(words)} is no event")


def _opening(when: str, now: datetime) -> datetime:
    match when.split():
        case [days, clock] if days.endswith("d"):
            day = now.date() - timedelta(days=int(days[:-1]))
            return datetime.combine(day, time.fromisoformat(clock), UTC)
        case [ago]:
            return now - _span(ago, 0)
    raise _Malformed(0, f"{when} is no time")


def _span(text: str, number: int) -> timedelta:
    if not re.fullmatch(r"(\d+[smhd])+", text):
        raise _Malformed(number, f"{text} is no span of time")
    return sum((timedelta(**{_UNITS[unit]: int(count)}) for count, unit in _SPAN.findall(text)), timedelta())


def _names(text: str | None) -> list[str]:
    return [name.strip() for name in text.split(",")] if text else []


def _utc(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
