"""`qatui report performance` and `qatui simulate`: how the customer agent does, and a log to try it on."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from qatui.cli.output import Cell, Format, say, shown, write_csv, write_json, write_table
from qatui.cli.reports import Output, report
from qatui.cli.root import Run, app
from qatui.domain.performance import IMPACT, METRICS, MetricId, Unit, in_words
from qatui.domain.performance_behind import PerformanceQuestion
from qatui.domain.performance_counts import Counts
from qatui.domain.performance_report import Channel, PerformanceReport, WeekFigures, counts_json, report_json
from qatui.domain.period import parse_instant
from qatui.domain.weeks import Period
from qatui.errors import UsageError
from qatui.services.workspace import open_workspace, utc_now

NO_NAME = "(none)"


@report.command("performance")
def report_performance(
    context: typer.Context,
    since: Annotated[
        str | None, typer.Option(metavar="D", help="Episodes that began on or after this date or instant.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="D", help="Up to the end of this date, or before this instant.")
    ] = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="T", help="As it was known at the end of this date, or at T.")
    ] = None,
    channel: Annotated[
        list[str] | None, typer.Option(help="Only this channel; may be repeated. '' is for no channel named.")
    ] = None,
    team: Annotated[
        str | None,
        typer.Option(help="Beside the customer agent only this team's reps; the figures of the agent stay the same."),
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="At most so many weeks, the latest; totals count all.")
    ] = None,
    format: Output = Format.TABLE,
) -> None:
    """The customer agent: conversations handled, resolved, deflected and handed off, week by week and per channel."""
    run: Run = context.obj
    zone = run.settings.zone
    question = PerformanceQuestion(as_of=utc_now(), period=Period(), team=team)
    try:
        if as_of:  # the end of a day is its last instant: what happens at midnight belongs to the next
            at = parse_instant(as_of, zone)
            end = parse_instant(as_of, zone, end_of_day=True)
            question = replace(question, as_of=at if end == at else end - timedelta.resolution)
        period = Period(
            parse_instant(since, zone) if since else None,
            parse_instant(until, zone, end_of_day=True) if until else None,
        )
    except ValueError as error:
        raise UsageError(f"{error}.") from None

    async def ask() -> PerformanceReport:
        async with open_workspace(run.settings) as workspace:
            wanted = channels_named(channel, await workspace.performance.channels()) if channel else None
            if wanted == frozenset() and not run.quiet:
                say(f"No conversation is on the channel {' or '.join(map(repr, channel or ()))}.")
            return await workspace.performance.report(replace(question, period=period, channels=wanted))

    try:
        result = asyncio.run(ask())
    except OverflowError:  # of weeks that begin before the year 1 or end after 9999
        raise UsageError("The period reaches beyond the calendar.") from None
    if limit is not None:
        result = replace(result, weeks=result.weeks[-limit:])
    if format is Format.JSON:
        write_json(report_json(result))
    elif format is Format.CSV:
        write_csv(CSV_HEADER, csv_rows(result))
    else:
        print_performance(result)


def channels_named(asked: Iterable[str], known: Iterable[Channel]) -> frozenset[Channel]:
    """The channels that people mean: by name, in any case where no name is just so; '' is for none."""
    found: set[Channel] = set()
    known = list(known)
    for name in asked:
        same = {channel for channel in known if (channel or "") == name}
        found |= same or {channel for channel in known if (channel or "").casefold() == name.casefold()}
    return frozenset(found)


_TIMES = (MetricId.RESOLUTION_MEAN, MetricId.HANDOFF_SHARE, MetricId.HANDOFF_MEAN)
_MEDIANS = (MetricId.RESOLUTION_MEDIAN, MetricId.HANDOFF_MEDIAN)
_MORE = (
    MetricId.FEEDBACK_POSITIVE,
    MetricId.FEEDBACK_NEGATIVE,
    MetricId.FEEDBACK_NEUTRAL,
    MetricId.REP_CLOSED,
)
CSV_HEADER = (
    "level",
    "name",
    "start",
    "partial",
    "provisional",
    *counts_json(Counts()),
    *(metric.value for metric in (*_TIMES, *_MEDIANS)),
    "resolution_time_n",
    "handoff_time_n",
    *(metric.value for metric in _MORE),
)


def csv_rows(result: PerformanceReport) -> Iterator[tuple[Cell, ...]]:
    """The rows of `report performance --format csv`: the whole period, then every week, then every channel.

    Rates are shares 0..1, times are seconds; medians exist over the whole period only.
    """

    def numbers(counts: Counts, medians: tuple[Cell, ...] = (None,) * len(_MEDIANS)) -> tuple[Cell, ...]:
        times = (METRICS[metric].value(counts) for metric in _TIMES)
        more = (METRICS[metric].value(counts) for metric in _MORE)
        return (*counts_json(counts).values(), *times, *medians, counts.closed, counts.passed_on_closed, *more)

    medians = tuple(result.value(metric) for metric in _MEDIANS)
    yield ("total", None, None, None, result.totals.pending > 0, *numbers(result.totals, medians))
    for week in result.weeks:
        monday = week.week.monday.isoformat()
        yield ("week", week.week.label, monday, week.partial, week.provisional, *numbers(week.counts))
    for row in result.channels:
        yield ("channel", row.channel, None, None, row.counts.pending > 0, *numbers(row.counts))


_COLUMNS = (
    (MetricId.HANDLED, "handled"),
    (MetricId.HANDLE_RATE, "of all"),
    (MetricId.PENDING, "pending"),
    (MetricId.RESOLUTION_RATE, "resolved"),
    (MetricId.DEFLECTION_RATE, "deflected"),
    (MetricId.HANDOFF_RATE, "handed off"),
    (MetricId.HELPFUL_RATE, "helpful"),
)


def print_performance(result: PerformanceReport) -> None:
    """The report for people, 80 columns wide: weeks, channels, every figure with its numbers, the reps beside."""
    titles = tuple(title for _, title in _COLUMNS)
    numbers = frozenset({*titles, "number", "this week", "week before", "closed"})

    def figures(counts: Counts) -> tuple[str, ...]:
        return tuple(figure(metric, METRICS[metric].value(counts)) for metric, _ in _COLUMNS)

    print(f"as of {result.as_of.astimezone(result.zone):%Y-%m-%d %H:%M} {result.zone.key}{_period(result)}\n")
    weeks = [(f"{week.week.label} {_mark(week)}".rstrip(), *figures(week.counts)) for week in result.weeks]
    write_table(("week", *titles), [*weeks, ("all", *figures(result.totals))], numbers=numbers)
    if any(week.partial or week.provisional for week in result.weeks):
        print("* not over, or cut by the period; ~ with episodes still pending, so that rates will change")
    print()
    channels = [(row.channel or NO_NAME, *figures(row.counts)) for row in result.channels]
    write_table(("channel", *titles), channels, numbers=numbers)
    print()
    explained = [result.explain(metric) for metric in MetricId]
    write_table(("figure", "number"), [(each.metric.title, plain(each.working)) for each in explained], numbers=numbers)
    print()
    impact = [
        (METRICS[metric].title, *(figure(metric, METRICS[metric].value(week.counts)) for week in _recent(result)))
        for metric in IMPACT
    ]
    write_table(("impact", "this week", "week before"), impact, numbers=numbers)
    print()
    if result.handoff_reasons:
        reasons = [(reason or NO_NAME, in_words(Unit.COUNT, number)) for reason, number in result.handoff_reasons]
        write_table(("handoff reason", "number"), reasons, numbers=numbers)
        print()
    team = [(member.name, member.team, in_words(Unit.COUNT, member.resolved)) for member in result.team]
    write_table(("beside the team", "team", "closed"), team, numbers=numbers)
    print("The customer agent's are resolved episodes; tickets closed by reps do not pass the 72 hour test.")
    left_out = [part for part in explained[0].left_out if part.number]
    if left_out:
        print("Left out: " + ", ".join(f"{part.number:,} {part.words}" for part in left_out) + ".")


def _recent(result: PerformanceReport) -> tuple[WeekFigures, WeekFigures]:
    return result.this_week, result.week_before


def figure(metric: MetricId, value: float | None) -> str:
    """A figure for people; a dash where there is none."""
    return shown(None) if value is None else in_words(METRICS[metric].unit, value)


def plain(words: str) -> str:
    """The working of a figure, in signs that this output can show."""
    if sys.stdout.encoding.lower().startswith("utf"):
        return words
    return words.replace("÷", "/").replace("—", "-")


def _mark(week: WeekFigures) -> str:
    return f"{'*' if week.partial else ''}{'~' if week.provisional else ''}"


def _period(result: PerformanceReport) -> str:
    since, until = (
        None if at is None else at.astimezone(result.zone) for at in (result.period.since, result.period.until)
    )
    return f"{f' from {since:%Y-%m-%d %H:%M}' if since else ''}{f' before {until:%Y-%m-%d %H:%M}' if until else ''}"


@app.command()
def simulate(
    context: typer.Context,
    weeks: Annotated[int, typer.Option(help="How many weeks before the end conversations open in.")],
    conversations: Annotated[int, typer.Option(help="How many in all, spam and outbound ones among them.")],
    seed: Annotated[int, typer.Option(help="Which of the many possible logs.")] = 1,
    until: Annotated[
        str | None, typer.Option(metavar="D", help="The end of the log: a date with its whole day, or an instant; now.")
    ] = None,
    resolution_share: Annotated[float, typer.Option(help="Resolved of settled handled episodes.")] = 0.5,
    handoff_share: Annotated[float, typer.Option(help="Handed off of settled handled episodes.")] = 0.25,
    joined_share: Annotated[float, typer.Option(help="Joined by a rep of settled handled episodes.")] = 0.05,
    handled_share: Annotated[float, typer.Option(help="Conversations with the customer agent of inbound ones.")] = 0.85,
    feedback_share: Annotated[float, typer.Option(help="With feedback, of those it ends alone.")] = 0.3,
    channels: Annotated[
        str | None, typer.Option(metavar="NAME=WEIGHT,…", help="Channels with weights, as chat=0.6,email=0.4.")
    ] = None,
    growth: Annotated[float, typer.Option(help="How much larger each week is than the one before.")] = 0.02,
    output: Annotated[Path | None, typer.Option(help="Where to write it; standard output.", metavar="FILE")] = None,
) -> None:
    """Write an invented log of customer-agent conversations in the import format, for trying out and for load."""
    from qatui.services.simulate import simulate as simulated

    run: Run = context.obj
    if output is None and sys.stdout.isatty():
        raise UsageError(
            f"{conversations:,} conversations would flood this terminal.", hint="Add --output FILE, or > FILE."
        )
    more: dict[str, Any] = {"channels": weights(channels)} if channels is not None else {}
    try:
        end = parse_instant(until, run.settings.zone, end_of_day=True) if until else utc_now()
    except ValueError as error:
        raise UsageError(f"{error}.") from None
    log = simulated(
        weeks,
        conversations,
        seed,
        until=end,
        resolution_share=resolution_share,
        handoff_share=handoff_share,
        joined_share=joined_share,
        handled_share=handled_share,
        feedback_share=feedback_share,
        growth=growth,
        **more,
    )
    with ExitStack() as open_files:
        out = sys.stdout
        if output is not None:
            try:
                out = open_files.enter_context(output.open("x", encoding="utf-8"))
            except OSError as error:
                raise UsageError(f"{output} cannot be written: {error.strerror}.", hint="Choose a free name.") from None
        line = json.JSONEncoder(separators=(",", ":")).encode
        for conversation in log:
            out.write(line(conversation) + "\n")
    if output is not None and not run.quiet:
        say(f"Wrote {conversations:,} conversations to {output}. Next: `qatui --db trial.db import {output}`.")


def weights(text: str) -> Mapping[str, float]:
    """Channels as a person gives them, 'chat=0.6,email=0.4'. Raises UsageError."""
    found = {}
    for part in text.split(","):
        name, _, weight = map(str.strip, part.partition("="))
        try:
            if not name:
                raise ValueError("a channel without a name")
            found[name] = float(weight)
        except ValueError:
            raise UsageError(
                f"{part.strip()!r} is no channel with a weight.", hint="Write chat=0.6,email=0.4."
            ) from None
    return found
