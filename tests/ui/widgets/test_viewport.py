"""Where moves take the cursor and the window, for all sizes and places."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from qatui.widgets.viewport import View

heights = st.integers(1, 60)
sizes = st.integers(1, 10_000)
moves = st.lists(
    st.tuples(st.sampled_from(["at", "leapt", "wheeled"]), st.integers(-12_000, 12_000)), min_size=1, max_size=12
)


@given(heights, sizes, moves)
def test_after_any_moves_the_cursor_is_a_row_in_sight_and_no_line_is_wasted(
    height: int, known: int, path: list[tuple[str, int]]
) -> None:
    view = View()
    for name, number in path:
        view = getattr(view, name)(number, height, known)
        assert 0 <= view.cursor < known
        assert view.top <= view.cursor < view.top + height
        assert 0 <= view.top <= max(0, known - height)


@given(heights, sizes, st.integers(0, 9_999), st.integers(0, 9_999))
def test_a_move_in_sight_does_not_scroll(height: int, known: int, start: int, target: int) -> None:
    view = View().at(start, height, known)
    first, last = view.window(height, known)
    moved = view.at(max(first, min(target, last)), height, known)
    assert moved.top == view.top


def test_walking_down_scrolls_half_a_window_at_a_time() -> None:
    view, tops = View(), []
    for index in range(30):
        view = view.at(index, 10, 1000)
        tops.append(view.top)
    assert sorted(set(tops)) == [0, 5, 10, 15, 20]


def test_walking_up_scrolls_half_a_window_at_a_time() -> None:
    view, tops = View(100, 100), []
    for index in range(100, 80, -1):
        view = view.at(index, 10, 1000)
        tops.append(view.top)
    assert sorted(set(tops)) == [80, 85, 90, 95, 100]


def test_a_far_jump_lands_in_the_middle() -> None:
    assert View().at(500, 10, 1000) == View(500, 495)
    assert View().at(999, 10, 1000) == View(999, 990)


def test_nothing_to_see() -> None:
    assert View().at(5, 10, 0) == View(0, 0)
    assert View().window(10, 0) == (0, 0)
