"""The coaching pack on screen: from a rep to their pack, from a quote to its ticket, and into a file."""

from __future__ import annotations

import re
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from qatui.actions import BY_ID, actions_of
from qatui.domain.coaching import Quoted
from qatui.domain.conversation import Rep
from qatui.errors import NotFoundError
from qatui.screens.coaching import CoachingScreen
from qatui.screens.coaching_view import CoachingView
from qatui.screens.frame import handler_name
from qatui.screens.ticket import TicketScreen
from qatui.services.coaching.page import page
from qatui.store import conversations, verdicts
from tests.services.tickets import judged, ticket, verdict
from tests.ui.coaching_desk import driving, made, to_rep
from tests.ui.driving import NARROW, WIDE, Driver
from tests.ui.fake_workspace import NOW
from tests.ui.test_hostile import ESCAPES, HOSTILE
from tests.unit.coaching.packs import pack


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("coaching") / "sample.db"
    made(path)
    return path


@pytest.fixture
async def driver(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Driver]:
    monkeypatch.chdir(tmp_path)
    async with driving(template, tmp_path / "sample.db") as driver:
        yield driver


def screen(driver: Driver) -> CoachingScreen:
    assert isinstance(driver.screen, CoachingScreen)
    return driver.screen


async def coached(driver: Driver, name: str = "Greta Hollis") -> CoachingScreen:
    await to_rep(driver, name)
    await driver.press("c")
    await driver.until(lambda: isinstance(driver.screen, CoachingScreen) and screen(driver).pack is not None)
    await driver.quiet()
    return screen(driver)


def quote(driver: Driver) -> Quoted:
    found = screen(driver).view.quote
    assert found is not None
    return found


def test_every_action_has_a_method_and_no_method_lacks_an_action() -> None:
    own = {action.id for action in actions_of("coaching") if action.id.startswith("coaching.")}
    assert {name for name in vars(CoachingScreen) if name.startswith("do_coaching")} == set(map(handler_name, own))


# To the pack and back --------------------------------------------------------------------------------


async def test_c_on_a_rep_shows_their_pack_of_the_period_on_screen(driver: Driver) -> None:
    shown = await coached(driver)
    assert shown.pack is not None
    assert shown.pack.rep.name == "Greta Hollis"
    assert shown.pack.tally.tickets == 10
    assert "Coaching: Greta Hollis" in driver.text()
    assert "At a glance" in driver.text()
    assert "Greta Hollis · coaching" in driver.where
    await driver.press("escape")
    assert driver.screen.SCREEN == "reps"
    assert driver.row.name == "Greta Hollis"


async def test_the_pack_keeps_to_the_filter_and_period_of_the_list(driver: Driver) -> None:
    await driver.rows()
    await driver.command("filter channel:email")
    await driver.command("period 365d")
    shown = await coached(driver)
    assert shown.pack is not None
    assert shown.pack.narrowed == "channel:email"
    assert "Only tickets that fit channel:email." in driver.text()
    assert shown.pack.since is not None
    assert (NOW - shown.pack.since).days == 365


async def test_a_team_and_tickets_of_nobody_cannot_be_coached(driver: Driver) -> None:
    await driver.rows()
    await driver.press("g", "c")
    assert driver.screen.SCREEN == "reps"
    assert "one rep" in driver.note
    await to_rep(driver, "Unknown rep")
    await driver.press("c")
    assert driver.screen.SCREEN == "reps"
    assert "nobody can be coached" in driver.note


async def test_a_rep_whose_tickets_are_gone_is_said_in_place_of_the_pack(driver: Driver, monkeypatch) -> None:
    await to_rep(driver, "Greta Hollis")

    async def gone(*_about: object, **_more: object) -> None:
        raise NotFoundError("Greta Hollis has no scored ticket in this period.", hint="Choose another period.")

    monkeypatch.setattr(driver.app.session.open.coaching, "pack", gone)
    await driver.press("c")
    await driver.until(lambda: driver.placard.display)
    await driver.quiet()
    assert "no scored ticket" in driver.text()
    await driver.press("w")
    assert driver.note == "There is no pack to read here."
    await driver.press("escape")
    assert driver.screen.SCREEN == "reps"


async def test_the_pack_scrolls_by_the_keys_of_every_text(driver: Driver) -> None:
    view = (await coached(driver)).view
    assert view.scroll_offset.y == 0
    await driver.press("j", "j", "k")
    assert view.scroll_offset.y == 1
    await driver.press("G")
    assert view.scroll_offset.y == len(view.lines) - view.size.height
    assert "How to read this" in driver.text()
    await driver.press("g")
    assert view.scroll_offset.y == 0


# Quotes ----------------------------------------------------------------------------------------------


async def test_quotes_are_walked_in_order_both_ways_and_round(driver: Driver) -> None:
    quotes = (await coached(driver)).view.quotes
    assert len(quotes) > 4
    assert "Go to a quote first" in (screen(driver).why_disabled("coaching.open") or "")
    await driver.press("e")
    assert quote(driver) == quotes[0]
    await driver.press("tab", "e")
    assert quote(driver) == quotes[2]
    await driver.press("E", "shift+tab")
    assert quote(driver) == quotes[0]
    await driver.press("E")
    assert quote(driver) == quotes[-1]
    await driver.press("e")
    assert quote(driver) == quotes[0]


async def test_the_marked_quote_is_in_sight_with_a_mark_besides_its_colour(driver: Driver) -> None:
    quotes = (await coached(driver)).view.quotes
    for each in quotes:
        await driver.press("e")
        marked = [line for line in driver.text().splitlines() if line.startswith("▌")]
        assert marked
        assert each.text.split()[0] in marked[0]


async def test_enter_opens_the_ticket_of_the_quote_and_esc_comes_back_to_it(driver: Driver) -> None:
    await coached(driver)
    await driver.press("e", "e", "enter")
    await driver.until(lambda: isinstance(driver.screen, TicketScreen) and driver.screen.view is not None)
    opened = driver.screen
    assert isinstance(opened, TicketScreen)
    assert opened.view is not None
    await driver.press("escape")
    assert opened.view.row.row_id == quote(driver).row_id


# Writing ---------------------------------------------------------------------------------------------


async def test_w_proposes_a_free_name_and_enter_writes_it(driver: Driver, tmp_path: Path) -> None:
    await coached(driver)
    await driver.press("w", "enter")
    path = tmp_path / "coaching-greta-hollis-2026-03-05.html"
    await driver.until(path.exists)
    await driver.quiet()
    assert f"Wrote {path}." == driver.note
    assert path.read_text("utf-8").startswith("<!DOCTYPE html>")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    await driver.press("w", "enter")
    await driver.until((tmp_path / "coaching-greta-hollis-2026-03-05-2.html").exists)
    await driver.quiet()


async def test_a_file_that_exists_is_left_as_it_is(driver: Driver, tmp_path: Path) -> None:
    await coached(driver)
    path = tmp_path / "mine.md"
    path.write_text("my own notes")
    await driver.command("write mine.md")
    assert "exists already" in driver.note
    assert path.read_text() == "my own notes"
    await driver.command("write other.md")
    await driver.quiet()
    assert (tmp_path / "other.md").read_text("utf-8").startswith("# Coaching: Greta Hollis")


async def test_esc_at_the_name_writes_nothing(driver: Driver, tmp_path: Path) -> None:
    await coached(driver)
    await driver.press("w", "escape")
    assert screen(driver).pack is not None
    await driver.press("w")
    await driver.type("/no/such/place")
    await driver.press("enter")
    assert "cannot be written" in driver.note
    assert not list(tmp_path.glob("coaching-*"))  # noqa: ASYNC240  # a look at a directory of a few files


# Whatever was written --------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [NARROW, WIDE, (20, 10)])
@pytest.mark.parametrize("kind", HOSTILE)
async def test_hostile_words_are_shown_as_words(kind: str, size: tuple[int, int]) -> None:
    view = CoachingView()
    view.show(page(pack(HOSTILE[kind]), NOW.tzinfo))  # type: ignore[arg-type]
    lines = view.build(size[0])
    text = "\n".join("".join(run for run, _ in line.runs) for line in lines)
    assert not ESCAPES.search(text)
    assert "At a glance" in text


@pytest.mark.parametrize("kind", ["markup", "ansi", "bidi", "wide", "long word"])
async def test_a_hostile_rep_can_be_coached(
    kind: str, template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    words = HOSTILE[kind]
    rep = Rep("evil", f"A{words}", "Zz")
    tickets = [
        ticket(
            f"{number}{words[:20]}", rep=rep, subject=words, tags=(words,), closed=NOW.replace(day=1 + number % 3),
            reply=f"Hello there, {words} we will send you the whole order again today. Kind regards",
        )
        for number in range(6)
    ]  # fmt: skip
    async with driving(template, tmp_path / "sample.db") as driver:
        async with driver.app.session.open._db.write() as connection:
            await conversations.save(connection, tickets)
            for each in tickets:
                row_id = await conversations.find(connection, each.key)
                await verdicts.record(connection, [(row_id, judged(each, verdict()))])
        await driver.press("r")
        await coached(driver, rep.name)
        for _ in range(4):
            await driver.press("e", "pagedown")
            assert not re.search(ESCAPES, driver.text())
        await driver.press("w", "enter")
        await driver.until(lambda: "Wrote" in driver.note)


def test_the_actions_of_the_screen_are_told_in_sentences() -> None:
    assert all(BY_ID[action].help.endswith(".") for action in CoachingScreen.HINTS)
