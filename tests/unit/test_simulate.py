"""The simulated log: believable in shape, near the asked shares, the same for the same arguments."""

import json
import tracemalloc
from collections import Counter
from datetime import UTC, datetime, timedelta, timezone
from itertools import islice

import pytest

from qatui.domain.conversation import Event, EventType, Message, Speaker, Ticket
from qatui.domain.outcome import Criterion, Outcome, history
from qatui.errors import UsageError
from qatui.services.simulate import simulate
from qatui.services.simulate.words import KNOWN, REPS, UNKNOWN

UNTIL = datetime(2026, 3, 5, 10, 30, tzinfo=UTC)
MANY = 6000
SETTLED = (Outcome.RESOLVED, Outcome.DEFLECTED_UNRESOLVED, Outcome.HANDED_OFF, Outcome.HUMAN_JOINED)
LEAST_KEYS = {"format", "id", "source", "channel", "status", "opened_at", "customer", "tags", "spam", "outbound"}


def at(text):
    return datetime.fromisoformat(text)


def read(entry):
    """What the outcome rule needs of one object of the import format."""
    return Ticket(
        source=entry["source"],
        id=entry["id"],
        channel=entry["channel"],
        spam=entry["spam"],
        outbound=entry["outbound"],
        messages=tuple(
            Message(
                message["id"],
                Speaker(message["from"]),
                message["text"],
                at(message["at"]),
                private=message.get("private", False),
                sources=message.get("sources"),
                actions=message.get("actions"),
            )
            for message in entry["messages"]
        ),
        events=tuple(
            Event(
                EventType(event["type"]), at(event["at"]), **{k: v for k, v in event.items() if k not in ("at", "type")}
            )
            for event in entry["events"]
        ),
    )


def outcomes(log):
    """Shares of the settled handled episodes by outcome, and how many those are."""
    counts = Counter(episode.outcome(UNTIL) for entry in log for episode in history(read(entry)).episodes)
    settled = sum(counts[outcome] for outcome in SETTLED)
    return {outcome: counts[outcome] / settled for outcome in SETTLED}, settled


def near(share, n):
    """Within four standard errors: a fair draw fails this once in 16,000 times, and the seed is fixed."""
    return pytest.approx(share, abs=max(4 * (share * (1 - share) / n) ** 0.5, 1e-9))


@pytest.fixture(scope="module")
def log():
    return list(simulate(10, MANY, 11, until=UNTIL))


@pytest.fixture(scope="module")
def histories(log):
    return [history(read(entry)) for entry in log]


class TestFormat:
    def test_every_conversation_is_an_object_of_the_import_format(self, log):
        for entry in log:
            assert set(entry) - LEAST_KEYS <= {"messages", "events", "subject", "closed_at"}
            assert set(entry) >= LEAST_KEYS
            assert [m["id"] for m in entry["messages"]] == [f"m{n}" for n in range(1, len(entry["messages"]) + 1)]
            assert json.loads(json.dumps(entry)) == entry

    def test_exactly_as_many_as_asked_each_with_its_own_id(self, log):
        assert len({entry["id"] for entry in log}) == len(log) == MANY

    def test_no_placeholder_is_left_and_sentences_begin_large_after_no_greeting(self, log):
        for entry in log:
            for message in entry["messages"]:
                assert "#" not in message["text"]
                assert message["from"] == "customer" or message["text"][0].isupper()

    def test_a_closed_conversation_says_when(self, log):
        for entry in log:
            closes = [event for event in entry["events"] if event["type"] in ("closed", "reopened")]
            closed = bool(closes) and closes[-1]["type"] == "closed"
            assert entry["status"] == ("closed" if closed else "open")
            assert entry.get("closed_at") == (closes[-1]["at"] if closed else None)

    def test_events_name_messages_that_exist(self, log):
        for entry in log:
            said = {message["id"]: message["from"] for message in entry["messages"]}
            for event in entry["events"]:
                if event["type"] == "feedback":
                    assert said[event["message"]] == "customer_agent"
                if event["type"] == "unanswered":
                    assert said[event["message"]] == "customer"


class TestTime:
    def test_everything_lies_in_the_asked_weeks_and_runs_forwards(self, log):
        start = UNTIL - timedelta(weeks=10)
        for entry in log:
            for part in (entry["messages"], entry["events"]):
                assert [each["at"] for each in part] == sorted(each["at"] for each in part)
            times = [at(each["at"]) for each in (*entry["messages"], *entry["events"])]
            assert start <= at(entry["opened_at"]) == min(times)
            assert max(times) <= UNTIL

    def test_oldest_first(self, log):
        assert [entry["opened_at"] for entry in log] == sorted(entry["opened_at"] for entry in log)

    @pytest.mark.parametrize("growth", [0.1, 0.0, -0.1])
    def test_each_week_is_larger_by_the_growth(self, growth):
        weeks = Counter(
            (UNTIL - at(e["opened_at"])).days // 7 for e in simulate(8, MANY, 3, until=UNTIL, growth=growth)
        )
        for week in range(7):
            assert weeks[week] / weeks[week + 1] == pytest.approx(1 + growth, abs=0.02)

    def test_more_by_day_than_at_night_and_on_weekdays_than_on_sundays(self, log):
        opened = [at(entry["opened_at"]) for entry in log]
        hours, days = Counter(each.hour for each in opened), Counter(each.weekday() for each in opened)
        assert hours[10] > 5 * hours[3]
        assert days[0] > 1.5 * days[6]

    def test_the_end_may_be_in_any_time_zone(self, log):
        elsewhere = UNTIL.astimezone(timezone(timedelta(hours=8)))
        assert list(islice(simulate(10, MANY, 11, until=elsewhere), 50)) == log[:50]


class TestSameArgumentsSameLog:
    def test_to_the_byte(self, log):
        assert list(simulate(10, MANY, 11, until=UNTIL)) == log

    def test_another_seed_gives_another_log(self, log):
        other = simulate(10, MANY, 12, until=UNTIL)
        assert sum(a["messages"] == b["messages"] for a, b in zip(log, other, strict=True)) == 0


class TestShares:
    @pytest.mark.parametrize(
        ("resolution", "handoff", "joined"),
        [(0.5, 0.25, 0.05), (0.8, 0.1, 0.0), (0.2, 0.7, 0.1), (0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0)],
    )
    def test_the_settled_outcomes_are_as_asked(self, resolution, handoff, joined):
        shares, n = outcomes(
            simulate(10, MANY, 5, until=UNTIL, resolution_share=resolution, handoff_share=handoff, joined_share=joined)
        )
        assert n > 0.75 * MANY
        assert shares[Outcome.RESOLVED] == near(resolution, n)
        assert shares[Outcome.HANDED_OFF] == near(handoff, n)
        assert shares[Outcome.HUMAN_JOINED] == near(joined, n)

    @pytest.mark.parametrize("handled", [0.3, 0.85, 1.0])
    def test_the_customer_agent_takes_part_as_often_as_asked(self, handled):
        log = [read(e) for e in simulate(10, MANY, 5, until=UNTIL, handled_share=handled, handoff_share=0.1)]
        first = [found[0] for found in (history(ticket).episodes for ticket in log) if found]
        assert sum(episode.handled_at is not None for episode in first) / len(first) == near(handled, len(first))

    @pytest.mark.parametrize("feedback", [0.0, 0.4, 1.0])
    def test_feedback_is_left_as_often_as_asked(self, feedback):
        left = alone = 0
        for entry in simulate(10, MANY, 5, until=UNTIL, feedback_share=feedback):
            told = history(read(entry))
            rated = {each.episode for each in told.feedback}
            for episode in told.episodes:
                if episode.outcome(UNTIL) in (Outcome.RESOLVED, Outcome.DEFLECTED_UNRESOLVED):
                    alone += 1
                    left += episode.number in rated
        assert left / alone == near(feedback, alone)

    def test_channels_by_their_weights(self):
        log = list(simulate(10, MANY, 5, until=UNTIL, channels={"chat": 3, "fax": 1, "pigeon": 0}))
        channels = Counter(entry["channel"] for entry in log)
        assert channels["fax"] / MANY == near(0.25, MANY)
        assert set(channels) == {"chat", "fax"}


class TestWhatIsInIt:
    def test_about_five_or_six_facts_a_conversation(self, log):
        facts = sum(len(entry["messages"]) + len(entry["events"]) for entry in log)
        assert 5 <= facts / MANY <= 6.5

    def test_every_type_of_event_and_every_reason_of_a_handoff(self, log, histories):
        assert {event["type"] for entry in log for event in entry["events"]} == set(EventType)
        reasons = {episode.handoff_reason for told in histories for episode in told.episodes if episode.handoff_at}
        assert reasons == {
            "customer_request", "missing_knowledge", "repeated_question", "priority_customer", "reassigned",
        }  # fmt: skip

    def test_late_handoffs_and_second_episodes(self, histories):
        assert sum(len(told.late_handoffs) for told in histories) >= 20
        assert sum(len(told.episodes) == 2 for told in histories) >= 50
        assert max(len(told.episodes) for told in histories) == 2

    def test_deflections_fail_each_criterion_of_a_resolution(self, histories):
        failed = Counter(criterion for told in histories for e in told.episodes for criterion in e.failed)
        assert min(failed[criterion] for criterion in Criterion) >= 30

    def test_pending_ones_at_the_end(self, histories):
        pending = [e for told in histories for e in told.episodes if e.outcome(UNTIL) is Outcome.PENDING]
        assert len(pending) >= 100
        assert min(episode.settles_at for episode in pending) > UNTIL

    def test_what_resolves_where_nothing_is_said_of_sources_is_unverified(self, histories):
        unverified = {(told.channel, e.unverified) for told in histories for e in told.episodes if e.settled_outcome}
        assert ("social", True) in unverified
        assert not any(unverified and channel != "social" for channel, unverified in unverified)

    def test_spam_and_outbound(self, log):
        assert sum(entry["spam"] for entry in log) / MANY == near(0.01, MANY)
        assert sum(entry["outbound"] for entry in log) / MANY == near(0.005, MANY)

    def test_all_reps_of_all_teams_some_unknown_and_some_private_notes(self, log):
        by_reps = [message for entry in log for message in entry["messages"] if message["from"] == "rep"]
        authors = {(m["author"]["name"], m["author"].get("team")) for m in by_reps if "author" in m}
        assert authors == {(name, team) for name, team, _ in REPS}
        assert any("author" not in message for message in by_reps)
        assert any(message.get("private") for message in by_reps)

    def test_all_topics_and_unanswered_questions_of_those_that_the_agent_does_not_know(self, log):
        assert {entry["tags"][0] for entry in log} == {topic.name for topic in (*KNOWN, *UNKNOWN)} | {"spam"}
        asked = Counter(e["tags"][0] for e in log for event in e["events"] if event["type"] == "unanswered")
        assert min(asked[topic.name] for topic in UNKNOWN) >= 30


class TestLoad:
    def test_memory_does_not_grow_with_the_log(self):
        endless = simulate(50, 10_000_000, 1, until=UNTIL)
        next(endless)
        tracemalloc.start()
        try:
            for _ in islice(endless, 3000):
                pass
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert peak < 100_000


class TestWrongArguments:
    @pytest.mark.parametrize(
        ("arguments", "why"),
        [
            ({"weeks": 0}, "at least one week"),
            ({"conversations": -1}, "at least one week"),
            ({"resolution_share": 1.2}, "from 0 to 1"),
            ({"feedback_share": float("nan")}, "from 0 to 1"),
            ({"resolution_share": 0.8, "handoff_share": 0.3}, "more than 1 together"),
            ({"channels": {}}, "a channel"),
            ({"channels": {"chat": 0}}, "a channel"),
            ({"channels": {"chat": 2, "fax": -1}}, "a channel"),
            ({"growth": -1}, "above -1"),
            ({"until": UNTIL.replace(tzinfo=None)}, "time zone"),
        ],
    )
    def test_are_refused_at_once(self, arguments, why):
        arguments = {"weeks": 1, "conversations": 1, "seed": 1, "until": UNTIL} | arguments
        with pytest.raises(UsageError, match=why):
            simulate(**arguments)

    def test_an_empty_log_is_fine(self):
        assert list(simulate(1, 0, 1, until=UNTIL)) == []
