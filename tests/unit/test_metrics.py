"""Means, the overall score and its interval, against hand-worked examples and the statistics module."""

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qatui.domain.metrics import FEW, Mapping, RepsReport, RepSummary, Tally, TeamSummary, t_quantile_975, weakest
from qatui.domain.rubric import Dimension

score = st.integers(1, 5)
tickets = st.lists(st.tuples(score, score, score), min_size=1, max_size=60)


def tally_of(scores):
    return sum((Tally.of(*three) for three in scores), Tally())


@given(tickets)
def test_every_ticket_weighs_the_same(scores):
    tally = tally_of(scores)
    assert tally.tickets == len(scores)
    for place, dimension in enumerate(Dimension):
        assert tally.mean(dimension) == pytest.approx(statistics.fmean(three[place] for three in scores))
    assert tally.overall_percent() == pytest.approx(statistics.fmean(sum(three) / 15 * 100 for three in scores))


@given(st.lists(tickets, min_size=1, max_size=5))
def test_a_team_mean_is_the_mean_of_its_tickets_not_of_its_reps(reps):
    team = TeamSummary(
        team="Billing",
        reps=tuple(RepSummary(rep=str(n), key=None, team="Billing", tally=tally_of(rep)) for n, rep in enumerate(reps)),
    )
    assert team.tally == tally_of([three for rep in reps for three in rep])


@given(st.lists(st.tuples(score, score, score), min_size=2, max_size=60))
def test_the_interval_is_students_t_around_the_mean(scores):
    tally = tally_of(scores)
    means = [sum(three) / 3 for three in scores]
    half = t_quantile_975(len(means) - 1) * statistics.stdev(means) / len(means) ** 0.5
    low, high = tally.interval_percent()
    assert low == pytest.approx(max(20, (statistics.fmean(means) - half) * 20), abs=1e-5)
    assert high == pytest.approx(min(100, (statistics.fmean(means) + half) * 20), abs=1e-5)
    assert low - 1e-9 <= tally.overall_percent() <= high + 1e-9


@pytest.mark.parametrize(
    ("df", "quantile"),
    [(1, 12.706), (2, 4.303), (3, 3.182), (4, 2.776), (5, 2.571), (10, 2.228), (30, 2.042), (1000, 1.962)],
)
def test_t_quantiles_of_the_printed_tables(df, quantile):
    assert t_quantile_975(df) == pytest.approx(quantile, rel=0.005)


def test_both_mappings_of_the_same_mean():
    assert Mapping.OF_FIVE.percent(3) == 60
    assert Mapping.FROM_ONE.percent(3) == 50
    assert Mapping.FROM_ONE.percent(1) == 0
    assert Mapping.OF_FIVE.percent(5) == Mapping.FROM_ONE.percent(5) == 100


def test_nothing_is_not_zero():
    assert Tally().overall_percent() is None
    assert Tally().mean(Dimension.TONE) is None
    assert Tally.of(4, 4, 4).interval_percent() is None


def test_few_tickets_are_marked():
    assert tally_of([(3, 3, 3)] * (FEW - 1)).few
    assert not tally_of([(3, 3, 3)] * FEW).few


def test_the_weakest_place_is_named_and_few_tickets_do_not_count():
    def team(name, three, n):
        rep = RepSummary(rep="r", key=None, team=name, tally=tally_of([three] * n))
        return TeamSummary(team=name, reps=(rep,))

    teams = (team("Billing", (4, 4, 3), 9), team("Technical", (3, 2, 4), 9), team("New", (1, 1, 1), 2))
    assert weakest(teams) == (Dimension.CLARITY, teams[1])
    assert weakest(teams[2:]) is None


def test_weekly_tallies_of_a_team_add_up_by_week():
    one = RepSummary(rep="a", key=None, team="B", tally=Tally.of(1, 1, 1), weekly=(("2026-03-02", Tally.of(1, 1, 1)),))
    two = RepSummary(
        rep="b",
        key=None,
        team="B",
        tally=tally_of([(3, 3, 3), (5, 5, 5)]),
        weekly=(("2026-02-23", Tally.of(3, 3, 3)), ("2026-03-02", Tally.of(5, 5, 5))),
    )
    team = TeamSummary(team="B", reps=(one, two))
    assert team.weekly == (("2026-02-23", Tally.of(3, 3, 3)), ("2026-03-02", Tally.of(1, 1, 1) + Tally.of(5, 5, 5)))
    assert RepsReport(teams=(team,), unscored={}).tally == team.tally
