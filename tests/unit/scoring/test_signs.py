"""No feature moves a score against what the rubric says of it, in the weights that ship."""

from __future__ import annotations

import numpy as np
import pytest

from qatui.services.scoring.offline import weights
from qatui.services.scoring.offline.model import Model, names
from tools.judge.signs import signs

AT = {name: column for column, name in enumerate(names())}


@pytest.fixture(scope="module")
def judge() -> Model:
    return Model.of(weights.packaged())


def test_signs_say_what_the_rubric_says() -> None:
    found = signs()
    assert found.shape == (5, len(AT))
    assert found[:3, AT["rep.apology_case.n"]].tolist() == [1, 0, 1]
    assert found[:3, AT["rep.blame.dens"]].tolist() == [-1, -1, -1]
    assert found[1, AT["rep.words"]] == 0  # length earns nothing and costs nothing by rule
    assert found[3, AT["cus.calm.open"]] == -1


def test_no_coefficient_turns_a_feature_round(judge: Model) -> None:
    assert np.all(judge.dense * signs() >= 0)


def test_no_tree_turns_a_feature_round(judge: Model) -> None:
    rng = np.random.default_rng(7)
    directions = signs()
    rows = np.abs(judge.mean + judge.scale * rng.normal(0, 2, (40, len(AT))))
    before = judge.forest.score(judge.forest.path(rows))
    for column in rng.permutation(np.flatnonzero(directions.any(axis=0)))[:80]:
        more = rows.copy()
        more[:, column] += judge.scale[column] * rng.exponential(2.0, len(rows))
        moved = judge.forest.score(judge.forest.path(more)) - before
        assert np.all(moved * directions[:, column] >= -1e-9), names()[column]
