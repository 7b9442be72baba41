"""What part of the rows a report looks at, in the words of the tables."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from qatui.domain.performance_behind import PerformanceQuestion
from qatui.domain.performance_report import Channel
from qatui.domain.weeks import Period
from qatui.store import performance_sums
from qatui.store.performance_layout import NO_NAME
from qatui.store.performance_sql import FINAL_FROM, SUM_SPANS, Grouping, Placement, micros, numbers
from qatui.store.sql import GIVEN, Connection, ask

_LONG_AGO = -(2**62)  # microseconds: before the year 1


@dataclass(frozen=True, slots=True)
class Scope:
    """What part of the rows a report looks at, in the words of the tables.

    stretch: first microsecond, first after; nothing stands later than `as_of`. channels: those that occur, by id.
    wanted: those asked for; every: all are, those of left out conversations too.
    """

    as_of: int
    stretch: tuple[int, int]
    channels: Mapping[int, Channel]
    wanted: tuple[int, ...]
    every: bool
    agent: frozenset[Channel]

    @property
    def on_channels(self) -> str:
        """SQL: the channel of a row is one of those asked for."""
        return "true" if self.every else f"channel_id IN {numbers(self.wanted)}"

    @property
    def agent_ids(self) -> tuple[int, ...]:
        return tuple(row_id for row_id, channel in self.channels.items() if channel in self.agent)

    def within(self, column: str) -> str:
        """SQL: a time lies in the stretch."""
        return f"{column} >= {self.stretch[0]} AND {column} < {self.stretch[1]}"


async def scope(connection: Connection, question: PerformanceQuestion, agent_channels: Collection[str] | None) -> Scope:
    """What a question means; agent_channels: where the customer agent is assigned, None: wherever it responded."""
    await performance_sums.for_now(connection)
    as_of, wanted = micros(question.as_of), question.channels
    asked_for = [] if wanted is None else [name for name in wanted if name is not None]
    found = await ask(
        connection,
        "SELECT id, name FROM performance_names WHERE EXISTS"
        f" (SELECT 1 FROM performance_sums WHERE span = ? AND channel_id = id) OR name IN {GIVEN}",
        (SUM_SPANS[1], json.dumps(asked_for)),
    )
    channels: dict[int, Channel] = {NO_NAME: None, **dict(map(tuple, found))}
    if agent_channels is None:
        responded = await ask(
            connection,
            "SELECT value FROM json_each(?)"
            " WHERE (SELECT min(first_response_at) FROM episodes"
            "        WHERE channel_id = value AND first_response_at IS NOT NULL) <= ?",
            (json.dumps(list(channels)), as_of),
        )
        agent = frozenset(channels[row_id] for (row_id,) in responded)
    else:
        agent = frozenset(agent_channels)
    return Scope(
        as_of=as_of,
        stretch=stretch(question.period, as_of),
        channels=channels,
        wanted=tuple(row_id for row_id, channel in channels.items() if wanted is None or channel in wanted),
        every=wanted is None,
        agent=agent,
    )


def stretch(period: Period, as_of: int) -> tuple[int, int]:
    """A period in microseconds, first and first after; cut at `as_of`, after which nothing stands."""
    start = _LONG_AGO if period.since is None else micros(period.since)
    return start, as_of + 1 if period.until is None else min(micros(period.until), as_of + 1)


def not_final(asked: Scope, rows: Placement | Grouping, first: int, last: int) -> str:
    """SQL: FROM the rows that are not final at `as_of` and stand at first <= t < last, on the channels asked for.

    The index by the time from which rows are final holds what finds them; only these few are then looked up.
    """
    table, column = rows.table, rows.column
    return (
        f"FROM (SELECT ticket_id AS its_ticket, number AS its_number FROM {table}"
        f" WHERE {FINAL_FROM[table]} > {asked.as_of} AND +{column} >= {first} AND +{column} < {last})"
        f" CROSS JOIN {table} ON ticket_id = its_ticket AND number = its_number WHERE {asked.on_channels}"
    )
