"""The transcript of a question; next and previous walk the questions of its topic."""

from __future__ import annotations

from collections.abc import Sequence

from qatui.domain.gap_topic import TopicQuestion
from qatui.domain.listing import TicketView
from qatui.screens.frame import bindings
from qatui.screens.gaps_words import sentence
from qatui.screens.ticket import EndOfList, TicketScreen
from qatui.text import one_line
from qatui.widgets.glyphs import glyphs


class QuestionTicketScreen(TicketScreen, inherit_bindings=False):
    """Reads the conversation of the question at `place`; dismissed with the place of the one read last."""

    BINDINGS = bindings("ticket")
    WALKS = True

    def __init__(self, questions: Sequence[TopicQuestion], place: int) -> None:
        super().__init__(questions[place].row_id)
        self._questions = questions
        self._place = place

    async def _read_neighbour(self, step: int) -> None:
        """The next question of another conversation: one that was asked twice there is read once."""
        place = (self._place or 0) + step
        while 0 <= place < len(self._questions) and self._questions[place].row_id == self._row_id:
            place += step
        if not 0 <= place < len(self._questions):
            self.post_message(EndOfList(step))
            return
        self.post_message(await self.read_ticket(self._questions[place].row_id, place))

    def _remark(self, view: TicketView) -> str:
        """The question that could not be answered, and how it was found."""
        question = self._questions[self._place or 0]
        signs = glyphs()
        asked = f"{signs.open_quote}{one_line(question.text)}{signs.close_quote}"
        return f"{sentence(question.rule.words)}: {asked}"
