"""A judging process: `python -m qatui.services.scoring.worker FD...` serves one socket each, in itself and its forks.

A message, either way, is its length (8 bytes) and the pickle of plain rows: conversations in, outcomes out.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress

from qatui.services.scoring.offline.judge import OfflineJudge
from qatui.services.scoring.reading import judged

SIZE = 8  # bytes in which a message says how long it is


def main(numbers: Sequence[int]) -> None:
    """Load the judge once, and share it with a fork for each further socket."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for who gave the work: it hangs up, and that ends this
    judge = OfflineJudge.load()
    gc.collect()
    gc.freeze()  # what is shared is never touched by a search for garbage, which would copy it
    gc.disable()
    own, *others = [socket.socket(fileno=number) for number in numbers]
    for other in others:
        if os.fork() == 0:
            for held in [own, *others]:
                if held is not other:
                    held.close()
            own = other
            break
        other.close()
    serve(judge, own)
    os._exit(0)


def serve(judge: OfflineJudge, connection: socket.socket) -> None:
    """Judge what comes until the other side hangs up."""
    with suppress(OSError), connection, connection.makefile("rb") as asked:
        while len(size := asked.read(SIZE)) == SIZE:
            row_ids, fetched = pickle.loads(asked.read(int.from_bytes(size)))
            answer = pickle.dumps(judged(judge, row_ids, fetched), pickle.HIGHEST_PROTOCOL)
            connection.sendall(len(answer).to_bytes(SIZE) + answer)
            gc.collect()


if __name__ == "__main__":
    main([int(number) for number in sys.argv[1:]])
