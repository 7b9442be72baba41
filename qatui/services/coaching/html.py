"""A coaching pack as one HTML file that prints: no script, nothing fetched, everything escaped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

from qatui.services.coaching.blocks import (
    Block,
    Grid,
    Heading,
    Kind,
    Labelled,
    Paragraph,
    Point,
    Quotation,
    Series,
    Trends,
)
from qatui.text import one_line

_STYLE = """
:root { color-scheme: light dark; }
body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; margin: 0; }
h2 { font-size: 1.2rem; margin: 2rem 0 .5rem; padding-top: .5rem; border-top: 1px solid; }
h3 { font-size: 1rem; margin: 1.5rem 0 0; }
p, ul { margin: .5rem 0; }
.quiet { opacity: .75; font-size: .9rem; }
.note { border-left: 4px solid; padding-left: .75rem; font-weight: 600; }
.count { opacity: .75; white-space: nowrap; }
table { border-collapse: collapse; margin: .75rem 0; font-variant-numeric: tabular-nums; }
th, td { padding: .15rem .75rem .15rem 0; text-align: right; border-bottom: 1px solid rgba(128, 128, 128, .4); }
th:first-child, td:first-child { text-align: left; font-weight: 400; overflow-wrap: anywhere; }
blockquote { margin: .5rem 0 .5rem 1rem; padding-left: .75rem; border-left: 2px solid rgba(128, 128, 128, .6); }
blockquote, h1, h3, li, dd { overflow-wrap: anywhere; }
blockquote footer { opacity: .75; font-size: .9rem; }
svg { display: block; }
svg polyline { fill: none; stroke: currentColor; stroke-width: 1.5; }
svg circle { fill: currentColor; }
@page { margin: 18mm; }
@media print {
  :root { color-scheme: light; }
  body { max-width: none; margin: 0; padding: 0; font-size: 10pt; }
  h1, h2, h3 { break-after: avoid; }
  .page { break-before: page; border-top: none; }
  blockquote, tr, li, figure { break-inside: avoid; }
  .quiet, .count, blockquote footer { opacity: 1; }
}
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
WIDTH, HEIGHT, EDGE = 240, 36, 3  # of a trend, in pixels


def html(blocks: Iterable[Block]) -> str:
    """The blocks as one document; its title is the first heading."""
    blocks = tuple(blocks)
    title = next((block.text for block in blocks if isinstance(block, Heading)), "")
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{_text(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        + "".join(f"{part}\n" for part in _parts(blocks))
        + "</body>\n</html>\n"
    )


def _parts(blocks: Iterable[Block]) -> Iterator[str]:
    listed = False
    for block in blocks:
        item = isinstance(block, Point | Labelled)
        if item != listed:
            yield "<ul>" if item else "</ul>"
            listed = item
        yield _block(block)
    if listed:
        yield "</ul>"


def _block(block: Block) -> str:
    match block:
        case Heading(text, level, page):
            mark = ' class="page"' if page else ""
            return f"<h{level}{mark}>{_bdi(text)}</h{level}>"
        case Paragraph(text, Kind.WARNING):
            return f'<p class="note">{_bdi(text)}</p>'
        case Paragraph(text, Kind.QUIET):
            return f'<p class="quiet">{_bdi(text)}</p>'
        case Paragraph(text):
            return f"<p>{_bdi(text)}</p>"
        case Point(text, count):
            tail = f' <span class="count">{_bdi(count)}</span>' if count else ""
            return f"<li><strong>{_bdi(text)}</strong>{tail}</li>"
        case Labelled(label, text):
            return f"<li>{_bdi(label)}: {_bdi(text)}</li>"
        case Quotation(quote, source):
            return f"<blockquote>“{_bdi(quote.text)}”<footer>{_bdi(source)}</footer></blockquote>"
        case Grid(header, rows):
            return _table(header, rows)
        case Trends(weeks, series):
            drawn = "".join(
                f"<tr><td>{_text(each.label)}</td><td>{_drawn(each, weeks)}</td><td>{_text(each.words)}</td></tr>"
                for each in series
            )
            return f"<figure><table>{drawn}</table></figure>"


def _table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    head = "".join(f'<th scope="col">{_bdi(title)}</th>' for title in header)
    body = "".join("<tr>" + "".join(f"<td>{_bdi(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _drawn(series: Series, weeks: tuple[str, ...]) -> str:
    """A line through the weeks that have tickets, with a dot for each; a week without any breaks it."""
    span = series.high - series.low
    step = (WIDTH - 2 * EDGE) / max(1, len(series.values) - 1)
    runs: list[list[str]] = [[]]
    dots = []
    for index, value in enumerate(series.values):
        if value is None:
            runs.append([])
            continue
        share = (value - series.low) / span if span > 0 else 0.5
        x, y = EDGE + index * step, HEIGHT - EDGE - share * (HEIGHT - 2 * EDGE)
        runs[-1].append(f"{x:.1f},{y:.1f}")
        dots.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2"/>')
    lines = "".join(f'<polyline points="{" ".join(run)}"/>' for run in runs if len(run) > 1)
    what = _text(f"{series.label}, {weeks[0]} to {weeks[-1]}: {series.words}")
    size = f'width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}"'
    return f'<svg role="img" {size} aria-label="{what}">{lines}{"".join(dots)}</svg>'


def _text(text: str) -> str:
    """Text on one line, harmless also inside an attribute."""
    return escape(one_line(text), quote=True)


def _bdi(text: str) -> str:
    """Text whose direction of writing stays its own affair."""
    return f"<bdi>{_text(text)}</bdi>"
