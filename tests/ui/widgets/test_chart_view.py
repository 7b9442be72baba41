"""Charts with a cursor: what is drawn in how many cells, where each number stands, and how the cursor moves."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.app import App, ComposeResult
from textual.content import Content

from qatui.domain.performance import Unit
from qatui.widgets.chart_columns import axis_words, draw_columns, top
from qatui.widgets.chart_rows import draw_bars, draw_table, draw_tiles
from qatui.widgets.chart_view import ChartView
from qatui.widgets.figures import Chart, Drawn, Item, Series, Shape, compact

PARTS = (Series("all"), Series("done", look="$success"), Series("open", look="$warning"))


def week(number: int, *values: float | None, partial: bool = False, provisional: bool = False) -> Item:
    label = f"{number % 28 + 1} Mar"
    return Item(label=label, name=f"week {number}", values=values, partial=partial, provisional=provisional)


def stack(*items: Item, rest: Series | None = None) -> Chart:
    return Chart(key="k", title="by week", shape=Shape.STACKED, series=PARTS, items=items, rest=rest)


def rates(*values: float | None, unit: Unit = Unit.SHARE) -> Chart:
    items = tuple(week(number, value) for number, value in enumerate(values))
    return Chart(key="k", title="rate", shape=Shape.COLUMNS, series=(Series("rate", unit),), items=items)


def plain(drawn: Drawn) -> list[str]:
    return [line.plain.rstrip() for line in drawn.lines]


def column(drawn: Drawn, item: int, rows: int) -> str:
    """The signs of one column, from the bottom up."""
    region = drawn.spot(item, 0)
    assert region is not None
    return "".join(drawn.lines[row].plain.ljust(200)[region.x] for row in reversed(range(rows))).rstrip()


# Columns ---------------------------------------------------------------------------------------------


def test_parts_are_stacked_from_the_bottom_in_their_own_shades() -> None:
    drawn = draw_columns(stack(week(0, 8, 6, 2)), 40, 12, 0, 0)
    assert column(drawn, 0, 8) == "██████▓▓"


def test_what_the_parts_leave_of_the_whole_stands_at_the_bottom() -> None:
    drawn = draw_columns(stack(week(0, 8, 2, 1), rest=Series("rest")), 40, 12, 0, 0)
    assert column(drawn, 0, 8) == "█████▓▓▒"
    assert "█ rest 5   ▓ done 2   ▒ open 1" in plain(drawn)[-1]


def test_a_share_is_drawn_in_eighths_of_a_line() -> None:
    drawn = draw_columns(rates(0.55, 1.0), 40, 12, 0, 0)
    assert column(drawn, 0, 8) == "████▃"  # 0.55 of 64 eighths are 35: four lines and three eighths
    assert column(drawn, 1, 8) == "████████"


def test_no_figure_is_a_gap_and_zero_is_not() -> None:
    drawn = draw_columns(rates(None, 0.0, 1.0), 40, 12, 0, 0)
    assert column(drawn, 0, 8) == ""
    assert column(drawn, 1, 8) == "▁"
    assert "rate —" in plain(drawn)[-2]


def test_partial_and_provisional_weeks_have_other_shades_and_a_mark_below() -> None:
    items = (week(0, 1.0), week(1, 1.0, provisional=True), week(2, 1.0, partial=True, provisional=True))
    chart = Chart(key="k", title="rate", shape=Shape.COLUMNS, series=(Series("rate", Unit.SHARE),), items=items)
    drawn = draw_columns(chart, 60, 12, 2, 0)
    assert [column(drawn, item, 8)[0] for item in range(3)] == ["█", "▓", "▒"]
    assert plain(drawn)[8].split("0", 1)[1].replace("┄", "").split() == ["◌◐"]
    assert "week 2, partial, provisional" in plain(drawn)[-2]


def test_more_weeks_than_cells_are_a_window_around_the_cursor() -> None:
    chart = rates(*[0.5] * 100)
    drawn = draw_columns(chart, 38, 12, 99, 0)
    assert (drawn.first, drawn.spot(99, 0) is not None, drawn.spot(60, 0)) == (70, True, None)
    assert "◂" in plain(drawn)[8]
    back = draw_columns(chart, 38, 12, 60, 0, first=drawn.first)
    assert back.first == 60
    assert "▸" in plain(back)[8]


@pytest.mark.parametrize(
    ("most", "unit", "end"),
    [
        (0, Unit.COUNT, 2),
        (7, Unit.COUNT, 8),
        (11, Unit.COUNT, 12),
        (391, Unit.COUNT, 400),
        (1_000_000, Unit.COUNT, 1_000_000),
        (0.03, Unit.SHARE, 0.04),
        (0.83, Unit.SHARE, 1.0),
        (11_000, Unit.SECONDS, 4 * 3600),
        (100 * 86400, Unit.SECONDS, 112 * 86400),
    ],
)
def test_an_axis_ends_at_a_round_number(most: float, unit: Unit, end: float) -> None:
    assert top(most, unit) == pytest.approx(end)


def test_numbers_of_an_axis_are_short() -> None:
    words = [axis_words(400, Unit.COUNT), axis_words(12_000, Unit.COUNT), axis_words(0.4, Unit.SHARE)]
    assert words == ["400", "12k", "40 %"]
    assert axis_words(4 * 3600, Unit.SECONDS) == "4 h"


@pytest.mark.parametrize(
    ("number", "words"),
    [(0, "0"), (950, "950"), (1_000, "1.0k"), (9_949, "9.9k"), (9_950, "10k"), (999_499, "999k"), (999_500, "1.0M")],
)
def test_a_large_count_in_few_cells(number: float, words: str) -> None:
    assert compact(number) == words


@pytest.mark.parametrize(
    ("width", "legend"),
    [
        (60, "█ done 123,456   ▓ open 7,890"),
        (28, "█ done 123,456  ▓ open 7,890"),
        (27, "█ done 123,456 ▓ open 7,890"),
        (24, "█ done 123k  ▓ open 7.9k"),
        (23, "█ done 123k ▓ open 7.9k"),
    ],
)
def test_a_legend_without_room_moves_together_and_then_says_large_counts_roughly(width: int, legend: str) -> None:
    drawn = draw_columns(stack(week(0, 131_346, 123_456, 7_890)), width, 12, 0, 0, pointed=False)
    assert plain(drawn)[-1] == legend


# Lines -----------------------------------------------------------------------------------------------


def bars(*values: float | None, unit: Unit = Unit.COUNT) -> Chart:
    items = tuple(Item(label=f"name {n}", name=f"name {n}", values=(value, 3)) for n, value in enumerate(values))
    series = (Series("first", unit), Series("second"))
    return Chart(key="k", title="by name", shape=Shape.BARS, series=series, items=items)


def test_bars_compare_with_the_longest_and_shares_with_the_whole() -> None:
    drawn = plain(draw_bars(bars(10, 5, 0), 50, 10, 0, 0))
    lengths = [line.count("█") for line in drawn[1:]]
    assert lengths[0] > 0
    assert abs(lengths[0] - 2 * lengths[1]) <= 1
    assert lengths[2] == 0
    half = plain(draw_bars(bars(0.5, unit=Unit.SHARE), 50, 10, 0, 0))
    assert 0 < half[1].count("█") < lengths[0]


def test_lines_that_have_no_room_are_counted() -> None:
    drawn = draw_bars(bars(*range(30)), 50, 10, 20, 0)
    assert plain(drawn)[-1] == "↑ 13 more   ↓ 9 more"
    assert drawn.spot(20, 0) is not None


def test_a_table_has_every_number_under_its_title() -> None:
    drawn = plain(draw_table(stack(week(0, 8, 6, 2), week(1, 3, 3, 0, partial=True)), 60, 10, 0, 0))
    assert drawn[0].split() == ["all", "done", "open"]
    assert drawn[1].split() == ["week", "0", "8", "6", "2"]
    assert drawn[2].split() == ["week", "1", "◐", "3", "3", "0"]


def test_tiles_say_figure_base_neighbour_and_trend() -> None:
    item = Item(label="done", name="Done", values=(7,), lines=("5 of 9", "was 4"), trend=(0, 4, 8), partial=True)
    chart = Chart(key="k", title="t", shape=Shape.TILES, series=(Series("done"),), items=(item,))
    assert plain(draw_tiles(chart, 20, 5, 0, 0)) == ["done", "7", "5 of 9", "was 4", "▁▅█◐"]


# Whatever the size -----------------------------------------------------------------------------------

VALUE = st.one_of(st.none(), st.integers(0, 10**7).map(float), st.floats(0, 1))


@settings(max_examples=60, deadline=None)
@given(
    values=st.lists(st.tuples(VALUE, st.booleans(), st.booleans()), min_size=1, max_size=90),
    width=st.integers(30, 120),
    height=st.integers(6, 30),
    place=st.integers(0, 10**6),
    shape=st.sampled_from([Shape.COLUMNS, Shape.STACKED, Shape.BARS, Shape.TILES]),
    table=st.booleans(),
)
def test_every_drawing_keeps_to_its_cells_and_shows_the_number_of_the_cursor(
    values: list[tuple[float | None, bool, bool]], width: int, height: int, place: int, shape: Shape, table: bool
) -> None:
    items = tuple(
        week(
            number, value, (value or 0) // 2, (value or 0) - (value or 0) // 2, partial=partial, provisional=provisional
        )
        for number, (value, partial, provisional) in enumerate(values[: 6 if shape is Shape.TILES else None])
    )
    series = tuple(Series("s") for _ in items) if shape is Shape.TILES else PARTS
    chart = Chart(key="k", title="t", shape=shape, series=series, items=items)
    item = place % len(items)
    number = place % chart.width
    if shape is Shape.TILES:
        draw = draw_tiles
    elif table:
        draw = draw_table
    else:
        draw = draw_bars if shape is Shape.BARS else draw_columns
    drawn = draw(chart, width, height, item, number)
    assert len(drawn.lines) <= height
    for line in drawn.lines:
        assert line.cell_length <= width
    assert drawn.spot(item, number) is not None


# On screen -------------------------------------------------------------------------------------------


class Host(App[None]):
    """One chart."""

    def compose(self) -> ComposeResult:
        yield ChartView()


@pytest.mark.parametrize(("table", "keys"), [(False, [(1, 0), (0, 1)]), (True, [(0, 1), (1, 0)])])
async def test_the_cursor_follows_the_direction_in_which_weeks_are_drawn(
    table: bool, keys: list[tuple[int, int]]
) -> None:
    app = Host()
    async with app.run_test(size=(60, 16)) as pilot:
        view = app.query_one(ChartView)
        view.show(stack(week(0, 8, 6, 2), week(1, 3, 3, 0)), 0, 0, table=table)
        await pilot.pause()
        to_week, to_part = keys
        assert view.move(*to_week)
        assert (view.item, view.series) == (1, 0)
        assert not view.move(*to_week)
        assert view.move(*to_part)
        assert (view.item, view.series) == (1, 1)


async def test_a_chart_without_items_says_its_remark() -> None:
    app = Host()
    async with app.run_test(size=(60, 10)) as pilot:
        view = app.query_one(ChartView)
        chart = Chart(
            key="k", title="by week", shape=Shape.COLUMNS, series=PARTS, items=(), remark="Nothing was rated."
        )
        view.show(chart, 0, 0, table=False)
        await pilot.pause()
        content = view.render()
        assert isinstance(content, Content)
        assert "Nothing was rated." in content.plain
        assert not view.move(1, 0)
