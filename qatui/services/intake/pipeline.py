"""From files to the store: in chunks that are kept whole or not at all, with progress, and with flat memory."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from qatui.domain.conversation import Ticket
from qatui.errors import IntakeError, UsageError
from qatui.services.intake import native
from qatui.services.intake.rejects import Rejects
from qatui.services.intake.source import LONGEST_LINE, Source, opened, see
from qatui.services.intake.wire import Rejection
from qatui.store import conversations, indexes
from qatui.store.conversations import Saved
from qatui.store.engine import Database
from qatui.text import one_line

FORMATS = ("auto", "native", "csv")
CHUNK = 1_000  # conversations kept together: what a kill can cost
CHUNK_BYTES = 8 * 2**20  # of input, so that a chunk of long conversations stays small too
PROGRESS_SECONDS = 0.25
PROBLEMS_TOLD = 20  # the reject file has them all
NOTES_TOLD = 30  # different unknown keys: foreign data may invent one a line


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import is; bytes are of all inputs together, `bytes_total` is None where one has no known size."""

    file: str
    bytes_done: int
    bytes_total: int | None
    conversations: int
    elapsed: float

    @property
    def words(self) -> str:
        """For a progress line: how many, and how fast."""
        rate = f", {self.conversations / self.elapsed:,.0f}/s" if self.elapsed > 0 else ""
        return f"{self.conversations:,} conversations{rate}"


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import did. Counts are conversations; `rejected` are lines, or rows, or tickets of rows.

    warnings: what was read in a way worth knowing; problems: the first rejections with file, line and reason.
    """

    new: int
    changed: int
    unchanged: int
    rejected: int
    warnings: tuple[str, ...]
    problems: tuple[str, ...]
    reject_files: tuple[Path, ...]
    seconds: float

    @property
    def reject_file(self) -> Path | None:
        """The first file of rejected lines."""
        return self.reject_files[0] if self.reject_files else None


@dataclass(slots=True)
class _Run:
    """What is counted on the way."""

    clock: Callable[[], float]
    progress: Callable[[Progress], None] | None
    started: float
    bytes_total: int | None
    bytes_before: int = 0
    saved: Saved = field(default_factory=Saved)
    rejected: int = 0
    problems: list[str] = field(default_factory=list)
    notes: Counter[str] = field(default_factory=Counter)
    reject_files: list[Path] = field(default_factory=list)
    told_at: float = 0.0

    def note(self, text: str) -> None:
        if text in self.notes or len(self.notes) < NOTES_TOLD:
            self.notes[text] += 1

    def reject(self, source: Source, where: str, reason: str) -> None:
        self.rejected += 1
        if len(self.problems) < PROBLEMS_TOLD:
            self.problems.append(f"{source.title}, {where}: {reason}")

    def tell(self, source: Source, *, last: bool = False) -> None:
        now = self.clock()
        if self.progress and (last or now - self.told_at >= PROGRESS_SECONDS):
            self.told_at = now
            done = self.saved.new + self.saved.changed + self.saved.unchanged
            self.progress(
                Progress(source.title, self.bytes_before + source.done, self.bytes_total, done, now - self.started)
            )


async def import_paths(
    db: Database,
    paths: Sequence[str],
    *,
    format: str = "auto",
    column_map: Path | None = None,
    rejects: Path | None = None,
    progress: Callable[[Progress], None] | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> ImportResult:
    """Read conversations from files (`-` is standard input; gzip is unpacked) into the store.

    The same conversation twice changes nothing; a changed one replaces the earlier. A bad line is set aside
    (`rejects` names the file for them, the default is beside the input) and the rest is imported. Chunks are stored
    whole, so a killed import leaves a sound database, and the same command finishes it.
    progress: called a few times a second at most, and at the end of each input.

    Raises IntakeError (a file cannot be read, is not what it should be), ConfigError (the column map),
    UsageError (an unknown format), StoreError.
    """
    if format not in FORMATS:
        raise UsageError(f"There is no import format {format!r}.", hint=f"Use {', '.join(FORMATS)}.")
    sizes = [see(path) for path in paths]  # before anything is stored, so that a slip in a name changes nothing
    run = _Run(
        clock=clock,
        progress=progress,
        started=clock(),
        bytes_total=None if None in sizes else sum(size or 0 for size in sizes),
    )
    load = _Load(db)
    try:
        for path, size in zip(paths, sizes, strict=True):
            with ExitStack() as open_files:
                source = open_files.enter_context(opened(path))
                aside = Rejects(source, ".jsonl", rejects)
                open_files.callback(aside.close)
                await _import_source(load, run, source, read_native(source, run, aside))
            if aside.path:
                run.reject_files.append(aside.path)
            run.bytes_before += size or 0
    finally:
        await load.finish()
    return ImportResult(
        new=run.saved.new,
        changed=run.saved.changed,
        unchanged=run.saved.unchanged,
        rejected=run.rejected,
        warnings=tuple(f"{text}{f' ({count:,} times)' if count > 1 else ''}" for text, count in run.notes.items()),
        problems=tuple(run.problems),
        reject_files=tuple(run.reject_files),
        seconds=clock() - run.started,
    )


class _Load:
    """Stores chunks; during a first bulk load the listing's indexes are left out."""

    WORTH_IT = 5_000  # new tickets; fewer are stored sooner than indexes are built

    def __init__(self, db: Database) -> None:
        self._db = db
        self._before: int | None = None
        self._new = 0
        self._bare = False

    async def store(self, tickets: Sequence[Ticket]) -> Saved:
        async with self._db.write() as connection:
            if self._before is None:
                self._before = await conversations.count(connection)
            saved = await conversations.save(connection, tickets)
        self._new += saved.new
        if not self._bare and self._new >= max(self.WORTH_IT, self._before):
            self._bare = True
            await indexes.drop(self._db)
        return saved

    async def finish(self) -> None:
        if self._bare:
            await indexes.complete(self._db)
        if self._before is not None:
            await self._db.checkpoint()


async def _import_source(load: _Load, run: _Run, source: Source, tickets: Iterator[Ticket]) -> None:
    while True:
        chunk, problem = await asyncio.to_thread(_chunk, source, tickets)
        if chunk:
            run.saved += await load.store(chunk)
            run.tell(source)
        if problem:
            raise problem
        if not chunk:
            run.tell(source, last=True)
            return


def _chunk(source: Source, tickets: Iterator[Ticket]) -> tuple[list[Ticket], IntakeError | None]:
    """The next tickets; with what ended them, if that was a failure: those before it are stored all the same."""
    chunk: list[Ticket] = []
    start = source.consumed
    try:
        for ticket in tickets:
            chunk.append(ticket)
            if len(chunk) == CHUNK or source.consumed - start > CHUNK_BYTES:
                break
    except IntakeError as error:
        return chunk, error
    return chunk, None


def read_native(source: Source, run: _Run, aside: Rejects) -> Iterator[Ticket]:
    """The tickets of a file in `qatui/1`."""
    if source.first_byte() == b"[":
        raise IntakeError(
            f"{source.title} is one JSON list; qatui/1 has one object on each line.",
            hint="With jq: jq -c '.[]' FILE | qatui import -",
        )
    lines = source.lines()
    for number, line in lines:
        if line.isspace():
            continue
        try:
            if len(line) == LONGEST_LINE and not line.endswith(b"\n"):
                raise Rejection("", f"the line is longer than {LONGEST_LINE // 2**20} MiB")
            yield native.read_line(line, run.note)
        except Rejection as bad:
            reason = one_line(str(bad))
            run.reject(source, f"line {number}", reason)
            aside.add(f"line {number}", reason, _rest(line, lines))


def _rest(line: bytes, lines: Iterator[tuple[int, bytes]]) -> Iterator[bytes]:
    """A whole line of which the first piece was read, ended by a line feed."""
    yield line
    while len(line) == LONGEST_LINE and not line.endswith(b"\n"):
        _, line = next(lines, (0, b""))
        yield line
    if not line.endswith(b"\n"):
        yield b"\n"
