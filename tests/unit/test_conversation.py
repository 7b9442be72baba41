"""How a ticket is named, and which of its messages the customer saw."""

from qatui.domain.conversation import NAME_WORDS, Message, Speaker, Ticket


def said(text, speaker=Speaker.CUSTOMER, **more):
    return Message("m", speaker, text, **more)


def test_a_ticket_is_named_by_its_subject():
    assert Ticket(source="s", id="7", messages=(said("Hello"),), subject="  Late parcel ").name == "Late parcel"


def test_without_a_subject_by_the_first_words_of_the_customer():
    words = " ".join(f"w{n}" for n in range(NAME_WORDS))
    messages = (said("Welcome!", Speaker.CUSTOMER_AGENT), said("note", private=True), said(" \n "), said(words))
    assert Ticket(source="s", id="7", messages=messages, subject=" ").name == words
    assert Ticket(source="s", id="7", messages=(said(words + " more"),)).name == words + " …"


def test_without_either_by_its_id():
    assert Ticket(source="s", id="7", messages=()).name == "7"
    assert Ticket(source="s", id="7", messages=()).key == "s/7"
