"""The tables of unanswered questions and topics, of who may change them, and of every change.

A question is keyed by its ticket and message, so that what people and grouping decided about it outlives a new import
of the ticket; `present` says whether the facts still tell it. Decisions are `topic_id` and `dismissed`; the other
columns follow from the facts. Nothing is ever deleted here except by taking back what made it.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, Index, Integer, LargeBinary, Table, Text, UniqueConstraint, text

from qatui.store.schema import metadata

questions = Table(
    "gap_questions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("ticket_id", Integer, nullable=False),
    Column("message", Text, nullable=False),  # the id of the asking message in its ticket
    Column("position", Integer, nullable=False),
    Column("rule", Integer, nullable=False),  # RULE_CODES of gaps_prepared
    Column("at", Integer),
    Column("text_hash", Text, nullable=False),
    Column("present", Integer, nullable=False),
    Column("weighed", Integer, nullable=False),  # whether grouping has looked at it
    Column("topic_id", Integer),  # NULL: waits for company
    Column("dismissed", Integer, nullable=False),
    UniqueConstraint("ticket_id", "message", name="gap_questions_key"),
)

topics = Table(
    "gap_topics",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("central", Text, nullable=False),  # the words of its most central question when it was founded
    Column("named", Integer, nullable=False),  # whether a person gave the name
    Column("state", Text, nullable=False),  # of TopicState
    Column("answered_at", Integer),  # when it was resolved; questions after it mean that it came back
    Column("merged_into", Integer),  # the topic that has its questions now
    Column("founded_at", Integer, nullable=False),
)

answers = Table(
    "gap_answers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("topic_id", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("question", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("at", Integer, nullable=False),
    UniqueConstraint("topic_id", "version", name="gap_answers_key"),
)

# What grouping suggests. A refused one stays, so that it is not suggested again.
hints = Table(
    "gap_hints",
    metadata,
    Column("kind", Text, primary_key=True),  # merge or split
    Column("first", Integer, primary_key=True),
    Column("second", Integer, primary_key=True),  # of a merge; 0 of a split
    Column("score", Integer, nullable=False),  # thousandths
    Column("questions", Text, nullable=False),  # of a split: [id, …]
    Column("refused", Integer, nullable=False),
    sqlite_with_rowid=False,
)

# Vectors by engine and text: made once, whatever becomes of the question.
vectors = Table(
    "gap_vectors",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("engine", Text, nullable=False),
    Column("text_hash", Text, nullable=False),
    Column("vector", LargeBinary, nullable=False),  # float32, little-endian
    UniqueConstraint("engine", "text_hash", name="gap_vectors_key"),
)

# Tickets in which questions have to be looked for anew: after an upgrade that knows better rules.
due = Table("gap_due", metadata, Column("ticket_id", Integer, primary_key=True))

people = Table(
    "people",
    metadata,
    Column("uid", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("seated", Integer, nullable=False),
    Column("added_at", Integer, nullable=False),
)

# Every change that a person made. `before` and `after`: {table: {key: {column: value} or null}}.
audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Integer, nullable=False),
    Column("uid", Integer, nullable=False),
    Column("who", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    Column("undid", Integer),  # the change that this one took back or brought back
    Column("standing", Integer, nullable=False),  # FIXED, DONE or UNDONE of people
    Index("audit_of_person", "uid", "standing"),
)

INDEXES: Final = (
    # Everything that a list of topics needs, topic by topic.
    Index(
        "gap_questions_of_topic",
        questions.c.topic_id,
        questions.c.ticket_id,
        questions.c.at,
        sqlite_where=text("present = 1 AND dismissed = 0"),
    ),
    Index("gap_questions_by_topic", questions.c.topic_id, questions.c.id),
    Index("gap_questions_new", questions.c.id, sqlite_where=text("present = 1 AND weighed = 0")),
)
