"""Reviews in and out: one per ticket, content and reviewer; history once the ticket says something else."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from qatui.domain.listing import TicketFilter
from qatui.domain.people import Account
from qatui.domain.review import Review, Scores, Stand
from qatui.domain.review_queue import DOUBTFUL, Candidate
from qatui.domain.rubric import Dimension
from qatui.domain.verdict import Unscored
from qatui.errors import NotFoundError
from qatui.store import listing
from qatui.store.filters import condition
from qatui.store.journal import Journal, free_number
from qatui.store.layout import flag_bits, flags_of
from qatui.store.rows import from_micros, to_micros
from qatui.store.sql import GIVEN, Connection, ask, tell

_READ = """
    SELECT reviews.id, reviews.ticket_id, reviews.uid, reviews.who, reviews.at, reviews.stand, reviews.tone,
           reviews.clarity, reviews.empathy, reviews.comment, reviews.blind,
           reviews.content_hash = listing.content_hash
    FROM reviews JOIN listing ON listing.id = reviews.ticket_id
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a review of a ticket stands beside: what it is called, and what was said of its present content.

    unscored: why there are no scores to see, if so; judged: the judge's scores; verdict_id: the judgement shown;
    shown: whose review gives the scores shown (uid), with its scores; own: the reviewer's own review.
    """

    name: str
    content: bytes
    unscored: Unscored | None
    judged: Scores | None
    verdict_id: int | None
    shown: Review | None
    own: Review | None


def _review(row: Sequence[Any]) -> Review:
    _, ticket_id, uid, who, at, stand, *scores, comment, blind, current = row
    when = from_micros(at)
    assert when is not None
    return Review(
        row_id=ticket_id,
        uid=uid,
        who=who,
        at=when,
        stand=Stand(stand),
        scores=_scores(scores),
        comment=comment,
        blind=bool(blind),
        current=bool(current),
    )


def _scores(three: Sequence[Any]) -> Scores | None:
    return None if three[0] is None else Scores(*three)


async def of(connection: Connection, row_ids: Sequence[int]) -> dict[int, list[Review]]:
    """The reviews of tickets by row id, newest first; tickets without one are left out."""
    found: dict[int, list[Review]] = {}
    for row in await ask(
        connection,
        f"{_READ} WHERE reviews.ticket_id IN {GIVEN} ORDER BY reviews.at DESC, reviews.id DESC",
        (json.dumps(list(row_ids)),),
    ):
        found.setdefault(row[1], []).append(_review(row))
    return found


async def made(
    connection: Connection, *, since: datetime | None, until: datetime | None, who: str | None, limit: int
) -> list[tuple[Review, Scores | None]]:
    """Reviews made in a time, since <= at < until, by an account or by all, newest first, at most `limit` (negative:
    all); each with the scores of the judgement that stood beside it."""
    rows = await ask(
        connection,
        f"{_READ.replace('FROM', ', verdicts.tone, verdicts.clarity, verdicts.empathy FROM')}"
        " LEFT JOIN verdicts ON verdicts.id = reviews.verdict_id"
        " WHERE (?1 IS NULL OR reviews.at >= ?1) AND (?2 IS NULL OR reviews.at < ?2) AND (?3 IS NULL OR who = ?3)"
        " ORDER BY reviews.at DESC, reviews.id DESC LIMIT ?4",
        (to_micros(since), to_micros(until), who, limit),
    )
    return [(_review(row[:-3]), _scores(row[-3:])) for row in rows]


async def standing(connection: Connection, row_ids: Sequence[int], uid: int) -> list[Standing]:
    """What reviews of tickets by a person would stand beside, in the order asked for; NotFoundError for absent ones."""
    found = {
        row[0]: row
        for row in await ask(
            connection,
            "SELECT listing.id, tickets.external_id, listing.content_hash, listing.reason, listing.detail,"
            "       listing.verdict_id, verdicts.tone, verdicts.clarity, verdicts.empathy"
            " FROM listing JOIN tickets ON tickets.id = listing.id LEFT JOIN verdicts ON verdicts.id = verdict_id"
            f" WHERE listing.id IN {GIVEN}",
            (json.dumps(list(row_ids)),),
        )
    }
    said = await of(connection, row_ids)
    result = []
    for row_id in row_ids:
        if row_id not in found:
            raise NotFoundError("The ticket is not in this workspace any more.", hint="Refresh the list.")
        _, name, content, reason, detail, verdict_id, *judged = found[row_id]
        current = [review for review in said.get(row_id, ()) if review.current]
        result.append(
            Standing(
                name=name,
                content=content,
                unscored=None if reason is None else Unscored.parse(f"{reason}: {detail}" if detail else reason),
                judged=_scores(judged),
                verdict_id=verdict_id,
                shown=next((review for review in current if review.scores is not None), None),
                own=next((review for review in current if review.uid == uid), None),
            )
        )
    return result


async def put(
    connection: Connection,
    journal: Journal,
    by: Account,
    now: datetime,
    reviews: Mapping[int, tuple[Standing, Stand, Scores | None]],
    *,
    comment: str = "",
    blind: bool = False,
) -> None:
    """Keep a person's reviews of tickets, by row id; a newer one on the same content replaces the older."""
    before = await _numbers(connection, list(reviews), by.uid)
    free = await free_number(connection, "reviews")
    rows = []
    for row_id, (beside, stand, scores) in reviews.items():
        number = before.get(row_id)
        if number is None:
            number, free = free, free + 1
        three = (None, None, None) if scores is None else (scores.tone, scores.clarity, scores.empathy)
        rows.append(
            (
                number, row_id, beside.content, by.uid, by.name, to_micros(now), stand.value, *three, comment, blind,
                beside.verdict_id,
            )
        )  # fmt: skip
    await journal.note("reviews", [row[0] for row in rows])
    await tell(
        connection,
        "INSERT OR REPLACE INTO reviews (id, ticket_id, content_hash, uid, who, at, stand, tone, clarity, empathy,"
        f" comment, blind, verdict_id) VALUES ({', '.join('?' * 13)})",
        rows,
    )
    await listing.show(connection, sorted(reviews))


async def withdraw(connection: Connection, journal: Journal, by: Account, row_ids: Sequence[int]) -> None:
    """Take away a person's reviews of tickets' present content; tickets without one are left alone."""
    numbers = await _numbers(connection, row_ids, by.uid)
    await journal.note("reviews", numbers.values())
    await tell(connection, f"DELETE FROM reviews WHERE id IN {GIVEN}", (json.dumps(list(numbers.values())),))
    await listing.show(connection, sorted(row_ids))


async def _numbers(connection: Connection, row_ids: Sequence[int], uid: int) -> dict[int, int]:
    """The rows of a person's reviews on tickets' present content, by the ticket's row id."""
    return dict(
        map(
            tuple,
            await ask(
                connection,
                "SELECT reviews.ticket_id, reviews.id FROM reviews JOIN listing"
                "   ON listing.id = reviews.ticket_id AND listing.content_hash = reviews.content_hash"
                f" WHERE reviews.ticket_id IN {GIVEN} AND reviews.uid = ?",
                (json.dumps(list(row_ids)), uid),
            ),
        )
    )


SAMPLE = 4_000  # tickets of a filter that a queue is made of, where there are more
MARKED = 400  # marked ones that are looked at besides: they are too rare for a sample
_LARGE_PRIME = 2**31 - 1


async def candidates(
    connection: Connection, where: TicketFilter, uid: int, *, week: datetime, draw: tuple[int, int]
) -> list[Candidate]:
    """The scored tickets of a filter that a person may be asked to review, with what the rules of a queue know.

    Those that this person has reviewed on their present content before `week` began are left out. Of many tickets a
    sample is looked at; `draw`, two numbers from 1 to 2**31 - 2, says which, and a ticket that is imported later never
    pushes out more than one.
    """
    asked = (await condition(connection, where)).also(
        "listing.verdict_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM reviews WHERE reviews.ticket_id = listing.id"
        " AND reviews.content_hash = listing.content_hash AND reviews.uid = ? AND reviews.at < ?)",
        uid,
        to_micros(week),
    )
    ids: set[int] = set()
    for limited, most in ((asked, SAMPLE), (asked.also("listing.flags & ? != 0", flag_bits(DOUBTFUL)), MARKED)):
        rows = await ask(
            connection,
            f"SELECT listing.id FROM listing WHERE {limited.sql}"
            f" ORDER BY (listing.id * ? + ?) % {_LARGE_PRIME}, listing.id LIMIT ?",
            (*limited.values, *draw, most),
        )
        ids.update(row_id for (row_id,) in rows)
    given = (json.dumps(sorted(ids)),)
    said = await of(connection, sorted(ids))
    read = {row_id for row_id, reviews in said.items() if any(each.current and each.uid == uid for each in reviews)}
    apart: dict[int, list[Any]] = {}
    for row_id, *scores in await ask(
        connection,
        "SELECT listing.id, verdicts.tone, verdicts.clarity, verdicts.empathy FROM listing JOIN verdicts"
        "   ON verdicts.ticket_id = listing.id AND verdicts.content_hash = listing.content_hash"
        f" WHERE listing.id IN {GIVEN} AND verdicts.reason IS NULL",
        given,
    ):
        apart.setdefault(row_id, []).append(scores)
    return [
        Candidate(
            row_id=row_id,
            rep=str(rep_id),
            scores=Scores(*scores),
            sure=min((each for each in sure if each is not None), default=None),
            apart=_apart(apart[row_id]),
            flags=flags_of(flags),
            read=row_id in read,
        )
        for row_id, rep_id, flags, *scores_and_sure in await ask(
            connection,
            "SELECT listing.id, listing.rep_id, verdicts.flags, verdicts.tone, verdicts.clarity, verdicts.empathy,"
            "       verdicts.tone_sure, verdicts.clarity_sure, verdicts.empathy_sure"
            " FROM listing JOIN verdicts ON verdicts.id = listing.verdict_id"
            f" WHERE listing.id IN {GIVEN} AND verdicts.reason IS NULL",
            given,
        )
        for scores, sure in [(scores_and_sure[:3], scores_and_sure[3:])]
    ]


def _apart(verdicts: Sequence[Sequence[int]]) -> tuple[Dimension, int] | None:
    """Where the scores of several judges differ most, and by how much."""
    spans = [max(scores) - min(scores) for scores in zip(*verdicts, strict=True)]
    widest = max(spans)
    return (list(Dimension)[spans.index(widest)], widest) if widest else None
