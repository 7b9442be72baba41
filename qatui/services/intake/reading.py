"""From a file's bytes to conversations ready to be stored, in chunks: all that needs no database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import NamedTuple

from qatui.domain.conversation import Ticket
from qatui.errors import ConfigError, IntakeError, QatuiError
from qatui.services.intake import native
from qatui.services.intake.bad import Bad
from qatui.services.intake.column_map import load_map
from qatui.services.intake.plain import prepare_plain
from qatui.services.intake.source import LONGEST_LINE, Source, opened, title
from qatui.services.intake.table import Table
from qatui.services.intake.wire import Note, Rejection, to_ticket
from qatui.store.prepared import Prepared, prepare
from qatui.text import one_line

CHUNK = 2_500  # conversations kept together: what a kill can cost
CHUNK_BYTES = 8 * 2**20  # of input, so that a chunk of long conversations stays small too
NOTES = 30  # different ones: foreign data may invent an unknown key a line


class Chunk(NamedTuple):
    """What was read in one go; `failure` ended it, and the reading."""

    tickets: list[Prepared]
    bad: list[Bad]
    notes: Counter[str]
    done: int  # bytes of the input so far
    failure: QatuiError | None = None


def chunks(name: str, format: str, column_map: Path | None) -> Generator[Chunk]:
    """Read one input to its end. Raises IntakeError or ConfigError at the start; later failures end the last chunk."""
    with opened(name) as source:
        notes: Counter[str] = Counter()

        def note(text: str) -> None:
            if text in notes or len(notes) < NOTES:
                notes[text] += 1

        items = _items(source, format, column_map, note)
        failure: QatuiError | None = None
        going_on = True
        while going_on:
            tickets: list[Prepared] = []
            bad: list[Bad] = []
            start = source.consumed
            try:
                for item in items:
                    if isinstance(item, Prepared):
                        tickets.append(item)
                    else:
                        bad.append(item)
                    if len(tickets) + len(bad) >= CHUNK or source.consumed - start > CHUNK_BYTES:
                        break
                else:
                    going_on = False
            except QatuiError as error:
                failure, going_on = error, False
            if tickets or bad or notes or failure:
                yield Chunk(tickets, bad, notes, source.done, failure)
                notes = Counter()


def _items(source: Source, format: str, column_map: Path | None, note: Note) -> Iterator[Prepared | Bad]:
    """What is in the input, read as `format` says, or as its content and name say."""
    if format == "auto":
        first = source.first_byte()
        native_looks = first in (b"{", b"[", b"") or source.ending in (".jsonl", ".ndjson", ".json")
        format = "native" if native_looks else "csv"
    if format == "native":
        return native_items(source, note)
    if column_map is None:
        raise ConfigError(
            f"{title(source.name)} is read as CSV, and nothing says what its columns mean.",
            hint="Write a column map and name it: --map FILE (docs/import.md shows two).",
        )
    items = Table(source, load_map(column_map), note).items()
    return (prepare(item) if isinstance(item, Ticket) else item for item in items)


def native_items(source: Source, note: Note) -> Iterator[Prepared | Bad]:
    """What a file in `qatui/1` holds, line by line."""
    if source.first_byte() == b"[":
        raise IntakeError(
            f"{title(source.name)} is one JSON list; qatui/1 has one object on each line.",
            hint="With jq: jq -c '.[]' FILE | qatui import -",
        )
    last = 0
    for number, line in source.lines():
        if number == last:  # the rest of a line that is too long
            yield Bad("", "", line)
        elif not line.isspace():
            last = number
            try:
                if len(line) == LONGEST_LINE and not line.endswith(b"\n"):
                    raise Rejection("", f"the line is longer than {LONGEST_LINE // 2**20} MiB")
                wire = native.read_line(line, note)
                yield prepare_plain(wire) or prepare(to_ticket(wire, note))
            except Rejection as bad:
                yield Bad(f"line {number}", one_line(str(bad)), line)
