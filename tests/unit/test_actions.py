"""The registry of actions: unique, complete, remappable with clear errors, and the same in the documentation."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from qatui.action_table import ACTIONS, SCOPES
from qatui.actions import (
    BY_ID,
    SAME_BYTE,
    Keys,
    actions_of,
    completions,
    key_label,
    matches,
    parse_command,
    registry,
)
from qatui.errors import ConfigError, UsageError

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "keys.md"


def test_ids_are_unique_and_every_action_says_what_it_does_in_a_sentence() -> None:
    assert len(BY_ID) == len(ACTIONS)
    for action in ACTIONS:
        assert action.title
        assert action.help.endswith(".")
        assert action.help[0].isupper()
        assert re.fullmatch(r"[a-z]+\.[a-z_]+", action.id)


@pytest.mark.parametrize("screen", SCOPES)
def test_no_two_actions_of_a_screen_share_a_key_or_a_command(screen: str) -> None:
    keys = [key for action in actions_of(screen) for key in action.keys.split(",") if key]
    commands = [command for action in actions_of(screen) for command in action.commands]
    assert len(keys) == len(set(keys))
    assert len(commands) == len(set(commands))


def test_no_default_on_keys_that_terminals_or_tmux_take() -> None:
    for action in ACTIONS:
        for key in action.keys.split(","):
            assert key not in SAME_BYTE
            assert key not in {"ctrl+s", "ctrl+b", "ctrl+z", "ctrl+q"} or action.id == "app.quit"
            assert not key.startswith("alt+")


def test_every_action_can_be_reached_by_key_or_by_command() -> None:
    for action in ACTIONS:
        assert action.keys or action.commands


def test_overrides_replace_the_keys_of_one_action_only() -> None:
    keys = Keys({"list.period": "P, f6"})
    assert keys.of("list.period") == ("P", "f6")
    assert keys.of("list.sort") == ("s",)
    assert keys.label("list.period") == "P"
    assert keys.label("app.theme") == ":theme"


@pytest.mark.parametrize(
    ("overrides", "message", "hint"),
    [
        ({"list.sorted": "x"}, "there is no action 'list.sorted'", "Did you mean list.sort?"),
        ({"list.sort": ""}, "list.sort has no key", "Write for example"),
        ({"list.sort": "ctrl+"}, "is no key", "Write for example"),
        ({"list.sort": "two words"}, "is no key", "Write for example"),
        ({"list.sort": "ctrl+i"}, "terminals send it as tab", "another key"),
        ({"list.sort": "p"}, "'p' would mean both", "Give one of them another key"),
        ({"ticket.next": "1"}, "on the ticket screen", "Give one of them another key"),
    ],
)
def test_keys_that_cannot_be_are_refused_with_the_mend(overrides: dict[str, str], message: str, hint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Keys(overrides)
    assert message in caught.value.message
    assert hint in caught.value.hint


def test_the_same_key_may_mean_different_things_on_different_screens() -> None:
    keys = Keys({"reps.tickets": "y"})  # tickets.copy has it too, on another screen
    assert keys.of("reps.tickets") == keys.of("tickets.copy") == ("y",)


def test_two_actions_may_swap_keys() -> None:
    keys = Keys({"list.sort": "p", "list.period": "s"})
    assert (keys.of("list.sort"), keys.of("list.period")) == (("p",), ("s",))


@pytest.mark.parametrize(
    ("line", "screen", "action", "argument"),
    [
        ("tickets rep:Ana", "reps", "go.tickets", "rep:Ana"),
        (":period 30d", "tickets", "list.period", "30d"),
        ("  theme   light ", "gaps", "app.theme", "light"),
        ("qui", "ticket", "app.quit", ""),
        ("q", "ticket", "app.quit", ""),
        ("tick T-1", "gaps", None, ""),
        ("list.sort empathy", "tickets", "list.sort", "empathy"),
        ("per", "tickets", None, ""),
        ("peri 7d", "tickets", "list.period", "7d"),
        ("copy", "tickets", "tickets.copy", ""),
        ("copy", "ticket", "ticket.copy", ""),
    ],
)
def test_commands_are_found_by_name_id_or_clear_beginning(
    line: str, screen: str, action: str | None, argument: str
) -> None:
    if action is None:
        with pytest.raises(UsageError, match=r"could be :"):
            parse_command(line, screen)
    else:
        command = parse_command(line, screen)
        assert (command.action.id, command.argument) == (action, argument)


def test_commands_of_other_screens_do_not_exist_here() -> None:
    with pytest.raises(UsageError, match="There is no command :period here"):
        parse_command("period 30d", "gaps")


def test_completions_begin_with_what_was_typed() -> None:
    assert completions("pe", "tickets") == ["performance", "period"]
    assert completions(":pe", "gaps") == ["performance"]
    assert completions("zz", "tickets") == []


def test_help_finds_actions_by_any_words_of_theirs() -> None:
    assert matches(BY_ID["list.period"], "PERIOD 90")
    assert matches(BY_ID["list.period"], "list.period")
    assert not matches(BY_ID["list.period"], "period zebra")


def test_labels_are_what_is_printed_on_the_keyboard(monkeypatch: pytest.MonkeyPatch) -> None:
    assert key_label("ctrl+d") == "ctrl+d"
    monkeypatch.setattr("qatui.actions.supports_unicode", lambda: True)
    assert key_label("enter") == "↵"
    monkeypatch.setattr("qatui.actions.supports_unicode", lambda: False)
    assert key_label("enter") == "enter"
    assert key_label("down") == "down"


def test_the_documentation_lists_every_action_as_it_is() -> None:
    """docs/keys.md is written by hand around one table; the table must be what `registry` says."""
    expected = ""
    for bound in registry():
        keys = " ".join(f"`{key}`" for key in bound.keys)
        commands = " ".join(f"`{command}`" for command in bound.commands)
        expected += f"| `{bound.id}` | {keys} | {commands} | {bound.help} |\n"
    _, _, table = DOCUMENT.read_text("utf-8").partition(
        "| action | keys | commands | what it does |\n| --- | --- | --- | --- |\n"
    )
    assert table == expected, f"put this table into {DOCUMENT.name}:\n{expected}"
