"""What commands do with the open workspace: ask it, name tickets, and make a change that can be taken back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from qatui.cli.output import say
from qatui.cli.root import Run
from qatui.services.changes import Done
from qatui.services.workspace import Workspace, open_workspace
from qatui.text import visible

Result = TypeVar("Result")


def within(run: Run, work: Callable[[Workspace], Awaitable[Result]]) -> Result:
    """What `work` gives on the open workspace."""

    async def open_and_work() -> Result:
        async with open_workspace(run.settings) as workspace:
            return await work(workspace)

    return asyncio.run(open_and_work())


def change(run: Run, work: Callable[[Workspace], Awaitable[Done]]) -> None:
    """Make a change and say what was done."""
    done = within(run, work)
    if not run.quiet:
        back = "" if done.words.startswith(("undo", "redo")) else " (`qatui undo` takes it back)"
        say(visible(f"{done.words[0].upper()}{done.words[1:]}{back}."))


async def row_ids(workspace: Workspace, names: Iterable[str]) -> list[int]:
    """The row ids of tickets named by id or source/id, each once; NotFoundError for one that is not there."""
    return list(dict.fromkeys([await workspace.reports.find(name) for name in names]))
