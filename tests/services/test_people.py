"""Who may change a workspace: roles from the operating system's accounts, seats, and the log."""

import os

import pytest

from qatui.domain.people import Account, Right, Role
from qatui.errors import ForbiddenError, NotFoundError, UsageError
from qatui.services.people import account_named, this_account
from tests.services.gap_tickets import NOW, desk_on

VERA, EMIL = Account(501, "vera"), Account(502, "emil")


@pytest.fixture
async def desk(path):
    async with desk_on(path) as desk:
        yield desk


async def test_the_owner_of_a_new_workspace_is_its_admin_and_others_are_viewers(desk):
    assert (await desk.people.me()).role is Role.ADMIN
    desk.who = VERA
    assert (await desk.people.me()).role is Role.VIEWER
    assert [(person.name, person.role) for person in (await desk.people.report()).people] == [("olga", Role.ADMIN)]


async def test_an_admin_gives_roles_and_takes_them(desk):
    await desk.people.set_role("emil", Role.EDITOR)
    report = await desk.people.report()
    assert [(person.name, person.role, person.uid) for person in report.people] == [
        ("emil", Role.EDITOR, 502),
        ("olga", Role.ADMIN, os.getuid()),
    ]
    owner, desk.who = desk.who, EMIL
    assert await desk.people.why_not(Right.TRIAGE) is None
    with pytest.raises(ForbiddenError, match="editor here") as refused:
        await desk.people.set_role("emil", Role.ADMIN)
    assert "olga (admin) could" in refused.value.hint
    desk.who = owner
    await desk.people.set_role("emil", Role.VIEWER)
    desk.who = EMIL
    assert "viewer" in await desk.people.why_not(Right.TRIAGE)


async def test_one_admin_always_remains(desk):
    with pytest.raises(UsageError, match="only admin"):
        await desk.people.set_role("olga", Role.EDITOR)
    await desk.people.set_role("emil", Role.ADMIN)
    await desk.people.set_role("olga", Role.VIEWER)
    assert (await desk.people.me()).role is Role.VIEWER  # owning the file does not bring a role back
    with pytest.raises(ForbiddenError):
        await desk.people.set_role("olga", Role.ADMIN)


async def test_with_seats_an_editor_without_one_only_reads(desk):
    await desk.people.set_role("emil", Role.EDITOR)
    await desk.people.set_role("edda", Role.EDITOR)
    assert not (await desk.people.report()).limited
    await desk.people.seat("edda")
    assert (await desk.people.report()).limited
    owner, desk.who = desk.who, EMIL
    refused = await desk.people.why_not(Right.TRIAGE)
    assert "no seat" in refused
    assert "edda (editor) could" in refused
    desk.who = owner
    await desk.people.seat("emil")
    desk.who = EMIL
    assert await desk.people.why_not(Right.TRIAGE) is None
    desk.who = owner
    await desk.people.unseat("emil")
    await desk.people.unseat("edda")
    desk.who = EMIL
    assert await desk.people.why_not(Right.TRIAGE) is None


async def test_every_change_of_people_is_in_the_log(desk):
    await desk.people.set_role("emil", Role.EDITOR)
    await desk.people.seat("emil")
    await desk.people.seat("olga")
    _, latest, first = await desk.people.audit()
    assert (first.who, first.at, first.action) == ("olga", NOW, "role")
    assert (first.before, first.after["people"]["502"]["role"]) == ({"people": {"502": None}}, "editor")
    assert (latest.before["people"]["502"]["seated"], latest.after["people"]["502"]["seated"]) == (False, True)
    assert (await desk.people.audit(limit=2))[1] == latest
    assert await desk.people.audit(who="vera") == []
    with pytest.raises(UsageError, match="nothing to undo"):
        await desk.gaps.undo()


async def test_only_accounts_of_the_machine_are_people(desk):
    with pytest.raises(NotFoundError, match="nobody-of-that-name"):
        await desk.people.set_role("nobody-of-that-name", Role.EDITOR)


def test_the_account_is_that_of_the_process_whatever_the_environment_says(monkeypatch):
    before = this_account()
    for name in ("USER", "LOGNAME", "USERNAME", "LNAME", "SUDO_USER", "QATUI_USER"):
        monkeypatch.setenv(name, "somebody-else")
    assert this_account() == before
    assert before.uid == os.getuid()
    assert account_named(before.name) in (before, None)
    assert account_named("no such account") is None
    assert account_named("99999999999999999999999") is None
