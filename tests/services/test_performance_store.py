"""What performance reports keep follows the facts: through changes and re-imports, upgrades, damage and rebuilding."""

import random
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, inspect

from qatui import store
from qatui.domain.performance_behind import PerformanceQuestion
from qatui.store import indexes, performance, performance_check, performance_rows, performance_sums
from qatui.store.engine import Database
from qatui.store.performance_schema import INDEXES
from qatui.store.performance_tally import COLUMNS
from qatui.store.schema import metadata
from qatui.store.sql import ask, tell
from tests.services.performance_log import Workspaces, imported, large_log

KEPT = (*COLUMNS, "performance_sums", "performance_groups")


@pytest.fixture
def workspaces(tmp_path):
    return Workspaces(tmp_path)


async def everything(database):
    """All kept rows, with names instead of the numbers that depend on the order of imports."""
    async with database.read() as connection:
        names = dict(map(tuple, await ask(connection, "SELECT id, name FROM performance_names")))
        tickets = dict(map(tuple, await ask(connection, "SELECT id, source || '/' || external_id FROM tickets")))
        reps = dict(map(tuple, await ask(connection, "SELECT id, source || '/' || external_id FROM reps")))
        found = {}
        for table in KEPT:
            columns = [name for (name,) in await ask(connection, f"SELECT name FROM pragma_table_info('{table}')")]
            rows = []
            for row in await ask(connection, f"SELECT * FROM {table}"):
                told = dict(zip(columns, row, strict=True))
                for column, told_by in (
                    ("ticket_id", tickets),
                    ("channel_id", names),
                    ("reason_id", names),
                    ("rep_id", reps),
                ):
                    if column in told:
                        told[column] = told_by.get(told[column], told[column])
                if table == "performance_groups":
                    told["value"] = {1: names, 2: reps}.get(told["kind"], {}).get(told["value"], told["value"])
                rows.append(tuple(map(str, told.values())))
            found[table] = sorted(rows)
        return found


async def problems(database):
    async with database.read() as connection:
        return await performance_check.problems(connection)


@pytest.mark.parametrize("seed", range(6))
async def test_changed_conversations_leave_what_a_first_import_leaves(seed, workspaces, tmp_path):
    """Half of the conversations come as they were once, change their channel and grow; the end is the same."""
    _, log, _ = large_log(seed)
    chance = random.Random(seed)
    earlier = [
        {**conversation, "messages": conversation["messages"][::2], "events": conversation["events"][1:]}
        for conversation in log
        if chance.random() < 0.5
    ]
    ids = {row["id"] for row in earlier}
    async with workspaces.open() as one, workspaces.open() as other:
        await imported(one, log, tmp_path / "log.jsonl")
        await imported(other, [row for row in log if row["id"] not in ids], tmp_path / "rest.jsonl")
        await imported(other, [row | {"channel": "phone"} for row in earlier[::-1]], tmp_path / "earlier.jsonl")
        await imported(other, earlier, tmp_path / "earlier.jsonl")
        await imported(other, log[::-1], tmp_path / "log.jsonl")
        assert await everything(other) == await everything(one)
        assert await problems(one) == await problems(other) == []


async def test_the_same_import_again_writes_nothing(workspaces, tmp_path):
    _, log, _ = large_log(20)
    async with workspaces.open() as database:
        await imported(database, log, tmp_path / "log.jsonl")
        before = await everything(database)
        result = await imported(database, log, tmp_path / "log.jsonl")
        assert (result.new, result.changed) == (0, 0)
        assert await everything(database) == before


async def test_rebuilding_gives_what_imports_gave(workspaces, tmp_path):
    _, log, _ = large_log(21)
    async with workspaces.open() as database:
        await imported(database, log[: len(log) // 2], tmp_path / "log.jsonl")
        await imported(database, log, tmp_path / "log.jsonl")
        before = await everything(database)
        assert all(before[table] for table in KEPT)
        await performance_rows.rebuild(database)
        assert await everything(database) == before


async def test_an_older_database_is_upgraded_and_its_conversations_counted(workspaces, tmp_path):
    """What the upgrade makes is what a new database has, in tables, indexes and rows."""
    _, log, _ = large_log(22)
    first = tables_of_the_first_release(tmp_path / "first.db")
    async with workspaces.open() as database:
        await imported(database, log, tmp_path / "log.jsonl")
        due, form = await everything(database), await schema(database)
        async with database.write() as connection:
            for (name,) in await ask(connection, "SELECT name FROM sqlite_schema WHERE type = 'table'"):
                if name not in first:
                    await tell(connection, f"DROP TABLE {name}")
            for name, columns in first.items():
                for (added,) in await ask(connection, f"SELECT name FROM pragma_table_info('{name}')"):
                    if added not in columns:
                        await tell(connection, f"ALTER TABLE {name} DROP COLUMN {added}")
            await tell(connection, "UPDATE alembic_version SET version_num = '0001'")
        again = await Database.open(database.path)
        assert await everything(again) == due
        assert await schema(again) == form
        await again.close()


def tables_of_the_first_release(path):
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(Path(store.__file__).parent / "migrations"))
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        found = inspect(connection)
        return {table: {column["name"] for column in found.get_columns(table)} for table in found.get_table_names()}


async def schema(database):
    """Columns and indexes of the tables that are kept, as SQLite knows them."""
    async with database.read() as connection:
        found = {}
        for name in metadata.tables:
            if name in KEPT or name.startswith("performance"):
                columns = await ask(connection, f"PRAGMA table_info({name})")
                found[name] = [(*tuple(column)[1:4], column[5]) for column in columns]
                found[f"{name} is kept by its key"] = bool(
                    await ask(connection, f"SELECT 1 FROM pragma_table_list WHERE name = '{name}' AND wr")
                )
        for index in INDEXES:
            [[statement]] = await ask(connection, "SELECT sql FROM sqlite_schema WHERE name = ?", (index.name,))
            found[index.name] = statement.replace("\n", " ").replace('"', "")
        return found


async def test_an_upgrade_that_was_interrupted_goes_on_when_opened(workspaces, tmp_path):
    _, log, _ = large_log(23)
    async with workspaces.open() as database:
        await imported(database, log, tmp_path / "log.jsonl")
        due = await everything(database)
        async with database.write() as connection:
            await tell(connection, "INSERT INTO performance_due SELECT id FROM tickets WHERE id % 2")
            await performance_rows.put(
                connection, [], [row[0] for row in await ask(connection, "SELECT id FROM tickets WHERE id % 2")]
            )
        assert await everything(database) != due
        await (await Database.open(database.path)).close()
        assert await everything(database) == due


@pytest.mark.parametrize("killed", [False, True])
async def test_sums_made_at_the_end_of_a_bulk_load_are_those_of_adding_up(killed, workspaces, tmp_path):
    """Until then reports count what is stored; a load that was killed is completed when the database is opened."""
    zone, log, moments = large_log(26)
    question = PerformanceQuestion(as_of=moments[len(moments) // 2])
    async with workspaces.open() as one, workspaces.open() as other:
        await imported(one, log, tmp_path / "log.jsonl")
        await imported(other, log[: len(log) // 3], tmp_path / "log.jsonl")
        await indexes.drop(other)
        await imported(other, [row | {"channel": "phone"} for row in log[::2]], tmp_path / "earlier.jsonl")
        await imported(other, log, tmp_path / "log.jsonl")
        due = await everything(one)
        assert (await everything(other))["performance_sums"] != due["performance_sums"]
        told = []
        for _ in range(2):  # what was made to answer does not outlive the transaction
            async with other.read() as connection:
                told.append(await performance.channels(connection))
                told.append(await performance.facts(connection, question, ZoneInfo(zone)))
        assert await problems(other) == []
        if killed:
            await (await Database.open(other.path)).close()
        else:
            await indexes.restore(other)
        assert await everything(other) == due
        assert await schema(other) == await schema(one)
        async with other.read() as connection:
            assert not await performance_sums.due(connection)
            told.append(await performance.channels(connection))
            told.append(await performance.facts(connection, question, ZoneInfo(zone)))
        assert told[4:] == told[2:4] == told[:2]


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        ("UPDATE episodes SET settles_at = settles_at + 1 WHERE rowid_of", "count ticket"),
        ("DELETE FROM rep_closes WHERE rowid_of", "count ticket"),
        ("UPDATE performance_sums SET handled = handled + 1 WHERE handled > 0", "sums"),
        ("DELETE FROM performance_sums WHERE span = 1", "sums"),
        ("UPDATE performance_groups SET number = number + 1", "groups"),
        ("INSERT INTO exclusions VALUES (999999, 0, 1, NULL)", "not there"),
        ("UPDATE performance_names SET name = name || '?'", "count ticket"),
    ],
)
async def test_damage_is_found_and_mended(workspaces, tmp_path, damage, words):
    _, log, _ = large_log(24)
    async with workspaces.open() as database:
        await imported(database, log, tmp_path / "log.jsonl")
        due = await everything(database)
        table = damage.split()[1 if damage.startswith("UPDATE") else 2]
        one = f"(ticket_id, number) = (SELECT ticket_id, number FROM {table} LIMIT 1)"
        async with database.write() as connection:
            await tell(connection, damage.replace("rowid_of", one))
        assert any(words in problem for problem in await database.check())
        await performance_rows.rebuild(database)
        assert await problems(database) == []
        assert await everything(database) == due


async def test_a_report_looks_at_few_rows_of_many(workspaces, tmp_path):
    """The plans of a report walk over no table: each reads an index, or by key, or the few sums there are."""
    zone, log, moments = large_log(25)
    async with workspaces.open() as database:
        await imported(database, log, tmp_path / "log.jsonl")
        question = PerformanceQuestion(as_of=moments[-1] + timedelta(days=1))
        statements = []
        async with database.read() as connection:
            raw = connection
            await raw.set_trace_callback(statements.append)
            await performance.facts(connection, question, ZoneInfo(zone))
            await raw.set_trace_callback(None)
            walks = []
            for statement in statements:
                if statement.startswith(("SELECT", "WITH")):
                    for *_, detail in await ask(connection, f"EXPLAIN QUERY PLAN {statement}"):
                        if detail.startswith("SCAN") and detail.split()[1] in ("episodes", "feedback", "rep_closes"):
                            walks.append((detail, statement))
        assert len(statements) > 10
        assert walks == []
