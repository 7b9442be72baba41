"""Whether a conversation is in English: by its commonest words and its letters, without any model."""

from __future__ import annotations

import re

_ENGLISH = """
    a i an as at be by do he hi if in is it me my no of on or so to up us we all and any are but can did for get
    has her his how i'm let not now our out she the was who why yes you also been does from have help here i'll
    it's just know more need only some than that them then they this want were what when will with your about
    again can't could don't hello sorry still thank their there these those we'll where which would please
    thanks you're because
"""
ENGLISH = frozenset(_ENGLISH.split())
# Words that are common in one of these languages and rare or absent in English.
_FOREIGN = """
    der die das und ist nicht ich sie mir wir ein eine einen mein meine ihre ihr für mit auf von zu habe haben
    wie bitte danke kann können auch noch aber wenn werden wird sind guten leider dass schon les et est une vous
    je nous pour dans avec sur pas que qui mon ma mes votre vos bonjour merci cette ce avez sont mais été es por
    para con su mi hola gracias usted muy pero está tengo puedo ayuda pedido del una os um uma não você meu
    minha obrigado obrigada olá favor isso mas como já pelo na em foi ser il lo gli che di un non sono mi ciao
    grazie buongiorno della questo anche più ordine het een en niet ik je wij uw mijn voor zijn hebben maar ook
    bedankt graag wordt bij naar nie jest się na z że jak mam proszę dziękuję dzień dobry czy mój moje państwa
    och att det jag inte är som på med för tack vi og jeg ikke ve bir bu için çok merhaba teşekkürler değil
    nasıl ja ei että olen kiitos mutta az nem hogy egy köszönöm
"""
_SHARED_WORDS = "die como me to do in an on no de la le a e y i med ma en om del na mi es con per una vi mas"
_SHARED = frozenset(_SHARED_WORDS.split())
FOREIGN = frozenset(_FOREIGN.split()) - ENGLISH - _SHARED
_OTHER_LETTERS = re.compile(r"[^\W\d_\u0000-\u024f]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
_READ = 150  # words after which the language of a text is settled
_ENOUGH = 4  # with fewer words the letters alone decide


def is_english(tokens: list[str], text: str) -> bool:
    """False only with evidence: other letters for the most part, or another language's commonest words.

    tokens: the words of `text` in lower case, as the lexer gives them.
    """
    if not text.isascii():
        other = len(_OTHER_LETTERS.findall(text))
        if other >= 4 and other > 0.4 * len(_LATIN.findall(text)):
            return False
    words = [token for token in tokens[:_READ] if token[0].isalpha()]
    if len(words) < _ENOUGH:
        return True
    english = sum(map(ENGLISH.__contains__, words))
    foreign = sum(map(FOREIGN.__contains__, words))
    if foreign > english:
        return False
    # Real English has a common word in every five or so; names, codes and lists of products go lower,
    # so a lack of them counts only together with foreign words or letters.
    accented = len(words) - sum(map(str.isascii, words))
    return not (english < 0.1 * len(words) and foreign + accented >= max(2, 0.08 * len(words)))
