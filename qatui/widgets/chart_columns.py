"""Columns over weeks: one value each, or a whole with its parts stacked."""

from __future__ import annotations

import math
from collections.abc import Sequence

from textual.content import Content
from textual.geometry import Region

from qatui.domain.performance import Unit, duration_words
from qatui.text import cell_len, fit, one_line
from qatui.widgets.charts import stacked
from qatui.widgets.figures import MUTED, POINTED, Chart, Drawn, Item, Series, Shape, Spot, compact, cut, joined, window
from qatui.widgets.glyphs import glyphs

WIDEST = 6  # cells of a column
AXIS = 8  # cells for the numbers of the axis
BELOW = 4  # lines below the columns: the axis, dates, and two of numbers
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_TIMES = tuple(
    number * size for size, numbers in ((1, (2, 10, 30)), (_MINUTE, (1, 2, 10, 30)), (_HOUR, (1, 2, 4, 6, 8, 12)),
                                        (_DAY, (1, 2, 4, 6, 14, 28))) for number in numbers
)  # fmt: skip
_SHARES = (0.02, 0.04, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0)

Run = tuple[str, str]


def partial_mark() -> str:
    """What stands below a week that is not over, or that the period cuts."""
    return "◐" if glyphs().unicode else "*"


def provisional_mark() -> str:
    """What stands below a week whose rates will still change."""
    return "◌" if glyphs().unicode else "~"


def marks_words(items: Sequence[Item]) -> str:
    """The legend of the marks that occur: `◐ partial  ◌ provisional`."""
    words = []
    if any(item.partial for item in items):
        words.append(f"{partial_mark()} partial")
    if any(item.provisional and not item.partial for item in items):
        words.append(f"{provisional_mark()} provisional")
    return "  ".join(words)


def mark(item: Item) -> str:
    """The mark of a week, empty where it is whole and final."""
    return partial_mark() if item.partial else provisional_mark() if item.provisional else ""


def top(most: float, unit: Unit) -> float:
    """The end of an axis on which `most` has room: a round number that also has a round half."""
    if most <= 0:
        return {Unit.COUNT: 2, Unit.SHARE: 1.0, Unit.SECONDS: _HOUR}[unit]
    if unit is Unit.SHARE:
        return min((share for share in _SHARES if share >= most), default=1.0)
    if unit is Unit.SECONDS:
        return next((time for time in _TIMES if time >= most), math.ceil(most / _TIMES[-1]) * _TIMES[-1])
    if most <= 2:
        return 2
    power: float = 10 ** math.floor(math.log10(most))
    return next(
        step * power for step in (1, 1.2, 1.6, 2, 3, 4, 6, 8, 10) if step * power >= most and step * power % 2 == 0
    )


def axis_words(value: float, unit: Unit) -> str:
    """A number of the axis, short: `400`, `12k`, `60 %`, `12 h`."""
    match unit:
        case Unit.SHARE:
            return f"{value * 100:.0f} %"
        case Unit.SECONDS:
            return duration_words(value)
        case Unit.COUNT:
            if value < 10_000:
                return f"{value:,.0f}"
            return f"{value / 1e6:g}M" if value >= 1e6 else f"{value / 1e3:g}k"


def draw_columns(
    chart: Chart, width: int, height: int, item: int, series: int, *, first: int = 0, pointed: bool = True
) -> Drawn:
    """The chart in exactly `height` lines, the cursor on a number of it; `pointed`: whether the cursor is shown."""
    rows = max(1, height - BELOW)
    count = len(chart.items)
    slot = max(1, min(WIDEST + 1, (width - AXIS) // max(1, count)))
    seen = max(1, min(count, (width - AXIS) // slot))
    first = window(first, seen, count, item)
    shown = chart.items[first : first + seen]
    end = top(max((each.values[0] or 0 for each in chart.items), default=0), chart.series[0].unit)
    pillars = [_pillar(chart, each, end, rows) for each in shown]
    bar = max(1, slot - 1) if slot > 1 else 1
    lines = []
    for row in range(rows):
        runs: list[Run] = [(_axis_label(row, rows, end, chart.series[0].unit), MUTED)]
        for number, pillar in enumerate(pillars):
            sign, look = pillar[rows - 1 - row]
            here = pointed and first + number == item
            tint = f"{look} on $panel".strip() if here else look
            runs.append((sign * bar, tint))
            runs.append((" " * (slot - bar), ""))
        lines.append(joined(runs))
    more = (first > 0, first + seen < count)
    lines.append(_base(shown, slot, bar, width, more))
    lines.append(_dates(shown, slot, bar, item - first if pointed else None, width))
    lines += _numbers(chart, item, series, width, pointed=pointed)
    spots = [
        Spot(Region(AXIS + number * slot, 0, bar, rows + 2), first + number, series) for number in range(len(shown))
    ]
    return Drawn(lines, spots, first)


def _axis_label(row: int, rows: int, end: float, unit: Unit) -> str:
    """The number of the axis left of a line: at the top and, where there is room, in the middle."""
    if row == 0:
        text = axis_words(end, unit)
    elif rows >= 5 and row == rows - rows // 2:
        text = axis_words(end * (rows // 2) / rows, unit) if rows % 2 == 0 else ""
    else:
        text = ""
    return f"{text:>{AXIS - 1}} "


def _pillar(chart: Chart, item: Item, end: float, rows: int) -> list[Run]:
    """One column from the bottom up: for each line a sign and its colour."""
    whole = item.values[0]
    if whole is None:
        return [(" ", "")] * rows
    if chart.shape is Shape.STACKED:
        return _stack(chart, item, whole, end, rows)
    signs = glyphs()
    look = chart.series[0].look
    eighths = round(whole / end * rows * 8)
    if item.partial or item.provisional:
        shade = signs.shades[2 if item.partial else 1]
        full = max(1, round(eighths / 8)) if whole > 0 else 0
        cells = [shade] * full
    else:
        full, rest = divmod(eighths, 8)
        cells = [signs.block] * full + ([signs.levels[rest]] if rest else [])
    if not cells:
        cells = [signs.levels[1]]
    return [(sign, look) for sign in cells[:rows]] + [(" ", "")] * (rows - len(cells))


def _stack(chart: Chart, item: Item, whole: float, end: float, rows: int) -> list[Run]:
    """The parts of one column, the first at the bottom, each in its own shade and colour."""
    parts = _parts(chart)
    height = max(1, round(whole / end * rows)) if whole > 0 else 0
    signs = stacked(_values(chart, item), height)
    shades = glyphs().shades
    cells = [(sign, parts[shades.index(sign)].look) for sign in signs if sign in shades]
    return cells + [(" ", "")] * (rows - len(cells))


def _parts(chart: Chart) -> tuple[Series, ...]:
    """The parts in the order of their shades; what they leave of the whole comes first."""
    return ((chart.rest,) if chart.rest else ()) + chart.series[1:]


def _values(chart: Chart, item: Item) -> list[float]:
    parts = [value or 0.0 for value in item.values[1:]]
    return ([(item.values[0] or 0.0) - sum(parts)] if chart.rest else []) + parts


def _base(shown: Sequence[Item], slot: int, bar: int, width: int, more: tuple[bool, bool]) -> Content:
    """The line on which the columns stand: a mark below partial and provisional weeks, arrows where more lie beyond."""
    signs = glyphs()
    cells = "".join((mark(item) or signs.thin).center(bar, signs.thin) + signs.thin * (slot - bar) for item in shown)
    earlier, later = ("◂", "▸") if signs.unicode else ("<", ">")
    ends = (earlier if more[0] else " "), (later if more[1] else "")
    line = fit(cells, width - AXIS - len(ends[1])).rstrip() + ends[1]
    return Content.styled(f"{'0':>{AXIS - 1}}{ends[0]}{line}", MUTED)


def _dates(shown: Sequence[Item], slot: int, bar: int, pointed: int | None, width: int) -> Content:
    """Dates below the columns, as many as have room; the one of the cursor always, and reversed."""
    room = width - AXIS
    free = [True] * room
    placed: list[tuple[int, str, str]] = []

    def place(number: int, look: str) -> None:
        text = shown[number].label
        x = max(0, min(number * slot, room - cell_len(text)))
        if all(free[max(0, x - 1) : x + cell_len(text) + 1]):
            free[x : x + cell_len(text)] = [False] * cell_len(text)
            placed.append((x, text, look))

    if pointed is not None and 0 <= pointed < len(shown):
        place(pointed, f"bold {POINTED}")
    step = max(1, math.ceil((max((cell_len(item.label) for item in shown), default=1) + 1) / slot))
    for number in range(len(shown) - 1, -1, -step):
        place(number, MUTED)
    runs: list[Run] = [(" " * AXIS, "")]
    x = 0
    for start, text, look in sorted(placed):
        runs += [(" " * (start - x), ""), (text, look)]
        x = start + cell_len(text)
    return Content.assemble(*runs)


def _numbers(chart: Chart, item: int, series: int, width: int, *, pointed: bool) -> list[Content]:
    """Two lines: the first number and its week; the other numbers, which are the legend too."""
    week = chart.items[item]
    states = "".join(f", {word}" for word, holds in _states(week) if holds)
    head = Content.assemble(
        *_number(chart, item, 0, "", look="bold", pointed=pointed and series == 0),
        (f"   {one_line(week.name)}{states}", MUTED),
    )
    legend = Content("")
    for gap, short in ((3, False), (2, False), (1, False), (2, True), (1, True)):
        legend = _legend(chart, item, series if pointed else -1, gap, short=short)
        if legend.cell_length <= width:
            break
    return [cut(head, width), cut(legend, width)]


def _legend(chart: Chart, item: int, pointed: int, gap: int, *, short: bool) -> Content:
    """The numbers beside the first, those of parts with their shades; `short`: large counts only roughly."""
    shades = glyphs().shades
    stack = chart.shape is Shape.STACKED
    runs: list[Run] = []
    if chart.rest is not None and stack:
        left = _values(chart, chart.items[item])[0]
        number = compact(left) if short else f"{left:,.0f}"
        runs += [(f"{shades[0]} ", chart.rest.look), (f"{chart.rest.title} {number}", ""), (" " * gap, "")]
    for series in range(1, len(chart.series)):
        sign = shades[(series - 1 + (chart.rest is not None)) % len(shades)] + " " if stack else ""
        runs += _number(chart, item, series, sign, look="", pointed=pointed == series, short=short)
        runs.append((" " * gap, ""))
    return Content.assemble(*runs[:-1])


def _states(week: Item) -> tuple[tuple[str, bool], ...]:
    return ("partial", week.partial), ("provisional", week.provisional)


def _number(
    chart: Chart, item: int, series: int, sign: str, *, look: str, pointed: bool, short: bool = False
) -> list[Run]:
    shown = chart.series[series]
    number = chart.items[item].values[series]
    text = compact(number) if short and number is not None and shown.unit is Unit.COUNT else chart.text(item, series)
    runs: list[Run] = [(sign, shown.look)] if sign else []
    return [*runs, (f"{shown.title} {text}", f"bold {POINTED}" if pointed else look)]
