"""What `qatui doctor` finds: versions, settings, the database, the judge and the terminal, each with advice."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from qatui import __version__
from qatui.config import Settings, default_file
from qatui.domain.listing import TicketFilter
from qatui.domain.money import amount
from qatui.errors import QatuiError
from qatui.services.workspace import open_workspace

MIN_WIDTH, MIN_HEIGHT = 80, 24
PRICES = ("llm.price_in", "llm.price_cached", "llm.price_out")


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report; `advice` says how to mend what is not ok."""

    topic: str
    name: str
    value: str
    ok: bool = True
    advice: str = ""


async def diagnose(settings: Settings) -> list[Finding]:
    """Look at everything a run of qatui depends on; never raises for what it finds, never creates a database."""
    return [*_versions(), *_settings(settings), *await _database(settings), *_judge(), *_terminal()]


def _versions() -> list[Finding]:
    libraries = ("textual", "SQLAlchemy", "numpy")
    return [
        Finding("version", "qatui", __version__),
        Finding("version", "python", platform.python_version()),
        *(Finding("version", name, version(name)) for name in libraries),
    ]


def _settings(settings: Settings) -> list[Finding]:
    file = Path(os.environ.get("QATUI_CONFIG") or default_file())
    shown = {name: getattr(settings, name) for name in settings.__struct_fields__ if name != "llm"}
    shown |= {f"llm.{name}": getattr(settings.llm, name) for name in settings.llm.__struct_fields__}
    shown |= {name: amount(price) for name in PRICES if (price := shown[name]) is not None}
    shown["llm.headers"] = ", ".join(settings.llm.headers)  # their values may be secrets
    return [
        Finding("settings", "file", f"{file}{'' if file.exists() else ' (absent)'}"),
        *(Finding("settings", name, str(value) if value != "" else "(default)") for name, value in shown.items()),
        Finding("settings", "time zone in use", str(settings.zone)),
    ]


async def _database(settings: Settings) -> list[Finding]:
    path = settings.database
    if not path.exists():
        return [Finding("database", "file", f"{path} (not made yet: `qatui import` or `qatui demo` makes one)")]
    try:
        async with open_workspace(settings, create=False) as workspace:
            counts = await workspace.reports.counts(TicketFilter())
            problems = await workspace.check()
    except QatuiError as error:
        return [Finding("database", "file", str(path), False, str(error))]
    reasons = ", ".join(f"{reason} {count}" for reason, count in sorted(counts.unscored.items()))
    return [
        Finding("database", "file", str(path)),
        Finding("database", "size", f"{path.stat().st_size / 1e6:.1f} MB"),
        Finding("database", "tickets", f"{counts.total}, {counts.scored} scored{f' ({reasons})' if reasons else ''}"),
        Finding("database", "sound", "yes" if not problems else "no", not problems, " ".join(problems)),
    ]


def _judge() -> list[Finding]:
    from qatui.services.scoring.offline.judge import OfflineJudge

    try:
        return [Finding("judge", "embedded", str(OfflineJudge.load().identity))]
    except QatuiError as error:
        return [Finding("judge", "embedded", "cannot work", False, str(error))]


def _terminal() -> list[Finding]:
    if not sys.stdout.isatty():
        return [Finding("terminal", "standard output", "not a terminal")]
    size = shutil.get_terminal_size()
    fits = size.columns >= MIN_WIDTH and size.lines >= MIN_HEIGHT
    encoding = sys.stdout.encoding or "unknown"
    unicode = encoding.lower().startswith("utf")
    return [
        Finding("terminal", "type", os.environ.get("TERM", "unset")),
        Finding("terminal", "size", f"{size.columns} x {size.lines}", fits, f"qatui needs {MIN_WIDTH} x {MIN_HEIGHT}."),
        Finding("terminal", "encoding", encoding + ("" if unicode else ": marks and bars are drawn in ASCII")),
        Finding(
            "terminal",
            "colours",
            "off (NO_COLOR)" if os.environ.get("NO_COLOR") else os.environ.get("COLORTERM", "basic"),
        ),
    ]
