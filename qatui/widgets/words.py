"""How widgets name speakers, events, certainty and times: the same words everywhere."""

from __future__ import annotations

from datetime import datetime, tzinfo

from qatui.domain.conversation import Event, EventType, Message, Speaker
from qatui.domain.rubric import VERSION, rubric_hash
from qatui.domain.verdict import Judgement
from qatui.text import one_line
from qatui.widgets.glyphs import glyphs

SPEAKERS = {
    Speaker.CUSTOMER: "customer",
    Speaker.REP: "rep",
    Speaker.CUSTOMER_AGENT: "customer agent",
    Speaker.SYSTEM: "system",
}

SURE = 0.7  # from here on a judge is sure of a score
FAIRLY_SURE = 0.45  # from here on fairly sure, below unsure

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def certainty(sure: float | None) -> str:
    """A judge's probability in words; empty where it gave none."""
    if sure is None:
        return ""
    return "sure" if sure >= SURE else "fairly sure" if sure >= FAIRLY_SURE else "unsure"


def day(at: datetime, zone: tzinfo) -> str:
    """A date as `2 Mar 2026`, in the zone; the locale of the machine does not change it."""
    local = at.astimezone(zone)
    return f"{local.day} {_MONTHS[local.month - 1]} {local.year}"


def weekday(at: datetime, zone: tzinfo) -> str:
    """A date as `Mon 2 Mar 2026`, in the zone."""
    return f"{_DAYS[at.astimezone(zone).weekday()]} {day(at, zone)}"


def clock(at: datetime, zone: tzinfo) -> str:
    """A time as `09:14`, in the zone."""
    return f"{at.astimezone(zone):%H:%M}"


def speaker(message: Message, customer: str | None) -> str:
    """Who wrote a message: name and part, `Ana Duarte · rep · Billing`; the part alone where no name is known."""
    part = SPEAKERS[message.speaker]
    if message.speaker is Speaker.CUSTOMER:
        names = [customer, part]
    elif message.author is not None:
        names = [message.author.name, part, message.author.team]
    else:
        names = [part]
    return f" {glyphs().dot} ".join(one_line(name) for name in names if name and name.strip())


def provenance(judgement: Judgement, zone: tzinfo) -> str:
    """Who judged by what and when: `offline 1.2 · rubric 1 · 2 Mar 2026`."""
    judge = judgement.judge
    present = judge.rubric.partition("-")[0] == rubric_hash()  # behind the dash is the prompt's hash
    rubric = f"rubric {VERSION}" if present else f"another rubric ({judge.rubric[:6]})"
    return f" {glyphs().dot} ".join(
        [f"{one_line(judge.judge)} {one_line(judge.model)}".strip(), rubric, day(judgement.at, zone)]
    )


def happened(event: Event, names: dict[str, str]) -> str:
    """An event in words; `names` gives the name of a rep by id."""
    who = event.to or ""
    by = SPEAKERS.get(Speaker(event.by), event.by) if event.by in list(Speaker) else event.by
    reason = (event.reason or "").replace("_", " ")
    words = {
        EventType.ASSIGNED: f"assigned to {names.get(who, who.replace('_', ' ') or 'nobody named')}",
        EventType.HANDOFF_REQUESTED: "customer asked for a human",
        EventType.HANDOFF: "handed off" + (f" by the {by}" if by else "") + (f": {reason}" if reason else ""),
        EventType.FEEDBACK: f"feedback: {event.value or 'without a value'}",
        EventType.UNANSWERED: "question not answered",
        EventType.CLOSED: "closed",
        EventType.REOPENED: "opened again",
    }
    return one_line(words[event.type])
