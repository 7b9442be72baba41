"""Column maps: what they may say, and what is wrong with one in words."""

import pytest

from qatui.errors import ConfigError
from qatui.services.intake.column_map import load_map

MESSAGES = 'rows = "messages"\n[columns]\nid = "Ticket"\nfrom = "Who"\ntext = "Body"\n'
TICKETS = 'rows = "tickets"\n[columns]\nid = "Ticket"\n[[messages]]\nfrom = "customer"\ntext = "Question"\n'


def load(tmp_path, text):
    file = tmp_path / "map.toml"
    file.write_text(text)
    return load_map(file)


@pytest.mark.parametrize("text", [MESSAGES, TICKETS])
def test_the_least_a_map_says(tmp_path, text):
    read = load(tmp_path, text)
    assert (read.column("id"), read.column("subject"), read.zone) == ("Ticket", None, None)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("rows = 5", "Expected `str`"),
        ('rows = "lines"\n[columns]\nid="a"', "Invalid enum value 'lines'"),
        ('rows = "messages"', "required field `columns`"),
        (MESSAGES + 'colour = "red"', "unknown field `colour`"),
        ('rows = "messages"\n[columns]\nid = "a"', "[columns] needs from and text"),
        (MESSAGES + '[[messages]]\nfrom = "rep"\ntext = "a"', "there is no [[messages]]"),
        ('rows = "tickets"\n[columns]\nid = "a"', "a [[messages]] for each message"),
        (TICKETS.replace("[[", 'text = "a"\n[['), "text belongs under [[messages]]"),
        ('delimiter = "||"\n' + MESSAGES, "delimiter is one character"),
        ('timezone = "Mars/Olympus"\n' + MESSAGES, "'Mars/Olympus' is not a time zone"),
        ('encoding = "klingon"\n' + MESSAGES, "'klingon' is not known"),
        (MESSAGES + '[values.text]\na = "b"', "[values.text] is not possible"),
        ("rows = ", "is not TOML"),
    ],
)
def test_what_is_wrong_is_said(tmp_path, text, problem):
    with pytest.raises(ConfigError) as raised:
        load(tmp_path, text)
    assert problem in str(raised.value)
    assert "map.toml" in str(raised.value)


def test_a_map_that_is_not_there(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        load_map(tmp_path / "absent.toml")
