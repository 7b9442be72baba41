"""The Gaps screen: what it shows, how one clears it by keyboard, and that undo brings everything back."""

from __future__ import annotations

import asyncio
import io
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from qatui.actions import BY_ID, actions_of
from qatui.app import QatuiApp
from qatui.domain.gap_topic import WAITING, TopicFilter, TopicState
from qatui.domain.people import Account
from qatui.errors import StoreError
from qatui.screens.frame import handler_name
from qatui.screens.gaps import CHANGES, GapsScreen
from qatui.screens.prompt import Prompt
from qatui.screens.ticket import TicketScreen
from qatui.services.demo import ensure_demo
from qatui.store import gaps_grouping
from tests.services.gap_tickets import NOW, asked, dump, needs
from tests.ui.driving import WIDE, driving, settings
from tests.ui.gaps_desk import Desk, desk_at, made

VERA = Account(54_321, "vera")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that every test starts from a copy of."""
    path = tmp_path_factory.mktemp("gaps") / "template.db"
    asyncio.run(made(path))
    return path


@pytest.fixture
async def desk(template: Path, tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk_at(template, tmp_path / "gaps.db") as desk:
        yield desk


@pytest.fixture
async def wide(template: Path, tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk_at(template, tmp_path / "gaps.db", size=WIDE) as desk:
        yield desk


def decided(path: Path) -> dict[str, object]:
    """Every row of what people decide about topics, as stored."""
    tables = dump(path)
    return {name: rows for name, rows in tables.items() if name != "gap_vectors"}


# What is shown ---------------------------------------------------------------------------------------


def test_every_action_has_a_method_and_no_method_lacks_an_action() -> None:
    wanted = {handler_name(action.id) for action in actions_of("gaps")}
    found = {name for cls in (GapsScreen, QatuiApp) for name in dir(cls) if name.startswith("do_")}
    assert wanted <= found
    assert found <= {handler_name(action_id) for action_id in BY_ID}


async def test_topics_stand_by_conversations_with_what_waits_in_the_note(desk: Desk) -> None:
    rows = desk.screen._rows.all
    assert [row.conversations for row in rows] == [8, 6, 6, 1]
    assert "locker" in desk.names[0]
    assert "3 topics with 21 questions wait for an answer; 1 not grouped yet." in desk.driver.note
    assert "27 Mar" in desk.driver.text()
    assert "12 weeks" in desk.driver.text()


async def test_enter_opens_a_topic_then_a_transcript_and_esc_goes_back(desk: Desk) -> None:
    await desk.press("enter")
    assert "8 conversations" in desk.driver.text()
    assert "T-50" in desk.driver.text()
    await desk.press("j", "enter")
    transcript = desk.driver.app.screen
    assert isinstance(transcript, TicketScreen)
    assert transcript.view is not None
    assert transcript.view.row.key.endswith("T-51")
    assert "“Can the parcel be delivered to a parcel locker tomorrow?”" in desk.driver.note
    await desk.press("]", "escape")
    assert desk.screen.pane.questions.cursor == 2
    await desk.press("escape")
    assert desk.screen.part == "topics"
    assert not desk.screen.has_class("-inside")


async def test_where_there_is_room_the_topic_under_the_cursor_stands_beside_the_list(wide: Desk) -> None:
    assert "8 conversations" in wide.driver.text()
    await wide.press("j")
    assert "6 conversations" in wide.driver.text()
    assert wide.screen.part == "topics"


async def test_a_draft_is_quoted_with_its_source_and_the_next_one_too(wide: Desk) -> None:
    text = " ".join(wide.driver.text().split())
    assert "Draft (1 of 2) from T-50, Ana Pires, 27 Mar" in text
    await wide.press("ctrl+n")
    assert "Draft (2 of 2) from T-51" in " ".join(wide.driver.text().split())
    await wide.press("j", "t")
    assert "No rep answered this in public" in wide.driver.note


# Answering -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(80, 24), (130, 40)])
async def test_create_and_resolve_goes_on_to_the_next_topic(
    template: Path, tmp_path: Path, size: tuple[int, int]
) -> None:
    async with desk_at(template, tmp_path / "gaps.db", size=size) as desk:
        first, second, *_ = (row.topic for row in desk.screen._rows.all)
        await desk.press("t")
        assert desk.screen.part == "answer"
        await desk.driver.type(" Free.")
        await desk.press("ctrl+r")
        assert desk.screen.part == "topics"
        assert desk.screen.row is not None
        assert desk.screen.row.topic == second
        assert "Resolved" in desk.driver.note
        assert "z undoes it" in desk.driver.note
        [row] = await desk.workspace.gaps.answers()
        assert (row.topic.topic, row.answer.author) == (first, "olga")
        assert row.answer.answer.startswith("Choose a parcel locker at checkout")
        assert row.answer.answer.endswith(" Free.")
        assert "parcel locker" in row.answer.question


async def test_question_and_answer_are_typed_whatever_their_letters_do_elsewhere(desk: Desk) -> None:
    await desk.press("j", "e", "shift+tab", "ctrl+u")
    await desk.driver.type("d/z: q?")
    await desk.press("enter")
    await desk.driver.type("d:z/ q?")
    await desk.press("ctrl+r")
    [row] = await desk.workspace.gaps.answers()
    assert (row.answer.question, row.answer.answer) == ("d/z: q?", "d:z/ q?")


async def test_without_an_answer_nothing_is_resolved(desk: Desk) -> None:
    await desk.press("j", "ctrl+r")
    assert "There is no answer yet: e writes one, t takes the draft." in desk.driver.note
    assert await desk.workspace.gaps.answers() == []


async def test_what_was_typed_is_kept_when_one_looks_elsewhere(desk: Desk) -> None:
    await desk.press("j", "e")
    await desk.driver.type("Half an ans")
    await desk.press("escape")
    assert "kept" in desk.driver.note
    await desk.press("k", "enter", "escape", "j", "e")
    await desk.driver.type("wer.")
    await desk.press("ctrl+r")
    [row] = await desk.workspace.gaps.answers()
    assert row.answer.answer == "Half an answer."


async def test_a_resolved_topic_is_listed_with_its_answer_which_can_be_edited(desk: Desk) -> None:
    await desk.press("t", "ctrl+r")
    await desk.driver.command("state resolved")
    assert len(desk.names) == 1
    await desk.press("enter")
    assert "Answered 30 Mar by olga." in desk.driver.text()
    await desk.press("e", "ctrl+r")
    assert "says that already" in desk.driver.note
    await desk.driver.type("No: ")
    await desk.press("ctrl+r")
    [row] = await desk.workspace.gaps.answers()
    assert row.answer.version == 2
    await desk.press("escape", "escape")
    assert desk.screen.part == "topics"


async def test_a_topic_that_came_back_is_marked_with_how_often(template: Path, tmp_path: Path) -> None:
    path = tmp_path / "gaps.db"
    async with desk_at(template, path) as desk:
        await desk.press("t", "ctrl+r")
    again = [
        asked(700 + number, f"Can the parcel be delivered to a parcel locker near the lake {number}?", days=-1)
        for number in range(2)
    ]
    async with desk_at(path, path, tickets=again, hours=48) as desk:
        await desk.settle()
        row = next(row for row in desk.screen._rows.all if "locker" in row.name)
        assert row.recurring
        assert "↻" in desk.driver.text()
        assert "back, 2 new" in desk.driver.text()
        await desk.driver.command("state back")
        assert len(desk.names) == 1


# Dismissing, sorting ---------------------------------------------------------------------------------


async def test_marked_topics_are_dismissed_together_and_undone_together(desk: Desk) -> None:
    before = decided(desk.path)
    await desk.press("space", "space", "d")
    assert "Dismissed 2 topics" in desk.driver.note
    assert len(desk.names) == 2
    await desk.press("z")
    assert "Undo: dismissed 2 topics · Z makes it again" in desk.driver.note
    assert decided(desk.path) == before
    await desk.press("Z")
    assert len(desk.names) == 2


async def test_a_marks_all_and_takes_all_marks_away(desk: Desk) -> None:
    await desk.press("a")
    assert len(desk.screen.topics.marks) == 3  # what is no topic yet cannot be marked with them
    await desk.press("a")
    assert not desk.screen.topics.marks
    await desk.press("enter", "a")
    assert len(desk.screen.pane.questions.marks) == 8


async def test_questions_are_dismissed_and_restored(desk: Desk) -> None:
    await desk.press("enter", "space", "space", "d")
    assert "Dismissed 2 questions" in desk.driver.note
    assert "6 questions · 2 dismissed" in desk.driver.text()
    assert desk.screen.part == "questions"
    await desk.press("g", "u")
    assert "1 dismissed" in desk.driver.text()
    await desk.press("G", "u")
    assert "Only dismissed questions" in desk.driver.note


async def test_merge_puts_marked_topics_into_the_one_under_the_cursor(desk: Desk) -> None:
    name = desk.names[2]
    await desk.press("m")
    assert "Mark topics with space" in desk.driver.note
    await desk.press("space", "space", "m")
    assert "Merged" in desk.driver.note
    assert desk.screen.row is not None
    assert (desk.screen.row.name, desk.screen.row.questions) == (name, 20)


async def test_split_asks_for_a_name_and_move_for_a_topic(desk: Desk) -> None:
    await desk.press("enter", "space", "space", "space", "x")
    assert desk.screen.query(Prompt)
    await desk.driver.type("lake lockers")
    await desk.press("enter")
    assert "Made “lake lockers” of 3 questions" in desk.driver.note
    assert "lake lockers" in desk.names
    await desk.press("g", "v")
    await desk.driver.type("lake")
    await desk.press("tab", "enter")
    assert "Moved 1 question to “lake lockers”" in desk.driver.note
    await desk.press("z", "z")
    assert "lake lockers" not in desk.names


async def test_rename_begins_with_the_present_name(desk: Desk) -> None:
    await desk.press("R", "ctrl+u")
    await desk.driver.type("parcel lockers")
    await desk.press("enter")
    assert desk.names[0] == "parcel lockers"
    await desk.press("R", "escape")
    assert not desk.screen.query(Prompt)
    assert desk.screen.part == "topics"


async def test_questions_that_are_no_topic_yet_can_be_made_one(desk: Desk) -> None:
    await desk.press("G", "t")
    assert "no topic yet" in desk.driver.note
    await desk.press("enter", "x")
    await desk.driver.type("gardeners")
    await desk.press("enter")
    assert "gardeners" in desk.names


async def test_keys_in_a_burst_hit_the_rows_they_were_meant_for(desk: Desk) -> None:
    """Three topics dismissed and the last one taken back, without waiting for any of it."""
    last = desk.screen._rows.all[2].topic
    for key in "dddz":
        await desk.driver.pilot.press(key)
    await desk.driver.until(lambda: "Undo" in desk.driver.note and not desk.screen._typed)
    await desk.settle()
    states = {row.topic: row.state for row in (await desk.workspace.gaps.report(TopicFilter())).rows if row.topic}
    assert [topic for topic, state in states.items() if state is TopicState.OPEN] == [last]


async def test_leaving_right_after_a_change_waits_until_it_is_stored(desk: Desk) -> None:
    first, second, third = (row.topic for row in desk.screen._rows.all[:3])
    async with desk.workspace._db._writing:  # another change is being stored meanwhile
        await desk.driver.pilot.press("d", "q")
        await desk.driver.until(lambda: "Leaving once what you changed is stored." in desk.driver.note)
        assert desk.driver.app.is_running
    await desk.driver.until(lambda: not desk.driver.app.is_running)
    states = {row.topic: row.state for row in (await desk.workspace.gaps.report(TopicFilter())).rows}
    assert (states[first], states[second], states[third]) == (TopicState.DISMISSED, TopicState.OPEN, TopicState.OPEN)


async def test_an_answer_that_was_given_right_before_leaving_is_kept(desk: Desk) -> None:
    first = desk.screen._rows.all[0].topic
    await desk.press("t")
    async with desk.workspace._db._writing:
        await desk.driver.pilot.press("ctrl+r", "ctrl+q")
        await desk.driver.until(lambda: "Leaving once what you changed is stored." in desk.driver.note)
    await desk.driver.until(lambda: not desk.driver.app.is_running)
    states = {row.topic: row.state for row in (await desk.workspace.gaps.report(TopicFilter())).rows}
    assert states[first] is TopicState.RESOLVED


async def test_the_key_that_leaves_waits_for_the_keys_before_it(desk: Desk) -> None:
    async with desk.workspace._db._writing:
        await desk.driver.pilot.press("d", "d", "q")
    await desk.driver.until(lambda: not desk.driver.app.is_running)
    states = [row.state for row in (await desk.workspace.gaps.report(TopicFilter())).rows]
    assert states.count(TopicState.DISMISSED) == 2


async def test_pressed_again_it_leaves_without_the_keys_before_it(desk: Desk) -> None:
    async with desk.workspace._db._writing:
        await desk.driver.pilot.press("d", "d", "q", "q")
    await desk.driver.until(lambda: not desk.driver.app.is_running)
    states = [row.state for row in (await desk.workspace.gaps.report(TopicFilter())).rows]
    assert states.count(TopicState.DISMISSED) == 1  # that one was begun


async def test_a_lead_clears_every_topic_and_undo_brings_all_back_to_the_byte(desk: Desk) -> None:
    before = decided(desk.path)
    await desk.press("t", "ctrl+r", "e")
    await desk.driver.type("Write to us with the right address.")
    await desk.press("ctrl+r", "d", "enter", "a", "d")
    assert "Nothing waits for an answer." in desk.driver.text()
    report = await desk.workspace.gaps.report()
    assert (report.open_topics, report.open_questions) == (0, 0)
    await desk.press("z", "z", "z", "z")
    assert decided(desk.path) == before
    await desk.press("z")
    assert "nothing to undo" in desk.driver.note


async def test_the_gaps_of_the_sample_workspace_are_cleared_by_keyboard_and_undone_to_the_byte(tmp_path: Path) -> None:
    path = tmp_path / "sample.db"
    await ensure_demo(settings(db=str(path)), fresh=True, now=NOW)
    async with desk_at(path, path) as desk:
        before = decided(path)
        topics = [row.topic for row in desk.screen._rows.all if row.topic != WAITING]
        assert len(topics) >= 8
        drafts = changes = 0
        for topic in topics:
            assert desk.screen.row is not None
            assert desk.screen.row.topic == topic  # the cursor came here by itself
            await desk.press("t")
            if desk.screen.writing:
                drafts += 1
            else:
                await desk.press("e")
                await desk.driver.type("See our help page.")
            await desk.press("ctrl+r")
            changes += 1
        assert drafts
        await desk.press("enter", "a", "d")
        changes += 1
        report = await desk.workspace.gaps.report()
        assert (report.open_topics, report.open_questions, report.rows) == (0, 0, ())
        assert len(await desk.workspace.gaps.answers()) == len(topics)
        for _ in range(changes):
            await desk.press("z")
        assert decided(path) == before


# Which topics, in which order ------------------------------------------------------------------------


async def test_search_looks_into_names_and_questions_and_esc_clears_it(desk: Desk) -> None:
    await desk.press("/")
    await desk.driver.type("old wall")
    await desk.press("enter")
    assert len(desk.names) == 1
    assert "“old wall”" in desk.driver.where
    await desk.driver.command("search nothing like it")
    assert "No topic here speaks of" in desk.driver.text()
    await desk.press("escape")
    assert len(desk.names) == 4


async def test_f_walks_through_the_states_and_esc_comes_back(desk: Desk) -> None:
    seen = []
    for _ in range(6):
        await desk.press("f")
        seen.append(desk.screen.which)
    assert seen == ["open", "back", "resolved", "dismissed", "all", "waiting"]
    await desk.driver.command("state dismissed")
    assert "No such topic." in desk.driver.text()
    await desk.press("escape")
    assert len(desk.names) == 4
    await desk.driver.command("state lost")
    assert "choose waiting, open, back" in desk.driver.note


async def test_s_walks_through_the_columns_and_the_cursor_stays_on_its_topic(desk: Desk) -> None:
    await desk.press("j")
    assert desk.screen.row is not None
    here = desk.screen.row.topic
    await desk.driver.command("sort name")
    assert desk.names[:3] == sorted(desk.names[:3])
    assert desk.screen.row.topic == here
    await desk.press("S")
    assert desk.names[:3] == sorted(desk.names[:3], reverse=True)
    await desk.driver.command("sort size")
    assert "choose conversations" in desk.driver.note


async def test_new_questions_are_sorted_when_the_screen_opens(template: Path, tmp_path: Path) -> None:
    async with desk_at(template, tmp_path / "gaps.db", tickets=needs("locker", start=300, each=4, days=1)) as desk:
        assert "4 new questions: 4 sorted into topics." in desk.driver.note
        assert desk.screen._rows.all[0].questions == 12
        assert await desk.workspace.gaps.due() == 0


async def test_without_a_suggestion_nothing_can_be_accepted(desk: Desk) -> None:
    await desk.press("A")
    assert "No suggestion is shown; i shows the next one." in desk.driver.note


async def test_a_suggested_merge_is_accepted_or_refused_and_both_can_be_undone(desk: Desk) -> None:
    first, second, third, _ = (row.topic for row in desk.screen._rows.all)
    low, high = sorted((second, third))
    async with desk.workspace._db.write() as connection:
        await gaps_grouping.suggest(connection, [(low, high, 0.9)], [])
    await desk.press("i")
    assert "Suggested (1 of 1): merge" in desk.driver.note
    assert "A accepts, K refuses" in desk.driver.note
    await desk.press("K", "i")
    assert "Nothing is suggested." in desk.driver.note
    await desk.press("z", "i", "A")
    assert "Merged" in desk.driver.note
    assert desk.screen.row is not None
    assert (desk.screen.row.topic, desk.screen.row.questions) == (low, 12)
    assert first in [row.topic for row in desk.screen._rows.all]


async def test_the_palette_works_while_an_answer_is_written(desk: Desk) -> None:
    await desk.press("t", "ctrl+p")
    await desk.driver.type("rename")
    await desk.driver.until(lambda: "Rename" in desk.driver.text())
    await desk.press("enter")
    await desk.settle()
    assert desk.screen.query(Prompt)
    await desk.driver.type("!")
    await desk.press("enter")
    assert desk.names[0].endswith("!")


# Who may ---------------------------------------------------------------------------------------------


async def test_a_viewer_reads_and_is_told_who_could_change_something(template: Path, tmp_path: Path) -> None:
    path = tmp_path / "gaps.db"
    async with desk_at(template, path, who=VERA, tickets=[asked(800, "Do you rent ladders?")]) as desk:
        assert "Read-only: vera is a viewer here" in desk.driver.note
        assert "olga (admin) could" in desk.driver.note
        before = decided(path)
        assert "draft" not in desk.driver.keys
        for action in sorted(CHANGES):
            await desk.screen.action_do(action, "x" if BY_ID[action].argument else "")
            await desk.settle()
            assert "viewer" in desk.driver.note
        assert desk.screen.part == "topics"
        await desk.press("enter", "enter")
        assert isinstance(desk.driver.app.screen, TicketScreen)
        assert decided(path) == before


# Trouble ---------------------------------------------------------------------------------------------


async def test_an_empty_workspace_says_what_fills_it(tmp_path: Path) -> None:
    path = tmp_path / "empty.db"
    async with desk_at(path, path) as desk:
        assert "Nothing waits for an answer." in desk.driver.text()
        assert "qatui import" in desk.driver.text()
        await desk.press("e", "d", "enter", "a", "x", "m", "R", "l", "tab", "space", "v", "u")
        assert desk.screen.part == "topics"


async def test_a_failure_stands_in_place_of_the_list_until_it_is_mended(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_about: object, **_more: object) -> None:
        raise StoreError("The disk is gone.", hint="Plug it in.")

    desk.screen._shown = None
    with monkeypatch.context() as patched:
        patched.setattr(desk.workspace.gaps, "report", broken)
        await desk.press("r")
        assert "The disk is gone." in desk.driver.text()
    await desk.press("r")
    assert len(desk.names) == 4
    assert not desk.driver.placard.display


async def test_hostile_questions_cannot_steer_the_terminal(tmp_path: Path) -> None:
    path = tmp_path / "hostile.db"
    hostile = "[/x] How do I [@click=app.quit]reset\x1b[31m\u202e my lamp number {}?"
    tickets = [asked(number, hostile.format(number), reply="Hold [b]both\x1b[0m buttons now.") for number in range(5)]
    async with desk_at(path, path, size=WIDE, tickets=tickets) as desk:
        await desk.settle()
        await desk.press("t", "escape", "enter")
        assert "\x1b" not in desk.driver.text()
        assert "\u202e" not in desk.driver.text()
        assert "[/x]" in desk.driver.text()


async def test_everything_in_ascii_where_the_locale_has_no_more(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "__stdout__", io.TextIOWrapper(io.BytesIO(), "ascii"))
    async with desk_at(template, tmp_path / "gaps.db", size=WIDE) as desk:
        await desk.driver.command("rename lockers")
        await desk.press("t", "escape", "enter", "space", "escape")
        assert desk.driver.text().isascii(), desk.driver.text()


@pytest.mark.parametrize("theme", ["light", "ansi", "contrast"])
async def test_every_theme_draws_it(template: Path, tmp_path: Path, theme: str) -> None:
    async with desk_at(template, tmp_path / "gaps.db", size=WIDE, theme=theme) as desk:
        await desk.press("t", "escape", "space", "f")
        assert desk.driver.app.theme == theme


async def test_help_lists_the_keys_of_this_screen() -> None:
    async with driving() as driver:
        await driver.press("4")
        await driver.press("escape", "?")
        await driver.type("resolve")
        assert "ctrl+r" in driver.text()
