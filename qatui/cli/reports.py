"""`qatui report reps`, and the options that reports have in common."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from qatui.cli.output import Cell, Format, say, write_csv, write_json, write_table
from qatui.cli.root import Run, app
from qatui.domain.listing import TicketFilter
from qatui.domain.metrics import Mapping, RepsReport, ScoredBy, Tally
from qatui.domain.period import parse_instant
from qatui.domain.rubric import Dimension
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
Judge = Annotated[
    str | None, typer.Option(help="Only what this judge judged: offline, llm, a model, or 'judge · model'.")
]
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
    judge: str | None = None,
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
            judge=judge,
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
    judge: Judge = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many reps a team; its means count all.")] = None,
    format: Output = Format.TABLE,
) -> None:
    """Teams and their reps: tickets, overall communication score with its 95 % interval, tone, clarity, empathy."""
    run: Run = context.obj
    where = ticket_filter(
        run.settings.zone, since=since, until=until, as_of=as_of, team=team, rep=rep, channel=channel, judge=judge
    )

    async def ask() -> tuple[RepsReport, ScoredBy]:
        async with open_workspace(run.settings) as workspace:
            return await workspace.reports.reps(where), await workspace.reports.judges(where)

    result, by = asyncio.run(ask())
    if format is Format.JSON:
        write_json(reps_json(result, by, limit))
    elif format is Format.CSV:
        write_csv(REPS_HEADER, reps_rows(result, limit))
    else:
        print_reps(result, limit)
        if by.mixed and not run.quiet:
            say(visible(f"{scored_by(by)} `--judge` shows those of one."))


def print_reps(result: RepsReport, limit: int | None) -> None:
    """The Reps report for people."""
    header = ("team / rep", "tickets", "overall", "± 95 %", "tone", "clarity", "empathy")
    write_table(header, reps_table(result, limit), numbers=frozenset(header[1:]))
    if result.unscored:
        print(f"\nunscored: {', '.join(f'{reason} {n}' for reason, n in sorted(result.unscored.items()))}")


def scored_by(by: ScoredBy) -> str:
    """Who gave the scores of a report, in a sentence."""
    shares = [f"{judge} ({count:,})" for judge, count in by.judges]
    people = f", and {by.reviewed:,} by people" if by.reviewed else ""
    return f"The scores are of {len(shares)} judges: {', '.join(shares)}{people}."


def tally_json(tally: Tally, mapping: Mapping) -> dict[str, Any]:
    """The numbers of one row of `report reps`, unrounded."""
    return {
        "tickets": tally.tickets,
        **{dimension.value: tally.mean(dimension) for dimension in Dimension},
        "overall_percent": tally.overall_percent(mapping),
        "ci95_percent": tally.interval_percent(mapping),
        "few": tally.few,
    }


def reps_json(result: RepsReport, by: ScoredBy, limit: int | None) -> dict[str, Any]:
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
        "judges": [
            {"judge": judge.judge, "model": judge.model, "rubric": judge.rubric, "tickets": count}
            for judge, count in by.judges
        ],
        "reviewed": by.reviewed,
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


def utc(instant: datetime | None) -> str | None:
    """An instant as JSON has it: ISO 8601 with Z."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z") if instant else None
