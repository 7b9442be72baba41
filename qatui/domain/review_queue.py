"""Which tickets a person should read next: half of them drawn by lot, half where a look is likely to change something.

A queue belongs to a reviewer and a week: it is the same whenever it is asked for, and only gets shorter as they read.
"""

from __future__ import annotations

import hashlib
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from qatui.domain.listing import TicketFilter, TicketRow
from qatui.domain.review import Scores
from qatui.domain.rubric import LOW, Dimension
from qatui.domain.verdict import Flag


class Kind(StrEnum):
    """Why a ticket is in a queue."""

    RANDOM = "random"  # drawn by lot: what says how the judge does in general
    UNSURE = "unsure"  # near a cut-off between two scores
    DISAGREE = "disagree"  # two judges gave different scores
    LOW = "low"  # a score of LOW or less
    FLAGGED = "flagged"  # a mark that makes the scores doubtful


TURNS: Final = (
    Kind.RANDOM, Kind.UNSURE, Kind.RANDOM, Kind.DISAGREE, Kind.RANDOM, Kind.LOW, Kind.RANDOM, Kind.FLAGGED,
)  # fmt: skip
"""Whose turn it is to propose; a kind that has no ticket left lets its turn pass."""

DOUBTFUL: Final = (Flag.INJECTION, Flag.UNVERIFIED)
"""The marks of Kind.FLAGGED, the graver first."""

BLIND_WHY: Final = "Give your own scores; the judge's are shown after that."


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """How much a queue holds: `size` tickets of `where`, of one rep `per_rep` at most; ValueError for less than one.

    A queue that `where` asks of one rep has no such limit. What the reviewer has read of it this week counts. seed:
    draws other tickets; "" draws by week and reviewer. blind: say nothing of the scores, and keep an order that does
    not either.
    """

    size: int = 20
    per_rep: int = 3
    where: TicketFilter = field(default_factory=TicketFilter)
    seed: str = ""
    blind: bool = False

    def __post_init__(self) -> None:
        if self.size < 1 or self.per_rep < 1:
            raise ValueError("a queue holds at least one ticket, and one of a rep")

    @property
    def most_of_rep(self) -> int:
        """How many tickets of one rep there may be."""
        return self.per_rep if self.where.rep is None else self.size


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """What the rules know of a ticket that the reviewer has not reviewed, or not before this week (`read`).

    rep: a key, the same for all whose rep is unknown; scores, flags: the judge's; sure: its least probability 0..1 of
    the three, or None; apart: in which dimension two judges differ most and by how much, or None.
    """

    row_id: int
    rep: str
    scores: Scores
    sure: float | None = None
    apart: tuple[Dimension, int] | None = None
    flags: frozenset[Flag] = frozenset()
    read: bool = False


@dataclass(frozen=True, slots=True)
class Pick:
    """A ticket that is proposed, why in a sentence, and by which rule."""

    row_id: int
    why: str
    kind: Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A ticket to read, as lists show it, and why in a sentence.

    kind: None in a blind queue; its row has neither scores nor marks, and the sentence is BLIND_WHY.
    """

    row: TicketRow
    why: str
    kind: Kind | None


def propose(candidates: Iterable[Candidate], quota: Quota, seed: str) -> tuple[Pick, ...]:
    """What is left to read of the queue that `seed` draws, in order; the order of the candidates says nothing.

    Kinds take turns. Every rep gets a first ticket before one gets a second, as far as there are candidates. A ticket
    that was read keeps its place in the drawing and is left out of the answer: reading one moves none of the others.
    """
    given = sorted(candidates, key=lambda one: _lot(seed, one.row_id))
    waiting = {kind: sorted(filter(_FITS[kind], given), key=_ORDER[kind]) for kind in Kind}
    of_rep: Counter[str] = Counter()
    picked: dict[int, tuple[Candidate, Kind]] = {}
    turn = 0  # goes on where it was when every rep has had a next ticket
    for most in range(1, quota.most_of_rep + 1):
        pools = {kind: deque(of_kind) for kind, of_kind in waiting.items()}
        while len(picked) < quota.size:
            for step in range(turn, turn + len(TURNS)):
                kind = TURNS[step % len(TURNS)]
                one = next(_free(pools[kind], picked, of_rep, most), None)
                if one is not None:
                    picked[one.row_id] = one, kind
                    of_rep[one.rep] += 1
                    turn = step + 1
                    break
            else:
                break
    left = [Pick(one.row_id, _why(one, kind), kind) for one, kind in picked.values() if not one.read]
    if quota.blind:
        left.sort(key=lambda pick: _lot(seed, pick.row_id))
    return tuple(left)


def _free(pool: deque[Candidate], picked: Collection[int], of_rep: Counter[str], most: int) -> Iterator[Candidate]:
    """Those of a pool, taken out of it, that are not picked yet and whose rep has fewer than `most`."""
    while pool:
        one = pool.popleft()
        if one.row_id not in picked and of_rep[one.rep] < most:
            yield one


def _lot(seed: str, row_id: int) -> bytes:
    return hashlib.blake2b(f"{seed}\x1f{row_id}".encode(errors="surrogatepass"), digest_size=8).digest()


def lowest(scores: Scores) -> Dimension:
    """The dimension with the lowest score, the first of several."""
    return min(Dimension, key=scores.of)


_FITS: dict[Kind, Callable[[Candidate], bool]] = {
    Kind.RANDOM: lambda one: True,
    Kind.UNSURE: lambda one: Flag.UNSURE in one.flags,
    Kind.DISAGREE: lambda one: one.apart is not None,
    Kind.LOW: lambda one: one.scores.of(lowest(one.scores)) <= LOW,
    Kind.FLAGGED: lambda one: not one.flags.isdisjoint(DOUBTFUL),
}

# The worst first; equal ones stay in the order of the lot.
_ORDER: dict[Kind, Callable[[Candidate], float]] = {
    Kind.RANDOM: lambda one: 0,
    Kind.UNSURE: lambda one: 1 if one.sure is None else one.sure,
    Kind.DISAGREE: lambda one: -one.apart[1] if one.apart else 0,
    Kind.LOW: lambda one: sum(one.scores.of(dimension) for dimension in Dimension),
    Kind.FLAGGED: lambda one: next(place for place, flag in enumerate(DOUBTFUL) if flag in one.flags),
}


def _why(one: Candidate, kind: Kind) -> str:
    match kind:
        case Kind.UNSURE:
            how = "" if one.sure is None else f" ({one.sure * 100:.0f} % for its least sure score)"
            return f"The judge is unsure{how}."
        case Kind.DISAGREE if one.apart is not None:
            dimension, points = one.apart
            return f"Two judges are {points} point{'' if points == 1 else 's'} apart on {dimension.label}."
        case Kind.LOW:
            dimension = lowest(one.scores)
            return f"The judge gives {dimension.label} {one.scores.of(dimension)} of 5."
        case Kind.FLAGGED:
            words = next(flag.words for flag in DOUBTFUL if flag in one.flags)
            return f"{words[0].upper()}{words[1:]}."
        case _:
            return "Drawn by lot."
