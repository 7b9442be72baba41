"""What happens in one simulated conversation, from the customer's question to the close."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, TypeVar

from qatui.services.simulate import words
from qatui.services.simulate.words import Manner, Topic
from qatui.services.simulate.writer import DAY, HOUR, Writer

SOURCE = "simulated"
SILENT_CHANNEL = "social"  # its connector says nothing of sources and actions: what resolves there is unverified

_SPAM = 0.01
_OUTBOUND = 0.005
_NOBODY_REPLIES = 0.03  # of the conversations that the customer agent does not handle
_NO_RESPONSE = 0.05  # of handoffs: a rule hands off at once
_LATE_HANDOFF = 0.04  # of the unresolved deflections
_SECOND_EPISODE = 0.03
_SETTLES_AFTER = 72 * HOUR

Choice = TypeVar("Choice")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """How often what happens, each from 0 to 1; `channels` are weights. `simulate` says what they are shares of."""

    resolution: float
    handoff: float
    joined: float
    handled: float
    feedback: float
    channels: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class _Rep:
    author: dict[str, str]
    manner: Manner


def _reps() -> dict[str, tuple[_Rep, ...]]:
    """Who answers for each team: its own reps, and those without a team."""
    teams: dict[str, list[_Rep]] = {team: [] for _, team, _ in words.REPS if team}
    for number, (name, team, manner) in enumerate(words.REPS, start=1):
        author = {"id": f"r{number:02}", "name": name} | ({"team": team} if team else {})
        for reps in [teams[team]] if team else teams.values():
            reps.append(_Rep(author, manner))
    return {team: tuple(reps) for team, reps in teams.items()}


class Story:
    """Tells conversations; every part of one goes on where the writer stands."""

    __slots__ = ("_channel_sums", "_channels", "_outcomes", "_random", "_reps", "_shares", "_writer")

    def __init__(self, random: Callable[[], float], writer: Writer, shares: Shares) -> None:
        self._random = random
        self._writer = writer
        self._shares = shares
        self._outcomes = tuple(accumulate((shares.resolution, shares.handoff, shares.joined)))
        self._channels = tuple(name for name, weight in shares.channels.items() if weight)
        self._channel_sums = tuple(accumulate(filter(None, shares.channels.values())))
        self._reps = _reps()

    def tell(self, number: int, customers: int, opening: int) -> dict[str, Any]:
        """The conversation that opens at `opening`, in seconds of the writer, by one of so many customers."""
        writer, random = self._writer, self._random
        last_channel = len(self._channels) - 1
        channel = self._channels[min(bisect_right(self._channel_sums, random() * self._channel_sums[-1]), last_channel)]
        writer.begin(opening, silent=channel == SILENT_CHANNEL)
        opened_at = writer.stamp()
        kind = random()
        spam, outbound = kind < _SPAM, _SPAM <= kind < _SPAM + _OUTBOUND
        if spam:
            topic = self._spam()
        elif outbound:
            topic = self._outbound()
        else:
            topic = self._inbound(slow=channel != "chat")
        closes = [event for event in writer.events if event["type"] in ("closed", "reopened")]
        closed = bool(closes) and closes[-1]["type"] == "closed"
        entry: dict[str, Any] = {
            "format": "qatui/1",
            "id": f"S-{number:07}",
            "source": SOURCE,
            "channel": channel,
            "status": "closed" if closed else "open",
            "opened_at": opened_at,
            "customer": {"id": f"c-{1 + int(random() * customers)}"},
            "tags": [topic],
            "spam": spam,
            "outbound": outbound,
            "messages": writer.messages,
            "events": writer.events,
        }
        if channel == "email":
            entry["subject"] = topic.capitalize()
        if closed:
            entry["closed_at"] = closes[-1]["at"]
        return entry

    def _inbound(self, *, slow: bool) -> str:
        """A question of a customer; returns the name of its topic."""
        writer, random = self._writer, self._random
        opener = self._pick(words.OPENERS)
        if random() >= self._shares.handled:
            return self._without_agent(opener, slow)
        topic = self._handled(opener, slow)
        if random() < _SECOND_EPISODE and writer.events[-1]["type"] == "closed":
            writer.wait(_SETTLES_AFTER + HOUR, 9 * DAY)
            writer.happens("reopened")
            if not writer.over:
                self._handled(self._pick(words.BACK_AGAIN), slow)
        return topic

    def _handled(self, opener: str, slow: bool) -> str:
        """One episode of the customer agent with the outcome that chance gives it; returns its topic's name."""
        chance = self._random()
        resolved, handed_off, joined = self._outcomes
        self._writer.happens("assigned", to="customer_agent")
        if chance < resolved:
            return self._resolved(opener)
        if chance < handed_off:
            return self._handed_off(opener, slow)
        if chance < joined:
            return self._joined(opener)
        return self._unresolved(opener)

    def _without_agent(self, opener: str, slow: bool) -> str:
        """Reps alone; sometimes nobody answers."""
        topic = self._topic()
        order = self._asks(opener, topic)
        if self._random() >= _NOBODY_REPLIES:
            self._rep_answers(topic, order, 1800 if slow else 60, 18 * HOUR if slow else 1200)
        return topic.name

    def _outbound(self) -> str:
        topic = self._topic()
        rep = self._pick(self._reps[topic.team])
        self._writer.rep_says(rep.author, "Hello, " + self._pick(words.OUTBOUND))
        self._writer.wait(600, 2 * DAY)
        self._writer.customer_says(self._pick(words.THANKS))
        self._closes(60, DAY)
        return topic.name

    def _spam(self) -> str:
        self._writer.customer_says(self._pick(words.SPAM))
        self._closes(60, DAY)
        return "spam"

    def _resolved(self, opener: str) -> str:
        writer, random = self._writer, self._random
        topic = self._pick(words.KNOWN)
        self._agent_answers(topic, self._asks(opener, topic))
        if random() < 0.2:
            writer.wait(30, 900)
            writer.customer_says(self._pick(words.FOLLOW_UPS))
            writer.wait(8, 40)
            writer.agent_says(self._pick(words.AGENT_MORE), topic.sources)
        if random() < 0.5:
            writer.wait(20, 1800)
            writer.customer_says(self._pick(words.THANKS))
        if random() < self._shares.feedback:
            self._rates("positive" if random() < 0.9 else "neutral")
        self._closes(300, 40 * HOUR)
        return topic.name

    def _unresolved(self, opener: str) -> str:
        """Nobody steps in, and the answer had no source, or was rated badly, or a human was asked for in vain."""
        writer, random = self._writer, self._random
        negative = random() < self._shares.feedback
        if not writer.silent and random() < 0.6:
            topic = self._pick(words.UNKNOWN)
            self._agent_is_unsure(opener, topic)
            if random() < 0.4:
                writer.wait(20, 900)
                writer.customer_says(self._pick(words.UNHAPPY))
        else:
            topic = self._pick(words.KNOWN)
            self._asks(opener, topic)
            writer.wait(8, 40)
            writer.agent_says(self._pick(words.AGENT_OFF), ("help/start",))
            writer.wait(20, 900)
            if negative:
                writer.customer_says(self._pick(words.UNHAPPY))
            else:
                writer.customer_says(self._pick(words.WANTS_HUMAN))
                writer.happens("handoff_requested")
        if negative:
            self._rates("negative")
        if random() < _LATE_HANDOFF:
            writer.wait(_SETTLES_AFTER + HOUR, 9 * DAY)
            writer.happens("handoff", by="rep", reason="follow_up")
            self._rep_answers(topic, self._order(), 60, 1200, last=True)
        else:
            self._closes(300, 40 * HOUR)
        return topic.name

    def _handed_off(self, opener: str, slow: bool) -> str:
        writer, random = self._writer, self._random
        chance = random()
        if chance < 0.28:
            topic = self._pick(words.UNKNOWN)
            order = self._agent_is_unsure(opener, topic)
            by, reason = "customer_agent", "missing_knowledge"
        else:
            topic = self._pick(words.KNOWN)
            order = self._asks(opener, topic)
            by, reason = "rule", "priority_customer"
            if chance < 1 - _NO_RESPONSE:
                self._agent_answers(topic, order)
                writer.wait(20, 600)
                if chance < 0.75:
                    writer.customer_says(self._pick(words.WANTS_HUMAN))
                    writer.happens("handoff_requested")
                    by, reason = "customer_agent", "customer_request"
                elif chance < 0.87:
                    writer.customer_says(self._pick(words.UNHAPPY))
                    reason = "repeated_question"
                else:
                    by, reason = "rep", "reassigned"
        writer.wait(1, 20)
        writer.happens("handoff", by=by, reason=reason)
        self._rep_answers(topic, order, 1800 if slow else 60, 18 * HOUR if slow else 1200)
        return topic.name

    def _joined(self, opener: str) -> str:
        topic = self._pick(words.KNOWN)
        order = self._asks(opener, topic)
        self._agent_answers(topic, order)
        self._rep_answers(topic, order, 600, 40 * HOUR)
        return topic.name

    def _asks(self, opener: str, topic: Topic) -> str:
        """The customer's question; returns the order number that they and all others name."""
        order = self._order()
        question = self._pick(topic.questions)
        if not opener:
            question = question[0].upper() + question[1:]
        self._writer.customer_says((opener + question + self._pick(words.TAILS)).replace("#", order))
        return order

    def _agent_answers(self, topic: Topic, order: str) -> None:
        self._writer.wait(8, 40)
        self._writer.agent_says(self._pick(topic.answers).replace("#", order), topic.sources, topic.actions)

    def _agent_is_unsure(self, opener: str, topic: Topic) -> str:
        order = self._asks(opener, topic)
        self._writer.wait(8, 40)
        self._writer.agent_says(self._pick(words.AGENT_UNSURE))
        self._writer.happens("unanswered", message=self._writer.customer)
        return order

    def _rep_answers(self, topic: Topic, order: str, least: int, most: int, *, last: bool = False) -> None:
        """A rep replies `least` to `most` seconds later and closes; `last`: the customer writes no more.

        The customer writes at most 4 h after the first reply. As that comes within 40 h of the customer agent's last
        response, no episode begins here that nobody asked for.
        """
        writer, random = self._writer, self._random
        rep = self._pick(self._reps[topic.team])
        author = rep.author if random() < 0.99 else None
        manner = rep.manner
        writer.wait(least, most)
        if random() < 0.05:
            writer.rep_says(author, self._pick(words.NOTES), private=True)
        before, answer = self._pick(manner.before), self._pick(topic.helps).replace("#", order)
        if not before:
            answer = answer[0].upper() + answer[1:]
        writer.rep_says(author, before + answer + self._pick(manner.behind))
        if not last and random() < 0.4:
            writer.wait(30, 4 * HOUR)
            asks = random() < 0.3
            writer.customer_says(self._pick(words.FOLLOW_UPS if asks else words.THANKS))
            if asks or random() < 0.5:
                writer.wait(30, 6 * HOUR)
                writer.rep_says(author, self._pick(words.REP_MORE if asks else manner.closing))
        self._closes(60, 20 * HOUR)

    def _rates(self, value: str) -> None:
        self._writer.wait(2, 120)
        self._writer.happens("feedback", value=value, message=self._writer.agent)

    def _closes(self, least: int, most: int) -> None:
        """Most conversations are closed some time; a few are forgotten."""
        if self._random() < 0.97:
            self._writer.wait(least, most)
            self._writer.happens("closed")

    def _topic(self) -> Topic:
        return self._pick(words.KNOWN if self._random() < 0.75 else words.UNKNOWN)

    def _order(self) -> str:
        return str(10_000 + int(self._random() * 90_000))

    def _pick(self, choices: Sequence[Choice]) -> Choice:
        return choices[int(self._random() * len(choices))]
