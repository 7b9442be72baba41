"""From a model's answer to a verdict: each quote is found in the stored message that it names, or is dropped."""

from __future__ import annotations

import re
from dataclasses import dataclass

from qatui.domain.conversation import Speaker, Ticket
from qatui.domain.rubric import Dimension
from qatui.domain.verdict import Evidence, Explanation, Flag, Responding, Score, Verdict
from qatui.services.scoring.evidence import find_quote, sentences, trimmed
from qatui.services.scoring.llm.answer import MAX_QUOTES, Answer, Quote
from qatui.services.scoring.llm.prompt import Prompt
from qatui.text import storable

MAX_REASON = 600  # characters: three sentences that are read beside a transcript
_WORDY = re.compile(r"\w\W*\w\W*\w")  # a quote of a comma is found everywhere
_NAME = re.compile(r"^(?:message\s+)?[\"'\[(]*(.*?)[\"'\])]*$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Reading:
    """An answer with its evidence placed, and a sentence on each quote that could not be."""

    scores: dict[Dimension, Score]
    emotional_cue: bool
    missing: tuple[str, ...]

    def verdict(self, flags: frozenset[Flag], tokens: int) -> Verdict:
        """The verdict; unverified where a quote had to be dropped."""
        return Verdict(
            tone=self.scores[Dimension.TONE],
            clarity=self.scores[Dimension.CLARITY],
            empathy=self.scores[Dimension.EMPATHY],
            emotional_cue=self.emotional_cue,
            flags=flags | {Flag.UNVERIFIED} if self.missing else flags,
            tokens=tokens,
        )


def read(answer: Answer, prompt: Prompt, ticket: Ticket, who: Responding) -> Reading:
    """Place the evidence of an answer in the stored messages."""
    missing: list[str] = []
    scores: dict[Dimension, Score] = {}
    for dimension in Dimension:
        part = answer.part(dimension)
        placed: dict[Evidence, None] = {}
        for quote in part.evidence[:MAX_QUOTES]:
            evidence = _place(quote, dimension, prompt, ticket, who)
            if evidence is None:
                missing.append(
                    f"{dimension}: {quote.quote[:80]!r} is not in a message {quote.message[:40]!r} of the right sender"
                )
            else:
                placed[evidence] = None
        if not part.evidence:
            missing.append(f"{dimension}: there is no quote")
        scores[dimension] = Score(part.score, Explanation(_reason(prompt.unmask(part.reasoning)), tuple(placed)))
    return Reading(scores, answer.emotional_cue, tuple(missing))


def _place(quote: Quote, dimension: Dimension, prompt: Prompt, ticket: Ticket, who: Responding) -> Evidence | None:
    if not _WORDY.search(quote.quote):
        return None
    for position in _positions(quote.message, prompt):
        # The scored rep carries every score; only how a feeling was met can be shown by the feeling itself.
        cue = dimension is Dimension.EMPATHY and ticket.messages[position].speaker is Speaker.CUSTOMER
        if position not in who.positions and not cue:
            continue
        span = find_quote(prompt.sent[position].text, quote.quote)
        if span:
            start, end = prompt.sent[position].original(*span)
            return trimmed(position, start, end, ticket.messages[position].text)
    return None


def _positions(name: str, prompt: Prompt) -> tuple[int, ...]:
    """The messages that a model means: by id, with or without the marks that it may put around one."""
    exact = prompt.names.get(name)
    if exact is not None:
        return exact
    bare = _NAME.match(name.strip())
    return prompt.names.get(bare[1].strip(), ()) if bare else ()


def _reason(text: str) -> str:
    """One to three sentences on one line; what a model adds beyond them is left out."""
    line = " ".join(storable(text).split())
    ends = [end for _, end in sentences(line)][:3]
    while len(ends) > 1 and ends[-1] > MAX_REASON:
        ends.pop()
    line = line[: ends[-1]] if ends else line
    return line if len(line) <= MAX_REASON else line[: MAX_REASON - 1].rstrip() + "…"
