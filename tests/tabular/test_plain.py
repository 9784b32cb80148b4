"""A plain net with its table's schema: any table in, the target's own words out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pronghorn import Model, Sequential, layers
from pronghorn.data.raw import RawTable
from pronghorn.data.tables import raw_table
from pronghorn.errors import DataError, FileFormatError, StateError
from pronghorn.report import make_report
from pronghorn.tabular import PlainModel, TableModel, fit, fit_schema
from pronghorn.tabular.prepare import all_feature_names

ROWS = 240
RNG = np.random.default_rng(0)
SIZE = RNG.normal(10, 3, ROWS)
FRAME = pd.DataFrame(
    {
        "size": SIZE.round(3),
        "kind": RNG.choice(["a", "b"], ROWS),
        "code": RNG.integers(100, 130, ROWS),
        "price": (3 * SIZE + RNG.normal(0, 1, ROWS)).round(2),
        "grade": np.where(SIZE > 12, "high", np.where(SIZE > 8, "mid", "low")),
        "dear": np.where(SIZE > 10, "yes", "no"),
    }
)
FEATURES = ["size", "kind", "code"]


def table() -> RawTable:
    """The frame, its codes as text."""
    return raw_table(FRAME, as_text=["code"])


def plain(target: str) -> PlainModel:
    """A net that is not trained."""
    schema = fit_schema(
        table(), np.arange(ROWS), target, linear=False, features=FEATURES
    )
    width = len(all_feature_names(schema))
    numbers, codes = layers.Input([width]), layers.Input([1], dtype="int32")
    found = layers.Flatten()(layers.Embedding(40, 3)(codes))
    joined = layers.Concatenate()([numbers, found])
    count = len(schema.target.labels)
    ends = {0: (1, None), 2: (1, "sigmoid"), 3: (3, "softmax")}
    units, activation = ends[count]
    last = layers.Dense(units, activation=activation)(joined)
    return PlainModel(Model([numbers, codes], last), schema)


def test_numbers_come_in_their_own_units() -> None:
    model = plain("price")
    told = model.predict(table())
    assert told.shape == (ROWS,) and told.dtype == np.float64
    outputs = model.net.predict(model.inputs(table()), verbose=0)
    said = outputs[:, 0].astype(np.float64)
    target = model.schema.target
    scores = said * target.scale + target.center
    wanted = np.exp(scores) if target.log else scores
    np.testing.assert_allclose(
        told, np.clip(wanted, target.low, target.high), rtol=1e-5
    )
    assert repr(model) == "<PlainModel: regression of 'price' by 3 column(s)>"
    with pytest.raises(StateError, match="no probabilities"):
        model.predict_proba(table())


@pytest.mark.parametrize("target", ["grade", "dear"])
def test_classes_come_in_their_own_words(target: str) -> None:
    model = plain(target)
    chances, told = model.predict_proba(table()), model.predict(table())
    labels = np.array(model.schema.target.labels)
    assert chances.shape == (ROWS, len(labels))
    np.testing.assert_allclose(chances.sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_array_equal(told, labels[chances.argmax(axis=1)])


def test_any_table_does(tmp_path: Path) -> None:
    model = plain("price")
    wanted = model.predict(table())
    FRAME.to_csv(tmp_path / "t.csv", index=False)
    columns = {name: FRAME[name].tolist() for name in FEATURES}
    for same in (FRAME, columns, tmp_path / "t.csv", str(tmp_path / "t.csv")):
        np.testing.assert_array_equal(model.predict(same), wanted)
    row = {name: values[7] for name, values in columns.items()}
    assert model.predict(row) == pytest.approx(wanted[7:8])
    with pytest.raises(DataError, match="'kind'"):
        model.predict(FRAME[["size", "code"]])


def test_a_file_holds_all_of_it(tmp_path: Path) -> None:
    model = plain("grade")
    model.save(tmp_path / "m.keras")
    again = PlainModel.load(tmp_path / "m.keras")
    assert again.schema == model.schema and again.history == {}
    np.testing.assert_array_equal(
        again.predict_proba(FRAME), model.predict_proba(FRAME)
    )


def test_files_of_other_models_are_refused(tmp_path: Path) -> None:
    Sequential([layers.Dense(1, input_shape=[1])]).save(tmp_path / "net.keras")
    fit(FRAME[["size", "price"]], "price", preset="fast", epochs=1).save(
        tmp_path / "preset.keras"
    )
    for name in ("net", "preset"):
        with pytest.raises(FileFormatError, match="without a table's schema"):
            PlainModel.load(tmp_path / f"{name}.keras")
    plain("price").save(tmp_path / "plain.keras")
    with pytest.raises(FileFormatError, match="no model of a table"):
        TableModel.load(tmp_path / "plain.keras")


def test_it_has_a_report_with_its_history() -> None:
    model = plain("dear")
    model.net.compile("sgd", "binary_crossentropy")
    truth = (FRAME["dear"] == "yes").to_numpy(np.float32)
    model.net.fit(model.inputs(FRAME), truth, epochs=3, verbose=0)
    assert len(model.history["loss"]) == 3
    made = make_report(model, table(), file="a.keras")
    assert made.values.opened_by == "PlainModel"
    assert [curves.name for curves in made.values.curves] == ["loss"]
