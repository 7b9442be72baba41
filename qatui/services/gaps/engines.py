"""Which engine makes the vectors: one on this machine, or an OpenAI-compatible endpoint for embeddings."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING

import msgspec

from qatui.config import Settings
from qatui.config_llm import LlmSettings, Secret, read_headers, read_key
from qatui.errors import ConfigError
from qatui.services.gaps.vectors import MAX_CHARACTERS, Embedder, unit

if TYPE_CHECKING:
    from qatui.services.gaps.vectors import Vectors

BATCH = 128  # texts in one request
LONGEST_WAIT = 30.0
"""Seconds between two tries of a request, at most."""


def engine_of(settings: Settings, environ: Mapping[str, str] | None = None) -> Embedder:
    """The engine that the settings name, loaded. Raises ConfigError where it cannot work."""
    match settings.vectors:
        case "minilm":
            from qatui.services.gaps.vectors import MiniLmEmbedder

            return MiniLmEmbedder()
        case "endpoint":
            environ = os.environ if environ is None else environ
            llm = msgspec.structs.replace(settings.llm, model=settings.vectors_model or settings.llm.model).checked()
            return EndpointEmbedder(llm, read_key(llm, environ), read_headers(llm, environ))
    from qatui.services.gaps.vectors import WordLlamaEmbedder

    return WordLlamaEmbedder()


class _Row(msgspec.Struct):
    embedding: list[float]
    index: int


class _Answer(msgspec.Struct):
    data: list[_Row]


class EndpointEmbedder:
    """Vectors of an endpoint: `POST {base_url}/embeddings`, as OpenAI's and most local servers take it.

    Personal data is replaced before a text is sent, under the same setting as for the llm judge, except names of
    customers: a question alone does not tell them.
    """

    def __init__(
        self,
        settings: LlmSettings,
        key: Secret,
        headers: Mapping[str, Secret],
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Asks for one vector, to learn their length. Raises ConfigError with the endpoint's status or fault."""
        self._settings = settings
        self._headers = {name: secret.reveal() for name, secret in headers.items()}
        if key:
            self._headers = {"Authorization": f"Bearer {key.reveal()}", **self._headers}
        self._sleep = sleep
        self._dim = len(self._ask(["length"])[0])

    @property
    def name(self) -> str:
        place = blake2b(self._settings.base_url.encode(), digest_size=4).hexdigest()
        return f"endpoint-{self._settings.model}-{self._dim}-{place}"

    @property
    def dim(self) -> int:
        return self._dim

    def embed(self, texts: Sequence[str]) -> Vectors:
        import numpy as np

        vectors = np.zeros((len(texts), self._dim), dtype=np.float32)
        rows = [row for row, text in enumerate(texts) if text.strip()]
        for start in range(0, len(rows), BATCH):
            batch = rows[start : start + BATCH]
            for row, vector in zip(batch, self._ask([self._sent(texts[row]) for row in batch]), strict=True):
                if len(vector) != self._dim:
                    raise self._broken(f"gave {len(vector)} numbers after {self._dim}")
                vectors[row] = vector
        if not np.isfinite(vectors).all():
            raise self._broken("gave numbers that are none")
        return unit(vectors)

    def _sent(self, text: str) -> str:
        text = text[:MAX_CHARACTERS]
        if not self._settings.masked:
            return text
        from qatui.domain.conversation import Ticket
        from qatui.services.scoring.llm.privacy import Masker

        return Masker(Ticket(source="", id="", messages=())).mask(text).text

    def _ask(self, texts: list[str]) -> list[list[float]]:
        import httpx2  # of the openai package; loaded only where an endpoint is asked

        settings = self._settings
        url = settings.base_url.rstrip("/") + "/embeddings"
        body = {"model": settings.model, "input": texts, "encoding_format": "float"}
        fault = ""
        # Neither a redirect nor a proxy for this machine: questions go to the host that was named.
        with httpx2.Client(timeout=settings.timeout, follow_redirects=False, trust_env=not settings.local) as client:
            for number in range(settings.tries):
                if number:
                    self._sleep(min(LONGEST_WAIT, 2.0 ** (number - 1)))
                try:
                    response = client.post(url, json=body, headers=self._headers)
                except httpx2.HTTPError as error:
                    fault = f"did not answer ({type(error).__name__})"
                    continue
                if response.status_code == 200:
                    return self._read(response.content, len(texts))
                fault = f"answered with status {response.status_code}"
                if response.status_code not in (408, 409, 425, 429) and response.status_code < 500:
                    break
        raise self._broken(fault)

    def _read(self, content: bytes, number: int) -> list[list[float]]:
        try:
            rows = sorted(msgspec.json.decode(content, type=_Answer).data, key=lambda row: row.index)
        except (msgspec.DecodeError, RecursionError):
            raise self._broken("gave an answer that holds no embeddings") from None
        if [row.index for row in rows] != list(range(number)) or not rows[0].embedding:
            raise self._broken("did not give one vector for each text")
        return [row.embedding for row in rows]

    def _broken(self, what: str) -> ConfigError:
        return ConfigError(
            f"The endpoint {self._settings.host} for vectors {what}.",
            hint='Check llm.base_url, vectors_model and the key, or set vectors = "wordllama".',
        )
