"""The tables behind performance reports: rows derived from conversations, and their sums by hour and by day.

A row is one of `domain.outcome.History`, with the times of the domain in microseconds. Sums are of rows as they stand
once all their times have passed (`performance_sql.FINALLY`), so they depend on rows alone, never on a clock; a report
corrects them by the few rows that are not final yet.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, Index, Integer, Table, Text, UniqueConstraint, func, text

from qatui.store.performance_layout import SUMMED
from qatui.store.schema import metadata

# Channels and handoff reasons, so that rows stay narrow.
names = Table(
    "performance_names",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    UniqueConstraint("name", name="performance_names_key"),
)

episodes = Table(
    "episodes",
    metadata,
    Column("ticket_id", Integer, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("channel_id", Integer, nullable=False),
    Column("started_at", Integer, nullable=False),
    Column("settles_at", Integer, nullable=False),
    Column("handled_at", Integer),
    Column("first_response_at", Integer),
    Column("handoff_at", Integer),
    Column("reason_id", Integer),  # of handled ones with a handoff, NULL of others
    Column("closed_at", Integer),
    Column("time_to_close", Integer),  # microseconds, of handled and closed ones
    Column("time_bin", Integer),  # of time_to_close, see TIME_BINS
    Column("settled_outcome", Integer),  # OUTCOME_CODES of performance_prepared
    Column("unverified", Integer, nullable=False),
    Column("failed", Integer, nullable=False),  # CRITERION_BITS
    sqlite_with_rowid=False,
)

feedback = Table(
    "feedback",
    metadata,
    Column("ticket_id", Integer, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("channel_id", Integer, nullable=False),
    Column("at", Integer, nullable=False),
    Column("opinion", Integer, nullable=False),  # OPINION_CODES
    Column("episode_started_at", Integer),
    Column("replaced_at", Integer),
    sqlite_with_rowid=False,
)

late_handoffs = Table(
    "late_handoffs",
    metadata,
    Column("ticket_id", Integer, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("channel_id", Integer, nullable=False),
    Column("at", Integer, nullable=False),
    Column("reason_id", Integer, nullable=False),
    sqlite_with_rowid=False,
)

rep_closes = Table(
    "rep_closes",
    metadata,
    Column("ticket_id", Integer, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("channel_id", Integer, nullable=False),
    Column("rep_id", Integer, nullable=False),  # of reps, or UNKNOWN_REP_ID
    Column("closed_at", Integer, nullable=False),
    Column("from_at", Integer, nullable=False),
    Column("until_at", Integer),
    sqlite_with_rowid=False,
)

# Conversations that take no part, and why.
exclusions = Table(
    "exclusions",
    metadata,
    Column("ticket_id", Integer, primary_key=True),
    Column("channel_id", Integer, nullable=False),
    Column("why", Integer, nullable=False),  # EXCLUSION_CODES
    Column("placed_at", Integer),
)

# `bucket`: hours or days since the year 1 in UTC. `standing`: how many rows stand in it, whatever they count; the
# columns after it are what they count finally. What nothing stands in is not there.
sums = Table(
    "performance_sums",
    metadata,
    Column("span", Integer, primary_key=True),  # hours: 1 or 24
    Column("channel_id", Integer, primary_key=True),
    Column("bucket", Integer, primary_key=True),
    Column("standing", Integer, nullable=False),
    *(Column(name, Integer, nullable=False) for name in SUMMED),
    sqlite_with_rowid=False,
)

# How many rows have each value of a column, finally; without zeros. `kind`: the code of a Grouping.
groups = Table(
    "performance_groups",
    metadata,
    Column("kind", Integer, primary_key=True),
    Column("span", Integer, primary_key=True),  # hours: a day, or 32 of them
    Column("channel_id", Integer, primary_key=True),
    Column("bucket", Integer, primary_key=True),
    Column("value", Integer, primary_key=True),
    Column("number", Integer, nullable=False),
    sqlite_with_rowid=False,
)

# Tickets whose rows have to be derived anew: after an upgrade that knows better rules, or when asked to.
due = Table("performance_due", metadata, Column("ticket_id", Integer, primary_key=True))

INDEXES: Final = (
    # What is not final at a moment, to correct the sums by.
    Index("episodes_by_settling", episodes.c.settles_at, episodes.c.started_at),
    Index(
        "feedback_by_final",
        func.coalesce(feedback.c.replaced_at, feedback.c.at),
        feedback.c.at,
        feedback.c.episode_started_at,
    ),
    Index("rep_closes_by_final", func.coalesce(rep_closes.c.until_at, rep_closes.c.from_at), rep_closes.c.closed_at),
    # What stands in a week, in order: for drill-downs, and for the edges of a period that are no full hours.
    Index("episodes_by_start", episodes.c.started_at),
    Index("feedback_by_at", feedback.c.at),
    Index("feedback_by_start", feedback.c.episode_started_at),
    Index("late_handoffs_by_at", late_handoffs.c.at),
    Index("rep_closes_by_close", rep_closes.c.closed_at),
    # Where the customer agent responded first.
    Index(
        "episodes_by_channel",
        episodes.c.channel_id,
        episodes.c.first_response_at,
        sqlite_where=text("first_response_at IS NOT NULL"),
    ),
    # Medians: the rows of one bin in the order of their times.
    Index(
        "episodes_by_time",
        episodes.c.time_to_close,
        episodes.c.started_at,
        episodes.c.channel_id,
        episodes.c.reason_id,
        sqlite_where=text("time_to_close IS NOT NULL"),
    ),
)
