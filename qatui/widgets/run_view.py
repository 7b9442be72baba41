"""Scoring runs as text: each with how it stands, what it did and cost; the sums of all after them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, tzinfo
from typing import ClassVar

from qatui.domain.run import RunRecord, RunState, RunTotals, Used
from qatui.text import cell_len, fit, one_line, visible
from qatui.widgets.glyphs import glyphs
from qatui.widgets.lines import Line, LineView
from qatui.widgets.words import day
from qatui.widgets.wrapping import wrapped

_LOOKS = {
    RunState.GOING: "run--good",
    RunState.PAUSED: "run--warning",
    RunState.WAITING: "run--good",
    RunState.DONE: "",
    RunState.STOPPED: "run--warning",
    RunState.CUT_SHORT: "run--warning",
}
INDENT = 2


class RunView(LineView, can_focus=True):
    """The latest runs, newest first, then every judge's sum and the sum of all."""

    DEFAULT_CSS = """
    RunView {
        height: 1fr;
        & > .run--head { text-style: bold; color: $text-accent; }
        & > .run--judge { text-style: bold; }
        & > .run--good { color: $text-success; }
        & > .run--warning { color: $text-warning; }
        & > .run--muted { color: $text-muted; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"run--head", "run--judge", "run--good", "run--warning", "run--muted"}

    def __init__(self, *, zone: tzinfo = UTC, id: str | None = None) -> None:
        """`zone` is where times are shown."""
        super().__init__(id=id)
        self._zone = zone
        self._runs: Sequence[RunRecord] = ()
        self._totals: Sequence[RunTotals] = ()

    def show(self, runs: Sequence[RunRecord], totals: Sequence[RunTotals]) -> None:
        """Show these; the place that one has scrolled to stays."""
        self._runs, self._totals = runs, totals
        self.rebuild()

    def build(self, width: int) -> Sequence[Line]:
        if not self._runs:
            return ()
        lines = [Line((("In all", "run--head"),))]
        for each in self._totals:
            name = _named(each.judge, each.model) if each.judge else "all judges"
            lines.append(Line(((fit(one_line(name), width).rstrip(), "run--judge"),)))
            runs = f"{each.runs:,} run" + ("" if each.runs == 1 else "s")
            lines += _facts([runs, *_counts(each), *_used(each.used)], width)
            if each.unpriced and not each.judge:
                words = f"{each.unpriced:,} of these runs had no price set; the cost leaves them out."
                lines += _facts([words], width, "run--muted")
        lines += [Line(), Line((("Latest runs", "run--head"),))]
        for run in self._runs:
            lines += self._run(run, width)
        return lines

    def _run(self, run: RunRecord, width: int) -> list[Line]:
        at = run.started_at.astimezone(self._zone)
        when = f"{day(run.started_at, self._zone)} {at:%H:%M}"
        state = run.state.value
        name = fit(one_line(_named(run.judge.judge, run.judge.model)), max(8, width - len(when) - len(state) - 4))
        gap = " " * max(2, width - len(when) - 2 - cell_len(name) - len(state) - 1)
        head = Line(((f"{when}  ", ""), (name, "run--judge"), (gap, ""), (state, _LOOKS[run.state])))
        facts = [f"{run.tickets:,} of {run.planned:,} tickets", *_without_score(run), *_used(run.used)]
        lines = [head, *_facts(facts, width)]
        if run.stopped:
            lines += _facts([f"Ended early: {visible(run.stopped).rstrip('.')}."], width, "run--muted")
        return lines


def _named(judge: str, model: str) -> str:
    return f"{judge} {glyphs().dot} {model}"


def _counts(totals: RunTotals) -> list[str]:
    return [f"{totals.tickets:,} ticket" + ("" if totals.tickets == 1 else "s"), *_without_score(totals)]


def _without_score(what: RunRecord | RunTotals) -> list[str]:
    parts = [f"{what.unscored:,} without a score"] if what.unscored else []
    return parts + ([f"{what.failed:,} failed"] if what.failed else [])


def _used(used: Used) -> list[str]:
    if not used.requests:
        return []
    cached = f" ({used.cached:,} cached)" if used.cached else ""
    requests = f"{used.requests:,} request" + ("" if used.requests == 1 else "s")
    parts = [requests, f"{used.sent:,} tokens sent{cached}", f"{used.received:,} received"]
    return parts if used.cost is None else [*parts, f"{used.cost:.4f} spent"]


def _facts(facts: list[str], width: int, look: str = "") -> list[Line]:
    text = f" {glyphs().dot} ".join(facts)
    return [Line(((" " * INDENT, ""), (line, look))) for line in wrapped(text, max(20, width - INDENT))]
