"""The Performance screen: what it shows, how one moves in it, what each number explains and where it leads."""

from __future__ import annotations

import asyncio
import io
import json
import sys
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from textual.geometry import Region

from qatui.app import QatuiApp
from qatui.domain.conversation import Status, Ticket
from qatui.domain.performance import METRICS, MetricId, in_words
from qatui.domain.performance_behind import Behind, PerformanceQuestion
from qatui.domain.performance_counts import Count
from qatui.domain.performance_report import PerformanceReport
from qatui.domain.weeks import Period
from qatui.errors import StoreError
from qatui.screens.dialog import ErrorDialog
from qatui.screens.performance import PerformanceScreen
from qatui.screens.performance_explained import Explained
from qatui.screens.performance_list import BehindScreen
from qatui.screens.performance_sections import SECTIONS, Sections
from qatui.screens.ticket import TicketScreen
from qatui.services.simulate import simulate
from qatui.services.workspace import open_workspace
from qatui.widgets.chart_view import ChartView
from tests.ui.driving import NARROW, WIDE, Driver, driving, settings
from tests.ui.fake_workspace import NOW
from tests.ui.performance_log import BY_REP, RESOLVED, FakePerformance, PerformanceWorkspace, conversation, log

SINCE = datetime(2025, 12, 1, tzinfo=UTC)  # the Monday of the week 90 days before NOW


def opened(tickets: list[Ticket] | None = None, **options: Any) -> AbstractAsyncContextManager[Driver]:
    """The application over a log, by default the whole one."""
    return driving(workspace=workspace_of(log() if tickets is None else tickets), **options)


def workspace_of(tickets: list[Ticket]) -> PerformanceWorkspace:
    return PerformanceWorkspace(tickets, settings())


def screen(driver: Driver) -> PerformanceScreen:
    assert isinstance(driver.app.screen, PerformanceScreen)
    return driver.app.screen


def service(driver: Driver) -> FakePerformance:
    performance: FakePerformance = driver.workspace.performance  # type: ignore[attr-defined]
    return performance


def under_cursor(driver: Driver) -> tuple[str, str, str]:
    """The chart, the item and the number under the cursor."""
    view = screen(driver).view
    assert view.chart is not None
    return view.chart.key, view.chart.items[view.item].name, view.chart.text(view.item, view.series)


def charts_seen(driver: Driver) -> list[str]:
    return [view.chart.key for view in screen(driver).views[1:] if view.display and view.chart is not None]


def report() -> PerformanceReport:
    return workspace_of(log()).performance.of(PerformanceQuestion(as_of=NOW, period=Period(SINCE)))


def numbers(of: Sections) -> Iterator[tuple[str, int, int, str, Explained]]:
    """Every number of every section, as text and explained."""
    for key in SECTIONS:
        for panel in of.section(key).panels:
            for item in range(len(panel.chart.items)):
                for series in range(panel.chart.width):
                    text = panel.chart.text(item, series)
                    yield f"{key}/{panel.chart.key}", item, series, text, panel.explain(item, series)


# What is shown ---------------------------------------------------------------------------------------


async def test_the_overview_shows_this_week_beside_last_week() -> None:
    async with opened() as driver:
        await driver.press("3")
        shown = report()
        text = driver.text()
        for metric in (MetricId.RESOLVED, MetricId.HANDLED, MetricId.RESOLUTION_MEAN, MetricId.DEFLECTION_RATE):
            now = METRICS[metric].value(shown.this_week.counts)
            before = METRICS[metric].value(shown.week_before.counts)
            assert in_words(METRICS[metric].unit, now) in text
            assert f"was {in_words(METRICS[metric].unit, before)}" in text
        assert "[Overview] Resolutions  Deflections  Human handoffs" in text
        assert "as of 5 Mar 10:00" in text
        assert "since 1 Dec 2025 · all channels" in driver.where
        assert "5 of 6 pending: rates may change" in driver.note


async def test_every_chart_has_dates_and_says_which_weeks_are_partial() -> None:
    async with opened() as driver:
        await driver.press("3", "tab")
        text = driver.text()
        assert "handled by week" in text
        for date in ("8 Dec", "22 Dec", "5 Jan", "16 Feb", "2 Mar"):
            assert date in text
        assert "◐ partial" in text
        assert "handled 6   week of 2 Mar 2026, partial, provisional" in text
        assert "█ resolved 0   ▓ handed off 0   ▒ other 1   ░ pending 5" in text


async def test_a_week_that_is_over_but_not_settled_is_marked_as_provisional() -> None:
    sunday = conversation(900, RESOLVED, datetime(2026, 3, 1, 20, tzinfo=UTC))
    again = replace(sunday.messages[-1], id="m9", at=datetime(2026, 3, 2, 20, tzinfo=UTC))  # its clock starts anew
    async with opened([*log(), replace(sunday, messages=(*sunday.messages, again))]) as driver:
        await driver.press("3", "tab", "h")
        assert under_cursor(driver)[1] == "week of 23 Feb 2026"
        assert "◌ provisional" in driver.text()
        assert "week of 23 Feb 2026, provisional" in driver.text()


async def test_rates_that_pending_episodes_cannot_change_are_not_called_provisional() -> None:
    async with opened() as driver:
        await driver.press("3", "shift+tab")
        assert under_cursor(driver)[0] == "handle_rate"
        assert "week of 2 Mar 2026, partial\n" in driver.text() + "\n"


async def test_one_chart_at_a_time_where_it_is_narrow_and_all_where_it_is_wide() -> None:
    async with opened(size=NARROW) as driver:
        await driver.press("3")
        seen = []
        for _ in range(4):
            await driver.press("tab")
            seen += charts_seen(driver)
        assert seen == ["handled", "handled_channels", "feedback", "handle_rate"]
        await driver.press("tab")
        assert under_cursor(driver)[0] == "impact"
        await driver.press("shift+tab")
        assert under_cursor(driver)[0] == "handle_rate"
    async with opened(size=WIDE) as driver:
        await driver.press("3")
        assert charts_seen(driver) == ["handled", "handled_channels", "feedback", "handle_rate"]


async def test_another_size_shows_more_and_keeps_the_cursor() -> None:
    async with opened(size=NARROW) as driver:
        await driver.press("3", "tab", "h", "h")
        before = under_cursor(driver)
        await driver.pilot.resize_terminal(*WIDE)
        await driver.quiet()
        assert len(charts_seen(driver)) == 4
        assert under_cursor(driver) == before


async def test_sections_turn_by_bracket_and_by_name() -> None:
    async with opened() as driver:
        await driver.press("3")
        seen = []
        for _ in SECTIONS:
            seen.append(screen(driver)._section)
            await driver.press("]")
        assert tuple(seen) == SECTIONS
        assert screen(driver)._section == "overview"
        await driver.press("[")
        assert screen(driver)._section == "handoffs"
        for name in SECTIONS:
            await driver.command(name)
            assert screen(driver)._section == name


async def test_unverified_resolutions_late_handoffs_and_reps_stand_apart_with_their_caveat() -> None:
    async with opened(size=WIDE) as driver:
        await driver.press("3", "]")
        assert "12 of 62 resolved are unverified" in driver.note
        assert "▓ of these unverified" in driver.text()
        await driver.press("]")
        assert "tickets of reps do not pass the 72 hour test" in driver.text()
        assert "Ana Duarte" in driver.text()
        await driver.press("]")
        assert "13 late handoffs came after settling: in no rate" in driver.note
        assert "missing knowledge" in driver.text()


async def test_the_table_has_the_numbers_of_the_chart() -> None:
    async with opened() as driver:
        await driver.press("3", "tab", "h", "t")
        week = report().weeks[-2]
        [line] = [line for line in driver.text().splitlines() if "week of 23 Feb 2026" in line]
        counts = week.counts
        other = counts.deflected_unresolved + counts.human_joined
        wanted = [counts.handled, counts.resolved, counts.handed_off, other, counts.pending]
        assert [int(word) for word in line.split()[-5:]] == wanted
        assert under_cursor(driver)[1] == "week of 23 Feb 2026"
        await driver.press("j")
        assert under_cursor(driver)[1] == "week of 2 Mar 2026"
        await driver.press("t")
        assert "█ resolved" in driver.text()


# Moving ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("right", "left", "down", "up"), [("l", "h", "j", "k"), ("right", "left", "down", "up")])
async def test_the_cursor_moves_from_figure_to_figure_and_from_bar_to_bar(
    right: str, left: str, down: str, up: str
) -> None:
    async with opened() as driver:
        await driver.press("3")
        assert under_cursor(driver)[:2] == ("impact", "Resolved")
        await driver.press(right, right)
        assert under_cursor(driver)[1] == "Average resolution time"
        await driver.press(left)
        assert under_cursor(driver)[1] == "Conversations handled"
        await driver.press(down)
        assert under_cursor(driver) == ("handled", "week of 2 Mar 2026", "6")
        await driver.press(left)
        assert under_cursor(driver) == ("handled", "week of 23 Feb 2026", "12")
        await driver.press(down)
        assert under_cursor(driver) == ("handled", "week of 23 Feb 2026", "7")  # resolved
        await driver.press(up, up)
        assert under_cursor(driver)[0] == "impact"


async def test_the_cursor_walks_between_charts_side_by_side() -> None:
    async with opened(size=WIDE) as driver:
        await driver.press("3", "j", "l")
        assert under_cursor(driver)[0] == "handled_channels"
        await driver.press(*"jj", "j")
        assert under_cursor(driver)[0] == "handle_rate"
        await driver.press("g")
        await driver.press("h")
        assert under_cursor(driver)[0] == "feedback"
        await driver.press("k")
        assert under_cursor(driver)[0] == "handled"


async def test_the_first_and_last_week_and_half_a_page() -> None:
    async with opened() as driver:
        await driver.press("3", "tab", "g")
        assert under_cursor(driver)[1] == "week of 1 Dec 2025"
        await driver.press("ctrl+d")
        assert under_cursor(driver)[1] == "week of 19 Jan 2026"  # seven of fourteen
        await driver.press("G")
        assert under_cursor(driver)[1] == "week of 2 Mar 2026"
        await driver.press("pageup")
        assert under_cursor(driver)[1] == "week of 1 Dec 2025"


async def test_the_place_in_a_section_is_kept() -> None:
    async with opened() as driver:
        await driver.press("3", "tab", "tab", "j")
        before = under_cursor(driver)
        await driver.press("]", "l", "[")
        assert under_cursor(driver) == before
        await driver.press("1", "3")
        assert under_cursor(driver) == before


async def test_a_click_moves_the_cursor_and_a_second_one_opens() -> None:
    async with opened() as driver:
        await driver.press("3", "tab")
        view = screen(driver).view
        await driver.pilot.click(view, offset=(10, 8))
        await driver.quiet()
        assert under_cursor(driver)[1] == "week of 1 Dec 2025"
        await driver.pilot.click(view, offset=(10, 8))
        await driver.quiet()
        assert isinstance(driver.app.screen, BehindScreen)


async def test_the_mouse_explains_what_it_rests_on() -> None:
    async with opened() as driver:
        await driver.press("3")
        view = screen(driver).query_one("#tiles", ChartView)
        await driver.pilot.hover(view, offset=(32, 2))
        await driver.until(lambda: screen(driver).popover.display)
        assert screen(driver).popover.text.startswith("Average resolution time")
        assert under_cursor(driver)[1] == "Resolved"  # the cursor stays where it was
        await driver.pilot.hover("#where")
        await driver.until(lambda: not screen(driver).popover.display)


# Explaining ------------------------------------------------------------------------------------------


async def test_space_explains_a_rate_with_its_own_numbers_and_what_was_left_out() -> None:
    async with opened() as driver:
        await driver.press("3", "]", "space")
        totals = report().totals
        text = screen(driver).popover.text
        assert text.startswith("Resolution rate  since 1 Dec 2025\nresolved ÷ settled handled episodes")
        assert f"{totals.resolved} ÷ {totals.settled} = 49.2 %" in text
        assert "62  numerator: resolved by the customer agent" in text
        assert "126  denominator: handled episodes that settled" in text
        assert "5  left out: handled episodes still pending" in text
        assert "Provisional" in text
        await driver.press("space")
        assert not screen(driver).popover.display


async def test_esc_closes_an_explanation_and_moving_takes_it_along() -> None:
    async with opened() as driver:
        await driver.press("3", "tab", "space")
        assert "week of 2 Mar 2026" in screen(driver).popover.text
        await driver.press("h")
        assert "week of 23 Feb 2026" in screen(driver).popover.text
        await driver.press("escape")
        assert not screen(driver).popover.display
        await driver.press("escape")
        assert "Nothing to go back to" in driver.note


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=str)
async def test_every_explanation_is_whole_and_never_covers_its_own_figure(size: tuple[int, int]) -> None:
    async with opened(size=size) as driver:
        await driver.press("3")
        page = screen(driver)
        width, height = size
        for section in SECTIONS:
            page._turn_to(section)
            for panel, view in enumerate(page.views):
                page._enter(panel)
                await driver.pilot.pause()
                assert view.chart is not None
                for item in {spot.item for spot in view._drawn.spots}:
                    for series in range(view.chart.width):
                        view.point(item, series)
                        page.explain_cursor()
                        popover = page.popover
                        assert popover.absolute_offset is not None
                        size_of = [int(popover.styles.width.value), int(popover.styles.height.value)]  # type: ignore[union-attr]
                        region = Region(*popover.absolute_offset, *size_of)
                        where = (view.chart.key, item, series)
                        assert region.height == len(popover.text.splitlines()), where
                        assert region.right <= width, where
                        assert region.bottom <= height - 1, where
                        assert region.y >= 1, where
                        assert not region.overlaps(view.region_of(item, series)), where


def test_every_explanation_works_out_to_the_figure_it_explains() -> None:
    for where, item, series, text, explained in numbers(Sections(report(), wide=True)):
        assert explained.working.endswith(text), (where, item, series)


# Opening ---------------------------------------------------------------------------------------------


async def test_the_list_behind_every_number_is_as_long_as_the_number() -> None:
    question = PerformanceQuestion(as_of=NOW, period=Period(SINCE))
    performance = workspace_of(log()).performance
    seen = 0
    for where, item, series, _text, explained in numbers(Sections(performance.of(question), wide=True)):
        for line in explained.lines:
            if line.behind is None:
                continue
            asked = replace(question, period=Period()) if explained.whole_time else question
            listed = await performance.behind(asked, line.behind).count()
            assert listed == line.number, (where, item, series, line)
            seen += 1
    assert seen > 500


async def test_enter_lists_the_conversations_and_esc_returns_to_the_same_bar() -> None:
    async with opened() as driver:
        await driver.press("3", "tab", "h", "j", "j", "enter")
        assert isinstance(driver.app.screen, BehindScreen)
        assert service(driver).listed[-1] == Behind(count=Count.HANDED_OFF, week=report().weeks[-2].week)
        assert driver.table.total == 3
        assert "Handed off · week of 23 Feb 2026" in driver.where
        assert all(word in driver.text() for word in ("handed off", "missing knowledge", "customer request"))
        await driver.press("escape")
        assert under_cursor(driver) == ("handled", "week of 23 Feb 2026", "3")


async def test_a_list_opens_transcripts_through_which_one_walks_and_esc_leads_back() -> None:
    async with opened() as driver:
        await driver.press("3", "tab", "h", "enter")
        first = driver.row.ticket
        await driver.press("enter")
        assert isinstance(driver.app.screen, TicketScreen)
        assert driver.app.screen.view is not None
        assert driver.app.screen.view.row.row_id == first.row_id
        await driver.press("]")
        assert driver.app.screen.view.row.row_id != first.row_id
        await driver.press("escape")
        assert isinstance(driver.app.screen, BehindScreen)
        assert driver.table.cursor == 1
        await driver.press("enter", "[", "[")
        assert "first ticket of the list" in driver.note
        await driver.press("escape", "escape")
        assert under_cursor(driver)[:2] == ("handled", "week of 23 Feb 2026")


async def test_numerator_denominator_and_what_was_left_out_can_be_listed() -> None:
    async with opened() as driver:
        await driver.press("3", "]", "enter")
        totals = report().totals
        assert driver.table.total == totals.resolved
        await driver.press("tab")
        assert driver.table.total == totals.settled
        await driver.press("tab")
        assert driver.table.total == totals.pending
        await driver.press("shift+tab", "shift+tab")
        assert driver.table.total == totals.resolved
        assert "numerator: resolved by the customer agent" in driver.text()


async def test_a_count_chosen_in_an_explanation_is_what_enter_lists() -> None:
    async with opened() as driver:
        await driver.press("3", "]", "space", "j", "enter")
        assert service(driver).listed[-1] == Behind(count=Count.SETTLED)
        assert driver.table.total == report().totals.settled


async def test_a_figure_of_two_counts_asks_which_one() -> None:
    async with opened() as driver:
        await driver.press("3", "tab", "h", "j", "j", "j", "enter")
        assert screen(driver).popover.display
        assert screen(driver).popover.text.startswith("Other")
        await driver.press("j", "enter")
        assert service(driver).listed[-1].count is Count.HUMAN_JOINED


async def test_the_impact_of_this_week_is_listed_whatever_the_period() -> None:
    async with opened() as driver:
        await driver.press("3", "l", "enter")
        assert driver.table.total == report().this_week.counts.handled
        assert service(driver).listed[-1] == Behind(count=Count.HANDLED, week=report().this_week.week)


async def test_a_rep_and_a_reason_open_what_is_theirs() -> None:
    async with opened() as driver:
        await driver.press("3", "]", "]", "tab", "tab", "tab", "j", "enter")
        assert service(driver).listed[-1] == Behind(count=Count.REP_CLOSED, rep="desk/r1")
        assert driver.table.total == next(row.resolved for row in report().team if row.name == "Ana Duarte")
        await driver.press("escape", "]", "tab", "tab", "enter")
        reason, number = report().handoff_reasons[0]
        assert service(driver).listed[-1] == Behind(count=Count.PASSED_ON, reason=reason)
        assert driver.table.total == number


async def test_why_an_episode_is_no_sure_resolution_stands_in_its_line() -> None:
    async with opened(size=WIDE) as driver:
        await driver.press("3", "]", "l", "l", "enter")
        assert "unverified" in driver.text()
        await driver.press("escape", "]", "l", "l", "l", "enter")
        assert "asked for a human" in driver.text()


async def test_a_real_workspace_lists_as_many_conversations_as_its_figures_say(tmp_path: Path) -> None:
    """The same chain over a file: imported, counted, drawn, listed."""
    file = tmp_path / "log.jsonl"
    lines = simulate(6, 150, 5, until=NOW)
    file.write_text("\n".join(json.dumps(line) for line in lines) + "\n")
    chosen = settings(db=str(tmp_path / "log.db"))
    async with open_workspace(chosen, clock=lambda: NOW) as workspace:
        await workspace.import_paths([str(file)])
        app = QatuiApp(chosen, open_workspace=lambda _settings: nullcontext(workspace))
        async with app.run_test(size=NARROW) as pilot:
            driver = Driver(app, pilot, workspace)  # type: ignore[arg-type]
            await driver.until(lambda: app.session.workspace is not None)
            await driver.press("3", "tab")
            await driver.until(lambda: screen(driver)._page is not None)
            for keys in (["h", "j"], ["h", "h", "k"], ["]", "l"], ["]", "tab", "tab", "tab", "j"]):
                await driver.press(*keys)
                shown = screen(driver).view
                number = shown.chart.text(shown.item, shown.series) if shown.chart else ""
                await driver.press("enter")
                await driver.until(lambda: driver.table.total is not None)
                assert f"{driver.table.total:,}" == number
                assert driver.table.total
                await driver.press("escape")


# Period and channel ----------------------------------------------------------------------------------


async def test_p_walks_through_the_periods_in_whole_weeks() -> None:
    async with opened() as driver:
        await driver.press("3")
        assert service(driver).asked[-1].period == Period(SINCE)
        await driver.press("p")
        assert "since 3 Mar 2025" in driver.where
        assert service(driver).asked[-1].period.since == datetime(2025, 3, 3, tzinfo=UTC)
        await driver.press("p")
        assert "all time" in driver.where
        await driver.press("p")
        assert "since 23 Feb 2026" in driver.where
        await driver.command("period 30d")
        assert "since 2 Feb 2026" in driver.where
        await driver.command("period 12d")
        assert "choose 7d, 30d, 90d, 365d, all" in driver.note


async def test_c_walks_through_the_channels_and_back_to_all() -> None:
    async with opened() as driver:
        await driver.press("3")
        seen = []
        for _ in range(4):
            await driver.press("c")
            seen.append(service(driver).asked[-1].channels)
        assert seen == [frozenset({"chat"}), frozenset({"email"}), frozenset({"phone"}), None]
        await driver.command("channel email")
        assert "email" in driver.where
        await driver.press("tab", "space")
        assert "week of 2 Mar 2026, email" in screen(driver).popover.text
        await driver.press("escape")
        await driver.command("channel fax")
        assert "choose all, chat, email, phone" in driver.note
        await driver.command("channel all")
        assert "all channels" in driver.where


async def test_the_list_behind_a_figure_keeps_period_and_channel() -> None:
    async with opened() as driver:
        await driver.press("3", "c", "]", "l", "enter")
        assert {driver.table.row.ticket.channel} == {"chat"}
        narrowed = replace(service(driver).asked[-1])
        assert driver.table.total == service(driver).of(narrowed).totals.resolved


async def test_the_cursor_stays_on_its_week_when_the_period_changes() -> None:
    async with opened() as driver:
        await driver.press("3", "tab", "h", "h", "p")
        assert under_cursor(driver)[1] == "week of 16 Feb 2026"


async def test_an_answer_to_an_older_question_is_not_shown() -> None:
    async with opened() as driver:
        await driver.press("3")
        service(driver).held = asyncio.Event()
        await driver.pilot.press("c")
        await driver.pilot.press("c")
        await driver.pilot.pause()
        service(driver).held.set()  # type: ignore[union-attr]
        await driver.quiet()
        assert "email" in driver.where
        assert len(service(driver).asked) == 3  # the report of chat was given up for the one of email


async def test_coming_back_asks_nothing_anew_and_r_does() -> None:
    async with opened() as driver:
        await driver.press("3", "1", "3")
        assert len(service(driver).asked) == 1
        driver.workspace.now = NOW + timedelta(days=1)
        await driver.press("r")
        assert service(driver).asked[-1].as_of == NOW + timedelta(days=1)
        assert "as of 6 Mar 10:00" in driver.text()


# Little or nothing to show ---------------------------------------------------------------------------


async def test_an_empty_workspace_says_what_fills_it() -> None:
    async with opened([]) as driver:
        await driver.press("3")
        assert "This workspace has no conversations yet." in driver.placard.text
        assert "qatui import" in driver.text()
        await driver.press("space")
        assert "There are no figures here" in driver.note


async def test_one_conversation_that_is_pending_has_no_rates_but_dashes() -> None:
    async with opened([conversation(1, RESOLVED, NOW - timedelta(hours=3))]) as driver:
        await driver.press("3")
        assert not driver.placard.display
        await driver.press("]")
        view = screen(driver).views[0]
        assert view.chart is not None
        assert [view.chart.text(item, 0) for item in range(5)] == ["—", "0", "0", "2 h 54 m", "2 h 54 m"]
        assert "now —" in driver.text()
        await driver.press("space")
        assert "0 ÷ 0 = —" in screen(driver).popover.text


async def test_a_period_without_conversations_says_how_to_look_elsewhere() -> None:
    old = [conversation(number, RESOLVED, NOW - timedelta(days=200 + number)) for number in range(3)]
    async with opened(old, period="30d") as driver:
        await driver.press("3")
        assert "No conversation began since 2 Feb 2026." in driver.placard.text
        assert "p changes the period" in driver.placard.text
        assert "qatui import" in driver.placard.text
        await driver.press("p", "p")
        assert not driver.placard.display
        assert "3" in driver.text()


async def test_a_channel_without_conversations_in_the_period_names_both_keys() -> None:
    old = conversation(1, RESOLVED, NOW - timedelta(days=200), "fax")
    async with opened([*log(), old]) as driver:
        await driver.press("3")
        await driver.command("channel fax")
        assert "No conversation began since 1 Dec 2025 on fax." in driver.placard.text
        assert "c the channel" in driver.placard.text
        await driver.press("c")
        assert not driver.placard.display


async def test_a_workspace_without_a_customer_agent_says_how_an_import_names_it() -> None:
    async with opened([conversation(n, BY_REP, NOW - timedelta(days=n)) for n in range(1, 8)]) as driver:
        await driver.press("3")
        assert "No customer agent took part in any of the 7 conversations here." in driver.placard.text
        assert '"from": "customer_agent"' in driver.placard.text
        assert "qatui import" in driver.placard.text


async def test_conversations_that_all_lack_times_are_counted() -> None:
    timeless = [
        replace(
            conversation(n, RESOLVED, NOW - timedelta(days=n)),
            id=f"N-{n}",
            status=Status.CLOSED,
            messages=tuple(replace(m, at=None) for m in conversation(n, RESOLVED, NOW - timedelta(days=n)).messages),
        )
        for n in range(1, 5)
    ]
    async with opened(timeless) as driver:
        await driver.press("3")
        assert "4 conversations are left out" in driver.placard.text


async def test_a_chart_without_anything_in_it_says_so_and_has_no_cursor() -> None:
    quiet = [conversation(n * 3 + 2, RESOLVED, NOW - timedelta(days=n * 4 + 4)) for n in range(9)]
    async with opened(quiet) as driver:
        await driver.press("3", "tab", "tab", "tab")
        assert "No feedback in this period" in driver.text()
        await driver.press("enter")
        assert "There is no figure under the cursor" in driver.note
        assert isinstance(driver.app.screen, PerformanceScreen)


async def test_a_failure_before_the_first_figures_stands_in_their_place() -> None:
    async with opened() as driver:
        service(driver).broken = StoreError("The disk is gone.", hint="Plug it in.")
        await driver.press("3")
        assert "The disk is gone." in driver.text()
        assert "Plug it in." in driver.text()
        service(driver).broken = None
        await driver.press("r")
        assert not driver.placard.display


async def test_a_later_failure_keeps_the_figures_and_opens_a_dialog() -> None:
    async with opened() as driver:
        await driver.press("3")
        service(driver).broken = StoreError("The disk is gone.", hint="Plug it in.")
        await driver.press("r")
        assert isinstance(driver.app.screen, ErrorDialog)


async def test_a_wait_is_said_only_when_it_lasts() -> None:
    async with opened() as driver:
        service(driver).held = asyncio.Event()
        await driver.pilot.press("3")
        await driver.until(lambda: "Counting" in driver.note)
        service(driver).held.set()  # type: ignore[union-attr]
        await driver.quiet()
        assert "Counting" not in driver.note


# Terminals -------------------------------------------------------------------------------------------


async def test_everything_in_ascii_where_the_locale_has_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "__stdout__", io.TextIOWrapper(io.BytesIO(), "ascii"))
    async with opened(size=WIDE) as driver:
        await driver.press("3")
        for _ in SECTIONS:
            await driver.press("]")
            assert driver.text().isascii()
            await driver.press("tab", "space")
            assert driver.text().isascii()
            await driver.press("escape", "t")
            assert driver.text().isascii()
            await driver.press("t", "enter")
            assert driver.text().isascii()
            await driver.press("escape")
        assert "* partial" in driver.text()


@pytest.mark.parametrize("theme", ["dark", "light", "ansi", "contrast"])
async def test_every_theme_draws_every_section(theme: str) -> None:
    async with opened(size=WIDE, theme=theme) as driver:
        await driver.press("3", "]", "space", "escape", "]", "t", "]", "tab", "space")
        assert driver.app.theme == theme


async def test_hostile_names_cannot_steer_the_terminal() -> None:
    hostile = "[/x]\x1b[31m\u202echat"
    tickets = [conversation(n, RESOLVED, NOW - timedelta(days=n * 2 + 5), hostile) for n in range(6)]
    async with opened(tickets) as driver:
        await driver.press("3", "tab", "tab", "space")
        assert "\x1b" not in driver.text()
        assert "\u202e" not in driver.text()
        assert "[/x]" in driver.text()
        await driver.press("escape", "c", "enter")
        assert "\x1b" not in driver.text()


async def test_help_lists_the_keys_of_this_screen() -> None:
    async with opened() as driver:
        await driver.press("3", "?")
        await driver.type("channel")
        assert ":channel" in driver.text()
        assert "Next section" not in driver.text()
