"""Judgements: recorded once per content and judge, kept for ever, and which of them is shown."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from qatui.domain.rubric import Dimension
from qatui.domain.verdict import (
    Cue,
    Evidence,
    Explanation,
    JudgeIdentity,
    Judgement,
    Reason,
    Score,
    Unscored,
    Verdict,
)
from qatui.store.listing import ELIGIBLE, flag_bits, flags_of, show
from qatui.store.rows import Row, from_micros, to_micros
from qatui.store.sql import GIVEN, Connection, ask, tell
from qatui.text import storable

_COLUMNS = (
    "tone, clarity, empathy, tone_sure, clarity_sure, empathy_sure, emotional_cue, flags, tokens, reason, detail, "
    "lowered, explanations"
)
_PUT = (
    f"INSERT INTO verdicts (ticket_id, content_hash, judge_id, at, {_COLUMNS}) VALUES ({', '.join('?' * 17)})"
    " ON CONFLICT (ticket_id, content_hash, judge_id) DO UPDATE SET at = excluded.at, "
    + ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS.split(", "))
    # a failure never takes the place of scores that were made, and perhaps paid for, before
    + " WHERE excluded.reason IS NULL OR verdicts.reason IS NOT NULL"
)
_READ = (
    f"SELECT verdicts.ticket_id, verdicts.content_hash, judges.judge, judges.model, judges.rubric, verdicts.at, "
    f"{', '.join(f'verdicts.{name}' for name in _COLUMNS.split(', '))}"
    " FROM verdicts JOIN judges ON judges.id = verdicts.judge_id"
)
_OPEN = f"""
    FROM listing
    WHERE {ELIGIBLE} AND listing.id > ? AND (? OR NOT EXISTS (
        SELECT 1 FROM verdicts
        WHERE verdicts.ticket_id = listing.id AND verdicts.content_hash = listing.content_hash
          AND verdicts.judge_id = ? AND verdicts.reason IS NOT '{Reason.JUDGE_FAILED}'
    ))
"""


async def waiting(
    connection: Connection, judge: JudgeIdentity, *, after: int, limit: int, rescore: bool = False
) -> list[int]:
    """Up to `limit` row ids above `after`, ascending: tickets that may be judged and that this judge has not answered.

    A failed call is no answer, an unsupported language is one. rescore: those it has answered too.
    """
    rows = await ask(
        connection,
        f"SELECT listing.id {_OPEN} ORDER BY listing.id LIMIT ?",
        (after, rescore, await _judge_id(connection, judge), limit),
    )
    return [row_id for (row_id,) in rows]


async def waiting_count(connection: Connection, judge: JudgeIdentity, *, rescore: bool = False) -> int:
    """How many tickets `waiting` would give in all."""
    [[count]] = await ask(connection, f"SELECT count(*) {_OPEN}", (0, rescore, await _judge_id(connection, judge)))
    return int(count)


async def _judge_id(connection: Connection, judge: JudgeIdentity) -> int | None:
    rows = await ask(
        connection,
        "SELECT id FROM judges WHERE judge = ? AND model = ? AND rubric = ?",
        (judge.judge, judge.model, judge.rubric),
    )
    return rows[0][0] if rows else None


async def record(connection: Connection, judgements: Sequence[tuple[int, Judgement]]) -> None:
    """Keep judgements of tickets (by row id) and show in the lists those that count.

    One per ticket, content and judge: a newer one takes the place of an older one, but a failure never that of scores.
    A judgement of content that has changed meanwhile is kept as history.
    """
    if not judgements:
        return
    judges: dict[JudgeIdentity, int] = {}
    for judge in {judgement.judge for _, judgement in judgements}:
        await tell(
            connection,
            "INSERT INTO judges (judge, model, rubric) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            (judge.judge, judge.model, judge.rubric),
        )
        row_id = await _judge_id(connection, judge)
        assert row_id is not None
        judges[judge] = row_id
    await tell(
        connection,
        _PUT,
        [
            (
                ticket_id,
                bytes.fromhex(judgement.content_hash),
                judges[judgement.judge],
                to_micros(judgement.at),
                *_outcome_row(judgement.outcome),
            )
            for ticket_id, judgement in judgements
        ],
    )
    await show(connection, sorted({ticket_id for ticket_id, _ in judgements}))


def _outcome_row(outcome: Verdict | Unscored) -> Row:
    """In the order of _COLUMNS."""
    if isinstance(outcome, Unscored):
        return (*(None,) * 7, 0, 0, str(outcome.reason), storable(outcome.detail) or None, None, None)
    scores = [score for _, score in outcome.scores()]
    lowered = {
        (dimension.value, cue.words): None  # a dictionary keeps the order, strongest first
        for dimension, score in outcome.scores()
        for cue in score.explanation.cues
        if cue.direction < 0
    }
    return (
        *(score.value for score in scores),
        *(score.sure for score in scores),
        outcome.emotional_cue,
        flag_bits(outcome.flags),
        outcome.tokens,
        None,
        None,
        json.dumps(list(lowered)) if lowered else None,
        json.dumps({dimension.value: _explanation_row(score.explanation) for dimension, score in outcome.scores()}),
    )


def _explanation_row(explanation: Explanation) -> list[Any]:
    return [
        explanation.text,
        [[span.position, span.start, span.end] for span in explanation.evidence],
        [[cue.name, cue.words, cue.direction] for cue in explanation.cues],
    ]


def _judgement(row: Any) -> Judgement:
    (_, content, judge, model, rubric, at, *scores, cue, flags, tokens, reason, detail, _, explanations) = row
    when = from_micros(at)
    assert when is not None
    outcome: Verdict | Unscored
    if reason is not None:
        outcome = Unscored(Reason(reason), detail or "")
    else:
        told = json.loads(explanations)
        made = {
            dimension.value: Score(
                value=scores[place],
                explanation=_explanation(*told[dimension.value]),
                sure=scores[place + 3],
            )
            for place, dimension in enumerate(Dimension)
        }
        outcome = Verdict(**made, emotional_cue=bool(cue), flags=flags_of(flags), tokens=tokens)
    return Judgement(outcome=outcome, judge=JudgeIdentity(judge, model, rubric), content_hash=content.hex(), at=when)


def _explanation(text: str, spans: list[list[int]], cues: list[Any]) -> Explanation:
    return Explanation(text, tuple(Evidence(*span) for span in spans), tuple(Cue(*cue) for cue in cues))


async def latest(connection: Connection, row_id: int) -> Judgement | None:
    """The judgement that the views show of a ticket: what its row in the listing is made of."""
    return (await latest_of(connection, [row_id])).get(row_id)


async def latest_of(connection: Connection, row_ids: Sequence[int]) -> dict[int, Judgement]:
    """`latest` of many tickets, by row id; those without one are left out."""
    rows = await ask(
        connection,
        f"{_READ} WHERE verdicts.id IN (SELECT verdict_id FROM listing WHERE id IN {GIVEN})",
        (json.dumps(list(row_ids)),),
    )
    return {row[0]: _judgement(row) for row in rows}


async def history(connection: Connection, row_id: int) -> list[Judgement]:
    """Every judgement of a ticket in all its states, oldest first."""
    rows = await ask(connection, f"{_READ} WHERE verdicts.ticket_id = ? ORDER BY verdicts.at, verdicts.id", (row_id,))
    return [_judgement(row) for row in rows]
