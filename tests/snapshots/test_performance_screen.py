"""What the Performance screen looks like in every section, size, theme and state, over a fixed log at a fixed time."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from textual.pilot import Pilot

from qatui.app import QatuiApp
from qatui.domain.conversation import Ticket
from qatui.screens.performance_sections import SECTIONS
from tests.ui.driving import NARROW, WIDE, Driver, settings
from tests.ui.fake_workspace import NOW, opener
from tests.ui.performance_log import BY_REP, RESOLVED, PerformanceWorkspace, conversation, log

SIZES = {"80x24": NARROW, "130x40": WIDE}


def shown(
    snap_compare: Any,
    keys: Sequence[str],
    size: tuple[int, int] = NARROW,
    tickets: Sequence[Ticket] | None = None,
    theme: str = "dark",
) -> bool:
    """Open the screen over these conversations, press the keys, and compare."""
    chosen = settings(theme=theme)
    workspace = PerformanceWorkspace(log() if tickets is None else tickets, chosen)
    app = QatuiApp(chosen, open_workspace=opener(workspace))

    async def run(pilot: Pilot[int]) -> None:
        driver = Driver(app, pilot, workspace)
        await driver.until(lambda: app.session.workspace is not None)
        await driver.press("3", *keys)

    same: bool = snap_compare(app, terminal_size=size, run_before=run)
    return same


def to(section: str) -> list[str]:
    return ["]"] * SECTIONS.index(section)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("section", SECTIONS)
def test_sections(snap_compare: Any, section: str, size: str) -> None:
    assert shown(snap_compare, [*to(section), "tab", "h"], SIZES[size])


@pytest.mark.parametrize("section", SECTIONS)
def test_every_other_chart_where_there_is_room_for_one(snap_compare: Any, section: str) -> None:
    assert shown(snap_compare, [*to(section), "tab", "tab", "tab"])


@pytest.mark.parametrize("size", SIZES)
def test_a_figure_explained(snap_compare: Any, size: str) -> None:
    assert shown(snap_compare, [*to("resolutions"), "space"], SIZES[size])


@pytest.mark.parametrize("size", SIZES)
def test_a_bar_explained(snap_compare: Any, size: str) -> None:
    assert shown(snap_compare, [*to("handoffs"), "tab", *"hhh", "space", "j"], SIZES[size])


@pytest.mark.parametrize("size", SIZES)
def test_numbers_instead_of_charts(snap_compare: Any, size: str) -> None:
    assert shown(snap_compare, ["tab", "t", "k", "l"], SIZES[size])


@pytest.mark.parametrize("size", SIZES)
def test_the_conversations_behind_a_figure(snap_compare: Any, size: str) -> None:
    assert shown(snap_compare, [*to("resolutions"), "enter", "tab", "j"], SIZES[size])


@pytest.mark.parametrize("section", SECTIONS)
def test_light(snap_compare: Any, section: str) -> None:
    assert shown(snap_compare, [*to(section), "tab", "h", "space"], WIDE, theme="light")


@pytest.mark.parametrize("section", SECTIONS)
def test_the_terminals_own_colours(snap_compare: Any, section: str) -> None:
    assert shown(snap_compare, [*to(section), "tab", "h"], theme="ansi")


@pytest.mark.parametrize("section", SECTIONS)
def test_no_colour(snap_compare: Any, section: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert shown(snap_compare, [*to(section), "tab", "h"])


@pytest.mark.parametrize("section", SECTIONS)
def test_ascii(snap_compare: Any, section: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the locale carries no more than ASCII."""
    monkeypatch.setattr(sys, "__stdout__", io.TextIOWrapper(io.BytesIO(), "ascii"))
    assert shown(snap_compare, [*to(section), "tab", "h", "space"], NARROW if section == "overview" else WIDE)


def test_empty_workspace(snap_compare: Any) -> None:
    assert shown(snap_compare, [], tickets=[])


def test_without_a_customer_agent(snap_compare: Any) -> None:
    assert shown(snap_compare, [], tickets=[conversation(n, BY_REP, NOW - timedelta(days=n)) for n in range(1, 8)])


@pytest.mark.parametrize("size", SIZES)
def test_one_conversation(snap_compare: Any, size: str) -> None:
    assert shown(snap_compare, ["]"], SIZES[size], [conversation(1, RESOLVED, NOW - timedelta(hours=3))])
