"""The tables: facts as help desks recorded them, and rows derived from them that can be rebuilt at any time.

Times are INTEGER microseconds since 1970 in UTC. Lists of strings are JSON text; NULL means that the source says
nothing, `[]` that there are none.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import (
    Column,
    ColumnElement,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    collate,
    text,
)

metadata = MetaData()

# Facts -----------------------------------------------------------------------------------------------------

tickets = Table(
    "tickets",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source", Text, nullable=False),
    Column("external_id", Text, nullable=False),
    Column("subject", Text),
    Column("url", Text),
    Column("channel", Text),
    Column("status", Text, nullable=False),
    Column("opened_at", Integer),
    Column("closed_at", Integer),
    Column("customer_id", Text),
    Column("customer_name", Text),
    Column("tags", Text),
    Column("spam", Integer, nullable=False),
    Column("outbound", Integer, nullable=False),
    Column("facts_hash", LargeBinary, nullable=False),  # of the whole conversation: the same import changes nothing
    UniqueConstraint("source", "external_id", name="tickets_key"),
)

reps = Table(
    "reps",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source", Text, nullable=False),
    Column("external_id", Text, nullable=False),
    Column("name", Text, nullable=False),  # both as in the rep's chronologically latest message that names them
    Column("team", Text),
    UniqueConstraint("source", "external_id", name="reps_key"),
)

# A rep as messages named them: people are renamed and move between teams, and facts do not change after the fact.
authors = Table(
    "authors",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("rep_id", ForeignKey("reps.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("team", Text),
    Column("latest_at", Integer),  # of the newest message under this name and team, which says what holds today
    Index("authors_of_rep", "rep_id"),
)

messages = Table(
    "messages",
    metadata,
    Column("ticket_id", ForeignKey("tickets.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("external_id", Text, nullable=False),
    Column("speaker", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("at", Integer),
    Column("author_id", ForeignKey("authors.id")),
    Column("private", Integer, nullable=False),
    Column("sources", Text),
    Column("actions", Text),
    sqlite_with_rowid=False,  # stored in reading order: a transcript is one read
)

events = Table(
    "events",
    metadata,
    Column("ticket_id", ForeignKey("tickets.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("type", Text, nullable=False),
    Column("at", Integer),
    Column("assigned_to", Text),
    Column("handed_by", Text),
    Column("reason", Text),
    Column("value", Text),
    Column("message", Text),
    sqlite_with_rowid=False,
)

# Derived ---------------------------------------------------------------------------------------------------

judges = Table(
    "judges",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("judge", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("rubric", Text, nullable=False),
    UniqueConstraint("judge", "model", "rubric", name="judges_key"),
)

# Every judgement ever made: scores, or the reason of a failure. Never deleted when a ticket changes.
verdicts = Table(
    "verdicts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("ticket_id", ForeignKey("tickets.id"), nullable=False),
    Column("content_hash", LargeBinary, nullable=False),
    Column("judge_id", ForeignKey("judges.id"), nullable=False),
    Column("at", Integer, nullable=False),
    Column("tone", Integer),
    Column("clarity", Integer),
    Column("empathy", Integer),
    Column("tone_sure", Float),
    Column("clarity_sure", Float),
    Column("empathy_sure", Float),
    Column("emotional_cue", Integer),
    Column("flags", Integer, nullable=False),
    Column("tokens", Integer, nullable=False),
    Column("reason", Text),
    Column("detail", Text),
    Column("lowered", Text),  # [[dimension, words], …] of the cues that lowered scores: apart, to be counted quickly
    Column("explanations", Text),  # {dimension: [text, [[position, start, end], …], [[name, words, direction], …]]}
    # Of repeated readings: how many, and half the range of each score between them. NULL of a single one.
    Column("readings", Integer),
    Column("tone_spread", Float),
    Column("clarity_spread", Float),
    Column("empathy_spread", Float),
    UniqueConstraint("ticket_id", "content_hash", "judge_id", name="verdicts_key"),
)

# What lists need of a ticket, one narrow row each.
listing = Table(
    "listing",
    metadata,
    Column("id", Integer, ForeignKey("tickets.id"), primary_key=True),
    Column("source", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("rep_id", Integer, nullable=False),
    Column("rep_name", Text, nullable=False),
    Column("team", Text, nullable=False),
    Column("channel", Text),
    Column("closed_at", Integer),
    Column("tone", Integer),
    Column("clarity", Integer),
    Column("empathy", Integer),
    Column("overall", Integer),  # sum of the three
    Column("reason", Text),  # why there is no score; NULL with one
    Column("detail", Text),
    Column("flags", Integer, nullable=False),
    Column("verdict_id", Integer),  # the judgement shown
    Column("content_hash", LargeBinary, nullable=False),  # of what a judge reads
    Column("judge_id", Integer),  # who made the judgement shown
    Column("review_id", Integer),  # the review whose scores are shown; NULL where they are the judge's
)


def _sorted_by(name: str, column: ColumnElement[Any]) -> Index:
    """An index that serves a sort (ties by id) and whose last columns let period and rep be filtered within it."""
    return Index(f"listing_by_{name}", column, listing.c.id, listing.c.closed_at, listing.c.rep_id)


LISTING_INDEXES: Final = (
    Index("listing_by_closed", listing.c.closed_at, listing.c.id, listing.c.rep_id),
    _sorted_by("name", collate(listing.c.name, "NOCASE")),
    _sorted_by("rep", collate(listing.c.rep_name, "NOCASE")),
    _sorted_by("team", collate(listing.c.team, "NOCASE")),
    _sorted_by("channel", collate(listing.c.channel, "NOCASE")),
    _sorted_by("tone", listing.c.tone),
    _sorted_by("clarity", listing.c.clarity),
    _sorted_by("empathy", listing.c.empathy),
    _sorted_by("overall", listing.c.overall),
    # One rep's tickets, and the sums of every rep, without a look into the table.
    Index(
        "listing_of_rep",
        listing.c.rep_id,
        listing.c.closed_at,
        listing.c.tone,
        listing.c.clarity,
        listing.c.empathy,
        listing.c.reason,
    ),
    Index(
        "listing_unscored",
        listing.c.reason,
        listing.c.closed_at,
        listing.c.id,
        listing.c.rep_id,
        sqlite_where=text("reason IS NOT NULL"),
    ),
)
"""Dropped before a first bulk load and built again after it, which is several times faster than keeping them."""

# Full text over what a person types into the filter. The text itself stays in the tables: `searchable` is where the
# index reads it from when it is rebuilt or checked.
SEARCH: Final = (
    """
    CREATE VIEW searchable AS
    SELECT listing.id AS id, listing.name AS name, tickets.external_id AS external_id,
           coalesce(tickets.customer_name, '') || ' ' || coalesce(tickets.customer_id, '') AS customer
    FROM listing JOIN tickets ON tickets.id = listing.id
    """,
    """
    CREATE VIRTUAL TABLE search USING fts5(
        name, external_id, customer, content='searchable', content_rowid='id',
        tokenize='unicode61 remove_diacritics 2'
    )
    """,
)

VERSION_TABLE: Final = (
    "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, "
    "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
)
