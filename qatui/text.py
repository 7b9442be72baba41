"""Foreign text made harmless: for a widget, a terminal, a CSV cell and the store; and cell widths.

Tickets are written by strangers. Nothing they wrote may steer a terminal, a spreadsheet or a widget.
"""

from __future__ import annotations

import sys

from rich.cells import cell_len, set_cell_size

REPLACEMENT = "\ufffd"

# Marks that reorder or hide what a reader sees: bidirectional embeddings, overrides and isolates,
# the Arabic letter mark, interlinear annotation, and the invisible tag characters.
_DECEIVING = (
    *range(0x202A, 0x202F),
    *range(0x2066, 0x206A),
    0x061C,
    0x200E,
    0x200F,
    *range(0xFFF9, 0xFFFC),
    *range(0xE0000, 0xE0080),
)

_VISIBLE: dict[int, str] = {
    **{code: chr(0x2400 + code) for code in range(0x20)},  # ESC is shown as ␛, never obeyed
    0x7F: "\u2421",
    **dict.fromkeys(range(0x80, 0xA0), REPLACEMENT),
    **dict.fromkeys(_DECEIVING, REPLACEMENT),
    **dict.fromkeys(range(0xD800, 0xE000), REPLACEMENT),
    0x2028: " ",
    0x2029: " ",
    ord("\n"): "\n",
    ord("\t"): " ",
    ord("\r"): " ",
}
_ONE_LINE = {**_VISIBLE, ord("\n"): " "}
_UNSTORABLE: dict[int, str] = {0: REPLACEMENT, **dict.fromkeys(range(0xD800, 0xE000), REPLACEMENT)}


def storable(text: str) -> str:
    """Text a database can keep: NUL and lone surrogates become U+FFFD; same length."""
    if "\0" not in text:
        try:
            text.encode()
        except UnicodeEncodeError:
            pass
        else:
            return text
    return text.translate(_UNSTORABLE)


def visible(text: str) -> str:
    """Text a terminal or widget can show: controls become their pictures, deceiving marks U+FFFD.

    Keeps the length, so a span (start, end) of a message means the same before and after. Line feeds stay;
    tabs and carriage returns become blanks. Markup is not touched: a widget shows this as content, never as markup.
    """
    return text.translate(_VISIBLE)


def one_line(text: str) -> str:
    """Like `visible`, for a table cell: line feeds become blanks and runs of blanks are folded."""
    return " ".join(text.translate(_ONE_LINE).split())


def csv_cell(text: str) -> str:
    """One CSV value: harmless to a terminal, and no formula when a spreadsheet opens the file."""
    shown = visible(text)
    return "'" + shown if shown[:1] in ("=", "+", "-", "@", "\t", "\r") else shown


def fit(text: str, width: int) -> str:
    """Exactly `width` terminal cells: cut with an ellipsis or padded with blanks; `text` is one line already."""
    if width <= 0:
        return ""
    if cell_len(text) <= width:
        return set_cell_size(text, width)
    return set_cell_size(set_cell_size(text, width - 1).rstrip() + ellipsis(), width)


def supports_unicode() -> bool:
    """Whether standard output can carry more than ASCII."""
    # A running Textual application replaces sys.stdout by an object without an encoding; the real one still tells.
    encoding = getattr(sys.stdout, "encoding", None) or getattr(sys.__stdout__, "encoding", None) or "ascii"
    return encoding.lower().replace("-", "") in {"utf8", "utf16", "utf32"}


def ellipsis() -> str:
    """The mark of cut text: one cell."""
    return "…" if supports_unicode() else "~"


__all__ = [
    "REPLACEMENT",
    "cell_len",
    "csv_cell",
    "ellipsis",
    "fit",
    "one_line",
    "storable",
    "supports_unicode",
    "visible",
]
