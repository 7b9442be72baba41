"""Quality metrics of reps and teams: means, the overall score and its interval."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from qatui.domain.rubric import Dimension

if TYPE_CHECKING:  # settings need the mapping alone, before anything is judged
    from qatui.domain.verdict import JudgeIdentity

FEW = 5  # fewer scored tickets are too few to judge
TREND_WEEKS = 12  # weeks of a trend


class Mapping(StrEnum):
    """How a mean of the three scores becomes a percentage."""

    OF_FIVE = "of-five"  # mean / 5: a 1 is 20 %, a 5 is 100 %
    FROM_ONE = "from-one"  # (mean - 1) / 4: a 1 is 0 %, a 5 is 100 %

    def percent(self, mean: float) -> float:
        """A mean score 1..5 as a percentage 0..100."""
        return mean / 5 * 100 if self is Mapping.OF_FIVE else (mean - 1) / 4 * 100

    @property
    def formula(self) -> str:
        return "mean of the three scores ÷ 5" if self is Mapping.OF_FIVE else "(mean of the three scores − 1) ÷ 4"


def t_quantile_975(df: int) -> float:
    """The 97.5 % quantile of Student's t with `df` >= 1 degrees of freedom.

    Exact for 1 and 2; from 3 on the expansion of Abramowitz & Stegun 26.7.5, within 0.5 %.
    """
    if df == 1:
        return 12.7062
    if df == 2:
        return 4.30265
    z = 1.959963984540054
    terms: tuple[float, ...] = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + sum(term / float(df) ** power for power, term in enumerate(terms, start=1))


@dataclass(frozen=True, slots=True)
class Tally:
    """Sums over scored tickets, from which every mean is computed unrounded; tallies add up.

    tickets: count; tone, clarity, empathy: sums of scores; squares: sum of (tone + clarity + empathy) squared.
    """

    tickets: int = 0
    tone: int = 0
    clarity: int = 0
    empathy: int = 0
    squares: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.tickets + other.tickets,
            self.tone + other.tone,
            self.clarity + other.clarity,
            self.empathy + other.empathy,
            self.squares + other.squares,
        )

    @classmethod
    def of(cls, tone: int, clarity: int, empathy: int) -> Tally:
        """The tally of one ticket."""
        return cls(1, tone, clarity, empathy, (tone + clarity + empathy) ** 2)

    @property
    def few(self) -> bool:
        return self.tickets < FEW

    def mean(self, dimension: Dimension) -> float | None:
        """Mean score 1..5 of one dimension; every ticket weighs the same; None without tickets."""
        return getattr(self, dimension.value) / self.tickets if self.tickets else None

    @property
    def mean_of_three(self) -> float | None:
        return (self.tone + self.clarity + self.empathy) / (3 * self.tickets) if self.tickets else None

    def overall_percent(self, mapping: Mapping = Mapping.OF_FIVE) -> float | None:
        """The overall communication score, 0..100 (METRICS, 'Overall communication score')."""
        mean = self.mean_of_three
        return None if mean is None else mapping.percent(mean)

    def interval_percent(self, mapping: Mapping = Mapping.OF_FIVE) -> tuple[float, float] | None:
        """95 % interval of the overall score by Student's t, within what scores can reach; None below 2 tickets."""
        mean = self.mean_of_three
        if mean is None or self.tickets < 2:
            return None
        total = self.tone + self.clarity + self.empathy
        variance = max(0.0, (self.squares - total * total / self.tickets) / (self.tickets - 1)) / 9
        half = t_quantile_975(self.tickets - 1) * math.sqrt(variance / self.tickets)
        return mapping.percent(max(1.0, mean - half)), mapping.percent(min(5.0, mean + half))


@dataclass(frozen=True, slots=True, kw_only=True)
class RepSummary:
    """One rep's row: `rep` is None where the source names nobody; `key` is `source/id` of the rep.

    weekly: (ISO week's Monday as YYYY-MM-DD, tally of that week), oldest first, weeks without a ticket left out; of
    the TREND_WEEKS weeks up to the latest close of any rep in the report.
    """

    rep: str
    key: str | None
    team: str
    tally: Tally
    weekly: tuple[tuple[str, Tally], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamSummary:
    """One team's row: its tally is the sum of its reps' tallies, never a mean of means."""

    team: str
    reps: tuple[RepSummary, ...]

    @property
    def tally(self) -> Tally:
        return sum((rep.tally for rep in self.reps), Tally())

    @property
    def weekly(self) -> tuple[tuple[str, Tally], ...]:
        weeks: dict[str, Tally] = {}
        for rep in self.reps:
            for week, tally in rep.weekly:
                weeks[week] = weeks.get(week, Tally()) + tally
        return tuple(sorted(weeks.items()))


@dataclass(frozen=True, slots=True, kw_only=True)
class RepsReport:
    """What the Reps screen and `report reps` show."""

    teams: tuple[TeamSummary, ...]
    unscored: dict[str, int]  # reason -> tickets, in the same period and filters
    mapping: Mapping = Mapping.OF_FIVE

    @property
    def tally(self) -> Tally:
        return sum((team.tally for team in self.teams), Tally())


def weakest(teams: Sequence[TeamSummary]) -> tuple[Dimension, TeamSummary] | None:
    """The lowest mean of any dimension in any team with enough tickets: the one sentence that matters on Reps."""
    candidates = [
        (team.tally.mean(dimension) or 0.0, dimension, team)
        for team in teams
        if not team.tally.few
        for dimension in Dimension
    ]
    if not candidates:
        return None
    _, dimension, team = min(candidates, key=lambda candidate: candidate[0])
    return dimension, team


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredBy:
    """Who gave the scores that figures are made of: (judge, scored tickets), most first, and apart from them people.

    Together they are all scored tickets: one whose scores a person gave is no judge's. Scores of different judges are
    never averaged silently.
    """

    judges: tuple[tuple[JudgeIdentity, int], ...]
    reviewed: int = 0

    @property
    def mixed(self) -> bool:
        """Whether more than one judge gave them."""
        return len(self.judges) > 1
