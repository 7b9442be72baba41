"""Reviews, the golden set and choices; runs, batches and dialects; which judge and which review a list shows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the tables and columns; the judge of the scores shown is known from their verdict."""
    op.create_table(
        "reviews",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("ticket_id", sa.Integer, nullable=False),
        sa.Column("content_hash", sa.LargeBinary, nullable=False),
        sa.Column("uid", sa.Integer, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("at", sa.Integer, nullable=False),
        sa.Column("stand", sa.Text, nullable=False),
        sa.Column("tone", sa.Integer),
        sa.Column("clarity", sa.Integer),
        sa.Column("empathy", sa.Integer),
        sa.Column("comment", sa.Text, nullable=False),
        sa.Column("blind", sa.Integer, nullable=False),
        sa.Column("verdict_id", sa.Integer),
        sa.UniqueConstraint("ticket_id", "content_hash", "uid", name="reviews_key"),
    )
    op.create_table(
        "golden",
        sa.Column("ticket_id", sa.Integer, primary_key=True),
        sa.Column("at", sa.Integer, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
    )
    op.create_table(
        "choices",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("reviews_by_time", "reviews", ["at", "id"])
    op.create_table(
        "runs",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("judge_id", sa.Integer, sa.ForeignKey("judges.id"), nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("started_at", sa.Integer, nullable=False),
        sa.Column("moved_at", sa.Integer, nullable=False),
        sa.Column("ended_at", sa.Integer),
        sa.Column("planned", sa.Integer, nullable=False),
        sa.Column("scored", sa.Integer, nullable=False),
        sa.Column("unscored", sa.Integer, nullable=False),
        sa.Column("failed", sa.Integer, nullable=False),
        sa.Column("requests", sa.Integer, nullable=False),
        sa.Column("tokens_sent", sa.Integer, nullable=False),
        sa.Column("tokens_cached", sa.Integer, nullable=False),
        sa.Column("tokens_received", sa.Integer, nullable=False),
        sa.Column("cost", sa.Float),
        sa.Column("stopped", sa.Text, nullable=False),
        sa.Column("pid", sa.Integer, nullable=False),
    )
    op.create_table(
        "batches",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("run_id", sa.Integer, sa.ForeignKey("runs.id"), nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("endpoint", sa.Text, nullable=False),
        sa.Column("masked", sa.Integer, nullable=False),
        sa.Column("remote_id", sa.Text),
        sa.Column("submitted_at", sa.Integer, nullable=False),
        sa.Column("collected_at", sa.Integer),
        sa.UniqueConstraint("key", name="batches_key"),
    )
    op.create_table(
        "batch_requests",
        sa.Column("batch_id", sa.Integer, sa.ForeignKey("batches.id"), primary_key=True),
        sa.Column("ticket_id", sa.Integer, primary_key=True),
        sa.Column("content_hash", sa.LargeBinary, nullable=False),
        sa.Column("answered", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "dialects",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("endpoint", sa.Text, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("dialect", sa.Text, nullable=False),
        sa.Column("at", sa.Integer, nullable=False),
        sa.UniqueConstraint("endpoint", "model", name="dialects_key"),
    )
    op.add_column("verdicts", sa.Column("readings", sa.Integer))
    for dimension in ("tone", "clarity", "empathy"):
        op.add_column("verdicts", sa.Column(f"{dimension}_spread", sa.Float))
    op.add_column("listing", sa.Column("judge_id", sa.Integer))
    op.add_column("listing", sa.Column("review_id", sa.Integer))
    op.execute("UPDATE listing SET judge_id = (SELECT judge_id FROM verdicts WHERE verdicts.id = listing.verdict_id)")
