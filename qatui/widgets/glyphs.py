"""The signs that widgets draw with, and their ASCII fallback where the locale is not UTF-8."""

from __future__ import annotations

from dataclasses import dataclass

from qatui import text

CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"


@dataclass(frozen=True, slots=True)
class Glyphs:
    """One set of signs; every sign but the circled numbers is one cell wide."""

    unicode: bool
    cursor: str  # the row or quote under the cursor
    marked: str  # a row that was selected
    ascending: str
    descending: str
    thin: str  # repeated: a thin line
    minus: str
    close: str  # takes away what it stands behind
    dot: str  # separates facts on one line
    open_quote: str
    close_quote: str
    levels: str  # nine heights, from empty to full
    block: str  # one cell of a bar
    shades: str  # parts of a stacked bar, told apart without colour
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
    close="×",
    dot="·",
    open_quote="“",
    close_quote="”",
    levels=" ▁▂▃▄▅▆▇█",
    block="█",
    shades="█▓▒░",
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
    close="x",
    dot="-",
    open_quote='"',
    close_quote='"',
    levels=" _.-:=+*#",
    block="#",
    shades="#=+.",
    up="^",
    down="v",
)


def glyphs() -> Glyphs:
    """The signs that this terminal's locale can carry."""
    return UNICODE if text.supports_unicode() else ASCII
