"""How the rep's replies meet what the customer wrote before them: feeling, kinds of answer, orders, repetition."""

from __future__ import annotations

from math import log1p

from qatui.services.scoring.offline.transcript import CUSTOMER, REP, Sentence, Transcript

NAMES = (
    "both.felt_most", "both.felt_open", "both.felt_turns", "both.felt_ignored", "both.felt_met", "both.felt_curt",
    "both.felt_first_ack", "both.felt_joked", "both.answer_kinds", "both.no_answer", "both.only_elsewhere",
    "both.how_missed", "both.when_missed", "both.why_missed", "both.where_missed", "rep.orders", "rep.order_share",
    "rep.said_twice", "rep.tildes", "rep.brackets", "rep.ends_asking", "rep.last_answers", "cus.intense",
    "both.calm_only", "both.answers_turn",
)  # fmt: skip

# How much feeling a cue in a customer's sentence shows; questions put calmly, thanks and praise count against it.
_FELT = {
    "angry": 3.0, "frustrated": 2.0, "worried": 2.0, "sad_face": 2.0, "accuses": 2.0, "rhetorical": 1.5,
    "exhausted": 1.5, "demands": 1.0, "sarcasm": 1.0, "promised": 1.0, "pleads": 1.0, "disbelief": 1.0,
    "complains": 1.0, "urgent": 1.0, "long_wait": 1.0, "exclaims": 1.0, "gives_up": 1.0, "hardship": 0.5,
    "waited": 0.3, "repeats": 0.3, "praise": -0.5, "thanks": -1.0, "calm": -1.5,
}  # fmt: skip
FELT = [_FELT.get(name, 0.0) for name in CUSTOMER.names]
_STRONG, _ANSWERABLE = 2.0, 1.5  # feeling of a turn that is plainly emotional; that asks for an acknowledgement
_BRIEF = 12  # words; a reply below this to an emotional turn is curt


def _cues(*names: str) -> frozenset[int]:
    return frozenset(REP.names.index(name) for name in names)


_ACK = _cues("apology", "understands", "names_feeling", "reassurance")
_JOKES = _cues("flippant", "calms")
_ANSWERS = _cues(
    "steps", "reason", "facts", "done", "next_step", "time_frame", "answer_now", "alternative", "make_right"
)
_ELSEWHERE = _cues("redirect", "asks_details", "detail_request", "vague_fix", "boilerplate")
_STEPS, _REASON, _TIME, _PLACE = (_cues(name) for name in ("steps", "reason", "time_frame", "redirect"))
_VERBS = """
    give send tell provide show wait check try use go click press open enter restart contact call pay read look download
    update install choose select confirm log fill describe explain let leave add inquire consult dial reply visit submit
    see
"""
_ORDERS = frozenset(_VERBS.split())
_POLITE = frozenset(("please", "pls", "kindly"))
_ADVERBS = "so such really very too even never always still again extremely totally completely absolutely"
_INTENSE = frozenset(_ADVERBS.split())


def numbers(script: Transcript, n_open: int) -> tuple[float, ...]:
    """The numbers of one ticket in the order of NAMES; n_open: customer's sentences before the rep's first reply."""
    rep, customer = script.rep, script.customer
    felt = [sum([FELT[cue] for cue in sentence.cues]) for sentence in customer]
    by_turn: dict[int, float] = {}
    for sentence, feeling in zip(customer, felt, strict=True):
        by_turn[sentence.turn] = max(by_turn.get(sentence.turn, -_STRONG), feeling)
    strong = sum(feeling >= _STRONG for feeling in by_turn.values())
    replies: dict[int, list[Sentence]] = {}
    for sentence in rep:
        replies.setdefault(sentence.turn, []).append(sentence)
    shown = {turn: frozenset().union(*(s.cues for s in said)) for turn, said in replies.items()}
    ignored, met, curt, joked = _met(script.order, by_turn, replies, shown)
    seen: frozenset[int] = frozenset().union(*shown.values())
    kinds = len(seen & _ANSWERS)
    how, when, why, where = _asked(customer[:n_open])
    orders = sum(bool(s.tokens) and s.tokens[0] in _ORDERS and _POLITE.isdisjoint(s.tokens) for s in rep)
    full = [" ".join(s.tokens) for s in rep if len(s.tokens) > 4]
    opening = felt[:n_open]
    intense = sum(sum(map(_INTENSE.__contains__, s.tokens)) for s in customer)
    last = rep[-1]
    return (
        max(felt, default=0.0),
        log1p(sum([feeling for feeling in opening if feeling > 0])),
        strong / max(1, script.customer_turns),
        log1p(ignored),
        log1p(met),
        log1p(curt),
        log1p(max(0.0, max(opening, default=0.0))) * (not _ACK.isdisjoint(shown[rep[0].turn])),
        log1p(joked),
        float(kinds),
        float(kinds == 0),
        float(kinds <= 1 and not _ELSEWHERE.isdisjoint(seen)),
        float(how and seen.isdisjoint(_STEPS)),
        float(when and seen.isdisjoint(_TIME)),
        float(why and seen.isdisjoint(_REASON)),
        float(where and seen.isdisjoint(_PLACE)),
        log1p(orders),
        orders / len(rep),
        log1p(len(full) - len(set(full))),
        log1p(sum(text.count("~") for text in script.rep_text)),
        log1p(sum(text.count("[") for text in script.rep_text)),
        float(bool(last.tokens) and last.tokens[-1] == "?"),
        float(not _ANSWERS.isdisjoint(shown[last.turn])),
        log1p(script.exclaims + script.shouted + intense),
        float(all(feeling <= 0.5 for feeling in felt)),
        kinds / max(1, script.rep_turns),
    )


def _met(
    order: list[tuple[str, int]],
    feelings: dict[int, float],
    replies: dict[int, list[Sentence]],
    shown: dict[int, frozenset[int]],
) -> tuple[float, float, float, float]:
    """Feeling that the next reply ignored, met with an acknowledgement, answered curtly, or joked or hushed away."""
    ignored = met = curt = joked = pending = 0.0
    for side, turn in order:
        if side == "c":
            pending = max(pending, feelings.get(turn, 0.0))
        elif turn in shown:
            if pending >= _ANSWERABLE:
                if _ACK.isdisjoint(shown[turn]):
                    ignored += pending
                else:
                    met += pending
                curt += pending * (sum(len(s.tokens) for s in replies[turn]) < _BRIEF)
                joked += pending * (not _JOKES.isdisjoint(shown[turn]))
            pending = 0.0
    return ignored, met, curt, joked


def _asked(opening: list[Sentence]) -> tuple[bool, bool, bool, bool]:
    """Whether the customer first asked how, when, why or where."""
    text = f" {' '.join([token for s in opening for token in s.tokens])} "
    return (
        any(ask in text for ask in (" how to ", " how do ", " how can ", " how should ")),
        " when " in text or " how long " in text,
        " why " in text or " the matter " in text or " reason " in text,
        " where " in text,
    )
