"""`qatui answers …`: the short answers that resolved topics, listed, edited and taken out."""

from __future__ import annotations

import csv
import io
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from qatui.cli.gaps import TopicName
from qatui.cli.gaps_changes import answer_text
from qatui.cli.output import Format, say, write_csv, write_json, write_table
from qatui.cli.reports import Output
from qatui.cli.root import Run, app
from qatui.cli.workspace import change, within
from qatui.errors import UsageError
from qatui.services.changes import Done
from qatui.services.gaps.export import HEADER, json_lines, markdown, plain
from qatui.services.workspace import Workspace
from qatui.text import csv_cell

answers = typer.Typer(help="Short answers to topics.", no_args_is_help=True)
app.add_typer(answers, name="answers")

Search = Annotated[str, typer.Option(help="Words in the answer, its question or the topic's name.")]


@answers.command("list")
def list_(context: typer.Context, search: Search = "", format: Output = Format.TABLE) -> None:
    """The answers of resolved topics, newest first, with how many questions came since."""
    found = within(context.obj, lambda workspace: workspace.gaps.answers(search))
    rows = [plain(row) for row in found]
    if format is Format.JSON:
        write_json({"answers": rows})
    elif format is Format.CSV:
        write_csv(HEADER, [tuple(row.values()) for row in rows])
    else:
        header = ("topic", "name", "at", "author", "since_answer", "question", "answer")
        write_table(
            header, [tuple(row[key] for key in header) for row in rows], numbers=frozenset({"topic", "since_answer"})
        )


@answers.command("edit")
def edit(
    context: typer.Context,
    topic: TopicName,
    answer: Annotated[str | None, typer.Option(help="The answer from now on.")] = None,
    file: Annotated[Path | None, typer.Option(help="A file with the answer; - is standard input.")] = None,
    question: Annotated[str | None, typer.Option(help="The question from now on.")] = None,
) -> None:
    """Put an answer into other words; the words before stay in its history (`gaps show`)."""
    text = answer_text(answer, file)
    if text is None and question is None:
        raise UsageError("There is nothing to change.", hint="Give --answer, --file or --question.")

    async def work(workspace: Workspace) -> Done:
        return await workspace.gaps.edit_answer(await workspace.gaps.find(topic), question=question, answer=text)

    change(context.obj, work)


class Kind(StrEnum):
    """How answers are exported."""

    MARKDOWN = "md"
    CSV = "csv"
    JSON_LINES = "jsonl"


@answers.command("export")
def export(
    context: typer.Context,
    output: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="A new file; default: standard output.")
    ] = None,
    format: Annotated[Kind, typer.Option(help="How to write it.")] = Kind.MARKDOWN,
    search: Search = "",
) -> None:
    """Take the answers out: as Markdown, CSV or JSON lines."""
    run: Run = context.obj
    found = within(run, lambda workspace: workspace.gaps.answers(search))
    if format is Kind.CSV:
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\n")
        writer.writerow(HEADER)
        for row in found:
            writer.writerow([csv_cell(cell) if isinstance(cell, str) else cell for cell in plain(row).values()])
        text = buffer.getvalue()
    else:
        text = "".join(markdown(found) if format is Kind.MARKDOWN else json_lines(found))
    if output is None:
        sys.stdout.write(text)
        return
    try:
        with output.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(f"{output} exists already.", hint="Choose a name that is free.") from None
    except OSError as error:
        raise UsageError(f"{output} cannot be written: {error.strerror}.", hint="Choose another place.") from None
    if not run.quiet:
        say(f"Wrote {len(found):,} answers to {output}.")
