"""The lines of a table: its header, its rows, and what is said where there are none."""

from __future__ import annotations

from collections.abc import Sequence

from textual.strip import Strip
from textual.style import Style

from qatui.text import one_line
from qatui.widgets.cells import Part, fit_parts, parts, steady, strip
from qatui.widgets.columns import GAP, GUTTER, Placed, Row
from qatui.widgets.glyphs import glyphs
from qatui.widgets.wrapping import wrapped

# The cell cursor must be seen without colour; Textual drops `reverse` from the styles of component classes.
CELL_FOCUSED = Style(bold=True, reverse=True)
CELL = Style(bold=True, underline=True)


def header_line(
    columns: Sequence[Placed[Row]], sort: tuple[str, bool] | None, style: Style, sorted_style: Style, width: int
) -> Strip:
    """The titles, that of the column by which rows are sorted with a mark."""
    signs = glyphs()
    runs: list[Part] = [(" " * GUTTER, style)]
    for number, placed in enumerate(columns):
        title, look = one_line(placed.column.title), style
        if sort is not None and sort[0] == placed.column.key:
            sign = signs.descending if sort[1] else signs.ascending
            look = sorted_style
            title = f"{title} {sign}" if len(title) + 2 <= placed.width else title[: placed.width - 1] + sign
        if number:
            runs.append((" " * GAP, style))
        runs += fit_parts([(steady(title), look)], placed.width, placed.column.align, style)
    return strip(runs, width)


def row_line(
    columns: Sequence[Placed[Row]],
    row: Row,
    gutter: Sequence[Part],
    style: Style,
    cell: str | None,
    focused: bool,
    width: int,
) -> Strip:
    """One row; `cell` is the column under the cell cursor, if the row has it."""
    runs: list[Part] = list(gutter)
    for number, placed in enumerate(columns):
        if number:
            runs.append((" " * GAP, style))
        column = placed.column
        look = style + (CELL_FOCUSED if focused else CELL) if column.key == cell else style
        runs += fit_parts(parts(column.cell(row), look), placed.width, column.align, look)
    return strip(runs, width)


def sentence_line(sentences: Sequence[str], line: int, style: Style, width: int) -> Strip:
    """Line number `line` of sentences that are wrapped to the table's width, with air above them."""
    lines = [text for sentence in sentences if sentence for text in wrapped(one_line(sentence), width - GUTTER)]
    text = steady(lines[line - 1]) if 0 < line <= len(lines) else ""
    return strip(fit_parts([(" " * GUTTER + text, style)], width, "left", style), width)
