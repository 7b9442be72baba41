"""Ctrl-C and SIGTERM while work goes on: the first asks it to come to a good end, the second waits for nothing."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import typer

from qatui.cli.output import say

Result = TypeVar("Result")
_HEARD = (signal.SIGINT, signal.SIGTERM)
KEPT = "Stopped. What was finished is kept; the same command goes on from there."


def run_until_told(work: Callable[[], Coroutine[Any, Any, Result]], stop: Callable[[], None], words: str) -> Result:
    """Run something to its end.

    stop: called at the first signal, which `words` answers if there are any. After a signal this raises typer.Exit
    with the code that shells know it by, 128 and its number, however the work ended.
    """
    told: list[signal.Signals] = []

    async def heeding() -> Result:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None

        def heard(number: signal.Signals) -> None:
            told.append(number)
            if len(told) > 1:
                task.cancel()
            else:
                if words:
                    say(words)
                stop()

        for number in _HEARD:
            loop.add_signal_handler(number, heard, number)
        try:
            return await work()
        finally:
            for number in _HEARD:
                loop.remove_signal_handler(number)

    try:
        result = asyncio.run(heeding())
    except asyncio.CancelledError:
        if not told:
            raise
    if told:
        say(KEPT)
        raise typer.Exit(128 + told[0])
    return result
