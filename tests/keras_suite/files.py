"""Keras's test files, and the list of what is not judged.

`exclusions.txt` has one line per pattern: a pattern, two spaces or more, a reason. A
pattern names files (`layers/pooling/*`) or tests (`ops/nn_test.py::*::test_conv*`),
with `*` and `?`; files are relative to `keras/src`. A pattern that fits nothing is an
error, so the list stays true.
"""

from __future__ import annotations

import ast
import json
import os
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

HERE = Path(__file__).resolve().parent
_ASK = (
    "import importlib.util as u, json; print(json.dumps([u.find_spec(n)"
    ".submodule_search_locations[0] for n in ('keras', 'absl')]))"
)


@dataclass
class Exclusion:
    """A line of the list.

    Attributes:
        pattern: of files, or of tests in files.
        reason: why it is not judged.
        used: whether it has matched.
    """

    pattern: str
    reason: str
    used: bool = field(default=False, compare=False)

    @property
    def of_files(self) -> bool:
        """Whether the pattern is one of whole files."""
        return "::" not in self.pattern


class Exclusions:
    """The list; it remembers which lines were of use."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.rows: list[Exclusion] = []
        for number, line in enumerate(lines, 1):
            text = line.strip()
            if not text or text.startswith("#"):
                continue
            pattern, _, reason = text.partition("  ")
            if not reason.strip():
                raise ValueError(
                    f"exclusions, line {number}: expected a pattern, two spaces and a "
                    f"reason; received {text!r}"
                )
            self.rows.append(Exclusion(pattern, reason.strip()))

    @classmethod
    def read(cls, path: Path = HERE / "exclusions.txt") -> Exclusions:
        """The list of the repository."""
        return cls(path.read_text(encoding="utf-8").splitlines())

    def reason(self, name: str) -> str | None:
        """Why a file, or a test, is left out; None where it is judged."""
        found = None
        for row in self.rows:
            if row.of_files == ("::" not in name) and fnmatchcase(name, row.pattern):
                row.used = True
                found = found or row.reason
        return found

    def unused(self) -> list[str]:
        """Patterns that fitted nothing."""
        return [row.pattern for row in self.rows if not row.used]


@dataclass(frozen=True)
class Sources:
    """Where Keras and absl are installed.

    Attributes:
        keras: the folder of the package.
        absl: the same of the package that its tests use.
    """

    keras: Path
    absl: Path

    @classmethod
    def of(cls, python: str | None = None) -> Sources:
        """Ask an interpreter that has Keras, without importing it there.

        Raises:
            RuntimeError: PRONGHORN_KERAS_PYTHON names none, or it has no Keras.
        """
        python = python or os.environ.get("PRONGHORN_KERAS_PYTHON")
        if not python:
            raise RuntimeError(
                "Keras's tests are read from an installed Keras: set "
                "PRONGHORN_KERAS_PYTHON to an interpreter that has it, or "
                "run `make keras-suite`"
            )
        command = [python, "-I", "-c", _ASK]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=True)
        except (OSError, subprocess.CalledProcessError) as error:
            words = getattr(error, "stderr", None) or str(error)
            raise RuntimeError(f"{python} has no Keras:\n{words[-500:]}") from error
        return cls(*map(Path, json.loads(done.stdout)))

    def tests(self) -> list[str]:
        """The test files, relative to `keras/src`, in order."""
        root = self.keras / "src"
        found = [p.relative_to(root).as_posix() for p in root.rglob("*_test.py")]
        return sorted(found)

    def size(self, file: str) -> int:
        """A file's length: long ones are started first."""
        return (self.keras / "src" / file).stat().st_size

    def functions(self, file: str) -> int:
        """How many test functions a file has, before their parameters."""
        tree = ast.parse((self.keras / "src" / file).read_text(encoding="utf-8"))
        return sum(
            isinstance(node, ast.FunctionDef) and node.name.startswith("test")
            for node in ast.walk(tree)
        )
