"""What people say of scores: they agree, give their own, or dispute; the judge's scores stay beside theirs.

Every change needs a reviewer (and a seat, where these are limited), is in the log, and can be undone and done again.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from qatui.config import Settings
from qatui.domain.listing import ReviewedTicket, TicketRow
from qatui.domain.people import Right
from qatui.domain.review import Review, Scores, Stand
from qatui.domain.review_queue import BLIND_WHY, Proposal, Quota, propose
from qatui.domain.rubric import Dimension
from qatui.domain.verdict import Unscored
from qatui.domain.weeks import Week
from qatui.errors import UsageError
from qatui.services.changes import ChangeLog, Changing, Done
from qatui.services.people import People
from qatui.store import reports, reviews
from qatui.store.engine import Database
from qatui.store.listing import JUDGED
from qatui.store.reviews import Standing
from qatui.text import one_line, storable

COMMENT_LENGTH = 5_000


class Reviews:
    """Human review of one workspace."""

    def __init__(self, db: Database, settings: Settings, people: People, clock: Callable[[], datetime]) -> None:
        self._db = db
        self._settings = settings
        self._people = people
        self._clock = clock
        self._log = ChangeLog(db, people, clock)

    # Reading --------------------------------------------------------------------------------------------------

    async def of(self, row_id: int) -> tuple[Review, ...]:
        """The reviews of a ticket, newest first; also those of what it said before (`current` is false)."""
        async with self._db.read() as connection:
            return tuple((await reviews.of(connection, [row_id])).get(row_id, ()))

    async def made(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        who: str | None = None,
        limit: int | None = None,
    ) -> tuple[ReviewedTicket, ...]:
        """Reviews given in a time, since <= at < until, by the account `who` or by all, newest first."""
        async with self._db.read() as connection:
            found = await reviews.made(
                connection, since=since, until=until, who=who, limit=-1 if limit is None else limit
            )
            rows = await reports.rows_by_id(connection, [review.row_id for review, _ in found])
        return tuple(
            ReviewedTicket(row=row, review=review, judged=judged)
            for row, (review, judged) in zip(rows, found, strict=True)
        )

    async def queue(self, quota: Quota | None = None) -> tuple[Proposal, ...]:
        """What the one asking should read this week, as far as they have not: the same whenever it is asked for.

        Only scored tickets, and none that they have reviewed on its present words.
        """
        quota = quota or Quota()
        week = Week.of(self._clock(), self._settings.zone)
        me = await self._people.me()
        seed = quota.seed or f"{week.monday} {me.uid}"
        draw = random.Random(seed)
        async with self._db.read() as connection:
            found = await reviews.candidates(
                connection,
                replace(quota.where, scored=True),
                me.uid,
                week=week.start(self._settings.zone),
                draw=(draw.randint(1, 2**31 - 2), draw.randint(1, 2**31 - 2)),
            )
            picks = propose(found, quota, seed)
            rows = await reports.rows_by_id(connection, [pick.row_id for pick in picks])
        if quota.blind:
            return tuple(Proposal(row=_blinded(row), why=BLIND_WHY, kind=None) for row in rows)
        return tuple(Proposal(row=row, why=pick.why, kind=pick.kind) for row, pick in zip(rows, picks, strict=True))

    async def why_not(self) -> str | None:
        """Why the one asking may not review, and who could; None if they may."""
        return await self._people.why_not(Right.REVIEW)

    # Changing -------------------------------------------------------------------------------------------------

    async def agree(self, row_ids: Sequence[int]) -> Done:
        """Say that the judge's scores are one's own too, of one ticket or of several at once.

        UsageError, and nothing done, where one has no scores of a judge, or shows other scores of somebody else:
        there it would not be clear with whose one agrees. What one has agreed with already stays as it is.
        """

        async def work(at: Changing) -> str:
            beside = dict(zip(row_ids, await reviews.standing(at.connection, row_ids, at.by.uid), strict=True))
            given = {}
            for row_id, one in beside.items():
                scores = _judged(one, "agree with")
                if one.shown is not None and one.shown.uid != at.by.uid and one.shown.scores != scores:
                    raise UsageError(
                        f"{one.shown.who} has given {one_line(one.name)} other scores than the judge.",
                        hint="Give your own scores.",
                    )
                if one.own is None or (one.own.stand, one.own.scores) != (Stand.AGREED, scores):
                    given[row_id] = (one, Stand.AGREED, scores)
            if not given:
                raise UsageError("You agree with these scores already." if beside else "No ticket was named.")
            await reviews.put(at.connection, at.journal, at.by, at.now, given)
            return f"agreed with the scores of {_called([one for one, _, _ in given.values()])}"

        return await self._log.make(Right.REVIEW, "agree", work)

    async def score(self, row_id: int, scores: Scores, comment: str = "", *, blind: bool = False) -> Done:
        """Give a ticket one's own scores; also one that no judge could score. blind: the judge's were hidden."""
        comment = _comment(comment)

        async def work(at: Changing) -> str:
            [beside] = await reviews.standing(at.connection, [row_id], at.by.uid)
            _may_be_scored(beside.unscored)
            own = beside.own
            if own and (own.stand, own.scores, own.comment) == (Stand.SCORED, scores, comment):
                raise UsageError("You gave these scores already.", hint="Change them, or leave them.")
            given = {row_id: (beside, Stand.SCORED, scores)}
            await reviews.put(at.connection, at.journal, at.by, at.now, given, comment=comment, blind=blind)
            three = ", ".join(f"{dimension} {scores.of(dimension)}" for dimension in Dimension)
            return f"scored {_called([beside])}{' blind' if blind else ''}: {three}"

        return await self._log.make(Right.REVIEW, "score", work)

    async def dispute(self, row_id: int, comment: str) -> Done:
        """Say that the judge's scores are wrong, and why, without giving others."""
        comment = _comment(comment)
        if not comment:
            raise UsageError("A dispute needs a reason.", hint="Say what is wrong with the scores.")

        async def work(at: Changing) -> str:
            [beside] = await reviews.standing(at.connection, [row_id], at.by.uid)
            _judged(beside, "dispute")
            if beside.own and (beside.own.stand, beside.own.comment) == (Stand.DISPUTED, comment):
                raise UsageError("You dispute these scores already.", hint="Change the reason, or leave it.")
            given = {row_id: (beside, Stand.DISPUTED, None)}
            await reviews.put(at.connection, at.journal, at.by, at.now, given, comment=comment)
            return f"disputed the scores of {_called([beside])}"

        return await self._log.make(Right.REVIEW, "dispute", work)

    async def withdraw(self, row_ids: Sequence[int]) -> Done:
        """Take one's own reviews of tickets back; UsageError where there is none on what they say now."""

        async def work(at: Changing) -> str:
            beside = await reviews.standing(at.connection, row_ids, at.by.uid)
            own = [one for one in beside if one.own is not None]
            if not own:
                raise UsageError(
                    f"You have not reviewed {_called(beside)}." if beside else "No ticket was named.",
                    hint="Only one's own review can be withdrawn.",
                )
            await reviews.withdraw(at.connection, at.journal, at.by, row_ids)
            return f"withdrew the review of {_called(own)}"

        return await self._log.make(Right.REVIEW, "withdraw", work)


def _blinded(row: TicketRow) -> TicketRow:
    """The same row without anything that a judge or a person said of it."""
    return replace(row, tone=None, clarity=None, empathy=None, unscored=None, flags=frozenset(), judge=None)


def _judged(beside: Standing, what: str) -> Scores:
    """The judge's scores; UsageError where there are none."""
    _may_be_scored(beside.unscored)
    if beside.judged is None:
        raise UsageError(
            f"There are no scores of a judge to {what} in {one_line(beside.name)}.", hint="Give your own scores."
        )
    return beside.judged


def _may_be_scored(unscored: Unscored | None) -> None:
    """UsageError where a ticket takes no scores, whoever gives them."""
    if unscored is not None and unscored.reason not in JUDGED:
        raise UsageError(f"The ticket cannot be scored. {unscored.reason.sentence}")


def _called(tickets: Sequence[Standing]) -> str:
    return one_line(tickets[0].name) if len(tickets) == 1 else f"{len(tickets):,} tickets"


def _comment(text: str) -> str:
    """What a person wrote, fit to be stored."""
    kept = storable(text).strip()
    if len(kept) > COMMENT_LENGTH:
        raise UsageError(f"The comment has {len(kept):,} characters.", hint=f"At most {COMMENT_LENGTH:,} are possible.")
    return kept
