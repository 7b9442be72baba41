"""The Performance screen over a million conversations in a 130 x 40 terminal: opening it, and changing what it shows.

    python -m benchmarks.performance_screen workspace.db [--runs 7]

Promises: the screen stands within 1 s, and a change of period or channel is painted within 150 ms. `workspace.db` is a
simulated workspace, such as `python -m benchmarks.tickets_screen --keep workspace.db` makes.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from statistics import median

from benchmarks.terminal import Terminal
from benchmarks.tickets_screen import PATIENCE, promise

PROMISED_OPEN, PROMISED_CHANGE = 1000, 150


def main() -> int:
    """Print each figure with its promise; 1 when one is broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("db", type=Path)
    parser.add_argument("--runs", type=int, default=7)
    options = parser.parse_args()
    opening, periods, channels = [], [], []
    for run in range(options.runs):
        terminal = Terminal([sys.executable, "-m", "qatui", "--db", str(options.db)])
        try:
            terminal.until(b"1 Reps", PATIENCE)
            terminal.answer(quiet=1.5)
            opening.append(terminal.repaint(b"3") * 1000)
            if run:  # the first changes load what the following ones find loaded
                for changes, key in ((periods, b"p"), (channels, b"c")):
                    for _ in range(5):
                        terminal.answer(quiet=0.4)
                        changes.append(terminal.repaint(key) * 1000)
        finally:
            terminal.close()
    kept = [
        promise("Performance opens", median(opening), PROMISED_OPEN, "ms"),
        promise("period changes, median", median(periods), PROMISED_CHANGE, "ms"),
        promise("channel changes, median", median(channels), PROMISED_CHANGE, "ms"),
        promise("slowest change", max(periods + channels), PROMISED_CHANGE, "ms"),
    ]
    return int(not all(kept))


if __name__ == "__main__":
    raise SystemExit(main())
