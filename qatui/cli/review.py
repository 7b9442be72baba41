"""`qatui review …`, `qatui undo` and `qatui redo`: what to read next, and what people say of scores."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from qatui.cli.output import Cell, Format, say, write_csv, write_json, write_table
from qatui.cli.reports import Channel, Output, Rep, Since, Team, Until, ticket_filter
from qatui.cli.root import Run, app
from qatui.cli.tickets import HEADING, heading_cells, heading_json, review_json, scores_json
from qatui.cli.workspace import change, row_ids, within
from qatui.domain.listing import ReviewedTicket, TicketFilter
from qatui.domain.period import parse_instant
from qatui.domain.review import Scores
from qatui.domain.review_queue import Proposal, Quota
from qatui.domain.rubric import Dimension
from qatui.errors import UsageError
from qatui.services.changes import Done
from qatui.services.workspace import Workspace

review = typer.Typer(help="Human review: what people say of a judge's scores.", no_args_is_help=True)
app.add_typer(review, name="review")

TicketName = Annotated[
    str, typer.Argument(metavar="TICKET", help="The ticket's id, or source/id where the id alone is ambiguous.")
]
TicketNames = Annotated[list[str], typer.Argument(metavar="TICKET…", help="Tickets, each by its id or source/id.")]
Score = Annotated[int, typer.Option(min=1, max=5, help="Your score, 1 to 5.")]

DIMENSIONS = tuple(dimension.value for dimension in Dimension)


@review.command("queue")
def queue(
    context: typer.Context,
    size: Annotated[int, typer.Option(min=1, help="So many tickets in a week.")] = Quota().size,
    per_rep: Annotated[
        int, typer.Option(min=1, help="Of one rep so many at most, unless --rep asks for one.")
    ] = Quota().per_rep,
    since: Since = None,
    until: Until = None,
    team: Team = None,
    rep: Rep = None,
    channel: Channel = None,
    seed: Annotated[str, typer.Option(metavar="WORD", help="Draw others; by default it is your week's queue.")] = "",
    blind: Annotated[bool, typer.Option("--blind", help="Hide the scores, and why a ticket was chosen.")] = False,
    format: Output = Format.TABLE,
) -> None:
    """What to read next: half drawn by lot, the rest where the judge is unsure, contradicted, low or doubtful.

    The queue is yours and the week's: it stays the same and gets shorter as you review.
    """
    run: Run = context.obj
    zone = run.settings.zone
    where = ticket_filter(zone, since=since, until=until, as_of=None, team=team, rep=rep, channel=channel)
    quota = Quota(size=size, per_rep=per_rep, where=where, seed=seed, blind=blind)
    proposals = within(run, lambda workspace: workspace.reviews.queue(quota))
    if format is Format.JSON:
        write_json({"blind": blind, "tickets": [proposal_json(each, blind=blind) for each in proposals]})
    elif format is Format.CSV:
        header = QUEUE_HEADER if not blind else HEADING
        write_csv(header, [proposal_cells(each, zone, blind=blind) for each in proposals])
    else:
        header = QUEUE_HEADER if not blind else HEADING
        rows = [proposal_cells(each, zone, blind=blind) for each in proposals]
        write_table(header, rows, numbers=frozenset(DIMENSIONS))
    if not proposals and not run.quiet:
        narrow = where != TicketFilter()
        mend = "leave a condition away" if narrow else "--size asks for more, --seed for others"
        say(f"Nothing {'of that kind ' if narrow else ''}is left to read in this week's queue; {mend}.")


QUEUE_HEADER = (*HEADING, *DIMENSIONS, "why")


def proposal_cells(proposal: Proposal, zone: ZoneInfo, *, blind: bool) -> tuple[Cell, ...]:
    """One ticket of a queue as table or CSV."""
    row = proposal.row
    cells = heading_cells(row, zone)
    return cells if blind else (*cells, row.tone, row.clarity, row.empathy, proposal.why)


def proposal_json(proposal: Proposal, *, blind: bool) -> dict[str, Any]:
    """One ticket of a queue."""
    row = proposal.row
    result = heading_json(row)
    if not blind:
        result |= {dimension.value: row.value(dimension) for dimension in Dimension}
        result |= {"kind": proposal.kind, "why": proposal.why, "flags": sorted(row.flags)}
    return result


@review.command("agree")
def agree(context: typer.Context, tickets: TicketNames) -> None:
    """Say that the judge's scores of tickets are yours, too."""

    async def work(workspace: Workspace) -> Done:
        return await workspace.reviews.agree(await row_ids(workspace, tickets))

    change(context.obj, work)


@review.command("set")
def set_(
    context: typer.Context,
    ticket: TicketName,
    tone: Score,
    clarity: Score,
    empathy: Score,
    comment: Annotated[str, typer.Option(help="Why, for whoever reads it.")] = "",
    blind: Annotated[bool, typer.Option("--blind", help="You had not seen the judge's scores.")] = False,
) -> None:
    """Give a ticket your own scores; the judge's stay beside them, views and means use yours."""

    async def work(workspace: Workspace) -> Done:
        scores = Scores(tone, clarity, empathy)
        return await workspace.reviews.score(await workspace.reports.find(ticket), scores, comment, blind=blind)

    change(context.obj, work)


@review.command("dispute")
def dispute(
    context: typer.Context, ticket: TicketName, comment: Annotated[str, typer.Option(help="What is wrong with them.")]
) -> None:
    """Say that the judge's scores of a ticket are wrong, without giving others."""

    async def work(workspace: Workspace) -> Done:
        return await workspace.reviews.dispute(await workspace.reports.find(ticket), comment)

    change(context.obj, work)


@review.command("withdraw")
def withdraw(context: typer.Context, tickets: TicketNames) -> None:
    """Take back what you said of tickets."""

    async def work(workspace: Workspace) -> Done:
        return await workspace.reviews.withdraw(await row_ids(workspace, tickets))

    change(context.obj, work)


LIST_HEADER = ("at", "who", "ticket", "name", "stand", *DIMENSIONS, "judged", "comment")


@review.command("list")
def list_(
    context: typer.Context,
    since: Annotated[str | None, typer.Option(metavar="D", help="Given on or after this date or instant.")] = None,
    until: Annotated[str | None, typer.Option(metavar="D", help="Given up to the end of this date.")] = None,
    who: Annotated[str | None, typer.Option(metavar="NAME", help="Only those of this account.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many, the latest.")] = None,
    format: Output = Format.TABLE,
) -> None:
    """Reviews, newest first, each with the judge's scores that stood beside it."""
    run: Run = context.obj
    zone = run.settings.zone
    try:
        start = parse_instant(since, zone) if since else None
        end = parse_instant(until, zone, end_of_day=True) if until else None
    except ValueError as error:
        raise UsageError(f"{error}.") from None
    made = within(run, lambda workspace: workspace.reviews.made(since=start, until=end, who=who, limit=limit))
    if format is Format.JSON:
        write_json({"reviews": [reviewed_json(each) for each in made]})
    elif format is Format.CSV:
        write_csv(LIST_HEADER, reviewed_cells(made, zone))
    else:
        write_table(LIST_HEADER, reviewed_cells(made, zone), numbers=frozenset(DIMENSIONS))
    if not made and not run.quiet:
        say("No review is kept of these dates and this account." if since or until or who else "No review is kept yet.")


def reviewed_cells(made: tuple[ReviewedTicket, ...], zone: ZoneInfo) -> Iterator[tuple[Cell, ...]]:
    """Reviews as table or CSV; judged: the judge's three scores in their order."""
    for each in made:
        given, judged = (
            [scores.of(dimension) for dimension in Dimension] if scores else []
            for scores in (each.review.scores, each.judged)
        )
        yield (
            each.review.at.astimezone(zone).isoformat(timespec="minutes"),
            each.review.who,
            each.row.key,
            each.row.name,
            each.review.stand.value
            + (", blind" if each.review.blind else "")
            + ("" if each.review.current else ", old"),
            *(given or (None, None, None)),
            " ".join(map(str, judged)) or None,
            each.review.comment or None,
        )


def reviewed_json(each: ReviewedTicket) -> dict[str, Any]:
    """One review of a list; current: the ticket says now what the reviewer read."""
    return {
        "id": each.row.id,
        "source": each.row.source,
        "subject": each.row.name,
        "rep": each.row.rep,
        **review_json(each.review),
        "current": each.review.current,
        "judged": scores_json(each.judged),
    }


@app.command("undo")
def undo(context: typer.Context) -> None:
    """Take back your latest change of whatever kind, also one of another day."""
    change(context.obj, lambda workspace: workspace.undo())


@app.command("redo")
def redo(context: typer.Context) -> None:
    """Make the change again that you undid last."""
    change(context.obj, lambda workspace: workspace.redo())
