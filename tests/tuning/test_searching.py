"""`tune`: from a table to the best configuration and its model."""

from __future__ import annotations

import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pronghorn
from pronghorn.errors import (
    ArgumentError,
    DataError,
    DivergedError,
    MissingDependencyError,
)
from pronghorn.tabular import TableModel, fit
from pronghorn.tuning import Range, Tuned, searching, tune
from pronghorn.tuning.program import Judged

from .tables import SMALL, frame

optuna = pytest.importorskip("optuna", reason="no optuna")

SPACE = {
    "hidden": [(8, 8), (4,)],
    "rate": Range(0.01, 0.5, log=True),
    "dropout": Range(0.0, 0.5),
}


def search(data: Any = None, target: str = "y", **more: Any) -> Tuned:
    """A short search."""
    arguments = {"trials": 6, "folds": 2, "space": SPACE, "preset": SMALL, **more}
    return tune(frame() if data is None else data, target, **arguments)


@pytest.fixture(scope="module")
def found() -> Tuned:
    return search()


@pytest.fixture(scope="module")
def classes() -> Tuned:
    return search(frame(classes=True))


def test_the_public_name() -> None:
    assert pronghorn.tune is tune


def test_the_trials_are_a_table(found: Tuned) -> None:
    assert [row["trial"] for row in found.trials] == list(range(6))
    assert set(found.trials[0]) == {
        "trial", "state", "rmse", "epoch", "hidden", "rate", "dropout",
    }  # fmt: skip
    first = found.trials[0]
    assert (first["hidden"], first["rate"], first["dropout"]) == ("8-8", 0.2, 0.1)
    complete = [r for r in found.trials if r["state"] == "complete"]
    best = min(complete, key=lambda row: row["rmse"])
    assert found.score == best["rmse"]
    assert found.params == {name: best[name] for name in SPACE}
    assert "out_of_fold" not in repr(found)
    pandas = pytest.importorskip("pandas")
    table = found.frame()
    assert isinstance(table, pandas.DataFrame) and len(table) == 6
    assert table["trial"][0] == best["trial"]


def test_nets_of_a_program_share_their_layers(found: Tuned) -> None:
    widths = [row["hidden"] for row in found.trials]
    assert widths[:4] == ["8-8"] * 4 and len(set(widths[4:])) == 1


def test_out_of_fold_answers_give_the_score(found: Tuned, classes: Tuned) -> None:
    data = frame()
    assert found.out_of_fold.shape == (90,) and found.out_of_fold.dtype == np.float64
    errors = found.out_of_fold - data["y"]
    assert found.score == pytest.approx(np.sqrt(np.square(errors).mean()), rel=1e-5)
    assert found.score < 0.8 * np.std(data["y"])

    labels = frame(classes=True)["y"]
    odds = classes.out_of_fold
    assert odds.shape == (90, 2) and classes.metric == "log_loss"
    np.testing.assert_allclose(odds.sum(axis=1), 1, rtol=1e-5)
    right = odds[np.arange(90), (labels == "yes").astype(int)]
    assert classes.score == pytest.approx(-np.log(right).mean(), rel=1e-5)


def test_the_model_takes_the_table_as_it_is(
    found: Tuned, classes: Tuned, tmp_path: Path
) -> None:
    data = frame()
    scores = found.model.evaluate(data)
    assert scores["rmse"] < found.score
    assert set(classes.model.predict(frame(classes=True))) == {"yes", "no"}
    assert found.model.best == (found.model.best[0],) * 2
    curve = found.model.history["val_rmse"]
    assert min(curve) == curve[found.model.best[0] - 1] == found.score
    assert list(found.model.history) == ["loss", "val_rmse"]
    assert list(classes.model.history) == ["loss", "val_log_loss"]
    for tuned in (found, classes):
        loss, told = tuned.model.history.values()
        assert len(loss) == len(told) and loss[-1] < loss[0]
    for tuned, table in ((found, data), (classes, frame(classes=True))):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # Keras cannot open it
            tuned.model.save(tmp_path / "model.keras")
        loaded = TableModel.load(tmp_path / "model.keras")
        np.testing.assert_array_equal(loaded.predict(table), tuned.model.predict(table))


def test_the_best_configuration_is_a_preset(found: Tuned) -> None:
    assert found.best.members == found.best.folds == 2
    assert found.best.dropout == found.params["dropout"]
    assert found.best.rate == (found.params["rate"],) * 2
    again = fit(frame(), "y", preset=found.best)
    assert again.evaluate(frame())["rmse"] < 0.95 * np.std(frame()["y"])


def test_the_same_seed_finds_the_same(found: Tuned) -> None:
    again = search()
    assert again.trials == found.trials
    np.testing.assert_array_equal(again.out_of_fold, found.out_of_fold)
    assert search(seed=1, trials=2).trials[:1] != found.trials[:1]


def test_rows_of_no_weight_are_learned_by_nobody() -> None:
    data, weight = frame(), np.ones(90)
    weight[:10] = 0
    broken = {**data, "y": data["y"].copy()}
    broken["y"][:10] = -50.0
    found = search(broken, trials=2, sample_weight=weight)
    assert found.out_of_fold.shape == (90,) and np.isfinite(found.out_of_fold).all()
    assert found.out_of_fold.min() > -10
    rest = {name: column[10:] for name, column in data.items()}
    errors = found.out_of_fold[10:] - rest["y"]
    assert found.score == pytest.approx(np.sqrt(np.square(errors).mean()), rel=1e-5)


def test_a_search_goes_on(tmp_path: Path) -> None:
    storage = f"sqlite:///{tmp_path / 'search.db'}"
    first = search(trials=3, storage=storage)
    more = search(trials=5, storage=storage)
    assert len(more.trials) == 5 and more.trials[:3] == first.trials
    assert len({row["rate"] for row in more.trials}) == 5
    # Nothing is left to do: the best configuration is trained again, to the same.
    same = search(trials=4, storage=storage)
    assert same.trials == more.trials
    assert same.score == pytest.approx(more.score, rel=1e-5)
    np.testing.assert_allclose(same.out_of_fold, more.out_of_fold, rtol=1e-3, atol=1e-3)
    with pytest.raises(ArgumentError, match="another data"):
        search(frame(seed=1), storage=storage)
    with pytest.raises(ArgumentError, match="another folds"):
        search(folds=3, storage=storage)
    other = search(frame(seed=1), trials=1, storage=storage, study="second")
    assert len(other.trials) == 1


def test_an_own_study_proposes_and_prunes() -> None:
    class Second(optuna.pruners.BasePruner):
        def prune(self, study: Any, trial: Any) -> bool:
            return trial.number % 2 == 1

    study = optuna.create_study(
        sampler=optuna.samplers.RandomSampler(seed=4), pruner=Second()
    )
    told: list[tuple[int, str]] = []
    found = search(
        study=study,
        trials=4,
        callbacks=[lambda study, trial: told.append((trial.number, trial.state.name))],
    )
    assert found.study is study
    assert told == [(0, "COMPLETE"), (1, "PRUNED"), (2, "COMPLETE"), (3, "PRUNED")]
    assert [row["state"] for row in found.trials] == ["complete", "pruned"] * 2
    assert found.trials[1]["rmse"] == study.trials[1].intermediate_values[0]
    assert len(study.trials[0].intermediate_values) > 1

    upward = optuna.create_study(direction="maximize")
    with pytest.raises(ArgumentError, match="look for a minimum"):
        search(study=upward)
    with pytest.raises(ArgumentError, match="has its storage"):
        search(study=study, storage="sqlite://")


def test_a_function_as_a_space() -> None:
    def space(trial: Any) -> dict[str, Any]:
        width = trial.suggest_int("width", 2, 9)
        return {"hidden": (width,), "decay": trial.suggest_float("decay", 0.0, 0.1)}

    found = search(space=space, trials=5)
    assert {"width", "decay"} <= set(found.trials[0])
    assert found.best.hidden == (found.params["width"],)
    assert found.model.net.get_layer("hidden_0").units == found.params["width"]


def test_an_error_leaves_no_trial_running(monkeypatch: pytest.MonkeyPatch) -> None:
    study = optuna.create_study()

    def stopped(*arguments: Any) -> list[Judged]:
        raise KeyboardInterrupt

    monkeypatch.setattr(searching, "train_together", stopped)
    with pytest.raises(KeyboardInterrupt):
        search(study=study)
    assert {trial.state.name for trial in study.trials} == {"FAIL"}
    study = optuna.create_study()
    with pytest.raises(ZeroDivisionError):
        search(study=study, space=lambda trial: 1 / 0)
    assert {trial.state.name for trial in study.trials} == {"FAIL"}


def test_where_all_diverge(monkeypatch: pytest.MonkeyPatch) -> None:
    def diverged(setting: Any, chosen: list[Any], gates: Any = None) -> list[Judged]:
        return [Judged("diverged", float("inf"), 0) for _ in chosen]

    monkeypatch.setattr(searching, "train_together", diverged)
    with pytest.raises(DivergedError, match="No configuration"):
        search()


def test_time_ends_the_search_but_not_before_the_first_program() -> None:
    found = search(trials=100, timeout=1e-9, together=2)
    assert len(found.trials) == 2


def test_a_line_for_each_trial(capsys: pytest.CaptureFixture[str]) -> None:
    search(trials=2, verbose=1)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == ["trial 0", "trial 1"]
    assert "rmse" in lines[0] and "hidden=8-8" in lines[0]
    search(trials=1)
    said = capsys.readouterr()
    assert said.out == said.err == ""


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"trials": 0}, "trials is no whole number from 1 up"),
        ({"trials": True}, "trials is no whole number"),
        ({"folds": 1}, "folds is no whole number from 2 up"),
        ({"together": 1.5}, "together is no whole number"),
        ({"preset": "fats"}, "no preset 'fats'"),
        ({"space": {"depth": [1]}}, "no 'depth'"),
        ({"task": "ranking"}, "no task 'ranking'"),
    ],
)
def test_what_does_not_fit_is_refused(more: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        search(**more)


def test_data_that_does_not_fit_is_refused() -> None:
    with pytest.raises(DataError, match="cut into 50 folds"):
        search(folds=50)
    with pytest.raises(DataError, match="constant"):
        search({"a": np.arange(30.0), "y": np.ones(30)})


@pytest.mark.parametrize("name", ["optuna", "joblib"])
def test_a_missing_package_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(MissingDependencyError, match=r"pronghorn\[tune\]"):
        search()


def test_nothing_is_loaded_before_a_search() -> None:
    code = (
        "import sys, pronghorn; pronghorn.tune; "
        "print([m for m in ('optuna', 'joblib', 'pandas') if m in sys.modules])"
    )
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert said.stdout.strip() == "[]"


def test_copies_of_a_row_are_in_one_fold() -> None:
    rng = np.random.default_rng(0)
    size = rng.normal(size=40)
    twice = {"size": np.repeat(size, 2), "y": np.repeat(3 * size, 2)}
    table = searching._prepare(twice, "y", None, None, (), (), 5, 0)
    mask = table.setting.mask
    assert (mask[::2] == mask[1::2]).all() and (mask.sum(axis=1) == 1).all()
    with pytest.raises(DataError, match="8 different rows"):
        few = {"size": np.repeat(size[:8], 5), "y": np.repeat(size[:8], 5)}
        searching._prepare(few, "y", "regression", None, (), (), 5, 0)
