"""A Batch endpoint in memory, as a script of the scripted endpoint: files, batches, and what they answer when told."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.services.endpoint import Act, Drop, Give, Refuse, Request, Say

ABSENT = Refuse(404, {"error": {"message": "no such route"}})


@dataclass
class BatchServer:
    """Hand it to `scripted`. chat: what is answered to one chat request, alone or as a line of a batch.

    fails: by number of the request to /files or /batches (the first is 1) what happens instead of a good answer; a
    pair ("after", act) does the work and loses the answer.
    """

    chat: Callable[[Request], Act]
    fails: dict[int, Act | tuple[str, Act]] = field(default_factory=dict)
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    batches: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    seen: list[Request] = field(default_factory=list)
    chats: int = 0
    page: int = 100

    def __call__(self, request: Request) -> Act:
        if request.path == "/v1/chat/completions":
            self.chats += 1
            return self.chat(request)
        self.seen.append(request)
        self.calls.append(f"{request.method} {request.path.removeprefix('/v1')}")
        fail = self.fails.get(len(self.calls))
        if isinstance(fail, tuple):
            self._do(request)
            return fail[1]
        return self._do(request) if fail is None else fail

    # What is done ----------------------------------------------------------------------------------

    def _do(self, request: Request) -> Act:
        path, _, query = request.path.removeprefix("/v1").partition("?")
        match request.method, path.split("/")[1:]:
            case "POST", ["files"]:
                return self._upload(request)
            case "GET", ["files"]:
                return _json({"data": [{"id": id, "filename": name} for id, (name, _) in self.files.items()]})
            case "GET", ["files", id, "content"]:
                return Give(self.files[id][1]) if id in self.files else ABSENT
            case "DELETE", ["files", id]:
                self.files.pop(id, None)
                return _json({"id": id, "deleted": True})
            case "POST", ["batches"]:
                return self._create(request)
            case "GET", ["batches"]:
                return self._list(query)
            case "GET", ["batches", id]:
                return _json(self.batches[id]) if id in self.batches else ABSENT
            case "POST", ["batches", id, "cancel"]:
                return self._cancel(id)
        return ABSENT

    def _upload(self, request: Request) -> Act:
        name = re.search(rb'filename="([^"]+)"', request.content)
        assert name is not None
        assert b'name="purpose"\r\n\r\nbatch\r\n' in request.content
        [content] = re.findall(rb"application/jsonl\r\n\r\n(.*?)\r\n--", request.content, re.DOTALL)
        return _json(self._file(name[1].decode(), content))

    def _file(self, name: str, content: bytes) -> dict[str, Any]:
        id = f"file-{len(self.files) + len(self.calls)}"
        self.files[id] = (name, content)
        return {"id": id, "filename": name, "bytes": len(content), "object": "file"}

    def _create(self, request: Request) -> Act:
        body = request.body
        assert body["endpoint"] == "/v1/chat/completions"
        assert body["completion_window"] == "24h"
        id = f"batch-{len(self.batches) + 1}"
        lines = self.lines_of(body["input_file_id"])
        counts = {"total": len(lines), "completed": 0, "failed": 0}
        asked = self._asked(body["input_file_id"])
        self.batches[id] = {"id": id, "status": "in_progress", "request_counts": counts, "asked": asked, **body}
        return _json(self.batches[id])

    def _list(self, query: str) -> Act:
        newest = list(reversed(self.batches.values()))
        after = re.search(r"after=([\w-]+)", query)
        if after is not None:
            newest = newest[[batch["id"] for batch in newest].index(after[1]) + 1 :]
        return _json({"data": newest[: self.page], "has_more": len(newest) > self.page})

    def _cancel(self, id: str) -> Act:
        if id not in self.batches:
            return ABSENT
        if self.batches[id]["status"] not in ("in_progress", "cancelling"):
            return Refuse(400, {"error": {"message": "Cannot cancel a batch that is over."}})
        self.batches[id]["status"] = "cancelling"
        return _json(self.batches[id])

    # What a test says ------------------------------------------------------------------------------

    def lines_of(self, file_id: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.files[file_id][1].splitlines()]

    def finish(self, id: str, status: str = "completed", *, only: int | None = None) -> None:
        """Answer the first `only` requests of a batch (by default all), the others expire, and it is over."""
        batch = self.batches[id]
        out, bad = [], []
        for number, line in enumerate(self.lines_of(batch["input_file_id"])):
            if only is not None and number >= only:
                error = {"code": "batch_expired", "message": "It was not answered in time."}
                bad.append({"custom_id": line["custom_id"], "response": None, "error": error})
                continue
            act = self.chat(Request("/v1/chat/completions", {}, line["body"]))
            if isinstance(act, Say):
                response = {"status_code": 200, "request_id": "r", "body": json.loads(act.payload())}
                out.append({"id": "b", "custom_id": line["custom_id"], "response": response, "error": None})
            elif isinstance(act, Refuse):
                response = {"status_code": act.code, "request_id": "r", "body": act.body}
                bad.append({"id": "b", "custom_id": line["custom_id"], "response": response, "error": None})
            else:
                error = {"code": "server_error", "message": "It broke."}
                bad.append({"id": "b", "custom_id": line["custom_id"], "response": None, "error": error})
        for name, lines in (("output_file_id", out), ("error_file_id", bad)):
            content = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
            batch[name] = self._file(name, content)["id"] if lines else None
        batch["status"] = status

    @property
    def handed_in(self) -> Counter[str]:
        """How many batches each conversation is in, by what was asked about it."""
        found: Counter[str] = Counter()
        for batch in self.batches.values():
            found.update(batch["asked"])
        return found

    def _asked(self, file_id: str) -> list[str]:
        texts = [line["body"]["messages"][-1]["content"] for line in self.lines_of(file_id)]
        return [match[0] for text in texts if (match := re.search(r"number \d+ of the day", text))]


def _json(value: object) -> Give:
    return Give(json.dumps(value).encode())


LOST = Drop()
"""The answer never comes."""
