"""What scoring runs did and cost: the latest of them, and all together."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from qatui.domain.run import RunRecord, RunTotals
from qatui.domain.verdict import JudgeIdentity
from qatui.errors import UsageError
from qatui.store import runs
from qatui.store.engine import Database
from qatui.store.sql import Connection

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
    try:
        # The name of a program stands in parentheses and may hold anything; its state comes next (proc(5)).
        state, *fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except (OSError, ValueError):
        return True  # the system does not tell more
    started = _started(fields)
    # One that has ended and was not waited for yet has its number still; one that is gone leaves it to another.
    return state != "Z" and (started is None or started <= at + _SLACK)


async def refuse_a_second(connection: Connection, judge: JudgeIdentity, alive: runs.Alive | None = None) -> None:
    """UsageError while another process asks an endpoint as this judge: what it has under way would be paid twice.

    Belongs into the transaction that begins a run or sets tickets apart. alive: as in `Runs`.
    """
    for pid, began in await runs.under_way(connection, judge):
        if pid != os.getpid() and (alive or process_alive)(pid, began):
            raise UsageError(
                f"Process {pid} is judging with {judge} already; a second run would pay for the same tickets again.",
                hint="Wait until it is done, or stop it; `qatui score --status` says how far it is.",
            )


def _started(fields: Sequence[str]) -> datetime | None:
    """When a process began, by the fields of its line behind the state; None where the system does not tell."""
    try:
        ticks = int(fields[18])
        boot = next(line for line in Path("/proc/stat").read_text().splitlines() if line.startswith("btime "))
    except (OSError, ValueError, IndexError, StopIteration):
        return None
    seconds = int(boot.split()[1]) + ticks / os.sysconf("SC_CLK_TCK")
    return datetime.fromtimestamp(seconds, UTC)
