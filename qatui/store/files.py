"""The workspace's file: made with private modes, brought up to date, copied."""

from __future__ import annotations

import asyncio
import errno
import os
import sqlite3
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qatui.errors import NewerDatabaseError, StoreError
from qatui.store import indexes
from qatui.store.layout import REVISION
from qatui.store.sql import ask

if TYPE_CHECKING:
    from qatui.store.engine import Database

PRIVATE_DIRECTORY = 0o700
PRIVATE_FILE = 0o600


def prepare(path: Path, *, create: bool) -> Path:
    """The absolute path of the file to open; a new one is made, and may be read by its owner alone.

    Raises StoreError when it is absent and not `create`, is no file, or may not be made or read.
    """
    try:
        if path.is_dir():
            raise StoreError(f"{path} is a directory.", hint="Give the path of a file: --db DIRECTORY/workspace.db.")
        if not path.exists():
            if not create:
                raise StoreError(f"There is no workspace {path}.", hint="`qatui import FILE` makes one.")
            _make_directory(path.parent)
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, PRIVATE_FILE))
        if not os.access(path, os.R_OK):
            raise StoreError(f"There is no permission to read {path}.", hint="Check who owns the file, or use --db.")
    except OSError as error:
        raise StoreError(f"{path} cannot be used: {error.strerror}.", hint=_hint(error)) from error
    return path.absolute()


def _make_directory(path: Path) -> None:
    """A directory of its owner alone; one that is there keeps its modes."""
    try:
        path.mkdir(mode=PRIVATE_DIRECTORY, parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise StoreError(f"{path} is not a directory.", hint="Choose another place: --db PATH.") from None


def _hint(error: OSError) -> str:
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return "Choose a place where you may write: --db PATH."
    if error.errno == errno.ENOSPC:
        return "Make room on the disk and try again."
    return "Check the path, or choose another: --db PATH."


async def bring_up_to_date(database: Database) -> None:
    """Make the tables of a new file, upgrade an older one after a backup copy, refuse anything else."""
    found = await _version(database)
    if found != REVISION and database.read_only:
        raise StoreError(
            f"{database.path} is {'empty' if found is None else 'of an older qatui'}.",
            hint="Open it once for writing: `qatui db upgrade`.",
        )
    if found is None:
        await _in_wal_mode(database)
        from qatui.store.create import create

        await asyncio.to_thread(create, database.path)
    elif found != REVISION:
        copy(database.path, _free_name(database.path, f"before-{REVISION}"))
        from qatui.store.create import upgrade

        await asyncio.to_thread(upgrade, database.path)
    if not database.read_only:
        await _in_wal_mode(database)
        await _derive(database)  # an upgrade may know better rules
        await indexes.complete(database)  # an import that was killed may have left some out


async def _derive(database: Database) -> None:
    """Derive what a migration has marked as due, or an earlier opening was killed at."""
    async with database.read() as connection:
        performance = await ask(connection, "SELECT 1 FROM performance_due LIMIT 1")
        gaps = await ask(connection, "SELECT 1 FROM gap_due LIMIT 1")
    if performance or gaps:
        from qatui.store import gaps_rows, performance_rows  # a database that is complete needs neither

        await performance_rows.complete(database)
        await gaps_rows.complete(database)


async def _version(database: Database) -> str | None:
    """The migration a database is at: None if it is empty, '' if it is before the first."""
    async with database.driver() as connection:
        tables = {name for (name,) in await ask(connection, "SELECT name FROM sqlite_schema")}
        if not tables:
            return None
        if "alembic_version" not in tables:
            raise StoreError(
                f"{database.path} is a database of another program.",
                hint="Give the path of a workspace, or of a new file.",
            )
        found = await ask(connection, "SELECT version_num FROM alembic_version")
    version: str = found[0][0] if found else ""
    if version > REVISION:
        raise NewerDatabaseError(
            f"{database.path} was written by a newer qatui (schema {version}, this one knows {REVISION}).",
            hint="Upgrade qatui, or use another workspace (--db).",
        )
    return version


async def _in_wal_mode(database: Database) -> None:
    async with database.driver() as connection:
        await ask(connection, "PRAGMA journal_mode = WAL")  # kept in the file; readers then never block the writer


def _free_name(path: Path, mark: str) -> Path:
    number = 1
    while (candidate := path.with_name(f"{path.name}.{mark}{'' if number == 1 else f'-{number}'}")).exists():
        number += 1
    return candidate


def copy(source: Path, target: Path) -> None:
    """Copy a database that may be in use; the target appears when it is complete, or not at all.

    Raises StoreError when the target exists or cannot be written.
    """
    if target.exists():
        raise StoreError(f"{target} exists already.", hint="Choose a name that is free.")
    try:
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)  # with mode 0600
    except OSError as error:
        raise StoreError(f"{target} cannot be written: {error.strerror}.", hint=_hint(error)) from error
    partial = Path(name)
    try:
        os.close(handle)
        _copy_pages(source, partial)
        publish(partial, target)
    except FileExistsError:
        raise StoreError(f"{target} exists already.", hint="Choose a name that is free.") from None
    except OSError as error:
        raise StoreError(f"{target} cannot be written: {error.strerror}.", hint=_hint(error)) from error
    finally:
        partial.unlink(missing_ok=True)


def _copy_pages(source: Path, target: Path) -> None:
    origin: Any = sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)
    destination = sqlite3.connect(target)
    try:
        origin.backup(destination)  # in one step: of one moment, and a log-keeping source blocks nobody meanwhile
        destination.execute("PRAGMA journal_mode = DELETE")  # one file that can be carried away
    finally:
        destination.close()
        origin.close()


def publish(partial: Path, target: Path) -> None:
    """Give a finished file its name, safely on disk; FileExistsError rather than overwriting another."""
    with partial.open("rb+") as file:
        os.fsync(file.fileno())
    try:
        os.link(partial, target)  # unlike a rename it fails when the name is taken
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, PRIVATE_FILE))
        os.replace(partial, target)
