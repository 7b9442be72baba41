"""Pinned tickets in a scoring run: they come first, each once, and can be judged alone."""

from __future__ import annotations

import pytest

from qatui.config_llm import LlmSettings, Secret
from qatui.domain.review import Scores
from qatui.domain.verdict import JudgeIdentity
from qatui.services.scoring.llm import prompt
from qatui.services.scoring.llm.judge import LlmJudge
from qatui.services.scoring.runner import Run, ScoreProgress, plan
from qatui.store import verdicts
from tests.services.calibration_desk import desk_on, several
from tests.services.tickets import verdict

NEW = JudgeIdentity("llm", "new", "rubric")


@pytest.fixture
async def desk(path):
    async with desk_on(path) as desk:
        await desk.add(several(9))
        await desk.calibration.pin([4, 8])
        yield desk


async def run_of(desk, **chosen) -> tuple[Run, list[list[int]]]:
    """A run whose judge gives every ticket the same, and the row ids in the order in which they were handed out."""
    golden = chosen.pop("golden", False)
    said: list[ScoreProgress] = []
    work = await plan(desk.db, NEW, golden=golden, **chosen)
    run = Run(desk.db, work, chosen.get("rescore", False), desk.now, said.append)
    batches = []
    async for batch in run.batches(3):
        batches.append([row_id for row_id, _ in batch])
        await run.store(batch, [verdict() for _ in batch])
    assert [each.done for each in said] == [sum(map(len, batches[: n + 1])) for n in range(len(batches))]
    return run, batches


async def test_pinned_tickets_come_first_and_each_ticket_once(desk):
    run, batches = await run_of(desk)
    assert batches[0] == [4, 8]
    assert sorted(row_id for batch in batches for row_id in batch) == list(range(1, 10))
    result = await run.finish()
    assert (result.scored, result.golden) == (9, 2)
    again, nothing = await run_of(desk)
    assert nothing == []
    assert (await again.finish()).golden == 0


async def test_judged_again_they_come_once_too(desk):
    await run_of(desk)
    _, batches = await run_of(desk, rescore=True)
    assert batches[0] == [4, 8]
    assert sorted(row_id for batch in batches for row_id in batch) == list(range(1, 10))


async def test_a_limit_counts_them(desk):
    _, batches = await run_of(desk, limit=1)
    assert batches == [[4]]
    _, batches = await run_of(desk, limit=3)
    assert batches == [[8], [1, 2]]


async def test_a_trial_reads_them_alone(desk):
    run, batches = await run_of(desk, golden=True)
    assert run.plan.tickets == 2
    assert batches == [[4, 8]]
    async with desk.db.read() as connection:
        assert await verdicts.waiting_count(connection, NEW) == 7
        assert await verdicts.waiting_count(connection, NEW, golden=True) == 0


async def identity() -> JudgeIdentity:
    async with LlmJudge(LlmSettings(model="small"), key=Secret("k")) as judge:
        return judge.identity


async def test_a_changed_prompt_is_another_judge_that_has_read_nothing(desk, monkeypatch):
    before = await identity()
    assert await identity() == before
    monkeypatch.setattr(prompt, "SYSTEM_PROMPT", prompt.SYSTEM_PROMPT + "\nBe kind.")
    after = await identity()
    assert (before.judge, before.model) == (after.judge, after.model)
    assert before != after
    await desk.judge(before, [(n, each, Scores(3, 3, 3)) for n, each in enumerate(several(9), 1)])
    assert (await plan(desk.db, before, golden=True)).tickets == 0
    assert (await plan(desk.db, after, golden=True)).tickets == 2
