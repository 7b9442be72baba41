"""`qatui gaps`, `answers`, `people`, `audit`: contracts for scripts, sentences for people, doors closed to viewers."""

import csv
import io
import json
import os
import pwd

import pytest

from tests.cli.conftest import HOSTILE, conversation

LOCKER = "Can the parcel go to a parcel locker {}?"
INVOICE = "How do I correct the company address on my invoice {}?"
TAILS = ("today", "near the station", "please", "for us", "in winter", "in the city")
REPLY = "Hello!\nChoose a parcel locker at checkout under Other address, then it waits there."


def unanswered(number, text, **more):
    """A conversation that the customer agent could not answer; a rep did."""
    row = conversation(number, ask=text, reply=REPLY, **more)
    ask, answer = row["messages"]
    unsure = {"id": "a1", "at": ask["at"], "from": "customer_agent", "text": "I do not know.", "sources": []}
    row["messages"] = [ask, unsure, answer]
    row["events"] = [{"type": "unanswered", "at": ask["at"], "message": "m1"}]
    return row


@pytest.fixture
def gaps(qatui, lines):
    """A workspace with two topics of six questions; gives their numbers by need."""
    rows = [unanswered(n, LOCKER.format(tail)) for n, tail in enumerate(TAILS)]
    rows += [unanswered(n + 10, INVOICE.format(tail)) for n, tail in enumerate(TAILS)]
    assert qatui("import", lines(*rows)).code == 0
    topics = qatui("gaps", "list", "--format", "json").json["topics"]
    numbers = {}
    for row in topics:
        text = qatui("gaps", "show", row["topic"], "--format", "json").json["questions"][0]["text"]
        numbers["locker" if "locker" in text else "invoice"] = row["topic"]
    assert set(numbers) == {"locker", "invoice"}
    return numbers


def test_the_list_keeps_its_contract(qatui, gaps):
    for command in (("gaps", "list"), ("report", "gaps")):
        topics = qatui(*command, "--format", "json").json["topics"]
        assert len(topics) == 2
        for row in topics:
            assert (row["questions"], row["conversations"]) == (6, 6)
            assert (row["state"], row["recurring"], row["since_answer"]) == ("open", False, 0)
            assert row["first_at"] < row["last_at"]
            assert row["first_at"].endswith("Z")
    rows = list(csv.DictReader(io.StringIO(qatui("gaps", "list", "--format", "csv").out)))
    assert {(row["topic"], row["questions"]) for row in rows} == {(str(number), "6") for number in gaps.values()}
    assert "2 topics with 12 questions wait" in qatui("gaps", "list").err


def test_show_lists_the_questions_with_ticket_and_rule(qatui, gaps):
    topic = qatui("gaps", "show", gaps["locker"], "--format", "json").json
    assert (topic["topic"], topic["question_count"], len(topic["questions"])) == (gaps["locker"], 6, 6)
    assert {row["text"] for row in topic["questions"]} == {LOCKER.format(tail) for tail in TAILS}
    for row in topic["questions"]:
        assert (row["rule"], row["state"], row["message"]) == ("unanswered", "open", "m1")
        assert row["ticket"].startswith("desk/T-")
    assert "desk/T-0" in qatui("gaps", "show", topic["name"]).out


def test_options_narrow_the_list(qatui, gaps):
    def topics(*options):
        return [row["topic"] for row in qatui("report", "gaps", "--format", "json", *options).json["topics"]]

    assert topics("--search", "locker") == [gaps["locker"]]
    assert topics("--since", "2026-03-07") == [gaps["invoice"]]
    assert topics("--as-of", "2026-03-06") == [gaps["locker"]]
    assert topics("--channel", "chat") == []
    assert topics("--state", "resolved") == []
    assert len(topics("--limit", "1")) == 1


def test_a_script_answers_edits_and_takes_answers_out(qatui, gaps, tmp_path):
    ran = qatui("gaps", "resolve", gaps["locker"], "--draft", "--question", "Parcel lockers?")
    assert (ran.code, ran.out) == (0, "")
    assert "`qatui undo` takes it back" in ran.err
    [answer] = qatui("answers", "list", "--format", "json").json["answers"]
    assert answer["answer"] == REPLY.partition("\n")[2]
    assert (answer["question"], answer["topic"], answer["version"]) == ("Parcel lockers?", gaps["locker"], 1)
    (tmp_path / "answer.txt").write_text("=Choose one at *checkout*.\n")
    assert qatui("answers", "edit", gaps["locker"], "--file", tmp_path / "answer.txt").code == 0
    [line] = qatui("answers", "export", "--format", "jsonl").out.splitlines()
    assert json.loads(line)["answer"] == "=Choose one at *checkout*."
    assert "'=Choose" in qatui("answers", "export", "--format", "csv").out
    assert qatui("answers", "export", tmp_path / "answers.md").code == 0
    assert "## Parcel lockers?\n\n=Choose one at *checkout*." in (tmp_path / "answers.md").read_text()
    assert qatui("answers", "export", tmp_path / "answers.md").code == 2
    shown = qatui("gaps", "show", gaps["locker"], "--format", "json").json
    assert (shown["state"], [row["version"] for row in shown["answers"]]) == ("resolved", [2, 1])
    assert {row["state"] for row in shown["questions"]} == {"answered"}


def test_sorting_undo_and_redo_over_several_runs(qatui, gaps):
    def state():
        return qatui("gaps", "list", "--format", "json").out, qatui("gaps", "show", gaps["locker"]).out

    before = state()
    questions = [row["id"] for row in qatui("gaps", "show", gaps["locker"], "--format", "json").json["questions"]]
    changes = [
        ("rename", gaps["locker"], "Parcel lockers"),
        ("split", "parcel LOCKERS", *questions[:2], "--name", "Stations"),
        ("move", gaps["invoice"], questions[3]),
        ("dismiss", "--question", questions[4]),
        ("restore", "--question", questions[4]),
        ("dismiss", "Stations", gaps["invoice"]),
        ("restore", "Stations"),
        ("merge", gaps["locker"], "Stations"),
    ]
    for change in changes:
        ran = qatui("gaps", *change)
        assert (ran.code, ran.out) == (0, ""), ran.err
    after = state()
    for _ in changes:
        assert qatui("gaps", "undo").code == 0
    assert state() == before
    assert qatui("gaps", "undo").code == 2
    for _ in changes:
        assert qatui("gaps", "redo").code == 0
    assert state() == after
    log = qatui("audit", "--format", "json").json["changes"]
    assert len(log) == 3 * len(changes)
    me = pwd.getpwuid(os.getuid()).pw_name
    assert {entry["who"] for entry in log} == {me}
    first = log[-1]
    number = str(gaps["locker"])
    assert first["after"]["topics"][number]["name"] == "Parcel lockers"
    assert first["before"]["topics"][number]["name"] != "Parcel lockers"
    assert len(qatui("audit", "--limit", "3", "--format", "json").json["changes"]) == 3
    assert qatui("db", "check").out == "sound\n"


def test_a_viewer_reads_and_changes_nothing(qatui, gaps, lines, monkeypatch):
    assert qatui("gaps", "rename", gaps["locker"], "Lockers").code == 0
    before = qatui("gaps", "list", "--format", "json").out
    owner = pwd.getpwuid(os.getuid()).pw_name
    monkeypatch.setattr(os, "getuid", lambda: 64_999)
    monkeypatch.setenv("USER", owner)
    monkeypatch.setenv("LOGNAME", owner)
    number = gaps["locker"]
    doors = [
        ("gaps", "resolve", number, "--answer", "x"),
        ("gaps", "resolve", number, "--draft"),
        ("gaps", "dismiss", number),
        ("gaps", "dismiss", "--question", "1"),
        ("gaps", "restore", number),
        ("gaps", "merge", number, gaps["invoice"]),
        ("gaps", "split", number, "1"),
        ("gaps", "move", gaps["invoice"], "1"),
        ("gaps", "rename", number, "y"),
        ("gaps", "undo"),
        ("gaps", "redo"),
        ("gaps", "refresh"),
        ("answers", "edit", number, "--answer", "x"),
        ("people", "role", owner, "viewer"),
        ("people", "seat", owner),
        ("people", "unseat", owner),
        ("import", lines(unanswered(70, LOCKER.format("tonight")), name="more.jsonl")),
        ("score",),
    ]
    for door in doors:
        ran = qatui(*door)
        assert ran.code == 1, door
        assert "64999 is a viewer here" in ran.err
        assert f"{owner} (admin) could" in ran.err
    assert qatui("gaps", "list", "--format", "json").out == before
    assert len(qatui("audit", "--format", "json").json["changes"]) == 1
    assert qatui("people", "list", "--format", "json").json["you"]["role"] == "viewer"


def test_people_get_roles_and_seats(qatui, gaps):
    assert qatui("people", "role", "daemon", "editor").code == 0
    assert qatui("people", "seat", "daemon").code == 0
    found = qatui("people", "list", "--format", "json").json
    assert found["seats_limited"] is True
    assert {(row["name"], row["role"], row["seat"]) for row in found["people"]} >= {("daemon", "editor", True)}
    refused = qatui("gaps", "dismiss", gaps["locker"])
    assert (refused.code, "daemon (editor) could" in refused.err) == (1, True)
    assert qatui("people", "unseat", "daemon").code == 0
    assert qatui("gaps", "dismiss", gaps["locker"]).code == 0
    assert qatui("people", "role", "no-such-account", "editor").code == 1
    assert qatui("people", "role", "daemon", "king").code == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("gaps", "show", "nothing like it"), "no topic"),
        (("gaps", "resolve", "1"), "answer is needed"),
        (("gaps", "resolve", "1", "--answer", "a", "--file", "b"), "twice"),
        (("gaps", "dismiss"), "Topics or questions"),
        (("gaps", "refuse", "1"), "not suggested"),
        (("answers", "edit", "1"), "nothing to change"),
        (("gaps", "list", "--since", "yesterday"), "no date"),
    ],
)
def test_errors_say_what_and_how_to_mend_it(qatui, gaps, arguments, words):
    ran = qatui(*arguments)
    assert ran.code in (1, 2)
    assert words in ran.err
    assert "Traceback" not in ran.err
    assert ran.out == ""


@pytest.mark.parametrize("output", ["table", "csv", "json"])
def test_hostile_text_never_reaches_the_terminal(qatui, lines, output):
    rows = [unanswered(n, f"{HOSTILE} locker station {n}") for n in range(4)]
    for row in rows:
        row["messages"][2]["text"] = HOSTILE
    assert qatui("import", lines(*rows)).code == 0
    number = qatui("gaps", "list", "--format", "json").json["topics"][0]["topic"]
    if number:
        assert qatui("gaps", "resolve", number, "--question", HOSTILE, "--answer", HOSTILE).code == 0
    for command in (("gaps", "list"), ("gaps", "show", number), ("gaps", "drafts", number), ("answers", "list")):
        ran = qatui(*command, "--format", output)
        assert ran.code == 0
        assert not set(ran.out + ran.err) & {"\x1b", "\x07", "\0", "\u202e", "\x9b"}
    assert not set(qatui("answers", "export").out) & {"\x1b", "\x07", "\0", "\u202e", "\x9b"}
    assert not set(qatui("audit", "--format", output).out) & {"\x1b", "\x07", "\0", "\u202e", "\x9b"}


def test_an_empty_workspace_is_no_error(qatui):
    assert qatui("report", "gaps", "--format", "json").json == {"topics": []}
    assert qatui("answers", "export", "--format", "jsonl").out == ""
    assert qatui("audit", "--format", "json").json == {"changes": []}
    assert qatui("gaps", "refresh").code == 0
