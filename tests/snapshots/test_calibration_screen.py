"""What the Calibration screen looks like in every part, size, theme and state, over a fixed file at a fixed time."""

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
from qatui.config import Settings
from tests.ui.calibration_desk import made, opened
from tests.ui.driving import NARROW, WIDE, Driver, settings

SIZES = {"80x24": NARROW, "130x40": WIDE}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("calibration") / "northwind_support.db")


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("calibration") / "northwind_support.db", 6)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("calibration") / "northwind_support.db", 0)


def shown(
    snap_compare: Any,
    template: Path,
    tmp_path: Path,
    keys: Sequence[str] = (),
    size: tuple[int, int] = NARROW,
    theme: str = "dark",
) -> bool:
    """Open the screen over a copy of the file, press the keys, and compare."""
    path = tmp_path / template.name
    shutil.copy(template, path)
    chosen: Settings = settings(db=str(path), theme=theme)
    app = QatuiApp(chosen, open_workspace=lambda _settings: opened(path, theme=theme))

    async def run(pilot: Pilot[int]) -> None:
        driver = Driver(app, pilot, None)  # type: ignore[arg-type]
        await driver.until(lambda: app.session.workspace is not None)
        await driver.press("5", *keys)

    same: bool = snap_compare(app, terminal_size=size, run_before=run)
    return same


@pytest.mark.parametrize("size", SIZES)
def test_judge_against_people(snap_compare: Any, template: Path, tmp_path: Path, size: str) -> None:
    assert shown(snap_compare, template, tmp_path, "j", SIZES[size])


@pytest.mark.parametrize("size", SIZES)
def test_kappa_explained(snap_compare: Any, template: Path, tmp_path: Path, size: str) -> None:
    assert shown(snap_compare, template, tmp_path, [*"llll", "space"], SIZES[size])


@pytest.mark.parametrize("size", SIZES)
def test_a_cell_explained(snap_compare: Any, template: Path, tmp_path: Path, size: str) -> None:
    assert shown(snap_compare, template, tmp_path, ["tab", "j", "l", "space"], SIZES[size])


@pytest.mark.parametrize("size", SIZES)
def test_the_worst_disagreements(snap_compare: Any, template: Path, tmp_path: Path, size: str) -> None:
    assert shown(snap_compare, template, tmp_path, ["tab", "tab", "j"], SIZES[size])


@pytest.mark.parametrize("size", SIZES)
def test_the_tickets_of_a_cell(snap_compare: Any, template: Path, tmp_path: Path, size: str) -> None:
    assert shown(snap_compare, template, tmp_path, ["tab", "enter", "j"], SIZES[size])


def test_judge_against_judge(snap_compare: Any, template: Path, tmp_path: Path) -> None:
    assert shown(snap_compare, template, tmp_path, ["o", "o", "o"])


def test_before_a_judge_is_adopted(snap_compare: Any, template: Path, tmp_path: Path) -> None:
    assert shown(snap_compare, template, tmp_path, ["A"])


def test_light(snap_compare: Any, template: Path, tmp_path: Path) -> None:
    assert shown(snap_compare, template, tmp_path, ["tab", "j"], WIDE, theme="light")


def test_the_terminals_own_colours(snap_compare: Any, template: Path, tmp_path: Path) -> None:
    assert shown(snap_compare, template, tmp_path, ["tab", "j"], theme="ansi")


def test_no_colour(snap_compare: Any, template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert shown(snap_compare, template, tmp_path, ["tab", "j"])


def test_ascii(snap_compare: Any, template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the locale carries no more than ASCII."""
    monkeypatch.setattr(sys, "__stdout__", io.TextIOWrapper(io.BytesIO(), "ascii"))
    assert shown(snap_compare, template, tmp_path, ["tab", "j", "space"])


def test_few_reviews(snap_compare: Any, few: Path, tmp_path: Path) -> None:
    assert shown(snap_compare, few, tmp_path)


def test_nobody_judged_anything(snap_compare: Any, empty: Path, tmp_path: Path) -> None:
    assert shown(snap_compare, empty, tmp_path)
