"""Small charts of text: trends, bars and stacks, as plain strings of an exact width."""

from __future__ import annotations

from collections.abc import Sequence

from qatui.widgets.glyphs import glyphs


def sparkline(
    values: Sequence[float | None], width: int = 12, *, low: float | None = None, high: float | None = None
) -> str:
    """The last `width` values as one character each, right-aligned; None is a gap.

    Heights run from `low` to `high`, by default from the least to the greatest value; where all are the same the
    line is in the middle. A value outside is drawn at the edge.
    """
    levels = glyphs().levels[1:]
    shown = list(values)[-width:] if width > 0 else []
    known = [value for value in shown if value is not None]
    if not known:
        return " " * max(0, width)
    least = min(known) if low is None else low
    span = (max(known) if high is None else high) - least
    drawn = [
        " " if value is None else levels[_step((value - least) / span if span > 0 else 0.5, len(levels))]
        for value in shown
    ]
    return "".join(drawn).rjust(width)


def bar(value: float, most: float, width: int) -> str:
    """A horizontal bar of `value` against `most`, `width` cells; anything above 0 is at least one cell."""
    share = 0.0 if most <= 0 else max(0.0, min(1.0, value / most))
    full = round(share * width)
    if value > 0 and most > 0:
        full = max(1, full)
    return (glyphs().block * min(full, width)).ljust(width)


def stacked(values: Sequence[float], width: int) -> str:
    """Parts of a whole as one bar of exactly `width` cells, each in its own shade; empty where the sum is 0.

    Cells are given out by largest remainder, so that they add up; a part above 0 gets a cell where there are enough.
    """
    shades = glyphs().shades
    total = sum(values)
    if total <= 0 or width <= 0:
        return " " * max(0, width)
    exact = [max(0.0, value) / total * width for value in values]
    cells = [max(int(share), 1 if share > 0 else 0) for share in exact]
    while sum(cells) > width:
        # What is there stays visible: a part of one cell gives its cell only where no part has more.
        cells[max(range(len(cells)), key=lambda part: (cells[part] > 1, cells[part] - exact[part], cells[part]))] -= 1
    while sum(cells) < width:
        cells[max(range(len(cells)), key=lambda part: exact[part] - cells[part])] += 1
    return "".join(shades[part % len(shades)] * count for part, count in enumerate(cells))


def _step(share: float, steps: int) -> int:
    """The step 0..steps-1 of a share 0..1."""
    return max(0, min(steps - 1, int(share * steps)))
