"""Commands that fill, judge and look after a workspace: import, score, demo, db, doctor, keys."""

from __future__ import annotations

import asyncio
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qatui.cli import open_application
from qatui.cli.output import Format, progress_line, say, write_csv, write_json, write_table
from qatui.cli.root import Run, app
from qatui.errors import Exit, UsageError
from qatui.services.workspace import open_workspace, utc_now

if TYPE_CHECKING:  # judges are loaded by the run that needs them
    from qatui.services.scoring.runner import ScoreResult

db = typer.Typer(help="The database: upgrade, check, backup.", no_args_is_help=True)
app.add_typer(db, name="db")

Output = Annotated[Format, typer.Option("--format", help="How to write it.")]


def plural(count: int, noun: str) -> str:
    """'1 ticket', '2 tickets', '12,345 tickets'."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


@app.command("import")
def import_(
    context: typer.Context,
    paths: Annotated[list[str], typer.Argument(help="Files (.jsonl, .csv, also .gz), or - for standard input.")],
    format: Annotated[
        str, typer.Option(help="auto, native (qatui/1 JSON lines) or csv.", metavar="auto|native|csv")
    ] = "auto",
    map: Annotated[
        Path | None, typer.Option("--map", help="TOML file naming the columns of a CSV file.", metavar="FILE")
    ] = None,
    rejects: Annotated[
        Path | None, typer.Option(help="Where rejected rows go (default: beside the file).", metavar="FILE")
    ] = None,
) -> None:
    """Read conversations. The same file twice changes nothing; a bad line is reported and the rest is imported."""
    run: Run = context.obj

    async def work() -> Any:
        async with open_workspace(run.settings) as workspace:
            with progress_line(run.quiet) as draw:
                return await workspace.import_paths(
                    paths,
                    format=format,
                    column_map=map,
                    rejects=rejects,
                    progress=lambda p: draw(p.bytes_done, p.bytes_total, p.words),
                )

    result = asyncio.run(work())
    if not run.quiet:
        say(
            f"{plural(result.new, 'new conversation')}, {result.changed:,} changed, {result.unchanged:,} as before, "
            f"{result.rejected:,} rejected."
        )
        for warning in result.warnings:
            say(f"Note: {warning}")
        if result.new or result.changed:
            say("Next: `qatui score` judges them.")
    if result.rejected:
        for problem in result.problems:
            say(problem)
        where = ", ".join(str(file) for file in result.reject_files)
        say(f"Rejected rows are in {where}: mend them there and import what you mended.")
        raise typer.Exit(Exit.PARTIAL)


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
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many tickets.")] = None,
    rescore: Annotated[bool, typer.Option("--rescore", help="Judge again what this judge has judged already.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be done, for llm with tokens and price.")
    ] = False,
    budget: Annotated[float | None, typer.Option(min=0, help="The most that the llm judge may spend.")] = None,
    show_request: Annotated[
        str | None, typer.Option(metavar="TICKET", help="Only show what the llm judge would be sent about a ticket.")
    ] = None,
) -> None:
    """Judge every closed ticket that was not judged yet: Tone, Clarity, Empathy, each with its reason."""
    run: Run = context.obj
    if budget is not None and judge is JudgeName.OFFLINE:
        raise UsageError("The embedded judge costs nothing.", hint="Leave --budget away, or use --judge llm.")
    if show_request is not None:
        asyncio.run(_show_request(run, show_request))
    elif dry_run:
        asyncio.run(_plan(run, judge, limit, rescore))
    else:
        result = asyncio.run(_score(run, judge, limit, rescore, budget))
        if result.failed or result.stopped:
            raise typer.Exit(Exit.PARTIAL)


async def _show_request(run: Run, ticket: str) -> None:
    async with open_workspace(run.settings, create=False) as workspace:
        print((await workspace.request_preview(ticket)).text())


async def _plan(run: Run, judge: JudgeName, limit: int | None, rescore: bool) -> None:
    async with open_workspace(run.settings) as workspace:
        plan, estimate = await workspace.score_plan(judge=judge, limit=limit, rescore=rescore)
    print(f"{plural(plan.tickets, 'ticket')} would be judged by {plan.judge}.")
    if estimate:
        print(f"About {estimate.usage.prompt:,} tokens sent and {estimate.usage.answer:,} received.")
        if estimate.cost is not None and estimate.highest is not None:
            print(f"About {estimate.cost:.4f} in the currency of the prices, at most {estimate.highest:.4f}.")
        else:
            print("No price is set: QATUI_LLM_PRICE_IN and QATUI_LLM_PRICE_OUT, per million tokens.")


async def _score(run: Run, judge: JudgeName, limit: int | None, rescore: bool, budget: float | None) -> ScoreResult:
    async with open_workspace(run.settings) as workspace:
        with progress_line(run.quiet) as draw:
            result = await workspace.score(
                judge=judge,
                limit=limit,
                rescore=rescore,
                budget=budget,
                progress=lambda p: draw(p.done, p.total, f"{p.done:,} judged"),
            )
    if not run.quiet:
        reasons = "".join(f", {reason} {count:,}" for reason, count in result.unscored.items())
        say(f"{plural(result.scored, 'ticket')} scored by {result.judge}{reasons}.")
        if result.tokens:
            say(f"{result.tokens:,} tokens" + (f", {result.cost:.4f} spent." if result.cost is not None else "."))
    if result.stopped:
        say(f"It ended early: {result.stopped}".rstrip(".") + ". The other tickets stay waiting.")
    return result


@app.command()
def demo(
    context: typer.Context,
    fresh: Annotated[bool, typer.Option("--fresh", help="Write the sample anew, with times up to today.")] = False,
) -> None:
    """Open a sample workspace, imported and scored; without a terminal print its reports."""
    from qatui.cli.reports import print_reports
    from qatui.services.demo import demo_settings, ensure_demo

    run: Run = context.obj
    settings = demo_settings(run.settings)
    built = asyncio.run(ensure_demo(settings, fresh=fresh, now=utc_now()))
    if built and not run.quiet:
        say(f"Wrote {plural(built.tickets, 'sample ticket')} to {settings.database}, {built.scored:,} of them scored.")
    if sys.stdin.isatty() and sys.stdout.isatty():
        raise typer.Exit(open_application(settings))
    asyncio.run(print_reports(settings))


@db.command()
def upgrade(context: typer.Context) -> None:
    """Bring the database to this version's schema, after a backup copy (also done whenever it is opened)."""
    run: Run = context.obj

    async def work() -> Path:
        async with open_workspace(run.settings, create=False) as workspace:
            return workspace.path

    say(f"{asyncio.run(work())} has the current schema.")


@db.command()
def check(context: typer.Context) -> None:
    """Look for damage: pages, references, derived rows that do not fit their facts. Exit 1 when there is any."""
    run: Run = context.obj

    async def work() -> list[str]:
        async with open_workspace(run.settings, create=False) as workspace:
            return await workspace.check()

    problems = asyncio.run(work())
    for problem in problems:
        print(problem)
    if problems:
        say("Restore a backup, or import into a new workspace: --db NEW, `qatui import`, `qatui score`.")
        raise typer.Exit(Exit.FAILED)
    print("sound")


@db.command()
def backup(
    context: typer.Context, target: Annotated[Path, typer.Argument(help="The file to write; it must not exist yet.")]
) -> None:
    """Copy the database to a file, also while others use it."""
    run: Run = context.obj

    async def work() -> None:
        async with open_workspace(run.settings, create=False) as workspace:
            await workspace.backup(target)

    asyncio.run(work())
    say(f"Wrote {target}.")


@app.command()
def doctor(context: typer.Context, format: Output = Format.TABLE) -> None:
    """What qatui finds here: versions, every setting with its value, the database, the judge, the terminal."""
    from qatui.services.doctor import diagnose

    run: Run = context.obj
    findings = asyncio.run(diagnose(run.settings))
    header = ("topic", "finding", "value", "state")
    rows = [(f.topic, f.name, f.value, "ok" if f.ok else f"problem: {f.advice}") for f in findings]
    if format is Format.JSON:
        write_json(
            {
                "findings": [
                    {"topic": f.topic, "name": f.name, "value": f.value, "ok": f.ok, "advice": f.advice}
                    for f in findings
                ]
            }
        )
    elif format is Format.CSV:
        write_csv(header, rows)
    else:
        write_table(header, rows)
    if not all(f.ok for f in findings):
        raise typer.Exit(Exit.FAILED)


@app.command()
def keys(context: typer.Context, format: Output = Format.TABLE) -> None:
    """Every action with its id and keys; remap them in the table `keys` of the configuration file."""
    from qatui.actions import registry

    run: Run = context.obj
    header = ("action", "keys", "where", "what")
    rows = [(a.id, " ".join(a.keys), a.scope, a.title) for a in registry(run.settings.keys)]
    if format is Format.JSON:
        write_json({"actions": [dict(zip(header, row, strict=True)) for row in rows]})
    elif format is Format.CSV:
        write_csv(header, rows)
    else:
        write_table(header, rows)
