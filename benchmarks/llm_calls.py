"""The llm judge against a 200 ms endpoint with 64 slots, beside a bare aiohttp loop in the same run.

Run: python benchmarks/llm_calls.py [--tickets 1200] [--mask]. Targets: at least 0.85 times the requests a second of the
bare loop, at most 3 times its CPU time. The bare loop sends the same bytes and reads the same answer; the judge
also builds the prompt, looks for injections, checks the answer and places its quotes. The endpoint is a process
of its own, so that its CPU is not counted. With --peer PYTHON, deepeval's GEval is measured by that interpreter
(which has deepeval installed) against the same endpoint.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import multiprocessing.connection
import statistics
import subprocess
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import aiohttp

from qatui.config_llm import LlmSettings, Masking, Secret
from qatui.domain.conversation import Message, Rep, Speaker, Status, Ticket
from qatui.domain.verdict import Verdict, responding
from qatui.services.scoring.llm.judge import LlmJudge

DELAY = 0.2
SLOTS = 64
ROUNDS = 3

_REP = Rep("r1", "Mara Lind")
TICKET = Ticket(
    source="bench",
    id="1",
    status=Status.CLOSED,
    messages=(
        Message(
            "m1",
            Speaker.CUSTOMER,
            "The desk lamp I bought in May went dark last night and I have an exam to study for.",
        ),
        Message(
            "m2", Speaker.REP, "That is bad timing, with an exam ahead of you. Let me see what we can do.", author=_REP
        ),
        Message("m3", Speaker.CUSTOMER, "I tried two other bulbs. Nothing. I am rather desperate."),
        Message(
            "m4",
            Speaker.REP,
            "Then it is the switch. I have ordered a new lamp; it reaches you on Friday before noon.",
            author=_REP,
        ),
        Message("m5", Speaker.CUSTOMER, "And the old one? Do I have to send it back to you?"),
        Message("m6", Speaker.REP, "No, please take it to your recycling yard. Good luck with the exam!", author=_REP),
    ),
)


def _part(message: str, quote: str) -> dict[str, object]:
    return {
        "evidence": [{"message": message, "quote": quote}],
        "reasoning": "The rep names the situation and says what happens next.",
        "score": 5,
    }


ANSWER = json.dumps(
    {
        "emotional_cue": True,
        "tone": _part("m6", "Good luck with the exam!"),
        "clarity": _part("m4", "it reaches you on Friday before noon"),
        "empathy": _part("m2", "That is bad timing, with an exam ahead of you."),
    }
)
# deepeval reads another shape; both stand in one answer, and each reader takes what it knows.
PEER_ANSWER = {"score": 9, "reason": "The reply is clear.", "steps": ["Read the reply.", "Judge it."]}


class _Endpoint(asyncio.Protocol):
    """Answers each request after DELAY with the same completion; as little work as can be."""

    def __init__(self, reply: bytes) -> None:
        self._reply = reply
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, body = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return
        length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
        if len(body) >= length:
            self._buffer = b""
            asyncio.get_running_loop().call_later(DELAY, self._answer)

    def _answer(self) -> None:
        assert isinstance(self._transport, asyncio.Transport)
        if not self._transport.is_closing():
            self._transport.write(self._reply)


def _serve(channel: multiprocessing.connection.Connection, content: str) -> None:
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": content},
        "finish_reason": "stop",
        "logprobs": None,
    }
    usage = {"prompt_tokens": 1400, "completion_tokens": 200, "total_tokens": 1600}
    completion = {
        "id": "x",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [choice],
        "usage": usage,
    }
    body = json.dumps(completion).encode()
    reply = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body

    async def main() -> None:
        server = await asyncio.get_running_loop().create_server(lambda: _Endpoint(reply), "127.0.0.1", 0, backlog=256)
        channel.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(main())


async def _measured(work: Callable[[], Awaitable[None]], count: int) -> tuple[float, float]:
    """Requests a second and milliseconds of CPU a request."""
    cpu, wall = time.process_time(), time.perf_counter()
    await work()
    return count / (time.perf_counter() - wall), (time.process_time() - cpu) / count * 1000


async def _bare(url: str, body: dict[str, Any], count: int) -> None:
    left = iter(range(count))
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=SLOTS)) as session:

        async def slot() -> None:
            for _ in left:
                async with session.post(f"{url}/chat/completions", json=body) as response:
                    (await response.json())["choices"][0]["message"]["content"]

        await asyncio.gather(*(slot() for _ in range(SLOTS)))


async def _judged(judge: LlmJudge, count: int) -> None:
    who = responding(TICKET)
    assert who is not None
    left = iter(range(count))

    async def slot() -> None:
        for number in left:
            outcome = await judge.judge(replace(TICKET, id=str(number)), who)
            assert isinstance(outcome, Verdict), outcome

    # A quarter more tickets than slots: the next prompts are ready when a slot falls free, as in a run.
    await asyncio.gather(*(slot() for _ in range(SLOTS + SLOTS // 4)))


async def _compare(url: str, count: int, mask: bool) -> None:
    settings = LlmSettings(base_url=url, model="m", concurrency=SLOTS, mask=Masking.ON if mask else Masking.OFF)
    async with LlmJudge(settings, key=Secret("bench")) as judge:
        body = judge.request_preview(TICKET).body
        await _judged(judge, SLOTS)  # imports, connections and the response format are paid for once
        rounds = []
        for _ in range(ROUNDS):
            bare = await _measured(lambda: _bare(url, body, count), count)
            ours = await _measured(lambda: _judged(judge, count), count)
            rounds.append((*bare, *ours))
            print(f"bare {bare[0]:6.1f}/s {bare[1]:5.2f} ms CPU   judge {ours[0]:6.1f}/s {ours[1]:5.2f} ms CPU")
    speed = statistics.median(round[2] / round[0] for round in rounds)
    cpu = statistics.median(round[3] / round[1] for round in rounds)
    print(f"median of {ROUNDS}: {speed:.2f} × the requests a second (target ≥ 0.85), {cpu:.2f} × the CPU (target ≤ 3)")


_PEER = """
import asyncio, os, sys, time
os.environ.update(OPENAI_API_KEY="bench", OPENAI_BASE_URL=sys.argv[1], DEEPEVAL_TELEMETRY_OPT_OUT="YES")
from deepeval.metrics import GEval
from deepeval.models import GPTModel
from deepeval.test_case import LLMTestCase, LLMTestCaseParams as P
count, slots = int(sys.argv[2]), int(sys.argv[3])
model = GPTModel(model="gpt-4o", base_url=sys.argv[1])
case = LLMTestCase(input=sys.argv[4], actual_output=sys.argv[5])
async def main():
    left = iter(range(count))
    async def slot():
        for _ in left:
            metric = GEval(name="Clarity", evaluation_steps=["Is the reply clear?"], model=model, async_mode=True,
                           evaluation_params=[P.INPUT, P.ACTUAL_OUTPUT])
            await metric.a_measure(case, _show_indicator=False)
    start = time.perf_counter()
    await asyncio.gather(*(slot() for _ in range(slots)))
    print(count / (time.perf_counter() - start))
asyncio.run(main())
"""


def _peer(python: str, url: str, count: int) -> None:
    texts = [message.text for message in TICKET.messages]
    command = [python, "-c", _PEER, url, str(count), str(SLOTS), " ".join(texts[::2]), " ".join(texts[1::2])]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    last = done.stdout.strip().splitlines()[-1:] or [done.stderr.strip()[-300:]]
    print(f"deepeval GEval, one dimension a call: {last[0]} a second")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tickets", type=int, default=1200, help="requests of each round")
    parser.add_argument(
        "--mask", action="store_true", help="with masking of personal data, as for an endpoint elsewhere"
    )
    parser.add_argument("--peer", metavar="PYTHON", help="an interpreter that has deepeval")
    options = parser.parse_args()
    context = multiprocessing.get_context("spawn")

    def endpoint(content: str) -> tuple[multiprocessing.process.BaseProcess, str]:
        mine, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(theirs, content), daemon=True)
        process.start()
        return process, f"http://127.0.0.1:{mine.recv()}/v1"

    server, url = endpoint(ANSWER)
    asyncio.run(_compare(url, options.tickets, options.mask))
    server.terminate()
    if options.peer:
        server, url = endpoint(json.dumps(PEER_ANSWER))
        _peer(options.peer, url, min(options.tickets, 200))
        server.terminate()


if __name__ == "__main__":
    main()
