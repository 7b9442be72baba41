"""What a coaching pack looks like on screen, narrow and wide, over the sample at a fixed time."""

from __future__ import annotations

import io
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from qatui.app import QatuiApp
from tests.ui.coaching_desk import made, opened, to_rep
from tests.ui.driving import NARROW, WIDE, Driver, settings

SIZES = {"80x24": NARROW, "130x40": WIDE}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that every test starts from a copy of; its name is what the where line says."""
    path = tmp_path_factory.mktemp("coaching") / "fernlight.db"
    made(path)
    return path


@pytest.fixture
def shown(template: Path, tmp_path: Path, snap_compare: Any) -> Any:
    """Open the pack of a rep over a copy, press the keys, and compare."""

    def show(rep: str, keys: Sequence[str], size: tuple[int, int] = NARROW, theme: str = "dark") -> bool:
        path = tmp_path / template.name
        shutil.copy(template, path)
        chosen = settings(db=str(path), theme=theme)
        app = QatuiApp(chosen, open_workspace=lambda _settings: opened(chosen))

        async def run(pilot: Pilot[int]) -> None:
            driver = Driver(app, pilot, None)  # type: ignore[arg-type]
            await driver.until(lambda: app.session.workspace is not None)
            await to_rep(driver, rep)
            await driver.press("c", *keys)

        same: bool = snap_compare(app, terminal_size=size, run_before=run)
        return same

    return show


@pytest.mark.parametrize("size", SIZES)
def test_figures(shown: Any, size: str) -> None:
    assert shown("Tobias Lindqvist", [], SIZES[size])


@pytest.mark.parametrize("size", SIZES)
def test_a_quote(shown: Any, size: str) -> None:
    assert shown("Tobias Lindqvist", ["e", "e", "e", "e", "e"], SIZES[size])


@pytest.mark.parametrize("size", SIZES)
def test_suggestions(shown: Any, size: str) -> None:
    assert shown("Tobias Lindqvist", ["G"], SIZES[size])


@pytest.mark.parametrize("size", SIZES)
def test_few_tickets(shown: Any, size: str) -> None:
    assert shown("Noor Haddad", [], SIZES[size])


@pytest.mark.parametrize("theme", ["light", "ansi", "contrast"])
def test_themes(shown: Any, theme: str) -> None:
    assert shown("Tobias Lindqvist", ["e"], WIDE, theme)


def test_no_colour(shown: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert shown("Tobias Lindqvist", ["e"], WIDE)


def test_ascii(shown: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the locale carries no more than ASCII."""
    monkeypatch.setattr(sys, "__stdout__", io.TextIOWrapper(io.BytesIO(), "ascii"))
    assert shown("Tobias Lindqvist", ["e"], WIDE)
