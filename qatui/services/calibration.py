"""How far judges and people agree, the golden set that candidates are tried on, and the judge whose verdicts count."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime

from qatui.domain.adoption import Recommendation, Tried, recommend
from qatui.domain.agreement import Agreement, table_of, with_interval
from qatui.domain.calibration import (
    CalibrationReport,
    Chosen,
    GoldenTicket,
    Pair,
    Party,
    PartyKind,
    Scope,
)
from qatui.domain.people import Right
from qatui.domain.rubric import Dimension
from qatui.domain.verdict import JudgeIdentity
from qatui.errors import NotFoundError, UsageError
from qatui.services.changes import ChangeLog, Changing, Done
from qatui.services.people import People
from qatui.store import calibration, listing, reports
from qatui.store.engine import Database
from qatui.store.sql import Connection
from qatui.text import one_line

PEOPLE = Party(kind=PartyKind.PEOPLE, name="people")
WORST = 10  # disagreements of a report
LISTED = 1_000  # tickets at most in a list behind a figure


class Calibration:
    """Comparisons read only; pinning needs a reviewer, adopting a judge an editor. All changes can be undone."""

    def __init__(self, db: Database, people: People, clock: Callable[[], datetime]) -> None:
        self._db = db
        self._people = people
        self._changes = ChangeLog(db, people, clock)

    # Who can be compared ----------------------------------------------------------------------------------

    async def parties(self) -> tuple[Party, ...]:
        """Everybody who has scored here: judges, the newest first, then people together, then each reviewer."""
        async with self._db.read() as connection:
            return await _parties(connection)

    async def find(self, name: str) -> Party:
        """The party of this name, any case: as `parties` calls them, or a judge by its kind or model, of which the
        newest counts. NotFoundError with the names that exist."""
        parties = await self.parties()
        wanted = one_line(name).casefold()
        judges = [party for party in parties if party.judge is not None]
        for fits in (
            [party for party in parties if party.name.casefold() == wanted],
            [party for party in judges if party.judge and party.judge.judge == wanted],
            [party for party in judges if party.judge and party.judge.model.casefold() == wanted],
        ):
            if fits:
                return fits[0]
        known = ", ".join(party.name for party in parties)
        raise NotFoundError(f"Nobody called {name!r} has scored here.", hint=f"Here are {known}.")

    async def usual(self) -> Party | None:
        """The judge that is looked at where none is named: the adopted one, else who has read most; None without."""
        judges = [party for party in await self.parties() if party.judge is not None]
        return max(judges, key=lambda party: (party.adopted, party.read), default=None)

    # Comparing --------------------------------------------------------------------------------------------

    async def compare(
        self, first: Party, second: Party = PEOPLE, scope: Scope | None = None, *, worst: int = WORST
    ) -> CalibrationReport:
        """Two parties on the tickets that both have scored, one pair for each; differences are the first's less the
        second's. worst: how many of the pairs furthest apart. UsageError where both are the same."""
        scope = scope or Scope()
        if first.who == second.who:
            raise UsageError(f"{first.name} agrees with itself.", hint="Compare two different judges or reviewers.")
        async with self._db.read() as connection:
            counted = await calibration.tally(connection, first, second, scope)
            left_out = await calibration.left_out(connection, first, second, scope, counted.scores.total())
            furthest = await _pairs(connection, first, second, scope, Chosen(apart=(1, 4)), worst)
        return CalibrationReport(
            first=first,
            second=second,
            scope=scope,
            agreements=await asyncio.to_thread(_agreements, counted.scores),
            agreed=counted.agreed,
            own=counted.own,
            blind=counted.blind,
            left_out=left_out,
            worst=furthest,
        )

    async def pairs(
        self, first: Party, second: Party, scope: Scope, chosen: Chosen, *, limit: int = LISTED
    ) -> tuple[Pair, ...]:
        """The pairs behind a figure of a comparison, the furthest apart first, of equals the newest."""
        async with self._db.read() as connection:
            return await _pairs(connection, first, second, scope, chosen, limit)

    # The golden set ---------------------------------------------------------------------------------------

    async def golden(self) -> tuple[GoldenTicket, ...]:
        """The pinned tickets, the latest first."""
        async with self._db.read() as connection:
            pinned = await calibration.pinned(connection)
            ids = [row_id for row_id, _, _ in pinned]
            scores = await calibration.present_scores(connection, ids)
            rows = await reports.rows_by_id(connection, ids)
        return tuple(
            GoldenTicket(row=row, who=who, at=at, scores=scores.get(row_id))
            for row, (row_id, who, at) in zip(rows, pinned, strict=True)
        )

    async def pin(self, row_ids: Sequence[int]) -> Done:
        """Take tickets into the golden set. UsageError where none may be judged, or all are in it."""
        return await self._changes.make(Right.REVIEW, "pin", lambda changing: _pin(changing, row_ids))

    async def pin_reviewed(self) -> Done:
        """Take all tickets into the golden set whose present words a person has scored."""

        async def change(changing: Changing) -> str:
            reviewed = await calibration.reviewed(changing.connection)
            if not reviewed:
                raise UsageError("No ticket has a person's scores yet.", hint="Review some first.")
            return await _pin(changing, reviewed)

        return await self._changes.make(Right.REVIEW, "pin", change)

    async def unpin(self, row_ids: Sequence[int]) -> Done:
        """Take tickets out of the golden set. UsageError where none is in it."""

        async def change(changing: Changing) -> str:
            connection = changing.connection
            asked = set(row_ids)
            there = [row_id for row_id, _, _ in await calibration.pinned(connection) if row_id in asked]
            if not there:
                raise UsageError("That is not in the golden set.", hint="`qatui calibrate golden` lists what is.")
            words = await _called(connection, there)
            await changing.journal.note("golden", there)
            await calibration.unpin(connection, there)
            return f"took {words} out of the golden set"

        return await self._changes.make(Right.REVIEW, "unpin", change)

    # The workspace's judge --------------------------------------------------------------------------------

    async def adopted(self) -> JudgeIdentity | None:
        """The judge whose verdicts views show; None where the latest verdict counts."""
        async with self._db.read() as connection:
            return await calibration.adopted(connection)

    async def adopt(self, judge: JudgeIdentity | None) -> Done:
        """Let views show this judge's verdicts wherever it has one, else the latest; None: always the latest.

        Every list follows in the same transaction. Needs an editor. UsageError where it is so already, or where the
        judge never read here.
        """

        async def change(changing: Changing) -> str:
            connection = changing.connection
            if judge == await calibration.adopted(connection):
                raise UsageError(
                    f"{judge} is adopted already." if judge else "No judge is adopted: the latest verdict counts."
                )
            if judge is not None and judge not in {known for known, _ in await calibration.judges(connection)}:
                raise UsageError(f"{judge} has not read anything here.", hint="Let it judge some tickets first.")
            await changing.journal.note("choices", [listing.JUDGE_CHOICE])
            await calibration.adopt(connection, judge)
            await listing.show_every(connection)
            return f"adopted {judge}" if judge else "adopted no judge: the latest verdict counts"

        return await self._changes.make(Right.IMPORT, "adopt", change)

    async def advice(self, judge: JudgeIdentity) -> Recommendation:
        """Whether a judge should take the place of the adopted one, from the golden tickets that it has judged."""
        async with self._db.read() as connection:
            present = await calibration.adopted(connection)
            ids = [row_id for row_id, _, _ in await calibration.pinned(connection)]
            people = await calibration.present_scores(connection, ids)
            candidate = await calibration.present_scores(connection, ids, judge)
            others = await calibration.present_scores(connection, ids, present) if present else {}
            names = {party.judge: party.name for party in await _parties(connection)}
        tried = [
            Tried(candidate[row_id], others.get(row_id), people[row_id])
            for row_id in ids
            if row_id in candidate and row_id in people and (present is None or row_id in others)
        ]
        return await asyncio.to_thread(
            recommend, names.get(judge, str(judge)), names.get(present, str(present)) if present else None, tried
        )

    async def advice_in_words(self, judge: JudgeIdentity) -> str:
        """`advice` in a line, as it is said after a run that read pinned tickets."""
        if judge == await self.adopted():
            return f"{judge} is the adopted judge."
        found = await self.advice(judge)
        return f"Advice: {found.advice}. {found.reason}"

    async def why_not_adopt(self) -> str | None:
        """Why the one asking may not choose the judge; None if they may."""
        return await self._people.why_not(Right.IMPORT)


async def _pin(changing: Changing, row_ids: Sequence[int]) -> str:
    connection = changing.connection
    able = await calibration.judgeable(connection, row_ids)
    if not able:
        raise UsageError(
            "A ticket that no judge may read cannot be pinned.",
            hint="Golden tickets are closed, with a customer's question and a rep's reply.",
        )
    there = {row_id for row_id, _, _ in await calibration.pinned(connection)}
    new = [row_id for row_id in able if row_id not in there]
    if not new:
        raise UsageError(
            f"{await _called(connection, able)} {'are' if len(able) > 1 else 'is'} pinned already.",
            hint="`unpin` takes tickets out.",
        )
    words = await _called(connection, new)
    await changing.journal.note("golden", new)
    await calibration.pin(connection, new, changing.by.name, changing.now)
    return f"pinned {words} to the golden set"


async def _parties(connection: Connection) -> tuple[Party, ...]:
    known = await calibration.judges(connection)
    present = await calibration.adopted(connection)
    people = await calibration.reviewers(connection)
    same = Counter(str(judge) for judge, _ in known)
    judges = [
        Party(
            kind=PartyKind.JUDGE,
            # the same judge and model under another rubric or prompt is another judge
            name=str(judge) if same[str(judge)] == 1 else f"{judge} · {judge.rubric}",
            judge=judge,
            read=read,
            adopted=judge == present,
        )
        for judge, read in known
    ]
    everybody = Party(kind=PartyKind.PEOPLE, name=PEOPLE.name, read=sum(number for _, _, number in people))
    taken = {party.name.casefold() for party in [*judges, everybody]}
    reviewers = []
    for uid, who, read in people:
        name = f"{who} ({uid})" if who.casefold() in taken else who
        taken.add(name.casefold())
        reviewers.append(Party(kind=PartyKind.PERSON, name=name, uid=uid, read=read))
    return (*judges, everybody, *reviewers)


async def _pairs(
    connection: Connection, first: Party, second: Party, scope: Scope, chosen: Chosen, limit: int
) -> tuple[Pair, ...]:
    found = await calibration.pairs(connection, first, second, scope, chosen, limit)
    rows = await reports.rows_by_id(connection, [pair.row_id for pair in found])
    return tuple(
        Pair(
            row=row,
            first=pair.first,
            second=pair.second,
            who=pair.who,
            at=pair.at,
            agreed=pair.agreed,
            blind=pair.blind and bool(pair.who),
        )
        for row, pair in zip(rows, found, strict=True)
    )


def _agreements(scores: Counter[calibration.Six]) -> dict[Dimension, Agreement]:
    found = {}
    for place, dimension in enumerate(Dimension):
        counts: Counter[tuple[int, int]] = Counter()
        for six, number in scores.items():
            counts[six[place], six[place + 3]] += number
        found[dimension] = with_interval(Agreement(table_of(counts)))
    return found


async def _called(connection: Connection, row_ids: Sequence[int]) -> str:
    """A ticket by its key, several by their number."""
    if len(row_ids) > 1:
        return f"{len(row_ids):,} tickets"
    [row] = await reports.rows_by_id(connection, row_ids)
    return one_line(row.key)
