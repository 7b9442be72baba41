"""One SQLite file with several readers and one writer at a time: opening, transactions, checkpoints, closing."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from qatui.errors import StoreError
from qatui.store import files
from qatui.store.faults import BUSY_SECONDS, spoken

LARGE_LOG = 64 * 2**20
"""Bytes of write-ahead log after which a writer empties it: readers that never pause keep SQLite from doing so."""

CACHE_KIB = 16 * 1024
CHECKPOINT_PATIENCE_MS = 200
_WRITES = "qatui_writes"


class Database:
    """One workspace's file.

    Many `read` transactions run beside one `write` transaction; each sees one moment of the database. Failures of
    the file, the disk or another process's lock are raised as StoreError with a hint.
    """

    def __init__(self, path: Path, engine: AsyncEngine, *, read_only: bool) -> None:
        self.path = path
        self.read_only = read_only
        self._engine = engine
        self._writer = engine.execution_options(**{_WRITES: True})
        self._writing = asyncio.Lock()  # writers of one process queue here instead of polling SQLite's lock

    @classmethod
    async def open(cls, path: Path, *, create: bool = True, read_only: bool = False) -> Database:
        """Open a workspace, made or upgraded (after a backup copy beside it) where needed.

        Raises StoreError (absent and not `create`, no permission, not a workspace, locked, damaged) and
        NewerDatabaseError.
        """
        path = files.prepare(path, create=create and not read_only)
        database = cls(path, _engine(path, read_only=read_only), read_only=read_only)
        try:
            with spoken(path):
                await files.bring_up_to_date(database)
        except BaseException:
            await database._engine.dispose()
            raise
        return database

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that sees one moment of the database and changes nothing."""
        with spoken(self.path):
            async with self._engine.connect() as connection, connection.begin() as transaction:
                yield connection
                await transaction.rollback()

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that holds the write lock from its start; all of it is kept, or after an error none."""
        if self.read_only:
            raise StoreError(f"{self.path} was opened for reading only.", hint="Open it without that option.")
        async with self._writing:
            with spoken(self.path):
                async with self._writer.connect() as connection, connection.begin():
                    yield connection
        if self._log_size() > LARGE_LOG:
            await self.checkpoint()

    async def checkpoint(self) -> None:
        """Move the write-ahead log into the database and empty it, as far as present readers allow."""
        if self.read_only:
            return
        with spoken(self.path):
            async with self.driver() as connection:
                # A reader may be at it for minutes: try briefly, the next checkpoint will find a gap.
                await connection.execute(f"PRAGMA busy_timeout = {CHECKPOINT_PATIENCE_MS}")
                try:
                    await (await connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")).close()
                finally:
                    await connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")

    async def close(self) -> None:
        """Empty the write-ahead log and let go of the file."""
        with suppress(StoreError):  # the log is only larger than need be; nothing is lost
            await self.checkpoint()
        await self._engine.dispose()

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
    async def driver(self) -> AsyncIterator[Any]:
        """The aiosqlite connection itself, in no transaction: for statements that SQLite refuses inside one."""
        async with self._engine.connect() as connection:
            yield (await connection.get_raw_connection()).driver_connection

    def _log_size(self) -> int:
        try:
            return os.stat(f"{self.path}-wal").st_size
        except OSError:
            return 0


def _engine(path: Path, *, read_only: bool) -> AsyncEngine:
    # As a URI, so that a file which is not there is never made by accident; its mode was set when qatui made it.
    mode = "ro" if read_only else "rw"
    engine = create_async_engine(
        URL.create("sqlite+aiosqlite", database=path.as_uri(), query={"mode": mode, "uri": "true"}),
        # None: the driver opens no transaction of its own. Its default begins one only at the first write, after
        # what was read may have gone stale, and two such transactions lose one of the updates silently.
        connect_args={"isolation_level": None, "timeout": BUSY_SECONDS},
        pool_size=4,
        max_overflow=16,
    )

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        for pragma in (
            "foreign_keys = ON",
            "synchronous = NORMAL",  # with a write-ahead log: a power cut may lose the last commit, never the file
            f"cache_size = -{CACHE_KIB}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Any) -> None:
        # A writer takes the lock before it reads: what it read still holds when it writes.
        writes = connection.get_execution_options().get(_WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
