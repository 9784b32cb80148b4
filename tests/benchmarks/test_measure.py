"""Rounds, workers and whole commands, with processes that take no time."""

from __future__ import annotations

import os
import signal
import sys
import textwrap
import time
from contextlib import suppress
from pathlib import Path

import pytest
from benchmarks.measure import Worker, WorkerError
from benchmarks.serving import clean

from benchmarks import measure, processes

SERVER = """
from benchmarks.serving import serve

class Actions:
    def double(self, value):
        print("a library's own words")
        return 2 * value

    def die(self):
        raise SystemExit("gone")

serve(Actions())
"""


def test_rounds_go_through_all_in_turn_and_start_with_another_one() -> None:
    calls: list[str] = []

    def timed(name: str) -> measure.Timed:
        return lambda: float(calls.append(name) or len(calls))

    found = measure.interleaved({n: timed(n) for n in "abc"}, 2, {})
    assert calls == list("abcbca")
    assert found == {"a": [1.0, 6.0], "b": [2.0, 4.0], "c": [3.0, 5.0]}


def test_one_that_fails_is_named_and_left_out() -> None:
    def broken() -> float:
        raise WorkerError("no")

    failed: dict[str, str] = {}
    found = measure.interleaved({"a": lambda: 1.0, "b": broken}, 3, failed)
    assert found == {"a": [1.0, 1.0, 1.0]} and failed == {"b": "no"}


def test_a_summary_has_minimum_and_median() -> None:
    assert measure.summary([3.0, 1.0, 8.0])["min"] == 1.0
    assert measure.summary([3.0, 1.0, 8.0])["median"] == 3.0


def test_a_worker_answers_and_its_errors_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "server.py").write_text(textwrap.dedent(SERVER))
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{measure.ROOT}")
    worker = Worker("server")
    try:
        assert worker.ask("double", value=21) == 42
        with pytest.raises(WorkerError, match="TypeError"):
            worker.ask("double", value=None)
        assert worker.ask("double", value=2) == 4, "an error does not end it"
        with pytest.raises(WorkerError, match="died: gone"):
            worker.ask("die")
    finally:
        worker.close()


def test_a_command_is_timed_and_weighed() -> None:
    found = measure.process([sys.executable, "-c", "print('out')"])
    assert found["output"] == "out"
    assert 0 < found["s"] < 60
    assert 1 < found["MiB"] < 20, "what this process holds does not count"
    with pytest.raises(WorkerError, match="why"):
        measure.process([sys.executable, "-c", "raise SystemExit('why')"])
    with pytest.raises(WorkerError, match="not done in"):
        measure.process([sys.executable, "-c", "while True: pass"], patience=0.3)


def test_a_command_ends_with_the_one_who_waits_for_it(tmp_path: Path) -> None:
    told = tmp_path / "pid"

    def stop(*about: object) -> None:
        if told.exists() and told.read_text():
            raise KeyboardInterrupt

    work = f"import os, time; open({str(told)!r}, 'w').write(str(os.getpid()))"
    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)
    try:
        with pytest.raises(KeyboardInterrupt):
            measure.process([sys.executable, "-c", f"{work}; time.sleep(600)"])
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    state = Path("/proc", told.read_text(), "stat")
    ends = time.monotonic() + 60
    with suppress(FileNotFoundError):
        while state.read_text().rpartition(")")[2].split()[0] != "Z":
            assert time.monotonic() < ends, "it lives"
            os.sched_yield()


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("no /opt/a-b/lib/c.so here", "no c.so here"),
        ("'/opt/x/y.py'", "'y.py'"),
        ("1/2 and a/b/c", "1/2 and a/b/c"),
        ("x" * 300, "x" * 200),
    ],
)
def test_an_error_names_no_folder_of_the_machine(line: str, told: str) -> None:
    assert clean(line) == told


def test_what_a_distribution_requires_is_found() -> None:
    found = processes.closure("pytest")
    assert {"pytest", "pluggy", "iniconfig"} <= found
    assert "hypothesis" not in found, "it is only an extra's"
    assert processes.size("pytest") > 100_000
    assert processes.normal("Foo_.Bar") == "foo-bar"
