"""How the figures, dates and reviews of a coaching pack read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from qatui.domain.coaching import Pattern
from qatui.domain.metrics import Tally
from qatui.domain.review import Review, Stand
from qatui.domain.rubric import Dimension

NONE = "—"


def count(number: int, noun: str) -> str:
    """'1 ticket', '4,556 tickets'."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def means(tally: Tally) -> tuple[str, ...]:
    """The three means with one decimal, a dash without tickets."""
    return tuple(NONE if (mean := tally.mean(d)) is None else f"{mean:.1f}" for d in Dimension)


def day(at: datetime | None, zone: ZoneInfo) -> str:
    """'2 Mar 2026'."""
    return "date unknown" if at is None else date_words(at.astimezone(zone))


def date_words(of: date) -> str:
    """'2 Mar 2026'."""
    return f"{of.day} {of:%b %Y}"


def sentence(words: str) -> str:
    """Words with a capital at the beginning."""
    return words[:1].upper() + words[1:]


def cut(text: str, most: int = 60) -> str:
    """Text on one line, short enough to stand in a sentence."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def judge_words(name: str) -> str:
    """'the embedded judge (offline · 3)', or the name of the model that was asked."""
    return f"the embedded judge ({name})" if name.startswith("offline") else name


def dimensions(pattern: Pattern) -> str:
    """'Tone and Empathy'."""
    *most, last = (dimension.label for dimension in pattern.dimensions)
    return f"{', '.join(most)} and {last}" if most else last


def reasons(unscored: Mapping[str, int]) -> str:
    """'too short 5, no rep reply 2'."""
    return ", ".join(f"{reason.replace('_', ' ')} {number:,}" for reason, number in unscored.items())


def review_words(review: Review) -> str:
    """What a person said of the scores, and their comment."""
    if review.stand is Stand.DISPUTED or review.scores is None:
        said = "disputes the scores"
    else:
        scores = ", ".join(f"{d.label} {review.scores.of(d)}" for d in Dimension)
        said = f"agrees: {scores}" if review.stand is Stand.AGREED else scores
    return f"{said}. {cut(review.comment, 500)}" if review.comment.strip() else f"{said}."
