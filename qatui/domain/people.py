"""Who may change what: roles of the operating system's accounts in one workspace."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class Role(StrEnum):
    """What a person is here; each may do what those before it may."""

    VIEWER = "viewer"
    REVIEWER = "reviewer"
    EDITOR = "editor"
    ADMIN = "admin"

    @property
    def rank(self) -> int:
        """0 for a viewer to 3 for an admin."""
        return list(Role).index(self)


class Right(StrEnum):
    """What a change needs; the value completes 'you may not …'."""

    REVIEW = "review scores"
    IMPORT = "bring conversations in, have them judged or adopt a judge"
    TRIAGE = "answer, dismiss or sort unanswered questions"
    PEOPLE = "change who may do what"

    @property
    def role(self) -> Role:
        """The least role that has this right."""
        return {Right.REVIEW: Role.REVIEWER, Right.PEOPLE: Role.ADMIN}.get(self, Role.EDITOR)

    @property
    def seated(self) -> bool:
        """Whether it also needs a seat, where seats are limited: everything but handing out roles and seats."""
        return self is not Right.PEOPLE


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the operating system: the real user id of this process, and its name."""

    uid: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """An account in this workspace.

    role: VIEWER for an account that nobody has added; seated: whether one of the limited seats is theirs.
    """

    uid: int
    name: str
    role: Role
    seated: bool = False
    added_at: datetime | None = None

    def may(self, right: Right, *, limited: bool) -> bool:
        """Whether this person has a right; limited: seats are handed out in this workspace."""
        return self.role.rank >= right.role.rank and (self.seated or not limited or not right.seated)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One change: when (UTC), by whom, what in one word and in a sentence, and the rows before and after.

    before, after: {table: {key: {column: value} or None where there is no such row}}; undid: the entry that this
    one took back or brought back.
    """

    id: int
    at: datetime
    uid: int
    who: str
    action: str
    words: str
    before: dict[str, Any]
    after: dict[str, Any]
    undid: int | None = None


def refusal(person: Person, right: Right, others: tuple[Person, ...], *, limited: bool) -> tuple[str, str]:
    """Why a person may not do something, and who could: message and hint. others: everybody who was added here."""
    able = [each for each in others if each.may(right, limited=limited) and each.uid != person.uid]
    names = ", ".join(f"{each.name} ({each.role})" for each in sorted(able, key=lambda each: each.name)[:5])
    could = f"{names} could." if names else "Nobody here could yet."
    if person.role.rank < right.role.rank:
        article = "an" if person.role is Role.ADMIN or person.role is Role.EDITOR else "a"
        message = f"{person.name} is {article} {person.role} here and may not {right.value}."
        mend = f"An admin can change it: `qatui people role {person.name} {right.role}`."
    else:
        message = f"{person.name} has no seat and may only read."
        mend = f"An admin can give one: `qatui people seat {person.name}`."
    return message, f"{could} {mend}"
