"""`qatui report performance` and `qatui simulate`: contracts, and the same numbers everywhere."""

import asyncio
import csv
import io
import json
import statistics
import sys
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from qatui.config import load_settings
from qatui.domain.performance import METRICS, Kind, MetricId
from qatui.domain.performance_behind import Behind, PerformanceQuestion
from qatui.domain.period import parse_instant
from qatui.domain.weeks import Period
from qatui.services.simulate import simulate
from qatui.services.workspace import open_workspace
from tests.unit.outcome.brute import evaluate
from tests.unit.outcome.test_against_brute import differences

ZONE = ZoneInfo("Europe/Berlin")
END = datetime(2026, 3, 20, 15, 30, tzinfo=UTC)
AS_OF = ("--as-of", "2026-03-20T15:30:00Z")
HOSTILE = "\x1b[31mred\x1b]52;c;aGk=\x07 [/x] \u202e=1+1"


@pytest.fixture(scope="module")
def log():
    """Six weeks of an invented shop, some of it with foreign text in the worst places."""
    rows = list(simulate(6, 400, 5, until=END))
    for row in rows[::40]:
        row["channel"] = HOSTILE
        for event in row["events"]:
            if event["type"] == "handoff":
                event["reason"] = HOSTILE
    return rows


@pytest.fixture
def shop(qatui, lines, log):
    """A workspace with that log, and the function that runs commands on it."""
    assert qatui("import", lines(*log)).code == 0
    return qatui


def dated(conversation):
    """A conversation in the import format as the second evaluation wants it: with datetimes, and nothing missing."""
    times = ("at", "opened_at", "closed_at")
    plain = {"closed_at": None, "opened_at": None, **conversation}

    def moment(row):
        return {key: datetime.fromisoformat(value) if key in times and value else value for key, value in row.items()}

    return {
        **moment({key: value for key, value in plain.items() if key not in ("messages", "events")}),
        "messages": [moment(message) for message in conversation["messages"]],
        "events": [moment(event) for event in conversation["events"]],
    }


def test_json_equals_an_independent_evaluation(shop, log):
    given = shop("report", "performance", "--format", "json", "--since", "2026-02-18", *AS_OF).json
    due = evaluate(
        [dated(row) for row in log],
        as_of=END,
        zone=ZONE.key,
        since=datetime(2026, 2, 17, 23, tzinfo=UTC),
    )
    assert due["totals"]["handled"] > 100
    assert given["as_of"] == "2026-03-20T15:30:00Z"
    assert given["timezone"] == ZONE.key
    given["channels"] = {row["channel"]: row for row in given["channels"]}
    given["handoff"]["reasons"] = {row["reason"]: row["handed_off"] for row in given["handoff"]["reasons"]}
    given["agent_resolved"] = given["team"][0]["resolved"]
    given["reps"] = {row["rep"]: row["resolved"] for row in given["team"][1:]}
    due.pop("episodes")
    assert list(differences(given, due)) == []
    for block in (given["totals"], *given["weeks"], *given["channels"].values()):
        settled = block["resolved"] + block["deflected_unresolved"] + block["handed_off"] + block["human_joined"]
        assert settled == block["settled"]


def test_the_contract_of_the_json(shop):
    report = shop("report", "performance", "--format", "json").json
    assert {
        "as_of", "timezone", "totals", "weeks", "channels", "impact", "handoff", "resolution_time", "team", "feedback"
    } <= set(report)  # fmt: skip
    block = {
        "inbound", "handled", "settled", "pending", "resolved", "resolved_unverified", "deflected", "handed_off",
        "human_joined", "late_handoffs", "handle_rate", "resolution_rate", "deflection_rate", "handoff_rate",
        "helpful_rate",
    }  # fmt: skip
    assert block <= set(report["totals"])
    assert all({"week", "start", "partial"} | block <= set(week) for week in report["weeks"])
    assert all({"channel"} | block <= set(row) for row in report["channels"])
    assert {"share", "mean_seconds", "median_seconds", "n"} <= set(report["handoff"])
    assert {"mean_seconds", "median_seconds", "n"} <= set(report["resolution_time"])
    assert all({"name", "resolved"} <= set(row) for row in report["team"])
    assert all({"week", "positive", "negative", "neutral"} <= set(row) for row in report["feedback"])


def in_json(report, metric):
    """Where a figure of the whole period stands in the JSON."""
    match metric:
        case MetricId.RESOLUTION_MEAN:
            return report["resolution_time"]["mean_seconds"]
        case MetricId.RESOLUTION_MEDIAN:
            return report["resolution_time"]["median_seconds"]
        case MetricId.HANDOFF_SHARE:
            return report["handoff"]["share"]
        case MetricId.HANDOFF_MEAN:
            return report["handoff"]["mean_seconds"]
        case MetricId.HANDOFF_MEDIAN:
            return report["handoff"]["median_seconds"]
        case MetricId.TEAM:
            return report["team"][0]["resolved"]
        case MetricId.REP_CLOSED:
            return sum(row["resolved"] for row in report["team"][1:])
        case MetricId.FEEDBACK_POSITIVE | MetricId.FEEDBACK_NEGATIVE | MetricId.FEEDBACK_NEUTRAL:
            return sum(week[metric.removeprefix("feedback_")] for week in report["feedback"])
    return report["totals"][metric]


async def on_screen_and_behind():
    """{metric: (the figure as the screen shows it, the figure counted from the rows behind it)}."""
    found = {}
    async with open_workspace(load_settings()) as workspace:
        question = PerformanceQuestion(as_of=END, period=Period(since=parse_instant("2026-02-18", ZONE)))
        report = await workspace.performance.report(question)

        async def rows(count):
            return await workspace.performance.behind(question, Behind(count=count)).rows(0, 10_000)

        for metric in MetricId:
            explained = report.explain(metric)
            assert explained.value == report.value(metric)
            part = await rows(METRICS[metric].numerator)
            assert explained.numerator.number == len(part)
            for each in (explained.denominator, *explained.left_out):
                if each is not None and each.count is not None:
                    assert each.number == len(await rows(each.count))
            times = [row.time_to_close.total_seconds() for row in part if row.time_to_close is not None]
            match METRICS[metric].kind:
                case Kind.COUNT:
                    counted = len(part)
                case Kind.RATE:
                    counted = len(part) / len(await rows(METRICS[metric].denominator))
                case Kind.MEAN:
                    counted = statistics.fmean(times)
                case Kind.MEDIAN:
                    counted = statistics.median(times)
            found[metric] = (report.value(metric), counted)
    return found


def test_every_figure_is_the_same_on_screen_in_json_in_csv_and_behind_the_drill_down(shop):
    options = ("--since", "2026-02-18", *AS_OF)
    report = shop("report", "performance", "--format", "json", *options).json
    lines_of = list(csv.DictReader(io.StringIO(shop("report", "performance", "--format", "csv", *options).out)))
    total = next(row for row in lines_of if row["level"] == "total")
    for metric, (screen, behind) in asyncio.run(on_screen_and_behind()).items():
        assert screen, metric
        column = MetricId.RESOLVED if metric is MetricId.TEAM else metric
        assert [in_json(report, metric), float(total[column]), behind] == pytest.approx([screen] * 3, rel=1e-12), metric
    weeks = [row for row in lines_of if row["level"] == "week"]
    for given, row in zip(report["weeks"], weeks, strict=True):
        assert (given["week"], given["start"], str(given["partial"])) == (row["name"], row["start"], row["partial"])
        for key, value in given.items():
            if key not in ("week", "start", "partial", "provisional"):
                assert row[key] == ("" if value is None else str(value)), key
    channels = [row for row in lines_of if row["level"] == "channel"]
    assert [int(row["handled"]) for row in channels] == [row["handled"] for row in report["channels"]]


def test_options_narrow_it(shop):
    def asked(*options):
        return shop("report", "performance", "--format", "json", *AS_OF, *options).json

    everything = asked()
    by_channel = {row["channel"]: row["handled"] for row in everything["channels"]}
    assert asked("--channel", "CHAT")["totals"]["handled"] == by_channel["chat"]
    both = asked("--channel", "chat", "--channel", "email")
    assert both["totals"]["handled"] == by_channel["chat"] + by_channel["email"]
    assert [row["channel"] for row in both["channels"]] == ["chat", "email"]
    billing = asked("--team", "Billing")
    assert {row["team"] for row in billing["team"][1:]} == {"Billing"}
    assert billing["totals"] == everything["totals"]
    assert [week["week"] for week in asked("--limit", "2")["weeks"]] == ["2026-W11", "2026-W12"]
    assert asked("--limit", "2")["totals"] == everything["totals"]
    until = asked("--until", "2026-03-01")
    assert until["weeks"][-1]["week"] == "2026-W09"
    assert until["totals"]["inbound"] == sum(
        week["inbound"] for week in everything["weeks"] if week["week"] < "2026-W10"
    )
    earlier = shop("report", "performance", "--format", "json", "--as-of", "2026-03-01").json
    assert earlier["as_of"] == "2026-03-01T22:59:59.999999Z"
    assert earlier["totals"]["inbound"] == until["totals"]["inbound"]
    assert earlier["totals"]["pending"] > 0


def test_a_channel_that_is_not_there_is_said_and_empty(shop):
    ran = shop("report", "performance", "--channel", "pigeon", "--format", "json")
    assert (ran.code, ran.json["totals"]["inbound"], ran.json["totals"]["handle_rate"]) == (0, 0, None)
    assert "pigeon" in ran.err


def test_the_setting_of_agent_channels_decides_the_handle_rate(shop, monkeypatch):
    everywhere = shop("report", "performance", "--format", "json", *AS_OF).json
    monkeypatch.setenv("QATUI_AGENT_CHANNELS", "chat, email")
    there = shop("report", "performance", "--format", "json", *AS_OF).json
    assert {row["channel"] for row in there["channels"] if row["customer_agent"]} == {"chat", "email"}
    inbound = {row["channel"]: row["inbound"] for row in everywhere["channels"]}
    assert there["totals"]["inbound"] == inbound["chat"] + inbound["email"]
    assert there["totals"]["handled"] == everywhere["totals"]["handled"]


def test_the_table_fits_eighty_columns_and_marks_what_will_change(shop):
    ran = shop("report", "performance", *AS_OF)
    assert ran.code == 0
    weeks = [line for line in ran.out.splitlines() if line.startswith(("week ", "2026-W", "all "))]
    assert len(weeks) == 9
    assert max(map(len, weeks)) <= 80
    assert "2026-W12 *~" in ran.out
    assert "Resolution rate" in ran.out
    assert "conversations marked as spam" in ran.out


@pytest.mark.parametrize("output", ["table", "csv", "json"])
def test_hostile_text_never_reaches_the_terminal(shop, output):
    ran = shop("report", "performance", "--format", output)
    assert ran.code == 0
    assert not set(ran.out) & {"\x1b", "\x07", "\u202e"}
    if output == "csv":
        assert not any(cell.startswith("=") for row in csv.reader(io.StringIO(ran.out)) for cell in row)


def test_an_empty_workspace_is_no_error(qatui):
    report = qatui("report", "performance", "--format", "json").json
    assert report["weeks"] == report["channels"] == []
    assert report["totals"]["resolution_rate"] is None
    assert report["handoff"]["median_seconds"] is None
    for output in ("table", "csv"):
        ran = qatui("report", "performance", "--format", output)
        assert ran.code == 0
        assert "None" not in ran.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("report", "performance", "--since", "monday"), "no date"),
        (("report", "performance", "--as-of", "2026-13-01"), "no date"),
        (("report", "performance", "--as-of", "9999-12-30"), "calendar"),
        (("report", "performance", "--limit", "0"), "limit"),
        (("simulate", "--weeks", "0", "--conversations", "5"), "week"),
        (("simulate", "--weeks", "1", "--conversations", "5", "--channels", "chat=0.5,email"), "email"),
        (("simulate", "--weeks", "1", "--conversations", "5", "--channels", "=1"), "chat=0.6"),
        (("simulate", "--weeks", "1", "--conversations", "5", "--handoff-share", "0.9"), "shares"),
        (("simulate", "--weeks", "1", "--conversations", "5", "--until", "soon"), "no date"),
        (("simulate", "--conversations", "5"), "weeks"),
    ],
)
def test_wrong_options_are_told_with_the_mend(qatui, arguments, words):
    ran = qatui(*arguments)
    assert ran.code == 2
    assert words in ran.err
    assert ran.out == ""
    assert "Traceback" not in ran.err


def test_simulate_writes_what_import_reads(qatui, tmp_path):
    options = ("--weeks", 3, "--conversations", 50, "--seed", 9, "--until", "2026-03-20", "--channels", "chat=3,fax=1")
    ran = qatui("simulate", *options)
    rows = [json.loads(line) for line in ran.out.splitlines()]
    assert len(rows) == 50
    assert {row["channel"] for row in rows} == {"chat", "fax"}
    assert max(row["opened_at"] for row in rows) < "2026-03-20T23:00:00Z", "the end of that day in Berlin"
    target = tmp_path / "log.jsonl"
    assert qatui("simulate", *options, "--output", target).code == 0
    assert target.read_text("utf-8") == ran.out
    again = qatui("simulate", *options, "--output", target)
    assert (again.code, "exists" in again.err) == (2, True), "nothing is overwritten"
    imported = qatui("import", target)
    assert imported.code == 0
    assert "50 new" in imported.err
    assert qatui("report", "performance", "--format", "json").json["totals"]["inbound"] > 0


def test_simulate_does_not_flood_a_terminal(qatui, monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    ran = qatui("simulate", "--weeks", 1, "--conversations", 100_000)
    assert ran.code == 2
    assert "100,000" in ran.err
    assert "--output" in ran.err
    assert ran.out == ""
