"""A coaching pack, what a lead takes along to a rep's one-to-one: what it holds and how its parts are chosen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from qatui.domain.conversation import Speaker
from qatui.domain.listing import RepChoice, TicketRow
from qatui.domain.metrics import Mapping as Formula
from qatui.domain.metrics import Tally
from qatui.domain.review import Review
from qatui.domain.rubric import LOW, RUBRIC, SCORES, Dimension
from qatui.domain.verdict import Evidence, Flag, Verdict
from qatui.domain.weeks import Week

PATTERNS = 4  # strengths at most, and weaknesses at most: more than a talk can hold is not remembered
TWICE = 2  # what was seen in one ticket only is an event, not a pattern
EXAMPLES = 3  # exemplary tickets at most, and difficult ones
GOOD = 4  # a ticket is exemplary from here on in all three dimensions; one is difficult at LOW in any
TOPICS = 8
WEEKS = 16  # of a longer period the latest weeks are drawn
ABOUT_CUSTOMER = "cus_"  # how the names of cues begin that stand in what the customer wrote


class Sign(StrEnum):
    """What a cue tells: of the rep's writing for or against it, or of how customers wrote."""

    STRENGTH = "strength"
    WEAKNESS = "weakness"
    CUSTOMER = "customer"


@dataclass(frozen=True, slots=True)
class Trait:
    """Something that a judge names as a reason: the cue's name and words; `raised` says in which direction it moved.

    A judge that names no cues is counted by the anchors of its scores, one trait for each.
    """

    name: str
    words: str
    raised: bool

    @property
    def sign(self) -> Sign:
        if self.name.startswith(ABOUT_CUSTOMER):
            return Sign.CUSTOMER
        return Sign.STRENGTH if self.raised else Sign.WEAKNESS


@dataclass(frozen=True, slots=True)
class Sighting:
    """A trait in one ticket, with the dimensions whose scores it moved."""

    row: TicketRow
    trait: Trait
    dimensions: tuple[Dimension, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quoted:
    """Words of a ticket with where they stand: `at` is the close date, `evidence` the span that they were cut from."""

    row_id: int
    ticket: str
    name: str
    at: datetime | None
    speaker: Speaker
    dimension: Dimension
    evidence: Evidence
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """A trait that returns: in how many tickets, for which dimensions.

    shown: its quotes hold the trait itself; else (what is left out cannot be quoted) they are what was written in
    tickets that have it.
    """

    trait: Trait
    tickets: int
    dimensions: tuple[Dimension, ...]
    quotes: tuple[Quoted, ...] = ()
    shown: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A ticket worth reading together. reasons: the judge's, by dimension; quotes: of the dimension that chose it."""

    row: TicketRow
    dimension: Dimension
    reasons: Mapping[Dimension, str]
    quotes: tuple[Quoted, ...]
    reviews: tuple[Review, ...]


@dataclass(frozen=True, slots=True)
class Examples:
    """Tickets of one kind. reached: they meet the kind's mark; else the one nearest to it stands for it."""

    tickets: tuple[TicketRow, ...]
    reached: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What to work on, from the rubric alone: the weakest dimension, the score most of its tickets have below 5, and
    the anchor one above. narrowly: the next dimension is less than a tenth of a point better. low: tickets at 1 or 2.
    """

    weakest: Dimension
    narrowly: bool
    level: int
    low: int
    strongest: Dimension

    @property
    def now(self) -> str:
        return RUBRIC[self.weakest].anchor(self.level)

    @property
    def next(self) -> str:
        return RUBRIC[self.weakest].anchor(self.level + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """Everything a pack says of one rep in one period, since <= close date < until, UTC.

    since: None for all time; widened: the usual period holds no ticket of theirs, so this is all time; narrowed: the
    filter by which tickets were left out, as it is typed. before: the stretch of the same length just before, None for
    all time; others: the rest of the team, or everybody else where the rep has no team. weeks: oldest first. judges:
    what each of them scored, most tickets first; people: what people scored. set_aside: tickets that a person scored
    otherwise or disputes, whose reasons count for no pattern. topics and channels: by name, most tickets first;
    tagged: tickets with a tag at all.
    """

    rep: RepChoice
    since: datetime | None
    until: datetime
    first: datetime | None
    made_at: datetime
    widened: bool
    narrowed: str
    formula: Formula
    tally: Tally
    before: Tally | None
    others: Tally
    weeks: tuple[tuple[Week, Tally], ...]
    distributions: Mapping[Dimension, Sequence[int]]
    judges: tuple[tuple[str, Tally], ...]
    people: Tally
    unscored: Mapping[str, int]
    strengths: tuple[Pattern, ...]
    weaknesses: tuple[Pattern, ...]
    customers: tuple[Pattern, ...]
    set_aside: int
    exemplary: tuple[Example, ...]
    difficult: tuple[Example, ...]
    exemplary_reached: bool
    difficult_reached: bool
    topics: tuple[tuple[str, Tally], ...]
    tagged: int
    channels: tuple[tuple[str, Tally], ...]
    advice: Advice | None


def tally_of(rows: Iterable[TicketRow]) -> Tally:
    """The sums of scored tickets; those without a score are left out."""
    return sum((Tally.of(*scores) for row in rows if (scores := scores_of(row)) is not None), Tally())


def scores_of(row: TicketRow) -> tuple[int, int, int] | None:
    """Tone, Clarity, Empathy of a ticket; None where it has no score."""
    if row.tone is None or row.clarity is None or row.empathy is None:
        return None
    return row.tone, row.clarity, row.empathy


def traits(row: TicketRow, verdict: Verdict) -> list[Sighting]:
    """What the judge names as reasons for the scores that are shown of a ticket.

    Where a person disputes the ticket, or scored a dimension otherwise, the judge's reasons for it do not count.
    """
    if Flag.DISPUTED in row.flags:
        return []
    found: dict[Trait, list[Dimension]] = {}
    for dimension, score in verdict.scores():
        if row.value(dimension) != score.value:
            continue
        named = [Trait(cue.name, cue.words, cue.direction > 0) for cue in score.explanation.cues]
        if not named and (score.value <= LOW or score.value == max(SCORES)):
            words = f"{dimension.label} {score.value}: {RUBRIC[dimension].anchor(score.value)}"
            named = [Trait(f"{dimension}.{score.value}", words, score.value > LOW)]
        for trait in named:
            found.setdefault(trait, []).append(dimension)
    return [Sighting(row, trait, tuple(dimensions)) for trait, dimensions in found.items()]


def set_aside(row: TicketRow, verdict: Verdict) -> bool:
    """Whether a person's word takes the place of the judge's reasons in at least one dimension."""
    return Flag.DISPUTED in row.flags or any(row.value(d) != score.value for d, score in verdict.scores())


def patterns(sightings: Iterable[Sighting], sign: Sign, most: int = PATTERNS) -> list[tuple[Pattern, list[Sighting]]]:
    """The traits of one sign that were seen in at least TWICE tickets, most frequent first, with their sightings.

    Sightings come in the order in which they are to be quoted: for a strength from the best tickets, for a weakness
    from the worst, the newest first among equals.
    """
    seen: dict[Trait, list[Sighting]] = {}
    for sighting in sightings:
        if sighting.trait.sign is sign:
            seen.setdefault(sighting.trait, []).append(sighting)
    ranked = sorted(seen.items(), key=lambda item: (-len(item[1]), item[0].words))
    return [
        (
            Pattern(
                trait=trait,
                tickets=len(found),
                dimensions=tuple(d for d in Dimension if any(d in sighting.dimensions for sighting in found)),
            ),
            sorted(found, key=lambda sighting: _telling(sighting, best=trait.raised)),
        )
        for trait, found in ranked[:most]
        if len(found) >= TWICE
    ]


def _telling(sighting: Sighting, *, best: bool) -> tuple[int, float, int]:
    values = [sighting.row.value(dimension) or 0 for dimension in sighting.dimensions]
    return (-max(values) if best else min(values), *_newest(sighting.row))


def _newest(row: TicketRow) -> tuple[float, int]:
    """Sorts newest first; what was closed nobody knows when comes last."""
    return (-row.closed_at.timestamp() if row.closed_at else 0.0, -row.row_id)


def exemplary(rows: Iterable[TicketRow]) -> Examples:
    """The best tickets, GOOD or better in all three dimensions; where none is, the best one alone.

    Neither a disputed score nor one of a ticket that addresses the judge is held up as an example.
    """
    fit = [row for row in _trusted(rows) if Flag.INJECTION not in row.flags]
    ranked = sorted(fit, key=lambda row: (-_sum(row), *_newest(row)))
    good = [row for row in ranked if min(scores_of(row) or (0,)) >= GOOD]
    return Examples(tuple(good[:EXAMPLES] or ranked[:1]), bool(good))


def difficult(rows: Iterable[TicketRow], besides: Sequence[TicketRow] = ()) -> Examples:
    """The worst tickets, LOW or worse in some dimension; where none is, the lowest one alone.

    A disputed score is nothing to coach on. besides: tickets that are shown as exemplary already.
    """
    taken = {row.row_id for row in besides}
    ranked = sorted(
        (row for row in _trusted(rows) if row.row_id not in taken), key=lambda row: (_sum(row), *_newest(row))
    )
    low = [row for row in ranked if min(scores_of(row) or (max(SCORES),)) <= LOW]
    return Examples(tuple(low[:EXAMPLES] or ranked[:1]), bool(low))


def _trusted(rows: Iterable[TicketRow]) -> list[TicketRow]:
    return [row for row in rows if scores_of(row) is not None and Flag.DISPUTED not in row.flags]


def _sum(row: TicketRow) -> int:
    return sum(scores_of(row) or ())


def telling_dimension(row: TicketRow, *, best: bool) -> Dimension:
    """The dimension that makes a ticket an example: its highest or lowest score; of equals the last, Empathy."""
    values = {dimension: row.value(dimension) or 0 for dimension in reversed(Dimension)}
    return (max if best else min)(values, key=lambda dimension: values[dimension])


def advise(tally: Tally, distributions: Mapping[Dimension, Sequence[int]]) -> Advice | None:
    """What to work on next; None with too few tickets, and where no ticket is below 5 in the weakest dimension.

    distributions: tickets with 1, 2, 3, 4, 5. Of levels with equally many tickets the lower is taken.
    """
    means = {dimension: tally.mean(dimension) or 0.0 for dimension in Dimension}
    weakest = min(means, key=lambda dimension: means[dimension])
    below = list(distributions[weakest][:-1])
    if tally.few or not sum(below):
        return None
    others = [mean for dimension, mean in means.items() if dimension is not weakest]
    return Advice(
        weakest=weakest,
        narrowly=min(others) - means[weakest] < 0.1,
        level=below.index(max(below)) + 1,
        low=sum(below[:LOW]),
        strongest=max(means, key=lambda dimension: means[dimension]),
    )


def overlap(one: Tally, other: Tally, formula: Formula) -> bool | None:
    """Whether the 95 % intervals of two overall scores meet, so that chance may be all there is between them.

    None where one of them has too few tickets to say.
    """
    mine, theirs = one.interval_percent(formula), other.interval_percent(formula)
    if one.few or other.few or mine is None or theirs is None:
        return None
    return mine[0] <= theirs[1] and theirs[0] <= mine[1]
