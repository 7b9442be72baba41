"""SQLite's failures in words that say what happened and how to mend it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from qatui.errors import StoreError

BUSY_SECONDS = 10
"""So long a transaction waits for another writer."""

_FAULTS: dict[int, tuple[str, str]] = {
    sqlite3.SQLITE_BUSY: (
        "another process has been writing to {path} for more than {seconds} seconds.",
        "Wait until it is done, or end it, and try again.",
    ),
    sqlite3.SQLITE_LOCKED: ("{path} is locked.", "Close other programs that use it and try again."),
    sqlite3.SQLITE_READONLY: (
        "{path} may only be read.",
        "Give yourself write permission on the file and its directory, or work on a copy (--db).",
    ),
    sqlite3.SQLITE_PERM: ("there is no permission to use {path}.", "Check who owns the file, or use --db."),
    sqlite3.SQLITE_AUTH: ("there is no permission to use {path}.", "Check who owns the file, or use --db."),
    sqlite3.SQLITE_FULL: (
        "the disk is full; the last change to {path} was not made.",
        "Make room and run the same command again: what was stored before is kept.",
    ),
    sqlite3.SQLITE_IOERR: ("the disk failed while {path} was used.", "Check the disk, then run `qatui db check`."),
    sqlite3.SQLITE_CORRUPT: (
        "{path} is damaged.",
        "Run `qatui db check`; restore a backup or import into a new workspace (--db).",
    ),
    sqlite3.SQLITE_NOTADB: ("{path} is not a qatui workspace.", "Give the path of a workspace, or of a new file."),
    sqlite3.SQLITE_CANTOPEN: (
        "{path} cannot be opened.",
        "Check that its directory exists, and that you may read and write there.",
    ),
}


def _code(error: BaseException) -> int | None:
    cause: BaseException | None = getattr(error, "orig", error)  # migrations run in SQLAlchemy, which wraps it
    while cause is not None:
        if isinstance(cause, sqlite3.Error):
            code: int | None = getattr(cause, "sqlite_errorcode", None)
            return None if code is None else code & 0xFF
        cause = cause.__cause__ or cause.__context__
    return None


def store_error(error: BaseException, path: Path) -> StoreError | None:
    """What a failure means to a user; None when it is a fault of the program."""
    fault = _FAULTS.get(_code(error) or 0)
    if fault is None:
        return None
    message, hint = (part.format(path=path, seconds=BUSY_SECONDS) for part in fault)
    return StoreError(message[0].upper() + message[1:] if message[0].islower() else message, hint=hint)


@contextmanager
def spoken(path: Path) -> Iterator[None]:
    """Raise StoreError in place of SQLite's own errors."""
    try:
        yield
    except Exception as error:
        meant = store_error(error, path)
        if meant is None:
            raise
        raise meant from error
