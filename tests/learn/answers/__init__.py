"""Answers to the exercises' questions, right ones and wrong ones, by lesson."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module

__all__ = ["Answers", "of_lesson"]


@dataclass(frozen=True)
class Answers:
    """What learners write in answer to one question.

    Attributes:
        right: Python that must pass.
        wrong: Python that must not, and words that what is said of it must have.
        before: Python that runs first: answers to questions that this one builds on.
    """

    right: list[str]
    wrong: dict[str, str]
    before: str = ""


def of_lesson(number: int) -> dict[str, Answers]:
    """The table of a lesson."""
    table: dict[str, Answers] = import_module(
        f"tests.learn.answers.lesson_{number}"
    ).ANSWERS
    return table
