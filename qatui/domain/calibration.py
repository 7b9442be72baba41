"""Calibration: who is compared with whom, on which tickets, what comes of it, and what takes no part."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from qatui.domain.agreement import Agreement
from qatui.domain.listing import Range, TicketFilter, TicketRow
from qatui.domain.review import Scores
from qatui.domain.rubric import Dimension
from qatui.domain.verdict import JudgeIdentity


class PartyKind(StrEnum):
    """Whose scores they are."""

    JUDGE = "judge"
    PEOPLE = "people"  # of each ticket the newest review with scores, whoever gave it
    PERSON = "person"  # one reviewer's


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """One side of a comparison.

    name: what it is called and asked for by, unlike any other here; judge: of a JUDGE; uid: of a PERSON; read:
    conversations judged, or reviews given; adopted: the judge whose verdicts views show.
    """

    kind: PartyKind
    name: str
    judge: JudgeIdentity | None = None
    uid: int | None = None
    read: int = 0
    adopted: bool = False

    @property
    def who(self) -> tuple[PartyKind, JudgeIdentity | None, int | None]:
        """Equal for the same party, however much it has read meanwhile."""
        return self.kind, self.judge, self.uid

    @property
    def human(self) -> bool:
        return self.kind is not PartyKind.JUDGE


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Which tickets are compared. blind: only reviews given while the judge's scores were hidden; golden: only pinned
    tickets."""

    where: TicketFilter = field(default_factory=TicketFilter)
    blind: bool = False
    golden: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Some of the pairs of a comparison, by one dimension's scores.

    dimension: None looks at all three, of which the largest difference counts. cell: exactly these scores (first,
    second); apart: how far the two may differ, both ends included.
    """

    dimension: Dimension | None = None
    cell: tuple[int, int] | None = None
    apart: Range | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One ticket with both parties' scores.

    row: as lists show it now; who: the reviewer, or "" where no person is part of it; at: of the newer of both
    scores; agreed: the person agreed with the judge's scores, seeing them; blind: they could not see them.
    """

    row: TicketRow
    first: Scores
    second: Scores
    who: str
    at: datetime
    agreed: bool = False
    blind: bool = False

    def apart(self, dimension: Dimension) -> int:
        """The first party's score less the second's."""
        return self.first.of(dimension) - self.second.of(dimension)

    @property
    def furthest(self) -> int:
        """The largest difference of the three, without its sign."""
        return max(abs(self.apart(dimension)) for dimension in Dimension)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """What takes no part in a comparison with people.

    disputes: reviews without scores; seen: reviews given with the judge's scores in sight, where only blind ones
    count; older: reviews of a ticket of which a newer one counts; unread: tickets reviewed on words that the other
    party has not scored. Together with the pairs they are all reviews in the scope.
    """

    disputes: int = 0
    seen: int = 0
    older: int = 0
    unread: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationReport:
    """Two parties compared, one pair for each ticket that both have scored on the same words.

    agreements: by dimension; agreed, own, blind: of the pairs, those in which the person agreed with the scores that
    stood there, gave their own seeing the judge's, and gave them blind; all 0 between judges. left_out: of people's
    reviews. worst: the pairs furthest apart, of equals the newest first.
    """

    first: Party
    second: Party
    scope: Scope
    agreements: dict[Dimension, Agreement]
    agreed: int = 0
    own: int = 0
    blind: int = 0
    left_out: LeftOut = LeftOut()
    worst: tuple[Pair, ...] = ()

    @property
    def pairs(self) -> int:
        """Tickets that both have scored."""
        return self.agreements[Dimension.TONE].pairs

    @property
    def human(self) -> bool:
        """Whether a person is part of it."""
        return self.first.human or self.second.human


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldenTicket:
    """A pinned ticket: who pinned it when, and the scores that people gave its present words, if any."""

    row: TicketRow
    who: str
    at: datetime
    scores: Scores | None
