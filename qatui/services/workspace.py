"""The facade: one open workspace with everything a command or a screen may ask of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from qatui.config import Settings
from qatui.services.reports import Reports
from qatui.store.engine import Database

if TYPE_CHECKING:  # imported late at run time: the first rows on screen need reports alone
    from qatui.domain.people import Account
    from qatui.domain.verdict import JudgeIdentity
    from qatui.services.calibration import Calibration
    from qatui.services.changes import ChangeLog, Done
    from qatui.services.coaching.pack import Coaching
    from qatui.services.gaps.triage import Gaps
    from qatui.services.intake import ImportResult, Progress
    from qatui.services.people import People
    from qatui.services.performance import Performance
    from qatui.services.reviews import Reviews
    from qatui.services.runs import Runs
    from qatui.services.scoring.control import Control
    from qatui.services.scoring.llm.batch import Batches
    from qatui.services.scoring.llm.cost import RunEstimate
    from qatui.services.scoring.llm.judge import LlmJudge
    from qatui.services.scoring.llm.preview import RequestPreview
    from qatui.services.scoring.runner import Run, ScorePlan, ScoreProgress, ScoreResult


def utc_now() -> datetime:
    """The clock of a run; tests pass their own."""
    return datetime.now(UTC)


class Workspace:
    """What `open_workspace` gives: `reports`, `performance`, `gaps` and `people`, and the few things that write."""

    def __init__(
        self,
        db: Database,
        settings: Settings,
        clock: Callable[[], datetime] = utc_now,
        account: Callable[[], Account] | None = None,
    ) -> None:
        self._db = db
        self._clock = clock
        self._account = account
        self.settings = settings
        self.reports = Reports(db, settings)

    @cached_property
    def performance(self) -> Performance:
        """What the Performance screen and `report performance` ask."""
        from qatui.services.performance import Performance

        return Performance(self._db, self.settings)

    @cached_property
    def coaching(self) -> Coaching:
        """What a lead takes along to a rep's one-to-one."""
        from qatui.services.coaching.pack import Coaching

        return Coaching(self._db, self.settings, self._clock)

    @cached_property
    def people(self) -> People:
        """Who may change this workspace."""
        from qatui.services.people import People, this_account

        return People(self._db, self._clock, self._account or this_account)

    @cached_property
    def gaps(self) -> Gaps:
        """The questions that the customer agent could not answer."""
        from qatui.services.gaps.triage import Gaps

        return Gaps(self._db, self.settings, self.people, self._clock)

    @cached_property
    def runs(self) -> Runs:
        """What scoring runs did and cost."""
        from qatui.services.runs import Runs

        return Runs(self._db)

    @cached_property
    def batches(self) -> Batches:
        """Scoring by the llm judge through a Batch endpoint."""
        from qatui.services.scoring.llm.batch import Batches

        return Batches(self._db, self.settings, self.people, self._clock, self._request_secret)

    async def held_by_batches(self, judge: JudgeIdentity) -> int:
        """How many tickets a Batch endpoint holds for a judge: no other run hands them in meanwhile."""
        from qatui.store.batches import held

        async with self._db.read() as connection:
            return await held(connection, judge)

    @cached_property
    def reviews(self) -> Reviews:
        """What people say of scores, and which tickets to read next."""
        from qatui.services.reviews import Reviews

        return Reviews(self._db, self.settings, self.people, self._clock)

    async def undo(self) -> Done:
        """Take back one's latest change, of whatever kind; see `qatui.services.changes`."""
        return await self._changes.undo()

    async def redo(self) -> Done:
        """Make the change again that one took back last."""
        return await self._changes.redo()

    @cached_property
    def _changes(self) -> ChangeLog:
        from qatui.services.changes import ChangeLog

        return ChangeLog(self._db, self.people, self._clock)

    @cached_property
    def calibration(self) -> Calibration:
        """How far judges and people agree, and which judge's verdicts count."""
        from qatui.services.calibration import Calibration

        return Calibration(self._db, self.people, self._clock)

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
        """Read conversations from files (`-` is standard input); see `qatui.services.intake.import_paths`.

        ForbiddenError for who may only read.
        """
        from qatui.domain.people import Right
        from qatui.services.intake import import_paths

        await self.people.demand(Right.IMPORT)

        return await import_paths(
            self._db, paths, format=format, column_map=column_map, rejects=rejects, progress=progress
        )

    async def score(
        self,
        *,
        judge: str = "offline",
        limit: int | None = None,
        rescore: bool = False,
        golden: bool = False,
        budget: float | None = None,
        progress: Callable[[ScoreProgress], None] | None = None,
        control: Control | None = None,
    ) -> ScoreResult:
        """Judge every eligible ticket that this judge has not read in its present state, pinned ones first.

        judge: offline (embedded) or llm (the endpoint of the settings). rescore: judge again what was judged already.
        golden: only pinned tickets. budget: the most that the llm judge may spend. control: pauses and stops the run.
        Finished tickets are stored in steps: cancelling or killing the run loses none of them. Raises JudgeError when
        the embedded judge cannot work, ConfigError for the llm one, UsageError for a budget without prices and while
        another process asks as the same judge, ForbiddenError for who may only read.
        """
        from qatui.domain.people import Right

        await self.people.demand(Right.IMPORT)
        if judge == "llm":
            from qatui.services.scoring.requests import judge_by_requests

            async with self._llm(budget, await self._request_secret()) as asked:
                run = await self._run(asked.identity, limit, rescore, progress, control, golden=golden)
                return await judge_by_requests(run, asked)
        from qatui.domain.run import RunKind
        from qatui.services.scoring.batches import judge_in_batches

        run = await self._run(_offline(), limit, rescore, progress, control, golden=golden)
        async with run.recorded(RunKind.OFFLINE):
            return await judge_in_batches(run)

    async def score_plan(
        self, *, judge: str = "offline", limit: int | None = None, rescore: bool = False, sample: int | None = None
    ) -> tuple[ScorePlan, RunEstimate | None]:
        """What `score` would do, without doing it; with tokens and price where the judge is the llm one.

        sample: look at so many tickets only, and take the others to be like them.
        """
        if judge == "llm":
            from qatui.services.scoring.requests import estimate_by_requests

            async with self._llm(None) as asked:
                run = await self._run(asked.identity, limit, rescore)
                return run.plan, await estimate_by_requests(run, asked, sample)
        return (await self._run(_offline(), limit, rescore)).plan, None

    async def request_preview(self, name: str) -> RequestPreview:
        """Exactly what the llm judge would send about one ticket; nothing is sent."""
        view = await self.reports.ticket(await self.reports.find(name))
        async with self._llm(None) as asked:
            return asked.request_preview(view.ticket)

    async def _run(
        self,
        judge: JudgeIdentity,
        limit: int | None,
        rescore: bool,
        progress: Callable[[ScoreProgress], None] | None = None,
        control: Control | None = None,
        *,
        golden: bool = False,
    ) -> Run:
        from qatui.services.scoring.control import Control
        from qatui.services.scoring.runner import Run, plan

        work = await plan(self._db, judge, limit=limit, rescore=rescore, golden=golden)
        return Run(self._db, work, rescore, self._clock, progress, control or Control())

    async def _request_secret(self) -> bytes:
        from qatui.store.dialects import request_secret

        async with self._db.write() as connection:
            return await request_secret(connection)

    def _llm(self, budget: float | None, secret: bytes = b"") -> LlmJudge:
        from qatui.services.scoring.llm.judge import LlmJudge

        return LlmJudge.from_environment(self.settings.llm, budget=budget, secret=secret)

    async def check(self) -> list[str]:
        """What is wrong with the database, one sentence each; empty when it is sound."""
        return await self._db.check()

    async def backup(self, target: Path) -> None:
        """Copy the database, also while others use it; StoreError when the target exists or cannot be written."""
        await self._db.backup(target)


def _offline() -> JudgeIdentity:
    from qatui.services.scoring.offline.weights import packaged_identity

    return packaged_identity()


@asynccontextmanager
async def open_workspace(
    settings: Settings,
    *,
    create: bool = True,
    clock: Callable[[], datetime] = utc_now,
    account: Callable[[], Account] | None = None,
) -> AsyncIterator[Workspace]:
    """Open the workspace of these settings, made or upgraded where needed, and close it in the end.

    Raises StoreError (not a database, no permission, absent and not `create`) and NewerDatabaseError.
    """
    db = await Database.open(settings.database, create=create)
    try:
        yield Workspace(db, settings, clock, account)
    finally:
        await db.close()
