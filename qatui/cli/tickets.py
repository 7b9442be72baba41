"""`qatui report tickets` and `qatui show`: tickets with their scores and why, for people and for scripts."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from qatui.cli.output import Cell, Format, write_csv, write_json, write_table
from qatui.cli.reports import (
    AsOf,
    Channel,
    Judge,
    Limit,
    Output,
    Rep,
    Since,
    Team,
    Until,
    print_reps,
    report,
    ticket_filter,
    utc,
)
from qatui.cli.root import Run, app
from qatui.config import Settings
from qatui.domain.conversation import Message, Ticket
from qatui.domain.listing import Sort, SortColumn, TicketFilter, TicketRow, TicketView
from qatui.domain.review import Review, Scores, Stand, counting, present
from qatui.domain.rubric import Dimension
from qatui.domain.verdict import Evidence, Score, Verdict
from qatui.services.workspace import open_workspace
from qatui.text import visible


@report.command("tickets")
def report_tickets(
    context: typer.Context,
    since: Since = None,
    until: Until = None,
    as_of: AsOf = None,
    team: Team = None,
    rep: Rep = None,
    channel: Channel = None,
    judge: Judge = None,
    search: Annotated[str, typer.Option(help="Words in the ticket's name, id or customer.")] = "",
    sort: Annotated[SortColumn, typer.Option(help="The column to order by.")] = SortColumn.CLOSED,
    ascending: Annotated[bool, typer.Option("--ascending", help="Smallest or oldest first.")] = False,
    limit: Limit = None,
    format: Output = Format.TABLE,
) -> None:
    """Tickets with their scores, explanations and quotes (in JSON), and those without a score with the reason."""
    run: Run = context.obj
    where = replace(
        ticket_filter(
            run.settings.zone, since=since, until=until, as_of=as_of, team=team, rep=rep, channel=channel, judge=judge
        ),
        text=search,
    )
    asyncio.run(_report_tickets(run, where, Sort(sort, not ascending), limit, format))


async def _report_tickets(run: Run, where: TicketFilter, sort: Sort, limit: int | None, format: Format) -> None:
    async with open_workspace(run.settings) as workspace:
        if format is Format.JSON:
            counts = await workspace.reports.counts(where)
            await write_tickets_json(counts.total, workspace.reports.walk(where, sort, limit))
            return
        zone = run.settings.zone
        rows = [ticket_cells(view, zone) async for view in workspace.reports.walk(where, sort, limit)]
        if format is Format.CSV:
            write_csv(TICKETS_HEADER, rows)
        else:
            write_table(TICKETS_HEADER, rows, numbers=SCORES)


LOOK_FIRST = 10
SCORES = frozenset(dimension.value for dimension in Dimension)
HEADING = ("ticket", "name", "rep", "team", "channel", "closed_at")
TICKETS_HEADER = (*HEADING, "tone", "clarity", "empathy", "unscored", "flags")


def heading_cells(row: TicketRow, zone: ZoneInfo) -> tuple[Cell, ...]:
    """The cells of HEADING: what a ticket is, whatever is said of it."""
    closed = row.closed_at.astimezone(zone).isoformat(timespec="minutes") if row.closed_at else None
    return (row.key, row.name, row.rep, row.team, row.channel, closed)


def heading_json(row: TicketRow) -> dict[str, Any]:
    """What a ticket is, whatever is said of it."""
    return {
        "id": row.id,
        "source": row.source,
        "subject": row.name,
        "rep": row.rep,
        "team": row.team,
        "channel": row.channel,
        "closed_at": utc(row.closed_at),
    }


def ticket_cells(view: TicketView, zone: ZoneInfo) -> tuple[Cell, ...]:
    """One row of `report tickets` as table or CSV."""
    row = view.row
    unscored = str(row.unscored) if row.unscored else None
    flags = " ".join(sorted(row.flags)) or None
    return (*heading_cells(row, zone), row.tone, row.clarity, row.empathy, unscored, flags)


async def write_tickets_json(total: int, views: AsyncIterator[TicketView]) -> None:
    """The contract of `report tickets --format json`, written while it is read: memory does not grow with it."""
    unscored: list[dict[str, Any]] = []
    out = sys.stdout
    out.write(f'{{"total": {total}, "tickets": [')
    separator = "\n"
    async for view in views:
        if view.row.unscored:
            unscored.append({"id": view.row.id, "source": view.row.source, "reason": str(view.row.unscored)})
        else:
            out.write(separator + json.dumps(ticket_json(view)))
            separator = ",\n"
    out.write(f'\n], "unscored": {json.dumps(unscored)}}}\n')


def ticket_json(view: TicketView) -> dict[str, Any]:
    """One scored ticket of the contract; quotes are cut out of the stored messages.

    tone, clarity, empathy: the scores shown, which are the review's where it has some; judged: always the judge's.
    """
    row = view.row
    review = present(view.reviews)
    result: dict[str, Any] = {
        **heading_json(row),
        "tone": row.tone,
        "clarity": row.clarity,
        "empathy": row.empathy,
        "emotional_cue": None,
        "judge": None,
        "judged": None,
        "review": review_json(review) if review else None,
        "flags": sorted(row.flags),
        "explanations": {},
    }
    if view.judgement and isinstance(view.judgement.outcome, Verdict):
        verdict = view.judgement.outcome
        result["emotional_cue"] = verdict.emotional_cue
        result["judge"] = str(view.judgement.judge)
        result["judged"] = {dimension.value: score.value for dimension, score in verdict.scores()}
        result["explanations"] = {
            dimension.value: {
                "text": score.explanation.text,
                "evidence": [evidence_json(view.ticket, evidence) for evidence in score.explanation.evidence],
                "sure": score.sure,
                "spread": score.spread,
            }
            for dimension, score in verdict.scores()
        }
    return result


def review_json(review: Review) -> dict[str, Any]:
    """What a person said of a ticket's scores."""
    return {
        "who": review.who,
        "at": utc(review.at),
        "stand": review.stand.value,
        "scores": scores_json(review.scores),
        "comment": review.comment,
        "blind": review.blind,
    }


def scores_json(scores: Scores | None) -> dict[str, int] | None:
    """Three scores by dimension."""
    return None if scores is None else {dimension.value: scores.of(dimension) for dimension in Dimension}


def evidence_json(ticket: Ticket, evidence: Evidence) -> dict[str, Any]:
    """A quote with who said it in which message."""
    message = evidence.message(ticket)
    return {"speaker": message.speaker.value, "message": message.id, "quote": evidence.quote(ticket)}


@app.command()
def show(
    context: typer.Context,
    ticket: Annotated[str, typer.Argument(help="The ticket's id, or source/id where the id alone is ambiguous.")],
    format: Annotated[
        Format, typer.Option("--format", help="table (text for people), json, or csv (one row a message).")
    ] = Format.TABLE,
) -> None:
    """One ticket: the transcript with the evidence marked, the judge's scores and why, and what people say of them."""
    run: Run = context.obj

    async def ask() -> TicketView:
        async with open_workspace(run.settings) as workspace:
            return await workspace.reports.ticket(await workspace.reports.find(ticket))

    view = asyncio.run(ask())
    if format is Format.JSON:
        messages = [message_json(message) for message in view.ticket.messages]
        unscored = str(view.row.unscored) if view.row.unscored else None
        reviews = [{**review_json(review), "current": review.current} for review in view.reviews]
        write_json(
            {
                **ticket_json(view),
                "unscored": unscored,
                "url": view.ticket.url,
                "reviews": reviews,
                "messages": messages,
            }
        )
    elif format is Format.CSV:
        header = ("message", "at", "from", "author", "private", "text")
        write_csv(
            header,
            (
                (m.id, utc(m.at), m.speaker.value, m.author.name if m.author else None, m.private, m.text)
                for m in view.ticket.messages
            ),
        )
    else:
        sys.stdout.writelines(visible(line) + "\n" for line in transcript_lines(view, run.settings.zone))


def message_json(message: Message) -> dict[str, Any]:
    """One message in the words of the import format."""
    return {
        "id": message.id,
        "at": utc(message.at),
        "from": message.speaker.value,
        "author": {"id": message.author.id, "name": message.author.name, "team": message.author.team}
        if message.author
        else None,
        "private": message.private,
        "text": message.text,
    }


def spread_words(score: Score, verdict: Verdict) -> str:
    """How far repeated readings lay apart, such as ' ±0.5 in 3 readings'; nothing of a single one."""
    return "" if score.spread is None else f" ±{score.spread:g} in {verdict.readings} readings"


def transcript_lines(view: TicketView, zone: ZoneInfo) -> Iterator[str]:
    """A ticket as lines of text for people: transcript with [n] before quoted messages, then the explanations."""
    verdict = view.judgement.outcome if view.judgement and isinstance(view.judgement.outcome, Verdict) else None
    quotes: dict[Evidence, int] = {}
    for _, score in verdict.scores() if verdict else ():
        for evidence in score.explanation.evidence:
            quotes.setdefault(evidence, len(quotes) + 1)
    row = view.row
    closed = f" · closed {row.closed_at.astimezone(zone):%Y-%m-%d %H:%M}" if row.closed_at else ""
    yield row.name
    yield f"{row.key} · {row.rep} · {row.team}{closed}"
    yield ""
    for position, message in enumerate(view.ticket.messages):
        marks = "".join(f"[{n}]" for evidence, n in quotes.items() if evidence.position == position)
        who = message.author.name if message.author else message.speaker.value.replace("_", " ")
        when = f"{message.at.astimezone(zone):%Y-%m-%d %H:%M} · " if message.at else ""
        private = " · private note" if message.private else ""
        yield f"{marks}{' ' if marks else ''}{when}{who}{private}"
        for line in message.text.splitlines():
            yield f"    {line}"
    yield ""
    if verdict is None:
        yield f"No score: {row.unscored.reason.sentence}" if row.unscored else "No judge has scored it."
        if row.unscored and row.unscored.detail:
            yield f"    {row.unscored.detail}"
    else:
        for dimension, score in verdict.scores():
            yield f"{dimension.label} {score.value} of 5{spread_words(score, verdict)}"
            yield f"    {score.explanation.text}"
            for evidence in score.explanation.evidence:
                message = evidence.message(view.ticket)
                quote = " ".join(evidence.quote(view.ticket).split())
                yield f"    [{quotes[evidence]}] {message.speaker.value.replace('_', ' ')}: “{quote}”"
        if view.judgement:
            yield f"{view.judgement.judge} · {view.judgement.at.astimezone(zone):%Y-%m-%d %H:%M}"
    yield from review_lines(view.reviews, zone)


_STANDS = {
    Stand.AGREED: "agrees with the judge",
    Stand.SCORED: "gives own scores",
    Stand.DISPUTED: "disputes the judge's scores",
}


def review_lines(reviews: tuple[Review, ...], zone: ZoneInfo) -> Iterator[str]:
    """What people say of a ticket's scores, newest first, and whose scores count."""
    counts = counting(reviews)
    for review in reviews:
        yield ""
        blind = ", blind" if review.blind else ""
        marks = " · these count" if review is counts else "" if review.current else " · of what it said before"
        yield f"{review.who} {_STANDS[review.stand]}{blind} · {review.at.astimezone(zone):%Y-%m-%d %H:%M}{marks}"
        if review.scores is not None:
            yield "    " + ", ".join(f"{each.label} {review.scores.of(each)} of 5" for each in Dimension)
        for line in review.comment.splitlines():
            yield f"    {line}"


async def print_reports(settings: Settings) -> None:
    """What `qatui demo` prints where no terminal is: the reps, and the tickets that need a look first."""
    async with open_workspace(settings) as workspace:
        reps = await workspace.reports.reps(TicketFilter())
        lowest = workspace.reports.walk(TicketFilter(scored=True), Sort(SortColumn.OVERALL, False), LOOK_FIRST)
        rows = [ticket_cells(view, settings.zone) async for view in lowest]
    print_reps(reps, None)
    print(f"\nThe {LOOK_FIRST} lowest tickets:")
    write_table(TICKETS_HEADER, rows, numbers=SCORES)
