"""What every screen has: where line, note, keys, command line, palette, help, themes, errors."""

from __future__ import annotations

import asyncio
import sys

import pytest
from textual.command import CommandPalette
from textual.events import Key
from textual.widgets import Input

from qatui.actions import BY_ID, actions_of
from qatui.app import QatuiApp
from qatui.errors import ConfigError, NewerDatabaseError, StoreError
from qatui.screens.dialog import ErrorDialog
from qatui.screens.frame import handler_name
from qatui.screens.frame_lines import NOTE_LINES, TooSmall, WhereLine
from qatui.screens.help import HelpScreen
from qatui.screens.reps import RepsScreen
from qatui.screens.ticket import TicketScreen
from qatui.screens.tickets import TicketsScreen
from tests.ui.driving import WIDE, driving, settings
from tests.ui.fake_workspace import FakeWorkspace, company, opener

SCREENS = {
    "reps": RepsScreen,
    "tickets": TicketsScreen,
    "ticket": TicketScreen,
}


@pytest.mark.parametrize("screen", SCREENS)
def test_every_action_of_a_screen_has_a_method_and_no_method_lacks_an_action(screen: str) -> None:
    wanted = {handler_name(action.id) for action in actions_of(screen)}
    found = {name for cls in (SCREENS[screen], QatuiApp) for name in dir(cls) if name.startswith("do_")}
    assert wanted <= found
    assert found <= {handler_name(action_id) for action_id in BY_ID}


@pytest.mark.parametrize("screen", SCREENS)
async def test_every_key_of_every_screen_does_something_or_says_why_not(screen: str) -> None:
    """Each key once on a fresh screen: nothing crashes, and what cannot be done is told in the note line."""
    keys = [key for action in actions_of(screen) for key in action.keys.split(",") if key]
    async with driving() as driver:
        for key in keys:
            if BY_ID.get("app.quit") and key in BY_ID["app.quit"].keys.split(","):
                continue
            while len(driver.app.screen_stack) > 1:
                await driver.app.pop_screen()
            await driver.app.switch_mode("tickets" if screen == "ticket" else screen)
            if screen == "ticket":
                await driver.rows()
                await driver.press("enter")
                await driver.until(lambda: driver.screen.SCREEN == "ticket" and driver.screen.view is not None)
            elif screen in ("reps", "tickets"):
                await driver.rows()
            await driver.press(key)
            driver.app.scoring.stop()
        await driver.quiet()


async def test_the_numbers_go_to_the_four_screens_and_the_where_line_shows_which() -> None:
    async with driving() as driver:
        for key, name in (("2", "[2 Tickets]"), ("3", "[3 Performance]"), ("4", "[4 Gaps]"), ("1", "[1 Reps]")):
            await driver.press(key)
            assert name in driver.where


async def test_at_most_six_keys_and_help_is_always_one_of_them() -> None:
    async with driving() as driver:
        await driver.rows()
        assert len([part for part in driver.keys.split("   ") if part.strip()]) == 6
        assert "? help" in driver.keys


async def test_q_leaves_and_closes_the_workspace() -> None:
    chosen = settings()
    workspace = FakeWorkspace(company(), chosen)
    async with driving(workspace=workspace) as driver:
        await driver.press("q")
        assert driver.app.return_value == 0
    assert workspace.closed


async def test_escape_with_nothing_to_go_back_to_says_how_to_leave() -> None:
    async with driving() as driver:
        await driver.press("escape")
        assert driver.note == "Nothing to go back to; q leaves qatui."


async def test_ctrl_c_does_not_leave() -> None:
    async with driving() as driver:
        await driver.press("ctrl+c")
        assert driver.note == "Nothing is selected; q leaves qatui."


async def test_a_notice_from_the_command_line_is_shown_first_and_gives_way() -> None:
    async with driving(notice="Made a sample workspace.") as driver:
        assert driver.note == "Made a sample workspace."
        driver.screen.note._fall_silent()
        assert "Empathy is lowest" in driver.note


async def test_a_note_that_is_too_long_ends_in_a_mark() -> None:
    async with driving() as driver:
        await driver.rows()
        driver.screen.say("words " * 60, stay=True)
        await driver.quiet()
        note = driver.screen.note
        assert note.size.height == NOTE_LINES
        assert str(note.render()).endswith("…")


async def test_a_passing_note_clears_itself() -> None:
    async with driving() as driver:
        await driver.rows()
        await driver.press("escape")
        note = driver.screen.note
        assert note._timer is not None
        note._fall_silent()
        assert "Empathy is lowest" in driver.note


# ':' line, palette, help ------------------------------------------------------------------------------


async def test_commands_by_name_beginning_and_argument() -> None:
    async with driving() as driver:
        await driver.rows()
        await driver.command("tickets rep:Ana")
        await driver.until(lambda: driver.screen.SCREEN == "tickets")
        assert driver.screen.where.rep == "Ana"
        await driver.command("period 30d")
        assert "last 30 days" in driver.where
        await driver.command("reps")
        assert driver.screen.SCREEN == "reps"
        await driver.command("theme light")
        assert driver.app.theme == "light"
        await driver.command("q")
        assert driver.app.return_value == 0


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("tikcets", "There is no command :tikcets here; did you mean :tickets?"),
        ("period 3w", "There is no period '3w'; choose 7d, 30d, 90d, 365d, all."),
        ("theme pink", "There is no theme 'pink'; choose dark, light, ansi, contrast."),
        ("reverse now", ":reverse takes nothing after its name."),
        ("re", ":re could be :redo, :refresh, :reps or :reverse."),
        ("filter empathy:9", "9"),
    ],
)
async def test_commands_that_cannot_be_say_what_can(line: str, answer: str) -> None:
    async with driving() as driver:
        await driver.rows()
        await driver.command(line)
        assert answer in driver.note


async def test_tab_completes_a_command_and_escape_gives_the_keyboard_back() -> None:
    async with driving() as driver:
        await driver.rows()
        await driver.pilot.press(":")
        await driver.type("perf")
        field = driver.screen.query_one("#command Input", Input)
        await driver.until(lambda: field._suggestion == "performance")
        await driver.pilot.press("tab")
        assert field.value == "performance"
        await driver.press("escape")
        assert not driver.screen.query("#command")
        await driver.press("j")
        assert driver.table.cursor == 1


async def test_an_unknown_ticket_is_an_error_with_a_hint() -> None:
    async with driving() as driver:
        await driver.rows()
        await driver.command("ticket T-9")
        await driver.until(lambda: isinstance(driver.app.screen, ErrorDialog))
        text = driver.text()
        assert "Not found" in text
        assert "There is no ticket 'T-9'." in text
        assert "Look for it with /" in text
        await driver.press("enter")
        assert driver.screen.SCREEN == "reps"


async def test_the_palette_has_the_same_actions_with_their_keys() -> None:
    async with driving(keys={"list.period": "P"}) as driver:
        await driver.rows()
        await driver.pilot.press("ctrl+p")
        await driver.until(lambda: isinstance(driver.app.screen, CommandPalette))
        await driver.type("period")
        await driver.until(lambda: "Period  (P)" in driver.text())
        await driver.pilot.press("enter")
        await driver.until(lambda: not isinstance(driver.app.screen, CommandPalette))
        await driver.until(lambda: "last 365 days" in driver.where)


async def test_help_is_for_where_one_is_searchable_and_says_why_not() -> None:
    async with driving() as driver:
        await driver.rows()
        await driver.press("?")
        assert isinstance(driver.app.screen, HelpScreen)
        assert "Their tickets" in driver.text()
        await driver.type("waiting")
        text = driver.text()
        assert "Score waiting tickets" in text
        assert "Their tickets" not in text
        await driver.press("escape")
        await driver.press("3", "?")
        assert "Their tickets" not in driver.text()
        await driver.press("escape")
        driver.workspace.reports.views[:] = [v for v in company() if str(v.row.unscored) != "waiting"]
        await driver.press("1", "r", "?")
        await driver.type("waiting")
        assert "Not now: No ticket waits" in driver.text()


# Keys -------------------------------------------------------------------------------------------------


async def test_remapped_keys_work_and_the_old_ones_do_not() -> None:
    async with driving(keys={"go.tickets": "f5,T", "app.theme": "X"}) as driver:
        await driver.press("2")
        assert driver.screen.SCREEN == "reps"
        await driver.press("T")
        assert driver.screen.SCREEN == "tickets"
        await driver.press("1", "f5")
        assert driver.screen.SCREEN == "tickets"
        await driver.press("X")
        assert driver.app.theme == "light"


async def test_two_actions_can_swap_their_keys() -> None:
    async with driving(keys={"list.sort": "p", "list.period": "s"}) as driver:
        await driver.rows()
        await driver.press("p")
        assert driver.screen.sort_state == ("tickets", True)
        await driver.press("s")
        assert "last 365 days" in driver.where


def test_keys_that_cannot_be_stop_the_application_before_it_starts() -> None:
    with pytest.raises(ConfigError):
        QatuiApp(settings(keys={"go.tickets": "1"}))


# Themes, sizes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("theme", ["dark", "light", "ansi", "contrast"])
async def test_every_theme_shows_every_screen(theme: str) -> None:
    async with driving(theme=theme, size=WIDE) as driver:
        await driver.rows()
        await driver.press("tab", "space")
        await driver.press("2")
        await driver.rows()
        await driver.press("enter", "?", "escape", "escape", "3", "4")
        assert driver.app.theme == theme


async def test_no_color_is_obeyed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with driving() as driver:
        await driver.rows()
        assert driver.app.no_color
        for strip in driver.app.screen._compositor.render_strips():
            for segment in strip.apply_filter(
                driver.app.get_line_filters()[-1], driver.app.screen.background_colors[1]
            ):
                if segment.style is not None and segment.style.color is not None:
                    red, green, blue = segment.style.color.get_truecolor()
                    assert red == green == blue


@pytest.mark.parametrize(("size", "covered"), [((79, 24), True), ((80, 23), True), ((80, 24), False)])
async def test_a_terminal_that_is_too_small_is_told_the_size_it_needs(size: tuple[int, int], covered: bool) -> None:
    async with driving(size=size) as driver:
        assert driver.screen.query_one(TooSmall).display is covered
        if covered:
            assert f"here are {size[0]} × {size[1]}" in driver.text()
            assert "qatui needs 80 × 24" in driver.text()


async def test_making_the_terminal_larger_brings_the_screen_back() -> None:
    async with driving(size=(60, 20)) as driver:
        await driver.pilot.resize_terminal(130, 40)
        await driver.rows()
        assert not driver.screen.query_one(TooSmall).display
        assert "Lowered" not in driver.text()
        await driver.press("j")
        await driver.until(lambda: "Lowered most often by" in driver.text())


# Opening and failing ----------------------------------------------------------------------------------


async def test_the_frame_stands_before_the_workspace_is_open() -> None:
    gate = asyncio.Event()
    chosen = settings()
    workspace = FakeWorkspace(company(), chosen)
    ready = opener(workspace)

    def slow(settings):
        class Slow:
            async def __aenter__(self):
                await gate.wait()
                self.inner = ready(settings)
                return await self.inner.__aenter__()

            async def __aexit__(self, *failure):
                return await self.inner.__aexit__(*failure)

        return Slow()

    app = QatuiApp(chosen, open_workspace=slow)
    async with app.run_test(size=(80, 24)) as pilot:
        while not isinstance(app.screen, RepsScreen):
            await pilot.pause(0.01)
        await pilot.pause()
        text = "\n".join(strip.text for strip in app.screen._compositor.render_strips())
        assert "[1 Reps]" in text
        assert "Team / rep" in text
        await pilot.press("p")
        assert app.screen.note.text == "The workspace is still being opened."
        gate.set()
        while app.session.workspace is None:
            await pilot.pause(0.01)
        while app.screen.table.row is None:
            await pilot.pause(0.01)


@pytest.mark.parametrize(
    "error",
    [
        NewerDatabaseError("This workspace was written by a newer qatui.", hint="Install that version."),
        StoreError("x.db is not a database.", hint="Give another path."),
        RuntimeError("boom"),
    ],
)
async def test_a_workspace_that_cannot_be_opened_is_an_error_in_place_of_rows(error: Exception) -> None:
    def refuse(_settings):
        raise error

    app = QatuiApp(settings(), open_workspace=refuse)
    async with app.run_test(size=(80, 24)) as pilot:
        while not app.screen.query("#placard") or not app.screen.placard.text:
            await pilot.pause(0.01)
        placard = app.screen.placard
        assert placard.kind == "error"
        assert getattr(error, "message", "boom") in placard.text
        assert "No figures are shown" in app.screen.note.text


async def test_a_failure_later_keeps_the_figures_and_says_how_old_they_are() -> None:
    async with driving() as driver:
        await driver.rows()
        driver.workspace.reports.broken = StoreError("The disk is full.", hint="Make room.")
        await driver.press("p")
        await driver.until(lambda: isinstance(driver.app.screen, ErrorDialog))
        assert "Make room." in driver.text()
        await driver.press("escape")
        assert driver.note == "Reading the report failed: what you see was read before."
        assert driver.row is not None
        driver.workspace.reports.broken = None
        await driver.press("r")
        assert "last 365 days" in driver.where


@pytest.mark.parametrize("key", ["2", "enter"])
async def test_failures_of_the_list_and_of_a_ticket_become_messages(key: str) -> None:
    async with driving() as driver:
        await driver.press("2") if key == "enter" else None
        await driver.rows()
        driver.workspace.reports.broken = StoreError("The disk is gone.")
        await driver.pilot.press(key)
        await driver.until(lambda: "The disk is gone." in driver.text())


async def test_scoring_tells_how_far_it_is_and_refreshes_the_figures() -> None:
    async with driving() as driver:
        await driver.rows()
        assert "2 waiting (w)" in driver.note
        await driver.pilot.press("w")
        await driver.until(lambda: driver.note == "Scoring 1 of 2 (50%); esc stops it.")
        await driver.pilot.press("w")
        await driver.until(lambda: "under way already" in driver.note)
        driver.workspace.go_on.set()
        await driver.until(lambda: driver.note == "Scored 2 tickets.")
        await driver.quiet()
        ana = next(row for row in driver.screen._rows if row.name == "Ana Duarte")
        assert ana.tally.tickets == 26
        driver.screen.note._fall_silent()
        assert "waiting (w)" not in driver.note


async def test_escape_stops_a_run_and_says_what_is_kept() -> None:
    async with driving() as driver:
        await driver.press("2")
        await driver.rows()
        await driver.pilot.press("w")
        await driver.until(lambda: driver.note.startswith("Scoring 1 of 2"))
        await driver.press("escape")
        await driver.until(lambda: driver.note.startswith("Scoring stopped; what was judged is kept."))
        assert not driver.app.scoring.running


async def test_a_run_that_fails_is_an_error_with_its_message() -> None:
    async with driving() as driver:
        await driver.rows()
        driver.workspace.scoring_fails = StoreError("No room for verdicts.")
        driver.workspace.go_on.set()
        await driver.pilot.press("w")
        await driver.until(lambda: isinstance(driver.app.screen, ErrorDialog))
        assert "No room for verdicts." in driver.text()


async def test_a_run_goes_on_while_one_looks_elsewhere() -> None:
    async with driving() as driver:
        await driver.rows()
        await driver.pilot.press("w")
        await driver.until(lambda: driver.note.startswith("Scoring 1 of 2"))
        await driver.press("2")
        driver.workspace.go_on.set()
        await driver.until(lambda: driver.note == "Scored 2 tickets.")


async def test_nothing_ticks_while_nobody_does_anything() -> None:
    async with driving(size=WIDE) as driver:
        await driver.rows()
        await driver.until(lambda: "Lowered" in driver.text())
        nodes = [driver.app, driver.screen, *driver.screen.walk_children()]
        ticking = [timer for node in nodes for timer in node._timers if timer._task and not timer._task.done()]
        assert [timer.name for timer in ticking if timer._active.is_set()] == []


@pytest.mark.parametrize(("opening", "typed"), [("/", "late parcel"), (":", "period 30d"), ("?", "sort p/")])
async def test_keys_that_come_in_a_burst_after_an_input_opens_land_in_it(opening: str, typed: str) -> None:
    """Over a slow line several keys arrive at once: none of them may be taken for a command."""
    async with driving() as driver:
        await driver.rows()
        for character in opening + typed:
            key = {" ": "space", "/": "slash", ":": "colon", "?": "question_mark"}.get(character, character)
            driver.app.post_message(Key(key, character))
        await driver.until(lambda: isinstance(driver.app.focused, Input) and driver.app.focused.value == typed)


async def test_processes_can_be_started_while_the_application_holds_the_terminal() -> None:
    """Judging many tickets uses processes; Textual's stand-in for standard error has no file number."""
    script = """
from qatui.services.scoring.crew import crew
from textual.app import App

class Application(App):
    async def on_mount(self):
        async with crew(1) as workers:
            self.exit(6 + len(workers))

raise SystemExit(Application().run(headless=True))
"""
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", script, stdout=asyncio.subprocess.DEVNULL)
    assert await process.wait() == 7


@pytest.mark.parametrize(("line", "place"), [("reps", "reps"), ("tickets", "tickets"), ("queue 5", "queue")])
async def test_a_command_leads_away_from_a_ticket(line: str, place: str) -> None:
    async with driving() as driver:
        await driver.rows()
        await driver.press("2", "enter")
        await driver.until(lambda: driver.screen.SCREEN == "ticket")
        await driver.command(line)
        await driver.until(lambda: place == driver.screen.SCREEN)


async def test_a_click_on_a_title_leads_away_from_a_ticket() -> None:
    async with driving() as driver:
        await driver.rows()
        await driver.press("2", "enter")
        await driver.until(lambda: driver.screen.SCREEN == "ticket")
        await driver.pilot.click(WhereLine, offset=(driver.where.index("1 Reps") + 2, 0))
        await driver.until(lambda: driver.screen.SCREEN == "reps")


async def test_a_command_that_cannot_be_done_is_answered_where_it_led() -> None:
    async with driving() as driver:
        await driver.rows()
        await driver.press("2", "enter")
        await driver.command("tickets foo:bar")
        assert driver.screen.SCREEN == "tickets"
        assert driver.note.startswith('"foo:" is no condition')
