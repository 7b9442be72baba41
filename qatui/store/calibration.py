"""Scores of two parties side by side, the judges that ever read here, and the golden set."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from qatui.domain.calibration import Chosen, LeftOut, Party, PartyKind, Scope
from qatui.domain.review import Scores, Stand
from qatui.domain.rubric import Dimension
from qatui.domain.verdict import JudgeIdentity
from qatui.store.filters import Condition, condition
from qatui.store.listing import ELIGIBLE, JUDGE_CHOICE
from qatui.store.rows import from_micros, to_micros
from qatui.store.sql import GIVEN, Connection, ask, tell

_SCORES: Final = ", ".join(Dimension)
_COLUMNS: Final = f"ticket_id, content_hash, {_SCORES}, at, who, agreed, blind"

# A judge is no person: it agrees with nothing it saw, and what people gave stays as blind as it was.
_OF_JUDGE: Final = f"""
    SELECT ticket_id, content_hash, {_SCORES}, at, '' AS who, 0 AS agreed, 1 AS blind
    FROM verdicts WHERE judge_id = ? AND reason IS NULL
"""
_OF_REVIEWS: Final = f"""
    SELECT ticket_id, content_hash, {_SCORES}, at, who, stand = '{Stand.AGREED}' AS agreed, blind,
           row_number() OVER (PARTITION BY ticket_id, content_hash ORDER BY at DESC, id DESC) AS newest
    FROM reviews WHERE tone IS NOT NULL AND {{whose}}
"""

Six = tuple[int, int, int, int, int, int]
"""The first party's three scores, then the second's, in the order of Dimension."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How often each combination of scores occurs, and how the people among the pairs came to theirs."""

    scores: Counter[Six]
    agreed: int
    own: int
    blind: int


@dataclass(frozen=True, slots=True)
class PairRow:
    """One pair: the ticket's row id and both parties' scores; see `domain.calibration.Pair`."""

    row_id: int
    first: Scores
    second: Scores
    who: str
    at: datetime
    agreed: bool
    blind: bool


@dataclass(frozen=True, slots=True)
class _Side:
    """A party as a query of its scores, one row for each content of a ticket."""

    sql: str
    values: tuple[Any, ...]


async def _side(connection: Connection, party: Party, other: Party, scope: Scope) -> _Side:
    if party.judge is not None:
        judge = party.judge
        rows = await ask(
            connection,
            "SELECT id FROM judges WHERE judge = ? AND model = ? AND rubric = ?",
            (judge.judge, judge.model, judge.rubric),
        )
        return _Side(_OF_JUDGE, (rows[0][0] if rows else None,))
    whose, values = _whose(party, other)
    if scope.blind:
        whose += " AND blind"
    return _Side(f"SELECT {_COLUMNS} FROM ({_OF_REVIEWS.format(whose=whose)}) WHERE newest = 1", values)


def _whose(party: Party, other: Party) -> tuple[str, tuple[Any, ...]]:
    """Which reviews are a party's: beside one person, `people` are the others."""
    if party.kind is PartyKind.PERSON:
        return "uid = ?", (party.uid,)
    if other.kind is PartyKind.PERSON:
        return "uid != ?", (other.uid,)
    return "true", ()


async def _pairs(connection: Connection, first: Party, second: Party, scope: Scope) -> Condition:
    """The pairs as SQL: of a ticket whose words changed the newest state that both have scored counts."""
    one = await _side(connection, first, second, scope)
    other = await _side(connection, second, first, scope)
    limits = await _within(connection, scope)
    both = ", ".join(
        [f"one.{dimension} AS one_{dimension}" for dimension in Dimension]
        + [f"other.{dimension} AS other_{dimension}" for dimension in Dimension]
    )
    sql = f"""
        SELECT one.ticket_id AS ticket_id, {both}, one.who || other.who AS who, max(one.at, other.at) AS at,
               one.agreed OR other.agreed AS agreed, one.blind AND other.blind AS blind,
               max(max(one.at, other.at)) AS newest
        FROM ({one.sql}) AS one JOIN ({other.sql}) AS other
          ON other.ticket_id = one.ticket_id AND other.content_hash = one.content_hash
        WHERE {limits.sql.format(ticket="one.ticket_id")} GROUP BY one.ticket_id
    """
    return Condition(sql, (*one.values, *other.values, *limits.values))


async def _within(connection: Connection, scope: Scope) -> Condition:
    """A scope as SQL on `{ticket}`."""
    made = Condition("true", ())
    asked = await condition(connection, scope.where)
    if asked.sql != made.sql:
        # looked up ticket by ticket: reviews are few, and the tickets of a period are many
        listed = f"EXISTS (SELECT 1 FROM listing WHERE listing.id = {{ticket}} AND {asked.sql})"
        made = made.also(listed, *asked.values)
    if scope.golden:
        made = made.also("{ticket} IN (SELECT ticket_id FROM golden)")
    return made


async def tally(connection: Connection, first: Party, second: Party, scope: Scope) -> Tally:
    """All pairs of two parties, counted."""
    pairs = await _pairs(connection, first, second, scope)
    six = ", ".join(f"{side}_{dimension}" for side in ("one", "other") for dimension in Dimension)
    scores: Counter[Six] = Counter()
    people = Counter({"agreed": 0, "own": 0, "blind": 0})
    human = first.human or second.human
    for *values, agreed, blind, number in await ask(
        connection,
        f"SELECT {six}, agreed, blind, count(*) FROM ({pairs.sql}) GROUP BY {six}, agreed, blind",
        pairs.values,
    ):
        tone, clarity, empathy, *others = values
        scores[tone, clarity, empathy, others[0], others[1], others[2]] += number
        if human:
            people["agreed" if agreed else "blind" if blind else "own"] += number
    return Tally(scores, **people)


async def pairs(
    connection: Connection, first: Party, second: Party, scope: Scope, chosen: Chosen, limit: int
) -> list[PairRow]:
    """Some of the pairs, the furthest apart first, of equals the newest."""
    found = await _pairs(connection, first, second, scope)
    looked_at = [chosen.dimension] if chosen.dimension is not None else list(Dimension)
    apart = [f"abs(one_{dimension} - other_{dimension})" for dimension in Dimension]
    furthest = ", ".join(f"abs(one_{dimension} - other_{dimension})" for dimension in looked_at)
    furthest = f"max({furthest})" if len(looked_at) > 1 else furthest
    wanted = Condition("true", ())
    if chosen.cell is not None:
        for dimension in looked_at:
            wanted = wanted.also(f"one_{dimension} = ? AND other_{dimension} = ?", *chosen.cell)
    if chosen.apart is not None:
        wanted = wanted.also(f"{furthest} BETWEEN ? AND ?", *chosen.apart)
    rows = await ask(
        connection,
        f"SELECT * FROM ({found.sql}) WHERE {wanted.sql}"
        f" ORDER BY {furthest} DESC, {' + '.join(apart)} DESC, at DESC, ticket_id DESC LIMIT ?",
        (*found.values, *wanted.values, limit),
    )
    return [_pair(row) for row in rows]


def _pair(row: Sequence[Any]) -> PairRow:
    row_id, a, b, c, d, e, f, who, at, agreed, blind, _ = row
    when = from_micros(at)
    assert when is not None
    return PairRow(row_id, Scores(a, b, c), Scores(d, e, f), who, when, bool(agreed), bool(blind))


async def left_out(connection: Connection, first: Party, second: Party, scope: Scope, paired: int) -> LeftOut:
    """What of the reviews of the one person's side takes no part, beside `paired` pairs.

    Nothing is counted between two judges, and between two people, where each side leaves out what the other lacks.
    """
    if first.human == second.human:
        return LeftOut()
    party, other = (first, second) if first.human else (second, first)
    whose, values = _whose(party, other)
    limits = await _within(connection, scope)
    [[reviews, disputes, seen, tickets]] = await ask(
        connection,
        "SELECT count(*), coalesce(sum(tone IS NULL), 0), coalesce(sum(tone IS NOT NULL AND NOT blind), 0),"
        " count(DISTINCT CASE WHEN tone IS NOT NULL AND (blind OR NOT ?) THEN ticket_id END)"
        f" FROM reviews WHERE {whose} AND {limits.sql.format(ticket='ticket_id')}",
        (scope.blind, *values, *limits.values),
    )
    seen = seen if scope.blind else 0
    counted = reviews - disputes - seen
    return LeftOut(disputes=disputes, seen=seen, older=counted - tickets, unread=tickets - paired)


# Who has scored here -----------------------------------------------------------------------------------------


async def judges(connection: Connection) -> list[tuple[JudgeIdentity, int]]:
    """Every judge that ever read here, and how many states of conversations it read; the newest judge first."""
    rows = await ask(
        connection,
        "SELECT judges.judge, judges.model, judges.rubric, counted.number FROM judges"
        " JOIN (SELECT judge_id, count(*) AS number FROM verdicts GROUP BY judge_id) AS counted"
        " ON counted.judge_id = judges.id ORDER BY judges.id DESC",
    )
    return [(JudgeIdentity(judge, model, rubric), number) for judge, model, rubric, number in rows]


async def reviewers(connection: Connection) -> list[tuple[int, str, int]]:
    """Every reviewer with scores of their own: user id, latest name, reviews; most reviews first."""
    rows = await ask(
        connection,
        "SELECT uid, who, count(*), max(at) FROM reviews WHERE tone IS NOT NULL"
        " GROUP BY uid ORDER BY count(*) DESC, uid",
    )
    return [(uid, who, number) for uid, who, number, _ in rows]


async def adopted(connection: Connection) -> JudgeIdentity | None:
    """The workspace's judge; None where the latest verdict counts."""
    rows = await ask(connection, "SELECT value FROM choices WHERE name = ?", (JUDGE_CHOICE,))
    return JudgeIdentity(*json.loads(rows[0][0])) if rows else None


async def adopt(connection: Connection, judge: JudgeIdentity | None) -> None:
    """Choose the workspace's judge, or none; what lists show follows by `listing.show_every`."""
    if judge is None:
        await tell(connection, "DELETE FROM choices WHERE name = ?", (JUDGE_CHOICE,))
    else:
        await tell(
            connection,
            "INSERT OR REPLACE INTO choices (name, value) VALUES (?, ?)",
            (JUDGE_CHOICE, json.dumps([judge.judge, judge.model, judge.rubric])),
        )


# The golden set ----------------------------------------------------------------------------------------------


async def pinned(connection: Connection) -> list[tuple[int, str, datetime]]:
    """The golden tickets: row id, who pinned it, when; the latest first."""
    rows = await ask(
        connection,
        "SELECT ticket_id, who, at FROM golden WHERE ticket_id IN (SELECT id FROM listing)"
        " ORDER BY at DESC, ticket_id DESC",
    )
    found = []
    for row_id, who, at in rows:
        when = from_micros(at)
        assert when is not None
        found.append((row_id, who, when))
    return found


async def pin(connection: Connection, row_ids: Sequence[int], who: str, now: datetime) -> None:
    """Take tickets into the golden set."""
    at = to_micros(now)
    await tell(
        connection,
        "INSERT OR IGNORE INTO golden (ticket_id, at, who) VALUES (?, ?, ?)",
        [(row_id, at, who) for row_id in row_ids],
    )


async def unpin(connection: Connection, row_ids: Sequence[int]) -> None:
    """Take tickets out of the golden set."""
    await tell(connection, f"DELETE FROM golden WHERE ticket_id IN {GIVEN}", (json.dumps(list(row_ids)),))


async def reviewed(connection: Connection) -> list[int]:
    """Tickets that may be judged and whose present words a person has given scores, by row id."""
    rows = await ask(
        connection,
        "SELECT DISTINCT listing.id FROM reviews CROSS JOIN listing"
        " ON listing.id = reviews.ticket_id AND listing.content_hash = reviews.content_hash"
        f" WHERE reviews.tone IS NOT NULL AND {ELIGIBLE} ORDER BY listing.id",
    )
    return [row_id for (row_id,) in rows]


async def judgeable(connection: Connection, row_ids: Sequence[int]) -> list[int]:
    """Those of some tickets that a judge may read."""
    rows = await ask(
        connection,
        f"SELECT id FROM listing WHERE id IN {GIVEN} AND {ELIGIBLE} ORDER BY id",
        (json.dumps(list(row_ids)),),
    )
    return [row_id for (row_id,) in rows]


async def present_scores(
    connection: Connection, row_ids: Sequence[int], judge: JudgeIdentity | None = None
) -> dict[int, Scores]:
    """The scores of tickets' present words by row id: a judge's, or without one people's, of whom the newest counts."""
    if judge is not None:
        rows = await ask(
            connection,
            f"SELECT listing.id, {', '.join(f'verdicts.{dimension}' for dimension in Dimension)}"
            " FROM listing JOIN verdicts"
            "   ON verdicts.ticket_id = listing.id AND verdicts.content_hash = listing.content_hash"
            " JOIN judges ON judges.id = verdicts.judge_id"
            f" WHERE listing.id IN {GIVEN} AND verdicts.reason IS NULL"
            " AND judges.judge = ? AND judges.model = ? AND judges.rubric = ?",
            (json.dumps(list(row_ids)), judge.judge, judge.model, judge.rubric),
        )
    else:
        rows = await ask(
            connection,
            f"SELECT listing.id, {', '.join(f'reviews.{dimension}' for dimension in Dimension)}"
            " FROM reviews CROSS JOIN listing"
            "   ON listing.id = reviews.ticket_id AND listing.content_hash = reviews.content_hash"
            f" WHERE listing.id IN {GIVEN} AND reviews.tone IS NOT NULL ORDER BY reviews.at, reviews.id",
            (json.dumps(list(row_ids)),),
        )
    return {row_id: Scores(*scores) for row_id, *scores in rows}
