"""The blocks of a coaching pack as lines of a terminal, with a mark at the quote that is meant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from qatui.domain.coaching import Quoted
from qatui.services.coaching.blocks import (
    Block,
    Grid,
    Heading,
    Kind,
    Labelled,
    Paragraph,
    Point,
    Quotation,
    Trends,
)
from qatui.text import cell_len, fit, one_line
from qatui.widgets.charts import sparkline
from qatui.widgets.glyphs import glyphs
from qatui.widgets.lines import Line, LineView, Run
from qatui.widgets.wrapping import wrap

MEASURE = 90  # cells of a line of text: longer lines lose the reader's eye
MARGIN = 2  # cells left of everything; the mark of a quote stands there
INDENT = 3  # cells more before a quote
_PLAIN = str.maketrans("“”‘’·—–−÷…", "\"\"''----/~")
_FIRST = 8  # cells that the first column of a table keeps at least


class CoachingView(LineView, can_focus=True):
    """A pack to scroll through; `show` takes the blocks, `next_quote` and `previous_quote` walk its quotes."""

    DEFAULT_CSS = """
    CoachingView {
        height: 1fr;
        & > .coaching--title { color: $text-accent; text-style: bold; }
        & > .coaching--heading { text-style: bold; }
        & > .coaching--quiet { color: $text-muted; }
        & > .coaching--warning { color: $text-warning; text-style: bold; }
        & > .coaching--trend { color: $primary; }
        & > .coaching--mark { color: $accent; text-style: bold; }
        & > .coaching--here { background: $warning 20%; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "coaching--title",
        "coaching--heading",
        "coaching--quiet",
        "coaching--warning",
        "coaching--trend",
        "coaching--mark",
        "coaching--here",
    }

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._blocks: Sequence[Block] = ()
        self._here: int | None = None

    def show(self, blocks: Sequence[Block]) -> None:
        """Show these; the same pack read again keeps its place."""
        self._blocks = blocks
        if self._here is not None and self._here >= len(self.quotes):
            self._here = None
        self.rebuild()

    @property
    def quotes(self) -> list[Quoted]:
        """The quotes in reading order."""
        return [block.quote for block in self._blocks if isinstance(block, Quotation)]

    @property
    def quote(self) -> Quoted | None:
        """The quote that is meant."""
        return None if self._here is None else self.quotes[self._here]

    def next_quote(self) -> None:
        """To the next quote, from the last to the first."""
        if self.quotes:
            self._reach(0 if self._here is None else (self._here + 1) % len(self.quotes))

    def previous_quote(self) -> None:
        """To the quote before, from the first to the last."""
        if self.quotes:
            self._reach(len(self.quotes) - 1 if self._here is None else (self._here - 1) % len(self.quotes))

    def _reach(self, place: int) -> None:
        self._here = place
        self.rebuild()
        self.rebuilt()

    def rebuilt(self) -> None:
        """The quote that is meant stays in sight."""
        line = None if self._here is None else self.first_line(self._here)
        if line is not None:
            self.reveal(line, sum(each.item == self._here for each in self.lines))

    # Lines -----------------------------------------------------------------------------------------

    def build(self, width: int) -> Sequence[Line]:
        measure = max(20, min(MEASURE, width - MARGIN))
        lines: list[Line] = []
        number = 0
        before: Block | None = None
        for block in self._blocks:
            if before is not None and _apart(before, block):
                lines.append(Line())
            if isinstance(block, Quotation):
                lines += self._quotation(block, number, measure)
                number += 1
            else:
                lines += self._drawn(block, measure)
            before = block
        return lines

    def _drawn(self, block: Block, measure: int) -> Iterator[Line]:
        match block:
            case Heading(text, level):
                look = {1: "coaching--title", 3: "coaching--mark"}.get(level, "coaching--heading")
                yield from _wrapped([(_shown(text), look)], measure)
            case Paragraph(text, Kind.WARNING):
                yield from _wrapped([(f"! {_shown(text)}", "coaching--warning")], measure)
            case Paragraph(text, kind):
                yield from _wrapped([(_shown(text), "coaching--quiet" if kind is Kind.QUIET else "")], measure)
            case Point(text, count):
                bullet = f"{glyphs().dot} {_shown(text)}"
                tail = [(f"  {_shown(count)}", "coaching--quiet")] if count else []
                yield from _wrapped([(bullet, "coaching--heading"), *tail], measure, hanging=2)
            case Labelled(label, text):
                yield from _wrapped(
                    [(f"{_shown(label)}: ", "coaching--heading"), (_shown(text), "")], measure, hanging=2
                )
            case Trends(weeks, series):
                room = max(cell_len(each.label) for each in series)
                for each in series:
                    drawn = sparkline(each.values, len(weeks), low=each.low, high=each.high)
                    yield Line(
                        (
                            (" " * MARGIN + fit(_shown(each.label), room) + "  ", ""),
                            (drawn, "coaching--trend"),
                            (f"  {_shown(each.words)}", "coaching--quiet"),
                        )
                    )
            case Grid(header, rows):
                yield from _grid(header, rows, measure)

    def _quotation(self, block: Quotation, number: int, measure: int) -> Iterator[Line]:
        signs = glyphs()
        here = number == self._here
        mark: Run = (fit(signs.cursor if here else "", MARGIN), "coaching--mark")
        said = f"{signs.open_quote}{_shown(block.quote.text)}{signs.close_quote}"
        looks = (("", "coaching--here")[here], ("coaching--quiet", "coaching--here")[here])
        for text, look in ((said, looks[0]), (_shown(block.source), looks[1])):
            for start, end in wrap(text, measure - INDENT):
                yield Line((mark, (" " * INDENT, ""), (text[start:end], look)), number)


def _shown(text: str) -> str:
    """Text on one line, its typographic marks made plain where the locale is not UTF-8."""
    line = one_line(text)
    return line if glyphs().unicode else line.translate(_PLAIN)


def _apart(before: Block, block: Block) -> bool:
    """Whether a blank line stands between two blocks."""
    if isinstance(before, Heading) and before.level > 1:
        return isinstance(block, Quotation | Heading)
    if isinstance(before, Point):
        return not isinstance(block, Point | Quotation | Paragraph)
    if isinstance(before, Labelled):
        return not isinstance(block, Labelled | Point)
    if isinstance(before, Paragraph):
        return not isinstance(block, Paragraph | Quotation | Labelled)
    return True


def _wrapped(runs: Sequence[Run], measure: int, hanging: int = 0) -> Iterator[Line]:
    """Runs of text as lines with the margin before them; from the second line on `hanging` cells further in."""
    text = "".join(part for part, _ in runs)
    for place, (start, end) in enumerate(wrap(text, measure - hanging)):
        shown: list[Run] = [(" " * (MARGIN + (hanging if place else 0)), "")]
        at = 0
        for part, look in runs:
            left, right = max(start, at), min(end, at + len(part))
            if left < right:
                shown.append((text[left:right], look))
            at += len(part)
        yield Line(tuple(shown))


def _grid(header: tuple[str, ...], rows: Sequence[tuple[str, ...]], measure: int) -> Iterator[Line]:
    """A table as wide as it needs to be; where there is little room its first column is cut."""
    cells = [[_shown(cell) for cell in row] for row in (header, *rows)]
    widths = [max(cell_len(row[at]) for row in cells) for at in range(len(header))]
    gap = 2 if sum(widths) + 2 * (len(widths) - 1) <= measure else 1
    widths[0] = max(_FIRST, min(widths[0], measure - sum(widths[1:]) - gap * (len(widths) - 1)))
    for place, row in enumerate(cells):
        name = fit(row[0], widths[0])
        figures = "".join(
            " " * (gap + width - cell_len(cell)) + cell for cell, width in zip(row[1:], widths[1:], strict=True)
        )
        yield Line(((" " * MARGIN + name + figures, "" if place else "coaching--quiet"),))
