"""Why a score is what it is: the cues that moved it, in plain sentences, and the sentences in which they stand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qatui.domain.conversation import Ticket
from qatui.domain.rubric import Dimension
from qatui.domain.verdict import Cue, Evidence, Explanation
from qatui.services.scoring.evidence import trimmed
from qatui.services.scoring.offline import features, model as models
from qatui.services.scoring.offline.features import Row, Sentence, Transcript
from qatui.services.scoring.offline.model import Floats, Model
from qatui.services.scoring.offline.phrases import CALM, LEADS, NUMBERS, PHRASES

_WORTH = 0.03  # points of raw score below which a cue is not worth a word
_TRIED = 3  # sentences per dimension whose removal is tried out
_CUES = 6
_EMOTIONAL = frozenset(
    ("cus_angry", "cus_frustrated", "cus_worried", "cus_urgent", "cus_waited", "cus_complains", "cus_exclaims", "cus_shouts", "cus_sad_face")
)


def _groups() -> tuple[tuple[str, ...], NDArray[np.intp], NDArray[np.intp]]:
    """Group names, the group of each feature (-1: none), and the feature that tells whether a group is there."""
    group_of: list[str] = []
    for name in models.names():
        side, cue, *_ = name.split(".")
        if name in NUMBERS:
            group_of.append(NUMBERS[name])
        elif side == "rep" and cue in PHRASES and name.count(".") == 2:
            group_of.append(cue)
        elif side == "cus" and f"cus_{cue}" in PHRASES and name.count(".") == 2:
            group_of.append(f"cus_{cue}")
        else:
            group_of.append("")
    found = tuple(dict.fromkeys(name for name in group_of if name))
    at = {name: index for index, name in enumerate(found)}
    return found, np.array([at.get(name, -1) for name in group_of]), np.arange(len(group_of))


GROUPS, _GROUP_OF, _ = _groups()
_IN_GROUP = np.flatnonzero(_GROUP_OF >= 0)
_GROUP_AT = {name: at for at, name in enumerate(GROUPS)}


@dataclass(frozen=True, slots=True)
class Moves:
    """groups (dimensions × groups): how far each cue moved each raw score; there (groups): whether it occurs."""

    groups: Floats
    there: NDArray[np.bool_]

    @classmethod
    def of(cls, model: Model, row: Row) -> Moves:
        shares = model.shares(row)
        groups = np.zeros((shares.shape[0], len(GROUPS)))
        which = _GROUP_OF[_IN_GROUP]
        for at, line in enumerate(shares):
            groups[at] = np.bincount(which, weights=line[_IN_GROUP], minlength=len(GROUPS))
        there = np.bincount(which, weights=np.abs(row[_IN_GROUP]), minlength=len(GROUPS)) > 0
        return cls(groups, there)

    def cues(self, dimension: int) -> list[tuple[str, float, str]]:
        """(group, move, clause) of the cues that may be given as reasons, strongest first."""
        found: list[tuple[str, float, str]] = []
        line = self.groups[dimension]
        for at in np.argsort(-np.abs(line), kind="stable")[: 3 * _CUES]:
            move = float(line[at])
            if abs(move) < _WORTH:
                break
            phrase = PHRASES[GROUPS[at]]
            there = bool(self.there[at])
            clause = phrase.there if there else phrase.missing
            good = phrase.good if there else -1
            if clause and (good == 0 or (good > 0) == (move > 0)):
                found.append((GROUPS[at], move, clause))
        return found[:_CUES]


def sentence_moves(found: list[Sentence], names: tuple[str, ...], prefix: str, groups: Floats) -> Floats:
    """A first guess of how far each sentence moved one raw score: its part of the cues in it."""
    counts = features.counts(found, len(names))
    total = counts.sum(0)
    weight = np.array([groups[_GROUP_AT[prefix + name]] if prefix + name in _GROUP_AT else 0.0 for name in names])
    return counts @ (weight / np.maximum(total, 1.0))


def evidence(
    ticket: Ticket, script: Transcript, model: Model, raw: Floats, moves: Moves, dimension: Dimension, value: int, cue: bool
) -> tuple[Evidence, ...]:
    """One to three quotes: the rep's sentences whose removal moves the raw score back, and the customer's cue."""
    at = list(Dimension).index(dimension)
    guess = sentence_moves(script.rep, features.REP_NAMES, "", moves.groups[at])
    want = 0 if value == 3 else (1 if value > 3 else -1)
    order = np.argsort(-guess * want if want else -np.abs(guess), kind="stable")[:_TRIED]
    tried: list[tuple[float, int]] = []
    if len(script.rep) > 1:
        for candidate in order:
            less = script.without(int(candidate))
            effect = float(raw[at] - model.raw(model.members(model.look(less)))[at])
            if (effect * want if want else abs(effect)) > 1e-6:
                tried.append((-(effect * want if want else abs(effect)), int(candidate)))
    tried.sort()
    chosen = [script.rep[index] for _, index in tried[:2]]
    if not chosen:
        chosen = [script.rep[_typical(script)]]
    if dimension is Dimension.EMPATHY and cue:
        emotional = _cue_sentence(script)
        if emotional is not None:
            chosen.insert(0, emotional)
    return tuple(trimmed(s.position, s.start, s.end, ticket.messages[s.position].text) for s in chosen[:3])


def _typical(script: Transcript) -> int:
    """The first sentence of the rep that says more than hello."""
    for at, sentence in enumerate(script.rep):
        if len(sentence.tokens) > 4:
            return at
    return 0


def _cue_sentence(script: Transcript) -> Sentence | None:
    """The customer's sentence with most signs of emotion; the earliest of equals."""
    best: Sentence | None = None
    most = 0.0
    for sentence in script.customer:
        strength = sum(features.EMOTION[cue] for cue in sentence.cues)
        if strength > most:
            best, most = sentence, strength
    return best


def explain(
    ticket: Ticket, script: Transcript, model: Model, raw: Floats, moves: Moves, dimension: Dimension, value: int, cue: bool
) -> Explanation:
    """The reasons for one score: text, evidence, cues."""
    at = list(Dimension).index(dimension)
    reasons = moves.cues(at)
    if dimension is Dimension.EMPATHY and not cue:
        reasons = [r for r in reasons if r[0] not in _EMOTIONAL and r[0] != "passed_over"]
        lead = CALM[value - 1]
    else:
        lead = LEADS[dimension][value - 1]
    good = [clause for _, move, clause in reasons if move > 0]
    bad = [clause for _, move, clause in reasons if move < 0]
    return Explanation(
        _text(lead, value, good, bad),
        evidence(ticket, script, model, raw, moves, dimension, value, cue),
        tuple(Cue(name, clause, 1 if move > 0 else -1) for name, move, clause in reasons),
    )


def _text(lead: str, value: int, good: list[str], bad: list[str]) -> str:
    if value >= 4:
        first, second, link = good[:3], bad[:1], "Held back: "
    elif value <= 2:
        first, second, link = bad[:3], good[:1], "In its favour: "
    else:
        first, second, link = (good[:2], bad[:2], "Held back: ") if good else (bad[:3], [], "")
    text = f"{lead}: {_clauses(first)}." if first else f"{lead}."
    if second:
        text += f" {link}{_clauses(second)}."
    return text


def _clauses(clauses: list[str]) -> str:
    """'the rep a, b and c', with clauses about the customer after those about the rep."""
    rep = [clause for clause in clauses if not clause.startswith("the customer")]
    customer = [clause for clause in clauses if clause.startswith("the customer")]
    parts = []
    if rep:
        parts.append("the rep " + _joined(rep))
    if customer:
        parts.append(_joined(customer))
    return "; ".join(parts)


def _joined(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]
