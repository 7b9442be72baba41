"""Every error a user can meet: what happened, where, and how to mend it."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes of every command."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    PARTIAL = 3  # done, but some rows were rejected or some tickets failed to score


class QatuiError(Exception):
    """Base of all errors shown to a user.

    title: a few words, the heading of the dialog; message: what and where; hint: how to mend it.
    """

    title = "Something went wrong"
    exit_code = Exit.FAILED

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class UsageError(QatuiError):
    """A command was called with values it cannot take."""

    title = "Cannot do that"
    exit_code = Exit.USAGE


class ConfigError(QatuiError):
    """A setting from a flag, the environment or the configuration file is unusable."""

    title = "Configuration"
    exit_code = Exit.USAGE


class StoreError(QatuiError):
    """The database cannot be opened, read or written."""

    title = "Database"


class NewerDatabaseError(StoreError):
    """The database was written by a newer qatui."""

    title = "Newer database"


class IntakeError(QatuiError):
    """A file cannot be read at all (a bad line is a rejected row, not an error)."""

    title = "Import"


class NotFoundError(QatuiError):
    """A ticket, rep or topic that was named does not exist, or the name fits several."""

    title = "Not found"


class JudgeError(QatuiError):
    """A judge cannot work at all: weights missing or damaged, endpoint unknown."""

    title = "Judge"


class ForbiddenError(QatuiError):
    """The person at the keyboard may not make this change."""

    title = "Not allowed"
