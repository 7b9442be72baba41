"""The command line: `qatui` opens the application, everything else works without a terminal.

What stands here is loaded before the application's first frame, so it is little: the commands, their parser and the
services behind them are loaded for a command only.
"""

from __future__ import annotations

import gc
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from qatui.config import Settings, load_settings
from qatui.errors import Exit, QatuiError, UsageError


def open_application(settings: Settings, notice: str = "") -> int:
    """Hand the terminal to the application, and give its exit code; a usage error where there is no terminal."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            "There is no terminal to open the application in.",
            hint="`qatui --help` lists the commands that work without one, such as `qatui report reps`.",
        )
    gc.disable()  # while modules load nothing is garbage, and looking for it takes a tenth of the start
    from qatui.app import run_app

    return run_app(settings, notice)


GLOBAL_WITH_VALUE = ("--db", "--config")
GLOBAL_FLAGS = ("--quiet", "-q")


def globals_first(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """The global options, from wherever a person wrote them, and the rest: the parser wants them in this order."""
    front: list[str] = []
    rest: list[str] = []
    pending = iter(arguments)
    for argument in pending:
        if argument == "--":
            rest += [argument, *pending]
        elif argument in GLOBAL_WITH_VALUE:
            front += [argument, *([value] if (value := next(pending, None)) is not None else [])]
        elif argument in GLOBAL_FLAGS or argument.startswith(tuple(f"{name}=" for name in GLOBAL_WITH_VALUE)):
            front.append(argument)
        else:
            rest.append(argument)
    return front, rest


def _application_only(options: Sequence[str]) -> Settings | None:
    """The settings of a call that only opens the application; None where the options want the parser's verdict."""
    given = dict.fromkeys(GLOBAL_WITH_VALUE)
    pending = iter(options)
    for option in pending:
        name, equals, value = option.partition("=")
        if name in given:
            given[name] = value if equals else next(pending, None)
            if not given[name]:
                return None
    return load_settings({"db": given["--db"]}, file=Path(given["--config"]) if given["--config"] else None)


def main() -> None:
    """The `qatui` command: runs, and turns every error into a sentence and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a mark that the terminal cannot show is no reason to fail
    options, rest = globals_first(sys.argv[1:])
    try:
        if not rest and (settings := _application_only(options)):
            sys.exit(open_application(settings))
        from qatui.cli.commands import app

        app(args=options + rest, prog_name="qatui")
    except QatuiError as error:
        from qatui.text import visible

        print(f"{error.title}: {visible(error.message)}", file=sys.stderr)
        if error.hint:
            print(visible(error.hint), file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        print("Stopped. What was finished is kept; the same command goes on from there.", file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:
        # The reader of a pipe left (`| head`): nothing failed. Python would complain again when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(Exit.DONE)
