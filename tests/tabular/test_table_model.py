"""A table's model: predictions, scores, its file, and files that lie."""

from __future__ import annotations

import copy
import io
import json
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tests.pickles import names_in

from pronghorn import Sequential, layers
from pronghorn.errors import DataError, FileFormatError, StateError
from pronghorn.models import load_model
from pronghorn.tabular import Preset, TableModel, TableNet, fit

RNG = np.random.default_rng(0)
ROWS = 80
QUICK = Preset(hidden=(8,), epochs=3)
DATA = pd.DataFrame(
    {
        "size": np.where(RNG.random(ROWS) < 0.1, np.nan, RNG.normal(size=ROWS)),
        "color": RNG.choice(["red", "green", None], size=ROWS),
        "maker": RNG.choice([f"m{i}" for i in range(12)], size=ROWS),
        "when": pd.date_range("2024-01-01", periods=ROWS, freq="17D"),
        "id": np.arange(ROWS),
    }
)
PRICE = DATA["size"].fillna(0).to_numpy() * 10 + 50
DEAR = np.where(PRICE > 52, "dear", "cheap")


@pytest.fixture(scope="module")
def regression() -> TableModel:
    return fit(DATA, PRICE, preset=QUICK, members=2)


@pytest.fixture(scope="module")
def classes() -> TableModel:
    return fit(DATA, DEAR, preset=QUICK, members=2)


# --- predictions --------------------------------------------------------------------
def test_numbers_come_in_the_units_of_the_target(regression: TableModel) -> None:
    found = regression.predict(DATA)
    assert found.dtype == np.float64 and found.shape == (ROWS,)
    assert found.min() >= PRICE.min() and found.max() <= PRICE.max()
    assert regression.classes.size == 0
    with pytest.raises(StateError, match=r"no probabilities(.|\n)*predict\(data\)"):
        regression.predict_proba(DATA)


def test_labels_are_the_likeliest(classes: TableModel) -> None:
    odds = classes.predict_proba(DATA)
    assert odds.dtype == np.float32 and odds.shape == (ROWS, 2)
    np.testing.assert_allclose(odds.sum(axis=1), 1, rtol=1e-6)
    np.testing.assert_array_equal(
        classes.predict(DATA), classes.classes[odds.argmax(axis=1)]
    )


@pytest.mark.parametrize("rows", [1, 2, 3, 7, 8, 9, 31, 33])
def test_a_row_is_answered_alike_among_any_others(
    rows: int, classes: TableModel, regression: TableModel
) -> None:
    part = DATA.iloc[5 : 5 + rows]
    whole = classes.predict_proba(DATA)[5 : 5 + rows]
    np.testing.assert_array_equal(classes.predict_proba(part), whole)
    expected = regression.predict(DATA)[5 : 5 + rows]
    np.testing.assert_array_equal(regression.predict(part), expected)


def test_a_row_may_be_a_dict(classes: TableModel) -> None:
    row = DATA.iloc[3].to_dict()
    assert classes.predict(row)[0] == classes.predict(DATA)[3]


def test_the_target_is_encoded_as_the_net_learns_it(
    classes: TableModel, regression: TableModel
) -> None:
    assert classes.encode_target(["dear", "cheap"]).tolist() == [1, 0]
    z = regression.encode_target(PRICE)
    assert z.dtype == np.float32 and abs(float(z.mean())) < 0.5
    assert classes.encode(DATA).numbers.shape[0] == ROWS


def test_a_missing_column_is_told(classes: TableModel) -> None:
    with pytest.raises(DataError, match="maker"):
        classes.predict(DATA.drop(columns="maker"))
    classes.predict(DATA.drop(columns="id"))  # it was left out


# --- scores -------------------------------------------------------------------------
def test_scores_know_where_the_target_is(
    classes: TableModel, regression: TableModel
) -> None:
    apart = classes.evaluate(DATA, DEAR)
    assert set(apart) == {"accuracy", "log_loss", "auc"}
    hits = (classes.predict(DATA) == DEAR).mean()
    assert apart["accuracy"] == pytest.approx(hits)
    named = fit(DATA.assign(y=DEAR), "y", preset=QUICK, members=2)
    assert named.evaluate(DATA.assign(y=DEAR)) == apart
    found = regression.evaluate(DATA, list(PRICE))
    errors = regression.predict(DATA) - PRICE
    assert found["rmse"] == pytest.approx(np.sqrt(np.mean(errors**2)))
    with pytest.raises(DataError, match=r"evaluate\(data, y\)"):
        named.evaluate(DATA)
    with pytest.raises(DataError, match="does not know"):
        classes.evaluate(DATA, ["new"] * ROWS)
    with pytest.raises(DataError, match="differ in their rows"):
        classes.evaluate(DATA, DEAR[:3])


# --- the file -----------------------------------------------------------------------
@pytest.mark.parametrize("task", ["classes", "regression"])
def test_a_file_gives_the_same_bits(
    task: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    model: TableModel = request.getfixturevalue(task)
    model.save(tmp_path / "m.keras")
    for found in (
        TableModel.load(tmp_path / "m.keras"),
        TableModel.load(io.BytesIO(model.to_bytes())),
        pickle.loads(pickle.dumps(model)),
        copy.deepcopy(model),
    ):
        outputs = found.predict(DATA)
        np.testing.assert_array_equal(outputs, model.predict(DATA))
        assert outputs.dtype == model.predict(DATA).dtype
        assert found.schema == model.schema and found.best == model.best
        assert found.history == model.history and found.validated is None
    assert repr(model).endswith("4 column(s)>")


def test_a_file_is_a_model_of_keras_kind_too(
    classes: TableModel, tmp_path: Path
) -> None:
    classes.save(tmp_path / "m.keras")
    net = load_model(tmp_path / "m.keras")
    assert isinstance(net, TableNet)
    inputs = classes.encode(DATA).inputs
    np.testing.assert_array_equal(
        net.predict(inputs, verbose=0), classes.predict_proba(DATA)
    )
    again = TableModel.from_net(net)
    np.testing.assert_array_equal(again.predict(DATA), classes.predict(DATA))


def test_other_models_are_no_tables(tmp_path: Path) -> None:
    Sequential([layers.Dense(1, input_shape=[2])]).save(tmp_path / "m.keras")
    with pytest.raises(FileFormatError, match=r"m\.keras(.|\n)*no member"):
        TableModel.load(tmp_path / "m.keras")


def test_a_pickle_holds_bytes_and_no_classes(classes: TableModel) -> None:
    found = pickle.dumps(classes)
    assert names_in(found) == {"pronghorn.tabular.table_model _from_bytes"}


# --- files that lie -----------------------------------------------------------------
def edited(model: TableModel, change: Callable[[dict[str, Any]], Any]) -> io.BytesIO:
    """The model's file with another table.json."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(model.to_bytes())) as old,
        zipfile.ZipFile(out, "w") as new,
    ):
        for name in old.namelist():
            content = old.read(name)
            if name.endswith("table.json"):
                data = json.loads(content)
                change(data)
                content = json.dumps(data).encode()
            new.writestr(name, content)
    out.seek(0)
    return out


def column(which: str, **changes: Any) -> Callable[[dict[str, Any]], None]:
    def change(data: dict[str, Any]) -> None:
        for each in data["schema"]["columns"]:
            if each["name"] == which:
                each.update(changes)

    return change


def encoder(name: str, **changes: Any) -> Callable[[dict[str, Any]], None]:
    def change(data: dict[str, Any]) -> None:
        for each in data["schema"]["columns"]:
            if each["name"] == name:
                each["encoder"].update(changes)

    return change


LIES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "a later format": lambda data: data.update(format=2),
    "no format": lambda data: data.pop("format"),
    "no schema": lambda data: data.pop("schema"),
    "no target": lambda data: data.pop("target"),
    "a history of text": lambda data: data.update(history={"loss": ["x"]}),
    "no best epoch": lambda data: data.update(best=None),
    "a label more": lambda data: data["target"]["labels"].append("more"),
    "labels of another kind": lambda data: data["target"].update(kind="int32"),
    "objects": lambda data: data["target"].update(kind="O"),
    "another task": lambda data: data["schema"]["target"].update(task="regression"),
    "a column less": lambda data: data["schema"]["columns"].pop(0),
    "a column twice": lambda data: data["schema"]["columns"].append(
        data["schema"]["columns"][0]
    ),
    "a number as a name": column("size", name=3),
    "a text of categories": column("color", categories="red"),
    "a number as date format": column("when", date_format=3),
    "an unknown kind": column("size", kind="picture"),
    "an unknown encoder": encoder("size", type="code"),
    "an offset of text": encoder("size", offset="1"),
    "an offset without end": encoder("size", offset=float("inf")),
    "a category more": encoder("maker", categories=[f"m{i}" for i in range(13)]),
    "many categories": encoder("color", categories=list(map(str, range(100_000)))),
    "categories that are numbers": encoder("color", categories=[1, 2]),
    "unknown parts": encoder("when", parts=["eon"]),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_file_that_lies_is_refused(lie: str, classes: TableModel) -> None:
    with pytest.raises(FileFormatError):
        TableModel.load(edited(classes, LIES[lie]))


def test_a_file_that_is_only_written_anew_is_read(classes: TableModel) -> None:
    found = TableModel.load(edited(classes, lambda data: None))
    np.testing.assert_array_equal(found.predict(DATA), classes.predict(DATA))


def test_a_net_without_members_is_refused(classes: TableModel) -> None:
    net = Sequential([layers.Dense(2, input_shape=[3])])
    net._pronghorn_members = {"table.json": b"{}"}
    with pytest.raises(FileFormatError, match="a Sequential instead of a TableNet"):
        TableModel.from_net(net)


def test_damaged_bytes_are_refused(classes: TableModel) -> None:
    data = classes.to_bytes()
    for broken in (b"", b"PK", data[: len(data) // 2], data[:-30], bytes(1000)):
        with pytest.raises(FileFormatError):
            TableModel.load(io.BytesIO(broken))
