"""`qatui report` and `qatui show` keep their contracts: JSON for scripts, tables for people, harmless for terminals."""

import csv
import io

import pytest

from qatui.text import storable


def test_reps_json(qatui, workspace):
    teams = qatui("report", "reps", "--format", "json").json["teams"]
    assert [team["team"] for team in teams] == ["Billing", "Technical"]
    for team in teams:
        assert team["tickets"] == sum(rep["tickets"] for rep in team["reps"])
        for row in (team, *team["reps"]):
            mean = (row["tone"] + row["clarity"] + row["empathy"]) / 3
            assert row["overall_percent"] == pytest.approx(mean / 5 * 100)
            low, high = row["ci95_percent"]
            assert low <= row["overall_percent"] <= high


def test_reps_counts_the_unscored_by_reason(qatui, workspace):
    assert qatui("report", "reps", "--format", "json").json["unscored"] == {"not_closed": 1, "too_short": 1}


def test_tickets_json_quotes_are_verbatim_and_by_the_speaker(qatui, workspace):
    given = {row["id"]: row for row in workspace}
    report = qatui("report", "tickets", "--format", "json").json
    assert report["total"] == len(workspace)
    assert len(report["tickets"]) == 13
    assert {row["id"]: row["reason"] for row in report["unscored"]} == {"T-91": "too_short", "T-92": "not_closed"}
    quotes = 0
    for ticket in report["tickets"]:
        messages = {message["id"]: message for message in given[ticket["id"]]["messages"]}
        for dimension in ("tone", "clarity", "empathy"):
            assert ticket[dimension] in range(1, 6)
            explanation = ticket["explanations"][dimension]
            assert explanation["text"]
            for evidence in explanation["evidence"]:
                quotes += 1
                said = messages[evidence["message"]]
                assert evidence["quote"] in storable(said["text"])
                assert evidence["speaker"] == said["from"]
    assert quotes > 0


def test_a_filter_by_rep_team_and_date(qatui, workspace):
    def ids(*options):
        return {row["id"] for row in qatui("report", "tickets", "--format", "json", *options).json["tickets"]}

    assert ids("--rep", "tom") == {f"T-{n}" for n in range(0, 12, 2)}
    assert ids("--team", "Technical") == ids("--rep", "desk/tom")
    assert ids("--since", "2026-03-03", "--until", "2026-03-04") == {"T-2", "T-3"}
    assert ids("--as-of", "2026-03-02T00:00") == {"T-0"}
    assert ids("--search", "late 11") == {"T-11"}
    assert len(ids("--limit", "4")) == 4


def test_the_same_numbers_in_json_and_csv(qatui, workspace):
    team = qatui("report", "reps", "--format", "json").json["teams"][0]
    row = next(csv.DictReader(io.StringIO(qatui("report", "reps", "--format", "csv").out)))
    assert (row["level"], row["team"]) == ("team", team["team"])
    for column in ("tickets", "overall_percent", "tone", "clarity", "empathy"):
        assert float(row[column]) == pytest.approx(team[column])


@pytest.mark.parametrize("output", ["table", "csv", "json"])
@pytest.mark.parametrize("command", [("report", "tickets"), ("report", "reps"), ("show", "T-90")])
def test_hostile_text_never_reaches_the_terminal(qatui, workspace, command, output):
    ran = qatui(*command, "--format", output)
    assert ran.code == 0
    assert not set(ran.out) & {"\x1b", "\x07", "\0", "\u202e", "\x9b"}


def test_show_numbers_the_evidence(qatui, workspace):
    ran = qatui("show", "desk/T-3")
    assert "Late order 3" in ran.out
    assert "[1]" in ran.out
    assert "Empathy" in ran.out


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("show", "T-404"), 1, "T-404"),
        (("report", "tickets", "--since", "yesterday"), 2, "no date"),
        (("report", "tickets", "--sort", "mood"), 2, "mood"),
        (("report", "reps", "--format", "xml"), 2, "xml"),
        (("score", "--judge", "magic"), 2, "magic"),
    ],
)
def test_errors_say_what_and_how_to_mend_it(qatui, workspace, arguments, code, words):
    ran = qatui(*arguments)
    assert ran.code == code
    assert words in ran.err
    assert "Traceback" not in ran.err
    assert ran.out == ""


def test_an_empty_workspace_is_no_error(qatui):
    assert qatui("report", "reps", "--format", "json").json == {
        "teams": [],
        "unscored": {},
        "overall_formula": "mean of the three scores ÷ 5",
        "judges": [],
        "reviewed": 0,
    }
    assert qatui("report", "tickets", "--format", "json").json == {"total": 0, "tickets": [], "unscored": []}
    assert qatui("report", "reps").code == 0
