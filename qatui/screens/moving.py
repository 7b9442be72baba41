"""Moving the cursor of a table: what all screens with a list do alike."""

from __future__ import annotations

from typing import Any

from qatui.widgets.window_table import WindowTable


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
