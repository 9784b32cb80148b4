"""Real Keras in a process of its own, and what it gave."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from tests.conformance import store
from tests.conformance.case import Case, Results

ROOT = Path(__file__).resolve().parents[2]


def interpreter() -> Path:
    """An interpreter that can import Keras.

    Raises:
        RuntimeError: neither this one can, nor is PRONGHORN_KERAS_PYTHON set.
    """
    named = os.environ.get("PRONGHORN_KERAS_PYTHON")
    if named:
        return Path(named)
    if find_spec("keras"):
        return Path(sys.executable)
    raise RuntimeError(
        "comparing with real Keras needs it: pip install keras tensorflow-cpu, or "
        "set PRONGHORN_KERAS_PYTHON to an interpreter that has both"
    )


def run(python: Path, module: str, *arguments: str) -> None:
    """Run a module of these tests in Keras's interpreter; its errors are shown."""
    environment = {**os.environ, "KERAS_BACKEND": "tensorflow"}
    environment.pop("PYTHONPATH", None)
    done = subprocess.run(
        [str(python), "-m", module, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"Keras failed:\n{done.stderr[-3000:]}")


class Expected:
    """Keras's results, group by group, each read or run once.

    Args:
        folder: where live results are written; without one, the recorded are read.
        python: interpreter that has Keras.
    """

    def __init__(self, folder: Path | None = None, python: Path | None = None) -> None:
        self.folder, self.python = folder, python
        self.group = cache(self._group)

    def _group(self, group: str) -> dict[str, Results]:
        if self.folder is None or self.python is None:
            return store.load(store.RECORDED, group)
        name = "tests.conformance.record"
        run(self.python, name, group, "--out", str(self.folder))
        return store.load(self.folder, group)

    def of(self, case: Case) -> Results:
        """What Keras gives for the case."""
        return self.group(case.group)[case.name]
