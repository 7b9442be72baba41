"""The palette: the registry's actions of the screen it was opened on, found by a few letters."""

from __future__ import annotations

from collections.abc import Coroutine, Iterator
from functools import partial
from typing import Any

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from qatui.action_table import Action
from qatui.actions import actions_of
from qatui.screens.frame import FrameScreen


class ActionProvider(Provider):
    """Offers every action with its keys; one that cannot be done now says why."""

    async def discover(self) -> Hits:
        for action, shown, words in self._offers():
            yield DiscoveryHit(Content(shown), self._command(action), text=shown, help=words)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for action, shown, words in self._offers():
            score = max(matcher.match(shown), *(matcher.match(f":{command}") for command in action.commands), 0)
            if score > 0:
                yield Hit(score, matcher.highlight(shown), self._command(action), text=shown, help=words)

    def _offers(self) -> Iterator[tuple[Action, str, str]]:
        screen = self.screen
        if not isinstance(screen, FrameScreen):
            return
        for action in actions_of(screen.SCREEN):
            if action.palette:
                label = screen.session.keys.label(action.id)
                yield action, f"{action.title}  ({label})", screen.why_disabled(action.id) or action.help

    def _command(self, action: Action) -> partial[Coroutine[Any, Any, None]]:
        assert isinstance(self.screen, FrameScreen)
        return partial(self.screen.action_do, action.id)
