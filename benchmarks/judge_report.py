"""Prints how well the embedded judge agrees with the reference readings, how sure it is, how fast and how big.

Every figure of agreement is against labels that a large language model made by reading ticket by ticket with the
rubric; they are not people's. Needs scikit-learn and the shared data; takes about ten minutes on one core.
`--quick` leaves out the fits and prints only what the shipped weights give.
"""

from __future__ import annotations

import os
import sys
import time
from dataclasses import replace
from pathlib import Path
from zlib import crc32

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402
from numpy.typing import NDArray  # noqa: E402
from scipy.stats import spearmanr  # noqa: E402
from sklearn.metrics import roc_auc_score  # noqa: E402

from qatui.domain.conversation import Message, Speaker, Status, Ticket  # noqa: E402
from qatui.domain.rubric import Dimension  # noqa: E402
from qatui.domain.verdict import Flag, Responding, Unscored, Verdict, ineligible, responding  # noqa: E402
from qatui.services.scoring.batches import BATCH  # noqa: E402
from qatui.services.scoring.offline import weights  # noqa: E402
from qatui.services.scoring.offline.judge import SURE_FROM, OfflineJudge  # noqa: E402
from qatui.services.scoring.offline.marks import MARKS, PLAIN  # noqa: E402
from tools.judge import data, evaluate, fit, marking  # noqa: E402
from tools.judge.cuts import kappa  # noqa: E402
from tools.judge.data import Sample  # noqa: E402
from tools.judge.evaluate import Held  # noqa: E402
from tools.judge.marking import with_marks  # noqa: E402

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

DIMENSIONS = tuple(d.value for d in Dimension)


def agreement(title: str, sample: Sample, held: Held) -> None:
    """One table: every dimension, all rows and per source, beside the majority score."""
    print(f"\n{title}")
    print(
        f"{'':8} {'source':6} {'n':>5} {'QWK':>6} {'rank':>6} {'±1':>6} {'exact':>6} {'shift':>6}"
        f" {'low':>4} {'recall':>6} {'prec.':>6} | majority: QWK 0, {'exact':>5} {'±1':>6}"
    )
    for d, name in enumerate(DIMENSIONS):
        for source in ("all", *data.LABELLED):
            rows = np.ones(len(sample), dtype=bool) if source == "all" else sample.source == source
            f = evaluate.figures(sample.first[rows, d], held.given[rows, d], held.raw[rows, d])
            print(
                f"{name:8} {source:6} {f.n:5d} {f.kappa:6.3f} {f.rank:6.3f} {f.within_one:6.3f} {f.exact:6.3f}"
                f" {f.shift:+6.2f} {f.low:4d} {f.low_recall:6.2f} {f.low_precision:6.2f} |"
                f"                  {f.majority_exact:5.3f} {f.majority_within:6.3f}"
            )


def unread(sample: Sample, held: Held) -> None:
    """The half of the tickets that nobody looked at while the cues were written; the other half was partly read."""
    rows = np.array([crc32(ticket.id.encode()) % 2 == 1 for ticket in sample.tickets])
    print(f"\nOf these, the {int(rows.sum())} tickets that were not looked at when cues were written")
    for d, name in enumerate(DIMENSIONS):
        f = evaluate.figures(sample.first[rows, d], held.given[rows, d], held.raw[rows, d])
        g = evaluate.figures(sample.first[~rows, d], held.given[~rows, d], held.raw[~rows, d])
        print(
            f"{name:8} QWK {f.kappa:.3f}, rank {f.rank:.3f}, within one {f.within_one:.3f}"
            f"   (the others: {g.kappa:.3f}, {g.rank:.3f}, {g.within_one:.3f})"
        )


def second_reading(sample: Sample, held: Held) -> None:
    """Where there are two readings: they with each other, the judge with each."""
    both = sample.doubled
    print(f"\nWhere there are two readings ({int(both.sum())} tickets), QWK")
    for d, name in enumerate(DIMENSIONS):
        one, two, given = sample.first[both, d], sample.second[both, d], held.given[both, d]
        print(
            f"{name:8} readings with each other {kappa(one, two):.3f}"
            f"   judge with first {kappa(one, given):.3f}, with second {kappa(two, given):.3f}"
        )


def calibration(sample: Sample, held: Held) -> None:
    """What the confidence promises and what comes true."""
    off = np.abs(sample.first - held.given)
    print("\nConfidence (probability of the reader's exact score) and what comes true, held out")
    for low, high in ((0.0, 0.4), (0.4, 0.5), (0.5, 0.6), (0.6, 0.7), (0.7, 0.8), (0.8, 1.01)):
        rows = (held.sure >= low) & (held.sure < high)
        if rows.any():
            print(
                f"{low:.1f}-{min(high, 1):.1f} {int(rows.sum()):5d} scores: said {held.sure[rows].mean():.2f},"
                f" exact {np.mean(off[rows] == 0):.2f}, within one {np.mean(off[rows] <= 1):.3f}"
            )
    for d, name in enumerate(DIMENSIONS):
        rows = held.sure[:, d] >= SURE_FROM
        if not rows.any():
            print(f"{name:8} marked sure (>= {SURE_FROM}): none")
            continue
        print(
            f"{name:8} marked sure (>= {SURE_FROM}): {np.mean(rows):.0%} of scores,"
            f" exact {np.mean(off[rows, d] == 0):.2f}, within one {np.mean(off[rows, d] <= 1):.3f}"
        )
    cue = sample.target[:, 3] >= 0.5
    right = np.mean((held.raw[:, 3] >= 0.5) == cue)
    print(f"Emotional cue: right in {right:.3f} (majority {max(cue.mean(), 1 - cue.mean()):.3f})")


def outside(judge: OfflineJudge, found: fit.Heads, sample: Sample) -> None:
    """People's labels, of which none is what the scores are fitted to."""
    head = found.satisfaction
    keys = ("customer satisfaction", "task accomplishment", "effectiveness")
    ids = list(head.ratings)
    print("\nPeople's own labels (rank correlation)")
    for at, key in enumerate(keys):
        rho = spearmanr([head.held[i][at] for i in ids], [head.ratings[i][at] for i in ids])[0]
        print(f"satisfaction head, held out, with {key} (mean of 19 raters, {len(ids)} tickets): {rho:.3f}")
    labelled = {t.id for t in sample.tickets}
    fresh = [
        t for t in data.conversations("stc3") if t.id in head.ratings and t.id not in labelled and not ineligible(t)
    ]
    raw = np.array([judge.raw(t, who) for t in fresh if (who := responding(t))])
    for d, name in enumerate(DIMENSIONS):
        rho = spearmanr(raw[:, d], [head.ratings[t.id][0] for t in fresh])[0]
        print(
            f"{name} with customer satisfaction, {len(fresh)} tickets without a reading: {rho:.3f}"
            " (the satisfaction head has seen these ratings)"
        )
    requests = list(data.rows(data.SHARED / "labels" / "politeness.jsonl"))
    tones, polite = [], []
    for request in requests:
        ticket = _request(request["text"])
        who = responding(ticket)
        assert who is not None
        tones.append(judge.raw(ticket, who)[0])
        polite.append(request["normalized"])
    print(
        f"tone with politeness of requests (five people, {len(requests)} requests): {spearmanr(tones, polite)[0]:.3f}"
    )


def _request(text: str) -> Ticket:
    messages = (Message("m1", Speaker.CUSTOMER, "I have a question."), Message("m2", Speaker.REP, text))
    return Ticket(source="politeness", id="r", messages=messages, status=Status.CLOSED)


def evidence(judge: OfflineJudge) -> None:
    """How often a raw score moves back when a quoted sentence of the rep is really removed and all is read again.

    Where leaving out no single sentence mends a low score, it comes from what is missing, and no quote can be right.
    """
    right: dict[str, list[bool]] = {"high (4, 5)": [], "low (1, 2)": [], "low, where one sentence is to blame": []}
    tickets = [t for s in (*data.LABELLED, "tweetsumm") for t in data.conversations(s) if not ineligible(t)]
    for ticket in tickets[::9]:
        who = responding(ticket)
        verdict = judge.read(ticket, who) if who else None
        if who is None or not isinstance(verdict, Verdict):
            continue
        before = judge.raw(ticket, who)
        script, _ = judge.marked(ticket, who)
        spans = [(sentence.position, sentence.start, sentence.end) for sentence in script.rep]
        every = [raw[:3] - before[:3] for span in spans if (raw := _without(judge, ticket, who, span)) is not None]
        most = np.max([*every, np.zeros(3)], axis=0)
        for at, (_, score) in enumerate(verdict.scores()):
            for piece in score.explanation.evidence:
                if score.value == 3 or piece.message(ticket).speaker is not Speaker.REP:
                    continue
                raw = _without(judge, ticket, who, (piece.position, piece.start, piece.end))
                if raw is None:
                    continue
                back = bool(raw[at] < before[at]) if score.value > 3 else bool(raw[at] > before[at])
                right["high (4, 5)" if score.value > 3 else "low (1, 2)"].append(back)
                if score.value < 3 and most[at] > 0.05:
                    right["low, where one sentence is to blame"].append(back)
    print("\nQuotes: the raw score moves back when the quoted sentence is removed")
    for kind, found in right.items():
        print(f"{kind}: {np.mean(found):.0%} of {len(found)}")


def _without(judge: OfflineJudge, ticket: Ticket, who: Responding, span: tuple[int, int, int]) -> Floats | None:
    """The raw scores without a span (position, start, end); None where nothing of the rep would be left."""
    position, start, end = span
    messages = list(ticket.messages)
    text = messages[position].text
    messages[position] = replace(messages[position], text=text[:start] + text[end:])
    if not any(messages[at].text.strip() for at in who.positions):
        return None
    return judge.raw(replace(ticket, messages=tuple(messages)), who)


def speed_and_size(judge: OfflineJudge) -> None:
    """Tickets a second on one core, the judge alone, as many at once as a run takes; weights in bytes."""
    tickets = [t for s in (*data.LABELLED, "tweetsumm") for t in data.conversations(s) if not ineligible(t)]
    pairs = [(t, who) for t in tickets if (who := responding(t))]
    judge.read_all(pairs[:200])
    wall, cpu = time.perf_counter(), time.process_time()
    verdicts = [v for at in range(0, len(pairs), BATCH) for v in judge.read_all(pairs[at : at + BATCH])]
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    scored = [v for v in verdicts if isinstance(v, Verdict)]
    blob = (ROOT / "qatui/services/scoring/offline" / weights.FILE).stat().st_size
    rates = f"{len(pairs) / wall:,.0f}/s ({len(pairs) / cpu:,.0f}/s of processor time)"
    print(f"\nSpeed: {len(pairs)} tickets at {rates}, one core")
    print(f"Unscored for their language: {sum(isinstance(v, Unscored) for v in verdicts)} of {len(pairs)}")
    print(f"Marked unsure: {np.mean([Flag.UNSURE in v.flags for v in scored]):.0%} of tickets")
    print(f"Weights: {blob:,} bytes, {judge.identity.model}")


def curve(sample: Sample) -> None:
    """Rank correlation with a quarter, half and three quarters of the tickets of people, and of those written."""
    print("\nLearning curve, rank correlation held out (tone, clarity, empathy)")
    people, rng = sample.real, np.random.default_rng(0)
    for share in (0.25, 0.5, 0.75, 1.0):
        raw = np.zeros((len(people), 4))
        for train, test in fit.split(sample, people, 5, 1):
            raw[test] = _said(sample, rng.permutation(train)[: int(share * len(train))], test)
        print(f"{share:4.0%} {int(share * 0.8 * len(people)):5d} tickets of people  {_ranks(sample, raw)}")
    print("The same with a source left out, and with so many of the tickets that were written")
    of = sample.source[people]
    for share in (0.0, 0.25, 0.5, 1.0):
        some = sample.part(
            np.concatenate((people, rng.permutation(sample.written)[: int(share * len(sample.written))]))
        )
        raw = np.zeros((len(people), 4))
        for source in data.LABELLED:
            raw[of == source] = _said(some, people[of != source], people[of == source])
        print(f"{share:4.0%} {len(some.written):5d} tickets written  {_ranks(sample, raw)}")


def _said(sample: Sample, train: Ints, test: Ints) -> Floats:
    """Raw scores of the rows `test` by a fit on `train` and on what was written."""
    keep = np.concatenate((train, sample.written))
    seen = with_marks(sample, keep)
    return fit.blended(fit.answers(fit.members(seen, keep, fit.Settings()), seen, test))


def _ranks(sample: Sample, raw: Floats) -> str:
    first = sample.first[sample.real]
    return "  ".join(f"{spearmanr(first[:, d], raw[:, d])[0]:.3f}" for d in range(len(DIMENSIONS)))


def marked(sample: Sample) -> None:
    """The marks on single sentences: how well they are found again, and what a mark that is named is worth."""
    found: list[Floats] = []
    read: list[Floats] = []
    felt: list[Floats] = []
    for train, test in fit.split(sample, sample.real, 5, 1):
        said = marking.fit(sample, np.concatenate((train, sample.written))).of([sample.scripts[i] for i in test])
        found.append(said.rep)
        read.append(np.concatenate([sample.marks[i].rep for i in test]))
        felt.append(np.column_stack((said.feeling, np.concatenate([sample.marks[i].feeling for i in test]))))
    strength, made, feeling = np.concatenate(found), np.concatenate(read), np.concatenate(felt)
    print(f"\nMarks on {len(made)} sentences of reps, held out (two readings of each; made: by at least one of them)")
    for at, name in enumerate(MARKS):
        named = strength[:, at] >= PLAIN
        print(
            f"{name:9} made in {np.mean(made[:, at] > 0):5.1%}  area under the curve"
            f" {roc_auc_score(made[:, at] > 0, strength[:, at]):.3f}  named {int(named.sum()):4d} times,"
            f" made {np.mean(made[named, at] > 0):.0%} of them"
        )
    print(f"feeling of {len(feeling)} sentences of customers: correlation {np.corrcoef(feeling.T)[0, 1]:.3f}")
    both = sample.part(sample.written)
    agree = [kappa(both.first[:, d], both.second[:, d]) for d in range(len(DIMENSIONS))]
    print(
        f"The {len(both)} tickets written: writer's scores with a blind reader's, QWK "
        + " / ".join(f"{one:.3f}" for one in agree)
    )


def main() -> None:
    """Everything in one go."""
    if not data.SHARED.exists():
        sys.exit(f"The shared data is not here: {data.SHARED}")
    judge = OfflineJudge.load()
    found = fit.Heads.fit()
    sample = fit.with_heads(data.sample(), found)
    people = sample.part(sample.real)
    print(f"{len(people)} labelled tickets. Labels: a large language model reading ticket by ticket, not people.")
    print(f"{len(sample.written)} more were written for the judge; they help every fit, and no figure is about them.")
    if "--quick" not in sys.argv:
        held = evaluate.cross_validate(sample, fit.Settings())
        agreement("Five folds grouped by conversation; cuts and confidence from the training folds", people, held)
        unread(people, held)
        second_reading(people, held)
        calibration(people, held)
        marked(sample)
        apart = evaluate.leave_source_out(sample, fit.Settings())
        agreement("Leave one source out", people, apart)
        curve(sample)
    outside(judge, found, people)
    evidence(judge)
    speed_and_size(judge)


if __name__ == "__main__":
    main()
