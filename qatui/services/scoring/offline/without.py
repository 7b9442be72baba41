"""What each sentence of a rep brings in: the cues and marks of the ticket with it, and as they would be without it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from qatui.services.scoring.offline import features, marks
from qatui.services.scoring.offline.model import DIMENSIONS, Looks, Model, Said, names
from qatui.services.scoring.offline.terms import Floats, Ints, sums_of
from qatui.services.scoring.offline.transcript import Transcript, occurrences

_CUES = len(features.REP_POOLS) * len(features.REP_NAMES)  # the first features of a ticket: n, first, dens
_AT = len(names()) - len(marks.NAMES)  # the first feature of the marks: most, mean, first, last
_TOGETHER = 16  # tickets looked at together: more would take memory for no speed
_LONGEST = 1000  # sentences: a rep who wrote more did not write to a customer, and would fill the memory
_COLUMNS = np.concatenate((np.arange(_CUES), np.arange(_AT, _AT + len(marks.POOLS) * len(marks.MARKS))))


def brought_in(judge: Model, scripts: Sequence[Transcript], looks: Looks, said: Said) -> Floats:
    """How far each sentence of the reps moved each raw score (sentences of all tickets × 3), by the linear member.

    The difference that leaving it out makes to the cues and marks of its ticket. Trees are left aside: to walk them
    again for every sentence would take longer than the judgement itself. Of a rep who wrote more than _LONGEST
    sentences nothing is said (0).
    """
    starts, sizes = looks.rep_starts, np.diff(looks.rep_starts)
    dense = judge.dense[:, _COLUMNS]
    before = judge.standard(looks.rows[:, _COLUMNS], _COLUMNS)
    found = np.zeros((starts[-1], DIMENSIONS))
    usual = np.flatnonzero(sizes <= _LONGEST)
    for at in range(0, len(usual), _TOGETHER):
        some = usual[at : at + _TOGETHER]
        owner = np.repeat(some, sizes[some])
        where = np.concatenate([np.arange(starts[one], starts[one + 1]) for one in some])
        ends = np.concatenate(([0], np.cumsum(sizes[some])))
        left = _left([scripts[one] for one in some], ends, looks.marked.rep[where])
        gone = before[owner] - judge.standard(left, _COLUMNS)
        found[where] = said.mixed(np.einsum("sf,of->so", gone, dense), owner)
    return found


def _left(scripts: Sequence[Transcript], starts: Ints, marked: Floats) -> Floats:
    """The columns without each sentence (sentences × _COLUMNS); a rep's only sentence leaves nothing.

    starts: the first sentence of each ticket, and the end; marked: the marks of the sentences.
    """
    found = [sentence for script in scripts for sentence in script.rep]
    owner = np.repeat(np.arange(len(scripts)), np.diff(starts))
    turn = np.array([sentence.turn for sentence in found], dtype=np.intp)
    first, last = (turn == turn[at][owner] for at in (starts[:-1], starts[1:] - 1))
    others = np.diff(starts)[owner][:, None] - 1.0
    times = np.zeros((len(found), len(features.REP_NAMES)))
    cue, of = occurrences(found)
    np.add.at(times, (of, cue), 1.0)
    shown = times > 0

    def rest(values: Floats) -> Floats:
        return sums_of(values, owner, len(scripts))[owner] - values

    return np.concatenate(
        (
            np.log1p(rest(times)),
            np.where(_alone(first, starts, owner)[:, None], shown, rest(shown * first[:, None]) > 0),
            rest(shown.astype(np.float64)) / np.maximum(others, 1.0),
            _next_most(marked, starts, owner),
            rest(marked) / np.maximum(others, 1.0),
            *(
                np.where(
                    _alone(where, starts, owner)[:, None],
                    marked,
                    _next_most(marked * where[:, None], starts, owner),
                )
                for where in (first, last)
            ),
        ),
        axis=1,
    )


def _alone(where: NDArray[np.bool_], starts: Ints, owner: Ints) -> NDArray[np.bool_]:
    """The sentences that make up the first or last message; without them another is, of which nothing is said here."""
    return np.asarray(where & (np.add.reduceat(where.astype(np.intp), starts[:-1])[owner] == 1))


def _next_most(values: Floats, starts: Ints, owner: Ints) -> Floats:
    """The largest value among the other sentences of a ticket (sentences × columns); 0 where there is no other."""
    most = np.maximum.reduceat(values, starts[:-1], axis=0)[owner]
    tops = values == most
    second = np.maximum.reduceat(np.where(tops, 0.0, values), starts[:-1], axis=0)[owner]
    several = np.add.reduceat(tops.astype(np.intp), starts[:-1], axis=0)[owner] > 1
    return np.asarray(np.where(tops & ~several, second, most))
