"""The course's contents, with what is solved of each lesson, as a part of a page."""

from __future__ import annotations

import html

from pronghorn.learn.course import LESSONS, Lesson, asked
from pronghorn.learn.progress import Progress, Standing

__all__ = ["Contents"]

_GREEN = "#2e9e5b"
_LINK = "text-decoration:underline;text-underline-offset:3px"


class Contents:
    """The lessons as a list of links, each with its questions and what is solved.

    Args:
        progress: the file of what was answered; the course's own by default.

    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     contents = Contents(Progress(Path(folder) / "progress.jsonl"))
    >>> contents.solved
    0
    """

    def __init__(self, progress: Progress | None = None) -> None:
        standings = (progress or Progress()).standings()
        self._stands = {
            lesson: [standings.get(name, Standing()) for name in asked(lesson.number)]
            for lesson in LESSONS
        }

    @property
    def solved(self) -> int:
        """How many questions are solved."""
        return sum(one.correct for stands in self._stands.values() for one in stands)

    @property
    def questions(self) -> int:
        """How many there are."""
        return sum(len(stands) for stands in self._stands.values())

    def __repr__(self) -> str:
        return f"{self.solved} of {self.questions} questions solved"

    def _repr_html_(self) -> str:
        rows = "".join(_row(*each) for each in self._stands.items())
        return (
            f"<p>{html.escape(repr(self))}.</p>"
            f'<ol style="list-style:none;padding:0;margin:0">{rows}</ol>'
        )


def _row(lesson: Lesson, stands: list[Standing]) -> str:
    solved = sum(one.correct for one in stands)
    share = round(100 * solved / max(len(stands), 1))
    return (
        '<li style="padding:0.7em 0;border-top:1px solid '
        'color-mix(in srgb,currentColor 18%,transparent)">'
        f'<a style="{_LINK}" href="?file={lesson.tutorial}">'
        f"<strong>{lesson.number}&ensp;{html.escape(lesson.title)}</strong></a><br>"
        f"{html.escape(lesson.about)}<br>"
        f'<a style="{_LINK}" href="?file={lesson.exercise}">Exercise</a>, '
        f"{solved} of {len(stands)} solved"
        '<span style="display:block;height:4px;margin-top:0.35em;border-radius:2px;'
        f"background:linear-gradient(to right,{_GREEN} {share}%,"
        f'color-mix(in srgb,currentColor 15%,transparent) {share}%)"></span></li>'
    )
