"""Which tickets a reviewer should read next: rules that hold whatever the tickets are."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qatui.domain.review import Scores
from qatui.domain.review_queue import BLIND_WHY, DOUBTFUL, Candidate, Kind, Quota, propose
from qatui.domain.rubric import LOW, SCORES, Dimension
from qatui.domain.verdict import Flag

points = st.sampled_from(SCORES)
candidates_ = st.builds(
    Candidate,
    row_id=st.integers(1, 10_000),
    rep=st.sampled_from(["1", "2", "3", "4", "0"]),
    scores=st.builds(Scores, tone=points, clarity=points, empathy=points),
    sure=st.none() | st.floats(0, 1),
    apart=st.none() | st.tuples(st.sampled_from(list(Dimension)), st.integers(1, 4)),
    flags=st.frozensets(st.sampled_from([Flag.UNSURE, Flag.INJECTION, Flag.UNVERIFIED, Flag.SEVERAL_REPS])),
    read=st.booleans(),
)
workspaces = st.lists(candidates_, max_size=40, unique_by=lambda one: one.row_id)
quotas = st.builds(Quota, size=st.integers(1, 12), per_rep=st.integers(1, 4))
seeds = st.text(max_size=5)


def unread(tickets: list[Candidate]) -> list[Candidate]:
    return [replace(one, read=False) for one in tickets]


@given(workspaces, quotas, seeds)
def test_a_queue_is_no_longer_than_asked_for_and_no_rep_has_more_than_the_quota(
    tickets: list[Candidate], quota: Quota, seed: str
) -> None:
    picks = propose(tickets, quota, seed)
    by_id = {one.row_id: one for one in tickets}
    of_rep = Counter(by_id[pick.row_id].rep for pick in picks)
    assert len({pick.row_id for pick in picks}) == len(picks) <= quota.size
    assert all(count <= quota.per_rep for count in of_rep.values())
    assert not any(by_id[pick.row_id].read for pick in picks)


@given(workspaces, quotas, seeds)
def test_a_queue_is_as_long_as_the_tickets_allow(tickets: list[Candidate], quota: Quota, seed: str) -> None:
    fresh = unread(tickets)
    possible = sum(min(count, quota.per_rep) for count in Counter(one.rep for one in fresh).values())
    assert len(propose(fresh, quota, seed)) == min(quota.size, possible)


@given(workspaces, quotas, seeds)
def test_every_rep_gets_a_ticket_before_one_gets_another(tickets: list[Candidate], quota: Quota, seed: str) -> None:
    fresh = unread(tickets)
    reps = {one.row_id: one.rep for one in fresh}
    counts = Counter(reps[pick.row_id] for pick in propose(fresh, quota, seed))
    there = Counter(reps.values())
    for rep, count in counts.items():
        for other in there:
            assert counts[other] >= min(count - 1, there[other]), (rep, other)


@given(workspaces, quotas, seeds, st.randoms(use_true_random=False))
def test_the_order_of_the_tickets_says_nothing(tickets: list[Candidate], quota: Quota, seed: str, dice) -> None:
    mixed = list(tickets)
    dice.shuffle(mixed)
    assert propose(mixed, quota, seed) == propose(tickets, quota, seed)


@given(workspaces, quotas, seeds, st.data())
def test_reading_one_moves_none_of_the_others(tickets: list[Candidate], quota: Quota, seed: str, data) -> None:
    fresh = unread(tickets)
    before = propose(fresh, quota, seed)
    read = data.draw(st.sets(st.sampled_from([pick.row_id for pick in before]))) if before else set()
    after = propose([replace(one, read=one.row_id in read) for one in fresh], quota, seed)
    assert after == tuple(pick for pick in before if pick.row_id not in read)


@given(workspaces, quotas, seeds)
def test_asking_for_more_adds_to_the_end(tickets: list[Candidate], quota: Quota, seed: str) -> None:
    more = propose(tickets, replace(quota, size=quota.size + 5), seed)
    fewer = propose(tickets, quota, seed)
    assert more[: len(fewer)] == fewer


@given(workspaces, quotas, seeds)
def test_each_ticket_fits_the_reason_given_for_it(tickets: list[Candidate], quota: Quota, seed: str) -> None:
    by_id = {one.row_id: one for one in tickets}
    for pick in propose(tickets, quota, seed):
        one = by_id[pick.row_id]
        assert {
            Kind.RANDOM: True,
            Kind.UNSURE: Flag.UNSURE in one.flags,
            Kind.DISAGREE: one.apart is not None and f"{one.apart[1]} point" in pick.why,
            Kind.LOW: min(one.scores.of(dimension) for dimension in Dimension) <= LOW,
            Kind.FLAGGED: bool(one.flags & set(DOUBTFUL)),
        }[pick.kind]
        assert pick.why.endswith(".")


@given(workspaces, quotas, seeds)
def test_a_blind_queue_has_the_same_tickets_in_an_order_that_says_nothing_of_their_scores(
    tickets: list[Candidate], quota: Quota, seed: str
) -> None:
    blind = [pick.row_id for pick in propose(tickets, replace(quota, blind=True), seed)]
    assert sorted(blind) == sorted(pick.row_id for pick in propose(tickets, quota, seed))
    every = [
        replace(one, scores=Scores(3, 3, 3), flags=frozenset(), apart=None, sure=None)
        for one in tickets
        if one.row_id in blind
    ]
    large = Quota(size=100, per_rep=100, blind=True)
    assert [pick.row_id for pick in propose(every, large, seed)] == blind
    assert not any(character.isdigit() for character in BLIND_WHY)


def test_kinds_take_turns_and_half_is_drawn_by_lot() -> None:
    fine, low, torn = Scores(4, 4, 4), Scores(4, 1, 3), Scores(3, 3, 3)
    tickets = [Candidate(row_id=number, rep=str(number), scores=fine) for number in range(1, 101)]
    tickets += [Candidate(row_id=200 + n, rep=f"l{n}", scores=low) for n in range(4)]
    tickets += [
        Candidate(row_id=300 + n, rep=f"u{n}", scores=torn, sure=0.2 + n / 10, flags=frozenset({Flag.UNSURE}))
        for n in range(4)
    ]
    tickets += [Candidate(row_id=400 + n, rep=f"d{n}", scores=torn, apart=(Dimension.EMPATHY, n + 1)) for n in range(3)]
    tickets += [Candidate(row_id=500, rep="i", scores=torn, flags=frozenset({Flag.INJECTION}))]
    picks = propose(tickets, Quota(size=8), "w")
    assert [pick.kind for pick in picks][::2] == [Kind.RANDOM] * 4
    said = {pick.kind: (pick.row_id, pick.why) for pick in picks}
    assert said[Kind.UNSURE] == (300, "The judge is unsure (20 % for its least sure score).")
    assert said[Kind.DISAGREE] == (402, "Two judges are 3 points apart on Empathy.")
    assert said[Kind.FLAGGED] == (500, "A message addresses the judge.")
    assert said[Kind.LOW][1] == "The judge gives Clarity 1 of 5."
    assert said[Kind.RANDOM][1] == "Drawn by lot."


def test_kinds_take_turns_also_where_all_tickets_are_of_one_rep() -> None:
    tickets = [Candidate(row_id=number, rep="1", scores=Scores(4, 4, 4)) for number in range(50)]
    tickets += [Candidate(row_id=100 + number, rep="1", scores=Scores(1, 4, 4)) for number in range(10)]
    kinds = [pick.kind for pick in propose(tickets, Quota(size=10, per_rep=10), "w")]
    assert kinds.count(Kind.LOW) == 2


def test_other_weeks_draw_other_tickets() -> None:
    tickets = [Candidate(row_id=number, rep=str(number), scores=Scores(4, 4, 4)) for number in range(200)]
    drawn = [{pick.row_id for pick in propose(tickets, Quota(size=20), seed)} for seed in ("a", "b")]
    assert len(drawn[0] & drawn[1]) < 10


@pytest.mark.parametrize("wrong", [{"size": 0}, {"per_rep": 0}])
def test_a_queue_of_nothing_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="at least one"):
        Quota(**wrong)
