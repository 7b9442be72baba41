"""Every figure of the report equals a second, naive evaluation, on random hostile logs."""

import random
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from qatui.domain.outcome import history
from qatui.domain.performance_counts import KEPT, SELECTIONS, Subject
from qatui.domain.performance_report import performance_facts, performance_report, report_json
from qatui.domain.weeks import Period, Week

from .brute import evaluate
from .logs import hostile_log, ticket_of

LOGS = 300
CLOSE = 1e-9  # relative; times are exact to the microsecond, their quotients are floats


def questions(seed, zone, moments):
    """Several (as_of, since, until, channels, agent_channels) for one log, most of them in the middle of things."""
    chance = random.Random(-seed - 1)

    def border(hours):
        at = chance.choice(moments)
        return chance.choice((at + timedelta(hours=hours), Week.of(at, ZoneInfo(zone)).start(ZoneInfo(zone))))

    offsets = (timedelta(), timedelta(microseconds=-1), timedelta(hours=72), timedelta(hours=71), timedelta(days=30))
    for _ in range(6):
        as_of = chance.choice(moments) + chance.choice(offsets)
        since = chance.choice((None, None, border(-chance.randint(0, 99))))
        until = chance.choice((None, None, border(chance.randint(0, 99))))
        channels = chance.choice((None, None, ("chat",), ("chat", None, "phone")))
        yield as_of, since, until, channels, chance.choice((None, None, ("chat", "email"), ()))


def differences(ours, brute, path=""):
    """Where two nested structures differ, as (path, ours, brute)."""
    if isinstance(brute, dict):
        for key in brute:
            yield from differences(ours[key], brute[key], f"{path}/{key}")
    elif isinstance(brute, list):
        if len(ours) != len(brute):
            yield path, f"{len(ours)} items", f"{len(brute)} items"
        for number, (mine, theirs) in enumerate(zip(ours, brute, strict=False)):
            yield from differences(mine, theirs, f"{path}/{number}")
    elif isinstance(brute, float) and ours is not None:
        if ours != pytest.approx(brute, rel=CLOSE, abs=0):
            yield path, ours, brute
    elif ours != brute:
        yield path, ours, brute


def shaped(report, facts):
    """Our JSON in the shape of the second evaluation: what is a list of named rows becomes a dict."""
    json = report_json(report)
    json["channels"] = {row["channel"]: row for row in json["channels"]}
    json["handoff"]["reasons"] = {row["reason"]: row["handed_off"] for row in json["handoff"]["reasons"]}
    json["agent_resolved"] = json["team"][0]["resolved"]
    json["reps"] = {rep.key: rep.closed for rep in facts.reps}
    return json


@pytest.mark.parametrize("block", range(10))
def test_every_figure_equals_the_second_evaluation(block):
    compared = 0
    for seed in range(block, LOGS, 10):
        zone, conversations, moments = hostile_log(seed)
        if not moments:
            continue
        histories = [history(ticket_of(conversation)) for conversation in conversations]
        for as_of, since, until, channels, agent_channels in questions(seed, zone, moments):
            question = {"as_of": as_of, "channels": channels, "agent_channels": agent_channels}
            period = Period(since, until)
            facts = performance_facts(histories, zone=ZoneInfo(zone), period=period, **question)
            report = performance_report(facts, as_of=as_of, zone=ZoneInfo(zone), period=period)
            brute = evaluate(conversations, zone=zone, since=since, until=until, **question)
            brute.pop("episodes")
            assert list(differences(shaped(report, facts), brute)) == [], f"seed {seed}, {question}, {period}"
            assert {row.channel for row in report.channels} == set(brute["channels"])
            assert {rep.key for rep in facts.reps} == set(brute["reps"])
            for counts in (report.totals, *(row.counts for row in (*report.weeks, *report.channels))):
                outcomes = counts.resolved + counts.deflected_unresolved + counts.handed_off + counts.human_joined
                assert outcomes == counts.settled
                compared += 1
    assert compared > 100


def test_the_logs_are_hostile_enough():
    """The comparison is worth little unless every outcome, exclusion and odd shape occurs in it."""
    seen = {}
    for seed in range(LOGS):
        zone, conversations, moments = hostile_log(seed)
        if not moments:
            continue
        brute = evaluate(conversations, as_of=moments[-1] + timedelta(days=4), zone=zone)
        several = {}
        for name in ("handled", "resolved_unverified", "deflected_unresolved", "handed_off", "human_joined"):
            several[name] = brute["totals"][name]
        several |= brute["excluded"]
        several["late"] = brute["totals"]["late_handoffs"]
        several["unhandled"] = brute["totals"]["inbound"] - brute["totals"]["handled_inbound"]
        several["resolved"] = brute["totals"]["resolved"] - brute["totals"]["resolved_unverified"]
        several["reps"] = sum(brute["reps"].values())
        several["rated"] = brute["totals"]["helpful"]
        several["without a response"] = sum(e["handled"] and not e["responded"] for e in brute["episodes"])
        several["pending earlier"] = evaluate(conversations, as_of=moments[-1], zone=zone)["totals"]["pending"]
        for name, number in several.items():
            seen[name] = seen.get(name, 0) + number
    assert min(seen.values()) >= 20, seen


def test_rows_made_from_all_facts_tell_every_earlier_moment():
    """A report from rows made today equals one from rows made of the facts that existed at as_of."""
    for seed in range(0, LOGS, 3):
        zone, conversations, moments = hostile_log(seed)
        for as_of in moments[:: max(1, len(moments) // 5)]:
            earlier = [as_known(conversation, as_of) for conversation in conversations]
            reports = []
            for log in (conversations, earlier):
                facts = performance_facts(
                    [history(ticket_of(conversation)) for conversation in log],
                    as_of=as_of,
                    zone=ZoneInfo(zone),
                    period=Period(),
                )
                reports.append(performance_report(facts, as_of=as_of, zone=ZoneInfo(zone), period=Period()))
            now, then = (report_json(report) for report in reports)
            now["excluded"] = then["excluded"] = None  # an untimed conversation is out from its first import on
            assert now == then, f"seed {seed}, {as_of}"


def as_known(conversation, as_of):
    """The conversation as it would have been imported at `as_of`."""
    timed = [event for event in conversation["events"] if event["at"]]
    closed = any(event["type"] == "closed" for event in timed)
    known = {
        **conversation,
        "messages": [m for m in conversation["messages"] if m["at"] is None or m["at"] <= as_of],
        "events": [event for event in timed if event["at"] <= as_of],
    }
    if closed or (conversation["closed_at"] and conversation["closed_at"] > as_of):
        known["closed_at"] = None  # the later close is told by the events, or has not happened
    moves = [
        event for event in sorted(known["events"], key=lambda e: e["at"]) if event["type"] in ("closed", "reopened")
    ]
    moves += [{"type": "closed", "at": known["closed_at"]}] if known["closed_at"] else []
    moves.sort(key=lambda move: move["at"])
    known["status"] = "closed" if moves and moves[-1]["type"] == "closed" else "open"
    return known


def test_a_drill_down_lists_exactly_what_a_count_counts():
    """One selection per count: filtering rows by it gives as many rows as the sum says, for every count there is."""
    subjects = {
        Subject.EPISODE: "episodes",
        Subject.FEEDBACK: "feedback",
        Subject.LATE_HANDOFF: "late_handoffs",
        Subject.REP_CLOSE: "closes",
    }
    for seed in range(1, LOGS, 5):
        zone, conversations, moments = hostile_log(seed)
        if not moments:
            continue
        as_of = random.Random(seed).choice(moments)
        histories = [history(ticket_of(conversation)) for conversation in conversations]
        facts = performance_facts(histories, as_of=as_of, zone=ZoneInfo(zone), period=Period())
        totals = performance_report(facts, as_of=as_of, zone=ZoneInfo(zone), period=Period()).totals
        for count, selection in SELECTIONS.items():
            listed = sum(
                selection.holds(row, as_of, agent_channel=each.channel in facts.agent_channels)
                for each in histories
                for row in getattr(each, subjects[selection.subject])
            )
            assert listed == totals.of(count), (seed, count)
    assert {name for name in KEPT if not name.endswith("_time")} <= set(SELECTIONS)
