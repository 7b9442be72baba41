"""What a judge says of a ticket: three scores with reasons and evidence, or a reason for no score."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from qatui.domain.conversation import Message, Rep, Speaker, Status, Ticket
from qatui.domain.rubric import Dimension

MIN_REP_WORDS = 10  # METRICS, 'Eligible': fewer words of the rep cannot be judged


class Reason(StrEnum):
    """Why a ticket has no score. A failed judge adds its own words after `judge_failed: `."""

    WAITING = "waiting"  # eligible, not judged yet
    NOT_CLOSED = "not_closed"
    NO_REP_REPLY = "no_rep_reply"
    NO_CUSTOMER_MESSAGE = "no_customer_message"
    TOO_SHORT = "too_short"
    SPAM = "spam"
    UNSUPPORTED_LANGUAGE = "unsupported_language"
    JUDGE_FAILED = "judge_failed"

    @property
    def sentence(self) -> str:
        """The reason in words a lead understands."""
        return _SENTENCES[self]


_SENTENCES = {
    Reason.WAITING: "No judge has read it yet.",
    Reason.NOT_CLOSED: "It is still open; tickets are scored when they close.",
    Reason.NO_REP_REPLY: "No rep wrote to the customer.",
    Reason.NO_CUSTOMER_MESSAGE: "The customer wrote nothing.",
    Reason.TOO_SHORT: f"The rep wrote fewer than {MIN_REP_WORDS} words.",
    Reason.SPAM: "It is marked as spam.",
    Reason.UNSUPPORTED_LANGUAGE: "The judge does not know the language of this conversation.",
    Reason.JUDGE_FAILED: "The judge failed.",
}


class Flag(StrEnum):
    """A mark on a ticket besides its scores."""

    SEVERAL_REPS = "several_reps"  # more than one rep wrote to the customer
    UNSURE = "unsure"  # the judge is unsure of at least one score
    UNVERIFIED = "unverified"  # a quote of the judge was not found and was dropped
    REOPENED = "reopened"  # the ticket was opened again after a close
    INJECTION = "injection"  # a message addresses the judge; its scores want a second look
    REVIEWED = "reviewed"  # the scores shown are a person's
    DISPUTED = "disputed"  # a person disputes the judge's scores and gave none

    @property
    def words(self) -> str:
        """The mark in a few words, as part of a sentence."""
        return _FLAG_WORDS[self]


_FLAG_WORDS = {
    Flag.SEVERAL_REPS: "several reps replied",
    Flag.UNSURE: "the judge is unsure",
    Flag.UNVERIFIED: "a quote was dropped",
    Flag.REOPENED: "opened again after a close",
    Flag.INJECTION: "a message addresses the judge",
    Flag.REVIEWED: "scored by a person",
    Flag.DISPUTED: "a person disputes the scores",
}


@dataclass(frozen=True, slots=True)
class Unscored:
    """A ticket without a score, and why; `detail` is the judge's own words after a failure."""

    reason: Reason
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.reason}: {self.detail}" if self.detail else str(self.reason)

    @classmethod
    def parse(cls, text: str) -> Unscored:
        """The inverse of str(); raises ValueError for an unknown reason."""
        reason, _, detail = text.partition(": ")
        return cls(Reason(reason), detail)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A span of a stored message: `position` counts from 0 in the ticket, `start` and `end` are character offsets.

    The quote is cut out of the stored text whenever it is shown, so it is verbatim by construction.
    """

    position: int
    start: int
    end: int

    def quote(self, ticket: Ticket) -> str:
        return ticket.messages[self.position].text[self.start : self.end]

    def message(self, ticket: Ticket) -> Message:
        return ticket.messages[self.position]


@dataclass(frozen=True, slots=True)
class Cue:
    """One thing that moved a score: its stable name, how it reads to a lead, and the direction (+1 or -1)."""

    name: str
    words: str
    direction: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a score is what it is: one to three sentences, the evidence, and the cues behind them, strongest first."""

    text: str
    evidence: tuple[Evidence, ...] = ()
    cues: tuple[Cue, ...] = ()


@dataclass(frozen=True, slots=True)
class Score:
    """One dimension's score 1..5 with its explanation; `sure` is the judge's calibrated probability 0..1 or None.

    spread: half the range between repeated readings; None of a single one.
    """

    value: int
    explanation: Explanation
    sure: float | None = None
    spread: float | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.value <= 5:
            raise ValueError(f"a score is 1 to 5, not {self.value}")


@dataclass(frozen=True, slots=True)
class JudgeIdentity:
    """Who judged: the same identity on the same content is never asked twice."""

    judge: str  # 'offline' or 'llm'
    model: str  # version of the weights, or name of the model
    rubric: str  # rubric_hash(); of the llm judge with a dash and the beginning of its prompt's hash

    def __str__(self) -> str:
        return f"{self.judge} · {self.model}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Three scores by one judge on one state of a ticket; readings: how often it was read for them."""

    tone: Score
    clarity: Score
    empathy: Score
    emotional_cue: bool
    flags: frozenset[Flag] = frozenset()
    tokens: int = 0
    readings: int = 1

    def score(self, dimension: Dimension) -> Score:
        return {Dimension.TONE: self.tone, Dimension.CLARITY: self.clarity, Dimension.EMPATHY: self.empathy}[dimension]

    def scores(self) -> Iterator[tuple[Dimension, Score]]:
        for dimension in Dimension:
            yield dimension, self.score(dimension)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A verdict or a failure as it is kept: with its judge, the content it read, and when."""

    outcome: Verdict | Unscored
    judge: JudgeIdentity
    content_hash: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Responding:
    """Whose messages are scored: the rep (None where the source names nobody) and the positions of their messages."""

    rep: Rep | None
    positions: tuple[int, ...]
    several: bool


def responding(ticket: Ticket) -> Responding | None:
    """The rep with most public messages; a tie goes to the last to reply (METRICS, 'Responding rep').

    Replies without an author count as one unknown rep. None when no rep wrote publicly.
    """
    positions: dict[str | None, list[int]] = {}
    reps: dict[str | None, Rep | None] = {}
    for position, message in enumerate(ticket.messages):
        if message.speaker is Speaker.REP and not message.private:
            who = message.author.id if message.author else None
            positions.setdefault(who, []).append(position)
            reps[who] = message.author
    if not positions:
        return None
    winner = max(positions, key=lambda who: (len(positions[who]), positions[who][-1]))
    return Responding(reps[winner], tuple(positions[winner]), len(positions) > 1)


def ineligible(ticket: Ticket) -> Unscored | None:
    """Why a ticket may not be judged, or None (METRICS, 'Eligible'); the first reason that holds."""
    return standing(ticket)[1]


def standing(ticket: Ticket) -> tuple[Responding | None, Unscored | None]:
    """What `responding` and `ineligible` say, in one go: an import asks both of every ticket."""
    who = responding(ticket)
    if ticket.spam:
        return who, Unscored(Reason.SPAM)
    if ticket.status is not Status.CLOSED:
        return who, Unscored(Reason.NOT_CLOSED)
    for message in ticket.messages:
        if message.speaker is Speaker.CUSTOMER and not message.private and message.text.strip():
            break
    else:
        return who, Unscored(Reason.NO_CUSTOMER_MESSAGE)
    if who is None:
        return who, Unscored(Reason.NO_REP_REPLY)
    words = 0
    for position in who.positions:
        words += len(ticket.messages[position].text.split(None, MIN_REP_WORDS))
        if words >= MIN_REP_WORDS:
            return who, None
    return who, Unscored(Reason.TOO_SHORT)


def content_hash(ticket: Ticket) -> str:
    """Changes when anything changes that a judge reads: public messages, who wrote them, in which order."""
    read = "".join(
        [
            f"{message.id}\x1f{message.speaker._value_}\x1f{message.author.id if message.author else ''}"
            f"\x1f{message.text}\x1e"
            for message in ticket.messages
            if not message.private
        ]
    )
    from hashlib import blake2b  # on the way to the first rows nothing is hashed, and loading it takes 3 ms

    return blake2b(read.encode(errors="surrogatepass"), digest_size=12).hexdigest()
