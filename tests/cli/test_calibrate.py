"""`qatui calibrate` from the command line: comparing, the golden set, adopting and trying a judge."""

import asyncio
import csv
import io
from pathlib import Path

import pytest

from qatui.config import Settings
from qatui.domain.review import Scores
from qatui.services.workspace import open_workspace


@pytest.fixture
def reviewed(workspace, tmp_path):
    """The scored workspace with four reviews by whoever runs the tests: two blind, one seeing, one agreeing."""

    async def review():
        async with open_workspace(Settings(db=str(tmp_path / "w.db"), timezone="UTC")) as opened:
            for number, scores, blind in ((0, (5, 4, 4), True), (1, (3, 3, 5), True), (2, (1, 2, 3), False)):
                row_id = await opened.reports.find(f"T-{number}")
                await opened.reviews.score(row_id, Scores(*scores), blind=blind)
            await opened.reviews.agree([await opened.reports.find("T-3")])

    asyncio.run(review())


def test_figures_are_the_same_as_table_json_and_csv(qatui, reviewed):
    found = qatui("calibrate", "--format", "json").json
    assert found["first"]["kind"] == "judge"
    assert found["second"]["name"] == "people"
    assert found["pairs"] == 4
    assert found["people"] == {"blind": 2, "own": 1, "agreed": 1}
    tone = found["dimensions"]["tone"]
    assert sum(map(sum, tone["table"])) == tone["pairs"] == 4
    assert tone["exact_share"] == tone["exact"] / 4
    assert tone["few"]
    rows = list(csv.DictReader(io.StringIO(qatui("calibrate", "--format", "csv").out)))
    assert [row["dimension"] for row in rows] == ["tone", "clarity", "empathy"]
    for row in rows:
        dimension = found["dimensions"][row["dimension"]]
        assert int(row["exact"]) == dimension["exact"]
        for a in range(5):
            for b in range(5):
                assert int(row[f"first_{a + 1}_second_{b + 1}"]) == dimension["table"][a][b]
    table = qatui("calibrate").out
    assert "compared with people on 4 tickets" in table
    assert "By people: 2 scored blind, 1 with the judge's scores in sight, 1 agreed with." in table
    assert "4 tickets are few" in table
    assert f"{tone['mean_difference']:+.2f}" in table


def test_worst_are_listed_as_many_as_asked(qatui, reviewed):
    worst = qatui("calibrate", "--worst", "2", "--format", "json").json["worst"]
    assert len(worst) == 2
    apart = [max(abs(each["first"][d] - each["second"][d]) for d in each["first"]) for each in worst]
    assert apart == sorted(apart, reverse=True)
    assert worst[0]["ticket"].startswith("desk/T-")


def test_blind_golden_and_filters_narrow(qatui, reviewed):
    blind = qatui("calibrate", "--blind", "--format", "json").json
    assert blind["pairs"] == 2
    assert blind["left_out"] == {"disputes": 0, "seen": 2, "older": 0, "unread": 0}
    assert qatui("calibrate", "offline", "--rep", "Tom", "--format", "json").json["pairs"] == 2
    assert qatui("calibrate", "--until", "2026-03-01", "--format", "json").json["pairs"] == 1
    assert qatui("calibrate", "pin", "T-1").code == 0
    assert qatui("calibrate", "--golden", "--format", "json").json["pairs"] == 1


def test_nothing_to_compare_is_said_with_what_to_do(qatui, workspace):
    ran = qatui("calibrate")
    assert ran.code == 0
    assert "Review some tickets first" in ran.out
    assert "—" in ran.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("zoe",), "Nobody called 'zoe' has scored here"),
        (("offline", "--against", "offline"), "agrees with itself"),
        (("adopt",), "Name a judge, or give --none."),
        (("adopt", "people"), "people is no judge."),
        (("pin",), "Name tickets, or give --reviewed."),
        (("pin", "--reviewed"), "No ticket has a person's scores yet."),
        (("unpin", "T-1"), "not in the golden set"),
        (("trial", "--judge", "offline"), "Nothing is pinned."),
        (("--since", "yesterday"), "yesterday"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(qatui, workspace, arguments, words):
    ran = qatui("calibrate", *arguments)
    assert ran.code in (1, 2)
    assert words in ran.err
    assert "Traceback" not in ran.err


def test_without_any_judge_there_is_a_sentence(qatui):
    assert "No judge has read anything here yet." in qatui("calibrate").err


def test_the_golden_set_is_pinned_listed_and_unpinned(qatui, reviewed):
    assert "Pinned 4 tickets to the golden set" in qatui("calibrate", "pin", "--reviewed").err
    listed = qatui("calibrate", "golden", "--format", "json").json["tickets"]
    assert [each["ticket"] for each in listed] == ["desk/T-3", "desk/T-2", "desk/T-1", "desk/T-0"]
    assert listed[-1]["scores"] == {"tone": 5, "clarity": 4, "empathy": 4}
    assert qatui("calibrate", "unpin", "T-3", "desk/T-2").code == 0
    assert qatui("calibrate", "pin", "T-5").code == 0
    ran = qatui("calibrate", "golden")
    assert "desk/T-5" in ran.out
    assert "1 ticket of 3 without a person's scores" in ran.err
    assert len(list(csv.reader(io.StringIO(qatui("calibrate", "golden", "--format", "csv").out)))) == 4


def test_judges_are_listed_and_one_is_adopted(qatui, reviewed):
    parties = qatui("calibrate", "judges", "--format", "json").json["parties"]
    assert [party["kind"] for party in parties] == ["judge", "people", "person"]
    assert not parties[0]["adopted"]
    name = parties[0]["name"]
    assert f"Adopted {name}" in qatui("calibrate", "adopt", "offline").err
    assert qatui("calibrate", "judges", "--format", "json").json["parties"][0]["adopted"]
    assert "adopted" in qatui("calibrate", "judges").out
    assert "adopted already" in qatui("calibrate", "adopt", name).err
    assert "latest verdict" in qatui("calibrate", "adopt", "--none").err


def test_a_trial_advises_on_standard_output(qatui, reviewed):
    qatui("calibrate", "pin", "--reviewed")
    ran = qatui("calibrate", "trial", "--judge", "offline", "--quiet")
    assert ran.code == 0
    assert ran.out.startswith("Advice: too few. 4 pinned tickets have a person's scores and the judge's; 30 are needed")
    assert ran.err == ""
    qatui("calibrate", "adopt", "offline")
    assert "is the adopted judge." in qatui("calibrate", "trial", "--judge", "offline").out


def test_a_run_that_reads_pinned_tickets_says_the_advice_at_its_end(qatui, reviewed):
    qatui("calibrate", "pin", "T-1")
    assert "Advice: too few." in qatui("score", "--rescore").err
    qatui("calibrate", "unpin", "T-1")
    assert "Advice" not in qatui("score", "--rescore").err


def test_foreign_text_steers_no_terminal(qatui, workspace, tmp_path):
    async def review():
        async with open_workspace(Settings(db=str(tmp_path / "w.db"), timezone="UTC")) as opened:
            await opened.reviews.score(await opened.reports.find("T-90"), Scores(1, 5, 1))

    asyncio.run(review())
    qatui("calibrate", "pin", "T-90")
    for arguments in ((), ("golden",), ("--format", "json"), ("golden", "--format", "csv")):
        ran = qatui("calibrate", *arguments)
        assert "\x1b" not in ran.out
        assert "\u202e" not in ran.out
        assert "desk/T-90" in ran.out


def test_the_documentation_names_every_command_of_the_group() -> None:
    from qatui.cli.calibrate import calibrate

    text = (Path(__file__).resolve().parents[2] / "docs" / "calibration.md").read_text("utf-8")
    for command in calibrate.registered_commands:
        assert command.name
        assert command.name == "compare" or f"qatui calibrate {command.name}" in text
