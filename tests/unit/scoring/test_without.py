"""What a ticket's cues and marks are without one sentence: the same as if it had never been written."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qatui.domain.conversation import Message, Speaker, Status, Ticket
from qatui.domain.verdict import Responding
from qatui.services.scoring.offline import weights
from qatui.services.scoring.offline.lexer import Lexer
from qatui.services.scoring.offline.model import Model
from qatui.services.scoring.offline.transcript import Transcript, transcribe
from qatui.services.scoring.offline.without import _COLUMNS, _left, brought_in

SENTENCES = (
    "I am so sorry about the broken lamp.",
    "As I already said, read the manual.",
    "Press the button for ten seconds.",
    "Thank you for your patience!",
    "We apologise for any inconvenience.",
    "It ships tomorrow.",
    "It ships tomorrow.",
    "Please send us your order number.",
    "You should have told us earlier.",
    "Have a lovely day!",
)


@pytest.fixture(scope="module")
def judge() -> Model:
    return Model.of(weights.packaged())


def script(turns: list[list[str]]) -> Transcript:
    messages = [Message("c", Speaker.CUSTOMER, "My lamp broke again and I am really cross! When does a new one come?")]
    messages += [Message(f"m{at}", Speaker.REP, " ".join(turn)) for at, turn in enumerate(turns)]
    ticket = Ticket(source="test", id="t", messages=tuple(messages), status=Status.CLOSED)
    return transcribe(ticket, Responding(None, tuple(range(1, len(messages))), False), Lexer())


TURNS = st.lists(st.lists(st.sampled_from(SENTENCES), min_size=2, max_size=4), min_size=1, max_size=3)


@given(TURNS)
@settings(max_examples=30, deadline=None)
def test_leaving_out_a_sentence_equals_a_ticket_without_it(turns: list[list[str]]) -> None:
    judge = Model.of(weights.packaged())
    whole = script(turns)
    looks = judge.look([whole])
    left = _left([whole], looks.rep_starts, looks.marked.rep)
    for at, row in enumerate(left):
        shorter = replace(whole, rep=[sentence for n, sentence in enumerate(whole.rep) if n != at])
        assert row == pytest.approx(judge.look([shorter]).rows[0, _COLUMNS])


def test_a_ticket_of_one_sentence_is_left_with_nothing_but_its_first_message(judge: Model) -> None:
    looks = judge.look([script([["Press it."]])])
    left = _left([script([["Press it."]])], looks.rep_starts, looks.marked.rep)
    assert np.isfinite(left).all()


def test_each_sentence_is_told_of_by_itself_whatever_is_read_with_it(judge: Model) -> None:
    talks = [script([[SENTENCES[at % 10], SENTENCES[(3 * at) % 10]], [SENTENCES[(7 * at) % 10]]]) for at in range(20)]

    def told(some: list[Transcript]) -> list[list[float]]:
        looks = judge.look(some)
        said = judge.members(looks.rows, judge.forest.path(looks.rows))
        return brought_in(judge, some, looks, said).tolist()

    assert told(talks) == [row for talk in talks for row in told([talk])]


def test_the_cold_sentence_pulls_down_and_the_warm_one_up(judge: Model) -> None:
    talk = script([["I am so sorry about the broken lamp.", "You should have told us earlier, it is your own fault."]])
    looks = judge.look([talk])
    moved = brought_in(judge, [talk], looks, judge.members(looks.rows, judge.forest.path(looks.rows)))
    assert moved[0, 2] > 0 > moved[1, 2]
    assert moved[1, 0] < 0


def test_of_a_flood_of_sentences_nothing_is_said_and_the_others_are_told_of_as_ever(judge: Model) -> None:
    usual, flood = script([list(SENTENCES)]), script([["Press it."] * 1001])

    def told(some: list[Transcript]) -> list[list[float]]:
        looks = judge.look(some)
        return brought_in(judge, some, looks, judge.members(looks.rows, judge.forest.path(looks.rows))).tolist()

    both = told([flood, usual])
    assert both[: len(flood.rep)] == [[0.0, 0.0, 0.0]] * len(flood.rep)
    assert both[len(flood.rep) :] == told([usual])
