"""What rows count once all their times have passed: added to the kept sums when they come, taken out when they go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import add
from typing import Any, Final

from qatui.domain.performance_counts import SELECTIONS
from qatui.store.performance_layout import SUMMED
from qatui.store.performance_sql import (
    GROUP_SPANS,
    GROUPINGS,
    PLACEMENTS,
    SUM_SPANS,
    TIMES,
    Placement,
    finally_holds,
    hour_at,
    read_by,
)

COLUMNS: Final = {
    "episodes": (
        "ticket_id, number, channel_id, reason_id, started_at, settles_at, handled_at, first_response_at, handoff_at, "
        "closed_at, time_to_close, time_bin, settled_outcome, unverified, failed"
    ),
    "feedback": "ticket_id, number, channel_id, at, opinion, episode_started_at, replaced_at",
    "late_handoffs": "ticket_id, number, channel_id, reason_id, at",
    "rep_closes": "ticket_id, number, channel_id, rep_id, closed_at, from_at, until_at",
    "exclusions": "ticket_id, channel_id, why, placed_at",
}
"""The tables with a row for each thing that a conversation tells."""

SUMS: Final = ("standing", *SUMMED)
"""The numbers of one bucket of performance_sums."""

Signature = tuple[Any, ...]
"""All that decides what a row counts finally: few of them are ever different."""

Found = tuple[tuple[int, ...], tuple[int, ...], tuple[tuple[int, int], ...]]
"""Of a signature: where one is added, where the time to close is added, (kind, column) of the groupings."""


@dataclass(frozen=True, slots=True)
class Tallied:
    """What some rows count finally.

    sums: (span, channel, bucket) -> numbers in the order of SUMS. groups: (kind, span, channel, bucket, value) -> rows.
    """

    sums: dict[tuple[int, ...], list[int]] = field(default_factory=dict)
    groups: Counter[tuple[int, ...]] = field(default_factory=Counter)


class _Reader:
    """Reads the rows of one placement: which numbers a row adds to, remembered by its signature."""

    def __init__(self, placement: Placement) -> None:
        columns = COLUMNS[placement.table].split(", ")
        self.table = placement.table
        self._columns = columns
        self._selections = [SELECTIONS[count] for count in placement.counts]
        self._deciding = read_by(self._selections)
        self._signature = [(columns.index(name), is_time) for name, is_time in self._deciding.items()]
        self._found: dict[Signature, Found] = {}
        self._at = columns.index(placement.column)
        self._channel = columns.index("channel_id")
        self._time = columns.index("time_to_close") if "time_to_close" in columns else -1

    def read(self, rows: Iterable[Sequence[Any]], tallied: Tallied) -> None:
        """Add up rows; those that stand nowhere are passed over."""
        sums: dict[tuple[int, int], list[int]] = {}
        groups = Counter[tuple[int, int, int, int]]()
        at_place, channel_place, time_place, signature = self._at, self._channel, self._time, self._signature
        for row in rows:
            at = row[at_place]
            if at is None:
                continue
            key = tuple([row[place] is not None if is_time else row[place] for place, is_time in signature])
            found = self._found.get(key)
            if found is None:
                found = self._found[key] = self._look(key)
            cell = (row[channel_place], hour_at(at))
            totals = sums.get(cell)
            if totals is None:
                totals = sums[cell] = [0] * len(SUMS)
            counted, timed, grouped = found
            for place in counted:
                totals[place] += 1
            for place in timed:
                totals[place] += row[time_place]
            for kind, place in grouped:
                groups[kind, *cell, row[place]] += 1
        _spread(sums, groups, tallied)

    def _look(self, key: Signature) -> Found:
        read = dict(zip(self._deciding, key, strict=True))
        counts = [selection.count for selection in self._selections if finally_holds(selection, read)]
        return (
            (SUMS.index("standing"), *(SUMS.index(count.value) for count in counts)),
            tuple(SUMS.index(TIMES[count]) for count in counts if count in TIMES),
            tuple(
                (grouping.code, self._columns.index(grouping.value))
                for grouping in GROUPINGS
                if grouping.count in counts
            ),
        )


def _spread(
    sums: Mapping[tuple[int, int], list[int]], groups: Mapping[tuple[int, int, int, int], int], tallied: Tallied
) -> None:
    """From hours to the buckets that are kept."""
    for (channel, hour), values in sums.items():
        for span in SUM_SPANS:
            cell = (span, channel, hour // span)
            totals = tallied.sums.get(cell)
            tallied.sums[cell] = values if totals is None else list(map(add, totals, values))
    for (kind, channel, hour, value), number in groups.items():
        for span in GROUP_SPANS:
            tallied.groups[kind, span, channel, hour // span, value] += number


_READERS = tuple(map(_Reader, PLACEMENTS))


def tally(rows: Mapping[str, Sequence[Sequence[Any]]], tallied: Tallied | None = None) -> Tallied:
    """What rows count finally, by table, each in the order of COLUMNS; added to `tallied` where that is given."""
    tallied = Tallied() if tallied is None else tallied
    for reader in _READERS:
        if of_table := rows.get(reader.table):
            reader.read(of_table, tallied)
    return tallied
