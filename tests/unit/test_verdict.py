"""Who is scored, which tickets may be scored, and what a judge may say: METRICS, 'Quality assurance'."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qatui.domain.conversation import Message, Rep, Speaker, Status, Ticket
from qatui.domain.rubric import RUBRIC, SCORES, Dimension, rubric_hash
from qatui.domain.verdict import (
    Evidence,
    Explanation,
    Reason,
    Score,
    Unscored,
    content_hash,
    ineligible,
    responding,
)

ANA, TOM = Rep("r1", "Ana", "Billing"), Rep("r2", "Tom", "Billing")
TEN_WORDS = "one two three four five six seven eight nine ten"


def customer(text="Where is my lamp?", **more):
    return Message("c", Speaker.CUSTOMER, text, **more)


def rep(text=TEN_WORDS, author=ANA, **more):
    return Message("r", Speaker.REP, text, author=author, **more)


def ticket(*messages, status=Status.CLOSED, **more):
    return Ticket(source="s", id="1", messages=messages, status=status, **more)


class TestRespondingRep:
    def test_the_rep_with_most_public_messages(self):
        who = responding(ticket(customer(), rep(author=TOM), rep(), rep(author=TOM), customer()))
        assert (who.rep, who.positions, who.several) == (TOM, (1, 3), True)

    def test_a_tie_goes_to_the_last_to_reply(self):
        assert responding(ticket(rep(author=TOM), customer(), rep())).rep is ANA

    def test_private_notes_never_count(self):
        who = responding(ticket(customer(), rep(author=TOM), rep(private=True), rep(private=True)))
        assert (who.rep, who.several) == (TOM, False)

    def test_replies_without_an_author_are_one_unknown_rep(self):
        who = responding(ticket(customer(), rep(author=None), rep(author=None), rep()))
        assert (who.rep, who.positions, who.several) == (None, (1, 2), True)

    def test_nobody_replied(self):
        assert responding(ticket(customer(), Message("a", Speaker.CUSTOMER_AGENT, TEN_WORDS))) is None


class TestEligible:
    def test_closed_with_a_customer_and_ten_words_of_the_rep(self):
        assert ineligible(ticket(customer(), rep())) is None

    @pytest.mark.parametrize(
        ("case", "reason"),
        [
            (ticket(customer(), rep(), status=Status.OPEN), Reason.NOT_CLOSED),
            (ticket(customer(), rep(), spam=True), Reason.SPAM),
            (ticket(rep()), Reason.NO_CUSTOMER_MESSAGE),
            (ticket(customer("  "), rep()), Reason.NO_CUSTOMER_MESSAGE),
            (ticket(customer(private=True), rep()), Reason.NO_CUSTOMER_MESSAGE),
            (ticket(customer()), Reason.NO_REP_REPLY),
            (ticket(customer(), rep(private=True)), Reason.NO_REP_REPLY),
            (ticket(customer(), rep("one two three four five six seven eight nine")), Reason.TOO_SHORT),
            (ticket(customer(), rep("Two words."), rep("No more."), rep(author=TOM)), Reason.TOO_SHORT),
        ],
    )
    def test_reasons(self, case, reason):
        assert ineligible(case) == Unscored(reason)

    def test_the_words_of_all_the_reps_messages_count_together(self):
        assert ineligible(ticket(customer(), rep("one two three four five"), rep("six seven eight nine ten"))) is None


@given(st.sampled_from(Reason), st.text().filter(lambda text: ": " not in text))
def test_a_reason_reads_back_as_written(reason, detail):
    assert Unscored.parse(str(Unscored(reason, detail))) == Unscored(reason, detail)


def test_every_reason_has_a_sentence():
    assert all(reason.sentence.endswith(".") for reason in Reason)


@pytest.mark.parametrize("value", [0, 6, -1])
def test_no_score_outside_of_1_to_5(value):
    with pytest.raises(ValueError, match="1 to 5"):
        Score(value, Explanation("because"))


def test_a_quote_is_cut_out_of_the_stored_message():
    case = ticket(customer(), rep("Sorry about that. We sent a new one."))
    evidence = Evidence(1, 18, 36)
    assert evidence.quote(case) == "We sent a new one."
    assert evidence.message(case).author is ANA


def test_the_content_hash_sees_what_a_judge_sees():
    base = content_hash(ticket(customer(), rep()))
    assert content_hash(ticket(customer(), rep(), rep(private=True), subject="new")) == base
    assert content_hash(ticket(customer(), rep(author=TOM))) != base
    assert content_hash(ticket(rep(), customer())) != base
    assert content_hash(ticket(customer("Where?"), rep())) != base


def test_the_rubric_is_whole_and_its_hash_is_stable():
    assert set(RUBRIC) == set(Dimension)
    assert all(scale.anchor(score) for scale in RUBRIC.values() for score in SCORES)
    assert rubric_hash() == rubric_hash()
    assert len(rubric_hash()) == 12
