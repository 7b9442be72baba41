"""`make bench`: measures everything that promises speed, one after the other, on workspaces made for it."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path


def run(name: str, *arguments: str) -> bool:
    """Run one measurement in a process of its own; whether its promises are kept."""
    print(f"\n== {name}", flush=True)
    return subprocess.run([sys.executable, "-m", f"benchmarks.{name}", *arguments], check=False).returncode == 0


def main() -> int:
    """All of them; 1 when a promise is broken."""
    with tempfile.TemporaryDirectory() as room:
        demo, million = Path(room) / "demo.db", Path(room) / "million.db"
        subprocess.run(
            [sys.executable, "-m", "qatui", "-q", "demo", "--db", str(demo)], check=True, capture_output=True
        )
        kept = [
            run("start_up", str(demo)),
            run("import_speed"),
            run("score_speed"),
            run("tickets_screen", "--keep", str(million)),
            run("performance_screen", str(million)),
            run("gaps_speed"),
            run("table_keys"),
            run("performance_report"),
            run("killed_run"),
        ]
    return int(not all(kept))


if __name__ == "__main__":
    raise SystemExit(main())
