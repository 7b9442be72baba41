"""Reading answers whatever they look like, and counting what they cost."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qatui.config_llm import LlmSettings
from qatui.domain.rubric import RUBRIC, RULES, Dimension
from qatui.errors import UsageError
from qatui.services.scoring.llm.answer import SCHEMA, NoVerdict, read_answer
from qatui.services.scoring.llm.cost import Budget, BudgetSpentError, Price, Usage, estimate_run, estimate_tokens
from qatui.services.scoring.llm.prompt import SYSTEM_PROMPT, prompt_hash

scores = st.integers(1, 5)
words = st.text(min_size=1, max_size=40).filter(lambda text: any(char.isalnum() for char in text))


@st.composite
def verdicts(draw: st.DrawFn) -> dict[str, object]:
    def part() -> dict[str, object]:
        evidence = draw(st.lists(st.fixed_dictionaries({"message": st.text(max_size=5), "quote": words}), max_size=3))
        return {"evidence": evidence, "reasoning": "a " + draw(words), "score": draw(scores)}

    return {"emotional_cue": draw(st.booleans()), "tone": part(), "clarity": part(), "empathy": part()}


@given(verdicts(), st.text(max_size=60), st.text(max_size=60).filter(lambda text: "}" not in text))
def test_a_verdict_is_found_between_any_words(verdict: dict[str, object], before: str, after: str) -> None:
    answer = read_answer(f"{before}\n{json.dumps(verdict)}\n{after}")
    for dimension in Dimension:
        assert answer.part(dimension).score == verdict[dimension.value]["score"]  # type: ignore[index]


@given(verdicts(), st.data())
def test_a_verdict_that_is_cut_anywhere_is_none(verdict: dict[str, object], data: st.DataObject) -> None:
    whole = json.dumps(verdict)
    with pytest.raises(NoVerdict):
        read_answer(whole[: data.draw(st.integers(0, len(whole) - 1))])


@given(st.text(max_size=300))
def test_anything_is_a_verdict_or_no_verdict(text: str) -> None:
    with pytest.raises(NoVerdict):
        read_answer(text)


@pytest.mark.parametrize(
    ("part", "complaint"),
    [
        ({"reasoning": " "}, "tone.reasoning is empty"),
        ({"score": 6}, "tone.score is not a score from 1 to 5"),
        ({"score": 0}, "tone.score is not a score from 1 to 5"),
        ({"score": "good"}, "tone.score should be a whole number and is text"),
        ({"score": None}, "tone.score should be a whole number and is nothing"),
        ({"evidence": {}}, "tone.evidence should be a list and is an object"),
        ({"evidence": [{"message": "m1"}]}, "tone.evidence[0] has no quote"),
    ],
)
def test_what_is_wrong_with_a_verdict_is_said_in_plain_words(part: dict[str, object], complaint: str) -> None:
    good = {"evidence": [], "reasoning": "Kind.", "score": 4}
    reply = {"emotional_cue": True, "tone": {**good, **part}, "clarity": good, "empathy": good}
    with pytest.raises(NoVerdict) as refused:
        read_answer(json.dumps(reply))
    assert str(refused.value) == f"the verdict was not valid: {complaint}"


def test_the_schema_requires_every_key_and_allows_no_other() -> None:
    def check(schema: dict[str, object]) -> None:
        if schema.get("type") == "object":
            properties = schema["properties"]
            assert isinstance(properties, dict)
            assert schema["required"] == list(properties)
            assert schema["additionalProperties"] is False
            for inner in properties.values():
                check(inner)
        if schema.get("type") == "array":
            check(schema["items"])  # type: ignore[arg-type]

    check(SCHEMA)


def test_the_prompt_is_the_rubric_that_the_application_shows() -> None:
    for rule in RULES:
        assert rule in SYSTEM_PROMPT
    for scale in RUBRIC.values():
        assert scale.meaning in SYSTEM_PROMPT
        for anchor in scale.anchors:
            assert anchor in SYSTEM_PROMPT
    assert len(prompt_hash()) == 12


def test_a_price_counts_what_was_cached_apart() -> None:
    price = Price.of(LlmSettings(price_in=3.0, price_cached=0.3, price_out=15.0))
    assert price is not None
    # 1,000 fresh at 3, 9,000 cached at 0.3, 2,000 received at 15, each per million
    assert price.cost(Usage(1, 10_000, 9_000, 2_000)) == pytest.approx(0.003 + 0.0027 + 0.03)
    assert Price.of(LlmSettings()) is None
    same = Price.of(LlmSettings(price_in=3.0))
    assert same is not None
    assert same.cached == 3.0


def test_a_run_is_estimated_with_the_rubric_cached_from_the_second_ticket_on() -> None:
    tickets = [Usage(1, 2000, 0, 400)] * 10
    plan = estimate_run(tickets, LlmSettings(price_in=1.0, price_cached=0.1, price_out=4.0))
    assert (plan.tickets, plan.usage.prompt, plan.usage.answer) == (10, 20_000, 4_000)
    assert 9_000 < plan.usage.cached < 18_000
    assert plan.cost is not None
    assert plan.highest == pytest.approx(2 * (20_000 + 4 * 4_000) / 1e6)
    assert plan.cost < plan.highest / 2
    assert estimate_run(tickets, LlmSettings()).cost is None


@given(st.lists(st.tuples(st.integers(1, 3000), st.floats(0, 1)), max_size=60), st.floats(0.0001, 0.05))
def test_a_budget_is_never_overrun_by_requests_that_use_what_they_said(
    steps: list[tuple[int, float]], limit: float
) -> None:
    price = Price(1.0, 1.0, 1.0)
    budget = Budget(limit, price)
    for tokens, share in steps:
        expected = Usage(1, tokens, 0, 0)
        try:
            reserved = budget.reserve(expected)
        except BudgetSpentError:
            assert budget.spent + price.cost(expected) > limit - 1e-9
            continue
        budget.settle(reserved, Usage(1, int(tokens * share), 0, 0))
    assert budget.spent <= limit + 1e-12


def test_a_budget_needs_prices() -> None:
    with pytest.raises(UsageError, match="needs prices"):
        Budget(1.0, None)


def test_a_budget_that_is_used_up_is_told_in_digits() -> None:
    with pytest.raises(BudgetSpentError, match=r"The budget of 0\.000001 is used up: 0\.0000 spent"):
        Budget(1e-6, Price(1.0, 1.0, 1.0)).reserve(Usage(1, 1000, 0, 0))
    with pytest.raises(UsageError, match=r"A budget of -0\.000001 is no amount"):
        Budget(-1e-6, Price(1.0, 1.0, 1.0))


@pytest.mark.parametrize("limit", [-1.0, float("nan")])
def test_a_budget_is_an_amount(limit: float) -> None:
    with pytest.raises(UsageError, match="no amount"):
        Budget(limit, Price(1.0, 1.0, 1.0))


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [("", 0, 0), ("a plain English sentence of words", 6, 12), ("これは日本語の文です", 8, 12)],
)
def test_tokens_are_estimated_on_the_high_side(text: str, least: int, most: int) -> None:
    assert least <= estimate_tokens(text) <= most
