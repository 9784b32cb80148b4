"""Files larger than memory, by the command."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pronghorn.cli.nets import open_model
from pronghorn.tabular import stream_fit

from .conftest import Run

DRAWS = np.random.default_rng(4)
WORDS = ("--target", "kind", "--preset", "fast", "--epochs", 8, "--out", "m.keras")


@pytest.fixture
def parts(tmp_path: Path) -> Path:
    """Two files, sorted by the class."""
    size = DRAWS.normal(size=2000)
    kind = np.where(size + DRAWS.normal(size=2000) / 4 > 0, "big", "small")
    order = np.argsort(kind, kind="stable")
    for i, rows in enumerate(np.split(order, 2)):
        lines = [f"{size[r]},{'xyz'[r % 3]},{kind[r]}" for r in rows]
        (tmp_path / f"part-{i}.csv").write_text("\n".join(["size,c,kind", *lines]))
    return tmp_path


def test_several_files(run: Run, parts: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(parts))
    done = run("train", parts / "part-*.csv", *WORDS)
    assert done.code == 0, done.err
    for words in (
        "2,000 of 2,000 rows shuffled",
        "rows trained on in epoch 8 of 8",
        "rows/s",
        "moved a row by 3",
        "numeric",
        "(the most frequent class)",
        "holdout",
        "m.keras",
    ):
        assert words in done.out, f"{words!r} is not in:\n{done.out}"
    assert not list(parts.glob("pronghorn-rows-*"))
    net = open_model(Path("m.keras"))
    assert net.schema.rows["read"] == 2000 and net.schema.net["preset"] == "fast"
    done = run("evaluate", "m.keras", parts / "part-0.csv")
    assert done.code == 0 and "1,000 rows" in done.out, done.err
    done = run("predict", "m.keras", parts / "part-1.csv")
    predicted = done.out.split()[1:]
    assert len(predicted) == 1000 and predicted.count("small") > 900


def test_one_file_where_it_is_asked_for_or_large(
    run: Run, parts: Path, monkeypatch: Any
) -> None:
    whole = parts / "t.csv"
    texts = [(parts / f"part-{i}.csv").read_text() for i in range(2)]
    whole.write_text(texts[0] + "\n" + texts[1].split("\n", 1)[1])
    assert "shuffled" not in run("train", whole, *WORDS).out
    assert "shuffled" in run("train", whole, *WORDS, "--stream").out
    monkeypatch.setattr(stream_fit, "LARGE", 100)
    assert "shuffled" in run("train", whole, *WORDS).out
    assert "shuffled" not in run("train", whole, *WORDS, "--no-stream").out


def test_numbers(run: Run, tmp_path: Path) -> None:
    x = DRAWS.normal(size=1000)
    lines = [f"{v},{100 + 5 * v}" for v in x]
    (tmp_path / "n.csv").write_text("\n".join(["x,y", *lines]))
    words = ("--target", "y", "--preset", "fast", "--epochs", 20, "--out", "n.keras")
    done = run("train", tmp_path / "n.csv", *words, "--stream")
    assert done.code == 0 and "RMSE, in units of y" in done.out, done.err
    done = run("evaluate", "n.keras", tmp_path / "n.csv")
    assert done.code == 0, done.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--hidden", "16"), "--hidden"),
        (("--report", "r.html"), "--report"),
        (("--profile",), "--profile"),
        (("--no-stream",), "--no-stream"),
    ],
)
def test_what_does_not_go_with_it(
    run: Run, parts: Path, words: tuple[str, ...], told: str
) -> None:
    given = WORDS[:2] + WORDS[6:] if told == "--hidden" else WORDS
    done = run("train", parts / "part-*.csv", *given, *words)
    assert done.code == 2 and told in done.err


def test_no_such_files(run: Run, parts: Path) -> None:
    done = run("train", parts / "none-*.csv", *WORDS)
    assert done.code == 2 and "No file matches" in done.err
    assert "Traceback" not in done.err
