"""How an endpoint wants to be asked: found out with its first answers, remembered for all that follow."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import msgspec

from qatui.services.scoring.llm.answer import SCHEMA
from qatui.services.scoring.llm.endpoint import CallError


class Format(StrEnum):
    """Ways to have JSON answered, best first."""

    JSON_SCHEMA = "json_schema"  # the endpoint holds the model to the schema
    JSON_OBJECT = "json_object"  # JSON of some kind; servers of llama.cpp's family read the schema here
    PLAIN = "plain"  # the prompt alone asks for JSON


# Built once: building it for each request costs more than the rest of the request.
_RESPONSE_FORMATS: dict[Format, dict[str, Any] | None] = {
    Format.JSON_SCHEMA: {"type": "json_schema", "json_schema": {"name": "verdict", "strict": True, "schema": SCHEMA}},
    Format.JSON_OBJECT: {"type": "json_object", "schema": SCHEMA},
    Format.PLAIN: None,
}
_ABOUT_FORMAT = re.compile(r"response_?format|json_?(?:schema|object)|schema|grammar|structured|strict", re.IGNORECASE)


_ABOUT_SYSTEM = re.compile(r"system (?:role|message)|role:? ['\"]?system|roles must alternate", re.IGNORECASE)
_UNUSABLE = (400, 415, 422, 501)  # statuses by which endpoints refuse the form of a request


@dataclass(frozen=True, slots=True)
class Dialect:
    """One way to form a request."""

    format: Format = Format.JSON_SCHEMA
    schema_in_object: bool = True
    temperature: bool = True
    limit: str = "max_tokens"  # newer models of OpenAI take max_completion_tokens alone
    system: bool = True  # some models know no system role

    def options(self, temperature: float | None, max_output_tokens: int) -> dict[str, Any]:
        """What stands beside model and messages in a request."""
        options: dict[str, Any] = {self.limit: max_output_tokens}
        if self.temperature and temperature is not None:
            options["temperature"] = temperature
        response_format = _RESPONSE_FORMATS[self.format]
        if response_format is not None:
            if self.format is Format.JSON_OBJECT and not self.schema_in_object:
                response_format = {"type": "json_object"}
            options["response_format"] = response_format
        return options

    def messages(self, messages: Sequence[Mapping[str, str]]) -> list[Mapping[str, str]]:
        """The messages in roles that the model knows."""
        if self.system:
            return list(messages)
        first, second, *rest = messages
        return [{"role": second["role"], "content": f"{first['content']}\n\n{second['content']}"}, *rest]

    def simpler(self, error: CallError, *, settled: bool) -> Dialect | None:
        """The dialect to try after a refusal, or None where the refusal is about something else.

        Until a dialect is settled every refusal of a request's form counts; afterwards only one that names the reason.
        """
        complaint = error.complaint
        if not complaint:
            return None
        refused = error.status in _UNUSABLE
        if refused and self.limit == "max_tokens" and "max_completion_tokens" in complaint:
            return replace(self, limit="max_completion_tokens")
        if refused and self.temperature and "temperature" in complaint:
            return replace(self, temperature=False)
        if self.system and _ABOUT_SYSTEM.search(complaint):
            return replace(self, system=False)
        if not _ABOUT_FORMAT.search(complaint) and (settled or not refused):
            return None
        if self.format is Format.JSON_SCHEMA:
            return replace(self, format=Format.JSON_OBJECT)
        if self.format is Format.JSON_OBJECT:
            return (
                replace(self, schema_in_object=False) if self.schema_in_object else replace(self, format=Format.PLAIN)
            )
        return None


_known: dict[tuple[str, str], Dialect] = {}  # by address and model, for as long as the process runs
_recalled: set[tuple[str, str]] = set()  # those that an earlier run found and no answer has borne out since


class Negotiation:
    """The dialect of one endpoint and model.

    Until it is settled, requests go one at a time: all would be refused alike.
    """

    def __init__(self, base_url: str, model: str) -> None:
        self._endpoint = (base_url, model)
        self._one = asyncio.Lock()

    @property
    def settled(self) -> bool:
        return self._endpoint in _known

    @property
    def dialect(self) -> Dialect:
        """What the endpoint took last, or the best there is."""
        return _known.get(self._endpoint, Dialect())

    @property
    def kept(self) -> str | None:
        """The settled dialect as JSON, for a later run."""
        return msgspec.json.encode(_known[self._endpoint]).decode() if self.settled else None

    def recall(self, kept: str) -> None:
        """Begin with a dialect of an earlier run (`kept`); one that this version cannot read is passed over."""
        if self.settled:
            return
        try:
            _known[self._endpoint] = msgspec.json.decode(kept, type=Dialect)
        except msgspec.DecodeError:
            return
        _recalled.add(self._endpoint)

    def refuses(self, dialect: Dialect, error: CallError) -> bool:
        """Whether a refusal is about a dialect that was only recalled; it is then forgotten.

        The server behind the address may be another one by now, so that no better reason need be given.
        """
        if error.status not in _UNUSABLE or not error.complaint:
            return False
        if self._endpoint in _recalled and _known.get(self._endpoint) == dialect:
            _recalled.discard(self._endpoint)
            del _known[self._endpoint]
            return True
        return False

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Hold while one request is tried; once the dialect is settled nobody waits."""
        held = False
        if not self.settled:
            await self._one.acquire()
            held = True
            if self.settled:
                self._one.release()
                held = False
        try:
            yield
        finally:
            if held:
                self._one.release()

    def accept(self, dialect: Dialect) -> None:
        """The endpoint answered: this dialect is the one, for every judge of this process."""
        _known[self._endpoint] = dialect
        _recalled.discard(self._endpoint)


def forget_dialects() -> None:
    """Begin anew with every endpoint, as after its server was changed."""
    _known.clear()
    _recalled.clear()
