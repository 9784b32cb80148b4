"""Worker processes, and rounds that go through them in turn."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.serving import clean

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 300.0  # seconds until a silent worker is given up


def cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0))


class WorkerError(RuntimeError):
    """A worker answered with an error, died or fell silent."""


class Worker:
    """A process that serves requests: see `benchmarks.serving`.

    It is stopped (SIGSTOP) between requests, so an idle library's threads cannot spin
    while another one is timed.

    Args:
        module: what to run.
        environment: variables to add to this process's own.
    """

    def __init__(
        self,
        module: str = "benchmarks.worker",
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed in close
        self.process = subprocess.Popen(
            [sys.executable, "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            text=True,
            cwd=ROOT,
            env={**os.environ, **(environment or {})},
        )
        self.process.send_signal(signal.SIGSTOP)

    def ask(self, do: str, **more: Any) -> Any:
        """The answer to one request.

        Raises:
            WorkerError: if the worker says so, has died, or is silent too long.
        """
        assert self.process.stdin is not None
        self.process.send_signal(signal.SIGCONT)
        try:
            self.process.stdin.write(json.dumps({"do": do, **more}) + "\n")
            self.process.stdin.flush()
            answer = self._answer()
        except BrokenPipeError:
            raise WorkerError(f"died: {self._last_words()}") from None
        finally:
            self.process.send_signal(signal.SIGSTOP)
        if "error" in answer:
            raise WorkerError(answer["error"])
        return answer["ok"]

    def _answer(self) -> Any:
        assert self.process.stdout is not None
        if not select.select([self.process.stdout], [], [], PATIENCE)[0]:
            raise WorkerError(f"silent for {PATIENCE:.0f} s")
        line = self.process.stdout.readline()
        if not line:
            raise WorkerError(f"died: {self._last_words()}")
        return json.loads(line)

    def _last_words(self) -> str:
        self.errors.seek(0)
        lines = self.errors.read().strip().splitlines()
        return clean(lines[-1]) if lines else "no words"

    def close(self) -> None:
        """Ends the process."""
        self.process.kill()
        self.process.wait()
        for file in (self.process.stdin, self.process.stdout, self.errors):
            with contextlib.suppress(BrokenPipeError):  # a request it never read
                file.close()  # type: ignore[union-attr]


Timed = Callable[[], float]


def interleaved(
    timed: Mapping[str, Timed], rounds: int, failed: dict[str, str]
) -> dict[str, list[float]]:
    """Each function once a round, in turn, starting with another one each round.

    Args:
        timed: by name, a function that gives one round's figure.
        failed: one that raises is left out from then on, and noted here.
    """
    found: dict[str, list[float]] = {name: [] for name in timed}
    names = list(timed)
    for turn in range(rounds):
        shift = turn % max(1, len(names))
        for name in names[shift:] + names[:shift]:
            if name in failed:
                continue
            try:
                found[name].append(timed[name]())
            except (WorkerError, OSError) as error:
                failed[name] = str(error)
    return {name: values for name, values in found.items() if name not in failed}


def summary(values: Sequence[float]) -> dict[str, Any]:
    """Minimum, median and all values."""
    return {
        "min": min(values),
        "median": statistics.median(values),
        "all": list(values),
    }


# A process's peak counts what its parent held when it was made, so it is made by one
# that holds next to nothing.
LAUNCHER = """
import os, sys, time
start = time.perf_counter()
child = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ)
_, status, usage = os.wait4(child, 0)
print(time.perf_counter() - start, usage.ru_maxrss, os.waitstatus_to_exitcode(status))
"""


def process(
    command: Sequence[str],
    environment: Mapping[str, str] | None = None,
    patience: float = PATIENCE,
) -> dict[str, Any]:
    """A whole command: seconds from start to exit, peak MiB, its standard output.

    Raises:
        WorkerError: if it fails, with the last line that it wrote to standard error,
            or if it is not done in `patience` seconds.
    """
    child = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", LAUNCHER, *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
        start_new_session=True,  # so that all of it can be ended at once
    )
    try:
        told, errors = child.communicate(timeout=patience)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.communicate()
        raise WorkerError(f"not done in {patience:.0f} s") from None
    except BaseException:  # Ctrl-C reaches this process, not that session
        os.killpg(child.pid, signal.SIGKILL)
        child.communicate()
        raise
    output, _, figures = told.rstrip("\n").rpartition("\n")
    seconds, kilobytes, status = figures.split()
    if int(status):
        lines = errors.strip().splitlines() or [f"status {status}"]
        raise WorkerError(clean(lines[-1]))
    return {"s": float(seconds), "MiB": int(kilobytes) / 1024, "output": output}
