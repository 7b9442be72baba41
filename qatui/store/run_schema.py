"""The tables of scoring runs: what each did and cost, what a Batch endpoint holds, how endpoints want to be asked."""

from __future__ import annotations

from sqlalchemy import Column, Float, ForeignKey, Integer, LargeBinary, Table, Text, UniqueConstraint

from qatui.store.schema import metadata

# One row a run, brought up to date while it goes on: what a kill leaves is the truth up to then.
runs = Table(
    "runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("judge_id", ForeignKey("judges.id"), nullable=False),
    Column("kind", Text, nullable=False),  # offline, requests or batch
    Column("started_at", Integer, nullable=False),
    Column("moved_at", Integer, nullable=False),  # when this row was last brought up to date
    Column("ended_at", Integer),  # NULL while it goes on, and of one that was killed
    Column("planned", Integer, nullable=False),
    Column("scored", Integer, nullable=False),
    Column("unscored", Integer, nullable=False),  # for reasons other than a failure
    Column("failed", Integer, nullable=False),
    Column("requests", Integer, nullable=False),
    Column("tokens_sent", Integer, nullable=False),
    Column("tokens_cached", Integer, nullable=False),  # of those sent, the ones that the endpoint knew already
    Column("tokens_received", Integer, nullable=False),
    Column("cost", Float),  # NULL where no price was set
    Column("stopped", Text, nullable=False),  # why it ended early, or ""
    Column("pid", Integer, nullable=False),  # of the process that runs it
)

# What was handed to a Batch endpoint, so that another process can collect it.
batches = Table(
    "batches",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("run_id", ForeignKey("runs.id"), nullable=False),
    Column("key", Text, nullable=False),  # our name of it, by which it is found after a kill
    Column("endpoint", Text, nullable=False),
    Column("masked", Integer, nullable=False),  # whether personal data was replaced, as its answers are to be read
    Column("remote_id", Text),  # NULL until the endpoint has said it: handing in may have been cut short
    Column("submitted_at", Integer, nullable=False),
    Column("collected_at", Integer),  # NULL while its tickets are the endpoint's
    UniqueConstraint("key", name="batches_key"),
)

batch_requests = Table(
    "batch_requests",
    metadata,
    Column("batch_id", ForeignKey("batches.id"), primary_key=True),
    Column("ticket_id", Integer, primary_key=True),
    Column("content_hash", LargeBinary, nullable=False),
    Column("answered", Integer, nullable=False),
    sqlite_with_rowid=False,
)

# How an endpoint and model take a request, found out by asking.
dialects = Table(
    "dialects",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("endpoint", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("dialect", Text, nullable=False),  # JSON
    Column("at", Integer, nullable=False),
    UniqueConstraint("endpoint", "model", name="dialects_key"),
)
