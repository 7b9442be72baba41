"""How an amount of money that somebody set is written."""

from __future__ import annotations

import math
from decimal import Decimal


def amount(value: float) -> str:
    """All its digits and no exponent: '2.5', '0.000001', '1,000,000'; what is no number is named."""
    if not math.isfinite(value):
        return str(value)
    digits = f"{Decimal(repr(value + 0.0)):,f}"  # the shortest decimal that is this number; -0.0 becomes 0.0
    return digits.rstrip("0").rstrip(".") if "." in digits else digits
