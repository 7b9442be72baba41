"""Amounts of money are written in digits, whatever their size."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qatui.domain.money import amount


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0, "0"),
        (2.0, "2"),
        (2.5, "2.5"),
        (0.15, "0.15"),
        (0.1 + 0.2, "0.30000000000000004"),  # what was set is never rounded
        (0.000001, "0.000001"),
        (1e-9, "0.000000001"),
        (1_234_567.5, "1,234,567.5"),
        (1e22, "10,000,000,000,000,000,000,000"),
        (-1e-6, "-0.000001"),
        (-0.0, "0"),
    ],
)
def test_an_amount_has_its_digits_and_no_more(value: float, shown: str) -> None:
    assert amount(value) == shown


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_it_has_no_exponent_and_is_the_same_number(value: float) -> None:
    shown = amount(value)
    assert set(shown) <= set("-0123456789.,")
    assert float(shown.replace(",", "")) == value


def test_what_is_no_number_can_be_named() -> None:
    assert (amount(math.inf), amount(math.nan)) == ("inf", "nan")
