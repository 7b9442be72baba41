"""The tickets written for the judge and the marks on sentences: whole, in range, and refused when they do not fit."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("scipy", reason="fitting the judge needs the group 'fit'")

from qatui.domain.rubric import Dimension
from qatui.services.scoring.offline.marks import FEELING, MARKS
from tools.judge import data
from tools.judge.marking import _folds

READINGS = Path(data.__file__).parent / "readings"


def test_every_written_ticket_has_scores_of_two_readings_and_a_reply() -> None:
    found = list(data.rows(READINGS / "written.jsonl"))
    assert len({row["id"] for row in found}) == len(found) > 1000
    for row in found:
        assert all(len(row[d]) == 2 and set(row[d]) <= {1, 2, 3, 4, 5} for d in Dimension), row["id"]
        assert row["messages"][0][0] == "c"
        assert {side for side, _ in row["messages"]} == {"c", "r"}
        assert all(text.strip() for _, text in row["messages"])


def test_written_tickets_hold_every_score_and_the_scores_go_their_own_ways() -> None:
    found = list(data.rows(READINGS / "written.jsonl"))
    first = np.array([[row[d][0] for d in Dimension] for row in found])
    for column in first.T:
        assert min(Counter(column.tolist()).values()) >= 20
        assert len(set(column.tolist())) == 5
    assert np.all(np.corrcoef(first.T)[np.triu_indices(3, 1)] < 0.75)


def test_every_mark_is_of_a_known_kind_and_of_a_sentence_that_exists() -> None:
    for row in data.rows(READINGS / "marks.jsonl"):
        customer, rep = row["sentences"]
        assert all(at < customer and 0 < strength <= FEELING for at, strength in row["feeling"]), row["id"]
        assert all(at < rep and set(names.split()) <= set(MARKS) for at, names in row["rep"]), row["id"]


def test_marks_are_the_mean_of_the_readings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(data, "_READINGS", tmp_path)
    ticket = data._written({"id": "x", "messages": [["c", "It broke. Help!"], ["r", "Hello. Press it. Bye."]]})
    readings = [
        {"id": "x", "sentences": [2, 3], "feeling": [[1, 2]], "rep": [[1, "concrete"]]},
        {"id": "x", "sentences": [2, 3], "feeling": [], "rep": [[1, "concrete cold"]]},
    ]
    (tmp_path / "marks.jsonl").write_text("\n".join(map(json.dumps, readings)))
    (found,) = data._marks([ticket], data.transcripts([ticket]))
    assert found.feeling.tolist() == [0.0, 1.0]
    assert found.rep[1, MARKS.index("concrete")] == 1.0
    assert found.rep[1, MARKS.index("cold")] == 0.5
    assert found.rep[[0, 2]].sum() == 0.0


@pytest.mark.parametrize("sentences", [[1, 3], [2, 4]])
def test_marks_of_sentences_that_are_cut_otherwise_now_are_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, sentences: list[int]
) -> None:
    monkeypatch.setattr(data, "_READINGS", tmp_path)
    ticket = data._written({"id": "x", "messages": [["c", "It broke. Help!"], ["r", "Hello. Press it. Bye."]]})
    (tmp_path / "marks.jsonl").write_text(json.dumps({"id": "x", "sentences": sentences, "feeling": [], "rep": []}))
    with pytest.raises(ValueError, match=r"marks\.jsonl does not fit the sentences of x"):
        data._marks([ticket], data.transcripts([ticket]))


def test_tickets_of_one_opening_are_never_on_both_sides_of_a_division() -> None:
    groups = [f"g{at % 7}" for at in range(40)]
    fold = _folds(groups)
    assert set(fold.tolist()) == {0, 1, 2, 3, 4}
    assert all(len({int(f) for f, g in zip(fold, groups, strict=True) if g == one}) == 1 for one in set(groups))
