"""`qatui score`: its record by --status, and what a signal does to it."""

import asyncio
import csv
import io
import os
import signal
import sqlite3
from contextlib import closing

import pytest
import typer

from qatui.cli.stopping import KEPT, run_until_told


def test_status_lists_runs_newest_first_with_sums(qatui, workspace):
    assert qatui("score", "--rescore", "--limit", "3").code == 0
    found = qatui("score", "--status", "--format", "json").json
    newest, oldest = found["runs"]
    assert (newest["judge"], newest["kind"], newest["state"]) == ("offline", "offline", "done")
    assert (newest["planned"], newest["scored"], newest["failed"]) == (3, 3, 0)
    assert (oldest["planned"], oldest["scored"]) == (13, 13)
    assert newest["started_at"].endswith("Z")
    assert newest["cost"] is None
    judge, every = found["totals"]
    assert (judge["judge"], judge["runs"], judge["scored"]) == ("offline", 2, 16)
    assert (every["judge"], every["model"], every["runs"], every["scored"]) == (None, None, 2, 16)


def test_status_as_a_table_and_csv(qatui, workspace, tmp_path):
    with closing(sqlite3.connect(tmp_path / "w.db")) as db, db:
        db.execute(
            "UPDATE runs SET stopped = 'The budget of 2 is used up.', requests = 3, cost = 0.5, tokens_sent = 40"
        )
    table = qatui("score", "--status").out
    for words in ("stopped", "13 of 13", "0.5000", "ended early: The budget of 2 is used up.", "all judges"):
        assert words in table
    rows = list(csv.DictReader(io.StringIO(qatui("score", "--status", "--format", "csv").out)))
    assert [row["level"] for row in rows] == ["run", "judge", "total"]
    assert (rows[0]["state"], rows[0]["tokens_sent"], rows[2]["cost"]) == ("stopped", "40", "0.5")


def test_why_a_run_ended_steers_no_terminal(qatui, workspace, tmp_path):
    with closing(sqlite3.connect(tmp_path / "w.db")) as db, db:
        db.execute("UPDATE runs SET stopped = ?", ("the endpoint said \x1b[2J\nscored",))
    assert "ended early: the endpoint said ␛[2J scored." in qatui("score", "--status").out


def test_a_run_whose_process_is_gone_was_cut_short(qatui, workspace, tmp_path):
    with closing(sqlite3.connect(tmp_path / "w.db")) as db, db:
        db.execute("UPDATE runs SET ended_at = NULL, pid = ?", (2**22 + 1,))
    assert "cut short" in qatui("score", "--status").out


def test_status_needs_a_workspace_and_says_when_nothing_was_scored(qatui, lines):
    assert qatui("score", "--status").code == 1
    assert qatui("import", lines()).code in (0, 3)
    assert "Nothing was scored here yet." in qatui("score", "--status").out


def test_a_format_belongs_to_status(qatui):
    ran = qatui("score", "--format", "json")
    assert ran.code == 2
    assert "--status" in ran.err


def test_show_says_how_far_repeated_readings_lay_apart(qatui, workspace, tmp_path):
    with closing(sqlite3.connect(tmp_path / "w.db")) as db, db:
        db.execute("UPDATE verdicts SET readings = 3, tone_spread = 0.5, clarity_spread = 0, empathy_spread = 1.5")
    text = qatui("show", "T-1").out
    assert "±0.5 in 3 readings" in text
    assert "±1.5 in 3 readings" in text
    explanations = qatui("show", "T-1", "--format", "json").json["explanations"]
    assert [explanations[name]["spread"] for name in ("tone", "clarity", "empathy")] == [0.5, 0.0, 1.5]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_first_signal_asks_for_a_good_end(number, capsys):
    asked = []

    async def work():
        stopped = asyncio.Event()
        asked.append(stopped)
        os.kill(os.getpid(), number)
        await stopped.wait()
        return "stored"

    with pytest.raises(typer.Exit) as left:
        run_until_told(work, lambda: asked[0].set(), "Stopping.")
    assert left.value.exit_code == 128 + number
    assert capsys.readouterr().err == f"Stopping.\n{KEPT}\n"


def test_the_second_signal_waits_for_nothing(capsys):
    asked = []

    async def work():
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.Event().wait()

    def stop():
        asked.append(1)
        os.kill(os.getpid(), signal.SIGTERM)

    with pytest.raises(typer.Exit) as left:
        run_until_told(work, stop, "")
    assert (asked, left.value.exit_code) == ([1], 143)
    assert capsys.readouterr().err == f"{KEPT}\n"


def test_without_a_signal_work_gives_what_it_made():
    async def work():
        return 7

    assert run_until_told(work, lambda: None, "") == 7
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_why_a_judge_failed_is_said(qatui, workspace, monkeypatch):
    monkeypatch.setenv("QATUI_LLM_BASE_URL", "http://127.0.0.1:9/v1")  # the port of nobody
    monkeypatch.setenv("QATUI_LLM_MODEL", "small")
    monkeypatch.setenv("QATUI_LLM_TRIES", "1")
    ran = qatui("score", "--judge", "llm", "--limit", "2")
    assert ran.code == 3
    assert "It failed at all of them because there is no endpoint at 127.0.0.1" in ran.err
