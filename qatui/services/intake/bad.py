"""What could not be taken out of an input."""

from __future__ import annotations

from typing import NamedTuple


class Bad(NamedTuple):
    """Lines or rows, verbatim, where they stood and what is wrong; without `where` it continues the one before."""

    where: str
    reason: str
    raw: bytes
    header: bytes = b""  # what a file of such rows begins with
