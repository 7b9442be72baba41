"""How a change that somebody made is told, with the key that takes it back."""

from __future__ import annotations

from qatui.actions import Keys
from qatui.text import one_line
from qatui.widgets.figures import printable
from qatui.widgets.glyphs import glyphs


def change_words(happened: str, keys: Keys, back: str) -> str:
    """What happened, as the log words it; back: the action that takes it back, an undo or a redo."""
    sentence = printable(one_line(happened))
    verb = "makes it again" if back.endswith("redo") else "undoes it"
    return f"{sentence[:1].upper()}{sentence[1:]} {glyphs().dot} {keys.label(back)} {verb}"
