"""A program in a pseudo-terminal: keys go in, answers are timed and counted."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
from pathlib import Path

WIDTH, HEIGHT = 130, 40
PAUSE = 0.03  # seconds without output after which a frame is complete
QUIET = 0.08  # seconds without output after which an answer is complete

MINIMAL = """
from textual.app import App
from textual.widgets import Static

class Minimal(App):
    def compose(self):
        yield Static("minimal application")

Minimal().run()
"""
MINIMAL_MARK = b"minimal application"


class Terminal:
    """One process and its terminal; close it when done."""

    def __init__(self, command: list[str]) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", HEIGHT, WIDTH, 0, 0))
        environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        self.started = time.perf_counter()
        self.process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, env=environment)
        os.close(slave)

    def until(self, text: bytes, limit: float) -> float:
        """Seconds from the start until this text was painted."""
        seen = b""
        while text not in seen:
            if not select.select([self._master], [], [], limit)[0]:
                raise TimeoutError(f"{text!r} was not painted in {limit} s")
            seen = seen[-4096:] + os.read(self._master, 1 << 16)
        return time.perf_counter() - self.started

    def type(self, keys: bytes) -> None:
        """Send keys without waiting for anything."""
        os.write(self._master, keys)

    def answer(self, key: bytes = b"", quiet: float = QUIET) -> tuple[float, int]:
        """Send a key: seconds until the last byte of the answer, and its bytes; silence ends it."""
        sent = last = time.perf_counter()
        self.type(key)
        size = 0
        while select.select([self._master], [], [], quiet)[0]:
            size += len(os.read(self._master, 1 << 16))
            last = time.perf_counter()
        return last - sent, size

    def repaint(self, key: bytes, least: int = 3000, patience: float = 5.0) -> float:
        """Send a key: seconds until a repaint of at least so many bytes is complete.

        What is painted later on purpose, such as an explanation that waits for the cursor to rest, is not waited for.
        """
        sent = last = time.perf_counter()
        self.type(key)
        size = 0
        while select.select([self._master], [], [], patience if size < least else PAUSE)[0]:
            size += len(os.read(self._master, 1 << 16))
            last = time.perf_counter()
        return last - sent

    def memory(self) -> float:
        """Resident megabytes."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) / 1024

    def close(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        os.close(self._master)
