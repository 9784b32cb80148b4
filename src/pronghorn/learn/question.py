"""Questions that look at an answer and say what they see.

    @question(1, 2, "The input shape", hints=["Count the columns."],
              solution="input_shape = [11]")
    def q_2(input_shape):
        if list(input_shape) != [11]:
            raise Wrong("...")

The function is the judge: its parameters are the names that the answer defines, it
raises `Wrong` with what is wrong, without giving the answer away, and may return a word
about a right answer. An answer that is still `...` is not judged.
"""

from __future__ import annotations

import html
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pronghorn.learn.progress import Progress

__all__ = ["Card", "Question", "Verdict", "Wrong", "question"]

Judge = Callable[..., "str | None"]

_LOOK = {  # (the word before it, the colour of its edge)
    "correct": ("Correct", "#2e9e5b"),
    "incorrect": ("Not yet", "#d2552f"),
    "unanswered": ("Unanswered", "#8a8f98"),
    "hint": ("Hint", "#3b7dd8"),
    "solution": ("Solution", "#8e5bd0"),
}


class Wrong(Exception):
    """What is wrong with an answer, in a sentence or two for the learner."""


@dataclass(frozen=True, repr=False)
class Card:
    """What a question says, as text and as a box on a page.

    Attributes:
        kind: `correct`, `incorrect`, `unanswered`, `hint` or `solution`.
        message: what it says, with `code` between backquotes.
        code: lines of Python below the message.
    """

    kind: str
    message: str
    code: str = ""

    def __repr__(self) -> str:
        text = f"{_LOOK[self.kind][0]}: {self.message}"
        if self.code:
            text += "\n\n" + "\n".join("    " + each for each in self.code.splitlines())
        return text

    def _repr_html_(self) -> str:
        word, colour = _LOOK[self.kind]
        parts = html.escape(self.message).split("`")
        said = "".join(
            f"<code>{part}</code>" if at % 2 else part for at, part in enumerate(parts)
        )
        code = (
            f'<pre style="margin:0.6em 0 0;overflow-x:auto">{html.escape(self.code)}'
            "</pre>"
            if self.code
            else ""
        )
        return (
            f'<div class="pronghorn-{self.kind}" role="status" style="border-left:'
            f"5px solid {colour};background:color-mix(in srgb,{colour} 9%,transparent);"
            'border-radius:4px;padding:0.6em 0.9em;line-height:1.45">'
            f"<strong>{word}.</strong> {said}{code}</div>"
        )


@dataclass(frozen=True, repr=False)
class Verdict(Card):
    """What `check` says of an answer."""

    @property
    def correct(self) -> bool:
        """Whether the answer is right."""
        return self.kind == "correct"


class Question:
    """One question of an exercise. Made by `question`.

    Attributes:
        lesson: number of the lesson, from 1.
        number: number of the question, from 1.
        title: what it is about, in a few words.
        takes: names that the answer defines; `check` takes them in this order.
        hints: sentences, each saying more than the one before.
        answer: Python that answers it.
    """

    def __init__(
        self,
        judge: Judge,
        *,
        lesson: int,
        number: int,
        title: str,
        hints: Sequence[str],
        answer: str,
    ) -> None:
        self._judge = judge
        self._hints_read = 0
        self.lesson = lesson
        self.number = number
        self.title = title
        self.takes = tuple(inspect.signature(judge).parameters)
        self.hints = tuple(hints)
        self.answer = answer.strip("\n")

    @property
    def name(self) -> str:
        """As progress names it, such as `1.2`."""
        return f"{self.lesson}.{self.number}"

    def __repr__(self) -> str:
        given = ", ".join(self.takes)
        return f"Question {self.name}, {self.title}: check({given}), hint(), solution()"

    def judge(self, *answers: Any) -> Verdict:
        """What is to be said of an answer; nothing is written down."""
        if len(answers) != len(self.takes):
            return Verdict(
                "unanswered",
                f"`check` looks at {_listed(self.takes)}: call "
                f"`q_{self.number}.check({', '.join(self.takes)})`.",
            )
        open_ones = [name for name, answer in zip(self.takes, answers) if answer is ...]
        if open_ones:
            return Verdict(
                "unanswered",
                f"Put your answer in place of `...` for {_listed(open_ones)}.",
            )
        try:
            said = self._judge(*answers)
        except Wrong as wrong:
            return Verdict("incorrect", str(wrong))
        except Exception as error:  # an answer of a kind that no one thought of
            kinds = ", ".join(f"a {type(each).__name__}" for each in answers)
            return Verdict(
                "incorrect",
                f"This answer, {kinds}, could not be looked at. Python says: "
                f"{type(error).__name__}: {error}",
            )
        return Verdict("correct", said or self.title + ".")

    def check(self, *answers: Any) -> Verdict:
        """Looks at an answer, says what is wrong with it, and keeps the result.

        Args:
            *answers: the values of the names in `takes`.

        Returns:
            A card for the page; `.correct` tells whether the answer is right.
        """
        verdict = self.judge(*answers)
        if verdict.kind in ("correct", "incorrect"):
            Progress().record(self.name, verdict.kind)
        return verdict

    def hint(self) -> Card:
        """The next hint; after the last, the last once more."""
        at = min(self._hints_read, len(self.hints) - 1)
        self._hints_read += 1
        Progress().record(self.name, "hint")
        more = len(self.hints) - at - 1
        rest = f" (Run this cell again for another: {more} more.)" if more else ""
        return Card("hint", self.hints[at] + rest)

    def solution(self) -> Card:
        """One right answer, as Python."""
        Progress().record(self.name, "solution")
        return Card("solution", "One way to answer it:", self.answer)


def question(
    lesson: int, number: int, title: str, *, hints: Sequence[str], solution: str
) -> Callable[[Judge], Question]:
    """Makes a judge a `Question`.

    Args:
        lesson: number of the lesson.
        number: number of the question in it.
        title: a few words.
        hints: at least one, each saying more than the one before.
        solution: Python that answers it, with the names that the exercise has.

    >>> @question(1, 1, "A weight", hints=["Look at the slope."], solution="w = 2.5")
    ... def q_1(w):
    ...     if w != 2.5:
    ...         raise Wrong("The line is not as steep as the rows.")
    >>> q_1.judge(2.0)
    Not yet: The line is not as steep as the rows.
    >>> q_1.judge(...)
    Unanswered: Put your answer in place of `...` for `w`.
    >>> q_1.judge(2.5)
    Correct: A weight.
    """

    def made(judge: Judge) -> Question:
        return Question(
            judge,
            lesson=lesson,
            number=number,
            title=title,
            hints=hints,
            answer=solution,
        )

    return made


def _listed(names: Sequence[str]) -> str:
    *most, last = [f"`{name}`" for name in names]
    return f"{', '.join(most)} and {last}" if most else last
