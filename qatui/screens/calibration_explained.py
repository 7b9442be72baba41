"""What each number of the Calibration screen says about itself, and the tickets behind it."""

from __future__ import annotations

from datetime import tzinfo
from enum import StrEnum

from qatui.domain import calibration_words as words
from qatui.domain.agreement import LEVELS, RESAMPLES, Agreement
from qatui.domain.calibration import CalibrationReport, Chosen, Pair
from qatui.domain.rubric import Dimension
from qatui.screens.performance_explained import Explained, Line
from qatui.widgets.words import day


class Figure(StrEnum):
    """The figures of a dimension, in the order of their columns."""

    TICKETS = "tickets"
    EXACT = "exact"
    WITHIN_ONE = "within_one"
    DIFFERENCE = "difference"
    KAPPA = "kappa"
    INTERVAL = "interval"


def text(figure: Figure, found: Agreement) -> str | None:
    """A figure as it stands in its column; None where there is none."""
    match figure:
        case Figure.TICKETS:
            return f"{found.pairs:,}"
        case Figure.EXACT:
            return words.percent(found.exact, found.pairs)
        case Figure.WITHIN_ONE:
            return words.percent(found.within_one, found.pairs)
        case Figure.DIFFERENCE:
            return words.difference(found.mean_difference)
        case Figure.KAPPA:
            return words.two_decimals(found.kappa)
        case Figure.INTERVAL:
            return words.between(found.interval)


def chosen(figure: Figure, dimension: Dimension) -> Chosen:
    """The tickets behind a figure: those that it counts."""
    apart = {Figure.EXACT: (0, 0), Figure.WITHIN_ONE: (0, 1)}.get(figure)
    return Chosen(dimension=dimension, apart=apart)


def _line(number: int, meaning: str, role: str = "") -> Line:
    return Line(role=role, words=meaning, number=number, behind=None)


def explain_figure(figure: Figure, dimension: Dimension, report: CalibrationReport) -> Explained:
    """A figure's formula with its own numbers, and what was left out."""
    found = report.agreements[dimension]
    made = {
        Figure.TICKETS: _tickets,
        Figure.EXACT: _exact,
        Figure.WITHIN_ONE: _within_one,
        Figure.DIFFERENCE: _difference,
        Figure.KAPPA: _kappa,
        Figure.INTERVAL: _interval,
    }[figure](report, found)
    title, formula, working, lines, remarks = made
    return Explained(
        title=f"{dimension.label}: {title}",
        place=f"{report.first.name} against {report.second.name}",
        formula=formula,
        working=working,
        lines=tuple(lines),
        remarks=tuple(remark for remark in remarks if remark),
    )


Made = tuple[str, str, str, list[Line], list[str]]


def _tickets(report: CalibrationReport, found: Agreement) -> Made:
    left = report.left_out
    lines = [_line(found.pairs, "tickets that both have scored on the same words")]
    if report.human:
        lines += [
            _line(report.blind, "scored blind", "of these"),
            _line(report.own, "with the judge's scores in sight", "of these"),
            _line(report.agreed, "agreed with the judge's scores", "of these"),
        ]
        lines += [
            _line(number, meaning, "reviews left out")
            for number, meaning in (
                (left.unread, "of words that the other has not scored"),
                (left.older, "older than another of the same ticket"),
                (left.seen, "not blind"),
                (left.disputes, "disputes without scores"),
            )
            if number
        ]
    return "tickets", "one for each ticket, in its newest state that both have scored", f"{found.pairs:,}", lines, []


def _share(part: int, whole: int) -> str:
    return f"{part:,} ÷ {whole:,} = {100 * part / whole:.1f} %" if whole else "—"


def _exact(_report: CalibrationReport, found: Agreement) -> Made:
    lines = [_line(found.exact, "twice the same score", "numerator"), _line(found.pairs, "tickets", "denominator")]
    lines += [
        _line(found.apart(distance), f"{distance} apart", "left out")
        for distance in range(1, LEVELS)
        if found.apart(distance)
    ]
    return "exact", "tickets with twice the same score ÷ tickets", _share(found.exact, found.pairs), lines, []


def _within_one(_report: CalibrationReport, found: Agreement) -> Made:
    far = found.pairs - found.within_one
    lines = [
        _line(found.within_one, "the same score, or 1 apart", "numerator"),
        _line(found.pairs, "tickets", "denominator"),
        _line(far, "2 apart or more", "left out"),
    ]
    working = _share(found.within_one, found.pairs)
    return "within one", "tickets whose scores differ by 1 at most ÷ tickets", working, lines, []


def _difference(report: CalibrationReport, found: Agreement) -> Made:
    one, other = found.sums
    value = found.mean_difference
    working = "—" if value is None else f"({one:,} − {other:,}) ÷ {found.pairs:,} = {words.difference(value)}"
    lines = [
        _line(one, f"sum of the scores by {report.first.name}"),
        _line(other, f"sum of the scores by {report.second.name}"),
        _line(found.pairs, "tickets"),
    ]
    formula = f"(sum of the scores by {report.first.name} − sum by {report.second.name}) ÷ tickets"
    return "mean difference", f"{formula}: above 0 the first is more generous", working, lines, []


def _kappa(report: CalibrationReport, found: Agreement) -> Made:
    formula = (
        "1 − squared differences ÷ squared differences by chance, if each gave as many of every score as it does, but "
        "to tickets drawn at random: 1 is full agreement, 0 what chance gives"
    )
    value = words.two_decimals(found.kappa)
    working = f"1 − {found.squares:,} ÷ {found.squares_by_chance:,.1f} = {value}" if value else "—"
    lines = [_line(found.squares, "sum of the squared differences"), _line(found.pairs, "tickets")]
    missing = found.no_kappa(report.first.name, report.second.name)
    few = f"{words.few(found.pairs)}: look at the interval." if value and found.few else ""
    return "quadratically weighted kappa", formula, working, lines, [missing, few]


def _interval(report: CalibrationReport, found: Agreement) -> Made:
    formula = f"the middle 95 % of the kappas of {RESAMPLES:,} draws of as many tickets, with replacement"
    lines = [_line(found.pairs, "tickets")]
    remark = ""
    if found.interval is None:
        remark = found.no_kappa(report.first.name, report.second.name) or (
            "Most draws hold one score throughout and have no kappa: there is too little spread for an interval."
        )
    return "95 % interval of kappa", formula, words.between(found.interval) or "—", lines, [remark]


def explain_cell(cell: tuple[int, int], dimension: Dimension, report: CalibrationReport) -> Explained:
    """A cell of the confusion matrix beside what chance would put there."""
    found = report.agreements[dimension]
    first, second = cell
    number, row, column = found.table[first - 1][second - 1], found.firsts[first - 1], found.seconds[second - 1]
    by_chance = f"{row:,} × {column:,} ÷ {found.pairs:,} = {row * column / found.pairs:,.1f}" if found.pairs else "—"
    return Explained(
        title=f"{dimension.label} {first} by {report.first.name}, {second} by {report.second.name}",
        place="",
        formula=f"tickets with these two scores; by chance it would be {by_chance}",
        working=f"{number:,} of {words.tickets(found.pairs)}",
        lines=(
            _line(number, "tickets with both"),
            _line(row, f"got {first} by {report.first.name}"),
            _line(column, f"got {second} by {report.second.name}"),
        ),
    )


def explain_pair(pair: Pair, report: CalibrationReport, zone: tzinfo) -> Explained:
    """One ticket's scores by both, and how the person came to theirs."""
    lines = tuple(
        _line(
            abs(pair.apart(dimension)),
            f"apart in {dimension.label}: {pair.first.of(dimension)} by {report.first.name}, "
            f"{pair.second.of(dimension)} by {report.second.name}",
        )
        for dimension in Dimension
    )
    how = (
        "agreed with the judge's scores" if pair.agreed else "scored blind" if pair.blind else "saw the judge's scores"
    )
    who = f"{pair.who} {how}, {day(pair.at, zone)}." if pair.who else f"The newer of both is of {day(pair.at, zone)}."
    return Explained(
        title=pair.row.name,
        place=pair.row.key,
        formula=who,
        working=f"furthest apart: {pair.furthest}",
        lines=lines,
    )
