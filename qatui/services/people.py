"""Who may change this workspace: asked by every change, answered from the operating system's account."""

from __future__ import annotations

import os
import pwd
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from qatui.domain.people import Account, AuditEntry, Person, Right, Role, refusal
from qatui.errors import ForbiddenError, NotFoundError, UsageError
from qatui.store import people
from qatui.store.engine import Database
from qatui.store.sql import Connection


def this_account() -> Account:
    """The account that runs this process, by its real user id; no environment variable has a say."""
    uid = os.getuid()
    try:
        return Account(uid, pwd.getpwuid(uid).pw_name)
    except KeyError:  # a container may run as a number that has no name
        return Account(uid, str(uid))


def account_named(name: str) -> Account | None:
    """The account of this machine with a name, or with a number; None where there is none."""
    try:
        return Account(pwd.getpwnam(name).pw_uid, name)
    except KeyError:
        pass
    if not name.isdecimal():
        return None
    try:
        return Account(int(name), pwd.getpwuid(int(name)).pw_name)
    except (KeyError, OverflowError):
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleReport:
    """Everybody who was added, by name; limited: seats are handed out, and who has none only reads."""

    people: tuple[Person, ...]
    limited: bool
    me: Person


class People:
    """Roles, seats and the log of changes of one workspace.

    Who was never added is a viewer. While nobody is an admin, the owner of the workspace's file is: in a private
    database that is the first to use it. Rules for people of good will: who may write the file can go around them.
    """

    def __init__(
        self,
        db: Database,
        clock: Callable[[], datetime],
        account: Callable[[], Account] = this_account,
        named: Callable[[str], Account | None] = account_named,
    ) -> None:
        self._db = db
        self._clock = clock
        self._account = account
        self._named = named

    async def report(self) -> PeopleReport:
        """Everybody here, and who is asking."""
        async with self._db.read() as connection:
            known = await self._everyone(connection)
            return PeopleReport(people=tuple(known), limited=_limited(known), me=self._me(known))

    async def me(self) -> Person:
        """Who is asking, with their role."""
        return (await self.report()).me

    async def why_not(self, right: Right) -> str | None:
        """Why the one asking may not do something, and who could; None if they may."""
        async with self._db.read() as connection:
            try:
                await self.require(connection, right)
            except ForbiddenError as error:
                return str(error)
        return None

    async def demand(self, right: Right) -> None:
        """ForbiddenError, saying who could, if the one asking has not this right."""
        async with self._db.read() as connection:
            await self.require(connection, right)

    async def require(self, connection: Connection, right: Right) -> Account:
        """The one asking, if they have a right; ForbiddenError saying who could.

        Belongs into the transaction of the change, so that a right taken away a moment ago is gone.
        """
        known = await self._everyone(connection)
        me = self._me(known)
        limited = _limited(known)
        if not me.may(right, limited=limited):
            message, hint = refusal(me, right, tuple(known), limited=limited)
            raise ForbiddenError(message, hint=hint)
        return Account(me.uid, me.name)

    async def set_role(self, name: str, role: Role) -> Person:
        """Give somebody a role, adding them where needed; needs an admin, of whom one always remains."""
        return await self._change(name, "role", f"made {name} {role.value}", lambda person: replace(person, role=role))

    async def seat(self, name: str) -> Person:
        """Give somebody a seat. From the first seat on, who has none only reads."""
        return await self._change(name, "seat", f"gave {name} a seat", lambda person: replace(person, seated=True))

    async def unseat(self, name: str) -> Person:
        """Take somebody's seat. When the last is taken, there is no limit any more."""
        return await self._change(
            name, "unseat", f"took the seat of {name}", lambda person: replace(person, seated=False)
        )

    async def audit(self, *, limit: int = -1, who: str | None = None) -> list[AuditEntry]:
        """The changes that people made, newest first; limit: negative for all."""
        async with self._db.read() as connection:
            return await people.entries(connection, limit=limit, who=who)

    async def _change(self, name: str, action: str, words: str, change: Callable[[Person], Person]) -> Person:
        now = self._clock()
        async with self._db.write() as connection:
            by = await self.require(connection, Right.PEOPLE)
            known = {person.uid: person for person in await self._everyone(connection)}
            before = self._person(name, known.values())
            after = change(replace(before, added_at=before.added_at or now))
            if before.role is Role.ADMIN and after.role is not Role.ADMIN:
                others = [each for each in known.values() if each.role is Role.ADMIN and each.uid != after.uid]
                if not others:
                    raise UsageError(
                        f"{before.name} is the only admin.", hint="Make somebody else admin first: `qatui people role`."
                    )
            for person in {**known, after.uid: after}.values():  # the owner's own role, implied so far, is written too
                await people.put(connection, person, now)
            await people.log(
                connection,
                by,
                now,
                action=action,
                words=words,
                before={"people": {str(after.uid): _plain(before) if before.uid in known else None}},
                after={"people": {str(after.uid): _plain(after)}},
            )
        return after

    async def _everyone(self, connection: Connection) -> list[Person]:
        """Everybody who was added, and the owner of the file as admin while there is none."""
        known = await people.everyone(connection)
        if any(person.role is Role.ADMIN for person in known):
            return known
        uid = self._db.path.stat().st_uid
        me = self._account()
        owner = me if me.uid == uid else self._named(str(uid)) or Account(uid, str(uid))
        rest = [person for person in known if person.uid != uid]
        return sorted([*rest, Person(uid=uid, name=owner.name, role=Role.ADMIN)], key=lambda person: person.name)

    def _me(self, known: list[Person]) -> Person:
        me = self._account()
        found = next((person for person in known if person.uid == me.uid), None)
        return found or Person(uid=me.uid, name=me.name, role=Role.VIEWER)

    def _person(self, name: str, known: Collection[Person]) -> Person:
        for person in known:
            if person.name == name:
                return person
        account = self._named(name)
        if account is None:
            raise NotFoundError(
                f"This machine has no account {name!r}.", hint="People are its accounts: give a login name or a number."
            )
        for person in known:
            if person.uid == account.uid:
                return person
        return Person(uid=account.uid, name=account.name, role=Role.VIEWER)


def _limited(known: list[Person]) -> bool:
    return any(person.seated for person in known)


def _plain(person: Person) -> dict[str, Any]:
    return {"name": person.name, "role": person.role.value, "seated": person.seated}
