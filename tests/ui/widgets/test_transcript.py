"""Transcripts: who said what and when, the quoted passages, and reading a long one."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from textual import on

from qatui.domain.conversation import Event, EventType, Message, Speaker
from qatui.domain.rubric import Dimension
from qatui.domain.verdict import Evidence, Explanation
from qatui.widgets.transcript import MEASURE, Transcript
from tests.ui.widgets.samples import (
    EMPATHY,
    HOSTILE,
    MESSAGES,
    START,
    TICKET,
    Host,
    assert_harmless,
    hostile_view,
    lines,
    make_unscored,
    make_view,
    strips,
)

BERLIN = ZoneInfo("Europe/Berlin")


class TranscriptHost(Host):
    @on(Transcript.QuoteReached)
    def hear(self, message: Transcript.QuoteReached) -> None:
        self.keep((message.dimension, message.index))


async def test_who_said_what_and_when_with_notes_events_and_numbered_quotes() -> None:
    app = TranscriptHost(transcript := Transcript(zone=BERLIN))
    async with app.run_test(size=(90, 34)) as pilot:
        transcript.show(make_view(), Dimension.EMPATHY)
        await pilot.pause()
        shown = [line.rstrip("┄ ") for line in lines(app) if line]
        assert shown == [
            "        ┄┄ Mon 2 Mar 2026",
            " 10:14  Mia Chen · customer",
            " ①      The lamp came without its plug. I wait since Monday and I am angry.",
            " 10:15  customer agent",
            "        I found your order 4711.",
            "        ┄┄ 12:14 handed off by the customer agent: missing knowledge",
            "        ┄┄ Tue 3 Mar 2026",
            " 12:14  Ana Duarte · rep · Billing",
            " ②      Plugs go through the form. Fill it in, please.",
            " 13:14  Ana Duarte · rep · Billing · private note",
            "        Third plug this week, tell the depot.",
            "        Mia Chen · customer",
            "        Thanks for nothing.",
            "        ┄┄ 14:14 feedback: negative",
            "        ┄┄ 16:14 closed",
        ]


async def test_quotes_of_all_dimensions_are_told_apart_by_their_letter() -> None:
    app = TranscriptHost(transcript := Transcript())
    async with app.run_test(size=(90, 34)) as pilot:
        transcript.show(make_view())
        await pilot.pause()
        margins = [line[:8].strip() for line in lines(app) if "①" in line or "②" in line]
        assert margins == ["E①", "E②T①"]


async def test_quoted_passages_are_underlined_to_the_letter() -> None:
    app = TranscriptHost(transcript := Transcript())
    async with app.run_test(size=(90, 34)) as pilot:
        transcript.show(make_view(), Dimension.EMPATHY)
        await pilot.pause()
        underlined = [s.text for strip in strips(app) for s in strip if s.style is not None and s.style.underline]
        assert underlined == ["I wait since Monday and I am angry.", "Plugs go through the form."]


async def test_passages_that_overlap_and_break_over_lines() -> None:
    text = "one two three four five six seven eight nine ten"
    ticket = replace(TICKET, messages=(Message("m1", Speaker.CUSTOMER, text, START),))
    found = Explanation("Why.", (Evidence(0, 4, 23), Evidence(0, 14, 27)))
    app = TranscriptHost(transcript := Transcript())
    async with app.run_test(size=(30, 12)) as pilot:
        transcript.show(make_view(ticket, found), Dimension.EMPATHY)
        await pilot.pause()
        underlined = [s.text for strip in strips(app) for s in strip if s.style is not None and s.style.underline]
        assert " ".join(underlined).split() == text[4:27].split()
        assert [line[:7].strip() for line in lines(app) if "①" in line or "②" in line] == ["①②"]


async def test_lines_keep_a_readable_measure() -> None:
    long = replace(TICKET, messages=(Message("m1", Speaker.CUSTOMER, "word " * 300, START),))
    app = TranscriptHost(transcript := Transcript())
    async with app.run_test(size=(200, 34)) as pilot:
        transcript.show(make_view(long))
        await pilot.pause()
        assert max(len(line) for line in lines(app)) <= MEASURE + 8


async def test_one_jumps_from_quote_to_quote_in_reading_order_and_around() -> None:
    filler = tuple(Message(f"f{i}", Speaker.SYSTEM, "noise", START) for i in range(50))
    ticket = replace(TICKET, messages=(*MESSAGES, *filler))
    order = Explanation("Why.", (Evidence(2, 0, 26), Evidence(54, 0, 5), Evidence(0, 32, 67)))
    app = TranscriptHost(transcript := Transcript())
    async with app.run_test(size=(80, 12)) as pilot:
        transcript.show(make_view(ticket, order), Dimension.EMPATHY)
        for _ in range(4):
            transcript.action_next_quote()
        transcript.action_prev_quote()
        await pilot.pause()
        assert app.said == [(Dimension.EMPATHY, index) for index in (2, 0, 1, 2, 1)]
        reached = [s.text for strip in strips(app) for s in strip if s.style and s.style.bold and s.style.underline]
        assert reached == ["noise"]
        assert "②" in "\n".join(lines(app))


async def test_a_quote_chosen_elsewhere_is_jumped_to() -> None:
    app = TranscriptHost(transcript := Transcript())
    async with app.run_test(size=(80, 6)) as pilot:
        transcript.show(make_view(), Dimension.EMPATHY)
        transcript.jump(EMPATHY.evidence[1])
        await pilot.pause()
        assert "Plugs go through" in "\n".join(lines(app))
        assert app.said == [(Dimension.EMPATHY, 1)]


async def test_another_ticket_starts_at_its_beginning_and_the_same_one_stays_where_it_is() -> None:
    app = TranscriptHost(transcript := Transcript())
    async with app.run_test(size=(80, 6)) as pilot:
        transcript.show(make_view(), Dimension.EMPATHY)
        transcript.action_end()
        await pilot.pause()
        assert "closed" in lines(app)[-1]
        transcript.show(make_view(), Dimension.TONE)
        await pilot.pause()
        assert "closed" in lines(app)[-1]
        transcript.show(make_view(row_id=2), Dimension.TONE)
        await pilot.pause()
        assert "2026" in lines(app)[0]


async def test_a_ticket_without_a_verdict_can_be_read_too() -> None:
    app = TranscriptHost(transcript := Transcript())
    async with app.run_test(size=(80, 24)) as pilot:
        transcript.show(make_unscored(), Dimension.TONE)
        transcript.action_next_quote()
        transcript.jump(Evidence(0, 0, 3))
        await pilot.pause()
        assert "The lamp came without its plug." in "\n".join(lines(app))
        assert app.said == []


async def test_events_without_a_time_come_last_and_a_close_is_told_once() -> None:
    events = (Event(EventType.REOPENED), Event(EventType.CLOSED, START + timedelta(days=2)))
    app = TranscriptHost(transcript := Transcript())
    async with app.run_test(size=(80, 30)) as pilot:
        transcript.show(make_view(replace(TICKET, events=events)))
        await pilot.pause()
        rules = [line.strip("┄ ") for line in lines(app) if "┄" in line]
        assert rules == ["Mon 2 Mar 2026", "Tue 3 Mar 2026", "Wed 4 Mar 2026", "09:14 closed", "opened again"]


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("dimension", [None, Dimension.EMPATHY])
async def test_hostile_text_is_shown_and_does_nothing(text: str, dimension: Dimension | None) -> None:
    app = TranscriptHost(transcript := Transcript())
    async with app.run_test(size=(60, 40)) as pilot:
        transcript.show(hostile_view(text), dimension)
        transcript.action_next_quote()
        await pilot.pause()
        assert_harmless(app)


async def test_thousands_of_messages_are_no_burden() -> None:
    many = tuple(replace(MESSAGES[i % 5], id=f"m{i}", at=START + timedelta(minutes=i)) for i in range(5_000))
    app = TranscriptHost(transcript := Transcript())
    async with app.run_test(size=(120, 40)) as pilot:
        start = time.process_time()
        transcript.show(make_view(replace(TICKET, messages=many)), Dimension.EMPATHY)
        assert time.process_time() - start < 2.0  # measured 0.2 s; slow machines included
        drawn: list[int] = []
        original = transcript.render_line
        transcript.render_line = lambda y: drawn.append(y) or original(y)  # type: ignore[func-returns-value,method-assign]
        transcript.action_end()
        await pilot.pause()
        assert len(drawn) <= 2 * 40
        assert len(list(transcript.children)) == 0


async def test_a_jump_before_the_first_layout_is_made_then() -> None:
    class Hasty(TranscriptHost):
        def on_mount(self) -> None:
            transcript.show(make_view(), Dimension.EMPATHY)
            transcript.jump(EMPATHY.evidence[1])

    app = Hasty(transcript := Transcript())
    async with app.run_test(size=(80, 6)) as pilot:
        await pilot.pause()
        assert "Plugs go through" in "\n".join(lines(app))
