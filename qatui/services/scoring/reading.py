"""The embedded judge on conversations as they are stored: in the process that stores them, or in one of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from qatui.domain.conversation import Ticket
from qatui.domain.verdict import Reason, Responding, Unscored, Verdict, content_hash, responding
from qatui.services.scoring.offline.judge import OfflineJudge
from qatui.store.rows import Fetched, tickets_of
from qatui.store.verdict_rows import Judged, outcome_row


def judged(judge: OfflineJudge, row_ids: Sequence[int], fetched: Fetched) -> list[Judged]:
    """What comes of each ticket, ready to be stored; one that breaks the judge becomes `judge_failed`."""
    tickets = tickets_of(row_ids, fetched)
    return [
        (row_id, bytes.fromhex(content_hash(ticket)), outcome_row(outcome))
        for row_id, ticket, outcome in zip(row_ids, tickets, _outcomes(judge, tickets), strict=True)
    ]


def _outcomes(judge: OfflineJudge, tickets: Sequence[Ticket]) -> list[Verdict | Unscored]:
    whos = [responding(ticket) for ticket in tickets]
    asked = [(ticket, who) for ticket, who in zip(tickets, whos, strict=True) if who is not None]
    told: Iterator[Verdict | Unscored]
    try:
        told = iter(judge.read_all(asked))
    except Exception:  # one of them is odd: read one by one, it fails alone
        told = (_read(judge, ticket, who) for ticket, who in asked)
    return [Unscored(Reason.NO_REP_REPLY) if who is None else next(told) for who in whos]


def _read(judge: OfflineJudge, ticket: Ticket, who: Responding) -> Verdict | Unscored:
    try:
        return judge.read(ticket, who)
    except Exception as error:  # one odd ticket must not end a run over thousands; the reason is kept and shown
        return Unscored(Reason.JUDGE_FAILED, f"the embedded judge stumbled over it ({type(error).__name__}: {error})")
