"""The line in which a filter is typed: `late parcel rep:"Tom Weiss" empathy:<=2 since:2026-03-01 unscored:too_short`.

Words are searched for; `key:value` is a condition. A value with blanks stands in double quotes, in which a backslash
keeps the next character; so does a word that would otherwise be read as a condition.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from qatui.domain.listing import Choices, Range, TicketFilter
from qatui.domain.period import parse_instant
from qatui.domain.rubric import SCORES, Dimension
from qatui.domain.verdict import Flag, Reason

WORDS = ("rep", "team", "channel", "source", "judge")  # conditions whose value is a name
SCORED = tuple(dimension.value for dimension in Dimension)
KEYS = (*WORDS, *SCORED, "since", "until", "flag", "unscored")
BARE = ("scored", "unscored")  # conditions without a value
LEAST, MOST = SCORES[0], SCORES[-1]

_KEY = re.compile(r"([A-Za-z_]+):(?!//)")  # an address is a word to search for
_COMPARED = re.compile(r"(tone|clarity|empathy)(?=[<>=≤≥])", re.IGNORECASE)
_SCORES = re.compile(r"(?:(<=|>=|≤|≥|<|>|=)?([0-9]+)|([0-9]+)[-–]([0-9]+))")


class FilterError(ValueError):
    """A filter that cannot be read: what is wrong from `start` to `end` of the line, and how to mend it."""

    def __init__(self, message: str, start: int, end: int, hint: str) -> None:
        super().__init__(f"{message} (at character {start + 1}). {hint}")
        self.message = message
        self.start = start
        self.end = end
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the line: a word (`key` is empty) or a condition, with its place and where its value starts."""

    key: str
    value: str
    start: int
    end: int
    value_start: int
    quoted: bool
    closed: bool = True


def parse(text: str, zone: ZoneInfo) -> TicketFilter:
    """The filter that a line means; dates are days in `zone`, and `until` includes its day. Raises FilterError."""
    where = TicketFilter()
    words: list[str] = []
    flags: set[Flag] = set()
    seen: dict[str, Token] = {}
    for token in tokens(text):
        if not token.closed:
            raise FilterError("The quotation is not closed", token.value_start, token.end, 'Add a " where it ends.')
        if not token.key and (token.quoted or token.value.casefold() not in BARE):
            words += token.value.split()
            continue
        key = token.key or token.value.casefold()
        if key not in KEYS and key not in BARE:
            raise _unknown(token)
        if key == "flag":
            flags |= _flags(token)
            continue
        if key in seen or (key == "scored" and "unscored" in seen) or (key == "unscored" and "scored" in seen):
            other = key if key in seen else "unscored" if key == "scored" else "scored"
            raise FilterError(
                f"{key} cannot be combined with {other}" if other != key else f"{key} stands here twice",
                token.start,
                token.end,
                "Keep one of them.",
            )
        seen[key] = token
        where = _with(where, key, token, zone)
    if where.since is not None and where.until is not None and where.since >= where.until:
        late = seen["until"]
        raise FilterError("The time ends before it begins", late.start, late.end, "Let until be later than since.")
    return replace(where, text=" ".join(words), flags=frozenset(flags))


def format(where: TicketFilter, zone: ZoneInfo) -> str:
    """The line that means this filter: `parse` reads it back as the same."""
    return " ".join(text for text, _ in conditions(where, zone))


def conditions(where: TicketFilter, zone: ZoneInfo) -> list[tuple[str, TicketFilter]]:
    """Each condition as it is typed, beside the filter without it."""
    found: list[tuple[str, TicketFilter]] = []
    words = where.text.split()
    if words:
        found.append((" ".join(_word(word) for word in words), replace(where, text="")))
    for key in WORDS:
        if (name := getattr(where, key)) is not None:
            found.append((f"{key}:{quoted(name)}", _without(where, key)))
    for key in SCORED:
        if (scores := getattr(where, key)) is not None:
            found.append((f"{key}:{_scores_text(scores)}", _without(where, key)))
    if where.since is not None:
        found.append((f"since:{_instant(where.since, zone, end_of_day=False)}", replace(where, since=None)))
    if where.until is not None:
        found.append((f"until:{_instant(where.until, zone, end_of_day=True)}", replace(where, until=None)))
    for flag in sorted(where.flags):
        found.append((f"flag:{flag}", replace(where, flags=where.flags - {flag})))
    if where.reason is not None:
        found.append((f"unscored:{quoted(where.reason)}", replace(where, scored=None, reason=None)))
    elif where.scored is not None:
        found.append(("scored" if where.scored else "unscored", replace(where, scored=None)))
    return found


def tokens(text: str) -> Iterator[Token]:
    """The pieces of a line, also of one that is still being typed."""
    position = 0
    while position < len(text):
        if text[position].isspace():
            position += 1
            continue
        start = position
        key = ""
        if match := _KEY.match(text, position) or _COMPARED.match(text, position):
            key = match[1].casefold()
            position = match.end()
        value_start = position
        if text[position : position + 1] == '"':
            value, position, closed = _quotation(text, position + 1)
            yield Token(key, value, start, position, value_start, True, closed)
        else:
            while position < len(text) and not text[position].isspace():
                position += 1
            yield Token(key, text[value_start:position], start, position, value_start, False)


def quoted(value: str) -> str:
    """A value as it is typed: in quotation marks where it needs them."""
    if value and '"' not in value and not any(character.isspace() for character in value):
        return value
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _word(word: str) -> str:
    special = _KEY.match(word) or _COMPARED.match(word) or word.casefold() in BARE
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"' if special or '"' in word else word


def _quotation(text: str, position: int) -> tuple[str, int, bool]:
    """The text up to the closing quotation mark, the position after it, and whether there is one."""
    value: list[str] = []
    while position < len(text):
        character = text[position]
        if character == '"':
            return "".join(value), position + 1, True
        if character == "\\" and position + 1 < len(text):
            position += 1
            character = text[position]
        value.append(character)
        position += 1
    return "".join(value), position, False


def _unknown(token: Token) -> FilterError:
    near = difflib.get_close_matches(token.key, KEYS, 1)
    hint = f"Did you mean {near[0]}:? " if near else f"There are {', '.join(KEYS)}. "
    return FilterError(
        f'"{token.key}:" is no condition',
        token.start,
        token.end,
        hint + f'To search for the word itself, quote it: "{token.key}:{token.value}".',
    )


def _with(where: TicketFilter, key: str, token: Token, zone: ZoneInfo) -> TicketFilter:
    """The filter with one more condition."""
    if key == "scored":
        if token.key:
            raise FilterError("scored takes no value", token.start, token.end, "Write scored or unscored.")
        return replace(where, scored=True)
    if key == "unscored":
        return replace(where, scored=False, reason=_reason(token) if token.key else None)
    if not token.value:
        raise FilterError(f"{key}: needs a value", token.start, token.end, f"Write {_EXAMPLES[key]}, or take it away.")
    if key in SCORED:
        return _set(where, key, _range(token))
    if key in ("since", "until"):
        try:
            return _set(where, key, parse_instant(token.value, zone, end_of_day=key == "until"))
        except (ValueError, OverflowError):
            raise FilterError(
                f"{key}:{token.value} is no date", token.value_start, token.end, f"Write {_EXAMPLES[key]}."
            ) from None
    return _set(where, key, token.value)


_EXAMPLES = {
    "rep": 'rep:"Tom Weiss"',
    "team": "team:Billing",
    "channel": "channel:chat",
    "source": "source:zendesk",
    "judge": "judge:offline",
    "tone": "tone:1-3",
    "clarity": "clarity:>=4",
    "empathy": "empathy:<=2",
    "since": "since:2026-03-01",
    "until": "until:2026-03-31",
    "flag": f"flag:{Flag.UNSURE}",
}


def _set(where: TicketFilter, key: str, value: object) -> TicketFilter:
    changes: dict[str, Any] = {key: value}
    return replace(where, **changes)


def _without(where: TicketFilter, key: str) -> TicketFilter:
    return _set(where, key, None)


def _reason(token: Token) -> str:
    if token.value in list(Reason):
        return token.value
    near = difflib.get_close_matches(token.value, list(Reason), 1)
    hint = f"Did you mean {near[0]}?" if near else f"There are {', '.join(Reason)}."
    raise FilterError(f"There is no reason {token.value!r}", token.value_start, token.end, hint)


def _flags(token: Token) -> set[Flag]:
    names = [name for name in token.value.split(",") if name]
    if not names:
        raise FilterError("flag: needs a value", token.start, token.end, f"There are {', '.join(Flag)}.")
    for name in names:
        if name not in list(Flag):
            near = difflib.get_close_matches(name, list(Flag), 1)
            hint = f"Did you mean {near[0]}?" if near else f"There are {', '.join(Flag)}."
            raise FilterError(f"There is no flag {name!r}", token.value_start, token.end, hint)
    return {Flag(name) for name in names}


def _range(token: Token) -> Range:
    match = _SCORES.fullmatch(token.value)
    mend = f"Write {token.key}:2, {token.key}:<=2, {token.key}:>=4 or {token.key}:2-4."
    if match is None:
        raise FilterError(f"{token.value!r} is no range of scores", token.value_start, token.end, mend)
    if match[3] is not None:
        low, high = int(match[3]), int(match[4])
        if low > high:
            mend = f"Write {token.key}:{high}-{low}."
    else:
        score = int(match[2])
        low, high = {
            "<=": (LEAST, score),
            "≤": (LEAST, score),
            "<": (LEAST, score - 1),
            ">=": (score, MOST),
            "≥": (score, MOST),
            ">": (score + 1, MOST),
        }.get(match[1] or "=", (score, score))
    if not LEAST <= low <= high <= MOST:
        raise FilterError(f"No score from {LEAST} to {MOST} is {token.value}", token.value_start, token.end, mend)
    return low, high


def _scores_text(scores: Range) -> str:
    low, high = scores
    if low == high:
        return str(low)
    if low == LEAST and high < MOST:
        return f"<={high}"
    if high == MOST and low > LEAST:
        return f">={low}"
    return f"{low}-{high}"


def _instant(at: datetime, zone: ZoneInfo, *, end_of_day: bool) -> str:
    """A bare date where it means exactly this instant, otherwise the instant in UTC."""
    local = at.astimezone(zone)
    for day in (local.date(), local.date().fromordinal(max(1, local.toordinal() - 1))):
        if parse_instant(day.isoformat(), zone, end_of_day=end_of_day) == at:
            return day.isoformat()
    return at.isoformat().replace("+00:00", "Z")


@dataclass(frozen=True, slots=True)
class Completion:
    """What may stand from `start` to `end` of the line, and why: a rep's team, the meaning of a condition."""

    start: int
    end: int
    text: str
    about: str = ""


_ABOUT = {
    "rep:": "who replied",
    "team:": "the rep's team",
    "channel:": "chat, email …",
    "source:": "the help desk it came from",
    "judge:": "who judged: a name or a model",
    "tone:": "scores, such as tone:1-3",
    "clarity:": "scores, such as clarity:>=4",
    "empathy:": "scores, such as empathy:<=2",
    "since:": "closed on this day or later",
    "until:": "closed on this day or earlier",
    "flag:": ", ".join(Flag),
    "unscored:": "for this reason",
    "scored": "only with scores",
    "unscored": "only without scores",
}


def complete(text: str, cursor: int, choices: Choices, *, limit: int = 8) -> list[Completion]:
    """What the piece of the line that ends at `cursor` may become, the likeliest first.

    A name is found by the beginning of any of its words. A condition that needs a value comes without a blank
    behind it, everything else with one.
    """
    token = next((token for token in tokens(text[:cursor]) if token.end == cursor), None)
    if token is None:
        return []
    if not token.key:
        if token.quoted:
            return []
        found = [
            Completion(token.start, cursor, key, about)
            for key, about in _ABOUT.items()
            if key.startswith(token.value.casefold())
        ]
        found += [
            Completion(token.start, cursor, f"rep:{quoted(rep.name)} ", rep.team)
            for rep in choices.reps
            if _fits(token.value, rep.name)
        ]
        return found[:limit]
    values = [(name, about) for name, about in _values(token.key, choices) if _fits(token.value, name)]
    values.sort(key=lambda value: not value[0].casefold().startswith(token.value.casefold()))
    return [Completion(token.value_start, cursor, quoted(name) + " ", about) for name, about in values[:limit]]


def _values(key: str, choices: Choices) -> Iterable[tuple[str, str]]:
    if key == "rep":
        return [(rep.name, rep.team) for rep in choices.reps]
    if key == "unscored":
        known = [reason for reason in choices.reasons if reason in list(Reason)]
        return [(reason, Reason(reason).sentence) for reason in known]
    if key == "flag":
        return [(flag.value, "") for flag in Flag]
    if key in SCORED:
        return [(scores, "") for scores in ("<=2", "3", ">=4")]
    names = {"team": choices.teams, "channel": choices.channels, "source": choices.sources, "judge": choices.judges}
    return [(name, "") for name in names.get(key, ())]


def _fits(typed: str, name: str) -> bool:
    """Whether a name or one of its words begins with what was typed."""
    typed, name = typed.casefold(), name.casefold()
    return name.startswith(typed) or any(word.startswith(typed) for word in name.split())
