"""A small log of customer-agent conversations of fourteen weeks, and the performance service over it, in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from qatui.config import Settings
from qatui.domain.conversation import UNKNOWN_REP, Event, EventType, Message, Rep, Speaker, Status, Ticket
from qatui.domain.listing import TicketRow, TicketView
from qatui.domain.outcome import Episode, History, history
from qatui.domain.performance_behind import All, Behind, BehindRow, PerformanceQuestion
from qatui.domain.performance_counts import SELECTIONS, Row, Subject
from qatui.domain.performance_report import PerformanceReport, performance_facts, performance_report
from qatui.domain.rep_close import RepClose
from qatui.domain.weeks import Week
from qatui.widgets.sources import InMemory
from tests.ui.fake_workspace import NOW, FakeWorkspace

FIRST_MONDAY = datetime(2025, 12, 1, 9, 0, tzinfo=NOW.tzinfo)
ANA = Rep("r1", "Ana Duarte", "Billing")
TOM = Rep("r2", "Tom Weiss", "Billing")

RESOLVED = "resolved"
UNVERIFIED = "unverified"
UNRESOLVED = "unresolved"
HANDED_OFF = "handed off"
NO_KNOWLEDGE = "no knowledge"
JOINED = "joined"
LATE = "late"
BY_REP = "by a rep"
PHONE = "phone"

PATTERN = (RESOLVED, HANDED_OFF, RESOLVED, UNRESOLVED, BY_REP, RESOLVED, NO_KNOWLEDGE, UNVERIFIED, JOINED, LATE, PHONE)
"""What happens in the conversations of a week, one after the other, in this order."""

SUBJECTS = ("Where is my lamp", "Change the address", "Invoice is missing", "Broken shade", "Cancel the order")


def conversation(number: int, kind: str, begin: datetime, channel: str = "chat") -> Ticket:
    """One conversation of a kind, begun at an instant."""

    def at(hours: float) -> datetime:
        return begin + timedelta(hours=hours)

    asked = Message("m1", Speaker.CUSTOMER, "Hello, can you help me with my order?", at(0))
    sources = None if kind == UNVERIFIED else ("kb/12",)
    answered = Message("m2", Speaker.CUSTOMER_AGENT, "Of course: here is how.", at(0.1), sources=sources)
    by_rep = Message("m3", Speaker.REP, "Good morning, I will take it from here.", at(1), TOM)
    closed = Event(EventType.CLOSED, at(2 + number % 5))
    messages: list[Message] = [asked, answered]
    events: list[Event] = []
    match kind:
        case "unresolved":
            events = [Event(EventType.HANDOFF_REQUESTED, at(0.5))]
        case "handed off":
            messages.append(by_rep)
            events = [Event(EventType.HANDOFF, at(0.5), by="rule", reason="customer_request"), closed]
        case "no knowledge":
            messages.append(replace(by_rep, author=ANA))
            events = [Event(EventType.HANDOFF, at(0.4), by="customer_agent", reason="missing_knowledge"), closed]
        case "joined":
            messages.append(by_rep)
            events = [closed]
        case "late":
            events = [closed, Event(EventType.HANDOFF, at(100), by="rule", reason="customer_request")]
        case "by a rep" | "phone":
            messages = [asked, replace(by_rep, author=ANA)]
            events = [closed]
        case _:
            events = [closed]
            if number % 3 != 2:
                events.append(Event(EventType.FEEDBACK, at(1), value="positive" if number % 4 else "negative"))
    if kind == PHONE:
        channel = "phone"
    present = [event for event in events if event.at is not None and event.at <= NOW]
    ended = any(event.type is EventType.CLOSED for event in present)
    return Ticket(
        source="desk",
        id=f"T-{2000 + number}",
        subject=SUBJECTS[number % len(SUBJECTS)],
        channel=channel,
        status=Status.CLOSED if ended else Status.OPEN,
        opened_at=begin,
        closed_at=closed.at if ended else None,
        messages=tuple(message for message in messages if message.at is None or message.at <= NOW),
        events=tuple(present),
    )


def log(weeks: int = 14) -> list[Ticket]:
    """Conversations of some weeks up to the one of NOW: one more every other week; the last is not over."""
    tickets: list[Ticket] = []
    for week in range(14 - weeks, 14):
        for place in range(9 + week // 2):
            begin = FIRST_MONDAY + timedelta(weeks=week, hours=place * 11)
            if begin < NOW:
                kind = PATTERN[(place + week * 4) % len(PATTERN)]
                channel = "email" if place % 3 == 2 else "chat"
                tickets.append(conversation(len(tickets), kind, begin, channel))
    return tickets


def view_of(row_id: int, ticket: Ticket) -> TicketView:
    """The ticket as the store would list it, without scores."""
    rep = next((message.author for message in ticket.messages if message.author is not None), None)
    row = TicketRow(
        row_id=row_id,
        source=ticket.source,
        id=ticket.id,
        name=ticket.name,
        rep=rep.name if rep else UNKNOWN_REP,
        rep_key=f"desk/{rep.id}" if rep else None,
        team=(rep.team if rep else None) or "No team",
        channel=ticket.channel,
        closed_at=ticket.closed_at,
    )
    return TicketView(row=row, ticket=ticket, judgement=None)


class FakePerformance:
    """The performance service over tickets in memory; `asked` records the questions, `broken` makes all fail."""

    def __init__(self, views: Sequence[TicketView], zone: ZoneInfo) -> None:
        self._histories = [(view.row, history(view.ticket)) for view in views]
        self._zone = zone
        self._agent_channels: dict[datetime, frozenset[str | None]] = {}
        self.asked: list[PerformanceQuestion] = []
        self.listed: list[Behind] = []
        self.broken: Exception | None = None
        self.held: asyncio.Event | None = None

    def of(self, question: PerformanceQuestion) -> PerformanceReport:
        """The report of a question, straight from the domain's rules."""
        facts = performance_facts(
            [each for _, each in self._histories],
            as_of=question.as_of,
            zone=self._zone,
            period=question.period,
            channels=question.channels,
        )
        return performance_report(facts, as_of=question.as_of, zone=self._zone, period=question.period)

    async def report(self, question: PerformanceQuestion) -> PerformanceReport:
        self.asked.append(question)
        if self.held is not None:
            await self.held.wait()
        if self.broken is not None:
            raise self.broken
        return self.of(question)

    async def channels(self) -> tuple[str | None, ...]:
        found = {each.channel for _, each in self._histories}
        return tuple(sorted(found, key=lambda channel: (channel is None, channel or "")))

    def behind(self, question: PerformanceQuestion, what: Behind) -> InMemory[BehindRow]:
        self.listed.append(what)
        if question.as_of not in self._agent_channels:
            self._agent_channels[question.as_of] = self.of(question).agent_channels
        agent_channels = self._agent_channels[question.as_of]
        found = [
            self._row(ticket, number, row, question.as_of)
            for ticket, each in self._histories
            if question.channels is None or each.channel in question.channels
            for subject, number, row in rows_of(each)
            if self._stands(subject, row, each, question, what, agent_channels)
        ]
        return InMemory(sorted(found, key=lambda row: row.at, reverse=True))

    def _stands(
        self, subject: Subject, row: Row, of: History, question: PerformanceQuestion, what: Behind, agent: Any
    ) -> bool:
        selection = SELECTIONS[what.count]
        if subject is not selection.subject:
            return False
        if not selection.holds(row, question.as_of, agent_channel=of.channel in agent):
            return False
        at: datetime = getattr(row, selection.week_by)
        rep = f"desk/{row.rep.id}" if isinstance(row, RepClose) and row.rep else None
        return (
            at in question.period
            and (what.week is None or Week.of(at, self._zone) == what.week)
            and (isinstance(what.channel, All) or of.channel == what.channel)
            and (isinstance(what.reason, All) or getattr(row, "handoff_reason", None) == what.reason)
            and (isinstance(what.rep, All) or rep == what.rep)
        )

    def _row(self, ticket: TicketRow, number: int, row: Row, as_of: datetime) -> BehindRow:
        at = getattr(row, "started_at", None) or getattr(row, "closed_at", None) or row.at  # type: ignore[union-attr]
        if not isinstance(row, Episode):
            return BehindRow(ticket=ticket, at=at, number=number, opinion=getattr(row, "opinion", None))
        settled = row.settles_at <= as_of
        return BehindRow(
            ticket=ticket,
            at=at,
            number=number,
            outcome=row.outcome(as_of),
            unverified=row.unverified and settled,
            failed=row.failed if settled else (),
            reason=row.handoff_reason,
            time_to_close=row.time_to_close,
        )


def rows_of(of: History) -> list[tuple[Subject, int, Row]]:
    """Every row of a ticket with its kind and its number among its kind."""
    kinds = (
        (Subject.EPISODE, of.episodes),
        (Subject.FEEDBACK, of.feedback),
        (Subject.LATE_HANDOFF, of.late_handoffs),
        (Subject.REP_CLOSE, of.closes),
    )
    return [(subject, number, row) for subject, rows in kinds for number, row in enumerate(rows)]


class PerformanceWorkspace(FakeWorkspace):
    """A workspace in memory whose tickets are these conversations."""

    def __init__(self, tickets: Sequence[Ticket], settings: Settings) -> None:
        views = [view_of(number, ticket) for number, ticket in enumerate(tickets, 1)]
        super().__init__(views, settings)
        self.performance = FakePerformance(views, settings.zone)
