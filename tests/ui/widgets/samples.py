"""What widget tests show: a host application, a judged conversation, rows, and text that means harm."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from textual.app import App, ComposeResult
from textual.content import Content
from textual.strip import Strip
from textual.widget import Widget

from qatui.domain.conversation import Customer, Event, EventType, Message, Rep, Speaker, Status, Ticket
from qatui.domain.listing import TicketRow, TicketView
from qatui.domain.rubric import rubric_hash
from qatui.domain.verdict import (
    Cue,
    Evidence,
    Explanation,
    Flag,
    JudgeIdentity,
    Judgement,
    Reason,
    Score,
    Unscored,
    Verdict,
    content_hash,
)
from qatui.widgets.columns import Column
from qatui.widgets.window_table import WindowTable

HOSTILE = {
    "ansi": "\x1b[31mred\x1b[0m",
    "osc": "\x1b]0;title\x07\x1b]52;c;ZXZpbA==\x07",
    "c1": "\x9b31mred",
    "closing tag": "[/x] hi",
    "action link": "[@click=app.quit]x[/]",
    "markup": "[bold red]x[/bold red] [$error]y",
    "bidi": "abc \u202egnp.exe\u202c \u2066x\u2069",
    "nul": "a\0b",
    "surrogate": "a\ud800b\udfff",
    "long word": "x" * 5_000,
    "joined emoji": "👨‍👩‍👧‍👦 🏳️‍🌈 👍🏽 🇩🇪 ❤️",
    "combining": "Z" + "\u0301\u0316\u0334" * 500,
    "wide": "我的灯在哪里" * 30,
    "lines": "one\ntwo\r\nthree\tfour\x0bfive\u2028six",
    "empty": "",
    "blank": "   \n \t",
}

FORBIDDEN = [*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A), *range(0xD800, 0xE000)]


class Host(App[None]):
    """One widget and nothing else; what it says is kept in `said`."""

    def __init__(self, *widgets: Widget) -> None:
        super().__init__()
        self._widgets = widgets
        self.said: list[object] = []

    def compose(self) -> ComposeResult:
        yield from self._widgets

    def keep(self, message: object) -> None:
        self.said.append(message)


def strips(app: App[None]) -> list[Strip]:
    """The lines of the screen as they go to the terminal."""
    return list(app.screen._compositor.render_strips())


def lines(app: App[None]) -> list[str]:
    return [strip.text.rstrip() for strip in strips(app)]


def assert_harmless(app: App[None]) -> None:
    """Nothing on the screen steers a terminal, is clickable, or is wider than the screen."""
    for strip in strips(app):
        assert not set(map(ord, strip.text)) & set(FORBIDDEN)
        assert strip.cell_length == app.size.width
        for segment in strip:
            assert segment.style is None or "@click" not in (segment.style.meta or {})


@dataclass(frozen=True)
class Lamp:
    """A row of a table."""

    id: int
    name: str = "Where is my lamp"
    score: int = 3


def score_cell(lamp: Lamp) -> Content | str:
    return Content.styled(f"{lamp.score}!", "bold $text-error") if lamp.score <= 2 else str(lamp.score)


COLUMNS: list[Column[Lamp]] = [
    Column("id", "id", 6, lambda lamp: str(lamp.id), align="right"),
    Column("name", "name", 10, lambda lamp: lamp.name, grow=True),
    Column("rep", "rep", 8, lambda lamp: "Ana", priority=1),
    Column("tone", "T", 2, score_cell, explain=True),
    Column("empathy", "E", 2, lambda lamp: "4", explain=True),
    Column("flags", "flags", 5, lambda lamp: "~", priority=2, sortable=False),
]


def make_table() -> WindowTable[Lamp]:
    return WindowTable(COLUMNS, key=lambda lamp: lamp.id, empty="No lamps. Press x.")


class Lamps:
    """A source of `total` rows that counts what is read, and waits or fails when told to."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.reads: list[tuple[int, int]] = []
        self.counts = 0
        self.open = asyncio.Event()
        self.open.set()
        self.error: Exception | None = None
        self.first = 0  # the id of the first row

    async def count(self) -> int:
        await self.open.wait()
        self.counts += 1
        return self.total

    async def rows(self, offset: int, limit: int) -> Sequence[Lamp]:
        await self.open.wait()
        if self.error is not None:
            raise self.error
        self.reads.append((offset, limit))
        return [self.lamp(index) for index in range(offset, min(offset + limit, self.total))]

    def lamp(self, index: int) -> Lamp:
        return Lamp(index + self.first, f"lamp {index + self.first}", index % 5 + 1)


class PlacedLamps(Lamps):
    """A source that can also tell where a row stands now."""

    async def position(self, row: Lamp, /) -> int | None:
        place = row.id - self.first
        return place if 0 <= place < self.total else None


START = datetime(2026, 3, 2, 9, 14, tzinfo=UTC)
ANA = Rep("r7", "Ana Duarte", "Billing")

MESSAGES = (
    Message("m1", Speaker.CUSTOMER, "The lamp came without its plug. I wait since Monday and I am angry.", START),
    Message("m2", Speaker.CUSTOMER_AGENT, "I found your order 4711.", START + timedelta(minutes=1), sources=("kb/12",)),
    Message("m3", Speaker.REP, "Plugs go through the form. Fill it in, please.", START + timedelta(hours=26), ANA),
    Message("m4", Speaker.REP, "Third plug this week, tell the depot.", START + timedelta(hours=27), ANA, private=True),
    Message("m5", Speaker.CUSTOMER, "Thanks for nothing."),
)

TICKET = Ticket(
    source="zendesk",
    id="T-1",
    subject="Plug is missing",
    messages=MESSAGES,
    events=(
        Event(EventType.HANDOFF, START + timedelta(hours=2), by="customer_agent", reason="missing_knowledge"),
        Event(EventType.FEEDBACK, START + timedelta(hours=28), value="negative"),
    ),
    status=Status.CLOSED,
    closed_at=START + timedelta(hours=30),
    customer=Customer("c1", "Mia Chen"),
)

EMPATHY = Explanation(
    "The customer is angry about a wait of days; the reply names a form and does not come back to it.",
    (Evidence(0, 32, 67), Evidence(2, 0, 26)),
    (Cue("passed", "feeling passed over", -1), Cue("refers", "refers elsewhere", -1), Cue("please", "polite close", 1)),
)


def make_view(ticket: Ticket = TICKET, empathy: Explanation = EMPATHY, row_id: int = 1) -> TicketView:
    verdict = Verdict(
        tone=Score(3, Explanation("Correct and impersonal.", (Evidence(2, 27, 46),)), 0.8),
        clarity=Score(4, Explanation("The step is named, the time is not."), 0.2),
        empathy=Score(2, empathy, 0.5),
        emotional_cue=True,
        flags=frozenset({Flag.UNVERIFIED}),
    )
    judgement = Judgement(
        outcome=verdict,
        judge=JudgeIdentity("offline", "1.0", rubric_hash()),
        content_hash=content_hash(ticket),
        at=START + timedelta(days=1),
    )
    return TicketView(row=make_row(ticket, row_id), ticket=ticket, judgement=judgement)


def make_row(ticket: Ticket = TICKET, row_id: int = 1) -> TicketRow:
    return TicketRow(
        row_id=row_id,
        source=ticket.source,
        id=ticket.id,
        name=ticket.name,
        rep="Ana Duarte",
        rep_key="zendesk/r7",
        team="Billing",
        channel="chat",
        closed_at=ticket.closed_at,
        tone=3,
        clarity=4,
        empathy=2,
    )


def make_unscored(reason: Reason = Reason.TOO_SHORT, detail: str = "") -> TicketView:
    row = replace(make_row(), tone=None, clarity=None, empathy=None, unscored=Unscored(reason, detail))
    return TicketView(row=row, ticket=TICKET, judgement=None)


def hostile_view(text: str) -> TicketView:
    """A conversation in which everything a stranger can write is this text, quoted from its first to last character."""
    who = Rep("r", text, text)
    messages = (
        Message("m1", Speaker.CUSTOMER, text, START),
        Message("m2", Speaker.REP, "Ho " + text, START + timedelta(minutes=5), who),
        Message("m3", Speaker.SYSTEM, text, START + timedelta(minutes=6), private=True),
    )
    ticket = replace(
        TICKET,
        messages=messages,
        subject=text,
        customer=Customer(text, text),
        events=(
            Event(EventType.HANDOFF, START, by=text, reason=text),
            Event(EventType.FEEDBACK, START, value=text),
            Event(EventType.ASSIGNED, START, to="r"),
        ),
    )
    explanation = Explanation(
        text, (Evidence(0, 0, len(text)), Evidence(1, 0, 3 + len(text))), (Cue("cue", text, -1), Cue("cue", text, 1))
    )
    return make_view(ticket, explanation)
