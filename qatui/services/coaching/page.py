"""A coaching pack in words, in the order in which a lead reads it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from qatui.domain.coaching import Advice, Example, Pack, Pattern, Quoted, overlap
from qatui.domain.conversation import NO_TEAM, Speaker
from qatui.domain.metrics import FEW, Tally
from qatui.domain.rubric import LOW, Dimension
from qatui.domain.verdict import Flag
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
from qatui.services.coaching.words import (
    NONE,
    count,
    cut,
    date_words,
    day,
    dimensions,
    judge_words,
    means,
    reasons,
    review_words,
    sentence,
)

_MEANS = tuple(dimension.label for dimension in Dimension)


def page(pack: Pack, zone: ZoneInfo) -> tuple[Block, ...]:
    """The whole pack, with dates in `zone`."""
    return tuple(_Page(pack, zone).blocks())


@dataclass(frozen=True, slots=True)
class _Page:
    pack: Pack
    zone: ZoneInfo

    def blocks(self) -> Iterator[Block]:
        yield from self._head()
        yield from self._glance()
        yield from self._weeks()
        yield from self._patterns()
        yield from self._examples()
        yield from self._topics()
        yield from self._advice()
        yield from self._reading()

    # Head ------------------------------------------------------------------------------------------

    def _head(self) -> Iterator[Block]:
        pack, tickets = self.pack, self.pack.tally.tickets
        yield Heading(f"Coaching: {pack.rep.name}", 1)
        start = pack.since or pack.first
        last = day(pack.until - timedelta(microseconds=1), self.zone)  # `until` itself does not count any more
        stretch = f"{day(start, self.zone)} to {last}" if start else f"up to {last}"
        period = f"all time, {stretch}" if pack.since is None else stretch
        yield Paragraph(f"{pack.rep.team} · {period} · {count(tickets, 'scored ticket')}")
        if pack.narrowed:
            yield Paragraph(f"Only tickets that fit {pack.narrowed}.", Kind.WARNING)
        if pack.widened:
            yield Paragraph("The usual period holds no scored ticket of theirs, so this is all time.", Kind.WARNING)
        if tickets == 1:
            yield Paragraph(
                "One ticket says nothing about a person: here is no trend and no comparison. Read it together.",
                Kind.WARNING,
            )
        elif pack.tally.few:
            yield Paragraph(
                f"Fewer than {FEW} tickets are too few to judge anybody by: no trend and no difference means anything "
                "here. Read them together instead.",
                Kind.WARNING,
            )

    # Figures ---------------------------------------------------------------------------------------

    def _glance(self) -> Iterator[Block]:
        pack = self.pack
        rows = [("this period", pack.tally)]
        if pack.before is not None:
            rows.append(("the period before", pack.before))
        rows.append((self._others, pack.others))
        yield Heading("At a glance")
        yield self._tallies("", rows, interval=True)
        if not pack.tally.few:
            if pack.before is None:
                yield Paragraph("All time has no period before it to be compared with.", Kind.QUIET)
            else:
                yield self._compared("the period before", pack.before)
            yield self._compared(self._others, pack.others)
        if pack.unscored:
            number = sum(pack.unscored.values())
            yield Paragraph(
                f"In no figure, because without a score: {count(number, 'ticket')} of this period "
                f"({reasons(pack.unscored)}).",
                Kind.QUIET,
            )
        yield from self._scored_by()

    @property
    def _others(self) -> str:
        return "all other reps" if self.pack.rep.team == NO_TEAM else f"others in {cut(self.pack.rep.team)}"

    def _tallies(
        self, title: str, rows: Sequence[tuple[str, Tally]], *, interval: bool = False, marked: bool = True
    ) -> Grid:
        """One row a tally; marked: it says where tickets are too few to judge."""
        return Grid(
            (title, "tickets", "overall", *(("95 % interval",) if interval else ()), *_MEANS),
            tuple(
                (
                    cut(name),
                    f"{tally.tickets:,}",
                    self._overall(tally) if marked else self._percent(tally),
                    *((self._interval(tally),) if interval else ()),
                    *means(tally),
                )
                for name, tally in rows
            ),
        )

    def _overall(self, tally: Tally) -> str:
        return self._percent(tally) + (" (few)" if tally.few and tally.tickets else "")

    def _percent(self, tally: Tally) -> str:
        percent = tally.overall_percent(self.pack.formula)
        return NONE if percent is None else f"{percent:.0f} %"

    def _interval(self, tally: Tally) -> str:
        ends = tally.interval_percent(self.pack.formula)
        return NONE if ends is None else f"{ends[0]:.0f} to {ends[1]:.0f} %"

    def _compared(self, label: str, tally: Tally) -> Paragraph:
        """Overall against somebody else's: how far apart, and whether chance alone could do that."""
        formula = self.pack.formula
        meet = overlap(self.pack.tally, tally, formula)
        if meet is None:
            some = count(tally.tickets, "scored ticket") if tally.tickets else "no scored ticket"
            return Paragraph(f"Not compared with {label}: {some} there, fewer than {FEW}.", Kind.QUIET)
        points = (self.pack.tally.overall_percent(formula) or 0.0) - (tally.overall_percent(formula) or 0.0)
        if abs(points) < 0.5:
            return Paragraph(f"Overall is level with {label}.")
        chance = "the intervals meet, so it may be chance" if meet else "the intervals are apart"
        size = f"{abs(points):.0f} point{'' if round(abs(points)) == 1 else 's'}"
        return Paragraph(f"Overall is {size} {'above' if points > 0 else 'below'} {label}; {chance}.")

    def _scored_by(self) -> Iterator[Block]:
        pack = self.pack
        parts = [f"{judge_words(name)}: {tally.tickets:,}" for name, tally in pack.judges]
        if pack.people.tickets:
            parts.append(f"people: {pack.people.tickets:,}")
        yield Paragraph(f"Tickets scored by {'; '.join(parts)}.", Kind.QUIET)
        if len(pack.judges) > 1:
            yield Paragraph(
                "Judges differ, and several of them scored these tickets: compare only what the same judge scored.",
                Kind.WARNING,
            )
            yield self._tallies("judge", [(judge_words(name), tally) for name, tally in pack.judges], interval=True)

    def _weeks(self) -> Iterator[Block]:
        pack, weeks = self.pack, self.pack.weeks
        if len(weeks) < 2 or pack.tally.few:
            return
        yield Heading("Week by week")
        overall = tuple(tally.overall_percent(pack.formula) for _, tally in weeks)
        known = [value for value in overall if value is not None]
        series = [Series("overall", overall, min(known), max(known), f"{known[-1]:.0f} % in the last")]
        for dimension in Dimension:
            values = tuple(tally.mean(dimension) for _, tally in weeks)
            last = [value for value in values if value is not None][-1]
            series.append(Series(dimension.label, values, 1.0, 5.0, f"{last:.1f} in the last"))
        yield Trends(tuple(date_words(week.monday) for week, _ in weeks), tuple(series))
        yield self._tallies("week of", [(date_words(week.monday), tally) for week, tally in weeks], marked=False)
        start = pack.since or pack.first
        latest = start is not None and weeks[0][0].start(self.zone) > start
        yield Paragraph(
            (f"The latest {len(weeks)} weeks of the period. " if latest else "")
            + f"A week with fewer than {FEW} tickets says little by itself.",
            Kind.QUIET,
        )

    # Patterns --------------------------------------------------------------------------------------

    def _patterns(self) -> Iterator[Block]:
        pack = self.pack
        for title, found, verb in (
            ("Strengths", pack.strengths, "raised"),
            ("To work on", pack.weaknesses, "lowered"),
        ):
            yield Heading(title)
            if not found:
                yield Paragraph(f"No reason that {verb} a score returns in two tickets or more.", Kind.QUIET)
            for pattern in found:
                yield from self._pattern(pattern, verb)
        if pack.customers:
            yield Heading("How customers wrote")
            yield Paragraph("Signs in customers' messages that went with higher or lower scores.", Kind.QUIET)
            for pattern in pack.customers:
                way = "higher" if pattern.trait.raised else "lower"
                yield Point(sentence(pattern.trait.words), f"{self._share(pattern)}, {way} {dimensions(pattern)}")
        if pack.set_aside:
            yield Paragraph(
                f"In {count(pack.set_aside, 'ticket')} a person scored otherwise than the judge, or disputes it: the "
                "judge's reasons there do not count.",
                Kind.QUIET,
            )

    def _pattern(self, pattern: Pattern, verb: str) -> Iterator[Block]:
        yield Point(sentence(pattern.trait.words), f"{self._share(pattern)}, {verb} {dimensions(pattern)}")
        if pattern.quotes and not pattern.shown:
            yield Paragraph("What was written in such tickets, as quoted for the score:", Kind.QUIET)
        for quote in pattern.quotes:
            yield Quotation(quote, f"{quote.ticket} “{cut(quote.name)}”, {day(quote.at, self.zone)}")

    def _share(self, pattern: Pattern) -> str:
        return f"{pattern.tickets:,} of {count(self.pack.tally.tickets, 'ticket')}"

    # Tickets ---------------------------------------------------------------------------------------

    def _examples(self) -> Iterator[Block]:
        pack = self.pack
        yield Heading("Exemplary tickets", page=True)
        if pack.exemplary and not pack.exemplary_reached:
            yield Paragraph("None has 4 or 5 in all three dimensions; this one comes nearest.", Kind.QUIET)
        yield from self._tickets(pack.exemplary)
        yield Heading("Difficult tickets", page=True)
        if pack.difficult and not pack.difficult_reached:
            yield Paragraph(f"None has a score of {LOW} or less; this one has the lowest.", Kind.QUIET)
        yield from self._tickets(pack.difficult)

    def _tickets(self, found: Sequence[Example]) -> Iterator[Block]:
        if not found:
            yield Paragraph("No ticket besides those above.", Kind.QUIET)
        for example in found:
            row = example.row
            yield Heading(cut(row.name, 120), 3)
            scores = " · ".join(f"{d.label} {row.value(d)}" for d in Dimension)
            marks = [flag.words for flag in sorted(row.flags)]
            facts = [row.key, day(row.closed_at, self.zone), row.channel or "", scores, *marks]
            yield Paragraph(" · ".join(fact for fact in facts if fact), Kind.QUIET)
            contested = not row.flags.isdisjoint({Flag.REVIEWED, Flag.DISPUTED})
            for dimension, text in example.reasons.items():
                yield Labelled(f"{dimension.label}, as the judge saw it" if contested else dimension.label, text)
            for review in example.reviews:
                yield Labelled(f"{review.who}, {day(review.at, self.zone)}", review_words(review))
            for quote in example.quotes:
                yield Quotation(quote, self._who(quote))

    def _who(self, quote: Quoted) -> str:
        return self.pack.rep.name if quote.speaker is Speaker.REP else "customer"

    # Topics ----------------------------------------------------------------------------------------

    def _topics(self) -> Iterator[Block]:
        pack = self.pack
        if not pack.topics and len(pack.channels) < 2:
            return
        yield Heading("What the tickets are about")
        if pack.topics:
            untagged = pack.tally.tickets - pack.tagged
            rest = f" {count(untagged, 'ticket')} without any." if untagged else ""
            yield Paragraph(f"By the help desk's own tags; a ticket counts for each of its tags.{rest}", Kind.QUIET)
            yield self._tallies("tag", pack.topics)
        if len(pack.channels) > 1:
            yield self._tallies("channel", pack.channels)

    # Advice ----------------------------------------------------------------------------------------

    def _advice(self) -> Iterator[Block]:
        pack, advice = self.pack, self.pack.advice
        yield Heading("Suggestions")
        if pack.tally.few:
            yield Paragraph("Too few tickets for a suggestion from figures: talk about the tickets above.")
        elif advice is None:
            yield Paragraph("Every ticket has a 5 in every dimension: ask how, and let others read these tickets.")
        else:
            yield from self._next_step(advice)

    def _next_step(self, advice: Advice) -> Iterator[Block]:
        pack, weakest = self.pack, advice.weakest
        narrowly = ", narrowly" if advice.narrowly else ""
        yield Paragraph(f"Lowest of the three is {weakest.label} ({pack.tally.mean(weakest):.1f} of 5){narrowly}.")
        yield Labelled(f"Where most of it stands, a {advice.level}", f"{advice.now}.")
        yield Labelled(f"One step up, a {advice.level + 1}", f"{advice.next}.")
        if advice.low and advice.level > LOW:
            yield Point(f"Begin with the tickets at {LOW} or below.", count(advice.low, "ticket"))
        reason = next((each for each in pack.weaknesses if weakest in each.dimensions), None)
        if reason is not None:
            yield Point(f"What lowered {weakest.label} most often: {reason.trait.words}.", self._share(reason))
        lowest = next((each.row for each in pack.difficult if (each.row.value(weakest) or 5) <= advice.level), None)
        if lowest is not None:
            yield Point(f"Read {lowest.key} “{cut(lowest.name)}” together: what would make the reply one step better?")
        if advice.strongest is not weakest:
            mean = pack.tally.mean(advice.strongest)
            yield Point(f"Keep doing what makes {advice.strongest.label} the highest of the three ({mean:.1f}).")

    def _reading(self) -> Iterator[Block]:
        yield Heading("How to read this")
        yield Paragraph(
            f"Overall: {self.pack.formula.formula}, from unrounded values; every ticket weighs the same. The interval "
            "is Student's for the mean. A ticket counts in the week in which it was closed. A person's scores take the "
            "place of a judge's. Quotes are cut out of the stored messages. Strengths, weaknesses and suggestions are "
            "counted, and worded from the rubric; no model wrote them. "
            f"Made {day(self.pack.made_at, self.zone)}.",
            Kind.QUIET,
        )
