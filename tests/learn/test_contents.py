"""The list of lessons, with what is solved."""

from __future__ import annotations

from pathlib import Path

import pytest

from pronghorn.learn import contents
from pronghorn.learn.contents import Contents
from pronghorn.learn.course import LESSONS, asked
from pronghorn.learn.progress import Progress

FIRST, LAST = LESSONS[0], LESSONS[-1]


@pytest.fixture(autouse=True)
def two_lessons(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents, "LESSONS", (FIRST, LAST))


def test_nothing_is_solved_at_first(tmp_path: Path) -> None:
    found = Contents(Progress(tmp_path / "progress.jsonl"))
    assert found.solved == 0
    assert found.questions == len(asked(FIRST.number)) + len(asked(LAST.number))
    assert repr(found) == f"0 of {found.questions} questions solved"


def test_solved_questions_are_counted(tmp_path: Path) -> None:
    progress = Progress(tmp_path / "progress.jsonl")
    for name in asked(1)[:2]:
        progress.record(name, "correct")
    progress.record(asked(1)[2], "incorrect")
    progress.record("99.1", "correct")  # of a course that is gone
    found = Contents(progress)
    assert found.solved == 2
    html = found._repr_html_()
    assert f"2 of {len(asked(1))} solved" in html
    assert f"0 of {len(asked(8))} solved" in html
    for each in (FIRST, LAST):
        assert f"?file={each.tutorial}" in html and f"?file={each.exercise}" in html
