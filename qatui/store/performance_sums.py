"""Sums and groups made of all rows at once: for a first bulk load, in which adding up chunk by chunk takes longer."""

from __future__ import annotations

from typing import Final

from qatui.store.performance_layout import SUMMED
from qatui.store.performance_sql import FINALLY, GROUP_SPANS, GROUPINGS, PLACEMENTS, SUM_SPANS, Placement, hour_of
from qatui.store.sql import Connection, ask, tell

ALL: Final = 0
"""As `performance_due.ticket_id`, which no ticket has: the sums and groups of all rows are due, and not kept."""

_KEYS: Final = {
    "performance_sums": "span, channel_id, bucket",
    "performance_groups": "kind, span, channel_id, bucket, value",
}
_SUMS = ("standing", *SUMMED)
_INTO_SUMS = f"INSERT INTO performance_sums ({_KEYS['performance_sums']}, {', '.join(_SUMS)})"


async def put_off(connection: Connection) -> None:
    """Keep no sums until `make`: whoever stores rows passes them over, and whoever asks adds up for the moment."""
    await tell(connection, f"INSERT OR IGNORE INTO performance_due VALUES ({ALL})")


async def due(connection: Connection) -> bool:
    """Whether the stored sums mean nothing now."""
    return bool(await ask(connection, f"SELECT 1 FROM performance_due WHERE ticket_id = {ALL}"))


async def make(connection: Connection) -> None:
    """Make the sums that are due; the same transaction says that they are not any more."""
    for table in _KEYS:
        await tell(connection, f"DELETE FROM {table}")
    await _add_up(connection)
    await tell(connection, f"DELETE FROM performance_due WHERE ticket_id = {ALL}")


async def for_now(connection: Connection) -> None:
    """In a transaction that reads: see that there are sums to read. Those that are due stand in for the stored ones
    until the transaction ends and takes them back."""
    there = await ask(connection, "SELECT 1 FROM sqlite_temp_schema WHERE name = 'performance_sums'")
    if not there and await due(connection):
        for table, key in _KEYS.items():
            await tell(connection, f"CREATE TEMP TABLE {table} AS SELECT * FROM main.{table} WHERE false")
            await tell(connection, f"CREATE UNIQUE INDEX temp.{table}_key ON {table} ({key})")
        await _add_up(connection)


async def _add_up(connection: Connection) -> None:
    for statement in _STATEMENTS:
        await tell(connection, statement)


def _standing(placement: Placement) -> str:
    """SQL: add the rows of one placement to the sums of their hours."""
    span = SUM_SPANS[0]
    sums = dict(zip(placement.fields, placement.sums(FINALLY), strict=True))
    return (
        f"{_INTO_SUMS} SELECT {span}, channel_id, {hour_of(placement.column)} / {span}, count(*),"
        f" {', '.join(sums.get(name, '0') for name in SUMMED)}"
        f" FROM {placement.table} WHERE {placement.column} IS NOT NULL GROUP BY 2, 3 ON CONFLICT DO UPDATE SET "
        + ", ".join(f"{name} = {name} + excluded.{name}" for name in ("standing", *sums))
    )


def _statements() -> tuple[str, ...]:
    """Hours from rows, days from hours; then the same for groups."""
    short, long = SUM_SPANS
    made = [
        *map(_standing, PLACEMENTS),
        f"{_INTO_SUMS} SELECT {long}, channel_id, bucket / {long // short}, {', '.join(map('sum({})'.format, _SUMS))}"
        f" FROM performance_sums WHERE span = {short} GROUP BY 2, 3",
    ]
    short, long = GROUP_SPANS
    into = f"INSERT INTO performance_groups ({_KEYS['performance_groups']}, number)"
    made += [
        f"{into} SELECT {each.code}, {short}, channel_id, {hour_of(each.column)} / {short}, {each.value}, count(*)"
        f" FROM {each.table} WHERE {each.column} IS NOT NULL AND {each.holds(FINALLY)} GROUP BY 3, 4, 5"
        for each in GROUPINGS
    ]
    made.append(
        f"{into} SELECT kind, {long}, channel_id, bucket / {long // short}, value, sum(number)"
        f" FROM performance_groups WHERE span = {short} GROUP BY 1, 3, 4, 5"
    )
    return tuple(made)


_STATEMENTS: Final = _statements()
