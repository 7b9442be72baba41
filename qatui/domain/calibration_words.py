"""How figures of agreement read, in ASCII: the same on the command line and on screen."""

from __future__ import annotations

from collections.abc import Iterator

from qatui.domain.agreement import FEW_PAIRS, Interval
from qatui.domain.calibration import CalibrationReport


def percent(part: int, whole: int) -> str | None:
    """A share as '66 %'; '>99 %' and '<1 %' where rounding would claim all or none; None of nothing."""
    if not whole:
        return None
    rounded = round(100 * part / whole)
    if rounded == 100 and part < whole:
        return ">99 %"
    if rounded == 0 and part:
        return "<1 %"
    return f"{rounded} %"


def difference(value: float | None) -> str | None:
    """A mean difference with its sign, '+0.12'; none at what rounds to nothing."""
    if value is None:
        return None
    return f"{value:+.2f}" if round(value, 2) else "0.00"


def two_decimals(value: float | None) -> str | None:
    """A kappa: '0.76'."""
    return None if value is None else f"{value:.2f}"


def between(interval: Interval | None) -> str | None:
    """An interval: '0.74 to 0.78'."""
    return None if interval is None else f"{interval[0]:.2f} to {interval[1]:.2f}"


def tickets(number: int) -> str:
    """'1 ticket', '1,186 tickets'."""
    return f"{number:,} ticket{'' if number == 1 else 's'}"


def few(number: int) -> str:
    """'1 ticket is few', '5 tickets are few'."""
    return f"{tickets(number)} {'is' if number == 1 else 'are'} few"


def how_people_came_to_theirs(found: CalibrationReport) -> str:
    """How many of the pairs are independent evidence; empty between judges, and without pairs."""
    if not found.human or not found.pairs:
        return ""
    parts = [
        f"{found.blind:,} scored blind" if found.blind else "",
        f"{found.own:,} with the judge's scores in sight" if found.own else "",
        f"{found.agreed:,} agreed with" if found.agreed else "",
    ]
    words = f"By people: {', '.join(part for part in parts if part)}."
    if found.own or found.agreed:
        words += " What is not blind makes agreement look higher."
    return words


def left_out(found: CalibrationReport) -> str:
    """What of people's reviews takes no part, and why; empty where all do."""
    left = found.left_out
    other = found.second if found.first.human else found.first
    reasons = (
        (left.unread, f"of words that {other.name} has not scored"),
        (left.older, "older than another of the same ticket"),
        (left.seen, "not blind"),
        (left.disputes, "dispute without scores" if left.disputes == 1 else "disputes without scores"),
    )
    words = [f"{number:,} {why}" for number, why in reasons if number]
    return f"Reviews left out: {', '.join(words)}." if words else ""


def cautions(found: CalibrationReport) -> Iterator[str]:
    """What keeps the figures from being taken at their word."""
    missing: dict[str, list[str]] = {}
    for dimension, each in found.agreements.items():
        if each.pairs and (why := each.no_kappa(found.first.name, found.second.name)):
            missing.setdefault(why, []).append(dimension.label)
    for why, labels in missing.items():
        yield f"{', '.join(labels)}: {why[0].lower()}{why[1:]}"
    if 0 < found.pairs < FEW_PAIRS:
        yield f"{few(found.pairs)}: look at the interval, not at the kappa; from {FEW_PAIRS} on it narrows."
