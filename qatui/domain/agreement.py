"""How far two parties give the same scores: counts, quadratically weighted kappa, and how sure that figure is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qatui.domain.rubric import SCORES

if TYPE_CHECKING:  # imported late at run time: nothing before the first interval needs it
    import numpy as np
    from numpy.typing import NDArray

    Counts = NDArray[np.int64]
    Floats = NDArray[np.float64]

FEW_PAIRS = 30
"""Fewer pairs are too few to trust a kappa: its interval is then wider than any difference one would act on."""

RESAMPLES = 2_000
SEED = 20_260_301  # any number; a fixed one gives the same interval for the same counts
LEVELS = len(SCORES)
ENDS = (2.5, 97.5)  # percentiles of a 95 % interval

Table = tuple[tuple[int, ...], ...]
"""Tickets by both scores: `table[first - 1][second - 1]`."""

Interval = tuple[float, float]


def table_of(pairs: Iterable[tuple[int, int]] | Mapping[tuple[int, int], int]) -> Table:
    """The counts of pairs (first party's score, second party's score), each 1..5; a mapping gives how many of each."""
    counts = [[0] * LEVELS for _ in SCORES]
    counted = pairs.items() if isinstance(pairs, Mapping) else ((pair, 1) for pair in pairs)
    for (first, second), number in counted:
        counts[first - 1][second - 1] += number
    return tuple(map(tuple, counts))


@dataclass(frozen=True, slots=True)
class Agreement:
    """Two parties' scores of the same tickets in one dimension.

    interval: of kappa, 95 %; None where there is no kappa, or where more than half of the resamples have none.
    """

    table: Table
    interval: Interval | None = None

    def apart(self, distance: int) -> int:
        """Tickets whose two scores differ by so much, upwards or downwards."""
        return sum(
            number
            for first, row in enumerate(self.table)
            for second, number in enumerate(row)
            if abs(first - second) == distance
        )

    @property
    def pairs(self) -> int:
        """Tickets that both have scored."""
        return sum(map(sum, self.table))

    @property
    def few(self) -> bool:
        return self.pairs < FEW_PAIRS

    @property
    def exact(self) -> int:
        """Tickets with twice the same score."""
        return self.apart(0)

    @property
    def within_one(self) -> int:
        """Tickets whose scores differ by one at most."""
        return self.apart(0) + self.apart(1)

    def share(self, tickets: int) -> float | None:
        """Tickets as a share 0..1 of all pairs; None without any."""
        return tickets / self.pairs if self.pairs else None

    @property
    def firsts(self) -> tuple[int, ...]:
        """Tickets by the first party's score, 1 to 5."""
        return tuple(map(sum, self.table))

    @property
    def seconds(self) -> tuple[int, ...]:
        """Tickets by the second party's score, 1 to 5."""
        return tuple(map(sum, zip(*self.table, strict=True)))

    @property
    def sums(self) -> tuple[int, int]:
        """The sum of the first party's scores, and of the second's."""
        return (
            sum(score * number for score, number in zip(SCORES, self.firsts, strict=True)),
            sum(score * number for score, number in zip(SCORES, self.seconds, strict=True)),
        )

    @property
    def mean_difference(self) -> float | None:
        """The first party's mean less the second's: above 0 where the first is more generous."""
        first, second = self.sums
        return (first - second) / self.pairs if self.pairs else None

    @property
    def squares(self) -> int:
        """The sum of the squared differences: how far apart the two are."""
        return sum(self.apart(distance) * distance * distance for distance in range(1, LEVELS))

    @property
    def squares_by_chance(self) -> float:
        """What the sum of the squared differences would be if each gave as many of every score, but at random."""
        if not self.pairs:
            return 0.0
        return (
            sum(
                one * other * (first - second) ** 2
                for first, one in enumerate(self.firsts)
                for second, other in enumerate(self.seconds)
            )
            / self.pairs
        )

    @property
    def constant(self) -> tuple[int | None, int | None]:
        """The one score that the first, and the second, gives every ticket; None where there are several or none."""
        return _only(self.firsts), _only(self.seconds)

    @property
    def kappa(self) -> float | None:
        """Quadratically weighted kappa (Cohen 1968): 1 − squares ÷ squares by chance.

        1 is full agreement, 0 what chance gives, below 0 less than that. None without pairs, and where a party gives
        every ticket the same score: nothing that it does could agree more or less than chance.
        """
        if not self.pairs or self.constant != (None, None):
            return None
        return 1 - self.squares / self.squares_by_chance

    def no_kappa(self, first: str, second: str) -> str:
        """Why there is no kappa, in a sentence that calls the parties by these names; empty where there is one."""
        if not self.pairs:
            return "Without tickets that both have scored there is no kappa."
        one, other = self.constant
        if one is None and other is None:
            return ""
        if one is not None and one == other:
            who = f"{first} and {second} give every ticket a {one}"
        else:
            who = f"{first} gives every ticket a {one}" if one is not None else f"{second} gives every ticket a {other}"
        return f"There is no kappa: {who}, so that agreement cannot be told from chance."


def _only(numbers: tuple[int, ...]) -> int | None:
    given = [score for score, number in zip(SCORES, numbers, strict=True) if number]
    return given[0] if len(given) == 1 else None


def with_interval(agreement: Agreement, *, seed: int = SEED, resamples: int = RESAMPLES) -> Agreement:
    """The same with the percentile bootstrap interval of its kappa.

    As many tickets as there are pairs are drawn from them with replacement, `resamples` times; the interval holds the
    middle 95 % of the kappas. Draws without a kappa (one score throughout) are left out. The same table and seed
    give the same interval.
    """
    if agreement.kappa is None:
        return agreement
    import numpy as np

    counts = np.asarray(agreement.table, dtype=np.int64).ravel()
    drawn = _drawn(counts, seed, resamples)
    return Agreement(agreement.table, _middle(_kappas(drawn.reshape(-1, LEVELS, LEVELS))))


def agreement(pairs: Iterable[tuple[int, int]] | Mapping[tuple[int, int], int], *, seed: int = SEED) -> Agreement:
    """The agreement of pairs (first party's score, second party's score), with its interval."""
    return with_interval(Agreement(table_of(pairs)), seed=seed)


@dataclass(frozen=True, slots=True)
class Difference:
    """How much more one judge agrees with people than another, on the same tickets: kappa less kappa.

    interval: of the difference, 95 %; None where either judge has no kappa.
    """

    candidate: Agreement
    present: Agreement
    interval: Interval | None

    @property
    def kappa(self) -> float | None:
        """The candidate's kappa less the present judge's."""
        one, other = self.candidate.kappa, self.present.kappa
        return None if one is None or other is None else one - other

    @property
    def worse(self) -> bool:
        """Whether the candidate clearly agrees less: the whole interval is below 0."""
        return self.interval is not None and self.interval[1] < 0

    @property
    def better(self) -> bool:
        """Whether the candidate clearly agrees more: the whole interval is above 0."""
        return self.interval is not None and self.interval[0] > 0


def difference(
    triples: Mapping[tuple[int, int, int], int], *, seed: int = SEED, resamples: int = RESAMPLES
) -> Difference:
    """Two judges' agreement with people compared, from tickets by (candidate, present judge, people).

    The bootstrap draws whole tickets, with all three scores: what makes a ticket hard is hard for both judges, and
    draws that kept them apart would call a difference uncertain that is not.
    """
    ones: dict[tuple[int, int], int] = {}
    others: dict[tuple[int, int], int] = {}
    for (one, other, person), number in triples.items():
        ones[one, person] = ones.get((one, person), 0) + number
        others[other, person] = others.get((other, person), 0) + number
    candidate = with_interval(Agreement(table_of(ones)), seed=seed, resamples=resamples)
    present = with_interval(Agreement(table_of(others)), seed=seed, resamples=resamples)
    if candidate.kappa is None or present.kappa is None:
        return Difference(candidate, present, None)
    import numpy as np

    counts = np.zeros((LEVELS, LEVELS, LEVELS), dtype=np.int64)
    for (one, other, person), number in triples.items():
        counts[one - 1, other - 1, person - 1] += number
    drawn = _drawn(counts.ravel(), seed, resamples).reshape(-1, LEVELS, LEVELS, LEVELS)
    return Difference(candidate, present, _middle(_kappas(drawn.sum(axis=2)) - _kappas(drawn.sum(axis=1))))


def _drawn(counts: Counts, seed: int, resamples: int) -> Counts:
    """Resamples of the counts, (resamples, cells): only cells that hold a ticket are drawn, the others stay 0."""
    import numpy as np

    held = np.flatnonzero(counts)
    total = int(counts.sum())
    drawn = np.zeros((resamples, counts.size), dtype=np.int64)
    drawn[:, held] = np.random.default_rng(seed).multinomial(total, counts[held] / total, size=resamples)
    return drawn


def _kappas(tables: Counts) -> Floats:
    """The kappa of each table, (tables, 5, 5) to (tables,); not a number where there is none."""
    import numpy as np

    scores = np.arange(LEVELS)
    weights = (scores[:, None] - scores[None, :]) ** 2
    firsts, seconds = tables.sum(axis=2), tables.sum(axis=1)
    squares = (tables * weights).sum(axis=(1, 2))
    by_chance = ((firsts @ weights) * seconds).sum(axis=1) / tables.sum(axis=(1, 2))
    several = ((firsts > 0).sum(axis=1) > 1) & ((seconds > 0).sum(axis=1) > 1)
    kappas: Floats = np.full(len(tables), np.nan)
    kappas[several] = 1 - squares[several] / by_chance[several]
    return kappas


def _middle(values: Floats) -> Interval | None:
    """Where the middle 95 % of the values lie; None where more than half are not numbers."""
    import numpy as np

    known = values[~np.isnan(values)]
    if 2 * len(known) < len(values):
        return None
    low, high = np.percentile(known, ENDS)
    return float(low), float(high)
