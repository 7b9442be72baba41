"""What a list asks for, as SQL: conditions on the listing and its order."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from typing import Any, Final

from qatui.domain.conversation import NO_REP, NO_TEAM, UNKNOWN_REP
from qatui.domain.listing import Sort, SortColumn, TicketFilter
from qatui.domain.rubric import Dimension
from qatui.domain.verdict import JudgeIdentity
from qatui.store.layout import NO_REP_ID, UNKNOWN_REP_ID, flag_bits
from qatui.store.rows import to_micros
from qatui.store.sql import Connection, ask

EVERY: Final = "true"
"""The SQL of a filter that leaves every ticket."""

_REP: Final = "listing.rep_id"


NAMELESS = {UNKNOWN_REP_ID: UNKNOWN_REP, NO_REP_ID: NO_REP}
"""What stands in the place of a rep, by `listing.rep_id`."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A filter as SQL over `listing` with the values of its placeholders; `sql` is never empty.

    by_rep: it asks for reps or a team. covered: the index of every sort holds all that it asks for. scored: no ticket
    that it leaves is unscored.
    """

    sql: str
    values: tuple[Any, ...]
    by_rep: bool = False
    covered: bool = True
    scored: bool = False

    def also(self, sql: str, *values: Any) -> Condition:
        """This condition and another."""
        return replace(self, sql=f"{self.sql} AND {sql}", values=(*self.values, *values))

    @property
    def in_order(self) -> str:
        """The same SQL, for reading an index in its order: the reps are checked on the way, not looked up."""
        return self.sql.replace(_REP, f"+{_REP}")


async def condition(connection: Connection, where: TicketFilter) -> Condition:
    """`where` as SQL. A rep, team or judge that does not exist, and text without a letter or digit, fit no ticket."""
    scored = bool(where.scored or where.tone or where.clarity or where.empathy)
    scores = (where.tone, where.clarity, where.empathy)
    elsewhere = (where.channel, where.source, where.scored, where.reason, where.judge, *scores)
    made = Condition(
        EVERY,
        (),
        by_rep=where.rep is not None or where.team is not None,
        covered=all(each is None for each in elsewhere) and not where.flags and not where.text.strip(),
        scored=scored,
    )
    if where.rep is not None:
        made = made.also(f"{_REP} IN ({', '.join(map(str, await _rep_ids(connection, where.rep)))})")
    if where.team is not None:
        # By the reps of the team, not by its name: the indexes of all sorts hold the rep.
        made = (
            made.also(
                f"{_REP} IN (SELECT id FROM reps WHERE team IS NULL OR team = ? UNION ALL VALUES (?), (?))",
                NO_TEAM,
                UNKNOWN_REP_ID,
                NO_REP_ID,
            )
            if where.team == NO_TEAM
            else made.also(f"{_REP} IN (SELECT id FROM reps WHERE team = ?)", where.team)
        )
    if where.since is not None:
        made = made.also("listing.closed_at >= ?", to_micros(where.since))
    if where.until is not None:
        made = made.also("listing.closed_at < ?", to_micros(where.until))
    if where.channel is not None:
        made = made.also("listing.channel = ? COLLATE NOCASE", where.channel)
    if where.source is not None:
        made = made.also("listing.source = ?", where.source)
    if where.judge is not None:
        judges = ", ".join(map(str, await _judge_ids(connection, where.judge)))
        made = made.also(f"listing.judge_id IN ({judges})")
    for dimension in Dimension:
        bounds = getattr(where, dimension.value)
        if bounds is not None:
            made = made.also(f"listing.{dimension} BETWEEN ? AND ?", *bounds)
    if where.flags:
        bits = flag_bits(where.flags)
        made = made.also("listing.flags & ? = ?", bits, bits)
    if where.scored is not None:
        made = made.also(f"listing.reason IS {'NULL' if where.scored else 'NOT NULL'}")
    if where.reason is not None:
        reason, _, detail = where.reason.partition(": ")
        made = made.also("listing.reason = ?", reason)
        if detail:
            made = made.also("listing.detail = ?", detail)
    if where.text.strip():
        made = made.also("listing.id IN (SELECT rowid FROM search WHERE search MATCH ?)", _match(where.text))
    return made


async def _rep_ids(connection: Connection, rep: str) -> list[int]:
    """Rows of the reps named so, in any case, or with the key `source/id`; else of those with the one name that begins
    so. A beginning of several names is nobody's."""
    wanted = rep.casefold()
    known = await ask(connection, "SELECT id, source || '/' || external_id, name FROM reps")
    named = [(rep_id, name.casefold()) for rep_id, _, name in known]
    named += [(row_id, name.casefold()) for row_id, name in NAMELESS.items()]
    found = [rep_id for rep_id, key, _ in known if key == rep]
    found += [rep_id for rep_id, name in named if name == wanted and rep_id not in found]
    begun = {name for _, name in named if name.startswith(wanted)} if wanted and not found else set()
    return [rep_id for rep_id, name in named if name in begun] if len(begun) == 1 else found


async def _judge_ids(connection: Connection, judge: str) -> list[int]:
    """Rows of the judges with this name, with this model, or written so as `judge · model`; in any case."""
    wanted = judge.casefold()
    return [
        judge_id
        for judge_id, name, model, rubric in await ask(connection, "SELECT id, judge, model, rubric FROM judges")
        if wanted in (name.casefold(), model.casefold(), str(JudgeIdentity(name, model, rubric)).casefold())
    ]


def _match(text: str) -> str:
    """What a person typed as a query of the text index: every word as the beginning of a word, nothing as syntax."""
    words = [word.replace('"', '""') for word in text.replace("\0", " ").split() if any(map(_is_indexed, word))]
    return " AND ".join(f'"{word}"*' for word in words) if words else '""'


def _is_indexed(letter: str) -> bool:
    """Letters, digits and private use: all else only separates words (FTS5, 'Unicode61 Tokenizer')."""
    category = unicodedata.category(letter)
    return category[0] in "LN" or category == "Co"


_COLUMNS = {
    SortColumn.CLOSED: "listing.closed_at",
    SortColumn.NAME: "listing.name COLLATE NOCASE",
    SortColumn.REP: "listing.rep_name COLLATE NOCASE",
    SortColumn.TEAM: "listing.team COLLATE NOCASE",
    SortColumn.CHANNEL: "listing.channel COLLATE NOCASE",
    SortColumn.TONE: "listing.tone",
    SortColumn.CLARITY: "listing.clarity",
    SortColumn.EMPATHY: "listing.empathy",
    SortColumn.OVERALL: "listing.overall",
}


@dataclass(frozen=True, slots=True)
class Order:
    """An order as SQL; `column` is the expression sorted by."""

    column: str
    descending: bool

    @classmethod
    def of(cls, sort: Sort) -> Order:
        return cls(_COLUMNS[sort.column], sort.descending)

    def sql(self, *, backwards: bool = False) -> str:
        """The ORDER BY, from the last row to the first if `backwards`; NULLs stand at the end of the order."""
        way = "DESC" if self.descending != backwards else "ASC"
        return f"{self.column} {way} NULLS {'FIRST' if backwards else 'LAST'}, listing.id {way}"
