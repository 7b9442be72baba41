"""Charts of text: exact widths, honest lengths, and the same in ASCII."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qatui.text import cell_len
from qatui.widgets.charts import bar, sparkline, stacked

values = st.lists(st.none() | st.floats(-1e6, 1e6), max_size=30)


@given(values, st.integers(0, 30))
def test_a_sparkline_has_its_width_and_a_blank_for_every_gap(numbers: list[float | None], width: int) -> None:
    line = sparkline(numbers, width)
    shown = numbers[-width:] if width else []
    assert len(line) == width
    assert [mark == " " for mark in line[width - len(shown) :]] == [value is None for value in shown]


def test_sparklines() -> None:
    assert sparkline([1, 2, 3, 4, 5, 6, 7, 8], 8) == "▁▂▃▄▅▆▇█"
    assert sparkline([3, 3, 3], 5) == "  ▅▅▅"
    assert sparkline([1, None, 2], 3) == "▁ █"
    assert sparkline([], 3) == "   "
    assert sparkline([3, 9], 2, low=1, high=5) == "▅█"
    assert sparkline([1, 2, 3], 2, low=1, high=3) == "▅█"


@given(st.floats(0, 1e6), st.floats(0, 1e6), st.integers(1, 40))
def test_a_bar_is_never_longer_than_its_room_and_shows_what_is_there(value: float, most: float, width: int) -> None:
    drawn = bar(value, most, width)
    assert len(drawn) == width
    assert ("█" in drawn) == (value > 0 and most > 0)


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=4), st.integers(4, 60))
def test_a_stacked_bar_is_exactly_full(parts: list[int], width: int) -> None:
    drawn = stacked(parts, width)
    assert len(drawn) == width
    if sum(parts):
        assert " " not in drawn
        for place, part in enumerate(parts):
            assert ("█▓▒░"[place] in drawn) == (part > 0)


def test_stacked_parts_are_given_cells_by_largest_remainder() -> None:
    assert stacked([1, 1], 5) in ("███▓▓", "██▓▓▓")
    assert stacked([50, 30, 20], 10) == "█████▓▓▓▒▒"
    assert stacked([0, 0], 3) == "   "


def test_charts_in_ascii(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qatui.text.supports_unicode", lambda: False)
    drawn = [sparkline([1, 2, 3], 3), bar(1, 2, 4), stacked([1, 1, 1, 1], 8)]
    assert "".join(drawn).isascii()
    assert all(cell_len(text) == len(text) for text in drawn)
    assert len(set(stacked([1, 1, 1, 1], 8))) == 4
