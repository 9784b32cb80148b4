"""One learner on one table, here scikit-learn's; errors, clocks, categories."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pandas
import pytest
from benchmarks.quality.learners import LEARNERS, Categories, Learner, ScikitMlp, texts
from benchmarks.quality.worker import clocks, measured, scores


def test_a_learner_is_measured_on_a_set() -> None:
    found = measured(ScikitMlp, "sklearn/breast_cancer", 0)
    assert 0 <= found["error"] < 0.2 and 0 < found["log_loss"] < 1
    assert found["rows"] == {"train": 341, "valid": 114, "test": 114}
    assert 0 < found["fit_wall_s"] <= found["wall_s"]
    assert 0 < found["fit_cpu_s"] <= found["cpu_s"]
    again = measured(ScikitMlp, "sklearn/breast_cancer", 0)
    assert (again["split"], again["error"]) == (found["split"], found["error"])


def test_errors_of_a_regression_are_in_the_tables_units() -> None:
    found = measured(ScikitMlp, "sklearn/diabetes", 1)
    assert 40 < found["rmse"] < 77, "the targets deviate by 77"


def test_scores() -> None:
    told = np.array([[0.9, 0.1], [0.2, 0.8], [1.0, 0.0]])
    found = scores(told, np.array([0, 1, 1]), 2)
    assert found["error"] == pytest.approx(1 / 3)
    assert found["log_loss"] == pytest.approx(-np.log([0.9, 0.8, 1e-7]).mean())
    assert scores(np.array([1.0, 3.0]), np.array([1.0, 1.0]), 0) == {
        "rmse": pytest.approx(np.sqrt(2))
    }


@pytest.mark.parametrize("told", [np.ones((3, 1)), np.array([[np.nan, 1.0]] * 3)])
def test_answers_of_another_kind_are_refused(told: np.ndarray) -> None:
    with pytest.raises(ValueError, match="expected finite numbers of shape"):
        scores(told, np.zeros(3, np.int64), 2)


def test_the_work_of_other_processes_counts() -> None:
    work = "import time\nwhile time.process_time() < 0.3: pass\nprint(flush=True)"
    before = clocks()
    subprocess.run([sys.executable, "-c", work], check=True, capture_output=True)
    ended = clocks()
    assert ended[1] - before[1] > 0.29, "one that has ended"
    command = [sys.executable, "-c", f"{work}\ninput()"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe) as living:
        assert living.stdout is not None
        living.stdout.readline()
        assert clocks()[1] - ended[1] > 0.28, "one that lives"
        living.communicate(b"\n")


def test_categories_that_training_did_not_have_are_missing() -> None:
    x = pandas.DataFrame({"[a]": ["u", None, "v"], "b": [1, 2, 3]})
    made = Categories()
    assert texts(x) == ["[a]"]
    assert made.fit(x)["c0"].cat.categories.tolist() == ["u", "v"]
    other = made.of(pandas.DataFrame({"[a]": ["w", "v"], "b": [1, 2]}))
    assert other["c0"].cat.codes.tolist() == [-1, 1]
    assert list(other.columns) == ["c0", "c1"]


def test_every_learner_says_what_it_is_given() -> None:
    for name, kind in LEARNERS.items():
        assert issubclass(kind, Learner) and kind.name == name
        assert "validation" in kind.given and kind.label
    assert LEARNERS["sklearn-mlp"].version().startswith("scikit-learn 1.")
    ours = LEARNERS["pronghorn-fast"].version()
    assert ours.startswith("pronghorn ") and len(ours.split()[-1]) == 8
