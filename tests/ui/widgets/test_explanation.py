"""Explanations: what they say of a score, how quotes are chosen, where the popover stands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import on
from textual.geometry import Region

from qatui.domain.rubric import Dimension
from qatui.domain.verdict import Evidence, Explanation, Reason
from qatui.widgets.explanation import ExplanationPopover, ExplanationView, beside
from tests.ui.widgets.samples import (
    EMPATHY,
    HOSTILE,
    TICKET,
    Host,
    assert_harmless,
    hostile_view,
    lines,
    make_unscored,
    make_view,
    strips,
)


class ExplanationHost(Host):
    @on(ExplanationView.QuoteChosen)
    def hear(self, message: ExplanationView.QuoteChosen) -> None:
        self.keep((message.dimension, message.index, message.evidence))


async def test_the_reason_its_quotes_and_cues_and_who_judged() -> None:
    app = ExplanationHost(explanation := ExplanationView())
    async with app.run_test(size=(60, 16)) as pilot:
        explanation.show(make_view(), Dimension.EMPATHY)
        await pilot.pause()
        assert [line for line in lines(app) if line] == [
            "Empathy 2 of 5 · fairly sure",
            "The customer is angry about a wait of days; the reply names",
            "a form and does not come back to it.",
            "A quote was not found in the messages and was dropped.",
            " ① customer  “I wait since Monday and I am angry.”",
            " ② rep       “Plugs go through the form.”",
            "− feeling passed over   − refers elsewhere   + polite close",
            "offline 1.0 · rubric 1 · 3 Mar 2026",
        ]


@pytest.mark.parametrize(
    ("dimension", "title"),
    [(Dimension.TONE, "Tone 3 of 5 · sure"), (Dimension.CLARITY, "Clarity 4 of 5 · unsure")],
)
async def test_titles_say_the_score_and_how_sure_the_judge_is(dimension: Dimension, title: str) -> None:
    app = ExplanationHost(explanation := ExplanationView())
    async with app.run_test(size=(60, 16)) as pilot:
        explanation.show(make_view(), dimension)
        await pilot.pause()
        assert lines(app)[0] == title
        explanation.clear()
        await pilot.pause()
        assert "".join(lines(app)) == ""


async def test_a_ticket_without_a_score_says_why() -> None:
    app = ExplanationHost(explanation := ExplanationView())
    async with app.run_test(size=(60, 16)) as pilot:
        explanation.show(make_unscored(), Dimension.TONE)
        await pilot.pause()
        assert lines(app)[:3] == ["Tone · not scored", "", Reason.TOO_SHORT.sentence]
        explanation.show(make_unscored(Reason.JUDGE_FAILED, "timeout after 30 s"), Dimension.TONE)
        await pilot.pause()
        assert lines(app)[2:4] == ["The judge failed.", "timeout after 30 s"]


async def test_signs_in_ascii_where_the_locale_has_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qatui.text.supports_unicode", lambda: False)
    app = ExplanationHost(explanation := ExplanationView())
    async with app.run_test(size=(60, 16)) as pilot:
        explanation.show(make_view(), Dimension.EMPATHY)
        await pilot.pause()
        assert all(line.isascii() for line in lines(app))
        assert '(1) customer  "I wait' in "\n".join(lines(app))
        assert "- refers elsewhere" in "\n".join(lines(app))


async def test_one_walks_from_quote_to_quote_and_chooses_one() -> None:
    app = ExplanationHost(explanation := ExplanationView())
    async with app.run_test(size=(60, 16)) as pilot:
        explanation.show(make_view(), Dimension.EMPATHY)
        explanation.action_choose_quote()
        explanation.action_next_quote()
        explanation.action_next_quote()
        await pilot.pause()
        assert [line[:2] for line in lines(app) if "“" in line] == [" ①", "▌②"]
        explanation.action_choose_quote()
        explanation.action_next_quote()
        explanation.action_choose_quote()
        explanation.action_prev_quote()
        explanation.action_choose_quote()
        await pilot.pause()
        first, second = EMPATHY.evidence
        chosen = [(0, first), (1, second), (0, first), (1, second)]
        assert app.said == [(Dimension.EMPATHY, *quote) for quote in chosen]


async def test_a_click_on_a_quote_chooses_it() -> None:
    app = ExplanationHost(explanation := ExplanationView())
    async with app.run_test(size=(60, 16)) as pilot:
        explanation.show(make_view(), Dimension.EMPATHY)
        await pilot.pause()
        line = next(y for y, text in enumerate(lines(app)) if "②" in text)
        await pilot.click(ExplanationView, offset=(20, line))
        await pilot.click(ExplanationView, offset=(20, 0))
        await pilot.pause()
        assert app.said == [(Dimension.EMPATHY, 1, EMPATHY.evidence[1])]


async def test_a_span_that_the_ticket_no_longer_has_is_left_out_and_the_others_keep_their_numbers() -> None:
    gone = Explanation("Why.", (Evidence(17, 0, 3), Evidence(2, 0, 9_999), Evidence(2, 0, 26)))
    app = ExplanationHost(explanation := ExplanationView())
    async with app.run_test(size=(60, 16)) as pilot:
        explanation.show(make_view(TICKET, gone), Dimension.EMPATHY)
        await pilot.pause()
        assert [line for line in lines(app) if "“" in line] == [" ③ rep  “Plugs go through the form.”"]


async def test_what_is_longer_than_the_window_scrolls() -> None:
    app = ExplanationHost(explanation := ExplanationView())
    async with app.run_test(size=(40, 6)) as pilot:
        explanation.show(make_view(), Dimension.EMPATHY)
        await pilot.pause()
        assert "Empathy" in lines(app)[0]
        explanation.action_end()
        await pilot.pause()
        assert "3 Mar 2026" in lines(app)[-1]
        explanation.action_next_quote()
        await pilot.pause()
        assert any(line.startswith("▌①") for line in lines(app))


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
async def test_hostile_text_is_shown_and_does_nothing(text: str) -> None:
    app = ExplanationHost(explanation := ExplanationView(), popover := ExplanationPopover())
    async with app.run_test(size=(50, 20)) as pilot:
        explanation.show(hostile_view(text), Dimension.EMPATHY)
        await pilot.pause()
        assert_harmless(app)
        popover.open(hostile_view(text), Dimension.EMPATHY, Region(0, 3, 50, 1))
        await pilot.pause()
        assert_harmless(app)


# The popover ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(80, 24), (130, 40), (40, 12)])
@pytest.mark.parametrize("share", [0.0, 0.4, 0.6, 1.0])
async def test_the_popover_never_covers_its_row(size: tuple[int, int], share: float) -> None:
    app = ExplanationHost(popover := ExplanationPopover())
    row = Region(0, round(share * (size[1] - 1)), size[0], 1)
    async with app.run_test(size=size) as pilot:
        popover.open(make_view(), Dimension.EMPATHY, row)
        await pilot.pause()
        assert popover.region.area
        assert not popover.region.overlaps(row)
        assert app.screen.region.contains_region(popover.region)
        # as near as it goes
        assert popover.region.y == row.bottom or popover.region.bottom == row.y


async def test_a_popover_with_room_shows_all_and_closes_without_a_trace() -> None:
    app = ExplanationHost(popover := ExplanationPopover())
    async with app.run_test(size=(80, 24)) as pilot:
        popover.open(make_view(), Dimension.EMPATHY, Region(0, 2, 80, 1))
        await pilot.pause()
        assert popover.is_open
        assert "3 Mar 2026" in "\n".join(lines(app))
        assert not popover.show_vertical_scrollbar
        popover.close()
        await pilot.pause()
        assert not popover.is_open
        assert "".join(lines(app)) == ""
        assert all(strip.cell_length == 80 for strip in strips(app))


regions = st.builds(Region, st.integers(0, 100), st.integers(0, 50), st.integers(1, 100), st.just(1))


@given(regions, st.integers(30, 200), st.integers(3, 60), st.integers(1, 100))
def test_a_place_beside_any_row_of_any_screen(row: Region, width: int, height: int, needed: int) -> None:
    row = Region(min(row.x, width - 1), min(row.y, height - 1), min(row.width, width), 1)
    placed = beside(row, Region(0, 0, width, height), min(width, 72), needed)
    assert not placed.overlaps(row)
    assert Region(0, 0, width, height).contains_region(placed)
    assert placed.height == min(needed, max(row.y, height - row.bottom)) or placed.height == needed
