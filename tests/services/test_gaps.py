"""From unanswered questions to answers that stay answered: on a real file, with the vectors that users have."""

import asyncio
import random
from datetime import timedelta
from itertools import pairwise

import pytest

from qatui.domain.conversation import Message, Speaker
from qatui.domain.gap import Rule
from qatui.domain.gap_topic import WAITING, QuestionState, Suggestion, TopicFilter, TopicSort, TopicState
from qatui.domain.people import Account, Right, Role
from qatui.errors import ForbiddenError, NotFoundError, UsageError
from tests.services.gap_tickets import NEEDS, NOW, asked, desk_on, dump, needs

VERA = Account(501, "vera")
EMIL = Account(502, "emil")


@pytest.fixture
async def desk(path):
    """A workspace with three topics of six questions each, and a single question."""
    async with desk_on(path) as desk:
        await desk.add(*needs("locker", "invoice", "dimmer"), asked(99, "Do you hire gardeners?"))
        await desk.gaps.refresh()
        yield desk


async def ids(desk, topic):
    return [each.id for each in (await desk.gaps.topic(topic)).questions]


async def test_questions_with_the_same_need_become_a_topic_and_a_single_one_waits(desk):
    topics = await desk.topics()
    assert set(topics) == set(NEEDS)
    assert len({row.topic for row in topics.values()}) == 3
    for row in topics.values():
        assert (row.questions, row.conversations, row.state) == (6, 6, TopicState.OPEN)
        assert (row.first_at, row.last_at) == (NOW - timedelta(days=15), NOW - timedelta(days=10))
        assert row.name
        assert (sum(row.trend), len(row.trend)) == (6, 12)
    report = await desk.gaps.report()
    assert (report.open_topics, report.open_questions, report.not_grouped) == (3, 19, 1)
    [single] = (await desk.gaps.topic(WAITING)).questions
    assert (single.text, single.ticket, single.rule) == ("Do you hire gardeners?", "desk/T-99", Rule.UNANSWERED)
    assert "locker" in topics["locker"].name


async def test_new_questions_join_and_nothing_that_was_placed_moves(desk, path):
    before = {row[0]: row[9] for row in dump(path)["gap_questions"]}
    names = {row[0]: row[1] for row in dump(path)["gap_topics"]}
    for batch in range(4):
        await desk.add(*needs("locker", "invoice", start=200 + 20 * batch, each=4, days=2))
        done = await desk.gaps.refresh()
        assert done.questions == 8
    after = {row[0]: row[9] for row in dump(path)["gap_questions"]}
    assert {row_id: after[row_id] for row_id, topic in before.items() if topic} == {
        row_id: topic for row_id, topic in before.items() if topic
    }
    assert {row[0]: row[1] for row in dump(path)["gap_topics"]}.items() >= names.items()
    topics = await desk.topics()
    assert topics["locker"].questions > 6
    assert topics["dimmer"].questions == 6


async def test_vectors_are_made_once_for_a_text(desk, path):
    before = len(dump(path)["gap_vectors"])
    await desk.add(asked(300, NEEDS["locker"].format("today")))
    await desk.gaps.refresh()
    assert len(dump(path)["gap_vectors"]) == before == 19


async def test_resolving_creates_the_answer_and_takes_the_topic_off_the_list(desk):
    topic = (await desk.topics())["locker"].topic
    done = await desk.gaps.resolve(topic, " Parcel lockers? ", "Choose one at checkout.\n")
    assert done.topics == (topic,)
    view = await desk.gaps.topic(topic)
    [answer] = view.answers
    assert (answer.question, answer.answer, answer.author) == ("Parcel lockers?", "Choose one at checkout.", "olga")
    assert (answer.at, view.row.answered_at, view.row.state) == (NOW, NOW, TopicState.RESOLVED)
    assert {each.state for each in view.questions} == {QuestionState.ANSWERED}
    assert topic not in [row.topic for row in (await desk.gaps.report()).rows]
    assert [row.answer for row in await desk.gaps.answers()] == [answer]


async def test_a_resolved_topic_comes_back_with_questions_after_the_answer_alone(desk):
    topic = (await desk.topics())["locker"].topic
    await desk.gaps.resolve(topic, "Lockers?", "Yes.")
    await desk.add(*needs("locker", start=400, each=3, days=5))  # old conversations, imported late
    await desk.gaps.refresh()
    assert not (await desk.gaps.topic(topic)).row.recurring
    desk.now = NOW + timedelta(days=20)
    await desk.add(*needs("locker", start=410, each=2, days=-8))
    await desk.gaps.refresh()
    row = (await desk.gaps.topic(topic)).row
    assert (row.recurring, row.since_answer, row.state) == (True, 2, TopicState.RESOLVED)
    report = await desk.gaps.report()
    assert topic in [each.topic for each in report.rows]
    assert report.open_topics == 3
    effect = (await desk.gaps.topic(topic)).effect
    assert effect.before > effect.after > 0
    states = [each.state for each in (await desk.gaps.topic(topic)).questions]
    assert states.count(QuestionState.OPEN) == 2
    await desk.gaps.resolve(topic, "Lockers?", "Yes, also on Sundays.")
    assert not (await desk.gaps.topic(topic)).row.recurring


async def test_an_edited_answer_keeps_its_history_and_its_time(desk):
    topic = (await desk.topics())["locker"].topic
    await desk.gaps.resolve(topic, "Lockers?", "Yess.")
    desk.now = NOW + timedelta(days=1)
    await desk.gaps.edit_answer(topic, answer="Yes.")
    view = await desk.gaps.topic(topic)
    assert [(each.version, each.answer, each.question) for each in view.answers] == [
        (2, "Yes.", "Lockers?"),
        (1, "Yess.", "Lockers?"),
    ]
    assert view.row.answered_at == NOW
    [row] = await desk.gaps.answers("lockers yes.")
    assert row.answer.version == 2
    assert await desk.gaps.answers("unicorns") == []


async def test_drafts_are_what_reps_wrote_to_customers(desk):
    reply = "Hello!\nChoose a parcel locker at checkout under Other address."
    await desk.add(asked(500, NEEDS["locker"].format("now"), reply=reply))
    await desk.gaps.refresh()
    topic = (await desk.topics())["locker"].topic
    [draft] = await desk.gaps.drafts(topic)
    assert (draft.text, draft.ticket, draft.rep) == (reply.partition("\n")[2], "desk/T-500", "Ana Pires")
    assert (await desk.gaps.suggested_question(topic)).startswith(NEEDS["locker"][:10])


async def test_a_list_can_be_filtered_searched_and_ordered(desk):
    topics = await desk.topics()
    await desk.gaps.dismiss_topics([topics["dimmer"].topic])
    assert set(await desk.topics(attention=True)) == {"locker", "invoice"}
    assert set(await desk.topics(state=TopicState.DISMISSED)) == {"dimmer"}
    assert set(await desk.topics(text="COMPANY invoice")) == {"invoice"}
    assert set(await desk.topics(text="100%")) == set()
    assert set(await desk.topics(since=NOW - timedelta(days=9))) == set()
    assert set(await desk.topics(channel="email")) == set()
    rows = (await desk.gaps.report(TopicFilter(), TopicSort.NAME, descending=False)).rows
    assert [row.topic for row in rows][-1] == WAITING
    names = [row.name.casefold() for row in rows[:-1]]
    assert names == sorted(names)
    early = await desk.gaps.report(TopicFilter(), as_of=NOW - timedelta(days=13))
    assert {row.questions for row in early.rows} == {3}


async def test_a_changed_ticket_replaces_its_questions_and_keeps_what_was_decided(desk):
    topic = (await desk.topics())["locker"].topic
    view = await desk.gaps.topic(topic)
    [moved, dismissed] = view.questions[:2]
    target = (await desk.topics())["invoice"].topic
    await desk.gaps.move([moved.id], target)
    await desk.gaps.dismiss_questions([dismissed.id])
    number = int(moved.ticket.partition("T-")[2])
    other = int(dismissed.ticket.partition("T-")[2])
    gone = asked(number, moved.text, events=())
    await desk.add(gone, asked(other, dismissed.text, days=3))
    assert moved.id not in await ids(desk, target)
    assert await desk.people.why_not(Right.TRIAGE) is None
    await desk.add(asked(number, "Can the invoice go to a locker?", days=4))
    back = next(each for each in (await desk.gaps.topic(target)).questions if each.id == moved.id)
    assert (back.text, back.at) == ("Can the invoice go to a locker?", NOW - timedelta(days=4))
    again = next(each for each in (await desk.gaps.topic(topic)).questions if each.id == dismissed.id)
    assert (again.state, again.at) == (QuestionState.DISMISSED, NOW - timedelta(days=3))
    assert (await desk.gaps.topic(topic)).row.dismissed_questions == 1
    assert await desk.db.check() == []


async def test_a_topic_takes_over_from_those_merged_into_it(desk):
    topics = await desk.topics()
    into, other = topics["locker"].topic, topics["invoice"].topic
    await desk.gaps.resolve(other, "Address?", "Write to us.")
    await desk.gaps.merge(into, [other])
    view = await desk.gaps.topic(other)  # its number leads on
    assert (view.row.topic, view.row.questions, view.row.name) == (into, 12, topics["locker"].name)
    assert view.row.state is TopicState.RESOLVED
    assert view.answers[0].answer == "Write to us."
    assert await desk.gaps.find(str(other)) == into
    with pytest.raises(NotFoundError, match="merged into"):
        await desk.gaps.rename(other, "x")


async def test_a_split_founds_a_topic_also_out_of_what_waits(desk):
    topic = (await desk.topics())["locker"].topic
    part = (await ids(desk, topic))[:2]
    new = (await desk.gaps.split(topic, part)).topics[0]
    assert sorted(await ids(desk, new)) == sorted(part)
    assert (await desk.gaps.topic(new)).row.name
    [single] = await ids(desk, WAITING)
    hired = (await desk.gaps.split(WAITING, [single], "Jobs")).topics[0]
    assert (await desk.gaps.topic(hired)).row.name == "Jobs"
    assert await desk.gaps.find("jobs") == hired
    with pytest.raises(UsageError, match="all questions"):
        await desk.gaps.split(hired, [single])


async def test_suggestions_stay_refused_and_what_a_person_did_is_not_suggested_back(desk, path):
    topics = await desk.topics()
    first, second = sorted((topics["locker"].topic, topics["invoice"].topic))
    hint = Suggestion(first=first, second=second, names=("", ""), score=0.9)
    from qatui.store import gaps_grouping

    async def suggest():
        async with desk.db.write() as connection:
            await gaps_grouping.suggest(connection, [(first, second, 0.9)], [(first, await ids(desk, first), 0.4)])

    await suggest()
    assert [(each.first, each.second) for each in await desk.gaps.suggestions()] == [(first, second), (first, None)]
    await desk.gaps.refuse(hint)
    await suggest()
    assert [(each.first, each.second) for each in await desk.gaps.suggestions()] == [(first, None)]
    await desk.gaps.undo()
    assert (first, second) in [(each.first, each.second) for each in await desk.gaps.suggestions()]
    await desk.gaps.accept(hint)
    await suggest()
    assert await desk.gaps.suggestions() == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda gaps, topic: gaps.resolve(topic, "Q", "  "), "answer is empty"),
        (lambda gaps, topic: gaps.resolve(WAITING, "Q", "A"), "no topic yet"),
        (lambda gaps, topic: gaps.rename(topic, "\n"), "name is empty"),
        (lambda gaps, topic: gaps.merge(topic, [topic]), "itself"),
        (lambda gaps, topic: gaps.dismiss_topics([4040]), "no topic 4040"),
        (lambda gaps, topic: gaps.dismiss_questions([4040]), "no question 4040"),
        (lambda gaps, topic: gaps.dismiss_questions([]), "No question"),
        (lambda gaps, topic: gaps.restore_topic(topic), "open already"),
        (lambda gaps, topic: gaps.edit_answer(topic, answer="x"), "no answer yet"),
        (lambda gaps, topic: gaps.undo(), "nothing to undo"),
        (lambda gaps, topic: gaps.redo(), "nothing to redo"),
    ],
)
async def test_what_cannot_be_done_is_said_and_changes_nothing(desk, path, change, words):
    topic = (await desk.topics())["locker"].topic
    before = dump(path)
    with pytest.raises((UsageError, NotFoundError), match=words):
        await change(desk.gaps, topic)
    assert dump(path) == before
    assert await desk.people.audit() == []


def every_change(topics, questions):
    """One of each change, in an order in which all are possible."""
    locker, invoice, dimmer = topics["locker"].topic, topics["invoice"].topic, topics["dimmer"].topic
    return [
        lambda gaps: gaps.resolve(locker, "Lockers?", "Yes."),
        lambda gaps: gaps.edit_answer(locker, answer="Yes, everywhere."),
        lambda gaps: gaps.dismiss_topics([invoice, dimmer]),
        lambda gaps: gaps.restore_topic(dimmer),
        lambda gaps: gaps.dismiss_questions(questions[:2]),
        lambda gaps: gaps.restore_questions(questions[:1]),
        lambda gaps: gaps.split(dimmer, questions[:3], "Part"),
        lambda gaps: gaps.move(questions[3:4], locker),
        lambda gaps: gaps.rename(dimmer, "Dimmers"),
        lambda gaps: gaps.refuse(Suggestion(first=locker, second=dimmer, names=(), score=1)),
        lambda gaps: gaps.merge(dimmer, [locker]),
    ]


async def test_undo_and_redo_bring_every_byte_back_also_after_a_restart(desk, path):
    topics = await desk.topics()
    changes = every_change(topics, await ids(desk, topics["dimmer"].topic))
    states = [dump(path)]
    for minute, change in enumerate(changes):
        desk.now = NOW + timedelta(minutes=minute)
        await change(desk.gaps)
        states.append(dump(path))
    assert all(one != other for one, other in pairwise(states))
    async with desk_on(path) as later:
        later.now = NOW + timedelta(days=1)
        for state in reversed(states[:-1]):
            await later.gaps.undo()
            assert dump(path) == state
    async with desk_on(path) as latest:
        latest.now = NOW + timedelta(days=2)
        for state in states[1:]:
            await latest.gaps.redo()
            assert dump(path) == state
        log = await latest.people.audit()
        assert len(log) == 3 * len(changes)
        assert await latest.db.check() == []


async def test_a_new_change_ends_what_could_be_done_again(desk):
    topic = (await desk.topics())["locker"].topic
    await desk.gaps.rename(topic, "Lockers")
    await desk.gaps.undo()
    await desk.gaps.redo()
    assert (await desk.topics())["locker"].name == "Lockers"
    await desk.gaps.undo()
    await desk.gaps.dismiss_topics([topic])
    with pytest.raises(UsageError, match="nothing to redo"):
        await desk.gaps.redo()


async def test_what_somebody_else_changed_since_is_not_undone(desk):
    topic = (await desk.topics())["locker"].topic
    await desk.people.set_role("emil", Role.EDITOR)
    await desk.gaps.rename(topic, "Lockers")
    owner, desk.who = desk.who, EMIL
    await desk.gaps.rename(topic, "Parcel lockers")
    desk.who = owner
    with pytest.raises(UsageError, match="emil has changed the same since"):
        await desk.gaps.undo()
    desk.who = EMIL
    assert (await desk.gaps.undo()).words == "undo: renamed “Lockers” to “Parcel lockers”"
    desk.who = owner
    await desk.gaps.undo()


async def test_a_topic_that_others_put_something_into_is_not_undone_under_their_hands(desk):
    topics = await desk.topics()
    await desk.people.set_role("emil", Role.EDITOR)
    new = (await desk.gaps.split(topics["locker"].topic, (await ids(desk, topics["locker"].topic))[:2])).topics[0]
    owner, desk.who = desk.who, EMIL
    await desk.gaps.merge(new, [topics["invoice"].topic])
    desk.who = owner
    with pytest.raises(UsageError, match="emil has changed the same since"):
        await desk.gaps.undo()
    assert await desk.db.check() == []
    desk.who = EMIL
    await desk.gaps.undo()
    desk.who = owner
    await desk.gaps.undo()
    assert set(await desk.topics()) == set(NEEDS)


async def test_a_number_is_never_given_to_two_topics(desk):
    topic = (await desk.topics())["locker"].topic
    part = (await ids(desk, topic))[:2]
    undone = (await desk.gaps.split(topic, part, "Undone")).topics[0]
    await desk.gaps.undo()
    await desk.add(*[asked(100 + n, f"Do you print photos on canvas for the wall, size {n}?") for n in range(6)])
    await desk.gaps.refresh()
    assert undone not in [row.topic for row in (await desk.gaps.report()).rows]
    await desk.gaps.redo()
    assert (await desk.gaps.topic(undone)).row.name == "Undone"


@pytest.mark.parametrize("seed", range(6))
async def test_any_sequence_of_changes_can_be_undone_and_redone_to_the_byte(desk, path, seed):
    dice = random.Random(seed)
    states = [dump(path)]
    while len(states) < 15:
        rows = [row.topic for row in (await desk.gaps.report(TopicFilter())).rows if row.topic != WAITING]
        one, other = dice.choice(rows), dice.choice(rows)
        some = dice.sample(await ids(desk, one), 2) if len(await ids(desk, one)) > 2 else []
        desk.now += timedelta(minutes=1)
        try:
            await dice.choice(every_change_of(one, other, some))(desk.gaps)
        except (UsageError, NotFoundError):
            assert dump(path) == states[-1]  # refused and nothing done
        else:
            states.append(dump(path))
            assert await desk.db.check() == []
    for state in reversed(states[:-1]):
        await desk.gaps.undo()
        assert dump(path) == state
    for state in states[1:]:
        await desk.gaps.redo()
        assert dump(path) == state


def every_change_of(one, other, some):
    """What can be tried with two topics, which may be the same, and questions of the first."""
    return [
        lambda gaps: gaps.resolve(one, "Q", f"answer to {one}"),
        lambda gaps: gaps.edit_answer(one, answer=f"better answer to {one} than to {other}"),
        lambda gaps: gaps.dismiss_topics([one]),
        lambda gaps: gaps.restore_topic(one),
        lambda gaps: gaps.dismiss_questions(some),
        lambda gaps: gaps.restore_questions(some),
        lambda gaps: gaps.merge(one, [other]),
        lambda gaps: gaps.split(one, some),
        lambda gaps: gaps.split(one, some),
        lambda gaps: gaps.move(some, other),
        lambda gaps: gaps.rename(one, f"renamed after {other}"),
        lambda gaps: gaps.refuse(Suggestion(first=one, second=other, names=(), score=1)),
    ]


async def test_two_refreshes_at_once_sort_every_question_once(desk, path):
    await desk.add(*needs("locker", "dimmer", start=300, each=8, days=1))
    done = await asyncio.gather(desk.gaps.refresh(), desk.gaps.refresh())
    report = await desk.gaps.report()
    assert sum(row.questions for row in report.rows) == 19 + 16
    assert len({row.name for row in report.rows}) == len(report.rows)
    assert sum(each.founded for each in done) <= 2
    assert await desk.db.check() == []


async def test_questions_that_joined_a_topic_since_outlive_its_undoing(desk):
    topic = (await desk.topics())["locker"].topic
    new = (await desk.gaps.split(topic, (await ids(desk, topic))[:5])).topics[0]
    await desk.add(*needs("locker", start=600, each=4, days=1))
    await desk.gaps.refresh()
    await desk.gaps.undo()
    with pytest.raises(NotFoundError):
        await desk.gaps.topic(new)
    await desk.gaps.refresh()
    report = await desk.gaps.report()
    assert sum(row.questions for row in report.rows) == 19 + 4
    assert await desk.db.check() == []


async def test_a_viewer_changes_nothing(desk, path):
    topics = await desk.topics()
    questions = await ids(desk, topics["dimmer"].topic)
    topic = topics["locker"].topic
    await desk.gaps.rename(topic, "Lockers")
    await desk.gaps.rename(topic, "Parcel lockers")
    await desk.gaps.undo()
    await desk.add(asked(700, "Do you sell lamps for caves?"))
    before, log = dump(path), len(await desk.people.audit())
    doors = [
        *every_change(topics, questions),
        lambda gaps: gaps.accept(Suggestion(first=topic, second=topics["invoice"].topic, names=(), score=1)),
        lambda gaps: gaps.undo(),
        lambda gaps: gaps.redo(),
        lambda gaps: gaps.refresh(),
        lambda gaps: desk.people.set_role("vera", Role.ADMIN),
        lambda gaps: desk.people.seat("vera"),
        lambda gaps: desk.people.unseat("vera"),
    ]
    desk.who = VERA
    for door in doors:
        with pytest.raises(ForbiddenError, match="vera is a viewer") as refused:
            await door(desk.gaps)
        assert "olga (admin) could" in refused.value.hint
    assert (await desk.gaps.catch_up()).questions == 0
    assert dump(path) == before
    assert len(await desk.people.audit()) == log
    assert "viewer" in await desk.gaps.why_not()


async def test_check_tells_questions_that_the_facts_do_not(desk):
    from qatui.store.sql import tell

    async with desk.db.write() as connection:
        await tell(connection, "UPDATE gap_questions SET rule = 2 WHERE id = 1")
        await tell(connection, "UPDATE gap_questions SET topic_id = 77 WHERE id = 2")
        await tell(connection, "UPDATE gap_topics SET state = 'resolved' WHERE id = 1")
    found = "\n".join(await desk.db.check())
    assert "not those that its facts tell" in found
    assert "Question 2 belongs to a topic that is not there" in found
    assert "Topic 1 is resolved without an answer" in found


async def test_an_upgraded_database_finds_its_questions(desk):
    from qatui.store import gaps_rows
    from qatui.store.sql import ask, tell

    async with desk.db.write() as connection:
        await tell(connection, "DELETE FROM gap_questions")
        await tell(connection, "INSERT INTO gap_due SELECT id FROM tickets")
    await gaps_rows.complete(desk.db)
    async with desk.db.read() as connection:
        assert (await ask(connection, "SELECT count(*) FROM gap_questions"))[0][0] == 19
        assert await ask(connection, "SELECT * FROM gap_due") == []


async def test_hostile_words_are_kept_and_searched_as_they_are(desk):
    text = "Does %_'\";-- \x1b[31m\u202e [/x] the lamp survive?"
    await desk.add(asked(800, text, message="m'1"))
    await desk.gaps.refresh()
    [row] = (await desk.gaps.report(TopicFilter(text="%_'\";--"))).rows
    number = next(each.id for each in (await desk.gaps.topic(row.topic)).questions if each.text == text)
    new = (await desk.gaps.split(row.topic, [number], "a\nb\x1b")).topics[0]
    assert (await desk.gaps.topic(new)).row.name == "a b␛"


async def test_a_message_that_a_rep_wrote_before_the_question_is_no_draft(desk):
    ticket = asked(900, "Do you lend lamps to photographers?")
    early = Message("m0", Speaker.REP, "We sell lamps, cables and bulbs since years.", ticket.messages[0].at)
    await desk.add(asked(900, "Do you lend lamps to photographers?", messages=(early, *ticket.messages)))
    assert await desk.gaps.drafts(WAITING) == ()
