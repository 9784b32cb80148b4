"""Running commands in this process, and small tables to run them on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from pronghorn.cli import main


@dataclass(frozen=True)
class Ran:
    """One command's exit code and what it printed."""

    code: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def run(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Run:
    """Runs `pronghorn` with these words in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")

    def run_words(*words: object) -> Ran:
        capsys.readouterr()
        code = main([str(word) for word in words])
        said = capsys.readouterr()
        return Ran(code, said.out, said.err)

    return run_words


def write(path: Path, header: str, rows: Sequence[Sequence[object]]) -> Path:
    """A CSV file of these rows; None is an empty cell."""
    cells = [",".join("" if v is None else str(v) for v in row) for row in rows]
    path.write_text("\n".join([header, *cells]) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """400 rows of every kind of column, with a number and a class to predict."""
    rng = np.random.default_rng(0)
    rows = []
    for i in range(400):
        size, kind = rng.normal(10, 3), "abc"[rng.integers(3)]
        town = f"town{rng.integers(20)}"
        open_ = bool(rng.integers(2))
        day = f"2026-{rng.integers(12) + 1:02d}-{rng.integers(28) + 1:02d}"
        price = 5 * size + 20 * (kind == "a") + 10 * open_ + rng.normal(0, 1)
        grade = "high" if price > 60 else "low"
        gap = None if i % 10 == 0 else f"{size:.3f}"
        word = "true" if open_ else "false"
        row = (f"key{i}", gap, kind, town, word, day, 7, f"{price:.3f}", grade)
        rows.append(row)
    header = "key,size,kind,town,open,day,seven,price,grade"
    return write(tmp_path / "shop.csv", header, rows)
