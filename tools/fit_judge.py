"""Fits the embedded judge on the shared labels and writes its weights file: `python tools/fit_judge.py`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # sums in one order, so that the same data give the same file
ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402

from qatui.services.scoring.offline import model, weights  # noqa: E402
from tools.judge import data, fit  # noqa: E402

VERSION = "2026.3"


def main() -> None:
    """Reads, fits, writes, and says what was written."""
    found = fit.Heads.fit()
    sample = fit.with_heads(data.sample(), found)
    arrays = fit.complete(sample, found, fit.Settings())
    card = {
        "what": "Tone, Clarity and Empathy of support replies in English, 1 to 5; whether the customer shows emotion",
        "fitted_on": "qa_reference.jsonl: "
        + ", ".join(f"{np.sum(sample.source == s)} tickets of {s}" for s in data.LABELLED)
        + f"; written.jsonl: {len(sample.written)} tickets written for the judge; marks.jsonl: the sentences of all",
        "labels_by": "a large language model reading ticket by ticket with the rubric, not people; the written tickets "
        "are by it as well",
        "not_fitted_on": "tweetsumm, and nothing under a non-commercial licence",
        "heads": "emotions of customers: GoEmotions (43,410 + 5,426 comments, CC BY 4.0); satisfaction: NTCIR STC-3 "
        f"({len(found.satisfaction.held)} tickets rated by 19 people, CC BY 4.0)",
        "features": len(model.names()),
        "figures": "docs/judge.md",
    }
    target = ROOT / "qatui/services/scoring/offline" / weights.FILE
    target.write_bytes(weights.pack(VERSION, card, arrays))
    print(f"{target.name}: {target.stat().st_size:,} bytes, {weights.packaged().digest}")


if __name__ == "__main__":
    main()
