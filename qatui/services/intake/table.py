"""Reads CSV by a column map: one row a message or one row a ticket, errors named by row and column."""

from __future__ import annotations

import csv
import marshal
import re
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import IO, Any, NamedTuple

from qatui.domain.conversation import Ticket
from qatui.errors import ConfigError
from qatui.services.intake import native
from qatui.services.intake.bad import Bad
from qatui.services.intake.column_map import MESSAGE_FIELDS, TICKET_FIELDS, ColumnMap, MessageColumns
from qatui.services.intake.source import LONGEST_LINE, Source, title
from qatui.services.intake.wire import NAIVE_NOTE, Note, Rejection, to_ticket
from qatui.text import one_line

BUCKET_BYTES = 8 * 2**20  # rows of one bucket are in memory together
MOST_BUCKETS = 256
_UNKNOWN_SIZE_BUCKETS = 64
_PACKED = 8  # a packed file unfolds to about so many times its size

_YES = {"true": True, "yes": True, "y": True, "1": True, "false": False, "no": False, "n": False, "0": False}


class Record(NamedTuple):
    """One row: its number as a spreadsheet shows it (the header is row 1), its cells, and its bytes."""

    number: int
    cells: tuple[str, ...]
    raw: bytes
    problem: str = ""  # why it could not be read as a row


class Table:
    """One CSV file and how to read it."""

    def __init__(self, source: Source, columns: ColumnMap, note: Note) -> None:
        self._source = source
        self._map = columns
        self._note = note
        self._header = b""
        self._places: dict[str, int] = {}

    def items(self) -> Iterator[Ticket | Bad]:
        """The file's tickets, and what could not be taken. Raises ConfigError when the map does not fit the file."""
        csv.field_size_limit(LONGEST_LINE)
        records = self._records()
        header = next(records, None)
        if header is None:
            return
        self._header = header.raw
        for place, name in enumerate(header.cells):
            self._places.setdefault(name.strip(), place)
        self._see_columns()
        groups = self._grouped(records) if self._map.rows == "messages" else ([record] for record in records)
        for group in groups:
            try:
                yield self._ticket(group)
            except Rejection as bad:
                yield self._bad(group, bad)

    def _see_columns(self) -> None:
        fields = ("id", *TICKET_FIELDS, *MESSAGE_FIELDS)
        named = [name for name in map(self._map.column, fields) if name]
        named += [
            name
            for message in self._map.messages
            for field in message.__struct_fields__
            if field != "speaker" and (name := getattr(message, field))
        ]
        absent = [name for name in named if name not in self._places]
        if absent:
            raise ConfigError(
                f"{title(self._source.name)} has no column {' or '.join(map(repr, absent))}, which the map names.",
                hint=f"Its columns are {', '.join(one_line(name) for name in self._places)}.",
            )

    def _records(self) -> Iterator[Record]:
        """Rows with the bytes they were read from; empty rows are skipped."""
        taken: list[bytes] = []
        unread: list[str] = []

        def lines() -> Iterator[str]:
            for _, line in self._source.lines():
                taken.append(line)
                try:
                    yield line.decode(self._map.encoding)
                except UnicodeDecodeError as error:
                    unread.append(f"not {self._map.encoding}: byte 0x{line[error.start]:02x}")
                    yield line.decode(self._map.encoding, "replace")

        delimiter = self._map.delimiter or ("\t" if self._source.ending == ".tsv" else ",")
        reader = csv.reader(lines(), delimiter=delimiter, strict=True)  # a quote that is never closed is an error
        number = 0
        while True:
            number += 1
            try:
                cells = next(reader, None)
            except csv.Error as error:
                unread.append(f"not CSV: {error}")
                cells = []
            if cells is None:
                return
            if unread or any(cell.strip() for cell in cells):
                yield Record(number, tuple(cells), b"".join(taken), unread[0] if unread else "")
            taken.clear()
            unread.clear()

    def _grouped(self, records: Iterator[Record]) -> Iterator[list[Record]]:
        """The rows of each ticket together, however they lie in the file, in memory that does not grow with it.

        Rows are dealt to temporary files by their ticket, then each file is read back and sorted out.
        """
        if self._source.size is None:
            count = _UNKNOWN_SIZE_BUCKETS
        else:
            size = self._source.size * (_PACKED if self._source.packed else 1)
            count = min(MOST_BUCKETS, -(-size // BUCKET_BYTES)) or 1
        if count == 1:
            yield from self._sorted_out(records)
            return
        with ExitStack() as stack:
            buckets: list[IO[bytes]] = [stack.enter_context(tempfile.TemporaryFile()) for _ in range(count)]
            for record in records:
                key = "\0".join(self._key(record)).encode(errors="surrogatepass")
                marshal.dump(tuple(record), buckets[zlib.crc32(key) % count])
            for bucket in buckets:
                bucket.seek(0)
                yield from self._sorted_out(_reread(bucket))

    def _sorted_out(self, records: Iterator[Record]) -> Iterator[list[Record]]:
        groups: dict[tuple[str, str], list[Record]] = {}
        for record in records:
            key = self._key(record)
            if key[1]:
                groups.setdefault(key, []).append(record)
            else:
                yield [record]
        yield from groups.values()

    def _key(self, record: Record) -> tuple[str, str]:
        return self._cell(record, self._map.column("source")), self._cell(record, self._map.columns.id)

    def _cell(self, record: Record, column: str | None) -> str:
        """The text of a cell; empty where the row is short or the map names no such column."""
        if column is None:
            return ""
        place = self._places[column]
        return record.cells[place].strip() if place < len(record.cells) else ""

    # One ticket -------------------------------------------------------------------------------------------

    def _ticket(self, group: Sequence[Record]) -> Ticket:
        for record in group:
            if record.problem:
                raise Rejection(f"row {record.number}", record.problem)
        first = group[0]
        data: dict[str, Any] = {"id": self._cell(first, self._map.columns.id)}
        if not data["id"]:
            raise _at(first, self._map.columns.id, "empty")
        customer = {}
        for field in TICKET_FIELDS:
            value = self._ticket_value(group, field)
            if field.startswith("customer_"):
                customer[field.removeprefix("customer_")] = value
            else:
                data[field] = value
        data["customer"] = customer
        data["source"] = data["source"] or self._map.source or None
        told = self._told(group)
        data["messages"] = [message for _, message in told]
        try:
            return to_ticket(native.from_data(data, self._note), self._note)
        except Rejection as bad:
            raise self._located(bad, [record for record, _ in told]) from None

    def _ticket_value(self, group: Sequence[Record], field: str) -> Any:
        """What the rows of one ticket say of it: all the same, or nothing."""
        column = self._map.column(field)
        if column is None:
            return None
        said: tuple[Record, str] | None = None
        for record in group:
            cell = self._cell(record, column)
            if cell and said is None:
                said = (record, cell)
            elif cell and said and cell != said[1]:
                raise _at(record, column, f"{_shown(cell)} here, {_shown(said[1])} in row {said[0].number}")
        return None if said is None else self._value(said[0], column, field, said[1])

    def _told(self, group: Sequence[Record]) -> list[tuple[Record, dict[str, Any]]]:
        """The messages with the row of each: in order of time where all have one, otherwise as in the file."""
        if self._map.rows == "tickets":
            [record] = group
            return [
                (record, self._message(record, message, message.speaker))
                for message in self._map.messages
                if self._cell(record, message.text)
            ]
        columns = self._map.columns
        by_field = MessageColumns(
            speaker="system",  # said by the row
            text=columns.text or "",
            at=columns.at,
            id=columns.message_id,
            author_id=columns.author_id,
            author_name=columns.author_name,
            author_team=columns.author_team,
            private=columns.private,
            sources=columns.sources,
            actions=columns.actions,
        )
        told = []
        for record in group:
            speaker = self._cell(record, columns.speaker)
            if not speaker:
                raise _at(record, columns.speaker or "", "empty")
            told.append((record, self._message(record, by_field, self._meant("from", speaker))))
        if all(message["at"] for _, message in told):
            told.sort(key=lambda each: each[1]["at"])
        return told

    def _message(self, record: Record, columns: MessageColumns, speaker: str) -> dict[str, Any]:
        def value(field: str) -> Any:
            column = getattr(columns, field)
            cell = self._cell(record, column)
            return self._value(record, column, field, cell) if cell else None

        author = {part: value(f"author_{part}") for part in ("id", "name", "team")}
        author["id"] = author["id"] or author["name"]  # exports often name people and nothing else
        return {
            "from": speaker,
            "text": self._cell(record, columns.text),
            "at": value("at"),
            "author": author if author["id"] and speaker == "rep" else None,
            "private": value("private"),
            "sources": value("sources"),
            "actions": value("actions"),
            "id": value("id"),
        }

    def _value(self, record: Record, column: str, field: str, cell: str) -> Any:
        if field in ("at", "opened_at", "closed_at"):
            return self._time(record, column, cell)
        if field in ("spam", "outbound", "private"):
            if cell.lower() not in _YES:
                raise _at(record, column, f"{_shown(cell)} is neither yes nor no")
            return _YES[cell.lower()]
        if field in ("tags", "sources", "actions"):
            return [part.strip() for part in cell.split(self._map.separator) if part.strip()]
        return self._meant(field, cell)

    def _meant(self, field: str, cell: str) -> str:
        return self._map.values.get(field, {}).get(cell, cell)

    def _time(self, record: Record, column: str, cell: str) -> datetime:
        form = self._map.time_format
        try:
            if form == "unix":
                return datetime.fromtimestamp(float(cell), UTC)
            at = datetime.strptime(cell, form) if form else datetime.fromisoformat(cell)  # noqa: DTZ007
            if at.tzinfo is None and self._map.zone is None:
                self._note(NAIVE_NOTE)
            return at if at.tzinfo else at.replace(tzinfo=self._map.zone or UTC)
        except (ValueError, OverflowError, OSError):
            wanted = f"written as {form}" if form else "such as 2026-03-02 09:14"
            raise _at(record, column, f"{_shown(cell)} is not a time {wanted}") from None

    # What could not be taken ------------------------------------------------------------------------------

    def _located(self, bad: Rejection, rows: Sequence[Record]) -> Rejection:
        """A complaint about `messages[2].from` as one about a row and a column."""
        match = re.match(r"messages\[(\d+)\]\.(\w+)", bad.where)
        if not match:
            column = self._map.column(bad.where) if bad.where in ("id", *TICKET_FIELDS) else None
            return Rejection(f"column {column!r}" if column else bad.where, bad.problem)
        record, field = rows[int(match[1])], match[2]
        if self._map.rows == "tickets":
            return Rejection(f"row {record.number}, {bad.where}", bad.problem)
        column = self._map.column({"id": "message_id"}.get(field, field)) or field
        hint = "; say what is meant under [values.from] in the map" if field == "from" else ""
        return _at(record, column, bad.problem + hint)

    def _bad(self, group: Sequence[Record], bad: Rejection) -> Bad:
        raw = b"".join(record.raw if record.raw.endswith(b"\n") else record.raw + b"\n" for record in group)
        numbers = [str(record.number) for record in group]
        shown = numbers if len(numbers) <= 6 else [*numbers[:5], "…"]
        return Bad(f"row{'s' if len(group) > 1 else ''} {', '.join(shown)}", one_line(str(bad)), raw, self._header)


def _at(record: Record, column: str, problem: str) -> Rejection:
    return Rejection(f"row {record.number}, column {column!r}", problem)


def _shown(cell: str) -> str:
    text = one_line(cell)
    return repr(text if len(text) <= native.SHOWN else text[: native.SHOWN - 1] + "…")


def _reread(file: IO[bytes]) -> Iterator[Record]:
    while True:
        try:
            yield Record(*marshal.load(file))
        except EOFError:
            return
