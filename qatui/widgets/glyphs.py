"""The signs that widgets draw with, and their ASCII fallback where the locale is not UTF-8."""

from __future__ import annotations

from dataclasses import dataclass

from qatui import text

CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"


@dataclass(frozen=True, slots=True)
class Glyphs:
    """One set of signs; every sign but the circled numbers and ASCII's spread is one cell wide."""

    unicode: bool
    cursor: str  # the row or quote under the cursor
    marked: str  # a row that was selected
    ascending: str
    descending: str
    thin: str  # repeated: a thin line
    minus: str
    spread: str  # before how far a figure may lie off
    close: str  # takes away what it stands behind
    dot: str  # separates facts on one line
    open_quote: str
    close_quote: str
    levels: str  # nine heights, from empty to full
    block: str  # one cell of a bar
    shades: str  # parts of a stacked bar, told apart without colour
    reviewed: str  # a person gave the scores
    disputed: str  # a person disputes them
    up: str
    down: str

    def number(self, index: int) -> str:
        """The sign of the quote at `index`, counted from 0: ① or (1)."""
        return CIRCLED[index] if self.unicode and index < len(CIRCLED) else f"({index + 1})"


UNICODE = Glyphs(
    unicode=True,
    cursor="▌",
    marked="●",
    ascending="▲",
    descending="▼",
    thin="┄",
    minus="−",
    spread="±",
    close="×",
    dot="·",
    open_quote="“",
    close_quote="”",
    levels=" ▁▂▃▄▅▆▇█",
    block="█",
    shades="█▓▒░",
    reviewed="✎",
    disputed="≠",
    up="↑",
    down="↓",
)

ASCII = Glyphs(
    unicode=False,
    cursor=">",
    marked="*",
    ascending="^",
    descending="v",
    thin="-",
    minus="-",
    spread="+-",
    close="x",
    dot="-",
    open_quote='"',
    close_quote='"',
    levels=" _.-:=+*#",
    block="#",
    shades="#=+.",
    reviewed="R",
    disputed="D",
    up="^",
    down="v",
)


def glyphs() -> Glyphs:
    """The signs that this terminal's locale can carry."""
    return UNICODE if text.supports_unicode() else ASCII
