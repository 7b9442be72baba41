"""The shared conversations and labels, read where they stand; nothing of them is copied into the repository."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qatui.domain.conversation import Message, Rep, Speaker, Status, Ticket
from qatui.domain.rubric import Dimension
from qatui.domain.verdict import responding
from qatui.services.scoring.offline import features
from qatui.services.scoring.offline.lexer import Lexer
from qatui.services.scoring.offline.transcript import Transcript, transcribe

SHARED = Path(__file__).resolve().parents[2] / "../shared/data"
LABELLED = ("ibm", "maia", "stc3")


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a JSONL file."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def ticket(raw: dict[str, Any]) -> Ticket:
    """A conversation in the import format as a ticket; only what a judge reads."""
    messages = tuple(
        Message(
            message["id"],
            Speaker(message["from"]),
            message["text"],
            author=Rep(message["author"]["id"], message["author"].get("name", "")) if message.get("author") else None,
            private=message.get("private", False),
        )
        for message in raw["messages"]
    )
    return Ticket(source=raw["source"], id=raw["id"], messages=messages, status=Status(raw.get("status", "closed")))


def conversations(source: str) -> list[Ticket]:
    """All tickets of one source."""
    return [ticket(raw) for raw in rows(SHARED / "conversations" / f"{source}.jsonl")]


@dataclass(frozen=True, slots=True)
class Sample:
    """Tickets with their labels, row by row.

    first (n × 3): scores of the first reading; target (n × 4): mean of the readings, then the emotional cue 0..1;
    readings: both readings where there are two (n × 3, the first twice otherwise); doubled: where there are two.
    """

    tickets: list[Ticket]
    scripts: list[Transcript]
    rows: NDArray[np.float64]
    source: NDArray[np.str_]
    first: NDArray[np.int_]
    second: NDArray[np.int_]
    doubled: NDArray[np.bool_]
    target: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.tickets)


def sample() -> Sample:
    """Every labelled ticket with the features that are counted; the heads' features are added by `fit.with_heads`."""
    labels = {row["id"]: row for row in rows(SHARED / "labels" / "qa_reference.jsonl")}
    tickets = [t for source in LABELLED for t in conversations(source) if t.id in labels]
    scripts = transcripts(tickets)
    found = [labels[t.id] for t in tickets]
    first = np.array([[row[d][0] for d in Dimension] for row in found])
    second = np.array([[row[d][-1] for d in Dimension] for row in found])
    cue = np.array([np.mean(row["cue"]) for row in found])
    return Sample(
        tickets,
        scripts,
        np.array([features.row(script) for script in scripts]),
        np.array([t.source for t in tickets]),
        first,
        second,
        np.array([len(row["tone"]) > 1 for row in found]),
        np.column_stack(((first + second) / 2, cue)),
    )


def transcripts(tickets: list[Ticket]) -> list[Transcript]:
    """What the judge reads of each ticket; every ticket must have a reply of a rep."""
    lexer = Lexer()
    found = []
    for one in tickets:
        who = responding(one)
        assert who is not None
        found.append(transcribe(one, who, lexer))
    return found
