"""Programs of a search in other processes, through joblib's backends."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pronghorn.tuning import Tuned, tune

from .tables import SMALL, frame
from .test_searching import SPACE

optuna = pytest.importorskip("optuna", reason="no optuna")
joblib = pytest.importorskip("joblib", reason="no optuna")


def search(**more: Any) -> Tuned:
    """A search whose proposals do not follow from results: the same in any rounds."""
    study = optuna.create_study(
        sampler=optuna.samplers.RandomSampler(seed=2), pruner=optuna.pruners.NopPruner()
    )
    return tune(
        frame(),
        "y",
        trials=6,
        folds=2,
        together=2,
        space=SPACE,
        preset=SMALL,
        study=study,
        **more,
    )


@pytest.fixture(scope="module")
def here() -> Tuned:
    return search()


def assert_same(found: Tuned, expected: Tuned) -> None:
    """The same trials, answers and model."""
    assert found.trials == expected.trials
    np.testing.assert_array_equal(found.out_of_fold, expected.out_of_fold)
    np.testing.assert_array_equal(
        found.model.predict(frame()), expected.model.predict(frame())
    )


def test_processes_of_joblib_find_the_same(here: Tuned) -> None:
    assert_same(search(n_jobs=2, backend="loky"), here)


def test_the_backend_around_it_is_taken(here: Tuned) -> None:
    with joblib.parallel_config(backend="threading", n_jobs=3):
        assert_same(search(), here)


def test_a_cluster_of_dask_finds_the_same(cluster: Any, here: Tuned) -> None:
    with joblib.parallel_config(backend="dask"):
        assert joblib.effective_n_jobs() == 2
        assert_same(search(), here)
    assert_same(search(n_jobs=2, backend="dask"), here)


def test_pruning_in_other_processes() -> None:
    """What a pruner says there follows from the trials that were over before."""

    def study() -> Any:
        return optuna.create_study(
            sampler=optuna.samplers.RandomSampler(seed=2),
            pruner=optuna.pruners.MedianPruner(n_startup_trials=4),
        )

    arguments = {"trials": 12, "folds": 2, "together": 2, "space": SPACE}
    arguments |= {"preset": SMALL, "n_jobs": 2}
    with joblib.parallel_config(backend="threading"):
        expected = tune(frame(), "y", study=study(), **arguments)
    with joblib.parallel_config(backend="loky"):
        found = tune(frame(), "y", study=study(), **arguments)
    assert found.trials == expected.trials
    assert {row["state"] for row in found.trials} == {"complete", "pruned"}
