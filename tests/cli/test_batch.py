"""`qatui score --batch`, `--collect` and `--cancel-batch` against a Batch endpoint on this machine."""

import asyncio
import threading

import pytest

from qatui.services.scoring.llm.dialect import forget_dialects
from tests.cli.conftest import conversation
from tests.services.batch_server import BatchServer
from tests.services.endpoint import Refuse, Say, part, scripted, verdict

GOOD = verdict(part(4, ("m2", "Hello")), part(3, ("m2", "Hello")), part(3, ("m2", "Hello")))


@pytest.fixture
def server(monkeypatch):
    """A Batch endpoint that runs beside the command, and the environment that names it."""
    desk = BatchServer(lambda _request: Say(GOOD))
    ready, done = threading.Event(), threading.Event()
    address = []

    async def serve():
        async with scripted(desk) as endpoint:
            address.append(endpoint.base_url)
            ready.set()
            await asyncio.to_thread(done.wait)

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    assert ready.wait(10)
    forget_dialects()
    monkeypatch.setenv("QATUI_LLM_BASE_URL", address[0])
    monkeypatch.setenv("QATUI_LLM_MODEL", "m")
    monkeypatch.setenv("QATUI_LLM_TRIES", "1")
    monkeypatch.setenv("QATUI_LLM_PRICE_IN", "2")
    monkeypatch.setenv("QATUI_LLM_API_KEY", "sk-test-0123456789")
    yield desk
    done.set()
    thread.join(10)


@pytest.fixture
def waiting(qatui, lines):
    """Four tickets that wait."""
    assert qatui("import", lines(*[conversation(number) for number in range(4)])).code == 0


def test_from_handing_in_to_the_scores(qatui, server, waiting):
    ran = qatui("score", "--batch")
    assert ran.code == 0
    assert ran.out == ""
    assert "Handed in 3 tickets as batch-1: about" in ran.err
    assert "--collect" in ran.err
    status = qatui("score", "--status", "--format", "json").json["runs"][0]
    assert (status["kind"], status["state"], status["planned"]) == ("batch", "waiting", 3)

    ran = qatui("score", "--collect")
    assert ran.code == 0
    assert "batch-1, 3 tickets: in progress, 0 of 3 done." in ran.err
    ran = qatui("score", "--judge", "llm")
    assert "Left out: 3 tickets with a Batch endpoint" in ran.err
    ran = qatui("score", "--judge", "llm", "--dry-run")
    assert ran.out.startswith("0 tickets would be judged")
    assert "Left out: 3 tickets with a Batch endpoint" in ran.out

    server.finish("batch-1")
    ran = qatui("score", "--batch")
    assert ran.code == 0
    assert "batch-1, 3 tickets: completed." in ran.err
    assert "3 tickets scored; 3,600 tokens, 0.0030 spent." in ran.err
    assert "Nothing else waits to be handed in." in ran.err
    assert qatui("report", "tickets", "--format", "json").json["unscored"] == []
    assert "No batch is open." in qatui("score", "--collect").err


def test_quiet_is_quiet(qatui, server, waiting):
    assert qatui("score", "--batch", "--quiet").err == ""
    server.finish("batch-1")
    assert qatui("score", "--collect", "--quiet").err == ""


def test_a_failure_ends_with_three_and_expired_tickets_wait(qatui, server, waiting):
    assert qatui("score", "--batch").code == 0
    server.chat = lambda _request: Say("no verdict")
    server.finish("batch-1", "expired", only=1)
    ran = qatui("score", "--collect")
    assert ran.code == 3
    assert "0 tickets scored, judge_failed 1" in ran.err
    assert "2 tickets without an answer, waiting again." in ran.err


def test_cancelling(qatui, server, waiting):
    assert qatui("score", "--batch", "--limit", "2").code == 0
    ran = qatui("score", "--cancel-batch")
    assert ran.code == 0
    assert "cancelling" in ran.err
    server.finish("batch-1", "cancelled", only=0)
    assert "2 tickets without an answer, waiting again." in qatui("score", "--collect").err


def test_the_price_of_a_batch_is_shown_before_it_is_handed_in(qatui, server, waiting):
    alone = qatui("score", "--judge", "llm", "--dry-run").out
    together = qatui("score", "--batch", "--dry-run").out
    price = [float(text.split("About ")[-1].split(" in the currency")[0]) for text in (alone, together)]
    assert price[1] == pytest.approx(price[0] / 2, abs=1e-4)
    assert server.calls == []


def test_an_endpoint_without_batches(qatui, server, waiting):
    server.fails = {1: Refuse(404, "")}
    ran = qatui("score", "--batch")
    assert ran.code == 1
    assert "no Batch endpoint" in ran.err
    assert "without --batch" in ran.err
    assert "sk-test" not in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--batch", "--collect"), "exclude each other"),
        (("--collect", "--cancel-batch"), "exclude each other"),
        (("--collect", "--status"), "exclude each other"),
        (("--collect", "--dry-run"), "exclude each other"),
        (("--batch", "--budget", "-1"), "budget"),
    ],
)
def test_what_does_not_go_together(qatui, arguments, words):
    ran = qatui("score", *arguments)
    assert ran.code == 2
    assert words in ran.err


def test_a_model_must_be_named(qatui, waiting):
    ran = qatui("score", "--batch")
    assert ran.code == 2
    assert "QATUI_LLM_MODEL" in ran.err
