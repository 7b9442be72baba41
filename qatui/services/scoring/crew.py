"""Judging processes as the process sees them that stores what they say: started, given work, let go."""

from __future__ import annotations

import asyncio
import os
import pickle
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass

from qatui.errors import JudgeError
from qatui.store.rows import Fetched
from qatui.store.verdict_rows import Judged

_WORKER = "qatui.services.scoring.worker"
_SIZE = 8  # bytes in which a message says how long it is, as in the worker
_LIMIT = 2**20  # bytes of answers that may wait to be stored before the process is held up
# One thread each: there is a process for every core, and a process with threads cannot be forked safely.
_ALONE = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1")


@dataclass(frozen=True, slots=True)
class Worker:
    """One judging process."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    turn: asyncio.Lock

    async def judged(self, row_ids: Sequence[int], fetched: Fetched) -> list[Judged]:
        """What comes of these conversations; it may be asked again meanwhile. JudgeError when the process is gone."""
        question = pickle.dumps((row_ids, fetched), pickle.HIGHEST_PROTOCOL)
        try:
            self.writer.write(len(question).to_bytes(_SIZE) + question)
            async with self.turn:  # both the process and this lock take what comes in the order in which it comes
                await self.writer.drain()
                size = int.from_bytes(await self.reader.readexactly(_SIZE))
                found: list[Judged] = pickle.loads(await self.reader.readexactly(size))
        except (OSError, EOFError) as failure:
            raise JudgeError(
                "A judging process was ended from outside, perhaps for want of memory.",
                hint="What was finished is kept; score again to go on.",
            ) from failure
        return found


@asynccontextmanager
async def crew(size: int) -> AsyncIterator[list[Worker]]:
    """So many judging processes: one that loads the judge, and its forks, which share what it loaded.

    They are of a Python of their own, since this one may have threads and a terminal; they end with it, whatever
    ends it, and nothing but their work is asked of them.
    """
    with ExitStack() as cleared:
        pairs = [socket.socketpair() for _ in range(size)]
        for ours, _ in pairs:
            cleared.callback(ours.close)
        process = _start([theirs for _, theirs in pairs])
        cleared.callback(process.wait)
        cleared.callback(process.kill)  # its forks end when their sockets do; what they were at is all that is lost
        workers: list[Worker] = []
        for ours, _ in pairs:
            reader, writer = await asyncio.open_connection(sock=ours, limit=_LIMIT)
            cleared.callback(writer.transport.abort)
            workers.append(Worker(reader, writer, asyncio.Lock()))
        yield workers


def _start(sockets: Sequence[socket.socket]) -> subprocess.Popen[bytes]:
    numbers = [each.fileno() for each in sockets]
    try:
        return subprocess.Popen(
            [sys.executable, "-P", "-m", _WORKER, *map(str, numbers)],
            pass_fds=numbers,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **_ALONE, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
    except OSError as failure:
        raise JudgeError(f"No judging process could be started: {failure}.") from failure
    finally:
        for each in sockets:
            each.close()
