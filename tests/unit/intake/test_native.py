"""One line of `qatui/1`: what it means, and why it is rejected, in words."""

import json
from datetime import UTC, datetime

import pytest

from qatui.domain.conversation import Customer, Event, EventType, Message, Rep, Speaker, Status, Ticket
from qatui.services.intake.native import read_line
from qatui.services.intake.wire import NAIVE_NOTE, Rejection, to_ticket

FULL = {
    "format": "qatui/1",
    "id": "T-1042",
    "source": "desk",
    "subject": "Where is my parcel?",
    "url": "https://desk.example/1042",
    "channel": "chat",
    "status": "closed",
    "opened_at": "2026-03-02T09:14:00Z",
    "closed_at": "2026-03-02T10:02:31Z",
    "customer": {"id": "c-9", "name": "Marta"},
    "tags": ["late"],
    "spam": False,
    "outbound": True,
    "messages": [
        {"id": "a", "at": "2026-03-02T09:14:00Z", "from": "customer", "text": "Hello?"},
        {"id": "b", "from": "customer_agent", "text": "Hi!", "sources": ["kb/12"], "actions": []},
        {"id": "c", "from": "rep", "author": {"id": "r7", "name": "Ana", "team": "B"}, "text": "Ok.", "private": True},
    ],
    "events": [
        {"at": "2026-03-02T09:14:01Z", "type": "assigned", "to": "customer_agent"},
        {"at": "2026-03-02T09:20:00Z", "type": "handoff", "by": "rule", "reason": "customer_request"},
        {"at": "2026-03-02T09:21:00Z", "type": "feedback", "value": "negative", "message": "b"},
        {"at": "2026-03-02T10:02:31Z", "type": "closed"},
    ],
}


def utc(*parts) -> datetime:
    return datetime(2026, 3, 2, *parts, tzinfo=UTC)


def ticket_in(line, note):
    return to_ticket(read_line(line, note), note)


def read(**changes):
    """The ticket in a small line with these keys, and the notes made."""
    notes = []
    line = json.dumps({"id": "1", "messages": []} | changes).encode()
    return ticket_in(line, notes.append), notes


def rejected(line) -> str:
    with pytest.raises(Rejection) as raised:
        ticket_in(line if isinstance(line, bytes) else json.dumps(line).encode(), lambda note: None)
    return str(raised.value)


def test_every_key_has_its_place():
    assert ticket_in(json.dumps(FULL).encode(), pytest.fail) == Ticket(
        source="desk",
        id="T-1042",
        subject="Where is my parcel?",
        url="https://desk.example/1042",
        channel="chat",
        status=Status.CLOSED,
        opened_at=utc(9, 14),
        closed_at=utc(10, 2, 31),
        customer=Customer("c-9", "Marta"),
        tags=("late",),
        outbound=True,
        messages=(
            Message("a", Speaker.CUSTOMER, "Hello?", utc(9, 14)),
            Message("b", Speaker.CUSTOMER_AGENT, "Hi!", sources=("kb/12",), actions=()),
            Message("c", Speaker.REP, "Ok.", author=Rep("r7", "Ana", "B"), private=True),
        ),
        events=(
            Event(EventType.ASSIGNED, utc(9, 14, 1), to="customer_agent"),
            Event(EventType.HANDOFF, utc(9, 20), by="rule", reason="customer_request"),
            Event(EventType.FEEDBACK, utc(9, 21), value="negative", message="b"),
            Event(EventType.CLOSED, utc(10, 2, 31)),
        ),
    )


def test_id_and_messages_are_enough():
    ticket, notes = read(messages=[{"from": "customer", "text": "Hi"}])
    assert ticket == Ticket(source="import", id="1", messages=(Message("m1", Speaker.CUSTOMER, "Hi"),))
    assert notes == []


def test_null_is_the_same_as_a_key_left_out():
    nothing = dict.fromkeys(set(FULL) - {"id", "messages"})
    assert read(**nothing, messages=[])[0] == read()[0]


def test_messages_without_an_id_are_numbered():
    ticket, _ = read(messages=[{"from": "customer", "text": "a"}, {"from": "system", "text": "b", "id": "x"}] * 1)
    assert [message.id for message in ticket.messages] == ["m1", "x"]


def test_an_author_without_a_name_goes_by_the_id_and_customers_have_none():
    author = {"id": "r1"}
    ticket, _ = read(messages=[{"from": who, "text": "a", "author": author} for who in ("rep", "customer")])
    assert [message.author for message in ticket.messages] == [Rep("r1", "r1", None), None]


def test_tags_that_are_null_are_left_out():
    assert read(tags=[None, "a", ""])[0].tags == ("a",)


# Closing --------------------------------------------------------------------------------------------------

NINE, TEN = "2026-03-02T09:00:00Z", "2026-03-02T10:00:00Z"
CLOSED_AT_TEN = Event(EventType.CLOSED, utc(10))


@pytest.mark.parametrize(
    ("keys", "status", "closed_at", "events"),
    [
        ({}, "open", None, ()),
        ({"closed_at": TEN}, "closed", utc(10), (CLOSED_AT_TEN,)),
        ({"closed_at": TEN, "status": "open"}, "open", utc(10), (CLOSED_AT_TEN,)),
        ({"status": "closed"}, "closed", None, ()),
        ({"events": [{"type": "closed", "at": TEN}]}, "closed", utc(10), (CLOSED_AT_TEN,)),
        ({"events": [{"type": "closed"}]}, "closed", None, (Event(EventType.CLOSED),)),
        (
            {"closed_at": NINE, "events": [{"type": "closed", "at": TEN}]},  # the close date is the latest close
            "closed",
            utc(10),
            (CLOSED_AT_TEN,),
        ),
        (
            {"events": [{"type": "closed", "at": NINE}, {"type": "reopened", "at": TEN}]},
            "open",
            utc(9),
            (Event(EventType.CLOSED, utc(9)), Event(EventType.REOPENED, utc(10))),
        ),
    ],
)
def test_status_close_date_and_closed_events_agree(keys, status, closed_at, events):
    ticket, _ = read(**keys)
    assert (ticket.status, ticket.closed_at, ticket.events) == (status, closed_at, events)


# Times ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-03-02T09:14:00Z", utc(9, 14)),
        ("2026-03-02T09:14:00+02:00", utc(7, 14)),
        ("2026-03-02 09:14:00.123456789-00:30", utc(9, 44, 0, 123457)),
    ],
)
def test_times_are_kept_in_utc(written, meant):
    assert read(opened_at=written) == (read()[0].__class__(source="import", id="1", messages=(), opened_at=meant), [])


def test_a_time_without_an_offset_is_utc_and_noted():
    ticket, notes = read(opened_at="2026-03-02T09:14:00")
    assert ticket.opened_at == utc(9, 14)
    assert notes == [NAIVE_NOTE]


@pytest.mark.parametrize("year", ["0001", "1969", "2100", "9999"])
@pytest.mark.parametrize("offset", ["Z", "+14:00", "-14:00", ""])
def test_years_out_of_range_are_slips(year, offset):
    month = "06-15"
    said = rejected({"id": "1", "messages": [{"from": "rep", "text": "", "at": f"{year}-{month}T00:00:00{offset}"}]})
    assert said == f"messages[0].at: the year {int(year)} is not between 1970 and 2099"


def test_the_last_moments_of_the_range_are_taken_by_their_utc_time():
    assert read(opened_at="2100-01-01T00:59:59+01:00")[0].opened_at.year == 2099
    assert "2100" in rejected({"id": "1", "messages": [], "opened_at": "2099-12-31T23:30:00-01:00"})
    assert read(opened_at="1969-12-31T23:30:00-01:00")[0].opened_at.year == 1970


# Odd letters ----------------------------------------------------------------------------------------------


def test_what_cannot_be_stored_is_replaced_and_the_length_kept():
    message = rb'{"from":"rep","text":"x\ud800y\u0000z","author":{"id":"\udfff"}}'
    line = rb'{"id":"a\u0000","tags":["\u0000"],"messages":[' + message + b"]}"
    ticket = ticket_in(line, pytest.fail)
    assert (ticket.id, ticket.messages[0].text) == ("a\ufffd", "x\ufffdy\ufffdz")
    assert (ticket.messages[0].author.id, ticket.tags) == ("\ufffd", ("\ufffd",))


def test_pairs_of_surrogates_are_letters():
    assert (
        ticket_in(rb'{"id":"1","messages":[{"from":"rep","text":"\ud83d\ude42"}]}', pytest.fail).messages[0].text
        == "🙂"
    )


def test_hostile_text_comes_in_as_it_is():
    hostile = "\x1b]52;c;aGk=\x07[/x] [@click=app.quit]a[/] \u202e \u2028 =cmd\r\n\t" + "w" * 5000
    assert read(subject=hostile)[0].subject == hostile


# Unknown keys ---------------------------------------------------------------------------------------------


def test_unknown_keys_are_left_out_and_noted_each():
    ticket, notes = read(
        priority=1,
        customer={"name": "Marta", "vip": True},
        messages=[{"from": "rep", "text": "a", "html": "<b>", "author": {"id": "r", "mail": "x"}}] * 1,
        events=[{"type": "closed", "at": TEN, "who": {}}],
    )
    assert ticket.customer == Customer(None, "Marta")
    assert sorted(notes) == [
        "unknown key customer.vip was left out",
        "unknown key events[].who was left out",
        "unknown key messages[].author.mail was left out",
        "unknown key messages[].html was left out",
        "unknown key priority was left out",
    ]


def test_names_of_unknown_keys_cannot_steer_a_terminal():
    _, [note] = read(**{"\x1b[31m" + "k" * 500: 1})
    assert "\x1b" not in note
    assert len(note) < 100


# Rejections -----------------------------------------------------------------------------------------------


def message(**keys):
    return {"id": "1", "messages": [{"from": "customer", "text": "a"}, {"from": "rep", "text": "b"} | keys]}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (message(**{"from": "bot"}), "messages[1].from: 'bot' is none of customer, rep, customer_agent, system"),
        (message(text=5), "messages[1].text: expected text, found a number"),
        (message(text=None), "messages[1].text: expected text, found nothing"),
        (message(at="yesterday"), "messages[1].at: 'yesterday' is not a time such as 2026-03-02T09:14:00Z"),
        (message(at=1741000000), "messages[1].at: expected a time, found a number"),
        (message(private="no"), "messages[1].private: expected true or false, found text"),
        (message(sources=["a", 1]), "messages[1].sources[1]: expected text, found a number"),
        (message(author={"name": "Ana"}), "messages[1].author.id: missing"),
        (message(author={"id": ""}), "messages[1].author.id: empty"),
        (message(author="Ana"), "messages[1].author: expected an object, found text"),
        (message(id="m1"), "messages[1].id: 'm1' is the id of an earlier message too"),
        (message(id=7), "messages[1].id: expected text, found a number"),
        ({"id": "1"}, "messages: missing"),
        ({"id": "1", "messages": [{"text": "a"}]}, "messages[0].from: missing"),
        ({"messages": []}, "id: missing"),
        ({"id": "", "messages": []}, "id: empty"),
        ({"id": 1042, "messages": []}, "id: expected text, found a number"),
        ({"id": "1", "messages": {}}, "messages: expected a list, found an object"),
        ({"id": "1", "messages": [], "status": "solved"}, "status: 'solved' is none of open, closed"),
        (
            {"id": "1", "messages": [], "events": [{"type": "snoozed"}]},
            "events[0].type: 'snoozed' is none of assigned, handoff_requested, handoff, feedback, unanswered, closed, "
            "reopened",
        ),
        (
            {"id": "1", "messages": [], "events": [{"type": "feedback", "value": "great"}]},
            "events[0].value: 'great' is none of positive, negative, neutral",
        ),
        (
            {"id": "1", "messages": [], "events": [{"type": "feedback"}]},
            "events[0].value: missing: positive, negative or neutral",
        ),
        (
            {"id": "1", "messages": [], "events": [{"type": "assigned"}]},
            "events[0].to: missing: a rep's id or customer_agent",
        ),
        (
            {"id": "1", "messages": [], "events": [{"type": "handoff", "by": "x\x1b[0m"}]},
            "events[0].by: 'x␛[0m' is none of customer_agent, rule, rep",
        ),
        (
            {"format": "qatui/2", "threads": []},
            "format: 'qatui/2' is another version than qatui/1; upgrade qatui or export qatui/1",
        ),
        ({"format": "zendesk", "id": "1", "messages": []}, "format: 'zendesk' is not qatui/1"),
        ([1], "the line is a list, not an object in braces"),
        (b"null", "the line is null, not an object in braces"),
        (b'{"id": "1", "messages": [}', "not JSON: expecting value at character 26"),
        (b'{"id": "1"', "not JSON: expecting ',' delimiter at character 11"),
        (b'{"id": "\xff", "messages": []}', "not UTF-8: byte 0xff at byte 9"),
        (b'{"id": ' + b"[" * 100_000, "not a conversation: lists or objects are nested too deeply"),
        (b'{"id": ' + b"9" * 5_000 + b"}", "not a conversation: it holds a number of thousands of digits"),
    ],
)
def test_reasons(line, reason):
    assert rejected(line) == reason


def test_a_long_wrong_value_is_cut():
    assert len(rejected(message(at="x" * 10_000))) < 150
