"""Hostile logs on their way through the real import, and workspaces to import them into."""

import json
from contextlib import asynccontextmanager

from qatui.services.intake import import_paths
from qatui.store.engine import Database
from tests.unit.outcome.logs import hostile_log


def mended(log):
    """The log as an import takes it: no two messages of one id in a conversation, no feedback of unknown value."""
    for conversation in log:
        for place, message in enumerate(conversation["messages"]):
            message["id"] = f"m{place}"
        conversation["events"] = [event for event in conversation["events"] if event.get("value") != "five stars"]
    return log


def large_log(seed, parts=6):
    """(zone, log, moments): a few hostile logs as one, the zone being that of the last."""
    zone, log, moments = "UTC", [], []
    for number in range(seed * parts, seed * parts + parts):
        zone, part, of_part = hostile_log(number)
        moments += of_part
        for conversation in mended(part):
            conversation["id"] = f"{number}-{conversation['id']}"
            log.append(conversation)
    return zone, log, sorted(moments)


def wire(conversation):
    """A conversation of the logs as a line of the import format."""

    def plain(value):
        return value.isoformat() if hasattr(value, "isoformat") else value

    row = {key: plain(value) for key, value in conversation.items()}
    row["messages"] = [
        {key: plain(value) for key, value in message.items()} | {"text": "…"} for message in conversation["messages"]
    ]
    row["events"] = [{key: plain(value) for key, value in event.items()} for event in conversation["events"]]
    return json.dumps(row) + "\n"


async def imported(database, log, path):
    """Import a log through a file at `path`."""
    path.write_text("".join(map(wire, log)), "utf-8")
    result = await import_paths(database, [str(path)])
    assert result.rejected == 0, result.problems
    return result


class Workspaces:
    """Empty workspaces, each a copy of one that was made the usual way."""

    def __init__(self, directory):
        self._directory = directory
        self._template = None
        self._made = 0

    @asynccontextmanager
    async def open(self):
        if self._template is None:
            path = self._directory / "template.db"
            await (await Database.open(path)).close()
            self._template = path.read_bytes()
        self._made += 1
        path = self._directory / f"{self._made}.db"
        path.write_bytes(self._template)
        database = await Database.open(path)
        try:
            yield database
        finally:
            await database.close()
            path.unlink()
