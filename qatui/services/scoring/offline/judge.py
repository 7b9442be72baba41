"""The embedded judge: deterministic, without key or network; numpy and one weights file are all it needs."""

from __future__ import annotations

from qatui.domain.conversation import Ticket
from qatui.domain.rubric import Dimension
from qatui.domain.verdict import Flag, Reason, Responding, Score, Unscored, Verdict
from qatui.services.scoring.offline import explain
from qatui.services.scoring.offline.language import is_english
from qatui.services.scoring.offline.lexer import Lexer
from qatui.services.scoring.offline.model import Floats, Model
from qatui.services.scoring.offline.transcript import transcribe
from qatui.services.scoring.offline.weights import Weights, identity, packaged

CUE = 3  # the fourth output of the model: whether the customer shows an emotional cue
CUE_FROM = 0.5
SURE_FROM = 0.72  # from here on a score may be called sure: three in four are exactly a reader's, held out
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
        script = transcribe(ticket, who, self._lexer)
        return self._model.raw(self._model.members(self._model.look(script)))

    def read(self, ticket: Ticket, who: Responding) -> Verdict | Unscored:
        """The verdict on one eligible ticket, or Unscored where the conversation is not in English."""
        script = transcribe(ticket, who, self._lexer)
        if not is_english(script.tokens, "\n".join(script.rep_text)) or not is_english(
            [token for sentence in script.customer for token in sentence.tokens], "\n".join(script.customer_text)
        ):
            return Unscored(Reason.UNSUPPORTED_LANGUAGE)
        if not script.rep:
            return Unscored(Reason.TOO_SHORT)
        look = self._model.look(script)
        members = self._model.members(look)
        raw = self._model.raw(members)
        cue = bool(raw[CUE] >= CUE_FROM)
        moves = explain.Moves.of(self._model, look.row)
        values = [self._model.value(at, float(raw[at])) for at in range(len(Dimension))]
        quotes = explain.quotes(ticket, script, self._model, look, moves, values, cue)
        scores: dict[Dimension, Score] = {}
        for at, dimension in enumerate(Dimension):
            reasons = explain.explain(dimension, values[at], moves, quotes[at], cue)
            sure = self._model.confidence(at, members[at].tolist(), float(raw[at]), len(script.tokens))
            scores[dimension] = Score(values[at], reasons, sure)
        unsure = any((score.sure or 0.0) < UNSURE_BELOW for score in scores.values())
        flags = {Flag.UNSURE} if unsure else set[Flag]()
        if who.several:
            flags.add(Flag.SEVERAL_REPS)
        return Verdict(
            tone=scores[Dimension.TONE],
            clarity=scores[Dimension.CLARITY],
            empathy=scores[Dimension.EMPATHY],
            emotional_cue=cue,
            flags=frozenset(flags),
        )
