"""One SQLite file with several readers and one writer at a time: opening, transactions, checkpoints, closing."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import aiosqlite

from qatui.errors import StoreError
from qatui.store import files
from qatui.store.faults import BUSY_SECONDS, spoken
from qatui.store.sql import Connection, ask

LARGE_LOG = 64 * 2**20
"""Bytes of write-ahead log after which a writer empties it: readers that never pause keep SQLite from doing so."""

CACHE_KIB = 16 * 1024
CHECKPOINT_PATIENCE_MS = 200
READERS = 20
"""Connections at most: a reader beyond waits for one to be given back."""


class Database:
    """One workspace's file.

    Many `read` transactions run beside one `write` transaction; each sees one moment of the database. Failures of
    the file, the disk or another process's lock are raised as StoreError with a hint.
    """

    def __init__(self, path: Path, *, read_only: bool) -> None:
        self.path = path
        self.read_only = read_only
        self._idle: list[Connection] = []
        self._places = asyncio.Semaphore(READERS)
        self._writing = asyncio.Lock()  # writers of one process queue here instead of polling SQLite's lock

    @classmethod
    async def open(cls, path: Path, *, create: bool = True, read_only: bool = False) -> Database:
        """Open a workspace, made or upgraded (after a backup copy beside it) where needed.

        Raises StoreError (absent and not `create`, no permission, not a workspace, locked, damaged) and
        NewerDatabaseError.
        """
        path = files.prepare(path, create=create and not read_only)
        database = cls(path, read_only=read_only)
        try:
            with spoken(path):
                await files.bring_up_to_date(database)
        except BaseException:
            await database._let_go()
            raise
        return database

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Connection]:
        """A transaction that sees one moment of the database and changes nothing."""
        with spoken(self.path):
            async with self.driver() as connection:
                await ask(connection, "BEGIN")
                yield connection
                await ask(connection, "ROLLBACK")

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Connection]:
        """A transaction that holds the write lock from its start; all of it is kept, or after an error none."""
        if self.read_only:
            raise StoreError(f"{self.path} was opened for reading only.", hint="Open it without that option.")
        async with self._writing:
            with spoken(self.path):
                async with self.driver() as connection:
                    # The lock before the first read: what was read still holds when it is written.
                    await ask(connection, "BEGIN IMMEDIATE")
                    yield connection
                    await ask(connection, "COMMIT")
        if self._log_size() > LARGE_LOG:
            await self.checkpoint()

    async def checkpoint(self) -> None:
        """Move the write-ahead log into the database and empty it, as far as present readers allow."""
        if self.read_only:
            return
        with spoken(self.path):
            async with self.driver() as connection:
                # A reader may be at it for minutes: try briefly, the next checkpoint will find a gap.
                await ask(connection, f"PRAGMA busy_timeout = {CHECKPOINT_PATIENCE_MS}")
                try:
                    await ask(connection, "PRAGMA wal_checkpoint(TRUNCATE)")
                finally:
                    await ask(connection, f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")

    async def close(self) -> None:
        """Empty the write-ahead log and let go of the file."""
        with suppress(StoreError):  # the log is only larger than need be; nothing is lost
            await self.checkpoint()
        await self._let_go()

    async def check(self) -> list[str]:
        """What is wrong with the database, one sentence each; empty when it is sound."""
        from qatui.store.check import problems

        with spoken(self.path):
            return await problems(self)

    async def backup(self, target: Path) -> None:
        """Copy the database, also while others use it; StoreError when the target exists or cannot be written."""
        with spoken(target):
            await asyncio.to_thread(files.copy, self.path, target)

    @asynccontextmanager
    async def driver(self) -> AsyncIterator[Connection]:
        """A connection in no transaction: for statements that SQLite refuses inside one.

        One that was in use when something failed, or its task was cancelled, is closed: SQLite then takes back what
        it had begun.
        """
        async with self._places:
            connection = self._idle.pop() if self._idle else await self._connect()
            try:
                yield connection
            except BaseException:
                await asyncio.shield(connection.close())
                raise
            self._idle.append(connection)

    async def _connect(self) -> Connection:
        # As a URI, so that a file which is not there is never made by accident; its mode was set when qatui made it.
        mode = "ro" if self.read_only else "rw"
        connection = await aiosqlite.connect(
            f"{self.path.as_uri()}?mode={mode}",
            uri=True,
            # None: the driver opens no transaction of its own. Its default begins one only at the first write, after
            # what was read may have gone stale, and two such transactions lose one of the updates silently.
            isolation_level=None,
            timeout=BUSY_SECONDS,
        )
        try:
            for pragma in (
                "foreign_keys = ON",
                "synchronous = NORMAL",  # with a write-ahead log: a power cut may lose the last commit, never the file
                f"cache_size = -{CACHE_KIB}",
                "temp_store = MEMORY",
            ):
                await ask(connection, f"PRAGMA {pragma}")
        except BaseException:
            await asyncio.shield(connection.close())
            raise
        return connection

    async def _let_go(self) -> None:
        while self._idle:
            await self._idle.pop().close()

    def _log_size(self) -> int:
        try:
            return os.stat(f"{self.path}-wal").st_size
        except OSError:
            return 0
