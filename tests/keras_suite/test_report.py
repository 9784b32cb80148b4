"""The report and the floor."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.keras_suite import report
from tests.keras_suite.judge import Outcome, skip_reason


@pytest.fixture
def suite() -> report.Suite:
    """Three that pass, one that fails, one left out, and a file that is."""
    suite = report.Suite()
    for number in range(3):
        suite.add(Outcome(f"layers/core/a_test.py::A::test_{number}", "passed", "", 1))
    suite.add(Outcome("ops/b_test.py::B::test_b", "failed", "Error: `a|b`"))
    suite.add(Outcome("ops/b_test.py::B::test_c", "excluded", "sparse tensors"))
    suite.leave_out("images/c_test.py", "images", 7)
    return suite


def test_the_share_is_of_what_passed_or_failed(suite: report.Suite) -> None:
    assert suite.share == 75.0
    assert suite.line().startswith("75.00% of Keras's tests in our field pass: 3 of 4;")


def test_the_floor_may_only_rise(
    suite: report.Suite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "FLOOR", tmp_path / "floor.txt")
    report.FLOOR.write_text("75\n")
    assert suite.wrong([]) == []
    report.FLOOR.write_text("75.5\n")
    assert "75.00% of Keras's tests pass, and 75.5% did before" in suite.wrong([])[0]


def test_an_exclusion_of_no_use_is_wrong(
    suite: report.Suite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "FLOOR", tmp_path / "floor.txt")
    report.FLOOR.write_text("75\n")
    assert suite.wrong(["a_*"]) == ["this exclusion fits no test: a_*"]


def test_the_page_has_rooms_reasons_and_failures(suite: report.Suite) -> None:
    page = suite.page()
    assert "| layers/core | 100% | 3 | 0 | 0 | 0 |" in page
    assert "| ops | 0% | 0 | 1 | 1 | 0 |" in page
    assert "| images | 1 | 7 |" in page
    assert "| sparse tensors |  | 1 |" in page
    assert "- `Error: 'a/b'`: `B.test_b`" in page
    assert "3 of those that pass" in page


def test_our_page_agrees_with_the_floor() -> None:
    shown = report.PAGE.read_text(encoding="utf-8").split("**")[1]
    assert float(shown.rstrip("%")) >= float(report.FLOOR.read_text(encoding="utf-8"))


def test_marks_of_functions_classes_and_modules_are_read() -> None:
    class Marked:
        pytestmark = pytest.mark.skipif(True, reason="of the class").mark

    @pytest.mark.skipif(False, reason="not this")
    def function() -> None:
        """A test that bears marks."""

    assert skip_reason(function) is None
    assert skip_reason(function, Marked) == "of the class"
