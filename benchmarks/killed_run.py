"""A run of the llm judge that is killed five times: every ticket is scored once and paid once.

Run: python benchmarks/killed_run.py [--tickets 10000] [--kills 5] [--slots 64] [--seed 1]. An endpoint on loopback
remembers the idempotency keys it was sent: a key it knows is answered again and billed no second time. The processes
of the run end by SIGKILL or SIGTERM, in turn, at random moments; the last one is left in peace. Besides the promise it
tells how many requests were repeated: so many times an endpoint without such keys would have billed twice.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import signal
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

DELAY = 0.02  # seconds an answer takes
PROMPT, ANSWER = 1400, 200  # tokens the endpoint says
SIGNALS = (signal.SIGKILL, signal.SIGTERM)


def _part(quote: str) -> dict[str, object]:
    return {
        "evidence": [{"message": "m2", "quote": quote}],
        "reasoning": "The rep says what happens next.",
        "score": 4,
    }


_VERDICT = json.dumps(
    {
        "emotional_cue": True,
        "tone": _part("Hello, the spare part"),
        "clarity": _part("is on its way to you"),
        "empathy": _part("I know the wait is a nuisance"),
    }
)
_COMPLETION = json.dumps(
    {
        "id": "x",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": _VERDICT}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": PROMPT, "completion_tokens": ANSWER, "total_tokens": PROMPT + ANSWER},
    }
).encode()
_REPLY = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(_COMPLETION) + _COMPLETION
)


@dataclass
class Till:
    """What the endpoint has seen. keys: how often each idempotency key came; bodies: the request sent under each."""

    keys: Counter[str] = field(default_factory=Counter)
    bodies: dict[str, bytes] = field(default_factory=dict)
    other: int = 0  # requests under a known key that differ from the first: an endpoint may refuse them
    moved: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def requests(self) -> int:
        return self.keys.total()

    @property
    def billed(self) -> int:
        """Requests that an endpoint with idempotency keys bills."""
        return len(self.keys)

    def take(self, key: str, body: bytes) -> None:
        """A request came."""
        self.keys[key] += 1
        self.other += self.bodies.setdefault(key, body) != body
        self.moved.set()

    async def reach(self, requests: int) -> None:
        """Wait for so many requests in all."""
        while self.requests < requests:
            self.moved.clear()
            await self.moved.wait()


class _Endpoint(asyncio.Protocol):
    def __init__(self, till: Till) -> None:
        self._till = till
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, body = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return
        headers = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
        if len(body) >= int(headers[b"content-length"]):
            self._buffer = b""
            self._till.take(headers.get(b"idempotency-key", b"").decode(), body)
            asyncio.get_running_loop().call_later(DELAY, self._answer)

    def _answer(self) -> None:
        if not self._transport.is_closing():
            self._transport.write(_REPLY)


@dataclass(frozen=True)
class Outcome:
    """What became of it. ends: how each process ended."""

    tickets: int
    verdicts: int
    scored: int  # by the records of all runs: a ticket scored twice would count twice
    requests: int
    billed: int
    changed: int
    ends: list[str]
    states: list[str]
    seconds: float

    @property
    def repeated(self) -> int:
        return self.requests - self.billed

    @property
    def kept(self) -> bool:
        return self.tickets == self.verdicts == self.scored == self.billed and not self.changed


def write_tickets(path: Path, count: int) -> None:
    """Short conversations in the import format."""
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            messages = [
                {"id": "m1", "from": "customer", "text": f"Where is spare part {number}? I am tired of waiting."},
                {
                    "id": "m2",
                    "from": "rep",
                    "author": {"id": "r", "name": "Mara"},
                    "text": f"Hello, the spare part {number} is on its way to you. I know the wait is a nuisance.",
                },
            ]
            line = {"format": "qatui/1", "id": f"{number}", "source": "b", "status": "closed", "messages": messages}
            file.write(json.dumps(line) + "\n")


async def killed(room: Path, tickets: int, kills: int, slots: int, rng: random.Random) -> Outcome:
    """Score so many tickets with as many kills at random moments, SIGKILL and SIGTERM in turn."""
    till = Till()
    server = await asyncio.get_running_loop().create_server(lambda: _Endpoint(till), "127.0.0.1", 0, backlog=256)
    port = server.sockets[0].getsockname()[1]
    config = room / "config.toml"
    config.touch()
    environ = {
        **os.environ,
        "QATUI_DB": str(room / "killed.db"),
        "QATUI_CONFIG": str(config),
        "QATUI_LLM_BASE_URL": f"http://127.0.0.1:{port}/v1",
        "QATUI_LLM_MODEL": "m",
        "QATUI_LLM_CONCURRENCY": str(slots),
    }

    async def qatui(*arguments: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "qatui", "-q", *arguments, env=environ, stderr=asyncio.subprocess.DEVNULL
        )

    write_tickets(room / "in.jsonl", tickets)
    assert await (await qatui("import", str(room / "in.jsonl"))).wait() == 0
    began = time.perf_counter()
    ends: list[str] = []
    # Each process gets its share of the tickets, and is ended somewhere within it.
    moments = sorted(rng.sample(range(1, tickets - slots), kills))
    for number, moment in enumerate(moments):
        process = await qatui("score", "--judge", "llm")
        reached = asyncio.ensure_future(till.reach(moment + till.requests - till.billed))
        ended = asyncio.ensure_future(process.wait())
        await asyncio.wait([reached, ended], return_when=asyncio.FIRST_COMPLETED)
        reached.cancel()
        if process.returncode is None:
            process.send_signal(SIGNALS[number % len(SIGNALS)])
        ends.append(_ending(await ended))
    ends.append(_ending(await (await qatui("score", "--judge", "llm")).wait()))
    server.close()
    with closing(sqlite3.connect(room / "killed.db")) as db:
        [(verdicts,)] = db.execute("SELECT count(*) FROM verdicts WHERE reason IS NULL")
        [(scored,)] = db.execute("SELECT sum(scored) FROM runs")
        states = [
            row[0]
            for row in db.execute("SELECT CASE WHEN ended_at IS NULL THEN 'cut short' ELSE stopped END FROM runs")
        ]
    seconds = time.perf_counter() - began
    return Outcome(tickets, verdicts, scored, till.requests, till.billed, till.other, ends, states, seconds)


def _ending(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit {code}"


def main() -> int:
    """1 when a ticket was not scored and paid exactly once."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--tickets", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--slots", type=int, default=64)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as room:
        outcome = asyncio.run(
            killed(Path(room), chosen.tickets, chosen.kills, chosen.slots, random.Random(chosen.seed))
        )
    cut = outcome.ends.count("SIGKILL")
    print(
        f"{outcome.tickets:,} tickets, {chosen.slots} slots; ends: {', '.join(outcome.ends)}; {outcome.seconds:.0f} s"
    )
    print(f"scored: {outcome.verdicts:,} verdicts, {outcome.scored:,} by the records of the runs")
    print(f"paid: {outcome.billed:,} idempotency keys, {outcome.changed} of them with another request later")
    print(f"repeated: {outcome.repeated} of {outcome.requests:,} requests, over {cut} SIGKILL of {chosen.slots} slots")
    print("kept" if outcome.kept else "BROKEN")
    return int(not outcome.kept)


if __name__ == "__main__":
    raise SystemExit(main())
