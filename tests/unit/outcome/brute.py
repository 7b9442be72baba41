"""A second evaluation of every performance figure, written from the definitions alone and sharing no rule with qatui.

Conversations are plain dicts in the shape of the import format, with datetimes for times. For each `as_of` the later
facts are deleted and everything is computed anew; the length of an episode is found by asking, fact by fact, where the
episode made of the facts so far would settle. Slow on purpose.
"""

from datetime import timedelta
from zoneinfo import ZoneInfo

THREE_DAYS = timedelta(hours=72)
INSTANT = timedelta(microseconds=1)


def known_facts(conversation, as_of):
    """Public messages and events that exist at `as_of`, each a dict with `kind`, in the order that counts."""
    facts = []
    for place, message in enumerate(conversation["messages"]):
        if not message.get("private"):
            facts.append({**message, "kind": "message", "order": (message["at"], 0, place)})
    timed = [event for event in conversation["events"] if event.get("at") is not None]
    if conversation.get("closed_at") and not [event for event in timed if event["type"] == "closed"]:
        timed.append({"type": "closed", "at": conversation["closed_at"]})
    for place, event in enumerate(timed):
        facts.append({**event, "kind": event["type"], "order": (event["at"], 1, place)})
    return sorted((fact for fact in facts if fact["at"] <= as_of), key=lambda fact: fact["order"])


def said_by(who, facts):
    return [fact for fact in facts if fact["kind"] == "message" and fact["from"] == who]


def of_kind(kind, facts):
    return [fact for fact in facts if fact["kind"] == kind]


def settling(facts):
    """Where an episode of exactly these facts settles, and whether it is over at once."""
    responses = said_by("customer_agent", facts)
    if responses:
        return responses[-1]["at"] + THREE_DAYS, False
    closes = of_kind("closed", facts)
    if closes:
        return closes[0]["at"], True
    return of_kind("message", facts)[-1]["at"] + THREE_DAYS, False


def split(facts):
    """Index ranges [begin, end) of the episodes."""
    ranges = []
    begin = 0
    while begin < len(facts):
        if not said_by("customer", [facts[begin]]):
            begin += 1
            continue
        end = begin + 1
        while end < len(facts):
            instant, over = settling(facts[begin:end])
            if over or facts[end]["at"] >= instant:
                break
            end += 1
        ranges.append((begin, end))
        begin = end
    return ranges


def assigned_before(index, facts, ranges):
    """Whether the customer agent was assigned just before the fact at `index`."""
    for earlier in range(index - 1, -1, -1):
        fact = facts[earlier]
        if fact["kind"] == "handoff":
            return False
        if fact["kind"] == "assigned" and fact["to"] == "customer_agent":
            return True
        if said_by("customer_agent", [fact]) and any(begin <= earlier < end for begin, end in ranges):
            return True
    return False


def judge(conversation, facts, ranges, begin, end, as_of):
    """One episode as a dict of everything a figure may ask."""
    inside = facts[begin:end]
    instant, _ = settling(inside)
    responses = said_by("customer_agent", inside)
    handoffs = [index for index in range(begin, end) if facts[index]["kind"] == "handoff"]
    passed_while_assigned = bool(handoffs) and assigned_before(handoffs[0], facts, ranges)
    episode = {
        "channel": conversation["channel"],
        "start": inside[0]["at"],
        "handled": bool(responses) or passed_while_assigned,
        "responded": bool(responses),
        "passed_on": bool(handoffs),
        "reason": facts[handoffs[0]].get("reason") if handoffs else None,
        "settled": instant <= as_of,
        "unverified": False,
        "seconds": None,
    }
    closes = of_kind("closed", inside)
    if episode["handled"] and closes:
        beginnings = [fact["at"] for fact in of_kind("assigned", inside) if fact["to"] == "customer_agent"]
        beginnings += [fact["at"] for fact in responses]
        if passed_while_assigned and not [
            fact
            for fact in facts[begin : handoffs[0]]
            if (fact["kind"] == "assigned" and fact["to"] == "customer_agent") or fact in responses
        ]:
            beginnings.append(episode["start"])
        episode["seconds"] = (closes[0]["at"] - min(beginnings)).total_seconds()
    opinions = [fact for fact in of_kind("feedback", inside) if fact["value"] in ("positive", "negative", "neutral")]
    episode["opinion"] = opinions[-1]["value"] if opinions else None
    episode["outcome"] = outcome(facts, begin, end, responses, handoffs, opinions, episode)
    return episode


def outcome(facts, begin, end, responses, handoffs, opinions, episode):
    if not episode["handled"]:
        return None
    if not episode["settled"]:
        return "pending"
    inside = facts[begin:end]
    if handoffs:
        return "handed_off"
    if said_by("rep", inside):
        return "human_joined"
    last = responses[-1]
    about_last = []
    for opinion in opinions:
        if opinion.get("message") is None:
            before = [response for response in responses if response["order"] < opinion["order"]]
            if before and before[-1] is last:
                about_last.append(opinion)
        elif opinion["message"] == last["id"]:
            about_last.append(opinion)
    spoken = said_by("customer_agent", facts[:end])
    unknown = all(message.get("sources") is None and message.get("actions") is None for message in spoken)
    episode["unverified"] = unknown
    grounded = unknown or any(response.get("sources") or response.get("actions") for response in responses)
    asked = of_kind("handoff_requested", inside)
    unhappy = bool(about_last) and about_last[-1]["value"] == "negative"
    if grounded and not asked and not unhappy:
        return "resolved"
    episode["unverified"] = False
    return "deflected_unresolved"


def divide(part, whole):
    return part / whole if whole else None


def week(at, zone):
    return at.astimezone(ZoneInfo(zone)).strftime("%G-W%V")


def monday(at, zone):
    day = at.astimezone(ZoneInfo(zone)).date()
    while day.isoweekday() != 1:
        day -= timedelta(days=1)
    return day


def block(episodes, late, agent_channels):
    """W of some episodes and late handoffs."""
    inbound = [e for e in episodes if e["channel"] in agent_channels]
    handled = [e for e in episodes if e["handled"]]
    settled = [e for e in handled if e["settled"]]

    def ended(*names):
        return len([e for e in settled if e["outcome"] in names])

    helpful = len([e for e in episodes if e["opinion"] == "positive"])
    unhelpful = len([e for e in episodes if e["opinion"] == "negative"])
    return {
        "inbound": len(inbound),
        "handled": len(handled),
        "settled": len(settled),
        "pending": len([e for e in handled if e["outcome"] == "pending"]),
        "resolved": ended("resolved"),
        "resolved_unverified": len([e for e in settled if e["outcome"] == "resolved" and e["unverified"]]),
        "deflected": ended("resolved", "deflected_unresolved"),
        "deflected_unresolved": ended("deflected_unresolved"),
        "handed_off": ended("handed_off"),
        "human_joined": ended("human_joined"),
        "late_handoffs": len(late),
        "handle_rate": divide(len([e for e in inbound if e["handled"]]), len(inbound)),
        "resolution_rate": divide(ended("resolved"), len(settled)),
        "deflection_rate": divide(ended("resolved", "deflected_unresolved"), len(settled)),
        "handoff_rate": divide(ended("handed_off"), len(settled)),
        "helpful_rate": divide(helpful, helpful + unhelpful),
        "handled_inbound": len([e for e in inbound if e["handled"]]),
        "helpful": helpful,
        "unhelpful": unhelpful,
        "rated_neutral": len([e for e in episodes if e["opinion"] == "neutral"]),
    }


def times(episodes):
    seconds = sorted(e["seconds"] for e in episodes if e["seconds"] is not None)
    middle = None
    if seconds:
        half = len(seconds) // 2
        middle = seconds[half] if len(seconds) % 2 else (seconds[half - 1] + seconds[half]) / 2
    return {"mean_seconds": divide(sum(seconds), len(seconds)), "median_seconds": middle, "n": len(seconds)}


def credit(conversation, facts, as_of):
    """(rep or None, close date) of a ticket that stands closed after a reply of a rep; None otherwise."""
    states = [fact for fact in facts if fact["kind"] in ("closed", "reopened")]
    if not states or states[-1]["kind"] == "reopened":
        return None
    replies = [
        message
        for message in conversation["messages"]
        if message["from"] == "rep" and not message.get("private") and message["at"] <= as_of
    ]
    if not replies:
        return None
    names = [message["author"]["id"] if message.get("author") else None for message in replies]
    most = max(names.count(name) for name in names)
    winner = [message for message, name in zip(replies, names, strict=True) if names.count(name) == most][-1]
    return winner.get("author"), states[-1]["at"]


def evaluate(conversations, *, as_of, zone, since=None, until=None, channels=None, agent_channels=None):
    """The report as a dict; the same keys as `report performance --format json`."""

    def wanted(at):
        return (since is None or since <= at) and (until is None or at < until)

    episodes, feedback, late, closes = [], [], [], []
    responded_on = set()
    excluded = {"spam": 0, "outbound": 0, "no_times": 0}
    for conversation in conversations:
        asked_for = channels is None or conversation["channel"] in channels
        public = [message for message in conversation["messages"] if not message.get("private")]
        reason = None
        if [message for message in public if message.get("at") is None]:
            reason = "no_times"
        if conversation.get("outbound"):
            reason = "outbound"
        if conversation.get("spam"):
            reason = "spam"
        if reason:
            began = sorted(message["at"] for message in public if message.get("at"))
            at = began[0] if began else conversation.get("opened_at")
            if asked_for and (at is None or (at <= as_of and wanted(at))):
                excluded[reason] += 1
            continue
        facts = known_facts(conversation, as_of)
        ranges = split(facts)
        judged = [judge(conversation, facts, ranges, begin, end, as_of) for begin, end in ranges]
        responded_on |= {e["channel"] for e in judged if e["responded"]}
        if not asked_for:
            continue
        episodes += judged
        where = conversation["channel"]
        feedback += [
            {"at": f["at"], "value": f["value"], "channel": where}
            for f in of_kind("feedback", facts)
            if f["value"] in ("positive", "negative", "neutral")
        ]
        for index, fact in enumerate(facts):
            outside = not any(begin <= index < end for begin, end in ranges)
            if fact["kind"] == "handoff" and outside and ranges and index > ranges[0][0]:
                late.append({"at": fact["at"], "channel": where})
        closed = credit(conversation, facts, as_of)
        if closed:
            rep, at = closed
            closes.append({"at": at, "channel": where, "rep": f"{conversation['source']}/{rep['id']}" if rep else None})
    if agent_channels is None:
        agent_channels = responded_on

    def weekly(name, some_episodes, some_late):
        return block(
            [e for e in some_episodes if week(e["start"], zone) == name],
            [h for h in some_late if week(h["at"], zone) == name],
            agent_channels,
        )

    this = week(as_of, zone)
    previous = (monday(as_of, zone) - timedelta(days=7)).strftime("%G-W%V")
    impact = {}
    for key, name in (("this_week", this), ("week_before", previous)):
        w = weekly(name, episodes, late)
        measured = times([e for e in episodes if week(e["start"], zone) == name])
        impact[key] = {
            "week": name,
            "resolved": w["resolved"],
            "handled": w["handled"],
            "deflection_rate": w["deflection_rate"],
            "helpful_rate": w["helpful_rate"],
            "resolution_time_mean": measured["mean_seconds"],
            "resolution_time_n": measured["n"],
            "pending": w["pending"],
        }

    episodes = [e for e in episodes if wanted(e["start"])]
    late = [h for h in late if wanted(h["at"])]
    feedback = [f for f in feedback if wanted(f["at"])]
    closes = [c for c in closes if wanted(c["at"])]

    instants = [e["start"] for e in episodes] + [x["at"] for x in late + feedback + closes]
    names = []
    if instants or since is not None:
        day = monday(since if since is not None else min(instants), zone)
        end = min(as_of, until - INSTANT) if until is not None else as_of
        last = end.astimezone(ZoneInfo(zone)).date()
        while day <= last:
            names.append((day.strftime("%G-W%V"), day.isoformat()))
            day += timedelta(days=7)
    weeks = []
    trend = []
    for name, start in names:
        partial = name == this
        if since is not None and week(since, zone) == name and week(since - INSTANT, zone) == name:
            partial = True
        if until is not None and week(until, zone) == name and week(until - INSTANT, zone) == name:
            partial = True
        w = weekly(name, episodes, late)
        weeks.append({"week": name, "start": start, "partial": partial, "provisional": w["pending"] > 0, **w})
        submitted = [f["value"] for f in feedback if week(f["at"], zone) == name]
        trend.append({"week": name, **{value: submitted.count(value) for value in ("positive", "negative", "neutral")}})

    found = {e["channel"] for e in episodes} | {x["channel"] for x in late + feedback + closes}
    by_channel = {
        name: block(
            [e for e in episodes if e["channel"] == name], [h for h in late if h["channel"] == name], agent_channels
        )
        for name in found
    }
    totals = block(episodes, late, agent_channels)
    handled = [e for e in episodes if e["handled"]]
    passed_on = [e for e in handled if e["passed_on"]]
    reasons = {}
    for e in passed_on:
        reasons[e["reason"]] = reasons.get(e["reason"], 0) + 1
    reps = {}
    for close in closes:
        reps[close["rep"]] = reps.get(close["rep"], 0) + 1
    return {
        "totals": totals,
        "weeks": weeks,
        "channels": by_channel,
        "impact": impact,
        "handoff": {"share": divide(len(passed_on), len(handled)), **times(passed_on), "reasons": reasons},
        "resolution_time": times(handled),
        "agent_resolved": totals["resolved"],
        "reps": reps,
        "feedback": trend,
        "excluded": excluded,
        "episodes": episodes,
    }
