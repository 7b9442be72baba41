"""Reps as messages named them, and what their name and team are today.

A rep may be renamed or move to another team. Each message keeps the name and team it came with (`authors`); `reps`
holds those of the chronologically latest message that gives one, so the order of imports makes no difference.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from qatui.domain.conversation import NO_TEAM, Ticket
from qatui.store.sql import GIVEN, Connection, ask, tell

if TYPE_CHECKING:  # made where conversations are read in; a list needs none of it
    from qatui.store.prepared import Prepared

NEVER = -(2**63)  # before every time: of a message without one

Authors = dict[tuple[str, str, str, str | None], int]
"""Source, and id, name and team as a message names them -> row of authors."""

Named = tuple[str, str, str | None]
"""Id, name and team as a message names them."""

Who = TypeVar("Who")
Latest = dict[Who, int | None]
"""A rep, or a row of authors -> time of the newest message considered; None if none has a time."""


async def enter(connection: Connection, tickets: Iterable[Prepared]) -> tuple[Authors, Latest[int]]:
    """See that every author of these tickets has a row, and remember how new their messages are."""
    seen: dict[str, Latest[Named]] = {}
    for ticket in tickets:
        of_source = seen.setdefault(ticket.source, {})
        for id, name, team, at in ticket.authors:
            rep = (id, name, team)
            before = of_source.get(rep)
            if before is None or (at is not None and at > before):
                of_source[rep] = at
    authors: Authors = {}
    latest: Latest[int] = {}
    for source, reps in seen.items():
        known = await _known(connection, source, reps)
        newer = []
        for rep, at in reps.items():
            row_id, before = known[rep]
            authors[source, *rep] = row_id
            latest[row_id] = at
            if at is not None and (before is None or at > before):
                newer.append((at, row_id))
        await tell(connection, "UPDATE authors SET latest_at = ? WHERE id = ?", newer)
    return authors, latest


async def _known(connection: Connection, source: str, reps: Collection[Named]) -> dict[Named, tuple[int, int | None]]:
    """Row and newest message of each author, those without a row given one first."""
    if not reps:
        return {}
    found = await _find(connection, source, reps)
    absent = [rep for rep in reps if rep not in found]
    if absent:
        await tell(
            connection,
            "INSERT INTO reps (source, external_id, name) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            [(source, id, name) for id, name, _ in absent],
        )
        await tell(
            connection,
            "INSERT INTO authors (rep_id, name, team) SELECT id, ?, ? FROM reps WHERE source = ? AND external_id = ?",
            [(name, team, source, id) for id, name, team in absent],
        )
        found = await _find(connection, source, reps)
    return found


async def _find(connection: Connection, source: str, reps: Collection[Named]) -> dict[Named, tuple[int, int | None]]:
    rows = await ask(
        connection,
        "SELECT reps.external_id, authors.name, authors.team, authors.id, authors.latest_at"
        " FROM reps JOIN authors ON authors.rep_id = reps.id"
        f" WHERE reps.source = ? AND reps.external_id IN {GIVEN}",
        (source, json.dumps([id for id, _, _ in reps])),
    )
    return {(id, name, team): (row_id, latest) for id, name, team, row_id, latest in rows}


async def leave(connection: Connection, gone: Latest[int], entered: Latest[int]) -> None:
    """After messages were taken away: correct what was known from them alone.

    gone: the authors of the messages taken away; entered: of those that came instead.
    """
    for row_id, was in gone.items():
        came = entered.get(row_id)
        if row_id in entered and (was is None or (came is not None and came >= was)):
            continue
        [[rep_id, known]] = await ask(connection, "SELECT rep_id, latest_at FROM authors WHERE id = ?", (row_id,))
        if known is not None and (was is None or was < known):
            continue  # a newer message of the same author stands elsewhere
        [[count, latest]] = await ask(
            connection, "SELECT count(*), max(at) FROM messages WHERE author_id = ?", (row_id,)
        )
        if count:
            await tell(connection, "UPDATE authors SET latest_at = ? WHERE id = ?", (latest, row_id))
            continue
        await tell(connection, "DELETE FROM authors WHERE id = ?", (row_id,))
        await tell(
            connection,
            "DELETE FROM reps WHERE id = ? AND NOT EXISTS (SELECT 1 FROM authors WHERE rep_id = reps.id)",
            (rep_id,),
        )


async def of_authors(connection: Connection, authors: Iterable[int]) -> list[int]:
    """The reps behind rows of authors."""
    rows = await ask(
        connection, f"SELECT DISTINCT rep_id FROM authors WHERE id IN {GIVEN}", (json.dumps(list(authors)),)
    )
    return [rep_id for (rep_id,) in rows]


@dataclass(frozen=True, slots=True)
class Known:
    """A rep as lists show them today."""

    row_id: int
    key: str
    name: str
    team: str | None


async def settle(connection: Connection, rep_ids: Sequence[int]) -> None:
    """Give reps the name and team that hold today, in the listing too."""
    moved = await outdated(connection, rep_ids)
    await tell(
        connection,
        "UPDATE reps SET name = ?, team = ? WHERE id = ?",
        [(rep.name, rep.team, rep.row_id) for rep in moved],
    )
    await tell(
        connection,
        "UPDATE listing SET rep_name = ?, team = ? WHERE rep_id = ?",
        [(rep.name, rep.team or NO_TEAM, rep.row_id) for rep in moved],
    )


async def outdated(connection: Connection, rep_ids: Sequence[int]) -> list[Known]:
    """Those of these reps who are not shown with the name and team of their latest message, as they should be."""
    rows = await ask(
        connection,
        "SELECT reps.id, reps.source, reps.external_id, reps.name, reps.team,"
        "       authors.name, authors.team, authors.latest_at"
        " FROM reps JOIN authors ON authors.rep_id = reps.id"
        f" WHERE reps.id IN {GIVEN}",
        (json.dumps(rep_ids),),
    )
    shown: dict[int, Known] = {}
    names: dict[int, tuple[bool, int, str]] = {}
    teams: dict[int, tuple[int, str]] = {}
    for rep_id, source, external_id, name, team, as_name, as_team, at in rows:
        shown[rep_id] = Known(rep_id, f"{source}/{external_id}", name, team)
        when = NEVER if at is None else at
        # A message that gives only the id says nothing against the name or team that another one gives.
        names[rep_id] = max(names.get(rep_id, (False, NEVER, "")), (as_name != external_id, when, as_name))
        if as_team is not None:
            teams[rep_id] = max(teams.get(rep_id, (NEVER, "")), (when, as_team))
    due = [
        Known(rep_id, rep.key, names[rep_id][2], teams[rep_id][1] if rep_id in teams else None)
        for rep_id, rep in shown.items()
    ]
    return [rep for rep in due if rep != shown[rep.row_id]]


async def known(connection: Connection, tickets: Iterable[Ticket]) -> dict[tuple[str, str], Known]:
    """The reps who wrote in these tickets, by source and id."""
    keys = {
        (ticket.source, message.author.id)
        for ticket in tickets
        for message in ticket.messages
        if message.author is not None
    }
    return await by_key(connection, keys)


async def by_key(connection: Connection, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Known]:
    """The reps with these (source, id), by the same."""
    ids: dict[str, list[str]] = {}
    for source, external_id in keys:
        ids.setdefault(source, []).append(external_id)
    return {
        (source, external_id): Known(row_id, f"{source}/{external_id}", name, team)
        for source, of_source in ids.items()
        for row_id, external_id, name, team in await ask(
            connection,
            f"SELECT id, external_id, name, team FROM reps WHERE source = ? AND external_id IN {GIVEN}",
            (source, json.dumps(of_source)),
        )
    }
