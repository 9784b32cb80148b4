"""What is run, and that nothing is run twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from benchmarks.measure import WorkerError
from benchmarks.quality.__main__ import chosen, jobs, run, told
from benchmarks.quality.learners import LEARNERS
from benchmarks.quality.sets import SETS

from benchmarks.quality import store

from .made import row

JOBS = [("lightgbm", "mpg", 0), ("lightgbm", "mpg", 1), ("xgboost", "mpg", 0)]


class Runs:
    """A harness on a file, whose measuring is counted."""

    def __init__(self, path: Path) -> None:
        self.path, self.measured = path, []  # type: ignore[var-annotated]
        self.version, self.machine, self.stop = "1.0", "here", -1

    def measure(self, learner: str, name: str, seed: int) -> dict[str, Any]:
        if len(self.measured) == self.stop:
            raise KeyboardInterrupt
        self.measured.append((learner, name, seed))
        about = ("set", "seed", "learner", "version", "machine")
        made = row(name, learner, seed)
        return {k: v for k, v in made.items() if k not in about}

    def go(self, **options: bool) -> list[Any]:
        self.measured.clear()
        run(
            JOBS,
            store.load(self.path),
            self.measure,
            lambda each: store.add(each, self.path),
            versions=lambda learner: self.version,
            where=self.machine,
            **options,
        )
        return self.measured


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    return Runs(tmp_path / "results" / "rows.jsonl")


def test_nothing_is_measured_twice(runs: Runs) -> None:
    assert runs.go() == JOBS
    assert runs.go() == []
    assert len(store.load(runs.path)) == 3


def test_a_run_that_was_stopped_goes_on(runs: Runs) -> None:
    runs.stop = 2
    with pytest.raises(KeyboardInterrupt):
        runs.go()
    runs.stop = -1
    assert runs.go() == JOBS[2:]


def test_another_version_or_machine_is_measured_anew(runs: Runs) -> None:
    runs.go()
    runs.version = "1.1"
    assert runs.go() == JOBS
    runs.machine = "there"
    assert runs.go() == JOBS and runs.go() == []
    assert len(store.load(runs.path)) == 9
    assert len(store.newest(store.load(runs.path))) == 3


def test_again_replaces_and_retime_takes_what_is_there(runs: Runs) -> None:
    assert runs.go(retime=True) == []
    runs.go()
    assert runs.go(again=True) == JOBS
    assert runs.go(retime=True) == JOBS
    found = store.load(runs.path)
    assert len(found) == 3 and all(each["retimed"] for each in found)


def test_a_failure_is_kept_and_not_tried_again(
    runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(learner: str, name: str, seed: int) -> dict[str, Any]:
        raise WorkerError("no memory")

    with monkeypatch.context() as patched:
        patched.setattr(runs, "measure", broken)
        runs.go()
    assert [each["failed"] for each in store.load(runs.path)] == ["no memory"] * 3
    assert runs.go() == []
    assert runs.go(again=True) == JOBS


def test_a_line_that_was_cut_short_is_dropped(runs: Runs) -> None:
    runs.go()
    whole = runs.path.read_text()
    runs.path.write_text(whole[:-20])
    assert len(store.load(runs.path)) == 2
    assert runs.go() == JOBS[2:]
    assert runs.path.read_text().count("\n") == 3
    assert len(store.load(runs.path)) == 3
    runs.path.write_text("{broken\n" + whole)
    with pytest.raises(ValueError, match="line 1 is no JSON"):
        store.load(runs.path)


def test_six_digits_are_stored(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    store.add(row("mpg", "lightgbm", rmse=1.23456789), path)
    assert store.load(path)[0]["rmse"] == 1.23457


def test_slow_learners_run_on_some_sets() -> None:
    found = jobs(["lightgbm", "tabm-d"], list(SETS), [0, 1, 2])
    assert len([job for job in found if job[0] == "lightgbm"]) == 3 * len(SETS)
    assert len([job for job in found if job[0] == "tabm-d"]) == 30


def test_halves_and_names_can_be_chosen() -> None:
    dev = chosen("dev", list(SETS), "set")
    assert len(dev) == len(SETS) / 2 and "mpg" in dev
    assert chosen("mpg,held", list(SETS), "set")[0] == "mpg"
    assert chosen("", list(LEARNERS), "learner") == list(LEARNERS)
    with pytest.raises(SystemExit, match="no set is called 'x'"):
        chosen("x", list(SETS), "set")


def test_other_errors_than_before_are_told() -> None:
    before = row("mpg", "lightgbm")
    assert told(before, before).endswith("cpu 1.00 s")
    assert "other errors" in told(row("mpg", "lightgbm", rmse=2.0), before)
    assert told(row("mpg", "lightgbm", failed="no"), None).endswith("failed: no")


def test_rows_say_how_many_threads_they_were_held_to(
    runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    runs.go()
    assert [each["threads"] for each in store.load(runs.path)] == [1, 1, 1]
    monkeypatch.delenv("OMP_NUM_THREADS")
    runs.go(retime=True)
    assert not any("threads" in each for each in store.load(runs.path))
