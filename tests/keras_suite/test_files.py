"""The list of exclusions, and how it is read."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.keras_suite.files import Exclusions, Sources


def test_a_pattern_without_a_reason_is_refused() -> None:
    with pytest.raises(ValueError, match="line 2: expected a pattern"):
        Exclusions(["a_test.py  why", "b_test.py"])


def test_patterns_of_files_and_of_tests_do_not_mix() -> None:
    listed = Exclusions(["layers/*  images", "layers/a_test.py::*::test_x*  sparse"])
    assert listed.reason("layers/a_test.py") == "images"
    assert listed.reason("layers/a_test.py::A::test_xy") == "sparse"
    assert listed.reason("layers/a_test.py::A::test_y") is None


def test_lines_that_fit_nothing_are_named() -> None:
    listed = Exclusions(["# a comment", "", "a_*  one", "b_*  two"])
    listed.reason("a_test.py")
    assert listed.unused() == ["b_*"]


def test_the_first_reason_counts_and_every_fitting_line_is_of_use() -> None:
    listed = Exclusions(["a_*  one", "a_t*  two"])
    assert listed.reason("a_test.py") == "one"
    assert listed.unused() == []


def test_our_list_is_well_formed_and_says_nothing_twice() -> None:
    patterns = [row.pattern for row in Exclusions.read().rows]
    assert len(patterns) == len(set(patterns))


def test_functions_are_counted_wherever_they_stand(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    text = "def test_a(): pass\nclass A:\n def test_b(self): pass\n def c(self): pass"
    (tmp_path / "src" / "a_test.py").write_text(text)
    sources = Sources(tmp_path, tmp_path)
    assert sources.tests() == ["a_test.py"]
    assert sources.functions("a_test.py") == 2


def test_without_an_interpreter_that_has_keras_we_say_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("PRONGHORN_KERAS_PYTHON", raising=False)
    with pytest.raises(RuntimeError, match="make keras-suite"):
        Sources.of()
    with pytest.raises(RuntimeError, match=r"PRONGHORN_KERAS_PYTHON|has no Keras"):
        Sources.of(sys.executable + "-none")
