"""What the Runs screen and the question before a paid run look like; times and records are fixed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from textual.pilot import Pilot

from qatui.app import QatuiApp
from qatui.config_llm import LlmSettings
from qatui.domain.rubric import rubric_hash
from qatui.domain.run import RunKind, RunState, Used
from qatui.domain.verdict import JudgeIdentity
from qatui.screens.scoring_confirm import ConfirmScoring
from tests.ui.driving import NARROW, WIDE, Driver, settings
from tests.ui.fake_workspace import JUDGE, NOW, FakeWorkspace, company, opener
from tests.ui.test_scoring import record, total

SIZES = {"80x24": NARROW, "130x40": WIDE}
LLM = LlmSettings(model="small-1", base_url="https://models.example.test/v1", readings=3)
BATCH = JudgeIdentity("llm", "large-2-with-a-name-that-goes-on-and-on", rubric_hash())


@pytest.fixture
def shown(snap_compare: Any) -> Any:
    """Open the application, take steps, and compare."""

    def show(steps: Callable[[Driver], Awaitable[Any]], size: str, *, empty: bool = False, theme: str = "dark") -> bool:
        chosen = settings(llm=LLM, theme=theme)
        workspace = FakeWorkspace(company(), chosen)
        if not empty:
            workspace.runs.records = [
                record(id=5, state=RunState.GOING, ended_at=None, scored=40, unscored=0, failed=0),
                record(id=4, state=RunState.WAITING, kind=RunKind.BATCH, judge=BATCH, ended_at=None, scored=0),
                record(id=3, state=RunState.STOPPED, stopped="The budget of 0.15 is used up."),
                record(id=2, state=RunState.CUT_SHORT, ended_at=None, started_at=NOW - timedelta(days=2)),
                record(id=1, kind=RunKind.OFFLINE, judge=JUDGE, failed=0, used=Used()),
            ]
            workspace.runs.sums = [total("llm", "small-1"), total("offline", "1"), total("", "")]
        app = QatuiApp(chosen, open_workspace=opener(workspace))

        async def before(pilot: Pilot[int]) -> None:
            driver = Driver(app, pilot, workspace)
            await driver.until(lambda: app.session.workspace is not None)
            await driver.rows()
            await steps(driver)

        same: bool = snap_compare(app, terminal_size=SIZES[size], run_before=before)
        return same

    return show


async def runs(driver: Driver) -> None:
    await driver.command("runs")
    await driver.until(lambda: driver.screen.SCREEN == "runs")
    await driver.quiet()


async def confirm(driver: Driver) -> None:
    await driver.command("score llm 2.50")
    await driver.until(lambda: isinstance(driver.app.screen, ConfirmScoring))


@pytest.mark.parametrize("size", SIZES)
def test_runs(shown: Any, size: str) -> None:
    assert shown(runs, size)


@pytest.mark.parametrize("size", SIZES)
def test_the_question_before_a_paid_run(shown: Any, size: str) -> None:
    assert shown(confirm, size)


def test_nothing_scored_yet(shown: Any) -> None:
    assert shown(runs, "80x24", empty=True)


@pytest.mark.parametrize("theme", ["light", "ansi", "contrast"])
def test_themes(shown: Any, theme: str) -> None:
    assert shown(runs, "80x24", theme=theme)
