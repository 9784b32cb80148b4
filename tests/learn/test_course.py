"""The course's folder: prepared, kept, reset, exported."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from pronghorn.errors import ArgumentError, MissingDependencyError, StateError
from pronghorn.learn import course
from pronghorn.learn.course import (
    INDEX,
    LESSONS,
    asked,
    export_jupyter,
    lesson,
    notebooks,
    prepare,
    reset,
)
from pronghorn.learn.progress import Progress


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return prepare(tmp_path / "a folder" / "learn")


def ship(monkeypatch: pytest.MonkeyPatch, to: Path, text: str) -> None:
    """Another version of the package, with another lesson 1."""
    to.mkdir()
    for name in notebooks():
        (to / name).write_bytes((course._SHIPPED / name).read_bytes())
    (to / "lesson_1.py").write_text(text)
    monkeypatch.setattr(course, "_SHIPPED", to)


def test_the_folder_has_all_that_is_needed(folder: Path) -> None:
    for name in notebooks():
        assert (folder / name).read_bytes() == (course._SHIPPED / name).read_bytes()
    settings = (folder / "pyproject.toml").read_text()
    assert "auto_instantiate = true" in settings
    assert set(json.loads((folder / ".shipped.json").read_text())) == set(notebooks())


def test_eight_lessons_with_questions() -> None:
    assert [each.number for each in LESSONS] == list(range(1, 9))
    assert notebooks()[0] == INDEX
    assert asked(8) == [f"8.{number}" for number in range(1, 8)]
    assert lesson(3) is LESSONS[2]
    with pytest.raises(ArgumentError, match="from 1 to 8"):
        lesson(9)


def test_what_was_edited_stays_and_the_rest_follows(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "exercise_1.py").write_text("# mine")
    (folder / "pyproject.toml").write_text("# my settings")
    ship(monkeypatch, tmp_path / "newer", "# a newer lesson")
    (tmp_path / "newer" / "exercise_1.py").write_text("# a newer exercise")
    prepare(folder)
    assert (folder / "lesson_1.py").read_text() == "# a newer lesson"
    assert (folder / "exercise_1.py").read_text() == "# mine"
    assert (folder / "pyproject.toml").read_text() == "# my settings"


def test_a_notebook_that_was_deleted_comes_back(folder: Path) -> None:
    (folder / "lesson_1.py").unlink()
    prepare(folder)
    assert (folder / "lesson_1.py").exists()


@pytest.mark.parametrize("record", ["", "{", "[]", "3", '{"lesson_1.py": 7}'])
def test_a_damaged_record_loses_nothing(folder: Path, record: str) -> None:
    (folder / "lesson_1.py").write_text("# mine")
    (folder / ".shipped.json").write_text(record)
    prepare(folder)
    assert (folder / "lesson_1.py").read_text() == "# mine"


def test_reset_keeps_what_was_edited_under_another_name(folder: Path) -> None:
    Progress(folder / "progress.jsonl").record("1.1", "correct")
    for number, words in ((1, "# mine"), (2, "# mine again")):
        (folder / "lesson_1.py").write_text(words)
        kept = reset(folder)
        assert kept == [folder / f"lesson_1.py.{number}.bak"]
        assert kept[0].read_text() == words
        shipped = (course._SHIPPED / "lesson_1.py").read_bytes()
        assert (folder / "lesson_1.py").read_bytes() == shipped
    assert not Progress(folder / "progress.jsonl").standings()
    assert reset(folder) == []


def test_reset_makes_a_course_where_there_was_none(tmp_path: Path) -> None:
    assert reset(tmp_path / "new") == []
    assert (tmp_path / "new" / INDEX).exists()


def test_a_file_in_the_way_is_an_error_that_helps(tmp_path: Path) -> None:
    (tmp_path / "learn").write_text("not a folder")
    with pytest.raises(StateError, match="--folder DIR"):
        prepare(tmp_path / "learn")


def test_without_marimo_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(course, "find_spec", lambda name: None)
    with pytest.raises(MissingDependencyError, match=r"pronghorn\[learn\]"):
        course.Server(tmp_path)
    with pytest.raises(MissingDependencyError, match=r"pronghorn\[learn\]"):
        next(export_jupyter(tmp_path))


def test_a_server_that_does_not_start_tells_why(
    folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "python"
    program.write_text("#!/bin/sh\necho Error: no such port\necho Goodbye\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    with pytest.raises(StateError, match="Error: no such port"):
        course.Server(folder, 1)


def test_jupyter_goes_on_past_what_is_not_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nbformat = pytest.importorskip("nbformat")
    monkeypatch.setattr(course, "notebooks", lambda: ["exercise_8.py"])
    (path,) = export_jupyter(tmp_path)
    book = nbformat.read(path, as_version=4)
    nbformat.validate(book)
    waiting = [cell for cell in book.cells if "mo.stop(" in cell.source]
    assert len(waiting) >= 4
    for cell in book.cells:
        tagged = "raises-exception" in cell.metadata.get("tags", [])
        assert tagged == (cell in waiting)


def test_notebooks_are_exported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One is enough: all go the same way."""
    nbformat = pytest.importorskip("nbformat")
    monkeypatch.setattr(course, "notebooks", lambda: ["exercise_1.py"])
    (path,) = export_jupyter(tmp_path / "new" / "folder")
    assert path.name == "exercise_1.ipynb"
    book = nbformat.read(path, as_version=4)
    code = "\n".join(each.source for each in book.cells if each.cell_type == "code")
    assert "q_1.check(input_shape, wine)" in code
    assert "input_shape = ..." in code


def test_a_notebook_that_cannot_be_exported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("nbformat")
    (tmp_path / "broken.py").write_text("this is no Python")
    monkeypatch.setattr(course, "_SHIPPED", tmp_path)
    monkeypatch.setattr(course, "notebooks", lambda: ["broken.py"])
    with pytest.raises(StateError, match="could not be exported"):
        list(export_jupyter(tmp_path / "out"))
