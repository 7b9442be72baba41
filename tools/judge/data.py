"""What the judge is fitted on: shared conversations and labels, tickets written for it, marks on single sentences.

The shared ones are read where they stand; nothing of them is copied into the repository.
"""

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
from qatui.services.scoring.offline.marks import FEELING, MARKS
from qatui.services.scoring.offline.transcript import Transcript, transcribe

SHARED = Path(__file__).resolve().parents[2] / "../shared/data"
LABELLED = ("ibm", "maia", "stc3")
WRITTEN = "written"  # the source of the tickets that were written for the judge
_READINGS = Path(__file__).parent / "readings"


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
class Marks:
    """What readers marked in one ticket: feeling (customer's sentences, 0..FEELING), rep (rep's × MARKS, 0..1)."""

    feeling: NDArray[np.float64]
    rep: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sample:
    """Tickets with their labels, row by row; those of LABELLED first, then those that were written.

    group: tickets that share their customer's words, and never stand on both sides of a division.
    first (n × 3): scores of the first reading; target (n × 4): mean of the readings, then the emotional cue 0..1;
    second: the other reading where there are two (n × 3, the first again otherwise); doubled: where there are two.
    """

    tickets: list[Ticket]
    scripts: list[Transcript]
    rows: NDArray[np.float64]
    source: NDArray[np.str_]
    group: list[str]
    first: NDArray[np.int_]
    second: NDArray[np.int_]
    doubled: NDArray[np.bool_]
    target: NDArray[np.float64]
    marks: list[Marks]

    def __len__(self) -> int:
        return len(self.tickets)

    @property
    def real(self) -> NDArray[np.intp]:
        """The rows that figures are reported on: tickets of people, not those written for the judge."""
        return np.flatnonzero(self.source != WRITTEN)

    @property
    def written(self) -> NDArray[np.intp]:
        """The rows that were written for the judge; they help every fit, and nothing is reported on them."""
        return np.flatnonzero(self.source == WRITTEN)

    def part(self, keep: NDArray[np.intp]) -> Sample:
        """Some of the rows."""
        return Sample(
            [self.tickets[i] for i in keep],
            [self.scripts[i] for i in keep],
            self.rows[keep],
            self.source[keep],
            [self.group[i] for i in keep],
            self.first[keep],
            self.second[keep],
            self.doubled[keep],
            self.target[keep],
            [self.marks[i] for i in keep],
        )


def sample() -> Sample:
    """Every labelled ticket with the features that are counted; the heads' features are added by `fit.with_heads`."""
    labels = {row["id"]: row for row in rows(SHARED / "labels" / "qa_reference.jsonl")}
    tickets = [t for source in LABELLED for t in conversations(source) if t.id in labels]
    groups = {}
    for row in rows(_READINGS / "written.jsonl"):
        tickets.append(_written(row))
        labels[row["id"]] = row
        groups[row["id"]] = row["group"]
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
        [groups.get(t.id, "\n".join(s.customer_text)) for t, s in zip(tickets, scripts, strict=True)],
        first,
        second,
        np.array([len(row["tone"]) > 1 for row in found]),
        np.column_stack(((first + second) / 2, cue)),
        _marks(tickets, scripts),
    )


def _written(row: dict[str, Any]) -> Ticket:
    """A ticket from a row of written.jsonl, whose messages are pairs of 'c' or 'r' and a text."""
    messages = tuple(
        Message(str(at), Speaker.CUSTOMER, text)
        if side == "c"
        else Message(str(at), Speaker.REP, text, author=Rep("r", "Rep"))
        for at, (side, text) in enumerate(row["messages"])
    )
    return Ticket(source=WRITTEN, id=row["id"], messages=messages, status=Status.CLOSED)


def _marks(tickets: list[Ticket], scripts: list[Transcript]) -> list[Marks]:
    """The marks of each ticket, the mean where it was read more than once.

    Raises ValueError for a ticket without marks, or whose sentences are cut otherwise than when it was read.
    """
    readings: dict[str, list[dict[str, Any]]] = {}
    for row in rows(_READINGS / "marks.jsonl"):
        readings.setdefault(row["id"], []).append(row)
    found = []
    for ticket, script in zip(tickets, scripts, strict=True):
        sides = [len(script.customer), len(script.rep)]
        feeling, rep = np.zeros(sides[0]), np.zeros((sides[1], len(MARKS)))
        read = readings.get(ticket.id, [])
        if not read or any(row["sentences"] != sides for row in read):
            raise ValueError(f"marks.jsonl does not fit the sentences of {ticket.id}; they must be read again")
        for row in read:
            for at, strength in row["feeling"]:
                feeling[at] += strength / len(read)
            for at, names in row["rep"]:
                for name in names.split():
                    rep[at, MARKS.index(name)] += 1.0 / len(read)
        found.append(Marks(np.minimum(feeling, FEELING), rep))
    return found


def transcripts(tickets: list[Ticket]) -> list[Transcript]:
    """What the judge reads of each ticket; every ticket must have a reply of a rep."""
    lexer = Lexer()
    found = []
    for one in tickets:
        who = responding(one)
        assert who is not None
        found.append(transcribe(one, who, lexer))
    return found
