"""The facade: one open workspace with everything a command or a screen may ask of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from qatui.config import Settings
from qatui.services.performance import Performance
from qatui.services.reports import Reports
from qatui.store.engine import Database

if TYPE_CHECKING:  # imported late at run time: reading reports needs neither intake nor judges
    from qatui.services.intake import ImportResult, Progress
    from qatui.services.scoring.runner import ScorePlan, ScoreProgress, ScoreResult


def utc_now() -> datetime:
    """The clock of a run; tests pass their own."""
    return datetime.now(UTC)


class Workspace:
    """What `open_workspace` gives: reads under `reports` and `performance`, and the few things that write."""

    def __init__(self, db: Database, settings: Settings, clock: Callable[[], datetime] = utc_now) -> None:
        self._db = db
        self._clock = clock
        self.settings = settings
        self.reports = Reports(db, settings)
        self.performance = Performance(db, settings)

    @property
    def path(self) -> Path:
        """The file of the workspace."""
        return self._db.path

    @property
    def now(self) -> datetime:
        """The present instant, UTC."""
        return self._clock()

    async def import_paths(
        self,
        paths: Sequence[str],
        *,
        format: str = "auto",
        column_map: Path | None = None,
        rejects: Path | None = None,
        progress: Callable[[Progress], None] | None = None,
    ) -> ImportResult:
        """Read conversations from files (`-` is standard input); see `qatui.services.intake.import_paths`."""
        from qatui.services.intake import import_paths

        return await import_paths(
            self._db, paths, format=format, column_map=column_map, rejects=rejects, progress=progress
        )

    async def score(
        self,
        *,
        limit: int | None = None,
        rescore: bool = False,
        progress: Callable[[ScoreProgress], None] | None = None,
    ) -> ScoreResult:
        """Judge every eligible ticket that the embedded judge has not read in its present state.

        rescore: judge again what was judged already. Finished tickets are stored in steps: cancelling or killing
        the run loses none of them. Raises JudgeError when the judge cannot work at all.
        """
        from qatui.services.scoring.runner import score

        return await score(self._db, limit=limit, rescore=rescore, progress=progress, clock=self._clock)

    async def score_plan(self, *, limit: int | None = None, rescore: bool = False) -> ScorePlan:
        """What `score` would do, without doing it."""
        from qatui.services.scoring.runner import plan

        return await plan(self._db, limit=limit, rescore=rescore)

    async def check(self) -> list[str]:
        """What is wrong with the database, one sentence each; empty when it is sound."""
        return await self._db.check()

    async def backup(self, target: Path) -> None:
        """Copy the database, also while others use it; StoreError when the target exists or cannot be written."""
        await self._db.backup(target)


@asynccontextmanager
async def open_workspace(
    settings: Settings, *, create: bool = True, clock: Callable[[], datetime] = utc_now
) -> AsyncIterator[Workspace]:
    """Open the workspace of these settings, made or upgraded where needed, and close it in the end.

    Raises StoreError (not a database, no permission, absent and not `create`) and NewerDatabaseError.
    """
    db = await Database.open(settings.database, create=create)
    try:
        yield Workspace(db, settings, clock)
    finally:
        await db.close()
