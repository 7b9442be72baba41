"""The pack for a rep's one-to-one: read on screen, its quotes opened in their tickets, and written to a file."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.message import Message

from qatui.domain.coaching import Pack
from qatui.domain.listing import TicketFilter
from qatui.errors import QatuiError
from qatui.screens.coaching_view import CoachingView
from qatui.screens.frame import Placard, bindings
from qatui.screens.moving import MovesInLines
from qatui.screens.prompt import AsksInALine
from qatui.screens.style import style
from qatui.screens.ticket import TicketScreen
from qatui.services.coaching.page import page
from qatui.services.coaching.saving import Form, document, free_name, save
from qatui.text import one_line
from qatui.widgets.lines import LineView


@dataclass
class PackRead(Message):
    """A pack was gathered from the rows of a revision."""

    pack: Pack
    revision: int


@dataclass
class PackWritten(Message):
    """A pack was written to a file, or why it was not."""

    path: Path
    error: QatuiError | None


class CoachingScreen(MovesInLines, AsksInALine, inherit_bindings=False):
    """One rep's pack of the tickets that `where` leaves; `rep` is a name or key `source/id`."""

    SCREEN = "coaching"
    CSS_PATH = style("coaching")
    BINDINGS = bindings("coaching")
    HINTS: ClassVar[tuple[str, ...]] = ("coaching.quote", "coaching.open", "coaching.write", "go.back")

    def __init__(self, rep: str, where: TicketFilter, directory: Path | None = None) -> None:
        """directory: where files are written unless a path is typed, by default where qatui was started."""
        super().__init__()
        self._rep = rep
        self._where = where
        self._directory = directory or Path.cwd()
        self._revision = -1
        self.pack: Pack | None = None

    def compose_page(self) -> ComposeResult:
        yield CoachingView(id="pack")
        placard = Placard("placard")
        placard.display = False
        yield placard

    @property
    def view(self) -> CoachingView:
        return self.query_one(CoachingView)

    @property
    def moved(self) -> LineView:
        return self.view

    def on_mount(self) -> None:
        self.focus_page()

    def focus_page(self) -> None:
        self.view.focus()

    def where_words(self) -> tuple[str, ...]:
        return () if self.pack is None else (self.pack.rep.name, "coaching")

    # Reading ---------------------------------------------------------------------------------------

    def load(self) -> None:
        if self._revision != self.session.revision:
            self.start("pack", "gathering the pack", self._read, self.session.revision)

    def do_app_refresh(self, _argument: str) -> None:
        """Gather the pack again."""
        self._revision = -1
        self.load()

    async def _read(self, revision: int) -> None:
        self.post_message(PackRead(await self.session.open.coaching.pack(self._rep, self._where), revision))

    @on(PackRead)
    def _show_pack(self, message: PackRead) -> None:
        self.pack, self._revision = message.pack, message.revision
        self.query_one("#placard").display = False
        self.view.display = True
        self.view.show(page(message.pack, self.session.zone))
        self.session.desk.seen |= {each.row.row_id for each in (*message.pack.exemplary, *message.pack.difficult)}
        self.session.desk.seen |= {quote.row_id for quote in self.view.quotes}
        keys = self.session.keys
        self.note.stand(
            f"{len(self.view.quotes)} quotes: {keys.label('coaching.quote')} to the next, "
            f"{keys.label('coaching.open')} opens its ticket; {keys.label('coaching.write')} writes the pack to a file."
        )
        self.refresh_frame()

    def show_failure(self, error: QatuiError, doing: str) -> None:
        """Where no pack was read yet the reason stands in its place."""
        if self.pack is not None:
            super().show_failure(error, doing)
            return
        placard = self.query_one("#placard", Placard)
        placard.show("error", one_line(error.message), one_line(error.hint))
        placard.display = True
        self.view.display = False

    # Quotes ----------------------------------------------------------------------------------------

    def why_disabled(self, action_id: str) -> str | None:
        if not action_id.startswith("coaching."):
            return super().why_disabled(action_id)
        if self.pack is None:
            return "There is no pack to read here."
        if action_id != "coaching.write" and not self.view.quotes:
            return "This pack has no quotes."
        if action_id == "coaching.open" and self.view.quote is None:
            return f"Go to a quote first: {self.session.keys.label('coaching.quote')}."
        return None

    def do_coaching_quote(self, _argument: str) -> None:
        """To the next quote."""
        self.view.next_quote()
        self.refresh_frame()

    def do_coaching_quote_back(self, _argument: str) -> None:
        """To the quote before."""
        self.view.previous_quote()
        self.refresh_frame()

    def do_coaching_open(self, _argument: str) -> None:
        """The ticket of the quote that is marked, at the words where they are a quote of the score."""
        quote = self.view.quote
        if quote is not None:
            self.app.push_screen(TicketScreen(quote.row_id, dimension=quote.dimension, evidence=quote.evidence))

    # Writing ---------------------------------------------------------------------------------------

    async def do_coaching_write(self, argument: str) -> None:
        """Write the pack to the file that is named, or ask for its name."""
        assert self.pack is not None
        if argument:
            self._write(argument)
        else:
            await self.ask_for("Write to (.html or .md):", self._write, str(free_name(self._directory, self.pack)))

    def _write(self, name: str) -> None:
        if name and self.pack is not None:
            path = self._directory / Path(name).expanduser()
            self.start("write", "writing the pack", self._save, path, self.pack)

    async def _save(self, path: Path, pack: Pack) -> None:
        try:
            await asyncio.to_thread(save, path, document(pack, self.session.zone, Form.of(path)))
        except QatuiError as error:
            self.post_message(PackWritten(path, error))
        else:
            self.post_message(PackWritten(path, None))

    @on(PackWritten)
    def _written(self, message: PackWritten) -> None:
        if message.error is not None:
            self.say(one_line(str(message.error)), "warning")
        else:
            self.say(f"Wrote {one_line(str(message.path))}.", "good")

    async def do_go_back(self, _argument: str) -> None:
        """Back to the reps."""
        self.dismiss()
