"""Sets bad lines aside, verbatim, in a file that can be mended and imported again, with the reasons beside it."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from qatui.errors import IntakeError
from qatui.services.intake.bad import Bad
from qatui.services.intake.source import STDIN, title, without_gz
from qatui.store.files import publish


class Rejects:
    """The rejected lines of one input.

    Nothing is written unless there are any. The files appear when they are complete, next to the input, or in the
    working directory where that cannot be written or the input is standard input; none is ever overwritten.
    """

    def __init__(self, name: str, target: Path | None = None) -> None:
        self._name = name
        self._target = target or _beside(name)
        self._lines: IO[bytes] | None = None
        self._reasons: IO[bytes] | None = None
        self._line = 1  # where the next rejected line will stand
        self._open = False  # the last one has no line feed yet

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for file in (self._lines, self._reasons):
            if file is not None:
                file.close()
                Path(file.name).unlink(missing_ok=True)

    def add(self, bad: Bad) -> None:
        """Set aside what is bad. Raises IntakeError when that cannot be written."""
        try:
            if self._lines is None or self._reasons is None:
                self._lines, self._reasons = self._partial(), self._partial()
                self._write(bad.header)
            if bad.where:
                self._end_line()
                words = f"line {self._line} (from {title(self._name)}, {bad.where}): {bad.reason}\n"
                self._reasons.write(words.encode(errors="replace"))
            self._write(bad.raw)
        except OSError as error:
            raise IntakeError(
                f"Rejected lines of {title(self._name)} cannot be set aside beside {self._target}: {error.strerror}.",
                hint="Name a file for them where there is room: --rejects FILE.",
            ) from error

    def _write(self, raw: bytes) -> None:
        assert self._lines is not None
        self._lines.write(raw)
        self._line += raw.count(b"\n")
        self._open = not raw.endswith(b"\n") if raw else self._open

    def _end_line(self) -> None:
        if self._open:
            self._write(b"\n")

    def _partial(self) -> IO[bytes]:
        if not os.access(self._target.parent, os.W_OK):
            self._target = Path.cwd() / self._target.name
        return tempfile.NamedTemporaryFile(prefix=f".{self._target.name}.", dir=self._target.parent, delete=False)

    def publish(self) -> Path | None:
        """Give the files their names; None if nothing was set aside."""
        if self._lines is None or self._reasons is None:
            return None
        self._end_line()
        for file in (self._lines, self._reasons):
            file.close()
        number = 1
        while True:
            name = self._target if number == 1 else self._target.with_stem(f"{self._target.stem}-{number}")
            try:
                publish(Path(self._lines.name), name)
            except FileExistsError:
                number += 1
            else:
                # reasons left from a file that is gone are of no use
                os.replace(self._reasons.name, name.with_name(f"{name.name}.reasons.txt"))
                return name


def _beside(name: str) -> Path:
    if name == STDIN:
        return Path.cwd() / "stdin.rejected.jsonl"
    file = Path(without_gz(name)).absolute()
    stem = re.sub(r"\.rejected(-\d+)?$", "", file.stem)  # what is rejected twice is still of the same file
    return file.with_name(f"{stem}.rejected{file.suffix or '.jsonl'}")
