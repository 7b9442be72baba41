"""Reads a large file in a process of its own: reading costs as much as storing, and two cores do both at once."""

from __future__ import annotations

import gc
import marshal
import os
import pickle
import subprocess
import sys
from collections import Counter
from collections.abc import Generator
from pathlib import Path
from typing import IO

from qatui.errors import IntakeError, QatuiError
from qatui.services.intake.garbage import uncollected
from qatui.services.intake.reading import Chunk, chunks
from qatui.services.intake.source import STDIN, see
from qatui.store.prepared import Prepared

WORTH_IT = 8 * 2**20  # bytes; less is read before another Python has started
RARELY = 100_000  # new objects between two collections in the other process, which makes hardly any cycles
_LENGTH = 8
_FLAT = 2  # the version of marshal that does not look for what occurs twice


def read(name: str, format: str, column_map: Path | None) -> Generator[Chunk]:
    """`reading.chunks`, elsewhere where that is sooner. Close it to end early."""
    if name == STDIN or (see(name) or 0) < WORTH_IT or (os.cpu_count() or 1) < 2 or not sys.executable:
        return chunks(name, format, column_map)
    return _elsewhere(name, format, column_map)


def _elsewhere(name: str, format: str, column_map: Path | None) -> Generator[Chunk]:
    process = subprocess.Popen(
        [sys.executable, "-c", f"from {__name__} import serve; serve()", name, format, str(column_map or "")],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # what it has to say it says in a chunk; a screen may be showing
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        start_new_session=True,  # an interrupt is for the one who stores
    )
    assert process.stdout is not None
    try:
        while chunk := _receive(process.stdout):
            yield chunk
        if process.wait() != 0:
            raise IntakeError(
                f"Reading {name} ended unexpectedly (code {process.returncode}).",
                hint="What was read is stored. Is memory short? Run the same command again.",
            )
    finally:
        process.kill()
        process.stdout.close()
        process.wait()


def _receive(pipe: IO[bytes]) -> Chunk | None:
    head = pipe.read(_LENGTH)
    if len(head) < _LENGTH:
        return None
    with uncollected():
        tickets, rest = marshal.loads(pipe.read(int.from_bytes(head)))
        return Chunk(list(map(Prepared._make, tickets)), *pickle.loads(rest))


def serve() -> None:
    """What the other process does: read, and hand over chunk by chunk, waiting for each to be taken.

    When the one who stores is killed, the next hand-over fails and ends this process too.
    """
    name, format, column_map = sys.argv[1:]
    gc.set_threshold(RARELY)
    try:
        for chunk in chunks(name, format, Path(column_map) if column_map else None):
            _send(sys.stdout.buffer, chunk)
    except QatuiError as error:
        _send(sys.stdout.buffer, Chunk([], [], Counter(), 0, error))


def _send(pipe: IO[bytes], chunk: Chunk) -> None:
    tickets, *rest = chunk
    # Tuples travel by marshal in a third of the time that pickle takes; what is rare and of other types goes by pickle.
    body = marshal.dumps((list(map(tuple, tickets)), pickle.dumps(rest)), _FLAT)
    pipe.write(len(body).to_bytes(_LENGTH))
    pipe.write(body)
    pipe.flush()
