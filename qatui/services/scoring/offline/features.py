"""What the judge looks at in a ticket: cues per sentence, pooled over the conversation into one row of numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from qatui.domain.conversation import Speaker, Ticket
from qatui.domain.verdict import Responding
from qatui.services.scoring.evidence import sentences
from qatui.services.scoring.offline.lexer import Lexer
from qatui.services.scoring.offline.lexicon import CUSTOMER_CUES, REP_CUES, Trie

Row = NDArray[np.float64]

_REP = Trie(REP_CUES)
_CUSTOMER = Trie(CUSTOMER_CUES)
REP_NAMES = _REP.names
CUSTOMER_NAMES = _CUSTOMER.names
_NREP = len(_REP.names)
_NCUS = len(_CUSTOMER.names)
_REP_AT = {name: at for at, name in enumerate(_REP.names)}
_CUS_AT = {name: at for at, name in enumerate(_CUSTOMER.names)}
_SHOUTED = re.compile(r"\b[A-Z]{4,}\b")
_SIGNED = re.compile(r"(?:[\^*~/-]\s?[A-Z][\w.]{0,12}(?:\s[A-Z]\.?)?\s*$)")


@dataclass(slots=True)
class Sentence:
    """One sentence of a message: where it stands, its tokens and the cues in it (indexes of the speaker's cues)."""

    position: int
    start: int
    end: int
    tokens: list[str]
    cues: list[int]
    turn: int  # counts the messages of this speaker side from 0
    text: str


@dataclass(slots=True)
class Transcript:
    """What is read of a ticket: sentences of the responding rep and of the customer, and the order of turns."""

    rep: list[Sentence]
    customer: list[Sentence]
    opening: int  # customer turns before the rep's first message
    after: int  # customer turns after the rep's last message
    customer_turns: int
    rep_turns: int
    shouted: int
    rep_text: list[str]
    customer_text: list[str]
    rep_named: int
    signed: int
    order: list[tuple[str, int]]  # ('r' or 'c', turn)
    tokens: list[str]  # of the rep, for the language

    def without(self, sentence: int) -> Transcript:
        """The same transcript as if the rep had not written one sentence; turns keep their numbers."""
        gone = self.rep[sentence]
        rep_text = list(self.rep_text)
        rep_text[gone.turn] = rep_text[gone.turn].replace(gone.text, "", 1)
        return replace(self, rep=self.rep[:sentence] + self.rep[sentence + 1 :], rep_text=rep_text)


def transcribe(ticket: Ticket, who: Responding, lexer: Lexer) -> Transcript:
    """Reads the public messages once."""
    mine = frozenset(who.positions)
    rep: list[Sentence] = []
    customer: list[Sentence] = []
    rep_text: list[str] = []
    customer_text: list[str] = []
    order: list[tuple[str, int]] = []
    opening = after = named = signed = shouted = 0
    for position, message in enumerate(ticket.messages):
        if message.private:
            continue
        text = message.text
        if position in mine:
            turn = len(rep_text)
            rep_text.append(text)
            order.append(("r", turn))
            after = 0
            for start, end in sentences(text):
                raw = lexer.raw(text[start:end])
                tokens = lexer.fold(raw)
                if len(tokens) > 1 and tokens[0] in _OPENERS:
                    named += any(t[0].isupper() or t[0] == "#" for t in raw[1:3] if t[0] != "@" and t not in _NOT_NAMES)
                rep.append(Sentence(position, start, end, tokens, _REP.find(tokens), turn, text[start:end]))
            signed += _SIGNED.search(text) is not None
        elif message.speaker is Speaker.CUSTOMER:
            turn = len(customer_text)
            customer_text.append(text)
            order.append(("c", turn))
            if not rep_text:
                opening += 1
            after += 1
            shouted += len(_SHOUTED.findall(text))
            for start, end in sentences(text):
                tokens = lexer.tokens(text[start:end])
                customer.append(Sentence(position, start, end, tokens, _CUSTOMER.find(tokens), turn, text[start:end]))
    return Transcript(
        rep, customer, opening, after if rep_text else 0, len(customer_text), len(rep_text), shouted,
        rep_text, customer_text, named, signed, order, [t for s in rep for t in s.tokens],
    )


_OPENERS = frozenset(("hi", "hello", "hey", "dear", "morning", "afternoon", "evening", "<at>"))
_NOT_NAMES = frozenset(("I", "I'm", "We", "Thank", "Thanks", "Please", "The", "This", "Sorry", "Could", "Can", "What"))


def counts(found: list[Sentence], width: int) -> NDArray[np.float64]:
    flat = [row * width + cue for row, sentence in enumerate(found) for cue in sentence.cues]
    counted = np.bincount(flat, minlength=len(found) * width) if flat else np.zeros(len(found) * width)
    return counted.reshape(len(found), width).astype(np.float64)


def _content(tokens: list[str]) -> set[str]:
    return {t for t in tokens if len(t) > 3 and t[0] != "<" and t not in _COMMON}


_COMMON = frozenset(
    ["this", "that", "with", "have", "your", "from", "what", "when", "will", "please", "would", "could", "there", "they", "them", "then", "been", "were", "just", "about", "which", "thank", "thanks", "hello", "more", "some", "also", "only", "into", "than", "does", "didn't", "don't", "it's", "i'm", "we're", "you're", "i've", "very", "much", "like"]
)


def names() -> list[str]:
    """The name of every feature, in the order of `row`."""
    found: list[str] = []
    for pool in ("n", "share", "first", "last", "dens", "max"):
        found += [f"rep.{cue}.{pool}" for cue in _REP.names]
    for pool in ("open", "later", "last", "dens"):
        found += [f"cus.{cue}.{pool}" for cue in _CUSTOMER.names]
    return found + list(_NUMBERS)


_NUMBERS = (
    "rep.words", "rep.turns", "rep.sentences", "rep.words_turn", "rep.shortest", "rep.longest", "rep.first_words", "rep.last_words",
    "rep.sentence_words", "rep.longest_sentence", "rep.long_sentences", "rep.questions", "rep.question_share", "rep.exclaims", "rep.exclaim_share", "rep.urls",
    "rep.numbers", "rep.masked", "rep.named", "rep.signed", "rep.word_length", "rep.caps", "rep.lower_start", "rep.no_stop", "rep.repeats_self", "rep.curt_turns", "rep.only_questions",
    "rep.unique",
    "cus.words", "cus.turns", "cus.opening", "cus.after", "cus.open_words", "cus.last_words", "cus.shouted", "cus.questions_open", "cus.questions_later", "cus.questions_last", "cus.exclaims", "cus.dots",
    "cus.repeats_self", "cus.handles",
    "both.overlap", "both.first_overlap", "both.later_overlap", "both.customer_ends", "both.ratio", "both.turns",
    "both.unanswered", "both.thanks_last", "both.solved_last", "both.negative_open", "both.negative_later", "both.negative_last",
    "both.change", "both.repeat_rate", "both.confused_rate", "both.ack", "both.ack_specific", "both.cue_unanswered", "both.cue_ack",
)


def row(script: Transcript) -> Row:
    """The numbers of one ticket, in the order of `names`."""
    rep, customer = script.rep, script.customer
    r = counts(rep, _NREP)
    c = counts(customer, _NCUS)
    turn = np.array([s.turn for s in rep])
    starts = np.flatnonzero(np.r_[True, turn[1:] != turn[:-1]])
    by_turn = np.add.reduceat(r, starts, axis=0)
    total = by_turn.sum(0)
    has = by_turn > 0
    words = np.array([len(s.tokens) for s in rep], dtype=np.float64)
    turn_words = np.add.reduceat(words, starts)
    nwords = max(1.0, float(words.sum()))
    parts = [np.log1p(total), has.mean(0), has[0], has[-1], (r > 0).mean(0), np.log1p(by_turn.max(0))]

    cturn = np.array([s.turn for s in customer])
    cwords = np.array([len(s.tokens) for s in customer], dtype=np.float64)
    opening = cturn < max(1, script.opening)
    c_open = c[opening].sum(0)
    c_later = c[~opening].sum(0)
    final = cturn == script.customer_turns - 1
    c_last = c[final].sum(0) if (~opening).any() else np.zeros(_NCUS)
    parts += [np.log1p(c_open), np.log1p(c_later), np.log1p(c_last), (c > 0).sum(0) / max(1, len(customer))]

    tokens = [t for s in rep for t in s.tokens]
    asked = np.array([s.tokens[-1][0] == "?" if s.tokens else False for s in rep])
    exclaimed = np.array([s.tokens[-1][0] == "!" if s.tokens else False for s in rep])
    alpha = [t for t in tokens if t[0].isalpha()]
    rep_sets = [set[str]() for _ in range(script.rep_turns)]
    for s in rep:
        rep_sets[s.turn] |= _content(s.tokens)
    cus_sets = [set[str]() for _ in range(script.customer_turns)]
    for s in customer:
        cus_sets[s.turn] |= _content(s.tokens)
    first_customer = set[str]().union(*cus_sets[: max(1, script.opening)])
    later_customer = set[str]().union(*cus_sets[max(1, script.opening) :]) if script.customer_turns > script.opening else set()
    all_rep = set[str]().union(*rep_sets)
    questions = np.array([any(t[0] == "?" for t in s.tokens) for s in customer])
    n_later = int((~opening).sum())
    cus_text = "".join(script.customer_text)
    rep_text = "".join(script.rep_text)

    neg = c[:, _NEGATIVE].sum(1)
    neg_open = float(neg[opening].sum())
    neg_later = float(neg[~opening].sum())
    neg_last = float(neg[final].sum()) if n_later else 0.0
    ack = float(total[_ACK].sum())
    ack_specific = float(total[_ACK_CASE].sum())
    cue = neg_open + neg_later + np.log1p(script.shouted)
    last_order = script.order[-1][0] if script.order else "r"
    numbers = (
        np.log1p(nwords), np.log1p(script.rep_turns), np.log1p(len(rep)), nwords / script.rep_turns, float(turn_words.min()), float(turn_words.max()),
        float(turn_words[0]), float(turn_words[-1]), float(words.mean()), float(words.max()), float((words > 30).mean()), np.log1p(asked.sum()), float(asked.mean()),
        np.log1p(exclaimed.sum()), float(exclaimed.mean()), np.log1p(tokens.count("<url>")), np.log1p(tokens.count("<num>")), np.log1p(tokens.count("<name>")),
        script.rep_named, script.signed / script.rep_turns, sum(map(len, alpha)) / max(1, len(alpha)), len(_SHOUTED.findall(rep_text)),
        sum(t[:1].islower() for t in script.rep_text) / script.rep_turns, sum(t.rstrip()[-1:].isalnum() for t in script.rep_text) / script.rep_turns,
        _repeats(rep_sets), float((turn_words < 6).mean()), float(asked.all()), len(set(tokens)) / nwords,
        np.log1p(cwords.sum()), np.log1p(script.customer_turns), script.opening, script.after, np.log1p(cwords[opening].sum()), float(cwords[final].sum()) if n_later else 0.0,
        np.log1p(script.shouted), np.log1p(questions[opening].sum()), np.log1p(questions[~opening].sum()), float(questions[final].sum()) if n_later else 0.0,
        np.log1p(cus_text.count("!")), cus_text.count("..") + cus_text.count("…"), _repeats(cus_sets), np.log1p(cus_text.count("@")),
        len(first_customer & all_rep) / (1 + len(all_rep)) , len(first_customer & rep_sets[0]) / (1 + len(first_customer)), len(later_customer & first_customer) / (1 + len(later_customer)),
        float(last_order == "c"), np.log1p(nwords) - np.log1p(cwords.sum()), np.log1p(len(script.order)),
        float(last_order == "c" and n_later > 0 and bool(questions[final].any())), float(c_last[_CUS_AT["thanks"]] > 0), float(c_last[_CUS_AT["solved"]] > 0),
        np.log1p(neg_open), np.log1p(neg_later), np.log1p(neg_last), np.log1p(neg_later) - np.log1p(neg_open),
        float(c_later[_CUS_AT["repeats"]]) / (1 + n_later), float(c_later[_CUS_AT["confused"]]) / (1 + n_later), np.log1p(ack), np.log1p(ack_specific),
        np.log1p(cue) * (ack == 0), np.log1p(cue) * np.log1p(ack),
    )
    parts.append(np.array(numbers, dtype=np.float64))
    return np.concatenate(parts)


_NEGATIVE = [_CUS_AT[name] for name in ("angry", "frustrated", "worried", "urgent", "waited", "complains", "sad_face", "gives_up")]
_ACK = [_REP_AT[name] for name in ("apology", "understands", "names_feeling", "reassurance")]
_ACK_CASE = [_REP_AT[name] for name in ("apology_case", "understands", "names_feeling", "apology_strong")]


EMOTION = [
    {"angry": 3.0, "frustrated": 3.0, "worried": 2.0, "sad_face": 2.0, "complains": 1.0, "urgent": 1.0, "waited": 0.5, "exclaims": 0.5}.get(
        name, 0.0
    )
    for name in CUSTOMER_NAMES
]


def _repeats(sets: list[set[str]]) -> float:
    """The largest overlap of two turns of one side, 0..1: a reply sent twice, a complaint said again."""
    best = 0.0
    for at, one in enumerate(sets):
        if len(one) < 4:
            continue
        for other in sets[:at]:
            if len(other) >= 4:
                best = max(best, len(one & other) / min(len(one), len(other)))
    return best
