"""What the judge looks at in a ticket: cues per sentence, pooled over the conversation into one row of numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log1p

import numpy as np
from numpy.typing import NDArray

from qatui.services.scoring.offline import exchange
from qatui.services.scoring.offline.transcript import CUSTOMER, REP, Sentence, Transcript, occurrences

Row = NDArray[np.float64]
Whole = NDArray[np.intp]

REP_NAMES = REP.names
CUSTOMER_NAMES = CUSTOMER.names
_COMPARED = 12  # turns of one side that are compared with each other: enough to see repetition, bounded for long chats


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
    """The numbers of one ticket, in the order of `names`; the rep must have written something."""
    return np.asarray(rows([script])[0])


def rows(scripts: Sequence[Transcript]) -> Row:
    """The numbers of several tickets (tickets × `names`); in each the rep must have written something."""
    tickets = len(scripts)
    rep = _Side.of([script.rep for script in scripts], len(REP_NAMES))
    customer = _Side.of([script.customer for script in scripts], len(CUSTOMER_NAMES))
    first = np.repeat([script.rep[0].turn for script in scripts], rep.sizes)
    opening = np.repeat([max(1, script.opening) for script in scripts], customer.sizes)
    final = np.repeat([script.customer_turns - 1 for script in scripts], customer.sizes)
    total = rep.sums(rep.turn >= 0)
    opens = customer.turn < opening
    c_open, c_later = customer.sums(opens), customer.sums(~opens)
    n_open = np.bincount(customer.ticket[opens], minlength=tickets)
    c_last = np.where((customer.sizes > n_open)[:, None], customer.sums(customer.turn == final), 0.0)
    pools = np.concatenate(
        (
            np.log1p(total),
            rep.sums(rep.turn == first) > 0,
            rep.share(),
            np.log1p(c_open),
            np.log1p(c_later),
            customer.share(),
        ),
        axis=1,
    )
    numbers = [
        (*_numbers(script, total[at], c_open[at], c_later[at], c_last[at], n), *exchange.numbers(script, n))
        for at, (script, n) in enumerate(zip(scripts, n_open.tolist(), strict=True))
    ]
    return np.concatenate((pools, np.array(numbers, dtype=np.float64)), axis=1)


@dataclass(frozen=True, slots=True)
class _Side:
    """The cues in the sentences of one side of several tickets.

    ticket, turn (sentences); cue, sentence (occurrences); sizes (tickets): sentences of each; width: kinds of cues.
    """

    ticket: Whole
    turn: Whole
    cue: Whole
    sentence: Whole
    sizes: Whole
    width: int

    @classmethod
    def of(cls, sides: list[list[Sentence]], width: int) -> _Side:
        found = [sentence for side in sides for sentence in side]
        sizes = np.array([len(side) for side in sides], dtype=np.intp)
        cue, of = occurrences(found)
        return cls(
            np.repeat(np.arange(len(sides)), sizes),
            np.array([sentence.turn for sentence in found], dtype=np.intp),
            cue,
            of,
            sizes,
            width,
        )

    def sums(self, wanted: NDArray[np.bool_]) -> Row:
        """How often each cue occurs in the wanted sentences (tickets × cues)."""
        cells = (self.ticket[self.sentence] * self.width + self.cue)[wanted[self.sentence]]
        return self._table(cells)

    def share(self) -> Row:
        """In which share of its sentences a ticket shows each cue (tickets × cues)."""
        once = np.unique(self.sentence * self.width + self.cue)
        cells = self.ticket[once // self.width] * self.width + once % self.width
        return np.asarray(self._table(cells) / np.maximum(1, self.sizes)[:, None])

    def _table(self, cells: Whole) -> Row:
        tickets = len(self.sizes)
        counted = np.bincount(cells, minlength=tickets * self.width)
        return counted.reshape(tickets, self.width).astype(np.float64)


def _numbers(script: Transcript, total: Row, c_open: Row, c_later: Row, c_last: Row, n_open: int) -> tuple[float, ...]:
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
    return (
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
