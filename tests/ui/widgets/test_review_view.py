"""What people say of scores, as widgets show it: the list of reviews, a line in an explanation, marks on messages."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from qatui.domain.listing import TicketView
from qatui.domain.review import Review, Scores, Stand
from qatui.domain.rubric import Dimension
from qatui.domain.verdict import Judgement, Verdict
from qatui.widgets.explanation import ExplanationView
from qatui.widgets.review_view import ReviewView
from qatui.widgets.transcript import Transcript
from tests.ui.widgets.samples import HOSTILE, Host, assert_harmless, lines, make_view

AT = datetime(2026, 3, 5, 9, tzinfo=UTC)
ME, ANA = 1000, 1001
OWN = Scores(4, 4, 2)


def review(stand: Stand = Stand.SCORED, scores: Scores | None = OWN, **other) -> Review:
    values = {"row_id": 1, "uid": ANA, "who": "ana", "at": AT, "stand": stand, "scores": scores}
    return Review(**(values | other))


def reviewed(*reviews: Review) -> TicketView:
    """A ticket that a judge gave 3, 4 and 2."""
    return replace(make_view(), reviews=reviews)


async def shown(view: TicketView, width: int = 46) -> list[str]:
    app = Host(widget := ReviewView())
    async with app.run_test(size=(width, 16)) as pilot:
        widget.show(view, ME)
        await pilot.pause()
        return [line for line in lines(app) if line]


async def test_both_scores_with_their_difference_then_the_comment() -> None:
    assert await shown(reviewed(review(comment="warmer than that"))) == [
        "✎ ana · 5 Mar 2026",
        "  Tone: judge 3 · ana 4 (+1)",
        "  Clarity: judge 4 · ana 4",
        "  Empathy: judge 2 · ana 2",
        "  “warmer than that”",
    ]


async def test_on_one_line_where_there_is_room() -> None:
    _, scores = await shown(reviewed(review(scores=Scores(1, 4, 2), uid=ME, blind=True)), 100)
    assert scores == "  Tone: judge 3 · you 1 (−2)   Clarity: judge 4 · you 4   Empathy: judge 2 · you 2"


@pytest.mark.parametrize(
    ("given", "heading"),
    [
        (review(Stand.AGREED), "✎ ana · 5 Mar 2026 · agreed with the judge"),
        (review(Stand.DISPUTED, None), "≠ ana · 5 Mar 2026 · disputed the judge's scores"),
        (review(uid=ME, blind=True), "✎ you · 5 Mar 2026 · blind"),
        (review(current=False), "✎ ana · 5 Mar 2026 · on earlier words"),
    ],
)
async def test_who_when_and_how(given: Review, heading: str) -> None:
    assert (await shown(reviewed(given), 80))[0] == heading


async def test_scores_of_earlier_words_are_not_held_against_the_judges_of_these() -> None:
    assert "  Tone: ana 4   Clarity: ana 4   Empathy: ana 2" in await shown(reviewed(review(current=False)), 80)


async def test_without_reviews_it_takes_no_room() -> None:
    assert await shown(reviewed()) == []


@pytest.mark.parametrize("kind", HOSTILE)
async def test_hostile_comments_and_names_are_harmless(kind: str) -> None:
    view = reviewed(review(comment=HOSTILE[kind], who=HOSTILE[kind]))
    for widget in (ReviewView(), ExplanationView()):
        app = Host(widget)
        async with app.run_test(size=(46, 16)) as pilot:
            if isinstance(widget, ReviewView):
                widget.show(view, ME)
            else:
                widget.show(view, Dimension.TONE)
            await pilot.pause()
            assert_harmless(app)


async def explained(view: TicketView, hidden: str = "", **how: bool) -> list[str]:
    app = Host(widget := ExplanationView(**how))
    async with app.run_test(size=(60, 24)) as pilot:
        widget.show(view, Dimension.TONE, hidden)
        await pilot.pause()
        return [line for line in lines(app) if line]


async def test_an_explanation_says_whose_score_stands_beside_the_judges() -> None:
    view = reviewed(review(comment="warmer"), review(Stand.DISPUTED, None, who="ben"), review(current=False))
    assert (await explained(view))[:4] == [
        "Tone 3 of 5 · sure",
        "✎ reviewed by ana: 4 (judge 3)",
        "“warmer”",
        "≠ disputed by ben",
    ]
    assert "✎" not in "".join(await explained(view, reviews=False))


async def test_an_explanation_that_is_hidden_tells_nothing() -> None:
    assert await explained(reviewed(review()), "Not yet.") == ["Tone", "Not yet."]


async def test_the_spread_of_repeated_readings_stands_after_the_score() -> None:
    view = make_view()
    assert view.judgement is not None
    assert isinstance(view.judgement.outcome, Verdict)
    verdict = replace(view.judgement.outcome, tone=replace(view.judgement.outcome.tone, spread=0.5))
    judged: Judgement = replace(view.judgement, outcome=verdict)
    assert (await explained(replace(view, judgement=judged)))[0] == "Tone 3 ±0.5 of 5 · sure"


async def test_a_remark_stands_over_its_message() -> None:
    app = Host(transcript := Transcript())
    async with app.run_test(size=(80, 40)) as pilot:
        transcript.show(make_view(), None, {0: "asks for\na score"})
        await pilot.pause()
        said = lines(app)
        place = next(number for number, line in enumerate(said) if "! asks for a score" in line)
        assert "customer" in said[place - 1]
        assert sum("!" in line for line in said if "asks" in line) == 1
