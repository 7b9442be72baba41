"""The sentence of a rep that shows a trait: where the embedded judge's cue stands, else what was quoted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from qatui.domain.coaching import Pattern, Quoted, Sighting
from qatui.domain.conversation import Ticket
from qatui.domain.listing import TicketRow
from qatui.domain.rubric import Dimension
from qatui.domain.verdict import Evidence, Responding, Verdict, responding
from qatui.services.scoring.evidence import trimmed

if TYPE_CHECKING:  # loads numpy and the weights, which only quotes need
    from qatui.services.scoring.offline.judge import OfflineJudge

QUOTES = 2  # of a pattern
LOOKED_AT = 6  # tickets searched for them
OF_EXAMPLE = 3  # quotes of one ticket
TELLING = 4  # words: 'Kind regards' stands everywhere and proves nothing

Facts = Mapping[int, tuple[Ticket, Verdict]]
"""Conversations with their verdicts, by row id."""


def with_quotes(
    pattern: Pattern, sightings: Sequence[Sighting], facts: Facts, taken: set[tuple[int, Evidence]]
) -> Pattern:
    """The pattern with quotes of the first tickets that have one, each from another ticket and in other words.

    All are of one kind: sentences in which the trait itself stands, or where there are none, the sentences that the
    judge quoted for the score. taken: what was quoted before in this pack, by row id, which is not quoted again; it
    grows.
    """
    shown: list[Quoted] = []
    instead: list[Quoted] = []
    for sighting in sightings:
        ticket, verdict = facts[sighting.row.row_id]
        who = responding(ticket)
        if who is None:
            continue
        dimension = sighting.dimensions[0]
        cue = _sentence(ticket, who, pattern)
        if cue is not None and (sighting.row.row_id, cue) not in taken:
            _add(shown, quoted(sighting.row, ticket, dimension, cue))
        for evidence in verdict.score(dimension).explanation.evidence:
            if (
                evidence.position in who.positions
                and _tells(evidence, ticket)
                and (sighting.row.row_id, evidence) not in taken
            ):
                _add(instead, quoted(sighting.row, ticket, dimension, evidence))
                break
        if len(shown) == QUOTES:
            break
    quotes = tuple((shown or instead)[:QUOTES])
    taken.update((quote.row_id, quote.evidence) for quote in quotes)
    return replace(pattern, quotes=quotes, shown=bool(shown))


def _add(found: list[Quoted], quote: Quoted) -> None:
    """Take a quote in, unless it says the same as one before: what comes from a template proves itself once."""
    same = " ".join(quote.text.casefold().split())
    if all(" ".join(other.text.casefold().split()) != same for other in found):
        found.append(quote)


def quoted(row: TicketRow, ticket: Ticket, dimension: Dimension, evidence: Evidence) -> Quoted:
    """The words of a span with what says where they stand."""
    return Quoted(
        row_id=row.row_id,
        ticket=row.key,
        name=row.name,
        at=row.closed_at,
        speaker=evidence.message(ticket).speaker,
        dimension=dimension,
        evidence=evidence,
        text=evidence.quote(ticket),
    )


def of_example(row: TicketRow, ticket: Ticket, verdict: Verdict, dimension: Dimension) -> tuple[Quoted, ...]:
    """What the judge quoted for one score of a ticket; a greeting alone only where there is nothing else."""
    evidence = verdict.score(dimension).explanation.evidence
    found: list[Quoted] = []
    for each in [span for span in evidence if _tells(span, ticket)] or evidence:
        _add(found, quoted(row, ticket, dimension, each))
    return tuple(found[:OF_EXAMPLE])


def _tells(evidence: Evidence, ticket: Ticket) -> bool:
    return len(evidence.quote(ticket).split()) >= TELLING


def _sentence(ticket: Ticket, who: Responding, pattern: Pattern) -> Evidence | None:
    """The rep's sentence that shows a pattern's cue best; None for a cue that is told as missing, or has no wording.

    Where a cue stands in several sentences, the longest; of a mark, the sentence that bears it most.
    """
    from qatui.services.scoring.offline.marks import MARKS, PLAIN
    from qatui.services.scoring.offline.phrases import MARK, PHRASES
    from qatui.services.scoring.offline.transcript import REP

    name = pattern.trait.name
    phrase = PHRASES.get(name)
    if phrase is None or pattern.trait.words != phrase.there:
        return None
    script, marked = _reader().marked(ticket, who)
    if name.startswith(MARK):
        strengths = marked.rep[:, MARKS.index(name.removeprefix(MARK))].tolist()
        bearing = [(strength, s) for strength, s in zip(strengths, script.rep, strict=True) if strength >= PLAIN]
    elif name in REP.names:
        cue = REP.names.index(name)
        bearing = [(float(len(sentence.tokens)), sentence) for sentence in script.rep if cue in sentence.cues]
    else:
        return None
    if not bearing:
        return None
    _, best = max(bearing, key=lambda each: each[0])
    return trimmed(best.position, best.start, best.end, ticket.messages[best.position].text)


@cache
def _reader() -> OfflineJudge:
    """The embedded judge, loaded once: it knows which sentence shows what."""
    from qatui.services.scoring.offline.judge import OfflineJudge

    return OfflineJudge.load()
