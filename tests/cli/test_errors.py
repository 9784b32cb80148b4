"""Every error is one message and exit code 2, never a traceback."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

import pronghorn as keras
from pronghorn.cli import main, workflow
from pronghorn.cli.options import hidden_units, missing_codes, names
from pronghorn.errors import ArgumentError

from .conftest import Ran, Run, write

SHOP = "shop.csv"


def check(done: Ran, *says: str) -> None:
    said = " ".join((done.err + done.out).replace("│", " ").split())
    assert done.code == 2, said
    assert "Traceback" not in said
    for words in says:
        assert words in said, f"{words!r} is not in: {said}"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["none.csv", "--target", "y"], ["none.csv does not exist"]),
        ([SHOP], ["--target is missing", "columns are key, size, kind, town"]),
        (["none.csv"], ["--target is missing", "no --target what to do"]),
        ([], ["DATA is missing", "train --help"]),
        ([SHOP, "x.csv", "--target", "price"], ["unexpected", "(x.csv)"]),
        (
            [SHOP, "--target", "price", "--epochs", "ten"],
            ["--epochs cannot take 'ten'"],
        ),
        ([SHOP, "--target", "price", "--epochs"], ["requires", "a whole number from"]),
        ([SHOP, "--target", "price", "--epochs=1.5"], ["'1.5'", "whole number from 1"]),
        ([SHOP, "--target", "price", "--holdout=a"], ["'a'", "for instance --holdout"]),
        ([SHOP, "--target", "price", "--epoch", "1"], ["--epoch.", "mean --epochs?"]),
        (
            [SHOP, "--target", "price", "--hidden", "9,1000000"],
            ["100,000 units at the"],
        ),
        ([SHOP, "--target", "price", "--missing", "Size=3"], ["mean size?"]),
        (
            [SHOP, "--target", "price", "--drop", "price"],
            ["take 'price' out of --drop"],
        ),
        ([SHOP, "--target", "prize"], ["no column named 'prize'", "mean price"]),
        ([SHOP, "--target", "seven"], ["'seven' is constant"]),
        ([SHOP, "--target", "key"], ["320 classes"]),
        ([SHOP, "--target", "grade", "--task", "regression"], ["holds text", "'"]),
        ([SHOP, "--target", "price", "--task", "ranking"], ["--task", "'ranking'"]),
        ([SHOP, "--target", "price", "--hidden", "a"], ["--hidden", "'a'"]),
        ([SHOP, "--target", "price", "--hidden", "-3"], ["--hidden", "'-3'"]),
        ([SHOP, "--target", "price", "--hidden", "2.5"], ["--hidden", "'2.5'"]),
        ([SHOP, "--target", "price", "--hidden", "64,,"], ["--hidden"]),
        (
            [SHOP, "--target", "price", "--hidden", "4", "--preset", "fast"],
            ["--preset and --hidden exclude each other"],
        ),
        ([SHOP, "--target", "price", "--preset", "fats"], ["'fats'", "mean fast"]),
        ([SHOP, "--target", "price", "--epochs", "0"], ["--epochs"]),
        ([SHOP, "--target", "price", "--batch-size", "x"], ["--batch-size"]),
        ([SHOP, "--target", "price", "--seed", "-1"], ["--seed"]),
        ([SHOP, "--target", "price", "--holdout", "1.5"], ["hold out", "1.5"]),
        ([SHOP, "--target", "price", "--holdout", "nan"], ["hold out", "nan"]),
        ([SHOP, "--target", "price", "--features", "siz"], ["mean size"]),
        ([SHOP, "--target", "price", "--features", "price"], ["names the target"]),
        ([SHOP, "--target", "price", "--drop", "nil"], ["--drop", "'nil'"]),
        (
            [SHOP, "--target", "price", "--features", "size", "--drop", "day"],
            ["exclude each other"],
        ),
        ([SHOP, "--target", "price", "--features", "seven"], ["No column is left"]),
        ([SHOP, "--target", "price", "--missing", "nil=3"], ["--missing", "'nil'"]),
        ([SHOP, "--target", "price", "--missing="], ["--missing", "empty"]),
        ([SHOP, "--target", "price", "--out", "m.h5"], ["ends in .keras"]),
        ([SHOP, "--target", "price", "--out", "no/m.keras"], ["no folder no"]),
        ([SHOP, "--target", "price", "--surprise", "1"], ["--surprise"]),
    ],
)
def test_train(run: Run, shop: Path, words: list[str], says: list[str]) -> None:
    check(run("train", *words), *says)
    assert not list(Path.cwd().glob("*.keras"))


def test_an_unknown_command(run: Run) -> None:
    check(run("fly"), "fly")


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([], "no rows"),
        ([(1, 2)], "row"),
        ([(i, None) for i in range(5)], "0 row(s) to train on"),
        ([(i, "inf" if i == 7 else i) for i in range(20)], "infinite"),
        ([("inf" if i == 7 else i * i, i) for i in range(20)], "row 8"),
    ],
)
def test_tables_that_cannot_be_trained_on(
    run: Run, tmp_path: Path, rows: list[tuple[object, ...]], says: str
) -> None:
    data = write(tmp_path / "t.csv", "x,y", rows)
    check(run("train", data, "--target", "y", "--task", "regression"), says)


def test_a_broken_line_is_told_by_its_number(run: Run, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("x,y\n1,2\n3,4,5\n")
    check(run("train", "t.csv", "--target", "y"), "3 values in line 3")


@pytest.fixture
def model(run: Run, shop: Path) -> Path:
    words = ("--target", "price", "--drop", "grade", "--epochs", 2, "--hidden", "4")
    assert run("train", shop, *words).code == 0
    return Path("shop.keras")


@pytest.mark.parametrize("command", ["predict", "evaluate"])
def test_a_missing_column_is_named(run: Run, model: Path, command: str) -> None:
    write(
        Path("t.csv"), "size,kind,open,day,price", [(1, "a", "true", "2026-01-01", 5)]
    )
    check(run(command, model, "t.csv"), "lacks 1 column(s)", "'town'")


def test_names_that_differ_in_case_are_told(run: Run, model: Path) -> None:
    row = (1, "a", "town1", "true", "2026-01-01")
    write(Path("t.csv"), "Size,kind,TOWN,open,day", [row])
    says = "only in upper and lower case: rename 'Size' to 'size', 'TOWN' to 'town'"
    check(run("predict", model, "t.csv"), says)


def test_values_that_do_not_fit_say_where(run: Run, model: Path) -> None:
    header = "size,kind,town,open,day"
    fine = (1, "a", "town1", "true", "2026-01-01")
    write(Path("t.csv"), header, [fine, ("big", *fine[1:])])
    check(run("predict", model, "t.csv"), "column 'size'", "row 2", "'big'")
    write(Path("t.csv"), header, [fine, (*fine[:4], "soon")])
    check(run("predict", model, "t.csv"), "column 'day'", "row 2", "'soon'")


def test_evaluate_needs_a_target(run: Run, model: Path, shop: Path) -> None:
    header, *rows = shop.read_text().splitlines()
    Path("t.csv").write_text(header.replace("price", "cost") + "\n" + rows[0] + "\n")
    check(run("evaluate", model, "t.csv"), "no column named 'price'", "needs no")
    cells = rows[0].split(",")
    cells[7] = ""
    Path("t.csv").write_text(header + "\n" + ",".join(cells) + "\n")
    check(run("evaluate", model, "t.csv"), "No row", "'price'")
    cells[7] = "dear"
    Path("t.csv").write_text(header + "\n" + ",".join(cells) + "\n")
    check(run("evaluate", model, "t.csv"), "holds text")


@pytest.mark.parametrize("command", ["predict", "evaluate", "show"])
def test_what_is_no_model(run: Run, shop: Path, command: str) -> None:
    data = [] if command == "show" else [shop]
    check(run(command, "none.keras", *data), "none.keras does not exist", "train ...")
    Path("nine.keras").write_text("")
    check(run(command, "none.keras", *data), "does not exist", "mean nine.keras?")
    check(run(command, ".", *data), "is a folder")
    Path("t.keras").write_text("not a model")
    check(run(command, "t.keras", *data), "t.keras")


@pytest.mark.parametrize("command", ["predict", "evaluate"])
def test_swapped_arguments_are_told(
    run: Run, model: Path, shop: Path, command: str
) -> None:
    check(run(command, model, model), "is a model's file", "swap the arguments")
    check(run(command, shop, model), "shop.csv")


def test_a_model_without_a_schema(run: Run, shop: Path) -> None:
    net = keras.Sequential([keras.layers.Dense(1, input_shape=(1,))])
    net.save("plain.keras")
    check(run("predict", "plain.keras", shop), "without a table's schema")


def test_a_schema_of_a_later_version(run: Run, model: Path, shop: Path) -> None:
    net = keras.models.load_model(model)
    text = net._pronghorn_members["schema.json"]
    net._pronghorn_members["schema.json"] = text.replace(b'"format": 1', b'"format": 9')
    net.save("later.keras")
    check(run("predict", "later.keras", shop), "format 9")


def test_predictions_that_cannot_be_written(run: Run, model: Path, shop: Path) -> None:
    check(run("predict", model, shop, "-o", "no/out.csv"), "cannot be written")


def test_a_bug_is_one_message_too(
    run: Run, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("oh")

    monkeypatch.setattr(workflow, "fit_schema", lambda *_, **__: fail())
    done = run("train", shop, "--target", "price", "--hidden=")
    check(done, "ZeroDivisionError: oh")


def test_interrupted(run: Run, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(workflow, "fit", stop)
    done = run("train", shop, "--target", "price")
    assert done.code == 130 and "interrupted" in done.err


def test_the_pip_line_where_the_extra_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("pronghorn.cli._run", None)
    monkeypatch.setattr("pronghorn.cli._lacking", "typer")
    assert main(["show"]) == 2
    assert "pip install 'pronghorn[cli]'" in capsys.readouterr().err


def test_the_pip_line_where_duckdb_is_missing(
    run: Run, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    check(run("train", shop, "--target", "price"), "pip install 'pronghorn[cli]'")


def test_words_of_options() -> None:
    assert names(None) == names(" ,") == ()
    assert hidden_units(None) is None
    assert missing_codes(["-1", "-9"]) == {"*": ("-1", "-9")}
    assert missing_codes(["a=b=-1"]) == {"a=b": ("-1",)}
    with pytest.raises(ArgumentError):
        missing_codes(["=3"])


def test_numbers_far_out_are_predicted_finitely(run: Run, model: Path) -> None:
    header = "size,kind,town,open,day"
    write(Path("t.csv"), header, [("1e300", "a", "town1", "true", "2026-01-01")])
    done = run("predict", model, "t.csv")
    assert done.code == 0
    assert np.isfinite(float(done.out.split()[1]))
