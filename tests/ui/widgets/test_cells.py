"""Cells, columns and wrapping: exact widths whatever stands in the text."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st
from textual.content import Content
from textual.style import Style

from qatui.text import cell_len
from qatui.widgets.cells import fit_parts, parts, plain, steady, strip
from qatui.widgets.columns import Column, place
from qatui.widgets.wrapping import cells, flow, wrap, wrapped
from tests.ui.widgets.samples import FORBIDDEN, HOSTILE

PLAIN = Style()
BOLD = Style(bold=True)
RED = Style.parse("red")

texts = st.text(max_size=60) | st.sampled_from(list(HOSTILE.values())) | st.text("ab 我👍\u200d\u0301\n", max_size=40)


@given(texts, st.integers(1, 40), st.sampled_from(["left", "right"]), st.integers(0, 10), st.integers(0, 10))
def test_a_cell_has_exactly_its_width_and_nothing_harmful(text: str, width: int, align: str, a: int, b: int) -> None:
    styled = Content(text).stylize(BOLD, min(a, b), max(a, b)).stylize(Style(link="https://x"), 0, 3)
    for cell in (text, styled):
        fitted = fit_parts(parts(cell, PLAIN), width, align, PLAIN)
        shown = "".join(piece for piece, _ in fitted)
        assert cell_len(shown) == width
        assert not set(map(ord, shown)) & set(FORBIDDEN)
        assert all(not style.link and not style.meta for _, style in fitted)


def test_a_cut_cell_ends_in_an_ellipsis_and_keeps_its_styles() -> None:
    cell = Content("late ").append(Content.styled("parcel", "bold")).append(" again")
    assert fit_parts(parts(cell, PLAIN), 8, "left", PLAIN) == [("late ", PLAIN), ("pa…", BOLD)]
    assert fit_parts(parts(cell, PLAIN), 5, "left", PLAIN) == [("late…", PLAIN)]
    assert fit_parts(parts("ab", PLAIN), 4, "right", PLAIN) == [("  ", PLAIN), ("ab", PLAIN)]


def test_a_flag_becomes_letters_and_a_family_its_members() -> None:
    assert steady("🇩🇪 👨‍👩‍👧 👍🏽 ❤️") == "DE 👨👩👧 👍 ❤"
    assert plain(Content("one\ntwo\x1b[0m")) == "one two␛[0m"


def test_neighbours_that_look_the_same_are_sent_as_one() -> None:
    line = strip([("a", PLAIN), ("  ", BOLD), ("b", PLAIN), ("c", RED), (" ", PLAIN), ("d", RED)], 8)
    assert [segment.text for segment in line] == ["a  b", "c d", " "]
    underlined = strip([("a", Style(underline=True)), (" ", PLAIN), ("b", PLAIN)], 3)
    assert [segment.text for segment in underlined] == ["a", " b"]


@given(
    st.lists(st.tuples(st.integers(1, 20), st.integers(0, 4), st.booleans()), min_size=1, max_size=8),
    st.integers(3, 120),
)
def test_columns_never_overlap_nor_leave_the_line(specification: list[tuple[int, int, bool]], width: int) -> None:
    columns = [
        Column[str](str(i), "x", size, str, priority=priority, grow=grow and i == 0)
        for i, (size, priority, grow) in enumerate(specification)
    ]
    placed = place(columns, width)
    end = 0
    for column in placed:
        assert column.x >= end + (2 if end else 0)
        assert column.width > 0
        end = column.x + column.width
    assert end <= width
    kept = {column.column.key for column in placed}
    least_left = min((c.priority for c in columns if c.key not in kept and c.priority), default=9)
    assert all(column.column.priority <= least_left for column in placed)


@given(texts, st.integers(2, 30))
@example("a  b", 2)
@example("word " * 20, 9)
def test_wrapped_lines_fit_and_lose_nothing_but_blanks(text: str, width: int) -> None:
    text = text.replace("\x1b", "").replace("\r", "")
    spans = wrap(text, width)
    position = 0
    for start, end in spans:
        assert position <= start <= end
        assert text[position:start].strip(" \n") == ""
        assert sum(cells(character) for character in text[start:end]) <= width
        position = end
    assert text[position:].strip(" \n") == ""


def test_lines_break_at_blanks_between_wide_characters_and_inside_words_that_are_too_long() -> None:
    assert wrapped("one two  three", 7) == ["one two", "three"]
    assert wrapped("我的灯在哪里", 5) == ["我的", "灯在", "哪里"]
    assert wrapped("xxxxxxxxxx yy", 4) == ["xxxx", "xxxx", "xx", "yy"]
    assert wrapped("a\n\nb", 5) == ["a", "", "b"]
    assert wrapped("", 5) == [""]


def test_items_flow_into_lines() -> None:
    assert flow(["aaa", "bbb", "ccc"], 9, 2) == [[0, 1], [2]]
    assert flow(["aaaaaaaaaaaa", "b"], 5, 2) == [[0], [1]]
