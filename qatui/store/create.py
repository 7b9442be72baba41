"""Makes and upgrades the tables: the one room that loads SQLAlchemy and Alembic, once per file and release."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import URL
from sqlalchemy.pool import NullPool
from sqlalchemy.schema import CreateIndex

from qatui.store import gaps_schema, performance_schema, review_schema, run_schema  # noqa: F401  their tables belong to a new file too
from qatui.store.faults import BUSY_SECONDS
from qatui.store.layout import REVISION
from qatui.store.schema import SEARCH, VERSION_TABLE, metadata


def create(path: Path) -> None:
    """Make all tables in an empty file; nothing where another process was quicker."""
    with _writing(path) as connection:
        if connection.exec_driver_sql("SELECT 1 FROM sqlite_schema LIMIT 1").first():
            return
        metadata.create_all(connection, checkfirst=False)
        for statement in (*SEARCH, VERSION_TABLE):
            connection.exec_driver_sql(statement)
        connection.exec_driver_sql("INSERT INTO alembic_version VALUES (?)", (REVISION,))


def upgrade(path: Path) -> None:
    """Run the migrations that the file has not seen, all of them or none."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    with _writing(path) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def index_statements(names: Collection[str]) -> list[str]:
    """The SQL that builds these indexes."""
    return [
        str(CreateIndex(index, if_not_exists=True).compile(dialect=sqlite.dialect()))
        for table in metadata.sorted_tables
        for index in sorted(table.indexes, key=lambda index: str(index.name))
        if index.name in names
    ]


@contextmanager
def _writing(path: Path) -> Iterator[Connection]:
    """A transaction that holds the write lock from its start, on a connection of its own."""
    engine = create_engine(
        URL.create("sqlite", database=path.as_uri(), query={"mode": "rw", "uri": "true"}),
        connect_args={"isolation_level": None, "timeout": BUSY_SECONDS},
        poolclass=NullPool,
    )

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    with engine.begin() as connection:
        yield connection
