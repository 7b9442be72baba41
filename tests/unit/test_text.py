"""Foreign text never steers a terminal, a widget or a spreadsheet, and keeps its length where spans depend on it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qatui.text import REPLACEMENT, cell_len, csv_cell, fit, one_line, storable, visible

anything = st.text(st.characters(exclude_categories=()))  # lone surrogates too
STEERING = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@given(anything)
def test_visible_text_steers_nothing_and_keeps_every_offset(text):
    shown = visible(text)
    assert not STEERING.search(shown)
    assert len(shown) == len(text)
    assert visible(shown) == shown


@given(anything)
def test_one_line_has_no_line_feed_and_no_double_blank(text):
    line = one_line(text)
    assert "\n" not in line
    assert "  " not in line
    assert not STEERING.search(line)


@given(anything)
def test_storable_text_can_be_encoded_and_keeps_its_length(text):
    stored = storable(text)
    assert "\0" not in stored
    assert len(stored) == len(text)
    assert stored.encode().decode() == stored


def test_storable_leaves_ordinary_text_alone():
    text = "Grüße 👋 \r\n\t\x1b[31m"
    assert storable(text) is text


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b[31mred", "␛[31mred"),
        ("\x1b]52;c;aGk=\x07", "␛]52;c;aGk=␇"),
        ("a\u202eb", f"a{REPLACEMENT}b"),
        ("nul\0", "nul␀"),
        ("\ud83d", REPLACEMENT),
        ("two\nlines\tand a tab", "two\nlines and a tab"),
        ("[/x] [@click=app.quit]x[/]", "[/x] [@click=app.quit]x[/]"),  # markup is for widgets not to parse
    ],
)
def test_known_attacks(hostile, shown):
    assert visible(hostile) == shown


@pytest.mark.parametrize("start", ["=", "+", "-", "@"])
def test_a_csv_cell_is_no_formula(start):
    assert csv_cell(f"{start}HYPERLINK(1)") == f"'{start}HYPERLINK(1)"
    assert csv_cell("plain") == "plain"


@given(st.text(), st.integers(0, 40))
def test_fit_gives_exactly_the_width(text, width):
    assert cell_len(fit(one_line(text), width)) == width


def test_fit_says_that_it_cut():
    assert fit("parcel lost", 8) == "parcel… "
    assert fit("灯灯灯", 5) == "灯灯…"
    assert fit("short", 8) == "short   "
