"""`qatui coach REP`: a pack for a rep's one-to-one, as Markdown or HTML."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from qatui.cli.output import say
from qatui.cli.reports import Channel, Since, Until, ticket_filter
from qatui.cli.root import Run, app
from qatui.domain.coaching import Pack
from qatui.services.coaching.saving import Form, document, save
from qatui.services.workspace import open_workspace


@app.command()
def coach(
    context: typer.Context,
    rep: Annotated[str, typer.Argument(help="The rep, by name or source/id.")],
    since: Since = None,
    until: Until = None,
    channel: Channel = None,
    judge: Annotated[
        str | None, typer.Option(help="Only tickets scored by this judge: offline, llm, or the name of a model.")
    ] = None,
    format: Annotated[
        Form | None, typer.Option(help="How to write it; by default as the name of --out ends, else markdown.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A new file that only you may read; default: standard output."),
    ] = None,
) -> None:
    """A pack for a one-to-one: trend, strengths and weaknesses with quotes, tickets to read, what to work on.

    Without dates it is about the usual period (the setting `period`), or all time where that holds nothing.
    """
    run: Run = context.obj
    zone = run.settings.zone
    where = ticket_filter(zone, since=since, until=until, as_of=None, team=None, rep=None, channel=channel)
    form = format or (Form.of(out) if out is not None else Form.MARKDOWN)

    async def gather() -> Pack:
        async with open_workspace(run.settings) as workspace:
            return await workspace.coaching.pack(rep, replace(where, judge=judge), period=run.settings.period)

    text = document(asyncio.run(gather()), zone, form)
    if out is None:
        sys.stdout.write(text)
        return
    save(out, text)
    if not run.quiet:
        say(f"Wrote {out}.")
