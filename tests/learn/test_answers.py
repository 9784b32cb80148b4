"""Right answers pass, wrong ones do not, and hear what is wrong."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from pronghorn import accel
from pronghorn.learn.course import LESSONS
from pronghorn.learn.question import Question, Verdict
from tests.learn.answers import of_lesson
from tests.learn.running import as_learner, names_of

ANSWERS = Path(__file__).parent / "answers"
READY = [
    lesson.number
    for lesson in LESSONS
    if (ANSWERS / f"lesson_{lesson.number}.py").exists()
]


def questions(lesson: int) -> dict[str, Question]:
    module = importlib.import_module(f"pronghorn.learn.questions.lesson_{lesson}")
    return {name: getattr(module, name) for name in module.__all__}


def judged(question: Question, lesson: int, code: str) -> Verdict:
    """What is said of an answer, written into the exercise that ran without answers."""
    # Question 0 stands in the tutorial.
    kind = "lesson" if question.number == 0 else "exercise"
    names = dict(names_of(f"{kind}_{lesson}.py"))
    with as_learner():
        accel.install()
        exec(compile(code, "answer", "exec"), names)
        return question.judge(*(names[name] for name in question.takes))


def rows(right: bool) -> list[tuple[int, str, str, str]]:
    found = []
    for lesson in READY:
        for name, answers in of_lesson(lesson).items():
            cases = dict.fromkeys(answers.right, "") if right else answers.wrong
            for code, words in cases.items():
                found.append((lesson, name, answers.before + "\n" + code, words))
    return found


@pytest.mark.parametrize(("lesson", "name", "code", "words"), rows(right=True))
def test_right_answers(lesson: int, name: str, code: str, words: str) -> None:
    verdict = judged(questions(lesson)[name], lesson, code)
    assert verdict.correct, verdict


@pytest.mark.parametrize(("lesson", "name", "code", "words"), rows(right=False))
def test_wrong_answers(lesson: int, name: str, code: str, words: str) -> None:
    verdict = judged(questions(lesson)[name], lesson, code)
    assert not verdict.correct
    assert words in verdict.message


@pytest.mark.parametrize("lesson", READY)
def test_solutions_and_hints(lesson: int) -> None:
    """Each question's own solution passes, and no hint is the solution."""
    for name, question in questions(lesson).items():
        answers = of_lesson(lesson)[name]
        code = f"{answers.before}\n{question.answer}"
        verdict = judged(question, lesson, code)
        assert verdict.correct, (question, verdict)
        assert question.hints
        assert all(question.answer not in hint for hint in question.hints)


@pytest.mark.parametrize("lesson", READY)
def test_there_are_enough(lesson: int) -> None:
    asked = questions(lesson)
    assert sum(question.number > 0 for question in asked.values()) >= 5
    assert set(asked) == set(of_lesson(lesson))
    for name, answers in of_lesson(lesson).items():
        assert len(answers.right) >= 2, name
        assert len(answers.wrong) >= 3, name
        assert name == f"q_{asked[name].number}"
        assert asked[name].lesson == lesson
