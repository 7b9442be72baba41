"""What a figure of the Performance screen says about itself, and which rows stand behind each part of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from qatui.domain.performance import METRICS, MetricExplanation, MetricId, Part, Unit, explain
from qatui.domain.performance_behind import Behind
from qatui.domain.performance_counts import SELECTIONS, Count, Counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One count of an explanation. behind: the rows it stands for; None where there are none to list."""

    role: str
    words: str
    number: int
    behind: Behind | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """A figure with its formula, its own numbers and what was left out.

    place: of which week, channel or period; lines: the counts, of which the one at `opens` stands for the figure
    itself (None: several do, one chooses); whole_time: the rows are not bound to the chosen period.
    """

    title: str
    place: str
    formula: str
    working: str
    lines: tuple[Line, ...]
    remarks: tuple[str, ...] = ()
    opens: int | None = 0
    whole_time: bool = False


@dataclass(frozen=True, slots=True)
class Other:
    """The settled handled episodes that were neither resolved nor handed off."""

    title: str = "Other"
    parts: tuple[Count, ...] = (Count.DEFLECTED_UNRESOLVED, Count.HUMAN_JOINED)


OTHER = Other()
Figure = MetricId | Count | Other
"""What a number of a chart is: a metric, a bare count, or the sum of two."""


def unit(figure: Figure) -> Unit:
    """What a figure is measured in."""
    return METRICS[figure].unit if isinstance(figure, MetricId) else Unit.COUNT


def value(figure: Figure, counts: Counts) -> float | None:
    """A figure of some counts; medians are of a whole period and not made here."""
    if isinstance(figure, MetricId):
        return METRICS[figure].value(counts)
    if isinstance(figure, Count):
        return counts.of(figure)
    return sum(counts.of(part) for part in figure.parts)


def explained(figure: Figure, counts: Counts, place: str, where: Behind) -> Explained:
    """A figure of some counts; `where` names the week or channel they belong to."""
    if isinstance(figure, MetricId):
        return of_metric(explain(figure, counts), place, where)
    if isinstance(figure, Count):
        words = SELECTIONS[figure].words
        line = Line(role="", words=words, number=counts.of(figure), behind=replace(where, count=figure))
        title = words[:1].upper() + words[1:]
        return Explained(title=title, place=place, formula="", working=f"{line.number:,}", lines=(line,))
    lines = tuple(
        Line(role="", words=SELECTIONS[part].words, number=counts.of(part), behind=replace(where, count=part))
        for part in figure.parts
    )
    working = " + ".join(f"{line.number:,}" for line in lines) + f" = {sum(line.number for line in lines):,}"
    formula = "settled handled episodes that were neither resolved nor handed off"
    return Explained(title=figure.title, place=place, formula=formula, working=working, lines=lines, opens=None)


def of_metric(explanation: MetricExplanation, place: str, where: Behind, *, whole_time: bool = False) -> Explained:
    """A metric's explanation with the rows behind its parts."""
    parts = [("numerator" if explanation.denominator else "", explanation.numerator)]
    if explanation.denominator:
        parts.append(("denominator", explanation.denominator))
    parts += [("left out", part) for part in explanation.left_out]
    provisional = "Provisional: what is pending enters when it settles." if explanation.provisional else ""
    return Explained(
        title=explanation.metric.title,
        place=place,
        formula=explanation.metric.formula,
        working=explanation.working,
        lines=tuple(_line(role, part, where) for role, part in parts),
        remarks=(provisional,) if provisional else (),
        whole_time=whole_time,
    )


def _line(role: str, part: Part, where: Behind) -> Line:
    behind = replace(where, count=part.count) if part.count is not None else None
    return Line(role=role, words=part.words, number=part.number, behind=behind)
