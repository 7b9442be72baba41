"""Settings of the llm judge: the `[llm]` table of the configuration file and QATUI_LLM_* of the environment."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from qatui.domain.money import amount
from qatui.errors import ConfigError

PREFIX = "QATUI_LLM_"
MOST_READINGS = 9
_IN_FILE_ONLY = {"headers"}  # a table has no form in one variable
_HEADER_NAME = r"[A-Za-z0-9!#$%&'*+.^_`|~-]+"  # compiled where it is used: settings are read at every start
_VARIABLE = r"\$([A-Za-z_][A-Za-z0-9_]*)"


class Masking(StrEnum):
    """Whether personal data is replaced before a conversation leaves the machine."""

    AUTO = "auto"  # on unless the endpoint is this machine
    ON = "on"
    OFF = "off"


class LlmSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The endpoint of the llm judge. A field `x` is the environment's QATUI_LLM_X and `x` in the file's `[llm]`.

    The key is no field, so that no listing of settings can show it: see `read_key`.
    """

    base_url: str = "https://api.openai.com/v1"
    """Address of an OpenAI-compatible API, without `/chat/completions`."""

    model: str = ""
    """Name of the model as the endpoint knows it; there is no default, since it decides price and quality."""

    api_key_file: str = ""
    """File with the key on its first line, readable by its owner alone (mode 0600); used where no variable has one."""

    concurrency: int = 16
    """Most requests under way at once; fewer while the endpoint says it is busy."""

    timeout: float = 60.0
    """Seconds one request may take in all before it is tried again."""

    tries: int = 5
    """How often one request is sent while the endpoint is busy, broken or silent."""

    readings: int = 1
    """How often a ticket is read whose first reading has a score of 1 or 5, a mark or a lost quote; 1 to 9."""

    mask: Masking = Masking.AUTO
    """Personal data is replaced before it is sent: auto (unless the endpoint is this machine), on or off."""

    local_only: bool = False
    """Refuse every endpoint that is not this machine."""

    headers: dict[str, str] = {}
    """Further headers of each request; a value `$NAME` is taken from that environment variable."""

    temperature: float | None = 0.0
    """Randomness of the answers; left out for models that do not take it."""

    max_output_tokens: int = 1500
    """Longest answer; a cut answer is asked for once more with twice as much."""

    requests_per_minute: int = 0
    """Most requests a minute; 0: what the endpoint's own headers say, or no limit."""

    tokens_per_minute: int = 0
    """Most tokens a minute, sent and received; 0: what the endpoint's own headers say, or no limit."""

    price_in: float = 0.0
    """Price of a million tokens sent, in your currency; prices are shown once one is set."""

    price_cached: float | None = None
    """Price of a million tokens sent that the endpoint had in its cache; left out: as `price_in`."""

    price_out: float = 0.0
    """Price of a million tokens received."""

    batch_discount: float = 0.5
    """What a Batch endpoint takes off these prices: 0.5 is half."""

    @property
    def host(self) -> str:
        """The endpoint's host name, lower case."""
        return (urlsplit(self.base_url).hostname or "").lower()

    @property
    def local(self) -> bool:
        """Whether the endpoint is this machine; a name that merely resolves to it does not count."""
        if self.host == "localhost" or self.host.endswith(".localhost"):
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def masked(self) -> bool:
        """Whether personal data is replaced before anything is sent."""
        return self.mask != Masking.OFF and (self.mask == Masking.ON or not self.local)

    def checked(self) -> LlmSettings:
        """These settings when a judge can work with them; raises ConfigError naming the field and the mend."""
        try:
            url = urlsplit(self.base_url)
            _ = url.port
        except ValueError:
            raise _bad("base_url", "is not an address", "Give one such as http://127.0.0.1:8000/v1.") from None
        if url.scheme not in ("http", "https") or not url.hostname:
            raise _bad("base_url", "is not an http address", "Give one such as http://127.0.0.1:8000/v1.")
        if url.username is not None or url.password is not None:
            raise _bad("base_url", "holds a user or password", "Put them into headers, with `$NAME` for the secret.")
        if not self.model.strip():
            raise _bad("model", "is not set", "Set QATUI_LLM_MODEL to a model that the endpoint offers.")
        if self.local_only and not self.local:
            raise _bad("local_only", f"is set, and {self.host} is not this machine", "Use a local base_url.")
        for name, least in (("concurrency", 1), ("tries", 1), ("max_output_tokens", 64)):
            if getattr(self, name) < least:
                raise _bad(name, f"= {getattr(self, name)} is too small", f"Use {least} or more.")
        if not 1 <= self.readings <= MOST_READINGS:
            raise _bad("readings", f"= {self.readings} is not 1 to {MOST_READINGS}", "Use 1 for no repetition, or 3.")
        if not self.timeout > 0:
            raise _bad("timeout", f"= {self.timeout} is not a time", "Use seconds, such as 60.")
        for name in ("price_in", "price_cached", "price_out", "requests_per_minute", "tokens_per_minute"):
            value = getattr(self, name)
            if value is not None and not value >= 0:
                raise _bad(name, f"= {amount(value)} is no amount", "Use 0 or more.")
        if not 0 <= self.batch_discount < 1:
            raise _bad("batch_discount", f"= {self.batch_discount} is not 0 to 1", "Use 0.5 for half the price.")
        return self


def environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The fields of LlmSettings that the environment sets, as text."""
    return {
        name: environ[PREFIX + name.upper()]
        for name in LlmSettings.__struct_fields__
        if name not in _IN_FILE_ONLY and environ.get(PREFIX + name.upper())
    }


def llm_settings(table: Mapping[str, Any], where: str = "[llm]") -> LlmSettings:
    """Settings from a table of values; raises ConfigError naming the field, never a value that could be a secret."""
    if "api_key" in table:
        raise ConfigError(
            f"In {where}: the key cannot stand in the configuration file.",
            hint="Set QATUI_LLM_API_KEY, or api_key_file to a file with mode 0600.",
        )
    try:
        return msgspec.convert(dict(table), LlmSettings, strict=False)
    except msgspec.ValidationError as error:
        raise ConfigError(
            f"In {where}: {error}.", hint="`qatui doctor` lists every setting with its meaning and value."
        ) from None


class Secret:
    """A value that no representation, format or error shows."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__

    def __bool__(self) -> bool:
        return bool(self._value)

    def __reduce__(self) -> str:
        raise TypeError("a secret is not written anywhere")

    def reveal(self) -> str:
        """The value itself, for the one place that sends it."""
        return self._value


def read_key(settings: LlmSettings, environ: Mapping[str, str]) -> Secret:
    """The key: QATUI_LLM_API_KEY, else OPENAI_API_KEY, else the file; empty where none is set (a local endpoint).

    Raises ConfigError when the file cannot be read, or others than its owner can read it.
    """
    for name in (PREFIX + "API_KEY", "OPENAI_API_KEY"):
        if environ.get(name, "").strip():
            return _header_value(environ[name].strip(), name)
    if not settings.api_key_file:
        return Secret("")
    path = Path(settings.api_key_file).expanduser()
    try:
        with path.open(encoding="utf-8") as file:
            if os.name == "posix" and stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
                raise ConfigError(f"Others can read the key file {path}.", hint=f"Run: chmod 600 {path}")
            first = file.readline().strip()
    except OSError as error:
        raise ConfigError(f"The key file {path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise ConfigError(f"The key file {path} is not text.") from None
    if not first:
        raise ConfigError(f"The key file {path} is empty.", hint="Put the key on its first line.")
    return _header_value(first, str(path))


def read_headers(settings: LlmSettings, environ: Mapping[str, str]) -> dict[str, Secret]:
    """The further headers with `$NAME` replaced; raises ConfigError naming a variable that is not set."""
    headers: dict[str, Secret] = {}
    for name, value in settings.headers.items():
        if not re.fullmatch(_HEADER_NAME, name):
            raise _bad("headers", f"has {name!r}, which is no header name", "Use letters, digits and hyphens.")
        variable = re.fullmatch(_VARIABLE, value)
        if variable:
            if variable[1] not in environ:
                raise _bad("headers", f"takes {name} from {variable[1]}, which is not set", f"Set {variable[1]}.")
            value = environ[variable[1]]
        headers[name] = _header_value(value.strip(), name)
    return headers


def _header_value(value: str, where: str) -> Secret:
    # A line feed or a foreign character would fail deep in the transport, with the value in the error.
    if not value.isascii() or not value.isprintable():
        raise ConfigError(f"The value of {where} has characters that no header can carry.")
    return Secret(value)


def _bad(field: str, what: str, hint: str) -> ConfigError:
    return ConfigError(f"llm.{field} {what}.", hint=hint)
