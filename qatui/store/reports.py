"""What lists and reports ask: counts, pages, places, sums per rep and week."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from qatui.domain.conversation import NO_TEAM, UNKNOWN_REP
from qatui.domain.listing import (
    Choices,
    RepChoice,
    Sort,
    TicketCounts,
    TicketFilter,
    TicketRow,
)
from qatui.domain.metrics import TREND_WEEKS, RepSummary, ScoredBy, Tally
from qatui.domain.rubric import SCORES, Dimension
from qatui.domain.verdict import JudgeIdentity, Reason, Unscored
from qatui.domain.weeks import Week
from qatui.errors import NotFoundError
from qatui.store import conversations
from qatui.store.filters import EVERY, NAMELESS, Condition, Order, condition
from qatui.store.layout import UNKNOWN_REP_ID, flags_of
from qatui.store.rows import from_micros, to_micros
from qatui.store.sql import GIVEN, Connection, ask

MANY = 10_000
"""From so many tickets of some reps on, the index of the sort is read past the others: tickets looked up one by one and
then sorted would take longer."""

NEAR = 2_000
"""Up to this offset a page is read from the front without counting how far the end is."""


async def counts(connection: Connection, where: TicketFilter) -> TicketCounts:
    """How many tickets a filter leaves, and how many of them are unscored for which reason."""
    asked = await condition(connection, where)
    return TicketCounts(total=await _total(connection, asked), unscored=await _unscored(connection, asked))


async def unscored(connection: Connection, where: TicketFilter) -> dict[str, int]:
    """Reason -> tickets of a filter that are unscored for it, most frequent first."""
    return await _unscored(connection, await condition(connection, where))


async def _total(connection: Connection, asked: Condition) -> int:
    where = f" WHERE {asked.sql}" if asked.sql != EVERY else ""  # SQLite counts all rows faster without a condition
    [[total]] = await ask(connection, f"SELECT count(*) FROM listing{where}", asked.values)
    return int(total)


async def _unscored(connection: Connection, asked: Condition) -> dict[str, int]:
    if asked.scored:
        return {}
    rows = await ask(
        connection,
        f"SELECT reason, count(*) FROM listing WHERE {asked.sql} AND reason IS NOT NULL"
        " GROUP BY reason ORDER BY count(*) DESC, reason",
        asked.values,
    )
    return dict(rows)


_ROW = """
    SELECT listing.id, tickets.source, tickets.external_id, listing.name, listing.rep_name,
           reps.source || '/' || reps.external_id, listing.team, listing.channel, listing.closed_at,
           listing.tone, listing.clarity, listing.empathy, listing.reason, listing.detail, listing.flags,
           judges.judge, judges.model, judges.rubric
    FROM listing JOIN tickets ON tickets.id = listing.id LEFT JOIN reps ON reps.id = listing.rep_id
         LEFT JOIN judges ON judges.id = listing.judge_id
"""


def _row(row: Any) -> TicketRow:
    *texts, closed, tone, clarity, empathy, reason, detail, flags, judge, model, rubric = row
    row_id, source, id, name, rep, rep_key, team, channel = texts
    return TicketRow(
        row_id=row_id,
        source=source,
        id=id,
        name=name,
        rep=rep,
        rep_key=rep_key,
        team=team,
        channel=channel,
        closed_at=from_micros(closed),
        tone=tone,
        clarity=clarity,
        empathy=empathy,
        unscored=None if reason is None else Unscored(Reason(reason), detail or ""),
        flags=flags_of(flags),
        judge=None if judge is None else str(JudgeIdentity(judge, model, rubric)),
    )


async def rows(connection: Connection, where: TicketFilter, sort: Sort, offset: int, limit: int) -> list[TicketRow]:
    """The tickets of a filter from place `offset` (0 is the first) on, at most `limit`, in the order of `sort`."""
    asked = await condition(connection, where)
    order = Order.of(sort)
    backwards = False
    conditions = asked.sql
    total = await _total(connection, asked) if offset > NEAR or (asked.by_rep and asked.covered) else 0
    if asked.covered and total > MANY:
        conditions = asked.in_order
    if offset > NEAR:
        limit = min(limit, total - offset)
        if limit <= 0:
            return []
        if offset > total // 2:  # the way from the end is shorter
            backwards, offset = True, total - offset - limit
    ids = await ask(
        connection,
        f"SELECT listing.id FROM listing WHERE {conditions} ORDER BY {order.sql(backwards=backwards)} LIMIT ? OFFSET ?",
        (*asked.values, limit, offset),
    )
    found = [row_id for (row_id,) in ids]
    return await rows_by_id(connection, found[::-1] if backwards else found)


async def rows_by_id(connection: Connection, row_ids: Sequence[int]) -> list[TicketRow]:
    """These tickets as lists show them, in the order asked for; NotFoundError when one is not there."""
    if not row_ids:
        return []
    found = await ask(connection, f"{_ROW} WHERE listing.id IN {GIVEN}", (json.dumps(list(row_ids)),))
    by_id = {row[0]: _row(row) for row in found}
    try:
        return [by_id[row_id] for row_id in row_ids]
    except KeyError:
        raise NotFoundError("The ticket is not in this workspace any more.", hint="Refresh the list.") from None


async def position(connection: Connection, where: TicketFilter, sort: Sort, row_id: int) -> int | None:
    """Where a ticket stands in a list, from 0; None when the filter leaves it out."""
    asked = await condition(connection, where)
    order = Order.of(sort)
    own = await ask(
        connection,
        f"SELECT {order.column} FROM listing WHERE {asked.sql} AND listing.id = ?",
        (*asked.values, row_id),
    )
    if not own:
        return None
    [[value]] = own
    before = ">" if order.descending else "<"
    if asked.covered:
        asked = replace(asked, sql=asked.in_order)
    equal = asked.also(f"{order.column} IS ? AND listing.id {before} ?", value, row_id)
    if value is None:
        ahead = asked.also(f"{order.column} IS NOT NULL")
    else:
        ahead = asked.also(f"{order.column} {before} ?", value)
    return await _total(connection, ahead) + await _total(connection, equal)


_SUMS = "count(*), sum(tone), sum(clarity), sum(empathy), sum((tone + clarity + empathy) * (tone + clarity + empathy))"


async def by_rep(connection: Connection, where: TicketFilter, zone: ZoneInfo) -> list[RepSummary]:
    """The scored tickets of a filter summed per rep, with the latest weeks by ISO week of closing in `zone`.

    Reps without a scored ticket are left out; so are, in the series only, tickets whose close date is unknown.
    """
    asked = (await condition(connection, where)).also("listing.reason IS NULL")
    sums = await ask(
        connection,
        f"SELECT rep_id, {_SUMS}, max(closed_at) FROM listing WHERE {asked.sql} GROUP BY rep_id",
        asked.values,
    )
    tallies: dict[int, Tally] = {}
    latest: dict[int, int] = {}
    for rep_id, *five, last in sums:
        tallies[rep_id] = Tally(*five)
        if last is not None:
            latest[rep_id] = last
    weekly = await _weekly(connection, asked, latest, zone)
    who: dict[int, tuple[str, str | None, str]] = {
        rep_id: (name, key, team or NO_TEAM)
        for rep_id, name, key, team in await ask(
            connection, "SELECT id, name, source || '/' || external_id, team FROM reps"
        )
    }
    who[UNKNOWN_REP_ID] = (UNKNOWN_REP, None, NO_TEAM)
    return [
        RepSummary(
            rep=who[rep_id][0],
            key=who[rep_id][1],
            team=who[rep_id][2],
            tally=tally,
            weekly=tuple(weekly.get(rep_id, ())),
        )
        for rep_id, tally in tallies.items()
    ]


async def _weekly(
    connection: Connection, asked: Condition, latest: Mapping[int, int], zone: ZoneInfo
) -> dict[int, list[tuple[str, Tally]]]:
    """The tallies of the last weeks; `latest`: the latest close of each rep.

    One short walk of the index per rep and week: quicker than sorting every ticket into its week.
    """
    if not latest:
        return {}
    end = from_micros(max(latest.values()))
    assert end is not None
    shown = [Week.of(end, zone)]
    while len(shown) < TREND_WEEKS:
        shown.append(shown[-1].before)
    weeks = [(str(week.monday), to_micros(week.start(zone)), to_micros(week.end(zone))) for week in reversed(shown)]
    since = weeks[0][1] or 0
    series: dict[int, list[tuple[str, Tally]]] = {}
    for rep_id, monday, sums in await ask(
        connection,
        "SELECT rep.value, week.value ->> 0, ("
        f"  SELECT json_array({_SUMS}) FROM listing"
        "   WHERE listing.rep_id = rep.value"
        f"    AND listing.closed_at >= week.value ->> 1 AND listing.closed_at < week.value ->> 2 AND {asked.sql}"
        ") FROM json_each(?) AS rep CROSS JOIN json_each(?) AS week",
        (*asked.values, json.dumps([rep_id for rep_id, at in latest.items() if at >= since]), json.dumps(weeks)),
    ):
        count, *rest = json.loads(sums)
        if count:
            series.setdefault(rep_id, []).append((monday, Tally(count, *rest)))
    return series


async def judges(connection: Connection, where: TicketFilter) -> ScoredBy:
    """Who gave the scores of a filter's tickets: judges, most tickets first, and apart from them people."""
    asked = (await condition(connection, where)).also("listing.reason IS NULL")
    known = await _judges(connection)
    if len(known) == 1:
        [judge] = known.values()  # as in most workspaces: an index is counted, only reviewed tickets are looked at
        by_people = asked.also("listing.id IN (SELECT ticket_id FROM reviews) AND review_id IS NOT NULL")
        [[reviewed]] = await ask(connection, f"SELECT count(*) FROM listing WHERE {by_people.sql}", by_people.values)
        judged = await _total(connection, asked) - reviewed
        return ScoredBy(judges=((judge, judged),) if judged else (), reviewed=reviewed)
    counted = await ask(
        connection,
        "SELECT review_id IS NOT NULL, judge_id, count(*) FROM listing"
        f" WHERE {asked.sql} GROUP BY review_id IS NOT NULL, judge_id",
        asked.values,
    )
    by_judge = [(known[judge_id], count) for reviewed, judge_id, count in counted if not reviewed]
    return ScoredBy(
        judges=tuple(sorted(by_judge, key=lambda one: (-one[1], str(one[0]), one[0].rubric))),
        reviewed=sum(count for reviewed, _, count in counted if reviewed),
    )


async def _judges(connection: Connection) -> dict[int, JudgeIdentity]:
    rows = await ask(connection, "SELECT id, judge, model, rubric FROM judges ORDER BY judge, model, rubric")
    return {judge_id: JudgeIdentity(*identity) for judge_id, *identity in rows}


async def distributions(connection: Connection, where: TicketFilter) -> dict[Dimension, tuple[int, int, int, int, int]]:
    """Of each dimension, how many tickets of a filter have the score 1, 2, 3, 4, 5."""
    asked = await condition(connection, where)
    columns = ", ".join(f"count(*) FILTER (WHERE {d} = {score})" for d in Dimension for score in SCORES)
    [row] = await ask(connection, f"SELECT {columns} FROM listing WHERE {asked.sql}", asked.values)
    result = {}
    for place, dimension in enumerate(Dimension):
        one, two, three, four, five = row[5 * place : 5 * place + 5]
        result[dimension] = (one, two, three, four, five)
    return result


async def cue_counts(connection: Connection, where: TicketFilter, limit: int) -> list[tuple[Dimension, str, int]]:
    """What lowered scores most often: (dimension, words of the cue, tickets), most frequent first."""
    asked = await condition(connection, where)
    found = await ask(
        connection,
        "SELECT verdicts.lowered, count(*) FROM listing JOIN verdicts ON verdicts.id = listing.verdict_id"
        f" WHERE {asked.sql} AND verdicts.lowered IS NOT NULL"
        " GROUP BY verdicts.lowered",
        asked.values,
    )
    total: Counter[tuple[str, str]] = Counter()
    for lowered, count in found:
        for dimension, words in json.loads(lowered):
            total[dimension, words] += count
    ranked = sorted(total.items(), key=lambda item: (-item[1], item[0]))
    return [(Dimension(dimension), words, count) for (dimension, words), count in ranked[:limit]]


async def choices(connection: Connection) -> Choices:
    """The values that occur among all tickets, sorted as people sort."""
    reps = [
        RepChoice(name=name, key=key, team=team or NO_TEAM)
        for name, key, team in await ask(
            connection,
            "SELECT name, source || '/' || external_id, team FROM reps"
            " WHERE EXISTS (SELECT 1 FROM listing WHERE listing.rep_id = reps.id)",
        )
    ]
    teams = {rep.team for rep in reps}
    for rep_id, name in NAMELESS.items():
        if await ask(connection, "SELECT 1 FROM listing WHERE rep_id = ? LIMIT 1", (rep_id,)):
            teams.add(NO_TEAM)
            reps.append(RepChoice(name=name, key=name, team=NO_TEAM))
    known = (await _judges(connection)).values()
    return Choices(
        reps=tuple(sorted(reps, key=lambda rep: (rep.name.casefold(), rep.key))),
        teams=tuple(sorted(teams, key=str.casefold)),
        channels=tuple(await _leaps(connection, "channel COLLATE NOCASE")),
        sources=tuple(await conversations.sources(connection)),
        reasons=tuple(await _leaps(connection, "reason")),
        judges=tuple(dict.fromkeys(text for each in known for text in (each.judge, str(each)))),
    )


async def _leaps(connection: Connection, column: str) -> list[str]:
    """The values of an indexed column, found by leaps over the index, not by reading every ticket."""
    found = await ask(
        connection,
        f"WITH RECURSIVE leap(value) AS ("
        f" SELECT (SELECT min({column}) FROM listing WHERE {column} IS NOT NULL) UNION ALL"
        f" SELECT (SELECT min({column}) FROM listing WHERE {column} > leap.value) FROM leap WHERE value IS NOT NULL"
        f") SELECT value FROM leap WHERE value IS NOT NULL",
    )
    return [value for (value,) in found]


async def span(connection: Connection) -> tuple[datetime | None, datetime | None]:
    """The first and the latest close date of all tickets, UTC; None where no ticket has one."""
    [[first, last]] = await ask(
        connection, "SELECT (SELECT min(closed_at) FROM listing), (SELECT max(closed_at) FROM listing)"
    )
    return from_micros(first), from_micros(last)
