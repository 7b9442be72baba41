"""The embedded judge on conversations as they are stored: in the process that stores them, or in one of its own."""

from __future__ import annotations

from collections.abc import Sequence

from qatui.domain.conversation import Ticket
from qatui.domain.verdict import Reason, Unscored, Verdict, content_hash, responding
from qatui.services.scoring.offline.judge import OfflineJudge
from qatui.store.rows import Fetched, tickets_of
from qatui.store.verdict_rows import Judged, outcome_row


def judged(judge: OfflineJudge, row_ids: Sequence[int], fetched: Fetched) -> list[Judged]:
    """What comes of each ticket, ready to be stored; one that breaks the judge becomes `judge_failed`."""
    return [
        (row_id, bytes.fromhex(content_hash(ticket)), outcome_row(_read(judge, ticket)))
        for row_id, ticket in zip(row_ids, tickets_of(row_ids, fetched), strict=True)
    ]


def _read(judge: OfflineJudge, ticket: Ticket) -> Verdict | Unscored:
    who = responding(ticket)
    if who is None:
        return Unscored(Reason.NO_REP_REPLY)
    try:
        return judge.read(ticket, who)
    except Exception as error:  # one odd ticket must not end a run over thousands; the reason is kept and shown
        return Unscored(Reason.JUDGE_FAILED, f"the embedded judge stumbled over it ({type(error).__name__}: {error})")
