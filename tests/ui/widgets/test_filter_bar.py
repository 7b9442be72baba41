"""The filter bar: typing with completion, mistakes, conditions that can be clicked away."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from textual import on
from textual.pilot import Pilot
from textual.widgets import Input

from qatui.domain.filter_language import parse
from qatui.domain.listing import Choices, RepChoice, TicketFilter
from qatui.widgets.filter_bar import FilterBar
from tests.ui.widgets.samples import HOSTILE, Host, assert_harmless, lines

UTC = ZoneInfo("UTC")
CHOICES = Choices(
    reps=(RepChoice(name="Ana Duarte", key="z/1", team="Billing"), RepChoice(name="Tom Weiss", key="z/2", team="Tech")),
    teams=("Billing", "Tech"),
    channels=("chat", "email"),
    sources=("zendesk",),
    reasons=("too_short",),
)


class BarHost(Host):
    @on(FilterBar.Changed)
    def hear_change(self, message: FilterBar.Changed) -> None:
        self.keep(message.where)

    @on(FilterBar.Left)
    def hear_end(self) -> None:
        self.keep("left")


def make_bar() -> FilterBar:
    return FilterBar(zone=UTC, choices=CHOICES)


async def type_in(pilot: Pilot[None], text: str) -> None:
    for character in text:
        await pilot.press(
            {" ": "space", ":": "colon", '"': "quotation_mark", "<": "less_than_sign"}.get(character, character)
        )
    await pilot.pause()


async def test_without_a_filter_the_bar_takes_no_line() -> None:
    app = BarHost(bar := make_bar())
    async with app.run_test(size=(60, 8)) as pilot:
        assert bar.size.height == 0
        bar.show(TicketFilter(rep="Tom Weiss", tone=(1, 2)))
        await pilot.pause()
        assert lines(app)[0] == '  rep:"Tom Weiss" ×   tone:<=2 ×'
        assert bar.size.height == 1
        assert app.said == []


async def test_a_line_is_typed_completed_and_put_in_force() -> None:
    app = BarHost(bar := make_bar())
    async with app.run_test(size=(60, 8)) as pilot:
        bar.action_edit()
        await type_in(pilot, "late wei")
        assert lines(app)[1].split() == ['▌rep:"Tom', 'Weiss"', "Tech"]
        await pilot.press("tab")
        await type_in(pilot, "tone:<")
        await pilot.press("tab", "enter")
        await pilot.pause()
        where = TicketFilter(text="late", rep="Tom Weiss", tone=(1, 2))
        assert app.said == ["left", where]
        assert bar.where == where
        assert not bar.editing
        assert "late ×" in lines(app)[0]


async def test_the_arrows_choose_among_completions() -> None:
    app = BarHost(bar := make_bar())
    async with app.run_test(size=(60, 8)) as pilot:
        bar.action_edit("rep:")
        await pilot.pause()
        assert [line.strip()[:5] for line in lines(app)[1:3]] == ['▌"Ana', '"Tom ']
        await pilot.press("down", "tab")
        assert bar.query_one(Input).value == 'rep:"Tom Weiss" '
        await pilot.press("up", "up")
        assert bar.query_one(Input).value == 'rep:"Tom Weiss" '


async def test_a_mistake_is_shown_under_its_place_with_its_mend_and_nothing_changes() -> None:
    app = BarHost(bar := make_bar())
    async with app.run_test(size=(70, 8)) as pilot:
        bar.action_edit()
        await type_in(pilot, "late tone:9")
        await pilot.press("enter")
        await pilot.pause()
        assert lines(app)[0].index("9") == lines(app)[1].index("^")
        assert "No score from 1 to 5 is 9" in lines(app)[2]
        assert "tone:<=2" in lines(app)[3]
        assert app.said == []
        assert bar.editing
        await pilot.press("backspace")
        await type_in(pilot, "2")
        await pilot.press("enter")
        await pilot.pause()
        assert app.said == ["left", TicketFilter(text="late", tone=(2, 2))]


async def test_escape_leaves_everything_as_it_was() -> None:
    where = TicketFilter(text="late")
    app = BarHost(bar := make_bar())
    async with app.run_test(size=(60, 8)) as pilot:
        bar.show(where)
        bar.action_edit()
        await pilot.pause()
        assert bar.query_one(Input).value == "late "  # ready for the next word
        await type_in(pilot, "r")
        await pilot.press("escape")
        await pilot.pause()
        assert (app.said, bar.where) == (["left"], where)
        assert lines(app) == ["  late ×", "", "", "", "", "", "", ""]


async def test_a_click_takes_one_condition_away() -> None:
    where = parse("late rep:Ana scored", UTC)
    app = BarHost(bar := make_bar())
    async with app.run_test(size=(60, 8)) as pilot:
        bar.show(where)
        await pilot.pause()
        await pilot.click("_Chips", offset=(lines(app)[0].index("rep"), 0))
        await pilot.pause()
        assert app.said == [replace(where, rep=None)]
        assert lines(app)[0] == "  late ×   scored ×"
        bar.action_clear()
        await pilot.pause()
        assert app.said[-1] == TicketFilter()


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
async def test_hostile_names_are_shown_and_do_nothing(text: str) -> None:
    choices = Choices(
        reps=(RepChoice(name=text, key=text, team=text),), teams=(text,), channels=(), sources=(), reasons=(text,)
    )
    app = BarHost(bar := FilterBar(zone=UTC, choices=choices))
    async with app.run_test(size=(60, 8)) as pilot:
        bar.show(TicketFilter(text=text, rep=text or "x", team=text or "x"))
        await pilot.pause()
        assert_harmless(app)
        bar.action_edit("rep:")
        await pilot.pause()
        assert_harmless(app)
        await pilot.press("tab", "enter")
        await pilot.pause()
        assert_harmless(app)
