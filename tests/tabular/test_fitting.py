"""`fit`: what it takes, which rows it learns from, and what it says of bad ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from pronghorn.callbacks import LambdaCallback
from pronghorn.data.raw import RawTable
from pronghorn.data.tables import raw_table
from pronghorn.errors import ArgumentError, DataError
from pronghorn.tabular import Preset, TableModel, fit
from pronghorn.tabular.training import _shared

RNG = np.random.default_rng(0)
ROWS = 60
QUICK = Preset(hidden=(8,), epochs=3, periodic=False)
SIZE = RNG.normal(size=ROWS)
COLOR = RNG.choice(["red", "green", "blue"], size=ROWS)
PRICE = SIZE + 2 * (COLOR == "red")
DEAR = np.where(PRICE > 1, "dear", "cheap")
DATA = {"size": SIZE, "color": COLOR}


def same(one: TableModel, other: TableModel) -> bool:
    """Whether two models have the same bits of weights."""
    pairs = list(zip(one.net.get_weights(), other.net.get_weights(), strict=True))
    return all(np.array_equal(a, b) for a, b in pairs)


# --- what it takes ----------------------------------------------------------------
@pytest.mark.parametrize("form", [dict, pd.DataFrame, pl.DataFrame, pa.table])
def test_every_form_of_a_table_gives_the_same_model(form: Any) -> None:
    first = fit(DATA, PRICE, preset=QUICK)
    data = form({**DATA, "price": PRICE})
    found = fit(data, "price", preset=QUICK)
    assert found.schema.target.name == "price"
    assert same(first, found)
    np.testing.assert_array_equal(first.predict(DATA), found.predict(data))


def test_an_array_has_columns_by_number() -> None:
    X = np.stack([SIZE, PRICE], axis=1)
    found = fit(X, X[:, 0] > 0, preset=QUICK)
    assert [column.name for column in found.schema.columns] == ["0", "1"]
    assert found.predict(X).dtype == bool


def test_a_file_is_read(tmp_path: Path) -> None:
    frame = pd.DataFrame({**DATA, "price": PRICE})
    frame.to_csv(tmp_path / "t.csv", index=False)
    frame.to_parquet(tmp_path / "t.parquet")
    path = tmp_path / "t.csv"
    first = fit(path, "price", preset=QUICK, eval_set=str(path))
    assert first.schema.rows == {"training": ROWS, "validation": ROWS}
    second = fit(str(tmp_path / "t.parquet"), "price", preset=QUICK)
    np.testing.assert_allclose(
        fit(frame, "price", preset=QUICK).predict(frame), second.predict(frame)
    )


@pytest.mark.parametrize(
    "labels, task, found",
    [
        (["0", "1"], None, [0, 1]),
        (["1.5", "2"], "classification", [1.5, 2.0]),
        (["01", "02"], None, ["01", "02"]),
        (["1.0", "2.0"], "classification", ["1.0", "2.0"]),
        (["1.0", "2.0"], None, [1, 2]),
        (["yes", "1"], None, ["1", "yes"]),
        (["true", "false"], None, ["false", "true"]),
    ],
)
def test_labels_of_a_file_are_kept_as_they_are_spelt(
    labels: list[str], task: str | None, found: list[Any], tmp_path: Path
) -> None:
    lines = [f"{x:.3f},{labels[i % 2]}" for i, x in enumerate(SIZE)]
    path = tmp_path / "t.csv"
    path.write_text("\n".join(["size,y", *lines]) + "\n")
    model = fit(path, "y", preset=QUICK, task=task)
    assert model.classes.tolist() == found
    assert {*map(type, model.classes.tolist())} == {*map(type, found)}


def test_numbers_of_a_file_that_begin_with_zeros_are_numbers_to_regression(
    tmp_path: Path,
) -> None:
    path = tmp_path / "t.csv"
    rows = [f"{x:.3f},0{i % 7}" for i, x in enumerate(SIZE)]
    path.write_text("\n".join(["size,y", *rows]) + "\n")
    model = fit(path, "y", preset=QUICK, task="regression")
    assert (model.schema.target.low, model.schema.target.high) == (0, 6)


@pytest.mark.parametrize("form", [np.asarray, list, pd.Series, pl.Series, pa.array])
def test_every_form_of_a_target(form: Any) -> None:
    found = fit(DATA, form(DEAR), preset=QUICK)
    assert found.classes.tolist() == ["cheap", "dear"]
    assert set(found.predict(DATA)) <= {"cheap", "dear"}


def test_a_frame_keeps_the_type_of_its_labels() -> None:
    for kind in ("category", "string", "object"):
        frame = pd.DataFrame({**DATA, "y": pd.Series(DEAR).astype(kind)})
        assert fit(frame, "y", preset=QUICK).classes.tolist() == ["cheap", "dear"]
    frame = pd.DataFrame({**DATA, "y": (SIZE > 0).astype(np.int8)})
    assert fit(frame, "y", preset=QUICK).classes.dtype == np.int8
    frame["y"] = pd.Series(SIZE > 0).astype("boolean")
    assert fit(frame, "y", preset=QUICK).predict(frame).dtype == bool


# --- the target among the columns ---------------------------------------------------
def test_a_column_may_be_named_like_a_target_without_a_name() -> None:
    found = fit({"target": SIZE, "target_": PRICE}, DEAR, preset=QUICK)
    assert found.schema.target.name == "target__"
    assert [column.name for column in found.schema.used] == ["target", "target_"]


def test_a_target_that_is_still_among_the_columns_is_refused() -> None:
    frame = pd.DataFrame({**DATA, "price": PRICE})
    with pytest.raises(DataError, match=r"among its columns(.|\n)*fit\(data, 'price'"):
        fit(frame, frame["price"], preset=QUICK)
    assert fit(frame.drop(columns="price"), frame["price"], preset=QUICK)


def test_a_target_that_is_no_column_is_refused() -> None:
    with pytest.raises(DataError, match=r"no column named 'cost'"):
        fit({**DATA, "price": PRICE}, "cost")
    with pytest.raises(ArgumentError, match="name, or its values"):
        fit(DATA, 3)
    with pytest.raises(DataError, match="no column besides the target"):
        fit({"price": PRICE}, "price")
    with pytest.raises(DataError, match="differ in their rows"):
        fit(DATA, PRICE[:-1])


def test_rows_without_a_target_are_told() -> None:
    price = PRICE.copy()
    price[4] = np.nan
    with pytest.raises(DataError, match=r"missing values(.|\n)*row 4"):
        fit({**DATA, "price": price}, "price")


# --- rows that choose the weights ---------------------------------------------------
MORE = {name: values[:20] for name, values in DATA.items()}


def test_an_eval_set_in_all_its_forms_gives_the_same_model() -> None:
    forms: list[tuple[Any, Any, Any]] = [
        (DATA, PRICE, (MORE, PRICE[:20])),
        (DATA, PRICE, [(pd.DataFrame(MORE), pd.Series(PRICE[:20]))]),
        ({**DATA, "y": PRICE}, "y", {**MORE, "y": PRICE[:20]}),
        ({**DATA, "y": PRICE}, "y", [pd.DataFrame({**MORE, "y": PRICE[:20]})]),
        ({**DATA, "y": PRICE}, "y", (MORE, PRICE[:20])),
    ]
    models = [fit(d, y, preset=QUICK, eval_set=more) for d, y, more in forms]
    assert all(same(models[0], model) for model in models[1:])
    answers, numbers = models[0].validated or ((), ())
    assert numbers.tolist() == list(range(ROWS, ROWS + 20)) and len(answers) == 20
    assert models[0].schema.rows == {"training": ROWS, "validation": 20}


def test_an_eval_set_is_not_learned_from() -> None:
    found = [
        fit(DATA, PRICE, preset=QUICK, eval_set=(MORE, PRICE[:20] * factor))
        for factor in (1, 1.5)
    ]
    assert found[0].history["loss"] == found[1].history["loss"]
    assert found[0].schema.columns == found[1].schema.columns
    assert found[0].schema.target == found[1].schema.target
    assert found[0].history["val_rmse"] != found[1].history["val_rmse"]


def test_what_is_wrong_with_an_eval_set_is_said_to_be_there() -> None:
    for eval_set in (MORE, [MORE, MORE], (MORE,), [(MORE, DEAR[:20])] * 2):
        with pytest.raises(ArgumentError, match=r"where: fit\(eval_set=\)"):
            fit(DATA, DEAR, preset=QUICK, eval_set=eval_set)
    with pytest.raises(DataError, match=r"fit\(eval_set=\), row 2(.|\n)*'new'"):
        y = [*DEAR[:2], "new", *DEAR[3:20]]
        fit(DATA, DEAR, preset=QUICK, eval_set=(MORE, y))
    with pytest.raises(DataError, match=r"fit\(eval_set=\)(.|\n)*no column|column"):
        fit(DATA, DEAR, preset=QUICK, eval_set=({"size": SIZE}, DEAR))
    with pytest.raises(DataError, match=r"where: fit\(eval_set=\)(.|\n)*20 values"):
        fit(DATA, DEAR, preset=QUICK, eval_set=(DATA, DEAR[:20]))


def test_every_class_is_among_the_rows_that_choose() -> None:
    y = np.array(["rare"] * 5 + ["usual"] * 55)
    model = fit(DATA, y, preset=QUICK)
    _, numbers = model.validated or ((), np.arange(0))
    assert sorted(y[numbers]) == ["rare"] + ["usual"] * 11


def test_validation_is_a_part() -> None:
    model = fit(DATA, PRICE, preset=QUICK, validation=0.5)
    assert model.schema.rows == {"training": 30, "validation": 30}
    last = fit(DATA, PRICE, preset=QUICK, validation=0)
    assert last.validated is None and last.best == (3,)
    with pytest.raises(ArgumentError, match=r"validation=(.|\n)*1\.5"):
        fit(DATA, PRICE, preset=QUICK, validation=1.5)


def test_folds_answer_for_every_row() -> None:
    model = fit(DATA, DEAR, preset=QUICK, members=4, folds=4)
    answers, numbers = model.validated or ((), ())
    assert numbers.tolist() == list(range(ROWS))
    np.testing.assert_allclose(answers.sum(axis=1), 1, rtol=1e-5)
    few = fit(DATA, DEAR, preset=QUICK, folds=4, eval_set=(MORE, DEAR[:20]))
    assert few.schema.rows["validation"] == 20


# --- weights, and rows that are equal -----------------------------------------------
@pytest.mark.parametrize("y", [PRICE, DEAR], ids=["numbers", "classes"])
@pytest.mark.parametrize("folds", [0, 3])
def test_a_weight_of_two_is_a_row_that_stands_there_twice(y: Any, folds: int) -> None:
    weight = RNG.integers(0, 4, ROWS)
    again = np.repeat(np.arange(ROWS), weight)
    frame = pd.DataFrame(DATA)
    preset = {"preset": QUICK, "members": 3, "folds": folds}
    one = fit(frame, y, sample_weight=weight, **preset)
    order = RNG.permutation(len(again))
    other = fit(frame.iloc[again[order]], y[again[order]], **preset)
    assert same(one, other)
    assert one.schema.target == other.schema.target


def test_the_order_of_the_rows_does_not_matter() -> None:
    order = np.argsort(PRICE)
    one = fit(DATA, DEAR, preset=QUICK)
    other = fit({k: v[order] for k, v in DATA.items()}, DEAR[order], preset=QUICK)
    assert same(one, other)
    assert one.schema.columns == other.schema.columns


def test_the_names_of_columns_and_classes_do_not_matter() -> None:
    one = fit(DATA, DEAR, preset=QUICK)
    other = fit({"a": SIZE, "b": COLOR}, (DEAR == "dear") + 3, preset=QUICK)
    assert same(one, other)


def test_equal_rows_are_never_on_both_sides() -> None:
    frame = pd.DataFrame({"a": np.arange(30) % 10, "b": np.arange(30) % 5})
    y = (np.arange(30) % 10).astype(float)
    data, y = pd.concat([frame] * 8), np.tile(y, 8)
    model = fit(data, y, preset=QUICK)
    assert model.validated is None  # ten different rows: too few to part
    data["c"] = np.repeat(np.arange(60), 4)
    model = fit(data, y, preset=QUICK)
    answers, numbers = model.validated or ((), np.arange(0))
    mine = set(data["c"].to_numpy()[numbers] * 100 + y[numbers])
    others = np.setdiff1d(np.arange(len(y)), numbers)
    assert mine.isdisjoint(data["c"].to_numpy()[others] * 100 + y[others])
    assert len(answers) == len(numbers) == model.schema.rows["validation"]
    assert model.schema.rows["training"] == len(others)


def test_an_epoch_sees_a_row_as_often_as_it_stands_there() -> None:
    steps = []
    watch = LambdaCallback(on_train_batch_end=lambda batch, logs: steps.append(batch))
    data = {"a": np.arange(600) % 3, "b": np.arange(600) % 2}
    y = data["a"] + 2.0 * data["b"]
    one_epoch: dict[str, Any] = {"epochs": 1, "batch_size": 3, "callbacks": [watch]}
    fit(data, y, preset=QUICK, validation=0, **one_epoch)
    assert len(steps) == 200


def test_copies_share_the_weight_of_their_row() -> None:
    copies = np.array([1, 3, 2])
    again = np.repeat(np.arange(3), copies)
    assert _shared(copies.astype(float), copies)[again].tolist() == [2] * 6
    weight = np.array([0.5, 2.0, 0.5])  # of mean 1, as theirs is
    found = _shared(weight, copies)
    assert found[again].mean() == pytest.approx(1)
    np.testing.assert_allclose(found * copies, weight * 2)
    folds = _shared(np.stack([weight, weight], axis=1), copies)
    np.testing.assert_array_equal(folds[:, 1], found)
    assert _shared(None, copies)[again].mean() == pytest.approx(1)


def test_weights_count() -> None:
    X = {"a": RNG.normal(size=400)}
    y = np.where(np.arange(400) % 2, 10.0, 0.0)
    weight = np.where(y > 5, 1.0, 0.05)
    quick: dict[str, Any] = {"preset": QUICK, "epochs": 60, "validation": 0}
    even = fit(X, y, **quick).predict(X).mean()
    heavy = fit(X, y, sample_weight=weight, **quick).predict(X).mean()
    assert even < 7.5 < heavy  # their weighted means are 5 and 9.5


def test_weights_may_be_a_column(tmp_path: Path) -> None:
    weight = np.round(RNG.uniform(0.1, 2, size=ROWS), 3)
    first = fit(DATA, PRICE, preset=QUICK, sample_weight=weight)
    frame = pd.DataFrame({**DATA, "w": weight, "price": PRICE})
    frame.to_csv(tmp_path / "t.csv", index=False)
    for data in (frame, tmp_path / "t.csv"):
        for drop in ([], ["w"]):
            found = fit(data, "price", preset=QUICK, sample_weight="w", drop=drop)
            assert same(first, found)
            assert [c.name for c in found.schema.columns] == ["size", "color"]
    bare = fit(frame, "price", preset=QUICK, sample_weight="w", eval_set=(DATA, PRICE))
    wanted = fit(
        DATA, PRICE, preset=QUICK, sample_weight=weight, eval_set=(DATA, PRICE)
    )
    assert same(bare, wanted)
    for name in ("v", "color", "price"):
        with pytest.raises(ArgumentError, match=r"of weights(.|\n)*sample_weight"):
            fit(frame, "price", preset=QUICK, sample_weight=name)


def test_an_eval_set_may_be_several_files(tmp_path: Path) -> None:
    frame = pd.DataFrame({**DATA, "price": PRICE})
    frame.to_csv(tmp_path / "t.csv", index=False)
    for i in range(2):
        frame[i * 30 : i * 30 + 30].to_csv(tmp_path / f"{i}.csv", index=False)
    path, listed = tmp_path / "t.csv", [tmp_path / "0.csv", tmp_path / "1.csv"]
    one, two = (fit(path, "price", preset=QUICK, eval_set=e) for e in (path, listed))
    assert same(one, two)


def test_class_weights_count() -> None:
    X = {"a": RNG.normal(size=300)}
    y = np.where(np.arange(300) % 5 == 0, "rare", "usual")
    quick: dict[str, Any] = {"preset": "fast", "epochs": 20}
    plain = fit(X, y, **quick)
    even = fit(X, y, class_weight="balanced", **quick)
    heavy = fit(X, y, class_weight={"rare": 100}, **quick)
    rare = [m.predict_proba(X)[:, 0].mean() for m in (plain, even, heavy)]
    assert rare[0] < 0.35 < rare[1] < 0.65 < rare[2]


@pytest.mark.parametrize(
    "weight, words",
    [
        (np.zeros(ROWS), "all weights are zero"),
        (np.full(ROWS, -1.0), "no number from 0 up"),
        (np.full(ROWS, np.nan), "no number from 0 up"),
        (np.ones(3), "one number for each row"),
        (np.ones((ROWS, 2)), "one number for each row"),
    ],
)
def test_weights_that_are_none_are_refused(weight: Any, words: str) -> None:
    with pytest.raises(DataError, match=words):
        fit(DATA, PRICE, preset=QUICK, sample_weight=weight)


def test_class_weights_that_are_none_are_refused() -> None:
    with pytest.raises(ArgumentError, match="for classes"):
        fit(DATA, PRICE, preset=QUICK, class_weight="balanced")
    with pytest.raises(ArgumentError, match="no such class_weight"):
        fit(DATA, DEAR, preset=QUICK, class_weight="even")
    with pytest.raises(ArgumentError, match=r"'new', which is no label"):
        fit(DATA, DEAR, preset=QUICK, class_weight={"new": 1})


def test_rows_of_weight_zero_do_not_exist() -> None:
    weight = (DEAR == "dear").astype(float)
    with pytest.raises(DataError, match="always the class 'dear'"):
        fit(DATA, DEAR, preset=QUICK, sample_weight=weight)


# --- what is drawn, and what is chosen ----------------------------------------------
def test_one_seed_gives_one_model() -> None:
    assert same(fit(DATA, DEAR, preset=QUICK), fit(DATA, DEAR, preset=QUICK, seed=0))
    assert not same(
        fit(DATA, DEAR, preset=QUICK), fit(DATA, DEAR, preset=QUICK, seed=1)
    )


def test_columns_are_chosen() -> None:
    data = {**DATA, "noise": RNG.normal(size=ROWS)}
    for kept in (
        fit(data, DEAR, preset=QUICK, features=["size", "color"]),
        fit(data, DEAR, preset=QUICK, drop=["noise"]),
    ):
        assert [c.name for c in kept.schema.used] == ["size", "color"]
        assert same(kept, fit(DATA, DEAR, preset=QUICK))
    with pytest.raises(ArgumentError, match="weight"):
        fit(data, DEAR, preset=QUICK, drop=["weight"])


def test_a_column_that_numbers_the_rows_is_left_out_in_their_own_order_only() -> None:
    data = {**DATA, "row": np.arange(ROWS)}
    assert "row" not in [c.name for c in fit(data, DEAR, preset=QUICK).schema.used]
    data["row"] = RNG.permutation(ROWS)
    assert "row" in [c.name for c in fit(data, DEAR, preset=QUICK).schema.used]


def test_two_rows_are_enough_and_one_is_not() -> None:
    model = fit({"a": [1.0, 2.0]}, [1.0, 2.0], preset=QUICK)
    assert model.predict({"a": 1.5}).shape == (1,)
    with pytest.raises(DataError, match="constant"):
        fit({"a": [1.0]}, [1.0], preset=QUICK)


def test_a_raw_table_is_taken() -> None:
    table = raw_table({**DATA, "y": DEAR})
    assert isinstance(table, RawTable)
    assert same(fit(table, "y", preset=QUICK), fit(DATA, DEAR, preset=QUICK))
    spelt = raw_table({**DATA, "y": [i % 2 for i in range(ROWS)]}, as_text=["y"])
    assert fit(spelt, "y", preset=QUICK).classes.tolist() == ["0", "1"]


def test_unknown_presets_and_attributes_are_refused() -> None:
    with pytest.raises(ArgumentError, match="fastest"):
        fit(DATA, DEAR, preset="fastest")
    with pytest.raises(ArgumentError, match="layers"):
        fit(DATA, DEAR, preset=QUICK, layers=3)
