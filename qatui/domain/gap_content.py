"""Whether a turn says something of its own: greetings, thanks, one word and 'it still doesn't work' do not.

A turn has content if, of at least two words, one is neither a function word nor a word that people use about the talk
itself (help, answer, human, problem, again). A turn that begins with a yes and asks nothing agrees to what was offered:
it has none either. The lists are English with the everyday courtesies of the larger European
languages; a word they do not know counts as content, so that a question in another language is never lost.
"""

from __future__ import annotations

import re
from typing import Final

_WORD = re.compile(
    # Scripts without blanks: every letter counts as a word there.
    r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]|"
    r"(?:(?![\u0e00-\u0eff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af])[^\W_])+"
    r"(?:['’](?:(?![\u3040-\u9fff])[^\W\d_])+)?"
)
_ADDRESS: Final = re.compile(r"https?://\S+|\S+@\S+\.\S+")

_FUNCTION: Final = """
a about after all also although am an and any anyone anything are aren't as at be because been before being both but by
can can't cannot could couldn't did didn't do does doesn't doing don't done dont didnt doesnt isnt wont cant each either
else even ever every everything few for from get gets getting give given go goes going gonna got had hadn't has hasn't
have haven't having he he'd he's her here here's hers him his how how's however i i'd i'll i'm i've im ive if in into is
isn't it it'd it'll it's its itself just know let let's like likely lot lots made make makes many may maybe me mean
might mine more most much must my myself need needed needs neither no nobody none nor not nothing now of off on once
one ones only onto or other our ours out over own perhaps possible possibly probably put quite rather really s said same
say saying says see seem seems shall she should shouldn't since so some somebody someone something somewhere soon stuff
such sure take tell than that that'd that's thats the their theirs them then there there's these they they'd they're
thing things think this those though through till to too try tried trying u under until up upon ur us use used using
very via want wanted wanting wants was wasn't way we we'd we'll we're we've well were weren't what what's whats
whatever when where where's whether which while who who's whom whose why why's will with within without won't
would wouldn't yet you you'd you'll you're you've your yours yourself
today tomorrow yesterday time minute minutes moment second seconds hour hours day days week weeks ago long
"""
_COURTESY: Final = """
hello hi hey hiya heya howdy greetings dear sir madam team everyone folks guys good morning afternoon evening night
welcome thanks thank thankyou thx ty tysm cheers appreciate appreciated grateful please pls plz kindly regards sincerely
best wishes bye goodbye ciao nice great perfect awesome excellent fine cool super lovely wonderful amazing brilliant
ok okay okey k kk yes yeah yep yup no nope nah sure right alright exactly correct understood sorry excuse apologies
hm hmm hmmm um uh oh ah aha wow lol haha huh ugh pity enjoy weekend soon later rush hurry worries
hallo guten tag morgen abend moin servus grüß gott danke dankeschön vielen bitte tschüss freundlichen grüße grüßen ja
mit
nein bonjour bonsoir salut merci beaucoup oui non svp cordialement hola buenos buenas días dias tardes noches gracias
muchas adiós sí por favor saludos olá ola bom boa dia tarde noite obrigado obrigada sim não ciao buongiorno buonasera
salve grazie mille sì prego hoi goedemorgen goedemiddag goedenavond dag dank bedankt dankjewel graag alstublieft ja nee
hej tack tak takk hei kiitos moi witam cześć dzień dobry dziękuję dziekuje proszę tak nie dobrý den děkuji prosím
привет здравствуйте добрый день спасибо пожалуйста да нет merhaba teşekkürler teşekkür ederim evet hayır lütfen
"""
_ABOUT_THE_TALK: Final = """
anybody agent agents advisor adviser assistance assist assistant bot chatbot robot machine ai human humans person people
colleague representative rep reps operator manager supervisor employee staff support customer service customerservice
real live actual speak speaking talk talking chat chatting connect transfer escalate call contact
ask asked asking asks answer answers answered answering question questions query queries reply replied respond response
responding help helps helped helpful helping useless unhelpful useful explain explained understand understands wrong
right again still already anymore back same before
work works worked working fix fixed solve solved solves resolve resolved resolves issue issues problem problems trouble
situation happen happened happens happening matter
waiting wait waited hear heard read reading look looking check checking checked find found show
bad worse worst terrible awful horrible ridiculous joke annoying annoyed frustrated frustrating frustration upset angry
unacceptable nonsense stupid hate disappointed disappointing disappointment unbelievable serious seriously
urgent urgently asap quick quickly fast immediately
better clear unclear confused confusing makes sense point information info details detail anything advice
hopefully hope wonder wondering able
"""
EMPTY: Final = frozenset(f"{_FUNCTION} {_COURTESY} {_ABOUT_THE_TALK}".split())
"""Words that say nothing by themselves, in lower case with straight apostrophes."""

_ASSENTS: Final = frozenset(("yes", "yeah", "yep", "yup", "ok", "okay", "sure", "ja", "oui", "sí", "sim", "sì"))
_EMPTY_PHRASES: Final = ("你好", "您好", "谢谢", "多谢", "こんにちは", "ありがとう", "안녕하세요", "감사합니다", "สวัสดี")


def words(text: str) -> list[str]:
    """The words of a turn in lower case, addresses left out; letters of scripts without blanks count one by one."""
    for phrase in _EMPTY_PHRASES:
        text = text.replace(phrase, " ")
    return [word.replace("’", "'") for word in _WORD.findall(_ADDRESS.sub(" ", text).casefold())]


def content_words(text: str) -> list[str]:
    """The words that say something by themselves, in order."""
    return [word for word in words(text) if word not in EMPTY and not word.isdecimal()]


def has_content(text: str) -> bool:
    """Whether a turn says something of its own: at least two words, one that is not empty, and no mere yes."""
    found = words(text)
    if found[:1] and found[0] in _ASSENTS and "?" not in text:
        return False
    return len(found) > 1 and any(word not in EMPTY and not word.isdecimal() for word in found)


_GREETING = re.compile(
    r"(?:hello|hi|hey|dear|hallo|moin|grüezi|servus|good (?:morning|afternoon|evening|day)|bonjour|hola|hej|ciao)\b"
    r"[^.!?\n]{0,40}",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[^.!?\n]+(?:[.!?]+(?=\s|$)|\n|$)|[.!?\n]+")
_CLOSING = re.compile(
    r"(?:(?:kind|best|warm|many)?\s*(?:regards|wishes|greetings)|sincerely|yours|cheers)\b[,.! ]*", re.IGNORECASE
)


def substance(text: str) -> tuple[int, int]:
    """The span of a reply between its salutation and its farewell; (0, 0) where nothing else is in it."""
    start, end = -1, 0
    for found in _SENTENCE.finditer(text):
        sentence = found.group().strip()
        if _CLOSING.fullmatch(sentence):
            break
        if start < 0 and (_salutes(sentence) or not has_content(sentence)):
            continue
        if start < 0:
            start = found.start() + len(found.group()) - len(found.group().lstrip())
        if has_content(sentence):
            end = found.start() + len(found.group().rstrip())
    return (start, end) if 0 <= start < end else (0, 0)


def _salutes(sentence: str) -> bool:
    """'Hello Ruth!', 'Dear Mr Leroy,': a greeting and at most three words more."""
    found = _GREETING.match(sentence)
    return found is not None and found.end() >= len(sentence.rstrip(".,!")) and len(sentence.split()) <= 4
