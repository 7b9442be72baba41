"""The stored path of performance reports equals the definitions, evaluated twice elsewhere, on random hostile logs."""

import json
import random
from contextlib import asynccontextmanager
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from qatui.domain.outcome import history
from qatui.domain.performance_behind import PerformanceQuestion
from qatui.domain.performance_report import performance_facts, performance_report
from qatui.domain.weeks import Period
from qatui.services.intake import import_paths
from qatui.store import conversations, performance, performance_rows
from qatui.store.engine import Database
from tests.unit.outcome.brute import evaluate
from tests.unit.outcome.logs import hostile_log, ticket_of
from tests.unit.outcome.test_against_brute import differences, questions, shaped

LOGS = 60


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """The bytes of an empty workspace, so that each log has one of its own without the cost of making it."""
    path = tmp_path_factory.mktemp("empty") / "w.db"

    async def make():
        database = await Database.open(path)
        await database.close()

    import asyncio

    asyncio.run(make())
    return path.read_bytes()


@pytest.fixture
def workspace(tmp_path, prepared):
    """A function that opens an empty workspace."""
    made = iter(range(10_000))

    @asynccontextmanager
    async def opened():
        path = tmp_path / f"{next(made)}.db"
        path.write_bytes(prepared)
        database = await Database.open(path)
        try:
            yield database
        finally:
            await database.close()

    return opened


def mended(conversations_):
    """The log as an import takes it: no two messages of one id, no feedback of unknown value."""
    for conversation in conversations_:
        for place, message in enumerate(conversation["messages"]):
            message["id"] = f"m{place}"
        conversation["events"] = [event for event in conversation["events"] if event.get("value") != "five stars"]
    return conversations_


def wire(conversation):
    """A conversation of the logs as a line of the import format."""

    def plain(value):
        return value.isoformat() if hasattr(value, "isoformat") else value

    row = {key: plain(value) for key, value in conversation.items()}
    row["messages"] = [
        {key: plain(value) for key, value in message.items()} | {"text": "…"} for message in conversation["messages"]
    ]
    row["events"] = [{key: plain(value) for key, value in event.items()} for event in conversation["events"]]
    return json.dumps(row) + "\n"


async def imported(database, conversations_, path):
    path.write_text("".join(map(wire, conversations_)), "utf-8")
    result = await import_paths(database, [str(path)])
    assert result.rejected == 0, result.problems
    return result


async def report_of(database, zone, since, until, question):
    asked = PerformanceQuestion(
        as_of=question["as_of"],
        period=Period(since, until),
        channels=None if question["channels"] is None else frozenset(question["channels"]),
    )
    async with database.read() as connection:
        facts = await performance.facts(connection, asked, ZoneInfo(zone), question["agent_channels"])
    return facts, performance_report(facts, as_of=asked.as_of, zone=ZoneInfo(zone), period=asked.period)


@pytest.mark.parametrize("block", range(10))
async def test_every_figure_of_the_stored_path_equals_the_second_evaluation(block, workspace, tmp_path):
    compared = 0
    for seed in range(block, LOGS, 10):
        zone, log, moments = hostile_log(seed)
        if not moments:
            continue
        log = mended(log)
        async with workspace() as database:
            await imported(database, log, tmp_path / "log.jsonl")
            for as_of, since, until, channels, agent_channels in questions(seed, zone, moments):
                question = {"as_of": as_of, "channels": channels, "agent_channels": agent_channels}
                facts, report = await report_of(database, zone, since, until, question)
                brute = evaluate(log, zone=zone, since=since, until=until, **question)
                brute.pop("episodes")
                assert list(differences(shaped(report, facts), brute)) == [], (
                    f"seed {seed}, {question}, {since} {until}"
                )
                assert {row.channel for row in report.channels} == set(brute["channels"])
                for counts in (report.totals, *(row.counts for row in (*report.weeks, *report.channels))):
                    outcomes = counts.resolved + counts.deflected_unresolved + counts.handed_off + counts.human_joined
                    assert outcomes == counts.settled
                    compared += 1
    assert compared > 50
