"""Fits the embedded judge on the shared labels and writes its weights file: `python tools/fit_judge.py`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # sums in one order, so that the same data give the same file
ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402

from qatui.services.scoring.offline import features, weights  # noqa: E402
from tools.judge import data, fit  # noqa: E402

VERSION = "2026.1"


def main() -> None:
    """Reads, fits, writes, and says what was written."""
    sample = data.sample()
    arrays = fit.complete(sample, np.arange(len(sample)), fit.Settings())
    card = {
        "what": "Tone, Clarity and Empathy of support replies, 1 to 5, in English; and whether the customer shows an emotional cue",
        "fitted_on": "qa_reference.jsonl: "
        + ", ".join(f"{np.sum(sample.source == s)} tickets of {s}" for s in data.LABELLED),
        "labels_by": "a large language model reading ticket by ticket with the rubric, not people",
        "not_fitted_on": "tweetsumm, and nothing under a non-commercial licence",
        "features": len(features.names()),
        "figures": "docs/judge.md",
    }
    target = ROOT / "qatui/services/scoring/offline" / weights.FILE
    target.write_bytes(weights.pack(VERSION, card, arrays))
    print(f"{target.name}: {target.stat().st_size:,} bytes, {weights.packaged().digest}")


if __name__ == "__main__":
    main()
