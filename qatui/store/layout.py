"""What statements must know of the schema without loading it: SQLAlchemy is for making and upgrading tables only.

Opening a workspace and asking it is on the way to the first rows on screen, and importing SQLAlchemy would double
that way (190 of 400 ms of CPU).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from qatui.domain.verdict import Flag

REVISION: Final = "0004"
"""The newest migration; a database that says the same is opened without loading Alembic or SQLAlchemy."""

UNKNOWN_REP_ID: Final = 0
"""`listing.rep_id` of a ticket whose rep is unknown."""

NO_REP_ID: Final = -1
"""`listing.rep_id` of a ticket that no rep answered."""

FLAG_BITS: Final = {
    Flag.SEVERAL_REPS: 1,
    Flag.UNSURE: 2,
    Flag.UNVERIFIED: 4,
    Flag.REOPENED: 8,
    Flag.INJECTION: 16,
    Flag.REVIEWED: 32,
    Flag.DISPUTED: 64,
}
"""The bit of each flag in `listing.flags` and `verdicts.flags`; a bit is never given a second meaning."""

BULKY_INDEXES: Final = (
    "listing_by_closed",
    "listing_by_name",
    "listing_by_rep",
    "listing_by_team",
    "listing_by_channel",
    "listing_by_tone",
    "listing_by_clarity",
    "listing_by_empathy",
    "listing_by_overall",
    "listing_of_rep",
    "listing_unscored",
    "episodes_by_settling",
    "feedback_by_final",
    "rep_closes_by_final",
    "episodes_by_start",
    "feedback_by_at",
    "feedback_by_start",
    "late_handoffs_by_at",
    "rep_closes_by_close",
    "episodes_by_channel",
    "episodes_by_time",
)
"""Names of the indexes that are left out during a first bulk load (`indexes`)."""


def flag_bits(flags: Iterable[Flag]) -> int:
    """Flags as the tables keep them."""
    return sum(FLAG_BITS[flag] for flag in flags)


def flags_of(bits: int) -> frozenset[Flag]:
    """The inverse of `flag_bits`."""
    return frozenset(flag for flag, bit in FLAG_BITS.items() if bits & bit)
