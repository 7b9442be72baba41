"""What a coaching pack asks beyond lists: whom a name means, and what tickets are tagged with."""

from __future__ import annotations

import json
from collections.abc import Sequence

from qatui.domain.conversation import NO_TEAM
from qatui.domain.listing import RepChoice
from qatui.store.sql import GIVEN, Connection, ask


async def reps(connection: Connection) -> list[RepChoice]:
    """Everybody who ever answered a customer, also those whose tickets count for somebody else; by name."""
    found = await ask(connection, "SELECT name, source || '/' || external_id, team FROM reps")
    known = [RepChoice(name=name, key=key, team=team or NO_TEAM) for name, key, team in found]
    return sorted(known, key=lambda rep: (rep.name.casefold(), rep.key))


async def tags(connection: Connection, row_ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """The tags of these tickets by row id, each tag once; tickets without any are left out."""
    found: dict[int, dict[str, None]] = {}
    for row_id, tag in await ask(
        connection,
        "SELECT tickets.id, tag.value FROM tickets, json_each(tickets.tags) AS tag"
        f" WHERE tickets.id IN {GIVEN} AND trim(tag.value) <> '' ORDER BY tickets.id, tag.key",
        (json.dumps(list(row_ids)),),
    ):
        found.setdefault(row_id, {})[tag.strip()] = None
    return {row_id: tuple(names) for row_id, names in found.items()}
