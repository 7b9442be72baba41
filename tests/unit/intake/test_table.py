"""CSV by a column map: rows become tickets, errors name row and column."""

import random
from datetime import UTC, datetime
from pathlib import Path

import pytest

from qatui.domain.conversation import Customer, Rep, Speaker, Status
from qatui.errors import ConfigError
from qatui.services.intake import table
from qatui.services.intake.bad import Bad
from qatui.services.intake.column_map import load_map
from qatui.services.intake.source import opened
from qatui.services.intake.table import Table
from qatui.services.intake.wire import NAIVE_NOTE

EXAMPLES = Path(__file__).resolve().parents[3] / "docs" / "examples"
MAP = """
rows = "messages"
[columns]
id = "Ticket"
from = "Who"
text = "Body"
at = "Sent"
message_id = "Message"
private = "Note"
status = "State"
[values.from]
agent = "rep"
"""


class Read:
    """The tickets of a CSV file by their id, what was rejected, and what was noted."""

    def __init__(self, file: Path, columns: Path) -> None:
        self.notes: list[str] = []
        with opened(str(file)) as source:
            items = list(Table(source, load_map(columns), self.notes.append).items())
        self.bad = [item for item in items if isinstance(item, Bad)]
        self.tickets = {item.id: item for item in items if not isinstance(item, Bad)}
        self.order = list(self.tickets)


@pytest.fixture
def read(tmp_path):
    """A function that reads CSV text by a map (both as text)."""

    def read_text(text: str | bytes, columns: str = MAP, name: str = "export.csv") -> Read:
        (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        (tmp_path / "map.toml").write_text(columns)
        return Read(tmp_path / name, tmp_path / "map.toml")

    return read_text


HEADER = "Ticket,Who,Body,Sent,Message,Note,State\n"


def test_the_example_with_one_row_a_message():
    got = Read(EXAMPLES / "messages.csv", EXAMPLES / "messages.toml")
    ticket = got.tickets["8801"]
    assert (ticket.source, ticket.channel, ticket.status) == ("helpdesk", "email", Status.CLOSED)
    assert ticket.closed_at == datetime(2026, 3, 5, 16, 20, tzinfo=UTC)  # Lisbon is on UTC in winter
    assert [(message.speaker, message.private) for message in ticket.messages] == [
        (Speaker.CUSTOMER, False),
        (Speaker.REP, False),
        (Speaker.REP, True),
    ]
    assert ticket.messages[1].author == Rep("Ana Pires", "Ana Pires", "Deliveries")
    assert "\n" in ticket.messages[2].text
    assert ticket.customer == Customer(None, "Jon Ek")
    assert [message.speaker for message in got.tickets["8802"].messages] == [Speaker.CUSTOMER, Speaker.CUSTOMER_AGENT]
    assert (got.bad, got.notes) == ([], [])


def test_the_example_with_one_row_a_ticket():
    got = Read(EXAMPLES / "tickets.csv", EXAMPLES / "tickets.toml")
    answered, unanswered = got.tickets["501"], got.tickets["502"]
    assert [message.speaker for message in answered.messages] == [Speaker.CUSTOMER, Speaker.REP]
    assert answered.messages[1].author == Rep("ben@example.org", "ben@example.org", "Technical")
    assert answered.tags == ("product", "bathroom")
    assert answered.opened_at == datetime(2026, 3, 5, 8, tzinfo=UTC)  # 9:00 in Berlin
    assert (answered.status, unanswered.status) == (Status.CLOSED, Status.OPEN)
    assert len(unanswered.messages) == 1
    assert (got.bad, got.notes) == ([], [])


def test_rows_of_a_ticket_may_lie_anywhere_and_stand_in_order_of_time(read):
    got = read(
        HEADER
        + "1,agent,third,2026-03-02 11:00Z,,,\n2,customer,other,2026-03-02 09:00Z,,,\n"
        + "1,customer,first,2026-03-02 09:00Z,,,\n1,agent,second,2026-03-02 10:00Z,,,\n"
    )
    assert [message.text for message in got.tickets["1"].messages] == ["first", "second", "third"]


def test_without_all_times_messages_stand_as_in_the_file(read):
    got = read(HEADER + "1,customer,a,2026-03-02 09:00Z,,,\n1,agent,b,,,,\n1,agent,c,2026-03-02 08:00Z,,,\n")
    assert [message.text for message in got.tickets["1"].messages] == ["a", "b", "c"]


def test_many_rows_are_dealt_out_to_files_and_come_together_again(read, monkeypatch):
    rows = [f"{number % 97},customer,text {number},,x{number},,\n" for number in range(1_000)]
    random.Random(1).shuffle(rows)
    whole = read(HEADER + "".join(rows))
    monkeypatch.setattr(table, "BUCKET_BYTES", 1_000)
    dealt = read(HEADER + "".join(rows))
    assert dealt.tickets == whole.tickets
    assert dealt.order != whole.order  # they were dealt
    assert sum(len(ticket.messages) for ticket in dealt.tickets.values()) == 1_000


def test_spaces_empty_rows_quotes_and_a_mark_at_the_start(read):
    got = read('\ufeff Ticket ,Who,Body,Sent,Message,Note,State\n\n,,,,,,\n 1 , customer ,"a ""b"", c",,,,\n')
    assert [message.text for message in got.tickets["1"].messages] == ['a "b", c']


def test_tabs_and_other_encodings(read):
    columns = MAP.replace('rows = "messages"', 'rows = "messages"\nencoding = "cp1252"')
    text = (HEADER.replace(",", "\t") + "1\tcustomer\tcafé – €5\t\t\t\t\n").encode("cp1252")
    assert read(text, columns, "export.tsv").tickets["1"].messages[0].text == "café – €5"


@pytest.mark.parametrize(
    ("form", "cell", "meant"),
    [
        ('time_format = "unix"', "1772442840", datetime(2026, 3, 2, 9, 14, tzinfo=UTC)),
        ('time_format = "%m/%d/%Y %I:%M %p"', "03/02/2026 09:14 AM", datetime(2026, 3, 2, 9, 14, tzinfo=UTC)),
        ('timezone = "Asia/Kolkata"', "2026-03-02 14:44", datetime(2026, 3, 2, 9, 14, tzinfo=UTC)),
        ('timezone = "Asia/Kolkata"', "2026-03-02 09:14Z", datetime(2026, 3, 2, 9, 14, tzinfo=UTC)),
        ("", "2026-03-02 09:14", datetime(2026, 3, 2, 9, 14, tzinfo=UTC)),
    ],
)
def test_times(read, form, cell, meant):
    got = read(HEADER + f"1,customer,a,{cell},,,\n", form + MAP)
    assert got.tickets["1"].messages[0].at == meant
    assert (NAIVE_NOTE in got.notes) == (not form.startswith("timezone") and "unix" not in form)


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (
            "1,bot,a,,,,\n",
            "row 2, column 'Who': 'bot' is none of customer, rep, customer_agent, system; "
            "say what is meant under [values.from] in the map",
        ),
        ("1,,a,,,,\n", "row 2, column 'Who': empty"),
        (",customer,a,,,,\n", "row 2, column 'Ticket': empty"),
        ("1,customer,a,soon,,,\n", "row 2, column 'Sent': 'soon' is not a time such as 2026-03-02 09:14"),
        ("1,customer,a,0001-01-01,,,\n", "row 2, column 'Sent': the year 1 is not between 1970 and 2099"),
        ("1,customer,a,,,perhaps,\n", "row 2, column 'Note': 'perhaps' is neither yes nor no"),
        ("1,customer,a,,,,solved\n", "column 'State': 'solved' is none of open, closed"),
        (
            "1,customer,a,,x,,\n1,agent,b,,x,,\n",
            "row 3, column 'Message': 'x' is the id of an earlier message too",
        ),
        (
            "1,customer,a,,,,open\n1,agent,b,,,,closed\n",
            "row 3, column 'State': 'closed' here, 'open' in row 2",
        ),
        ('1,customer,"a"b,,,,\n', "row 2: not CSV: ',' expected after '\"'"),
        ('1,customer,"never closed,,,,\n2,customer,a,,,,\n', "row 2: not CSV: unexpected end of data"),
    ],
)
def test_reasons_name_row_and_column(read, rows, reason):
    got = read(HEADER + rows)
    assert [bad.reason for bad in got.bad] == [reason]
    assert got.bad[0].raw.decode() == rows
    assert got.bad[0].header.decode() == HEADER


def test_letters_of_another_encoding_reject_their_row_alone(read):
    got = read(HEADER.encode() + b"1,customer,caf\xe9,,,,\n2,customer,tea,,,,\n")
    assert [bad.reason for bad in got.bad] == ["row 2: not utf-8: byte 0xe9"]
    assert got.bad[0].raw == b"1,customer,caf\xe9,,,,\n"
    assert got.order == ["2"]


def test_one_bad_row_sets_its_whole_ticket_aside(read):
    # Imported again after mending, the rows would otherwise be all that the ticket is.
    got = read(HEADER + "1,customer,a,,,,\n2,customer,b,,,,\n1,bot,c,,,,\n")
    assert got.order == ["2"]
    assert (got.bad[0].where, got.bad[0].raw) == ("rows 2, 4", b"1,customer,a,,,,\n1,bot,c,,,,\n")


def test_a_map_that_does_not_fit_the_file(read):
    with pytest.raises(ConfigError, match="has no column 'State' or 'Sent', which the map names") as raised:
        read("Ticket,Who,Body,Message,Note\n1,agent,b,,\n")
    assert raised.value.hint == "Its columns are Ticket, Who, Body, Message, Note."


def test_an_empty_file_holds_nothing(read):
    assert read("").order == []
    assert read(HEADER).order == []
