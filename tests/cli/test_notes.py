"""Values that a model has not met: which are told, which are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Run, write
from .test_errors import check

HEADER = "size,kind,town,open,day,grade"
ROW = ("9", "a", "town1", "true", "2026-01-01", "high")


def table(**changes: list[str]) -> Path:
    """A table like the shop's, of four rows, with these columns changed."""
    names = HEADER.split(",")
    columns = {n: [v] * 4 for n, v in zip(names, ROW, strict=True)} | changes
    return write(Path("t.csv"), HEADER, list(zip(*columns.values(), strict=True)))


@pytest.fixture
def model(run: Run, shop: Path) -> str:
    words = ("--target", "grade", "--drop", "price", "--epochs", 2, "--hidden", "4")
    assert run("train", shop, *words).code == 0
    return "shop.keras"


@pytest.mark.parametrize(
    ("name", "values", "says"),
    [
        (
            "kind",
            ["a", "z", "z", ""],
            "kind holds 'z', not seen in training, in 2 rows",
        ),
        ("kind", ["a", "z", "z", ""], "taken as none of the known"),
        ("town", ["x", "y", "town1", "x"], "town holds 'x' and 1 more, not seen"),
        (
            "town",
            ["x", "y", "town1", "x"],
            "in 3 rows; what was learned from the rarest",
        ),
        ("open", ["TRUE", "maybe", "", "false"], "open holds 'maybe', not seen"),
        ("open", ["TRUE", "maybe", "", "false"], "in 1 row; halfway"),
    ],
)
@pytest.mark.parametrize("command", ["predict", "evaluate"])
def test_an_unseen_category_is_told(
    run: Run, model: str, command: str, name: str, values: list[str], says: str
) -> None:
    done = run(command, model, table(**{name: values}))
    assert done.code == 0 and "note" not in done.out
    assert done.err.startswith("note: ") and done.err.count("note") == 1
    assert says in " ".join(done.err.split())


def test_nothing_is_told_of_known_and_missing_categories(run: Run, model: str) -> None:
    data = table(kind=["a", "b", "", "c"], open=["true", "False", "", "?"])
    for command in ("predict", "evaluate"):
        assert run(command, model, data).err == ""


def test_labels_that_the_model_does_not_know(run: Run, model: str) -> None:
    done = run("evaluate", model, table(grade=["high", "middle", "low", "middle"]))
    said = " ".join(done.err.split())
    assert done.code == 0
    assert "warning: grade holds, in 2 rows of 4, 'middle'" in said
    assert "it knows 'high', 'low'" in said
    done = run("evaluate", model, table(grade=["High", "Low", "", "Low"]))
    check(done, "knows no class", "'high', 'low'", "'High', 'Low'", "mean high")
    assert done.out == ""


def test_a_warning_is_as_wide_as_the_terminal(
    run: Run, model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "50")
    done = run("predict", model, table(kind=["z"] * 4))
    lines = done.err.splitlines()
    assert len(lines) > 1 and max(map(len, lines)) <= 50
    assert all(line.startswith("      ") for line in lines[1:])
    shown = run("show", model).out.splitlines()
    assert max(map(len, shown)) <= 50


def test_the_numbers_of_a_row_are_of_one_style(run: Run, tmp_path: Path) -> None:
    rows = [(i % 50, 100_000 + 1000 * (i % 50)) for i in range(200)]
    data = write(tmp_path / "n.csv", "x,y", rows)
    done = run("train", data, "--target", "y", "--epochs", 1, "--hidden", "4")
    assert "e+0" not in done.out, done.out
    (line,) = [row for row in done.out.splitlines() if " RMSE" in row]
    assert [word.count(",") for word in line.split()[-2:]] == [1, 1]
    (line,) = [row for row in done.out.splitlines() if " R2 " in row]
    assert [len(word.split(".")[1]) for word in line.split()[1:]] == [3, 3]


def test_a_long_category_is_cut(run: Run, tmp_path: Path) -> None:
    names = ["c" * 23 + "!", "short", "d" * 60]
    data = write(tmp_path / "c.csv", "x,y", [(names[i % 3], i) for i in range(60)])
    done = run("train", data, "--target", "y", "--epochs", 1, "--hidden", "4")
    assert names[0] in done.out and "d" * 23 + "…" in done.out
    assert "d" * 24 not in done.out


def test_a_column_that_gives_the_answer_away_is_named(run: Run, tmp_path: Path) -> None:
    rows = [(i * 7 % 13, i % 50, 3 * (i % 50) + 1.5) for i in range(200)]
    data = write(tmp_path / "n.csv", "x,copy,y", rows)
    words = ("train", data, "--target", "y", "--hidden", "")
    done = run(*words)
    assert "note: y is predicted nearly without error" in done.out
    assert "'copy' most likely" in done.out
    assert "note" not in run(*words, "--drop", "copy").out
