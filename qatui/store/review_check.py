"""Looks for scores in lists that are not those of the review or judgement that counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qatui.domain.review import Stand
from qatui.domain.verdict import Flag
from qatui.store.layout import FLAG_BITS
from qatui.store.listing import ELIGIBLE, OF_CHOICE
from qatui.store.sql import ask

if TYPE_CHECKING:
    from qatui.store.sql import Connection

SHOWN = 20  # problems of one kind that are told one by one

_PRESENT = "reviews.ticket_id = listing.id AND reviews.content_hash = listing.content_hash"
_LATEST = "ORDER BY reviews.at DESC, reviews.id DESC LIMIT 1"
_SUSPECTS = {
    "The list shows ticket {} with scores that its judgement did not give.": (
        "SELECT listing.id FROM listing LEFT JOIN verdicts ON verdicts.id = listing.verdict_id"
        " WHERE listing.reason IS NULL AND listing.review_id IS NULL AND (verdicts.ticket_id IS NOT listing.id"
        "  OR verdicts.content_hash IS NOT listing.content_hash OR verdicts.tone IS NOT listing.tone"
        "  OR verdicts.clarity IS NOT listing.clarity OR verdicts.empathy IS NOT listing.empathy)"
    ),
    "The list shows ticket {} with scores that its review did not give.": (
        "SELECT listing.id FROM listing LEFT JOIN reviews ON reviews.id = listing.review_id"
        " WHERE listing.review_id IS NOT NULL AND (listing.reason IS NOT NULL OR reviews.ticket_id IS NOT listing.id"
        "  OR reviews.content_hash IS NOT listing.content_hash OR reviews.tone IS NOT listing.tone"
        "  OR reviews.clarity IS NOT listing.clarity OR reviews.empathy IS NOT listing.empathy)"
    ),
    "The list does not show the review of ticket {} that counts.": (
        f"SELECT listing.id FROM listing WHERE {ELIGIBLE} AND listing.review_id IS NOT"
        f" (SELECT reviews.id FROM reviews WHERE {_PRESENT} AND reviews.tone IS NOT NULL {_LATEST})"
    ),
    "The list shows a judgement of ticket {} that is not by the judge it names.": (
        "SELECT listing.id FROM listing LEFT JOIN verdicts ON verdicts.id = listing.verdict_id"
        " WHERE listing.judge_id IS NOT verdicts.judge_id"
    ),
    "The list shows a judgement of ticket {} that is not by the workspace's judge.": (
        "SELECT listing.id FROM verdicts JOIN listing ON listing.id = verdicts.ticket_id"
        f" WHERE verdicts.judge_id = ({OF_CHOICE}) AND verdicts.content_hash = listing.content_hash"
        f" AND verdicts.reason IS NULL AND {ELIGIBLE} AND listing.verdict_id IS NOT verdicts.id"
    ),
    "The marks of ticket {} do not say what people said of it.": (
        f"SELECT listing.id FROM listing WHERE (listing.flags & {FLAG_BITS[Flag.REVIEWED]} != 0)"
        "  != (listing.review_id IS NOT NULL)"
        f" OR (listing.flags & {FLAG_BITS[Flag.DISPUTED]} != 0) != ({ELIGIBLE} AND"
        f"  coalesce((SELECT reviews.stand FROM reviews WHERE {_PRESENT} {_LATEST}), '') = '{Stand.DISPUTED}')"
    ),
    "Review {} has scores outside 1 to 5, some scores only, or none where it takes a stand that has some.": (
        "SELECT id FROM reviews WHERE (tone IS NULL) != (clarity IS NULL) OR (tone IS NULL) != (empathy IS NULL)"
        " OR tone NOT BETWEEN 1 AND 5 OR clarity NOT BETWEEN 1 AND 5 OR empathy NOT BETWEEN 1 AND 5"
        f" OR (tone IS NULL) != (stand = '{Stand.DISPUTED}')"
        f" OR stand NOT IN ({', '.join(repr(stand.value) for stand in Stand)})"
    ),
    "Review {} is of a ticket that is not there.": (
        "SELECT id FROM reviews WHERE ticket_id NOT IN (SELECT id FROM tickets)"
    ),
}


async def problems(connection: Connection) -> list[str]:
    """What is wrong, one sentence each; empty when all fits."""
    return [
        sentence.format(row_id)
        for sentence, query in _SUSPECTS.items()
        for (row_id,) in await ask(connection, f"{query} LIMIT {SHOWN}")
    ]
