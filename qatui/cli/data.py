"""Commands that fill and look after a workspace: import, demo, db, doctor, keys."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from qatui.cli import open_application
from qatui.cli.output import Format, plural, progress_line, say, write_csv, write_json, write_table
from qatui.cli.root import Run, app
from qatui.errors import Exit
from qatui.services.workspace import open_workspace, utc_now

db = typer.Typer(help="The database: upgrade, check, backup.", no_args_is_help=True)
app.add_typer(db, name="db")

Output = Annotated[Format, typer.Option("--format", help="How to write it.")]


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


@app.command()
def demo(
    context: typer.Context,
    fresh: Annotated[bool, typer.Option("--fresh", help="Write the sample anew, with times up to today.")] = False,
) -> None:
    """Open a sample workspace, imported and scored; without a terminal print its reports."""
    from qatui.cli.tickets import print_reports
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
