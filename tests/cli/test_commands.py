"""From a file to a trained net, its predictions, its measure, and a look at it."""

from __future__ import annotations

import csv
import gzip
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import pronghorn
from pronghorn.cli.nets import open_model
from pronghorn.data.splits import split_rows
from pronghorn.models import load_model

from .conftest import Run, write

FAST = ("--epochs", 15, "--hidden", "16")
PRESET = ("--epochs", 8, "--preset", "fast")


def column(text: str) -> tuple[str, list[str]]:
    """The one column of a CSV: its name and its values."""
    name, *values = [row[0] for row in csv.reader(text.splitlines())]
    return name, values


def test_train_tells_schema_rows_measure_and_file(run: Run, shop: Path) -> None:
    words = ("train", shop, "--target", "price", "--drop", "grade", "--out", "m.keras")
    done = run(*words, *FAST)
    assert done.code == 0, done.err
    for words in (
        "columns as they are in the 320 training rows",
        "size     numeric            34",
        "kind     categorical",
        "open     boolean",
        "day      date",
        "town     categorical",
        "key      identifier",
        "320 different texts in 320 training rows",
        "seven    constant                left out: always 7",
        "left out, named by --drop: grade",
        "400 read, 400 used",
        "320 to train on, 48 of them to know when to stop; 80 held out",
        "backend: native",
        "holdout, 80 rows",
        "RMSE, in units of price",
        "(the mean)",
        "m.keras",
        "pronghorn predict m.keras",
    ):
        assert words in done.out, f"{words!r} is not in:\n{done.out}"
    net = open_model(Path("m.keras"))
    assert pronghorn.backend_of(net.model) == "native"
    assert net.schema.rows["holdout"] == 80 and net.preset is None


def test_a_preset_tells_the_same(run: Run, shop: Path) -> None:
    done = run("train", shop, "--target", "price", "--drop", "grade", *PRESET)
    assert done.code == 0, done.err
    for words in (
        "columns as they are in the 320 training rows",
        "day      date",
        "key      identifier",
        "320 to train on; 80 held out",
        "net      preset 'fast'",
        "8 epochs in ",
        "backend: native",
        "RMSE, in units of price",
    ):
        assert words in done.out, f"{words!r} is not in:\n{done.out}"
    net = open_model(Path("shop.keras"))
    assert net.preset is not None and net.schema.rows["holdout"] == 80
    done = run("show", "shop.keras", "--draw", "net.svg")
    assert done.code == 0 and "MemberNTKDense" in done.out and "category" in done.out
    assert "hidden_0" in Path("net.svg").read_text(encoding="utf-8")


def test_the_default_is_a_preset(run: Run, shop: Path) -> None:
    done = run("train", shop, "--target", "price", "--drop", "grade", "--epochs", 1)
    assert done.code == 0 and "preset 'default'" in done.out, done.err


@pytest.mark.parametrize("net", [("--preset", "fast"), ("--hidden", "256,128")])
def test_a_net_beats_its_baseline_on_rows_it_has_not_seen(
    run: Run, shop: Path, net: tuple[str, ...]
) -> None:
    words = ("train", shop, "--target", "price", "--drop", "grade,key", *net)
    run(*words, "--out", "m.keras")
    table = pd.read_csv(shop)
    _, held = split_rows(len(table), 0.2, seed=0)
    table.iloc[held].drop(columns="price").to_csv("held.csv", index=False)
    name, values = column(run("predict", "m.keras", "held.csv").out)
    truth = table["price"].to_numpy()[held]
    errors = np.array(values, float) - truth
    assert name == "price" and len(values) == 80
    assert np.sqrt((errors**2).mean()) < 0.5 * truth.std()


@pytest.mark.parametrize("net", [FAST, ("--preset", "fast")])
def test_classes_are_predicted_as_the_table_spells_them(
    run: Run, shop: Path, net: tuple[object, ...]
) -> None:
    done = run("train", shop, "--target", "grade", "--drop", "price", *net)
    assert done.code == 0 and "classification, 2 classes" in done.out
    assert "balanced error" in done.out and "most frequent class" in done.out
    done = run("predict", "shop.keras", shop, "-o", "out.csv")
    assert done.code == 0 and done.out == "" and "400 predictions" in done.err
    name, values = column(Path("out.csv").read_text())
    assert name == "grade" and set(values) == {"high", "low"}
    right = np.mean(np.array(values) == pd.read_csv(shop)["grade"])
    assert right > 0.85
    done = run("evaluate", "shop.keras", shop)
    assert f"{1 - right:.2%}" in done.out and "all rows, 400 rows" in done.out


@pytest.mark.parametrize("net", [FAST, PRESET])
def test_numbers_may_be_classes(
    run: Run, tmp_path: Path, net: tuple[object, ...]
) -> None:
    rows = [(np.sin(i), (1, 2, 10)[i % 3]) for i in range(90)]
    data = write(tmp_path / "t.csv", "x,y", rows)
    done = run("train", data, "--target", "y", *net)
    assert "classification, 3 classes" in done.out
    assert "(--task regression to predict it as a number)" in done.out
    assert "(replaced)" not in done.out
    _, values = column(run("predict", "t.keras", data).out)
    assert set(values) <= {"1", "2", "10"}
    done = run("train", data, "--target", "y", "--task", "regression", *net)
    assert "(regression)" in done.out and "--task" not in done.out
    assert "t.keras (replaced)" in done.out


@pytest.mark.parametrize("net", [FAST, PRESET])
def test_rows_without_a_target_are_left_out_and_counted(
    run: Run, tmp_path: Path, net: tuple[object, ...]
) -> None:
    rows = [(np.sin(i), None if i % 5 == 0 else np.cos(i)) for i in range(100)]
    data = write(tmp_path / "t.csv", "x,y", rows)
    done = run("train", data, "--target", "y", *net)
    assert "100 read, 80 used; 20 left out without a target" in done.out
    done = run("evaluate", "t.keras", data)
    assert "20 of 100 rows left out" in done.out
    assert len(column(run("predict", "t.keras", data).out)[1]) == 100


@pytest.mark.parametrize("net", [FAST, PRESET])
def test_the_same_seed_gives_the_same_file_of_weights(
    run: Run, shop: Path, net: tuple[object, ...]
) -> None:
    for name in ("a", "b"):
        run("train", shop, "--target", "price", *net, "--out", f"{name}.keras")
    run("train", shop, "--target", "price", *net, "--out", "c.keras", "--seed", 1)
    a, b, c = (load_model(f"{name}.keras").get_weights() for name in "abc")
    assert all((x == y).all() for x, y in zip(a, b, strict=True))
    assert any(x.shape != y.shape or (x != y).any() for x, y in zip(a, c, strict=True))


@pytest.mark.parametrize("target", ["price", "grade"])
@pytest.mark.parametrize("net", ["--hidden=16", "--hidden=", "--preset=fast"])
def test_the_holdouts_targets_change_nothing(
    run: Run, shop: Path, target: str, net: str
) -> None:
    """Neither scaling, categories, stopping nor selection may see them."""
    table = pd.read_csv(shop, dtype=str)
    _, held = split_rows(len(table), 0.2, seed=0)
    other = table.copy()
    new = ["1e6", "-55"] if target == "price" else ["high", "unheard of"]
    place = other.columns.get_loc(target)
    other.iloc[held, place] = [new[i % 2] for i in range(len(held))]
    other.to_csv("other.csv", index=False)
    words = ("--target", target, "--epochs", 15, net)
    one = run("train", shop, *words, "--out", "one.keras")
    two = run("train", "other.csv", *words, "--out", "two.keras")
    assert one.code == two.code == 0, two.err
    assert one.out.split("holdout,")[1] != two.out.split("holdout,")[1]
    first, second = map(open_model, map(Path, ("one.keras", "two.keras")))
    assert first.schema == second.schema
    weights = (first.model.get_weights(), second.model.get_weights())
    for x, y in zip(*weights, strict=True):
        np.testing.assert_array_equal(x, y)


def test_the_testers_tester_training_targets_do_change_it(run: Run, shop: Path) -> None:
    table = pd.read_csv(shop, dtype=str)
    kept, _ = split_rows(len(table), 0.2, seed=0)
    table.iloc[kept[3], table.columns.get_loc("price")] = "500"
    table.to_csv("other.csv", index=False)
    for data, out in ((shop, "one.keras"), ("other.csv", "two.keras")):
        run("train", data, "--target", "price", *FAST, "--out", out)
    one, two = (load_model(name).get_weights() for name in ("one.keras", "two.keras"))
    assert any((x != y).any() for x, y in zip(one, two, strict=True))


@pytest.mark.parametrize("net", [FAST, PRESET])
def test_raw_rows_with_unseen_and_missing_values_are_predicted(
    run: Run, shop: Path, tmp_path: Path, net: tuple[object, ...]
) -> None:
    run("train", shop, "--target", "price", "--drop", "grade", *net)
    rows = [
        ("12.5", "a", "town3", "true", "2026-05-05"),
        (None, None, None, None, None),
        ("12.5", "new", "new town", "perhaps", "2031-01-01"),
    ]
    data = write(tmp_path / "new.csv", "size,kind,town,open,day", rows)
    done = run("predict", "shop.keras", data)
    assert done.code == 0, done.err
    values = np.array(column(done.out)[1], float)
    assert len(values) == 3 and np.isfinite(values).all()


def test_columns_are_matched_by_name(run: Run, shop: Path) -> None:
    run("train", shop, "--target", "price", "--drop", "grade", *FAST)
    table = pd.read_csv(shop, dtype=str)
    table[table.columns[::-1]].to_csv("turned.csv", index=False)
    one = run("predict", "shop.keras", shop)
    two = run("predict", "shop.keras", "turned.csv")
    assert one.code == 0 and one.out == two.out


def test_gzip_and_parquet(run: Run, shop: Path) -> None:
    Path("p.csv.gz").write_bytes(gzip.compress(shop.read_bytes()))
    pd.read_csv(shop).to_parquet("p.parquet")
    for data in (shop, "p.csv.gz", "p.parquet"):
        words = ("--target", "price", *FAST, "--out", f"{Path(data).suffix[1:]}.keras")
        assert run("train", data, *words).code == 0
    weights = [load_model(f"{n}.keras").get_weights() for n in ("csv", "gz", "parquet")]
    for other in weights[1:]:
        for x, y in zip(weights[0], other, strict=True):
            np.testing.assert_array_equal(x, y)


@pytest.mark.parametrize("net", [FAST, PRESET])
def test_codes_for_missing_travel_with_the_model(
    run: Run, tmp_path: Path, net: tuple[object, ...]
) -> None:
    rows = [(i % 7 if i % 9 else -1, i % 7 + np.sin(i)) for i in range(90)]
    data = write(tmp_path / "t.csv", "x,y", rows)
    done = run("train", data, "--target", "y", *net)
    assert "warning: x holds -1 in 10 rows" in done.out and "--missing=x=-1" in done.out
    done = run("train", data, "--target", "y", *net, "--missing=-1")
    assert "warning" not in done.out
    coded = write(tmp_path / "coded.csv", "x", [(-1,), (3,)])
    empty = write(tmp_path / "empty.csv", "x,z", [(None, 0), (3, 0)])
    one, two = (run("predict", "t.keras", data).out for data in (coded, empty))
    assert one == two and column(one)[1][0] != column(one)[1][1]


def test_show_tells_layers_schema_and_classes(run: Run, shop: Path) -> None:
    run("train", shop, "--target", "grade", "--drop", "price", *FAST)
    done = run("show", "shop.keras")
    assert done.code == 0
    for words in (
        "classes: high, low",
        "hidden_0",
        "Embedding",
        "total",
        "size     numer",
    ):
        assert words in done.out
    assert "own units" not in done.out


def test_the_linear_unit_finds_the_line(run: Run, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    x = rng.normal([1000, 0.01], [50, 0.001], size=(300, 2))
    y = 3.0 * x[:, 0] - 2000 * x[:, 1] + 7 + rng.normal(0, 10, 300)
    data = write(tmp_path / "t.csv", "a,b,y", np.column_stack([x, y]).tolist())
    words = ("--target", "y", "--hidden", "", "--holdout", 0)
    done = run("train", data, *words)
    assert done.code == 0 and "no rows held out" in done.out
    wanted, *_ = np.linalg.lstsq(np.column_stack([x, np.ones(300)]), y, rcond=None)
    shown = run("show", "t.keras").out.split("own units")[1]
    found = [
        float(line.split()[-1].replace(",", ""))
        for line in shown.splitlines()
        if line[1:2] in "ab"
    ]
    np.testing.assert_allclose(found[-3:], wanted, rtol=1e-3)


def test_show_draws_a_unit_in_the_table_s_units_and_a_net(run: Run, shop: Path) -> None:
    words = ("--target", "price", "--features", "size", "--hidden=", "--out")
    run("train", shop, *words, "unit.keras")
    done = run("show", "unit.keras", "--draw", "unit.svg")
    assert done.code == 0 and "drawn in unit.svg" in done.out
    drawn = Path("unit.svg").read_text(encoding="utf-8")
    assert "× size" in drawn and ">price<" in drawn
    (weight,) = re.findall(r"^ *size +(\S+) *$", done.out.split("own units")[1], re.M)
    assert f">{float(weight):.4g}<" in drawn
    words = ("--target", "price", "--features", "size", "--hidden", "256,128")
    run("train", shop, *words, "--out", "net.keras")
    assert run("show", "net.keras", "--draw", "net.svg").code == 0
    assert ">size<" in Path("net.svg").read_text(encoding="utf-8")
    run("train", shop, "--target", "grade", *FAST, "--out", "mixed.keras")
    assert run("show", "mixed.keras", "--draw", "mixed.svg").code == 0
    assert "Embedding" in Path("mixed.svg").read_text(encoding="utf-8")
    wrong = run("show", "net.keras", "--draw", "net.png")
    assert wrong.code == 2 and "ending in .svg" in wrong.err


def test_a_linear_unit_for_classes_shows_log_odds(run: Run, shop: Path) -> None:
    done = run(
        "train", shop, "--target", "grade", "--features", "size,kind", "--hidden="
    )
    assert done.code == 0, done.err
    assert "log-odds of low" in done.out and "kind = a" in done.out
    assert "where size is missing, its median" in done.out


def test_one_row_alone_is_predicted(run: Run, shop: Path, tmp_path: Path) -> None:
    words = ("--target", "price", "--features", "size", "--hidden", "")
    run("train", shop, *words)
    data = write(tmp_path / "one.csv", "size", [(10,)])
    _, (value,) = column(run("predict", "shop.keras", data).out)
    assert 40 < float(value) < 80


@pytest.mark.parametrize("words", [("--help",), ("train", "--help"), ("--version",)])
def test_help(run: Run, words: tuple[str, ...]) -> None:
    done = run(*words)
    assert done.code == 0 and done.out


def test_python_m_pronghorn(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "pronghorn", "show", "none.keras"]
    home = str(Path(pronghorn.__file__).parents[1])
    done = subprocess.run(
        words,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": home},
    )
    assert done.returncode == 2
    assert "does not exist" in done.stderr and "Traceback" not in done.stderr


def test_a_profile_of_a_preset(run: Run, shop: Path) -> None:
    words = ("train", shop, "--target", "grade", "--drop", "price", *PRESET)
    done = run(*words, "--profile")
    assert done.code == 0 and "gradient of hidden_0/kernel" in done.out, done.err


def test_a_profile_is_printed_after_the_training(run: Run, shop: Path) -> None:
    words = ("train", shop, "--target", "grade", "--drop", "price", *FAST)
    plain = run(*words, "--out", "a.keras")
    done = run(*words, "--out", "b.keras", "--profile")
    assert done.code == 0, done.err
    assert "Training step" not in plain.out
    before, title, table = done.out.partition('Training step of "table", ')
    assert title and "b.keras" in before
    assert table.startswith("32 rows: mean of 10 steps")
    assert "gradient of hidden_0/kernel" in table and "The limit: " in table
    assert max(map(len, table.splitlines())) <= 120
    a, b = (load_model(f"{name}.keras").get_weights() for name in "ab")
    assert all((x == y).all() for x, y in zip(a, b, strict=True))


def test_a_profile_of_the_reference_backend_is_refused_before_the_training(
    run: Run, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRONGHORN_BACKEND", "reference")
    done = run("train", shop, "--target", "price", *FAST, "--profile")
    assert done.code == 2 and not Path("shop.keras").exists()
    assert "received: the reference backend" in done.err and done.out == ""


@pytest.mark.parametrize("net", [("--preset", "fast"), ("--hidden", "")])
@pytest.mark.parametrize("target", ["price", "grade"])
def test_the_baseline_is_that_of_the_training_rows(
    run: Run, shop: Path, net: tuple[str, ...], target: str
) -> None:
    done = run("train", shop, "--target", target, *net, "--epochs", 1)
    assert done.code == 0, done.err
    frame = pd.read_csv(shop)
    values = frame[target].iloc[split_rows(len(frame), 0.2, 0)[0]]
    baseline = open_model(Path("shop.keras")).schema.net["baseline"]
    if target == "grade":
        assert baseline == values.mode()[0] and f"always {baseline}" in done.out
    else:
        assert baseline == pytest.approx(values.mean())
