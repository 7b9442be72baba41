"""Scoring from inside the application: choosing a judge, saying yes to a price, pausing, stopping, the Runs screen."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from textual.widgets import Static

from qatui.app import QatuiApp
from qatui.config_llm import LlmSettings
from qatui.domain.conversation import Message, Rep, Speaker, Status, Ticket
from qatui.domain.listing import TicketFilter
from qatui.domain.rubric import rubric_hash
from qatui.domain.run import RunKind, RunRecord, RunState, RunTotals, Used
from qatui.domain.verdict import JudgeIdentity
from qatui.errors import StoreError
from qatui.screens.dialog import ErrorDialog
from qatui.screens.runs import RunsScreen
from qatui.screens.scoring import Pulse, ScoringEnded, ScoringMoved, time_words
from qatui.screens.scoring_confirm import ConfirmScoring
from qatui.services.scoring.llm.dialect import forget_dialects
from qatui.services.workspace import Workspace, open_workspace
from qatui.store import conversations
from qatui.store.engine import Database
from qatui.widgets.run_view import RunView
from tests.services.endpoint import Endpoint, Hang, Refuse, Say, Script, part, scripted, verdict
from tests.ui.driving import Driver, driving, settings
from tests.ui.fake_workspace import NOW

LLM = JudgeIdentity("llm", "small-1", rubric_hash())
GOOD = verdict(part(4, ("m2", "Hello")), part(4, ("m2", "a new one leaves today")), part(3, ("m2", "Hello")))


def record(**more: object) -> RunRecord:
    """A run that ended well, but for what is said otherwise."""
    values = {
        "id": 1,
        "judge": LLM,
        "kind": RunKind.REQUESTS,
        "state": RunState.DONE,
        "started_at": NOW - timedelta(minutes=4),
        "moved_at": NOW,
        "ended_at": NOW,
        "planned": 120,
        "scored": 117,
        "unscored": 1,
        "failed": 2,
        "used": Used(121, 121_000, 40_000, 24_200, 0.1452),
        "stopped": "",
        "pid": 4242,
        **more,
    }
    return RunRecord(**values)  # type: ignore[arg-type]


def total(judge: str, model: str) -> RunTotals:
    return RunTotals(
        judge=judge,
        model=model,
        runs=3,
        scored=300,
        unscored=1,
        failed=4,
        used=Used(310, 310_000, 90_000, 62_000, 0.4),
        unpriced=1,
    )


# Choosing ---------------------------------------------------------------------------------------------


async def test_a_judge_can_be_named() -> None:
    async with driving() as driver:
        await driver.rows()
        await driver.command("score offline")
        await driver.until(lambda: driver.workspace.asked_to_score == [("offline", None)])
        driver.workspace.go_on.set()
        await driver.until(lambda: driver.note == "Scored 2 tickets.")


async def test_a_paid_run_is_estimated_and_begins_only_after_a_yes() -> None:
    async with driving(llm=LlmSettings(model="small-1", base_url="https://api.example.test/v1")) as driver:
        await driver.rows()
        await driver.command("score llm 2.50")
        await driver.until(lambda: isinstance(driver.app.screen, ConfirmScoring))
        text = "\n".join(str(line.render()) for line in driver.app.screen.query(Static))
        for words in (
            "Have 640 tickets judged by llm · small-1?",
            "Sent to api.example.test. Personal data is masked.",
            "About 640,000 tokens sent and 268,800 received, by the first 500 of them.",
            "About 1.2500 in the currency of the prices, at most 2.6000.",
            "It ends before 2.5 is spent.",
        ):
            assert words in text
        assert driver.workspace.asked_to_score == []
        await driver.pilot.press("Y")
        await driver.until(lambda: driver.workspace.asked_to_score == [("llm", 2.5)])


async def test_escape_sends_nothing() -> None:
    async with driving(llm=LlmSettings(model="small-1")) as driver:
        await driver.rows()
        await driver.command("score llm")
        await driver.until(lambda: isinstance(driver.app.screen, ConfirmScoring))
        await driver.press("escape")
        assert driver.workspace.asked_to_score == []
        assert driver.note == "Nothing was sent."
        assert not driver.app.scoring.running


async def test_the_key_asks_the_judge_that_read_last() -> None:
    async with driving(llm=LlmSettings(model="small-1")) as driver:
        driver.workspace.runs.records = [record()]
        await driver.rows()
        await driver.press("w")
        await driver.until(lambda: isinstance(driver.app.screen, ConfirmScoring))


async def test_without_a_model_in_the_settings_the_key_asks_the_embedded_judge() -> None:
    async with driving() as driver:
        driver.workspace.runs.records = [record()]
        await driver.rows()
        await driver.pilot.press("w")
        await driver.until(lambda: driver.workspace.asked_to_score == [("offline", None)])


@pytest.mark.parametrize(
    "words", ["score nobody", "score llm much", "score llm -1", "score stop now", "score offline 2"]
)
async def test_what_cannot_be_is_told_in_the_note(words: str) -> None:
    async with driving() as driver:
        await driver.rows()
        await driver.command(words)
        assert "choose offline, llm" in driver.note or "no amount of money" in driver.note
        assert driver.workspace.asked_to_score == []


async def test_a_record_that_cannot_be_read_is_an_error_with_its_message() -> None:
    async with driving() as driver:
        await driver.rows()

        async def broken(_limit: int = 20) -> list[RunRecord]:
            raise StoreError("The disk is gone.")

        driver.workspace.runs.recent = broken  # type: ignore[method-assign]
        await driver.pilot.press("w")
        await driver.until(lambda: "The disk is gone." in driver.text())


@pytest.mark.parametrize("words", ["score stop", "stop", "pause"])
async def test_without_a_run_there_is_nothing_to_stop(words: str) -> None:
    async with driving() as driver:
        await driver.rows()
        await driver.command(words)
        assert driver.note == "No run is under way."


async def test_every_screen_says_so_beforehand() -> None:
    async with driving() as driver:
        await driver.rows()
        for key in ("1", "2", "3", "4", "5", "Q"):
            await driver.press(key)
            for action in ("score.stop", "score.pause"):
                assert driver.screen.why_disabled(action) == "No run is under way.", driver.screen
        await driver.command("runs")
        assert driver.screen.why_disabled("score.stop") == "No run is under way."


async def test_stopping_an_estimate_sends_nothing_and_says_so() -> None:
    async with driving(llm=LlmSettings(model="small-1")) as driver:
        await driver.rows()
        hang_estimates(driver)
        await driver.command("score llm")
        assert driver.note.startswith("Scoring: counting")
        await driver.command("stop")
        await driver.until(lambda: not driver.app.scoring.running)
        assert driver.note == "Nothing was sent."
        assert driver.app.scoring.words == ""


async def test_an_estimate_knows_nothing_of_the_run_before_and_holds_nobody_back() -> None:
    async with driving(llm=LlmSettings(model="small-1")) as driver:
        await driver.rows()
        await driver.command("score llm")
        await driver.until(lambda: isinstance(driver.app.screen, ConfirmScoring))
        await driver.pilot.press("Y")
        await driver.until(lambda: driver.workspace.asked_to_score)
        await driver.command("stop")
        await driver.until(lambda: not driver.app.scoring.running)
        hang_estimates(driver)
        await driver.command("score llm")
        assert driver.app.scoring.planning
        assert not driver.app.scoring.stopping
        await driver.pilot.press("q")
        await driver.until(lambda: not driver.app.is_running)


def hang_estimates(driver: Driver) -> None:
    """No estimate comes to its end any more."""

    async def never(**_asked: object) -> None:
        await asyncio.Event().wait()

    driver.workspace.score_plan = never  # type: ignore[method-assign,assignment]
    driver.quiet = driver.pilot.pause  # type: ignore[method-assign,assignment]  # it would wait for the estimate


# While it goes on -------------------------------------------------------------------------------------


async def test_each_screen_names_the_key_that_stops_a_run_there() -> None:
    async with driving() as driver:
        await driver.rows()
        await driver.pilot.press("w")
        await driver.until(lambda: driver.note == "Scoring 1 of 2 (50%); esc stops it.")
        await driver.press("Q")
        assert driver.note == "Scoring 1 of 2 (50%); :stop stops it."
        await driver.press("escape")
        assert driver.app.scoring.running
        await driver.command("stop")
        await driver.until(lambda: not driver.app.scoring.running)


async def test_a_run_that_ended_meanwhile_is_nowhere_said_to_go_on() -> None:
    async with driving() as driver:
        await driver.rows()
        await driver.press("2")
        await driver.pilot.press("w")
        await driver.until(lambda: driver.note.startswith("Scoring 1 of 2"))
        await driver.press("Q")
        driver.workspace.go_on.set()
        await driver.until(lambda: driver.note == "Scored 2 tickets.")
        await driver.press("2")
        assert "Scoring" not in driver.note


async def test_what_fails_under_a_dialog_is_told_over_it() -> None:
    async with driving() as driver:
        await driver.rows()
        await driver.press("?")
        driver.app.post_message(ScoringEnded(None, StoreError("The disk is full.")))
        await driver.until(lambda: isinstance(driver.app.screen, ErrorDialog))


async def test_the_runs_screen_draws_only_what_is_new() -> None:
    async with driving() as driver:
        driver.workspace.runs.records = [record()]
        await driver.rows()
        await driver.command("runs")
        view, drawn = driver.screen.query_one(RunView), []
        view.show = lambda *shown: drawn.append(shown)  # type: ignore[method-assign]
        driver.screen.run_moved()
        await driver.quiet()
        assert drawn == []
        driver.workspace.runs.records = [record(scored=118)]
        driver.screen.run_moved()
        driver.screen.run_moved()
        await driver.quiet()
        assert len(drawn) == 1


async def test_a_run_is_paused_and_goes_on_from_any_screen() -> None:
    async with driving() as driver:
        await driver.rows()
        await driver.pilot.press("w")
        await driver.until(lambda: driver.note.startswith("Scoring 1 of 2"))
        await driver.press("3", "W")
        assert driver.app.scoring.paused
        await driver.press("2")
        await driver.command("score go")
        assert not driver.app.scoring.paused
        driver.workspace.go_on.set()
        await driver.until(lambda: driver.note == "Scored 2 tickets.")


async def test_a_run_that_is_paused_here_is_told_so_in_the_list_of_runs() -> None:
    async with driving() as driver:
        here = record(id=2, state=RunState.GOING, ended_at=None, pid=os.getpid())
        elsewhere = record(id=1, state=RunState.GOING, ended_at=None, pid=os.getpid() + 1)
        driver.workspace.runs.records = [here, elsewhere]
        await driver.rows()
        await driver.command("score offline")
        await driver.until(lambda: driver.note.startswith("Scoring 1 of 2"))
        await driver.command("runs")
        await driver.until(lambda: isinstance(driver.app.screen, RunsScreen) and "Latest runs" in driver.text())

        def told() -> list[str]:
            lines = driver.text().splitlines()
            return [words for line in lines for words in ("going on", "paused") if line.rstrip().endswith(words)]

        assert told() == ["going on", "going on"]
        await driver.press("W")
        assert told() == ["paused", "going on"]
        await driver.press("W")
        assert told() == ["going on", "going on"]
        await driver.press("W", "escape")
        await driver.command("runs")
        await driver.until(lambda: isinstance(driver.app.screen, RunsScreen) and "Latest runs" in driver.text())
        assert told() == ["paused", "going on"]
        driver.workspace.go_on.set()


async def test_what_one_does_meanwhile_is_said_and_every_screen_knows_of_the_run() -> None:
    async with driving() as driver:
        await driver.rows()
        await driver.pilot.press("w")
        await driver.until(lambda: driver.note.startswith("Scoring 1 of 2"))
        await driver.command("score llm")
        assert "under way already" in driver.note
        driver.app.post_message(ScoringMoved(Pulse(1, 2)))
        await driver.quiet()
        assert "under way already" in driver.note  # the next pulse leaves it there to be read
        await driver.command("runs")
        assert driver.note.startswith("Scoring 1 of 2")
        driver.workspace.go_on.set()
        await driver.until(lambda: driver.note == "Scored 2 tickets.")


async def test_the_note_says_what_a_paid_run_has_used_and_how_long_it_takes() -> None:
    assert Pulse(12, 40).words() == "12 of 40 (30%)"
    busy = Pulse(120, 1000, 3, 132_000, 0.33, 15.2)
    assert busy.words() == "120 of 1,000 (12%), 3 failed, 132,000 tokens, 0.3300, 15 a second, 58 s left"
    assert [time_words(seconds) for seconds in (4, 300, 7800)] == ["4 s", "5 min", "2 h 10 min"]


async def test_quitting_a_paid_run_waits_for_what_is_under_way() -> None:
    async with driving(llm=LlmSettings(model="small-1")) as driver:
        await driver.rows()
        await driver.command("score llm")
        await driver.until(lambda: isinstance(driver.app.screen, ConfirmScoring))
        await driver.pilot.press("Y")
        await driver.until(lambda: driver.workspace.asked_to_score)
        await driver.pilot.press("q")
        await driver.until(lambda: not driver.app.is_running)
        assert driver.app.return_value == 0


# Runs -------------------------------------------------------------------------------------------------


async def test_the_runs_screen_lists_runs_and_sums() -> None:
    async with driving(size=(100, 40)) as driver:
        driver.workspace.runs.records = [
            record(id=2, state=RunState.STOPPED, stopped="The budget of 2.5 is used up.", judge=LLM),
            record(state=RunState.CUT_SHORT, ended_at=None, scored=40, failed=0, unscored=0),
        ]
        driver.workspace.runs.sums = [total("llm", "small-1"), total("", "")]
        await driver.rows()
        await driver.command("runs")
        await driver.until(lambda: isinstance(driver.app.screen, RunsScreen) and "In all" in driver.text())
        text = driver.text()
        for words in (
            "all judges",
            "3 runs · 305 tickets · 1 without a score · 4 failed · 310 requests",
            "1 of these runs had no price set",
            "120 of 120 tickets · 1 without a score · 2 failed · 121 requests · 121,000 tokens sent (40,000",
            "0.1452 spent",
            "Ended early: The budget of 2.5 is used up.",
            "cut short",
            "40 of 120 tickets",
        ):
            assert words in text
        await driver.press("escape")
        assert driver.screen.SCREEN == "reps"


async def test_without_a_run_the_runs_screen_says_how_to_begin() -> None:
    async with driving() as driver:
        await driver.rows()
        await driver.command("runs")
        await driver.until(lambda: driver.screen.SCREEN == "runs" and driver.placard.display)
        assert ":score llm" in driver.placard.text


# With the real services and an endpoint ---------------------------------------------------------------


def ticket(number: int) -> Ticket:
    messages = (
        Message("m1", Speaker.CUSTOMER, "My kettle leaks and I am upset."),
        Message(
            "m2",
            Speaker.REP,
            f"Hello, a new one leaves today, it is number {number} of the day.",
            author=Rep("r", "Ana"),
        ),
    )
    closed = NOW - timedelta(hours=number)
    return Ticket(source="s", id=f"{number:04}", messages=messages, status=Status.CLOSED, closed_at=closed)


@asynccontextmanager
async def judging(tmp_path: Path, script: Script, count: int, **llm: object) -> AsyncIterator[tuple[Driver, Endpoint]]:
    """The application over a real workspace of so many tickets, with this endpoint in its settings."""
    forget_dialects()
    path = tmp_path / "w.db"
    db = await Database.open(path)
    async with db.write() as connection:
        await conversations.save(connection, [ticket(number) for number in range(count)])
    await db.close()
    async with scripted(script) as endpoint:
        values = {"base_url": endpoint.base_url, "model": "small-1", "tries": 1, **llm}
        chosen = settings(db=str(path), llm=LlmSettings(**values))  # type: ignore[arg-type]

        app = QatuiApp(chosen, open_workspace=open_workspace)
        async with app.run_test(size=(100, 30)) as pilot:
            driver = Driver(app, pilot, None)  # type: ignore[arg-type]
            await driver.until(lambda: app.session.workspace is not None)
            await driver.quiet()
            yield driver, endpoint


async def begin(driver: Driver, line: str = "score llm") -> None:
    await driver.command(line)
    await driver.until(lambda: isinstance(driver.app.screen, ConfirmScoring))
    await driver.pilot.press("Y")


def workspace(driver: Driver) -> Workspace:
    return driver.app.session.open


async def test_the_model_of_the_settings_judges_what_waits(tmp_path: Path) -> None:
    async with judging(tmp_path, [Say(GOOD)], 12, price_in=1.0, price_out=1.0) as (driver, endpoint):
        await begin(driver)
        await driver.until(lambda: driver.note.startswith("Scored 12 tickets"))
        assert driver.note == "Scored 12 tickets · 14,400 tokens · 0.0144 spent."
        assert len(endpoint.requests) == 12
        await driver.command("score llm")
        await driver.until(lambda: driver.note == "No ticket waits for llm · small-1.")
        await driver.command("runs")
        await driver.until(lambda: "In all" in driver.text())
        assert "12 of 12 tickets · 12 requests · 12,000 tokens sent · 2,400 received · 0.0144 spent" in driver.text()


async def test_a_budget_ends_a_run_in_time(tmp_path: Path) -> None:
    async with judging(tmp_path, [Say(GOOD)], 12, price_in=1.0, price_out=1.0, concurrency=1) as (driver, endpoint):
        await begin(driver, "score llm 0.006")
        await driver.until(lambda: "The budget of 0.006 is used up" in driver.note)
        assert 0 < len(endpoint.requests) < 12


async def test_a_tiny_budget_is_told_in_digits(tmp_path: Path) -> None:
    async with judging(tmp_path, [Say(GOOD)], 2, price_in=1.0, price_out=1.0) as (driver, endpoint):
        await driver.command("score llm 0.000001")
        await driver.until(lambda: isinstance(driver.app.screen, ConfirmScoring))
        text = "\n".join(str(line.render()) for line in driver.app.screen.query(Static))
        assert "It ends before 0.000001 is spent." in text
        await driver.pilot.press("Y")
        await driver.until(lambda: "The budget of 0.000001 is used up" in driver.note)
        assert endpoint.requests == []


async def test_a_budget_needs_prices(tmp_path: Path) -> None:
    async with judging(tmp_path, [Say(GOOD)], 2) as (driver, endpoint):
        await driver.command("score llm 3")
        await driver.until(lambda: "A budget needs prices" in driver.note)
        assert endpoint.requests == []


async def test_stopping_lets_the_request_under_way_finish_and_stores_it(tmp_path: Path) -> None:
    async with judging(tmp_path, [Say(GOOD)], 30, concurrency=1) as (driver, endpoint):
        endpoint.hold = asyncio.Event()
        await begin(driver)
        await endpoint.received(1)
        await driver.press("escape")
        assert driver.note.startswith("Stopping: what is under way is finished and stored; esc again")
        endpoint.hold.set()
        await driver.until(lambda: driver.note.startswith("Scoring stopped; what was judged is kept."))
        assert len(endpoint.requests) == 1
        assert (await workspace(driver).reports.counts(TicketFilter())).scored == 1
        [run] = await workspace(driver).runs.recent()
        assert (run.state, run.scored, run.used.requests) == (RunState.STOPPED, 1, 1)


async def test_stopping_twice_waits_for_nothing(tmp_path: Path) -> None:
    async with judging(tmp_path, [Hang()], 30, concurrency=2) as (driver, endpoint):
        await begin(driver)
        await endpoint.received(1)
        await driver.press("escape", "escape")
        await driver.until(lambda: driver.note == "Scoring stopped; what was judged is kept.")
        assert not driver.app.scoring.running
        [run] = await workspace(driver).runs.recent()
        assert (run.state, run.scored) == (RunState.STOPPED, 0)


async def test_a_pause_sends_nothing_more_until_it_goes_on(tmp_path: Path) -> None:
    async with judging(tmp_path, [Say(GOOD)], 30, concurrency=2) as (driver, endpoint):
        endpoint.hold = asyncio.Event()
        await begin(driver)
        await endpoint.received(1)
        await driver.press("W")
        endpoint.hold.set()
        async with endpoint.arrival:
            await endpoint.arrival.wait_for(lambda: endpoint.busy == 0)
        await driver.until(lambda: driver.app.scoring.pulse is not None)
        await driver.quiet()
        assert len(endpoint.requests) == 1
        assert "Paused" in driver.note or "paused" in driver.note
        await driver.press("W")
        await driver.until(lambda: driver.note.startswith("Scored 30 tickets"))


async def test_a_refused_key_is_told_with_what_was_not_judged(tmp_path: Path) -> None:
    async with judging(tmp_path, [Refuse(401, {"error": {"message": "bad key sk-abcdef123456"}})], 9) as (driver, _):
        await begin(driver)
        await driver.until(lambda: "the endpoint refused the key (401)" in driver.note)
        assert "sk-abcdef" not in driver.text()


async def test_why_tickets_failed_is_told(tmp_path: Path) -> None:
    async with judging(tmp_path, [Say("I would rather not.")], 3) as (driver, _):
        await begin(driver)
        await driver.until(lambda: driver.note.startswith("Scored 0 tickets"))
        assert "Failed because the model gave no usable verdict" in driver.note


async def test_settings_that_cannot_be_are_a_dialog_with_the_mend(tmp_path: Path) -> None:
    async with judging(tmp_path, [Say(GOOD)], 2, model="") as (driver, _):
        await driver.command("score llm")
        await driver.until(lambda: isinstance(driver.app.screen, ErrorDialog))
        assert "QATUI_LLM_MODEL" in driver.text()


async def test_a_run_shows_in_the_runs_screen_while_it_goes_on(tmp_path: Path) -> None:
    async with judging(tmp_path, [Say(GOOD)], 6, concurrency=1) as (driver, endpoint):
        endpoint.hold = asyncio.Event()
        await begin(driver)
        await endpoint.received(1)
        await driver.command("runs")
        await driver.until(lambda: "going on" in driver.text())
        endpoint.hold.set()
        await driver.until(lambda: "6 of 6 tickets" in driver.text() and "done" in driver.text())
        assert driver.screen.query_one(RunView).lines


async def test_an_estimate_without_prices_on_this_machine_says_so(tmp_path: Path) -> None:
    async with judging(tmp_path, [Say(GOOD)], 3) as (driver, endpoint):
        await driver.command("score llm")
        await driver.until(lambda: isinstance(driver.app.screen, ConfirmScoring))
        assert "Have 3 tickets judged by llm" in driver.text()
        assert "No price is set" in driver.text()
        assert "not masked" in driver.text()
        assert endpoint.requests == []


@pytest.mark.parametrize("key", ["1", "3", "5"])
async def test_why_a_run_cannot_begin_is_told_where_nothing_is_shown_yet(tmp_path: Path, key: str) -> None:
    async with judging(tmp_path, [], 0, model="") as (driver, _endpoint):
        await driver.press(key)
        await driver.command("score llm")
        await driver.until(lambda: isinstance(driver.app.screen, ErrorDialog))
        assert "llm.model is not set" in driver.text()
