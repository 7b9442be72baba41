"""What strangers write never steers the screens: every screen with the worst of it, in every place it can come from."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from qatui.domain.conversation import Rep
from qatui.domain.verdict import Reason, Unscored
from qatui.text import one_line, storable
from tests.ui.driving import NARROW, WIDE, driving
from tests.ui.fake_workspace import NOW, make_view

HOSTILE = {
    "markup": "[/x] [bold]hi[/] [@click=app.quit]press me[/] $accent",
    "ansi": "\x1b[2J\x1b[31mred\x1b[0m \x9b31m",
    "osc": "\x1b]52;c;aGFja2Vk\x07 \x1b]0;title\x07 \x1bP1$r\x1b\\",
    "bidi": "abc \u202ecba\u202c \u2066x\u2069 \u200f",
    "controls": "".join(chr(code) for code in range(1, 32)) + "\x7f\x85",
    "nul": storable("a\0b"),
    "surrogate": storable("a\ud800b"),
    "long word": "w" * 5000,
    "wide": "日本語" * 200 + "👩‍👩‍👧‍👦🇩🇪e\u0301",
    "newlines": "\n\r\n\t" * 40 + "end",
    "empty": "",
}
ESCAPES = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def views(text: str):
    rep = Rep("r1", text or "Ana", text or None)
    scored = make_view(
        1, rep, (2, 3, 4), closed_at=NOW - timedelta(days=1), channel=text or None, name=text, asked=text + " please",
        replied=text + " here is the answer to what you asked", url="https://desk.example/" + text,
    )  # fmt: skip
    failed = make_view(
        2, rep, None, closed_at=NOW - timedelta(days=2), name=text, unscored=Unscored(Reason.JUDGE_FAILED, text)
    )  # fmt: skip
    return [replace(view, row=replace(view.row, id=f"{text[:40]}{view.row.row_id}")) for view in (scored, failed)]


@pytest.mark.parametrize("size", [NARROW, WIDE])
@pytest.mark.parametrize("kind", HOSTILE)
async def test_every_screen_shows_hostile_text_as_text(kind: str, size: tuple[int, int]) -> None:
    text = HOSTILE[kind]
    async with driving(views(text), size=size) as driver:
        seen = []

        async def look() -> None:
            await driver.quiet()
            seen.append(driver.text())

        await driver.rows()
        await driver.press("j", "tab", "space")
        await look()
        await driver.press("escape", "enter")  # the rep's tickets
        await driver.rows()
        await look()
        await driver.press("space")
        await look()
        await driver.press("escape", "enter", "e", "tab", "e")
        await driver.until(lambda: driver.screen.SCREEN == "ticket" and driver.screen.view is not None)
        await look()
        await driver.press("y")
        await look()
        await driver.press("escape", "u")
        await driver.rows()
        await driver.press("space")
        await look()
        await driver.press("escape", "/")
        await look()
        assert driver.app.is_running
        for screenful in seen:
            assert not ESCAPES.search(screenful)
        if kind == "markup":
            assert any("[@click=app.quit]" in screenful for screenful in seen)


@pytest.mark.parametrize("kind", [kind for kind in HOSTILE if kind != "empty"])
async def test_commands_and_filters_take_hostile_text_as_text(kind: str) -> None:
    line = one_line(HOSTILE[kind])
    async with driving() as driver:
        await driver.rows()
        await driver.command(line)
        await driver.command(f"filter {line}")
        await driver.command(f"sort {line}")
        await driver.quiet()
        assert driver.app.is_running
        assert not ESCAPES.search(driver.text())
