"""The Calibration screen: what it shows, what its cursor does, and what it changes, over a real workspace."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from textual.widgets import Static

from qatui.actions import BY_ID, actions_of
from qatui.app import QatuiApp
from qatui.domain.agreement import agreement
from qatui.domain.conversation import Rep
from qatui.domain.review import Scores
from qatui.domain.rubric import Dimension
from qatui.domain.verdict import JudgeIdentity
from qatui.screens.calibration import CalibrationScreen
from qatui.screens.calibration_adopt import ConfirmAdoption
from qatui.screens.calibration_explained import Figure, text
from qatui.screens.calibration_list import PairsScreen, PairTicketScreen
from qatui.screens.calibration_page import Part
from qatui.screens.frame import handler_name
from qatui.screens.ticket import TicketScreen
from qatui.widgets.confusion import Confusion
from tests.services.calibration_desk import GUEST, OFFLINE, VERA, desk_on, several
from tests.services.tickets import ticket
from tests.ui.calibration_desk import Desk, desk_at, made
from tests.ui.driving import WIDE
from tests.ui.test_hostile import ESCAPES, HOSTILE


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("calibration") / "template.db")


@pytest.fixture
async def desk(template: Path, tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk_at(template, tmp_path / "w.db") as desk:
        yield desk


@pytest.fixture
async def wide(template: Path, tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk_at(template, tmp_path / "w.db", size=WIDE) as desk:
        yield desk


# What is shown ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "screen"), [("calibration", CalibrationScreen), ("pairs", PairsScreen)])
def test_every_action_has_a_method_and_no_method_lacks_an_action(name: str, screen: type) -> None:
    wanted = {handler_name(action.id) for action in actions_of(name)}
    found = {attribute for cls in (screen, QatuiApp) for attribute in dir(cls) if attribute.startswith("do_")}
    assert wanted <= found
    assert found <= {handler_name(action_id) for action_id in BY_ID}


async def test_the_figures_are_those_of_the_service(desk: Desk) -> None:
    calibration = desk.workspace.calibration
    found = await calibration.compare(await calibration.find("offline"))
    lines = desk.driver.text().splitlines()
    assert "offline · v1 compared with people" in lines[1]
    for dimension, line in zip(Dimension, lines[4:7], strict=True):
        each = found.agreements[dimension]
        assert line.lstrip("▌ ").split()[:2] == [dimension.label, str(each.pairs)]
        assert f"{each.kappa:.2f}" in line
        assert f"{each.interval[0]:.2f} to {each.interval[1]:.2f}" in line  # type: ignore[index]
    matrix = desk.screen.matrix
    assert [matrix.number((a, b)) for a in range(1, 6) for b in range(1, 6)] == [
        number for row in found.agreements[Dimension.TONE].table for number in row
    ]
    assert "Agreement is lowest in" in desk.driver.note
    rests = str(desk.screen.query_one("#rests", Static).render())
    assert f"{found.blind} scored blind, {found.own} with the judge's scores in sight" in rests
    assert "1 dispute without scores." in rests


async def test_where_there_is_room_all_matrices_are_seen(wide: Desk) -> None:
    assert [matrix.display for matrix in wide.screen.matrices] == [True, True, True]
    await wide.driver.pilot.resize_terminal(80, 24)
    await wide.driver.quiet()
    assert [matrix.display for matrix in wide.screen.matrices] == [True, False, False]
    await wide.press("j")
    assert [matrix.display for matrix in wide.screen.matrices] == [False, True, False]


async def test_without_reviews_the_screen_says_where_to_give_some(tmp_path: Path) -> None:
    path = tmp_path / "bare.db"
    async with desk_on(path) as services:
        tickets = several(3)
        await services.add(tickets)
        await services.judge(OFFLINE, [(1, tickets[0], Scores(4, 4, 4))])
    async with desk_at(path, tmp_path / "w.db") as desk:
        assert "Nobody has given a ticket scores yet" in desk.screen.placard.text
        assert "Q opens the review queue" in desk.screen.placard.text
        assert "There are no figures here." in (desk.screen.why_disabled("calibration.open") or "")


async def test_a_workspace_that_nobody_judged_says_so(tmp_path: Path) -> None:
    path = tmp_path / "bare.db"
    async with desk_on(path):
        pass
    async with desk_at(path, tmp_path / "w.db") as desk:
        assert "No judge has read anything here yet." in desk.screen.placard.text
        await desk.press("o")
        assert "Nobody else has scored here." in desk.driver.note


# The cursor ------------------------------------------------------------------------------------------


async def test_the_cursor_walks_from_figures_through_the_matrix_to_the_list_and_back(desk: Desk) -> None:
    assert desk.screen.part is Part.FIGURES
    await desk.press("j", "j", "j")
    assert desk.screen.part is Part.MATRIX
    assert desk.screen.dimension is Dimension.EMPATHY
    assert desk.screen.matrix.cell == (3, 3)
    await desk.press("j", "j", "l", "j")
    assert desk.screen.part is Part.WORST
    await desk.press("k")
    assert desk.screen.part is Part.MATRIX
    assert desk.screen.matrix.cell == (5, 4)
    await desk.press("tab", "tab")
    assert desk.screen.part is Part.FIGURES
    await desk.press("shift+tab", "j", "G")
    assert desk.screen.worst.cursor == len(desk.screen.report.worst) - 1  # type: ignore[union-attr]
    await desk.press("g")
    assert (desk.screen.part, desk.screen.dimension) == (Part.FIGURES, Dimension.TONE)


async def test_from_the_edge_of_a_matrix_the_cursor_goes_into_the_next(wide: Desk) -> None:
    await wide.press("tab", "l", "l", "l")
    assert wide.screen.dimension is Dimension.CLARITY
    assert wide.screen.matrix.cell == (3, 1)
    assert wide.driver.app.focused is wide.screen.matrix
    await wide.press("h")
    assert wide.screen.dimension is Dimension.TONE
    assert wide.screen.matrix.cell == (3, 5)


@pytest.mark.parametrize("figure", Figure)
async def test_every_figure_explains_itself_with_its_own_numbers(desk: Desk, figure: Figure) -> None:
    await desk.press(*"l" * list(Figure).index(figure), "space")
    report = desk.screen.report
    assert report is not None
    each = report.agreements[Dimension.TONE]
    expected = {
        Figure.TICKETS: "reviews left out: disputes without scores",
        Figure.EXACT: f"{each.exact} ÷ {each.pairs} =",
        Figure.WITHIN_ONE: f"{each.within_one} ÷ {each.pairs} =",
        Figure.DIFFERENCE: f"({each.sums[0]} − {each.sums[1]}) ÷ {each.pairs} =",
        Figure.KAPPA: f"1 − {each.squares} ÷ {each.squares_by_chance:.1f} =",
        Figure.INTERVAL: "the middle 95 % of the kappas of 2,000 draws",
    }[figure]
    assert expected in desk.explained
    assert "↵ lists the tickets" in desk.explained
    await desk.press("escape")
    assert not desk.screen.popover.display


async def test_an_open_explanation_follows_the_cursor_and_leaves_its_cell_free(desk: Desk) -> None:
    await desk.press("space", "j")
    assert "Clarity: tickets" in desk.explained
    await desk.press("tab", "l")
    assert "Clarity 3 by offline · v1, 4 by people" in desk.explained
    assert "by chance it would be" in desk.explained
    popover, cell = desk.screen.popover.region, desk.screen.cursor_region()
    assert not popover.overlaps(cell)
    await desk.press("tab")
    pair = desk.screen.worst.row
    assert pair is not None
    assert pair.row.key in desk.explained
    assert f"furthest apart: {pair.furthest}" in desk.explained


async def test_the_mouse_points_and_opens(desk: Desk) -> None:
    matrix = desk.screen.matrix
    await desk.driver.pilot.click(matrix, offset=(4 + 6 * 2 + 3, 2 + 1))
    await desk.driver.quiet()
    assert matrix.cell == (2, 3)
    assert desk.screen.part is Part.MATRIX
    await desk.driver.pilot.click(matrix, offset=(4 + 6 * 2 + 3, 2 + 1))
    await desk.driver.quiet()
    assert isinstance(desk.driver.app.screen, PairsScreen)


# Opening ---------------------------------------------------------------------------------------------


async def test_enter_lists_exactly_the_tickets_that_a_figure_or_cell_counts(desk: Desk) -> None:
    report = desk.screen.report
    assert report is not None
    each = report.agreements[Dimension.TONE]
    for keys, number in (
        (("enter",), each.pairs),
        (("l", "enter"), each.exact),
        (("l", "enter"), each.within_one),
        (("tab", "enter"), each.table[2][2]),
    ):
        await desk.press(*keys)
        listed = desk.driver.app.screen
        assert isinstance(listed, PairsScreen)
        assert f"{number} ticket" in desk.driver.note
        await desk.press("escape")
    assert desk.screen.matrix.cell == (3, 3)


async def test_a_disagreement_opens_its_transcript_and_brackets_walk_the_list(desk: Desk) -> None:
    await desk.press("tab", "tab", "j", "enter")
    report = desk.driver.app.screen_stack[-2].report  # type: ignore[attr-defined]
    transcript = desk.driver.app.screen
    assert isinstance(transcript, PairTicketScreen)
    assert transcript.view is not None
    assert transcript.view.row.row_id == report.worst[1].row.row_id
    await desk.press("]")
    assert transcript.view.row.row_id == report.worst[2].row.row_id
    await desk.press("escape")
    assert desk.screen.worst.cursor == 2


async def test_a_listed_ticket_opens_its_transcript(desk: Desk) -> None:
    await desk.press("enter", "j", "enter")
    assert isinstance(desk.driver.app.screen, PairTicketScreen)
    await desk.press("escape", "escape")
    assert desk.screen.report is not None


# Choosing what is compared ---------------------------------------------------------------------------


async def test_parties_turn_by_key_and_are_named_by_command(desk: Desk) -> None:
    await desk.press("f")
    assert "vera compared with people" in desk.driver.text()
    await desk.driver.command("judge llm")
    assert "llm · small compared with people" in desk.driver.text()
    await desk.driver.command("against offline")
    assert "llm · small compared with offline · v1" in desk.driver.text()
    assert "By people" not in desk.driver.text()
    await desk.press("o")
    assert "llm · small compared with people" in desk.driver.text()
    await desk.driver.command("against zoe")
    assert "There is no 'zoe' to compare; choose" in desk.driver.note
    await desk.driver.command("calibration offline")
    assert "offline · v1 compared with people" in desk.driver.text()


async def test_a_judge_named_before_anything_was_read_is_looked_at(template: Path, tmp_path: Path) -> None:
    async with desk_at(template, tmp_path / "w.db", keys="1") as desk:
        await desk.driver.command("calibration llm")
        await desk.driver.until(lambda: desk.screen.report is not None)
        await desk.driver.quiet()
        assert desk.screen.report.first.judge.judge == "llm"


async def test_what_is_typed_keeps_the_keyboard_when_figures_come(desk: Desk) -> None:
    await desk.driver.pilot.press(":")
    await desk.driver.until(lambda: desk.screen.query("#command Input"))
    desk.screen.do_app_refresh("")
    await desk.driver.quiet()
    assert desk.screen.focused is desk.screen.query_one("#command Input")


async def test_the_judge_that_was_asked_about_is_adopted(desk: Desk) -> None:
    screen = desk.screen
    asked = screen.report.first
    await desk.press("A")
    screen.report = None  # another comparison came in
    await desk.press("enter")
    assert next(party.name for party in await desk.workspace.calibration.parties() if party.adopted) == asked.name


async def test_blind_golden_and_period_narrow_and_say_so_above(desk: Desk) -> None:
    every = desk.screen.report
    await desk.press("b")
    blind = desk.screen.report
    assert every is not None
    assert blind is not None
    assert blind.pairs == every.blind
    assert "blind" in desk.driver.where
    await desk.press("b", "n")
    assert "Nothing is pinned" in desk.screen.placard.text
    assert "n counts all tickets" in desk.screen.placard.text.lower()
    await desk.press("n", "p")
    assert "last 7 days" in desk.driver.where
    await desk.driver.command("period all")
    assert desk.screen.report is not None
    assert desk.screen.report.pairs == every.pairs


# Changing --------------------------------------------------------------------------------------------


async def test_adopting_asks_first_then_says_so_and_can_be_undone(desk: Desk) -> None:
    await desk.press("A")
    assert isinstance(desk.driver.app.screen, ConfirmAdoption)
    assert "Adopt offline · v1?" in desk.driver.text()
    await desk.press("escape")
    assert await desk.workspace.calibration.adopted() is None
    await desk.press("A", "enter")
    adopted = await desk.workspace.calibration.adopted()
    assert adopted is not None
    assert adopted.judge == "offline"
    assert "Adopted offline · v1" in desk.driver.note
    await desk.driver.until(lambda: "(adopted)" in desk.driver.text())
    await desk.press("A")
    assert "Adopt no judge any more, instead of offline · v1?" in desk.driver.text()
    await desk.press("escape", "z")
    assert await desk.workspace.calibration.adopted() is None


async def test_who_may_not_adopt_is_told_who_could(template: Path, tmp_path: Path) -> None:
    for who in (GUEST, VERA):
        async with desk_at(template, tmp_path / f"{who.name}.db", who=who) as desk:
            await desk.press("A")
            assert "have them judged" in desk.driver.note
            assert isinstance(desk.driver.app.screen, CalibrationScreen)


async def test_a_reviewer_cannot_be_adopted(desk: Desk) -> None:
    await desk.driver.command("judge vera")
    await desk.press("A")
    assert "No judge is looked at" in desk.driver.note


async def test_tickets_are_pinned_where_they_are_read(template: Path, tmp_path: Path) -> None:
    async with desk_at(template, tmp_path / "w.db", keys="2") as desk:
        await desk.driver.rows()
        await desk.driver.command("pin")
        assert "Pinned desk/T-" in desk.driver.note
        await desk.press("enter")
        assert isinstance(desk.driver.app.screen, TicketScreen)
        await desk.driver.command("pin")
        assert "pinned already" in desk.driver.note
        await desk.driver.command("unpin")
        assert "out of the golden set" in desk.driver.note
        assert await desk.workspace.calibration.golden() == ()
        await desk.driver.command("undo")
        assert len(await desk.workspace.calibration.golden()) == 1


async def test_new_reviews_are_in_the_figures_when_one_comes_back(desk: Desk) -> None:
    report = desk.screen.report
    assert report is not None
    await desk.press("2")
    await desk.driver.rows()
    await desk.workspace.reviews.score(60, Scores(3, 3, 3))  # so far only disputed
    desk.driver.app.workspace_changed()
    await desk.press("5")
    assert desk.screen.report is not None
    assert desk.screen.report.pairs == report.pairs + 1


def test_what_a_figure_shows_is_none_where_there_is_nothing() -> None:
    nothing = agreement([])
    assert [text(figure, nothing) for figure in Figure] == ["0", None, None, None, None, None]


def test_a_matrix_ends_where_it_ends() -> None:
    matrix = Confusion()
    assert matrix.move(-2, -2)
    assert matrix.cell == (1, 1)
    assert not matrix.move(-1, 0)
    assert not matrix.move(0, -1)


async def test_after_a_run_that_read_pinned_tickets_the_advice_is_said(template: Path, tmp_path: Path) -> None:
    async with desk_at(template, tmp_path / "w.db", keys="2") as desk:
        await desk.driver.rows()
        await desk.driver.command("pin")
        await desk.driver.command("score offline")
        await desk.driver.until(lambda: "Advice: too few." in desk.driver.note)
        assert "1 pinned ticket has" in desk.driver.note or "0 pinned tickets have" in desk.driver.note


@pytest.mark.parametrize("kind", HOSTILE)
async def test_what_strangers_write_steers_nothing(kind: str, tmp_path: Path) -> None:
    """In the names of a ticket, a rep and a judge's model."""
    words = HOSTILE[kind]
    judge = JudgeIdentity("llm", words or "model", "rubric")
    path = tmp_path / "hostile.db"
    async with desk_on(path) as services:
        told = ticket(1, rep=Rep("r1", words or "Ana", None), subject=words)
        await services.add([told])
        await services.judge(judge, [(1, told, Scores(1, 5, 3))])
        await services.review(VERA, 1, Scores(4, 2, 3))
    async with desk_at(path, tmp_path / "w.db", size=WIDE) as desk:
        seen = [desk.driver.text()]
        for keys in (("space",), ("escape", "tab", "space"), ("tab",), ("escape", "A"), ("escape", "g", "enter")):
            await desk.press(*keys)
            seen.append(desk.driver.text())
        await desk.press("escape", "f")
        seen.append(desk.driver.text())
    for screen in seen:
        assert not ESCAPES.search(screen)
    assert desk.driver.app.return_code is None
