"""The root of all commands: global options, help and the context that commands get."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from qatui import __version__
from qatui.cli import open_application
from qatui.config import Settings, load_settings

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
        raise typer.Exit(open_application(context.obj.settings))
