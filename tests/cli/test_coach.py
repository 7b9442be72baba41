"""`qatui coach`: a pack on standard output or in a new file, and what it refuses."""

import stat

import pytest
from markdown_it import MarkdownIt

from tests.cli.conftest import HOSTILE, conversation


@pytest.fixture
def march(monkeypatch, workspace):
    """The workspace, whose tickets were closed in March 2026, looked at over all time."""
    monkeypatch.setenv("QATUI_PERIOD", "all")
    return workspace


def test_markdown_on_standard_output_by_name_in_any_case(qatui, march):
    ran = qatui("coach", "tom")
    assert ran.code == 0
    assert ran.err == ""
    assert ran.out.startswith("# Coaching: Tom\n")
    assert "Technical · all time, 1 Mar 2026 to" in ran.out
    assert "6 scored tickets" in ran.out
    for section in ("At a glance", "Strengths", "To work on", "Exemplary tickets", "Difficult tickets", "Suggestions"):
        assert f"\n## {section}\n" in ran.out


def test_dates_narrow_the_pack_and_the_last_day_counts(qatui, march):
    ran = qatui("coach", "Tom", "--since", "2026-03-03", "--until", "2026-03-05")
    assert "3 Mar 2026 to 5 Mar 2026 · 2 scored tickets" in ran.out
    assert "Fewer than 5 tickets" in ran.out


def test_one_ticket_is_a_pack_that_says_so(qatui, march):
    ran = qatui("coach", "desk/tom", "--since", "2026-03-03", "--until", "2026-03-03")
    assert ran.code == 0
    assert "One ticket says nothing about a person" in ran.out


def test_a_file_is_written_once_in_the_form_of_its_name(qatui, march, tmp_path):
    page = tmp_path / "tom.html"
    ran = qatui("coach", "Tom", "--out", page)
    assert (ran.code, ran.out) == (0, "")
    assert "Wrote" in ran.err
    assert page.read_text("utf-8").startswith("<!DOCTYPE html>")
    assert stat.S_IMODE(page.stat().st_mode) == 0o600
    again = qatui("coach", "Tom", "--out", page, "--format", "markdown")
    assert again.code == 2
    assert "exists already" in again.err
    assert page.read_text("utf-8").startswith("<!DOCTYPE html>")
    text = tmp_path / "tom.md"
    assert qatui("coach", "Tom", "--out", text, "--quiet").err == ""
    assert text.read_text("utf-8") == qatui("coach", "Tom").out


def test_html_can_be_asked_for_on_standard_output(qatui, march):
    assert qatui("coach", "Tom", "--format", "html").out.startswith("<!DOCTYPE html>")


@pytest.mark.parametrize("form", ["markdown", "html"])
def test_hostile_tickets_stay_text(qatui, lines, form, monkeypatch):
    monkeypatch.setenv("QATUI_PERIOD", "all")
    link = "<script>x</script> [a](https://evil.example) https://evil.example"
    rows = [
        conversation(
            number,
            rep=f"Ana {HOSTILE[:40]} {link}",
            subject=f"{HOSTILE} {link}",
            ask=f"I am annoyed {HOSTILE} {link}",
            reply=f"Hello, we are sorry {link} {HOSTILE} we send it again today. Thanks a lot!",
            tags=[f"{link} | {HOSTILE}"],
        )
        for number in range(6)
    ]
    for row in rows:
        row["messages"][1]["author"]["id"] = "ana"
    assert qatui("import", lines(*rows)).code == 0
    assert qatui("score").code == 0
    ran = qatui("coach", "desk/ana", "--format", form)
    assert ran.code == 0
    assert not set(ran.out) & {"\x1b", "\x07", "\0", "\u202e", "\x9b"}
    assert "evil" in ran.out
    if form == "html":
        assert "<script" not in ran.out
        assert "href" not in ran.out
    else:
        tokens = MarkdownIt("gfm-like").parse(ran.out)
        kinds = {child.type for token in tokens for child in (token, *(token.children or ()))}
        assert not kinds & {"link_open", "image", "html_inline", "html_block"}


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("Nobody",), 1, "no rep 'Nobody'"),
        (("An",), 1, "Did you mean Ana?"),
        (("Unknown rep",), 2, "nobody can be coached"),
        (("Tom", "--since", "2030-01-01", "--until", "2030-02-01"), 1, "no scored ticket in this period"),
        (("Tom", "--judge", "llm", "--channel", "fax"), 1, "no scored ticket in 'fax' by the judge 'llm'"),
        (("Tom", "--out", "tom.pdf"), 2, "cannot be written as .pdf"),
        (("Tom", "--since", "2026-03-05", "--until", "2026-03-01"), 2, "ends before it begins"),
        (("Tom", "--since", "soon"), 2, "no date"),
        (("Tom", "--format", "pdf"), 2, "pdf"),
        (("Tom", "--out", "no/such/place.md"), 2, "cannot be written"),
        (("Tom", "--judge", "llm"), 1, "no scored ticket"),
        ((), 2, "rep"),
    ],
)
def test_refusals_say_why_and_write_nothing(qatui, march, arguments, code, words):
    ran = qatui("coach", *arguments)
    assert ran.code == code
    assert words in ran.err
    assert ran.out == ""
    assert "Traceback" not in ran.err
