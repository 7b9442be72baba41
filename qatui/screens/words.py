"""How figures and what is behind them read: numbers, intervals, formulas, reasons."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from datetime import datetime
from zoneinfo import ZoneInfo

from qatui.domain.metrics import FEW, Mapping, Tally
from qatui.domain.rubric import RUBRIC, Dimension
from qatui.domain.verdict import Reason
from qatui.text import supports_unicode

_REASONS = {
    Reason.WAITING: "waiting",
    Reason.NOT_CLOSED: "still open",
    Reason.NO_REP_REPLY: "no rep reply",
    Reason.NO_CUSTOMER_MESSAGE: "no customer message",
    Reason.TOO_SHORT: "too short",
    Reason.SPAM: "spam",
    Reason.UNSUPPORTED_LANGUAGE: "unsupported language",
    Reason.JUDGE_FAILED: "judge failed",
}


def reason_words(reason: str) -> str:
    """An unscored reason in two or three words; unknown ones as they are stored."""
    try:
        return _REASONS[Reason(reason.partition(":")[0])]
    except ValueError:
        return reason.replace("_", " ")


def reasons(unscored: MappingType[str, int]) -> str:
    """'too short 5, no rep reply 2', most frequent first."""
    counted: dict[str, int] = {}
    for reason, tickets in unscored.items():
        words = reason_words(reason)
        counted[words] = counted.get(words, 0) + tickets
    ordered = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
    return ", ".join(f"{words} {tickets:,}" for words, tickets in ordered)


def tickets(count: int) -> str:
    """'1 ticket', '4,556 tickets'."""
    return f"{count:,} ticket" + ("" if count == 1 else "s")


def plus_minus() -> str:
    return "±" if supports_unicode() else "+-"


def overall(tally: Tally, mapping: Mapping) -> str:
    """'72 % ±1', 'few' below FEW tickets, '—' without any."""
    percent = tally.overall_percent(mapping)
    if percent is None:
        return none()
    if tally.few:
        return "few"
    half = half_interval(tally, mapping)
    return f"{percent:.0f} %" + (f" {plus_minus()}{half:.0f}" if half is not None else "")


def half_interval(tally: Tally, mapping: Mapping) -> float | None:
    """Half the width of the 95 % interval, in percentage points."""
    interval = tally.interval_percent(mapping)
    return None if interval is None else (interval[1] - interval[0]) / 2


def none() -> str:
    """What stands where there is no figure; never a 0."""
    return "—" if supports_unicode() else "-"


def mean(tally: Tally, dimension: Dimension) -> str:
    """'3.6', or a dash without tickets."""
    value = tally.mean(dimension)
    return none() if value is None else f"{value:.1f}"


def explain_overall(tally: Tally, mapping: Mapping) -> list[str]:
    """The overall score with its formula in numbers."""
    percent = tally.overall_percent(mapping)
    if percent is None:
        return ["No ticket here has a score, so there is no overall score."]
    sums = " + ".join(f"{getattr(tally, dimension.value):,}" for dimension in Dimension)
    top = f"({sums}) ÷ (3 × {tally.tickets:,})"
    formula = f"{top} ÷ 5" if mapping is Mapping.OF_FIVE else f"({top} − 1) ÷ 4"
    lines = [
        f"{mapping.formula[:1].upper()}{mapping.formula[1:]}, from the sums of Tone, Clarity and Empathy:",
        f"{formula} = {percent:.1f} %.",
    ]
    interval = tally.interval_percent(mapping)
    if interval:
        low, high = interval
        lines.append(f"95 % interval {low:.1f} to {high:.1f} % (Student's t over {tickets(tally.tickets)}).")
    if tally.few:
        lines.append(f"Fewer than {FEW} tickets are too few to judge.")
    return lines


def explain_dimension(tally: Tally, dimension: Dimension) -> list[str]:
    """One mean with its formula in numbers."""
    value = tally.mean(dimension)
    meaning = RUBRIC[dimension].meaning
    if value is None:
        return [meaning, "No ticket here has a score."]
    total = getattr(tally, dimension.value)
    lines = [
        meaning,
        f"Sum of scores ÷ scored tickets: {total:,} ÷ {tally.tickets:,} = {value:.2f} of 5.",
    ]
    if tally.few:
        lines.append(f"Fewer than {FEW} tickets are too few to judge.")
    return lines


def when(at: datetime | None, zone: ZoneInfo, now: datetime) -> str:
    """'2 Mar 14:31', with the year instead of the time where it is not this one."""
    if at is None:
        return none()
    local = at.astimezone(zone)
    if local.year != now.astimezone(zone).year:
        return f"{local.day} {local:%b %Y}"
    return f"{local.day} {local:%b %H:%M}"
