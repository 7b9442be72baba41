"""The registry of actions, from which come bindings, palette, ':' commands, help and `qatui keys`."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from qatui.action_table import ACTIONS, SCOPES, Action, Group
from qatui.errors import ConfigError, UsageError
from qatui.text import supports_unicode

BY_ID: dict[str, Action] = {action.id: action for action in ACTIONS}

SAME_BYTE = {"ctrl+h": "backspace", "ctrl+i": "tab", "ctrl+m": "enter", "ctrl+j": "enter"}
"""Keys that most terminals send as another key: they would never arrive."""

_NAMED = re.compile(r"((ctrl|shift|alt)\+)*([a-z][a-z0-9_]*|\S)")
_LABELS = {
    "enter": "↵", "escape": "esc", "up": "↑", "down": "↓", "left": "←", "right": "→",
    "pagedown": "pgdn", "pageup": "pgup", "question_mark": "?", "slash": "/", "colon": ":",
}  # fmt: skip
_ASCII_LABELS = {"enter": "enter", "up": "up", "down": "down", "left": "left", "right": "right"}


def actions_of(screen: str) -> tuple[Action, ...]:
    """The actions that work on a screen of SCOPES, in the order of help."""
    order = list(Group)
    alive = [action for action in ACTIONS if action.scope in SCOPES[screen]]
    return tuple(sorted(alive, key=lambda action: order.index(action.group)))


def key_label(key: str) -> str:
    """A key as it is printed: `↵`, `esc`, `ctrl+d`, `?`."""
    if not supports_unicode() and key in _ASCII_LABELS:
        return _ASCII_LABELS[key]
    return _LABELS.get(key, key)


class Keys:
    """The keys of this run: the registry's defaults with the overrides of the settings.

    Raises ConfigError for an action id that does not exist, a key that no terminal sends, and two actions of one
    screen on the same key; the hint says what to write.
    """

    def __init__(self, overrides: Mapping[str, str] | None = None) -> None:
        self.overrides = dict(overrides or {})
        for name, keys in self.overrides.items():
            _check_override(name, keys)
        self._keys = {action.id: tuple(_split(self.overrides.get(action.id, action.keys))) for action in ACTIONS}
        self._refuse_clashes()

    def of(self, action_id: str) -> tuple[str, ...]:
        """The keys of an action, the usual one first; empty when it has none."""
        return self._keys[action_id]

    def label(self, action_id: str) -> str:
        """The usual key of an action as it is printed, or its ':' command where it has no key."""
        keys = self.of(action_id)
        if keys:
            return key_label(keys[0])
        commands = BY_ID[action_id].commands
        return f":{commands[0]}" if commands else ""

    def labels(self, action_id: str) -> str:
        """All keys of an action as they are printed."""
        return " ".join(key_label(key) for key in self.of(action_id))

    def _refuse_clashes(self) -> None:
        for screen in SCOPES:
            taken: dict[str, Action] = {}
            for action in actions_of(screen):
                for key in self.of(action.id):
                    other = taken.setdefault(key, action)
                    if other is not action:
                        raise ConfigError(
                            f"In keys: {key!r} would mean both {other.id} ({other.title}) and "
                            f"{action.id} ({action.title}) on the {screen} screen.",
                            hint="Give one of them another key; `qatui keys` lists all.",
                        )


def _split(keys: str) -> Iterator[str]:
    for key in keys.split(","):
        if key.strip():
            yield key.strip()


def _check_override(name: str, keys: str) -> None:
    if name not in BY_ID:
        near = difflib.get_close_matches(name, BY_ID, n=1, cutoff=0.5)
        hint = f"Did you mean {near[0]}? " if near else ""
        raise ConfigError(f"In keys: there is no action {name!r}.", hint=hint + "`qatui keys` lists all.")
    if not any(_split(keys)):
        raise ConfigError(f"In keys: {name} has no key.", hint='Write for example "x", "ctrl+g" or "f5,x".')
    for key in _split(keys):
        if not _NAMED.fullmatch(key):
            raise ConfigError(
                f"In keys: {name} = {keys!r} is no key.", hint='Write for example "x", "ctrl+g" or "f5,x".'
            )
        if key in SAME_BYTE:
            raise ConfigError(
                f"In keys: {name} = {key!r} would never arrive: terminals send it as {SAME_BYTE[key]}.",
                hint="Use another key.",
            )


@dataclass(frozen=True, slots=True)
class Command:
    """What was typed after ':': an action and what followed its name."""

    action: Action
    argument: str


def parse_command(line: str, screen: str) -> Command:
    """The command of a ':' line on a screen: a name, an action id, or an unambiguous beginning of a name.

    Raises UsageError with a sentence that says what is possible.
    """
    name, _, argument = line.strip().removeprefix(":").strip().partition(" ")
    alive = actions_of(screen)
    names = {command: action for action in alive for command in action.commands}
    action = names.get(name) or next((action for action in alive if action.id == name), None)
    if action is None:
        begins = {command: action for command, action in names.items() if name and command.startswith(name)}
        found = {action.id: action for action in begins.values()}
        if len(found) > 1:
            raise UsageError(f":{name} could be {_choice(begins)}.")
        if not found:
            near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
            raise UsageError(f"There is no command :{name} here" + (f"; did you mean :{near[0]}?" if near else "."))
        [action] = found.values()
    if argument.strip() and not action.argument:
        raise UsageError(f":{name} takes nothing after its name.")
    return Command(action, argument.strip())


def completions(line: str, screen: str) -> list[str]:
    """Names of ':' commands that begin with `line`, the ones of the screen itself included, sorted."""
    return sorted(
        command
        for action in actions_of(screen)
        for command in action.commands
        if command.startswith(line.removeprefix(":"))
    )


def _choice(names: Mapping[str, Action]) -> str:
    *most, last = (f":{name}" for name in sorted(names))
    return f"{', '.join(most)} or {last}"


def matches(action: Action, words: str) -> bool:
    """Whether every word occurs in what help shows of an action (any case)."""
    text = " ".join((action.id, action.keys, action.title, action.help, *action.commands)).casefold()
    return all(word in text for word in words.casefold().split())


@dataclass(frozen=True, slots=True)
class Bound:
    """An action as `qatui keys` prints it, with the keys of this run."""

    id: str
    keys: tuple[str, ...]
    scope: str
    title: str
    help: str
    commands: tuple[str, ...]


def registry(overrides: Mapping[str, str] | None = None) -> list[Bound]:
    """All actions in the order of help; raises ConfigError like `Keys`."""
    keys = Keys(overrides)
    order = list(Group)
    return [
        Bound(
            action.id,
            keys.of(action.id),
            action.scope.value,
            action.title,
            action.help,
            tuple(f":{command}" for command in action.commands),
        )
        for action in sorted(ACTIONS, key=lambda action: order.index(action.group))
    ]
