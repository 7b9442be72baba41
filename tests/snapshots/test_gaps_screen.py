"""What the Gaps screen looks like in every size, theme and state, over a fixed workspace at a fixed time."""

from __future__ import annotations

import asyncio
import io
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from qatui.app import QatuiApp
from qatui.domain.people import Account
from tests.ui.driving import NARROW, WIDE, Driver, settings
from tests.ui.gaps_desk import OWNER, made, opened

SIZES = {"80x24": NARROW, "130x40": WIDE}
VERA = Account(54_321, "vera")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that every test starts from a copy of; its name is what the where line says."""
    path = tmp_path_factory.mktemp("gaps") / "lamp_house.db"
    asyncio.run(made(path))
    return path


@pytest.fixture
def shown(template: Path, tmp_path: Path, snap_compare: Any) -> Any:
    """Open the screen over a copy, press the keys, and compare."""

    def show(keys: Sequence[str], size: tuple[int, int] = NARROW, who: Account = OWNER, theme: str = "dark") -> bool:
        path = tmp_path / template.name
        shutil.copy(template, path)
        chosen = settings(db=str(path), theme=theme)
        app = QatuiApp(chosen, open_workspace=lambda _settings: opened(chosen, who))

        async def run(pilot: Pilot[int]) -> None:
            driver = Driver(app, pilot, None)  # type: ignore[arg-type]
            await driver.until(lambda: app.session.workspace is not None)
            await driver.press("4", *keys)

        same: bool = snap_compare(app, terminal_size=size, run_before=run)
        return same

    return show


@pytest.mark.parametrize("size", SIZES)
def test_topics(shown: Any, size: str) -> None:
    assert shown(["j", "space"], SIZES[size])


@pytest.mark.parametrize("size", SIZES)
def test_the_questions_of_a_topic(shown: Any, size: str) -> None:
    assert shown(["enter", "space", "space"], SIZES[size])


@pytest.mark.parametrize("size", SIZES)
def test_a_draft_that_was_taken(shown: Any, size: str) -> None:
    assert shown(["t"], SIZES[size])


@pytest.mark.parametrize("size", SIZES)
def test_after_create_and_resolve(shown: Any, size: str) -> None:
    assert shown(["t", "ctrl+r"], SIZES[size])


@pytest.mark.parametrize("size", SIZES)
def test_a_resolved_topic_with_its_answer(shown: Any, size: str) -> None:
    assert shown(["t", "ctrl+r", "f", "f", "f", "enter"], SIZES[size])


@pytest.mark.parametrize("size", SIZES)
def test_asking_for_a_name(shown: Any, size: str) -> None:
    assert shown(["R"], SIZES[size])


@pytest.mark.parametrize("size", SIZES)
def test_nothing_left(shown: Any, size: str) -> None:
    assert shown(["a", "d", "enter", "a", "d"], SIZES[size])


@pytest.mark.parametrize("size", SIZES)
def test_for_a_viewer(shown: Any, size: str) -> None:
    assert shown([], SIZES[size], VERA)


@pytest.mark.parametrize("theme", ["light", "ansi", "contrast"])
def test_themes(shown: Any, theme: str) -> None:
    assert shown(["space", "t"], WIDE, theme=theme)


def test_no_colour(shown: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert shown(["space", "t"], WIDE)


def test_ascii(shown: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the locale carries no more than ASCII."""
    monkeypatch.setattr(sys, "__stdout__", io.TextIOWrapper(io.BytesIO(), "ascii"))
    assert shown(["space", "t"], WIDE)
