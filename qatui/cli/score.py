"""`qatui score`: have tickets judged, see what that would cost, and what it did."""

from __future__ import annotations

import asyncio
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from qatui.cli.output import Format, plural, progress_line, say
from qatui.cli.root import Run, app
from qatui.cli.stopping import run_until_told
from qatui.errors import Exit, UsageError
from qatui.services.workspace import open_workspace
from qatui.text import visible

if TYPE_CHECKING:  # judges are loaded by the run that needs them
    from qatui.services.scoring.control import Control
    from qatui.services.scoring.runner import ScoreProgress, ScoreResult

HELD = "Left out: {} with a Batch endpoint; `qatui score --collect` stores what it has answered."
STOPPING = "Stopping: what is under way is finished and stored. Once more, and it is not waited for."


class JudgeName(StrEnum):
    """Who reads: the embedded judge, or the endpoint of the settings."""

    OFFLINE = "offline"
    LLM = "llm"


@app.command()
def score(
    context: typer.Context,
    judge: Annotated[
        JudgeName, typer.Option(help="Which judge reads: offline is the embedded one, llm an endpoint of yours.")
    ] = JudgeName.OFFLINE,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many tickets; with --status, runs.")] = None,
    rescore: Annotated[bool, typer.Option("--rescore", help="Judge again what this judge has judged already.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be done, for llm with tokens and price.")
    ] = False,
    budget: Annotated[float | None, typer.Option(min=0, help="The most that the llm judge may spend.")] = None,
    show_request: Annotated[
        str | None, typer.Option(metavar="TICKET", help="Only show what the llm judge would be sent about a ticket.")
    ] = None,
    batch: Annotated[
        bool,
        typer.Option("--batch", help="Hand tickets in to the llm judge's Batch endpoint, which answers within a day."),
    ] = False,
    collect: Annotated[bool, typer.Option("--collect", help="Only store what a Batch endpoint has answered.")] = False,
    cancel_batch: Annotated[
        bool, typer.Option("--cancel-batch", help="Only have batches cancelled; what is answered is stored.")
    ] = False,
    status: Annotated[
        bool, typer.Option("--status", help="Only list the latest runs, with what all of them used and cost.")
    ] = False,
    format: Annotated[Format, typer.Option("--format", help="How --status is written.")] = Format.TABLE,
) -> None:
    """Judge every closed ticket that was not judged yet: Tone, Clarity, Empathy, each with its reason."""
    run: Run = context.obj
    if budget is not None and judge is JudgeName.OFFLINE and not batch:
        raise UsageError("The embedded judge costs nothing.", hint="Leave --budget away, or use --judge llm.")
    if format is not Format.TABLE and not status:
        raise UsageError("Only --status is written in a format.", hint="Add --status, or leave --format away.")
    asked = {
        "--status": status,
        "--show-request": show_request is not None,
        "--batch": batch,
        "--collect": collect,
        "--cancel-batch": cancel_batch,
    }
    chosen = [name for name, given in asked.items() if given]
    if dry_run and not batch:
        chosen.append("--dry-run")
    if len(chosen) > 1:
        raise UsageError(f"{' and '.join(chosen)} exclude each other.", hint="Choose one of them.")
    if status:
        from qatui.cli.score_status import print_status

        asyncio.run(print_status(run.settings, limit, format))
    elif show_request is not None:
        asyncio.run(_show_request(run, show_request))
    elif collect or cancel_batch:
        from qatui.cli import score_batch

        if collect:
            score_batch.collect(run)
        else:
            score_batch.cancel(run)
    elif dry_run:
        asyncio.run(_plan(run, JudgeName.LLM if batch else judge, limit, rescore, batch))
    elif batch:
        from qatui.cli import score_batch

        score_batch.hand_in(run, limit=limit, rescore=rescore, budget=budget)
    else:
        judge_tickets(run, judge, limit=limit, rescore=rescore, budget=budget)


async def _show_request(run: Run, ticket: str) -> None:
    async with open_workspace(run.settings, create=False) as workspace:
        print((await workspace.request_preview(ticket)).text())


async def _plan(run: Run, judge: JudgeName, limit: int | None, rescore: bool, batch: bool) -> None:
    async with open_workspace(run.settings) as workspace:
        plan, estimate = await workspace.score_plan(judge=judge, limit=limit, rescore=rescore)
        held = await workspace.held_by_batches(plan.judge)
    print(f"{plural(plan.tickets, 'ticket')} would be judged by {plan.judge}.")
    if held:
        print(HELD.format(plural(held, "ticket")))
    if estimate:
        print(f"About {estimate.usage.prompt:,} tokens sent and {estimate.usage.answer:,} received.")
        if estimate.cost is not None and estimate.highest is not None:
            share = 1 - run.settings.llm.batch_discount if batch else 1.0
            print(
                f"About {estimate.cost * share:.4f} in the currency of the prices, "
                f"at most {estimate.highest * share:.4f}."
            )
        else:
            print("No price is set: QATUI_LLM_PRICE_IN and QATUI_LLM_PRICE_OUT, per million tokens.")


def judge_tickets(
    run: Run,
    judge: JudgeName,
    *,
    limit: int | None = None,
    rescore: bool = False,
    golden: bool = False,
    budget: float | None = None,
) -> None:
    """Judge, and tell what was done and, where pinned tickets were read, whether to adopt the judge.

    golden: only pinned tickets. Ends the command with PARTIAL where some could not be judged.
    """
    from qatui.services.scoring.control import Control

    control = Control()
    result = run_until_told(
        lambda: _score(run, judge, limit, rescore, golden, budget, control),
        control.stop,
        "" if run.quiet else STOPPING,
    )
    if result.failed or result.stopped:
        raise typer.Exit(Exit.PARTIAL)


async def _score(
    run: Run,
    judge: JudgeName,
    limit: int | None,
    rescore: bool,
    golden: bool,
    budget: float | None,
    control: Control,
) -> ScoreResult:
    advice = ""
    async with open_workspace(run.settings) as workspace:
        with progress_line(run.quiet) as draw:
            result = await workspace.score(
                judge=judge,
                limit=limit,
                rescore=rescore,
                golden=golden,
                budget=budget,
                progress=lambda p: draw(p.done, p.total, _words(p)),
                control=control,
            )
        if golden or result.golden:
            advice = await workspace.calibration.advice_in_words(result.judge)
        held = await workspace.held_by_batches(result.judge)
    if not run.quiet:
        reasons = "".join(f", {reason} {count:,}" for reason, count in result.unscored.items())
        say(f"{plural(result.scored, 'ticket')} scored by {result.judge}{reasons}.")
        if result.why:
            words, times = result.why
            say(
                f"It failed {'at all of them' if times == result.failed else f'most often, at {times:,},'} because "
                f"{visible(words).rstrip('.')}."
            )
        if result.tokens:
            say(f"{result.tokens:,} tokens" + (f", {result.cost:.4f} spent." if result.cost is not None else "."))
        if held:
            say(HELD.format(plural(held, "ticket")))
    if result.stopped and not control.stopped:  # whoever stopped it is told so by that
        say(f"It ended early: {result.stopped}".rstrip(".") + ". The other tickets stay waiting.")
    if golden:
        print(visible(advice))  # it is what a trial is for
    elif advice and not run.quiet:
        say(visible(advice))
    return result


def _words(progress: ScoreProgress) -> str:
    words = [f"{progress.done:,} judged"]
    words += [f"{progress.failed:,} failed"] if progress.failed else []
    words += [f"{progress.tokens:,} tokens"] if progress.tokens else []
    words += [f"{progress.cost:.4f}"] if progress.cost is not None else []
    return ", ".join(words)
