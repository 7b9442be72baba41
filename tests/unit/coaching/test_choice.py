"""What a coaching pack takes up: patterns, tickets to read, what to work on, and what may be chance."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qatui.domain.coaching import (
    EXAMPLES,
    PATTERNS,
    Sighting,
    Sign,
    Trait,
    advise,
    difficult,
    exemplary,
    overlap,
    patterns,
    scores_of,
    set_aside,
    tally_of,
    telling_dimension,
    traits,
)
from qatui.domain.listing import TicketRow
from qatui.domain.metrics import Mapping, Tally
from qatui.domain.rubric import RUBRIC, SCORES, Dimension
from qatui.domain.verdict import Cue, Flag
from tests.unit.coaching.packs import row, verdict

SHORT = Cue("short", "keeps replies very short", -1)
THANKS = Cue("thanks", "thanks the customer", 1)
ANGRY = Cue("cus_angry", "the customer is angry", -1)

scores = st.tuples(*[st.integers(1, 5)] * 3)
flags = st.sampled_from([frozenset(), frozenset({Flag.DISPUTED}), frozenset({Flag.INJECTION})])


@st.composite
def some_rows(draw: st.DrawFn) -> list[TicketRow]:
    drawn = draw(st.lists(st.tuples(st.one_of(st.none(), scores), flags), max_size=20))
    return [row(number, three, flags=marks) for number, (three, marks) in enumerate(drawn, start=1)]


# Reasons ---------------------------------------------------------------------------------------------


def test_a_cue_is_seen_once_a_ticket_with_all_dimensions_it_moved() -> None:
    cues = {Dimension.TONE: (SHORT, THANKS), Dimension.EMPATHY: (SHORT,)}
    found = traits(row(1), verdict(cues=cues))
    assert [(s.trait.words, s.dimensions) for s in found] == [
        ("keeps replies very short", (Dimension.TONE, Dimension.EMPATHY)),
        ("thanks the customer", (Dimension.TONE,)),
    ]


def test_a_judge_without_cues_is_counted_by_the_anchors_of_its_lowest_and_highest_scores() -> None:
    found = traits(row(1, (5, 3, 2)), verdict((5, 3, 2)))
    assert [(s.trait.words, s.trait.sign) for s in found] == [
        (f"Tone 5: {RUBRIC[Dimension.TONE].anchor(5)}", Sign.STRENGTH),
        (f"Empathy 2: {RUBRIC[Dimension.EMPATHY].anchor(2)}", Sign.WEAKNESS),
    ]


def test_what_stands_in_the_customers_words_is_neither_strength_nor_weakness() -> None:
    [found] = traits(row(1, (4, 3, 3)), verdict((4, 3, 3), {Dimension.TONE: (ANGRY,)}))
    assert found.trait.sign is Sign.CUSTOMER


def test_reasons_for_scores_that_a_person_gave_otherwise_do_not_count() -> None:
    judged = verdict((4, 3, 2), {Dimension.TONE: (THANKS,), Dimension.EMPATHY: (SHORT,)})
    reviewed = row(1, (4, 3, 4), flags=frozenset({Flag.REVIEWED}))
    assert [s.trait.words for s in traits(reviewed, judged)] == ["thanks the customer"]
    assert set_aside(reviewed, judged)
    assert not set_aside(row(1, (4, 3, 2)), judged)


def test_reasons_for_disputed_scores_do_not_count() -> None:
    disputed = row(1, flags=frozenset({Flag.DISPUTED}))
    assert traits(disputed, verdict(cues={Dimension.TONE: (THANKS,)})) == []
    assert set_aside(disputed, verdict())


def sightings(trait: Trait, rows: Sequence[TicketRow]) -> list[Sighting]:
    return [Sighting(each, trait, (Dimension.EMPATHY,)) for each in rows]


def test_patterns_return_most_frequent_first_and_once_is_none() -> None:
    often = Trait("a", "often", False)
    twice = Trait("b", "twice", False)
    once = Trait("c", "once", False)
    good = Trait("d", "good", True)
    seen = [
        *sightings(once, [row(1)]),
        *sightings(twice, [row(1), row(2)]),
        *sightings(often, [row(1), row(2), row(3)]),
        *sightings(good, [row(1), row(2)]),
    ]
    found = patterns(seen, Sign.WEAKNESS)
    assert [(pattern.trait.words, pattern.tickets) for pattern, _ in found] == [("often", 3), ("twice", 2)]


def test_patterns_are_few_even_where_many_return() -> None:
    seen = [each for number in range(9) for each in sightings(Trait(str(number), "x", True), [row(1), row(2)])]
    assert len(patterns(seen, Sign.STRENGTH)) == PATTERNS


def test_weaknesses_are_quoted_from_the_worst_tickets_and_strengths_from_the_best_the_newest_first() -> None:
    rows = [row(1, (3, 3, 3)), row(2, (3, 3, 1)), row(3, (3, 3, 5)), row(4, (3, 3, 1))]
    [(_, worst)] = patterns(sightings(Trait("a", "a", False), rows), Sign.WEAKNESS)
    assert [sighting.row.row_id for sighting in worst] == [2, 4, 1, 3]
    [(_, best)] = patterns(sightings(Trait("a", "a", True), rows), Sign.STRENGTH)
    assert [sighting.row.row_id for sighting in best] == [3, 1, 2, 4]


# Tickets to read -------------------------------------------------------------------------------------


def test_exemplary_is_four_or_five_in_all_three_and_difficult_two_or_less_in_one() -> None:
    rows = [row(1, (5, 5, 3)), row(2, (4, 4, 4)), row(3, (5, 5, 2)), row(4, (3, 3, 3))]
    best, worst = exemplary(rows), difficult(rows)
    assert ([each.row_id for each in best.tickets], best.reached) == ([2], True)
    assert ([each.row_id for each in worst.tickets], worst.reached) == ([3], True)


def test_where_none_reaches_the_mark_the_nearest_stands_alone_and_never_on_both_sides() -> None:
    rows = [row(1, (3, 3, 3)), row(2, (4, 3, 3)), row(3, (3, 3, 4))]
    best = exemplary(rows)
    assert ([each.row_id for each in best.tickets], best.reached) == ([2], False)  # the newer of two equals
    worst = difficult(rows, best.tickets)
    assert ([each.row_id for each in worst.tickets], worst.reached) == ([1], False)
    assert difficult(rows[:1], rows[:1]).tickets == ()


@given(some_rows())
def test_examples_are_trusted_ordered_and_few(rows: list[TicketRow]) -> None:
    best = exemplary(rows)
    worst = difficult(rows, best.tickets)
    for found in (best, worst):
        assert len(found.tickets) <= EXAMPLES
        assert all(scores_of(each) and Flag.DISPUTED not in each.flags for each in found.tickets)
    assert all(Flag.INJECTION not in each.flags for each in best.tickets)
    assert not {each.row_id for each in best.tickets} & {each.row_id for each in worst.tickets}
    sums = [sum(scores_of(each) or ()) for each in best.tickets]
    assert sums == sorted(sums, reverse=True)
    if best.reached:
        assert all(min(scores_of(each) or ()) >= 4 for each in best.tickets)
    if worst.reached:
        assert all(min(scores_of(each) or ()) <= 2 for each in worst.tickets)


def test_the_telling_score_is_the_highest_or_lowest_and_of_equals_empathy() -> None:
    assert telling_dimension(row(1, (5, 4, 4)), best=True) is Dimension.TONE
    assert telling_dimension(row(1, (4, 4, 4)), best=True) is Dimension.EMPATHY
    assert telling_dimension(row(1, (2, 2, 3)), best=False) is Dimension.CLARITY


# Advice ----------------------------------------------------------------------------------------------


def advice_on(rows: Sequence[TicketRow]):
    counted = {d: [sum(each.value(d) == score for each in rows) for score in SCORES] for d in Dimension}
    return advise(tally_of(rows), counted)


def test_advice_names_the_weakest_dimension_where_it_stands_and_the_anchor_above() -> None:
    rows = [row(1, (4, 4, 2)), *(row(number, (4, 5, 3)) for number in range(2, 6)), row(6, (4, 4, 5))]
    advice = advice_on(rows)
    assert advice is not None
    assert (advice.weakest, advice.level, advice.low, advice.strongest) == (Dimension.EMPATHY, 3, 1, Dimension.CLARITY)
    assert advice.now == RUBRIC[Dimension.EMPATHY].anchor(3)
    assert advice.next == RUBRIC[Dimension.EMPATHY].anchor(4)
    assert not advice.narrowly


def test_of_levels_with_as_many_tickets_the_lower_comes_first() -> None:
    advice = advice_on([row(number, (5, 5, 2 + number % 2)) for number in range(6)])
    assert advice is not None
    assert advice.level == 2


def test_advice_needs_enough_tickets_and_something_below_five() -> None:
    assert advice_on([row(number) for number in range(4)]) is None
    assert advice_on([row(number, (5, 5, 5)) for number in range(9)]) is None


@given(st.lists(scores, min_size=5, max_size=30))
def test_advice_is_of_a_lowest_mean_and_never_above_the_rubric(given_scores: list[tuple[int, int, int]]) -> None:
    rows = [row(number, three) for number, three in enumerate(given_scores)]
    advice = advice_on(rows)
    tally = tally_of(rows)
    if advice is None:
        assert all(min(three) == 5 for three in given_scores)
        return
    assert tally.mean(advice.weakest) == min(tally.mean(d) or 0 for d in Dimension)
    assert 1 <= advice.level <= 4
    assert any(each.value(advice.weakest) == advice.level for each in rows)


# Chance ----------------------------------------------------------------------------------------------


def test_intervals_that_meet_may_be_chance_and_few_tickets_say_nothing() -> None:
    same = sum((Tally.of(3, 3, 3 + number % 2) for number in range(10)), Tally())
    better = sum((Tally.of(5, 5, 4 + number % 2) for number in range(10)), Tally())
    assert overlap(same, same, Mapping.OF_FIVE) is True
    assert overlap(same, better, Mapping.OF_FIVE) is False
    assert overlap(better, same, Mapping.OF_FIVE) is False
    assert overlap(same, Tally.of(3, 3, 3), Mapping.OF_FIVE) is None
    assert overlap(same, Tally(), Mapping.OF_FIVE) is None


def test_tickets_without_a_score_are_in_no_sum() -> None:
    assert tally_of([row(1, None), row(2, (1, 2, 3))]) == Tally.of(1, 2, 3)


@pytest.mark.parametrize("name", ["cus_praise", "cus_angry"])
def test_cues_about_customers_are_known_by_their_names(name: str) -> None:
    assert Trait(name, "x", True).sign is Sign.CUSTOMER
