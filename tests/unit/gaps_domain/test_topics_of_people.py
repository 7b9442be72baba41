"""Drafts, the effect of an answer, the order of topics, and who may do what."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qatui.domain.gap_topic import (
    WAITING,
    Reply,
    TopicRow,
    TopicSort,
    TopicState,
    drafts,
    effect,
    in_order,
)
from qatui.domain.people import Person, Right, Role, refusal

NOW = datetime(2026, 3, 30, 12, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def reply(number, text, days=0):
    return Reply(
        question=number,
        ticket=f"desk/T-{number}",
        row_id=number,
        message=f"m{number}",
        text=text,
        rep="Ana",
        at=NOW - timedelta(days=days),
    )


def test_the_best_draft_is_what_most_conversations_were_told():
    found = drafts(
        [
            reply(1, "The parcel shop closes at six in winter."),
            reply(2, "Hello! Choose a parcel locker at checkout under Other address.", days=9),
            reply(3, "Choose Other address at checkout, then the parcel locker near you.", days=3),
            reply(4, "At checkout choose Other address: the parcel locker under it.", days=5),
        ]
    )
    assert [draft.ticket for draft in found] == ["desk/T-4", "desk/T-2", "desk/T-3", "desk/T-1"]
    assert found[1].text == "Choose a parcel locker at checkout under Other address."  # as many words in common, older


def test_a_draft_is_a_span_of_the_message_and_courtesies_are_none():
    replies = [reply(1, "Hi Ana!"), reply(1, "Dear Ana,\nthe cable is sold separately as part 12.\nBest wishes,\nBen")]
    [draft] = drafts(replies)
    assert draft.whole[draft.start : draft.end] == draft.text == "the cable is sold separately as part 12."
    assert drafts([reply(1, "Thank you!"), reply(2, "")]) == ()


@given(st.lists(st.tuples(st.integers(1, 4), st.text(max_size=80)), max_size=8))
def test_drafts_invent_nothing(given_replies):
    replies = [reply(number, text) for number, text in given_replies]
    texts = {each.text for each in replies}
    found = drafts(replies)
    assert all(draft.whole in texts and draft.text in draft.whole and draft.text for draft in found)
    assert len({draft.row_id for draft in found}) == len(found)


def days_ago(*days):
    return [NOW - timedelta(days=day) for day in days]


def test_the_effect_of_an_answer_is_questions_a_week_before_and_after():
    told = effect(days_ago(28, 27, 25, 22, 20, 18, 15, 3), NOW - timedelta(days=14), as_of=NOW, zone=BERLIN)
    assert (told.before, told.after, told.helped) == (3.5, 0.5, True)  # 7 questions in 2 weeks, 1 in 2
    assert sum(number for _, number in told.weeks) == 8
    assert [week.label for week, _ in told.weeks] == ["2026-W10", "2026-W11", "2026-W12", "2026-W13", "2026-W14"]


def test_an_answer_of_yesterday_has_no_effect_yet():
    told = effect(days_ago(30, 10), NOW - timedelta(days=1), as_of=NOW, zone=BERLIN)
    assert told.before is not None
    assert (told.after, told.helped) == (None, None)


def test_questions_of_one_day_are_not_multiplied_to_a_week():
    told = effect(days_ago(10.0, 9.9), NOW - timedelta(days=9), as_of=NOW, zone=BERLIN)
    assert told.before == 2


@given(st.lists(st.integers(-10, 400), max_size=20), st.integers(0, 300))
def test_the_weeks_hold_every_question_up_to_now(days, answered):
    asked = [NOW - timedelta(days=day, hours=1) for day in days]
    told = effect(asked, NOW - timedelta(days=answered), as_of=NOW, zone=BERLIN)
    assert sum(number for _, number in told.weeks) == sum(at <= NOW for at in asked)
    mondays = [week.monday for week, _ in told.weeks]
    assert mondays == [mondays[0] + timedelta(weeks=number) for number in range(len(mondays))]


def row(topic, **other):
    values = {
        "name": f"topic {topic}",
        "state": TopicState.OPEN,
        "conversations": 1,
        "questions": 1,
        "first_at": NOW,
        "last_at": NOW,
        "trend": (0,) * 12,
    }
    return TopicRow(topic=topic, **(values | other))


def test_topics_without_a_value_come_last_and_what_is_no_topic_after_them():
    rows = [row(WAITING, conversations=99), row(1), row(2, last_at=None), row(3, last_at=NOW - timedelta(days=1))]
    assert [each.topic for each in in_order(rows, TopicSort.LAST)] == [1, 3, 2, WAITING]
    assert [each.topic for each in in_order(rows, TopicSort.LAST, descending=False)] == [3, 1, 2, WAITING]
    assert [each.topic for each in in_order(rows, TopicSort.CONVERSATIONS)] == [1, 2, 3, WAITING]


def test_a_resolved_topic_with_new_questions_came_back():
    back = row(1, state=TopicState.RESOLVED, answered_at=NOW, since_answer=2)
    assert (back.recurring, back.attention) == (True, True)
    assert not row(1, state=TopicState.RESOLVED, answered_at=NOW).attention
    assert not row(1, state=TopicState.DISMISSED, since_answer=2).attention


def person(role, *, seated=False, uid=1000, name="ines"):
    return Person(uid=uid, name=name, role=role, seated=seated)


@pytest.mark.parametrize(
    ("role", "rights"),
    [
        (Role.VIEWER, set()),
        (Role.REVIEWER, {Right.REVIEW}),
        (Role.EDITOR, {Right.REVIEW, Right.IMPORT, Right.TRIAGE}),
        (Role.ADMIN, set(Right)),
    ],
)
def test_what_roles_may(role, rights):
    assert {right for right in Right if person(role).may(right, limited=False)} == rights
    seatless = {right for right in Right if person(role).may(right, limited=True)}
    assert seatless == rights & {Right.PEOPLE}
    assert {right for right in Right if person(role, seated=True).may(right, limited=True)} == rights


def test_a_refusal_says_who_could_and_how_to_change_it():
    others = (person(Role.EDITOR, uid=2, name="olga"), person(Role.REVIEWER, uid=3, name="rui"))
    message, hint = refusal(person(Role.VIEWER), Right.TRIAGE, others, limited=False)
    assert "ines is a viewer" in message
    assert "olga (editor) could" in hint
    assert "rui" not in hint
    assert "qatui people role ines editor" in hint
    message, hint = refusal(person(Role.EDITOR), Right.TRIAGE, (), limited=True)
    assert "no seat" in message
    assert "qatui people seat ines" in hint
