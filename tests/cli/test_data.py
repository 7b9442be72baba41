"""Import, score, demo, db, doctor and keys from the command line: exit codes, narration, nothing lost."""

import json
import os
import subprocess
import sys

import pytest

from qatui.cli import globals_first
from tests.cli.conftest import conversation


def test_importing_twice_changes_nothing(qatui, lines):
    path = lines(*(conversation(n) for n in range(5)))
    assert "5 new" in qatui("import", path).err
    again = qatui("import", path)
    assert again.code == 0
    assert "0 new" in again.err
    assert "5 as before" in again.err


def test_rejected_rows_can_be_mended_and_imported(qatui, lines, tmp_path):
    path = lines(conversation(1), '{"id": "T-2"}', conversation(3))
    ran = qatui("import", path)
    assert ran.code == 3
    assert "in.jsonl" in ran.err
    assert "2" in ran.err
    rejected = [found for found in tmp_path.iterdir() if "rejected" in found.name and found.suffix == ".jsonl"]
    assert len(rejected) == 1
    rejected[0].write_text(rejected[0].read_text().replace('{"id": "T-2"}', json.dumps(conversation(2))))
    assert qatui("import", rejected[0]).code == 0
    assert qatui("report", "tickets", "--format", "json").json["total"] == 3


def test_a_file_that_is_not_there(qatui):
    ran = qatui("import", "absent.jsonl")
    assert ran.code == 1
    assert "absent.jsonl" in ran.err


def test_scoring_says_what_it_did_and_does_it_once(qatui, workspace):
    assert "0 tickets scored" in qatui("score").err
    assert "13 tickets would be judged" in qatui("score", "--rescore", "--dry-run").out
    assert "4 tickets scored" in qatui("score", "--rescore", "--limit", "4").err


def test_quiet_keeps_standard_error_empty(qatui, lines):
    assert qatui("--quiet", "import", lines(conversation(1))).err == ""
    assert qatui("score", "-q").err == ""


def test_global_options_may_stand_anywhere():
    assert globals_first(["report", "reps", "--db", "x", "-q"]) == (["--db", "x", "-q"], ["report", "reps"])
    assert globals_first(["import", "--config=c", "--", "--db"]) == (["--config=c"], ["import", "--", "--db"])
    assert globals_first(["report", "--db"]) == (["--db"], ["report"])


@pytest.mark.parametrize(("arguments", "words"), [(("--db",), "--db"), (("--config", "absent.toml"), "absent.toml")])
def test_global_options_without_a_command_are_checked(qatui, arguments, words):
    ran = qatui(*arguments)
    assert ran.code == 2
    assert words in ran.err


def test_the_database_of_a_run_can_be_named_after_the_command(qatui, lines, tmp_path):
    qatui("import", lines(conversation(1)), "--db", tmp_path / "other.db")
    assert qatui("report", "tickets", "--format", "json").json["total"] == 0
    assert qatui("report", "tickets", "--format", "json", "--db", tmp_path / "other.db").json["total"] == 1


def test_db_check_backup_upgrade(qatui, workspace, tmp_path):
    assert qatui("db", "check").out == "sound\n"
    assert qatui("db", "upgrade").code == 0
    assert qatui("db", "backup", tmp_path / "copy.db").code == 0
    assert qatui("db", "check", "--db", tmp_path / "copy.db").out == "sound\n"
    again = qatui("db", "backup", tmp_path / "copy.db")
    assert again.code == 1
    assert "copy.db" in again.err


@pytest.mark.parametrize("command", ["check", "upgrade"])
def test_no_database_is_made_by_looking_at_it(qatui, tmp_path, command):
    ran = qatui("db", command, "--db", tmp_path / "absent.db")
    assert ran.code == 1
    assert "absent.db" in ran.err
    assert not (tmp_path / "absent.db").exists()


def test_what_is_no_database_is_left_alone(qatui, tmp_path):
    notes = tmp_path / "notes.txt"
    notes.write_text("dear diary " * 500)
    ran = qatui("report", "reps", "--db", notes)
    assert ran.code == 1
    assert "notes.txt" in ran.err
    assert notes.read_text() == "dear diary " * 500


def test_demo_without_a_terminal_prints_the_reports_and_is_built_once(qatui, tmp_path):
    first = qatui("demo", "--db", tmp_path / "demo.db")
    assert first.code == 0
    assert "Wrote" in first.err
    assert "Billing" in first.out
    second = qatui("demo", "--db", tmp_path / "demo.db")
    assert "Wrote" not in second.err
    assert second.out == first.out
    assert "Wrote" in qatui("demo", "--fresh", "--db", tmp_path / "demo.db").err


def test_demo_never_replaces_other_tickets(qatui, workspace, tmp_path):
    ran = qatui("demo", "--fresh", "--db", tmp_path / "w.db")
    assert ran.code == 2
    assert "w.db" in ran.err
    assert qatui("report", "tickets", "--format", "json").json["total"] == len(workspace)


def test_doctor_lists_settings_and_finds_no_problem(qatui, workspace):
    findings = qatui("doctor", "--format", "json").json["findings"]
    assert all(finding["ok"] for finding in findings)
    names = {finding["name"] for finding in findings}
    assert {"qatui", "db", "timezone", "tickets", "sound", "embedded"} <= names


def test_doctor_lists_prices_in_digits(qatui, workspace, monkeypatch):
    monkeypatch.setenv("QATUI_LLM_PRICE_IN", "0.000001")
    monkeypatch.setenv("QATUI_LLM_PRICE_OUT", "2.50")
    settings = {finding["name"]: finding["value"] for finding in qatui("doctor", "--format", "json").json["findings"]}
    assert settings["llm.price_in"] == "0.000001"
    assert settings["llm.price_cached"] == "None"
    assert settings["llm.price_out"] == "2.5"


def test_doctor_says_what_is_broken(qatui, tmp_path):
    (tmp_path / "w.db").write_bytes(b"not a database" * 100)
    ran = qatui("doctor")
    assert ran.code == 1
    assert "problem" in ran.out


def test_keys_lists_every_action(qatui):
    actions = qatui("keys", "--format", "json").json["actions"]
    assert any(action["keys"] for action in actions)
    assert len({action["action"] for action in actions}) == len(actions)


def test_the_application_needs_a_terminal(qatui):
    ran = qatui()
    assert ran.code == 2
    assert "terminal" in ran.err


@pytest.mark.parametrize(
    "command",
    [("report", "reps"), ("report", "tickets", "--format", "json"), ("doctor",), ("keys",), ("score",), ("--help",)],
)
def test_headless_commands_load_neither_textual_nor_openai(command, tmp_path, qatui):
    program = (
        "import sys; from qatui.cli import main\n"
        f"sys.argv = ['qatui', *{list(command)!r}]\n"
        "try: main()\nexcept SystemExit: pass\n"
        "heavy = {'textual', 'openai', 'alembic'} & {name.partition('.')[0] for name in sys.modules}\n"
        "print(sorted(heavy), file=sys.stderr)"
    )
    (tmp_path / "c.toml").touch()
    environ = {**os.environ, "QATUI_DB": str(tmp_path / "w.db"), "QATUI_CONFIG": str(tmp_path / "c.toml")}
    if command[0] in ("report", "score"):  # a database that stands: making one needs the migrations
        assert qatui("report", "reps").code == 0
    ran = subprocess.run([sys.executable, "-c", program], env=environ, check=True, capture_output=True, text=True)
    assert ran.stderr.strip().splitlines()[-1] == "[]"
