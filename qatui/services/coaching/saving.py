"""A pack as a document, and written to a new file that only its owner may read: customers and a rep stand in it."""

from __future__ import annotations

import itertools
import os
import re
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

from qatui.domain.coaching import Pack
from qatui.errors import UsageError
from qatui.services.coaching.html import html
from qatui.services.coaching.markdown import markdown
from qatui.services.coaching.page import page


class Form(StrEnum):
    """How a pack is written."""

    MARKDOWN = "markdown"
    HTML = "html"

    @classmethod
    def of(cls, path: Path) -> Form:
        """The form that a file's name asks for, Markdown where it has no ending; UsageError for any other ending."""
        ending = path.suffix.lower()
        if ending not in ENDINGS:
            raise UsageError(f"A pack cannot be written as {ending}.", hint="End the file's name in .html or .md.")
        return ENDINGS[ending]


ENDINGS = {
    ".html": Form.HTML, ".htm": Form.HTML, ".md": Form.MARKDOWN, ".markdown": Form.MARKDOWN, ".txt": Form.MARKDOWN,
    "": Form.MARKDOWN,
}  # fmt: skip


def document(pack: Pack, zone: ZoneInfo, form: Form) -> str:
    """The pack with dates in `zone`."""
    blocks = page(pack, zone)
    return html(blocks) if form is Form.HTML else markdown(blocks)


def free_name(directory: Path, pack: Pack) -> Path:
    """A name in a directory that no file has yet: 'coaching-ana-duarte-2026-03-05.html'."""
    who = "-".join(re.findall(r"[^\W_]+", pack.rep.name.lower()))[:40].strip("-") or "rep"
    stem = f"coaching-{who}-{pack.made_at:%Y-%m-%d}"
    numbered = (directory / f"{stem}{f'-{number}' if number > 1 else ''}.html" for number in itertools.count(1))
    return next(path for path in numbered if not path.exists())


def save(path: Path, text: str) -> None:
    """Write a new file; UsageError where it exists already or cannot be written. Nothing is ever written over."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(f"{path} exists already.", hint="Choose a name that is free.") from None
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "that is no name of a file"
        raise UsageError(f"{path} cannot be written: {why}.", hint="Choose another place.") from None
