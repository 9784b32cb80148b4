"""Every notebook runs top to bottom, with the real tables and without any."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from pronghorn.learn.course import notebooks
from tests.learn.running import NOTEBOOKS, names_of


@pytest.mark.parametrize("notebook", notebooks())
def test_it_runs(notebook: str, data_dir: Path) -> None:
    names_of.cache_clear()
    assert names_of(notebook)


@pytest.mark.parametrize("notebook", notebooks())
def test_it_runs_without_tables(
    notebook: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No folder of tables, no cache, and no network."""
    monkeypatch.delenv("PRONGHORN_DATA", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr("pronghorn.utils.files.urlopen", refuse)
    names_of.cache_clear()
    try:
        assert names_of(notebook)
    finally:
        names_of.cache_clear()


def refuse(*_: object, **__: object) -> None:
    """What a machine without a network says."""
    raise OSError("there is no network")


def test_the_folder_has_what_the_course_lists() -> None:
    assert sorted(notebooks()) == sorted(path.name for path in NOTEBOOKS.glob("*.py"))


@pytest.mark.parametrize("notebook", notebooks())
def test_links_lead_somewhere(notebook: str) -> None:
    text = (NOTEBOOKS / notebook).read_text(encoding="utf-8")
    for part in text.split("(?file=")[1:]:
        assert part.split(")")[0] in notebooks()


@pytest.mark.parametrize("notebook", notebooks())
def test_it_is_what_marimo_writes(notebook: str) -> None:
    """Cells are functions that take and return names; nothing else stands there."""
    tree = ast.parse((NOTEBOOKS / notebook).read_text(encoding="utf-8"))
    kinds = {type(node) for node in tree.body}
    assert kinds <= {ast.Import, ast.Assign, ast.FunctionDef, ast.If, ast.With}
