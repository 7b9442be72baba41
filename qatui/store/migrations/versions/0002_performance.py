"""What performance reports need of conversations; rows are derived from the facts when the database is opened."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

SUMS = (
    "episodes",
    "handled",
    "settled",
    "resolved",
    "resolved_unverified",
    "deflected_unresolved",
    "handed_off",
    "human_joined",
    "late_handoffs",
    "passed_on",
    "passed_on_closed",
    "closed",
    "helpful",
    "unhelpful",
    "rated_neutral",
    "feedback_positive",
    "feedback_negative",
    "feedback_neutral",
    "rep_closed",
    "closed_time",
    "passed_on_time",
)


def upgrade() -> None:
    """Make the tables, and let every ticket be due."""
    op.create_table(
        "performance_names",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.UniqueConstraint("name", name="performance_names_key"),
    )
    op.create_table(
        "episodes",
        sa.Column("ticket_id", sa.Integer, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("channel_id", sa.Integer, nullable=False),
        sa.Column("started_at", sa.Integer, nullable=False),
        sa.Column("settles_at", sa.Integer, nullable=False),
        sa.Column("handled_at", sa.Integer),
        sa.Column("first_response_at", sa.Integer),
        sa.Column("handoff_at", sa.Integer),
        sa.Column("reason_id", sa.Integer),
        sa.Column("closed_at", sa.Integer),
        sa.Column("time_to_close", sa.Integer),
        sa.Column("time_bin", sa.Integer),
        sa.Column("settled_outcome", sa.Integer),
        sa.Column("unverified", sa.Integer, nullable=False),
        sa.Column("failed", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "feedback",
        sa.Column("ticket_id", sa.Integer, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("channel_id", sa.Integer, nullable=False),
        sa.Column("at", sa.Integer, nullable=False),
        sa.Column("opinion", sa.Integer, nullable=False),
        sa.Column("episode_started_at", sa.Integer),
        sa.Column("replaced_at", sa.Integer),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "late_handoffs",
        sa.Column("ticket_id", sa.Integer, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("channel_id", sa.Integer, nullable=False),
        sa.Column("at", sa.Integer, nullable=False),
        sa.Column("reason_id", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "rep_closes",
        sa.Column("ticket_id", sa.Integer, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("channel_id", sa.Integer, nullable=False),
        sa.Column("rep_id", sa.Integer, nullable=False),
        sa.Column("closed_at", sa.Integer, nullable=False),
        sa.Column("from_at", sa.Integer, nullable=False),
        sa.Column("until_at", sa.Integer),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "exclusions",
        sa.Column("ticket_id", sa.Integer, primary_key=True),
        sa.Column("channel_id", sa.Integer, nullable=False),
        sa.Column("why", sa.Integer, nullable=False),
        sa.Column("placed_at", sa.Integer),
    )
    op.create_table(
        "performance_sums",
        sa.Column("span", sa.Integer, primary_key=True),
        sa.Column("channel_id", sa.Integer, primary_key=True),
        sa.Column("bucket", sa.Integer, primary_key=True),
        sa.Column("standing", sa.Integer, nullable=False),
        *(sa.Column(name, sa.Integer, nullable=False) for name in SUMS),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "performance_groups",
        sa.Column("kind", sa.Integer, primary_key=True),
        sa.Column("span", sa.Integer, primary_key=True),
        sa.Column("channel_id", sa.Integer, primary_key=True),
        sa.Column("bucket", sa.Integer, primary_key=True),
        sa.Column("value", sa.Integer, primary_key=True),
        sa.Column("number", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "performance_due",
        sa.Column("ticket_id", sa.Integer, primary_key=True),
    )
    op.create_index("episodes_by_settling", "episodes", ["settles_at", "started_at"])
    op.create_index("feedback_by_final", "feedback", [sa.text("coalesce(replaced_at, at)"), "at", "episode_started_at"])
    op.create_index("rep_closes_by_final", "rep_closes", [sa.text("coalesce(until_at, from_at)"), "closed_at"])
    op.create_index("episodes_by_start", "episodes", ["started_at"])
    op.create_index("feedback_by_at", "feedback", ["at"])
    op.create_index("feedback_by_start", "feedback", ["episode_started_at"])
    op.create_index("late_handoffs_by_at", "late_handoffs", ["at"])
    op.create_index("rep_closes_by_close", "rep_closes", ["closed_at"])
    op.create_index(
        "episodes_by_channel",
        "episodes",
        ["channel_id", "first_response_at"],
        sqlite_where=sa.text("first_response_at IS NOT NULL"),
    )
    op.create_index(
        "episodes_by_time",
        "episodes",
        ["time_to_close", "started_at", "channel_id", "reason_id"],
        sqlite_where=sa.text("time_to_close IS NOT NULL"),
    )
    op.execute("INSERT INTO performance_due SELECT id FROM tickets")
