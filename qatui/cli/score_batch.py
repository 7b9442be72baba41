"""`qatui score --batch`, `--collect` and `--cancel-batch`: the llm judge through a Batch endpoint."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from qatui.cli.output import plural, say
from qatui.cli.root import Run
from qatui.errors import Exit
from qatui.services.workspace import open_workspace
from qatui.text import visible

if TYPE_CHECKING:
    from qatui.domain.batch import BatchNews, HandedIn


def hand_in(run: Run, *, limit: int | None, rescore: bool, budget: float | None) -> None:
    """Collect what is done and hand in what waits; ends the command with PARTIAL where something failed."""

    async def work() -> HandedIn:
        async with open_workspace(run.settings) as workspace:
            return await workspace.batches.hand_in(limit=limit, rescore=rescore, budget=budget)

    done = asyncio.run(work())
    _tell(run, done.before)
    if not run.quiet:
        if done.tickets:
            names = ", ".join(done.batches)
            cost = "" if done.cost is None else f", about {done.cost:.4f}"
            say(visible(f"Handed in {plural(done.tickets, 'ticket')} as {names}: about {done.sent:,} tokens{cost}."))
            say("The endpoint answers within a day: `qatui score --collect` fetches what it has answered.")
        else:
            say("Nothing else waits to be handed in.")
    if done.stopped:
        say(f"Not all was handed in: {visible(done.stopped)}")
    if done.stopped or any(news.failed for news in done.before):
        raise typer.Exit(Exit.PARTIAL)


def collect(run: Run) -> None:
    """Collect what is done; ends the command with PARTIAL where something failed."""

    async def work() -> tuple[BatchNews, ...]:
        async with open_workspace(run.settings) as workspace:
            return await workspace.batches.collect()

    _finish(run, asyncio.run(work()))


def cancel(run: Run) -> None:
    """Have every open batch cancelled."""

    async def work() -> tuple[BatchNews, ...]:
        async with open_workspace(run.settings) as workspace:
            return await workspace.batches.cancel()

    _finish(run, asyncio.run(work()))


def _finish(run: Run, news: Sequence[BatchNews]) -> None:
    if not news and not run.quiet:
        say("No batch is open.")
    _tell(run, news)
    if any(each.failed for each in news):
        raise typer.Exit(Exit.PARTIAL)


def _tell(run: Run, news: Sequence[BatchNews]) -> None:
    """A line a batch: how it stands, and what was collected."""
    if run.quiet:
        return
    for each in news:
        say(visible(f"{each.name}, {plural(each.requests, 'ticket')}: {each.words}."))
        if each.scored or each.unscored:
            reasons = "".join(f", {reason} {count:,}" for reason, count in sorted(each.unscored.items()))
            cost = "" if each.cost is None else f", {each.cost:.4f} spent"
            say(f"  {plural(each.scored, 'ticket')} scored{reasons}; {each.tokens:,} tokens{cost}.")
        if each.changed:
            say(f"  {plural(each.changed, 'answer')} came too late: their tickets say something else by now.")
        if each.released:
            say(f"  {plural(each.released, 'ticket')} without an answer, waiting again.")
