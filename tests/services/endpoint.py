"""A scripted OpenAI-compatible endpoint on loopback, and a guard that keeps tests from reaching any other."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any


@dataclass(frozen=True)
class Request:
    """What the endpoint was sent."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    method: str = "POST"
    content: bytes = b""

    @property
    def messages(self) -> list[dict[str, str]]:
        return self.body["messages"]

    @property
    def user(self) -> str:
        """The first user message: the conversation that is judged."""
        return next(message["content"] for message in self.messages if message["role"] == "user")

    @property
    def format(self) -> str:
        return self.body.get("response_format", {}).get("type", "plain")


@dataclass(frozen=True)
class Say:
    """A chat completion with this text."""

    text: str | None
    finish: str = "stop"
    prompt: int = 1000
    cached: int = 0
    answer: int = 200
    refusal: str | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def payload(self) -> bytes:
        message: dict[str, Any] = {"role": "assistant", "content": self.text}
        if self.refusal:
            message["refusal"] = self.refusal
        usage = {
            "prompt_tokens": self.prompt,
            "completion_tokens": self.answer,
            "total_tokens": self.prompt + self.answer,
            "prompt_tokens_details": {"cached_tokens": self.cached},
        }
        choice = {"index": 0, "message": message, "finish_reason": self.finish}
        body = {"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice], "usage": usage}
        return json.dumps(body).encode()


@dataclass(frozen=True)
class Refuse:
    """An answer with this status and body (a dict becomes JSON)."""

    code: int
    body: dict[str, Any] | str = ""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Give:
    """A good answer with this body, which is no chat completion."""

    body: bytes


@dataclass(frozen=True)
class Hang:
    """Take the request and never answer."""


@dataclass(frozen=True)
class Drop:
    """Close the connection after so many bytes of a good answer."""

    after: int = 0


@dataclass(frozen=True)
class Drip:
    """A good answer in pieces of so many bytes, with a pause between them."""

    text: str
    piece: int = 64
    pause: float = 0.001


Act = Say | Refuse | Give | Hang | Drop | Drip
Script = Callable[[Request], Act] | Sequence[Act]


@dataclass
class Endpoint:
    """A running endpoint: its address and what it was sent, in order; hold: it answers once this is set."""

    base_url: str
    requests: list[Request] = field(default_factory=list)
    busy: int = 0
    most_busy: int = 0
    hold: asyncio.Event | None = None
    arrival: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def received(self, count: int) -> None:
        """Wait until so many requests have come in."""
        async with self.arrival:
            await self.arrival.wait_for(lambda: len(self.requests) >= count)


@asynccontextmanager
async def scripted(script: Script) -> AsyncIterator[Endpoint]:
    """Run an endpoint. A script is a function of the request, or acts in order of which the last is repeated."""
    endpoint = Endpoint("")
    connections: set[asyncio.Task[None]] = set()

    def act(request: Request) -> Act:
        endpoint.requests.append(request)
        if callable(script):
            return script(request)
        return script[min(len(endpoint.requests), len(script)) - 1]

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        connections.add(task)
        try:
            while (request := await _read(reader)) is not None:
                endpoint.busy += 1
                endpoint.most_busy = max(endpoint.most_busy, endpoint.busy)
                try:
                    what = act(request)
                    async with endpoint.arrival:
                        endpoint.arrival.notify_all()
                    if endpoint.hold is not None:
                        await endpoint.hold.wait()
                    if not await _perform(what, writer):
                        break
                finally:
                    endpoint.busy -= 1
                    async with endpoint.arrival:
                        endpoint.arrival.notify_all()
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            connections.discard(task)
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    endpoint.base_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    try:
        yield endpoint
    finally:
        server.close()
        for task in list(connections):
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
        await server.wait_closed()


async def _read(reader: asyncio.StreamReader) -> Request | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.rstrip().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    method, path, _ = first.split()
    plain = not headers.get("content-type", "").startswith("multipart/")
    return Request(path, headers, json.loads(body) if body and plain else {}, method, body)


async def _perform(act: Act, writer: asyncio.StreamWriter) -> bool:
    """Do what the script says; whether the connection stays open."""
    match act:
        case Say():
            writer.write(_response(200, act.payload(), act.headers))
        case Refuse():
            payload = act.body.encode() if isinstance(act.body, str) else json.dumps(act.body).encode()
            writer.write(_response(act.code, payload, act.headers))
        case Give():
            writer.write(_response(200, act.body, {}))
        case Hang():
            await asyncio.Event().wait()
        case Drop():
            writer.write(_response(200, Say("{}").payload(), {})[: act.after])
            await writer.drain()
            return False
        case Drip():
            whole = _response(200, Say(act.text).payload(), {})
            for start in range(0, len(whole), act.piece):
                writer.write(whole[start : start + act.piece])
                await writer.drain()
                await asyncio.sleep(act.pause)
    await writer.drain()
    return True


def _response(status: int, payload: bytes, headers: dict[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} Said", "Content-Type: application/json", f"Content-Length: {len(payload)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + payload


class RealEndpointError(AssertionError):
    """A test tried to leave the machine."""


@contextmanager
def loopback_only() -> Iterator[None]:
    """Refuse every connection and name look-up that is not for this machine."""
    connect, connect_ex, getaddrinfo = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def check(host: object) -> None:
        if isinstance(host, bytes):
            host = host.decode()
        if host in (None, "", "localhost"):
            return
        try:
            if ip_address(str(host)).is_loopback:
                return
        except ValueError:
            pass
        raise RealEndpointError(f"a test tried to reach {host}")

    def guarded(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(sock: socket.socket, address: Any) -> Any:
            if sock.family in (socket.AF_INET, socket.AF_INET6):
                check(address[0])
            return real(sock, address)

        return call

    def look_up(host: Any, *args: Any, **kwargs: Any) -> Any:
        check(host)
        return getaddrinfo(host, *args, **kwargs)

    socket.socket.connect, socket.socket.connect_ex = guarded(connect), guarded(connect_ex)  # type: ignore[method-assign]
    socket.getaddrinfo = look_up  # type: ignore[assignment]
    try:
        yield
    finally:
        socket.socket.connect, socket.socket.connect_ex = connect, connect_ex  # type: ignore[method-assign]
        socket.getaddrinfo = getaddrinfo


def part(score: int, *quotes: tuple[str, str], reasoning: str = "The words bear it out.") -> dict[str, Any]:
    """One dimension of an answer; quotes are (message id, words)."""
    evidence = [{"message": message, "quote": quote} for message, quote in quotes]
    return {"evidence": evidence, "reasoning": reasoning, "score": score}


def verdict(tone: dict[str, Any], clarity: dict[str, Any], empathy: dict[str, Any], cue: bool = True) -> str:
    """A whole answer as JSON."""
    return json.dumps({"emotional_cue": cue, "tone": tone, "clarity": clarity, "empathy": empathy}, ensure_ascii=False)
