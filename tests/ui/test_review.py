"""Reviewing on the Tickets and Ticket screens: agreeing, own scores, disputes, undo, blind, and who may."""

from __future__ import annotations

import asyncio
import io
import sys
from pathlib import Path

import pytest

from qatui.domain.review import Scores, Stand
from qatui.domain.rubric import RUBRIC, Dimension
from qatui.errors import StoreError
from qatui.screens.dialog import ErrorDialog
from qatui.screens.review_desk import Typed
from qatui.screens.reviewing import parse_scores
from qatui.widgets.explanation import ExplanationView
from tests.ui.driving import NARROW, WIDE
from tests.ui.review_room import LLM, VERA, as_rita, judge, made, room_at, say_other_words, views
from tests.ui.test_hostile import ESCAPES, HOSTILE


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("review") / "northwind.db"
    asyncio.run(made(path))
    return path


@pytest.fixture
def room(template: Path, tmp_path: Path):
    return lambda **how: room_at(template, tmp_path, **how)


# Agreeing ------------------------------------------------------------------------------------------


async def test_a_agrees_in_the_list_moves_nothing_and_says_so(room) -> None:
    async with room() as it:
        await it.press("2")
        await it.driver.rows()
        await it.press("j", "a")
        assert it.driver.row.name == "Charged twice"
        assert it.note == "Agreed with the scores of T-1002 · z undoes it"
        assert "✎" in it.line("Charged twice")
        [review] = await it.reviews(2)
        assert (review.stand, review.scores) == (Stand.AGREED, Scores(2, 3, 3))
        await it.press("z")
        assert "Z makes it again" in it.note
        assert await it.reviews(2) == ()
        assert "✎" not in it.line("Charged twice")
        await it.press("Z")
        assert [each.stand for each in await it.reviews(2)] == [Stand.AGREED]


async def test_a_agrees_on_the_ticket_and_leaving_at_once_loses_nothing(room) -> None:
    async with room() as it:
        await it.open_ticket()
        await it.driver.pilot.press("a", "escape")
        await it.driver.quiet()
        assert it.screen.SCREEN == "tickets"
        assert await it.scores() == (4, 3, 2)
        assert "✎" in it.line("Cracked shade")


# Leaving -------------------------------------------------------------------------------------------


BEGUN = {
    "agree": ("a", "q"),
    "own scores": ("v", "2", "enter", "q"),
    "own scores in a line": (":", *"review", "space", "2", "space", "3", "space", "3", "enter", "q"),
    "dispute": ("d", *"wrong", "enter", "q"),
}


@pytest.mark.parametrize("keys", BEGUN.values(), ids=BEGUN)
async def test_leaving_right_after_a_review_waits_until_it_is_stored(room, keys) -> None:
    async with room() as it:
        await it.open_ticket("j")
        async with it.workspace._db._writing:  # another change is being stored meanwhile
            await it.driver.pilot.press(*keys)
            await it.driver.until(lambda: it.note == "Leaving once what you changed is stored.")
            assert it.driver.app.is_running
        await it.driver.until(lambda: not it.driver.app.is_running)
        assert it.driver.app.return_value == 0
        assert len(await it.reviews(2)) == 1


async def test_pressing_the_key_again_gives_up_no_change(room) -> None:
    async with room() as it:
        await it.open_ticket("j")
        async with it.workspace._db._writing:
            await it.driver.pilot.press("a", "q", "q", "q")
            assert it.driver.app.is_running
        await it.driver.until(lambda: not it.driver.app.is_running)
        assert len(await it.reviews(2)) == 1


async def test_leaving_waits_so_long_and_no_longer_and_says_what_may_be_lost(
    room, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("qatui.app.PATIENCE", 0.0)
    async with room() as it:
        await it.open_ticket("j")
        async with it.workspace._db._writing:
            await it.driver.pilot.press("a", "q")
            await it.driver.until(lambda: not it.driver.app.is_running)
        said = [str(each) for each in it.driver.app._exit_renderables]
        assert said == ["Your last change could not be stored in time and may be lost."]


async def test_who_leaves_is_kept_by_a_change_that_failed(room, monkeypatch: pytest.MonkeyPatch) -> None:
    async with room() as it:
        await it.open_ticket("j")
        go_on = asyncio.Event()

        async def agree(_tickets: list[int]) -> None:
            await go_on.wait()
            raise StoreError("The disk is full.")

        monkeypatch.setattr(it.workspace.reviews, "agree", agree)
        await it.driver.pilot.press("a", "q")
        go_on.set()
        await it.driver.until(lambda: isinstance(it.driver.app.screen, ErrorDialog))
        await it.press("escape")
        assert it.driver.app.is_running
        await it.driver.pilot.press("q")  # nothing is under way any more
        await it.driver.until(lambda: not it.driver.app.is_running)


async def test_who_changed_nothing_leaves_at_once_whoever_else_is_writing(room) -> None:
    async with room() as it:
        await it.open_ticket("j")
        async with it.workspace._db._writing:
            await it.driver.pilot.press("q")
            await it.driver.until(lambda: not it.driver.app.is_running)


async def test_agreeing_needs_a_judge(room) -> None:
    async with room() as it:
        await it.open_ticket("j", "j", "j", "j")
        await it.press("a")
        assert it.note == "No judge has scored this ticket; v gives your own scores."
        await it.press("]", "a")
        assert it.note == "Nobody can score this ticket: the rep wrote fewer than 10 words."


# Own scores ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_own_scores_stand_beside_the_judges(room, size) -> None:
    async with room(size=size) as it:
        await it.open_ticket()
        await it.press("v", "2", "tab", "tab", "4", "tab")
        await it.type("too cold")
        await it.press("enter")
        [review] = await it.reviews()
        assert (review.stand, review.scores, review.comment) == (Stand.SCORED, Scores(2, 3, 4), "too cold")
        text = it.driver.text()
        for said in ("Tone: judge 4 · you 2 (−2)", "Clarity: judge 3 · you 3", "Empathy: judge 2 · you 4 (+2)"):
            assert said in text
        assert "“too cold”" in text
        assert "✎ Tone 2◂" in text  # the views use the person's
        await it.press("escape")
        assert "2◂  3   4   ✎" in it.line("Cracked shade")


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_a_review_that_comes_back_by_redo_is_shown_again(room, size) -> None:
    async with room(size=size) as it:
        await it.open_ticket()
        await it.press("a")
        await it.press("z")
        assert "agreed with the judge" not in it.driver.text()
        await it.press("Z")
        assert "agreed with the judge" in it.driver.text()


async def test_the_editor_begins_with_the_judges_scores_and_shows_what_each_score_looks_like(room) -> None:
    async with room() as it:
        await it.press("2")
        await it.driver.rows()
        await it.press("v")
        editor = it.screen.editor
        assert editor.scores == {Dimension.TONE: 4, Dimension.CLARITY: 3, Dimension.EMPATHY: 2}
        assert "Tone [4] judge 4" in it.driver.text()
        for dimension in Dimension:
            shown = " ".join(it.driver.text().split())
            assert RUBRIC[dimension].anchor(1) in shown
            await it.press("tab")
        assert it.driver.app.focused is it.comment
        await it.press("tab", "shift+tab", "shift+tab")
        assert "Empathy [2]" in it.driver.text()
        await it.press("h", "left", "right")
        assert "Clarity [3]" in it.driver.text()


async def test_digits_typed_in_one_burst_after_v_are_scores_and_no_screens(room) -> None:
    async with room() as it:
        await it.press("2")
        await it.driver.rows()
        await it.driver.pilot.press("v", "1", "tab", "2", "tab", "3", "enter")
        await it.driver.quiet()
        assert it.screen.SCREEN == "tickets"
        assert await it.scores() == (1, 2, 3)


async def test_ctrl_r_saves_too_and_nothing_else_is_done_meanwhile(room) -> None:
    async with room() as it:
        await it.open_ticket()
        await it.press("v", "5")
        for key in ("]", "a", "z", "q", "1"):
            if key != "1":
                await it.press(key)
                assert it.note == "A review is being written: ctrl+r saves it, esc leaves it."
        assert "ctrl+r save" in it.driver.keys
        await it.press("j")  # the conversation can be read on
        assert it.screen.transcript.scroll_offset.y == 1
        await it.press("ctrl+r")
        assert await it.scores() == (5, 3, 2)
        await it.press("ctrl+r")
        assert it.note == "No review is being written; v begins one."


async def test_escape_keeps_what_was_typed_and_says_so(room) -> None:
    async with room() as it:
        await it.open_ticket()
        await it.press("v", "escape")
        assert "Not saved" not in it.note  # nothing was typed
        await it.press("v", "1", "tab", "tab", "tab")
        await it.type("half a sent")
        await it.press("escape")
        assert it.note == "Not saved. What you wrote is kept until qatui is left: v goes on with it."
        assert await it.reviews() == ()
        assert it.screen.editor is None
        await it.press("escape", "v")  # on the other screen
        assert it.screen.editor.scores[Dimension.TONE] == 1
        assert it.comment.value == "half a sent"
        await it.press("enter")
        assert await it.scores() == (1, 3, 2)
        await it.press("v")
        assert it.comment.value == "half a sent"  # one's own review is what is edited now


async def test_a_ticket_without_a_verdict_can_be_scored_by_a_person(room) -> None:
    async with room() as it:
        await it.open_ticket("j", "j", "j", "j")
        await it.press("v", "4", "tab", "3", "enter")
        assert it.note == "No score yet for Empathy: 1 to 5."
        assert it.screen.editor is not None
        await it.press("tab", "3", "enter")
        assert await it.scores(5) == (4, 3, 3)
        assert "Tone: you 4" in it.driver.text()
        assert "Tone · not scored by a judge" in it.driver.text()
        await it.press("escape")
        assert "✎" in it.line("Just closed")


async def test_a_ticket_that_may_not_be_scored_says_why(room) -> None:
    async with room() as it:
        await it.open_ticket("G")
        await it.press("v")
        assert it.note == "Nobody can score this ticket: the rep wrote fewer than 10 words."
        assert "v review" not in it.driver.keys


async def test_scores_can_be_given_in_a_line(room) -> None:
    async with room() as it:
        await it.press("2")
        await it.driver.rows()
        await it.driver.command("review 5 4 3 knows the customer, and says so")
        [review] = await it.reviews()
        assert (review.scores, review.comment) == (Scores(5, 4, 3), "knows the customer, and says so")
        await it.driver.command("review 5 4")
        assert it.note.startswith("Give Tone, Clarity and Empathy")


def test_what_follows_the_review_command() -> None:
    three = {Dimension.TONE: 4, Dimension.CLARITY: 3, Dimension.EMPATHY: 2}
    assert parse_scores("4 3 2") == Typed(three)
    assert parse_scores("4,3,2  a b,  c") == Typed(three, "a b,  c")
    assert Typed({Dimension.TONE: 4}).complete is None


# Disputes ------------------------------------------------------------------------------------------


async def test_a_dispute_needs_words_and_marks_the_ticket(room) -> None:
    async with room() as it:
        await it.press("2")
        await it.driver.rows()
        await it.press("d", "enter")
        assert it.note == "A dispute needs a comment: say what the judge got wrong."
        await it.type("the apology is there")
        await it.press("escape", "d")
        assert it.comment.value == "the apology is there"
        await it.press("enter")
        [review] = await it.reviews()
        assert (review.stand, review.scores, review.comment) == (Stand.DISPUTED, None, "the apology is there")
        assert "4   3   2◂  ≠" in it.line("Cracked shade")  # the judge's scores stay
        await it.driver.command("dispute still there")
        assert [each.comment for each in await it.reviews()] == ["still there"]
        await it.press("enter")
        await it.driver.until(lambda: it.screen.SCREEN == "ticket" and it.screen.view is not None)
        assert "≠ you · 5 Mar 2026 · disputed the judge's scores" in it.driver.text()


async def test_a_review_is_withdrawn_by_command(room) -> None:
    async with room() as it:
        await it.open_ticket()
        await it.driver.command("withdraw")
        assert it.note == "You have not reviewed this ticket."
        await it.press("a")
        await it.driver.command("withdraw")
        assert await it.reviews() == ()
        assert not it.screen.reviews.display
        await it.press("z")
        assert len(await it.reviews()) == 1


# Others, earlier words -----------------------------------------------------------------------------


async def test_what_others_said_is_shown_with_their_names_and_what_was_said_of_earlier_words_apart(room) -> None:
    async with room(size=WIDE) as it:
        await as_rita(it.workspace).score(1, Scores(3, 3, 3), "somewhat stiff")
        await it.press("2")
        await it.driver.rows()
        await it.driver.until(lambda: it.driver.screen.pane.view is not None)
        pane = it.screen.query_one("#pane", ExplanationView)
        await it.driver.until(lambda: pane.lines)
        said = "\n".join("".join(text for text, _ in line.runs) for line in pane.lines)
        assert "✎ reviewed by rita: 3 (judge 4)" in said
        assert "“somewhat stiff”" in said
        await it.press("enter")
        await it.driver.until(lambda: it.screen.SCREEN == "ticket" and it.screen.view is not None)
        assert "Tone: judge 4 · rita 3 (−1)" in it.driver.text()
        await say_other_words(it.workspace, 1)
        await it.press("r")
        assert "✎ rita · 5 Mar 2026 · on earlier words" in " ".join(it.driver.text().split())
        assert "✎ Tone" not in it.driver.text()


async def test_the_pane_beside_the_list_follows_a_review(room) -> None:
    async with room(size=WIDE) as it:
        await it.press("2")
        await it.driver.rows()
        await it.driver.until(lambda: "Tone 4 of 5" in it.driver.text())
        await it.press("d")
        await it.type("no")
        await it.press("enter")
        await it.driver.until(lambda: "≠ disputed by you" in it.driver.text())
        await it.press("z")
        await it.driver.until(lambda: "≠ disputed by you" not in it.driver.text())


async def test_signs_have_a_form_in_ascii(room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "__stdout__", io.TextIOWrapper(io.BytesIO(), "ascii"))
    async with room() as it:
        await it.press("2")
        await it.driver.rows()
        await it.press("v", "2", "enter")
        await it.driver.quiet()
        await it.press("j", "d")
        await it.type("no")
        assert it.driver.text().isascii()
        await it.press("enter")
        await it.driver.quiet()
        assert "2<  3   2<  R" in it.line("Cracked shade")
        assert it.line("Charged twice").rstrip().endswith("D")
        await it.press("k", "enter")
        await it.driver.until(lambda: it.screen.SCREEN == "ticket" and it.screen.view is not None)
        assert "R you - 5 Mar 2026" in it.driver.text()
        assert "Tone: judge 4 - you 2 (-2)" in it.driver.text()
        assert not set("✎≠·−“”") & set(it.driver.text())


async def test_agreeing_where_somebody_gave_other_scores_is_refused_with_the_mend(room) -> None:
    async with room() as it:
        await as_rita(it.workspace).score(1, Scores(3, 3, 3))
        await it.open_ticket()
        await it.press("a")
        assert "rita has given" in it.note
        assert "Give your own scores." in it.note


@pytest.mark.parametrize("kind", [kind for kind in HOSTILE if kind != "empty"])
@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_hostile_comments_are_shown_as_text(room, kind: str, size) -> None:
    async with room(size=size) as it:
        await as_rita(it.workspace).score(1, Scores(3, 3, 3), "x" + HOSTILE[kind][:4_000])
        await it.open_ticket()
        assert not ESCAPES.search(it.driver.text())
        await it.press("escape", "space")
        assert not ESCAPES.search(it.driver.text())
        await it.workspace.reviews.score(1, Scores(3, 3, 4), "x" + HOSTILE[kind][:4_000])
        await it.press("r", "v")
        assert not ESCAPES.search(it.driver.text())
        assert it.driver.app.is_running


async def test_how_sure_the_judge_is_is_not_said_of_a_persons_scores(room) -> None:
    async with room() as it:
        await it.open_ticket("j", "j")
        assert "unsure" in it.note.casefold()
        await it.press("a")
        await it.press("]", "[")
        assert "unsure" not in it.driver.screen.note._standing.casefold()
        await it.press("escape")
        assert "~" not in it.line("New address")


async def test_the_mouse_may_take_the_keyboard_away_and_the_key_brings_it_back(room) -> None:
    async with room() as it:
        await it.open_ticket()
        await it.press("v")
        it.screen.transcript.focus()
        await it.press("v", "2")
        assert it.screen.editor.scores[Dimension.TONE] == 2


# Blind ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_blind_hides_everything_a_judge_said_until_ones_own_scores_are_saved(room, size) -> None:
    async with room(size=size) as it:
        it.driver.app.session.desk.blind = True
        await it.driver.command("ticket T-1004")
        await it.driver.until(lambda: it.screen.SCREEN == "ticket" and it.screen.view is not None)
        text = it.driver.text()
        assert "blind" in it.driver.where
        assert "Hidden until your own scores are saved." in text
        assert "Tone ·   Clarity ·   Empathy ·" in text
        for told in ("Tone 5", "①", "friendly and calm", "addresses the judge", "asks for a score"):
            assert told not in text
        await it.press("e")
        assert it.note == "The judge's quotes are hidden until your scores are saved."
        await it.press("a")
        assert it.note == "The judge's scores are hidden: v gives your own, b shows the judge's."
        await it.press("d")
        assert it.screen.editor is None
        await it.press("v")
        assert it.screen.editor.scores == {}
        assert "judge 5" not in it.driver.text()
        await it.press("2", "tab", "3", "tab", "1", "enter")
        [review] = await it.reviews(4)
        assert (review.scores, review.blind) == (Scores(2, 3, 1), True)
        text = it.driver.text()
        assert "Tone: judge 5 · you 2 (−3)" in text
        assert "Tone 5 of 5" in text
        assert "✎ you · 5 Mar 2026 · blind" in text


async def test_who_looked_first_reviews_no_more_blind(room) -> None:
    async with room() as it:
        await it.open_ticket()
        await it.press("b")
        assert it.note.startswith("Blind: the judge's scores stay hidden")
        assert "Tone 4 of 5" not in it.driver.text()
        await it.press("b")
        assert "Tone 4 of 5" in it.driver.text()
        await it.press("b", "v", "1", "tab", "1", "tab", "1", "enter")
        [review] = await it.reviews()
        assert not review.blind


async def test_whose_reasons_were_read_beside_the_list_is_no_more_reviewed_blind(room) -> None:
    async with room() as it:
        it.driver.app.session.desk.blind = True
        await it.press("2")
        await it.driver.rows()
        await it.press("space")
        await it.driver.until(lambda: it.screen.popover.is_open)
        await it.press("escape", "enter")
        await it.driver.until(lambda: it.screen.SCREEN == "ticket" and it.screen.view is not None)
        await it.press("v", "1", "tab", "1", "tab", "1", "enter")
        [review] = await it.reviews()
        assert not review.blind


@pytest.mark.parametrize("keys", ["v1\t1\t1\n", ":review 1 1 1\n"])
async def test_a_review_given_in_the_list_is_not_blind_for_its_scores_are_in_sight(room, keys) -> None:
    async with room() as it:
        it.driver.app.session.desk.blind = True
        await it.press("2")
        await it.driver.rows()
        if keys.startswith(":"):
            await it.driver.command(keys[1:-1])
        else:
            await it.press("v")
            assert "judge 4" in it.driver.text()
            await it.press("1", "tab", "1", "tab", "1", "enter")
        [review] = await it.reviews()
        assert not review.blind


async def test_a_ticket_opened_from_the_list_is_not_reviewed_blind(room) -> None:
    async with room() as it:
        it.driver.app.session.desk.blind = True
        await it.open_ticket()
        await it.press("v", "1", "tab", "1", "tab", "1", "enter")
        [review] = await it.reviews()
        assert not review.blind


async def test_the_list_of_tickets_cannot_be_blind(room) -> None:
    async with room() as it:
        await it.press("2")
        await it.driver.rows()
        await it.press("b")
        assert it.note == "This list shows all scores; Q opens tickets blind if wished."


# Who may -------------------------------------------------------------------------------------------


async def test_who_only_reads_is_told_so_everywhere(room) -> None:
    async with room(who=VERA) as it:
        await it.open_ticket()
        for key in ("a", "v", "d"):
            await it.press(key)
            assert it.note.startswith("vera is a viewer here and may not review scores.")
            assert "rita (reviewer) could" in it.note or "could" in it.note
        assert "v review" not in it.driver.keys
        await it.press("escape", "a")
        assert "may not review scores" in it.note
        await it.press("?")
        await it.type("agree")
        assert "Not now: vera is a viewer" in " ".join(it.driver.text().split())


# Which judge, what addresses it --------------------------------------------------------------------


async def test_messages_that_address_the_judge_are_marked(room) -> None:
    async with room() as it:
        await it.open_ticket("j", "j", "j")
        assert "! tells the judge to put its rules aside" in it.driver.text()
        assert "message 1 (customer) tells the judge to put its rules aside, asks for a score" in it.note.lower()


async def test_scores_of_several_judges_are_never_shown_without_saying_so(room) -> None:
    async with room() as it:
        await judge(it.workspace, views()[1], LLM)
        said = "Scores by 2 judges: offline 3, llm · small 1; filter judge:offline."
        await it.press("r")
        await it.driver.until(lambda: it.note.endswith(said))
        await it.press("2")
        await it.driver.rows()
        await it.driver.until(lambda: it.note.endswith(said))
        await it.driver.command("filter judge:llm")
        await it.driver.until(lambda: it.driver.table.total == 1)
        await it.driver.quiet()
        assert "judges" not in it.note
