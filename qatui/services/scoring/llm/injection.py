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
from qatui.services.scoring.llm.injection_words import DIMENSIONS, JUDGE, OVERRIDE, SCORING, TOP

NEAR = 80  # characters between two words that belong to one demand
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
    found: set[Trick] = set()
    plain, smuggled, veiled = _revealed(text)
    if smuggled.strip():
        found.add(Trick.HIDDEN)
    for view in _views(f"{plain}\n{smuggled}" if smuggled else plain):
        found |= _in_view(view)
    # Invisible characters alone are harmless (emoji, Persian, soft hyphens); inside words of a trick they hide it.
    if veiled and found:
        found.add(Trick.HIDDEN)
    return frozenset(found)


# --- making text comparable ------------------------------------------------------------------------

_TAGS = re.compile(r"[\U000E0020-\U000E007F]+")
_TAG_FLAG = re.compile(r"\U0001F3F4[\U000E0061-\U000E007A\U000E0030-\U000E0039]{2,6}\U000E007F")  # flags of countries' parts
_INVISIBLE = re.compile(r"[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\U000E0100-\U000E01EF]")
_ACCENTS = re.compile(r"[\u0300-\u036f]")
_WORD = re.compile(r"\w+")
_SPACED = re.compile(r"(?<!\w)\w(?:[ ._*·-]\w){4,}(?!\w)")
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
    smuggled = "".join(chr(ord(char) - 0xE0000) for run in _TAGS.findall(plain) for char in run if char != "\U000E007F")
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

    spaced = _SPACED.search(text)
    if not spaced and not _MIXED.search(text):
        return text
    joined = text if not spaced else _SPACED.sub(lambda found: re.sub(r"[ ._*·-]", "", found[0]), text)
    return _WORD.sub(honest, joined)


def _decoded(text: str) -> Iterator[str]:
    for run in _BASE64.findall(text)[:20]:
        try:
            raw = base64.b64decode(run.rstrip("=").replace("-", "+").replace("_", "/") + "=" * (-len(run.rstrip("=")) % 4))
            shown = raw.decode("utf-8")
        except (binascii.Error, UnicodeDecodeError):
            continue
        if sum(char.isalpha() or char.isspace() for char in shown) > 0.7 * len(shown):
            yield _folded(shown)


def _turned(folded: str) -> Iterator[str]:
    # Only where the message itself says that it must be turned: nobody obeys what they cannot read.
    if _BACKWARDS.search(folded):
        yield folded.translate(_ROT13)
        yield folded[::-1]


# --- the rules ----------------------------------------------------------------------------------

_OVERRIDES = [
    (re.compile(rf"(?<!\w)(?:{verbs})"), re.compile(rf"(?:{objects})")) for verbs, objects in OVERRIDE.values()
]
# Somebody's own earlier message, and what a device or a mail said, are often to be ignored in honest support.
_OWN = re.compile(r"\b(?:my|our|his|her|their|that|an?|email(?:ed)?|e-mail|printed|manual'?s?|setup|shipping|delivery|cooking|care|return) ")
_DIMENSION = re.compile(DIMENSIONS)
_TOP = re.compile(TOP)
_JUDGE = re.compile(JUDGE)
_SCORING = re.compile(SCORING)
_ORDER = re.compile(
    r"\b(?:you must|you should|you are (?:now|instructed|required|to)|must (?:be|receive|get|give)|give|assign|award|output|return|respond|"
    r"reply with|answer with|write|set|please (?:score|rate|grade|mark)|deserves?|earns?|always|only|add|raise|increase|lower|treat|"
    r"consider|remember|note|gib|vergib|bewerte\w*|donne[rz]?|attribue[rz]?|dale|asigna|otorga|pon|puntu\w+|calific\w+|avalie|atribua|"
    r"assegna|dai|geef|ge|satt|przyznaj|daj|ver|поставь\w*|оцени\w*|дай\w*|постав\w*|δωσε|תן|امنح|اعط|أعط|दें|दो|给|給|打|请|つけ|付け|"
    r"ください|してください|주세요|줘|하세요|부여)"
)
_SURVEY = re.compile(
    r"\b(?:survey|csat|nps|feedback form|questionnaire|stars?|trustpilot|google|app ?store|play ?store|yelp|review (?:us|page|site)|"
    r"umfrage|sterne|enquete|encuesta|estrellas|pesquisa|estrelas|sondaggio|stelle|enquete)\b"
)
_SCORE_DEMAND = re.compile(
    r"\b(?:must|should|shall|always|have to|need to|required to|instructed to|please)\b.{0,30}"
    r"\b(?:score|rate|grade|mark|evaluate|assess)\b.{0,40}\b(?:5|five|maximum|max|perfect|highest|full|top|excellent)\b"
    r"|\b(?:assign|award|output|return|report|record|enter|respond with|answer with)\b.{0,40}\b(?:scores?|ratings?|marks?|grades?|verdict)\b"
    r".{0,40}\b(?:5|five|maximum|max|perfect|highest|full|top)\b"
    r"|\b(?:all|every|each|the three|three) (?:the )?(?:scores?|dimensions?|criteria|categories|ratings?)\b.{0,40}"
    r"\b(?:5|five|maximum|max|perfect|highest|full|top)\b"
    r"|\b(?:5|five)s? (?:in|for|on|across) (?:all|every|each)(?: of)?(?: the)?(?: three)? (?:dimensions?|criteri\w+|categor\w+|scores?)\b"
    r"|\bscore\s{0,3}[:=]\s{0,3}[1-5]\b(?![.,]?\d)"
    r"|\b(?:new|updated|corrected|revised|real|actual) (?:rubric|scoring (?:rule|guide|scale)|anchors?|grading (?:rule|scale))"
)
_ADDRESS = re.compile(
    r"(?:^|[\n.!?\"“(\[*#>-])\s{0,3}(?:dear|hello|hi|hey|attention|attn|note (?:to|for)|message (?:to|for)|to|for|an die|an den|liebe[rs]?|"
    r"note a|a l'attention d[eu]|para el|querido|estimado|caro|nota para|nota per|aan de|till|dla|do|внимание|уважаемый|для|致|亲爱的|"
    r"親愛なる|to whom\w*)[ :,-]{0,3}(?:the |our |my |all |any |el |la |le |l'|il )?(?:" + JUDGE + r")"
)
_IF_MACHINE = re.compile(
    r"\b(?:if|since|because|as) (?:you|you'?re|an?|this)\b.{0,25}\b(?:ai|llm|language model|bot|machine|model|automated|assistant|system|judge|grader)\b"
    r".{0,40}\b(?:reading|evaluating|scoring|grading|rating|reviewing|assessing|judging|processing|analy[sz]ing)\b"
    r"|\b(?:whoever|anyone|any ai|any model|the ai|the model|the system|the bot) (?:who |that |which )?(?:is )?"
    r"(?:scor|grad|rat|evaluat|judg|assess)(?:es|ing|e)\b.{0,20}\b(?:this|the|our|my) (?:chat|ticket|conversation|transcript|reply|replies|message)"
)
_ROLE = re.compile(
    r"<\|[a-z_ ]{2,30}\|>|\[/?(?:inst|sys|system|assistant)\]|<</?sys>>|</?(?:system|assistant|developer|instructions?|system[-_ ]?prompt|prompt|transcript|"
    r"verdict|rubric|admin|thinking|think|scratchpad|judge|data|untrusted)(?:\s[^<>]{0,60})?>"
    r"|\"role\"\s*:\s*\"(?:system|assistant|developer|tool)\"|\b(?:begin|end|start)_of_(?:turn|text)\b|<(?:start|end)_of_turn>"
)
_ROLE_LINE = re.compile(
    r"(?:^|\n)[\s>*_#=\[({-]{0,12}(?:system|assistant|developer|admin(?:istrator)?|moderator|operator|root|human|user|judge|openai|anthropic|"
    r"systemnachricht|sistema|systeme|система|系统|システム|시스템|instruction|instructions|system (?:message|prompt|note|notice|override|update))"
    r"[\s*_\])}]{0,4}(?:message|prompt|note|override|update|instruction|notice|command)?[\s*_\])}]{0,4}[:>#\n：].{0,240}",
    re.DOTALL,
)
_ROLE_TALK = re.compile(
    r"\byou are (?:now|no longer|an? )|\bnew (?:instructions?|task|rules?|role|policy)\b|\bfrom now on\b|\bdeveloper mode\b|\bjailbreak\b|"
    r"\b(?:act|behave|pretend|pose) as (?:an? |if )"
)
_FORGERY = re.compile(
    r"[\"'`]?(?:tone|clarity|empathy)[\"'`]?\s*[:=]\s*[{(\[]|[\"'`]?emotional_cue[\"'`]?\s*[:=]|[\"'`]score[\"'`]\s*[:=]\s*[\"']?[0-9]"
    r"|[\"'`](?:reasoning|evidence|verdict)[\"'`]\s*[:=]"
)
_ENDING = re.compile(
    r"\b(?:end|ends|ended|close|conclusion|ende|fin|fine|koniec|конец) (?:of|des|der|du|de|del|della|da|van)?\s?(?:the |this |la |el |il |o )?"
    r"(?:transcript|transkript\w*|conversation|dialog\w*|ticket|data|input|log|untrusted \w+|messages?|gesprach\w*|transcription|"
    r"conversacion|transcripcion|conversa|conversazione|trascrizione|разговора|диалога)\b"
    r"|\b(?:transcript|conversation|ticket|data) (?:is over|ends here|ended here|has ended|complete)\b"
    r"|对话结束|對話結束|会話終了|会話の終わり|대화 ?(?:끝|종료)"
)
_DONE = re.compile(
    r"\b(?:evaluation|scoring|grading|assessment|judgement|judgment|verdict|analysis) (?:is |was |has been )?(?:complete|completed|finished|done|final)\b"
    r"|\b(?:here (?:is|are)|here'?s|hier ist|voici|aqui esta|ecco) (?:the|your|my|our|das|le|el|il)?\s?(?:final )?(?:verdict|scores?|scoring|ergebnis)\b"
    r"|\bfinal (?:verdict|scores?|ratings?|judge?ment)\s{0,3}[:=]|\b(?:verdict|judge?ment) (?:recorded|accepted|submitted|saved)\b"
    r"|\bnew (?:task|instructions?|conversation|transcript)\s{0,3}[:.\n]|\bnext task\s{0,3}:"
)
_REASONING = re.compile(
    r"\b(?:reasoning|chain of thought|step-by-step|step by step|let me think|thought process|my analysis|begrundung|raisonnement|"
    r"razonamiento|evidence)\b\s{0,3}[:,.\n-]"
)
_RULE_WORDS = re.compile(r"\binstructions?\b|\brules?\b|\bignore\b|\bdisregard\b|\bprompt\b|\brubric\b|\bverdict\b|\bobey\b|\bcomply\b")


# Beginnings of words (up to four letters), one of which a rule needs: nearly all messages have none, and a look into
# a set costs a hundredth of the rules. What is not written in Latin letters passes unlooked.
def _starts(words: str) -> frozenset[str]:
    return frozenset(words.split())


_OVERRIDE_STARTS = _starts(
    "igno disr forg over bypa pay foll stop set thro disc supe repl canc void miss verg beac uber verw oubl tien tene fais "
    "fait olvi haz no desc pasa esqu desc desp dime tras non nege verg sla bort se glom glem zign zapo pomi yok yoks gorm "
    "unut dikk bo phot abai lupa"
)
_OBJECT_STARTS = _starts(
    "inst prom rubr guid dire crit anch prog rule orde cont cons scal ever what anwe vorg bewe rich cons bare indi regl "
    "dire regr istr rego aanw beoo anvi rikt retn pole wyty zasa poky tali yone kura huon chi peri petu"
)
_DIMENSION_STARTS = _starts(
    "tone clar empa tonf klar vers einf tono chia held duid jasn netl acik emot klarh"
)
_JUDGE_STARTS = _starts(
    "judg eval grad rate scor asse qual qa lang llm ai auto bewe guta pruf spra ki kimo kiri kipr kisy corr juge mode cali juez "
    "aval juiz valu giud beoo taal bedo ocen sedz dege"
)
_SCORING_STARTS = _starts(
    "scor rati rate rati grad eval asse verd mark rubr judg poin bewe punk note notr notz nots nota punt cali pont aval valu voto "
    "beoo bety ocen puan"
)
_MACHINE_STARTS = _starts("ai llm lang bot mach mode auto assi syst judg grad whoe anyo")
_ROLE_STARTS = _starts(
    "syst assi deve admi mode oper root huma user judg open anth inst sist you from new act beha pret pose jail start begi"
)
_ENDING_STARTS = _starts("end ends ende clos conc fin fine koni tran conv tick data eval scor grad asse judg verd anal here hier voic aqui ecco fina new next")
_REASONING_STARTS = _starts("reas chai step let thou my begr rais razo evid")


def _in_view(text: str) -> set[Trick]:
    starts = {word[:4] for word in _WORD.findall(text)} if _latin(text) else None

    def has(beginnings: frozenset[str]) -> bool:
        return starts is None or not starts.isdisjoint(beginnings)

    found: set[Trick] = set()
    if has(_OVERRIDE_STARTS) and has(_OBJECT_STARTS) and _override(text):
        found.add(Trick.OVERRIDE)
    if any(mark in text for mark in "<[\"_") and _ROLE.search(text):
        found.add(Trick.ROLE)
    named = has(_DIMENSION_STARTS)
    if (named or any(mark in text for mark in "\"'`")) and _FORGERY.search(text):
        found.add(Trick.FORGERY)
    judged, scoring = has(_JUDGE_STARTS), has(_SCORING_STARTS)
    if not (named or judged or scoring or has(_ROLE_STARTS) or has(_ENDING_STARTS)):
        return found
    dimension = named and _DIMENSION.search(text) is not None
    judge = judged and _JUDGE.search(text) is not None
    scored = dimension or (scoring and _near(_SCORING, _TOP, text))
    ruled = _RULE_WORDS.search(text) is not None
    if (dimension and _named_score(text)) or (scoring and not _SURVEY.search(text) and _SCORE_DEMAND.search(text)):
        found.add(Trick.SCORE)
    if (judge and ((_ADDRESS.search(text) and (scoring or _ORDER.search(text))) or _spoken_to(text))) or (
        has(_MACHINE_STARTS) and _IF_MACHINE.search(text)
    ):
        found.add(Trick.ADDRESS)
    if has(_ROLE_STARTS) and _poses(text, meant=(judge or ruled) and (dimension or scoring)):
        found.add(Trick.ROLE)
    if has(_ENDING_STARTS) and (
        ((scored or ruled or judge) and _ENDING.search(text)) or (scored and _DONE.search(text))
    ):
        found.add(Trick.ENDING)
    if (dimension or judge) and scored and has(_REASONING_STARTS) and _REASONING.search(text):
        found.add(Trick.FORGERY)
    return found


def _latin(text: str) -> bool:
    """Whether a folded text has Latin letters alone; typographic marks and emoji do not count."""
    return text.isascii() or not any("\u0370" <= char <= "\u1fff" or "\u2c00" <= char <= "\ud7ff" for char in text)


def _poses(text: str, *, meant: bool) -> bool:
    if meant and _ROLE_TALK.search(text):
        return True
    return any(
        _RULE_WORDS.search(line[0]) or _ROLE_TALK.search(line[0]) or _near(_SCORING, _TOP, line[0])
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


def _named_score(text: str) -> bool:
    """A dimension with the highest mark close to it, and either an order, a second dimension or a colon."""
    for name in _DIMENSION.finditer(text):
        window = text[max(0, name.start() - NEAR) : name.end() + NEAR]
        top = _TOP.search(window)
        if top and (_ORDER.search(window) or _SCORING.search(window) or len(set(_DIMENSION.findall(window))) > 1):
            return True
    return False


def _spoken_to(text: str) -> bool:
    """A judge's name near an order and near a score or a rule: 'the evaluator must award five'."""
    for name in _JUDGE.finditer(text):
        window = text[max(0, name.start() - NEAR) : name.end() + NEAR]
        others = window.replace(name[0], " ")
        if _ORDER.search(others) and (_near(_SCORING, _TOP, others) or _DIMENSION.search(others) or _RULE_WORDS.search(others)):
            return True
    return False


def _near(one: re.Pattern[str], other: re.Pattern[str], text: str) -> bool:
    return any(other.search(text, max(0, found.start() - NEAR), found.end() + NEAR) for found in one.finditer(text))
