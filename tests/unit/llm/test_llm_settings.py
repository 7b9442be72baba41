"""Settings of the llm judge: where the key comes from, what is local, and what is refused in plain words."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from qatui.config_llm import LlmSettings, Masking, Secret, environment, llm_settings, read_headers, read_key
from qatui.errors import ConfigError

GOOD = {"base_url": "http://127.0.0.1:8000/v1", "model": "m"}


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://localhost:8000/v1", True),
        ("http://127.0.0.9/v1", True),
        ("http://[::1]:80/v1", True),
        ("http://box.localhost/v1", True),
        ("http://192.168.0.7/v1", False),
        ("https://api.example.org/v1", False),
        ("http://localhost.example.org/v1", False),
        ("http://0.0.0.0/v1", False),
    ],
)
def test_only_this_machine_is_local_and_all_else_is_masked(url: str, local: bool) -> None:
    settings = LlmSettings(base_url=url, model="m")
    assert settings.local is local
    assert settings.masked is not local
    assert LlmSettings(base_url=url, mask=Masking.ON).masked
    assert not LlmSettings(base_url=url, mask=Masking.OFF).masked


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"model": " "}, "llm.model is not set. Set QATUI_LLM_MODEL"),
        ({"base_url": "ftp://x/v1"}, "llm.base_url is not an http address"),
        ({"base_url": "http://x:port/v1"}, "llm.base_url is not an address"),
        ({"base_url": "http://ana:pa55@x/v1"}, "llm.base_url holds a user or password"),
        ({"base_url": "http://x/v1", "local_only": True}, "x is not this machine"),
        ({"concurrency": 0}, "llm.concurrency = 0 is too small"),
        ({"readings": 0}, "llm.readings = 0 is not 1 to 9"),
        ({"readings": 10}, "llm.readings = 10 is not 1 to 9"),
        ({"timeout": 0}, "llm.timeout = 0.0 is not a time"),
        ({"price_out": -1}, "llm.price_out = -1 is no amount"),
        ({"price_in": -1e-6}, "llm.price_in = -0.000001 is no amount"),
        ({"price_in": "nan"}, "llm.price_in = nan is no amount"),
        ({"batch_discount": 1}, "llm.batch_discount = 1.0 is not 0 to 1"),
        ({"batch_discount": -0.1}, "llm.batch_discount = -0.1 is not 0 to 1"),
    ],
)
def test_settings_that_cannot_work_are_refused(values: dict[str, object], words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        llm_settings({**GOOD, **values}).checked()
    assert words in str(caught.value)
    assert "pa55" not in str(caught.value)


def test_the_environment_sets_fields_and_not_the_key() -> None:
    environ = {"QATUI_LLM_MODEL": "m", "QATUI_LLM_CONCURRENCY": "4", "QATUI_LLM_MASK": "off", "QATUI_LLM_API_KEY": "k"}
    assert environment(environ) == {"model": "m", "concurrency": "4", "mask": "off"}
    settings = llm_settings(environment(environ), "the environment")
    assert (settings.concurrency, settings.mask) == (4, Masking.OFF)
    with pytest.raises(ConfigError, match=r"In the environment: .*concurrency"):
        llm_settings({"concurrency": "many"}, "the environment")


def test_a_key_in_the_configuration_file_is_refused_without_repeating_it() -> None:
    with pytest.raises(ConfigError) as caught:
        llm_settings({"api_key": "sk-123"})
    assert "sk-123" not in str(caught.value)
    assert "0600" in str(caught.value)


def test_the_key_comes_from_the_environment_before_the_file(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("from-file\n")
    file.chmod(0o600)
    settings = LlmSettings(api_key_file=str(file))
    both = {"QATUI_LLM_API_KEY": " own ", "OPENAI_API_KEY": "theirs"}
    assert read_key(settings, both).reveal() == "own"
    assert read_key(settings, {"OPENAI_API_KEY": "theirs"}).reveal() == "theirs"
    assert read_key(settings, {}).reveal() == "from-file"
    assert not read_key(LlmSettings(), {})


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "key"
    file.write_text("s3cr3t")
    file.chmod(mode)
    with pytest.raises(ConfigError, match="Others can read") as caught:
        read_key(LlmSettings(api_key_file=str(file)), {})
    assert f"chmod 600 {file}" in str(caught.value)
    assert "s3cr3t" not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe", "schlüssel".encode(), b"a\x00b"])
def test_a_key_file_without_a_usable_key_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "key"
    file.write_bytes(content)
    file.chmod(0o600)
    with pytest.raises(ConfigError):
        read_key(LlmSettings(api_key_file=str(file)), {})
    with pytest.raises(ConfigError, match="cannot be read"):
        read_key(LlmSettings(api_key_file=str(tmp_path / "none")), {})


def test_headers_take_their_secrets_from_the_environment() -> None:
    settings = LlmSettings(headers={"api-key": "$GATE", "X-Team": "quality"})
    headers = read_headers(settings, {"GATE": "s3cr3t"})
    assert {name: value.reveal() for name, value in headers.items()} == {"api-key": "s3cr3t", "X-Team": "quality"}
    with pytest.raises(ConfigError, match="takes api-key from GATE, which is not set"):
        read_headers(settings, {})
    for bad in ({"a b": "c"}, {"a": "b\nc: d"}):
        with pytest.raises(ConfigError):
            read_headers(LlmSettings(headers=bad), {})


def test_a_secret_shows_itself_nowhere() -> None:
    secret = Secret("s3cr3t")
    assert "s3cr3t" not in f"{secret} {secret!r} {[secret]}"
    for write in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError):
            write(secret)


def test_the_judge_is_made_without_loading_the_client() -> None:
    """The openai package takes 0.7 s to load: only the first request does."""
    code = (
        "import sys; from qatui.config_llm import LlmSettings, Secret;"
        "from qatui.services.scoring.llm.judge import LlmJudge;"
        "LlmJudge(LlmSettings(model='m'), key=Secret('k')).identity;"
        "assert not {'openai', 'aiohttp', 'httpx2', 'pydantic'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).resolve().parents[3])
