"""The command line: `qatui` opens the application, everything else works without a terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from qatui import __version__
from qatui.config import Settings, load_settings
from qatui.errors import Exit, QatuiError

app = typer.Typer(
    name="qatui",
    no_args_is_help=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Support quality in the terminal. Without a command the application opens.",
    epilog="--db, --config and --quiet may stand anywhere. Exit codes: 0 done, 1 failure, 2 usage or configuration, "
    "3 done but some rows were rejected or some tickets failed to score.",
)


@dataclass(frozen=True, slots=True)
class Run:
    """What the global options say: handed to every command by its context."""

    settings: Settings
    quiet: bool


def _version(asked: bool) -> None:
    if asked:
        print(f"qatui {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    db: Annotated[
        str | None, typer.Option(help="The workspace: a path or a sqlite:/// URL.", metavar="PATH|URL")
    ] = None,
    config: Annotated[Path | None, typer.Option(help="A TOML file with settings.", metavar="FILE")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No narration on standard error.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    context.obj = Run(load_settings({"db": db}, file=config), quiet)
    if context.invoked_subcommand is None:
        open_application(context.obj.settings)


def open_application(settings: Settings, notice: str = "") -> None:
    """Hand the terminal to the application; a usage error where there is none."""
    from qatui.errors import UsageError

    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            "There is no terminal to open the application in.",
            hint="`qatui --help` lists the commands that work without one, such as `qatui report reps`.",
        )
    from qatui.app import run_app

    raise typer.Exit(run_app(settings, notice))


GLOBAL_WITH_VALUE = ("--db", "--config")
GLOBAL_FLAGS = ("--quiet", "-q")


def globals_first(arguments: Sequence[str]) -> list[str]:
    """Move the global options to the front, where the parser wants them, from wherever a person wrote them."""
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
    return front + rest


def main() -> None:
    """The `qatui` command: runs, and turns every error into a sentence and an exit code."""
    from qatui.cli import data, performance, reports  # noqa: F401  they register their commands

    try:
        app(args=globals_first(sys.argv[1:]), prog_name="qatui")
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
