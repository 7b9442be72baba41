"""The table of actions: everything a person can do, with its keys, words and place."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    """Where an action's key works."""

    ANYWHERE = "anywhere"
    MOVE = "lists and tickets"
    LIST = "lists"
    REPS = "reps"
    TICKETS = "tickets"
    TICKET = "ticket"
    REVIEW = "tickets, ticket, review queue"
    QUEUE = "review queue"
    CHANGE = "reps, tickets, ticket, review queue"
    COACHING = "coaching"
    PERFORMANCE = "performance"
    BEHIND = "conversations behind a figure"
    GAPS = "gaps"
    CALIBRATION = "calibration"
    PAIRS = "tickets behind a calibration"


class Group(StrEnum):
    """Under which heading help shows an action, in this order."""

    LOOK = "Look closer"
    CHOOSE = "Choose what is shown"
    DO = "Do"
    GO = "Go"
    APP = "Application"
    MOVE = "Move"


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One thing a person can do.

    id: the stable name for remapping; keys: defaults, separated by commas, may be empty; title: two or three words;
    help: one sentence; commands: its names on the ':' line; argument: what may follow the command, in a word;
    hint: the title in a word, for the keys line, where the title is too long.
    """

    id: str
    keys: str
    scope: Scope
    group: Group
    title: str
    help: str
    commands: tuple[str, ...] = ()
    argument: str = ""
    palette: bool = True
    hint: str = ""


SCOPES: dict[str, tuple[Scope, ...]] = {
    "reps": (Scope.ANYWHERE, Scope.MOVE, Scope.LIST, Scope.REPS, Scope.CHANGE),
    "tickets": (Scope.ANYWHERE, Scope.MOVE, Scope.LIST, Scope.TICKETS, Scope.REVIEW, Scope.CHANGE),
    "ticket": (Scope.ANYWHERE, Scope.MOVE, Scope.TICKET, Scope.REVIEW, Scope.CHANGE),
    "queue": (Scope.ANYWHERE, Scope.MOVE, Scope.QUEUE, Scope.REVIEW, Scope.CHANGE),
    "coaching": (Scope.ANYWHERE, Scope.MOVE, Scope.COACHING),
    "runs": (Scope.ANYWHERE, Scope.MOVE),
    "performance": (Scope.ANYWHERE, Scope.MOVE, Scope.PERFORMANCE),
    "behind": (Scope.ANYWHERE, Scope.MOVE, Scope.BEHIND),
    "gaps": (Scope.ANYWHERE, Scope.MOVE, Scope.GAPS),
    "calibration": (Scope.ANYWHERE, Scope.MOVE, Scope.CALIBRATION, Scope.CHANGE),
    "pairs": (Scope.ANYWHERE, Scope.MOVE, Scope.PAIRS),
}
"""Which scopes are alive on which screen; two actions may share a key unless they meet here."""

ACTIONS: tuple[Action, ...] = (
    Action(
        id="move.down", keys="j,down", scope=Scope.MOVE, group=Group.MOVE, palette=False,
        title="Down", help="One row or line down.",
    ),
    Action(
        id="move.up", keys="k,up", scope=Scope.MOVE, group=Group.MOVE, palette=False,
        title="Up", help="One row or line up.",
    ),
    Action(
        id="move.half_down", keys="ctrl+d", scope=Scope.MOVE, group=Group.MOVE, palette=False,
        title="Half a page down", help="Half a page down.",
    ),
    Action(
        id="move.half_up", keys="ctrl+u", scope=Scope.MOVE, group=Group.MOVE, palette=False,
        title="Half a page up", help="Half a page up.",
    ),
    Action(
        id="move.page_down", keys="pagedown,ctrl+f", scope=Scope.MOVE, group=Group.MOVE, palette=False,
        title="Page down", help="A page down.",
    ),
    Action(
        id="move.page_up", keys="pageup", scope=Scope.MOVE, group=Group.MOVE, palette=False,
        title="Page up", help="A page up.",
    ),
    Action(
        id="move.top", keys="g,home", scope=Scope.MOVE, group=Group.MOVE,
        title="To the top", help="To the first row or line.", commands=("top",),
    ),
    Action(
        id="move.bottom", keys="G,end", scope=Scope.MOVE, group=Group.MOVE,
        title="To the end", help="To the last row or line.", commands=("bottom", "end"),
    ),
    Action(
        id="cell.next", keys="tab", scope=Scope.LIST, group=Group.MOVE, palette=False,
        title="Next figure", help="To the next figure of this row that can be explained.",
    ),
    Action(
        id="cell.previous", keys="shift+tab", scope=Scope.LIST, group=Group.MOVE, palette=False,
        title="Previous figure", help="To the previous figure of this row that can be explained.",
    ),
    Action(
        id="reps.unfold", keys="l,right", scope=Scope.REPS, group=Group.MOVE,
        title="Unfold team", help="Shows the reps of the team under the cursor.",
    ),
    Action(
        id="reps.fold", keys="h,left", scope=Scope.REPS, group=Group.MOVE,
        title="Fold team", help="Hides the reps of the team under the cursor.",
    ),
    Action(
        id="reps.fold_all", keys="f", scope=Scope.REPS, group=Group.CHOOSE,
        title="Fold or unfold all", help="Shows the reps of every team, or hides them all.", commands=("fold",),
    ),
    Action(
        id="tickets.right", keys="l,right", scope=Scope.TICKETS, group=Group.MOVE, palette=False,
        title="Score to the right", help="To the next of T, C and E: the pane and `space` explain that score.",
    ),
    Action(
        id="tickets.left", keys="h,left", scope=Scope.TICKETS, group=Group.MOVE, palette=False,
        title="Score to the left", help="To the previous of T, C and E.",
    ),
    Action(
        id="list.open", keys="enter", scope=Scope.LIST, group=Group.LOOK,
        title="Open", help="Drills in: a team unfolds, a rep opens their tickets, a ticket opens its transcript.",
    ),
    Action(
        id="list.explain", keys="space", scope=Scope.LIST, group=Group.LOOK,
        title="Explain", help="Says why the figure under the cursor is what it is; again, or esc, closes it.",
        commands=("explain",),
    ),
    Action(
        id="list.sort", keys="s", scope=Scope.LIST, group=Group.CHOOSE,
        title="Sort by next column", hint="sort", help="Orders the list by its next column; `:sort empathy` names one.",
        commands=("sort",), argument="column",
    ),
    Action(
        id="list.reverse", keys="S", scope=Scope.LIST, group=Group.CHOOSE,
        title="Reverse order", help="Turns the order of the list around.", commands=("reverse",),
    ),
    Action(
        id="list.filter", keys="/", scope=Scope.LIST, group=Group.CHOOSE,
        title="Filter", help="Narrows the list by words and conditions such as rep:Ana, empathy:<=2 or unscored.",
        commands=("filter",), argument="filter",
    ),
    Action(
        id="list.period", keys="p", scope=Scope.LIST, group=Group.CHOOSE,
        title="Period", help="The next period: 7, 30, 90, 365 days, all time; `:period 30d` names one.",
        commands=("period",), argument="7d, 30d, 90d, 365d or all",
    ),
    Action(
        id="list.unscored", keys="u", scope=Scope.LIST, group=Group.CHOOSE,
        title="Unscored tickets", help="Lists the tickets without a score, each with its reason; again, all of them.",
        commands=("unscored",),
    ),
    Action(
        id="list.score", keys="w", scope=Scope.LIST, group=Group.DO,
        title="Score waiting tickets", help="Lets the judge that read last read every ticket that waits; esc stops it.",
    ),
    Action(
        id="score.run", keys="", scope=Scope.ANYWHERE, group=Group.DO,
        title="Score with a judge", commands=("score",), argument="judge and budget",
        help="Has tickets judged: `:score offline`, or `:score llm 2.50` with the most it may spend.",
    ),
    Action(
        id="score.pause", keys="W", scope=Scope.ANYWHERE, group=Group.DO,
        title="Pause scoring", hint="pause", commands=("pause",),
        help="Pauses the run and goes on with it; requests under way come to their end.",
    ),
    Action(
        id="score.stop", keys="", scope=Scope.ANYWHERE, group=Group.DO,
        title="Stop scoring", hint="stop", commands=("stop",),
        help="Ends the run with what is under way stored; again, without waiting. `:score stop` too, and esc on lists.",
    ),
    Action(
        id="reps.tickets", keys="t", scope=Scope.REPS, group=Group.LOOK,
        title="Their tickets", help="Opens the tickets of the team or rep under the cursor.",
    ),
    Action(
        id="reps.coach", keys="c", scope=Scope.REPS, group=Group.LOOK,
        title="Coaching", help="The pack for a one-to-one with the rep under the cursor.", commands=("coach",),
    ),
    Action(
        id="coaching.quote", keys="e,tab", scope=Scope.COACHING, group=Group.LOOK,
        title="Next quote", hint="quote", help="To the next quote of the pack; Enter then opens its ticket.",
        commands=("quote",),
    ),
    Action(
        id="coaching.quote_back", keys="E,shift+tab", scope=Scope.COACHING, group=Group.LOOK,
        title="Previous quote", help="To the quote before.",
    ),
    Action(
        id="coaching.open", keys="enter", scope=Scope.COACHING, group=Group.LOOK,
        title="Open the ticket", hint="ticket", help="Opens the ticket of the quote that is marked.",
    ),
    Action(
        id="coaching.write", keys="w", scope=Scope.COACHING, group=Group.DO,
        title="Write to a file", hint="write", help="Writes the pack to a new file: .html to print, .md for Markdown.",
        commands=("write",), argument="file",
    ),
    Action(
        id="tickets.quote", keys="e", scope=Scope.TICKETS, group=Group.LOOK,
        title="Next quote", help="Walks the quotes of the explanation; Enter then opens the transcript there.",
    ),
    Action(
        id="tickets.copy", keys="y", scope=Scope.TICKETS, group=Group.DO,
        title="Copy", help="Sends the ticket's address, or its name where it has none, to the terminal's clipboard.",
        commands=("copy",),
    ),
    Action(
        id="ticket.next", keys="]", scope=Scope.TICKET, group=Group.MOVE,
        title="Next ticket", hint="next", help="The next ticket of the list this one was opened from.",
        commands=("next",),
    ),
    Action(
        id="ticket.previous", keys="[", scope=Scope.TICKET, group=Group.MOVE,
        title="Previous ticket", hint="previous", help="The previous ticket of the list this one was opened from.",
        commands=("previous",),
    ),
    Action(
        id="ticket.quote", keys="e", scope=Scope.TICKET, group=Group.LOOK,
        title="Next quote", hint="quote", help="Jumps to the next passage that is quoted for this score.",
        commands=("quote",),
    ),
    Action(
        id="ticket.quote_back", keys="E", scope=Scope.TICKET, group=Group.LOOK,
        title="Previous quote", help="Jumps to the previous quoted message.",
    ),
    Action(
        id="ticket.score_next", keys="tab,l,right", scope=Scope.TICKET, group=Group.LOOK,
        title="Next score", hint="score", help="Tone, Clarity, Empathy: marks the quotes behind the next score.",
    ),
    Action(
        id="ticket.score_previous", keys="shift+tab,h,left", scope=Scope.TICKET, group=Group.LOOK,
        title="Previous score", help="Marks the quotes behind the previous score.",
    ),
    Action(
        id="ticket.copy", keys="y", scope=Scope.TICKET, group=Group.DO,
        title="Copy", help="Sends the ticket's address, or its name where it has none, to the terminal's clipboard.",
        commands=("copy",),
    ),
    Action(
        id="queue.open", keys="enter", scope=Scope.QUEUE, group=Group.LOOK,
        title="Read", help="Opens the ticket under the cursor; `]` and `[` then walk the queue.",
    ),
    Action(
        id="review.agree", keys="a", scope=Scope.REVIEW, group=Group.DO,
        title="Agree", help="Makes the judge's scores of this ticket yours too; the cursor stays.",
        commands=("agree",),
    ),
    Action(
        id="review.edit", keys="v", scope=Scope.REVIEW, group=Group.DO,
        title="Review", help="Gives your own scores and a comment; `:review 4 3 2 too cold` does it in a line.",
        commands=("review",), argument="three scores and a comment",
    ),
    Action(
        id="review.dispute", keys="d", scope=Scope.REVIEW, group=Group.DO,
        title="Dispute", help="Says why the judge's scores are wrong, without giving others.",
        commands=("dispute",), argument="comment",
    ),
    Action(
        id="review.save", keys="ctrl+r", scope=Scope.REVIEW, group=Group.DO,
        title="Save the review", hint="save", help="Keeps the review that is being written; so does Enter.",
        palette=False,
    ),
    Action(
        id="review.withdraw", keys="", scope=Scope.REVIEW, group=Group.DO,
        title="Withdraw review", help="Takes your review of this ticket away; the judge's scores count again.",
        commands=("withdraw",),
    ),
    Action(
        id="review.blind", keys="b", scope=Scope.REVIEW, group=Group.CHOOSE,
        title="Blind reviewing", hint="blind",
        help="Hides the judge's scores, reasons and marks of a ticket until your own are saved, or shows them again.",
        commands=("blind",),
    ),
    Action(
        id="review.pin", keys="", scope=Scope.REVIEW, group=Group.DO,
        title="Pin to the golden set", help="Lets every new judge read this ticket first, to be compared with people.",
        commands=("pin",),
    ),
    Action(
        id="review.unpin", keys="", scope=Scope.REVIEW, group=Group.DO,
        title="Unpin", help="Takes this ticket out of the golden set.", commands=("unpin",),
    ),
    Action(
        id="change.undo", keys="z", scope=Scope.CHANGE, group=Group.DO,
        title="Undo", help="Takes your last change back, whatever it was about, also one of an earlier day.",
        commands=("undo",),
    ),
    Action(
        id="change.redo", keys="Z", scope=Scope.CHANGE, group=Group.DO,
        title="Redo", help="Makes the change again that was undone last.", commands=("redo",),
    ),
    Action(
        id="performance.right", keys="l,right", scope=Scope.PERFORMANCE, group=Group.MOVE, palette=False,
        title="To the right", help="To the figure or bar at the right.",
    ),
    Action(
        id="performance.left", keys="h,left", scope=Scope.PERFORMANCE, group=Group.MOVE, palette=False,
        title="To the left", help="To the figure or bar at the left.",
    ),
    Action(
        id="performance.next", keys="tab", scope=Scope.PERFORMANCE, group=Group.MOVE,
        title="Next chart", hint="chart", help="To the next chart of the section; after the last, to the figures.",
    ),
    Action(
        id="performance.previous", keys="shift+tab", scope=Scope.PERFORMANCE, group=Group.MOVE,
        title="Previous chart", help="To the previous chart of the section.",
    ),
    Action(
        id="performance.section_next", keys="]", scope=Scope.PERFORMANCE, group=Group.MOVE,
        title="Next section", hint="section", help="Overview, Resolutions, Deflections, Human handoffs.",
    ),
    Action(
        id="performance.section_previous", keys="[", scope=Scope.PERFORMANCE, group=Group.MOVE,
        title="Previous section", help="The section before.",
    ),
    Action(
        id="performance.overview", keys="", scope=Scope.PERFORMANCE, group=Group.MOVE,
        title="Overview", help="This week beside last week, and what was handled.", commands=("overview",),
    ),
    Action(
        id="performance.resolutions", keys="", scope=Scope.PERFORMANCE, group=Group.MOVE,
        title="Resolutions", help="How much the customer agent resolved, and how fast.", commands=("resolutions",),
    ),
    Action(
        id="performance.deflections", keys="", scope=Scope.PERFORMANCE, group=Group.MOVE,
        title="Deflections", help="What settled without a human, and the team beside it.", commands=("deflections",),
    ),
    Action(
        id="performance.handoffs", keys="", scope=Scope.PERFORMANCE, group=Group.MOVE,
        title="Human handoffs", help="How often a human had to take over, why, and how long it took.",
        commands=("handoffs",),
    ),
    Action(
        id="performance.open", keys="enter", scope=Scope.PERFORMANCE, group=Group.LOOK,
        title="Conversations", hint="list", help="Lists the conversations behind the figure or bar under the cursor.",
    ),
    Action(
        id="performance.explain", keys="space", scope=Scope.PERFORMANCE, group=Group.LOOK,
        title="Explain", help="The formula of the figure with its own numbers, and what was left out; esc closes it.",
        commands=("explain",),
    ),
    Action(
        id="performance.table", keys="t", scope=Scope.PERFORMANCE, group=Group.LOOK,
        title="Table or chart", help="Shows the numbers of the charts as tables, or draws them again.",
        commands=("table",),
    ),
    Action(
        id="performance.period", keys="p", scope=Scope.PERFORMANCE, group=Group.CHOOSE,
        title="Period", help="The next period, in whole weeks: 7, 30, 90, 365 days, all time; `:period 30d` names one.",
        commands=("period",), argument="7d, 30d, 90d, 365d or all",
    ),
    Action(
        id="performance.channel", keys="c", scope=Scope.PERFORMANCE, group=Group.CHOOSE,
        title="Channel", help="The next channel, after the last one all of them; `:channel chat` names one.",
        commands=("channel",), argument="channel or all",
    ),
    Action(
        id="behind.open", keys="enter", scope=Scope.BEHIND, group=Group.LOOK,
        title="Read", help="Opens the transcript of the conversation under the cursor.",
    ),
    Action(
        id="behind.next", keys="tab,l,right", scope=Scope.BEHIND, group=Group.CHOOSE,
        title="Next count", hint="next count", help="Numerator, denominator, left out: lists the next of them.",
    ),
    Action(
        id="behind.previous", keys="shift+tab,h,left", scope=Scope.BEHIND, group=Group.CHOOSE,
        title="Previous count", help="Lists the previous count of the figure's formula.",
    ),
    Action(
        id="gaps.open", keys="enter", scope=Scope.GAPS, group=Group.LOOK,
        title="Open", help="Goes to the questions of the topic; on a question, opens its transcript.",
    ),
    Action(
        id="gaps.right", keys="l,right", scope=Scope.GAPS, group=Group.MOVE, palette=False,
        title="Into the topic", help="From the list of topics to the questions of the one under the cursor.",
    ),
    Action(
        id="gaps.left", keys="h,left", scope=Scope.GAPS, group=Group.MOVE, palette=False,
        title="To the topics", help="From the questions of a topic back to the list.",
    ),
    Action(
        id="gaps.next", keys="tab", scope=Scope.GAPS, group=Group.MOVE, palette=False,
        title="Next part", help="Topics, questions, the Question field, the Answer field: to the next of them.",
    ),
    Action(
        id="gaps.previous", keys="shift+tab", scope=Scope.GAPS, group=Group.MOVE, palette=False,
        title="Previous part", help="To the part before.",
    ),
    Action(
        id="gaps.mark", keys="space", scope=Scope.GAPS, group=Group.CHOOSE,
        title="Mark", help="Marks the topic or question under the cursor and goes on to the next.",
    ),
    Action(
        id="gaps.mark_all", keys="a", scope=Scope.GAPS, group=Group.CHOOSE,
        title="Mark all", help="Marks every row of the list, or takes all marks away.",
    ),
    Action(
        id="gaps.search", keys="/", scope=Scope.GAPS, group=Group.CHOOSE,
        title="Search", help="Lists the topics with these words in their name or in a question; none lists all.",
        commands=("search",), argument="words",
    ),
    Action(
        id="gaps.state", keys="f", scope=Scope.GAPS, group=Group.CHOOSE,
        title="Which topics", hint="which",
        help="Waiting, open, came back, resolved, dismissed, all: lists the next; `:state resolved` names one.",
        commands=("state",), argument="waiting, open, back, resolved, dismissed or all",
    ),
    Action(
        id="gaps.sort", keys="s", scope=Scope.GAPS, group=Group.CHOOSE,
        title="Sort topics", hint="sort", help="Orders the topics by the next column; `:sort last` names one.",
        commands=("sort",), argument="column",
    ),
    Action(
        id="gaps.reverse", keys="S", scope=Scope.GAPS, group=Group.CHOOSE,
        title="Reverse topics", help="Turns the order of the topics around.", commands=("reverse",),
    ),
    Action(
        id="gaps.answer", keys="e", scope=Scope.GAPS, group=Group.DO,
        title="Write the answer", hint="answer", help="Goes to the Question and Answer fields of the topic.",
        commands=("answer",),
    ),
    Action(
        id="gaps.draft", keys="t,ctrl+t", scope=Scope.GAPS, group=Group.DO,
        title="Take the draft", hint="draft", help="Puts what a rep wrote into the Answer field, to be edited there.",
        commands=("draft",),
    ),
    Action(
        id="gaps.draft_next", keys="ctrl+n", scope=Scope.GAPS, group=Group.LOOK,
        title="Next draft", help="Shows what a rep answered in another conversation of the topic.",
    ),
    Action(
        id="gaps.resolve", keys="ctrl+r", scope=Scope.GAPS, group=Group.DO,
        title="Create and resolve", help="Keeps the answer, resolves the topic and goes on to the next open one.",
        commands=("resolve",),
    ),
    Action(
        id="gaps.dismiss", keys="d", scope=Scope.GAPS, group=Group.DO,
        title="Dismiss", help="Says that the marked topics or questions, or the one under the cursor, need no answer.",
        commands=("dismiss",),
    ),
    Action(
        id="gaps.restore", keys="u", scope=Scope.GAPS, group=Group.DO,
        title="Restore", help="Takes back that something was dismissed, or opens a resolved topic again.",
        commands=("restore",),
    ),
    Action(
        id="gaps.merge", keys="m", scope=Scope.GAPS, group=Group.DO,
        title="Merge", help="Puts the marked topics into the one under the cursor, which keeps its name.",
        commands=("merge",),
    ),
    Action(
        id="gaps.split", keys="x", scope=Scope.GAPS, group=Group.DO,
        title="Split off", help="Makes a topic of its own of the marked questions; without a name it gets one.",
        commands=("split",), argument="name",
    ),
    Action(
        id="gaps.move", keys="v", scope=Scope.GAPS, group=Group.DO,
        title="Move", help="Puts the marked questions, or the one under the cursor, into another topic.",
        commands=("move",), argument="topic",
    ),
    Action(
        id="gaps.rename", keys="R", scope=Scope.GAPS, group=Group.DO,
        title="Rename", help="Gives the topic another name, which no grouping changes.",
        commands=("rename",), argument="name",
    ),
    Action(
        id="gaps.suggest", keys="i", scope=Scope.GAPS, group=Group.LOOK,
        title="Suggestion", help="Shows the next merge or split that is suggested, surest first.",
        commands=("suggestion",),
    ),
    Action(
        id="gaps.accept", keys="A", scope=Scope.GAPS, group=Group.DO,
        title="Accept", help="Does what is suggested.", commands=("accept",),
    ),
    Action(
        id="gaps.refuse", keys="K", scope=Scope.GAPS, group=Group.DO,
        title="Refuse", help="Never suggests this again.", commands=("refuse",),
    ),
    Action(
        id="gaps.undo", keys="z", scope=Scope.GAPS, group=Group.DO,
        title="Undo", help="Takes your last change of topics back, also one of an earlier day.", commands=("undo",),
    ),
    Action(
        id="gaps.redo", keys="Z", scope=Scope.GAPS, group=Group.DO,
        title="Redo", help="Makes the change again that was undone last.", commands=("redo",),
    ),
    Action(
        id="calibration.right", keys="l,right", scope=Scope.CALIBRATION, group=Group.MOVE, palette=False,
        title="To the right", help="To the figure or cell at the right.",
    ),
    Action(
        id="calibration.left", keys="h,left", scope=Scope.CALIBRATION, group=Group.MOVE, palette=False,
        title="To the left", help="To the figure or cell at the left.",
    ),
    Action(
        id="calibration.next", keys="tab", scope=Scope.CALIBRATION, group=Group.MOVE,
        title="Next part", hint="part", help="Figures, matrix, worst disagreements: to the next of them.",
    ),
    Action(
        id="calibration.previous", keys="shift+tab", scope=Scope.CALIBRATION, group=Group.MOVE,
        title="Previous part", help="To the part before.",
    ),
    Action(
        id="calibration.open", keys="enter", scope=Scope.CALIBRATION, group=Group.LOOK,
        title="Tickets", hint="tickets",
        help="Lists the tickets behind the figure or cell under the cursor; on a disagreement, opens its transcript.",
    ),
    Action(
        id="calibration.explain", keys="space", scope=Scope.CALIBRATION, group=Group.LOOK,
        title="Explain", help="The formula of the figure with its own numbers, and what was left out; esc closes it.",
        commands=("explain",),
    ),
    Action(
        id="calibration.first", keys="f", scope=Scope.CALIBRATION, group=Group.CHOOSE,
        title="Another judge", hint="judge", help="Looks at the next judge or reviewer; `:judge llm` names one.",
        commands=("judge",), argument="judge or reviewer",
    ),
    Action(
        id="calibration.second", keys="o", scope=Scope.CALIBRATION, group=Group.CHOOSE,
        title="Compare with another", hint="against",
        help="Compares with the next judge or reviewer, or with people; `:against people` names one.",
        commands=("against",), argument="people, reviewer or judge",
    ),
    Action(
        id="calibration.blind", keys="b", scope=Scope.CALIBRATION, group=Group.CHOOSE,
        title="Blind reviews only", hint="blind",
        help="Counts only reviews given while the judge's scores were hidden, or all again.", commands=("blind",),
    ),
    Action(
        id="calibration.golden", keys="n", scope=Scope.CALIBRATION, group=Group.CHOOSE,
        title="Golden set only", help="Counts only pinned tickets, or all again.", commands=("golden",),
    ),
    Action(
        id="calibration.period", keys="p", scope=Scope.CALIBRATION, group=Group.CHOOSE,
        title="Period", help="The next period: 7, 30, 90, 365 days, all time; `:period 30d` names one.",
        commands=("period",), argument="7d, 30d, 90d, 365d or all",
    ),
    Action(
        id="calibration.adopt", keys="A", scope=Scope.CALIBRATION, group=Group.DO,
        title="Adopt this judge", help="Asks, then lets every view show this judge's verdicts; or the latest again.",
        commands=("adopt",),
    ),
    Action(
        id="pairs.open", keys="enter", scope=Scope.PAIRS, group=Group.LOOK,
        title="Read", help="Opens the transcript of the ticket under the cursor.",
    ),
    Action(
        id="go.reps", keys="1", scope=Scope.ANYWHERE, group=Group.GO,
        title="Reps", help="Teams and reps with their scores.", commands=("reps",), argument="filter",
    ),
    Action(
        id="go.tickets", keys="2", scope=Scope.ANYWHERE, group=Group.GO,
        title="Tickets", help="The tickets behind the scores.", commands=("tickets",), argument="filter",
    ),
    Action(
        id="go.performance", keys="3", scope=Scope.ANYWHERE, group=Group.GO,
        title="Performance", help="How the customer agent does.", commands=("performance",),
    ),
    Action(
        id="go.gaps", keys="4", scope=Scope.ANYWHERE, group=Group.GO,
        title="Gaps", help="What the customer agent could not answer.", commands=("gaps",),
    ),
    Action(
        id="go.calibration", keys="5", scope=Scope.ANYWHERE, group=Group.GO,
        title="Calibration", help="How far judges and people agree, and which judge is adopted.",
        commands=("calibration",), argument="judge",
    ),
    Action(
        id="go.queue", keys="Q", scope=Scope.ANYWHERE, group=Group.GO,
        title="Review queue", hint="queue",
        help="Tickets that are worth a person's look; `:queue 20 rep:Ana` says how many, and whose, `:queue blind` "
        "hides the judge's scores.",
        commands=("queue",), argument="blind, number and filter",
    ),
    Action(
        id="go.runs", keys="", scope=Scope.ANYWHERE, group=Group.GO,
        title="Scoring runs", help="What the latest runs did, and what all of them used and cost.", commands=("runs",),
    ),
    Action(
        id="go.ticket", keys="", scope=Scope.ANYWHERE, group=Group.GO,
        title="Ticket by name", help="Opens the ticket that is named: `:ticket T-1042`, or `source/id`.",
        commands=("ticket", "open", "show"), argument="ticket", palette=False,
    ),
    Action(
        id="go.back", keys="escape", scope=Scope.ANYWHERE, group=Group.GO,
        title="Back", help="Closes what is open, on lists stops a run or clears the filter, or goes back.",
        commands=("back",),
    ),
    Action(
        id="app.refresh", keys="r", scope=Scope.ANYWHERE, group=Group.APP,
        title="Refresh", help="Reads the workspace again.", commands=("refresh",),
    ),
    Action(
        id="app.command", keys=":", scope=Scope.ANYWHERE, group=Group.APP, palette=False,
        title="Command line", help="Takes a command by name, such as `:period 30d`; tab completes it.",
    ),
    Action(
        id="app.palette", keys="ctrl+p", scope=Scope.ANYWHERE, group=Group.APP, palette=False,
        title="Palette", help="Finds any action by a few letters.",
    ),
    Action(
        id="app.help", keys="?", scope=Scope.ANYWHERE, group=Group.APP,
        title="Help", help="What can be done here, searchable, and why something cannot.", commands=("help",),
        argument="words",
    ),
    Action(
        id="app.theme", keys="", scope=Scope.ANYWHERE, group=Group.APP,
        title="Next theme", help="Changes the colours: dark, light, ansi (the terminal's own) or contrast.",
        commands=("theme",), argument="dark, light, ansi or contrast",
    ),
    Action(
        id="app.copy_selection", keys="ctrl+c", scope=Scope.ANYWHERE, group=Group.APP, palette=False,
        title="Copy selection", help="Sends text selected with the mouse to the terminal's clipboard.",
    ),
    Action(
        id="app.quit", keys="q,ctrl+q", scope=Scope.ANYWHERE, group=Group.APP,
        title="Leave", help="Leaves qatui; everything is kept.", commands=("quit", "q"),
    ),
)  # fmt: skip
