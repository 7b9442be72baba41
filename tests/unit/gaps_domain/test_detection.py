"""Which questions stayed unanswered: worked conversations for each rule, and what holds for any conversation."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qatui.domain.conversation import Event, EventType, Message, Speaker, Ticket
from qatui.domain.gap import Rule, questions
from qatui.domain.gap_content import has_content, substance

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
SPEAKERS = {"c": Speaker.CUSTOMER, "a": Speaker.CUSTOMER_AGENT, "r": Speaker.REP, "s": Speaker.SYSTEM}


def minute(number):
    return START + timedelta(minutes=number)


def ticket(*turns, timed=True, **other):
    """Messages ('c', text), ('a', text, sources), private ones ('note', text); events as Event at their minute."""
    messages, events = [], []
    for place, turn in enumerate(turns):
        if isinstance(turn, Event):
            events.append(Event(turn.type, minute(place), turn.to, turn.by, turn.reason, turn.value, turn.message))
            continue
        who, text, *sources = turn
        messages.append(
            Message(
                f"m{place}",
                SPEAKERS["r" if who == "note" else who],
                text,
                minute(place) if timed else None,
                private=who == "note",
                sources=tuple(sources[0]) if sources else (() if who == "a" else None),
                actions=() if who == "a" else None,
            )
        )
    return Ticket(source="desk", id="T-1", messages=tuple(messages), events=tuple(events), **other)


def told(*turns, **other):
    """(rule, id of the message) of each question."""
    return [(question.rule.value, question.message) for question in questions(ticket(*turns, **other))]


UNANSWERED = Event(EventType.UNANSWERED)
MISSING = Event(EventType.HANDOFF, by="customer_agent", reason="missing_knowledge")
WANTS_HUMAN = Event(EventType.HANDOFF_REQUESTED)
NEGATIVE = Event(EventType.FEEDBACK, value="negative")
POSITIVE = Event(EventType.FEEDBACK, value="positive")
ASKS = ("c", "Do you deliver to Norway?")
UNSURE = ("a", "I am not sure about that.")
SOURCED = ("a", "Within three days.", ["kb/1"])


def test_an_unanswered_event_names_its_question():
    turns = (ASKS, UNSURE, ("c", "And can I return a lamp?"), Event(EventType.UNANSWERED, message="m0"))
    assert told(*turns) == [("unanswered", "m0")]


def test_an_unanswered_event_without_a_name_means_the_question_before_it():
    assert told(ASKS, UNSURE, UNANSWERED, ("c", "What about Sweden and Finland?")) == [("unanswered", "m0")]


def test_an_event_that_names_the_answer_means_the_question_before_that():
    assert told(ASKS, UNSURE, ("c", "Can I return lamps?"), Event(EventType.UNANSWERED, message="m1")) == [
        ("unanswered", "m0")
    ]


def test_a_handoff_for_missing_knowledge_leaves_a_question():
    assert told(ASKS, UNSURE, MISSING, ("c", "Can I return lamps?")) == [("missing_knowledge", "m0")]


def test_other_handoffs_leave_none():
    assert told(ASKS, SOURCED, Event(EventType.HANDOFF, by="rule", reason="priority")) == []


@pytest.mark.parametrize(
    "rejection", [WANTS_HUMAN, NEGATIVE, Event(EventType.HANDOFF, by="rule", reason="customer_request")]
)
def test_a_rejected_fallback_leaves_a_question(rejection):
    assert told(ASKS, UNSURE, rejection) == [("fallback", "m0")]


@pytest.mark.parametrize(
    "turns",
    [
        (ASKS, SOURCED, WANTS_HUMAN),  # an answer with a source is no fallback
        (ASKS, ("a", "Done.", []), POSITIVE),  # nobody rejected it
        (ASKS, UNSURE, ("c", "Is it three days?"), SOURCED, NEGATIVE),  # the feedback is about the later answer
        (UNSURE, WANTS_HUMAN),  # nobody asked anything
        (ASKS, WANTS_HUMAN, UNSURE),  # the request came before the answer
    ],
)
def test_what_is_no_rejected_fallback(turns):
    assert told(*turns) == []


def test_feedback_that_names_a_fallback_is_about_that_one():
    turns = (
        ASKS,
        UNSURE,
        ("c", "Is it three days?"),
        SOURCED,
        Event(EventType.FEEDBACK, value="negative", message="m1"),
    )
    assert told(*turns) == [("fallback", "m0")]


def test_without_a_word_on_sources_nothing_is_known_to_be_a_fallback():
    message = Message("m1", Speaker.CUSTOMER_AGENT, "I am not sure.", minute(1))
    silent = Ticket(
        source="desk",
        id="T-1",
        messages=(Message("m0", Speaker.CUSTOMER, ASKS[1], START), message),
        events=(Event(EventType.HANDOFF_REQUESTED, minute(2)),),
    )
    assert questions(silent) == ()


def test_a_question_found_twice_stands_under_the_stronger_rule():
    assert told(ASKS, UNSURE, WANTS_HUMAN, MISSING, UNANSWERED) == [("unanswered", "m0")]
    assert told(ASKS, UNSURE, WANTS_HUMAN, MISSING) == [("missing_knowledge", "m0")]


@pytest.mark.parametrize(
    "empty",
    ["it still doesn't work", "thanks!", "hello??", "no that's not what I asked", "I want a human", "yes please, soon"],
)
def test_a_turn_without_content_means_the_last_one_that_has(empty):
    assert told(ASKS, UNSURE, ("c", empty), UNANSWERED) == [("unanswered", "m0")]


def test_where_no_turn_has_content_there_is_no_question():
    assert told(("c", "Hi there!"), ("a", "Hello!"), ("c", "Thanks"), UNANSWERED, MISSING) == []


@pytest.mark.parametrize("kind", [{"spam": True}, {"outbound": True}])
def test_spam_and_outbound_ask_nothing(kind):
    assert told(ASKS, UNSURE, UNANSWERED, MISSING, **kind) == []


def test_private_notes_never_count():
    assert told(ASKS, UNSURE, ("note", "Does anyone know about Norway?"), UNANSWERED) == [("unanswered", "m0")]


def test_messages_without_times_are_taken_in_file_order():
    turns = (ASKS, UNSURE, ("r", "I take over."), ("c", "And the customs duties?"), MISSING)
    assert told(*turns, timed=False) == [("missing_knowledge", "m0")]
    [question] = questions(ticket(*turns, timed=False, opened_at=START))
    assert question.at == START


def test_a_question_keeps_the_exact_words_and_its_place():
    text = "  Do you\ndeliver to   Norway?\x1b[31m "
    [question] = questions(ticket(("s", "Welcome"), ("c", text), UNSURE, UNANSWERED))
    assert (question.text, question.message, question.position, question.at) == (text, "m1", 1, minute(1))


@pytest.mark.parametrize("text", ["where is my parcel", "order 12345", "¿Dónde está mi pedido?", "我的包裹在哪里"])
def test_what_has_content(text):
    assert has_content(text)


@pytest.mark.parametrize("text", ["", "Refund?", "👍", "12345 678", "merci beaucoup", "你好", "Is anyone there?"])
def test_what_has_none(text):
    assert not has_content(text)


def test_the_substance_of_a_reply_is_between_salutation_and_farewell():
    text = "Hello Ruth!\nThe dimmer hums below 20 W.\nPut in one lamp more.\nKind regards,\nMarcus"
    start, end = substance(text)
    assert text[start:end] == "The dimmer hums below 20 W.\nPut in one lamp more."
    assert substance("Hi! Thanks a lot.\nBest wishes,\nAna") == (0, 0)


turns = st.one_of(
    st.tuples(st.sampled_from("car"), st.sampled_from([ASKS[1], "thanks", "it still doesn't work", "lamp cable", ""])),
    st.tuples(st.just("a"), st.just("See here."), st.sampled_from([[], ["kb/1"]])),
    st.tuples(st.just("note"), st.just("what about lamp cables")),
    st.builds(
        Event,
        st.sampled_from(EventType),
        reason=st.sampled_from([None, "missing_knowledge", "customer_request"]),
        value=st.sampled_from([None, "negative", "positive"]),
        message=st.sampled_from([None, "m0", "m1", "m2", "gone"]),
    ),
)


@given(st.lists(turns, max_size=12), st.booleans(), st.booleans())
def test_any_question_is_a_public_customer_turn_with_content_and_told_once(talk, timed, spam):
    conversation = ticket(*talk, timed=timed, spam=spam)
    found = questions(conversation)
    places = [question.position for question in found]
    assert places == sorted(set(places))
    assert not (spam and found)
    for question in found:
        message = conversation.messages[question.position]
        assert (message.id, message.text) == (question.message, question.text)
        assert message.speaker is Speaker.CUSTOMER
        assert not message.private
        assert has_content(message.text)


@given(st.lists(turns, max_size=10))
def test_an_explicit_event_always_wins(talk):
    found = questions(ticket(*talk, UNANSWERED))
    asked = [m for m in ticket(*talk).public(Speaker.CUSTOMER) if has_content(m.text)]
    assert bool(found) == bool(asked)
    if asked:
        assert (Rule.UNANSWERED, asked[-1].id) in [(each.rule, each.message) for each in found]


@given(st.text(max_size=200))
def test_substance_is_a_span_of_the_text(text):
    start, end = substance(text)
    assert 0 <= start <= end <= len(text)
    assert has_content(text[start:end]) or start == end
