"""Unanswered questions, topics, people and the log of changes; questions are looked for when the database is opened."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the tables, and let every ticket be due."""
    op.create_table(
        "gap_questions",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("ticket_id", sa.Integer, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("rule", sa.Integer, nullable=False),
        sa.Column("at", sa.Integer),
        sa.Column("text_hash", sa.Text, nullable=False),
        sa.Column("present", sa.Integer, nullable=False),
        sa.Column("weighed", sa.Integer, nullable=False),
        sa.Column("topic_id", sa.Integer),
        sa.Column("dismissed", sa.Integer, nullable=False),
        sa.UniqueConstraint("ticket_id", "message", name="gap_questions_key"),
    )
    op.create_table(
        "gap_topics",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("central", sa.Text, nullable=False),
        sa.Column("named", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("answered_at", sa.Integer),
        sa.Column("merged_into", sa.Integer),
        sa.Column("founded_at", sa.Integer, nullable=False),
    )
    op.create_table(
        "gap_answers",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("topic_id", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("at", sa.Integer, nullable=False),
        sa.UniqueConstraint("topic_id", "version", name="gap_answers_key"),
    )
    op.create_table(
        "gap_hints",
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("first", sa.Integer, primary_key=True),
        sa.Column("second", sa.Integer, primary_key=True),
        sa.Column("score", sa.Integer, nullable=False),
        sa.Column("questions", sa.Text, nullable=False),
        sa.Column("refused", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "gap_vectors",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("engine", sa.Text, nullable=False),
        sa.Column("text_hash", sa.Text, nullable=False),
        sa.Column("vector", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("engine", "text_hash", name="gap_vectors_key"),
    )
    op.create_table("gap_due", sa.Column("ticket_id", sa.Integer, primary_key=True))
    op.create_table(
        "people",
        sa.Column("uid", sa.Integer, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("seated", sa.Integer, nullable=False),
        sa.Column("added_at", sa.Integer, nullable=False),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", sa.Integer, nullable=False),
        sa.Column("uid", sa.Integer, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("before", sa.Text, nullable=False),
        sa.Column("after", sa.Text, nullable=False),
        sa.Column("undid", sa.Integer),
        sa.Column("standing", sa.Integer, nullable=False),
    )
    op.create_index("audit_of_person", "audit", ["uid", "standing"])
    op.create_index(
        "gap_questions_of_topic",
        "gap_questions",
        ["topic_id", "ticket_id", "at"],
        sqlite_where=sa.text("present = 1 AND dismissed = 0"),
    )
    op.create_index("gap_questions_by_topic", "gap_questions", ["topic_id", "id"])
    op.create_index("gap_questions_new", "gap_questions", ["id"], sqlite_where=sa.text("present = 1 AND weighed = 0"))
    op.execute("INSERT INTO gap_due SELECT id FROM tickets")
