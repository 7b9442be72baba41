"""A scoring run: resumable after a kill, never judging twice, and no ticket ends a run over thousands."""

import asyncio
import json
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime

import pytest

from qatui.config import Settings
from qatui.domain.conversation import Message, Rep, Speaker, Status, Ticket
from qatui.domain.listing import Sort, SortColumn, TicketFilter
from qatui.domain.verdict import Explanation, JudgeIdentity, Reason, Score, Unscored, Verdict
from qatui.errors import JudgeError
from qatui.services.scoring import batches, crew, runner
from qatui.services.scoring.offline import weights
from qatui.services.scoring.offline.judge import OfflineJudge
from qatui.services.workspace import Workspace, open_workspace
from qatui.store import conversations
from qatui.store.engine import Database

NOW = datetime(2026, 3, 5, 10, 0, tzinfo=UTC)
ALL = TicketFilter()
BY_NAME = Sort(SortColumn.NAME, False)


def ticket(number, text="we are sorry and have sent you a new one today", **more):
    ana = Rep("r1", "Ana", "Billing")
    messages = (
        Message("m1", Speaker.CUSTOMER, "My lamp is broken and I am upset."),
        Message("m2", Speaker.REP, f"Hello, {text}, number {number}.", author=ana),
    )
    return Ticket(source="s", id=f"{number:04}", messages=messages, status=Status.CLOSED, **more)


class CountingJudge:
    """Scores by a rule anyone can check, and remembers what it read."""

    identity = JudgeIdentity("offline", "counting-1", "rubric")

    def __init__(self):
        self.read_ids = []

    def read(self, ticket, who):
        self.read_ids.append(ticket.id)
        text = ticket.messages[who.positions[0]].text
        if "explode" in text:
            raise ZeroDivisionError("boom")
        if "foreign" in text:
            return Unscored(Reason.UNSUPPORTED_LANGUAGE)
        value = 1 + int(ticket.id) % 5
        scores = [Score(value, Explanation("By its number."))] * 3
        return Verdict(tone=scores[0], clarity=scores[1], empathy=scores[2], emotional_cue=True)

    def read_all(self, tickets):
        if any("explode" in ticket.messages[who.positions[0]].text for ticket, who in tickets):
            raise ZeroDivisionError("boom")
        return [self.read(ticket, who) for ticket, who in tickets]


@pytest.fixture
def judge(monkeypatch):
    judge = CountingJudge()
    monkeypatch.setattr(OfflineJudge, "load", classmethod(lambda cls: judge))
    monkeypatch.setattr(weights, "packaged_identity", lambda: judge.identity)
    return judge


@pytest.fixture
async def db(tmp_path):
    db = await Database.open(tmp_path / "w.db")
    yield db
    await db.close()


@pytest.fixture
def workspace(db, tmp_path):
    return Workspace(db, Settings(db=str(tmp_path / "w.db"), timezone="UTC"), clock=lambda: NOW)


async def save(db, *tickets):
    async with db.write() as connection:
        await conversations.save(connection, tickets)


async def planned(workspace, **more):
    plan, _ = await workspace.score_plan(**more)
    return plan.tickets


async def test_every_eligible_ticket_is_read_once(db, workspace, judge):
    await save(db, *(ticket(n) for n in range(300)), ticket(900, spam=True))
    result = await workspace.score()
    assert (result.scored, result.unscored, result.failed) == (300, {}, 0)
    assert sorted(judge.read_ids) == [f"{n:04}" for n in range(300)]
    again = await workspace.score()
    assert (again.scored, len(judge.read_ids)) == (0, 300)
    assert (await workspace.reports.counts(ALL)).unscored == {"spam": 1}


async def test_rows_show_the_scores_and_when(db, workspace, judge):
    await save(db, ticket(3))
    await workspace.score()
    [row] = await workspace.reports.rows(ALL, BY_NAME, 0, 10)
    assert (row.tone, row.clarity, row.empathy, row.unscored) == (4, 4, 4, None)
    view = await workspace.reports.ticket(row.row_id)
    assert view.judgement.at == NOW
    assert view.judgement.judge == judge.identity


async def test_a_ticket_that_breaks_the_judge_is_a_failure_and_the_others_are_scored(db, workspace, judge):
    await save(db, ticket(1), ticket(2, "explode explode explode explode explode explode explode"), ticket(3))
    result = await workspace.score()
    assert (result.scored, result.failed) == (2, 1)
    rows = await workspace.reports.rows(TicketFilter(scored=False), BY_NAME, 0, 10)
    assert [row.unscored.reason for row in rows] == [Reason.JUDGE_FAILED]
    assert "boom" in rows[0].unscored.detail


async def test_a_failure_is_tried_again_and_an_unsupported_language_is_not(db, workspace, judge):
    await save(db, ticket(1, "explode " * 10), ticket(2, "foreign " * 10))
    await workspace.score()
    await workspace.score()
    assert sorted(judge.read_ids) == ["0001", "0001", "0002"]


async def test_limit_rescore_and_plan(db, workspace, judge):
    await save(db, *(ticket(n) for n in range(10)))
    assert (await planned(workspace, limit=4)) == 4
    assert (await workspace.score(limit=4)).scored == 4
    assert (await planned(workspace)) == 6
    assert (await workspace.score()).scored == 6
    assert (await planned(workspace, rescore=True)) == 10
    assert (await workspace.score(rescore=True, limit=3)).scored == 3


async def test_changed_content_is_read_again_and_unchanged_content_is_not(db, workspace, judge):
    await save(db, ticket(1), ticket(2))
    await workspace.score()
    await save(db, ticket(1, "we have looked again and it is on its way to you now"), ticket(2))
    result = await workspace.score()
    assert result.scored == 1
    assert judge.read_ids == ["0001", "0002", "0001"]


async def test_progress_grows_to_the_total(db, workspace, judge):
    await save(db, *(ticket(n) for n in range(300)))
    seen = []
    await workspace.score(progress=seen.append)
    assert [p.done for p in seen] == sorted(p.done for p in seen)
    assert seen[-1] == runner.ScoreProgress(300, 300, 0)
    assert len(seen) > 1


async def test_cancelling_keeps_what_was_finished(db, workspace, judge):
    await save(db, *(ticket(n) for n in range(500)))
    started = asyncio.Event()
    run = asyncio.create_task(workspace.score(progress=lambda _: started.set()))
    await started.wait()
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    waiting = await planned(workspace)
    assert waiting < 500
    assert (await workspace.score()).scored == waiting


async def test_two_runs_at_once_end_with_every_ticket_scored(db, workspace, judge):
    await save(db, *(ticket(n) for n in range(400)))
    await asyncio.gather(workspace.score(), workspace.score())
    counts = await workspace.reports.counts(ALL)
    assert (counts.total, counts.scored) == (400, 400)


async def test_a_judge_without_weights_says_so(db, workspace, monkeypatch):
    monkeypatch.setattr(weights, "FILE", "nowhere.bin")
    with pytest.raises(JudgeError, match="missing"):
        await workspace.score()


def written(number):
    """A conversation in the import format, for the runs in processes of their own."""
    return {
        "id": f"{number:04}",
        "source": "s",
        "status": "closed",
        "messages": [
            {"from": "customer", "text": f"Lamp {number} came broken and I am quite upset about it, what now?"},
            {
                "from": "rep",
                "author": {"id": "a", "name": "Ana", "team": "Billing"},
                "text": "I am sorry that it came broken. I have sent a new one today and you will have it on Friday."
                + " Thank you for your patience!" * (number % 3),
            },
        ],
    }


async def test_a_killed_run_is_finished_by_the_next_one_with_the_same_result(workspace, tmp_path):
    lines = tmp_path / "in.jsonl"
    lines.write_text("".join(json.dumps(written(number)) + "\n" for number in range(700)))
    (tmp_path / "c.toml").touch()
    await workspace.import_paths([str(lines)])
    killed = tmp_path / "killed.db"
    await workspace.backup(killed)
    await workspace.score()
    settings = Settings(db=str(killed), timezone="UTC")
    for _ in range(2):
        score_and_kill(killed, tmp_path / "c.toml")
        async with open_workspace(settings) as left:
            assert await left.check() == []
            assert 0 < await planned(left) < 700
    async with open_workspace(settings) as left:
        await left.score()
    assert len(said(killed)) == 700
    assert said(killed) == said(workspace.path)


def score_and_kill(path, config):
    """`qatui score`, killed as soon as it has stored something new."""
    before = stored(path)
    run = subprocess.Popen(
        [sys.executable, "-m", "qatui", "--db", str(path), "score"],
        env={**os.environ, "QATUI_CONFIG": str(config)},
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    while run.poll() is None and stored(path) == before:
        pass
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()


def said(path):
    """What is stored of every ticket, but not when."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        found = connection.execute(
            "SELECT verdicts.*, listing.* FROM verdicts JOIN listing ON listing.id = ticket_id ORDER BY ticket_id"
        )
        names = [name for name, *_ in found.description]
        return [
            [value for name, value in zip(names, row, strict=True) if name not in ("id", "at", "verdict_id")]
            for row in found
        ]


def stored(path):
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        return connection.execute("SELECT count(*) FROM verdicts").fetchone()[0]


@pytest.fixture
async def letters(workspace, tmp_path):
    """A workspace with letters that the real judge reads, and the processes that were started to judge them."""
    lines = tmp_path / "in.jsonl"
    lines.write_text("".join(json.dumps(written(number)) + "\n" for number in range(90)))
    await workspace.import_paths([str(lines)])
    return workspace


@pytest.fixture
def processes(monkeypatch):
    """Every run is done by two processes, whose first is remembered."""
    started = []
    start = crew._start

    def remembered(sockets):
        started.append(start(sockets))
        return started[-1]

    monkeypatch.setattr(crew, "_start", remembered)
    monkeypatch.setattr(batches, "FEW", 0)
    monkeypatch.setattr(batches, "BATCH", 8)
    monkeypatch.setattr(batches, "_cores", lambda: 2)
    return started


async def test_processes_say_to_the_last_letter_what_a_thread_says(letters, processes, monkeypatch):
    assert (await letters.score()).scored == 90
    told = said(letters.path)
    monkeypatch.setattr(batches, "FEW", 1000)
    monkeypatch.setattr(batches, "BATCH", 64)
    assert (await letters.score(rescore=True)).scored == 90
    assert said(letters.path) == told
    assert len(processes) == 1


async def test_a_process_that_is_ended_from_outside_ends_the_run_and_what_was_finished_is_kept(letters, processes):
    with pytest.raises(JudgeError, match="ended from outside") as caught:
        await letters.score(progress=lambda _: processes[0].kill())
    assert "score again" in caught.value.hint
    waiting = await planned(letters)
    assert 0 < waiting < 90
    assert (await letters.score()).scored == waiting


async def test_a_stopped_run_leaves_no_process_behind(letters, processes):
    started = asyncio.Event()
    run = asyncio.create_task(letters.score(progress=lambda _: started.set()))
    await started.wait()
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert processes[0].returncode is not None
    assert 0 < await planned(letters) < 90


async def test_the_real_judge_leaves_no_ticket_without_a_score_or_a_reason(tmp_path):
    lines = tmp_path / "in.jsonl"
    lines.write_text("".join(json.dumps(written(number)) + "\n" for number in range(40)))
    async with open_workspace(Settings(db=str(tmp_path / "w.db"), timezone="UTC")) as workspace:
        await workspace.import_paths([str(lines)])
        await workspace.score()
        counts = await workspace.reports.counts(ALL)
        assert (counts.total, counts.scored) == (40, 40)
