"""The sample workspace: written into a database of its own, imported and scored like anyone's tickets."""

from __future__ import annotations

import json
import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from qatui.config import Settings, data_directory
from qatui.errors import UsageError
from qatui.services.workspace import open_workspace

SOURCE = "sample"


@dataclass(frozen=True, slots=True)
class Built:
    """What was written: tickets, and how many of them are scored."""

    tickets: int
    scored: int


def demo_settings(settings: Settings) -> Settings:
    """The same settings with the sample's database: the one given, else `demo.db` in the user's data directory."""
    return settings if settings.db else msgspec.structs.replace(settings, db=str(data_directory() / "demo.db"))


async def ensure_demo(settings: Settings, *, fresh: bool, now: datetime) -> Built | None:
    """Write the sample workspace unless it stands already; None when it was left as it is.

    It is built beside its place and moved there whole, so a killed run leaves nothing half-written. Raises
    UsageError when the database holds other tickets than the sample's: they are never replaced.
    """
    target = settings.database
    if target.exists():
        async with open_workspace(settings) as workspace:
            choices = await workspace.reports.choices()
        if set(choices.sources) - {SOURCE}:
            raise UsageError(
                f"{target} holds other tickets than the sample's.",
                hint="Name another file with --db, or leave it away.",
            )
        if choices.sources and not fresh:
            return None
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".demo-") as room:
        draft = msgspec.structs.replace(settings, db=str(Path(room) / "demo.db"))
        built = await _build(draft, Path(room), now)
        for suffix in ("-wal", "-shm"):  # of the file that is replaced: they must not meet the new one
            with suppress(FileNotFoundError):
                os.unlink(f"{target}{suffix}")
        os.replace(draft.database, target)
    return built


async def _build(settings: Settings, room: Path, now: datetime) -> Built:
    from qatui.services.sample import conversations

    lines = room / f"{SOURCE}.jsonl"
    lines.write_text("".join(json.dumps(ticket) + "\n" for ticket in conversations(now)), "utf-8")
    async with open_workspace(settings) as workspace:
        imported = await workspace.import_paths([str(lines)])
        result = await workspace.score()
        await workspace.gaps.refresh()
        return Built(imported.new, result.scored)
