"""Moving the cursor of a table, or through a text: what all screens with one of them do alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qatui.widgets.window_table import WindowTable

if TYPE_CHECKING:  # the first frame has no text to scroll
    from qatui.widgets.lines import LineView


class MovesInTable:
    """Mixed into a screen whose `table` the moving actions move in."""

    @property
    def table(self) -> WindowTable[Any]:
        """The table that has the cursor."""
        raise NotImplementedError

    def do_move_down(self, _argument: str) -> None:
        self.table.action_cursor_down()

    def do_move_up(self, _argument: str) -> None:
        self.table.action_cursor_up()

    def do_move_half_down(self, _argument: str) -> None:
        self.table.action_half_page_down()

    def do_move_half_up(self, _argument: str) -> None:
        self.table.action_half_page_up()

    def do_move_page_down(self, _argument: str) -> None:
        self.table.action_page_down()

    def do_move_page_up(self, _argument: str) -> None:
        self.table.action_page_up()

    def do_move_top(self, _argument: str) -> None:
        self.table.action_home()

    def do_move_bottom(self, _argument: str) -> None:
        self.table.action_end()


class MovesInLines:
    """Mixed into a screen on which the moving actions scroll a text."""

    @property
    def moved(self) -> LineView:
        """The text that is scrolled."""
        raise NotImplementedError

    def do_move_down(self, _argument: str) -> None:
        self.moved.action_cursor_down()

    def do_move_up(self, _argument: str) -> None:
        self.moved.action_cursor_up()

    def do_move_half_down(self, _argument: str) -> None:
        self.moved.action_half_page_down()

    def do_move_half_up(self, _argument: str) -> None:
        self.moved.action_half_page_up()

    def do_move_page_down(self, _argument: str) -> None:
        self.moved.action_page_down()

    def do_move_page_up(self, _argument: str) -> None:
        self.moved.action_page_up()

    def do_move_top(self, _argument: str) -> None:
        self.moved.action_home()

    def do_move_bottom(self, _argument: str) -> None:
        self.moved.action_end()
