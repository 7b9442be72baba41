"""The rows of the Reps screen: teams with their reps unfolded or not, in an order, with their trend."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from qatui.domain.conversation import NO_TEAM
from qatui.domain.metrics import TREND_WEEKS, Mapping, RepsReport, RepSummary, Tally, TeamSummary
from qatui.domain.rubric import Dimension

HALF = TREND_WEEKS // 2
TURN = 0.3  # a mean that moved so much between the halves of the trend gets an arrow

Weekly = Sequence[tuple[str, Tally]]


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One row: a team (`rep` is None) or a rep. weeks: the tallies of the last TREND_WEEKS weeks, oldest first."""

    team: TeamSummary
    rep: RepSummary | None
    weeks: tuple[Tally, ...]
    unfolded: bool = False

    @property
    def key(self) -> tuple[str, str | None, str | None]:
        """Names this row among all."""
        return (self.team.team, self.rep.key, self.rep.rep) if self.rep else (self.team.team, None, None)

    @property
    def name(self) -> str:
        return self.rep.rep if self.rep else self.team.team

    @property
    def tally(self) -> Tally:
        return self.rep.tally if self.rep else self.team.tally

    def halves(self) -> tuple[Tally, Tally]:
        """The earlier and the later half of the trend."""
        return sum(self.weeks[:HALF], Tally()), sum(self.weeks[HALF:], Tally())

    def turn(self, dimension: Dimension) -> int:
        """+1 or -1 when the mean rose or fell by TURN between the halves, each with enough tickets; else 0."""
        earlier, later = self.halves()
        before, after = earlier.mean(dimension), later.mean(dimension)
        if before is None or after is None or earlier.few or later.few or abs(after - before) < TURN:
            return 0
        return 1 if after > before else -1

    def change(self, mapping: Mapping) -> float | None:
        """How the overall score moved between the halves of the trend, in percentage points."""
        earlier, later = (half.overall_percent(mapping) for half in self.halves())
        return None if earlier is None or later is None else later - earlier


def week_starts(report: RepsReport) -> tuple[str, ...]:
    """The Mondays of the trend, oldest first: TREND_WEEKS weeks up to the latest with a scored ticket."""
    latest = max((week for team in report.teams for rep in team.reps for week, _ in rep.weekly), default=None)
    if latest is None:
        return ()
    monday = date.fromisoformat(latest)
    return tuple((monday - timedelta(weeks=back)).isoformat() for back in reversed(range(TREND_WEEKS)))


def in_weeks(weekly: Weekly, starts: Sequence[str]) -> tuple[Tally, ...]:
    """The tallies of these weeks, an empty one where nothing was closed."""
    by_start, empty = dict(weekly), Tally()
    return tuple([by_start.get(start, empty) for start in starts])


def scale(trend: RepsReport) -> tuple[float, float]:
    """The lowest and the highest weekly overall score of any team: one scale for all rows makes them comparable."""
    starts = week_starts(trend)
    weeks = [week for team in trend.teams for week in in_weeks(team.weekly, starts)]
    known = [value for week in weeks if (value := week.overall_percent(trend.mapping)) is not None]
    return (min(known), max(known)) if known else (0.0, 100.0)


def sort_value(row: GroupRow, column: str, mapping: Mapping) -> float | str | None:
    """What a row is ordered by in a column; None comes last."""
    tally = row.tally
    if column == "name":
        return row.name.casefold()
    if column == "tickets":
        return tally.tickets
    if column == "overall":
        return tally.overall_percent(mapping)
    if column == "trend":
        return row.change(mapping)
    return tally.mean(Dimension(column))


def ordered(rows: Sequence[GroupRow], column: str, descending: bool, mapping: Mapping) -> list[GroupRow]:
    """Rows in the order of a column: those without a value last, those with few tickets after the others by score."""
    scores = column not in ("name", "tickets")

    def sinks(row: GroupRow) -> tuple[bool, bool]:
        value = sort_value(row, column, mapping)
        return value is None or (row.rep is None and row.team.team == NO_TEAM), scores and row.tally.few

    def value(row: GroupRow) -> float | str:
        found = sort_value(row, column, mapping)
        return found if found is not None else ("" if column == "name" else 0.0)

    by_name = sorted(rows, key=lambda row: row.name.casefold())
    by_value = sorted(by_name, key=value, reverse=descending)
    return sorted(by_value, key=sinks)


def flatten(
    report: RepsReport,
    trend: RepsReport,
    *,
    unfolded: Collection[str],
    words: str = "",
    sort: tuple[str, bool] = ("name", False),
) -> list[GroupRow]:
    """The rows to show: teams in order, under each unfolded team its reps in the same order.

    trend: the report whose weeks are drawn, which may reach further back than `report`; words: only reps and teams
    with all of them in their name (any case), and then every team that is left is unfolded.
    """
    starts = week_starts(trend)
    weekly = {(team.team, rep.key, rep.rep): rep.weekly for team in trend.teams for rep in team.reps}
    team_weekly = {team.team: team.weekly for team in trend.teams}
    wanted = words.casefold().split()

    def fits(name: str) -> bool:
        return all(word in name.casefold() for word in wanted)

    teams: list[GroupRow] = []
    reps: dict[str, list[GroupRow]] = {}
    for team in report.teams:
        whole = not wanted or fits(team.team)
        found = [rep for rep in team.reps if whole or fits(rep.rep)]
        if not found:
            continue
        open_ = bool(wanted) or team.team in unfolded
        teams.append(GroupRow(team, None, in_weeks(team_weekly.get(team.team, ()), starts), open_))
        reps[team.team] = [
            GroupRow(team, rep, in_weeks(weekly.get((team.team, rep.key, rep.rep), ()), starts)) for rep in found
        ]
    rows: list[GroupRow] = []
    for row in ordered(teams, *sort, report.mapping):
        rows.append(row)
        if row.unfolded:
            rows += ordered(reps[row.team.team], *sort, report.mapping)
    return rows
