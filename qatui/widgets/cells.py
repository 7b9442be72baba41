"""Foreign text and styled content cut to terminal cells, so that columns stay aligned in every terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from rich.cells import set_cell_size
from rich.segment import Segment
from textual.content import Content
from textual.strip import Strip
from textual.style import Style

from qatui.text import cell_len, ellipsis, one_line, visible

Cell = Content | str
Part = tuple[str, Style]

LONGEST = 2_000  # characters of one cell that are looked at: nobody's terminal is wider, and a cell may hold a novel

# Marks that join or colour neighbouring characters: terminals disagree about the width of the result, so that one
# family emoji would shift every column to its right. Without them each character has a width all agree on.
_UNSTEADY: dict[int, str | None] = {
    **dict.fromkeys((0xAD, 0xFEFF, *range(0x200B, 0x200E), *range(0x2060, 0x2065), *range(0xFE00, 0xFE10))),
    **dict.fromkeys(range(0x1F3FB, 0x1F400)),
    **{0x1F1E6 + letter: chr(ord("A") + letter) for letter in range(26)},  # a flag is two letters
}


def steady(text: str) -> str:
    """The same text with nothing in it whose width depends on the terminal."""
    return text if text.isascii() else text.translate(_UNSTEADY)


def plain(cell: Cell) -> str:
    """A cell's whole text on one harmless line."""
    return one_line(cell.plain if isinstance(cell, Content) else cell)


def parts(cell: Cell, base: Style) -> list[Part]:
    """A cell as harmless, styled runs of text on one line; links and actions inside a style are dropped."""
    if isinstance(cell, str) or not cell.spans:
        return [(steady(one_line(str(cell)[:LONGEST])), base)]
    harmless = Content(visible(cell.plain).replace("\n", " "), list(cell.spans), strip_control_codes=False)
    return [(steady(text), base + inert(style)) for text, style in harmless[:LONGEST].render(end="")]


def inert(style: Style) -> Style:
    """The look of a style without anything that can be clicked."""
    return replace(style, _meta=None, link=None) if style._meta or style.link else style


def fit_parts(runs: Sequence[Part], width: int, align: str, base: Style) -> list[Part]:
    """Runs of text cut with an ellipsis or padded with blanks to exactly `width` cells."""
    total = sum(cell_len(text) for text, _ in runs)
    if total <= width:
        blank = (" " * (width - total), base)
        return [blank, *runs] if align == "right" else [*runs, blank]
    kept: list[Part] = []
    left = width - 1  # one cell is for the ellipsis
    for text, style in runs:
        size = cell_len(text)
        if size > left:
            return [*kept, (set_cell_size(text, left) + ellipsis(), style)]
        kept.append((text, style))
        left -= size
    return kept


def strip(runs: Iterable[Part], width: int) -> Strip:
    """One line of a widget. Neighbours that look the same become one segment, for each sends its style anew."""
    segments: list[Segment] = []
    texts: list[str] = []
    current: Style | None = None
    for text, style in runs:
        if not text:
            continue
        if current is None:
            current = style
        elif style is not current and style != current and not (text.isspace() and _same_blank(style, current)):
            so_far = "".join(texts)
            if not (so_far.isspace() and _same_blank(style, current)):  # else the margin takes the look of what follows
                segments.append(Segment(so_far, current.rich_style))
                texts = []
            current = style
        texts.append(text)
    if current is not None:
        segments.append(Segment("".join(texts), current.rich_style))
    return Strip(segments).adjust_cell_length(width, current.rich_style if current else None)


def _same_blank(style: Style, other: Style) -> bool:
    """Whether a blank looks the same in both: only what is drawn without a letter counts."""
    return style.background == other.background and not (
        style.underline or style.reverse or style.strike or other.underline or other.reverse or other.strike
    )
