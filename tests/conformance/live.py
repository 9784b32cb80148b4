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
# One thread is enough for nets this small; TensorFlow's others would only spin.
ENVIRONMENT = {
    "KERAS_BACKEND": "tensorflow",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "OMP_NUM_THREADS": "1",
}


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


def environment() -> dict[str, str]:
    """The environment of Keras's process: it may not find our sources by accident."""
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    return {**kept, **ENVIRONMENT}


def run(python: Path, module: str, *arguments: str) -> None:
    """Run a module of these tests in Keras's interpreter; its errors are shown."""
    done = subprocess.run(
        [str(python), "-m", module, *arguments],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"Keras failed:\n{done.stderr[-3000:]}")


class Recorder:
    """One process of Keras for all groups: it takes seconds to start.

    Args:
        python: interpreter that has Keras.
        folder: where it writes what it records, and its errors.
    """

    def __init__(self, python: Path, folder: Path) -> None:
        self.errors = folder / "errors.txt"
        words = ["-m", "tests.conformance.record", "--out", str(folder), "--asked"]
        with self.errors.open("w") as errors:
            self.process = subprocess.Popen(
                [str(python), *words],
                cwd=ROOT,
                env=environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )

    def record(self, group: str) -> None:
        """Have a group recorded, and wait for it."""
        asked, told = self.process.stdin, self.process.stdout
        assert asked is not None and told is not None
        try:
            asked.write(f"{group}\n")
            asked.flush()
        except BrokenPipeError:
            pass  # it has ended, and its errors say why
        if told.readline().strip() != group:
            raise RuntimeError(f"Keras failed:\n{self.errors.read_text()[-3000:]}")

    def close(self) -> None:
        """End the process."""
        self.process.communicate()


class Expected:
    """Keras's results, group by group, each read or run once.

    Args:
        folder: where live results are written; without one, the recorded are read.
        python: interpreter that has Keras.
    """

    def __init__(self, folder: Path | None = None, python: Path | None = None) -> None:
        self.folder, self.python = folder, python
        self.recorder: Recorder | None = None
        self.group = cache(self._group)

    def _group(self, group: str) -> dict[str, Results]:
        if self.folder is None or self.python is None:
            return store.load(store.RECORDED, group)
        if self.recorder is None:
            self.recorder = Recorder(self.python, self.folder)
        self.recorder.record(group)
        return store.load(self.folder, group)

    def of(self, case: Case) -> Results:
        """What Keras gives for the case."""
        return self.group(case.group)[case.name]

    def close(self) -> None:
        """End Keras's process, if there is one."""
        if self.recorder is not None:
            self.recorder.close()
