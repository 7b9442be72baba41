"""The tables of what people say of scores, of the golden set, and of what the workspace has chosen.

A review is keyed by ticket, content and reviewer, so that it outlives a new import of the same words and is history
once the words have changed.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, Index, Integer, LargeBinary, Table, Text, UniqueConstraint

from qatui.store.schema import metadata

reviews = Table(
    "reviews",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("ticket_id", Integer, nullable=False),
    Column("content_hash", LargeBinary, nullable=False),  # of what the reviewer read
    Column("uid", Integer, nullable=False),
    Column("who", Text, nullable=False),
    Column("at", Integer, nullable=False),
    Column("stand", Text, nullable=False),  # of domain.review.Stand
    Column("tone", Integer),  # NULL, all three, of a dispute without scores
    Column("clarity", Integer),
    Column("empathy", Integer),
    Column("comment", Text, nullable=False),
    Column("blind", Integer, nullable=False),  # whether the judge's scores were hidden until then
    Column("verdict_id", Integer),  # the judgement that stood beside it
    UniqueConstraint("ticket_id", "content_hash", "uid", name="reviews_key"),
)

# Tickets that every candidate for the office of judge has to read; their right scores are the reviews.
golden = Table(
    "golden",
    metadata,
    Column("ticket_id", Integer, primary_key=True),
    Column("at", Integer, nullable=False),
    Column("who", Text, nullable=False),
)

# What was chosen for the workspace as a whole, as JSON by name.
choices = Table(
    "choices",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
    sqlite_with_rowid=False,
)

INDEXES: Final = (Index("reviews_by_time", reviews.c.at, reviews.c.id),)
