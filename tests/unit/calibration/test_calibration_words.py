"""How figures of agreement read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qatui.domain import calibration_words as words
from qatui.domain.agreement import agreement
from qatui.domain.calibration import CalibrationReport, LeftOut, Party, PartyKind, Scope
from qatui.domain.rubric import Dimension
from qatui.domain.verdict import JudgeIdentity

JUDGE = Party(kind=PartyKind.JUDGE, name="offline · v1", judge=JudgeIdentity("offline", "v1", "r"))
PEOPLE = Party(kind=PartyKind.PEOPLE, name="people")


def report(pairs: list[tuple[int, int]], **more: object) -> CalibrationReport:
    values: dict[str, object] = {"first": JUDGE, "second": PEOPLE, "scope": Scope()}
    agreements = {dimension: agreement(pairs) for dimension in Dimension}
    return CalibrationReport(agreements=agreements, **(values | more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [(1, 2, "50 %"), (999, 1000, ">99 %"), (1, 1000, "<1 %"), (7, 7, "100 %"), (0, 7, "0 %"), (0, 0, None)],
)
def test_shares_never_claim_all_or_none_by_rounding(part: int, whole: int, text: str | None) -> None:
    assert words.percent(part, whole) == text


@given(st.integers(0, 10_000), st.integers(1, 10_000))
def test_all_and_none_are_said_of_all_and_none_alone(part: int, whole: int) -> None:
    part = min(part, whole)
    assert (words.percent(part, whole) == "100 %") == (part == whole)
    assert (words.percent(part, whole) == "0 %") == (part == 0)


@pytest.mark.parametrize(("value", "text"), [(0.124, "+0.12"), (-0.2, "-0.20"), (-0.001, "0.00"), (None, None)])
def test_differences_have_a_sign_unless_they_are_none(value: float | None, text: str | None) -> None:
    assert words.difference(value) == text


def test_how_people_came_to_their_scores_is_said_where_there_are_people_and_pairs() -> None:
    found = words.how_people_came_to_theirs(report([(3, 4)] * 9, blind=4, own=2, agreed=3))
    assert found == (
        "By people: 4 scored blind, 2 with the judge's scores in sight, 3 agreed with."
        " What is not blind makes agreement look higher."
    )
    assert words.how_people_came_to_theirs(report([(3, 4)] * 4, blind=4)) == "By people: 4 scored blind."
    assert words.how_people_came_to_theirs(report([])) == ""
    assert words.how_people_came_to_theirs(report([(3, 4)], second=JUDGE)) == ""


def test_what_is_left_out_is_counted_by_reason() -> None:
    left = LeftOut(disputes=1, seen=2, older=3, unread=4)
    assert words.left_out(report([], left_out=left)) == (
        "Reviews left out: 4 of words that offline · v1 has not scored, 3 older than another of the same ticket,"
        " 2 not blind, 1 dispute without scores."
    )
    assert "that offline · v1 has" in words.left_out(report([], first=PEOPLE, second=JUDGE, left_out=left))
    assert words.left_out(report([])) == ""


def test_few_pairs_and_a_missing_kappa_are_said_once() -> None:
    found = list(words.cautions(report([(4, 4)] * 5)))
    assert len(found) == 2
    assert found[0].startswith(
        "Tone, Clarity, Empathy: there is no kappa: offline · v1 and people give every ticket a 4"
    )
    assert found[1].startswith("5 tickets are few")
    assert list(words.cautions(report([(n % 5 + 1, n % 5 + 1) for n in range(30)]))) == []
    assert list(words.cautions(report([(3, 4)])))[1].startswith("1 ticket is few")
    assert list(words.cautions(report([]))) == []
