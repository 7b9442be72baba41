"""The weights file: one header line of JSON with version, card and hash, then the arrays, compressed."""

from __future__ import annotations

import hashlib
import json
import zlib
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Any

from qatui.domain.rubric import rubric_hash
from qatui.domain.verdict import JudgeIdentity
from qatui.errors import JudgeError

if TYPE_CHECKING:  # who only asks which judge this is does without numpy
    import numpy as np
    from numpy.typing import NDArray

FORMAT = "qatui-judge/1"
FILE = "weights.bin"
_HINT = "Install qatui again, or fit the judge anew with tools/fit_judge.py."


@dataclass(frozen=True, slots=True)
class Weights:
    """`arrays` by name; `card` says in words and figures what they were fitted on; `digest` is 12 hex digits."""

    version: str
    digest: str
    card: dict[str, Any]
    arrays: dict[str, NDArray[Any]]

    def text(self, name: str) -> list[str]:
        """A list of strings, kept as lines of UTF-8."""
        return bytes(self.arrays[name]).decode().split("\n")


def pack(version: str, card: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> bytes:
    """The bytes of a weights file; the same input gives the same bytes."""
    import numpy as np

    ordered = {name: np.ascontiguousarray(array) for name, array in sorted(arrays.items())}
    body = zlib.compress(b"".join(array.tobytes() for array in ordered.values()), 9)
    header = {
        "format": FORMAT,
        "version": version,
        "hash": _digest(body),
        "arrays": [[name, array.dtype.str, list(array.shape)] for name, array in ordered.items()],
        "card": card,
    }
    return json.dumps(header, sort_keys=True).encode() + b"\n" + body


def lines(texts: list[str]) -> NDArray[np.uint8]:
    """Strings without line feeds as an array of UTF-8."""
    import numpy as np

    return np.frombuffer("\n".join(texts).encode(), dtype=np.uint8)


def unpack(blob: bytes) -> Weights:
    """Reads a weights file; raises JudgeError when it is damaged or of another format."""
    import numpy as np

    header, body = _opened(blob)
    try:
        flat = zlib.decompress(body)
        arrays: dict[str, NDArray[Any]] = {}
        offset = 0
        for name, code, shape in header["arrays"]:
            dtype = np.dtype(code)
            count = int(np.prod(shape, dtype=np.int64))
            arrays[name] = np.frombuffer(flat, dtype=dtype, count=count, offset=offset).reshape(shape)
            offset += count * dtype.itemsize
        return Weights(header["version"], header["hash"], header["card"], arrays)
    except (ValueError, KeyError, TypeError, zlib.error) as error:
        raise JudgeError("The judge's weights cannot be read.", hint=_HINT) from error


def _opened(blob: bytes) -> tuple[dict[str, Any], bytes]:
    """Header and body, which fit each other; raises JudgeError where they do not."""
    head, _, body = blob.partition(b"\n")
    try:
        header = json.loads(head)
        if header["format"] != FORMAT:
            raise JudgeError(f"The judge's weights have the format {header['format']}, not {FORMAT}.", hint=_HINT)
        if _digest(body) != header["hash"]:
            raise JudgeError("The judge's weights are damaged: their hash does not fit.", hint=_HINT)
        return header, body
    except (ValueError, KeyError, TypeError) as error:
        raise JudgeError("The judge's weights cannot be read.", hint=_HINT) from error


def packaged() -> Weights:
    """The weights that ship with qatui; raises JudgeError when they are missing or damaged."""
    return unpack(_packaged_bytes())


def packaged_identity() -> JudgeIdentity:
    """Who judges with the weights that ship, found without loading them; raises JudgeError as `packaged` does."""
    header, _ = _opened(_packaged_bytes())
    return identity(header["version"], header["hash"])


def identity(version: str, digest: str) -> JudgeIdentity:
    """Who judges with weights of this version and digest."""
    return JudgeIdentity("offline", f"{version}-{digest}", rubric_hash())


def _packaged_bytes() -> bytes:
    try:
        return resources.files(__package__).joinpath(FILE).read_bytes()
    except (FileNotFoundError, OSError) as error:
        raise JudgeError("The judge's weights are missing.", hint=_HINT) from error


def _digest(body: bytes) -> str:
    return hashlib.blake2b(body, digest_size=6).hexdigest()
