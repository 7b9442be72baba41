"""Style sheets parsed once a process: the applications that tests start one after the other all have the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet

_parse = Stylesheet._parse_rules
_parsed: dict[Any, list[RuleSet]] = {}


def _parse_once(sheet: Stylesheet, css: str, read_from: Any, *rest: Any, **more: Any) -> list[RuleSet]:
    """Textual keeps what it parsed for as long as one application lives; what it depends on is the key here, too."""
    key = (css, read_from, rest, *more.items(), frozenset(sheet._variables.items()))
    found = _parsed.get(key)
    if found is None:
        found = _parsed[key] = _parse(sheet, css, read_from, *rest, **more)
    return found


@pytest.fixture(autouse=True, scope="session")
def _styles_parsed_once() -> Iterator[None]:
    """A quarter of the time of starting an application is parsing style sheets."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stylesheet, "_parse_rules", _parse_once)
        yield
