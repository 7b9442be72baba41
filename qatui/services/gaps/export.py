"""Short answers for other programs: Markdown for a help centre, JSON lines and CSV rows for scripts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from qatui.domain.gap_topic import AnswerRow
from qatui.text import one_line, visible

_MARKS = re.compile(r"([\\`*_\[\]<>#|!])")
HEADER = ("topic", "name", "question", "answer", "author", "at", "version", "conversations", "since_answer")


def plain(row: AnswerRow) -> dict[str, Any]:
    """One answer with the keys of HEADER; times as ISO 8601 in UTC."""
    answer = row.answer
    values = (
        row.topic.topic, row.topic.name, answer.question, answer.answer, answer.author,
        answer.at.isoformat().replace("+00:00", "Z"), answer.version, row.topic.conversations, row.topic.since_answer,
    )  # fmt: skip
    return dict(zip(HEADER, values, strict=True))


def json_lines(rows: Iterable[AnswerRow]) -> Iterator[str]:
    """One JSON object a line, ASCII only."""
    for row in rows:
        yield json.dumps(plain(row)) + "\n"


def markdown(rows: Sequence[AnswerRow]) -> Iterator[str]:
    """A document: the question as a heading, the answer below it as it was written, then who wrote it when."""
    yield "# Short answers\n"
    for row in rows:
        answer = row.answer
        yield f"\n## {_escaped(one_line(answer.question))}\n\n"
        yield visible(answer.answer) + "\n"
        yield f"\n*{_escaped(one_line(row.topic.name))} · {_escaped(one_line(answer.author))}, {answer.at:%Y-%m-%d}*\n"


def _escaped(line: str) -> str:
    """A line in which nothing is a mark of Markdown or HTML; answers are a person's own Markdown and stay."""
    return _MARKS.sub(r"\\\1", line)
