"""The quick way from a plain line to its rows gives what the careful way gives, or leaves the line to it."""

import copy
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qatui.services.intake.native import read_line
from qatui.services.intake.plain import prepare_plain
from qatui.services.intake.wire import Rejection, to_ticket
from qatui.store.prepared import prepare

PLAIN = {
    "id": "T-1",
    "subject": " Where is my parcel? ",
    "closed_at": "2026-03-02T10:00:00Z",
    "messages": [
        {"from": "customer", "text": "It is late.", "at": "2026-03-02T09:00:00Z"},
        {"from": "system", "text": "Assigned to Ana.", "at": "2026-03-02T09:01:00Z"},
        {
            "from": "rep",
            "text": "I am sorry for the delay; it leaves us today by courier, promised.",
            "at": "2026-03-02T09:30:00.000001Z",
            "author": {"id": "r7", "name": "Ana", "team": "B"},
        },
    ],
}


def both_ways(line: dict) -> tuple:
    """What the quick and the careful way make of a line; the careful one after the quick one has looked at it."""
    encoded = json.dumps(line).encode()
    wire = read_line(encoded, lambda note: None)
    quick = prepare_plain(wire)
    notes: list[str] = []
    careful, after = (prepare(to_ticket(each, notes.append)) for each in (read_line(encoded, pytest.fail), wire))
    assert careful == after
    assert quick is None or notes == []
    return quick, careful


def same(line: dict) -> bool:
    """Whether the quick way took a line; then it made the same of it, to the type of every value."""
    quick, careful = both_ways(line)
    if quick is not None:
        assert repr(quick) == repr(careful)
    return quick is not None


def changed(path: str, value) -> dict:
    """PLAIN with another value, or without one (`...`), at `key` or `messages.number.key`."""
    line = copy.deepcopy(PLAIN)
    *way, key = (int(step) if step.isdigit() else step for step in path.split("."))
    place = line
    for step in way:
        place = place[step]
    if value is ...:
        del place[key]
    else:
        place[key] = value
    return line


@pytest.mark.parametrize(
    "line",
    [
        PLAIN,
        changed("source", "desk"),
        changed("format", "qatui/1"),
        changed("status", "closed"),
        changed("channel", ""),
        changed("url", "https://desk.example/1"),
        changed("opened_at", "2026-03-02T08:00:00+00:00"),
        changed("customer", {"id": "", "name": "Marta"}),
        changed("tags", []),
        changed("spam", False),
        changed("events", []),
        changed("subject", "x" * 400),
        changed("messages.0.id", "a"),
        changed("messages.0.private", False),
        changed("messages.0.text", " \n"),  # the customer wrote nothing
        changed("messages.2.text", "Ok."),  # too short
        changed("messages.2.author", ...),
        changed("messages.2.author", {"id": "r7", "name": "", "team": ""}),
        changed("messages.1", {**PLAIN["messages"][2], "at": "2026-03-02T09:00:00Z"}),
        changed("messages.1", PLAIN["messages"][2] | {"author": {"id": "r8"}}),  # several reps
        changed("messages", PLAIN["messages"][:1]),  # no rep
    ],
)
def test_plain_lines_are_taken(line):
    assert same(line)


@pytest.mark.parametrize(
    "line",
    [
        changed("closed_at", ...),
        changed("closed_at", "2026-03-02T10:00:00"),
        changed("closed_at", "2026-03-02T12:00:00+02:00"),
        changed("closed_at", "2026-03-02T09:30:00Z"),  # before the last message
        changed("closed_at", "2026-03-06T10:00:00Z"),
        changed("opened_at", "2026-03-02T08:00:00"),
        changed("subject", "  "),
        changed("subject", ...),
        changed("status", "open"),
        changed("customer", {}),
        changed("tags", ["late"]),
        changed("spam", True),
        changed("outbound", True),
        changed("events", [{"type": "closed", "at": "2026-03-02T10:00:00Z"}]),
        changed("messages", []),
        changed("messages.0.at", ...),
        changed("messages.0.at", "2026-03-02T09:00:00"),
        changed("messages.0.at", "2026-03-02T09:20:00Z"),  # not in order
        changed("messages.0.private", True),
        changed("messages.0.from", "customer_agent"),
        changed("messages.0.from", "system"),
        changed("messages.0.author", {"id": "c1"}),
        changed("messages.0.sources", []),
        changed("messages.0.actions", ["refund"]),
    ],
)
def test_what_wants_a_second_look_is_left_to_the_careful_way(line):
    assert not same(line)


@pytest.mark.parametrize(
    ("line", "where"),
    [
        (changed("messages.1.id", "m1"), "messages[1].id"),
        (changed("format", "qatui/2"), "format"),
        (changed("closed_at", "2100-01-01T00:00:00Z"), "closed_at"),
        (changed("messages.0.at", "1969-12-31T23:59:59Z"), "messages[0].at"),
    ],
)
def test_what_cannot_be_taken_is_not(line, where):
    wire = read_line(json.dumps(line).encode(), pytest.fail)
    assert prepare_plain(wire) is None
    with pytest.raises(Rejection) as raised:
        to_ticket(wire, pytest.fail)
    assert raised.value.where == where


texts = st.sampled_from(
    ["", " ", "Hello there", "I will send you a new one today, I am sorry for all that.", "Zoë\n\x1b[1m"]
)
times = st.integers(0, 75 * 60).map(
    lambda minutes: f"2026-03-{2 + minutes // 1440:02d}T{minutes // 60 % 24:02d}:{minutes % 60:02d}:00Z"
)
authors = st.fixed_dictionaries({"id": st.sampled_from("ab")}, optional={"name": texts, "team": texts})
said = st.fixed_dictionaries(
    {"from": st.sampled_from(["customer", "customer", "rep", "rep", "system"]), "text": texts, "at": times},
    optional={"author": authors},
)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(said, max_size=5).map(lambda messages: sorted(messages, key=lambda each: each["at"])),
    st.fixed_dictionaries(
        {"subject": texts, "closed_at": times}, optional={"channel": texts, "opened_at": times, "url": texts}
    ),
)
def test_whatever_is_taken_is_the_same(messages, others):
    for message in messages:
        if message["from"] != "rep":
            message.pop("author", None)
    same({"id": "T-1", "messages": messages} | others)
