"""`pronghorn learn`, but for the server and the browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pronghorn.cli import learn as commands
from pronghorn.learn.course import LESSONS
from pronghorn.learn.progress import Progress
from tests.cli.conftest import Run


@pytest.fixture(autouse=True)
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PRONGHORN_COURSE", str(tmp_path / "course"))
    monkeypatch.setattr(commands, "LESSONS", (LESSONS[0], LESSONS[-1]))
    return tmp_path / "course"


def test_progress_is_shown(run: Run, course: Path) -> None:
    progress = Progress(course / "progress.jsonl")
    progress.record("1.1", "correct")
    progress.record("1.2", "solution")
    progress.record("1.2", "correct")
    progress.record("1.3", "incorrect")
    ran = run("learn", "--progress")
    assert ran.code == 0
    (line,) = [each for each in ran.out.splitlines() if "A single neuron" in each]
    assert "2/7" in line and "· ✔ ✔ ✘ ·" in line
    assert "0/7" in ran.out


def test_progress_of_another_folder(run: Run, tmp_path: Path) -> None:
    Progress(tmp_path / "mine" / "progress.jsonl").record("1.1", "correct")
    assert "1/7" in run("learn", "--progress", "--folder", "mine").out


def test_starting_over(run: Run, course: Path) -> None:
    assert run("learn", "--reset").code == 0
    (course / "lesson_1.py").write_text("# mine")
    Progress(course / "progress.jsonl").record("1.1", "correct")
    ran = run("learn", "--reset")
    assert "lesson_1.py.1.bak" in ran.out.replace("\n", "")
    assert (course / "lesson_1.py.1.bak").read_text() == "# mine"
    assert not (course / "progress.jsonl").exists()


@pytest.mark.parametrize("number", ["0", "9", "-1", "one"])
def test_a_lesson_that_there_is_not(run: Run, number: str) -> None:
    ran = run("learn", "--no-browser", "--", number)
    assert ran.code == 2 and "from 1 to 8" in ran.err


class Served:
    """What stands in for the server."""

    def __init__(self, folder: Path, port: int) -> None:
        self.stopped, Served.last = False, self

    def address(self, notebook: str) -> str:
        return f"http://127.0.0.1:1/?file={notebook}"

    def wait(self) -> int:
        raise KeyboardInterrupt

    def stop(self) -> None:
        self.stopped = True

    last: Any = None


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The addresses that a browser was asked for; there is no browser."""
    found: list[str] = []
    monkeypatch.setattr(commands, "Server", Served)
    monkeypatch.setattr(commands.webbrowser, "open", found.append)  # gives None
    yield found


def test_the_course_is_opened_and_closed(run: Run, opened: list[str]) -> None:
    ran = run("learn", "1")
    assert ran.code == 0
    assert opened == ["http://127.0.0.1:1/?file=lesson_1.py"]
    assert opened[0] in ran.out and "No browser could be started" in ran.out
    assert "The course is closed" in ran.out and Served.last.stopped


def test_no_browser_is_asked_for(run: Run, opened: list[str]) -> None:
    ran = run("learn", "--no-browser")
    assert opened == [] and "index.py" in ran.out and "No browser" not in ran.out


def test_export(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "export_jupyter", lambda to: [to / "lesson_1.ipynb"])
    ran = run("learn", "--jupyter", "books")
    assert "wrote books/lesson_1.ipynb" in ran.out and "jupyter lab books" in ran.out
