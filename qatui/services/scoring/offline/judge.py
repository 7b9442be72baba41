"""The embedded judge: deterministic, without key or network; numpy and one weights file are all it needs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from qatui.domain.conversation import Ticket
from qatui.domain.rubric import Dimension
from qatui.domain.verdict import Flag, Reason, Responding, Score, Unscored, Verdict
from qatui.services.scoring.offline import explain
from qatui.services.scoring.offline.language import is_english
from qatui.services.scoring.offline.lexer import Lexer
from qatui.services.scoring.offline.marks import Marked
from qatui.services.scoring.offline.model import Model
from qatui.services.scoring.offline.terms import Floats
from qatui.services.scoring.offline.transcript import Transcript, transcribe
from qatui.services.scoring.offline.weights import Weights, identity, packaged
from qatui.services.scoring.offline.without import brought_in

CUE = 3  # the fourth output of the model: whether the customer shows an emotional cue
CUE_FROM = 0.5
SURE_FROM = 0.72  # from here on a score may be called sure: on average three in four are exactly a reader's
UNSURE_BELOW = 0.4  # calibrated probability that a reader gives exactly this score


class OfflineJudge:
    """Reads a ticket and answers at once; one instance may serve one thread."""

    def __init__(self, weights: Weights) -> None:
        self.weights = weights
        self.identity = identity(weights.version, weights.digest)
        self._model = Model.of(weights)
        self._lexer = Lexer()

    @classmethod
    def load(cls) -> OfflineJudge:
        """The judge with the packaged weights; raises JudgeError when they are missing or damaged."""
        return cls(packaged())

    async def judge(self, ticket: Ticket, who: Responding) -> Verdict | Unscored:
        """As `read`: nothing here waits for anything."""
        return self.read(ticket, who)

    def raw(self, ticket: Ticket, who: Responding) -> Floats:
        """The raw scores on the scale 1..5, before the cuts: Tone, Clarity, Empathy and the emotional cue (0..1)."""
        looks = self._model.look([transcribe(ticket, who, self._lexer)])
        path = self._model.forest.path(looks.rows)
        return np.asarray(self._model.raw(self._model.members(looks.rows, path))[0])

    def marked(self, ticket: Ticket, who: Responding) -> tuple[Transcript, Marked]:
        """The sentences of a ticket and what a reader would mark in each; the rep must have written something."""
        script = transcribe(ticket, who, self._lexer)
        return script, self._model.look([script]).marked

    def read(self, ticket: Ticket, who: Responding) -> Verdict | Unscored:
        """The verdict on one eligible ticket, or Unscored where the conversation is not in English."""
        return self.read_all([(ticket, who)])[0]

    def read_all(self, tickets: Sequence[tuple[Ticket, Responding]]) -> list[Verdict | Unscored]:
        """What `read` says of each; some dozens at once take half the time."""
        scripts = [transcribe(ticket, who, self._lexer) for ticket, who in tickets]
        outcomes: list[Verdict | Unscored | None] = [_unreadable(script) for script in scripts]
        read = [at for at, outcome in enumerate(outcomes) if outcome is None]
        verdicts = self._verdicts([tickets[at] for at in read], [scripts[at] for at in read]) if read else iter(())
        return [next(verdicts) if outcome is None else outcome for outcome in outcomes]

    def _verdicts(
        self, tickets: Sequence[tuple[Ticket, Responding]], scripts: Sequence[Transcript]
    ) -> Iterator[Verdict]:
        model = self._model
        looks = model.look(scripts)
        path = model.forest.path(looks.rows)
        said = model.members(looks.rows, path)
        raw = model.raw(said).tolist()
        moves = explain.Moves.of(model, looks.rows, path, said)
        told = brought_in(model, scripts, looks, said).tolist()
        feeling = looks.marked.feeling.tolist()
        rep, customer = looks.rep_starts.tolist(), looks.customer_starts.tolist()
        members = said.members.tolist()
        for place, ((ticket, who), script) in enumerate(zip(tickets, scripts, strict=True)):
            cue = raw[place][CUE] >= CUE_FROM
            values = [model.value(at, raw[place][at]) for at in range(len(Dimension))]
            felt = feeling[customer[place] : customer[place + 1]] if cue else []
            quotes = explain.quotes(ticket, script, told[rep[place] : rep[place + 1]], felt, values)
            scores: dict[Dimension, Score] = {}
            for at, dimension in enumerate(Dimension):
                reasons = explain.explain(dimension, values[at], moves.cues(place, at), quotes[at], cue)
                sure = model.confidence(at, members[place][at], raw[place][at], len(script.tokens))
                scores[dimension] = Score(values[at], reasons, sure)
            unsure = any((score.sure or 0.0) < UNSURE_BELOW for score in scores.values())
            flags = {Flag.UNSURE} if unsure else set[Flag]()
            if who.several:
                flags.add(Flag.SEVERAL_REPS)
            yield Verdict(
                tone=scores[Dimension.TONE],
                clarity=scores[Dimension.CLARITY],
                empathy=scores[Dimension.EMPATHY],
                emotional_cue=cue,
                flags=frozenset(flags),
            )


def _unreadable(script: Transcript) -> Unscored | None:
    """Why there can be no score, or None."""
    if not is_english(script.tokens, "\n".join(script.rep_text)) or not is_english(
        [token for sentence in script.customer for token in sentence.tokens], "\n".join(script.customer_text)
    ):
        return Unscored(Reason.UNSUPPORTED_LANGUAGE)
    return None if script.rep else Unscored(Reason.TOO_SHORT)
