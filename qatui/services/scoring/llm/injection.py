"""Messages that address the judge instead of the customer or the rep: found by fixed rules, the same every time.

A finding changes no score. It marks the ticket, so that a person looks at what a model may have obeyed.
"""

from __future__ import annotations

import base64
import binascii
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from qatui.domain.conversation import Ticket
from qatui.services.scoring.llm.injection_words import ENOUGH, HINTED, OVERRIDE, SIGNALS, SURVEY

NEAR = 200  # characters within which words belong to one demand
MAX_SCANNED = 40_000  # characters of one message: longer ones are pasted logs, read at both ends


class Trick(StrEnum):
    """What kind of words addresses the judge."""

    OVERRIDE = "override"
    SCORE = "score"
    ADDRESS = "address"
    ROLE = "role"
    FORGERY = "forgery"
    ENDING = "ending"
    HIDDEN = "hidden"

    @property
    def words(self) -> str:
        """The finding in words a lead understands."""
        return _WORDS[self]


_WORDS = {
    Trick.OVERRIDE: "tells the judge to put its rules aside",
    Trick.SCORE: "asks for a score",
    Trick.ADDRESS: "speaks to the judge",
    Trick.ROLE: "poses as the system or the model",
    Trick.FORGERY: "holds a forged verdict",
    Trick.ENDING: "pretends that the conversation has ended",
    Trick.HIDDEN: "hides text that a reader does not see",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One trick in one message of a ticket."""

    position: int
    trick: Trick


def findings(ticket: Ticket) -> tuple[Finding, ...]:
    """Every trick in the public messages of a ticket, of customers and reps alike."""
    return tuple(
        Finding(position, trick)
        for position, message in enumerate(ticket.messages)
        if not message.private
        for trick in sorted(tricks(message.text))
    )


def tricks(text: str) -> frozenset[Trick]:
    """The kinds of trick that one message uses; empty for an honest one."""
    if len(text) > MAX_SCANNED:
        text = f"{text[: MAX_SCANNED // 2]}\n{text[-MAX_SCANNED // 2 :]}"
    if _plainly_honest(text):
        return frozenset()
    found: set[Trick] = set()
    plain, smuggled, veiled = _revealed(_ESCAPED.sub("\n", text))
    if smuggled.strip():
        found.add(Trick.HIDDEN)
    for view in _views(f"{plain}\n{smuggled}" if smuggled else plain):
        found |= _in_view(view)
    # Invisible characters alone are harmless (emoji, Persian, soft hyphens); inside words of a trick they hide it.
    if veiled and found:
        found.add(Trick.HIDDEN)
    return frozenset(found)


# --- making text comparable ------------------------------------------------------------------------

_ESCAPED = re.compile(r"\\\\?[nrt]")  # a line feed that is spelled out, to end a string around it
_TAGS = re.compile(r"[\U000E0020-\U000E007F]+")
_TAG_FLAG = re.compile(
    r"\U0001F3F4[\U000E0061-\U000E007A\U000E0030-\U000E0039]{2,6}\U000E007F"
)  # flags of countries' parts
_INVISIBLE = re.compile(
    r"[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\U000E0100-\U000E01EF]"
)
_ACCENTS = re.compile(r"[\u0300-\u036f]")
_WORD = re.compile(r"\w+")
_SPACED = re.compile(r"(?<!\w)\w(?:[ ._*·-]\w){4,}(?!\w)")
_LETTERS = re.compile(r"(?<!\w)\w(?:[ ._*·-]\w)+(?!\w)")
_MIXED = re.compile(r"[a-z]\d+[a-z]|\b\d[a-z]\d[a-z]|[a-z][\u0370-\u052f]|[\u0370-\u052f][a-z]")
_ALIKE = str.maketrans("аеорсухіјѕһԁԛԝмткнвгαεορνικτυχη", "aeopcyxijshdqwmtkhbraeopviktuxn")
_DIGITS = str.maketrans("0134578", "oieastb")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{24,}={0,2}")
_BACKWARDS = re.compile(r"\b(?:rot-?13|decod\w+|backwards?|revers\w+|entschlussel\w*|ruckwarts|decipher\w*|cipher)\b")
_ROT13 = str.maketrans("abcdefghijklmnopqrstuvwxyz", "nopqrstuvwxyzabcdefghijklm")


def _revealed(text: str) -> tuple[str, str, bool]:
    """The text without invisible characters, what tag characters spell, and whether a word had any in it."""
    if text.isascii():
        return text, "", False
    plain = _TAG_FLAG.sub("", text)
    smuggled = "".join(chr(ord(char) - 0xE0000) for run in _TAGS.findall(plain) for char in run if char != "\U000e007f")
    plain = _TAGS.sub("", plain)
    bare = _INVISIBLE.sub("", plain)
    return bare, smuggled, bare != plain


def _views(text: str) -> Iterator[str]:
    """The text as it reads, then as it reads once disguises are taken off; a disguise it lacks is skipped."""
    folded = _folded(text)
    yield folded
    seen = {folded}
    for view in (_undisguised(folded), *_decoded(text), *_turned(folded)):
        if view not in seen:
            seen.add(view)
            yield view


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower()
    # Accents are dropped, so that a word and the same word typed without them are one.
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    return unicodedata.normalize("NFKC", _ACCENTS.sub("", decomposed))


def _undisguised(text: str) -> str:
    """Letters of other scripts, digits for letters and blanks between letters undone, word by word."""

    def honest(found: re.Match[str]) -> str:
        word = found[0]
        if any(char.isascii() and char.isalpha() for char in word):
            if not word.isascii():
                word = word.translate(_ALIKE)
            if sum(char.isdigit() for char in word) * 2 < len(word) and len(word) > 3:
                word = word.translate(_DIGITS)
        return word

    words = _WORD.findall(text)
    spaced = sum(len(word) == 1 for word in words) >= 5 and _SPACED.search(text)
    if not spaced and not any(_MIXED.search(word) for word in words if not (word.isascii() and word.isalpha())):
        return text
    joined = text if not spaced else _LETTERS.sub(lambda found: re.sub(r"[ ._*·-]", "", found[0]), text)
    return _WORD.sub(honest, joined)


def _decoded(text: str) -> Iterator[str]:
    for run in _BASE64.findall(text)[:20]:
        try:
            raw = base64.b64decode(
                run.rstrip("=").replace("-", "+").replace("_", "/") + "=" * (-len(run.rstrip("=")) % 4)
            )
            shown = raw.decode("utf-8")
        except (binascii.Error, UnicodeDecodeError):
            continue
        if sum(char.isalpha() or char.isspace() for char in shown) > 0.7 * len(shown):
            yield _folded(shown)


def _turned(folded: str) -> Iterator[str]:
    # Only where the message itself says that it must be turned: nobody obeys what they cannot read.
    if any(hint in folded for hint in ("rot", "deco", "backw", "reve", "ruck", "entsch", "ciph")) and _BACKWARDS.search(
        folded
    ):
        yield folded.translate(_ROT13)
        yield folded[::-1]


# --- the rules ----------------------------------------------------------------------------------

_UNSPACED = {"zh", "ja", "ko"}  # words follow each other without blanks
_OVERRIDES = [
    (re.compile(rf"(?:{verbs})" if language in _UNSPACED else rf"(?<!\w)(?:{verbs})"), re.compile(rf"(?:{objects})"))
    for language, (verbs, objects) in OVERRIDE.items()
]
# Somebody's own earlier message, and what a device or a mail said, are often to be ignored in honest support.
_OWN = re.compile(
    r"\b(?:my|our|his|her|their|that|an?|email(?:ed)?|e-mail|printed|manual'?s?|setup|shipping|delivery|cooking|"
    r"care|return) "
)
# One look at each beginning of a word; words of scripts without blanks can begin anywhere and cost ten times as much.
_LATIN_SIGNAL = re.compile(r"\b(?:" + "|".join(f"(?P<{kind}>{words})" for kind, (_, words, _) in SIGNALS.items()) + ")")
_OTHER_SIGNAL = re.compile("|".join(f"(?P<{kind}>{words})" for kind, (_, _, words) in SIGNALS.items() if words))
_WEIGHTS = {kind: weight for kind, (weight, _, _) in SIGNALS.items()}
_SURVEY = re.compile(SURVEY)
_ROLE = re.compile(
    r"<\|[a-z_ ]{2,30}\|>|\[/?(?:inst|sys|system|assistant)\]|<</?sys>>|</?(?:system|assistant|developer|"
    r"instructions?|system[-_ ]?prompt|prompt|transcript|"
    r"verdict|rubric|admin|thinking|think|scratchpad|judge|data|untrusted)(?:\s[^<>]{0,60})?>"
    r"|\"role\"\s*:\s*\"(?:system|assistant|developer|tool)\"|\b(?:begin|end|start)_of_(?:turn|text)\b|<(?:start|"
    r"end)_of_turn>"
)
_ROLE_LINE = re.compile(
    r"(?:^|\n)[\s>*_#=\[({-]{0,12}(?:system|assistant|developer|admin(?:istrator)?|moderator|operator|root|human|"
    r"user|judge|openai|anthropic|"
    r"systemnachricht|sistema|systeme|система|系统|システム|시스템|instruction|instructions|system (?:message|"
    r"prompt|note|notice|override|update))"
    r"[\s*_\])}]{0,4}(?:message|prompt|note|override|update|instruction|notice|"
    r"command)?[\s*_\])}]{0,4}[:>#\n：].{0,240}",
    re.DOTALL,
)
_ROLE_TALK = re.compile(
    r"\byou are (?:now|no longer|an? )|\bnew (?:instructions?|task|rules?|role|policy)\b|\bfrom now on\b|"
    r"\bdeveloper mode\b|\bjailbreak\b|"
    r"\b(?:act|behave|pretend|pose) as (?:an? |if )"
)
_FORGERY = re.compile(
    r"[\"'`]?(?:tone|clarity|empathy)[\"'`]?\s*[:=]\s*[{(\[]|[\"'`]?emotional_cue[\"'`]?\s*[:=]|"
    r"[\"'`]scores?[\"'`]\s*[:=]\s*[\"'{\[]?\s*[\"'0-9]"
    r"|[\"'`](?:reasoning|evidence|verdict)[\"'`]\s*[:=]"
)
_ENDING = re.compile(
    r"\b(?:end|ends|ended|conclusion|ende|fin|fine|koniec|конец) (?:of|des|der|du|de|del|della|da|"
    r"van)?\s?(?:the |this |la |el |il |o )?"
    r"(?:transcript|transkript\w*|conversation|dialog\w*|ticket|data|input|log|untrusted \w+|messages?|"
    r"gesprach\w*|transcription|"
    r"conversacion|transcripcion|conversa|conversazione|trascrizione|разговора|диалога)\b"
    r"|\b(?:transcript|conversation|ticket|data) (?:is over|ends here|ended here|has ended|complete)\b"
    r"|对话结束|對話結束|会話終了|会話の終わり|대화 ?(?:끝|종료)"
)
_DONE = re.compile(
    r"\b(?:evaluation|scoring|grading|assessment|judgement|judgment|verdict|analysis) (?:is |was |"
    r"has been )?(?:complete|completed|finished|done|final)\b"
    r"|\b(?:here (?:is|are)|here'?s|hier ist|voici|aqui esta|ecco) (?:the|your|my|our|das|le|el|"
    r"il)?\s?(?:final )?(?:verdict|scores?|scoring|ergebnis)\b"
    r"|\bfinal (?:verdict|scores?|ratings?|judge?ment)\s{0,3}[:=]|\b(?:verdict|judge?ment) (?:recorded|accepted|"
    r"submitted|saved)\b"
    r"|\bnew (?:task|instructions?|conversation|transcript)\s{0,3}[:.\n]|\bnext task\s{0,3}:"
)
_REASONING = re.compile(
    r"\b(?:reasoning|chain of thought|step-by-step|step by step|let me think|thought process|my analysis|"
    r"begrundung|raisonnement|"
    r"razonamiento|evidence)\b\s{0,3}[:,.\n-]"
)
_RULE_WORDS = re.compile(
    r"\binstructions?\b|\brules?\b|\bignore\b|\bdisregard\b|\bprompt\b|\brubric\b|\bverdict\b|\bobey\b|\bcomply\b"
)


# Beginnings of words (up to four letters), one of which a rule needs: nearly all messages have none, and a look into
# a set costs a hundredth of the rules. What is not written in Latin letters passes unlooked.
def _starts(words: str) -> frozenset[str]:
    return frozenset(words.split())


_OVERRIDE_STARTS = _starts(
    "igno disr forg over bypa pay foll stop set thro disc supe repl canc void miss verg beac uber verw oubl tien "
    "tene haga fais fait olvi haz desc pasa esqu desp dime tras non nege sla bort se glom glem zign zapo pomi yok "
    "yoks gorm unut dikk bo phot abai lupa"
)
_OBJECT_STARTS = _starts(
    "inst prom rubr guid dire crit anch prog rule orde cont cons scal ever what anwe vorg bewe rich bare indi "
    "regl regr istr rego aanw beoo anvi rikt retn pole wyty zasa poky tali yone kura huon chi peri petu"
)
_SIGNAL_STARTS = _starts(
    "rubr scor grad emot clar empa klar vers einf chia held duid jasn netl acik eval rate asse judg qa revi lang "
    "llm llms ai whoe auto guta pruf spra ki kimo kiri kipr kibe corr juge mode cali juez aval juiz valu giud "
    "beoo taal bedo ocen sedz dege dime crit metr krit verd tran tone tonf tono mark bewe bare note nota punt "
    "punk pont voto bety puan full perf high max maxi five 5 hoch syst best kate cate task role goal purp shut "
    "deve repe dein setz reas rais incr redu bump lowe uber"
)
_TURNED_STARTS = _starts("rot rot1 deco reve ruck ents deci ciph")
_FORGERY_STARTS = _starts("tone clar empa emot scor reas evid verd")
_RULE_STARTS = _starts("inst rule igno disr prom rubr verd obey comp")
_ROLE_STARTS = _starts(
    "syst assi deve admi mode oper root huma user judg open anth inst sist you from new act beha pret pose jail "
    "start begi"
)
_ENDING_STARTS = _starts(
    "end ends ende conc fin fine koni tran conv tick data eval scor grad asse judg verd anal here hier voic aqui "
    "ecco fina new next"
)


_ROLE_LINE_STARTS = _starts("syst assi deve admi mode oper root huma user judg open anth inst sist")
_ANY_STARTS = _SIGNAL_STARTS | _FORGERY_STARTS | _RULE_STARTS | _ROLE_LINE_STARTS
_ODD_MARKS = re.compile(r"[\\<_]|\[/?[A-Za-z]|\"role\"")
_LONG_WORD = 20


def _plainly_honest(text: str) -> bool:
    """Whether no rule can find anything: ASCII without a word of judging, markup or disguise, as most messages are."""
    if not text.isascii() or _ODD_MARKS.search(text):
        return False
    words = _WORD.findall(text.lower())
    starts = {word[:4] for word in words}
    if not starts.isdisjoint(_ANY_STARTS):
        return False
    if not (starts.isdisjoint(_OVERRIDE_STARTS) or starts.isdisjoint(_OBJECT_STARTS)):
        return False
    return not (
        max(map(len, words), default=0) >= _LONG_WORD
        or sum(len(word) == 1 for word in words) >= 5
        or not starts.isdisjoint(_TURNED_STARTS)
        or "backward" in text
        or any(_MIXED.search(word) for word in words if not word.isalpha() and not word.isdigit())
    )


def _in_view(text: str) -> set[Trick]:
    starts = {word[:4] for word in _WORD.findall(text)} if _latin(text) else None

    def has(beginnings: frozenset[str]) -> bool:
        return starts is None or not starts.isdisjoint(beginnings)

    found: set[Trick] = set()
    if has(_OVERRIDE_STARTS) and has(_OBJECT_STARTS) and _override(text):
        found.add(Trick.OVERRIDE)
    if any(mark in text for mark in '<["_') and _ROLE.search(text):
        found.add(Trick.ROLE)
    if has(_FORGERY_STARTS) and _FORGERY.search(text):
        found.add(Trick.FORGERY)
    weight, kinds = _signals(text) if has(_SIGNAL_STARTS) else (0.0, frozenset[str]())
    if weight >= ENOUGH:
        found.add(Trick.ADDRESS if kinds & {"judge", "ai"} else Trick.SCORE)
    hinted = weight >= HINTED
    ruled = has(_RULE_STARTS) and _RULE_WORDS.search(text) is not None
    if has(_ROLE_STARTS) and _poses(text, meant=ruled and hinted):
        found.add(Trick.ROLE)
    if (hinted or ruled) and has(_ENDING_STARTS) and (_ENDING.search(text) or (hinted and _DONE.search(text))):
        found.add(Trick.ENDING)
    if hinted and _REASONING.search(text):
        found.add(Trick.FORGERY)
    return found


def _signals(text: str) -> tuple[float, frozenset[str]]:
    """The greatest weight of different kinds of judging words within NEAR characters, and which kinds these are."""
    hits = [(found.start(), found.lastgroup or "") for found in _LATIN_SIGNAL.finditer(text)]
    if not _latin(text):
        hits += [(found.start(), found.lastgroup or "") for found in _OTHER_SIGNAL.finditer(text)]
        hits.sort()
    best, kinds = 0.0, frozenset[str]()
    for index, (start, _) in enumerate(hits):
        near: dict[str, float] = {}
        for at, kind in hits[index:]:
            if at > start + NEAR:
                break
            near[kind] = _WEIGHTS[kind]
        weight = sum(near.values())
        if weight > best:
            best, kinds = weight, frozenset(near)
    if best and _SURVEY.search(text):
        best -= 1.0
    return best, kinds


def _latin(text: str) -> bool:
    """Whether a folded text has Latin letters alone; typographic marks and emoji do not count."""
    return text.isascii() or not any("\u0370" <= char <= "\u1fff" or "\u2c00" <= char <= "\ud7ff" for char in text)


def _poses(text: str, *, meant: bool) -> bool:
    if meant and _ROLE_TALK.search(text):
        return True
    return any(
        _RULE_WORDS.search(line[0]) or _ROLE_TALK.search(line[0]) or _signals(line[0])[0] >= HINTED
        for line in _ROLE_LINE.finditer(text)
    )


def _override(text: str) -> bool:
    for verbs, objects in _OVERRIDES:
        for verb in verbs.finditer(text):
            window = text[max(0, verb.start() - 40) : verb.end() + 60]
            thing = objects.search(window)
            if thing and not _OWN.search(window[max(0, thing.start() - 12) : thing.end()]):
                return True
    return False
