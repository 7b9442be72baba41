"""`qatui report …` and `qatui show`: what the screens show, for people and for scripts."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from qatui.cli.output import Cell, Format, write_csv, write_json, write_table
from qatui.cli.root import Run, app
from qatui.config import Settings
from qatui.domain.conversation import Message, Ticket
from qatui.domain.listing import Sort, SortColumn, TicketFilter, TicketView
from qatui.domain.metrics import Mapping, RepsReport, Tally
from qatui.domain.period import parse_instant
from qatui.domain.rubric import Dimension
from qatui.domain.verdict import Evidence, Score, Verdict
from qatui.errors import UsageError
from qatui.services.workspace import open_workspace
from qatui.text import visible

report = typer.Typer(help="Reports, as the screens show them.", no_args_is_help=True)
app.add_typer(report, name="report")

Since = Annotated[str | None, typer.Option(metavar="D", help="Closed on or after this date or instant.")]
Until = Annotated[
    str | None, typer.Option(metavar="D", help="Closed up to the end of this date, or before this instant.")
]
AsOf = Annotated[
    str | None, typer.Option("--as-of", metavar="T", help="As if it were T: what closed later is left out.")
]
Team = Annotated[str | None, typer.Option(help="Only this team ('No team' for reps without one).")]
Rep = Annotated[str | None, typer.Option(help="Only this rep, by name or source/id ('Unknown rep', 'No rep' too).")]
Channel = Annotated[str | None, typer.Option(help="Only this channel.")]
Limit = Annotated[int | None, typer.Option(min=1, help="At most so many rows.")]
Output = Annotated[Format, typer.Option("--format", help="How to write it.")]


def ticket_filter(
    zone: ZoneInfo,
    *,
    since: str | None,
    until: str | None,
    as_of: str | None,
    team: str | None,
    rep: str | None,
    channel: str | None,
) -> TicketFilter:
    """The filter that the options of a report mean; UsageError for a date that is none."""
    try:
        ends = [parse_instant(text, zone, end_of_day=True) for text in (until, as_of) if text]
        return TicketFilter(
            since=parse_instant(since, zone) if since else None,
            until=min(ends, default=None),
            team=team,
            rep=rep,
            channel=channel,
        )
    except ValueError as error:
        raise UsageError(f"{error}.") from None


@report.command("reps")
def report_reps(
    context: typer.Context,
    since: Since = None,
    until: Until = None,
    as_of: AsOf = None,
    team: Team = None,
    rep: Rep = None,
    channel: Channel = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many reps a team; its means count all.")] = None,
    format: Output = Format.TABLE,
) -> None:
    """Teams and their reps: tickets, overall communication score with its 95 % interval, tone, clarity, empathy."""
    run: Run = context.obj
    where = ticket_filter(run.settings.zone, since=since, until=until, as_of=as_of, team=team, rep=rep, channel=channel)

    async def ask() -> RepsReport:
        async with open_workspace(run.settings) as workspace:
            return await workspace.reports.reps(where)

    result = asyncio.run(ask())
    if format is Format.JSON:
        write_json(reps_json(result, limit))
    elif format is Format.CSV:
        write_csv(REPS_HEADER, reps_rows(result, limit))
    else:
        print_reps(result, limit)


def print_reps(result: RepsReport, limit: int | None) -> None:
    """The Reps report for people."""
    header = ("team / rep", "tickets", "overall", "± 95 %", "tone", "clarity", "empathy")
    write_table(header, reps_table(result, limit), numbers=frozenset(header[1:]))
    if result.unscored:
        print(f"\nunscored: {', '.join(f'{reason} {n}' for reason, n in sorted(result.unscored.items()))}")


def tally_json(tally: Tally, mapping: Mapping) -> dict[str, Any]:
    """The numbers of one row of `report reps`, unrounded."""
    return {
        "tickets": tally.tickets,
        **{dimension.value: tally.mean(dimension) for dimension in Dimension},
        "overall_percent": tally.overall_percent(mapping),
        "ci95_percent": tally.interval_percent(mapping),
        "few": tally.few,
    }


def reps_json(result: RepsReport, limit: int | None) -> dict[str, Any]:
    """The contract of `report reps --format json`."""
    return {
        "teams": [
            {
                "team": team.team,
                **tally_json(team.tally, result.mapping),
                "reps": [
                    {"rep": rep.rep, "key": rep.key, **tally_json(rep.tally, result.mapping)}
                    for rep in team.reps[:limit]
                ],
            }
            for team in result.teams
        ],
        "unscored": result.unscored,
        "overall_formula": result.mapping.formula,
    }


REPS_HEADER = (
    "level",
    "team",
    "rep",
    "tickets",
    "overall_percent",
    "ci95_low",
    "ci95_high",
    "tone",
    "clarity",
    "empathy",
)


def reps_rows(result: RepsReport, limit: int | None) -> Iterator[tuple[Cell, ...]]:
    """The rows of `report reps --format csv`: a team, then its reps."""

    def numbers(tally: Tally) -> tuple[Cell, ...]:
        low, high = tally.interval_percent(result.mapping) or (None, None)
        means = (tally.mean(dimension) for dimension in Dimension)
        return (tally.tickets, tally.overall_percent(result.mapping), low, high, *means)

    for team in result.teams:
        yield ("team", team.team, None, *numbers(team.tally))
        for rep in team.reps[:limit]:
            yield ("rep", team.team, rep.rep, *numbers(rep.tally))


def reps_table(result: RepsReport, limit: int | None) -> Iterator[tuple[Cell, ...]]:
    """The rows of `report reps` for people; reps are indented below their team."""

    def numbers(tally: Tally) -> tuple[Cell, ...]:
        overall, interval = tally.overall_percent(result.mapping), tally.interval_percent(result.mapping)
        means = (tally.mean(dimension) for dimension in Dimension)
        if tally.few or overall is None or interval is None:
            return (tally.tickets, "few" if tally.tickets else None, None, *means)
        return (tally.tickets, f"{overall:.0f} %", f"{(interval[1] - interval[0]) / 2:.1f}", *means)

    for team in result.teams:
        yield (team.team, *numbers(team.tally))
        for rep in team.reps[:limit]:
            yield (f"  {rep.rep}", *numbers(rep.tally))


@report.command("tickets")
def report_tickets(
    context: typer.Context,
    since: Since = None,
    until: Until = None,
    as_of: AsOf = None,
    team: Team = None,
    rep: Rep = None,
    channel: Channel = None,
    search: Annotated[str, typer.Option(help="Words in the ticket's name, id or customer.")] = "",
    sort: Annotated[SortColumn, typer.Option(help="The column to order by.")] = SortColumn.CLOSED,
    ascending: Annotated[bool, typer.Option("--ascending", help="Smallest or oldest first.")] = False,
    limit: Limit = None,
    format: Output = Format.TABLE,
) -> None:
    """Tickets with their scores, explanations and quotes (in JSON), and those without a score with the reason."""
    run: Run = context.obj
    where = replace(
        ticket_filter(run.settings.zone, since=since, until=until, as_of=as_of, team=team, rep=rep, channel=channel),
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
TICKETS_HEADER = (
    "ticket",
    "name",
    "rep",
    "team",
    "channel",
    "closed_at",
    "tone",
    "clarity",
    "empathy",
    "unscored",
    "flags",
)


def ticket_cells(view: TicketView, zone: ZoneInfo) -> tuple[Cell, ...]:
    """One row of `report tickets` as table or CSV."""
    row = view.row
    closed = row.closed_at.astimezone(zone).isoformat(timespec="minutes") if row.closed_at else None
    unscored = str(row.unscored) if row.unscored else None
    flags = " ".join(sorted(row.flags)) or None
    return (
        row.key, row.name, row.rep, row.team, row.channel, closed, row.tone, row.clarity, row.empathy, unscored, flags,
    )  # fmt: skip


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


def utc(instant: datetime | None) -> str | None:
    """An instant as JSON has it: ISO 8601 with Z."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z") if instant else None


def ticket_json(view: TicketView) -> dict[str, Any]:
    """One scored ticket of the contract; quotes are cut out of the stored messages."""
    row = view.row
    result: dict[str, Any] = {
        "id": row.id,
        "source": row.source,
        "subject": row.name,
        "rep": row.rep,
        "team": row.team,
        "channel": row.channel,
        "closed_at": utc(row.closed_at),
        "tone": row.tone,
        "clarity": row.clarity,
        "empathy": row.empathy,
        "emotional_cue": None,
        "judge": None,
        "flags": sorted(row.flags),
        "explanations": {},
    }
    if view.judgement and isinstance(view.judgement.outcome, Verdict):
        verdict = view.judgement.outcome
        result["emotional_cue"] = verdict.emotional_cue
        result["judge"] = str(view.judgement.judge)
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
    """One ticket: the transcript with the evidence marked, the three scores and why."""
    run: Run = context.obj

    async def ask() -> TicketView:
        async with open_workspace(run.settings) as workspace:
            return await workspace.reports.ticket(await workspace.reports.find(ticket))

    view = asyncio.run(ask())
    if format is Format.JSON:
        messages = [message_json(message) for message in view.ticket.messages]
        unscored = str(view.row.unscored) if view.row.unscored else None
        write_json({**ticket_json(view), "unscored": unscored, "url": view.ticket.url, "messages": messages})
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
        yield f"No score: {row.unscored.reason.sentence if row.unscored else 'not judged'}"
        if row.unscored and row.unscored.detail:
            yield f"    {row.unscored.detail}"
        return
    for dimension, score in verdict.scores():
        yield f"{dimension.label} {score.value} of 5{spread_words(score, verdict)}"
        yield f"    {score.explanation.text}"
        for evidence in score.explanation.evidence:
            message = evidence.message(view.ticket)
            quote = " ".join(evidence.quote(view.ticket).split())
            yield f"    [{quotes[evidence]}] {message.speaker.value.replace('_', ' ')}: “{quote}”"
    if view.judgement:
        yield f"{view.judgement.judge} · {view.judgement.at.astimezone(zone):%Y-%m-%d %H:%M}"


def spread_words(score: Score, verdict: Verdict) -> str:
    """How far repeated readings lay apart, such as ' ±0.5 in 3 readings'; nothing of a single one."""
    return "" if score.spread is None else f" ±{score.spread:g} in {verdict.readings} readings"


async def print_reports(settings: Settings) -> None:
    """What `qatui demo` prints where no terminal is: the reps, and the tickets that need a look first."""
    async with open_workspace(settings) as workspace:
        reps = await workspace.reports.reps(TicketFilter())
        lowest = workspace.reports.walk(TicketFilter(scored=True), Sort(SortColumn.OVERALL, False), LOOK_FIRST)
        rows = [ticket_cells(view, settings.zone) async for view in lowest]
    print_reps(reps, None)
    print(f"\nThe {LOOK_FIRST} lowest tickets:")
    write_table(TICKETS_HEADER, rows, numbers=SCORES)
