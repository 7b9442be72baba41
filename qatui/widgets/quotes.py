"""The quotes of a verdict as they are numbered in explanations and transcripts."""

from __future__ import annotations

from dataclasses import dataclass

from qatui.domain.conversation import Message
from qatui.domain.listing import TicketView
from qatui.domain.rubric import Dimension
from qatui.domain.verdict import Evidence, Verdict


@dataclass(frozen=True, slots=True)
class Quote:
    """One quote: its number from 0 within its dimension, where it stands and who wrote it."""

    dimension: Dimension
    index: int
    evidence: Evidence
    message: Message

    @property
    def text(self) -> str:
        return self.message.text[self.evidence.start : self.evidence.end]


def quotes(view: TicketView, dimension: Dimension | None) -> list[Quote]:
    """The quotes of one dimension, or of all; a span that the ticket no longer has is left out, its number too."""
    if view.judgement is None or not isinstance(view.judgement.outcome, Verdict):
        return []
    found: list[Quote] = []
    for scored, score in view.judgement.outcome.scores():
        if dimension is None or scored is dimension:
            for index, evidence in enumerate(score.explanation.evidence):
                if 0 <= evidence.position < len(view.ticket.messages):
                    message = view.ticket.messages[evidence.position]
                    if 0 <= evidence.start < evidence.end <= len(message.text):
                        found.append(Quote(scored, index, evidence, message))
    return found
