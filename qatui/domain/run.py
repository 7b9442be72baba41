"""Scoring runs as they are kept: what each did, what it used, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from qatui.domain.verdict import JudgeIdentity


class RunKind(StrEnum):
    """How the judge of a run was asked."""

    OFFLINE = "offline"  # the embedded judge
    REQUESTS = "requests"  # an endpoint, one request after the other
    BATCH = "batch"  # an endpoint that collects requests and answers within a day


class RunState(StrEnum):
    """How a run stands."""

    GOING = "going on"
    PAUSED = "paused"  # going on, but told to begin nothing: known in its own process alone, and never stored
    WAITING = "waiting"  # for a Batch endpoint; no process needs to live meanwhile
    DONE = "done"
    STOPPED = "stopped"  # ended early, and said why
    CUT_SHORT = "cut short"  # its process is gone and never ended it; what it had stored is kept


@dataclass(frozen=True, slots=True)
class Used:
    """What an endpoint was asked and paid: `sent` counts all tokens sent, `cached` those of them it knew already.

    cost: in the currency of the settings; None where no price was set.
    """

    requests: int = 0
    sent: int = 0
    cached: int = 0
    received: int = 0
    cost: float | None = None

    @property
    def tokens(self) -> int:
        return self.sent + self.received


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """One run. planned: tickets it meant to judge; unscored: those without a score for a reason other than a failure.

    moved_at: when it last stored anything. stopped: why it ended early, or "".
    """

    id: int
    judge: JudgeIdentity
    kind: RunKind
    state: RunState
    started_at: datetime
    moved_at: datetime
    ended_at: datetime | None
    planned: int
    scored: int
    unscored: int
    failed: int
    used: Used
    stopped: str
    pid: int

    @property
    def tickets(self) -> int:
        """Tickets that this run has answered."""
        return self.scored + self.unscored + self.failed


@dataclass(frozen=True, slots=True, kw_only=True)
class RunTotals:
    """All runs of one judge and model, whatever the rubric; judge and model are "" in the sum over all.

    unpriced: runs that asked an endpoint while no price was set: the cost leaves them out.
    """

    judge: str
    model: str
    runs: int
    scored: int
    unscored: int
    failed: int
    used: Used
    unpriced: int

    @property
    def tickets(self) -> int:
        """Tickets that these runs have answered; one that several runs answered counts for each."""
        return self.scored + self.unscored + self.failed
