"""What every judge offers: a transcript in, a verdict or a reason for no score out."""

from __future__ import annotations

from typing import Protocol

from qatui.domain.conversation import Ticket
from qatui.domain.verdict import JudgeIdentity, Responding, Unscored, Verdict


class Judge(Protocol):
    """Reads one eligible ticket. Eligibility is decided before, by `qatui.domain.verdict.ineligible`."""

    @property
    def identity(self) -> JudgeIdentity:
        """Stored with each verdict: the same identity on the same content is never asked twice."""
        ...

    async def judge(self, ticket: Ticket, who: Responding) -> Verdict | Unscored:
        """The verdict on the messages of `who`; a judge that cannot answer says why, never a default score."""
        ...
