"""Reads `qatui/1`: one JSON object a line, each checked strictly and rejected with a reason a person understands."""

from __future__ import annotations

import json
import re
from typing import Any, Final

import msgspec

from qatui.domain.conversation import EventType, Speaker, Status
from qatui.services.intake.wire import (
    FORMAT,
    Note,
    Rejection,
    WireCustomer,
    WireEvent,
    WireMessage,
    WireRep,
    WireTicket,
    version_rejection,
)
from qatui.text import one_line, storable

SHOWN = 60  # characters of a wrong value that a reason repeats

_decoder = msgspec.json.Decoder(WireTicket)


def read_line(line: bytes, note: Note) -> WireTicket:
    """The conversation in one line. Raises Rejection."""
    try:
        wire = _decoder.decode(line)
        if b"\\" in line and b"\\u0000" in line:  # a single letter is looked for much faster
            raise ValueError("holds characters that cannot be stored")
    except (ValueError, RecursionError):  # of msgspec and of UTF-8: look closer, with more patience
        return _patiently(line, note)
    return wire


def _patiently(line: bytes, note: Note) -> WireTicket:
    """Like the decoder, but unknown keys are only noted, what cannot be stored is replaced, and errors are spoken."""
    data = _json(line)
    if not isinstance(data, dict):
        raise Rejection("", f"the line is {_kind(data)}, not an object in braces")
    format = data.get("format")
    if isinstance(format, str) and format != FORMAT:
        raise version_rejection(one_line(format))  # of another version nothing else can be said
    return from_data(data, note)


def from_data(data: dict[str, Any], note: Note) -> WireTicket:
    """A conversation out of plain dictionaries, which are changed on the way. Raises Rejection."""
    _prune(data, WireTicket, "", note)
    data = _storable(data)
    try:
        return msgspec.convert(data, WireTicket)
    except msgspec.ValidationError as error:
        raise spoken(str(error), data) from None


def _json(line: bytes) -> Any:
    try:
        text = line.decode()
    except UnicodeDecodeError as error:
        raise Rejection("", f"not UTF-8: byte 0x{line[error.start]:02x} at byte {error.start + 1}") from None
    try:
        return json.loads(text)  # unlike the decoder it lets lone surrogates pass
    except json.JSONDecodeError as error:
        raise Rejection("", f"not JSON: {error.msg[0].lower()}{error.msg[1:]} at character {error.pos + 1}") from None
    except RecursionError:
        raise Rejection("", "not a conversation: lists or objects are nested too deeply") from None
    except ValueError:
        raise Rejection("", "not a conversation: it holds a number of thousands of digits") from None


_NESTED: Final[dict[str, type[msgspec.Struct]]] = {
    "messages": WireMessage,
    "events": WireEvent,
    "customer": WireCustomer,
    "author": WireRep,
}


def _prune(data: dict[str, Any], form: type[msgspec.Struct], path: str, note: Note) -> None:
    """Leave out keys that the format does not know, and say so."""
    for key in list(data):
        value = data[key]
        if key not in form.__struct_encode_fields__:
            del data[key]
            note(f"unknown key {_shown(path + key)} was left out")
        elif key in _NESTED:
            nested = value if isinstance(value, list) else [value]
            mark = f"{path}{key}{'[]' if isinstance(value, list) else ''}."
            for each in nested:
                if isinstance(each, dict):
                    _prune(each, _NESTED[key], mark, note)


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, list):
        return [_storable(each) for each in value]
    if isinstance(value, dict):
        return {key: _storable(each) for key, each in value.items()}
    return value


_KINDS: Final = {
    "str": "text",
    "int": "a number",
    "float": "a number",
    "bool": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "nothing",
    "datetime": "a time",
}
_CHOICES: Final[dict[str, tuple[str, ...]]] = {
    "from": tuple(Speaker),
    "type": tuple(EventType),
    "status": tuple(Status),
    "by": ("customer_agent", "rule", "rep"),
    "value": ("positive", "negative", "neutral"),
}


def spoken(error: str, data: Any) -> Rejection:
    """msgspec's message about `data`, in words."""
    problem, _, place = error.partition(" - at `$")
    path = place.rstrip("`").removeprefix(".")
    key = re.split(r"[.\[]", path)[-1] if not path.endswith("]") else ""
    value = _at(data, path)
    if match := re.match(r"Object missing required field `(.+)`", problem):
        return Rejection(f"{path}.{match[1]}" if path else match[1], "missing")
    if problem.startswith("Invalid enum value"):
        return Rejection(path, f"{_shown(value)!r} is none of {', '.join(_CHOICES[key])}")
    if problem.startswith("Invalid RFC3339"):
        return Rejection(path, f"{_shown(value)!r} is not a time such as 2026-03-02T09:14:00Z")
    if "of length >= 1" in problem:
        return Rejection(path, "empty")
    if match := re.match(r"Expected `([^`]+)`, got `([^`]+)`", problem):
        wanted = [_KINDS.get(kind, kind) for kind in match[1].split(" | ") if kind != "null"]
        return Rejection(path, f"expected {' or '.join(wanted)}, found {_KINDS.get(match[2], match[2])}")
    return Rejection(path, problem)


def _at(data: Any, path: str) -> Any:
    """The value at a path such as `messages[2].from`."""
    for name, index in re.findall(r"([^.\[\]]+)|\[(\d+)\]", path):
        data = data[int(index)] if index else data[name]
    return data


def _kind(value: Any) -> str:
    kinds = {str: "a text", bool: "true or false", int: "a number", float: "a number", list: "a list"}
    return kinds.get(type(value), "null")


def _shown(value: Any) -> str:
    text = one_line(str(value))
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
