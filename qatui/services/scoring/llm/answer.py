"""What a model answers: its shape as a JSON schema, and finding the last valid verdict in whatever it wrote."""

from __future__ import annotations

import json
import re
from typing import Annotated, Any

import msgspec

from qatui.domain.rubric import Dimension

MAX_REPLY = 64_000  # characters read of a reply: a verdict has about 2,000
MAX_STARTS = 500  # opening braces tried in a reply
MAX_QUOTES = 6  # quotes looked at per dimension; more is no evidence but a copy


class Quote(msgspec.Struct, frozen=True):
    """A quote and the id of the message that it claims to come from."""

    message: str
    quote: str


class Part(msgspec.Struct, frozen=True):
    """One dimension: evidence and reasoning stand before the score, so that a model decides after it has looked."""

    evidence: list[Quote]
    reasoning: Annotated[str, msgspec.Meta(pattern=r"\w")]
    score: Annotated[int, msgspec.Meta(ge=1, le=5)]


class Answer(msgspec.Struct, frozen=True):
    """One verdict as a model writes it; keys it adds are ignored."""

    emotional_cue: bool
    tone: Part
    clarity: Part
    empathy: Part

    def part(self, dimension: Dimension) -> Part:
        return {Dimension.TONE: self.tone, Dimension.CLARITY: self.clarity, Dimension.EMPATHY: self.empathy}[dimension]


def _object(**properties: Any) -> dict[str, Any]:
    # Strict mode wants every key required and none beside them; the order of keys is the order of writing.
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


_PART = _object(
    evidence={"type": "array", "items": _object(message={"type": "string"}, quote={"type": "string"})},
    reasoning={"type": "string"},
    score={"type": "integer", "enum": [1, 2, 3, 4, 5]},
)
SCHEMA: dict[str, Any] = _object(emotional_cue={"type": "boolean"}, tone=_PART, clarity=_PART, empathy=_PART)

SHAPE = (
    '{"emotional_cue": true or false,\n'
    ' "tone": {"evidence": [{"message": "id", "quote": "words of that message"}], "reasoning": "…", "score": 1 to 5},\n'
    ' "clarity": {the same three keys},\n'
    ' "empathy": {the same three keys}}'
)

_decode = msgspec.json.Decoder(Answer, strict=False).decode  # not strict: "4" and 4.0 mean 4; 4.5 and true mean nothing
_scanner = json.JSONDecoder()

Fingerprint = tuple[tuple[str, int], ...]


class NoVerdict(ValueError):
    """No valid verdict is in a reply; the message says what is wrong, for the model and for a lead."""


def read_answer(reply: str, echoes: frozenset[Fingerprint] = frozenset()) -> Answer:
    """The last valid verdict in a reply, whatever stands around it.

    `echoes` are verdicts that stand in the transcript itself: a reply that repeats one has judged nothing, so
    they are passed over. Raises NoVerdict.
    """
    if not reply.strip():
        raise NoVerdict("the reply was empty")
    if len(reply) > MAX_REPLY:
        raise NoVerdict(f"the reply was longer than {MAX_REPLY:,} characters")
    try:
        found = [_decode(reply)]
        problem = ""
    except (msgspec.DecodeError, RecursionError):
        found, problem = _search(reply)
    own = [answer for answer in found if fingerprint(answer) not in echoes]
    if own:
        return own[-1]
    raise NoVerdict("the reply repeated a verdict that stands in the transcript" if found else problem)


def verdicts_in(text: str) -> frozenset[Fingerprint]:
    """The verdicts that a message of a transcript holds: somebody forged them."""
    if "empathy" not in text:
        return frozenset()
    return frozenset(fingerprint(answer) for answer in _search(text[:MAX_REPLY])[0])


def fingerprint(answer: Answer) -> Fingerprint:
    """What stays the same when a model copies a verdict: each reason, blanks and case aside, with its score."""
    parts = [answer.part(dimension) for dimension in Dimension]
    return tuple((" ".join(part.reasoning.casefold().split()), part.score) for part in parts)


def _search(text: str) -> tuple[list[Answer], str]:
    """Every valid verdict in a text, in order, and what was wrong where none is valid."""
    found: list[Answer] = []
    problem = "the reply had no verdict in it"
    at = text.find("{")
    for _ in range(MAX_STARTS):
        if at < 0:
            break
        end = at + 1  # what is no verdict may hold one: {"verdict": {…}}
        try:
            value, past = _scanner.raw_decode(text, at)
            found.append(msgspec.convert(value, Answer, strict=False))
            end = past
        except msgspec.ValidationError as error:
            if isinstance(value, dict) and "tone" in value:
                problem = f"the verdict was not valid: {_plain(str(error))}"
        except (ValueError, RecursionError) as error:
            if '"tone"' in text[at : at + 200]:
                problem = "the reply was cut off or is not JSON"
            if isinstance(error, RecursionError):
                break  # thousands of open braces are no verdict, and each of them would be tried
        at = text.find("{", end)
    return found, problem


_KINDS = {
    "int": "a whole number",
    "str": "text",
    "bool": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "nothing",
    "float": "a number",
}


def _plain(error: str) -> str:
    """msgspec's sentence about a verdict in a lead's words: 'Expected `int` <= 5 - at `$.tone.score`'."""
    what, _, where = error.replace("`", "").partition(" - at $.")
    where = where or "the verdict"
    if "matching regex" in what:
        return f"{where} is empty"
    if missing := re.fullmatch(r"Object missing required field (\w+)", what):
        return f"{where} has no {missing[1]}"
    if re.fullmatch(r"Expected int [<>]= \d", what):
        return f"{where} is not a score from 1 to 5"
    if kinds := re.fullmatch(r"Expected (\w+), got (\w+)", what):
        wanted, given = (_KINDS.get(kind, kind) for kind in kinds.groups())
        return f"{where} should be {wanted} and is {given}"
    return f"{where}: {what[:1].lower()}{what[1:]}"
