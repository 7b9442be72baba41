"""`qatui calibrate …`: how far judges and people agree, the golden set, and which judge's verdicts are shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from qatui.cli.output import Cell, Format, plural, say, write_csv, write_json, write_table
from qatui.cli.reports import Channel, Output, Rep, Since, Team, Until, ticket_filter, utc
from qatui.cli.root import Run, app
from qatui.cli.score import JudgeName, judge_tickets
from qatui.cli.tickets import scores_json
from qatui.cli.workspace import change, row_ids, within
from qatui.domain import calibration_words as words
from qatui.domain.agreement import Agreement
from qatui.domain.calibration import CalibrationReport, GoldenTicket, Pair, Party, PartyKind, Scope
from qatui.domain.rubric import SCORES, Dimension
from qatui.errors import UsageError
from qatui.services.changes import Done
from qatui.services.workspace import Workspace
from qatui.text import visible

COMPARE = "compare"


class _Group(TyperGroup):
    """Takes what is no command of its own as the judge to compare: `qatui calibrate llm --blind`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not args or (args[0] not in self.commands and args[0] not in ctx.help_option_names):
            args = [COMPARE, *args]
        return super().parse_args(ctx, args)


calibrate = typer.Typer(
    cls=_Group,
    help="How far judges and people agree. `qatui calibrate` alone, or with the name of a judge, compares.",
)
app.add_typer(calibrate, name="calibrate")

Tickets = Annotated[list[str] | None, typer.Argument(metavar="[TICKET…]", help="Tickets, by id or source/id.")]


# Comparing -------------------------------------------------------------------------------------------


@calibrate.command(COMPARE)
def compare(
    context: typer.Context,
    judge: Annotated[
        str | None,
        typer.Argument(help="A judge (`qatui calibrate judges`) or reviewer; default: the adopted judge."),
    ] = None,
    against: Annotated[str, typer.Option(help="Who it is compared with: people, a reviewer, or another judge.")] = (
        "people"
    ),
    blind: Annotated[
        bool, typer.Option("--blind", help="Only reviews given while the judge's scores were hidden.")
    ] = False,
    golden: Annotated[bool, typer.Option("--golden", help="Only tickets of the golden set.")] = False,
    since: Since = None,
    until: Until = None,
    team: Team = None,
    rep: Rep = None,
    channel: Channel = None,
    worst: Annotated[int, typer.Option(min=0, help="So many of the worst disagreements.")] = 10,
    format: Output = Format.TABLE,
) -> None:
    """Per dimension: tickets, exact, within one, mean difference, quadratically weighted kappa, confusion matrix."""
    run: Run = context.obj
    where = ticket_filter(run.settings.zone, since=since, until=until, as_of=None, team=team, rep=rep, channel=channel)
    scope = Scope(where=where, blind=blind, golden=golden)

    async def ask(workspace: Workspace) -> CalibrationReport:
        calibration = workspace.calibration
        first = await calibration.find(judge) if judge else await calibration.usual()
        if first is None:
            raise UsageError("No judge has read anything here yet.", hint="`qatui score` lets the embedded one read.")
        return await calibration.compare(first, await calibration.find(against), scope, worst=worst)

    found = within(run, ask)
    if format is Format.JSON:
        write_json(report_json(found))
    elif format is Format.CSV:
        write_csv(CSV_HEADER, report_rows(found))
    else:
        _print(found)


def report_json(found: CalibrationReport) -> dict[str, Any]:
    """The contract of `calibrate --format json`: shares 0..1; kappa and interval null where there are none."""
    return {
        "first": party_json(found.first),
        "second": party_json(found.second),
        "blind": found.scope.blind,
        "golden": found.scope.golden,
        "pairs": found.pairs,
        "people": {"blind": found.blind, "own": found.own, "agreed": found.agreed} if found.human else None,
        "left_out": {
            "disputes": found.left_out.disputes,
            "seen": found.left_out.seen,
            "older": found.left_out.older,
            "unread": found.left_out.unread,
        },
        "dimensions": {dimension.value: agreement_json(each, found) for dimension, each in found.agreements.items()},
        "worst": [pair_json(pair) for pair in found.worst],
    }


def party_json(party: Party) -> dict[str, Any]:
    """A party as JSON."""
    judge = party.judge
    return {
        "name": party.name,
        "kind": party.kind.value,
        "judge": {"judge": judge.judge, "model": judge.model, "rubric": judge.rubric} if judge else None,
        "read": party.read,
        "adopted": party.adopted,
    }


def agreement_json(each: Agreement, found: CalibrationReport) -> dict[str, Any]:
    """One dimension as JSON; `table[a - 1][b - 1]` counts tickets with the first's score a and the second's b."""
    return {
        "pairs": each.pairs,
        "exact": each.exact,
        "within_one": each.within_one,
        "exact_share": each.share(each.exact),
        "within_one_share": each.share(each.within_one),
        "mean_difference": each.mean_difference,
        "kappa": each.kappa,
        "ci95": each.interval,
        "few": each.few,
        "why_no_kappa": each.no_kappa(found.first.name, found.second.name) or None,
        "table": each.table,
    }


def pair_json(pair: Pair) -> dict[str, Any]:
    """One ticket with both parties' scores as JSON."""
    return {
        "ticket": pair.row.key,
        "name": pair.row.name,
        "rep": pair.row.rep,
        "first": scores_json(pair.first),
        "second": scores_json(pair.second),
        "reviewer": pair.who or None,
        "at": utc(pair.at),
        "agreed": pair.agreed,
        "blind": pair.blind,
    }


CSV_HEADER = (
    "dimension",
    "first",
    "second",
    "pairs",
    "exact",
    "within_one",
    "mean_difference",
    "kappa",
    "ci95_low",
    "ci95_high",
    *(f"first_{a}_second_{b}" for a in SCORES for b in SCORES),
)


def report_rows(found: CalibrationReport) -> Iterator[tuple[Cell, ...]]:
    """The rows of `calibrate --format csv`: one for each dimension, with its confusion matrix."""
    for dimension, each in found.agreements.items():
        low, high = each.interval or (None, None)
        yield (
            dimension.value,
            found.first.name,
            found.second.name,
            each.pairs,
            each.exact,
            each.within_one,
            each.mean_difference,
            each.kappa,
            low,
            high,
            *(number for row in each.table for number in row),
        )


def _print(found: CalibrationReport) -> None:
    first, second = found.first.name, found.second.name
    header = ("", "tickets", "exact", "within one", "difference", "kappa", "95 %")
    write_table(
        header,
        [_row(dimension, each) for dimension, each in found.agreements.items()],
        numbers=frozenset(header[1:]),
    )
    for sentence in filter(None, _sentences(found)):
        print(visible(f"\n{sentence}"))
    if not found.pairs:
        return
    for dimension, each in found.agreements.items():
        print(visible(f"\n{dimension.label}: {first} down, {second} across"))
        write_table(
            ("", *map(str, SCORES)),
            [(str(score), *row) for score, row in zip(SCORES, each.table, strict=True)],
            numbers=frozenset(map(str, SCORES)),
        )
    if found.worst:
        print(visible(f"\nFurthest apart ({first} · {second})"))
        write_table(
            ("ticket", *Dimension, "rep", "name"),
            [
                (
                    pair.row.key,
                    *(f"{pair.first.of(dimension)} · {pair.second.of(dimension)}" for dimension in Dimension),
                    pair.row.rep,
                    pair.row.name,
                )
                for pair in found.worst
            ],
        )


def _row(dimension: Dimension, each: Agreement) -> tuple[Cell, ...]:
    return (
        dimension.label,
        each.pairs,
        words.percent(each.exact, each.pairs),
        words.percent(each.within_one, each.pairs),
        words.difference(each.mean_difference),
        words.two_decimals(each.kappa),
        words.between(each.interval),
    )


def _sentences(found: CalibrationReport) -> Iterator[str]:
    """What the figures rest on and what to make of them, for people."""
    first, second = found.first.name, found.second.name
    yield f"{first} compared with {second} on {words.tickets(found.pairs)}; difference: {first} less {second}."
    yield words.how_people_came_to_theirs(found)
    yield words.left_out(found)
    yield from words.cautions(found)
    if not found.pairs and found.human:
        yield "Review some tickets first: `qatui review queue` proposes some."


# Judges ----------------------------------------------------------------------------------------------


@calibrate.command("judges")
def judges(context: typer.Context, format: Output = Format.TABLE) -> None:
    """Every judge that ever read here and every reviewer, with how much; one judge may be adopted."""
    found = within(context.obj, lambda workspace: workspace.calibration.parties())
    if format is Format.JSON:
        write_json({"parties": [party_json(party) for party in found]})
        return
    header = ("name", "kind", "read", "adopted")
    rows: list[tuple[Cell, ...]] = [
        (party.name, party.kind.value, party.read, "adopted" if party.adopted else None) for party in found
    ]
    if format is Format.CSV:
        write_csv(header, rows)
    else:
        write_table(header, rows, numbers=frozenset({"read"}))


@calibrate.command("adopt")
def adopt(
    context: typer.Context,
    judge: Annotated[
        str | None, typer.Argument(help="The judge (`qatui calibrate judges`), whose verdicts are shown from now on.")
    ] = None,
    none: Annotated[bool, typer.Option("--none", help="Adopt no judge: the latest verdict is shown.")] = False,
) -> None:
    """Let every view show one judge's verdicts where it has one, instead of the latest. Needs an editor."""
    if (judge is None) == (not none):
        raise UsageError("Name a judge, or give --none.", hint="`qatui calibrate judges` lists them.")

    async def work(workspace: Workspace) -> Done:
        if judge is None:
            return await workspace.calibration.adopt(None)
        party = await workspace.calibration.find(judge)
        if party.kind is not PartyKind.JUDGE:
            raise UsageError(f"{party.name} is no judge.", hint="A person's scores are shown anyway.")
        return await workspace.calibration.adopt(party.judge)

    change(context.obj, work)


# The golden set --------------------------------------------------------------------------------------


@calibrate.command("pin")
def pin(
    context: typer.Context,
    tickets: Tickets = None,
    reviewed: Annotated[
        bool, typer.Option("--reviewed", help="All tickets whose present words a person has scored.")
    ] = False,
) -> None:
    """Take tickets into the golden set, which every new judge reads first. Needs a reviewer."""
    if bool(tickets) == reviewed:
        raise UsageError("Name tickets, or give --reviewed.", hint="qatui calibrate pin T-1042 T-1043")

    async def work(workspace: Workspace) -> Done:
        if reviewed:
            return await workspace.calibration.pin_reviewed()
        return await workspace.calibration.pin(await row_ids(workspace, tickets or []))

    change(context.obj, work)


@calibrate.command("unpin")
def unpin(
    context: typer.Context,
    tickets: Annotated[list[str], typer.Argument(metavar="TICKET…", help="Tickets, by id or source/id.")],
) -> None:
    """Take tickets out of the golden set."""

    async def work(workspace: Workspace) -> Done:
        return await workspace.calibration.unpin(await row_ids(workspace, tickets))

    change(context.obj, work)


@calibrate.command("golden")
def golden(context: typer.Context, format: Output = Format.TABLE) -> None:
    """The golden set: pinned tickets with the scores that people gave their present words."""
    run: Run = context.obj
    found = within(run, lambda workspace: workspace.calibration.golden())
    if format is Format.JSON:
        write_json({"tickets": [_golden_json(each) for each in found]})
        return
    header = ("ticket", *Dimension, "pinned by", "rep", "name")
    rows: list[tuple[Cell, ...]] = [
        (
            each.row.key,
            *(each.scores.of(dimension) if each.scores else None for dimension in Dimension),
            each.who,
            each.row.rep,
            each.row.name,
        )
        for each in found
    ]
    if format is Format.CSV:
        write_csv(header, rows)
        return
    write_table(header, rows, numbers=frozenset(Dimension))
    if not run.quiet:
        bare = sum(each.scores is None for each in found)
        if not found:
            say("Nothing is pinned: `qatui calibrate pin TICKET…`, or `pin --reviewed`.")
        elif bare:
            say(f"{plural(bare, 'ticket')} of {len(found):,} without a person's scores: nothing is compared there.")


def _golden_json(each: GoldenTicket) -> dict[str, Any]:
    return {
        "ticket": each.row.key,
        "name": each.row.name,
        "rep": each.row.rep,
        "scores": scores_json(each.scores),
        "pinned_by": each.who,
        "pinned_at": utc(each.at),
    }


@calibrate.command("trial")
def trial(
    context: typer.Context,
    judge: Annotated[JudgeName, typer.Option(help="The candidate.")] = JudgeName.LLM,
    budget: Annotated[float | None, typer.Option(min=0, help="The most that the llm judge may spend.")] = None,
) -> None:
    """Let a judge read the golden set where it has not, and say whether to adopt it."""
    run: Run = context.obj

    async def nothing_pinned(workspace: Workspace) -> bool:
        return not await workspace.calibration.golden()

    if within(run, nothing_pinned):
        raise UsageError("Nothing is pinned.", hint="`qatui calibrate pin TICKET…`, or `pin --reviewed`.")
    judge_tickets(run, judge, golden=True, budget=budget)
