"""The Reps screen: what it shows, how one moves in it, where it leads."""

from __future__ import annotations

from datetime import timedelta

import pytest

from qatui.domain.listing import TicketFilter
from qatui.domain.metrics import Mapping
from qatui.domain.verdict import Reason, Unscored
from qatui.screens.popover import Popover
from qatui.screens.reps_pane import RepsPane
from tests.ui.driving import NARROW, WIDE, driving
from tests.ui.fake_workspace import KINDS, NOW, company, make_view


def names(driver) -> list[str]:
    return [row.name for row in driver.screen._rows]


async def test_teams_come_unfolded_with_their_reps_when_all_fit() -> None:
    async with driving() as driver:
        await driver.rows()
        assert names(driver) == [
            "Billing", "Ana Duarte", "Li Na", "Tom Weiss", "Technical", "Mia Lund", "Sam Okafor", "No team",
            "Unknown rep",
        ]  # fmt: skip
        text = driver.text()
        assert "80 % ±2" in text  # Ana's overall with half its interval
        assert "few" in text  # Li Na has four tickets
        assert "Empathy is lowest in Billing" in text


async def test_teams_come_folded_when_there_are_too_many_rows() -> None:
    views = [
        make_view(number + 1, KINDS[0].rep.__class__(f"r{number}", f"Rep {number}", f"Team {number % 4}"), (3, 3, 3),
                  closed_at=NOW - timedelta(days=1))
        for number in range(60)
    ]  # fmt: skip
    async with driving(views) as driver:
        await driver.rows()
        assert names(driver) == ["Team 0", "Team 1", "Team 2", "Team 3"]


async def test_enter_and_arrows_fold_and_unfold_a_team() -> None:
    async with driving() as driver:
        await driver.rows()
        await driver.press("enter")
        assert names(driver)[:2] == ["Billing", "Technical"]
        await driver.press("right")
        assert names(driver)[1] == "Ana Duarte"
        await driver.press("j", "j", "left")
        assert names(driver)[:2] == ["Billing", "Technical"]
        assert driver.row.name == "Billing"  # from a rep the cursor goes to its team
        await driver.press("l")
        assert names(driver)[1] == "Ana Duarte"
        await driver.press("f")
        assert "Mia Lund" not in names(driver)
        await driver.press("f")
        assert "Mia Lund" in names(driver)


async def test_enter_on_a_rep_opens_exactly_their_tickets_of_the_same_period() -> None:
    async with driving() as driver:
        await driver.rows()
        await driver.press("j", "enter")
        await driver.rows()
        assert driver.screen.SCREEN == "tickets"
        where = driver.screen.where
        assert (where.rep, where.scored) == ("desk/r1", True)
        assert driver.table.total == 24
        assert "Ana Duarte" in driver.where
        assert "last 90 days" in driver.where
        await driver.press("escape")
        assert driver.screen.SCREEN == "reps"
        assert driver.row.name == "Ana Duarte"


async def test_t_opens_the_tickets_of_a_whole_team() -> None:
    async with driving() as driver:
        await driver.rows()
        await driver.press("t")
        await driver.rows()
        assert driver.screen.where == TicketFilter(team="Billing", scored=True)
        assert driver.table.total == 46


async def test_u_lists_the_unscored_tickets_of_the_period() -> None:
    async with driving() as driver:
        await driver.rows()
        await driver.press("u")
        await driver.rows()
        assert driver.screen.where.scored is False
        assert driver.table.total == 6
        assert "too short 3" in driver.note


@pytest.mark.parametrize(
    ("column", "first"),
    [
        ("tickets", "Sam Okafor"),
        ("overall", "Mia Lund"),
        ("tone", "Ana Duarte"),
        ("clarity", "Mia Lund"),
        ("empathy", "Ana Duarte"),
    ],
)
async def test_every_column_sorts_reps_within_their_team(column: str, first: str) -> None:
    async with driving() as driver:
        await driver.rows()
        await driver.command(f"sort {column}")
        shown = names(driver)
        assert driver.screen.sort_state == (column, True)
        reps = [name for name in shown if name == first]
        team = {"Sam Okafor": "Technical", "Mia Lund": "Technical", "Ana Duarte": "Billing"}[first]
        assert shown[shown.index(team) + 1] == reps[0]
        await driver.press("S")
        assert driver.screen.sort_state == (column, False)


async def test_s_walks_through_all_columns_and_comes_back() -> None:
    async with driving() as driver:
        await driver.rows()
        seen = []
        for _ in range(7):
            await driver.press("s")
            seen.append(driver.screen.sort_state[0])
        assert seen == ["tickets", "overall", "tone", "clarity", "empathy", "trend", "name"]


async def test_no_team_and_few_tickets_stand_last_whatever_the_order() -> None:
    async with driving() as driver:
        await driver.rows()
        for column in ("overall", "tone"):
            await driver.command(f"sort {column}")
            for _ in range(2):
                shown = names(driver)
                assert shown.index("No team") == len(shown) - 2
                billing = shown[shown.index("Billing") + 1 : shown.index("Billing") + 4]
                assert billing[-1] == "Li Na"
                await driver.press("S")


async def test_the_cursor_stays_on_its_row_when_the_order_changes() -> None:
    async with driving() as driver:
        await driver.rows()
        await driver.press("j", "j", "j")
        assert driver.row.name == "Tom Weiss"
        await driver.press("s", "S")
        assert driver.row.name == "Tom Weiss"


async def test_p_walks_through_the_periods() -> None:
    async with driving() as driver:
        await driver.rows()
        assert "last 90 days" in driver.where
        await driver.press("p")
        assert "last 365 days" in driver.where
        await driver.press("p")
        assert "all time" in driver.where
        await driver.press("p")
        assert "last 7 days" in driver.where
        assert driver.asked("reps")[-2].since is not None


async def test_a_short_period_still_draws_twelve_weeks() -> None:
    async with driving(period="7d") as driver:
        await driver.rows()
        ana = next(row for row in driver.screen._rows if row.name == "Ana Duarte")
        assert ana.tally.tickets < 5
        assert sum(week.tickets > 0 for week in ana.weeks) == 12


async def test_an_empty_period_falls_back_to_all_time_and_says_so() -> None:
    views = [make_view(1, KINDS[0].rep, (4, 4, 4), closed_at=NOW - timedelta(days=200))]
    async with driving(views, period="30d") as driver:
        await driver.rows()
        assert "all time" in driver.where
        assert "No ticket in the last 30 days" in driver.note
        await driver.press("p", "p")  # 90 days is as empty, 365 is not
        assert "last 365 days" in driver.where
        assert "No ticket" not in driver.note


async def test_words_in_the_filter_find_reps_and_teams_by_name() -> None:
    async with driving() as driver:
        await driver.rows()
        await driver.press("/")
        await driver.type("weiss")
        await driver.press("enter")
        assert names(driver) == ["Billing", "Tom Weiss"]
        await driver.press("escape")
        assert len(names(driver)) == 9


async def test_conditions_in_the_filter_narrow_the_tickets_behind_the_figures() -> None:
    async with driving() as driver:
        await driver.rows()
        await driver.command("filter channel:email")
        assert names(driver) == ["Billing", "Tom Weiss", "Technical", "Sam Okafor"]
        await driver.press("t")
        await driver.rows()
        assert driver.screen.where.channel == "email"


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (0, ["46 tickets with a score", "n = 46"]),
        (1, ["mean of the three scores ÷ 5", "÷ (3 × 46) ÷ 5", "95 % interval", "Left out", "too short 3"]),
        (2, ["How the rep sounds", "÷ 46 ="]),
        (5, ["one ISO week", "share one scale", "points"]),
    ],
)
async def test_space_explains_each_figure(steps: int, expected: list[str]) -> None:
    async with driving() as driver:
        await driver.rows()
        for _ in range(steps):
            await driver.press("tab")
        await driver.press("space")
        popover = driver.screen.query_one(Popover)
        for words in expected:
            assert words.casefold() in popover.text.casefold()
        await driver.press("escape")
        assert not popover.display


async def test_an_explanation_never_covers_its_own_row() -> None:
    async with driving() as driver:
        await driver.rows()
        for _ in range(len(names(driver))):
            await driver.press("space")
            popover = driver.screen.query_one(Popover)
            await driver.until(lambda shown=popover: shown.region.height > 0)
            assert not popover.region.overlaps(driver.table.row_region())
            await driver.press("space", "j")


async def test_the_pane_follows_the_cursor_where_there_is_room() -> None:
    async with driving(size=WIDE) as driver:
        await driver.rows()
        await driver.press("j")
        await driver.until(lambda: driver.screen.query_one(RepsPane)._row is not None)
        await driver.until(lambda: driver.screen.query_one(RepsPane)._row.name == "Ana Duarte")
        await driver.until(lambda: "Lowered most often by" in driver.text())
        text = driver.text()
        assert "cue passed over" in text
        assert "Exemplary" in text
        assert "Difficult" in text


async def test_no_detail_is_read_where_there_is_no_room_for_it() -> None:
    async with driving(size=NARROW) as driver:
        await driver.rows()
        await driver.press("j", "j")
        assert driver.asked("detail") == []


async def test_an_empty_workspace_says_what_fills_it() -> None:
    async with driving([]) as driver:
        await driver.until(lambda: driver.placard.display)
        await driver.quiet()
        assert driver.placard.kind == "empty"
        assert "qatui import" in driver.text()
        assert "qatui demo" in driver.text()


async def test_tickets_that_all_wait_say_how_to_score_them() -> None:
    views = [
        make_view(1, KINDS[0].rep, None, closed_at=NOW - timedelta(days=2), unscored=Unscored(Reason.WAITING))
    ]  # fmt: skip
    async with driving(views) as driver:
        await driver.until(lambda: driver.placard.display)
        await driver.quiet()
        assert "1 ticket and no score yet" in driver.text()
        assert "w lets the embedded judge" in driver.text()


async def test_the_overall_mapping_of_the_settings_is_what_is_explained() -> None:
    from qatui.domain.metrics import Tally
    from qatui.screens.words import explain_overall

    tally = Tally.of(4, 4, 4) + Tally.of(2, 3, 4)
    [_, formula, *_] = explain_overall(tally, Mapping.FROM_ONE)
    # (6 + 7 + 8) / 6 = 3.5; (3.5 - 1) / 4 = 62.5 %
    assert formula == "((6 + 7 + 8) ÷ (3 × 2) − 1) ÷ 4 = 62.5 %."
    [_, formula, *_] = explain_overall(tally, Mapping.OF_FIVE)
    assert formula == "(6 + 7 + 8) ÷ (3 × 2) ÷ 5 = 70.0 %."


async def test_coming_back_keeps_cursor_filter_and_folds() -> None:
    async with driving() as driver:
        await driver.rows()
        await driver.press("enter", "j", "j")
        name = driver.row.name
        await driver.press("2")
        await driver.press("1")
        assert driver.row.name == name
        assert names(driver)[:2] == ["Billing", "Technical"]
        assert len(driver.asked("reps")) == 1  # nothing changed, so nothing was read again


async def test_r_reads_again() -> None:
    async with driving() as driver:
        await driver.rows()
        driver.workspace.reports.views[:] = company()[:30]
        await driver.press("r")
        assert "Sam Okafor" not in names(driver)
