"""Why a score is what it is: the cues that moved it, in plain sentences, and the sentences in which they stand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qatui.domain.conversation import Ticket
from qatui.domain.rubric import Dimension
from qatui.domain.verdict import Cue, Evidence, Explanation
from qatui.services.scoring.evidence import trimmed
from qatui.services.scoring.offline import marks, model
from qatui.services.scoring.offline.model import Model, Said
from qatui.services.scoring.offline.phrases import CALM, LEADS, MARK, NUMBERS, PHRASES
from qatui.services.scoring.offline.terms import Floats, Ints
from qatui.services.scoring.offline.transcript import Sentence, Transcript

_WORTH = 0.03  # points of raw score below which a cue is not worth a word
_MOVED = 0.005  # points of raw score below which a sentence is no evidence
_CUES = 6
_EMOTIONAL = frozenset(name for name in PHRASES if PHRASES[name].emotional)
_DIMENSIONS = tuple(Dimension)


def _group(name: str) -> str:
    """The cue of the vocabulary that a feature speaks for, or nothing."""
    if name in NUMBERS:
        return NUMBERS[name]
    side, cue, *pool = name.split(".")
    if side == "marks":
        return MARK + cue
    cue = cue if side == "rep" else f"cus_{cue}"
    return cue if pool and cue in PHRASES else ""


def _floor(name: str) -> float:
    """How much of a feature a ticket must show for its cue to count as there."""
    if name.startswith("marks."):
        return marks.PLAIN
    return 1.0 if name.startswith("felt.") else 0.0


def _reason(name: str, there: bool, up: bool) -> Cue | None:
    """What a cue says of a score, or None.

    A cue that moved the score against its plain meaning (a greeting that counts against the rep) comes from what
    usually goes with it, not from itself; a lead would not accept it, so it is left out.
    """
    phrase = PHRASES[name]
    clause, good = (phrase.there, phrase.good) if there else (phrase.missing, -1)
    return Cue(name, clause, 1 if up else -1) if clause and (good == 0 or (good > 0) == up) else None


_OF_FEATURE = [_group(name) for name in model.names()]
GROUPS = tuple(dict.fromkeys(name for name in _OF_FEATURE if name))
_AT = {name: at for at, name in enumerate(GROUPS)}
# Which group each feature belongs to; one more at the end is for those that have no words of their own.
_OF = np.array([_AT.get(name, len(GROUPS)) for name in _OF_FEATURE])
# The reason that each cue may be given as: where it is missing or there, and where it moved the score down or up.
_REASON = [[[_reason(name, there, up) for up in (False, True)] for there in (False, True)] for name in GROUPS]
# From where on a feature says that its cue is there; a mark has always some strength.
_FLOOR = np.array([_floor(name) for name in model.names()])
_BY_GROUP = np.argsort(_OF, kind="stable")[: sum(map(bool, _OF_FEATURE))]
_FIRST = np.searchsorted(_OF[_BY_GROUP], np.arange(len(GROUPS)))


@dataclass(frozen=True, slots=True)
class Moves:
    """Why several tickets got their scores.

    groups (tickets × 3 × cues): how far each cue moved each raw score; there (tickets × cues): whether it occurs.
    order (tickets × 3 × 18): the cues that moved most, strongest first.
    """

    groups: Floats
    there: NDArray[np.bool_]
    order: Ints

    @classmethod
    def of(cls, judge: Model, rows: Floats, path: list[Ints], said: Said) -> Moves:
        """The moves of tickets away from the average one; path, said: by the judge's forest and members."""
        groups = judge.shares(rows, path, said, _OF, len(GROUPS) + 1)[:, :, :-1]
        order = np.argsort(-np.abs(groups), axis=2, kind="stable")[:, :, : 3 * _CUES]
        return cls(groups, np.logical_or.reduceat((np.abs(rows) > _FLOOR)[:, _BY_GROUP], _FIRST, axis=1), order)

    def cues(self, ticket: int, output: int) -> list[Cue]:
        """The cues that may be given as reasons, strongest first."""
        order = self.order[ticket, output]
        moved = self.groups[ticket, output][order].tolist()
        there = self.there[ticket][order].tolist()
        found: list[Cue] = []
        for at, move, occurs in zip(order.tolist(), moved, there, strict=True):
            if abs(move) < _WORTH or len(found) == _CUES:
                break
            if reason := _REASON[at][occurs][move > 0]:
                found.append(reason)
        return found


def quotes(
    ticket: Ticket, script: Transcript, told: list[list[float]], felt: list[float], values: list[int]
) -> list[tuple[Evidence, ...]]:
    """One to three quotes per dimension; told: the ticket's part of what `brought_in` says.

    Those sentences of the rep that moved the raw score most: up for a high score, down for a low one. Empathy starts
    with the customer's sentence of most feeling (felt), where there is a cue. A score that comes from what is missing
    has no such sentence; then the rep's first full sentence stands for the rest.
    """
    emotional = script.customer[felt.index(max(felt))] if felt and max(felt) > 0.0 else None
    found = []
    for output, (dimension, value) in enumerate(zip(_DIMENSIONS, values, strict=True)):
        line = [moved[output] for moved in told]
        line = [abs(moved) for moved in line] if value == 3 else line if value > 3 else [-moved for moved in line]
        strongest = sorted(range(len(line)), key=line.__getitem__, reverse=True)[:2]
        chosen = [script.rep[at] for at in strongest if line[at] > _MOVED] or [_typical(script)]
        if dimension is Dimension.EMPATHY and emotional is not None:
            chosen.insert(0, emotional)
        found.append(tuple(trimmed(s.position, s.start, s.end, ticket.messages[s.position].text) for s in chosen))
    return found


def _typical(script: Transcript) -> Sentence:
    """The first sentence of the rep that says more than hello."""
    return next((sentence for sentence in script.rep if len(sentence.tokens) > 4), script.rep[0])


def explain(
    dimension: Dimension, value: int, reasons: list[Cue], evidence: tuple[Evidence, ...], cue: bool
) -> Explanation:
    """The reasons for one score: text, evidence, cues."""
    if dimension is Dimension.EMPATHY and not cue:
        reasons = [reason for reason in reasons if reason.name not in _EMOTIONAL]
        lead = CALM[value - 1]
    else:
        lead = LEADS[dimension][value - 1]
    reasons = _distinct(reasons)
    good = [reason.words for reason in reasons if reason.direction > 0]
    bad = [reason.words for reason in reasons if reason.direction < 0]
    return Explanation(_text(lead, value, good, bad), evidence, tuple(reasons))


def _distinct(reasons: list[Cue]) -> list[Cue]:
    """At most one reason of a family, the more telling one: 'apologises for this problem' says 'apologises' too."""
    names = {reason.name for reason in reasons}
    said = {general for telling, general in _TELLING if telling in names}
    return [reason for reason in reasons if reason.name not in said]


_TELLING = (
    ("apology_case", "apology"),
    ("apology_case", "apology_strong"),
    ("apology_strong", "apology"),
    ("thanks_contact", "thanks"),
    ("thanks_patience", "thanks"),
    ("only_asks", "asks"),
    ("next_step", "wait"),
    ("mark_case", "understands"),
    ("apology_case", "mark_stock"),
    ("mark_cold", "curt"),
    ("cus_angry", "cus_feeling"),
    ("cus_frustrated", "cus_feeling"),
    ("cus_worried", "cus_feeling"),
)


def _text(lead: str, value: int, good: list[str], bad: list[str]) -> str:
    """One or two sentences; what speaks for the score comes first, what speaks against it is named as such."""
    if value >= 4:
        first, second, link = good[:3], bad[: 5 - value], "Held back: "
    elif value <= 2:
        first, second, link = bad[:3], good[: value - 1], "In its favour: "
    else:
        first, second, link = (good[:2], bad[:2], "Held back: ") if good else (bad[:3], [], "")
    text = f"{lead}: {_clauses(first)}." if first else f"{lead}."
    return f"{text} {link}{_clauses(second)}." if second else text


def _clauses(clauses: list[str]) -> str:
    """'the rep a, b and c; the customer d': clauses about the customer after those about the rep."""
    rep = [clause for clause in clauses if not clause.startswith("the customer")]
    customer = [clause for clause in clauses if clause.startswith("the customer")]
    return "; ".join([*(["the rep " + _joined(rep)] if rep else []), *([_joined(customer)] if customer else [])])


def _joined(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]
