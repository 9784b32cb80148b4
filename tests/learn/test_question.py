"""Questions: what they say, and what they keep."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pronghorn.learn.progress import Progress
from pronghorn.learn.question import Card, Question, Wrong, question


@pytest.fixture(autouse=True)
def progress(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Progress:
    monkeypatch.setenv("PRONGHORN_COURSE", str(tmp_path))
    return Progress(tmp_path / "progress.jsonl")


def weight(*, hints: list[str] | None = None) -> Question:
    @question(1, 2, "A weight", hints=hints or ["Less.", "Half."], solution="w = 2.5")
    def q_2(w: Any, b: Any) -> str | None:
        if w / 1 != 2.5:
            raise Wrong("Not `w`.")
        return "So it is." if b else None

    return q_2


def test_verdicts() -> None:
    q_2 = weight()
    assert q_2.name == "1.2" and q_2.takes == ("w", "b")
    assert q_2.judge(2.5, 1).correct and q_2.judge(2.5, 1).message == "So it is."
    assert q_2.judge(2.5, 0).message == "A weight."
    assert q_2.judge(2, 1).kind == "incorrect"
    assert q_2.judge(..., 1).message.endswith("for `w`.")
    assert q_2.judge(..., ...).message.endswith("for `w` and `b`.")
    assert "q_2.check(w, b)" in q_2.judge(2.5).message


def test_an_answer_that_no_one_thought_of_is_no_error() -> None:
    said = weight().judge("two", None)
    assert not said.correct
    assert "a str, a NoneType" in said.message and "TypeError" in said.message


def test_only_answers_are_kept(progress: Progress) -> None:
    q_2 = weight()
    q_2.check(..., 1)
    q_2.check()
    assert not progress.standings()
    q_2.check(1, 1)
    assert q_2.check(2.5, 1).correct
    found = progress.of("1.2")
    assert found.correct and found.tries == 2


def test_hints_say_more_each_time(progress: Progress) -> None:
    q_2 = weight()
    said = [q_2.hint().message for _ in range(3)]
    assert said[0].startswith("Less.") and "1 more" in said[0]
    assert said[1:] == ["Half.", "Half."]
    assert progress.of("1.2").hints == 3


def test_the_solution_is_remembered(progress: Progress) -> None:
    card = weight().solution()
    assert card.code == "w = 2.5" and "    w = 2.5" in repr(card)
    assert progress.of("1.2").shown


def test_a_card_is_safe_html() -> None:
    html = Card("hint", "`<b>` & more", "if a < b: pass")._repr_html_()
    assert "<code>&lt;b&gt;</code> &amp; more" in html
    assert "a &lt; b" in html and 'role="status"' in html
    assert "<pre" not in Card("hint", "no code")._repr_html_()
