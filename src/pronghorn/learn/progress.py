"""What was answered so far: one line of JSON for each change, in the course's folder.

    {"time": "2026-01-31T10:15:00+00:00", "question": "1.2", "did": "correct"}

`did` is `correct`, `incorrect`, `hint` or `solution`. Lines are only ever added, so
that two notebooks that are open at once lose nothing of each other's. Deleting the file
starts over.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from pronghorn.errors import ArgumentError
from pronghorn.learn.home import course_folder

__all__ = ["DID", "Progress", "Standing"]

DID = ("correct", "incorrect", "hint", "solution")


@dataclass(frozen=True)
class Standing:
    """How one question stands.

    Attributes:
        correct: whether a right answer was given, ever.
        tries: how many answers were looked at up to the first right one.
        hints: how many hints were read.
        shown: whether the solution was read before the answer was right.
        last: what was done last, a word of `DID`; empty at the start.
    """

    correct: bool = False
    tries: int = 0
    hints: int = 0
    shown: bool = False
    last: str = ""

    def after(self, did: str) -> Standing:
        """The standing after one more line of the file.

        >>> Standing().after("incorrect").after("correct").tries
        2
        """
        if did in ("correct", "incorrect"):
            return replace(
                self,
                correct=self.correct or did == "correct",
                tries=self.tries + (not self.correct),
                last=did,
            )
        if did == "hint":
            return replace(self, hints=self.hints + 1, last=did)
        return replace(self, shown=self.shown or not self.correct, last=did)


class Progress:
    """The file of what was answered.

    Args:
        path: the file; `progress.jsonl` in the course's folder by default.

    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> progress = Progress(Path(folder.name) / "progress.jsonl")
    >>> progress.record("1.2", "incorrect")
    >>> progress.record("1.2", "correct")
    >>> progress.of("1.2").correct, progress.of("1.2").tries
    (True, 2)
    >>> progress.reset()
    >>> progress.of("1.2").correct
    False
    >>> folder.cleanup()
    """

    def __init__(self, path: str | Path | None = None) -> None:
        self.path = course_folder() / "progress.jsonl" if path is None else Path(path)

    def record(self, question: str, did: str) -> None:
        """Adds a line, unless it says what the last one of the question says.

        Notebooks check all their cells again when they are opened: that is no new try.
        """
        if did not in DID:
            raise ArgumentError(
                "Progress.record: what was done",
                expected="one of " + ", ".join(DID),
                received=repr(did),
            )
        if did != "hint" and self.of(question).last == did:
            return
        now = datetime.now(UTC).isoformat(timespec="seconds")
        line = json.dumps({"time": now, "question": question, "did": did}) + "\n"
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(line)  # one write, so that lines of two processes do not mix

    def standings(self) -> dict[str, Standing]:
        """How each question stands that was tried."""
        found: dict[str, Standing] = {}
        for question, did in self._lines():
            found[question] = found.get(question, Standing()).after(did)
        return found

    def of(self, question: str) -> Standing:
        """How one question stands."""
        return self.standings().get(question, Standing())

    def reset(self) -> None:
        """Forgets everything: deletes the file."""
        self.path.unlink(missing_ok=True)

    def _lines(self) -> Iterator[tuple[str, str]]:
        """Questions and what was done; a line that cannot be read is passed over.

        The file is the learner's own, who may edit it, or may have lost power within a
        line. No progress is worth a course that does not open.
        """
        try:
            text = self.path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return
        for line in text.splitlines():
            try:
                entry = json.loads(line)
                question, did = str(entry["question"]), entry["did"]
            except (ValueError, TypeError, KeyError):
                continue
            if did in DID:
                yield question, did
