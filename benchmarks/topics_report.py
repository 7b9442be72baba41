"""Topic grouping against labelled questions: `make topics-report`; one setting for all sets, number of topics unknown.

Sets are read from `../shared/data/intents` beside the repository (or the folder given); nothing of them is printed.
A question that waits for company counts as a topic of its own, which costs V.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from qatui.errors import ConfigError
from qatui.services.gaps.grouping import SCHEME, in_order, ward
from qatui.services.gaps.naming import count_words, name_topic, question_words
from qatui.services.gaps.topics import grow, sample_members
from qatui.services.gaps.vectors import Embedder, MiniLmEmbedder, WordLlamaEmbedder

SETS = ("banking77_part", "clinc150_part", "dstc11_insurance")
ROWS = 2_000
PLAIN_WARD = 2.4  # height of plain Ward, the best of 1.0, 1.1 .. 2.5 on the mean of the three sets, so it is flattered
FLOORS = {  # V and ARI asked of each engine, in the order of SETS
    "wordllama": ((0.80, 0.58), (0.85, 0.62), (0.78, 0.52)),
    "minilm": ((0.84, 0.65), (0.915, 0.76), (0.86, 0.58)),
}
Labels = np.ndarray[Any, Any]


def v_measure(truth: Labels, found: Labels) -> float:
    """Harmonic mean of homogeneity and completeness, 0..1 (Rosenberg and Hirschberg 2007)."""
    table = np.unique(np.stack([truth, found]), axis=1, return_counts=True)[1]
    entropies = []
    for counts in (np.bincount(truth), np.bincount(found), table):
        shares = counts[counts > 0] / len(truth)
        entropies.append(float(-(shares * np.log(shares)).sum()))
    one, two, both = entropies
    return 2 * (one + two - both) / (one + two) if one + two else 1.0


def adjusted_rand(truth: Labels, found: Labels) -> float:
    """Agreement on pairs beyond chance, 1 for the same groups (Hubert and Arabie 1985)."""

    def pairs(counts: Labels) -> float:
        return float((counts * (counts - 1) / 2).sum())

    together = pairs(np.unique(np.stack([truth, found]), axis=1, return_counts=True)[1])
    one, two = pairs(np.bincount(truth)), pairs(np.bincount(found))
    chance = one * two / math.comb(len(truth), 2)
    most = (one + two) / 2
    return (together - chance) / (most - chance) if most != chance else 1.0


def feed(vectors: np.ndarray[Any, Any], batches: int) -> tuple[Labels, int, int, float, list[float]]:
    """Topics after feeding the rows in batches: topic per row (own number while waiting), topics, changes of topic,
    seconds of the slowest batch, share of the seen questions that have a topic after each batch."""
    topics = np.full(len(vectors), -1, dtype=np.int64)
    count, churn, slowest, placed_share = 0, 0, 0.0, []
    for batch in np.array_split(np.arange(len(vectors)), batches):
        seen = int(batch[-1]) + 1
        before = topics.copy()
        waiting, placed = np.flatnonzero(topics[:seen] < 0), np.flatnonzero(topics[:seen] >= 0)
        placed = placed[list(sample_members(topics[placed].tolist()))]
        start = time.perf_counter()
        growth = grow(vectors[waiting], vectors[placed], topics[placed])
        slowest = max(slowest, time.perf_counter() - start)
        for row, topic in growth.joined:
            topics[waiting[row]] = topic
        for rows in growth.founded:
            topics[waiting[list(rows)]] = count
            count += 1
        churn += int(((before >= 0) & (before != topics)).sum())
        placed_share.append(float((topics[:seen] >= 0).mean()))
    alone = topics < 0
    topics[alone] = count + np.arange(int(alone.sum()))
    return topics, count, churn, slowest, placed_share


def name_recall(texts: list[str], intents: list[str], topics: Labels, count: int, vectors: Any) -> float:
    """Share of the words of the prevailing intent's name that are in a topic's terms or central question."""
    background = count_words(texts)
    found = asked = 0
    for topic in range(count):
        rows = np.flatnonzero(topics == topic)
        name = name_topic([texts[row] for row in rows], vectors[rows], background, len(texts))
        intent = Counter(intents[row] for row in rows).most_common(1)[0][0]
        wanted = question_words(re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", intent))
        have = set(name.terms) | question_words(texts[rows[name.question]])
        asked += len(wanted)
        found += sum(any(w[:5] == h[:5] for h in have) for w in wanted)
    return found / max(asked, 1)


def report(folder: Path, name: str, engine: Embedder) -> bool:
    """Prints one engine's table; whether every asked figure is reached."""
    print(f"\n{engine.name} ({engine.dim} numbers), {SCHEME}")
    print(
        f"{'set':18}{'how':14}{'V':>7}{'ARI':>7}{'topics':>8}{'true':>6}{'waiting':>9}{'churn':>7}"
        f"{'slowest':>9}{'names':>7}   asked (V, ARI)"
    )
    good = True
    for index, part in enumerate(SETS):
        lines = (folder / f"{part}.jsonl").read_text(encoding="utf-8").splitlines()
        rows = [json.loads(line) for line in lines]
        random.Random(3).shuffle(rows)
        rows = rows[:ROWS]
        texts, intents = [row["text"] for row in rows], [row["intent"] for row in rows]
        truth = np.unique(intents, return_inverse=True)[1]
        start = time.perf_counter()
        vectors = engine.embed(texts)
        rate = len(texts) / (time.perf_counter() - start)
        once = 0.0
        for batches in (1, 20):
            topics, count, churn, slowest, placed = feed(vectors, batches)
            v, ari = v_measure(truth, topics), adjusted_rand(truth, topics)
            names = name_recall(texts, intents, topics, count, vectors)
            floor = FLOORS[name][index]
            if batches == 1:
                once, verdict = (
                    v,
                    f"{floor[0]} {floor[1]} {'reached' if v >= floor[0] and ari >= floor[1] else 'MISSED'}",
                )
            else:
                verdict = (
                    f"V {v - once:+.3f}, asked -0.020 at most; placed after a quarter {placed[batches // 4 - 1]:.0%}"
                )
            good &= "MISSED" not in verdict and churn == 0
            waiting = len(set(topics.tolist())) - count
            print(
                f"{part:18}{f'{batches} batches' if batches > 1 else 'one batch':14}{v:7.3f}{ari:7.3f}{count:8}"
                f"{truth.max() + 1:6}{waiting:9}{churn:7}{slowest:8.2f}s{names:7.0%}   {verdict}"
            )
        plain = in_order(ward(vectors, PLAIN_WARD))
        print(
            f"{part:18}{'plain Ward':14}{v_measure(truth, plain):7.3f}{adjusted_rand(truth, plain):7.3f}"
            f"{plain.max() + 1:8}{truth.max() + 1:6}{'':32}   {rate:,.0f} texts/s embedded"
        )
    return good


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    beside = Path(__file__).resolve().parents[1] / "../shared/data/intents"
    parser.add_argument("folder", nargs="?", type=Path, default=beside, help="folder of the three labelled sets")
    folder = parser.parse_args().folder
    if not folder.is_dir():
        print(f"No labelled questions in {folder}: nothing measured.", file=sys.stderr)
        return 1
    engines: dict[str, Callable[[], Embedder]] = {"wordllama": WordLlamaEmbedder, "minilm": MiniLmEmbedder}
    good = True
    for name, make in engines.items():
        try:
            engine = make()
        except ConfigError as error:
            print(f"\n{name}: not measured. {error}", file=sys.stderr)
            continue
        good &= report(folder, name, engine)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
