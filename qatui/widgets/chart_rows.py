"""What is drawn line by line: bars, the table of the same numbers, and tiles of single figures."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.geometry import Region

from qatui.domain.performance import Unit
from qatui.text import cell_len, fit, one_line
from qatui.widgets.chart_columns import mark
from qatui.widgets.charts import bar, sparkline
from qatui.widgets.figures import MUTED, POINTED, Chart, Drawn, Item, Spot, cut, joined, window
from qatui.widgets.glyphs import glyphs

NAME = 20  # cells for the name of a line, at most
TILE = 5  # lines of a tile
GAP = 2


def draw_bars(
    chart: Chart, width: int, height: int, item: int, series: int, *, first: int = 0, pointed: bool = True
) -> Drawn:
    """A line per item: name, a bar of its first number, all numbers under their titles."""
    names = max((cell_len(each.label) for each in chart.items), default=0)
    label = min(NAME, names, max(6, width // 3))
    columns = _columns(chart)
    numbers = sum(columns) + GAP * len(columns)
    room = max(3, width - label - numbers - 2)
    most = 1.0 if chart.series[0].unit is Unit.SHARE else max((each.values[0] or 0 for each in chart.items), default=0)
    head = Content.assemble(" " * (label + room + 2), _titles(chart, columns))

    def line(each: Item) -> list[tuple[str, str]]:
        value = each.values[0]
        drawn = bar(value or 0, most, room)
        return [(fit(one_line(each.label), label) + " ", ""), (drawn, chart.series[0].look), (" ", "")]

    return _lines(chart, head, columns, line, label + room + 2, width, height, item, series, first, pointed)


def draw_table(
    chart: Chart, width: int, height: int, item: int, series: int, *, first: int = 0, pointed: bool = True
) -> Drawn:
    """The numbers of a chart: a line per item, a column per series, and the marks of its week."""
    marks = 2 if any(mark(each) for each in chart.items) else 0
    columns = _columns(chart)
    room = width - marks - sum(columns) - GAP * len(columns)
    longest = max((cell_len(each.name) for each in chart.items), default=0)
    names = [each.name if longest <= room else each.label for each in chart.items]
    label = max(6, min(room, max(map(cell_len, names), default=0)))
    named = dict(zip(chart.items, names, strict=True))
    head = Content.assemble(" " * (label + marks), _titles(chart, columns))

    def line(each: Item) -> list[tuple[str, str]]:
        return [(fit(one_line(named[each]), label), ""), (f" {mark(each):<{marks - 1}}" if marks else "", MUTED)]

    return _lines(chart, head, columns, line, label + marks, width, height, item, series, first, pointed)


def _columns(chart: Chart) -> list[int]:
    """How wide each column of numbers is."""
    return [
        max([cell_len(each.title), *(cell_len(chart.text(item, number)) for item in range(len(chart.items)))])
        for number, each in enumerate(chart.series)
    ]


def _titles(chart: Chart, columns: Sequence[int]) -> Content:
    return Content.assemble(
        *((" " * GAP + f"{each.title:>{size}}", MUTED) for each, size in zip(chart.series, columns, strict=True))
    )


def _lines(  # type: ignore[no-untyped-def]
    chart: Chart, head: Content, columns: Sequence[int], line, start: int, width: int, height: int, item: int,
    series: int, first: int, pointed: bool,
) -> Drawn:  # fmt: skip
    """The head, as many items as have room, and how many there are above and below."""
    seen = max(1, min(len(chart.items), height - 1 - (len(chart.items) > height - 1)))
    first = window(first, seen, len(chart.items), item)
    lines = [cut(head, width)]
    spots = []
    for index in range(first, min(len(chart.items), first + seen)):
        here = pointed and index == item
        runs: list[tuple[str, str]] = [
            (text, f"{look} on $panel".strip() if here else look) for text, look in line(chart.items[index])
        ]
        x = start
        y = len(lines)
        for number, size in enumerate(columns):
            text = chart.text(index, number)
            tint = "on $panel" if here else ""
            runs.append((" " * (GAP + size - cell_len(text)), tint))
            runs.append((text, f"bold {POINTED}" if here and number == series else tint))
            spots.append(Spot(Region(x if number else 0, y, GAP + size + (0 if number else x), 1), index, number))
            x += GAP + size
        lines.append(cut(joined(runs), width))
    above, below = first, len(chart.items) - first - seen
    if above or below:
        up, down = glyphs().up, glyphs().down
        words = [f"{up} {above:,} more"] * bool(above) + [f"{down} {below:,} more"] * bool(below)
        lines.append(Content.styled("   ".join(words), MUTED))
    return Drawn(lines, spots, first)


def draw_tiles(
    chart: Chart, width: int, height: int, item: int, series: int, *, first: int = 0, pointed: bool = True
) -> Drawn:
    """Figures side by side: title, figure, what it rests on, what it is beside, trend by week."""
    size = max(1, width // max(1, len(chart.items)))
    lines: list[list[tuple[str, str]]] = [[] for _ in range(TILE)]
    spots = []
    for index, each in enumerate(chart.items):
        here = pointed and index == item
        cells = size - (1 if size < 18 else GAP)
        texts = [
            (one_line(each.label), MUTED),
            (chart.text(index, 0), f"bold {POINTED}" if here else "bold"),
            *((words, MUTED) for words in (*each.lines, "", "")[:2]),
            (_trend(each, chart.series[index].unit, cells), chart.series[index].look),
        ]
        for line, (text, look) in zip(lines, texts, strict=True):
            shown = fit(text, cells).rstrip() if "reverse" in look else fit(text, cells)
            line += [(shown, look), (" " * (size - cell_len(shown)), "")]
        spots.append(Spot(Region(index * size, 0, cells, TILE), index, 0))
    return Drawn([joined(line) for line in lines][:height], spots)


def _trend(item: Item, unit: Unit, cells: int) -> str:
    """A figure's last weeks, counts from 0 on, with the mark of the latest one where it is not over."""
    known = [value for value in item.trend if value is not None]
    if not known:
        return ""
    low, high = (0.0, max(1.0, *known)) if unit is Unit.COUNT else (None, None)
    return sparkline(item.trend, min(cells - 1, len(item.trend)), low=low, high=high) + mark(item)
