"""Which way a feature may move a score: what a lead would accept, taken from the rubric and not from the labels.

A fit on some hundred tickets finds that reps apologise where things went wrong, and would count the apology against
them. The rubric says better. Where it does, the fit may weigh a feature as much as the labels ask for, but not turn
it round; tickets of unknown help desks are judged better for it, and reasons can be taken at their word.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qatui.services.scoring.offline.marks import POOLS
from qatui.services.scoring.offline.model import names
from qatui.services.scoring.offline.terms import OUTPUTS

# Cues of the rep in all pools: Tone, Clarity, Empathy; 0 leaves it to the labels.
_REP: tuple[tuple[tuple[int, int, int], str], ...] = (
    (
        (1, 0, 1),
        """greeting thanks thanks_contact thanks_patience apology apology_strong apology_case understands names_feeling
        reassurance offers_help welcome closing warm emoticon first_person you_said confirms_done anything_else""",
    ),
    ((1, 0, 0), "introduction please"),
    ((1, 1, 1), "ownership make_right why_asked"),
    ((0, 1, 1), "done next_step"),
    ((0, 1, 0), "time_frame steps reason facts alternative answer_now"),
    ((0, -1, 0), "vague_time hedge jargon redirect"),
    ((-1, -1, -1), "boilerplate cannot steer slips blame curt calms strict defends"),
    ((0, -1, -1), "vague_fix"),
)
# Cues of the customer, in all pools, for the emotional cue.
_FEELING = """angry frustrated worried urgent waited complains sad_face gives_up exclaims demands rhetorical sarcasm
    exhausted long_wait promised accuses pleads disbelief hardship"""
_CALM = "calm polite praise"
# What the customer says after the first reply, for Clarity.
_LOST = "repeats confused angry frustrated complains gives_up accuses rhetorical exhausted"
_HELPED = "solved thanks praise"
_NUMBERS: tuple[tuple[int, int, str], ...] = (
    (0, 1, "rep.signed rep.named"),
    (
        0,
        -1,
        """rep.repeats_self rep.curt_turns rep.lower_start rep.no_stop rep.orders rep.order_share rep.said_twice
        both.felt_joked both.felt_curt""",
    ),
    (
        1,
        1,
        """both.answer_kinds both.thanks_last both.solved_last heard.satisfaction heard.accomplishment
        heard.effectiveness""",
    ),
    (
        1,
        -1,
        """rep.repeats_self rep.said_twice both.no_answer both.only_elsewhere both.unanswered both.repeat_rate
        both.confused_rate both.negative_last""",
    ),
    (2, 1, "both.felt_met both.cue_ack both.ack both.ack_specific both.felt_first_ack"),
    (2, -1, "both.felt_ignored both.cue_unanswered both.felt_joked both.felt_curt"),
    (3, 1, "both.felt_most both.felt_open both.felt_turns cus.shouted cus.exclaims cus.intense"),
    (3, -1, "both.calm_only"),
    (2, 1, "felt.met felt.taken_up"),
    (2, -1, "felt.passed_over felt.hurt felt.unmet"),
    (0, -1, "felt.hurt"),
    (3, 1, "felt.most felt.sum felt.mean felt.open felt.later felt.last felt.three"),
)
# Marks of the rep in all pools: Tone, Clarity, Empathy.
_MARKS: tuple[tuple[tuple[int, int, int], str], ...] = (
    ((1, 0, 1), "warm"),
    ((-1, 0, -1), "cold argues"),
    ((1, 0, 1), "case"),
    ((0, 1, 0), "concrete"),
    ((0, -1, 0), "vague"),
)


def signs() -> NDArray[np.int_]:
    """-1, 0 or 1 (outputs × features): the only direction in which a feature may move an output, 0 for either."""
    at = {name: column for column, name in enumerate(names())}
    found = np.zeros((len(OUTPUTS), len(at)), dtype=np.int_)
    for directions, cues in _REP:
        for cue in cues.split():
            for pool in ("n", "first", "dens"):
                found[:3, at[f"rep.{cue}.{pool}"]] = directions
    for directions, found_marks in _MARKS:
        for mark in found_marks.split():
            for pool in POOLS:
                found[:3, at[f"marks.{mark}.{pool}"]] = directions
    for sign, cues in ((1, _FEELING), (-1, _CALM)):
        for cue in cues.split():
            for pool in ("open", "later", "dens"):
                found[3, at[f"cus.{cue}.{pool}"]] = sign
    for sign, cues in ((-1, _LOST), (1, _HELPED)):
        for cue in cues.split():
            found[1, at[f"cus.{cue}.later"]] = sign
    for output, sign, features in _NUMBERS:
        for name in features.split():
            found[output, at[name]] = sign
    for name in ("anger", "sadness", "fear"):
        for pool in ("most", "mean"):
            found[3, at[f"emotion.{name}.{pool}"]] = 1
    found[OUTPUTS.index("calm")] = found[OUTPUTS.index("empathy")]
    return found
