"""Why a score is what it is: the cues that moved it, in plain sentences, and the sentences in which they stand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qatui.domain.conversation import Ticket
from qatui.domain.rubric import Dimension
from qatui.domain.verdict import Cue, Evidence, Explanation
from qatui.services.scoring.evidence import trimmed
from qatui.services.scoring.offline import features, model
from qatui.services.scoring.offline.model import Floats, Look, Model
from qatui.services.scoring.offline.phrases import CALM, LEADS, NUMBERS, PHRASES
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
    cue = cue if side == "rep" else f"cus_{cue}"
    return cue if pool and cue in PHRASES else ""


_OF_FEATURE = [_group(name) for name in model.names()]
GROUPS = tuple(dict.fromkeys(name for name in _OF_FEATURE if name))
_AT = {name: at for at, name in enumerate(GROUPS)}
_NAMED = np.array([at for at, name in enumerate(_OF_FEATURE) if name])
# Sums features into groups by one product: features with a name × groups.
_SUM = np.zeros((len(_NAMED), len(GROUPS)))
_SUM[np.arange(len(_NAMED)), [_AT[_OF_FEATURE[at]] for at in _NAMED]] = 1.0
# Which group each cue of a rep's sentence belongs to; cues without words of their own share an empty last group.
_OF_CUE = np.array([_AT.get(name, len(GROUPS)) for name in features.REP_NAMES])


@dataclass(frozen=True, slots=True)
class Moves:
    """groups (outputs × groups): how far each cue moved each raw score; there (groups): whether it occurs."""

    groups: Floats
    there: NDArray[np.bool_]

    @classmethod
    def of(cls, judge: Model, row: Floats) -> Moves:
        """The moves of one ticket away from the average one."""
        return cls(judge.shares(row)[:, _NAMED] @ _SUM, (np.abs(row[_NAMED]) @ _SUM) > 0)

    def cues(self, output: int) -> list[Cue]:
        """The cues that may be given as reasons, strongest first.

        A cue that moved the score against its plain meaning (a greeting that counts against the rep) comes from
        what usually goes with it, not from itself; a lead would not accept it, so it is left out.
        """
        line = self.groups[output]
        found: list[Cue] = []
        for at in np.argsort(-np.abs(line), kind="stable")[: 3 * _CUES].tolist():
            move = float(line[at])
            if abs(move) < _WORTH or len(found) == _CUES:
                break
            phrase = PHRASES[GROUPS[at]]
            clause, good = (phrase.there, phrase.good) if self.there[at] else (phrase.missing, -1)
            if clause and (good == 0 or (good > 0) == (move > 0)):
                found.append(Cue(GROUPS[at], clause, 1 if move > 0 else -1))
        return found


def quotes(
    ticket: Ticket, script: Transcript, judge: Model, look: Look, moves: Moves, values: list[int], cue: bool
) -> list[tuple[Evidence, ...]]:
    """One to three quotes per dimension.

    Those sentences of the rep that moved the raw score most: up for a high score, down for a low one. Empathy starts
    with the customer's own cue, where there is one. A score that comes from what is missing has no such sentence;
    then the rep's first full sentence stands for the rest.
    """
    told = sentence_moves(judge, look, moves)
    emotional = _cue_sentence(script) if cue else None
    found = []
    for output, (dimension, value) in enumerate(zip(_DIMENSIONS, values, strict=True)):
        line = told[:, output]
        line = np.abs(line) if value == 3 else line if value > 3 else -line
        order = [at for at in np.argsort(-line, kind="stable")[:2].tolist() if line[at] > _MOVED]
        chosen = [script.rep[at] for at in order] or [_typical(script)]
        if dimension is Dimension.EMPATHY and emotional is not None:
            chosen.insert(0, emotional)
        found.append(tuple(trimmed(s.position, s.start, s.end, ticket.messages[s.position].text) for s in chosen))
    return found


def sentence_moves(judge: Model, look: Look, moves: Moves) -> Floats:
    """How far each sentence of the rep moved each raw score (sentences × outputs), to the first order.

    A cue's move is shared out among the sentences in which it stands; what the words of a sentence say is added.
    """
    shares = np.zeros((moves.groups.shape[0], len(GROUPS) + 1))
    shares[:, :-1] = np.where(moves.there, moves.groups, 0.0)
    cues = look.cues @ (shares[:, _OF_CUE] / np.maximum(look.cues.sum(0), 1.0)).T
    return np.asarray(cues + look.told * judge.blend[:, 0])


def _typical(script: Transcript) -> Sentence:
    """The first sentence of the rep that says more than hello."""
    return next((sentence for sentence in script.rep if len(sentence.tokens) > 4), script.rep[0])


def _cue_sentence(script: Transcript) -> Sentence | None:
    """The customer's sentence with most signs of emotion; the earliest of equals; None without any sign."""
    best, most = None, 0.0
    for sentence in script.customer:
        strength = sum(features.EMOTION[cue] for cue in sentence.cues)
        if strength > most:
            best, most = sentence, strength
    return best


def explain(dimension: Dimension, value: int, moves: Moves, evidence: tuple[Evidence, ...], cue: bool) -> Explanation:
    """The reasons for one score: text, evidence, cues."""
    reasons = moves.cues(_DIMENSIONS.index(dimension))
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
