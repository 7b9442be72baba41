"""Which columns of a CSV file mean what: a TOML file that a person writes once per export."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from qatui.errors import ConfigError


class MessageColumns(msgspec.Struct, forbid_unknown_fields=True, frozen=True, rename={"speaker": "from"}):
    """One message of a row that is a whole ticket: who wrote it, and the columns of the rest."""

    speaker: Literal["customer", "rep", "customer_agent", "system"]
    text: str
    at: str | None = None
    id: str | None = None
    author_id: str | None = None
    author_name: str | None = None
    author_team: str | None = None
    private: str | None = None
    sources: str | None = None
    actions: str | None = None


class Columns(msgspec.Struct, forbid_unknown_fields=True, frozen=True, rename={"speaker": "from"}):
    """The column of each field; those of a message only where a row is a message."""

    id: str
    source: str | None = None
    subject: str | None = None
    url: str | None = None
    channel: str | None = None
    status: str | None = None
    opened_at: str | None = None
    closed_at: str | None = None
    customer_id: str | None = None
    customer_name: str | None = None
    tags: str | None = None
    spam: str | None = None
    outbound: str | None = None
    speaker: str | None = None
    text: str | None = None
    at: str | None = None
    message_id: str | None = None
    author_id: str | None = None
    author_name: str | None = None
    author_team: str | None = None
    private: str | None = None
    sources: str | None = None
    actions: str | None = None


class ColumnMap(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """How one export is read."""

    rows: Literal["messages", "tickets"]
    """What a row is: one message, or one whole ticket."""

    columns: Columns
    """Field -> name of the column in the file's first row."""

    messages: tuple[MessageColumns, ...] = ()
    """For rows = "tickets": the messages that a row holds, in order; one without text is left out."""

    values: dict[str, dict[str, str]] = {}
    """Field (from, status, channel) -> what the file says -> what is meant, for example values.from.agent = "rep"."""

    source: str = ""
    """The source of all tickets, where no column says it."""

    delimiter: str = ""
    """What separates columns; a comma, or a tab in files that end in .tsv, unless said otherwise."""

    separator: str = ";"
    """What separates several tags, sources or actions in one cell."""

    encoding: str = "utf-8"
    """How the file's letters are written, for example cp1252."""

    timezone: str = ""
    """Zone of times that name no offset, for example Europe/Berlin; UTC unless said otherwise."""

    time_format: str = ""
    """How times are written, as for strptime (%d.%m.%Y %H:%M), or "unix" for seconds since 1970; ISO 8601 otherwise."""

    @property
    def zone(self) -> ZoneInfo | None:
        return ZoneInfo(self.timezone) if self.timezone else None

    def column(self, field: str) -> str | None:
        """The column of a field of the ticket, or of its message where a row is one."""
        name: str | None = getattr(self.columns, "speaker" if field == "from" else field)
        return name


TICKET_FIELDS = (
    *("source", "subject", "url", "channel", "status", "opened_at", "closed_at", "customer_id", "customer_name"),
    *("tags", "spam", "outbound"),
)
MESSAGE_FIELDS = (
    *("from", "text", "at", "message_id", "author_id", "author_name", "author_team", "private", "sources", "actions"),
)


def load_map(path: Path) -> ColumnMap:
    """Read a column map. Raises ConfigError saying what is wrong with it and where."""
    hint = "docs/import.md shows one of each kind."
    try:
        read = msgspec.convert(tomllib.loads(path.read_text("utf-8")), ColumnMap)
    except OSError as error:
        raise ConfigError(f"The column map {path} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"The column map {path} is not TOML: {error}.") from error
    except msgspec.ValidationError as error:
        raise ConfigError(f"The column map {path}: {error}.", hint=hint) from error
    problem = _problem(read)
    if problem:
        raise ConfigError(f"The column map {path}: {problem}.", hint=hint)
    return read


def _problem(read: ColumnMap) -> str:
    message_columns = [field for field in MESSAGE_FIELDS if read.column(field)]
    if read.rows == "messages":
        absent = [field for field in ("from", "text") if not read.column(field)]
        if absent:
            return f'with rows = "messages" [columns] needs {" and ".join(absent)}'
        if read.messages:
            return 'with rows = "messages" there is no [[messages]]; name the columns under [columns]'
    else:
        if message_columns:
            return f'with rows = "tickets" {message_columns[0]} belongs under [[messages]], not under [columns]'
        if not read.messages:
            return 'with rows = "tickets" it needs a [[messages]] for each message of a row'
    if len(read.delimiter) > 1:
        return "delimiter is one character"
    unknown = set(read.values) - {"from", "status", "channel"}
    if unknown:
        return f"[values.{min(unknown)}] is not possible; values are for from, status and channel"
    try:
        _ = read.zone
    except (KeyError, ValueError, OSError):
        return f"timezone = {read.timezone!r} is not a time zone known here"
    try:
        "".encode(read.encoding)
    except LookupError:
        return f"encoding = {read.encoding!r} is not known"
    return ""
