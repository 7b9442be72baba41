"""The filter: typed in one line with completion, shown as conditions that can be taken away one by one."""

from __future__ import annotations

from typing import ClassVar
from zoneinfo import ZoneInfo

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.geometry import Offset
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input

from qatui.domain.filter_language import Completion, FilterError, complete, conditions, format, parse
from qatui.domain.listing import Choices, TicketFilter
from qatui.text import cell_len, fit, one_line, visible
from qatui.widgets.cells import Part, fit_parts, steady, strip
from qatui.widgets.glyphs import glyphs
from qatui.widgets.wrapping import wrapped

OFFERED = 8  # completions shown at once
NOTHING = Choices(reps=(), teams=(), channels=(), sources=(), reasons=())
PLACEHOLDER = "words, or rep: team: channel: tone: clarity: empathy: since: until: flag: scored unscored"


class _Line(Input):
    """The input line: Enter, escape, tab and the arrows speak to the bar."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False),
        Binding("tab", "accept", show=False),
        Binding("down", "step(1)", show=False),
        Binding("up", "step(-1)", show=False),
    ]

    @property
    def bar(self) -> FilterBar:
        assert isinstance(self.parent, FilterBar)
        return self.parent

    def action_leave(self) -> None:
        self.bar.action_cancel()

    def action_accept(self) -> None:
        self.bar.action_accept()

    def action_step(self, step: int) -> None:
        self.bar.action_step(step)


class _Help(Widget):
    """Below the input line: what may be typed, or what is wrong with what was."""

    DEFAULT_CSS = """
    _Help {
        overlay: screen;
        position: absolute;
        constrain: inside;
        display: none;
        background: $panel;
        & > .filter-bar--chosen { background: $primary; color: $text; text-style: bold; }
        & > .filter-bar--about { color: $text-muted; }
        & > .filter-bar--error { color: $text-error; text-style: bold; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"filter-bar--chosen", "filter-bar--about", "filter-bar--error"}

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[list[tuple[str, str]]] = []

    def say(self, lines: list[list[tuple[str, str]]], region_x: int, region_y: int) -> None:
        """Show these lines of (text, component class), or nothing."""
        self.lines = lines
        self.display = bool(lines)
        if lines:
            width = max(sum(cell_len(text) for text, _ in line) for line in lines)
            self.styles.width = min(width, max(1, self.screen.size.width - region_x))
            self.styles.height = len(lines)
            self.absolute_offset = Offset(region_x, region_y)
            self.refresh(layout=True)

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        base = self.visual_style
        if y >= len(self.lines):
            return Strip.blank(width, base.rich_style)
        runs: list[Part] = [
            (steady(text), self.get_visual_style(name) if name else base) for text, name in self.lines[y]
        ]
        return strip(fit_parts(runs, width, "left", runs[0][1] if runs else base), width)


class _Chips(Widget):
    """The conditions in force, one after the other; a click takes one away."""

    DEFAULT_CSS = """
    _Chips {
        height: 1;
        & > .filter-bar--chip { background: $panel; color: $text-accent; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"filter-bar--chip"}

    def __init__(self) -> None:
        super().__init__()
        self.chips: list[tuple[str, TicketFilter]] = []

    def _placed(self) -> list[tuple[int, str, TicketFilter]]:
        x = 1
        placed: list[tuple[int, str, TicketFilter]] = []
        for text, without in self.chips:
            label = f" {fit_label(text)} {glyphs().close} "
            placed.append((x, label, without))
            x += cell_len(label) + 1
        return placed

    def render_line(self, y: int) -> Strip:
        base = self.visual_style
        chip = self.get_visual_style("filter-bar--chip")
        runs: list[Part] = [(" ", base)]
        for _, label, _ in self._placed():
            runs += [(label, chip), (" ", base)]
        return strip(fit_parts(runs, self.size.width, "left", base), self.size.width)

    def on_click(self, event: events.Click) -> None:
        for x, label, without in self._placed():
            if x <= event.x < x + cell_len(label) and isinstance(self.parent, FilterBar):
                event.stop()
                self.parent.change(without)
                return


class FilterBar(Widget):
    """One line: the conditions in force (none: no line at all), or the input line while the filter is typed."""

    DEFAULT_CSS = """
    FilterBar {
        height: auto;
        _Line, _Line:focus { border: none; height: 1; padding: 0 1; background: $surface; display: none; }
        &.-editing _Line { display: block; }
        _Chips { display: none; }
        &.-filtered _Chips { display: block; }
        &.-editing _Chips { display: none; }
    }
    """

    class Changed(Message):
        """Another filter is in force."""

        def __init__(self, bar: FilterBar, where: TicketFilter) -> None:
            self.bar = bar
            self.where = where
            super().__init__()

        @property
        def control(self) -> FilterBar:
            return self.bar

    class Left(Message):
        """The input line was closed, with a change or without; the focus belongs elsewhere now."""

        def __init__(self, bar: FilterBar) -> None:
            self.bar = bar
            super().__init__()

        @property
        def control(self) -> FilterBar:
            return self.bar

    def __init__(
        self, *, zone: ZoneInfo, choices: Choices = NOTHING, id: str | None = None, classes: str | None = None
    ) -> None:
        """`zone` is where dates are meant; `choices` what completion offers."""
        super().__init__(id=id, classes=classes)
        self.choices = choices
        self._zone = zone
        self._where = TicketFilter()
        self._offers: list[Completion] = []
        self._chosen = 0
        self._line = _Line(placeholder=PLACEHOLDER, select_on_focus=False)
        self._chips = _Chips()
        self._help = _Help()

    def compose(self) -> ComposeResult:
        yield self._chips
        yield self._line
        yield self._help

    @property
    def where(self) -> TicketFilter:
        """The filter in force."""
        return self._where

    @property
    def editing(self) -> bool:
        """Whether the input line is open."""
        return self.has_class("-editing")

    def show(self, where: TicketFilter) -> None:
        """Show a filter that came from elsewhere; nothing is posted."""
        self._where = where
        self._chips.chips = conditions(where, self._zone)
        self.set_class(bool(self._chips.chips), "-filtered")
        self._chips.refresh()

    def change(self, where: TicketFilter) -> None:
        """Put a filter in force and say so."""
        if where != self._where:
            self.show(where)
            self.post_message(self.Changed(self, where))

    def action_edit(self, more: str = "") -> None:
        """Open the input line with the filter in force, and `more` behind it."""
        line = format(self._where, self._zone)
        self.add_class("-editing")
        # The name of a rep came from outside; a control character in it must not reach the terminal.
        self._line.value = visible(f"{line} {more}" if line else more).replace("\n", " ")
        self._line.cursor_position = len(self._line.value)
        self._line.focus()

    def action_clear(self) -> None:
        """Take every condition away."""
        self.change(TicketFilter())

    def action_cancel(self) -> None:
        """Close the completions if they are open, else the input line; the filter stays as it was."""
        self._close()

    def action_accept(self) -> None:
        """Put the chosen completion into the line."""
        if self._offers:
            offer = self._offers[self._chosen]
            value = self._line.value
            self._line.value = value[: offer.start] + offer.text + value[offer.end :].lstrip()
            self._line.cursor_position = offer.start + len(offer.text)
            self._offer()

    def action_step(self, step: int) -> None:
        """To the next completion, or the one before."""
        if self._offers:
            self._chosen = (self._chosen + step) % len(self._offers)
            self._show_offers()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if self.editing:
            self._offer()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        try:
            where = parse(event.value, self._zone)
        except FilterError as error:
            self._line.cursor_position = error.end
            self._show_error(error)
        else:
            self._close()
            self.change(where)

    def _close(self) -> None:
        self.remove_class("-editing")
        self._help.say([], 0, 0)
        self._offers = []
        self.post_message(self.Left(self))

    def _offer(self) -> None:
        found = complete(self._line.value, self._line.cursor_position, self.choices, limit=OFFERED)
        # A name with a control character in it cannot be typed: offering it would offer something else.
        self._offers = [offer for offer in found if visible(offer.text) == offer.text]
        self._chosen = 0
        self._show_offers()

    def _show_offers(self) -> None:
        signs = glyphs()
        width = max((cell_len(offer.text.strip()) for offer in self._offers), default=0)
        lines: list[list[tuple[str, str]]] = []
        for place, offer in enumerate(self._offers):
            chosen = place == self._chosen
            sign = signs.cursor if chosen else " "
            name = fit(offer.text.strip(), width)
            lines.append(
                [
                    (f"{sign}{name} ", "filter-bar--chosen" if chosen else ""),
                    (f" {one_line(offer.about)} ", "filter-bar--about"),
                ]
            )
        self._say(lines, self._offers[0].start if self._offers else 0)

    def _show_error(self, error: FilterError) -> None:
        """The place is underlined with carets, where the line is not scrolled; message and mend stand below."""
        value = self._line.value
        self._offers = []
        width = max(20, self.size.width - 2)
        marks = " " * cell_len(value[: error.start]) + "^" * max(1, cell_len(value[error.start : error.end]))
        lines = [[(marks, "filter-bar--error")]] if cell_len(value) < self._line.content_size.width else []
        lines += [[(text, "filter-bar--error")] for text in wrapped(one_line(error.message) + ".", width)]
        lines += [[(text, "")] for text in wrapped(one_line(error.hint), width)]
        self._say(lines, 0)

    def _say(self, lines: list[list[tuple[str, str]]], start: int) -> None:
        """Show lines below character `start` of the input line; once that has its place on the screen."""
        self.call_after_refresh(self._say_now, lines, start)

    def _say_now(self, lines: list[list[tuple[str, str]]], start: int) -> None:
        if self.editing:
            area = self._line.content_region
            x = area.x + cell_len(self._line.value[:start]) - self._line.scroll_offset.x
            self._help.say(lines, max(area.x, min(x, area.right - 20)), area.bottom)


def fit_label(text: str, widest: int = 40) -> str:
    """A condition as a chip shows it: harmless, on one line, not longer than `widest` cells."""
    label = steady(one_line(text))
    return fit(label, widest).rstrip() if cell_len(label) > widest else label
