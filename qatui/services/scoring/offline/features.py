"""What the judge looks at in a ticket: cues per sentence, pooled over the conversation into one row of numbers."""

from __future__ import annotations

from dataclasses import dataclass
from math import log1p

import numpy as np
from numpy.typing import NDArray

from qatui.services.scoring.offline import exchange
from qatui.services.scoring.offline.transcript import CUSTOMER, REP, Sentence, Transcript

Row = NDArray[np.float64]

REP_NAMES = REP.names
CUSTOMER_NAMES = CUSTOMER.names
_COMPARED = 12  # turns of one side that are compared with each other: enough to see repetition, bounded for long chats


def counts(found: list[Sentence], width: int) -> NDArray[np.float64]:
    flat = [row * width + cue for row, sentence in enumerate(found) for cue in sentence.cues]
    counted = np.bincount(flat, minlength=len(found) * width) if flat else np.zeros(len(found) * width)
    return counted.reshape(len(found), width).astype(np.float64)


@dataclass(frozen=True, slots=True)
class Counted:
    """The row of one ticket, and the cues of each of the rep's sentences (sentences × cues) that went into it."""

    row: Row
    cues: Row


REP_POOLS = ("n", "first", "dens")
CUSTOMER_POOLS = ("open", "later", "dens")
NUMBERS = (
    "rep.words", "rep.turns", "rep.sentences", "rep.words_turn", "rep.shortest", "rep.longest", "rep.first_words",
    "rep.last_words", "rep.sentence_words", "rep.longest_sentence", "rep.long_sentences", "rep.questions",
    "rep.question_share", "rep.exclaims", "rep.exclaim_share", "rep.urls", "rep.numbers", "rep.masked", "rep.named",
    "rep.signed", "rep.word_length", "rep.lower_start", "rep.no_stop", "rep.repeats_self",
    "rep.curt_turns", "rep.only_questions", "rep.unique",
    "cus.words", "cus.turns", "cus.opening", "cus.after", "cus.open_words", "cus.last_words", "cus.shouted",
    "cus.questions_open", "cus.questions_later", "cus.questions_last", "cus.exclaims", "cus.dots", "cus.repeats_self",
    "both.overlap", "both.first_overlap", "both.later_overlap", "both.customer_ends", "both.ratio", "both.turns",
    "both.unanswered", "both.thanks_last", "both.solved_last", "both.negative_open", "both.negative_later",
    "both.negative_last", "both.change", "both.repeat_rate", "both.confused_rate", "both.ack", "both.ack_specific",
    "both.cue_unanswered", "both.cue_ack",
)  # fmt: skip


def names() -> list[str]:
    """The name of every feature, in the order of `row`."""
    return [
        *(f"rep.{cue}.{pool}" for pool in REP_POOLS for cue in REP_NAMES),
        *(f"cus.{cue}.{pool}" for pool in CUSTOMER_POOLS for cue in CUSTOMER_NAMES),
        *NUMBERS,
        *exchange.NAMES,
    ]


def row(script: Transcript) -> Row:
    """The numbers of one ticket, in the order of `names`."""
    return count(script).row


def count(script: Transcript) -> Counted:
    """The numbers of one ticket with what they were pooled from; the rep must have written something."""
    rep, customer = script.rep, script.customer
    r = counts(rep, len(REP_NAMES))
    c = counts(customer, len(CUSTOMER_NAMES))
    first_rows = sum(s.turn == rep[0].turn for s in rep)
    total = r.sum(0)
    opening_turns = max(1, script.opening)
    n_open = sum(s.turn < opening_turns for s in customer)
    n_final = sum(s.turn == script.customer_turns - 1 for s in customer)
    n_later = len(customer) - n_open
    c_open = c[:n_open].sum(0)
    c_later = c[n_open:].sum(0)
    c_last = c[len(customer) - n_final :].sum(0) if n_later else np.zeros(len(CUSTOMER_NAMES))
    pools = np.concatenate(
        (
            np.log1p(total),
            r[:first_rows].max(0) > 0,
            np.count_nonzero(r, axis=0) / len(rep),
            np.log1p(c_open),
            np.log1p(c_later),
            np.count_nonzero(c, axis=0) / max(1, len(customer)),
        )
    )
    numbers = _numbers(script, total, c_open, c_later, c_last, n_open, n_final)
    return Counted(np.concatenate((pools, numbers, exchange.numbers(script, n_open))), r)


def _numbers(script: Transcript, total: Row, c_open: Row, c_later: Row, c_last: Row, n_open: int, n_final: int) -> Row:
    rep, customer = script.rep, script.customer
    n_later = len(customer) - n_open
    later = bool(n_later)
    turn_words = [0] * script.rep_turns
    longest = long_sentences = asked = exclaimed = 0
    for s in rep:
        size = len(s.tokens)
        turn_words[s.turn] += size
        longest = max(longest, size)
        long_sentences += size > 30
        if size:
            end = s.tokens[-1][0]
            asked += end == "?"
            exclaimed += end == "!"
    written = [n for n in turn_words if n] or [0]
    tokens = script.tokens if len(script.tokens) == sum(turn_words) else [t for s in rep for t in s.tokens]
    nwords = max(1, len(tokens))
    letters = [len(t) for t in tokens if t[0].isalpha()]
    cus_words = open_words = last_words = 0
    q_open = q_later = q_last = 0
    last_turn = script.customer_turns - 1
    for at, s in enumerate(customer):
        size = len(s.tokens)
        cus_words += size
        question = "?" in s.text
        if at < n_open:
            open_words += size
            q_open += question
        else:
            q_later += question
        if later and s.turn == last_turn:
            last_words += size
            q_last += question
    rep_sets = _turn_sets(rep)
    cus_sets = _turn_sets(customer)
    opening_turns = max(1, script.opening)
    asked_about = set[str]().union(*(words for turn, words in cus_sets.items() if turn < opening_turns))
    later_about = set[str]().union(*(words for turn, words in cus_sets.items() if turn >= opening_turns))
    answered = set[str]().union(*rep_sets.values())
    first_answer = rep_sets[rep[0].turn]

    neg_open, neg_later = float(c_open @ _NEGATIVE), float(c_later @ _NEGATIVE)
    neg_last = float(c_last @ _NEGATIVE)
    ack, ack_case = float(total @ _ACK), float(total @ _ACK_CASE)
    cue = log1p(neg_open + neg_later + log1p(script.shouted))
    customer_ends = script.order[-1][0] == "c"
    turns = max(1, len(written))
    texts = [t for t in script.rep_text if t.strip()]
    return np.array(
        (
            log1p(nwords),
            log1p(turns),
            log1p(len(rep)),
            nwords / turns,
            min(written),
            max(written),
            written[0],
            written[-1],
            nwords / len(rep),
            longest,
            long_sentences / len(rep),
            log1p(asked),
            asked / len(rep),
            log1p(exclaimed),
            exclaimed / len(rep),
            log1p(tokens.count("<url>")),
            log1p(tokens.count("<num>")),
            log1p(tokens.count("<name>")),
            script.rep_named,
            script.signed / turns,
            sum(letters) / max(1, len(letters)),
            sum(t[0].islower() for t in texts) / turns,
            sum(t.rstrip()[-1].isalnum() for t in texts) / turns,
            _repeats(rep_sets),
            sum(n < 6 for n in written) / turns,
            float(asked == len(rep)),
            len(set(tokens)) / nwords,
            log1p(cus_words),
            log1p(script.customer_turns),
            script.opening,
            script.after,
            log1p(open_words),
            last_words,
            log1p(script.shouted),
            log1p(q_open),
            log1p(q_later),
            q_last,
            log1p(script.exclaims),
            script.dots,
            _repeats(cus_sets),
            len(asked_about & answered) / (1 + len(answered)),
            len(asked_about & first_answer) / (1 + len(asked_about)),
            len(later_about & asked_about) / (1 + len(later_about)),
            float(customer_ends),
            log1p(nwords) - log1p(cus_words),
            log1p(len(script.order)),
            float(customer_ends and q_last > 0),
            float(c_last[_THANKS] > 0),
            float(c_last[_SOLVED] > 0),
            log1p(neg_open),
            log1p(neg_later),
            log1p(neg_last),
            log1p(neg_later) - log1p(neg_open),
            float(c_later[_REPEATS]) / (1 + n_later),
            float(c_later[_CONFUSED]) / (1 + n_later),
            log1p(ack),
            log1p(ack_case),
            cue * (ack == 0),
            cue * log1p(ack),
        ),
        dtype=np.float64,
    )


def _turn_sets(found: list[Sentence]) -> dict[int, set[str]]:
    """The content words of each turn."""
    sets: dict[int, set[str]] = {}
    for s in found:
        sets.setdefault(s.turn, set()).update(s.content)
    return sets


def _which(names_: tuple[str, ...], chosen: tuple[str, ...]) -> Row:
    return np.array([float(name in chosen) for name in names_])


_NEGATIVE = _which(
    CUSTOMER_NAMES, ("angry", "frustrated", "worried", "urgent", "waited", "complains", "sad_face", "gives_up")
)
_ACK = _which(REP_NAMES, ("apology", "understands", "names_feeling", "reassurance"))
_ACK_CASE = _which(REP_NAMES, ("apology_case", "understands", "names_feeling", "apology_strong"))
_THANKS, _SOLVED, _REPEATS, _CONFUSED = (CUSTOMER_NAMES.index(n) for n in ("thanks", "solved", "repeats", "confused"))


def _repeats(sets: dict[int, set[str]]) -> float:
    """The largest overlap of two turns of one side, 0..1: a reply sent twice, a complaint said again."""
    best = 0.0
    turns = [words for words in sets.values() if len(words) >= 4][:_COMPARED]
    for at, one in enumerate(turns):
        for other in turns[:at]:
            best = max(best, len(one & other) / min(len(one), len(other)))
    return best
