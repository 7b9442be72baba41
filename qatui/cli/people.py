"""`qatui people …` and `qatui audit`: who may change what here, and who changed what."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Annotated

import typer

from qatui.cli.output import Cell, Format, say, write_csv, write_json, write_table
from qatui.cli.reports import Output, utc
from qatui.cli.root import Run, app
from qatui.cli.workspace import within
from qatui.domain.people import AuditEntry, Person, Role
from qatui.services.workspace import Workspace

people = typer.Typer(help="Who may change what in this workspace.", no_args_is_help=True)
app.add_typer(people, name="people")

Name = Annotated[str, typer.Argument(metavar="NAME", help="An account of this machine.")]


@people.command("list")
def list_(context: typer.Context, format: Output = Format.TABLE) -> None:
    """Everybody here with role and seat; who is not listed may only read."""
    run: Run = context.obj
    found = within(run, lambda workspace: workspace.people.report())
    header = ("name", "uid", "role", "seat", "since", "you")
    rows = [
        (each.name, each.uid, each.role.value, each.seated, utc(each.added_at), each.uid == found.me.uid)
        for each in found.people
    ]
    if format is Format.JSON:
        write_json(
            {
                "people": [dict(zip(header, row, strict=True)) for row in rows],
                "seats_limited": found.limited,
                "you": {"name": found.me.name, "uid": found.me.uid, "role": found.me.role.value},
            }
        )
        return
    spoken: list[tuple[Cell, ...]] = [
        (name, uid, role, "yes" if seat else None, since, "you" if you else None)
        for name, uid, role, seat, since, you in rows
    ]
    if format is Format.CSV:
        write_csv(header, spoken)
        return
    write_table(header, spoken, numbers=frozenset({"uid"}))
    if not run.quiet:
        say(
            "Seats are limited: without one an editor only reads."
            if found.limited
            else "Seats are not limited; the first `qatui people seat NAME` limits them."
        )


def _change(run: Run, work: Callable[[Workspace], Awaitable[Person]]) -> None:
    person = within(run, work)
    if not run.quiet:
        say(f"{person.name} is {person.role}{', with a seat' if person.seated else ''}.")


@people.command("role")
def role(
    context: typer.Context,
    name: Name,
    role: Annotated[
        Role,
        typer.Argument(
            help="viewer reads, reviewer also reviews scores, editor also answers, sorts and has tickets judged, "
            "admin also decides who may."
        ),
    ],
) -> None:
    """Say what somebody may do."""
    _change(context.obj, lambda workspace: workspace.people.set_role(name, role))


@people.command("seat")
def seat(context: typer.Context, name: Name) -> None:
    """Give somebody a seat; from the first one on, who has none only reads."""
    _change(context.obj, lambda workspace: workspace.people.seat(name))


@people.command("unseat")
def unseat(context: typer.Context, name: Name) -> None:
    """Take somebody's seat; with the last one the limit goes."""
    _change(context.obj, lambda workspace: workspace.people.unseat(name))


@app.command("audit")
def audit(
    context: typer.Context,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many changes, the latest.")] = None,
    who: Annotated[str | None, typer.Option(metavar="NAME", help="Only changes of this account.")] = None,
    format: Output = Format.TABLE,
) -> None:
    """Every change that a person made, newest first: who, when, what, and the rows before and after (JSON, CSV)."""
    run: Run = context.obj
    found = within(run, lambda workspace: workspace.people.audit(limit=-1 if limit is None else limit, who=who))
    if format is Format.JSON:
        write_json({"changes": [entry_json(each) for each in found]})
    elif format is Format.CSV:
        header = ("id", "at", "who", "uid", "action", "words", "undid", "before", "after")
        write_csv(
            header,
            [
                (e.id, utc(e.at), e.who, e.uid, e.action, e.words, e.undid, json.dumps(e.before), json.dumps(e.after))
                for e in found
            ],
        )
    else:
        zone = run.settings.zone
        write_table(
            ("id", "at", "who", "what"),
            [(e.id, e.at.astimezone(zone).isoformat(timespec="minutes"), e.who, e.words) for e in found],
            numbers=frozenset({"id"}),
        )


def entry_json(entry: AuditEntry) -> dict[str, object]:
    """One change with everything that is known of it."""
    return {
        "id": entry.id,
        "at": utc(entry.at),
        "who": entry.who,
        "uid": entry.uid,
        "action": entry.action,
        "words": entry.words,
        "undid": entry.undid,
        "before": entry.before,
        "after": entry.after,
    }
