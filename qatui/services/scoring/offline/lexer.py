"""Text as tokens: words in lower case, with addresses, names, numbers and signs folded to a few kinds."""

from __future__ import annotations

import re

TOKEN = re.compile(
    r"https?://\S+|www\.\S+"  # addresses
    r"|#\w[\w-]*#|@\w+"  # masked names and handles
    r"|[^\W\d]+(?:['’][^\W\d]+)?"
    r"|\d[\d.,:/]*"
    r"|[!?]+|[:;]'?-?[()dD]|\.\.+|…|[$€£%]"
    r"|[\U0001F300-\U0001FAFF\u2600-\u27BF]"
)

_GLAD = frozenset("😀😁😂😃😄😅😆😇😉😊😋😌😍😎🙂🙃🤗🤩😘😚😜😛😸😺👍👌🎉🙌👏✨⭐🥰🥳☺✌")
_HEARTS = frozenset("❤💙💚💛💜🧡💖💗💕💞💓💝♥")
_SAD = frozenset("😭😢😥😓😔😕😞😟😠😡😣😤😩😫😦😧😨😰😱🙁☹🤬😒🙄😑😐💔😪😖🤦🤷😬")
_KINDS = 50_000  # remembered spellings; enough for any run's vocabulary, small enough to stay in memory


class Lexer:
    """Turns text into tokens; remembers spellings it has seen, which changes speed and nothing else."""

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def raw(self, text: str) -> list[str]:
        """Tokens as written."""
        return TOKEN.findall(text)

    def fold(self, raw: list[str]) -> list[str]:
        """Tokens in lower case, special kinds as `<url>`, `<name>`, `<at>`, `<num>`, `<smile>`, `<heart>`, `<sad>`."""
        known = self._known
        try:
            return [known[token] for token in raw]
        except KeyError:
            if len(known) > _KINDS:
                known.clear()
            for token in raw:
                if token not in known:
                    known[token] = _fold(token)
            return [known[token] for token in raw]

    def tokens(self, text: str) -> list[str]:
        return self.fold(self.raw(text))


def _fold(token: str) -> str:
    first = token[0]
    if first.isalpha() or first == "_":
        lower = token.lower().replace("’", "'")
        return "<url>" if lower.startswith(("http:", "https:", "www.")) else lower
    if first == "#":
        return "<name>"
    if first == "@":
        return "<at>"
    if first.isdigit():
        return "<num>"
    if first in _GLAD:
        return "<smile>"
    if first in _HEARTS:
        return "<heart>"
    if first in _SAD:
        return "<sad>"
    return token.lower()
