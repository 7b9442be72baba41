"""Episodes of a conversation and how each one ended: the 72 h rule (METRICS, 'Customer agent').

One ticket's facts go in, rows to keep go out; nothing here knows 'now'. The rule is a fold over the facts in the order
(time, messages before events, file order), and a fact never changes what came before it. So a row made from all facts
also tells what was known at any earlier `as_of`:

* an `_at` column holds the first such moment; at `as_of` it is known if it is set and `<= as_of`;
* an episode seen from `as_of < settles_at` is pending: had it settled by then, the facts that moved `settles_at` on
  would belong to no episode; so `settled_outcome` and `unverified` hold from `settles_at` on, and only then;
* of several feedbacks in one episode, the last at `as_of` is the one with `at <= as_of` that nothing replaced by then.

No `as_of` needs the facts again. Rows change only when facts of their own ticket arrive.

Where METRICS leaves a choice, it is this:

* A close before any response ends the episode where it stands in the order of facts: what precedes it counts, though at
  the same instant. Exactly 72 h after the last response is settled, whatever the order.
* Being assigned belongs to the conversation, not to the episode: it begins with an `assigned` event to the customer
  agent or a response, outlives settling, and ends with a handoff alone. An `assigned` event to a rep does not end it,
  since help desks write the reassignment and its handoff in either order.
* Whatever customer agents write outside an episode is no response and implies no assignment.
* The first handoff of an episode is the only one looked at, both for `handled` (was the customer agent assigned then?)
  and for the outcome (where it counts, assigned or not).
* A handoff outside every episode is late once the conversation had an episode; each one is listed, with its own time.
* One public message without a time takes the whole conversation out. An event without a time is passed over.
* Feedback belongs to the episode in whose time it was given. For the third criterion it is about the response it names,
  or the latest one of the episode; a name that is no response of the episode is about none. A value other than
  positive, negative and neutral is no feedback.
* Sources count as unknown when no public customer-agent message of the conversation before settling says anything of
  sources or actions; later ones cannot rewrite a settled episode.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from qatui.domain.conversation import Event, EventType, Message, Speaker, Ticket
from qatui.domain.rep_close import Fact, RepClose, rep_closes

CUSTOMER_AGENT = "customer_agent"  # whom an `assigned` event names
SETTLES_AFTER = timedelta(hours=72)
_END_OF_TIME = datetime.max.replace(tzinfo=UTC)


class Outcome(StrEnum):
    """How a handled episode stands or ended: exactly one holds."""

    PENDING = "pending"
    HANDED_OFF = "handed_off"
    HUMAN_JOINED = "human_joined"
    RESOLVED = "resolved"
    DEFLECTED_UNRESOLVED = "deflected_unresolved"


class Criterion(StrEnum):
    """What a resolution needs besides that no human stepped in; an unresolved deflection fails at least one."""

    SOURCE_OR_ACTION = "source_or_action"  # some response referenced a content source or performed an action
    NO_HUMAN_WANTED = "no_human_wanted"  # the customer did not ask for a human
    NOT_NEGATIVE = "not_negative"  # the last feedback on the last response is not negative


class Exclusion(StrEnum):
    """Why a conversation takes no part in the performance of the customer agent; the first that holds."""

    SPAM = "spam"
    OUTBOUND = "outbound"
    NO_TIMES = "no_times"


class Opinion(StrEnum):
    """What a visitor's feedback says."""

    POSITIVE = "positive"
    NEGATIVE = "negative"
    NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """One episode of one ticket, `number` counting from 0; all times UTC.

    settles_at: the instant from which the outcome holds; always set, perhaps still ahead.
    handled_at: first response, or first handoff if the customer agent was assigned then; None: never handled.
    assigned_at: first assignment to the customer agent or first response inside the episode; the start where an
    assignment from earlier led straight to a handoff.
    human_joined_at, human_wanted_at, closed_at: first public rep message, first request for a human, first close.
    settled_outcome: never PENDING; None for an episode that was not handled. `failed` is empty unless it is
    DEFLECTED_UNRESOLVED; `unverified` is only ever true of RESOLVED.
    """

    number: int
    channel: str | None
    started_at: datetime
    settles_at: datetime
    handled_at: datetime | None = None
    assigned_at: datetime | None = None
    first_response_at: datetime | None = None
    handoff_at: datetime | None = None
    handoff_by: str | None = None
    handoff_reason: str | None = None
    human_joined_at: datetime | None = None
    human_wanted_at: datetime | None = None
    closed_at: datetime | None = None
    settled_outcome: Outcome | None = None
    unverified: bool = False
    failed: tuple[Criterion, ...] = ()

    def outcome(self, as_of: datetime) -> Outcome | None:
        """The outcome as known at `as_of`; None where the customer agent has not handled the episode by then."""
        if self.handled_at is None or self.handled_at > as_of:
            return None
        return Outcome.PENDING if self.settles_at > as_of else self.settled_outcome

    @property
    def time_to_close(self) -> timedelta | None:
        """First assignment or response to first close, >= 0; None unless handled and closed. Known from `closed_at`."""
        if self.handled_at is None or self.assigned_at is None or self.closed_at is None:
            return None
        return self.closed_at - self.assigned_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """One submission; `episode` is the number of the episode in whose time it came, if any.

    replaced_at: when the next feedback of the same episode came; the one not replaced at `as_of` is its last.
    """

    at: datetime
    opinion: Opinion
    episode: int | None = None
    episode_started_at: datetime | None = None
    replaced_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LateHandoff:
    """A handoff after settling: an event in its own week, never part of a rate."""

    at: datetime
    by: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Everything the performance reports need of one ticket: rows to store, replaced whenever the ticket's facts are.

    excluded: then there are no other rows, and `placed_at` says when the conversation began, where that is known.
    """

    ticket: str  # source/id
    source: str
    channel: str | None
    placed_at: datetime | None
    excluded: Exclusion | None = None
    episodes: tuple[Episode, ...] = ()
    feedback: tuple[Feedback, ...] = ()
    late_handoffs: tuple[LateHandoff, ...] = ()
    closes: tuple[RepClose, ...] = ()


def history(ticket: Ticket) -> History:
    """The rows of one ticket: a pure function of its facts, linear in their number (sorting aside)."""
    facts, excluded = _ordered(ticket)
    if excluded is not None:
        began = min((message.at for message in ticket.public() if message.at is not None), default=ticket.opened_at)
        return History(
            ticket=ticket.key, source=ticket.source, channel=ticket.channel, placed_at=began, excluded=excluded
        )
    conversation = _Conversation(ticket.channel)
    for at, _, fact in facts:
        conversation.take(at, fact)
    conversation.settle()
    return History(
        ticket=ticket.key,
        source=ticket.source,
        channel=ticket.channel,
        placed_at=facts[0][0] if facts else ticket.opened_at,
        episodes=tuple(conversation.episodes),
        feedback=tuple(conversation.feedback),
        late_handoffs=tuple(conversation.late_handoffs),
        closes=rep_closes(ticket.status, facts),
    )


def episodes(ticket: Ticket) -> tuple[Episode, ...]:
    """The episodes of one ticket, oldest first; none where it is excluded or no customer wrote."""
    return history(ticket).episodes


def _ordered(ticket: Ticket) -> tuple[list[Fact], Exclusion | None]:
    """Public messages and events with their times, in the order in which they count; or why the ticket is left out."""
    if ticket.spam:
        return [], Exclusion.SPAM
    if ticket.outbound:
        return [], Exclusion.OUTBOUND
    facts: list[Fact] = []
    rank = 0
    for message in ticket.messages:
        if message.private:
            continue
        if message.at is None:
            return [], Exclusion.NO_TIMES
        facts.append((message.at, rank, message))
        rank += 1
    closes = False
    for event in ticket.events:
        if event.at is not None:
            closes = closes or event.type is EventType.CLOSED
            facts.append((event.at, rank, event))
            rank += 1
    if ticket.closed_at is not None and not closes:  # import format: `closed_at` without an event is a close
        facts.append((ticket.closed_at, rank, Event(EventType.CLOSED, ticket.closed_at)))
    facts.sort()  # ranks differ, so facts themselves are never compared
    return facts, None


class _Running:
    """An episode that has not settled yet, as far as the fold has come."""

    __slots__ = (
        "assigned_at",
        "closed_at",
        "feedback",
        "first_response_at",
        "handoff",
        "handoff_assigned",
        "human_joined_at",
        "human_wanted_at",
        "last_response",
        "settles_at",
        "sourced",
        "started_at",
    )

    def __init__(self, started_at: datetime) -> None:
        self.started_at = started_at
        self.settles_at = _settling(started_at)
        self.first_response_at: datetime | None = None
        self.last_response: Message | None = None
        self.assigned_at: datetime | None = None
        self.handoff: Event | None = None
        self.handoff_assigned = False
        self.human_joined_at: datetime | None = None
        self.human_wanted_at: datetime | None = None
        self.closed_at: datetime | None = None
        self.sourced = False
        self.feedback: list[tuple[Message | None, Event]] = []  # with the latest response at that time

    def failed(self, sources_known: bool) -> tuple[Criterion, ...]:
        """Which criteria of a resolution do not hold; an unknown first one is no failure."""
        failed = []
        if sources_known and not self.sourced:
            failed.append(Criterion.SOURCE_OR_ACTION)
        if self.human_wanted_at is not None:
            failed.append(Criterion.NO_HUMAN_WANTED)
        for latest, event in reversed(self.feedback):
            if self._about_last_response(latest, event):
                if event.value == Opinion.NEGATIVE:
                    failed.append(Criterion.NOT_NEGATIVE)
                break
        return tuple(failed)

    def _about_last_response(self, latest: Message | None, event: Event) -> bool:
        last = self.last_response
        if last is None:
            return False
        return latest is last if event.message is None else event.message == last.id


class _Conversation:
    """The fold over one conversation's facts: the running episode and the rows already final."""

    __slots__ = ("_assigned", "_channel", "_running", "_sources_known", "episodes", "feedback", "late_handoffs")

    def __init__(self, channel: str | None) -> None:
        self._channel = channel
        self._running: _Running | None = None
        self._assigned = False
        self._sources_known = False
        self.episodes: list[Episode] = []
        self.feedback: list[Feedback] = []
        self.late_handoffs: list[LateHandoff] = []

    def take(self, at: datetime, fact: Message | Event) -> None:
        """The next fact in order."""
        if self._running is not None and at >= self._running.settles_at:
            self.settle()
        if isinstance(fact, Message):
            self._message(at, fact)
        else:
            self._event(at, fact)

    def _message(self, at: datetime, message: Message) -> None:
        running = self._running
        speaker = message.speaker
        if running is None and speaker is Speaker.CUSTOMER:
            self._running = _Running(at)
        if speaker is Speaker.CUSTOMER_AGENT and (message.sources is not None or message.actions is not None):
            self._sources_known = True
        if running is None:
            return
        if speaker is Speaker.CUSTOMER_AGENT:
            self._assigned = True
            running.first_response_at = running.first_response_at or at
            running.assigned_at = running.assigned_at or at
            running.last_response = message
            running.sourced = running.sourced or bool(message.sources) or bool(message.actions)
            running.settles_at = _settling(at)
            return
        if speaker is Speaker.REP:
            running.human_joined_at = running.human_joined_at or at
        if running.first_response_at is None:
            running.settles_at = _settling(at)

    def _event(self, at: datetime, event: Event) -> None:
        running = self._running
        match event.type:
            case EventType.ASSIGNED if event.to == CUSTOMER_AGENT:
                self._assigned = True
                if running is not None:
                    running.assigned_at = running.assigned_at or at
            case EventType.HANDOFF:
                if running is not None:
                    if running.handoff is None:
                        running.handoff, running.handoff_assigned = event, self._assigned
                        if self._assigned:
                            running.assigned_at = running.assigned_at or running.started_at
                elif self.episodes:
                    self.late_handoffs.append(LateHandoff(at=at, by=event.by, reason=event.reason))
                self._assigned = False
            case EventType.FEEDBACK:
                self._feedback(at, event)
            case EventType.HANDOFF_REQUESTED if running is not None:
                running.human_wanted_at = running.human_wanted_at or at
            case EventType.CLOSED if running is not None:
                running.closed_at = running.closed_at or at
                if running.first_response_at is None:
                    running.settles_at = at
                    self.settle()

    def _feedback(self, at: datetime, event: Event) -> None:
        if event.value not in _OPINIONS:
            return
        running = self._running
        if running is None:
            self.feedback.append(Feedback(at=at, opinion=Opinion(event.value)))
            return
        number = len(self.episodes)
        if running.feedback:
            earlier = self.feedback[-1]
            self.feedback[-1] = Feedback(
                at=earlier.at,
                opinion=earlier.opinion,
                episode=number,
                episode_started_at=running.started_at,
                replaced_at=at,
            )
        running.feedback.append((running.last_response, event))
        self.feedback.append(
            Feedback(at=at, opinion=Opinion(event.value), episode=number, episode_started_at=running.started_at)
        )

    def settle(self) -> None:
        """End the running episode with the facts so far; called before the first fact that is no part of it."""
        running = self._running
        if running is None:
            return
        self._running = None
        handoff = running.handoff
        handoff_at = handoff.at if handoff else None
        handled = [
            at for at in (running.first_response_at, handoff_at if running.handoff_assigned else None) if at is not None
        ]
        outcome: Outcome | None = None
        failed: tuple[Criterion, ...] = ()
        if handled:
            if handoff is not None:
                outcome = Outcome.HANDED_OFF
            elif running.human_joined_at is not None:
                outcome = Outcome.HUMAN_JOINED
            else:
                failed = running.failed(self._sources_known)
                outcome = Outcome.DEFLECTED_UNRESOLVED if failed else Outcome.RESOLVED
        self.episodes.append(
            Episode(
                number=len(self.episodes),
                channel=self._channel,
                started_at=running.started_at,
                settles_at=running.settles_at,
                handled_at=min(handled) if handled else None,
                assigned_at=running.assigned_at,
                first_response_at=running.first_response_at,
                handoff_at=handoff_at,
                handoff_by=handoff.by if handoff else None,
                handoff_reason=handoff.reason if handoff else None,
                human_joined_at=running.human_joined_at,
                human_wanted_at=running.human_wanted_at,
                closed_at=running.closed_at,
                settled_outcome=outcome,
                unverified=outcome is Outcome.RESOLVED and not self._sources_known,
                failed=failed,
            )
        )


_OPINIONS = frozenset(Opinion)


def _settling(at: datetime) -> datetime:
    try:
        return at + SETTLES_AFTER
    except OverflowError:  # a help desk's 'never': 9999-12-31
        return _END_OF_TIME
