"""What is learnt is true of Keras: the course's model code, run on both.

Needs `PRONGHORN_KERAS_PYTHON`, a Python that has Keras 3.15 and TensorFlow.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.conformance.live import environment
from tests.learn import keras_code

PYTHON = os.environ.get("PRONGHORN_KERAS_PYTHON")
SCRIPT = Path(__file__).with_name("both_sides.py")
GIVEN = "snippets.pickle"
TOLERANCE = 1e-5


def results(folder: Path, side: str, python: str, env: dict[str, str]) -> dict:
    done = subprocess.run(
        [python, str(SCRIPT), side, str(folder / GIVEN), str(folder / f"{side}.npz")],
        capture_output=True,
        text=True,
        timeout=600,
        env=env,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    with np.load(folder / f"{side}.npz") as file:
        return dict(file)


def write(folder: Path) -> list[keras_code.Snippet]:
    snippets = keras_code.snippets()
    with (folder / GIVEN).open("wb") as file:
        pickle.dump([(each.name, each.code, each.data) for each in snippets], file)
    return snippets


def test_the_code_runs_under_accel(tmp_path: Path) -> None:
    """Every snippet runs, and most of them make a model."""
    snippets = write(tmp_path)
    found = results(tmp_path, "pronghorn", sys.executable, dict(os.environ))
    with_models = {name.split(": ")[0] for name in found}
    assert len(snippets) >= 4
    assert len(with_models) >= len(snippets) / 2


@pytest.mark.skipif(
    not PYTHON, reason="PRONGHORN_KERAS_PYTHON names no Python with Keras"
)
def test_keras_says_the_same(tmp_path: Path) -> None:
    write(tmp_path)
    ours = results(tmp_path, "pronghorn", sys.executable, dict(os.environ))
    env = {**environment(), "KERAS_BACKEND": "tensorflow"}
    theirs = results(tmp_path, "keras", str(PYTHON), env)
    assert set(ours) == set(theirs)
    for name, numbers in theirs.items():
        scale = max(float(np.abs(numbers).max()), 1.0)
        off = float(np.abs(ours[name] - numbers).max()) / scale
        assert off < TOLERANCE, f"{name}: {off:.1e} apart"


def test_a_cell_that_takes_more_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cells.py"
    path.write_text("def keras_model(keras, frame):\n    model = keras.Sequential()\n")
    with pytest.raises(ValueError, match="frame"):
        keras_code.keras_cells(path)
