"""Marks on single sentences: how they are pooled over a ticket, and how far the shipped ones can be trusted."""

from __future__ import annotations

from math import log1p

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qatui.domain.conversation import Message, Speaker, Status, Ticket
from qatui.domain.verdict import Responding
from qatui.services.scoring.offline import marks, weights
from qatui.services.scoring.offline.lexer import Lexer
from qatui.services.scoring.offline.marks import FEELING, MARKS, NAMES, PLAIN, Marked
from qatui.services.scoring.offline.model import Model
from qatui.services.scoring.offline.transcript import Transcript, transcribe

NONE = dict.fromkeys(MARKS, 0.0)


def script(*turns: str) -> Transcript:
    messages = tuple(
        Message(f"m{at}", Speaker.CUSTOMER if turn[0] == "C" else Speaker.REP, turn[3:])
        for at, turn in enumerate(turns)
    )
    mine = tuple(at for at, turn in enumerate(turns) if turn[0] == "R")
    ticket = Ticket(source="test", id="t", messages=messages, status=Status.CLOSED)
    return transcribe(ticket, Responding(None, mine, False), Lexer())


def pooled(talk: Transcript, rep: list[dict[str, float]], feeling: list[float]) -> dict[str, float]:
    strengths = np.array([[{**NONE, **sentence}[mark] for mark in MARKS] for sentence in rep])
    return dict(zip(NAMES, marks.rows([talk], Marked(strengths, np.array(feeling)))[0].tolist(), strict=True))


TALK = script(
    "C: It broke. I am so cross!", "R: Hello. Sorry to hear that.", "C: And now?", "R: Wait. We send one on Monday."
)


def test_marks_are_pooled_over_the_ticket_its_first_and_its_last_reply() -> None:
    found = pooled(TALK, [{"warm": 0.2}, {"stock": 0.8}, {"cold": 0.6}, {"concrete": 0.9, "cold": 0.2}], [0, 2, 0.5])
    assert found["marks.cold.most"] == 0.6
    assert found["marks.cold.mean"] == pytest.approx(0.2)
    assert found["marks.cold.first"] == 0.0
    assert found["marks.stock.first"] == 0.8
    assert found["marks.stock.last"] == 0.0
    assert found["marks.concrete.last"] == 0.9


def test_feeling_before_the_first_reply_is_told_from_feeling_after_it() -> None:
    found = pooled(TALK, [{}, {}, {}, {}], [0, 2, 0.5])
    assert (found["felt.most"], found["felt.open"], found["felt.later"], found["felt.last"]) == (2.0, 2.0, 0.5, 0.5)
    assert found["felt.sum"] == pytest.approx(log1p(2.5))
    assert found["felt.mean"] == found["felt.three"] == pytest.approx(2.5 / 3)


def test_feeling_is_met_or_passed_over_by_the_next_reply() -> None:
    met = pooled(TALK, [{}, {"case": 0.75}, {}, {}], [0, 2, 0])
    assert met["felt.met"] == pytest.approx(log1p(1.5))
    assert met["felt.passed_over"] == pytest.approx(log1p(0.5))
    assert met["felt.unmet"] == pytest.approx(0.5)
    assert met["felt.taken_up"] == pytest.approx(1.5)
    late = pooled(TALK, [{}, {}, {"case": 0.75}, {}], [0, 2, 0])
    assert late["felt.passed_over"] == pytest.approx(log1p(2.0))
    assert late["felt.met"] == 0.0


def test_a_cold_reply_to_a_feeling_hurts() -> None:
    assert pooled(TALK, [{"cold": 0.5}, {}, {}, {}], [0, 2, 0])["felt.hurt"] == pytest.approx(log1p(1.0))
    assert pooled(TALK, [{}, {}, {"cold": 0.5}, {}], [0, 2, 0])["felt.hurt"] == 0.0


def test_understanding_in_a_cold_sentence_is_none() -> None:
    row = np.array([[{**NONE, "case": 0.8, "warm": 0.4, "cold": 0.5, "vague": 0.3}[mark] for mark in MARKS]])
    found = dict(zip(MARKS, Marked.of(row, np.zeros(0)).rep[0].tolist(), strict=True))
    assert (found["case"], found["warm"], found["cold"], found["vague"]) == (0.4, 0.2, 0.5, 0.3)


def test_a_customer_who_wrote_nothing_shows_no_feeling() -> None:
    found = pooled(script("R: We noticed a fault on your line."), [{"concrete": 1.0}], [])
    assert {name: value for name, value in found.items() if name.startswith("felt.") and value} == {}


@pytest.fixture(scope="module")
def judge() -> Model:
    return Model.of(weights.packaged())


@given(st.lists(st.tuples(st.sampled_from("CR"), st.text(max_size=40)), max_size=8))
@settings(max_examples=40)
def test_strengths_keep_to_their_range(turns: list[tuple[str, str]]) -> None:
    talk = script("C: Hello?", "R: Good day.", *(f"{side}: {text}" for side, text in turns))
    marked = Model.of(weights.packaged()).look([talk]).marked
    assert marked.rep.shape == (len(talk.rep), len(MARKS))
    assert marked.feeling.shape == (len(talk.customer),)
    assert np.all((marked.rep >= 0) & (marked.rep <= 1))
    assert np.all((marked.feeling >= 0) & (marked.feeling <= FEELING))


@pytest.mark.parametrize(
    ("mark", "sentence"),
    [
        ("cold", "As I already told you, read the manual before you bother us again."),
        ("stock", "We apologise for any inconvenience caused."),
        ("case", "I am so sorry that you missed your sister's wedding because of our delay, that must hurt."),
        ("concrete", "Press the button for ten seconds and the lamp will turn green."),
        ("warm", "You are most welcome, Ida, have a lovely weekend!"),
    ],
)
def test_the_shipped_marks_know_a_plain_example_from_the_others(judge: Model, mark: str, sentence: str) -> None:
    found = judge.look([script("C: My lamp is dark and I am angry.", f"R: {sentence}")]).marked.rep[0]
    assert found[MARKS.index(mark)] >= PLAIN
