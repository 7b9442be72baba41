"""Files and standard input as streams of lines, unpacked on the way, never whole in memory."""

from __future__ import annotations

import gzip
import io
import os
import stat
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, Final, cast

from qatui.errors import IntakeError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

STDIN: Final = "-"
LONGEST_LINE: Final = 16 * 2**20
"""Bytes; a longer line is no conversation that anyone could read, and would have to be held in memory."""

_BUFFER = 2**18
_GZIP = b"\x1f\x8b"
_MARK = b"\xef\xbb\xbf"  # of UTF-8, which some programs put first
_WIDE = (b"\xff\xfe", b"\xfe\xff")  # of UTF-16


class Source:
    """One input: `name` as the user gave it, and where it stands."""

    def __init__(self, name: str, raw: BinaryIO, size: int | None) -> None:
        self.name = name
        self.size = size
        self._raw = raw
        self.consumed = 0
        self.stream, self.packed = _unpacked(name, raw)

    @property
    def ending(self) -> str:
        """The name's ending without `.gz`, lower case with its dot; empty where it has none."""
        return os.path.splitext(without_gz(self.name))[1].lower()

    @property
    def done(self) -> int:
        """Bytes read so far, of the packed file where it is packed."""
        return self.consumed if self.size is None else self._raw.tell()

    def first_byte(self) -> bytes:
        """The first byte that is not blank, without consuming it; empty for an empty input."""
        return self.stream.peek(4096).lstrip()[:1]

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """Number from 1 and content, with its line feed, of each line; a line cut at LONGEST_LINE comes in pieces.

        Every piece has the number of its line. Raises IntakeError when the input breaks off or cannot be read on.
        """
        readline = self.stream.readline
        number = 0
        whole = True
        while True:
            try:
                line = readline(LONGEST_LINE)
            except (OSError, EOFError, zlib.error) as error:
                raise IntakeError(
                    f"{title(self.name)} cannot be read beyond line {number}: {error}.",
                    hint="What stands before is imported; mend the file and import it again.",
                ) from error
            if not line:
                return
            number += whole
            whole = line.endswith(b"\n")
            self.consumed += len(line)
            yield number, line


def title(name: str) -> str:
    """What messages call an input."""
    return "standard input" if name == STDIN else name


def without_gz(name: str) -> str:
    """A file's name without `.gz`."""
    return name[:-3] if name.lower().endswith(".gz") else name


class _Unpacked(io.RawIOBase):
    """Unpacked bytes as they come: of a file that breaks off, all that can be had is had before the error."""

    def __init__(self, packed: gzip.GzipFile) -> None:
        self._packed = packed

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        room = memoryview(buffer).cast("B")
        got = self._packed.read1(len(room))
        room[: len(got)] = got
        return len(got)


def _unpacked(name: str, raw: BinaryIO) -> tuple[io.BufferedReader, bool]:
    """The bytes themselves, and whether they were packed."""
    stream: io.BufferedReader = io.BufferedReader(cast("io.RawIOBase", raw), _BUFFER)
    packed = stream.peek(2)[:2] == _GZIP
    if packed:
        stream = io.BufferedReader(_Unpacked(gzip.GzipFile(fileobj=stream)), _BUFFER)
    try:
        first = stream.peek(3)[:3]
    except (OSError, EOFError, zlib.error) as error:
        raise IntakeError(f"{name} is packed, but damaged: {error}.", hint="Fetch or pack it again.") from error
    if first == _MARK:
        stream.read(3)
    if first[:2] in _WIDE:
        raise IntakeError(f"{name} is UTF-16.", hint="Save it as UTF-8.")
    return stream, packed


@contextmanager
def opened(name: str) -> Iterator[Source]:
    """The file of that name, or standard input for `-`. Raises IntakeError when it cannot be read."""
    if name == STDIN:
        yield Source(name, sys.stdin.buffer, None)
        return
    see(name)
    try:
        with open(name, "rb", buffering=0) as raw:
            size = os.fstat(raw.fileno()).st_size if stat.S_ISREG(os.fstat(raw.fileno()).st_mode) else None
            yield Source(name, cast("BinaryIO", raw), size)
    except OSError as error:
        raise IntakeError(f"{name} cannot be read: {error.strerror}.") from error


def see(name: str) -> int | None:
    """The size of a file, None where it is not known beforehand. Raises IntakeError when it cannot be read."""
    if name == STDIN:
        return None
    try:
        found = os.stat(name)
    except OSError as error:
        raise IntakeError(f"{name} cannot be read: {error.strerror}.", hint="Check the path.") from error
    if stat.S_ISDIR(found.st_mode):
        raise IntakeError(f"{name} is a directory.", hint=f"Name its files: {name.rstrip('/')}/*.jsonl")
    if not os.access(name, os.R_OK):
        raise IntakeError(f"There is no permission to read {name}.", hint="Check who owns the file.")
    return found.st_size if stat.S_ISREG(found.st_mode) else None
