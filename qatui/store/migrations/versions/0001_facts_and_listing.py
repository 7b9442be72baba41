"""Facts, judgements and the listing: the first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make every table of the first release."""
    op.create_table(
        "tickets",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("external_id", sa.Text, nullable=False),
        sa.Column("subject", sa.Text),
        sa.Column("url", sa.Text),
        sa.Column("channel", sa.Text),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("opened_at", sa.Integer),
        sa.Column("closed_at", sa.Integer),
        sa.Column("customer_id", sa.Text),
        sa.Column("customer_name", sa.Text),
        sa.Column("tags", sa.Text),
        sa.Column("spam", sa.Integer, nullable=False),
        sa.Column("outbound", sa.Integer, nullable=False),
        sa.Column("facts_hash", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("source", "external_id", name="tickets_key"),
    )
    op.create_table(
        "reps",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("external_id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("team", sa.Text),
        sa.UniqueConstraint("source", "external_id", name="reps_key"),
    )
    op.create_table(
        "authors",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("rep_id", sa.Integer, sa.ForeignKey("reps.id"), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("team", sa.Text),
        sa.Column("latest_at", sa.Integer),
    )
    op.create_index("authors_of_rep", "authors", ["rep_id"])
    op.create_table(
        "messages",
        sa.Column("ticket_id", sa.Integer, sa.ForeignKey("tickets.id"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("external_id", sa.Text, nullable=False),
        sa.Column("speaker", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("at", sa.Integer),
        sa.Column("author_id", sa.Integer, sa.ForeignKey("authors.id")),
        sa.Column("private", sa.Integer, nullable=False),
        sa.Column("sources", sa.Text),
        sa.Column("actions", sa.Text),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "events",
        sa.Column("ticket_id", sa.Integer, sa.ForeignKey("tickets.id"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("at", sa.Integer),
        sa.Column("assigned_to", sa.Text),
        sa.Column("handed_by", sa.Text),
        sa.Column("reason", sa.Text),
        sa.Column("value", sa.Text),
        sa.Column("message", sa.Text),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "judges",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("judge", sa.Text, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("rubric", sa.Text, nullable=False),
        sa.UniqueConstraint("judge", "model", "rubric", name="judges_key"),
    )
    op.create_table(
        "verdicts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("ticket_id", sa.Integer, sa.ForeignKey("tickets.id"), nullable=False),
        sa.Column("content_hash", sa.LargeBinary, nullable=False),
        sa.Column("judge_id", sa.Integer, sa.ForeignKey("judges.id"), nullable=False),
        sa.Column("at", sa.Integer, nullable=False),
        sa.Column("tone", sa.Integer),
        sa.Column("clarity", sa.Integer),
        sa.Column("empathy", sa.Integer),
        sa.Column("tone_sure", sa.Float),
        sa.Column("clarity_sure", sa.Float),
        sa.Column("empathy_sure", sa.Float),
        sa.Column("emotional_cue", sa.Integer),
        sa.Column("flags", sa.Integer, nullable=False),
        sa.Column("tokens", sa.Integer, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("detail", sa.Text),
        sa.Column("lowered", sa.Text),
        sa.Column("explanations", sa.Text),
        sa.UniqueConstraint("ticket_id", "content_hash", "judge_id", name="verdicts_key"),
    )
    op.create_table(
        "listing",
        sa.Column("id", sa.Integer, sa.ForeignKey("tickets.id"), primary_key=True),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("rep_id", sa.Integer, nullable=False),
        sa.Column("rep_name", sa.Text, nullable=False),
        sa.Column("team", sa.Text, nullable=False),
        sa.Column("channel", sa.Text),
        sa.Column("closed_at", sa.Integer),
        sa.Column("tone", sa.Integer),
        sa.Column("clarity", sa.Integer),
        sa.Column("empathy", sa.Integer),
        sa.Column("overall", sa.Integer),
        sa.Column("reason", sa.Text),
        sa.Column("detail", sa.Text),
        sa.Column("flags", sa.Integer, nullable=False),
        sa.Column("verdict_id", sa.Integer),
        sa.Column("content_hash", sa.LargeBinary, nullable=False),
    )
    op.create_index("listing_by_closed", "listing", ["closed_at", "id", "rep_id"])
    for name, column in (
        ("name", 'name COLLATE "NOCASE"'),
        ("rep", 'rep_name COLLATE "NOCASE"'),
        ("team", 'team COLLATE "NOCASE"'),
        ("channel", 'channel COLLATE "NOCASE"'),
        ("tone", "tone"),
        ("clarity", "clarity"),
        ("empathy", "empathy"),
        ("overall", "overall"),
    ):
        op.create_index(f"listing_by_{name}", "listing", [sa.text(column), "id", "closed_at", "rep_id"])
    op.create_index("listing_of_rep", "listing", ["rep_id", "closed_at", "tone", "clarity", "empathy", "reason"])
    op.create_index(
        "listing_unscored",
        "listing",
        ["reason", "closed_at", "id", "rep_id"],
        sqlite_where=sa.text("reason IS NOT NULL"),
    )
    op.execute(
        """
        CREATE VIEW searchable AS
        SELECT listing.id AS id, listing.name AS name, tickets.external_id AS external_id,
               coalesce(tickets.customer_name, '') || ' ' || coalesce(tickets.customer_id, '') AS customer
        FROM listing JOIN tickets ON tickets.id = listing.id
        """
    )
    op.execute(
        """
        CREATE VIRTUAL TABLE search USING fts5(
            name, external_id, customer, content='searchable', content_rowid='id',
            tokenize='unicode61 remove_diacritics 2'
        )
        """
    )
