"""One script for each kind of notebook runs as it is, with what it asserts itself.

The same scripts run unmodified under real Keras 3.15 on TensorFlow; `older_keras.py`
says what Keras 2 did, and Keras 3 refuses; `stateless_steps.py` needs JAX there, and
`housing.py` pydot.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from .running import SCRIPTS, accel, script


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_it_runs(path: Path, tmp_path: Path) -> None:
    done = accel(str(path), cwd=tmp_path)
    assert done.returncode == 0, done.stderr


def test_there_are_scripts_and_they_know_nothing_of_us() -> None:
    assert len(SCRIPTS) >= 14
    for path in SCRIPTS:
        assert "pronghorn" not in path.read_text(encoding="utf-8")


def test_a_script_that_asserts_wrongly_fails(tmp_path: Path) -> None:
    name = script(tmp_path, "import keras\nassert keras.Sequential is None\n")
    done = accel(name, cwd=tmp_path)
    assert done.returncode == 1 and "AssertionError" in done.stderr
