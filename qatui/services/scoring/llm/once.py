"""Requests that can be repeated exactly: a run that was killed asks again in the same words under the same key."""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from dataclasses import dataclass, field

from qatui.domain.conversation import Ticket
from qatui.domain.verdict import JudgeIdentity, content_hash
from qatui.services.scoring.llm.endpoint import CallError

_NOT_BEGUN = (408, 409, 425, 429, 503)  # statuses of a request that was not worked on, or still is


@dataclass(slots=True)
class Asking:
    """One ticket that is being asked about: what its requests are called, and how far they are.

    A key follows from the ticket's content, the judge, the reading, the request's own bytes and how often the endpoint
    has answered these before. So whoever asks again after a kill sends the same keys in the same order, and an
    endpoint that honours them answers from what it has and bills nothing.

    secret: of the workspace; without it the mark between messages could be guessed by who writes a conversation.
    since: changes when this judge has answered before and is asked anew, such as after a failure.
    begun: there is a reply already, so that to stop now would waste it; on_wire: a request is under way.
    """

    seed: bytes
    reading: int = 1
    begun: bool = False
    on_wire: bool = False
    _settled: Counter[bytes] = field(default_factory=Counter)  # answers, by request
    _failed: Counter[bytes] = field(default_factory=Counter)  # failures of the endpoint, by request
    _last: bytes = b""

    @classmethod
    def about(cls, ticket: Ticket, judge: JudgeIdentity, *, secret: bytes, since: int = 0) -> Asking:
        """The requests about a ticket as it is now."""
        parts = (ticket.source, ticket.id, content_hash(ticket), judge.model, judge.rubric, str(since))
        text = "\x1f".join(parts).encode(errors="surrogatepass")
        return cls(hashlib.blake2b(text, key=secret, digest_size=16).digest())

    def rng(self) -> random.Random:
        """Where the mark of this reading's requests comes from."""
        return random.Random(self.seed + bytes([self.reading]))

    def key(self, body: bytes) -> str:
        """The idempotency key of a request with this body."""
        self._last = hashlib.blake2b(body, digest_size=16).digest()
        # An endpoint may keep a failure under its key as it keeps an answer: after two, the third try has another.
        number = self._settled[self._last] + self._failed[self._last] // 2
        name = b"%b %d %b %d" % (self.seed, self.reading, self._last, number)
        return hashlib.blake2b(name, digest_size=16).hexdigest()

    def answered(self) -> None:
        """The last request brought a reply: asked once more in the same words, it is another request."""
        self.begun = True
        self._settled[self._last] += 1

    def refused(self, error: CallError) -> None:
        """The last request brought none. It keeps its key unless the endpoint itself failed over it."""
        if error.status is not None and error.status not in _NOT_BEGUN:
            self._failed[self._last] += 1
