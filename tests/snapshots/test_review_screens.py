"""What reviewing and its queue look like, narrow and wide, over a fixed workspace at a fixed time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from qatui.app import QatuiApp
from qatui.domain.people import Account
from qatui.domain.review import Scores
from qatui.services.workspace import Workspace
from tests.ui.driving import NARROW, WIDE, Driver, settings
from tests.ui.review_room import OLGA, VERA, as_rita, copied, made, opened, say_other_words

SIZES = {"80x24": NARROW, "130x40": WIDE}
OWN = ("v", "2", "tab", "tab", "4", "tab", *"stiff", "enter")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that every test starts from a copy of; its name is what the where line says."""
    path = tmp_path_factory.mktemp("review") / "northwind_support.db"
    asyncio.run(made(path))
    return path


@pytest.fixture
def shown(template: Path, tmp_path: Path, snap_compare: Any) -> Any:
    """Open the application over a copy, press the keys, and compare."""

    def show(
        keys: Sequence[str],
        size: str,
        *,
        who: Account = OLGA,
        first: Callable[[Workspace], Any] | None = None,
        theme: str = "dark",
    ) -> bool:
        chosen = settings(db=str(copied(template, tmp_path)), theme=theme)

        @asynccontextmanager
        async def open_it(_settings: Any) -> AsyncIterator[Workspace]:
            async with opened(chosen, who) as workspace:
                if first is not None:
                    await first(workspace)
                yield workspace

        opener: Callable[[Any], AbstractAsyncContextManager[Workspace]] = open_it
        app = QatuiApp(chosen, open_workspace=opener)

        async def run(pilot: Pilot[int]) -> None:
            driver = Driver(app, pilot, None)  # type: ignore[arg-type]
            await driver.until(lambda: app.session.workspace is not None)
            await driver.quiet()
            for key in keys:
                await driver.press(key)
            await asyncio.sleep(0.3)  # what follows the cursor waits until it rests
            await driver.quiet()

        same: bool = snap_compare(app, terminal_size=SIZES[size], run_before=run)
        return same

    return show


async def reviewed_by_rita(workspace: Workspace) -> None:
    await as_rita(workspace).score(1, Scores(3, 3, 3), "Somewhat stiff for somebody who waits for a lamp.")
    await as_rita(workspace).dispute(2, "The apology was not seen.")
    await as_rita(workspace).agree([3])


async def reviewed_before(workspace: Workspace) -> None:
    await reviewed_by_rita(workspace)
    await say_other_words(workspace, 1)


@pytest.mark.parametrize("size", SIZES)
def test_reviewed_tickets_in_the_list(shown: Any, size: str) -> None:
    assert shown(["2"], size, first=reviewed_by_rita)


@pytest.mark.parametrize("size", SIZES)
def test_writing_a_review_in_the_list(shown: Any, size: str) -> None:
    assert shown(["2", "v", "5", "tab"], size)


@pytest.mark.parametrize("size", SIZES)
def test_writing_a_review_of_a_ticket(shown: Any, size: str) -> None:
    assert shown(["2", "enter", *OWN[:-1]], size)


@pytest.mark.parametrize("size", SIZES)
def test_both_scores_side_by_side(shown: Any, size: str) -> None:
    assert shown(["2", "enter", *OWN], size, first=reviewed_by_rita)


@pytest.mark.parametrize("size", SIZES)
def test_a_dispute(shown: Any, size: str) -> None:
    assert shown(["2", "j", "enter"], size, first=reviewed_by_rita)


@pytest.mark.parametrize("size", SIZES)
def test_a_review_of_earlier_words(shown: Any, size: str) -> None:
    assert shown(["2", "enter"], size, first=reviewed_before)


@pytest.mark.parametrize("size", SIZES)
def test_a_message_that_addresses_the_judge(shown: Any, size: str) -> None:
    assert shown(["2", "j", "j", "j", "enter"], size)


@pytest.mark.parametrize("size", SIZES)
def test_a_ticket_that_only_people_scored(shown: Any, size: str) -> None:
    assert shown(["2", "j", "j", "j", "j", "enter", "v", "4", "tab", "3", "tab", "3", "enter"], size)


@pytest.mark.parametrize("size", SIZES)
def test_the_queue(shown: Any, size: str) -> None:
    assert shown(["Q", "a", "j", *OWN, "j"], size)


@pytest.mark.parametrize("size", SIZES)
def test_the_blind_queue(shown: Any, size: str) -> None:
    assert shown(["Q", "b", "v", "2", "tab", "2", "tab", "3", "enter", "j"], size)


@pytest.mark.parametrize("size", SIZES)
def test_a_blind_ticket(shown: Any, size: str) -> None:
    assert shown(["Q", "b", "enter"], size)


@pytest.mark.parametrize("size", SIZES)
def test_an_empty_queue(shown: Any, size: str) -> None:
    assert shown(["Q", ":", *"queue", "space", *"rep:nobody", "enter"], size)


@pytest.mark.parametrize("size", SIZES)
def test_for_a_viewer(shown: Any, size: str) -> None:
    assert shown(["2", "enter", "a"], size, who=VERA)
