"""Models of `pronghorn.tabular.fit` in the command, and the command's in Python."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pronghorn.tabular import TableModel, fit

from .conftest import Run

ROWS = 200
RNG = np.random.default_rng(0)
SIZE = RNG.normal(size=ROWS)
FRAME = pd.DataFrame({"size": SIZE, "kind": RNG.choice(["a", "b"], ROWS)})
TARGETS: dict[str, Any] = {
    "bools": SIZE > 0,
    "numbers": (SIZE > 0) + 1,
    "text": np.where(SIZE > 0, "big", "small"),
}
WRITERS: dict[str, Callable[[pd.DataFrame, Path], None]] = {
    "t.csv": lambda frame, path: frame.to_csv(path, index=False),
    "t.parquet": lambda frame, path: frame.to_parquet(path),
}


def accuracy(said: str) -> float:
    found = re.search(r"predicted wrongly\s+(\d+\.\d+)%", said)
    assert found, said
    return 1 - float(found[1]) / 100


@pytest.mark.parametrize("file", WRITERS)
@pytest.mark.parametrize("case", TARGETS)
def test_the_command_scores_a_model_from_python(
    run: Run, tmp_path: Path, case: str, file: str
) -> None:
    frame = FRAME.assign(y=TARGETS[case])
    WRITERS[file](frame, tmp_path / file)
    model = fit(frame, "y", preset="fast")
    model.save(tmp_path / "m.keras")
    done = run("evaluate", "m.keras", file)
    assert done.code == 0, done.err
    scores = model.evaluate(frame)
    assert scores["accuracy"] > 0.8
    assert accuracy(done.out) == pytest.approx(scores["accuracy"], abs=0.001)


@pytest.mark.parametrize("file", WRITERS)
@pytest.mark.parametrize("case", TARGETS)
def test_python_scores_a_model_from_the_command(
    run: Run, tmp_path: Path, case: str, file: str
) -> None:
    frame = FRAME.assign(y=TARGETS[case])
    WRITERS[file](frame, tmp_path / file)
    words = ("--preset", "fast", "--epochs", 5, "--out", "m.keras")
    done = run("train", file, "--target", "y", *words)
    assert done.code == 0, done.err
    model = TableModel.load(tmp_path / "m.keras")
    scores = model.evaluate(frame)
    for name, write in WRITERS.items():
        write(frame, tmp_path / name)
        assert model.evaluate(tmp_path / name) == pytest.approx(scores)
