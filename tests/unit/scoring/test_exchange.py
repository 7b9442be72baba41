"""How replies meet what the customer wrote before them: worked examples of every number."""

from __future__ import annotations

from math import log1p

import pytest

from qatui.domain.conversation import Message, Speaker, Status, Ticket
from qatui.domain.verdict import Responding
from qatui.services.scoring.offline import exchange
from qatui.services.scoring.offline.lexer import Lexer
from qatui.services.scoring.offline.transcript import transcribe


def numbers(*turns: str) -> dict[str, float]:
    messages = tuple(
        Message(f"m{at}", Speaker.CUSTOMER if turn[0] == "C" else Speaker.REP, turn[3:])
        for at, turn in enumerate(turns)
    )
    mine = tuple(at for at, turn in enumerate(turns) if turn[0] == "R")
    script = transcribe(
        Ticket(source="test", id="t", messages=messages, status=Status.CLOSED), Responding(None, mine, False), Lexer()
    )
    n_open = sum(sentence.turn < max(1, script.opening) for sentence in script.customer)
    return dict(zip(exchange.NAMES, exchange.numbers(script, n_open), strict=True))


UPSET = "C: I am furious."


def test_a_feeling_is_ignored_until_a_reply_acknowledges_it() -> None:
    ignored = numbers(UPSET, "R: Open the settings and choose the second tab, then restart the whole box as well.")
    assert ignored["both.felt_most"] == 3.0
    assert ignored["both.felt_ignored"] == pytest.approx(log1p(3.0))
    assert ignored["both.felt_met"] == ignored["both.felt_first_ack"] == 0.0
    met = numbers(UPSET, "R: I am sorry, I see why. Open the settings and choose the second tab, then restart it.")
    assert met["both.felt_met"] == met["both.felt_first_ack"] == pytest.approx(log1p(3.0))
    assert met["both.felt_ignored"] == 0.0


def test_an_acknowledgement_answers_the_feeling_before_it_not_a_later_one() -> None:
    found = numbers("C: My screen is dark.", "R: Sorry to hear that.", UPSET, "R: Restart it.")
    assert found["both.felt_ignored"] == pytest.approx(log1p(3.0))
    assert found["both.felt_curt"] == pytest.approx(log1p(3.0))
    assert found["both.felt_turns"] == 0.5


def test_hushing_an_upset_customer_is_not_an_answer_to_the_feeling() -> None:
    assert numbers(UPSET, "R: Please calm down.")["both.felt_joked"] == pytest.approx(log1p(3.0))
    assert numbers("C: Which sizes are there?", "R: Ha ha, three.")["both.felt_joked"] == 0.0


@pytest.mark.parametrize(
    ("question", "number", "answer", "evasion"),
    [
        ("C: How do I pair it?", "both.how_missed", "R: Press the red knob.", "R: It is lovely."),
        ("C: When does it arrive?", "both.when_missed", "R: It arrives tomorrow.", "R: It arrives."),
        ("C: Why is it dark?", "both.why_missed", "R: Because of a fuse.", "R: It is dark."),
        ("C: Where do I hand it in?", "both.where_missed", "R: Visit our shop.", "R: Do it."),
    ],
)
def test_an_opening_question_wants_its_own_kind_of_answer(
    question: str, number: str, answer: str, evasion: str
) -> None:
    assert numbers(question, answer)[number] == 0.0
    assert numbers(question, evasion)[number] == 1.0
    assert numbers("C: It is dark.", evasion)[number] == 0.0


def test_an_order_is_one_without_a_please() -> None:
    found = numbers("C: It is dark.", "R: Send us the number. Please send us the number. We wait.")
    assert found["rep.orders"] == pytest.approx(log1p(1))
    assert found["rep.order_share"] == pytest.approx(1 / 3)


def test_a_sentence_sent_again_is_counted_once_for_each_time() -> None:
    again = "R: We look at the case of yours with care."
    assert numbers("C: And?", again, "C: And?", again, "C: And?", again)["rep.said_twice"] == pytest.approx(log1p(2))
    assert numbers("C: And?", "R: Thank you.", "C: And?", "R: Thank you.")["rep.said_twice"] == 0.0


def test_a_rep_who_only_asks_back_answers_nothing() -> None:
    found = numbers("C: It is dark.", "R: Could you tell us your order number?")
    assert found["both.no_answer"] == found["both.only_elsewhere"] == found["rep.ends_asking"] == 1.0
    assert found["both.answer_kinds"] == found["rep.last_answers"] == 0.0


def test_a_silent_customer_shows_no_feeling() -> None:
    found = numbers("R: Hello, we have news of the order for you.")
    assert found["both.felt_most"] == found["both.felt_open"] == found["both.felt_turns"] == 0.0
    assert found["both.calm_only"] == 1.0
