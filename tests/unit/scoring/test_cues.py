"""From text to cues: tokens, patterns, and the numbers they are pooled into."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qatui.domain.conversation import Message, Speaker, Status, Ticket
from qatui.domain.verdict import Responding
from qatui.services.scoring.offline import explain, features, lexicon
from qatui.services.scoring.offline import model as models
from qatui.services.scoring.offline.language import is_english
from qatui.services.scoring.offline.lexer import Lexer
from qatui.services.scoring.offline.phrases import NUMBERS, PHRASES
from qatui.services.scoring.offline.transcript import Transcript, transcribe


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("I’m SO sorry!", ["i'm", "so", "sorry", "!"]),
        ("See https://a.example/b?c=1 or www.example.org", ["see", "<url>", "or", "<url>"]),
        ("@shop #NAME# 12.50 €", ["<at>", "<name>", "<num>", "€"]),
        ("thanks :) ❤ 😭", ["thanks", ":)", "<heart>", "<sad>"]),
        ("Für Zoë_1", ["für", "zoë_", "<num>"]),
        ("", []),
    ],
)
def test_tokens(text: str, tokens: list[str]) -> None:
    assert Lexer().tokens(text) == tokens


@given(st.lists(st.text()))
def test_what_was_read_before_changes_no_token(texts: list[str]) -> None:
    lexer = Lexer()
    for text in texts:
        assert lexer.tokens(text) == Lexer().tokens(text)


def test_a_pattern_stands_for_every_choice() -> None:
    assert list(lexicon.expand("(so|very|) sorry (for|about) it")) == [
        ("so", "sorry", "for", "it"),
        ("so", "sorry", "about", "it"),
        ("very", "sorry", "for", "it"),
        ("very", "sorry", "about", "it"),
        ("sorry", "for", "it"),
        ("sorry", "about", "it"),
    ]


def test_cues_are_found_in_one_pass_and_once_per_place() -> None:
    trie = lexicon.Trie({"sorry": ("sorry", "so sorry"), "strong": ("(so|very) sorry",), "wait": ("one moment",)})
    tokens = ["so", "sorry", "one", "moment", "one"]
    assert [trie.names[cue] for cue in trie.find(tokens)] == ["sorry", "strong", "sorry", "wait"]


def test_every_pattern_of_the_lexicon_is_found_in_its_own_words() -> None:
    for cues in lexicon.read().values():
        trie = lexicon.Trie(cues)
        for name, patterns in cues.items():
            for pattern in patterns:
                assert "((" not in pattern
                for words in lexicon.expand(pattern):
                    assert name in {trie.names[cue] for cue in trie.find(list(words))}, (name, pattern)


def test_patterns_are_made_of_tokens_the_lexer_makes() -> None:
    lexer = Lexer()
    for cues in lexicon.read().values():
        for patterns in cues.values():
            for pattern in patterns:
                for words in lexicon.expand(pattern):
                    plain = [word for word in words if not word.startswith("<")]
                    assert lexer.tokens(" ".join(plain)) == plain, pattern


def script(*turns: str) -> Transcript:
    messages = tuple(
        Message(f"m{at}", Speaker.CUSTOMER if turn[0] == "C" else Speaker.REP, turn[3:])
        for at, turn in enumerate(turns)
    )
    ticket = Ticket(source="test", id="t", messages=messages, status=Status.CLOSED)
    mine = tuple(at for at, turn in enumerate(turns) if turn[0] == "R")
    return transcribe(ticket, Responding(None, mine, False), Lexer())


def number(found: Transcript, name: str) -> float:
    return float(features.row(found)[features.names().index(name)])


def test_features_of_a_worked_example() -> None:
    found = script(
        "C: Where is my parcel?", "R: Sorry! Which parcel?", "C: The one I told you about.", "R: It comes tomorrow."
    )
    assert number(found, "rep.apology.n") == pytest.approx(np.log1p(1))
    assert number(found, "rep.apology.first") == 1.0
    assert number(found, "rep.apology.dens") == pytest.approx(1 / 3)
    assert number(found, "rep.time_frame.n") == pytest.approx(np.log1p(1))
    assert number(found, "rep.time_frame.first") == 0.0
    assert number(found, "rep.questions") == pytest.approx(np.log1p(1))
    assert number(found, "cus.turns") == pytest.approx(np.log1p(2))
    assert number(found, "both.customer_ends") == 0.0


def test_only_the_responding_rep_is_read() -> None:
    alone = script("C: My card is blocked.", "R: I have unblocked it for you.")
    messages = [Message(f"m{at}", s, t) for at, (s, t) in enumerate(
        [
            (Speaker.CUSTOMER, "My card is blocked."),
            (Speaker.CUSTOMER_AGENT, "Sorry, I am a machine, thanks!"),
            (Speaker.SYSTEM, "Ticket assigned."),
            (Speaker.REP, "Not my job."),
            (Speaker.REP, "I have unblocked it for you."),
        ]
    )]  # fmt: skip
    messages.append(Message("note", Speaker.REP, "Rude one, sorry.", private=True))
    ticket = Ticket(source="test", id="t", messages=tuple(messages), status=Status.CLOSED)
    among = transcribe(ticket, Responding(None, (4,), True), Lexer())
    assert [s.text for s in among.rep] == [s.text for s in alone.rep]
    assert np.array_equal(features.row(among), features.row(alone))


@given(st.lists(st.tuples(st.sampled_from("CR"), st.text()), min_size=1, max_size=6))
def test_features_are_finite_whatever_is_written(turns: list[tuple[str, str]]) -> None:
    found = script(*(f"{side}: {text}" for side, text in turns), "R: ok then")
    row = features.row(found)
    assert row.shape == (len(features.names()),)
    assert np.isfinite(row).all()


def test_every_cue_of_the_vocabulary_has_words_and_every_number_a_cue() -> None:
    assert set(NUMBERS.values()) <= set(PHRASES)
    assert set(NUMBERS) <= set(models.names())
    assert set(explain.GROUPS) == set(PHRASES)
    assert len(models.names()) == len(set(models.names()))


@pytest.mark.parametrize(
    "text", ["ok", "#NAME# #NUMBER#", "https://example.org", "🙂🙂🙂", "iPhone 12 Pro Max 256 GB", ""]
)
def test_too_little_text_is_never_called_foreign(text: str) -> None:
    assert is_english(Lexer().tokens(text), text)


@given(
    st.lists(
        st.sampled_from(
            ["the", "you", "please", "help", "me", "with", "my", "order", "it", "is", "not", "working", "thanks"]
        ),
        min_size=4,
    )
)
def test_english_words_are_english(words: list[str]) -> None:
    assert is_english(words, " ".join(words))
