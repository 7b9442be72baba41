"""Performance reports from a workspace equal a second, naive evaluation of the definitions, on random hostile logs."""

import random
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from qatui.config import Settings
from qatui.domain.conversation import Event, EventType, Message, Speaker
from qatui.domain.outcome import Outcome, history
from qatui.domain.performance_behind import Behind, PerformanceQuestion
from qatui.domain.performance_counts import Count
from qatui.domain.performance_report import performance_facts, performance_report
from qatui.domain.weeks import Period
from qatui.services.performance import Performance
from qatui.store import conversations, performance, performance_behind
from qatui.store.performance_prepared import TIME_BINS
from tests.services.performance_log import Workspaces, imported, large_log, mended
from tests.unit.outcome.brute import evaluate
from tests.unit.outcome.logs import hostile_log, ticket_of
from tests.unit.outcome.talk import BEGIN, ticket
from tests.unit.outcome.test_against_brute import differences, questions, shaped

LOGS = 60


@pytest.fixture
def workspaces(tmp_path):
    return Workspaces(tmp_path)


def hostile(seed):
    """(zone, log, moments) of a seed, or None where the log is empty."""
    zone, log, moments = hostile_log(seed)
    return (zone, mended(log), moments) if moments else None


async def asked(database, zone, since, until, as_of, channels, agent_channels):
    """Facts and report of one question of the logs."""
    question = PerformanceQuestion(
        as_of=as_of, period=Period(since, until), channels=None if channels is None else frozenset(channels)
    )
    async with database.read() as connection:
        facts = await performance.facts(connection, question, ZoneInfo(zone), agent_channels)
    return facts, performance_report(facts, as_of=as_of, zone=ZoneInfo(zone), period=question.period)


@pytest.mark.parametrize("block", range(10))
async def test_every_figure_equals_the_second_evaluation(block, workspaces, tmp_path):
    compared = 0
    for seed in range(block, LOGS, 10):
        if (made := hostile(seed)) is None:
            continue
        zone, log, moments = made
        async with workspaces.open() as database:
            await imported(database, log, tmp_path / "log.jsonl")
            for as_of, since, until, channels, agent_channels in questions(seed, zone, moments):
                words = (seed, as_of, since, until, channels, agent_channels)
                facts, report = await asked(database, zone, since, until, as_of, channels, agent_channels)
                brute = evaluate(
                    log,
                    as_of=as_of,
                    zone=zone,
                    since=since,
                    until=until,
                    channels=channels,
                    agent_channels=agent_channels,
                )
                brute.pop("episodes")
                assert list(differences(shaped(report, facts), brute)) == [], words
                assert {row.channel for row in report.channels} == set(brute["channels"]), words
                assert {rep.key for rep in facts.reps} == set(brute["reps"]), words
                for counts in (report.totals, *facts.cells.values()):
                    outcomes = counts.resolved + counts.deflected_unresolved + counts.handed_off + counts.human_joined
                    assert outcomes == counts.settled, words
                    compared += 1
    assert compared > 50


async def test_facts_are_those_of_the_domain_to_the_last_field(workspaces, tmp_path):
    """The rule's own reference, from the same tickets: also names and teams of reps, reasons, and empty cells."""
    for seed in range(200, 212):
        if (made := hostile(seed)) is None:
            continue
        zone, log, moments = made
        histories = [history(ticket_of(conversation)) for conversation in log]
        async with workspaces.open() as database:
            await imported(database, log, tmp_path / "log.jsonl")
            for as_of, since, until, channels, agent_channels in questions(seed, zone, moments):
                facts, _ = await asked(database, zone, since, until, as_of, channels, agent_channels)
                due = performance_facts(
                    histories,
                    as_of=as_of,
                    zone=ZoneInfo(zone),
                    period=Period(since, until),
                    channels=channels,
                    agent_channels=agent_channels,
                )
                cells = {cell: counts for cell, counts in due.cells.items() if counts != type(counts)()}
                by_key = sorted(facts.reps, key=lambda rep: rep.key or "")
                assert by_key == sorted(due.reps, key=lambda rep: rep.key or "")
                assert replace(facts, reps=()) == replace(due, reps=(), cells=cells)


async def test_medians_are_exact_where_bins_begin_and_at_every_moment(workspaces):
    """Times to close on both sides of bins, many in one bin, half of them handed off, some closed only later."""
    chance = random.Random(1)
    tickets = []
    for number in range(120):
        border = TIME_BINS[chance.choice((3, 20, 20, 20, 21))]
        began = BEGIN + timedelta(hours=number % 50)
        closed = began + timedelta(microseconds=border + chance.choice((-1, 0, 0, 1, 1000)))
        facts = (
            Message("c", Speaker.CUSTOMER, "…", began),
            Message("a", Speaker.CUSTOMER_AGENT, "…", began, sources=()),
            *([Event(EventType.HANDOFF, began, reason="rule")] if chance.random() < 0.4 else []),
            Event(EventType.CLOSED, closed),
        )
        tickets.append(ticket(*facts, id=str(number), channel=chance.choice(("chat", "email"))))
    histories = list(map(history, tickets))
    async with workspaces.open() as database:
        async with database.write() as connection:
            await conversations.save(connection, tickets)
        for hours in range(1, 60, 3):
            for channels in (None, ("chat",)):
                as_of = BEGIN + timedelta(hours=hours)
                since = BEGIN + timedelta(hours=chance.choice((0, 5.5)))
                facts, _ = await asked(database, "UTC", since, None, as_of, channels, None)
                due = performance_facts(
                    histories, as_of=as_of, zone=ZoneInfo("UTC"), period=Period(since), channels=channels
                )
                assert (facts.close_median, facts.passed_on_median) == (due.close_median, due.passed_on_median)


async def test_behind_every_number_are_as_many_rows_as_it_says(workspaces, tmp_path):
    """Counted and listed apart: the sums of the report, the length of the list, and its pages."""
    zone, log, moments = large_log(42)
    async with workspaces.open() as database:
        await imported(database, log, tmp_path / "log.jsonl")
        service = Performance(database, Settings(timezone=zone))
        question = PerformanceQuestion(as_of=moments[len(moments) // 2])
        report = await service.report(question)
        for count in Count:
            number = report.totals.of(count)
            assert number > 0, f"{count} occurs in this log"
            await agrees(service.behind(question, Behind(count=count)), number)
            for week in report.weeks[-5:]:
                await agrees(service.behind(question, Behind(count=count, week=week.week)), week.counts.of(count))
            for row in report.channels:
                behind = service.behind(question, Behind(count=count, channel=row.channel))
                assert {each.ticket.channel for each in await agrees(behind, row.counts.of(count))} <= {row.channel}
        for week in (report.this_week, report.week_before):
            behind = service.behind(question, Behind(count=Count.HANDLED, week=week.week))
            await agrees(behind, week.counts.handled)
        for reason, number in report.handoff_reasons:
            rows = await agrees(service.behind(question, Behind(count=Count.PASSED_ON, reason=reason)), number)
            assert {row.reason for row in rows} == {reason}
        for member in report.team[1:]:
            behind = service.behind(question, Behind(count=Count.REP_CLOSED, rep=member.key))
            rows = await agrees(behind, member.resolved)
            assert len({row.ticket.row_id for row in rows}) == len(rows), "one close a ticket at any moment"


async def agrees(source, number):
    """The rows of a source, after seeing that there are as many as a number says, in one order, page by page."""
    rows = await source.rows(0, 10_000)
    assert len(rows) == number == await source.count()
    keys = [(row.at, row.ticket.row_id, row.number) for row in rows]
    assert keys == sorted(keys, reverse=True)
    if number > 1:
        half = number // 2
        assert [*await source.rows(0, half), *await source.rows(half, number)] == rows
        assert await source.position(rows[half]) == half
    return rows


async def test_far_pages_are_read_from_the_nearer_end(workspaces, tmp_path, monkeypatch):
    zone, log, moments = large_log(42)
    async with workspaces.open() as database:
        await imported(database, log, tmp_path / "log.jsonl")
        source = Performance(database, Settings(timezone=zone)).behind(
            PerformanceQuestion(as_of=moments[-1]), Behind(count=Count.EPISODES)
        )
        rows = await source.rows(0, 10_000)
        assert len(rows) > 20
        monkeypatch.setattr(performance_behind, "NEAR", 2)
        for offset in range(len(rows) + 2):
            assert await source.rows(offset, 4) == rows[offset : offset + 4]


async def test_rows_behind_a_period_are_those_of_the_period(workspaces, tmp_path):
    for seed in (400, 401):
        if (made := hostile(seed)) is None:
            continue
        zone, log, moments = made
        async with workspaces.open() as database:
            await imported(database, log, tmp_path / "log.jsonl")
            service = Performance(database, Settings(timezone=zone, agent_channels="chat, email"))
            for as_of, since, until, channels, _ in questions(seed, zone, moments):
                wanted = None if channels is None else frozenset(channels)
                question = PerformanceQuestion(as_of=as_of, period=Period(since, until), channels=wanted)
                report = await service.report(question)
                assert report.agent_channels == {"chat", "email"}
                for count in Count:
                    rows = await agrees(service.behind(question, Behind(count=count)), report.totals.of(count))
                    assert all(row.at in question.period and row.at <= as_of for row in rows)
                    assert wanted is None or {row.ticket.channel for row in rows} <= wanted
                episodes = await service.behind(question, Behind(count=Count.SETTLED)).rows(0, 10_000)
                for name in ("resolved", "handed_off", "human_joined", "deflected_unresolved"):
                    listed = [row for row in episodes if row.outcome is Outcome(name)]
                    assert len(listed) == getattr(report.totals, name)
                assert all(bool(row.failed) == (row.outcome is Outcome.DEFLECTED_UNRESOLVED) for row in episodes)


async def test_a_team_narrows_the_reps_beside_and_nothing_else(workspaces, tmp_path):
    zone, log, moments = next(made for seed in range(500, 600) if (made := hostile(seed)) and reps_close(made))
    async with workspaces.open() as database:
        await imported(database, log, tmp_path / "log.jsonl")
        service = Performance(database, Settings(timezone=zone))
        question = PerformanceQuestion(as_of=moments[-1] + timedelta(days=9))
        everyone = await service.report(question)
        narrowed = await service.report(replace(question, team="Desk"))
        assert [rep.name for rep in narrowed.team[1:]] == [rep.name for rep in everyone.team[1:] if rep.team == "Desk"]
        assert len(narrowed.team) < len(everyone.team)
        assert replace(narrowed, team=()) == replace(everyone, team=())


def reps_close(made):
    """Whether replies of a named rep and of nobody named ended in closed tickets."""
    _, log, moments = made
    reps = evaluate(log, as_of=moments[-1] + timedelta(days=9), zone="UTC")["reps"]
    return None in reps and len(reps) > 1


async def test_an_empty_workspace_has_a_report(workspaces):
    async with workspaces.open() as database:
        service = Performance(database, Settings(timezone="Europe/Berlin"))
        question = PerformanceQuestion(as_of=hostile(1)[2][0])
        report = await service.report(question)
        assert report.weeks == report.channels == ()
        assert report.totals.episodes == 0
        assert await service.channels() == ()
        assert await service.span() == (None, None)
        assert await agrees(service.behind(question, Behind(count=Count.HANDLED)), 0) == []


@pytest.mark.parametrize("narrowed", [{"reason": "rule"}, {"rep": "desk/a"}, {"reason": None}, {"rep": None}])
async def test_a_count_that_cannot_be_narrowed_so_says_it(workspaces, narrowed):
    async with workspaces.open() as database:
        service = Performance(database, Settings(timezone="UTC"))
        source = service.behind(PerformanceQuestion(as_of=hostile(1)[2][0]), Behind(count=Count.RESOLVED, **narrowed))
        with pytest.raises(ValueError, match="alone"):
            await source.count()
