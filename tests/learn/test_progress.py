"""What is kept of answers."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from pronghorn.errors import ArgumentError
from pronghorn.learn.home import course_folder, use_folder
from pronghorn.learn.progress import Progress, Standing


@pytest.fixture
def progress(tmp_path: Path) -> Progress:
    return Progress(tmp_path / "folder" / "progress.jsonl")


def test_each_change_is_a_line(progress: Progress) -> None:
    for did in ("incorrect", "hint", "hint", "correct"):
        progress.record("1.2", did)
    lines = [json.loads(line) for line in progress.path.read_text().splitlines()]
    assert [line["did"] for line in lines] == ["incorrect", "hint", "hint", "correct"]
    assert all(line["question"] == "1.2" and line["time"] for line in lines)
    assert progress.of("1.2") == Standing(True, 2, 2, False, "correct")


def test_a_notebook_that_is_opened_again_is_no_new_try(progress: Progress) -> None:
    for _ in range(3):
        progress.record("1.1", "incorrect")
    assert progress.of("1.1").tries == 1


def test_once_right_it_stays_right(progress: Progress) -> None:
    for did in ("correct", "incorrect", "solution"):
        progress.record("1.1", did)
    found = progress.of("1.1")
    assert found.correct and found.tries == 1 and not found.shown


def test_lines_that_cannot_be_read_are_passed_over(progress: Progress) -> None:
    progress.record("1.1", "correct")
    with progress.path.open("ab") as file:
        file.write(b'\xff\n[]\n3\n{"question": "1.3"}\n{"question": "1.4", "did": 1}\n')
        file.write(b'{"question": "1.5", "did": "cor')
    assert set(progress.standings()) == {"1.1"}


def test_two_writers_lose_nothing(progress: Progress) -> None:
    other = Progress(progress.path)
    progress.record("1.1", "correct")
    other.record("1.2", "correct")
    progress.record("1.3", "correct")
    assert set(other.standings()) == {"1.1", "1.2", "1.3"}


def test_reset_and_a_word_that_is_none(progress: Progress) -> None:
    progress.reset()  # nothing is there yet
    progress.record("1.1", "correct")
    progress.reset()
    assert progress.of("1.1") == Standing()
    with pytest.raises(ArgumentError, match="what was done"):
        progress.record("1.1", "guessed")


def test_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PRONGHORN_COURSE", raising=False)
    monkeypatch.setenv("PRONGHORN_HOME", str(tmp_path))
    assert course_folder() == tmp_path / "learn"
    monkeypatch.setenv("PRONGHORN_COURSE", "unset after the test")
    assert use_folder(tmp_path / "mine") == tmp_path / "mine" == course_folder()
    assert Progress().path == tmp_path / "mine" / "progress.jsonl"


def test_a_scratch_folder_goes_with_the_program() -> None:
    code = "from pronghorn.learn.home import scratch_folder as s; print(s())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() and not Path(done.stdout.strip()).exists()
