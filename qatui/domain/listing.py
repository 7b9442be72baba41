"""Lists of tickets: what a list asks for (filter, order) and the rows it gets."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from qatui.domain.conversation import Ticket
from qatui.domain.rubric import Dimension
from qatui.domain.verdict import Flag, Judgement, Unscored

if TYPE_CHECKING:  # lists of tickets need no reviews
    from qatui.domain.review import Review, Scores

Range = tuple[int, int]  # both ends included


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketFilter:
    """Which tickets; every condition that is set must hold.

    text: words that all occur (as prefixes, any case) in the ticket's name, id or customer; rep: a rep's name (any
    case) or key `source/id`, or UNKNOWN_REP or NO_REP, or the beginning of one of these names alone; team: a name or
    NO_TEAM; since/until: close date, UTC, since <= t < until; scored: True only scored, False only unscored, None
    both; reason: only tickets unscored for this reason; judge: the judgement shown, or beside a person's scores, is by
    a judge of this name or model, or by `judge · model`, any case.
    """

    text: str = ""
    rep: str | None = None
    team: str | None = None
    channel: str | None = None
    source: str | None = None
    tone: Range | None = None
    clarity: Range | None = None
    empathy: Range | None = None
    since: datetime | None = None
    until: datetime | None = None
    flags: frozenset[Flag] = frozenset()
    scored: bool | None = None
    reason: str | None = None
    judge: str | None = None


class SortColumn(StrEnum):
    """What a list of tickets can be ordered by."""

    CLOSED = "closed"
    NAME = "name"
    REP = "rep"
    TEAM = "team"
    CHANNEL = "channel"
    TONE = "tone"
    CLARITY = "clarity"
    EMPATHY = "empathy"
    OVERALL = "overall"


@dataclass(frozen=True, slots=True)
class Sort:
    """An order; ties are broken by the row's id in the same direction; rows without a value come last."""

    column: SortColumn = SortColumn.CLOSED
    descending: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketRow:
    """One ticket in a list. `row_id` names it inside this database; `rep` and `team` are never empty.

    The scores are a person's where Flag.REVIEWED says so. judge: who gave the judgement shown or beside them, as
    `judge · model`; None without one.
    """

    row_id: int
    source: str
    id: str
    name: str
    rep: str
    rep_key: str | None
    team: str
    channel: str | None
    closed_at: datetime | None
    tone: int | None = None
    clarity: int | None = None
    empathy: int | None = None
    unscored: Unscored | None = None
    flags: frozenset[Flag] = field(default_factory=frozenset)
    judge: str | None = None

    @property
    def key(self) -> str:
        return f"{self.source}/{self.id}"

    def value(self, dimension: Dimension) -> int | None:
        score: int | None = getattr(self, dimension.value)
        return score


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketCounts:
    """How many tickets a filter leaves, and why those without a score have none."""

    total: int
    unscored: dict[str, int]  # reason -> tickets

    @property
    def scored(self) -> int:
        return self.total - sum(self.unscored.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketView:
    """One ticket as it is read: its row, its facts and what the views use of its judgements.

    judgement: always a judge's; reviews: newest first, also of what the ticket said before.
    """

    row: TicketRow
    ticket: Ticket
    judgement: Judgement | None
    reviews: tuple[Review, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewedTicket:
    """A review in a list of them: with its ticket as lists show it now, and the judge's scores that stood beside it.

    judged: None where no judge had given scores.
    """

    row: TicketRow
    review: Review
    judged: Scores | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RepChoice:
    """A rep one can filter by."""

    name: str
    key: str
    team: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """The values that occur in the workspace, sorted, for filters and completions."""

    reps: tuple[RepChoice, ...]
    teams: tuple[str, ...]
    channels: tuple[str, ...]
    sources: tuple[str, ...]
    reasons: tuple[str, ...]
    judges: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupDetail:
    """What stands behind a rep's or team's row.

    distributions: tickets per score 1..5 of each dimension; lowered_by: (dimension, words of the cue, tickets),
    most frequent first; exemplary and difficult: the best and worst tickets, newest first among equals.
    """

    distributions: dict[Dimension, tuple[int, int, int, int, int]]
    lowered_by: tuple[tuple[Dimension, str, int], ...]
    exemplary: tuple[TicketRow, ...]
    difficult: tuple[TicketRow, ...]
