"""Sentences as spans, and quotes found again in the text they were taken from."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qatui.services.scoring.evidence import MAX_QUOTE, find_quote, sentences, trimmed


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello! I can help. Which order?", ["Hello!", "I can help.", "Which order?"]),
        ("See www.example.org/a.b and version 2.1.3 first", ["See www.example.org/a.b and version 2.1.3 first"]),
        ("One\n\nTwo", ["One", "Two"]),
        ("  “Done.”  Bye  ", ["“Done.”", "Bye"]),
        ("Really?! Yes...", ["Really?!", "Yes..."]),
        ("", []),
        (" \n ", []),
    ],
)
def test_sentences_end_at_marks_before_blanks_and_at_line_feeds(text: str, expected: list[str]) -> None:
    assert cut(text) == expected


@given(st.text())
def test_sentences_are_in_order_apart_and_lose_only_blanks(text: str) -> None:
    spans = sentences(text)
    at = 0
    for start, end in spans:
        assert at <= start < end
        assert text[at:start].strip() == ""
        assert text[start:end] == text[start:end].strip()
        at = end
    assert text[at:].strip() == ""


def test_a_long_sentence_is_cut_at_a_word() -> None:
    text = "word " * 200
    evidence = trimmed(3, 0, len(text) - 1, text)
    assert evidence.position == 3
    assert evidence.end - evidence.start <= MAX_QUOTE
    assert text[evidence.start : evidence.end].endswith("word")


def test_a_long_word_is_cut_anywhere() -> None:
    evidence = trimmed(0, 0, 1000, "x" * 1000)
    assert evidence.end == MAX_QUOTE


def test_a_quote_is_found_where_it_stands() -> None:
    assert find_quote("We are sorry. We are sorry.", "We are sorry.") == (0, 13)


@pytest.mark.parametrize(
    ("text", "quote", "found"),
    [
        ("I’m  so\nsorry about the delay", "I'm so sorry", "I’m  so\nsorry"),
        ("We will REFUND you today.", "we will refund you", "We will REFUND you"),
        ("It is “fine” – really", '"It is "fine" - really..."', "It is “fine” – really"),
        ("Straße 5 is right", "strasse 5", "Straße 5"),
    ],
)
def test_a_quote_from_memory_is_found_verbatim(text: str, quote: str, found: str) -> None:
    span = find_quote(text, quote)
    assert span is not None
    assert text[span[0] : span[1]] == found


@pytest.mark.parametrize("quote", ["", "  ", "...", "we will refund you tomorrow"])
def test_what_was_not_said_is_not_found(quote: str) -> None:
    assert find_quote("We will refund you today.", quote) is None


@given(st.text(min_size=1), st.data())
def test_any_piece_of_a_text_is_found_in_it(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    quote = text[start:end]
    span = find_quote(text, quote)
    if quote.strip():
        assert span is not None
        assert text[span[0] : span[1]] == quote.strip()
