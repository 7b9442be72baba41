"""What stands behind a rep's or team's means: distributions, what lowered them, and tickets to read."""

from __future__ import annotations

from textual.app import RenderResult
from textual.content import Content
from textual.widget import Widget

from qatui.domain.listing import GroupDetail, TicketRow
from qatui.domain.metrics import Mapping
from qatui.domain.rubric import Dimension
from qatui.screens import words
from qatui.screens.groups import GroupRow
from qatui.screens.ticket_list import low_mark
from qatui.text import fit, one_line, supports_unicode
from qatui.widgets.charts import bar


class RepsPane(Widget):
    """The pane at the right of the Reps screen."""

    def __init__(self) -> None:
        super().__init__(id="detail")
        self._row: GroupRow | None = None
        self._detail: GroupDetail | None = None
        self._mapping = Mapping.OF_FIVE

    def show(self, row: GroupRow, detail: GroupDetail, mapping: Mapping) -> None:
        """Show what is behind this row."""
        self._row, self._detail, self._mapping = row, detail, mapping
        self.refresh(layout=True)

    def render(self) -> RenderResult:
        if self._row is None or self._detail is None:
            return Content("")
        width = max(20, self.size.width)
        parts = [
            Content.styled(fit(one_line(self._row.name), width).rstrip(), "bold $accent"),
            Content.styled(
                f"{words.overall(self._row.tally, self._mapping)}, {words.tickets(self._row.tally.tickets)}",
                "$foreground-muted",
            ),
            Content(""),
        ]
        parts += self._distributions(width)
        if self._detail.lowered_by:
            parts += [Content(""), Content.styled("Lowered most often by", "bold")]
            parts += [_cue(dimension, text, count, width) for dimension, text, count in self._detail.lowered_by]
        for title, rows in (("Exemplary", self._detail.exemplary), ("Difficult", self._detail.difficult)):
            if rows:
                parts += [Content(""), Content.styled(title, "bold")]
                parts += [_ticket(row, width) for row in rows]
        return Content("\n").join(parts)

    def _distributions(self, width: int) -> list[Content]:
        """Tickets per score, one small bar per level, the scores side by side."""
        assert self._detail is not None
        column = (width - 4) // len(Dimension)
        lines = [Content.assemble("  ", *((fit(d.label, column), "bold") for d in Dimension))]
        for score in range(5, 0, -1):
            cells: list[Content | tuple[str, str]] = [(f"{score} ", "$foreground-muted")]
            for dimension in Dimension:
                counts = self._detail.distributions.get(dimension, (0, 0, 0, 0, 0))
                number = f"{counts[score - 1]:,}"
                room = max(3, column - 7)
                drawn = bar(counts[score - 1], max(counts), room)
                cells.append((fit(f"{drawn}{number:>5}", column), "$text-error" if score <= 2 else "$primary"))
            lines.append(Content.assemble(*cells))
        return lines


def _cue(dimension: Dimension, text: str, count: int, width: int) -> Content:
    minus = "−" if supports_unicode() else "-"
    left = fit(f"{minus} {one_line(text)}", max(8, width - 18))
    return Content.assemble(left, (f" {dimension.label.lower():<8} {count:>6,}", "$foreground-muted"))


def _ticket(row: TicketRow, width: int) -> Content:
    scores = " ".join(
        words.none() if score is None else f"{score}{low_mark() if score <= 2 else ''}"
        for score in map(row.value, Dimension)
    )
    return Content.assemble(fit(one_line(row.name), max(8, width - 10)), (f" {scores:>9}", "$foreground-muted"))
