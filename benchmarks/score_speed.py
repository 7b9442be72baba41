"""`qatui score` with the embedded judge as a person runs it: start, read, judge, store, end; and what it holds.

    python -m benchmarks.score_speed [FILE...] [--rounds 5]

Without files it takes the conversations of ../shared/data where they are, otherwise as many made for it. Each round
judges a fresh copy of the same workspace with a process of its own. The rate is tickets over the seconds of that whole
process; CPU seconds are of it and of all that it starts. Memory is the largest sum, over these processes, of their
proportional set size (each page counted once, shared ones divided), looked at in a round of its own; both are read
from Linux, and elsewhere not told. Promised: 1,500 tickets a second on two cores, 120 MB.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import NamedTuple

from benchmarks.import_speed import generate

CONVERSATIONS = Path(__file__).resolve().parents[1] / "../shared/data/conversations"
RATE, MEMORY = 1500, 120.0
SUBREAPER = 36  # prctl: what a process leaves behind becomes a child of this one, and its CPU time is told
EVERY = 0.02  # seconds between two looks at the memory


class Round(NamedTuple):
    """One run: tickets scored, seconds, CPU seconds."""

    scored: int
    seconds: float
    cpu: float


def qatui(database: Path, *arguments: str) -> list[str]:
    """The command on this workspace."""
    return [sys.executable, "-m", "qatui", "--db", str(database), *arguments]


def scored(database: Path) -> Round:
    """Score the workspace and wait for everything that the run has started."""
    before = time.perf_counter()
    process = subprocess.Popen(qatui(database, "score"), stderr=subprocess.PIPE)
    assert process.stderr is not None
    said = process.stderr.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - before
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(said)
    cpu = usage.ru_utime + usage.ru_stime
    try:
        while True:
            _, _, usage = os.wait4(-1, 0)
            cpu += usage.ru_utime + usage.ru_stime
    except ChildProcessError:
        return Round(int(said.split("\r")[-1].split(" ticket")[0].replace(",", "")), seconds, cpu)


def most_held(database: Path) -> float:
    """Megabytes that a run holds at its most."""
    process = subprocess.Popen(qatui(database, "score"), stderr=subprocess.DEVNULL)
    most = 0.0
    while process.poll() is None:
        most = max(most, sum(map(held, family(process.pid))))
        time.sleep(EVERY)
    return most


def family(root: int) -> list[int]:
    """A process and all that descend from it."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found = [root]
    for each in found:
        found += children.get(each, [])
    return found


def held(process: int) -> float:
    """The proportional set size of a process in megabytes; 0 of one that has ended."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")), 0.0)


def main() -> int:
    """Print the figures; 1 when a promise is broken."""
    parser = argparse.ArgumentParser()
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    linux = sys.platform == "linux"
    if linux:
        ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)
    with tempfile.TemporaryDirectory() as directory:
        room = Path(directory)
        (room / "qatui.toml").touch()
        os.environ["QATUI_CONFIG"] = str(room / "qatui.toml")
        files = arguments.files or sorted(CONVERSATIONS.glob("*.jsonl"))
        if not files:
            print("The shared conversations are not here: the same number, made of random words, stands in.")
            files = [room / "made.jsonl"]
            generate(files[0], 4461)
        fresh = room / "fresh.db"
        subprocess.run(qatui(fresh, "-q", "import", *map(str, files)), check=True)
        rounds = []
        for number in range(arguments.rounds):
            rounds.append(scored(_copy(fresh, room / "round.db")))
            tickets, seconds, cpu = rounds[-1]
            rate = f"{tickets / seconds:,.0f}/s, {tickets / cpu:,.0f} a CPU second"
            print(f"round {number + 1}: {tickets:,} tickets in {seconds:.2f} s, {rate}")
        rates = sorted(each.scored / each.seconds for each in rounds)
        print(f"tickets a second on {os.cpu_count()} cores: median {median(rates):,.0f}, best {rates[-1]:,.0f}")
        memory = most_held(_copy(fresh, room / "round.db")) if linux else 0.0
        if linux:
            print(f"memory of all processes: {memory:.0f} MB")
    return int(median(rates) < RATE or memory > MEMORY)


def _copy(source: Path, target: Path) -> Path:
    for ending in ("", "-wal", "-shm"):
        Path(f"{target}{ending}").unlink(missing_ok=True)
    return shutil.copy(source, target)


if __name__ == "__main__":
    raise SystemExit(main())
