"""`qatui report gaps` and `qatui gaps …`, what only reads: topics of what the customer agent could not answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from qatui.cli.output import Cell, Format, progress_line, say, write_csv, write_json, write_table
from qatui.cli.reports import Output, report, utc
from qatui.cli.root import Run, app
from qatui.cli.workspace import within
from qatui.domain.gap_topic import (
    Draft,
    TopicFilter,
    TopicQuestion,
    TopicRow,
    TopicSort,
    TopicsReport,
    TopicState,
    TopicView,
)
from qatui.domain.period import parse_instant
from qatui.errors import UsageError
from qatui.services.workspace import Workspace, utc_now
from qatui.text import visible

gaps = typer.Typer(help="Knowledge gaps: topics of unanswered questions.", no_args_is_help=True)
app.add_typer(gaps, name="gaps")

TopicName = Annotated[str, typer.Argument(metavar="TOPIC", help="A topic, by number or name.")]


class Shown(StrEnum):
    """Which topics a list shows."""

    ALL = "all"
    WAITING = "waiting"
    OPEN = "open"
    RESOLVED = "resolved"
    DISMISSED = "dismissed"
    RECURRING = "recurring"

    @property
    def filter(self) -> TopicFilter:
        match self:
            case Shown.ALL:
                return TopicFilter()
            case Shown.WAITING:
                return TopicFilter(attention=True)
            case Shown.RECURRING:
                return TopicFilter(recurring=True)
        return TopicFilter(state=TopicState(self.value))


@report.command("gaps")
@gaps.command("list")
def list_(
    context: typer.Context,
    since: Annotated[str | None, typer.Option(metavar="D", help="Only questions asked on or after this date.")] = None,
    until: Annotated[
        str | None, typer.Option(metavar="D", help="Only questions asked up to the end of this date.")
    ] = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="T", help="As if it were T: later questions are left out.")
    ] = None,
    channel: Annotated[str | None, typer.Option(help="Only questions on this channel.")] = None,
    state: Annotated[
        Shown, typer.Option(help="Which topics; waiting: open ones and those that came back.")
    ] = Shown.ALL,
    search: Annotated[str, typer.Option(help="Words in the topic's name or in one of its questions.")] = "",
    sort: Annotated[TopicSort, typer.Option(help="The column to order by.")] = TopicSort.CONVERSATIONS,
    ascending: Annotated[bool, typer.Option("--ascending", help="Smallest or oldest first.")] = False,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many topics.")] = None,
    format: Output = Format.TABLE,
) -> None:
    """Topics of unanswered questions with their conversations, first and last question, trend and state."""
    run: Run = context.obj
    zone = run.settings.zone
    try:
        now = parse_instant(as_of, zone, end_of_day=True) - timedelta.resolution if as_of else utc_now()
        which = state.filter
        where = TopicFilter(
            state=which.state,
            attention=which.attention,
            recurring=which.recurring,
            text=search,
            since=parse_instant(since, zone) if since else None,
            until=parse_instant(until, zone, end_of_day=True) if until else None,
            channel=channel,
        )
    except ValueError as error:
        raise UsageError(f"{error}.") from None

    async def ask(workspace: Workspace) -> TopicsReport:
        await catch_up(run, workspace)
        return await workspace.gaps.report(where, sort, descending=not ascending, as_of=now)

    found = within(run, ask)
    rows = found.rows[:limit]
    if format is Format.JSON:
        write_json({"topics": [topic_json(row) for row in rows]})
    elif format is Format.CSV:
        write_csv(CSV_HEADER, [csv_row(row) for row in rows])
    else:
        write_table(
            HEADER, [cells(row, zone) for row in rows], numbers=frozenset({"topic", "conversations", "questions"})
        )
        if not run.quiet:
            say(f"{found.open_topics:,} topics with {found.open_questions:,} questions wait for an answer.")


async def catch_up(run: Run, workspace: Workspace) -> None:
    """Sort new questions into topics, if this person may, with a line of progress."""
    with progress_line(run.quiet) as draw:
        await workspace.gaps.catch_up(lambda done, total: draw(done, total, "sorting new questions into topics"))


def topic_json(row: TopicRow) -> dict[str, Any]:
    """One topic of the contract."""
    return {
        "topic": row.topic,
        "name": row.name,
        "conversations": row.conversations,
        "questions": row.questions,
        "first_at": utc(row.first_at),
        "last_at": utc(row.last_at),
        "state": row.state.value,
        "recurring": row.recurring,
        "since_answer": row.since_answer,
        "answered_at": utc(row.answered_at),
        "dismissed_questions": row.dismissed_questions,
        "trend": list(row.trend),
    }


CSV_HEADER = (
    "topic", "name", "conversations", "questions", "first_at", "last_at", "state", "recurring", "since_answer",
)  # fmt: skip
HEADER = ("topic", "name", "conversations", "questions", "first", "last", "12 weeks", "state")


def csv_row(row: TopicRow) -> tuple[Cell, ...]:
    """One topic as CSV."""
    return (
        row.topic, row.name, row.conversations, row.questions, utc(row.first_at), utc(row.last_at), row.state.value,
        str(row.recurring).lower(), row.since_answer,
    )  # fmt: skip


def cells(row: TopicRow, zone: ZoneInfo) -> tuple[Cell, ...]:
    """One topic for people."""
    first, last = (at.astimezone(zone).date().isoformat() if at else None for at in (row.first_at, row.last_at))
    state = f"came back, {row.since_answer} since the answer" if row.recurring else row.state.value
    return (row.topic, row.name, row.conversations, row.questions, first, last, " ".join(map(str, row.trend)), state)


@gaps.command("show")
def show(
    context: typer.Context,
    topic: TopicName,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many questions, the newest.")] = None,
    format: Output = Format.TABLE,
) -> None:
    """One topic: its questions with their tickets, its answers, and whether the answer helped."""
    run: Run = context.obj

    async def ask(workspace: Workspace) -> TopicView:
        await catch_up(run, workspace)
        return await workspace.gaps.topic(await workspace.gaps.find(topic), limit=-1 if limit is None else limit)

    view = within(run, ask)
    zone = run.settings.zone
    if format is Format.JSON:
        write_json(view_json(view))
        return
    header = ("question", "at", "ticket", "state", "rule", "text")
    if format is Format.CSV:
        write_csv(header, [question_cells(each, zone) for each in view.questions])
        return
    row = view.row
    print(visible(f"{row.name} · {', '.join(str(cell) for cell in cells(row, zone)[2:4])} · {cells(row, zone)[-1]}"))
    for answer in view.answers[:1]:
        print(visible(f"\n{answer.question}\n{answer.answer}"))
        print(visible(f"{answer.author}, {answer.at.astimezone(zone):%Y-%m-%d %H:%M}, version {answer.version}"))
    if view.effect and view.effect.before is not None:
        after = "not told yet" if view.effect.after is None else f"{view.effect.after:.1f} after it"
        print(f"Questions a week: {view.effect.before:.1f} before the answer, {after}.")
    print()
    write_table(header, [question_cells(each, zone) for each in view.questions], numbers=frozenset({"question"}))


def view_json(view: TopicView) -> dict[str, Any]:
    """The contract of `gaps show`: the topic's row, its questions in place of their number."""
    effect = view.effect
    return {
        **topic_json(view.row),
        "question_count": view.row.questions,
        "questions": [question_json(each) for each in view.questions],
        "answers": [
            {
                "version": each.version,
                "question": each.question,
                "answer": each.answer,
                "author": each.author,
                "at": utc(each.at),
            }
            for each in view.answers
        ],
        "weeks": [{"week": week.label, "questions": number} for week, number in effect.weeks] if effect else [],
        "weekly_before": effect.before if effect else None,
        "weekly_after": effect.after if effect else None,
    }


def question_json(question: TopicQuestion) -> dict[str, Any]:
    """One question of the contract."""
    return {
        "id": question.id,
        "text": question.text,
        "ticket": question.ticket,
        "message": question.message,
        "at": utc(question.at),
        "state": question.state.value,
        "rule": question.rule.value,
    }


def question_cells(question: TopicQuestion, zone: ZoneInfo) -> tuple[Cell, ...]:
    """One question as table or CSV."""
    at = question.at.astimezone(zone).isoformat(timespec="minutes") if question.at else None
    return (question.id, at, question.ticket, question.state.value, question.rule.value, question.text)


@gaps.command("drafts")
def drafts(context: typer.Context, topic: TopicName, format: Output = Format.TABLE) -> None:
    """What reps answered in the conversations of a topic, best first: their own words, with the source."""
    run: Run = context.obj

    async def ask(workspace: Workspace) -> Sequence[Draft]:
        return await workspace.gaps.drafts(await workspace.gaps.find(topic))

    found = within(run, ask)
    header = ("ticket", "rep", "at", "text")
    rows = [(each.ticket, each.rep, utc(each.at), each.text) for each in found]
    if format is Format.JSON:
        keys = ("ticket", "message", "rep", "at", "text")
        write_json(
            {"drafts": [dict(zip(keys, (d.ticket, d.message, d.rep, utc(d.at), d.text), strict=True)) for d in found]}
        )
    elif format is Format.CSV:
        write_csv(header, rows)
    else:
        write_table(header, rows)


@gaps.command("suggestions")
def suggestions(context: typer.Context, format: Output = Format.TABLE) -> None:
    """Topics that read as one, or as several; accept or refuse them by number."""
    found = within(context.obj, lambda workspace: workspace.gaps.suggestions())
    header = ("number", "what", "first", "second", "names", "score", "questions")
    rows = [
        (
            number,
            "split" if each.second is None else "merge",
            each.first,
            each.second,
            " + ".join(each.names),
            round(each.score, 2),
            " ".join(map(str, each.questions)),
        )
        for number, each in enumerate(found, start=1)
    ]
    if format is Format.JSON:
        write_json(
            {
                "suggestions": [
                    {
                        **dict(zip(header, row, strict=True)),
                        "names": list(each.names),
                        "questions": list(each.questions),
                    }
                    for row, each in zip(rows, found, strict=True)
                ]
            }
        )
    elif format is Format.CSV:
        write_csv(header, rows)
    else:
        write_table(header, rows, numbers=frozenset({"number", "score"}))
