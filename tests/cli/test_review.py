"""`qatui review`, `undo` and `redo` over several runs of the program, and what reports say of reviews and judges."""

import csv
import io
import sqlite3

import pytest

SET = ("--tone", "1", "--clarity", "2", "--empathy", "5")


@pytest.fixture
def ticket(qatui, workspace):
    """A function that gives a ticket of `report tickets` by its id."""

    def named(name):
        rows = qatui("report", "tickets", "--format", "json").json["tickets"]
        return next(row for row in rows if row["id"] == name)

    return named


def three(scores):
    return (scores["tone"], scores["clarity"], scores["empathy"])


def test_own_scores_are_shown_and_the_judges_stay(qatui, ticket):
    before = ticket("T-3")
    assert (before["review"], before["judged"]) == (None, {key: before[key] for key in ("tone", "clarity", "empathy")})
    ran = qatui("review", "set", "T-3", *SET, "--comment", "Blames the customer.")
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == "Scored T-3: tone 1, clarity 2, empathy 5 (`qatui undo` takes it back).\n"
    after = ticket("T-3")
    assert three(after) == (1, 2, 5)
    assert (after["judged"], after["judge"]) == (before["judged"], before["judge"])
    review = after["review"]
    assert (review["stand"], three(review["scores"]), review["comment"], review["blind"]) == (
        "scored", (1, 2, 5), "Blames the customer.", False,
    )  # fmt: skip
    assert review["who"]
    assert review["at"].endswith("Z")
    assert "reviewed" in after["flags"]


def test_agree_dispute_withdraw_undo_and_redo(qatui, ticket):
    judged = ticket("T-1")["judged"]
    assert qatui("review", "agree", "T-1", "desk/T-2", "T-1").err.startswith("Agreed with the scores of 2 tickets")
    assert ticket("T-1")["review"]["stand"] == "agreed"
    assert ticket("T-1")["review"]["scores"] == judged
    assert qatui("review", "dispute", "T-1", "--comment", "No.").code == 0
    disputed = ticket("T-1")
    assert (disputed["review"]["stand"], disputed["review"]["scores"]) == ("disputed", None)
    assert "disputed" in disputed["flags"]
    assert qatui("review", "withdraw", "T-1", "T-2").err.startswith("Withdrew the review of 2 tickets")
    assert ticket("T-1")["review"] is None
    assert qatui("undo").err == "Undo: withdrew the review of 2 tickets.\n"
    assert ticket("T-1")["review"]["stand"] == "disputed"
    for _ in range(2):
        assert qatui("undo").code == 0
    assert ticket("T-2")["review"] is None
    assert "nothing to undo" in qatui("undo").err
    assert qatui("redo").err == "Redo: agreed with the scores of 2 tickets.\n"
    assert ticket("T-2")["review"]["stand"] == "agreed"


def test_show_tells_what_people_say(qatui, ticket):
    qatui("review", "set", "T-3", *SET, "--comment", "Cold.\nAnd \x1b[31mred.", "--blind")
    text = qatui("show", "T-3").out
    assert "gives own scores, blind" in text
    assert "these count" in text
    assert "    Tone 1 of 5, Clarity 2 of 5, Empathy 5 of 5\n    Cold.\n    And ␛[31mred.\n" in text
    shown = qatui("show", "T-3", "--format", "json").json
    assert [(each["stand"], each["current"], each["blind"]) for each in shown["reviews"]] == [("scored", True, True)]
    assert shown["review"]["comment"].startswith("Cold.")


def test_the_queue_and_what_a_blind_one_hides(qatui, ticket):
    rows = qatui("review", "queue", "--format", "json").json["tickets"]
    assert rows
    assert len(rows) == len({row["id"] for row in rows}) <= 9  # of three reps, three each
    assert all(row["why"] and row["tone"] for row in rows)
    blind = qatui("review", "queue", "--blind", "--format", "json").json["tickets"]
    assert {row["id"] for row in blind} == {row["id"] for row in rows}
    assert not {key for row in blind for key in row} & {"tone", "clarity", "empathy", "why", "kind", "flags", "judge"}
    for output in ("table", "csv"):
        header = qatui("review", "queue", "--blind", "--format", output).out.splitlines()[0]
        assert "tone" not in header
        assert "why" not in header
    read = rows[0]["id"]
    qatui("review", "agree", read)
    left = [row["id"] for row in qatui("review", "queue", "--format", "json").json["tickets"]]
    assert left == [row["id"] for row in rows[1:]]
    assert len(qatui("review", "queue", "--size", "2", "--seed", "x", "--format", "json").json["tickets"]) == 2
    of_tom = qatui("review", "queue", "--rep", "Tom", "--format", "json").json["tickets"]
    assert {row["rep"] for row in of_tom} == {"Tom"}
    assert len(of_tom) >= 5


def test_an_empty_queue_says_so(qatui):
    ran = qatui("review", "queue")
    assert (ran.code, "Nothing is left to read" in ran.err) == (0, True)
    assert "leave a condition away" in qatui("review", "queue", "--rep", "Nobody").err
    ran = qatui("review", "list")
    assert (ran.code, ran.err) == (0, "No review is kept yet.\n")


def test_the_list_of_reviews(qatui, ticket):
    judged = ticket("T-3")["judged"]
    qatui("review", "set", "T-3", *SET, "--comment", "=HYPERLINK()")
    qatui("review", "dispute", "T-5", "--comment", "No.")
    rows = qatui("review", "list", "--format", "json").json["reviews"]
    assert [(row["id"], row["stand"]) for row in rows] == [("T-5", "disputed"), ("T-3", "scored")]
    assert (rows[1]["judged"], rows[1]["current"]) == (judged, True)
    me = rows[0]["who"]
    assert len(qatui("review", "list", "--who", me, "--limit", "1", "--format", "json").json["reviews"]) == 1
    assert qatui("review", "list", "--who", "nobody", "--format", "json").json == {"reviews": []}
    assert qatui("review", "list", "--since", "2099-01-01", "--format", "json").json == {"reviews": []}
    [first, second] = csv.DictReader(io.StringIO(qatui("review", "list", "--format", "csv").out))
    assert (first["ticket"], first["tone"], first["comment"]) == ("desk/T-5", "", "No.")
    assert (second["tone"], second["judged"]) == ("1", " ".join(str(score) for score in three(judged)))
    assert second["comment"].startswith("'=")


def another_judge(path):
    """Let T-3 be judged by another judge, who comes later and gives 5, 5, 5."""
    with sqlite3.connect(path) as connection:
        connection.execute("INSERT INTO judges (id, judge, model, rubric) VALUES (9, 'llm', 'small', 'r')")
        connection.execute(
            "INSERT INTO verdicts (ticket_id, content_hash, judge_id, at, tone, clarity, empathy, emotional_cue, flags,"
            " tokens, explanations)"
            " SELECT ticket_id, content_hash, 9, at + 1, 5, 5, 5, 1, 0, 0, explanations FROM verdicts"
            " WHERE ticket_id = (SELECT id FROM tickets WHERE external_id = 'T-3')"
        )
        connection.execute(
            "UPDATE listing SET tone = 5, clarity = 5, empathy = 5, overall = 15, judge_id = 9,"
            " flags = flags & 9, verdict_id = (SELECT id FROM verdicts WHERE judge_id = 9)"
            " WHERE id = (SELECT ticket_id FROM verdicts WHERE judge_id = 9)"
        )
    connection.close()


def test_reports_say_which_judges_gave_the_scores(qatui, ticket, tmp_path):
    ran = qatui("report", "reps")
    assert ran.err == ""
    one = qatui("report", "reps", "--format", "json").json
    assert [(each["judge"], each["tickets"]) for each in one["judges"]] == [("offline", 13)]
    another_judge(tmp_path / "w.db")
    assert qatui("db", "check").out == "sound\n"
    qatui("review", "set", "T-5", *SET)
    both = qatui("report", "reps", "--format", "json").json
    assert [(each["judge"], each["tickets"]) for each in both["judges"]] == [("offline", 11), ("llm", 1)]
    assert (both["reviewed"], both["judges"][1]["model"]) == (1, "small")
    said = qatui("report", "reps").err
    assert "2 judges" in said
    assert "llm · small (1), and 1 by people" in said
    assert qatui("--quiet", "report", "reps").err == ""
    llm = qatui("report", "tickets", "--judge", "llm", "--format", "json").json
    assert [row["id"] for row in llm["tickets"]] == ["T-3"]
    assert qatui("report", "reps", "--judge", "small", "--format", "json").json["teams"][0]["tickets"] == 1


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("review", "agree", "T-404"), 1, "T-404"),
        (("review", "agree", "T-91"), 2, "cannot be scored"),
        (("review", "set", "T-3", "--tone", "6", "--clarity", "2", "--empathy", "2"), 2, "--tone"),
        (("review", "set", "T-3", "--tone", "4"), 2, "--clarity"),
        (("review", "dispute", "T-3", "--comment", " "), 2, "needs a reason"),
        (("review", "dispute", "T-3"), 2, "--comment"),
        (("review", "withdraw", "T-3"), 2, "not reviewed T-3"),
        (("review", "list", "--since", "yesterday"), 2, "no date"),
        (("review", "queue", "--size", "0"), 2, "size"),
        (("redo",), 2, "nothing to redo"),
    ],
)
def test_errors_say_what_and_how_to_mend_it(qatui, workspace, arguments, code, words):
    ran = qatui(*arguments)
    assert (ran.code, ran.out) == (code, "")
    assert words in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize("output", ["table", "csv", "json"])
@pytest.mark.parametrize("command", [("review", "queue"), ("review", "list")])
def test_hostile_text_never_reaches_the_terminal(qatui, workspace, command, output):
    assert qatui("review", "dispute", "T-90", "--comment", "\x1b[31mred \u202e\x07").code == 0
    ran = qatui(*command, "--format", output)
    assert ran.code == 0
    assert not set(ran.out) & {"\x1b", "\x07", "\0", "\u202e", "\x9b"}
