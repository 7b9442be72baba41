"""Batches as they are told of: what was handed in to an endpoint that answers within a day, and what became of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from qatui.domain.verdict import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchNews:
    """What became of one batch. name: as the endpoint calls it, or our own name of it; words: how it stands.

    waiting: it still holds its tickets. scored, unscored (by reason), tokens, cost: what was collected just now;
    changed: answers about words that a ticket does not have any more; released: tickets without an answer, which wait
    again.
    """

    name: str
    requests: int
    words: str
    waiting: bool
    scored: int = 0
    unscored: Counter[str] = field(default_factory=Counter)
    changed: int = 0
    released: int = 0
    tokens: int = 0
    cost: float | None = None

    @property
    def failed(self) -> int:
        return self.unscored[Reason.JUDGE_FAILED]


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedIn:
    """What was handed in: tickets in batches (the endpoint's names), about so many tokens sent and received.

    cost: about so much; None where no price is set. before: what became of the batches that were open. stopped: why
    not all that waits was handed in, or "".
    """

    before: tuple[BatchNews, ...]
    tickets: int
    batches: tuple[str, ...]
    sent: int
    received: int
    cost: float | None
    stopped: str
