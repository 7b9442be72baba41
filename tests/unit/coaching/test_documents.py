"""A pack as Markdown and HTML: whatever strangers wrote stays text, in every place it can stand."""

from __future__ import annotations

import re
import stat
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from qatui.domain.coaching import Pack
from qatui.domain.metrics import Tally
from qatui.domain.verdict import Flag
from qatui.errors import UsageError
from qatui.services.coaching.html import html
from qatui.services.coaching.markdown import escaped, markdown, spark
from qatui.services.coaching.page import page
from qatui.services.coaching.saving import Form, document, free_name, save
from qatui.text import one_line
from tests.unit.coaching.packs import NOW, pack

UTC = ZoneInfo("UTC")
HOSTILE = {
    "html": "<script>alert(1)</script><img src=x onerror=alert(1)> </style></svg><!-- &lt; &#60;b>",
    "attribute": "\" onload=\"x' style='a:b' `",
    "link": "[click](https://evil.example/x) <https://evil.example> https://evil.example ![i](//e.vil/x.png)",
    "bare": "evil.example write to me@evil.example or mailto:me@evil.example //evil.example/x ftp://evil.example",
    "reference": "[a][b] [b]: https://evil.example\n\n[b]: https://evil.example 'x'",
    "blocks": "\n# head\n- list\n1. one\n> quote\n---\n```\ncode\n```\n    indented\n| a | b |\n|---|---|\n===",
    "emphasis": "**bold** _it_ ~~gone~~ `code` ``more ` code`` $x$ \\ \\\\ \\` a\\",
    "ticks": "`me@evil.example `` http://evil.example`` ```www.evil.example",
    "pipes": "a|b https://evil.example|c\\| \\\\|x@y.example",
    "mentions": "@everyone #12 GH-12 :smile: <@U1>",
    "ansi": "\x1b[2J\x1b[31mred\x1b[0m \x1b]52;c;aGk=\x07 \x9b31m",
    "bidi": "abc \u202ecba\u202c \u2066x\u2069 \u200f",
    "controls": "".join(map(chr, range(0x20))) + "\x7f\x85\u2028\u2029",
    "empty": "",
    "long": "w" * 3000,
}
STEERING = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200f]")
PARSERS = {
    "commonmark": MarkdownIt("commonmark"),
    "github": MarkdownIt("gfm-like"),
    "eager": MarkdownIt("gfm-like", {"html": True, "linkify": True, "typographer": False}),
}


def inline(tokens: list[Token]) -> list[Token]:
    return [child for token in tokens for child in (token.children or ())]


def text_of(tokens: list[Token]) -> str:
    return "".join(token.content for token in tokens if token.type in ("text", "code_inline"))


def written(words: str, **other: Any) -> str:
    return markdown(page(pack(words, **other), UTC))


def rendered(words: str, **other: Any) -> str:
    return html(page(pack(words, **other), UTC))


# Markdown --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize("kind", HOSTILE)
def test_no_reader_of_markdown_finds_a_link_an_image_or_html(kind: str, parser: str) -> None:
    tokens = PARSERS[parser].parse(written(HOSTILE[kind]))
    found = {token.type for token in [*tokens, *inline(tokens)]}
    assert found <= {
        "heading_open", "heading_close", "paragraph_open", "paragraph_close", "inline", "text", "softbreak",
        "code_inline", "em_open", "em_close", "strong_open", "strong_close", "bullet_list_open", "bullet_list_close",
        "list_item_open", "list_item_close", "blockquote_open", "blockquote_close", "table_open", "table_close",
        "thead_open", "thead_close", "tbody_open", "tbody_close", "tr_open", "tr_close", "th_open", "th_close",
        "td_open", "td_close",
    }  # fmt: skip


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_words_leave_the_document_in_shape(kind: str) -> None:
    """As many headings, tables, rows and quotes as with harmless words."""

    def shape(text: str) -> list[str]:
        kinds = ("heading_open", "table_open", "tr_open", "td_open", "blockquote_open", "list_item_open")
        return [token.type for token in PARSERS["github"].parse(text) if token.type in kinds]

    assert shape(written(HOSTILE[kind])) == shape(written("plain words"))


FRAGMENTS = st.sampled_from(
    ["https://", "http:", "//", "www.", "a.com", "é.fr", "1.io", "@", "me@x.yz", "[", "]", "](", "(", ")", "<", ">",
     "`", "``", "\\", "*", "_", "~~", "#", "&amp;", "&", "!", "|", "$", " ", "\n", "x", "0", ".", ":", "-", "'", '"',
     "mailto:"]
)  # fmt: skip


@given(st.lists(FRAGMENTS, max_size=14).map("".join))
def test_escaped_words_are_read_back_as_they_were_and_link_to_nothing(words: str) -> None:
    expected = f"“{one_line(words)}”"
    for parser in PARSERS.values():
        tokens = parser.parse(f"> “{escaped(words)}”\n")
        assert {token.type for token in inline(tokens)} <= {"text", "code_inline"}
        assert text_of(inline(tokens)) == expected


@given(st.lists(st.one_of(FRAGMENTS, st.sampled_from(["- ", "+ ", "12. ", "1) ", "---", "=="])), max_size=14))
@example(["- ", "Billing"])
@example(["1", ".", " ", "Line"])
def test_a_line_that_begins_with_such_words_is_no_list_and_no_rule(fragments: list[str]) -> None:
    words = "".join(fragments)
    for parser in PARSERS.values():
        tokens = parser.parse(f"{escaped(words)} · 3 tickets\n")
        assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
        assert text_of(inline(tokens)) == f"{one_line(words)} · 3 tickets".strip()


@pytest.mark.parametrize("kind", HOSTILE)
def test_nothing_in_markdown_steers_a_terminal(kind: str) -> None:
    assert not STEERING.search(written(HOSTILE[kind]))


def test_trends_are_bars_between_their_ends_with_a_gap_for_a_week_without_tickets() -> None:
    assert spark((1.0, None, 3.0, 5.0), 1.0, 5.0) == "▁·▅█"
    assert spark((70.0, 70.0), 70.0, 70.0) == "▅▅"


# HTML ------------------------------------------------------------------------------------------------

ELEMENTS = {
    "html", "head", "meta", "title", "style", "body", "h1", "h2", "h3", "p", "ul", "li", "strong", "span", "bdi",
    "table", "thead", "tbody", "tr", "th", "td", "blockquote", "footer", "figure", "svg", "polyline", "circle",
}  # fmt: skip
ATTRIBUTES = {
    "lang", "charset", "http-equiv", "content", "name", "class", "scope", "role", "width", "height", "viewbox",
    "aria-label", "points", "cx", "cy", "r",
}  # fmt: skip
VOID = {"meta", "polyline", "circle"}


class Reader(HTMLParser):
    """Elements, attributes and text of a document; checks that it nests."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[str] = []
        self.attributes: set[str] = set()
        self.quotes: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in VOID:
            self.open.append(tag)
        if tag == "blockquote":
            self.quotes.append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "blockquote" in self.open and "footer" not in self.open:
            self.quotes[-1] += data


@pytest.mark.parametrize("kind", HOSTILE)
def test_html_is_made_of_known_elements_whatever_was_written(kind: str) -> None:
    read = Reader(rendered(HOSTILE[kind]))
    assert set(read.elements) <= ELEMENTS
    assert read.attributes <= ATTRIBUTES
    assert read.elements == Reader(rendered("plain words")).elements
    assert set(read.quotes) == {f"“{one_line(HOSTILE[kind])}”"}


@pytest.mark.parametrize("kind", HOSTILE)
def test_html_steers_no_terminal(kind: str) -> None:
    assert not STEERING.search(rendered(HOSTILE[kind]))


def test_html_fetches_nothing() -> None:
    text = rendered("words")
    assert "default-src 'none'" in text
    assert not re.search(r"src=|href=|url\(|@import|https?:", text)


def test_html_prints_with_sections_on_pages_of_their_own() -> None:
    text = rendered("words")
    assert "@media print" in text
    assert text.count('<h2 class="page">') == 2
    assert text.startswith("<!DOCTYPE html>")
    assert "<title>Coaching: words</title>" in text


def test_a_line_of_a_trend_breaks_where_a_week_has_no_ticket() -> None:
    text = rendered("words")  # three weeks, the middle one empty
    assert text.count("<svg") == 4
    assert "<polyline" not in text
    assert text.count("<circle") == 8


# Words -----------------------------------------------------------------------------------------------


def said(given: Pack) -> str:
    return markdown(page(given, UTC))


def test_few_tickets_are_named_so_and_nothing_is_concluded() -> None:
    few = pack("w", tally=sum((Tally.of(3, 3, 3) for _ in range(4)), Tally()))
    text = said(few)
    assert "Fewer than 5 tickets are too few" in text
    assert "Week by week" not in text
    assert "Overall is" not in text
    assert "Lowest of the three" not in text
    one = said(pack("w", tally=Tally.of(3, 3, 3)))
    assert "One ticket says nothing about a person" in one


def test_comparisons_say_whether_chance_may_be_all() -> None:
    alike = sum((Tally.of(4, 3, 2 + number % 2) for number in range(12)), Tally())
    lower = sum((Tally.of(2, 2, 1 + number % 2) for number in range(12)), Tally())
    text = said(pack("Billing", before=alike, others=lower))
    assert "Overall is level with the period before." in text
    assert "points above others in Billing; the intervals are apart." in text
    assert "Not compared with the period before: 1 scored ticket there" in said(pack("Billing"))
    assert "All time has no period before" in said(pack("Billing", before=None, since=None))


def test_several_judges_are_told_apart_and_people_are_named() -> None:
    judged = sum((Tally.of(4, 3, 3) for _ in range(6)), Tally())
    text = said(pack("w", judges=(("offline · 1", judged), ("llm · small", judged)), people=judged))
    assert "the embedded judge (offline · 1): 6; llm · small: 6; people: 6." in text
    assert "compare only what the same judge scored" in text
    assert "compare only" not in said(pack("w", judges=(("offline · 1", judged),)))


def test_what_a_person_said_stands_beside_the_judges_reasons() -> None:
    text = said(pack("w"))
    assert "w, 5 Mar 2026: Tone 4, Clarity 4, Empathy 4. w" in text
    [example] = pack("w").difficult
    reviewed = replace(example, row=replace(example.row, flags=frozenset({Flag.REVIEWED})))
    assert "Tone, as the judge saw it: w" in said(pack("w", difficult=(reviewed,)))


def test_suggestions_are_worded_from_the_rubric() -> None:
    text = said(pack("w"))
    assert "Lowest of the three is Empathy (2.5 of 5)." in text
    assert "Where most of it stands, a 2: an emotional cue is passed over" in text
    assert "One step up, a 3: a generic acknowledgement of a cue" in text
    assert "What lowered Empathy most often: w." in text


def test_the_whole_of_a_last_day_is_named_as_that_day() -> None:
    text = said(pack("w", until=NOW.replace(hour=0)))
    assert "to 4 Mar 2026" in text


# Files -----------------------------------------------------------------------------------------------


def test_a_pack_is_written_for_its_owner_alone_and_never_over_another_file(tmp_path: Path) -> None:
    made = pack("Ána  O'Neill/..")
    path = free_name(tmp_path, made)
    assert path.name == "coaching-ána-o-neill-2026-03-05.html"
    save(path, document(made, UTC, Form.of(path)))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text("utf-8").startswith("<!DOCTYPE html>")
    with pytest.raises(UsageError, match="exists already"):
        save(path, "other")
    assert path.read_text("utf-8").startswith("<!DOCTYPE html>")
    assert free_name(tmp_path, made).name == "coaching-ána-o-neill-2026-03-05-2.html"


@pytest.mark.parametrize("name", ["no/such/place.html", "nul\0.md"])
def test_a_place_that_cannot_be_written_is_said(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="cannot be written"):
        save(tmp_path / name, "x")


@pytest.mark.parametrize(
    ("name", "form"), [("a.html", "html"), ("a.HTM", "html"), ("a.md", "markdown"), ("a", "markdown")]
)
def test_the_name_of_a_file_says_its_form(name: str, form: str) -> None:
    assert Form.of(Path(name)) == form


@pytest.mark.parametrize("name", ["a.pdf", "a.htmlx", "a.b/c.docx"])
def test_another_ending_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="cannot be written as"):
        Form.of(Path(name))
