"""Rows, verdicts and packs for tests of coaching, made by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from qatui.domain.coaching import Example, Pack, Pattern, Quoted, Trait, advise, tally_of
from qatui.domain.conversation import Speaker
from qatui.domain.listing import RepChoice, TicketRow
from qatui.domain.metrics import Mapping, Tally
from qatui.domain.review import Review, Scores, Stand
from qatui.domain.rubric import SCORES, Dimension
from qatui.domain.verdict import Cue, Evidence, Explanation, Score, Verdict
from qatui.domain.weeks import Week

NOW = datetime(2026, 3, 5, 10, tzinfo=UTC)


def row(number: int, scores: tuple[int, int, int] | None = (4, 3, 2), **other: Any) -> TicketRow:
    """A ticket in a list, closed `number` days before NOW."""
    tone, clarity, empathy = scores or (None, None, None)
    values = {
        "row_id": number,
        "source": "desk",
        "id": f"T-{number}",
        "name": f"Lamp {number}",
        "rep": "Ana Duarte",
        "rep_key": "desk/r1",
        "team": "Billing",
        "channel": "chat",
        "closed_at": NOW - timedelta(days=number),
        "tone": tone,
        "clarity": clarity,
        "empathy": empathy,
    }
    return TicketRow(**(values | other))


def verdict(scores: tuple[int, int, int] = (4, 3, 2), cues: dict[Dimension, tuple[Cue, ...]] | None = None) -> Verdict:
    """A verdict whose reasons are these cues."""
    tone, clarity, empathy = (
        Score(value, Explanation("Because.", (Evidence(1, 0, 10),), (cues or {}).get(dimension, ())))
        for dimension, value in zip(Dimension, scores, strict=True)
    )
    return Verdict(tone=tone, clarity=clarity, empathy=empathy, emotional_cue=True)


def pack(words: str = "Please use the form.", **other: Any) -> Pack:
    """A pack of twelve tickets in which every foreign text is `words`."""
    rows = [row(number, (4, 3, 2 + number % 2)) for number in range(1, 13)]
    distributions = {d: tuple(sum(r.value(d) == score for r in rows) for score in SCORES) for d in Dimension}
    quote = Quoted(
        row_id=3,
        ticket=f"desk/{words}",
        name=words,
        at=NOW - timedelta(days=3),
        speaker=Speaker.REP,
        dimension=Dimension.EMPATHY,
        evidence=Evidence(1, 0, len(words)),
        text=words,
    )
    example = Example(
        row=replace(rows[2], id=words, name=words, channel=words),
        dimension=Dimension.EMPATHY,
        reasons=dict.fromkeys(Dimension, words),
        quotes=(quote, replace(quote, speaker=Speaker.CUSTOMER)),
        reviews=(
            Review(
                row_id=3, uid=1, who=words, at=NOW, stand=Stand.SCORED, scores=Scores(4, 4, 4), comment=words,
            ),
        ),
    )  # fmt: skip
    trait = Trait("short", words, False)
    tally = tally_of(rows)
    weeks = [Week.of(NOW - timedelta(weeks=back), UTC) for back in (2, 1, 0)]  # type: ignore[arg-type]
    values: dict[str, Any] = {
        "rep": RepChoice(name=words, key="desk/r1", team=words),
        "since": NOW - timedelta(days=90),
        "until": NOW,
        "first": NOW - timedelta(days=12),
        "made_at": NOW,
        "widened": False,
        "narrowed": "",
        "formula": Mapping.OF_FIVE,
        "tally": tally,
        "before": Tally.of(3, 3, 3),
        "others": tally_of(rows[:6]),
        "weeks": tuple(zip(weeks, (tally, Tally(), tally), strict=True)),
        "distributions": distributions,
        "judges": ((words, tally),),
        "people": Tally(),
        "unscored": {"too_short": 2},
        "strengths": (
            Pattern(
                trait=replace(trait, raised=True), tickets=5, dimensions=(Dimension.TONE,), quotes=(quote,), shown=True
            ),
        ),
        "weaknesses": (Pattern(trait=trait, tickets=7, dimensions=(Dimension.EMPATHY,), quotes=(quote,)),),
        "customers": (Pattern(trait=Trait("cus_angry", words, False), tickets=3, dimensions=(Dimension.TONE,)),),
        "set_aside": 1,
        "exemplary": (example,),
        "difficult": (example,),
        "exemplary_reached": False,
        "difficult_reached": True,
        "topics": ((words, tally),),
        "tagged": 12,
        "channels": ((words, tally), ("email", tally)),
        "advice": advise(tally, distributions),
    }
    return Pack(**(values | other))
