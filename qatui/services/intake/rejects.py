"""Sets bad lines aside, verbatim, in a file that can be mended and imported again, with the reasons beside it."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from qatui.errors import IntakeError
from qatui.services.intake.source import Source
from qatui.store.files import publish


class Rejects:
    """The rejected lines of one input.

    Nothing is written unless there are any. The files appear when they are complete, next to the input, or in the
    working directory where that cannot be written or the input is standard input; none is ever overwritten.
    """

    def __init__(self, source: Source, ending: str, target: Path | None = None) -> None:
        self.count = 0
        self.path: Path | None = None
        self._source = source
        self._target = target or _beside(source, ending)
        self._lines: BinaryIO | None = None
        self._reasons: BinaryIO | None = None
        self._written = 0

    def add(self, where: str, reason: str, raw: Iterable[bytes], *, header: bytes = b"") -> None:
        """Set aside what stands at `where` (such as 'line 12'); `header` goes first into a new file."""
        if self._lines is None or self._reasons is None:
            self._lines, self._reasons = self._partial(), self._partial()
            self._write(header)
        first = self._written + 1
        for piece in raw:
            self._write(piece)
        self.count += 1
        self._reasons.write(f"line {first} ({where} of {self._source.title}): {reason}\n".encode(errors="replace"))

    def _write(self, piece: bytes) -> None:
        assert self._lines is not None
        self._lines.write(piece)
        self._written += piece.count(b"\n")

    def _partial(self) -> BinaryIO:
        directory = self._target.parent
        if not os.access(directory, os.W_OK):
            directory = Path.cwd()
            self._target = directory / self._target.name
        try:
            file = tempfile.NamedTemporaryFile(prefix=f".{self._target.name}.", dir=directory, delete=False)  # noqa: SIM115
        except OSError as error:
            raise IntakeError(
                f"Rejected lines of {self._source.title} cannot be set aside in {directory}: {error.strerror}.",
                hint="Name a file for them: --rejects FILE.",
            ) from error
        return file  # type: ignore[return-value]

    def close(self) -> None:
        """Give the files their names, if there are any."""
        if self._lines is None or self._reasons is None:
            return
        for file in (self._lines, self._reasons):
            file.close()
        number = 1
        while self.path is None:
            name = self._target if number == 1 else self._target.with_stem(f"{self._target.stem}-{number}")
            try:
                publish(Path(self._lines.name), name)
                self.path = name
            except FileExistsError:
                number += 1
        reasons = self.path.with_name(f"{self.path.name}.reasons.txt")
        os.replace(self._reasons.name, reasons)  # reasons of a file that is gone are of no use
        Path(self._lines.name).unlink(missing_ok=True)


def _beside(source: Source, ending: str) -> Path:
    directory = source.path.absolute().parent if source.path else Path.cwd()
    base = re.sub(r"\.rejected(-\d+)?$", "", source.base)  # what is rejected twice is still of the same file
    return directory / f"{base}.rejected{ending}"
