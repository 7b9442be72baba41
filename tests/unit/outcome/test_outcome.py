"""The 72 hour rule by worked examples: every sentence about episodes and outcomes, on both sides of its border."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from qatui.domain.conversation import Event, EventType, Message, Speaker, Status
from qatui.domain.outcome import Criterion, Exclusion, Opinion, Outcome, episodes, history

from .talk import (
    ANA,
    EVER,
    SECOND,
    TOM,
    agent,
    assigned,
    at,
    closed,
    customer,
    feedback,
    handoff,
    reopened,
    rep,
    system,
    ticket,
    wants_human,
)

RESOLVED, UNRESOLVED = Outcome.RESOLVED, Outcome.DEFLECTED_UNRESOLVED
HANDED_OFF, JOINED = Outcome.HANDED_OFF, Outcome.HUMAN_JOINED
UNHANDLED = None

# what it shows -> (facts in hours, [(begins, settles, outcome) of each episode])
EXAMPLES = {
    # where an episode begins
    "it begins with the first public customer message": ([customer(1), agent(2)], [(1, 74, RESOLVED)]),
    "a greeting before the customer wrote is no response": ([agent(0), customer(1)], [(1, 73, UNHANDLED)]),
    "a greeting is no response, a later one is": ([agent(0), customer(1), agent(2)], [(1, 74, RESOLVED)]),
    "what a rep wrote before the customer did not join": ([rep(0), customer(1), agent(2)], [(1, 74, RESOLVED)]),
    "a conversation in which no customer wrote has no episode": ([agent(0), rep(1), closed(2)], []),
    "a private note in the customer's name begins nothing": ([customer(0, private=True), agent(1)], []),
    "an empty conversation has no episode": ([], []),
    # the clock
    "the clock starts at the response": ([customer(0), agent(5)], [(0, 77, RESOLVED)]),
    "a newer response restarts it": ([customer(0), agent(5), agent(40)], [(0, 112, RESOLVED)]),
    "a response one second before settling restarts it": (
        [customer(0), agent(0), agent(72 - SECOND)],
        [(0, 144 - SECOND, RESOLVED)],
    ),
    "a response exactly at settling does not": ([customer(0), agent(0), agent(72)], [(0, 72, RESOLVED)]),
    "the customer writing after a response does not restart it": (
        [customer(0), agent(1), customer(70)],
        [(0, 73, RESOLVED)],
    ),
    "nor does a rep": ([customer(0), agent(1), rep(70)], [(0, 73, JOINED)]),
    "nor a note of the customer agent": ([customer(0), agent(1), agent(70, private=True)], [(0, 73, RESOLVED)]),
    "a close after a response changes nothing": ([customer(0), agent(1), closed(2), rep(50)], [(0, 73, JOINED)]),
    "reopening changes nothing": ([customer(0), agent(1), closed(2), reopened(3)], [(0, 73, RESOLVED)]),
    # 72:00:00 and one second less, for each thing that can happen
    "a handoff one second before settling counts": (
        [customer(0), agent(1), handoff(73 - SECOND)],
        [(0, 73, HANDED_OFF)],
    ),
    "a handoff exactly at settling does not": ([customer(0), agent(1), handoff(73)], [(0, 73, RESOLVED)]),
    "a rep one second before settling joined": ([customer(0), agent(1), rep(73 - SECOND)], [(0, 73, JOINED)]),
    "a rep exactly at settling did not": ([customer(0), agent(1), rep(73)], [(0, 73, RESOLVED)]),
    "a request for a human one second before settling counts": (
        [customer(0), agent(1), wants_human(73 - SECOND)],
        [(0, 73, UNRESOLVED)],
    ),
    "a request for a human exactly at settling does not": (
        [customer(0), agent(1), wants_human(73)],
        [(0, 73, RESOLVED)],
    ),
    "negative feedback one second before settling counts": (
        [customer(0), agent(1), feedback(73 - SECOND, "negative")],
        [(0, 73, UNRESOLVED)],
    ),
    "negative feedback exactly at settling does not": (
        [customer(0), agent(1), feedback(73, "negative")],
        [(0, 73, RESOLVED)],
    ),
    # never a response
    "without a response the last message counts": ([customer(0), customer(10)], [(0, 82, UNHANDLED)]),
    "of anyone: a rep": ([customer(0), rep(10)], [(0, 82, UNHANDLED)]),
    "of anyone: the system": ([customer(0), system(10)], [(0, 82, UNHANDLED)]),
    "but not a private note": ([customer(0), rep(10, private=True)], [(0, 72, UNHANDLED)]),
    "and no event": ([customer(0), assigned(10), wants_human(20), feedback(30, "positive")], [(0, 72, UNHANDLED)]),
    "every message restarts the wait before the first response": (
        [customer(0), rep(71), customer(142), agent(213)],
        [(0, 285, JOINED)],
    ),
    "a wait that ran out is not taken up again": ([customer(0), agent(72)], [(0, 72, UNHANDLED)]),
    "a close before any response ends it at once": ([customer(0), closed(3), agent(4)], [(0, 3, UNHANDLED)]),
    "only a response stands before such a close, not a greeting": (
        [agent(0), customer(1), closed(3), agent(4)],
        [(1, 3, UNHANDLED)],
    ),
    "reopened after such a close, only a customer begins anew": (
        [customer(0), closed(3), reopened(4), agent(5), customer(6), agent(7)],
        [(0, 3, UNHANDLED), (6, 79, RESOLVED)],
    ),
    # the next episode
    "a customer message after settling begins the next": (
        [customer(0), agent(1), customer(74), agent(75)],
        [(0, 73, RESOLVED), (74, 147, RESOLVED)],
    ),
    "exactly at settling, too": ([customer(0), agent(1), customer(73)], [(0, 73, RESOLVED), (73, 145, UNHANDLED)]),
    "one second earlier it belongs to the first": ([customer(0), agent(1), customer(73 - SECOND)], [(0, 73, RESOLVED)]),
    "nothing later rewrites a settled one": (
        [customer(0), agent(1), customer(80), wants_human(81), handoff(82), rep(83), feedback(84, "negative", "a1")],
        [(0, 73, RESOLVED), (80, 155, HANDED_OFF)],
    ),
    "what lies between belongs to none": (
        [customer(0), agent(1), rep(74), agent(75), wants_human(76), closed(77), customer(80), agent(81)],
        [(0, 73, RESOLVED), (80, 153, RESOLVED)],
    ),
    "a message after a close and reopening stays in the running one": (
        [customer(0), agent(1), closed(2), reopened(3), customer(3), agent(4)],
        [(0, 76, RESOLVED)],
    ),
    # handled
    "a response handles": ([customer(0), agent(1)], [(0, 73, RESOLVED)]),
    "a note does not": ([customer(0), agent(1, private=True)], [(0, 72, UNHANDLED)]),
    "an assignment alone does not": ([customer(0), assigned(0)], [(0, 72, UNHANDLED)]),
    "a handoff while assigned does": ([customer(0), assigned(0), handoff(1)], [(0, 72, HANDED_OFF)]),
    "a handoff while nobody was assigned does not": ([customer(0), handoff(1)], [(0, 72, UNHANDLED)]),
    "an assignment to a rep is none to the customer agent": (
        [customer(0), assigned(0, "a"), handoff(1)],
        [(0, 72, UNHANDLED)],
    ),
    "an assignment to a rep does not end it before the handoff": (
        [customer(0), assigned(0), assigned(1, "a"), handoff(1)],
        [(0, 72, HANDED_OFF)],
    ),
    "an assignment made before the customer wrote lasts": (
        [assigned(0), customer(1), handoff(2)],
        [(1, 73, HANDED_OFF)],
    ),
    "a greeting assigns nothing": ([agent(0), customer(1), handoff(2)], [(1, 73, UNHANDLED)]),
    "a response assigns beyond settling": (
        [customer(0), agent(1), customer(80), handoff(81)],
        [(0, 73, RESOLVED), (80, 152, HANDED_OFF)],
    ),
    "a handoff ends the assignment": (
        [customer(0), agent(1), handoff(2), customer(80), handoff(81)],
        [(0, 73, HANDED_OFF), (80, 152, UNHANDLED)],
    ),
    "a late handoff ends it, too": (
        [customer(0), agent(1), handoff(75), customer(80), handoff(81)],
        [(0, 73, RESOLVED), (80, 152, UNHANDLED)],
    ),
    "only the first handoff counts: the second cannot handle": (
        [customer(0), handoff(1), assigned(2), handoff(3)],
        [(0, 72, UNHANDLED)],
    ),
    # handed off, joined
    "a handoff outranks a rep": ([customer(0), agent(1), rep(2), handoff(3)], [(0, 73, HANDED_OFF)]),
    "a handoff outranks feedback": (
        [customer(0), agent(1), feedback(2, "positive"), handoff(3)],
        [(0, 73, HANDED_OFF)],
    ),
    "a handoff before the first response counts": ([customer(0), handoff(1), agent(2)], [(0, 74, HANDED_OFF)]),
    "a rep who wrote before the customer agent joined": ([customer(0), rep(1), agent(2)], [(0, 74, JOINED)]),
    "a private note of a rep is no joining": ([customer(0), agent(1), rep(2, private=True)], [(0, 73, RESOLVED)]),
    "a system message is no joining": ([customer(0), agent(1), system(2)], [(0, 73, RESOLVED)]),
    "a rep outranks the criteria": ([customer(0), agent(1, ()), rep(2), wants_human(3)], [(0, 73, JOINED)]),
    "handed off without a response settles at the close": (
        [customer(0), assigned(0), handoff(1), closed(9)],
        [(0, 9, HANDED_OFF)],
    ),
    # the first criterion
    "some response with a source is enough": ([customer(0), agent(1, ()), agent(2)], [(0, 74, RESOLVED)]),
    "an action is as good": ([customer(0), agent(1, (), actions=("refund",))], [(0, 73, RESOLVED)]),
    "an empty list means none": ([customer(0), agent(1, ())], [(0, 73, UNRESOLVED)]),
    "an empty list of actions, too": ([customer(0), agent(1, None, actions=())], [(0, 73, UNRESOLVED)]),
    "a source in a note is no source": (
        [customer(0), agent(1, ()), agent(2, private=True)],
        [(0, 73, UNRESOLVED)],
    ),
    "a source in a greeting is no response's": ([agent(0), customer(1), agent(2, ())], [(1, 74, UNRESOLVED)]),
    "a source in an earlier episode, too": (
        [customer(0), agent(1), customer(80), agent(81, ())],
        [(0, 73, RESOLVED), (80, 153, UNRESOLVED)],
    ),
    # the second
    "who asked for a human was not served": ([customer(0), agent(1), wants_human(2)], [(0, 73, UNRESOLVED)]),
    "asking before the response counts": ([customer(0), wants_human(1), agent(2)], [(0, 74, UNRESOLVED)]),
    "asking before the episode does not": ([wants_human(0), customer(1), agent(2)], [(1, 74, RESOLVED)]),
    # the third
    "negative feedback on the last response": (
        [customer(0), agent(1), feedback(2, "negative", "a1")],
        [(0, 73, UNRESOLVED)],
    ),
    "positive and neutral are not negative": (
        [customer(0), agent(1), feedback(2, "negative"), feedback(3, "neutral")],
        [(0, 73, RESOLVED)],
    ),
    "the last one decides": (
        [customer(0), agent(1), feedback(2, "positive"), feedback(3, "negative")],
        [(0, 73, UNRESOLVED)],
    ),
    "feedback on an older response does not": (
        [customer(0), agent(1), agent(2), feedback(3, "negative", "a1")],
        [(0, 74, RESOLVED)],
    ),
    "nor does it hide the last response's own": (
        [customer(0), agent(1), agent(2), feedback(3, "negative", "a2"), feedback(4, "positive", "a1")],
        [(0, 74, UNRESOLVED)],
    ),
    "feedback without a message is about the latest response before it": (
        [customer(0), agent(1), feedback(2, "negative"), agent(3)],
        [(0, 75, RESOLVED)],
    ),
    "and about the last one if it comes after it": (
        [customer(0), agent(1), agent(2), feedback(3, "negative")],
        [(0, 74, UNRESOLVED)],
    ),
    "without a message and before any response, about none": (
        [customer(0), feedback(1, "negative"), agent(2)],
        [(0, 74, RESOLVED)],
    ),
    "feedback on a customer's message is about no response": (
        [customer(0), agent(1), feedback(2, "negative", "c0")],
        [(0, 73, RESOLVED)],
    ),
    "a value nobody knows is no feedback": (
        [customer(0), agent(1), feedback(2, "negative"), feedback(3, "five stars")],
        [(0, 73, UNRESOLVED)],
    ),
    # order at equal times
    "a message comes before an event of the same time": ([closed(1), agent(1), customer(0)], [(0, 73, RESOLVED)]),
    "feedback of the same time is about that response": (
        [feedback(1, "negative"), agent(1), customer(0)],
        [(0, 73, UNRESOLVED)],
    ),
    "messages of the same time in file order: greeting first": ([agent(0), customer(0)], [(0, 72, UNHANDLED)]),
    "messages of the same time in file order: customer first": ([customer(0), agent(0)], [(0, 72, RESOLVED)]),
    "events of the same time in file order: handoff, then close": (
        [customer(0), assigned(0), handoff(1), closed(1)],
        [(0, 1, HANDED_OFF)],
    ),
    "events of the same time in file order: close, then handoff": (
        [customer(0), assigned(0), closed(1), handoff(1)],
        [(0, 1, UNHANDLED)],
    ),
    "assigned and handed off at once": ([customer(0), assigned(1), handoff(1)], [(0, 72, HANDED_OFF)]),
    "handed off, then assigned": ([customer(0), handoff(1), assigned(1)], [(0, 72, UNHANDLED)]),
    "a file out of order is put in order": ([agent(2), rep(80), customer(0)], [(0, 74, RESOLVED)]),
    # events that decide nothing
    "an unanswered question decides nothing": (
        [customer(0), agent(1), Event(EventType.UNANSWERED, at(1), message="c0")],
        [(0, 73, RESOLVED)],
    ),
    "an event without a time is passed over": (
        [customer(0), agent(1), replace(handoff(2), at=None)],
        [(0, 73, RESOLVED)],
    ),
}


@pytest.mark.parametrize("shown", EXAMPLES)
def test_worked_example(shown):
    facts, expected = EXAMPLES[shown]
    found = [(episode.started_at, episode.settles_at, episode.outcome(EVER)) for episode in episodes(ticket(*facts))]
    assert found == [(at(begins), at(settles), outcome) for begins, settles, outcome in expected]


def test_the_outcome_is_pending_until_exactly_the_settling_instant():
    (episode,) = episodes(ticket(customer(0), agent(1)))
    assert episode.outcome(at(1 - SECOND)) is None  # not handled yet
    assert episode.outcome(at(1)) is Outcome.PENDING
    assert episode.outcome(at(73 - SECOND)) is Outcome.PENDING
    assert episode.outcome(at(73)) is Outcome.RESOLVED


def test_a_handoff_does_not_settle_an_episode():
    (episode,) = episodes(ticket(customer(0), agent(1), handoff(2)))
    assert episode.outcome(at(72)) is Outcome.PENDING
    assert episode.outcome(at(73)) is Outcome.HANDED_OFF


def test_seen_from_earlier_the_answer_that_came_later_does_not_exist():
    """The second response moves settling from hour 73 to 142: at no moment in between did the first look settled."""
    (episode,) = episodes(ticket(customer(0), agent(1), agent(70), rep(80)))
    (earlier,) = episodes(ticket(customer(0), agent(1)))
    for hours in (1, 69, 70, 72.9):
        assert episode.outcome(at(hours)) is earlier.outcome(at(hours)) is Outcome.PENDING
    assert episode.outcome(at(73)) is Outcome.PENDING
    assert episode.outcome(at(142)) is JOINED


# -- sources and actions that the import does not tell


def test_sources_unknown_is_resolved_but_unverified():
    (episode,) = episodes(ticket(customer(0), agent(1, None)))
    assert (episode.settled_outcome, episode.unverified, episode.failed) == (RESOLVED, True, ())


def test_an_empty_list_is_known():
    (episode,) = episodes(ticket(customer(0), agent(1, ())))
    assert (episode.settled_outcome, episode.unverified) == (UNRESOLVED, False)
    assert episode.failed == (Criterion.SOURCE_OR_ACTION,)


def test_one_message_that_tells_makes_the_others_empty():
    (episode,) = episodes(ticket(customer(0), agent(1, None), agent(2, ())))
    assert episode.settled_outcome is UNRESOLVED


def test_a_greeting_that_tells_makes_the_responses_empty():
    (episode,) = episodes(ticket(agent(0, ()), customer(1), agent(2, None)))
    assert episode.settled_outcome is UNRESOLVED


def test_a_private_note_tells_nothing():
    (episode,) = episodes(ticket(customer(0), agent(1, None), agent(2, (), private=True)))
    assert (episode.settled_outcome, episode.unverified) == (RESOLVED, True)


def test_what_a_later_episode_tells_does_not_rewrite_a_settled_one():
    first, second = episodes(ticket(customer(0), agent(1, None), customer(80), agent(81)))
    assert (first.settled_outcome, first.unverified) == (RESOLVED, True)
    assert (second.settled_outcome, second.unverified) == (RESOLVED, False)


def test_unknown_sources_do_not_excuse_the_other_criteria():
    (episode,) = episodes(ticket(customer(0), agent(1, None), wants_human(2), feedback(3, "negative")))
    assert (episode.settled_outcome, episode.unverified) == (UNRESOLVED, False)
    assert episode.failed == (Criterion.NO_HUMAN_WANTED, Criterion.NOT_NEGATIVE)


def test_every_failed_criterion_is_told():
    (episode,) = episodes(ticket(customer(0), agent(1, ()), wants_human(2), feedback(3, "negative")))
    assert episode.failed == tuple(Criterion)


# -- closes and times to close


def test_closed_at_without_an_event_is_a_close():
    (episode,) = episodes(ticket(customer(0), agent(4), closed_at=at(3)))
    assert (episode.settles_at, episode.closed_at, episode.handled_at) == (at(3), at(3), None)


def test_closed_at_beside_an_event_is_none():
    (episode,) = episodes(ticket(customer(0), agent(4), closed(5), closed_at=at(3)))
    assert (episode.settles_at, episode.closed_at) == (at(76), at(5))


@pytest.mark.parametrize(
    ("facts", "hours"),
    [
        ([customer(0), agent(1), closed(3)], 2),  # from the response
        ([customer(0), assigned(0.5), agent(1), closed(3)], 2.5),  # from the assignment before it
        ([customer(0), agent(1), assigned(2), closed(3)], 2),  # the first of both
        ([customer(0), agent(1), closed(3), reopened(4), closed(5)], 2),  # to the first close
        ([customer(0), assigned(0.5), handoff(1), closed(3)], 2.5),  # handled by the handoff
        ([assigned(0), customer(1), handoff(2), closed(3)], 2),  # assigned from the start of the episode
        ([assigned(0), customer(1), agent(2), closed(3)], 1),  # what was before the episode is not in it
        ([customer(0), agent(1), closed(73 - SECOND)], 72 - SECOND),
        ([customer(0), agent(1), closed(73)], None),  # a close at settling is in no episode
        ([customer(0), agent(1)], None),
        ([customer(0), assigned(1), closed(3)], None),  # never handled
    ],
)
def test_time_to_close(facts, hours):
    (episode,) = episodes(ticket(*facts))
    assert episode.time_to_close == (None if hours is None else timedelta(hours=hours))


def test_the_first_handoff_gives_time_reason_and_who():
    (episode,) = episodes(ticket(customer(0), agent(1), handoff(2, "rep", "manual"), handoff(3, "rule", "x")))
    assert (episode.handoff_at, episode.handoff_by, episode.handoff_reason) == (at(2), "rep", "manual")


# -- the event series


def test_handoffs_after_settling_are_late_and_all_listed():
    known = history(
        ticket(handoff(0), customer(1), agent(2), handoff(74), handoff(75, "rep", "r"), customer(80), handoff(81))
    )
    assert [(late.at, late.by, late.reason) for late in known.late_handoffs] == [
        (at(74), "rule", None),
        (at(75), "rep", "r"),
    ]


def test_feedback_belongs_to_the_episode_in_whose_time_it_came():
    known = history(
        ticket(
            feedback(0, "neutral"),
            customer(1),
            agent(2),
            feedback(3, "positive"),
            feedback(73, "negative"),
            feedback(75, "negative", "a2"),
            customer(80),
            feedback(81, "positive", "a2"),
        )
    )
    assert [(row.opinion, row.episode, row.replaced_at) for row in known.feedback] == [
        (Opinion.NEUTRAL, None, None),
        (Opinion.POSITIVE, 0, at(73)),
        (Opinion.NEGATIVE, 0, None),
        (Opinion.NEGATIVE, None, None),
        (Opinion.POSITIVE, 1, None),
    ]
    assert [row.episode_started_at for row in known.feedback] == [None, at(1), at(1), None, at(80)]


# -- who takes no part


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"spam": True}, Exclusion.SPAM),
        ({"outbound": True}, Exclusion.OUTBOUND),
        ({"spam": True, "outbound": True}, Exclusion.SPAM),
    ],
)
def test_spam_and_outbound_take_no_part(more, reason):
    known = history(ticket(customer(0), agent(1), rep(2), feedback(3, "positive"), closed(4), handoff(99), **more))
    assert (known.excluded, known.placed_at) == (reason, at(0))
    assert (known.episodes, known.feedback, known.late_handoffs, known.closes) == ((), (), (), ())


def test_one_public_message_without_a_time_takes_the_conversation_out():
    known = history(ticket(customer(0), replace(agent(1), at=None), feedback(2, "positive"), closed(3)))
    assert (known.excluded, known.episodes, known.feedback, known.closes) == (Exclusion.NO_TIMES, (), (), ())


def test_no_times_at_all_has_no_place_in_time_unless_it_says_when_it_opened():
    untimed = Message("m1", Speaker.CUSTOMER, "…")
    assert history(ticket(untimed)).placed_at is None
    assert history(ticket(untimed, opened_at=at(5))).placed_at == at(5)


def test_a_private_note_without_a_time_takes_nothing_out():
    known = history(ticket(customer(0), agent(1), replace(rep(2, private=True), at=None)))
    assert known.excluded is None
    assert known.episodes[0].settled_outcome is RESOLVED


# -- closed tickets of reps


def test_a_closed_ticket_is_credited_to_the_responding_rep():
    (close,) = history(ticket(customer(0), rep(1), rep(2, TOM), rep(3, TOM), closed(4))).closes
    assert (close.rep, close.closed_at, close.from_at, close.until_at) == (TOM, at(4), at(4), None)


def test_a_tie_of_reps_goes_to_the_last_in_the_file():
    (close,) = history(ticket(customer(0), rep(2, TOM), rep(1, ANA), closed(4))).closes
    assert close.rep == ANA


def test_a_rep_is_named_as_in_the_last_message_of_the_file():
    later = replace(ANA, name="Ana Duarte")
    (close,) = history(ticket(customer(0), rep(3, later), rep(1, ANA), rep(2, ANA), closed(4))).closes
    assert close.rep == ANA


def test_the_latest_close_counts_and_reopening_ends_it():
    closes = history(ticket(customer(0), rep(1), closed(2), reopened(3), rep(3, TOM), rep(4, TOM), closed(5))).closes
    assert [(close.rep, close.closed_at, close.until_at) for close in closes] == [
        (ANA, at(2), at(3)),
        (TOM, at(5), None),
    ]


def test_closing_again_without_reopening_moves_the_close():
    closes = history(ticket(customer(0), rep(1), closed(2), closed(5))).closes
    assert [(close.closed_at, close.until_at) for close in closes] == [(at(2), at(5)), (at(5), None)]


def test_writing_after_the_close_can_change_whose_ticket_it_is():
    closes = history(ticket(customer(0), rep(1), closed(2), rep(3, TOM), rep(4, TOM))).closes
    assert [(close.rep, close.closed_at, close.from_at) for close in closes] == [
        (ANA, at(2), at(2)),
        (TOM, at(2), at(3)),  # a tie: the last to reply
    ]


def test_no_rep_wrote_or_not_closed_is_no_closed_ticket_of_a_rep():
    assert history(ticket(customer(0), agent(1), rep(1, private=True), closed(2))).closes == ()
    assert history(ticket(customer(0), rep(1))).closes == ()
    assert history(ticket(customer(0), rep(1), closed(2), status=Status.OPEN)).closes == ()


def test_a_reply_without_an_author_is_an_unknown_reps():
    (close,) = history(ticket(customer(0), rep(1, None), closed(2))).closes
    assert close.rep is None


# -- robustness


def test_times_at_the_end_of_the_calendar_settle_there():
    last = datetime.max.replace(tzinfo=UTC)
    question = replace(customer(0), at=last - timedelta(hours=2))
    (episode,) = episodes(ticket(question, replace(agent(1), at=last - timedelta(hours=1))))
    assert episode.settles_at == last
    assert episode.outcome(last - timedelta(seconds=1)) is Outcome.PENDING
