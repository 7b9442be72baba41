"""Figures and their explanations by worked examples: rates, times, weeks, channels, impact, team, what was left out."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qatui.domain.conversation import Message, Speaker
from qatui.domain.outcome import Exclusion, history
from qatui.domain.performance import (
    IMPACT,
    METRICS,
    Kind,
    MetricId,
    Unit,
    duration_words,
    explain,
    in_words,
)
from qatui.domain.performance_counts import KEPT, SELECTIONS, Count, Counts
from qatui.domain.performance_report import (
    median_seconds,
    performance_facts,
    performance_report,
    report_json,
    responded_channels,
)
from qatui.domain.weeks import Period

from .talk import (
    BEGIN,
    EVER,
    TOM,
    agent,
    assigned,
    at,
    closed,
    customer,
    feedback,
    handoff,
    rep,
    ticket,
    wants_human,
)

UTC_ZONE = ZoneInfo("UTC")
BERLIN = ZoneInfo("Europe/Berlin")
WEEK = 168


def report(*tickets, as_of=EVER, zone=UTC_ZONE, period=None, **question):
    period = period or Period()
    facts = performance_facts([history(each) for each in tickets], as_of=as_of, zone=zone, period=period, **question)
    return performance_report(facts, as_of=as_of, zone=zone, period=period)


def value(metric, *tickets, **question):
    return report(*tickets, **question).value(metric)


RESOLVED = ticket(customer(0), agent(1))
UNVERIFIED = ticket(customer(0), agent(1, None))
UNRESOLVED = ticket(customer(0), agent(1), wants_human(2))
HANDED_OFF = ticket(customer(0), agent(1), handoff(2))
JOINED = ticket(customer(0), agent(1), rep(2))
UNHANDLED = ticket(customer(0), rep(1))
ALL = (RESOLVED, UNVERIFIED, UNRESOLVED, HANDED_OFF, JOINED, UNHANDLED)


# -- rates


def test_every_rate_of_one_episode_each():
    totals = report(*ALL).totals
    assert (totals.inbound, totals.handled, totals.settled, totals.pending) == (6, 5, 5, 0)
    assert (totals.resolved, totals.resolved_unverified, totals.deflected) == (2, 1, 3)
    assert (totals.handed_off, totals.human_joined, totals.deflected_unresolved) == (1, 1, 1)
    figures = report_json(report(*ALL))["totals"]
    assert figures["handle_rate"] == 5 / 6
    assert figures["resolution_rate"] == 2 / 5
    assert figures["deflection_rate"] == 3 / 5
    assert figures["handoff_rate"] == 1 / 5


def test_the_four_outcomes_make_up_all_settled_handled_episodes():
    totals = report(*ALL).totals
    parts = (totals.resolved, totals.deflected_unresolved, totals.handed_off, totals.human_joined)
    assert sum(Fraction(part, totals.settled) for part in parts) == 1


def test_pending_episodes_are_in_no_rate_of_outcomes_but_in_the_handle_rate():
    young = ticket(customer(0), agent(1), agent(30))
    totals = report(RESOLVED, young, as_of=at(73))
    assert (totals.totals.handled, totals.totals.settled, totals.totals.pending) == (2, 1, 1)
    assert totals.value(MetricId.RESOLUTION_RATE) == 1
    assert totals.value(MetricId.HANDLE_RATE) == 1


def test_an_empty_denominator_is_none_and_shown_as_a_dash():
    for metric in METRICS.values():
        if metric.kind is Kind.COUNT:
            assert metric.value(Counts()) == 0
        else:
            assert metric.value(Counts(), median=3.0) is None
            assert explain(metric.id, Counts()).working.endswith("= —")
    only_pending = report_json(report(RESOLVED, as_of=at(2)))["totals"]
    assert only_pending["handled"] == only_pending["pending"] == 1
    assert only_pending["resolution_rate"] is only_pending["deflection_rate"] is only_pending["handoff_rate"] is None
    assert only_pending["helpful_rate"] is None


def test_rates_are_none_or_shares():
    figures = report_json(report(*ALL))["totals"]
    assert all(0 <= figures[rate] <= 1 for rate in figures if rate.endswith("_rate") and figures[rate] is not None)


# -- the customer agent's channels


def test_the_handle_rate_looks_at_channels_where_the_customer_agent_ever_responded():
    phone = ticket(customer(0), rep(1), channel="phone")
    figures = report(RESOLVED, UNHANDLED, phone)
    assert figures.agent_channels == {"chat"}
    assert (figures.totals.episodes, figures.totals.inbound) == (3, 2)
    assert figures.value(MetricId.HANDLE_RATE) == 1 / 2


def test_ever_means_before_as_of_and_inside_an_episode():
    greeted = ticket(agent(0), customer(1), channel="email")
    histories = [history(each) for each in (RESOLVED, greeted)]
    assert responded_channels(histories, at(1)) == {"chat"}
    assert responded_channels(histories, at(0.5)) == set()


def test_the_setting_decides_where_it_is_given():
    phone = ticket(customer(0), rep(1), channel="phone")
    assert value(MetricId.HANDLE_RATE, RESOLVED, phone, agent_channels=("phone", "chat")) == 1 / 2
    assert value(MetricId.HANDLE_RATE, RESOLVED, phone, agent_channels=("phone",)) == 0
    assert report(RESOLVED, phone, agent_channels=("phone",)).totals.handled == 1


def test_handled_without_a_response_on_a_channel_of_no_response_keeps_the_rate_below_one():
    passed = ticket(customer(0), assigned(0), handoff(1), channel="phone")
    figures = report(RESOLVED, passed)
    assert figures.totals.handled == 2
    assert (figures.totals.handled_inbound, figures.totals.inbound) == (1, 1)


def test_channels_stand_apart_and_add_up():
    email = ticket(customer(0), agent(1), handoff(2), channel="email")
    nowhere = ticket(customer(0), agent(1), channel=None)
    figures = report(RESOLVED, RESOLVED, email, nowhere)
    assert [(row.channel, row.counts.handled) for row in figures.channels] == [("chat", 2), ("email", 1), (None, 1)]
    assert sum((row.counts for row in figures.channels), Counts()) == figures.totals
    assert [row.channel for row in report(RESOLVED, email, channels=("email",)).channels] == ["email"]


# -- handoffs


def test_a_late_handoff_is_counted_in_its_own_week_and_in_no_rate():
    late = ticket(customer(0), agent(1), handoff(WEEK + 1))
    figures = report(late)
    assert [row.counts.late_handoffs for row in figures.weeks][:2] == [0, 1]
    assert figures.value(MetricId.HANDOFF_RATE) == 0
    assert figures.value(MetricId.HANDOFF_SHARE) == 0
    assert figures.totals.resolved == 1


def test_the_share_handed_off_includes_pending_episodes_on_both_sides():
    figures = report(RESOLVED, HANDED_OFF, as_of=at(3))
    assert figures.totals.handed_off == 0
    assert figures.value(MetricId.HANDOFF_SHARE) == 1 / 2
    assert figures.value(MetricId.HANDOFF_RATE) is None


def test_time_from_assignment_to_close_of_what_was_handed_off():
    tickets = [ticket(customer(0), agent(1), handoff(2), closed(hours)) for hours in (3, 5, 9, 80)]
    json = report_json(report(*tickets, RESOLVED))["handoff"]
    assert (json["n"], json["handed_off"], json["share"]) == (3, 4, 4 / 5)  # one was closed after settling
    assert json["mean_seconds"] == (2 + 4 + 8) / 3 * 3600
    assert json["median_seconds"] == 4 * 3600


def test_reasons_of_the_first_handoffs():
    asked = ticket(customer(0), agent(1), handoff(2, reason="customer_request"), handoff(3, reason="other"))
    assert report(asked, asked, HANDED_OFF, RESOLVED).handoff_reasons == (("customer_request", 2), (None, 1))


# -- resolution time


def test_resolution_time_covers_closed_handled_episodes_only():
    tickets = [ticket(customer(0), agent(1), closed(hours)) for hours in (2, 4)]
    json = report_json(report(*tickets, RESOLVED, ticket(customer(0), rep(1), closed(2))))
    assert json["resolution_time"] == {"mean_seconds": 7200.0, "median_seconds": 7200.0, "n": 2}
    assert report(*tickets, RESOLVED).totals.not_closed == 1


def test_a_close_that_has_not_happened_yet_is_not_covered():
    (one,) = [ticket(customer(0), agent(1), closed(5))]
    assert report(one, as_of=at(4)).totals.closed == 0
    assert report(one, as_of=at(5)).totals.closed == 1


def test_the_median_of_an_even_number_lies_between():
    hours = timedelta(hours=1)
    assert median_seconds([4 * hours, hours, 2 * hours, 9 * hours]) == 3 * 3600
    assert median_seconds([]) is None


# -- feedback


def test_helpful_takes_the_last_feedback_of_each_episode():
    changed = ticket(customer(0), agent(1), feedback(2, "negative"), feedback(3, "positive"))
    twice = ticket(customer(0), agent(1), feedback(2, "positive"), customer(80), agent(81), feedback(82, "negative"))
    shrug = ticket(customer(0), agent(1), feedback(2, "positive"), feedback(3, "neutral"))
    totals = report(changed, twice, shrug, RESOLVED).totals
    assert (totals.helpful, totals.unhelpful, totals.rated_neutral, totals.rated) == (2, 1, 1, 3)
    assert value(MetricId.HELPFUL_RATE, changed, twice, shrug, RESOLVED) == 2 / 3


def test_the_last_feedback_is_the_last_one_known():
    changed = ticket(customer(0), agent(1), feedback(2, "negative"), feedback(3, "positive"))
    assert value(MetricId.HELPFUL_RATE, changed, as_of=at(2.5)) == 0
    assert value(MetricId.HELPFUL_RATE, changed, as_of=at(3)) == 1


def test_feedback_between_episodes_is_submitted_but_no_episodes_own():
    between = ticket(customer(0), agent(1), feedback(74, "negative"))
    figures = report(between)
    assert figures.totals.feedback_negative == 1
    assert figures.value(MetricId.HELPFUL_RATE) is None


def test_the_trend_counts_submissions_in_their_own_week():
    sunday_night = WEEK - 9.5
    late = ticket(
        customer(sunday_night - 1),
        agent(sunday_night - 0.5),
        feedback(sunday_night, "neutral"),
        feedback(sunday_night + 1, "positive"),
    )
    json = report_json(report(late, as_of=at(WEEK + 30)))
    assert [tuple(row.values()) for row in json["feedback"]] == [("2026-W10", 0, 0, 1), ("2026-W11", 1, 0, 0)]
    assert [row["helpful_rate"] for row in json["weeks"]] == [1, None]  # of the episode, in the week it began


# -- weeks


def weeks_of(figures):
    return [(row.week.label, row.partial, row.counts.handled) for row in figures.weeks]


def test_a_series_without_holes_up_to_as_of():
    second = ticket(customer(3 * WEEK), agent(3 * WEEK + 1))
    assert weeks_of(report(RESOLVED, second, as_of=at(4 * WEEK))) == [
        ("2026-W10", False, 1),
        ("2026-W11", False, 0),
        ("2026-W12", False, 0),
        ("2026-W13", False, 1),
        ("2026-W14", True, 0),
    ]


def test_an_episode_stands_in_the_week_of_its_start_by_the_workspaces_clock():
    """22:30 UTC on Sunday 1 March is still Sunday in Berlin; 23:30 is Monday there, and Sunday in UTC."""
    for hours, in_berlin in ((-10.5, "2026-W09"), (-9.5, "2026-W10")):
        sunday_night = ticket(customer(hours), agent(hours + 1))
        assert report(sunday_night, zone=BERLIN).weeks[0].week.label == in_berlin
        assert report(sunday_night).weeks[0].week.label == "2026-W09"


def test_seventy_two_hours_are_hours_when_clocks_change():
    """Clocks go forward in Berlin on 29 March 2026: an answer on Friday noon settles on Monday at one."""
    friday = (datetime(2026, 3, 27, 11, tzinfo=UTC) - BEGIN) / timedelta(hours=1)
    episode = history(ticket(customer(friday - 1), agent(friday))).episodes[0]
    assert episode.settles_at.astimezone(BERLIN).isoformat() == "2026-03-30T13:00:00+02:00"


def test_the_current_week_is_partial_and_one_with_pending_episodes_provisional():
    figures = report(RESOLVED, ticket(customer(WEEK), agent(WEEK)), as_of=at(WEEK + 1))
    assert [(row.partial, row.provisional) for row in figures.weeks] == [(False, False), (True, True)]
    last_sunday = ticket(customer(WEEK - 12), agent(WEEK - 12))
    (whole, _) = report(last_sunday, as_of=at(WEEK)).weeks
    assert (whole.partial, whole.provisional) == (False, True)


def test_a_week_cut_by_the_period_is_partial():
    monday = datetime(2026, 3, 2, tzinfo=UTC)
    for since, until, partial in (
        (monday, monday + timedelta(days=7), [False]),
        (monday + timedelta(days=1), monday + timedelta(days=14), [True, False]),
        (monday, monday + timedelta(days=8), [False, True]),
    ):
        assert [row.partial for row in report(RESOLVED, period=Period(since, until)).weeks] == partial


def test_a_period_takes_in_what_began_or_happened_in_it():
    monday = datetime(2026, 3, 9, tzinfo=UTC)
    both = ticket(customer(0), agent(1), handoff(WEEK), feedback(WEEK, "positive"), customer(WEEK + 1), agent(WEEK + 2))
    before, after = report(both, period=Period(None, monday)), report(both, period=Period(monday, None))
    for figures, expected in ((before, (1, 0, 0)), (after, (1, 1, 1))):
        totals = figures.totals
        assert (totals.handled, totals.late_handoffs, totals.feedback_positive) == expected
    assert before.totals + after.totals == report(both).totals


def test_a_period_without_a_conversation_has_its_weeks_all_the_same():
    monday = datetime(2026, 3, 9, tzinfo=UTC)
    assert weeks_of(report(period=Period(monday, None), as_of=monday + timedelta(days=8))) == [
        ("2026-W11", False, 0),
        ("2026-W12", True, 0),
    ]
    assert report().weeks == ()
    assert report(RESOLVED, as_of=at(-1)).weeks == ()


# -- impact


def test_impact_sets_this_week_beside_the_one_before_whatever_the_period():
    old = [ticket(customer(0), agent(1), closed(3), feedback(4, "negative")), HANDED_OFF]
    new = [ticket(customer(WEEK), agent(WEEK + 1), closed(WEEK + 2), feedback(WEEK + 3, "positive"))]
    long_ago = ticket(customer(-WEEK), agent(-WEEK))
    json = report_json(
        report(*old, *new, long_ago, as_of=at(WEEK + 73), period=Period(None, BEGIN)),
    )["impact"]
    this, before = json["this_week"], json["week_before"]
    assert (this["week"], before["week"]) == ("2026-W11", "2026-W10")
    assert [this[metric] for metric in IMPACT] == [1, 1, 3600.0, 1.0, 1.0]
    assert [before[metric] for metric in IMPACT] == [0, 2, 7200.0, 0.5, 0.0]
    assert (this["partial"], before["partial"]) == (True, False)


# -- the team


def test_the_customer_agent_stands_first_then_reps_by_closed_tickets():
    tickets = [
        ticket(customer(0), rep(1), closed(2)),
        *(ticket(customer(0), rep(1, TOM), closed(2)) for _ in range(2)),
        ticket(customer(0), rep(1, None), closed(2)),
        RESOLVED,
    ]
    assert [(member.name, member.team, member.resolved, member.customer_agent) for member in report(*tickets).team] == [
        ("Customer agent", None, 1, True),
        ("Tom", "Technical", 2, False),
        ("Ana", "Billing", 1, False),
        ("Unknown rep", "No team", 1, False),
    ]


def test_reps_of_two_sources_are_two_even_with_one_id():
    tickets = [ticket(customer(0), rep(1), closed(2), source=source) for source in ("desk", "mail")]
    assert [member.resolved for member in report(*tickets).team[1:]] == [1, 1]


def test_a_ticket_counts_for_its_rep_by_the_date_of_its_close():
    one = ticket(customer(0), rep(1), closed(WEEK))
    sunday = Period(None, BEGIN + timedelta(days=6))
    assert [member.resolved for member in report(one, period=sunday).team] == [0]
    assert [member.resolved for member in report(one).team] == [0, 1]


# -- what was left out


def test_what_takes_no_part_is_counted_by_reason():
    untimed = ticket(Message("m1", Speaker.CUSTOMER, "…"))
    spam = ticket(customer(0), spam=True)
    outbound = ticket(customer(WEEK), outbound=True)
    figures = report(untimed, spam, outbound, RESOLVED)
    assert figures.excluded == {Exclusion.NO_TIMES: 1, Exclusion.SPAM: 1, Exclusion.OUTBOUND: 1}
    assert figures.totals.episodes == 1
    early = report(untimed, spam, outbound, period=Period(None, at(1)))
    assert early.excluded == {Exclusion.NO_TIMES: 1, Exclusion.SPAM: 1}  # of unknown time: in every period
    assert report(spam, as_of=at(-1)).excluded == {}
    assert report(spam, channels=("email",)).excluded == {}
    assert report_json(figures)["excluded"] == {"spam": 1, "outbound": 1, "no_times": 1}


# -- explanations


def test_an_explanation_fills_the_formula_in():
    young = ticket(customer(30), agent(31))
    shown = report(RESOLVED, UNRESOLVED, HANDED_OFF, young, ticket(customer(0), spam=True), as_of=at(74)).explain(
        MetricId.RESOLUTION_RATE
    )
    assert shown.metric.formula == "resolved ÷ settled handled episodes"
    assert shown.working == "1 ÷ 3 = 33.3 %"
    assert (shown.numerator.number, shown.numerator.count) == (1, Count.RESOLVED)
    assert shown.denominator is not None
    assert (shown.denominator.number, shown.denominator.count) == (3, Count.SETTLED)
    assert [(part.words, part.number, part.count) for part in shown.left_out] == [
        ("handled episodes still pending", 1, Count.PENDING),
        ("conversations marked as spam", 1, None),
    ]
    assert shown.provisional


def test_explanations_of_times():
    tickets = [ticket(customer(0), agent(1), closed(hours)) for hours in (2, 6.5)]
    figures = report(*tickets, RESOLVED)
    mean, median = figures.explain(MetricId.RESOLUTION_MEAN), figures.explain(MetricId.RESOLUTION_MEDIAN)
    assert mean.working == "6 h 30 m ÷ 2 = 3 h 15 m"
    assert median.working == "middle of 2 = 3 h 15 m"
    assert [(part.number, part.count) for part in mean.left_out] == [(1, Count.NOT_CLOSED)]
    assert not mean.provisional


def test_a_count_explains_itself_with_its_number():
    assert explain(MetricId.HANDLED, Counts(handled=1234)).working == "1,234"


@pytest.mark.parametrize("metric", MetricId)
def test_every_metric_is_defined_and_opens_what_stands_behind_it(metric):
    definition = METRICS[metric]
    assert definition.title
    assert definition.formula
    for count in (definition.numerator, definition.denominator, *definition.left_out):
        assert count is None or SELECTIONS[count].words
    assert (definition.denominator is not None) == (definition.kind is not Kind.COUNT)


def test_every_selection_stands_behind_some_figure_or_sum():
    used = {metric.numerator for metric in METRICS.values()} | {metric.denominator for metric in METRICS.values()}
    used |= {count for metric in METRICS.values() for count in metric.left_out}
    assert set(Count) - used == {Count.EPISODES, Count.UNHELPFUL}  # the parts of INBOUND and RATED not named there


# -- sums


def _counts():
    whole = st.integers(0, 1000)
    return st.builds(
        Counts,
        **{name: st.timedeltas(timedelta(), timedelta(days=9)) if name.endswith("_time") else whole for name in KEPT},
    )


@given(_counts(), _counts(), _counts())
def test_counts_add_up_in_any_order(one, two, three):
    assert (one + two) + three == three + (two + one)
    assert one + Counts() == one
    for count in Count:
        assert (one + two).of(count) == one.of(count) + two.of(count)


def test_a_channels_counts_know_whether_the_customer_agent_works_there():
    counts = Counts(episodes=5, handled=3)
    assert counts.on_channel(agent=True).of(Count.INBOUND) == 5
    assert counts.on_channel(agent=True).of(Count.HANDLED_INBOUND) == 3
    assert counts.on_channel(agent=False).of(Count.INBOUND) == 0
    assert counts.on_channel(agent=False).of(Count.ELSEWHERE) == 5


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (59.6, "1 m"),
        (63, "1 m 3 s"),
        (11520, "3 h 12 m"),
        (3605, "1 h"),
        (187200, "2 d 4 h"),
        (86400 * 1234, "1,234 d"),
    ],
)
def test_durations_read_in_their_two_largest_units(seconds, words):
    assert duration_words(seconds) == words


def test_figures_read_in_their_unit():
    assert in_words(Unit.COUNT, 1234) == "1,234"
    assert in_words(Unit.SHARE, 0.7134) == "71.3 %"
    assert in_words(Unit.SECONDS, 11520.2) == "3 h 12 m"
    assert in_words(Unit.SHARE, None) == "—"
