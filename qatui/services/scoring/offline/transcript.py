"""What is read of a ticket: who wrote which sentence, its tokens and the cues in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from qatui.domain.conversation import Speaker, Ticket
from qatui.domain.verdict import Responding
from qatui.services.scoring.evidence import sentences
from qatui.services.scoring.offline import lexicon
from qatui.services.scoring.offline.language import ENGLISH
from qatui.services.scoring.offline.lexer import Lexer

_CUES = lexicon.read()
REP = lexicon.Trie(_CUES["rep"])
CUSTOMER = lexicon.Trie(_CUES["customer"])
_CAPITALS = re.compile(r"\b[A-Z]{3,}\b")
_ORDINARY = ENGLISH | CUSTOMER.starts.keys()
_SIGNED = re.compile(r"(?:[\^*~/-]\s?[A-Z][\w.]{0,12}(?:\s[A-Z]\.?)?\s*$)")
_COMMON_WORDS = """
    this that with have your from what when will please would could there they them then been were just about which
    thank thanks hello more some also only into than does didn't don't it's i'm we're you're i've very much like
"""
_COMMON = frozenset(_COMMON_WORDS.split())


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

    @property
    def content(self) -> list[str]:
        """Its words that carry the matter: four letters or more and none of the commonest."""
        return [t for t in self.tokens if len(t) > 3 and t[0] != "<" and t not in _COMMON]


def occurrences(found: Sequence[Sentence]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Every cue in some sentences, and the place among them of the one in which it stands."""
    of = np.repeat(np.arange(len(found)), np.array([len(sentence.cues) for sentence in found], dtype=np.intp))
    cues = chain.from_iterable(sentence.cues for sentence in found)
    return np.fromiter(cues, dtype=np.intp, count=len(of)), of


@dataclass(slots=True)
class Transcript:
    """What is read of a ticket: sentences of the responding rep and of the customer, and the order of turns."""

    rep: list[Sentence]
    customer: list[Sentence]
    opening: int  # customer turns before the rep's first message
    after: int  # customer turns after the rep's last message
    customer_turns: int
    rep_turns: int
    shouted: int  # ordinary words in capitals; names of products do not count
    rep_text: list[str]
    customer_text: list[str]
    exclaims: int
    dots: int
    rep_named: int
    signed: int
    order: list[tuple[str, int]]  # ('r' or 'c', turn)
    tokens: list[str]  # of the rep, for the language


def transcribe(ticket: Ticket, who: Responding, lexer: Lexer) -> Transcript:
    """Reads the public messages once."""
    mine = frozenset(who.positions)
    rep: list[Sentence] = []
    customer: list[Sentence] = []
    rep_text: list[str] = []
    customer_text: list[str] = []
    order: list[tuple[str, int]] = []
    opening = after = named = signed = shouted = exclaims = dots = 0
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
                rep.append(Sentence(position, start, end, tokens, REP.find(tokens), turn, text[start:end]))
            signed += _SIGNED.search(text) is not None
        elif message.speaker is Speaker.CUSTOMER:
            turn = len(customer_text)
            customer_text.append(text)
            order.append(("c", turn))
            if not rep_text:
                opening += 1
            after += 1
            shouted += sum(word.lower() in _ORDINARY for word in _CAPITALS.findall(text))
            exclaims += text.count("!")
            dots += text.count("..") + text.count("…")
            for start, end in sentences(text):
                tokens = lexer.tokens(text[start:end])
                customer.append(Sentence(position, start, end, tokens, CUSTOMER.find(tokens), turn, text[start:end]))
    return Transcript(
        rep,
        customer,
        opening,
        after if rep_text else 0,
        len(customer_text),
        len(rep_text),
        shouted,
        rep_text,
        customer_text,
        exclaims,
        dots,
        named,
        signed,
        order,
        [t for s in rep for t in s.tokens],
    )


_OPENERS = frozenset(("hi", "hello", "hey", "dear", "morning", "afternoon", "evening", "<at>"))
_NOT_NAMES = frozenset(("I", "I'm", "We", "Thank", "Thanks", "Please", "The", "This", "Sorry", "Could", "Can", "What"))
