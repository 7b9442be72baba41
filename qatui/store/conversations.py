"""Facts in and out: conversations saved idempotently, loaded as they were, found by name."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qatui.domain.conversation import Ticket
from qatui.errors import NotFoundError
from qatui.store import listing, reps
from qatui.store.rows import (
    AUTHOR,
    EVENT_COLUMNS,
    MESSAGE_COLUMNS,
    TICKET_COLUMNS,
    Fetched,
    Row,
    tickets_of,
)
from qatui.store.sql import GIVEN, Connection, ask, tell

if TYPE_CHECKING:
    from qatui.store.prepared import Prepared

CANDIDATES_SHOWN = 5

_PUT_MESSAGE = f"INSERT INTO messages ({MESSAGE_COLUMNS}) VALUES ({', '.join('?' * 10)})"
# Of most messages nothing else is known. A NULL takes longer to hand over than a number to be taken for one.
_PUT_BARE_MESSAGE = f"INSERT INTO messages ({MESSAGE_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, nullif(?, 0), 0, NULL, NULL)"
_PUT_EVENT = f"INSERT INTO events ({EVENT_COLUMNS}) VALUES ({', '.join('?' * 9)})"


@dataclass(frozen=True, slots=True)
class Saved:
    """What saving did, in conversations."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0

    def __add__(self, other: Saved) -> Saved:
        return Saved(self.new + other.new, self.changed + other.changed, self.unchanged + other.unchanged)


async def save(connection: Connection, tickets: Sequence[Ticket]) -> Saved:
    """Store conversations, in order; one that is stored already and did not change is left alone.

    A changed one replaces its facts, and what was derived from the old ones stops to count: its scores, unless a
    judge has read its present content. Texts must be storable (`qatui.text.storable`).
    """
    from qatui.store.prepared import prepare

    return await keep(connection, [prepare(ticket) for ticket in tickets])


async def keep(connection: Connection, tickets: Sequence[Prepared]) -> Saved:
    """`save` for conversations that were made ready elsewhere."""
    saved = Saved()
    for batch in _distinct(tickets):
        saved += await _keep(connection, batch)
    return saved


def _distinct(tickets: Sequence[Prepared]) -> Iterator[list[Prepared]]:
    """Runs in which no conversation occurs twice: of two states of one, the later one has to win."""
    batch: dict[tuple[str, str], Prepared] = {}
    for ticket in tickets:
        key = (ticket.source, ticket.id)
        if key in batch:
            yield list(batch.values())
            batch = {}
        batch[key] = ticket
    if batch:
        yield list(batch.values())


async def _keep(connection: Connection, tickets: Sequence[Prepared]) -> Saved:
    known = await _known(connection, tickets)
    [[next_id]] = await ask(connection, "SELECT coalesce(max(id), 0) + 1 FROM tickets")
    new: list[tuple[int, Prepared]] = []
    changed: list[tuple[int, Prepared]] = []
    for ticket in tickets:
        row_id, before = known.get((ticket.source, ticket.id), (0, b""))
        if not row_id:
            new.append((next_id + len(new), ticket))
        elif before != ticket.facts_hash:
            changed.append((row_id, ticket))
    if new or changed:
        await _replace(connection, new, changed)
    return Saved(len(new), len(changed), len(tickets) - len(new) - len(changed))


async def _known(connection: Connection, tickets: Sequence[Prepared]) -> dict[tuple[str, str], tuple[int, bytes]]:
    ids: dict[str, list[str]] = {}
    for ticket in tickets:
        ids.setdefault(ticket.source, []).append(ticket.id)
    return {
        (source, external_id): (row_id, digest)
        for source, of_source in ids.items()
        for external_id, row_id, digest in await ask(
            connection,
            f"SELECT external_id, id, facts_hash FROM tickets WHERE source = ? AND external_id IN {GIVEN}",
            (source, json.dumps(of_source)),
        )
    }


async def _replace(
    connection: Connection, new: Sequence[tuple[int, Prepared]], changed: Sequence[tuple[int, Prepared]]
) -> None:
    """Store facts and what follows from them; the rows of `changed` had other facts before."""
    from qatui.store import gaps_rows, incoming, performance_rows  # what only changes need is not loaded to read
    from qatui.store.performance_prepared import Performed
    from qatui.store.prepared import WIDE

    due = [*new, *changed]
    again = [row_id for row_id, _ in changed]
    gone: dict[int, int | None] = await _clear(connection, again) if again else {}
    authors, entered = await reps.enter(connection, (ticket for _, ticket in due))
    await incoming.take(connection, [(row_id, *ticket[:WIDE]) for row_id, ticket in due])
    bare, other = _message_rows(due, authors)
    await tell(connection, _PUT_BARE_MESSAGE, bare)
    await tell(connection, _PUT_MESSAGE, other)
    await tell(connection, _PUT_EVENT, [(row_id, *event) for row_id, ticket in due for event in ticket.events])
    touched = await reps.of_authors(connection, {*gone, *entered})
    await reps.leave(connection, gone, entered)
    await reps.settle(connection, touched)
    await incoming.enlist(connection)
    if again:
        await listing.show(connection, again)
    told = [
        (row_id, ticket.source, Performed._make(ticket.performed))
        for row_id, ticket in due
        if ticket.performed is not None
    ]
    await performance_rows.put(connection, told, again)
    await incoming.conclude(connection)
    await performance_rows.count(connection, [row_id for row_id, ticket in due if ticket.performed is None])
    await gaps_rows.put(connection, [(row_id, ticket.asked) for row_id, ticket in due], again)


async def _clear(connection: Connection, row_ids: Sequence[int]) -> dict[int, int | None]:
    """Take away the messages, events and listing of tickets; the authors of the messages with the newest time."""
    given = (json.dumps(row_ids),)
    await listing.take_out(connection, row_ids)
    authors = await ask(
        connection,
        "SELECT author_id, max(at) FROM messages"
        f" WHERE ticket_id IN {GIVEN} AND author_id IS NOT NULL GROUP BY author_id",
        given,
    )
    for table in ("messages", "events"):
        await tell(connection, f"DELETE FROM {table} WHERE ticket_id IN {GIVEN}", given)
    return dict(authors)


def _message_rows(tickets: Iterable[tuple[int, Prepared]], authors: reps.Authors) -> tuple[list[Row], list[Row]]:
    """Rows for _PUT_BARE_MESSAGE and for _PUT_MESSAGE: those of tickets, and what they lack in its place."""
    bare: list[Row] = []
    other: list[Row] = []
    for row_id, ticket in tickets:
        ids = [authors[ticket.source, id, name, team] for id, name, team, _ in ticket.authors]
        for position, id, speaker, text, at, place, private, sources, actions in ticket.messages:
            author = None if place is None else ids[place]
            if at is None or private or sources is not None or actions is not None:
                other.append((row_id, position, id, speaker, text, at, author, private, sources, actions))
            else:
                bare.append((row_id, position, id, speaker, text, at, author or 0))
    return bare, other


async def load(connection: Connection, row_ids: Sequence[int]) -> list[Ticket]:
    """The conversations with these row ids, in the order asked for; NotFoundError when one is not there."""
    return tickets_of(row_ids, await fetch(connection, row_ids))


async def fetch(connection: Connection, row_ids: Sequence[int]) -> Fetched:
    """What `tickets_of` makes the conversations with these row ids of; NotFoundError when one is not there."""
    given = (json.dumps(list(row_ids)),)
    tickets, messages, events = [
        await ask(connection, f"SELECT {columns} FROM {table} WHERE {key} IN {GIVEN} ORDER BY {order}", given)
        for columns, table, key, order in (
            (TICKET_COLUMNS, "tickets", "id", "id"),
            (MESSAGE_COLUMNS, "messages", "ticket_id", "ticket_id, position"),
            (EVENT_COLUMNS, "events", "ticket_id", "ticket_id, position"),
        )
    ]
    if len(tickets) < len(set(row_ids)):
        raise NotFoundError("The ticket is not in this workspace any more.", hint="Refresh the list.")
    authors = list({row[AUTHOR] for row in messages if row[AUTHOR] is not None})
    reps = await ask(
        connection,
        "SELECT authors.id, reps.external_id, authors.name, authors.team"
        f" FROM authors JOIN reps ON reps.id = authors.rep_id WHERE authors.id IN {GIVEN}",
        (json.dumps(authors),),
    )
    return tickets, messages, events, reps


async def find(connection: Connection, name: str) -> int:
    """The row id of the ticket named `source/id`, or by its id alone; NotFoundError when none or several fit."""
    slashes = [place for place, letter in enumerate(name) if letter == "/"]
    keys = [(name[:place], name[place + 1 :]) for place in slashes]
    found = await _named(connection, keys)
    if not found:
        found = await _named(connection, [(source, name) for source in await sources(connection)])
    if len(found) == 1:
        return found[0][0]
    if not found:
        raise NotFoundError(f"There is no ticket {name!r}.", hint="`qatui report tickets` lists them.")
    shown = ", ".join(key for _, key in found[:CANDIDATES_SHOWN])
    raise NotFoundError(
        f"{len(found)} tickets are called {name!r}: {shown}{' …' if len(found) > CANDIDATES_SHOWN else ''}.",
        hint="Name it with its source: source/id.",
    )


async def _named(connection: Connection, keys: Sequence[tuple[str, str]]) -> list[tuple[int, str]]:
    rows = await ask(
        connection,
        "SELECT tickets.id, tickets.source || '/' || tickets.external_id"
        " FROM json_each(?) AS key JOIN tickets"
        "   ON tickets.source = key.value ->> 0 AND tickets.external_id = key.value ->> 1",
        (json.dumps(keys),),
    )
    return [(row_id, key) for row_id, key in rows]


async def sources(connection: Connection) -> list[str]:
    """The sources that occur, sorted; found by leaps over the key, not by reading every ticket."""
    rows = await ask(
        connection,
        "WITH RECURSIVE leap(source) AS ("
        " SELECT min(source) FROM tickets UNION ALL"
        " SELECT (SELECT min(source) FROM tickets WHERE source > leap.source) FROM leap WHERE source IS NOT NULL"
        ") SELECT source FROM leap WHERE source IS NOT NULL",
    )
    return [source for (source,) in rows]


async def count(connection: Connection) -> int:
    """How many conversations there are."""
    [[total]] = await ask(connection, "SELECT count(*) FROM tickets")
    return int(total)
