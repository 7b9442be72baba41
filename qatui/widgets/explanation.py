"""Why a score is what it is: reason, quotes, cues and who judged; as a pane or floating beside a row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, tzinfo
from typing import ClassVar

from textual import events
from textual.geometry import Region
from textual.message import Message

from qatui.domain.listing import TicketView
from qatui.domain.rubric import Dimension
from qatui.domain.verdict import Evidence, Flag, Score, Unscored, Verdict
from qatui.text import cell_len, one_line, visible
from qatui.widgets.glyphs import glyphs
from qatui.widgets.lines import Line, LineView, Run
from qatui.widgets.quotes import Quote, quotes
from qatui.widgets.review_words import in_a_line, judges_scores
from qatui.widgets.words import SPEAKERS, certainty, provenance
from qatui.widgets.wrapping import flow, wrapped

WIDEST = 72  # cells of a popover: a line that long is still read in one go
ROOM = 20  # cells beside a popover in which rows can still be read; with fewer it takes the whole width


class ExplanationView(LineView, can_focus=True):
    """One dimension's explanation of one ticket. A quote can be walked to and chosen."""

    DEFAULT_CSS = """
    ExplanationView {
        height: 1fr;
        & > .explanation--title { text-style: bold; color: $text-accent; }
        & > .explanation--number { color: $accent; text-style: bold; }
        & > .explanation--speaker { color: $text-muted; }
        & > .explanation--chosen { text-style: bold underline; }
        & > .explanation--lowers { color: $text-error; }
        & > .explanation--raises { color: $text-success; }
        & > .explanation--muted { color: $text-muted; }
        & > .explanation--review { color: $accent; text-style: bold; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "explanation--title",
        "explanation--number",
        "explanation--speaker",
        "explanation--chosen",
        "explanation--lowers",
        "explanation--raises",
        "explanation--muted",
        "explanation--review",
    }

    class QuoteChosen(Message):
        """A quote was chosen: `index` counts from 0 within `dimension`, `evidence` says where it stands."""

        def __init__(self, explanation: ExplanationView, quote: Quote) -> None:
            self.explanation = explanation
            self.index = quote.index
            self.dimension = quote.dimension
            self.evidence: Evidence = quote.evidence
            super().__init__()

        @property
        def control(self) -> ExplanationView:
            return self.explanation

    def __init__(
        self, *, zone: tzinfo = UTC, reviews: bool = True, id: str | None = None, classes: str | None = None
    ) -> None:
        """`zone` is where the date of the judgement is shown; reviews: whether to say what people think."""
        super().__init__(id=id, classes=classes)
        self._zone = zone
        self._reviews = reviews
        self._hidden = ""
        self.me: int | None = None
        """The user id of the one who looks, who is called 'you'."""
        self._view: TicketView | None = None
        self._dimension = Dimension.TONE
        self._quotes: list[Quote] = []
        self._chosen: int | None = None

    def show(self, view: TicketView, dimension: Dimension, hidden: str = "") -> None:
        """Explain this score of this ticket; hidden: why it is not shown, said in its place."""
        self._view = view
        self._hidden = hidden
        self._dimension = dimension
        self._quotes = quotes(view, dimension)
        self._chosen = None
        self.action_home()
        self.rebuild()

    def clear(self) -> None:
        """Show nothing."""
        self._view = None
        self._quotes = []
        self._chosen = None
        self.rebuild()

    @property
    def view(self) -> TicketView | None:
        """The ticket that is explained."""
        return self._view

    @property
    def dimension(self) -> Dimension:
        """The dimension that is explained."""
        return self._dimension

    def action_next_quote(self) -> None:
        """To the next quote, from the last to the first."""
        self._step(1)

    def action_prev_quote(self) -> None:
        """To the quote before, from the first to the last."""
        self._step(-1)

    def action_choose_quote(self) -> None:
        """Choose the quote one has walked to; before any step, the first."""
        if self._quotes:
            self.post_message(self.QuoteChosen(self, self._quotes[self._chosen or 0]))

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        item = None if offset is None else self.item_at(offset.y)
        if item is not None:
            event.stop()
            self._chosen = item
            self.rebuild()
            self.action_choose_quote()

    def _step(self, step: int) -> None:
        if not self._quotes:
            return
        if self._chosen is None:
            self._chosen = 0 if step > 0 else len(self._quotes) - 1
        else:
            self._chosen = (self._chosen + step) % len(self._quotes)
        self.rebuild()
        line = self.first_line(self._chosen)
        if line is not None:
            self.reveal(line, sum(other.item == self._chosen for other in self.lines))

    def build(self, width: int) -> Sequence[Line]:
        """The lines of the explanation: title, reason, quotes, cues, who judged."""
        view = self._view
        if view is None:
            return ()
        if self._hidden:
            title = Line(((self._dimension.label, "explanation--title"),))
            return [title, Line(), *_paragraph(self._hidden, width, "explanation--muted")]
        outcome = view.judgement.outcome if view.judgement is not None else view.row.unscored
        if isinstance(outcome, Verdict):
            lines = self._scored(outcome, outcome.score(self._dimension), width)
        else:
            lines = self._unscored(outcome, width)
        if view.judgement is not None:
            lines += [Line(), *_paragraph(provenance(view.judgement, self._zone), width, "explanation--muted")]
        return lines

    def _unscored(self, unscored: Unscored | None, width: int) -> list[Line]:
        by = " by a judge" if self._view is not None and self._view.row.unscored is None else ""
        lines = [Line(((f"{self._dimension.label} {glyphs().dot} not scored{by}", "explanation--title"),))]
        lines += [*self._people(width), Line()]
        if unscored is not None:
            lines += _paragraph(unscored.reason.sentence, width)
            lines += _paragraph(unscored.detail, width, "explanation--muted") if unscored.detail else []
        return lines

    def _scored(self, verdict: Verdict, score: Score, width: int) -> list[Line]:
        signs = glyphs()
        spread = f" {signs.spread}{score.spread:.2g}" if score.spread is not None else ""
        title = f"{self._dimension.label} {score.value}{spread} of 5"
        if sure := certainty(score.sure):
            title += f" {signs.dot} {sure}"
        lines = [*_paragraph(title, width, "explanation--title"), *self._people(width), Line()]
        lines += _paragraph(score.explanation.text, width)
        if Flag.UNVERIFIED in verdict.flags:
            lines += _paragraph("A quote was not found in the messages and was dropped.", width, "explanation--muted")
        if self._quotes:
            lines.append(Line())
            column = max(len(SPEAKERS[quote.message.speaker]) for quote in self._quotes)
            for place, quote in enumerate(self._quotes):
                lines += self._quote(place, quote, column, width)
        if score.explanation.cues:
            lines += [Line(), *_cues(score, width)]
        return lines

    def _people(self, width: int) -> list[Line]:
        """What people say of this score, beside the judge's, each with their comment."""
        view = self._view
        if view is None or not self._reviews:
            return []
        judge = judges_scores(view)
        lines: list[Line] = []
        for review in view.reviews:
            if review.current:
                lines += _paragraph(in_a_line(review, judge, self._dimension, self.me), width, "explanation--review")
                if review.comment.strip():
                    signs = glyphs()
                    said = f"{signs.open_quote}{one_line(review.comment)}{signs.close_quote}"
                    lines += _paragraph(said, width, "explanation--muted")
        return lines

    def _quote(self, place: int, quote: Quote, column: int, width: int) -> list[Line]:
        signs = glyphs()
        chosen = place == self._chosen
        number = signs.number(quote.index)
        sign = signs.cursor if chosen else " "
        who = f"{SPEAKERS[quote.message.speaker]:<{column}}"
        indent = cell_len(number) + len(who) + 4
        text = f"{signs.open_quote}{one_line(quote.text)}{signs.close_quote}"
        style = "explanation--chosen" if chosen else ""
        lines: list[Line] = []
        for line in wrapped(text, max(12, width - indent)):
            head: tuple[Run, ...] = (
                ((f"{sign}{number} ", "explanation--number"), (f"{who}  ", "explanation--speaker"))
                if not lines
                else ((f"{sign:<{indent}}", "explanation--number"),)
            )
            lines.append(Line((*head, (line, style)), place))
        return lines


def _paragraph(text: str, width: int, style: str = "") -> list[Line]:
    return [Line(((line, style),)) for line in wrapped(visible(text).strip(), width)]


def _cues(score: Score, width: int) -> list[Line]:
    signs = glyphs()
    cues = score.explanation.cues
    items = [f"{signs.minus if cue.direction < 0 else '+'} {one_line(cue.words)}" for cue in cues]
    styles = ["explanation--lowers" if cue.direction < 0 else "explanation--raises" for cue in cues]
    lines: list[Line] = []
    for row in flow(items, width, 3):
        runs: list[Run] = []
        for index in row:
            runs += [("   ", "")] if runs else []
            runs.append((items[index], styles[index]))
        lines.append(Line(tuple(runs)))
    return lines


class ExplanationPopover(ExplanationView, can_focus=False):
    """An explanation that floats beside a row and never covers it. It never takes the focus.

    The screen mounts one, opens it over a region and closes it when something else happens; the cursor's moves stay
    with the table, so reading on needs no closing first.
    """

    DEFAULT_CSS = """
    ExplanationPopover {
        overlay: screen;
        position: absolute;
        constrain: inside;
        display: none;
        width: 72;
        height: auto;
        padding: 0 1;
        background: $panel;
        border-left: outer $accent;
    }
    """

    def open(self, view: TicketView, dimension: Dimension, row: Region) -> None:
        """Show this explanation next to a row or cell (a region of the screen): below if there is room, else above."""
        self.show(view, dimension)
        self._place(row)
        self.display = True

    def close(self) -> None:
        """Hide it."""
        self.display = False

    @property
    def is_open(self) -> bool:
        return self.display

    def _place(self, row: Region) -> None:
        screen = self.screen.region
        frame = self.styles.gutter
        width = WIDEST if screen.width >= WIDEST + ROOM else screen.width
        needed = len(self.build(width - frame.width - 1)) + frame.height  # one cell is the scrollbar's
        placed = beside(row, screen, width, needed)
        self.styles.width = placed.width
        self.styles.height = placed.height
        self.absolute_offset = placed.offset
        self.refresh(layout=True)


def beside(row: Region, screen: Region, width: int, needed: int) -> Region:
    """Where something `width` x `needed` cells floats near a row without covering it: below if it fits there or there
    is more room than above, else above; less high where there is no room for all."""
    below, above = screen.bottom - row.bottom, row.y - screen.y
    down = below >= needed or below >= above
    height = max(1, min(needed, below if down else above))
    x = max(screen.x, min(row.x - 2, screen.right - width))
    return Region(x, row.bottom if down else row.y - height, width, height)
