"""The unanswered questions of one conversation as rows: everything that can be worked out without the database.

No SQL and no SQLAlchemy here, so that another process can do it: plain tuples travel cheaply.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Any, Final

from qatui.domain.conversation import Ticket
from qatui.domain.gap import Rule, questions
from qatui.store.rows import to_micros

RULE_CODES: Final = {Rule.UNANSWERED: 1, Rule.MISSING_KNOWLEDGE: 2, Rule.FALLBACK: 3}
"""How rows hold the rule that found a question; a number is never given a second meaning."""

Asked = tuple[tuple[Any, ...], ...]
"""(message, position, rule, at, text_hash) of each question."""


def asked(ticket: Ticket) -> Asked:
    """The rows of a ticket; they lack only its row id. Every imported conversation comes here."""
    return tuple(
        (each.message, each.position, RULE_CODES[each.rule], to_micros(each.at), text_hash(each.text))
        for each in questions(ticket)
    )


def text_hash(text: str) -> str:
    """The name of a text in the cache of vectors: 32 letters."""
    return blake2b(text.encode(), digest_size=16).hexdigest()
