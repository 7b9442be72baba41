"""`qatui gaps …`, what changes topics: answered, dismissed, merged, split, renamed, and all of it taken back."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from qatui.cli.gaps import TopicName, gaps
from qatui.cli.output import progress_line, say
from qatui.cli.root import Run
from qatui.cli.workspace import change, within
from qatui.domain.gap_topic import Suggestion
from qatui.errors import NotFoundError, UsageError
from qatui.services.changes import Done
from qatui.services.workspace import Workspace

QuestionIds = Annotated[list[int], typer.Argument(metavar="QUESTION…", help="Questions, by number (`gaps show`).")]
QuestionOption = Annotated[
    list[int] | None, typer.Option("--question", "-Q", metavar="N", help="A question by number; may be repeated.")
]


def answer_text(answer: str | None, file: Path | None) -> str | None:
    """An answer from an option or a file, `-` being standard input; None where neither is given."""
    if answer is not None and file is not None:
        raise UsageError("An answer came twice.", hint="Give --answer or --file.")
    if file is None:
        return answer
    try:
        return sys.stdin.read() if str(file) == "-" else file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} cannot be read: {error}.", hint="Give a text file in UTF-8.") from None


@gaps.command("resolve")
def resolve(
    context: typer.Context,
    topic: TopicName,
    answer: Annotated[str | None, typer.Option(help="The short answer.")] = None,
    file: Annotated[Path | None, typer.Option(help="A file with the answer; - is standard input.")] = None,
    draft: Annotated[bool, typer.Option("--draft", help="Take what a rep answered, word for word.")] = False,
    question: Annotated[str | None, typer.Option(help="The question; default: the most central one.")] = None,
) -> None:
    """Create a short answer and resolve the topic by it."""
    run: Run = context.obj
    given = answer_text(answer, file)
    if (given is None) == (not draft):
        raise UsageError("An answer is needed, once.", hint="Give --answer TEXT, --file FILE or --draft.")

    async def work(workspace: Workspace) -> Done:
        number = await workspace.gaps.find(topic)
        text = given
        if text is None:
            found = await workspace.gaps.drafts(number)
            if not found:
                raise NotFoundError("No rep answered in these conversations.", hint="Give --answer TEXT.")
            text = found[0].text
        asked = question if question is not None else await workspace.gaps.suggested_question(number)
        return await workspace.gaps.resolve(number, asked, text)

    change(run, work)


@gaps.command("dismiss")
def dismiss(
    context: typer.Context,
    topics: Annotated[list[str] | None, typer.Argument(metavar="[TOPIC…]", help="Topics, by number or name.")] = None,
    question: QuestionOption = None,
) -> None:
    """Say that topics, or single questions, need no answer."""
    one_kind(topics, question)

    async def work(workspace: Workspace) -> Done:
        if question:
            return await workspace.gaps.dismiss_questions(question)
        return await workspace.gaps.dismiss_topics([await workspace.gaps.find(topic) for topic in topics or ()])

    change(context.obj, work)


@gaps.command("restore")
def restore(
    context: typer.Context,
    topic: Annotated[str | None, typer.Argument(metavar="[TOPIC]", help="A topic, by number or name.")] = None,
    question: QuestionOption = None,
) -> None:
    """Take a decision back: a dismissed topic is what it was before, a resolved one is open again."""
    one_kind(topic, question)

    async def work(workspace: Workspace) -> Done:
        if question:
            return await workspace.gaps.restore_questions(question)
        return await workspace.gaps.restore_topic(await workspace.gaps.find(topic or ""))

    change(context.obj, work)


def one_kind(topics: object, questions: object) -> None:
    """UsageError unless either topics or questions are named."""
    if bool(topics) == bool(questions):
        raise UsageError("Topics or questions are needed.", hint="Name topics, or questions by --question N.")


@gaps.command("merge")
def merge(
    context: typer.Context,
    into: Annotated[str, typer.Argument(metavar="INTO", help="The topic that stays, by number or name.")],
    others: Annotated[list[str], typer.Argument(metavar="TOPIC…", help="Those whose questions it takes.")],
) -> None:
    """Put the questions of other topics into one."""

    async def work(workspace: Workspace) -> Done:
        find = workspace.gaps.find
        return await workspace.gaps.merge(await find(into), [await find(other) for other in others])

    change(context.obj, work)


@gaps.command("split")
def split(
    context: typer.Context,
    topic: TopicName,
    questions: QuestionIds,
    name: Annotated[str, typer.Option(help="The name of the new topic; default: from its words.")] = "",
) -> None:
    """Make a topic of some questions of another; TOPIC 0 are those that are not grouped yet."""

    async def work(workspace: Workspace) -> Done:
        return await workspace.gaps.split(await workspace.gaps.find(topic), questions, name)

    change(context.obj, work)


@gaps.command("rename")
def rename(
    context: typer.Context, topic: TopicName, name: Annotated[str, typer.Argument(help="Its name from now on.")]
) -> None:
    """Give a topic a name, which no run changes."""

    async def work(workspace: Workspace) -> Done:
        return await workspace.gaps.rename(await workspace.gaps.find(topic), name)

    change(context.obj, work)


@gaps.command("move")
def move(context: typer.Context, topic: TopicName, questions: QuestionIds) -> None:
    """Put questions into a topic, from wherever they are."""

    async def work(workspace: Workspace) -> Done:
        return await workspace.gaps.move(questions, await workspace.gaps.find(topic))

    change(context.obj, work)


First = Annotated[int, typer.Argument(metavar="FIRST", help="A topic of the suggestion, by number.")]
Second = Annotated[int | None, typer.Argument(metavar="[SECOND]", help="The other topic; none: a split of FIRST.")]


async def suggested(workspace: Workspace, first: int, second: int | None) -> Suggestion:
    """The suggestion about these topics; NotFoundError where there is none."""
    for each in await workspace.gaps.suggestions():
        if {each.first, each.second} == {first, second}:
            return each
    raise NotFoundError("That is not suggested.", hint="`qatui gaps suggestions` lists what is.")


@gaps.command("accept")
def accept(context: typer.Context, first: First, second: Second = None) -> None:
    """Do what is suggested: merge two topics, or split one."""

    async def work(workspace: Workspace) -> Done:
        return await workspace.gaps.accept(await suggested(workspace, first, second))

    change(context.obj, work)


@gaps.command("refuse")
def refuse(context: typer.Context, first: First, second: Second = None) -> None:
    """Never suggest this again."""

    async def work(workspace: Workspace) -> Done:
        return await workspace.gaps.refuse(await suggested(workspace, first, second))

    change(context.obj, work)


@gaps.command("undo")
def undo(context: typer.Context) -> None:
    """Take back your latest change, also one of another day."""
    change(context.obj, lambda workspace: workspace.gaps.undo())


@gaps.command("redo")
def redo(context: typer.Context) -> None:
    """Make the change again that you undid last."""
    change(context.obj, lambda workspace: workspace.gaps.redo())


@gaps.command("refresh")
def refresh(context: typer.Context) -> None:
    """Sort new questions into topics; lists do it by themselves. What is sorted stays where it is."""
    run: Run = context.obj

    async def work(workspace: Workspace) -> tuple[int, int, int]:
        with progress_line(run.quiet) as draw:
            done = await workspace.gaps.refresh(lambda done, total: draw(done, total, "sorting new questions"))
        return done.questions, done.placed, done.founded

    questions, placed, founded = within(run, work)
    if not run.quiet:
        say(f"{questions:,} new questions, {placed:,} sorted into topics, {founded:,} topics founded.")
