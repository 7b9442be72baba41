"""The command line, run in this process on a workspace of its own."""

import json
import sys
from dataclasses import dataclass

import pytest

from qatui.cli import main

HOSTILE = "\x1b[31mred\x1b]52;c;aGk=\x07 [/x] [@click=app.quit]here[/] a\u202eb \0 =cmd " + "w" * 300


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


@pytest.fixture
def qatui(tmp_path, monkeypatch, capsys):
    """A function that runs `qatui ARGUMENTS…` and gives its exit code, standard output and standard error."""
    (tmp_path / "config.toml").touch()
    monkeypatch.setenv("QATUI_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.setenv("QATUI_DB", str(tmp_path / "w.db"))
    monkeypatch.setenv("QATUI_TIMEZONE", "Europe/Berlin")
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["qatui", *map(str, arguments)])
        capsys.readouterr()
        try:
            main()
            code = 0
        except SystemExit as stop:
            code = int(stop.code or 0)
        out, err = capsys.readouterr()
        return Ran(code, out, err)

    return run


def conversation(number, *, rep="Ana", team="Billing", reply=None, ask=None, **more):
    """One closed ticket in the import format, with times; any field can be replaced."""
    reply = reply or (
        f"Hello! I am sorry that order {number} is late. I asked the carrier and you will have it on Friday. Thanks!"
    )
    return {
        "format": "qatui/1",
        "id": f"T-{number}",
        "source": "desk",
        "channel": "email",
        "status": "closed",
        "opened_at": f"2026-03-{number % 28 + 1:02}T09:00:00Z",
        "closed_at": f"2026-03-{number % 28 + 1:02}T12:00:00Z",
        "subject": f"Late order {number}",
        "messages": [
            {
                "id": "m1",
                "at": f"2026-03-{number % 28 + 1:02}T09:00:00Z",
                "from": "customer",
                "text": ask or "I have waited two weeks now and I am really annoyed. Where is my order?",
            },
            {
                "id": "m2",
                "at": f"2026-03-{number % 28 + 1:02}T11:00:00Z",
                "from": "rep",
                "author": {"id": rep.lower(), "name": rep, "team": team},
                "text": reply,
            },
        ],
        **more,
    }


@pytest.fixture
def lines(tmp_path):
    """A function that writes conversations (or raw lines) to a file and gives its path."""

    def write(*rows, name="in.jsonl"):
        path = tmp_path / name
        path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows), "utf-8")
        return path

    return write


@pytest.fixture
def workspace(qatui, lines):
    """Twelve scored tickets of two reps, one hostile, one too short to score, one still open."""
    rows = [conversation(n, rep="Ana" if n % 2 else "Tom", team="Billing" if n % 2 else "Technical") for n in range(12)]
    rows.append(
        conversation(
            90,
            subject=HOSTILE,
            ask=HOSTILE,
            reply=f"Hello {HOSTILE} we are sorry, we send it again today, thanks a lot.",
        )
    )
    rows.append(conversation(91, reply="No."))
    rows.append(conversation(92, status="open", closed_at=None))
    assert qatui("import", lines(*rows)).code == 0
    assert qatui("score").code == 0
    return rows
