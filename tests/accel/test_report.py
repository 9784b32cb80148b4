"""The report says what was measured, and nothing else."""

from __future__ import annotations

import gc
import inspect
import weakref

import numpy as np
import pytest

import pronghorn as keras
from pronghorn.accel.journal import Journal, Run, seconds_of_process
from pronghorn.accel.report import report
from pronghorn.training import Trainer


def test_a_line_for_each_method_of_each_model() -> None:
    runs = [
        Run("fit", "net", 1, 1, "native", 1, 1, 1.0),
        Run("fit", "other", 2, 31, "reference", 1, 4, 2.0),
        Run("predict", "net", 1, 1, "native", 2000, 0, 0.75),
    ]
    assert report(runs, None, None).splitlines() == [
        "pronghorn.accel: what ran here",
        "  net           1 weight, native",
        "    fit         once, 1 epoch, 1.00 s",
        "    predict     2,000 times, 0.75 s",
        "  other         31 weights, reference",
        "    fit         once, 4 epochs, 2.00 s",
    ]


@pytest.mark.parametrize(
    ("baseline", "told"),
    [(10.0, "8.00 s more, 5.0 times"), (1.0, "1.00 s less, 0.5 times")],
)
def test_a_comparison_needs_both_measurements(baseline: float, told: str) -> None:
    assert told in report([], 0.5, 2.0, baseline)
    assert "elsewhere" not in report([], 0.5, None, baseline)
    assert "elsewhere" not in report([], 0.5, 2.0)


def test_a_call_that_raises_is_written_down_too() -> None:
    journal = Journal()
    before = Trainer.fit
    signature = inspect.signature(Trainer.fit)
    journal.open()
    journal.open(written=True)
    model = keras.Sequential([keras.layers.Dense(1, input_shape=[2])])
    model.compile("sgd", "mse")
    x = np.ones((4, 2), "float32")
    with pytest.raises(ValueError, match="rows"):
        model.fit(x, np.ones(3), epochs=5)
    model.fit(x, np.arange(4.0), epochs=2, verbose=0)
    assert inspect.signature(Trainer.fit) == signature
    journal.close()
    assert Trainer.fit is before
    (run,) = journal.runs
    assert (run.what, run.calls, run.epochs, run.weights) == ("fit", 2, 2, 3)
    assert run.backend == "native" and 0 < run.seconds < 60
    model.fit(x, np.arange(4.0), verbose=0)
    assert run.calls == 2


def test_models_are_told_apart_and_not_kept() -> None:
    journal = Journal()
    journal.open(written=True)
    for _ in range(2):
        model = keras.Sequential([keras.layers.Dense(1, input_shape=[2])], name="net")
        model.predict(np.ones((3, 2), "float32"), verbose=0)
        model.predict(np.ones((3, 2), "float32"), verbose=0)
    seen = weakref.ref(model)
    del model
    gc.collect()
    journal.close()
    assert seen() is None
    assert [(r.identity, r.calls) for r in journal.runs] == [(0, 2), (1, 2)]


def test_without_a_report_nothing_is_kept_and_predict_is_as_it_was() -> None:
    journal, before = Journal(), Trainer.predict
    journal.open()
    assert Trainer.predict is before
    model = keras.Sequential([keras.layers.Dense(1, input_shape=[2])])
    model.compile("sgd", "mse")
    model.fit(np.ones((4, 2), "float32"), np.arange(4.0), verbose=0)
    journal.close()
    assert journal.runs == []


def test_the_process_has_an_age() -> None:
    seconds = seconds_of_process()
    assert seconds is None or 0 < seconds < 1e6
