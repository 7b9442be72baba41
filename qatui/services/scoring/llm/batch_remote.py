"""A Batch endpoint as OpenAI and its likes offer it: files up and down, batches made, found, looked at, cancelled."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar
from urllib.parse import quote

import msgspec

from qatui.errors import JudgeError
from qatui.services.scoring.llm.batch_lines import CHAT
from qatui.services.scoring.llm.caller import FIRST_WAIT, LONGEST_WAIT, MOST_PATIENCE, Outside
from qatui.services.scoring.llm.endpoint import CallError, Endpoint

OURS = "qatui"
"""The key of a batch's metadata under which our own name of it stands."""

WINDOW = "24h"
TRANSFER = 900.0  # seconds that a file may take to go up or down
_ABSENT = (404, 405, 501)
_PAGE = 100
_PAGES = 50  # of batches looked through for ours, newest first
_OVER = frozenset({"completed", "expired", "cancelled", "failed"})

Given = TypeVar("Given")


class _Counts(msgspec.Struct):
    total: int = 0
    completed: int = 0
    failed: int = 0


class _Problem(msgspec.Struct):
    message: str | None = None


class _Problems(msgspec.Struct):
    data: list[_Problem] | None = None


class Remote(msgspec.Struct):
    """How a batch stands at the endpoint."""

    id: str
    status: str = ""
    input_file_id: str | None = None
    output_file_id: str | None = None
    error_file_id: str | None = None
    metadata: dict[str, str | None] | None = None
    request_counts: _Counts | None = None
    errors: _Problems | None = None

    @property
    def over(self) -> bool:
        """Whether nothing more will come of it."""
        return self.status in _OVER

    @property
    def done(self) -> int:
        """Requests that the endpoint is done with."""
        return self.request_counts.completed + self.request_counts.failed if self.request_counts else 0

    @property
    def complaint(self) -> str:
        """Why the endpoint refused the whole of it, or ""."""
        found = [each.message for each in (self.errors and self.errors.data) or [] if each.message]
        return found[0] if found else ""


class _Page(msgspec.Struct):
    data: list[Remote]
    has_more: bool = False


class _File(msgspec.Struct):
    id: str
    filename: str = ""


class _Files(msgspec.Struct):
    data: list[_File]


_remote = msgspec.json.Decoder(Remote).decode
_page = msgspec.json.Decoder(_Page).decode
_file = msgspec.json.Decoder(_File).decode
_files = msgspec.json.Decoder(_Files).decode


class BatchRemote:
    """The batches of one endpoint. Every method raises JudgeError in plain words where the endpoint does not do it."""

    def __init__(self, endpoint: Endpoint, host: str, tries: int, outside: Outside) -> None:
        """tries: how often what may be repeated without harm is sent while the endpoint is busy or silent."""
        self.endpoint = endpoint
        self._host = host
        self._tries = tries
        self._outside = outside

    async def find(self, key: str) -> Remote | None:
        """The batch with our name in its metadata; None where there is none. Also tells whether batches are known."""
        after = ""
        for _ in range(_PAGES):
            tail = f"&after={quote(after, safe='')}" if after else ""
            page = await self._patiently(self._get, f"/batches?limit={_PAGE}{tail}", _page)
            for batch in page.data:
                if (batch.metadata or {}).get(OURS) == key:
                    return batch
            if not page.has_more or not page.data:
                return None
            after = page.data[-1].id
        return None

    async def offered(self) -> None:
        """JudgeError where this endpoint has no batches."""
        await self._patiently(self._get, "/batches?limit=1", _page)

    async def uploaded(self, name: str) -> str | None:
        """The id of a file that went up under this name before, if the endpoint lists it."""
        try:
            found = await self._patiently(self._get, "/files?purpose=batch", _files)
        except JudgeError:  # not every endpoint lists files; to send it again costs nothing
            return None
        return next((each.id for each in found.data if each.filename == name), None)

    async def upload(self, name: str, content: bytes) -> str:
        """Send the requests as a file, and give its id."""

        async def send(path: str) -> bytes:
            return await self.endpoint.call("POST", path, upload=(name, content), seconds=TRANSFER)

        return (await self._patiently(send, "/files", _file)).id

    async def create(self, file_id: str, key: str) -> Remote:
        """Make a batch of a file under our name. It is sent once: after UnsureError `find` tells what became of it."""
        body = {"input_file_id": file_id, "endpoint": CHAT, "completion_window": WINDOW, "metadata": {OURS: key}}
        try:
            return self._read(await self.endpoint.call("POST", "/batches", json=body, key=key), _remote)
        except CallError as error:
            if error.billed or error.status is None or (error.status >= 500 and error.status not in _ABSENT):
                raise UnsureError(
                    f"Whether {self._host} has taken the batch is not known: {error.words}.",
                    hint="The same command finds out, and hands nothing in twice.",
                ) from None
            raise self._told(error) from None

    async def retrieve(self, remote_id: str) -> Remote | None:
        """How a batch stands; None where the endpoint does not know it any more."""
        try:
            return await self._patiently(self._get, f"/batches/{quote(remote_id, safe='')}", _remote)
        except GoneError:
            return None

    async def cancel(self, remote_id: str) -> None:
        """Ask for a batch to be cancelled; one that is over, or gone, already is."""

        async def send(path: str) -> bytes:
            return await self.endpoint.call("POST", path)

        with suppress(GoneError, OverError):
            await self._patiently(send, f"/batches/{quote(remote_id, safe='')}/cancel", _remote)

    async def content(self, file_id: str) -> bytes:
        """A file of answers."""

        async def fetch(path: str) -> bytes:
            return await self.endpoint.call("GET", path, seconds=TRANSFER)

        return await self._patiently(fetch, f"/files/{quote(file_id, safe='')}/content", bytes)

    async def delete(self, file_id: str | None) -> None:
        """Have a file forgotten that nobody needs any more; where that fails the endpoint's own rules apply."""
        if file_id:
            with suppress(CallError):
                await self.endpoint.call("DELETE", f"/files/{quote(file_id, safe='')}")

    # Asking ----------------------------------------------------------------------------------------

    async def _get(self, path: str) -> bytes:
        return await self.endpoint.call("GET", path)

    async def _patiently(
        self, send: Callable[[str], Awaitable[bytes]], path: str, read: Callable[[bytes], Given]
    ) -> Given:
        """What an endpoint answers, asked again while it is busy, broken or silent."""
        for attempt in range(self._tries):
            try:
                return self._read(await send(path), read)
            except CallError as error:
                wait = FIRST_WAIT * 2**attempt if error.wait is None else error.wait
                if not error.again or attempt + 1 == self._tries or wait > MOST_PATIENCE:
                    raise self._told(error) from None
                await self._outside.sleep(wait if error.wait is not None else min(LONGEST_WAIT, wait))
        raise AssertionError("tries is at least 1")

    def _read(self, body: bytes, read: Callable[[bytes], Given]) -> Given:
        try:
            return read(body)
        except (msgspec.DecodeError, RecursionError):
            raise JudgeError(
                f"{self._host} answers about batches in a way that is not OpenAI's.", hint="Score without --batch."
            ) from None

    def _told(self, error: CallError) -> JudgeError:
        """A failure in words; what an endpoint without batches says is told apart."""
        if error.status in _ABSENT:
            return GoneError(
                f"{self._host} knows no such batch, or has no Batch endpoint at all ({error.status}).",
                hint="Score without --batch, or name another endpoint as base_url.",
            )
        if error.status == 400:
            return OverError(f"{self._host} refused: {error.words}.")
        return JudgeError(f"{self._host}: {error.words}.", hint="Nothing is lost; the same command goes on from there.")


class GoneError(JudgeError):
    """The endpoint does not know what was asked for."""


class UnsureError(JudgeError):
    """A batch was sent, and no answer came."""


class OverError(JudgeError):
    """The endpoint refuses what was asked for, such as to cancel a batch that is over."""
