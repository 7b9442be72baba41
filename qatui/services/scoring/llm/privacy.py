"""Personal data taken out of a conversation before it leaves the machine, and put back into what returns."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from qatui.domain.conversation import Speaker, Ticket


class Kind(StrEnum):
    """What was taken out; the word stands in the text that is sent: [EMAIL-1]."""

    LINK = "LINK"
    EMAIL = "EMAIL"
    IBAN = "IBAN"
    CARD = "CARD"
    PHONE = "PHONE"
    ACCOUNT = "ACCOUNT"
    NAME = "NAME"


@dataclass(frozen=True, slots=True)
class Masked:
    """A text as it is sent, with where each replaced piece stands in it and in the original.

    pieces: (start, end, original start, original end), in order, of each placeholder.
    """

    text: str
    pieces: tuple[tuple[int, int, int, int], ...] = ()

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The span of the original text that a span of the sent text stands for.

        A span that cuts through a placeholder takes the whole of what it replaced.
        """
        return self._back(start, last=False), self._back(end, last=True)

    def _back(self, offset: int, *, last: bool) -> int:
        before = bisect_right(self.pieces, offset, key=lambda piece: piece[0]) - 1
        if before < 0:
            return offset
        start, end, original_start, original_end = self.pieces[before]
        if offset >= end:
            return original_end + (offset - end)
        if offset == start:
            return original_start
        return original_end if last else original_start


def unmasked(text: str) -> Masked:
    """A text that is sent as it is."""
    return Masked(text)


_URL = re.compile(r"\b(?:https?|ftp)://[^\s<>\"'`]+|\bwww\.[^\s<>\"'`]+", re.IGNORECASE)
_EMAIL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,30}\b", re.IGNORECASE)
_CARD = re.compile(r"(?<![\w.,])\d(?:[ .-]?\d){12,18}(?!\w|[.,]\d)")
_PHONE = re.compile(
    r"(?<![\w.,])(?:"
    r"(?:\+|00)\d{1,3}(?:[ ./-]{0,2}\(?\d{1,5}\)?){2,6}"  # international
    r"|\(\d{2,5}\)[ ./-]{0,2}\d{2,5}(?:[ ./-]?\d{2,5}){1,3}"  # area code in brackets
    r"|0\d{1,4}(?:[ /-]{1,2}\d{2,8}){1,4}"  # trunk prefix
    r"|\d{3}[ .-]\d{3}[ .-]\d{4}"  # North America
    r"|0\d{9,10}"  # trunk prefix, written in one
    r")(?!\w|[.,]\d)"
)
# A number that is named as somebody's: the number alone is taken out, the word before it stays.
_NAMED_NUMBER = re.compile(
    r"\b(?:account|acct|a/c|sort code|routing|customer|client|member(?:ship)?|policy|contract|loyalty|passport|"
    r"social security|ssn|tax|licen[cs]e|konto\w*|kunden\w*|vertrags\w*|compte|cuenta|cliente|conto|rekening\w*)"
    r"[ .]{0,2}(?:number|numbers|num|no|nr|nummer|id|ref(?:erence)?|code|n[uú]mero|num[eé]ro|#)?"
    r"[ .]{0,2}(?:is|was|ist|est|es|:|=|#|-)?[ .:#]{0,3}"
    r"(?P<number>(?=(?:[A-Z0-9]+[ -]?){0,8}[0-9])[A-Z]{0,4}[ -]?\d(?:[ -]?[A-Z0-9]){3,24})(?![\w])",
    re.IGNORECASE,
)
_LONG_NUMBER = re.compile(r"(?<![\w.,])\d(?:[ -]?\d){7,24}(?!\w|[.,]\d)")
_SOME_DIGITS = re.compile(r"\d\D{0,3}\d\D{0,3}\d\D{0,3}\d")  # fewer in a row are nobody's number
_DATE = re.compile(
    r"(?:19|20)\d\d[ -]?(?:0[1-9]|1[0-2])[ -]?(?:0[1-9]|[12]\d|3[01])(?:[ -]?\d\d){0,3}|\d{1,2}-\d{1,2}-(?:19|20)\d\d"
)
_TOKEN = re.compile(r"(?=[\w~.%=-]*\d)(?=[\w~.%=-]*[A-Za-z])[\w~.%=-]{16,}")

_NAME_WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|['’-](?=[^\W\d_]))+")
# Names that are also words: in lower case they are the word.
_ALSO_WORDS = frozenset(
    """
    will may mark grace hope faith joy rose art bill rob sue pat grant frank drew dawn june april august summer guy rich
    jack penny ray miles chase chance price young long short white black brown green gray grey king page case field wood
    woods stone bell cook banks best day bond moon love an in so do la le de van der den ben hart sun
    """.split()  # noqa: SIM905 - a paragraph of words reads better than a list
)
_GENERIC = frozenset(
    {"customer", "user", "guest", "visitor", "unknown", "anonymous", "admin", "support", "agent", "team", "help"}
    | {"service", "rep", "client"}
)


def luhn(digits: str) -> bool:
    """Whether a number carries a valid check digit as payment cards do (ISO/IEC 7812-1)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def iban_valid(text: str) -> bool:
    """Whether an IBAN's check digits hold (ISO 7064, MOD 97-10); blanks and hyphens do not count."""
    bare = re.sub(r"[ -]", "", text).upper()
    if not 15 <= len(bare) <= 34 or not bare.isascii():
        return False
    return int("".join(str(int(char, 36)) for char in bare[4:] + bare[:4])) % 97 == 1


class Masker:
    """Replaces the personal data of one ticket; the same value has the same placeholder in all of its messages."""

    def __init__(self, ticket: Ticket) -> None:
        self._placeholders: dict[tuple[Kind, str], str] = {}
        self._originals: dict[str, str] = {}
        self._numbers: Counter[Kind] = Counter()
        self._names = _name_pattern(ticket)

    @property
    def replaced(self) -> dict[str, int]:
        """Different values taken out, by kind."""
        return {kind.value: count for kind, count in sorted(self._numbers.items())}

    def mask(self, text: str) -> Masked:
        """A text with its personal data replaced."""
        spans = self._spans(text)
        if not spans:
            return Masked(text)
        parts: list[str] = []
        pieces: list[tuple[int, int, int, int]] = []
        at = length = 0
        for start, end, kind in spans:
            placeholder = self._placeholder(kind, text[start:end])
            parts += [text[at:start], placeholder]
            length += start - at
            pieces.append((length, length + len(placeholder), start, end))
            length += len(placeholder)
            at = end
        parts.append(text[at:])
        return Masked("".join(parts), tuple(pieces))

    def restore(self, text: str) -> str:
        """A text of the model's own with the placeholders that it took over replaced by what they stand for."""
        return re.sub(r"\[[A-Z]+-\d+\]", lambda found: self._originals.get(found[0], found[0]), text)

    def _placeholder(self, kind: Kind, value: str) -> str:
        key = (kind, re.sub(r"[\s.()/-]", "", value).casefold() if kind is not Kind.LINK else value)
        placeholder = self._placeholders.get(key)
        if placeholder is None:
            self._numbers[kind] += 1
            placeholder = self._placeholders[key] = f"[{kind}-{self._numbers[kind]}]"
            self._originals[placeholder] = value
        return placeholder

    def _spans(self, text: str) -> list[tuple[int, int, Kind]]:
        """What to replace, in order and without overlap."""
        taken: list[tuple[int, int, Kind]] = []
        for find in (_links, _emails, _ibans, _cards, _named_numbers, _phones, _long_numbers, self._named):
            found = [span for span in find(text) if span[0] < span[1]]
            for start, end, _ in found:
                # What is taken out reads as a gap for the next kind, so that nothing grows out of its remains.
                text = text[:start] + _GAP * (end - start) + text[end:]
            taken += found
        return sorted(taken)

    def _named(self, text: str) -> Iterator[Span]:
        if self._names:
            for found in self._names.finditer(text):
                yield found.start(), found.end(), Kind.NAME


_GAP = "\uffff"  # neither a letter, a digit nor a blank
Span = tuple[int, int, Kind]


def _links(text: str) -> Iterator[Span]:
    for found in _URL.finditer(text) if "://" in text or "www." in text.lower() else ():
        address = found[0].rstrip(".,;:!?)]}")
        if _carries_a_token(address):
            yield found.start(), found.start() + len(address), Kind.LINK


def _emails(text: str) -> Iterator[Span]:
    for found in _EMAIL.finditer(text) if "@" in text else ():
        yield found.start(), found.end(), Kind.EMAIL


def _ibans(text: str) -> Iterator[Span]:
    for found in _IBAN.finditer(text) if _SOME_DIGITS.search(text) else ():
        end = _longest_iban(found[0])
        if end:
            yield found.start(), found.start() + end, Kind.IBAN


def _cards(text: str) -> Iterator[Span]:
    for found in _CARD.finditer(text):
        if luhn(re.sub(r"\D", "", found[0])):
            yield found.start(), found.end(), Kind.CARD


def _named_numbers(text: str) -> Iterator[Span]:
    for found in _NAMED_NUMBER.finditer(text) if _SOME_DIGITS.search(text) else ():
        if sum(char.isdigit() for char in found["number"]) >= 4:
            yield found.start("number"), found.end("number"), Kind.ACCOUNT


def _phones(text: str) -> Iterator[Span]:
    for found in _PHONE.finditer(text) if _SOME_DIGITS.search(text) else ():
        if 7 <= sum(char.isdigit() for char in found[0]) <= 15 and not _DATE.fullmatch(found[0]):
            yield found.start(), found.end(), Kind.PHONE


def _long_numbers(text: str) -> Iterator[Span]:
    for found in _LONG_NUMBER.finditer(text):
        if not _DATE.fullmatch(found[0]):
            yield found.start(), found.end(), Kind.ACCOUNT


def _carries_a_token(address: str) -> bool:
    """Whether an address says more than a public page: a query, a fragment with values, a user, a random segment."""
    _, _, rest = address.partition("://")
    host, _, path = (rest or address).partition("/")
    if "@" in host or "?" in address or ("#" in path and "=" in path.partition("#")[2]):
        return True
    return any(_TOKEN.fullmatch(segment) for segment in path.split("/"))


def _longest_iban(text: str) -> int:
    """Length of the longest valid IBAN that `text` begins with: words that follow it look like a part of it."""
    for end in range(len(text), 14, -1):
        if text[end - 1] not in " -" and iban_valid(text[:end]):
            return end
    return 0


def _name_pattern(ticket: Ticket) -> re.Pattern[str] | None:
    """The names in the ticket's fields, whole and by word, the longest first."""
    full = {ticket.customer.name or ""} if ticket.customer else set()
    full |= {message.author.name for message in ticket.messages if message.author and message.speaker is Speaker.REP}
    written: set[str] = set()
    for name in full:
        words = [word for word in _NAME_WORD.findall(name) if word.casefold() not in _GENERIC]
        for word in [*words, " ".join(name.split()) if len(words) > 1 else ""]:
            if len(word) < 2:
                continue
            written |= {word, word.title(), word.upper(), word.capitalize()}
            if len(word) > 2 and word.casefold() not in _ALSO_WORDS:
                written.add(word.lower())
    if not written:
        return None
    choices = "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in sorted(written, key=lambda w: (-len(w), w)))
    return re.compile(rf"\b(?:{choices})\b")
