"""The filter line: what can be typed, what it means, how mistakes are met, what is offered."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from qatui.domain.filter_language import FilterError, complete, conditions, format, parse, tokens
from qatui.domain.listing import Choices, RepChoice, TicketFilter
from qatui.domain.verdict import Flag, Reason

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = [ZoneInfo(name) for name in ("UTC", "Europe/Berlin", "America/Sao_Paulo", "Asia/Kathmandu", "Pacific/Apia")]

names = st.text(min_size=1, max_size=20)
scores = st.tuples(st.integers(1, 5), st.integers(1, 5)).map(lambda pair: (min(pair), max(pair)))
instants = st.datetimes(datetime(1971, 1, 2), datetime(2099, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))
midnights = st.dates(datetime(1971, 1, 2).date(), datetime(2099, 1, 1).date()).map(
    lambda day: datetime(day.year, day.month, day.day, tzinfo=BERLIN).astimezone(UTC)
)


@st.composite
def filters(draw: st.DrawFn) -> TicketFilter:
    """Every filter the language can say: words without blanks, time that does not end before it begins."""
    ends = sorted(draw(st.lists(instants | midnights, min_size=2, max_size=2, unique=True)))
    reason = draw(st.none() | st.sampled_from([reason.value for reason in Reason]))
    return TicketFilter(
        text=" ".join(draw(st.text(max_size=30)).split()),
        rep=draw(st.none() | names),
        team=draw(st.none() | names),
        channel=draw(st.none() | names),
        source=draw(st.none() | names),
        judge=draw(st.none() | names),
        tone=draw(st.none() | scores),
        clarity=draw(st.none() | scores),
        empathy=draw(st.none() | scores),
        since=draw(st.sampled_from([None, ends[0]])),
        until=draw(st.sampled_from([None, ends[1]])),
        flags=draw(st.frozensets(st.sampled_from(list(Flag)))),
        scored=False if reason else draw(st.sampled_from([None, True, False])),
        reason=reason,
    )


@given(filters(), st.sampled_from(ZONES))
@example(TicketFilter(text='re:invoice "quoted scored tone<=2 http://x \\', rep='O"Neil\\ ', team="\n"), ZONES[0])
def test_what_is_written_is_read_back_as_the_same(where: TicketFilter, zone: ZoneInfo) -> None:
    assert parse(format(where, zone), zone) == where


@given(filters(), st.sampled_from(ZONES))
def test_each_condition_can_be_taken_away_alone(where: TicketFilter, zone: ZoneInfo) -> None:
    found = conditions(where, zone)
    for place, (_, without) in enumerate(found):
        left = [text for other, (text, _) in enumerate(found) if other != place]
        assert [text for text, _ in conditions(without, zone)] == left


@given(st.text())
def test_any_line_is_either_read_or_met_with_a_place_and_a_mend(line: str) -> None:
    met: FilterError | None = None
    try:
        parse(line, BERLIN)
    except FilterError as error:
        met = error
    assert met is None or (0 <= met.start < met.end <= len(line) and met.message and met.hint)


@given(st.text())
def test_pieces_lie_in_the_line_one_after_the_other(line: str) -> None:
    position = 0
    for token in tokens(line):
        assert position <= token.start <= token.value_start <= token.end <= len(line)
        position = token.end


def test_an_example_of_everything() -> None:
    line = (
        'late parcel rep:"Tom Weiss" team:Billing channel:chat source:zendesk empathy:<=2 tone:1-3 clarity:4 '
        "since:2026-03-01 until:2026-03-31 flag:unsure,reopened unscored:too_short"
    )
    assert parse(line, BERLIN) == TicketFilter(
        text="late parcel",
        rep="Tom Weiss",
        team="Billing",
        channel="chat",
        source="zendesk",
        empathy=(1, 2),
        tone=(1, 3),
        clarity=(4, 4),
        since=datetime(2026, 2, 28, 23, tzinfo=UTC),  # midnight in Berlin, winter
        until=datetime(2026, 3, 31, 22, tzinfo=UTC),  # the end of the 31st in Berlin, summer
        flags=frozenset({Flag.UNSURE, Flag.REOPENED}),
        scored=False,
        reason="too_short",
    )


@pytest.mark.parametrize(
    ("line", "scores"),
    [
        ("tone:2", (2, 2)),
        ("tone:=2", (2, 2)),
        ("tone:<=2", (1, 2)),
        ("tone<=2", (1, 2)),
        ("tone≤2", (1, 2)),
        ("Tone:<3", (1, 2)),
        ("tone:>3", (4, 5)),
        ("tone:≥4", (4, 5)),
        ("tone:2-4", (2, 4)),
        ("tone:2–4", (2, 4)),
    ],
)
def test_ranges_of_scores(line: str, scores: tuple[int, int]) -> None:
    assert parse(line, BERLIN) == TicketFilter(tone=scores)


@pytest.mark.parametrize(
    ("line", "where"),
    [
        ("", TicketFilter()),
        ("   ", TicketFilter()),
        ("scored", TicketFilter(scored=True)),
        ("unscored", TicketFilter(scored=False)),
        ('"scored"', TicketFilter(text="scored")),
        ('"rep:Tom"', TicketFilter(text="rep:Tom")),
        ("https://x.test/a:b", TicketFilter(text="https://x.test/a:b")),
        ("12:30", TicketFilter(text="12:30")),
        ("since:2026-03-01T14:30", TicketFilter(since=datetime(2026, 3, 1, 13, 30, tzinfo=UTC))),
        ("since:2026-03-01T14:30Z", TicketFilter(since=datetime(2026, 3, 1, 14, 30, tzinfo=UTC))),
        (r'rep:"a\"b\\c"', TicketFilter(rep='a"b\\c')),
    ],
)
def test_special_words(line: str, where: TicketFilter) -> None:
    assert parse(line, BERLIN) == where


@pytest.mark.parametrize(
    ("line", "wrong", "mend"),
    [
        ("late repp:Tom", "repp:Tom", "Did you mean rep:?"),
        ("re:invoice", "re:invoice", 'quote it: "re:invoice"'),
        ("rep:", "rep:", 'rep:"Tom Weiss"'),
        ('x rep:"Tom We', '"Tom We', 'Add a "'),
        ("tone:6", "6", "tone:2-4"),
        ("tone:<1", "<1", "tone:2-4"),
        ("tone:3-1", "3-1", "tone:1-3"),
        ("tone:high", "high", "tone:<=2"),
        ("since:yesterday", "yesterday", "since:2026-03-01"),
        ("since:2026-03-02 until:2026-03-01", "until:2026-03-01", "later than since"),
        ("flag:unsur", "unsur", "unsure"),
        ("flag:,", "flag:,", "several_reps"),
        ("unscored:short", "short", "too_short"),
        ("scored:yes", "scored:yes", "scored or unscored"),
        ("rep:A rep:B", "rep:B", "Keep one"),
        ("scored unscored", "unscored", "Keep one"),
    ],
)
def test_a_mistake_is_shown_where_it_is_with_its_mend(line: str, wrong: str, mend: str) -> None:
    with pytest.raises(FilterError) as caught:
        parse(line, BERLIN)
    assert line[caught.value.start : caught.value.end] == wrong
    assert mend in caught.value.hint


CHOICES = Choices(
    reps=(RepChoice(name="Ana Duarte", key="z/1", team="Billing"), RepChoice(name="Tom Weiss", key="z/2", team="Tech")),
    teams=("Billing", "Tech support"),
    channels=("chat", "email"),
    sources=("zendesk",),
    reasons=("too_short", "spam"),
    judges=("offline", "offline · v3", "llm", "llm · small"),
)


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("te", ["team:"]),
        ("un", ["until:", "unscored:", "unscored"]),
        ("wei", ['rep:"Tom Weiss" ']),
        ("late rep:", ['"Ana Duarte" ', '"Tom Weiss" ']),
        ("rep:we", ['"Tom Weiss" ']),
        ('rep:"tom w', ['"Tom Weiss" ']),
        ("team:sup", ['"Tech support" ']),
        ("channel:e", ["email "]),
        ("unscored:", ["too_short ", "spam "]),
        ("judge:off", ["offline ", '"offline · v3" ']),
        ("judge:sm", ['"llm · small" ']),
        ("flag:re", ["reopened ", "reviewed "]),
        ("empathy:<", ["<=2 "]),
        ("since:", []),
        ("late ", []),
        ("", []),
    ],
)
def test_what_is_offered(line: str, offered: list[str]) -> None:
    found = complete(line, len(line), CHOICES)
    assert [completion.text for completion in found if completion.text.strip() in str(offered)] == offered
    assert len(found) == len(offered)


@given(st.text(max_size=20), st.sampled_from(["rep:", "team:", "", "flag:"]))
def test_what_is_offered_can_be_read(typed: str, key: str) -> None:
    line = key + typed
    for completion in complete(line, len(line), CHOICES):
        after = line[: completion.start] + completion.text + line[completion.end :]
        if not completion.text.endswith(":") and "\\" not in line and '"' not in line[: completion.start]:
            parse(after, BERLIN)
