"""The sample workspace: every screen finds something to show, whenever it is opened."""

import json
import time
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import pytest

from qatui.domain.conversation import Customer, Event, EventType, Message, Rep, Speaker, Status, Ticket
from qatui.domain.metrics import FEW
from qatui.domain.outcome import Outcome, history
from qatui.domain.verdict import Reason, ineligible, responding
from qatui.services.sample import SOURCE, build, conversations
from qatui.text import visible

NOW = datetime(2026, 3, 5, 10, 30, tzinfo=UTC)
MIDNIGHT = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)  # a Monday, the moment with the least of today and of this week
LAST_SECOND = datetime(2028, 2, 29, 23, 59, 59, tzinfo=UTC)
WEEKS = 10

TICKET_KEYS = {
    "format", "id", "source", "subject", "url", "channel", "status", "opened_at", "closed_at", "customer", "tags",
    "spam", "outbound", "messages", "events",
}  # fmt: skip
EVENT_KEYS = {
    "assigned": {"to"},
    "handoff_requested": set(),
    "handoff": {"by", "reason"},
    "feedback": {"value", "message"},
    "unanswered": {"message"},
    "closed": set(),
    "reopened": set(),
}


def at(text):
    return datetime.fromisoformat(text)


def read(entry):
    """One object of the import format as the domain's ticket."""
    return Ticket(
        source=entry["source"],
        id=entry["id"],
        subject=entry.get("subject"),
        channel=entry["channel"],
        status=Status(entry["status"]),
        opened_at=at(entry["opened_at"]),
        closed_at=at(entry["closed_at"]) if "closed_at" in entry else None,
        customer=Customer(**entry["customer"]),
        tags=tuple(entry["tags"]),
        spam=entry["spam"],
        outbound=entry["outbound"],
        messages=tuple(
            Message(
                message["id"],
                Speaker(message["from"]),
                message["text"],
                at(message["at"]),
                Rep(**message["author"]) if "author" in message else None,
                message.get("private", False),
                tuple(message["sources"]) if "sources" in message else None,
                tuple(message["actions"]) if "actions" in message else None,
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


@pytest.fixture(scope="module")
def entries():
    return list(conversations(NOW))


@pytest.fixture(scope="module")
def tickets(entries):
    return [read(entry) for entry in entries]


@pytest.fixture(scope="module")
def judged(tickets):
    """The tickets that a judge may read, with their responding reps."""
    return [(ticket, responding(ticket).rep) for ticket in tickets if ineligible(ticket) is None]


class TestFormat:
    def test_every_ticket_is_an_object_of_the_import_format(self, entries):
        for entry in entries:
            assert set(entry) <= TICKET_KEYS
            assert entry["format"] == "qatui/1"
            assert entry["source"] == SOURCE
            assert json.loads(json.dumps(entry)) == entry

    def test_message_ids_count_up_and_every_author_is_whole(self, entries):
        for entry in entries:
            assert [m["id"] for m in entry["messages"]] == [f"m{n}" for n in range(1, len(entry["messages"]) + 1)]
            for message in entry["messages"]:
                allowed = {
                    "customer": set(),
                    "customer_agent": {"sources", "actions"},
                    "rep": {"author", "private"},
                }[message["from"]]
                assert set(message) - {"id", "at", "from", "text"} <= allowed

    def test_every_event_has_just_the_keys_of_its_type(self, entries):
        seen = Counter()
        for entry in entries:
            ids = {message["id"]: message["from"] for message in entry["messages"]}
            for event in entry["events"]:
                seen[event["type"]] += 1
                assert set(event) - {"at", "type"} == EVENT_KEYS[event["type"]]
                about = {"feedback": "customer_agent", "unanswered": "customer"}.get(event["type"])
                assert about is None or ids[event["message"]] == about
        assert set(seen) == set(EVENT_KEYS)

    def test_ids_are_unique(self, entries):
        ids = [entry["id"] for entry in entries]
        assert len(set(ids)) == len(ids)

    def test_the_text_is_clean(self, entries):
        for entry in entries:
            for text in (entry.get("subject", ""), entry["customer"]["name"], *(m["text"] for m in entry["messages"])):
                assert visible(text) == text
                assert text == text.strip()
                assert "\u200d" not in text  # joined emoji differ in width between terminals
                assert "\ufe0f" not in text

    def test_nothing_is_said_twice(self, entries):
        """No visible template, though one of the reps writes by one."""
        said = Counter(m["text"] for e in entries for m in e["messages"])
        assert {text: n for text, n in said.items() if n > 1 and len(text.split()) > 4} == {}


class TestTimes:
    @pytest.mark.parametrize("now", [NOW, MIDNIGHT, LAST_SECOND])
    def test_all_within_the_ten_weeks_before_now(self, now):
        for entry in conversations(now):
            times = [at(each["at"]) for each in (*entry["messages"], *entry["events"])]
            assert now - timedelta(weeks=WEEKS) <= min(times)
            assert max(times) <= now

    def test_a_ticket_runs_forwards(self, entries):
        for entry in entries:
            for part in (entry["messages"], entry["events"]):
                assert [each["at"] for each in part] == sorted(each["at"] for each in part)
            assert entry["opened_at"] == entry["messages"][0]["at"]
            closes = [event for event in entry["events"] if event["type"] in ("closed", "reopened")]
            assert (entry["status"] == "closed") == (bool(closes) and closes[-1]["type"] == "closed")
            assert entry.get("closed_at") == (closes[-1]["at"] if entry["status"] == "closed" else None)

    def test_the_same_now_gives_the_same_tickets_in_any_time_zone(self, entries):
        elsewhere = NOW.astimezone(timezone(timedelta(hours=-9)))
        assert list(conversations(elsewhere)) == entries

    def test_a_day_later_everything_is_a_day_later(self, entries):
        moved = list(conversations(NOW + timedelta(days=1)))
        assert [at(e["opened_at"]) for e in moved] == [at(e["opened_at"]) + timedelta(days=1) for e in entries]

    def test_now_needs_a_time_zone(self):
        with pytest.raises(ValueError, match="time zone"):
            next(conversations(NOW.replace(tzinfo=None)))

    def test_it_is_read_at_once(self):
        start = time.process_time()
        list(conversations(NOW))
        assert time.process_time() - start < 0.1


class TestPeople:
    def test_ten_reps_in_three_teams_each_in_one(self, tickets):
        teams = defaultdict(set)
        for ticket in tickets:
            for message in ticket.messages:
                if message.author:
                    teams[message.author.id, message.author.name].add(message.author.team)
        assert all(len(of) == 1 for of in teams.values())
        sizes = Counter(next(iter(of)) for of in teams.values())
        assert sizes == {"Billing": 3, "Technical": 4, "Delivery": 3, None: 1}

    def test_enough_tickets_to_judge_everybody_but_the_newcomer(self, judged):
        per_rep = Counter(rep.name for _, rep in judged if rep)
        assert per_rep.pop("Noor Haddad") < FEW
        assert per_rep.pop("Robin Castellan") < FEW
        assert min(per_rep.values()) >= 9
        assert sum(rep is None for _, rep in judged) == 2

    def test_a_trend_needs_tickets_all_along(self, judged):
        for name in ("Marcus Adeyemi", "Ilse Vermeer"):
            days = sorted((NOW - ticket.opened_at).days for ticket, rep in judged if rep and rep.name == name)
            assert days[0] <= 7
            assert days[-1] >= 60
            assert max(later - earlier for earlier, later in pairwise(days)) <= 14


class TestVariety:
    def test_four_channels(self, tickets):
        channels = Counter(ticket.channel for ticket in tickets)
        assert set(channels) == {"chat", "email", "whatsapp", "social"}
        assert min(channels.values()) >= 5

    def test_every_reason_for_no_score_that_facts_alone_can_give(self, tickets):
        reasons = {unscored.reason for ticket in tickets if (unscored := ineligible(ticket))}
        assert reasons == {Reason.SPAM, Reason.NOT_CLOSED, Reason.TOO_SHORT, Reason.NO_REP_REPLY}

    def test_what_a_real_inbox_has_besides(self, tickets):
        assert sum(ticket.outbound for ticket in tickets) == 1
        assert sum(any(e.type is EventType.REOPENED for e in ticket.events) for ticket in tickets) == 2
        assert sum(ticket.subject is None for ticket in tickets) >= 5
        assert sum(any(m.private for m in ticket.messages) for ticket in tickets) >= 3
        assert sum(bool(who and who.several) for who in map(responding, tickets)) >= 2
        assert any("Guten Tag" in m.text for ticket in tickets for m in ticket.messages)

    def test_conversations_have_the_length_of_conversations(self, tickets):
        assert all(1 <= len(ticket.messages) <= 10 for ticket in tickets)
        assert sum(len(ticket.messages) >= 4 for ticket in tickets) > len(tickets) / 2


class TestCustomerAgent:
    @pytest.fixture(scope="class")
    def episodes(self, tickets):
        return [episode for ticket in tickets for episode in history(ticket).episodes]

    def test_every_outcome_occurs(self, episodes):
        outcomes = Counter(episode.outcome(NOW) for episode in episodes)
        assert outcomes[Outcome.RESOLVED] >= 30
        assert outcomes[Outcome.DEFLECTED_UNRESOLVED] >= 15
        assert outcomes[Outcome.HANDED_OFF] >= 30
        assert outcomes[Outcome.HUMAN_JOINED] >= 4
        assert outcomes[Outcome.PENDING] >= 6
        assert outcomes[None] >= 20
        assert sum(episode.unverified for episode in episodes) >= 2

    @pytest.mark.parametrize("now", [NOW, MIDNIGHT, LAST_SECOND])
    def test_something_is_pending_and_something_happened_today_whenever_it_is_opened(self, now):
        running = [episode for entry in conversations(now) for episode in history(read(entry)).episodes]
        assert sum(episode.outcome(now) is Outcome.PENDING for episode in running) >= 6
        assert sum(now - episode.started_at < timedelta(hours=12) for episode in running) >= 3

    def test_several_conversations_in_each_of_the_ten_weeks(self, episodes):
        handled = Counter((NOW - e.started_at).days // 7 for e in episodes if e.handled_at)
        resolved = Counter((NOW - e.started_at).days // 7 for e in episodes if e.settled_outcome is Outcome.RESOLVED)
        assert min(handled[week] for week in range(WEEKS)) >= 4
        assert min(resolved[week] for week in range(WEEKS)) >= 2

    def test_handoffs_with_their_reasons_and_two_late_ones(self, tickets, episodes):
        reasons = Counter(episode.handoff_reason for episode in episodes if episode.handoff_at)
        assert set(reasons) == {"customer_request", "missing_knowledge", "damage_claim", "safety", "repeated_question"}
        assert {episode.handoff_by for episode in episodes if episode.handoff_at} == {"customer_agent", "rule"}
        assert {late.reason for ticket in tickets for late in history(ticket).late_handoffs} == {
            "follow_up",
            "no_human_contact",
        }

    def test_feedback_of_each_kind_in_most_weeks(self, tickets):
        feedback = [feedback for ticket in tickets for feedback in history(ticket).feedback]
        assert {each.opinion.value for each in feedback} == {"positive", "negative", "neutral"}
        assert len({(NOW - each.at).days // 7 for each in feedback}) >= 9


class TestGaps:
    def test_topics_with_several_questions_and_single_ones(self, tickets):
        topics = Counter()
        for ticket in tickets:
            for event in ticket.events:
                if event.type is EventType.UNANSWERED:
                    topics[ticket.tags[0] if ticket.tags else ""] += 1
        large = {topic for topic, questions in topics.items() if questions >= 3}
        assert large >= {
            "dimming",
            "bulb plan",
            "invoice",
            "customs",
            "spare parts",
            "wifi",
            "pickup",
            "recycling",
            "safety",
        }
        assert sum(topics[topic] for topic in set(topics) - large) >= 3

    def test_most_topics_hold_an_answer_of_a_rep_to_draft_from(self, tickets):
        answered = {
            ticket.tags[0]
            for ticket in tickets
            if any(e.type is EventType.UNANSWERED for e in ticket.events) and responding(ticket) and ticket.tags
        }
        assert answered >= {"dimming", "bulb plan", "invoice", "customs", "spare parts", "wifi", "pickup", "safety"}


class TestWritingMore:
    """A slip of the pen in a data file is reported with its line."""

    @pytest.mark.parametrize(
        ("lines", "why"),
        [
            (["== A-1 | too | few"], "six parts"),
            (["== A-1 | - | chat | yesterday | Ann |", "0m customer: hi"], "yesterday is no span of time"),
            (["== A-1 | - | chat | 3d 09:00 | Ann |", "0m nobody: hi"], "nobody is nobody"),
            (["== A-1 | - | chat | 3d 09:00 | Ann |", "soon customer: hi"], "soon is no span"),
            (["== A-1 | - | chat | 3d 09:00 | Ann |", "0m * vanished"], "vanished is no event"),
            (["== A-1 | - | chat | 3d 09:00 | Ann |", "what is this"], "neither a message nor an event"),
        ],
    )
    def test_with_what_is_wrong(self, lines, why, tmp_path, monkeypatch):
        (tmp_path / "odd.txt").write_text("\n".join(lines), "utf-8")
        monkeypatch.setattr(build, "FILES", ("odd.txt",))
        monkeypatch.setattr(build.resources, "files", lambda _: tmp_path)
        with pytest.raises(ValueError, match=rf"odd\.txt:[12]: .*{why}"):
            list(conversations(NOW))
