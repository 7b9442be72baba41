"""How soon the application stands and shows rows, against a minimal Textual application in the same run.

    python -m benchmarks.start_up workspace.db [--runs 15] [--size 130x40]

Each run starts a process in a pseudo-terminal and waits for marks in what it sends: the first frame (the screens in
the where line) and the first row. The two programs take turns, so that a busy machine slows both; medians are printed.
"""

from __future__ import annotations

import argparse
import compileall
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from pathlib import Path
from statistics import median

import qatui

MINIMAL = """
from textual.app import App
from textual.widgets import Static

class Minimal(App):
    def compose(self):
        yield Static("minimal application")

Minimal().run()
"""
PATIENCE = 20.0  # seconds
FRAME_LIMIT, ROWS_LIMIT = 1.3, 2.2  # what the application promises, as multiples of the minimal one


def timed(command: list[str], marks: list[re.Pattern[bytes]], columns: int, lines: int) -> list[float]:
    """Seconds from the start of the process until each mark has been sent, in order."""
    started = time.perf_counter()
    child, terminal = pty.fork()
    if child == 0:
        os.environ.update(TERM="xterm-256color", COLORTERM="truecolor", COLUMNS=str(columns), LINES=str(lines))
        os.execv(command[0], command)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    seen = b""
    times: list[float] = []
    try:
        while len(times) < len(marks):
            left = PATIENCE - (time.perf_counter() - started)
            ready, _, _ = select.select([terminal], [], [], max(0.0, left))
            if not ready:
                raise SystemExit(f"{command} never sent {marks[len(times)].pattern!r}:\n{seen[-2000:]!r}")
            seen += os.read(terminal, 65536)
            while len(times) < len(marks) and marks[len(times)].search(seen):
                times.append(time.perf_counter() - started)
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(terminal)
    return times


def main() -> int:
    """Print medians and ratios; 1 when a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("db", type=Path, help="a workspace with scored tickets")
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--size", default="130x40", help="columns x lines")
    chosen = parser.parse_args()
    columns, lines = (int(number) for number in chosen.size.split("x"))
    # As after an installation: where Python may not write bytecode, each start would compile a checkout's source anew.
    for package in qatui.__path__:
        compileall.compile_dir(package, quiet=1)
    application = [sys.executable, "-m", "qatui", "--db", str(chosen.db)]
    minimal = [sys.executable, "-c", MINIMAL]
    frame, row = re.compile(rb"1 Reps"), re.compile(rb"\d %|few")
    base: list[float] = []
    framed: list[float] = []
    filled: list[float] = []
    for run in range(chosen.runs + 1):
        first = timed(minimal, [re.compile(rb"minimal application")], columns, lines)
        second = timed(application, [frame, row], columns, lines)
        if run:  # the first round warms the file cache
            base += first
            framed.append(second[0])
            filled.append(second[1])
    ratios = median(framed) / median(base), median(filled) / median(base)
    print(f"minimal application   {median(base) * 1000:6.0f} ms")
    print(f"first frame           {median(framed) * 1000:6.0f} ms   {ratios[0]:.2f} x   (promise {FRAME_LIMIT})")
    print(f"rows visible          {median(filled) * 1000:6.0f} ms   {ratios[1]:.2f} x   (promise {ROWS_LIMIT})")
    return int(ratios[0] > FRAME_LIMIT or ratios[1] > ROWS_LIMIT)


if __name__ == "__main__":
    raise SystemExit(main())
