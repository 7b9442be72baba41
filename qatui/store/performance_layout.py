"""What statements must know of the performance tables without loading SQLAlchemy."""

from __future__ import annotations

from typing import Final

from qatui.domain.performance_counts import KEPT

NO_NAME: Final = 0
"""`channel_id` or `reason_id` where the import names none."""

SUMMED: Final = tuple(name for name in KEPT if name not in ("inbound", "handled_inbound"))
"""The fields of `Counts` that are kept as sums; the other two follow from the channel."""
