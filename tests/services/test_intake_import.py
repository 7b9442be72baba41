"""Importing files: once is as good as twice, whole or in pieces, by one process or two, killed or not."""

import asyncio
import gzip
import io
import json
import os
import random
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from qatui.errors import ConfigError, IntakeError, UsageError
from qatui.services.intake import apart, import_paths, pipeline, reading
from qatui.store import conversations
from qatui.store.engine import Database
from tests.services.tickets import contents

SHARED = Path(__file__).resolve().parents[2] / "../shared/data/conversations"
EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"


def lines(count: int, seed: int = 1) -> list[bytes]:
    """Conversations by several reps who change teams, a few of them in two states."""
    dice = random.Random(seed)
    made = []
    for number in range(count):
        hour = f"2026-03-{1 + number % 28:02d}T{dice.randrange(24):02d}:00:00Z"
        author = {"id": f"r{number % 5}", "name": f"Rep {number % 5}", "team": dice.choice(["A", "B"])}
        made.append(
            {
                "id": f"T-{dice.randrange(count)}",
                "source": "desk",
                "closed_at": hour,
                "customer": {"name": f"Customer {number % 9}"},
                "messages": [
                    {"from": "customer", "text": f"Where is parcel {number}?", "at": hour},
                    {"from": "rep", "text": "It leaves us today, and I am sorry you had to wait for it.", "at": hour}
                    | {"author": author},
                ],
            }
        )
    return [json.dumps(each).encode() + b"\n" for each in made]


@pytest.fixture
def export(tmp_path):
    file = tmp_path / "export.jsonl"
    file.write_bytes(b"".join(lines(500)))
    return file


async def imported(path, *files, **options):
    """The result of an import into a database of its own, and what is stored then."""
    database = await Database.open(path)
    try:
        result = await import_paths(database, [str(file) for file in files], **options)
        assert await database.check() == []
    finally:
        await database.close()
    return result, contents(path)


# The shared conversations ---------------------------------------------------------------------------------


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared conversations are not beside this checkout")
async def test_the_shared_conversations_twice(path, tmp_path):
    files = sorted(SHARED.glob("*.jsonl"))
    first, stored = await imported(path, *files, rejects=tmp_path / "rejected.jsonl")
    assert (first.new, first.rejected, first.warnings) == (4_556, 0, ())
    again, after = await imported(path, *files)
    assert (again.new, again.changed, again.unchanged) == (0, 0, 4_556)
    assert after == stored


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared conversations are not beside this checkout")
async def test_the_order_of_files_makes_no_difference(path, tmp_path):
    files = []
    for whole in sorted(SHARED.glob("*.jsonl")):
        files.append(tmp_path / whole.name)
        files[-1].write_bytes(b"".join(whole.read_bytes().splitlines(keepends=True)[::6]))
    _, forwards = await imported(path, *files)
    _, backwards = await imported(tmp_path / "other.db", *reversed(files))
    assert forwards == backwards


# Pieces ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("chunk", [13, 499, 500, 100_000])
async def test_the_size_of_chunks_makes_no_difference(path, tmp_path, export, monkeypatch, chunk):
    _, expected = await imported(path, export)
    monkeypatch.setattr(reading, "CHUNK", chunk)
    result, stored = await imported(tmp_path / "other.db", export)
    assert stored == expected
    assert result.new + result.changed + result.unchanged == 500


async def test_bytes_end_a_chunk_too(path, export, monkeypatch):
    monkeypatch.setattr(reading, "CHUNK_BYTES", 1_000)
    sizes = [len(chunk.tickets) for chunk in reading.chunks(str(export), "auto", None)]
    assert sum(sizes) == 500
    assert max(sizes) < 5


async def test_leaving_indexes_out_for_a_bulk_load_makes_no_difference(path, tmp_path, export, monkeypatch):
    _, expected = await imported(path, export)
    monkeypatch.setattr(pipeline, "BULK", 100)
    monkeypatch.setattr(reading, "CHUNK", 50)
    _, stored = await imported(tmp_path / "other.db", export)
    assert stored == expected


async def test_reading_in_another_process_makes_no_difference(path, tmp_path, export, monkeypatch):
    _, expected = await imported(path, export)
    monkeypatch.setattr(apart, "WORTH_IT", 0)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    result, stored = await imported(tmp_path / "other.db", export)
    assert stored == expected
    assert result.new > 300


async def test_what_the_other_process_has_to_say_arrives(path, tmp_path, monkeypatch):
    monkeypatch.setattr(apart, "WORTH_IT", 0)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    (tmp_path / "list.json").write_text("[{}]")
    with pytest.raises(IntakeError, match="is one JSON list") as raised:
        await imported(path, tmp_path / "list.json")
    assert "jq" in raised.value.hint
    (tmp_path / "odd.jsonl").write_bytes(b'{"id":"1","messages":[],"x":1}\nno\n')
    result, _ = await imported(path, tmp_path / "odd.jsonl")
    assert (result.new, result.rejected, result.warnings) == (1, 1, ("unknown key x was left out.",))


async def test_another_process_that_is_killed_is_told(path, export, monkeypatch):
    monkeypatch.setattr(apart, "WORTH_IT", 0)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.setattr(apart.sys, "executable", "/bin/false")
    with pytest.raises(IntakeError, match="ended unexpectedly"):
        await imported(path, export)


# Inputs ---------------------------------------------------------------------------------------------------


async def test_packed_files_and_standard_input(path, tmp_path, export, monkeypatch):
    _, expected = await imported(path, export)
    packed = tmp_path / "export.jsonl.gz"
    packed.write_bytes(gzip.compress(export.read_bytes()))
    _, unpacked = await imported(tmp_path / "packed.db", packed)
    for number, content in enumerate((export.read_bytes(), packed.read_bytes())):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
        _, from_stdin = await imported(tmp_path / f"stdin{number}.db", "-")
        assert from_stdin == expected
    assert unpacked == expected


async def test_a_packed_file_that_breaks_off_is_told_and_what_came_before_is_kept(path, tmp_path, export):
    packed = tmp_path / "export.jsonl.gz"
    packed.write_bytes(gzip.compress(export.read_bytes())[:-2_000])
    with pytest.raises(IntakeError, match="cannot be read beyond line"):
        await imported(path, packed)
    database = await Database.open(path)
    async with database.read() as connection:
        assert await conversations.count(connection) > 50
    assert await database.check() == []
    await database.close()


@pytest.mark.parametrize(
    ("name", "content", "error", "message"),
    [
        ("list.json", b'[\n{"id":"1","messages":[]}\n]', IntakeError, "is one JSON list"),
        ("wide.jsonl", '{"id":"1"}'.encode("utf-16"), IntakeError, "is UTF-16"),
        ("torn.jsonl.gz", b"\x1f\x8b\x08\x00 and nothing of the kind", IntakeError, "is packed, but damaged"),
        ("table.csv", b"id,text\n1,a\n", ConfigError, "nothing says what its columns mean"),
        ("unnamed", b"id,text\n1,a\n", ConfigError, "nothing says what its columns mean"),
    ],
)
async def test_files_that_are_not_what_they_should_be(path, tmp_path, name, content, error, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(error, match=message) as raised:
        await imported(path, tmp_path / name)
    assert raised.value.hint


async def test_a_slip_in_one_name_changes_nothing(path, tmp_path, export):
    for slip in (tmp_path / "absent.jsonl", tmp_path):
        with pytest.raises(IntakeError, match=re.escape(str(slip))):
            await imported(path, export, slip)
    with pytest.raises(UsageError, match="'xml'"):
        await imported(path, export, format="xml")
    with pytest.raises(ConfigError, match=r"absent\.toml"):
        await imported(path, export, column_map=tmp_path / "absent.toml")
    assert contents(path)["tickets"] == []


async def test_an_empty_file_and_empty_lines(path, tmp_path):
    (tmp_path / "empty.jsonl").write_bytes(b"")
    (tmp_path / "blank.jsonl").write_bytes(
        b'\n  \n\r\n\xef\xbb\xbf{"id":"1","messages":[]}'.replace(b"\xef\xbb\xbf", b"")
    )
    (tmp_path / "marked.jsonl").write_bytes(b'\xef\xbb\xbf{"id":"2","messages":[]}\r\n')
    result, _ = await imported(path, *(tmp_path / f"{name}.jsonl" for name in ("empty", "blank", "marked")))
    assert (result.new, result.rejected) == (2, 0)


@pytest.mark.parametrize(("kind", "count"), [("messages", 2), ("tickets", 2)])
async def test_the_csv_examples_twice(path, kind, count):
    table, columns = EXAMPLES / f"{kind}.csv", EXAMPLES / f"{kind}.toml"
    result, stored = await imported(path, table, column_map=columns)
    assert (result.new, result.rejected, result.warnings) == (count, 0, ())
    again, after = await imported(path, table, column_map=columns)
    assert (again.unchanged, after) == (count, stored)


async def test_the_native_example(path):
    result, _ = await imported(path, EXAMPLES / "conversations.jsonl")
    assert (result.new, result.rejected, result.warnings) == (3, 0, ())


# Progress and notes ---------------------------------------------------------------------------------------


async def test_progress_is_told_a_few_times_a_second_and_at_the_end(path, export, monkeypatch):
    monkeypatch.setattr(reading, "CHUNK", 10)
    ticks = iter(number / 10 for number in range(10_000))  # a tenth of a second for every chunk
    told = []
    result, _ = await imported(path, export, progress=told.append, clock=lambda: next(ticks))
    assert 12 <= len(told) <= 26
    assert told[-1].bytes_done == told[-1].bytes_total == export.stat().st_size
    assert told[-1].conversations == 500 == result.new + result.changed + result.unchanged
    assert [each.bytes_done for each in told] == sorted(each.bytes_done for each in told)
    assert told[-1].words.startswith("500 conversations, ")
    assert result.seconds > 0


async def test_the_same_note_is_counted(path, tmp_path):
    odd = b'{"id":"%d","messages":[{"from":"rep","text":"a","at":"2026-03-02T09:00:00","html":1}]}\n'
    (tmp_path / "odd.jsonl").write_bytes(b"".join(odd % number for number in range(3)))
    result, _ = await imported(path, tmp_path / "odd.jsonl")
    assert sorted(result.warnings) == [
        "times without an offset were read as UTC (3 times).",
        "unknown key messages[].html was left out (3 times).",
    ]


async def test_a_new_unknown_key_in_every_line_does_not_fill_memory(path, tmp_path):
    (tmp_path / "odd.jsonl").write_bytes(b"".join(b'{"id":"1","messages":[],"k%d":1}\n' % n for n in range(200)))
    result, _ = await imported(path, tmp_path / "odd.jsonl")
    assert len(result.warnings) == reading.NOTES


# Several at once, and killed ------------------------------------------------------------------------------

IMPORT = """
import asyncio, sys
from pathlib import Path
from qatui.services.intake import apart, import_paths, pipeline, reading
from qatui.store.engine import Database

reading.CHUNK, pipeline.BULK = 20, 200
async def work():
    database = await Database.open(Path(sys.argv[1]))
    print("open", flush=True)
    await import_paths(database, sys.argv[2:], progress=lambda told: print(told.conversations, flush=True))
    await database.close()
pipeline.PROGRESS_SECONDS = 0
asyncio.run(work())
"""


def start(path, *files) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-c", IMPORT, str(path), *map(str, files)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )


async def test_two_imports_at_once_both_succeed(path, tmp_path, export):
    other = tmp_path / "other.jsonl"
    other.write_bytes(b"".join(line.replace(b"desk", b"shop") for line in lines(500, seed=2)))
    await imported(tmp_path / "expected.db", export, other)
    await (await Database.open(path)).close()
    both = [start(path, export), start(path, other)]
    for process in both:
        await asyncio.to_thread(process.communicate)
    assert [process.returncode for process in both] == [0, 0]
    database = await Database.open(path)
    assert await database.check() == []
    await database.close()
    assert contents(path) == contents(tmp_path / "expected.db")


async def test_killed_at_any_moment_an_import_leaves_a_sound_database_and_can_be_finished(path, tmp_path, export):
    _, expected = await imported(tmp_path / "expected.db", export)
    dice = random.Random(7)
    died = 0
    for _ in range(10):
        process = start(path, export)
        for _ in range(dice.randrange(1, 20)):  # so many chunks, then at once
            if not await asyncio.to_thread(process.stdout.readline):
                break
        process.send_signal(signal.SIGKILL)
        await asyncio.to_thread(process.communicate)
        died += process.returncode == -signal.SIGKILL
        database = await Database.open(path)
        assert await database.check() == []
        await database.close()
    assert died >= 5
    _, stored = await imported(path, export)
    assert stored == expected
