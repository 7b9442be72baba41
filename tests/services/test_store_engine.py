"""The file: made privately, used by many at once, upgraded after a copy, and its failures told in words."""

import asyncio
import multiprocessing
import os
import shutil
import sqlite3
import stat
import subprocess
import sys

import pytest

from qatui.errors import NewerDatabaseError, StoreError
from qatui.store import conversations, create, layout, performance_schema, schema, verdicts
from qatui.store.engine import Database
from qatui.store.sql import ask, tell
from tests.services.tickets import contents, judged, ticket, verdict


async def save(database, *tickets):
    async with database.write() as connection:
        await conversations.save(connection, tickets)


# Files ----------------------------------------------------------------------------------------------------


async def test_a_new_workspace_is_private_to_its_owner(path):
    await (await Database.open(path)).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


async def test_the_modes_of_what_was_there_are_left_alone(tmp_path):
    tmp_path.chmod(0o755)
    shared = tmp_path / "shared.db"
    shared.touch()
    shared.chmod(0o664)
    await (await Database.open(shared)).close()
    assert (stat.S_IMODE(tmp_path.stat().st_mode), stat.S_IMODE(shared.stat().st_mode)) == (0o755, 0o664)


async def test_nothing_is_made_where_nothing_may_be(path):
    with pytest.raises(StoreError, match="There is no workspace") as raised:
        await Database.open(path, create=False)
    assert "qatui import" in raised.value.hint
    assert not path.parent.exists()


async def test_a_directory_is_no_workspace(tmp_path):
    with pytest.raises(StoreError, match="is a directory"):
        await Database.open(tmp_path)


async def test_a_directory_that_cannot_be_made(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="file is not a directory"):
        await Database.open(tmp_path / "file" / "w.db")


@pytest.mark.parametrize("content", [b"not a database, only a longer text than its header" * 9, b"\0" * 5000])
async def test_a_file_of_another_kind_is_refused_and_left_alone(tmp_path, content):
    file = tmp_path / "notes.txt"
    file.write_bytes(content)
    with pytest.raises(StoreError, match="is not a qatui workspace"):
        await Database.open(file)
    assert file.read_bytes() == content


async def test_a_database_of_another_program_is_refused_and_left_alone(tmp_path):
    file = tmp_path / "other.db"
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE notes (text)")
    connection.close()
    before = file.read_bytes()
    with pytest.raises(StoreError, match="of another program"):
        await Database.open(file)
    assert file.read_bytes() == before


async def test_a_damaged_database_is_told_as_such(database, path):
    await save(database, *(ticket(number) for number in range(300)))
    await database.close()
    content = bytearray(path.read_bytes())
    content[5000:] = b"\xff" * len(content[5000:])
    path.write_bytes(content)
    with pytest.raises(StoreError, match="damaged"):
        await all_tickets(path, 300)


async def all_tickets(path, count):
    database = await Database.open(path)
    try:
        async with database.read() as connection:
            return await conversations.load(connection, range(1, count + 1))
    finally:
        await database.close()


async def test_paths_with_odd_letters(tmp_path):
    odd = tmp_path / "a b?c#d%20é" / "w&x=y.db"
    opened = await Database.open(odd)
    await save(opened, ticket(1))
    await opened.backup(odd.with_name("copy?.db"))
    await opened.close()
    assert contents(odd) == contents(odd.with_name("copy?.db"))


# Versions -------------------------------------------------------------------------------------------------


def plan(file) -> list[tuple]:
    """Everything that the schema says; columns by name, since a migration adds them where creation would not."""
    with sqlite3.connect(file) as connection:
        rows = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema").fetchall()
        said = []
        for kind, name, table, sql in rows:
            if kind != "table" or "VIRTUAL" in sql:
                said.append((kind, name, table, "".join((sql or "").split())))
                continue
            about = [connection.execute(f"PRAGMA {what}({name})").fetchall() for what in ("table_xinfo", "table_list")]
            keys = connection.execute(f"PRAGMA foreign_key_list({name})").fetchall()
            said.append((kind, name, table, repr((sorted(row[1:] for row in about[0]), about[1], sorted(keys)))))
        return sorted(said)


async def test_migrations_make_exactly_what_a_new_workspace_has(database, path, tmp_path):
    migrated = tmp_path / "migrated.db"
    migrated.touch()
    create.upgrade(migrated)
    await database.close()
    assert plan(migrated) == plan(path)


def test_the_indexes_left_out_in_a_bulk_load_are_those_of_the_schema():
    indexes = (*schema.LISTING_INDEXES, *performance_schema.INDEXES)
    assert set(layout.BULKY_INDEXES) == {index.name for index in indexes}
    assert len(create.index_statements(layout.BULKY_INDEXES)) == len(layout.BULKY_INDEXES)


def before_the_first_migration(path):
    """A database as an older qatui would have left it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with sqlite3.connect(path) as connection:
        connection.execute(schema.VERSION_TABLE)
    connection.close()


async def test_an_older_database_is_upgraded_after_a_copy_beside_it(path):
    before_the_first_migration(path)
    older = plan(path)
    opened = await Database.open(path)
    await save(opened, ticket(1))
    assert await opened.check() == []
    await opened.close()
    [copy] = path.parent.glob("*.before-*")
    assert plan(copy) == older
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    await (await Database.open(path)).close()  # now it is of this version: no second copy
    assert len(list(path.parent.glob("*.before-*"))) == 1


async def test_a_database_to_upgrade_is_not_read_unless_it_may_be_written(path):
    before_the_first_migration(path)
    with pytest.raises(StoreError, match="of an older qatui") as raised:
        await Database.open(path, read_only=True)
    assert "qatui db upgrade" in raised.value.hint


async def test_a_newer_database_is_refused(database, path):
    async with database.write() as connection:
        await tell(connection, "UPDATE alembic_version SET version_num = '9999'")
    await database.close()
    with pytest.raises(NewerDatabaseError, match="newer qatui"):
        await Database.open(path)


def test_opening_a_current_database_loads_no_migrations(path):
    code = (
        "import asyncio, sys; from pathlib import Path; from qatui.store.engine import Database\n"
        "async def work():\n"
        "    for _ in range(2): await (await Database.open(Path(sys.argv[1]))).close()\n"
        "asyncio.run(work()); print([name for name in ('alembic', 'textual', 'openai') if name in sys.modules])"
    )
    run = [sys.executable, "-c", code, str(path)]
    done = subprocess.run(
        run, capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": os.getcwd()}
    )
    assert done.stdout == "[]\n"


# Transactions ---------------------------------------------------------------------------------------------


async def test_a_failed_write_leaves_nothing(database):
    async def fail():
        async with database.write() as connection:
            await conversations.save(connection, [ticket(1)])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    async with database.read() as connection:
        assert await conversations.count(connection) == 0


async def test_a_cancelled_write_leaves_nothing_and_the_next_one_works(database):
    begun = asyncio.Event()

    async def never_done():
        async with database.write() as connection:
            await conversations.save(connection, [ticket(1)])
            begun.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(never_done())
    await begun.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await save(database, ticket(2))
    async with database.read() as connection:
        assert [found.id for found in await conversations.load(connection, [1])] == ["T-2"]


async def test_a_reader_sees_one_moment(database):
    async with database.read() as connection:
        assert await conversations.count(connection) == 0
        await save(database, ticket(1))
        assert await conversations.count(connection) == 0
    async with database.read() as connection:
        assert await conversations.count(connection) == 1


def add_ones(path, times, ready):
    """Read a number, then write it with one added, each in one transaction; in a process of its own."""

    async def work():
        database = await Database.open(path)
        ready.wait()
        for _ in range(times):
            async with database.write() as connection:
                [[number]] = await ask(connection, "SELECT number FROM counter")
                await tell(connection, "UPDATE counter SET number = ?", (number + 1,))
        await database.close()

    asyncio.run(work())


async def test_four_processes_that_read_and_then_write_lose_no_update(database, path):
    async with database.write() as connection:
        await tell(connection, "CREATE TABLE counter (number)")
        await tell(connection, "INSERT INTO counter VALUES (0)")
    context = multiprocessing.get_context("spawn")
    ready = context.Barrier(4)
    workers = [context.Process(target=add_ones, args=(path, 25, ready)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        await asyncio.to_thread(worker.join)
    assert [worker.exitcode for worker in workers] == [0] * 4
    async with database.read() as connection:
        assert await ask(connection, "SELECT number FROM counter") == [(100,)]


async def test_concurrent_writers_of_one_process_take_turns(database):
    async with database.write() as connection:
        await tell(connection, "CREATE TABLE counter (number)")
        await tell(connection, "INSERT INTO counter VALUES (0)")

    async def add_one():
        async with database.write() as connection:
            [[number]] = await ask(connection, "SELECT number FROM counter")
            await tell(connection, "UPDATE counter SET number = ?", (number + 1,))

    await asyncio.gather(*(add_one() for _ in range(20)))
    async with database.read() as connection:
        assert await ask(connection, "SELECT number FROM counter") == [(20,)]


# Failures -------------------------------------------------------------------------------------------------


async def test_a_full_disk_is_told_and_loses_nothing_stored_before(database):
    await save(database, ticket(1))

    async def fill():
        async with database.write() as connection:
            [[pages]] = await ask(connection, "PRAGMA page_count")
            await tell(connection, f"PRAGMA max_page_count = {pages + 2}")
            await conversations.save(connection, [ticket(number, reply="word " * 500) for number in range(2, 200)])

    with pytest.raises(StoreError, match="disk is full") as raised:
        await fill()
    assert "run the same command again" in raised.value.hint
    async with database.read() as connection:
        assert await conversations.count(connection) == 1


async def test_a_lock_that_stays_is_told(database, path, monkeypatch):
    monkeypatch.setattr("qatui.store.engine.BUSY_SECONDS", 0.01)  # patience of the test, not of the program
    hurried = await Database.open(path)
    async with database.write() as connection:
        await tell(connection, "DELETE FROM messages")
        with pytest.raises(StoreError, match="Another process has been writing"):
            await save(hurried, ticket(1))
    await save(hurried, ticket(1))
    await hurried.close()


async def test_a_file_opened_for_reading_is_not_written(database, path):
    await save(database, ticket(1))
    reader = await Database.open(path, read_only=True)
    async with reader.read() as connection:
        assert await conversations.count(connection) == 1

    async def write_all_the_same():
        async with reader.read() as connection:
            await tell(connection, "DELETE FROM messages")

    with pytest.raises(StoreError, match="may only be read"):
        await write_all_the_same()
    with pytest.raises(StoreError, match="for reading only"):
        await save(reader, ticket(2))
    assert await reader.check() == []
    await reader.close()


async def test_the_log_is_emptied(database, path):
    await save(database, *(ticket(number) for number in range(200)))
    log = path.with_name(path.name + "-wal")
    assert log.stat().st_size > 0
    await database.checkpoint()
    assert log.stat().st_size == 0


async def test_a_log_that_readers_let_grow_is_emptied_by_the_next_writer_without_them(database, path, monkeypatch):
    monkeypatch.setattr("qatui.store.engine.LARGE_LOG", 100_000)
    log = path.with_name(path.name + "-wal")
    async with database.read() as connection:
        await conversations.count(connection)
        await save(database, *(ticket(number) for number in range(300)))
        assert log.stat().st_size > 100_000
    await save(database, ticket(301))
    assert log.stat().st_size < 100_000


# Copies ---------------------------------------------------------------------------------------------------


async def test_a_backup_is_whole_private_and_never_overwrites(database, path, tmp_path):
    await save(database, ticket(1), ticket(2))
    target = tmp_path / "copy.db"
    await database.backup(target)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert contents(target) == contents(path)
    copy = await Database.open(target)
    assert await copy.check() == []
    await copy.close()
    with pytest.raises(StoreError, match="exists already"):
        await database.backup(target)
    with pytest.raises(StoreError, match="cannot be written"):
        await database.backup(tmp_path / "absent" / "copy.db")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["copy.db", "data"]


async def test_a_copy_of_the_file_alone_is_whole_after_closing(database, path, tmp_path):
    await save(database, ticket(1))
    await database.close()
    shutil.copy(path, tmp_path / "carried.db")
    assert contents(tmp_path / "carried.db") == contents(path)


# Soundness ------------------------------------------------------------------------------------------------


DAMAGE = {
    "UPDATE messages SET text = 'other words' WHERE position = 0": "Ticket desk/T-1 is not as it was imported",
    "UPDATE listing SET rep_name = 'Someone' WHERE id = 1": "does not show ticket desk/T-1 as its messages say",
    "UPDATE listing SET tone = 1 WHERE id = 1": "with scores that its judgement did not give",
    "UPDATE listing SET reason = 'waiting' WHERE id = 1": "with scores and a reason for none",
    "DELETE FROM listing WHERE id = 1": "Ticket 1 is in no list",
    "UPDATE reps SET team = 'Elsewhere'": "has not the name and team of the latest message",
    "UPDATE authors SET latest_at = 5": "is not dated by the latest message",
    "UPDATE listing SET name = 'Never said', reason = reason WHERE id = 1": "The text filter does not find",
    "DROP INDEX listing_by_tone": "Index listing_by_tone is missing",
    "UPDATE verdicts SET explanations = 'x'": "Judgement 1 has scores outside",
}


@pytest.mark.parametrize("damage", DAMAGE)
async def test_check_finds_what_does_not_fit(database, path, damage):
    await save(database, ticket(1))
    async with database.write() as connection:
        await verdicts.record(connection, [(1, judged(ticket(1), verdict()))])
    assert await database.check() == []
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute(damage)
    connection.close()
    assert any(DAMAGE[damage] in problem for problem in await database.check())


async def test_check_finds_references_that_lead_nowhere(database, path):
    await save(database, ticket(1))
    with sqlite3.connect(path) as connection:
        connection.execute("DELETE FROM tickets")
    connection.close()
    assert any("points to a row of tickets that is not there" in problem for problem in await database.check())


async def test_indexes_that_a_killed_import_left_out_are_built_when_the_workspace_is_opened(database, path):
    await database.close()
    with sqlite3.connect(path) as connection:
        connection.execute("DROP INDEX listing_by_tone")
        connection.execute("DROP INDEX listing_of_rep")
    connection.close()
    opened = await Database.open(path)
    assert await opened.check() == []
    await opened.close()
