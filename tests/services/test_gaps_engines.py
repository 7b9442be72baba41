"""Vectors by setting: on this machine by default, from an OpenAI-compatible endpoint where one is named."""

import asyncio
import math

import pytest

from qatui.config import Settings, load_settings
from qatui.config_llm import LlmSettings, Masking, Secret
from qatui.errors import ConfigError
from qatui.services.gaps.engines import EndpointEmbedder, engine_of
from tests.services.endpoint import Refuse, loopback_only, scripted
from tests.services.gap_tickets import desk_on, needs


def vectors_of(request):
    """Two numbers for a text: its length, and 1; given in the wrong order, as endpoints may."""
    rows = [{"index": n, "embedding": [len(text), 1]} for n, text in enumerate(request.body["input"])]
    return Refuse(200, {"data": rows[::-1]})


def settings_for(endpoint, **llm):
    values = {"base_url": endpoint.base_url, "tries": 2, "timeout": 5.0, **llm}
    return Settings(vectors="endpoint", vectors_model="small", llm=LlmSettings(**values))


async def engine_at(endpoint, environ=None, **llm):
    with loopback_only():
        return await asyncio.to_thread(engine_of, settings_for(endpoint, **llm), environ or {})


async def test_an_endpoint_gives_unit_vectors_in_order():
    async with scripted(vectors_of) as endpoint:
        engine = await engine_at(endpoint, {"QATUI_LLM_API_KEY": "secret-key"})
        rows = await asyncio.to_thread(engine.embed, ["abc", "  ", "a"])
    assert (engine.dim, engine.name.startswith("endpoint-small-2-")) == (2, True)
    tenth, half = math.sqrt(0.1), math.sqrt(0.5)
    assert rows.ravel().tolist() == pytest.approx([3 * tenth, tenth, 0, 0, half, half])
    asked = endpoint.requests[-1]
    assert (asked.path, asked.body["model"], asked.body["input"]) == ("/v1/embeddings", "small", ["abc", "a"])
    assert asked.headers["authorization"] == "Bearer secret-key"


async def test_many_texts_go_in_several_requests():
    async with scripted(vectors_of) as endpoint:
        engine = await engine_at(endpoint)
        rows = await asyncio.to_thread(engine.embed, ["x" * (n % 7 + 1) for n in range(300)])
    assert [len(request.body["input"]) for request in endpoint.requests] == [1, 128, 128, 44]
    assert rows.shape == (300, 2)


@pytest.mark.parametrize(("mask", "sent"), [(Masking.ON, "write to [EMAIL-1]"), (Masking.AUTO, "write to a@b.example")])
async def test_personal_data_is_replaced_before_it_leaves(mask, sent):
    async with scripted(vectors_of) as endpoint:
        engine = await engine_at(endpoint, mask=mask)
        await asyncio.to_thread(engine.embed, ["write to a@b.example"])
    assert endpoint.requests[-1].body["input"] == [sent]


@pytest.mark.parametrize(
    ("act", "words", "requests"),
    [
        (Refuse(401), "status 401", 1),
        (Refuse(302, headers={"Location": "http://example.org/"}), "status 302", 1),
        (Refuse(200, "no json"), "no embeddings", 1),
        (Refuse(200, {"data": []}), "one vector for each", 1),
        (Refuse(200, {"data": [{"index": 1, "embedding": [1]}]}), "one vector for each", 1),
    ],
)
async def test_a_fault_is_told_with_its_mend(act, words, requests):
    async with scripted([act]) as endpoint:
        with pytest.raises(ConfigError, match=words) as told:
            await engine_at(endpoint, {"QATUI_LLM_API_KEY": "secret-key"})
    assert "wordllama" in told.value.hint
    assert "secret-key" not in str(told.value)
    assert len(endpoint.requests) == requests


async def test_a_busy_endpoint_is_asked_again():
    waits = []
    acts = [Refuse(503), Refuse(200, {"data": [{"index": 0, "embedding": [1, 0]}]})]
    async with scripted(acts) as endpoint:
        llm = settings_for(endpoint).llm
        engine = await asyncio.to_thread(EndpointEmbedder, llm, Secret(""), {}, waits.append)
    assert (engine.dim, waits) == (2, [1.0])
    assert "authorization" not in endpoint.requests[0].headers


async def test_another_engine_makes_its_own_vectors_and_moves_nothing(path):
    async with desk_on(path) as desk:
        await desk.add(*needs("locker", "invoice"))
        await desk.gaps.refresh()
        before = {name: row.topic for name, row in (await desk.topics()).items()}
        async with scripted(vectors_of) as endpoint:
            other = await engine_at(endpoint)
            desk.gaps._embedder = lambda: other
            await desk.add(*needs("locker", start=100, each=2))
            await desk.gaps.refresh()
        topics = await desk.topics()
        assert {name: row.topic for name, row in topics.items()} == before
        assert topics["invoice"].questions == 6


def test_the_setting_is_checked(tmp_path):
    file = tmp_path / "c.toml"
    file.write_text('vectors = "magic"\n')
    with pytest.raises(ConfigError, match="vectors = 'magic' is not possible"):
        load_settings(file=file, environ={})
    with pytest.raises(ConfigError, match="model is not set"):
        engine_of(Settings(vectors="endpoint"), {})
