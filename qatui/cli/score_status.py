"""`qatui score --status`: the latest runs, and what all of them used and cost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from qatui.cli.output import Cell, Format, plural, write_csv, write_json, write_table
from qatui.cli.reports import utc
from qatui.config import Settings
from qatui.domain.run import RunRecord, RunTotals, Used
from qatui.services.workspace import open_workspace
from qatui.text import one_line

_USED = ("requests", "tokens_sent", "tokens_cached", "tokens_received", "cost")
_COUNTS = ("scored", "unscored", "failed")
_OF_RUN = ("id", "kind", "state", "started_at", "moved_at", "ended_at", "planned", "stopped")
CSV_HEADER = ("level", "judge", "model", "runs", *_COUNTS, *_USED, *_OF_RUN)


async def print_status(settings: Settings, limit: int | None, format: Format) -> None:
    """Read and write it. Raises StoreError where there is no workspace."""
    async with open_workspace(settings, create=False) as workspace:
        runs = await (workspace.runs.recent() if limit is None else workspace.runs.recent(limit))
        totals = await workspace.runs.totals()
    if format is Format.JSON:
        write_json({"runs": [run_json(run) for run in runs], "totals": [totals_json(each) for each in totals]})
    elif format is Format.CSV:
        write_csv(CSV_HEADER, _csv_rows(runs, totals))
    else:
        _print_tables(runs, totals, settings.zone)


def run_json(run: RunRecord) -> dict[str, Any]:
    """A run as `--format json` writes it; cost is null where no price was set."""
    return {
        "id": run.id,
        "judge": run.judge.judge,
        "model": run.judge.model,
        "rubric": run.judge.rubric,
        "kind": run.kind.value,
        "state": run.state.value,
        "started_at": utc(run.started_at),
        "moved_at": utc(run.moved_at),
        "ended_at": utc(run.ended_at),
        "planned": run.planned,
        **{name: getattr(run, name) for name in _COUNTS},
        **_used_json(run.used),
        "stopped": run.stopped,
    }


def totals_json(totals: RunTotals) -> dict[str, Any]:
    """All runs of one judge and model, or with both null of all judges."""
    return {
        "judge": totals.judge or None,
        "model": totals.model or None,
        "runs": totals.runs,
        **{name: getattr(totals, name) for name in _COUNTS},
        **_used_json(totals.used),
        "runs_without_price": totals.unpriced,
    }


def _used_json(used: Used) -> dict[str, Cell]:
    return dict(zip(_USED, (used.requests, used.sent, used.cached, used.received, used.cost), strict=True))


def _csv_rows(runs: list[RunRecord], totals: list[RunTotals]) -> Iterator[tuple[Cell, ...]]:
    for run in runs:
        row = {"level": "run", **run_json(run)}
        yield tuple(row.get(name) for name in CSV_HEADER)
    for each in totals:
        row = {"level": "judge" if each.judge else "total", **totals_json(each)}
        yield tuple(row.get(name) for name in CSV_HEADER)


_NUMBERS = frozenset({"tickets", "runs", "failed", "requests", "sent", "cached", "received", "cost"})


def _print_tables(runs: list[RunRecord], totals: list[RunTotals], zone: ZoneInfo) -> None:
    if not runs:
        print("Nothing was scored here yet.")
        return
    write_table(
        ("started", "judge", "how it stands", "tickets", "failed", "tokens", "cost"),
        [
            (
                f"{run.started_at.astimezone(zone):%Y-%m-%d %H:%M}",
                str(run.judge),
                run.state.value,
                f"{run.tickets:,} of {run.planned:,}",
                f"{run.failed:,}",
                f"{run.used.tokens:,}",
                _price(run.used.cost),
            )
            for run in runs
        ],
        numbers=_NUMBERS | {"tokens"},
    )
    for run in runs:
        if run.stopped:
            when = f"{run.started_at.astimezone(zone):%Y-%m-%d %H:%M}"
            print(f"{when} ended early: {one_line(run.stopped).rstrip('.')}.")
    print()
    write_table(
        ("in all", "runs", "tickets", "failed", "requests", "sent", "cached", "received", "cost"),
        [
            (
                f"{each.judge} · {each.model}" if each.judge else "all judges",
                f"{each.runs:,}",
                f"{each.tickets:,}",
                f"{each.failed:,}",
                f"{each.used.requests:,}",
                f"{each.used.sent:,}",
                f"{each.used.cached:,}",
                f"{each.used.received:,}",
                _price(each.used.cost),
            )
            for each in totals
        ],
        numbers=_NUMBERS,
    )
    if totals[-1].unpriced:
        print(f"{plural(totals[-1].unpriced, 'run')} had no price set: the cost leaves them out.")


def _price(cost: float | None) -> str:
    return "" if cost is None else f"{cost:.4f}"
