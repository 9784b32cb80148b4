"""The report says what was measured, and nothing else."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

import pronghorn as keras
from pronghorn.accel.journal import Journal, Run, seconds_of_process
from pronghorn.accel.report import report
from pronghorn.training import Trainer


def run(what: str, seconds: float, epochs: int = 0, identity: int = 1) -> Run:
    return Run(what, f"net_{identity}", identity, 1, "native", epochs, seconds)


def test_calls_of_a_model_are_added() -> None:
    runs = [run("fit", 1.0, 1), run("predict", 0.5), run("fit", 2.0, 4, identity=2)]
    assert report([*runs, run("predict", 0.25)], None, None).splitlines() == [
        "pronghorn.accel: what ran here",
        "  net_1         1 weight, native",
        "    fit         once, 1 epoch, 1.00 s",
        "    predict     2 times, 0.75 s",
        "  net_2         1 weight, native",
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
    journal.open()
    model = keras.Sequential([keras.layers.Dense(1, input_shape=[2])])
    model.compile("sgd", "mse")
    x = np.ones((4, 2), "float32")
    with pytest.raises(ValueError, match="rows"):
        model.fit(x, np.ones(3), epochs=5)
    model.fit(x, np.arange(4.0), epochs=2, verbose=0)
    assert inspect.signature(Trainer.fit) == signature
    journal.close()
    assert Trainer.fit is before
    assert [(r.what, r.epochs) for r in journal.runs] == [("fit", 0), ("fit", 2)]
    model.fit(x, np.arange(4.0), verbose=0)
    assert len(journal.runs) == 2


def test_the_process_has_an_age() -> None:
    seconds = seconds_of_process()
    assert seconds is None or 0 < seconds < 1e6
