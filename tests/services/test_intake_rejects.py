"""Bad lines: set aside verbatim with reasons, mended, imported again; nothing is ever overwritten."""

import io
import os
import stat
import sys
from pathlib import Path

import pytest

from qatui.services.intake import import_paths, pipeline, reading, source
from qatui.store import conversations
from qatui.store.engine import Database

GOOD = b'{"id":"%d","messages":[{"from":"customer","text":"a"}]}\n'
BOT = b'{"id":"7","messages":[{"from":"bot","text":"caf\xc3\xa9"}]}\n'
TORN = b'{"id":"8","messages":['


@pytest.fixture
def export(tmp_path):
    file = tmp_path / "export.jsonl"
    file.write_bytes(GOOD % 1 + BOT + b"\n" + GOOD % 2 + b"\xff\xfe\r\n" + TORN)
    return file


async def run(path, *files, **options):
    database = await Database.open(path)
    try:
        result = await import_paths(database, [str(file) for file in files], **options)
        async with database.read() as connection:
            return result, await conversations.count(connection)
    finally:
        await database.close()


async def test_bad_lines_are_told_and_set_aside_and_the_rest_is_imported(path, tmp_path, export):
    result, count = await run(path, export)
    assert (result.new, result.rejected, count) == (2, 3, 2)
    assert result.problems == (
        f"{export}, line 2: messages[0].from: 'bot' is none of customer, rep, customer_agent, system",
        f"{export}, line 5: not UTF-8: byte 0xff at byte 1",
        f"{export}, line 6: not JSON: expecting value at character 23",
    )
    assert result.reject_file == tmp_path / "export.rejected.jsonl"
    assert result.reject_file.read_bytes() == BOT + b"\xff\xfe\r\n" + TORN + b"\n"
    reasons = result.reject_file.with_name("export.rejected.jsonl.reasons.txt").read_text()
    assert reasons.splitlines()[1] == f"line 2 (from {export}, line 5): not UTF-8: byte 0xff at byte 1"
    assert stat.S_IMODE(result.reject_file.stat().st_mode) == 0o600  # it holds what customers wrote


async def test_mended_the_file_is_imported_as_it_is(path, tmp_path, export):
    result, _ = await run(path, export)
    mended = (
        result.reject_file.read_bytes().replace(b'"bot"', b'"rep"').replace(b"\xff\xfe", b"").replace(TORN, GOOD % 8)
    )
    result.reject_file.write_bytes(mended)
    again, count = await run(path, result.reject_file)
    assert (again.new, again.rejected, again.reject_files, count) == (2, 0, (), 4)


async def test_nothing_is_overwritten(path, tmp_path, export):
    names = [(await run(path, export))[0].reject_file.name for _ in range(3)]
    assert names == ["export.rejected.jsonl", "export.rejected-2.jsonl", "export.rejected-3.jsonl"]
    assert len({(tmp_path / name).read_bytes() for name in names}) == 1
    again, _ = await run(path, tmp_path / names[1])  # what is rejected twice is still of the same file
    assert again.reject_file.name == "export.rejected-4.jsonl"


async def test_without_bad_lines_there_is_no_file(path, tmp_path):
    (tmp_path / "good.jsonl").write_bytes(GOOD % 1)
    result, _ = await run(path, tmp_path / "good.jsonl")
    assert (result.reject_file, result.problems) == (None, ())
    assert sorted(file.name for file in tmp_path.iterdir()) == ["data", "good.jsonl"]


async def test_a_name_of_ones_own_and_several_inputs(path, tmp_path, export):
    other = tmp_path / "other.jsonl"
    other.write_bytes(b"no\n")
    (tmp_path / "out").mkdir()
    result, _ = await run(path, export, other, rejects=tmp_path / "out" / "bad.jsonl")
    assert [file.name for file in result.reject_files] == ["bad.jsonl", "bad-2.jsonl"]
    assert (tmp_path / "out" / "bad-2.jsonl").read_bytes() == b"no\n"


async def test_where_the_input_lies_nothing_may_be_written(path, tmp_path, export, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    allowed = os.access
    monkeypatch.setattr(os, "access", lambda where, mode: Path(where) != tmp_path and allowed(where, mode))
    result, _ = await run(path, export)
    assert result.reject_file == tmp_path / "here" / "export.rejected.jsonl"


async def test_of_standard_input_the_file_lies_in_the_working_directory(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(TORN)))
    result, _ = await run(path, "-")
    assert result.reject_file == tmp_path / "stdin.rejected.jsonl"
    assert result.problems[0].startswith("standard input, line 1: not JSON")


async def test_a_line_too_long_to_hold_goes_by_in_pieces(path, tmp_path, monkeypatch):
    for module in (source, reading):
        monkeypatch.setattr(module, "LONGEST_LINE", 2**20)
    monkeypatch.setattr(reading, "CHUNK_BYTES", 2**20)
    long = b'{"id":"long","messages":[{"from":"rep","text":"' + b"x" * 5_000_000 + b'"}]}\n'
    exact = GOOD % 3 + b" " * (2**20 - len(GOOD % 3) - 1) + b"\n"
    (tmp_path / "long.jsonl").write_bytes(GOOD % 1 + long + GOOD % 2 + exact + b"y" * 2**20)
    result, count = await run(path, tmp_path / "long.jsonl")
    assert (result.new, result.rejected, count) == (2, 2, 2) or (result.new, result.rejected) == (3, 2)
    assert "line 2: the line is longer than 1 MiB" in result.problems[0]
    assert result.reject_file.read_bytes() == long + b"y" * 2**20 + b"\n"


async def test_many_problems_are_all_in_the_file_and_the_first_are_told(path, tmp_path):
    (tmp_path / "bad.jsonl").write_bytes(b"no\n" * 2_500)
    result, _ = await run(path, tmp_path / "bad.jsonl")
    assert (result.rejected, len(result.problems)) == (2_500, pipeline.PROBLEMS_TOLD)
    assert result.reject_file.read_bytes() == b"no\n" * 2_500


async def test_rows_of_csv_are_set_aside_under_their_header(path, tmp_path):
    columns = tmp_path / "map.toml"
    columns.write_text('rows = "messages"\n[columns]\nid = "Ticket"\nfrom = "Who"\ntext = "Body"\n')
    table = tmp_path / "export.csv"
    table.write_bytes(b'Ticket,Who,Body\n1,rep,"a\nb"\n2,bot,c\n1,bot,d')
    result, count = await run(path, table, column_map=columns)
    assert (result.rejected, count) == (2, 0)
    assert result.problems[0].startswith(f"{table}, rows 2, 4: row 4, column 'Who': 'bot' is none of")
    assert result.reject_file.name == "export.rejected.csv"
    assert result.reject_file.read_bytes() == b'Ticket,Who,Body\n1,rep,"a\nb"\n1,bot,d\n2,bot,c\n'
    result.reject_file.write_bytes(result.reject_file.read_bytes().replace(b"bot", b"rep"))
    again, count = await run(path, result.reject_file, column_map=columns)
    assert (again.new, again.rejected, count) == (2, 0, 2)
