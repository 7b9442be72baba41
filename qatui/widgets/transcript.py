"""A conversation as it is read: who said what and when, with the passages that a verdict quotes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from itertools import pairwise
from typing import ClassVar

from textual.message import Message as TextualMessage
from textual.style import Style

from qatui.domain.conversation import Event, EventType, Message, Speaker
from qatui.domain.listing import TicketView
from qatui.domain.rubric import Dimension
from qatui.domain.verdict import Evidence
from qatui.text import cell_len, fit, one_line, visible
from qatui.widgets.glyphs import glyphs
from qatui.widgets.lines import Line, LineView, Run
from qatui.widgets.quotes import Quote, quotes
from qatui.widgets.words import clock, happened, speaker, weekday
from qatui.widgets.wrapping import wrap, wrapped

MEASURE = 90  # cells of a line of text: longer lines lose the reader's eye
QUOTED = "quoted:"  # the look of a passage: this and the places of the quotes that cover it
MARGIN = 8  # cells left of the text: the time of a message, the number of a quote


class Transcript(LineView, can_focus=True):
    """Messages and events of one ticket, wrapped to a readable measure; quoted passages are numbered and underlined."""

    DEFAULT_CSS = """
    Transcript {
        height: 1fr;
        & > .transcript--time { color: $text-muted; }
        & > .transcript--customer { color: $text-accent; text-style: bold; }
        & > .transcript--rep { color: $text-primary; text-style: bold; }
        & > .transcript--agent { color: $text-secondary; text-style: bold; }
        & > .transcript--private { color: $text-muted; text-style: italic; }
        & > .transcript--event { color: $text-muted; }
        & > .transcript--remark { color: $text-error; text-style: bold; }
        & > .transcript--number { color: $text-warning; text-style: bold; }
        & > .transcript--quote { background: $warning 20%; text-style: underline; }
        & > .transcript--here { background: $warning 35%; text-style: bold underline; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "transcript--time",
        "transcript--customer",
        "transcript--rep",
        "transcript--agent",
        "transcript--private",
        "transcript--event",
        "transcript--remark",
        "transcript--number",
        "transcript--quote",
        "transcript--here",
    }

    class QuoteReached(TextualMessage):
        """The reader jumped to a quote: `index` counts from 0 within `dimension`."""

        def __init__(self, transcript: Transcript, quote: Quote) -> None:
            self.transcript = transcript
            self.index = quote.index
            self.dimension = quote.dimension
            self.evidence = quote.evidence
            super().__init__()

        @property
        def control(self) -> Transcript:
            return self.transcript

    def __init__(self, *, zone: tzinfo = UTC, id: str | None = None, classes: str | None = None) -> None:
        """`zone` is where times are shown."""
        super().__init__(id=id, classes=classes)
        self._zone = zone
        self._view: TicketView | None = None
        self._dimension: Dimension | None = None
        self._quotes: list[Quote] = []
        self._here: int | None = None
        self._remarks: Mapping[int, str] = {}

    def show(
        self, view: TicketView, dimension: Dimension | None = None, remarks: Mapping[int, str] | None = None
    ) -> None:
        """Show a ticket with the quotes of one dimension, or of all; another ticket is shown from its start.

        remarks: what is to be said over a message, by its position.
        """
        if self._view is None or view.row.row_id != self._view.row.row_id:
            self.action_home()
        self._view = view
        self._dimension = dimension
        self._remarks = remarks or {}
        # In the order in which they are read, so that `e` walks down the page.
        self._quotes = sorted(
            quotes(view, dimension), key=lambda quote: (quote.evidence.position, quote.evidence.start)
        )
        self._here = None
        self.rebuild()

    def jump(self, evidence: Evidence) -> None:
        """Go to a quoted passage and mark it as the one that is meant."""
        for place, quote in enumerate(self._quotes):
            if quote.evidence == evidence:
                self._reach(place)
                return

    def action_next_quote(self) -> None:
        """To the next quote in reading order, from the last to the first."""
        if self._quotes:
            self._reach(0 if self._here is None else (self._here + 1) % len(self._quotes))

    def action_prev_quote(self) -> None:
        """To the quote before, from the first to the last."""
        if self._quotes:
            self._reach(len(self._quotes) - 1 if self._here is None else (self._here - 1) % len(self._quotes))

    def _reach(self, place: int) -> None:
        self._here = place
        self.refresh()
        self.rebuilt()
        self.post_message(self.QuoteReached(self, self._quotes[place]))

    def rebuilt(self) -> None:
        """The quote that one jumped to stays in sight, also when the lines are made only after the jump."""
        line = None if self._here is None else self.first_line(self._here)
        if line is not None:
            self.reveal(line)

    def look(self, name: str) -> Style:
        """A quoted passage looks different when it is the one that was jumped to."""
        if name.startswith(QUOTED):
            here = str(self._here) in name.removeprefix(QUOTED).split(",")
            name = "transcript--here" if here else "transcript--quote"
        return super().look(name)

    def build(self, width: int) -> Sequence[Line]:
        """All lines: days, events, and messages with their times and marks."""
        view = self._view
        if view is None:
            return ()
        measure = max(10, min(MEASURE, width - MARGIN - 1))
        names = {
            message.author.id: message.author.name for message in view.ticket.messages if message.author is not None
        }
        customer = view.ticket.customer.name if view.ticket.customer is not None else None
        by_message: dict[int, list[tuple[int, Quote]]] = {}
        for place, quote in enumerate(self._quotes):
            by_message.setdefault(quote.evidence.position, []).append((place, quote))
        lines: list[Line] = []
        today = None
        for position, item in _in_order(view):
            at = item.at
            if at is not None and at.astimezone(self._zone).date() != today:
                today = at.astimezone(self._zone).date()
                lines += self._rule(weekday(at, self._zone), measure, lines)
            if isinstance(item, Event):
                when = f"{clock(at, self._zone)} " if at is not None else ""
                lines += self._rule(when + happened(item, names), measure, lines)
            else:
                message = list(self._message(item, customer, by_message.get(position, []), measure))
                lines += [*message[:2], *self._remark(position, measure), *message[2:]]
        return lines

    def _remark(self, position: int, measure: int) -> Iterator[Line]:
        """What is said over a message."""
        if position in self._remarks:
            for line in wrapped(f"! {one_line(self._remarks[position])}", measure):
                yield Line(((" " * MARGIN, ""), (line, "transcript--remark")))

    def _rule(self, text: str, measure: int, before: Sequence[Line]) -> Iterator[Line]:
        """A thin line that says something, a day or an event, with air above it unless it follows another."""
        if before and (not before[-1].runs or before[-1].runs[-1][1] != "transcript--event"):
            yield Line()
        thin = glyphs().thin
        said = f"{thin * 2} {fit(text, measure - 4) if cell_len(text) > measure - 4 else text} "
        yield Line(((" " * MARGIN + said + thin * (measure - cell_len(said)), "transcript--event"),))

    def _message(
        self, message: Message, customer: str | None, marks: list[tuple[int, Quote]], measure: int
    ) -> Iterator[Line]:
        time = "" if message.at is None else clock(message.at, self._zone)
        who = speaker(message, customer)
        style = {
            Speaker.CUSTOMER: "transcript--customer",
            Speaker.REP: "transcript--rep",
            Speaker.CUSTOMER_AGENT: "transcript--agent",
            Speaker.SYSTEM: "transcript--event",
        }[message.speaker]
        if message.private:
            who, style = f"{who} {glyphs().dot} private note", "transcript--private"
        yield Line()
        yield Line(((f" {time:<{MARGIN - 1}}", "transcript--time"), (fit(who, measure).rstrip(), style)))
        text = visible(message.text).rstrip()
        body = "transcript--private" if message.private else ""
        numbered: set[int] = set()
        for start, end in wrap(text, measure):
            if not marks:
                yield Line(((" " * MARGIN, ""), (text[start:end], body)))
                continue
            here = [(p, q) for p, q in marks if q.evidence.start < max(end, start + 1) and q.evidence.end > start]
            new = [(p, q) for p, q in here if p not in numbered]
            numbered.update(place for place, _ in new)
            label = "".join(
                ("" if self._dimension else quote.dimension.label[0]) + glyphs().number(quote.index) for _, quote in new
            )
            margin = fit(f" {label}", MARGIN - 1) + " "
            item = next((place for place, _ in new), None)
            yield Line(((margin, "transcript--number"), *self._marked(text, start, end, here, body)), item)

    def _marked(self, text: str, start: int, end: int, marks: list[tuple[int, Quote]], body: str) -> Iterator[Run]:
        """One line of text cut where quotes begin and end."""
        cuts = {start, end}
        for _, quote in marks:
            cuts |= {min(max(quote.evidence.start, start), end), min(max(quote.evidence.end, start), end)}
        edges = sorted(cuts)
        for left, right in pairwise(edges):
            covering = [place for place, q in marks if q.evidence.start <= left and q.evidence.end >= right]
            yield text[left:right], QUOTED + ",".join(map(str, covering)) if covering else body


def _in_order(view: TicketView) -> Iterator[tuple[int, Message | Event]]:
    """Messages (with their positions) in file order, events (-1) before the first message that is later."""
    ticket = view.ticket
    events = list(ticket.events)
    if ticket.closed_at is not None and not any(event.type is EventType.CLOSED for event in events):
        events.append(Event(EventType.CLOSED, ticket.closed_at))
    latest = datetime.max.replace(tzinfo=UTC)
    events.sort(key=lambda event: event.at or latest)
    following = 0
    for position, message in enumerate(ticket.messages):
        while following < len(events) and message.at is not None and (events[following].at or latest) < message.at:
            yield -1, events[following]
            following += 1
        yield position, message
    for event in events[following:]:
        yield -1, event
