"""What scoring runs did and cost: the latest of them, and all together."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from qatui.domain.run import RunRecord, RunTotals
from qatui.store import runs
from qatui.store.engine import Database

LATEST = 20
_SLACK = timedelta(seconds=2)  # the kernel counts a process's start in ticks since the machine was started


class Runs:
    """The record of scoring runs in one workspace, from the application and the command line alike."""

    def __init__(self, db: Database, alive: runs.Alive | None = None) -> None:
        """alive: whether a process with this number lived at an instant and still does."""
        self._db = db
        self._alive = alive or process_alive

    async def recent(self, limit: int = LATEST) -> list[RunRecord]:
        """The latest runs, newest first; one that never ended and whose process is gone was cut short."""
        async with self._db.read() as connection:
            return await runs.recent(connection, limit, self._alive)

    async def totals(self) -> list[RunTotals]:
        """All runs, per judge and model; the last row is all of them, and there is none without a run."""
        async with self._db.read() as connection:
            return await runs.totals(connection)


def process_alive(pid: int, at: datetime) -> bool:
    """Whether the process that had this number at an instant still lives."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # it lives, and is another account's
    started = _started(pid)
    return started is None or started <= at + _SLACK  # a number is given out again after its process is gone


def _started(pid: int) -> datetime | None:
    """When a process began, where the system tells (proc(5)); None elsewhere."""
    try:
        # The name of a program stands in parentheses and may hold anything; start time is the 20th field behind it.
        ticks = int(Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[19])
        boot = next(line for line in Path("/proc/stat").read_text().splitlines() if line.startswith("btime "))
    except (OSError, ValueError, IndexError, StopIteration):
        return None
    seconds = int(boot.split()[1]) + ticks / os.sysconf("SC_CLK_TCK")
    return datetime.fromtimestamp(seconds, UTC)
