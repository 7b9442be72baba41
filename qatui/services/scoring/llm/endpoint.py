"""One long-lived client of one endpoint: a chat request out, a reply or a failure in plain words back."""

from __future__ import annotations

import asyncio
import email.utils
import gc
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from qatui.config_llm import LlmSettings, Secret
from qatui.services.scoring.llm.cost import Usage
from qatui.text import one_line

if TYPE_CHECKING:
    import httpx2
    import openai

IDEMPOTENCY = "Idempotency-Key"
MAX_WORDS = 160  # characters of an endpoint's own message that are passed on
_SECRET_LIKE = re.compile(
    r"\b(?:sk|pk|rk|key|gsk|xai|hf)[-_][\w-]{6,}|\bBearer\s+\S+|\beyJ[\w-]{10,}(?:\.[\w-]+)*", re.IGNORECASE
)
_CONTEXT = re.compile(
    r"context[ _](?:length|window|size)|too many tokens|maximum (?:context|input|prompt)|prompt is too long",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model wrote; `cut` when it ran into the limit; limits: requests and tokens a minute by the headers."""

    text: str
    usage: Usage
    cut: bool
    limits: tuple[int, int]


class CallError(Exception):
    """A request that brought no reply; its words are fit to be shown and hold no secret.

    status: the HTTP status or None; again: whether a later try may succeed; wait: seconds the endpoint asked for;
    final: no other ticket will fare better; complaint: the endpoint's own words where they may be about the request's
    form; billed: the request may have been worked on although nothing came back.
    """

    def __init__(
        self,
        words: str,
        *,
        status: int | None = None,
        again: bool = False,
        wait: float | None = None,
        final: bool = False,
        complaint: str = "",
        usage: Usage | None = None,
        billed: bool = False,
    ) -> None:
        super().__init__(words)
        self.words = words
        self.status = status
        self.again = again
        self.wait = wait
        self.final = final
        self.complaint = complaint
        self.usage = usage or Usage(requests=1)
        self.billed = billed


class _Details(msgspec.Struct):
    cached_tokens: int | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: int = 0
    completion_tokens: int = 0
    prompt_tokens_details: _Details | None = None


class _Message(msgspec.Struct):
    content: str | None = None
    refusal: str | None = None


class _Choice(msgspec.Struct):
    message: _Message
    finish_reason: str | None = None


class _Completion(msgspec.Struct):
    choices: list[_Choice]
    usage: _Usage | None = None


_completion = msgspec.json.Decoder(_Completion)


@dataclass(frozen=True, slots=True, repr=False)
class _Client:
    """The package's client with its transport, and what is the same in all requests."""

    openai: openai.AsyncOpenAI
    http: httpx2.AsyncClient
    url: httpx2.URL
    headers: httpx2.Headers


class Endpoint:
    """Sends chat requests. The openai package is loaded with the first one, in a thread: nothing waits for it."""

    def __init__(
        self, settings: LlmSettings, key: Secret, headers: Mapping[str, Secret], now: Callable[[], float]
    ) -> None:
        self._settings = settings
        self._key = key
        self._headers = headers
        self._now = now
        self._client: _Client | None = None
        self._opening = asyncio.Lock()
        self._closed = False

    async def ask(
        self,
        messages: Sequence[Mapping[str, str]],
        options: Mapping[str, Any],
        key: Callable[[bytes], str] | None = None,
    ) -> Reply:
        """Send one request, once, within the timeout; key makes its idempotency key from its body. Raises CallError."""
        client = self._client or await self._open()
        import httpx2  # it is loaded by now

        body = msgspec.json.encode({"model": self._settings.model, "messages": messages, **options})
        headers = client.headers
        if key is not None:
            headers = headers.copy()
            headers[IDEMPOTENCY] = key(body)
        # Bytes in and bytes out over the package's transport. Its own request layer takes two to six times the CPU of
        # all the rest (0.6 ms a request by `post`, 1.6 by `create`, 0.3 so).
        request = httpx2.Request("POST", client.url, headers=headers, content=body)
        response = await self._answered(client, request, self._settings.timeout)
        return self._read(response.content, response.headers)

    async def call(
        self,
        method: str,
        path: str,
        *,
        json: object = None,
        upload: tuple[str, bytes] | None = None,
        key: str = "",
        seconds: float | None = None,
    ) -> bytes:
        """Send another request than for a chat, once, and give the body of its answer. Raises CallError.

        path: below base_url; json: its body; upload: name and content of a file for the Batch endpoint instead; key:
        its idempotency key; seconds: its timeout, by default that of the settings.
        """
        client = self._client or await self._open()
        import httpx2  # it is loaded by now

        headers = client.headers.copy()
        content = None
        if json is not None:
            content = msgspec.json.encode(json)
        else:
            headers.pop("content-type", None)
        if key:
            headers[IDEMPOTENCY] = key
        file = None if upload is None else {"file": (*upload, "application/jsonl")}
        form = None if upload is None else {"purpose": "batch"}
        url = self._settings.base_url.rstrip("/") + path
        request = httpx2.Request(method, url, headers=headers, content=content, data=form, files=file)
        return (await self._answered(client, request, seconds or self._settings.timeout)).content

    async def _answered(self, client: _Client, request: httpx2.Request, seconds: float) -> httpx2.Response:
        """What comes back within so many seconds, if it is no refusal; else CallError."""
        import aiohttp
        import httpx2

        try:
            async with asyncio.timeout(seconds):
                response = await client.http.send(request)
        except TimeoutError:
            raise self._late(seconds) from None
        except (httpx2.HTTPError, httpx2.StreamError, aiohttp.ClientError, OSError) as error:
            raise self._broken(error, seconds) from None
        if response.status_code >= 300:
            raise self._refusal(response.status_code, response.headers, response.content)
        return response

    def answer(self, status: int, body: bytes) -> Reply:
        """The reply in the body of a request that was sent with others in a batch. Raises CallError."""
        if status >= 300:
            raise self._refusal(status, {}, body)
        return self._read(body, {})

    async def close(self) -> None:
        """Close the connections; a request after this fails."""
        self._closed = True
        if self._client is not None:
            await self._client.openai.close()

    async def _open(self) -> _Client:
        async with self._opening:
            if self._client is None:
                if self._closed:
                    raise CallError("the judge was closed", final=True)
                self._client = await asyncio.to_thread(self._make)
                # The package brings half a million objects that stay; walking through them all stops everything for
                # a tenth of a second, again and again.
                gc.freeze()
        return self._client

    def _make(self) -> _Client:
        import httpx2
        import openai  # 0.7 s to import: only a run with this judge pays for it

        settings = self._settings
        http = openai.DefaultAioHttpClient(
            timeout=None,  # one timeout holds for all of a request, see `ask`
            limits=httpx2.Limits(max_connections=None, max_keepalive_connections=None),
            # A redirect would carry conversations and headers to a host that nobody named.
            follow_redirects=False,
            # A proxy of the environment is not asked for what runs on this machine.
            trust_env=not settings.local,
        )
        client = openai.AsyncOpenAI(
            base_url=settings.base_url,
            # Without a key the package takes one of the environment; this one is never sent.
            api_key=self._key.reveal() or "none",
            admin_api_key="",
            max_retries=0,  # tries are counted, paced and explained by the judge
            http_client=http,
        )
        headers = {**(client.auth_headers if self._key else {}), **client.default_headers}
        # What the package tells of this machine is nobody's business; an organization of the environment, OpenAI's.
        kept = {"accept", "content-type", "user-agent", "authorization"}
        if settings.host.endswith("openai.com"):
            kept |= {"openai-organization", "openai-project"}
        sent = {name: value for name, value in headers.items() if name.lower() in kept and isinstance(value, str)}
        for name, secret in self._headers.items():
            sent = {other: value for other, value in sent.items() if other.lower() != name.lower()}
            sent[name] = secret.reveal()
        url = httpx2.URL(settings.base_url.rstrip("/") + "/chat/completions")
        return _Client(client, http, url, httpx2.Headers(sent))

    def _read(self, body: bytes, headers: Mapping[str, str]) -> Reply:
        try:
            completion = _completion.decode(body)
        except (msgspec.DecodeError, RecursionError):
            raise CallError("the endpoint's answer is no chat completion; check base_url", status=200) from None
        spent = completion.usage or _Usage()
        details = spent.prompt_tokens_details or _Details()
        prompt = max(0, spent.prompt_tokens)
        usage = Usage(1, prompt, min(prompt, max(0, details.cached_tokens or 0)), max(0, spent.completion_tokens))
        choice = completion.choices[0] if completion.choices else _Choice(_Message())
        if choice.message.refusal and not choice.message.content:
            words = self.own_words(choice.message.refusal)
            raise CallError(f"the model refused to judge this conversation: {words}", status=200, usage=usage)
        if choice.finish_reason == "content_filter":
            raise CallError("the endpoint's content filter stopped the answer", status=200, usage=usage)
        limits = _number(headers.get("x-ratelimit-limit-requests")), _number(headers.get("x-ratelimit-limit-tokens"))
        return Reply(choice.message.content or "", usage, choice.finish_reason == "length", limits)

    def _refusal(self, status: int, headers: Mapping[str, str], content: bytes) -> CallError:
        """A status of 300 or more in words; see RFC 9110 for what each allows."""
        message, code = _error_of(content)
        message = self._redacted(message)
        # The endpoint's own words about a key often repeat a part of it.
        own = "" if status in (401, 403) else self.own_words(message)
        tail = f": {own}" if own else ""
        host = self._settings.host
        if status == 401:
            return CallError("the endpoint refused the key (401)", status=status, final=True)
        if status == 403:
            return CallError("the endpoint does not allow this key to use it (403)", status=status, final=True)
        if status == 404:
            words = f"{host} does not know the model {self._settings.model!r} or the address (404){tail}"
            return CallError(words, status=status, final=True, complaint=message)
        if status == 402 or code == "insufficient_quota":
            return CallError(f"the account has no credit left ({status})", status=status, final=True)
        if status == 429:
            wait = _retry_after(headers, self._now())
            return CallError("the endpoint is busy (429)", status=status, again=True, wait=wait)
        if status in (408, 409, 425) or status >= 500:
            wait = _retry_after(headers, self._now()) if status == 503 else None
            words = f"the endpoint failed ({status}){tail}"
            return CallError(words, status=status, again=True, wait=wait, complaint=message)
        if status < 400:
            return CallError(f"the endpoint sends us elsewhere ({status}); check base_url", status=status, final=True)
        if _CONTEXT.search(f"{message} {code}"):
            return CallError(f"the conversation is longer than the model can read ({status})", status=status)
        return CallError(f"the endpoint refused the request ({status}){tail}", status=status, complaint=message or " ")

    def _broken(self, error: BaseException, seconds: float) -> CallError:
        """No or half an answer. The transport calls most of these a timeout, so the cause below it decides."""
        import aiohttp

        causes = [error]
        while (cause := causes[-1].__cause__) is not None and len(causes) < 5:
            causes.append(cause)
        if any(isinstance(cause, aiohttp.ClientConnectorError) for cause in causes):
            return CallError(f"there is no endpoint at {self._settings.host}, or no way to it", again=True)
        timeouts = (TimeoutError, aiohttp.ServerTimeoutError)
        if any(isinstance(cause, timeouts) for cause in causes):
            return self._late(seconds)
        return CallError("the endpoint broke the connection", again=True, billed=True)

    @staticmethod
    def _late(seconds: float) -> CallError:
        return CallError(f"the endpoint did not answer within {seconds:g} s", again=True, billed=True)

    def _redacted(self, message: str) -> str:
        for secret in (self._key, *self._headers.values()):
            if len(secret.reveal()) >= 4:
                message = message.replace(secret.reveal(), "…")
        return _SECRET_LIKE.sub("…", message)

    def own_words(self, message: str) -> str:
        """The endpoint's message on one line, cut, and without anything that is or looks like a secret."""
        words = one_line(self._redacted(message))
        return words if len(words) <= MAX_WORDS else words[: MAX_WORDS - 1].rstrip() + "…"


def _error_of(content: bytes) -> tuple[str, str]:
    """Message and code of an error body: OpenAI's {"error": {…}}, FastAPI's {"detail": …}, or plain text."""
    try:
        body = msgspec.json.decode(content)
    except (msgspec.DecodeError, RecursionError):
        text = content.decode(errors="replace")
        return ("" if text.lstrip().startswith("<") else text), ""  # a proxy's page of HTML says nothing to a lead
    inner = body.get("error", body) if isinstance(body, dict) else body
    if isinstance(inner, dict):
        return str(inner.get("message") or inner.get("detail") or ""), str(inner.get("code") or "")
    return str(inner), ""


def _retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds to wait by `retry-after-ms` or Retry-After, which is a number or a date (RFC 9110, 10.2.3)."""
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        value = headers.get(name)
        if value is None:
            continue
        try:
            seconds = float(value) * unit
        except ValueError:
            continue
        return seconds if 0 <= seconds < float("inf") else None
    try:
        return max(0.0, email.utils.parsedate_to_datetime(headers.get("retry-after", "")).timestamp() - now)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None


def _number(value: str | None) -> int:
    return int(value) if value and value.isascii() and value.isdigit() else 0
