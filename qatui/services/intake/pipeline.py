"""From files to the store: in chunks that are kept whole or not at all, with progress, and with flat memory."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from qatui.errors import UsageError
from qatui.services.intake import apart
from qatui.services.intake.column_map import load_map
from qatui.services.intake.garbage import uncollected
from qatui.services.intake.rejects import Rejects
from qatui.services.intake.source import see, title
from qatui.store import conversations, indexes
from qatui.store.conversations import Saved
from qatui.store.engine import Database
from qatui.store.prepared import Prepared

FORMATS = ("auto", "native", "csv")
BULK = 5_000  # new tickets from which on building indexes anew is sooner than keeping them
PROGRESS_SECONDS = 0.25
PROBLEMS_TOLD = 20  # the reject file has them all


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
    if column_map is not None:
        load_map(column_map)
    run = _Run(db, clock, progress, None if None in sizes else sum(size or 0 for size in sizes))
    try:
        for path, size in zip(paths, sizes, strict=True):
            await run.take(path, format, column_map, rejects)
            run.bytes_before += size or 0
    finally:
        await run.finish()
    return run.result()


class _Run:
    """One import: what is stored, set aside and counted on the way."""

    def __init__(
        self,
        db: Database,
        clock: Callable[[], float],
        progress: Callable[[Progress], None] | None,
        bytes_total: int | None,
    ) -> None:
        self._db = db
        self._clock = clock
        self._progress = progress
        self._bytes_total = bytes_total
        self.bytes_before = 0
        self._started = self._told_at = clock()
        self._saved = Saved()
        self._rejected = 0
        self._notes: Counter[str] = Counter()
        self._problems: list[str] = []
        self._reject_files: list[Path] = []
        self._tickets_before: int | None = None
        self._without_indexes = False

    async def take(self, path: str, format: str, column_map: Path | None, rejects: Path | None) -> None:
        """Import one input."""
        reading = apart.read(path, format, column_map)
        done = 0
        with closing(reading), Rejects(path, rejects) as aside:
            try:
                while chunk := await asyncio.to_thread(next, reading, None):
                    for bad in chunk.bad:
                        await asyncio.to_thread(aside.add, bad)
                        if bad.where:
                            self._rejected += 1
                            if len(self._problems) < PROBLEMS_TOLD:
                                self._problems.append(f"{title(path)}, {bad.where}: {bad.reason}")
                    self._notes += chunk.notes
                    if chunk.tickets:
                        await self._store(chunk.tickets)
                    done = chunk.done
                    self._tell(path, done)
                    if chunk.failure:
                        raise chunk.failure
            finally:
                if files := aside.publish():
                    self._reject_files.append(files)
        self._tell(path, done, last=True)

    async def _store(self, tickets: Sequence[Prepared]) -> None:
        async with self._db.write() as connection:
            if self._tickets_before is None:
                self._tickets_before = await conversations.count(connection)
            with uncollected():
                self._saved += await conversations.keep(connection, tickets)
        # A first bulk load is several times faster without the indexes and sums, which are made at its end.
        if not self._without_indexes and self._saved.new >= max(BULK, self._tickets_before):
            self._without_indexes = True
            await indexes.drop(self._db)

    def _tell(self, path: str, done: int, *, last: bool = False) -> None:
        now = self._clock()
        if self._progress and (last or now - self._told_at >= PROGRESS_SECONDS):
            self._told_at = now
            count = self._saved.new + self._saved.changed + self._saved.unchanged
            self._progress(
                Progress(title(path), self.bytes_before + done, self._bytes_total, count, now - self._started)
            )

    async def finish(self) -> None:
        """Leave the database as quick as it was found, after a failure too."""
        if self._without_indexes:
            await indexes.restore(self._db)
        if self._tickets_before is not None:
            await self._db.checkpoint()

    def result(self) -> ImportResult:
        """What it came to."""
        return ImportResult(
            new=self._saved.new,
            changed=self._saved.changed,
            unchanged=self._saved.unchanged,
            rejected=self._rejected,
            warnings=tuple(
                f"{text}{f' ({count:,} times)' if count > 1 else ''}." for text, count in self._notes.items()
            ),
            problems=tuple(self._problems),
            reject_files=tuple(self._reject_files),
            seconds=self._clock() - self._started,
        )
