"""Optuna's side: what is proposed, what is given up, what is kept of it."""

from __future__ import annotations

from typing import Any

import pytest

from pronghorn.errors import ArgumentError
from pronghorn.tabular.presets import Preset
from pronghorn.tuning import Range
from pronghorn.tuning.program import Judged
from pronghorn.tuning.space import space_of
from pronghorn.tuning.study import NAME, STARTUP, Search, open_study

optuna = pytest.importorskip("optuna", reason="no optuna")

FACTS = {"data": "abc", "folds": 3}
SPACE = {"hidden": [(8,), (4, 4), (2, 2, 2)], "rate": Range(0.01, 0.9, log=True)}


def search(space: Any = None, study: Any = None) -> Search:
    choices = space_of(space or SPACE, Preset(hidden=(8,)), "regression", 100)
    return Search(study or open_study(None, None, 0, FACTS), choices)


def done(score: float, *rungs: float) -> Judged:
    return Judged("complete", score, 3, rungs=rungs)


def test_a_program_is_proposed_with_one_shared_part() -> None:
    made = search()
    asked = made.ask(10, together=4)
    assert asked[0].chosen == Preset(hidden=(8,), rate=(0.2, 0.2)).at(100)
    widths = [each.chosen.hidden for each in asked]
    assert [len(set(widths[i : i + 4])) for i in (0, 4, 8)] == [1, 1, 1]
    assert len({each.chosen.rate for each in asked}) == 10
    assert made.over == 0 and made.best() is None
    for each, score in zip(asked, range(10)):
        made.tell(each, done(10.0 - score))
    trial, chosen = made.best()
    assert trial.number == 9 and chosen == asked[9].chosen and made.over == 10


def test_the_worst_quarter_is_given_up_after_the_first() -> None:
    made = search()
    for k, asked in enumerate(made.ask(STARTUP - 1, together=4)):
        made.tell(asked, done(float(k), float(k), k - 1.0))
    few = made.ask(2, together=2)
    keep = made.gate(few).begin()
    assert set(keep(0, {0: 100.0, 1: 0.5})) == {0, 1}, "too few to compare with"
    made.tell(few[0], done(7.0, 7.0, 6.0))
    made.drop(few[1:])

    asked = made.ask(4, together=4)
    gate = made.gate(asked)
    keep = gate.begin()
    assert list(keep(0, {0: 5.1, 1: 5.4, 2: 0.0, 3: 2.0})) == [0, 2, 3]
    assert list(keep(1, {0: 5.0, 2: 0.0, 3: 2.0})) == [2, 3]
    assert list(gate.begin()(0, {3: 9.0})) == [], "a new beginning knows nothing of it"
    assert gate.part(1, 3).asked == gate.asked[1:3]
    assert len(made.study.trials) == STARTUP + 5, "the study itself knows nothing of it"


def test_what_became_of_them_is_kept() -> None:
    made = search()
    asked = made.ask(4, together=4)
    made.tell(asked[0], done(0.5, 0.9, 0.7))
    made.tell(asked[1], Judged("pruned", 0.8, 2, rungs=(0.8,)))
    made.tell(asked[2], Judged("diverged", float("inf"), 0))
    table = made.table("rmse")
    assert [(r["trial"], r["state"], r["rmse"], r["epoch"]) for r in table] == [
        (0, "complete", 0.5, 3),
        (1, "pruned", 0.8, 2),
        (2, "diverged", None, 0),
    ]
    assert made.study.trials[0].intermediate_values == {0: 0.9, 1: 0.7}
    assert made.over == 3
    made.drop(asked)
    assert [row["state"] for row in made.table("rmse")][3] == "failed"
    assert made.study.trials[0].state.name == "COMPLETE"


def test_a_study_in_a_storage_has_a_name(tmp_path: Any) -> None:
    storage = f"sqlite:///{tmp_path / 'a.db'}"
    first = open_study(storage, None, 0, FACTS)
    assert first.study_name == NAME
    proposed = search(study=first).ask(2, together=1)
    first.tell(proposed[0].trial, 1.0)
    again = open_study(storage, None, 0, FACTS)
    more = search(study=again).ask(1, together=1)
    assert more[0].trial.number == 2, "nothing is enqueued twice"
    assert more[0].chosen.rate not in [each.chosen.rate for each in proposed]
    with pytest.raises(ArgumentError, match="another folds") as refused:
        open_study(storage, None, 0, {**FACTS, "folds": 4})
    assert "folds: 3" in str(refused.value) and "folds: 4" in str(refused.value)
    assert open_study(storage, "other", 0, {**FACTS, "folds": 4}).trials == []


def test_optuna_is_quiet_and_stays_as_loud_as_it_was(
    capfd: pytest.CaptureFixture[str],
) -> None:
    before = optuna.logging.get_verbosity()
    made = search()
    made.gate(made.ask(2, together=2)).begin()
    assert capfd.readouterr().err == ""
    assert optuna.logging.get_verbosity() == before
