"""Bad input: who is told, where it is, what was expected, what came, what to do.

Each row names a mistake, what makes it, the class of the error, and words that its
parts must hold.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import polars as pl
import pytest

import pronghorn as keras
from pronghorn import layers
from pronghorn.errors import (
    ArgumentError,
    DataError,
    PronghornError,
    ShapeError,
    StateError,
    UnknownNameError,
)

ROWS = 8
X = np.arange(ROWS * 3, dtype="float32").reshape(ROWS, 3) / 10
Y = X.sum(axis=1)
NAMES = ["sugars", "fiber", "protein"]


def frame(**replaced: Any) -> pd.DataFrame:
    return pd.DataFrame(X, columns=NAMES).assign(**replaced)


def changed(array: np.ndarray, index: Any, value: float) -> np.ndarray:
    array = array.copy()
    array[index] = value
    return array


def net(loss: str = "mse", units: int = 1, activation: str | None = None) -> Any:
    model = keras.Sequential(
        [layers.Dense(units, input_shape=[3], activation=activation, name="out")]
    )
    model.compile(optimizer="adam", loss=loss)
    return model


def fit(x: Any, y: Any, model: Any = None, **arguments: Any) -> Any:
    return (model or net()).fit(x, y, verbose=0, **arguments)


def embedding() -> Any:
    model = keras.Sequential(
        [layers.Embedding(5, 2, input_shape=(1,)), layers.Flatten(), layers.Dense(1)]
    )
    model.compile(optimizer="adam", loss="mse")
    return model


def trained_on_a_frame() -> Any:
    model = net()
    fit(frame(), Y, model)
    return model


class Bad(NamedTuple):
    """One mistake and what must be said of it."""

    mistake: Callable[[], Any]
    error: type[PronghornError]
    where: str
    expected: str
    received: str
    remedy: str


TEXT = ["a", "b"] * 4
ORDER = "'sugars', 'fiber', 'protein'"
NAN, INF = float("nan"), float("inf")

BAD: dict[str, Bad] = {
    "text column, pandas": Bad(
        lambda: fit(frame(fiber=TEXT), Y),
        DataError, "'fiber'", "numbers", "'a' in row 0", "turn it into numbers",
    ),
    "text column, polars": Bad(
        lambda: fit(pl.from_pandas(frame()).with_columns(fiber=pl.Series(TEXT)), Y),
        DataError, "'fiber'", "numbers", "'a' in row 0", "turn it into numbers",
    ),
    "text column, dict": Bad(
        lambda: fit({"sugars": [1.0] * 8, "fiber": TEXT, "protein": [1.0] * 8}, Y),
        DataError, "'fiber'", "numbers", "text", "turn it into numbers",
    ),
    "text as target": Bad(
        lambda: fit(X, pd.Series(TEXT, name="kind")),
        DataError, "'kind'", "numbers", "'a' in row 0", "number",
    ),
    "NaN in x": Bad(
        lambda: fit(changed(X, (3, 1), NAN), Y),
        DataError, "column 1", "finite", "NaN", "fill",
    ),
    "NaN in x, rows": Bad(
        lambda: fit(changed(X, (slice(3, 5), 1), NAN), Y),
        DataError, "3, 4", "finite", "NaN", "fill",
    ),
    "NaN in a frame": Bad(
        lambda: fit(frame(fiber=changed(X[:, 1], 3, NAN)), Y),
        DataError, "'fiber'", "finite", "NaN", "fill",
    ),
    "NaN in y": Bad(
        lambda: fit(X, changed(Y, 5, NAN)),
        DataError, "y, 1 row(s): 5", "finite", "NaN", "leave these rows out",
    ),
    "inf in x": Bad(
        lambda: fit(changed(X, (2, 0), INF), Y),
        DataError, "column 0", "finite", "inf", "leave these rows out",
    ),
    "inf in y": Bad(
        lambda: fit(X, changed(Y, 7, -INF)),
        DataError, "y, 1 row(s): 7", "finite", "inf", "leave these rows out",
    ),
    "NaN in validation data": Bad(
        lambda: fit(X, Y, validation_data=(changed(X, (1, 2), NAN), Y)),
        DataError, "column 2", "finite", "NaN", "fill",
    ),
    "NaN in rows to predict": Bad(
        lambda: net().predict(changed(X, (1, 2), NAN), verbose=0),
        DataError, "column 2", "finite", "NaN", "fill",
    ),
    "inf in weights of rows": Bad(
        lambda: fit(X, Y, sample_weight=changed(np.ones(ROWS), 4, INF)),
        DataError, "sample_weight, 1 row(s): 4", "finite", "inf", "leave these rows",
    ),
    "wrong width": Bad(
        lambda: fit(np.zeros((ROWS, 11)), Y),
        ShapeError, "'out'", "3 columns", "11 columns", "input_shape",
    ),
    "wrong width, predicting": Bad(
        lambda: net().predict(np.zeros((ROWS, 11)), verbose=0),
        ShapeError, "'out'", "3 columns", "11 columns", "input_shape",
    ),
    "wrong rank": Bad(
        lambda: fit(np.zeros((ROWS, 3, 2)), Y),
        ShapeError, "'out'", "3 columns", "(3, 2)", "Flatten",
    ),
    "one row as a vector": Bad(
        lambda: net().predict(np.zeros(3), verbose=0),
        ShapeError, "'out'", "3 columns", "(3,)", "x[np.newaxis]",
    ),
    "empty frame": Bad(
        lambda: fit(frame().iloc[:0], Y[:0]),
        DataError, "x", "at least one row", "0 rows", "check how",
    ),
    "labels 1 and 2": Bad(
        lambda: fit(X, np.tile([1, 2], 4), net("binary_crossentropy", 1, "sigmoid")),
        DataError, "rows 1, 3, 5", "0, 1", "2", "as 0 and 1",
    ),
    "class ids outside the range": Bad(
        lambda: fit(
            X,
            np.array([0, 1, 2, 3, 0, 1, 2, 3]),
            net("sparse_categorical_crossentropy", 3, "softmax"),
        ),
        DataError, "rows 3, 7", "0 to 2", "3", "one unit each",
    ),
    "negative class ids": Bad(
        lambda: fit(
            X,
            np.array([0, 1, 2, -1, 0, 1, 2, 0]),
            net("sparse_categorical_crossentropy", 3, "softmax"),
        ),
        DataError, "row 3", "0 to 2", "-1", "number the classes from 0",
    ),
    "y of another length": Bad(
        lambda: fit(X, Y[:5]),
        ShapeError, "y", "8 rows", "5 rows", "one target",
    ),
    "weights of another length": Bad(
        lambda: fit(X, Y, sample_weight=np.ones(5)),
        ShapeError, "sample_weight", "8", "5", "one weight",
    ),
    "missing column": Bad(
        lambda: trained_on_a_frame().predict(frame()[["sugars", "protein"]]),
        DataError, "'fiber'", ORDER, "'protein'", "same columns",
    ),
    "unknown column": Bad(
        lambda: trained_on_a_frame().predict(frame(salt=1.0), verbose=0),
        DataError, "'salt'", ORDER, "'salt'", "leave out 'salt'",
    ),
    "fit before compile": Bad(
        lambda: fit(X, Y, keras.Sequential([layers.Dense(1, input_shape=[3])])),
        StateError, "sequential", "compile", "not compiled", "compile(",
    ),
    "evaluate before compile": Bad(
        lambda: keras.Sequential([layers.Dense(1, input_shape=[3])]).evaluate(X, Y),
        StateError, "sequential", "compile", "not compiled", "compile(",
    ),
    "unknown optimizer": Bad(
        lambda: net().compile(optimizer="adm", loss="mse"),
        UnknownNameError, "optimizer", "name", "'adm'", "adam",
    ),
    "unknown loss": Bad(
        lambda: net("binary_crossentrop"),
        UnknownNameError, "loss", "name", "'binary_crossentrop'", "binary_crossentropy",
    ),
    "unknown activation": Bad(
        lambda: layers.Dense(1, activation="rleu"),
        UnknownNameError, "activation", "name", "'rleu'", "relu",
    ),
    "unknown metric": Bad(
        lambda: net().compile(optimizer="adam", loss="mse", metrics=["acuracy"]),
        UnknownNameError, "metric", "name", "'acuracy'", "accuracy",
    ),
    "duplicate column": Bad(
        lambda: fit(pd.DataFrame(X, columns=["a", "b", "a"]), Y),
        DataError, "columns [0, 2]", "name of its own", "'a'", "rename",
    ),
    "dates": Bad(
        lambda: fit(frame(fiber=pd.date_range("2020", periods=ROWS)), Y),
        DataError, "'fiber'", "numbers", "dates", "turn it into numbers",
    ),
    "beyond float32": Bad(
        lambda: fit(changed(X.astype("float64"), (4, 2), 1e300), Y),
        DataError, "column 2", "3.4e38", "1e+300", "rescale",
    ),
    "rows of different lengths": Bad(
        lambda: fit([[1, 2, 3], [1, 2]], Y[:2]),
        ShapeError, "x", "one length", "[2, 3]", "same number of values",
    ),
    "two targets for one unit": Bad(
        lambda: fit(X, np.stack([Y, Y + 1], 1)),
        ShapeError, "y_true", "(None, 1)", "(None, 2)", "one unit per target",
    ),
    "one-hot rows as class ids": Bad(
        lambda: fit(
            X,
            np.eye(3)[np.arange(ROWS) % 3],
            net("sparse_categorical_crossentropy", 3, "softmax"),
        ),
        ShapeError, "y", "class numbers", "3", "categorical_crossentropy",
    ),
    "labels -1 and 1": Bad(
        lambda: fit(X, np.tile([-1, 1], 4), net("binary_crossentropy", 1, "sigmoid")),
        DataError, "rows 0, 2, 4", "0, 1", "-1", "as 0 and 1",
    ),
    "class id that is no whole number": Bad(
        lambda: fit(
            X,
            changed(np.arange(ROWS) % 3.0, 6, 0.5),
            net("sparse_categorical_crossentropy", 3, "softmax"),
        ),
        DataError, "row 6", "0 to 2", "0.5", "number the classes from 0",
    ),
    "id beyond an embedding": Bad(
        lambda: fit(np.full((ROWS, 1), 7), Y, embedding()),
        DataError, "row", "0 to 4", "7", "input_dim",
    ),
    "no y": Bad(
        lambda: fit(X, None),
        ArgumentError, "y", "each row of x", "None", "fit(x, y)",
    ),
    "no y to evaluate": Bad(
        lambda: net().evaluate(X),
        ArgumentError, "y", "each row of x", "None", "evaluate(x, y)",
    ),
    "no x": Bad(
        lambda: net().predict(None),
        ArgumentError, "x", "array", "None", "table",
    ),
    "y beside a generator": Bad(
        lambda: fit(iter([(X, Y)]), Y),
        ArgumentError, "y", "(x, y)", "ndarray", "leave y out",
    ),
    "a generator that is not called": Bad(
        lambda: net().predict(lambda: iter([X])),
        ArgumentError, "x", "generator", "<lambda>", "call it",
    ),
    "a generator without a batch": Bad(
        lambda: fit(iter([]), None),
        DataError, "list_iterator", "one batch", "none", "anew",
    ),
    "NaN in a batch": Bad(
        lambda: fit(iter([(X, Y), (np.where(X > 1, np.nan, X), Y)]), None),
        DataError, "batch 2 of epoch 1: column", "finite", "NaN", "leave these",
    ),
    "a batch without targets": Bad(
        lambda: fit(iter([(X, Y), (X,)]), None),
        ArgumentError, "batch 2 of epoch 1: y", "(x, y)", "x alone", "yield x, y",
    ),
    "a part of a validation batch too many": Bad(
        lambda: fit(X, Y, validation_data=iter([(X, Y, Y, Y)])),
        DataError, "validation batch 1", "(x, y)", "4", "several inputs",
    ),
    "validation_split of a stream": Bad(
        lambda: fit(iter([(X, Y)]), None, validation_split=0.5),
        ArgumentError, "validation_split", "None", "float", "leave",
    ),
    "no steps": Bad(
        lambda: fit(X, Y, steps_per_epoch=0),
        ArgumentError, "steps_per_epoch", "from 1 up", "0", "steps_per_epoch=1",
    ),
    "a frequency of validation that is none": Bad(
        lambda: fit(X, Y, validation_freq=0),
        ArgumentError, "validation_freq", "from 1 up", "0", "validation_freq=1",
    ),
    "epochs of -1": Bad(
        lambda: fit(X, Y, epochs=-1),
        ArgumentError, "epochs", "from 0 up", "-1", "epochs=1",
    ),
    "a batch of no rows": Bad(
        lambda: fit(X, Y, batch_size=0),
        ArgumentError, "batch_size", "from 1 up", "0", "batch_size=1",
    ),
    "half an epoch": Bad(
        lambda: fit(X, Y, epochs=1, initial_epoch=0.5),
        ArgumentError, "initial_epoch", "from 0 up", "0.5", "initial_epoch=1",
    ),
    "another verbosity": Bad(
        lambda: net().fit(X, Y, verbose="loud"),
        ArgumentError, "verbose", "'auto'", "'loud'", "leave it out",
    ),
    "another shuffle": Bad(
        lambda: fit(X, Y, shuffle="batch"),
        ArgumentError, "shuffle", "True or False", "'batch'", "shuffle=True",
    ),
    "all rows for validation": Bad(
        lambda: fit(X, Y, validation_split=1.5),
        ArgumentError, "validation_split", "between 0 and 1", "1.5", "0.2",
    ),
    "validation without y": Bad(
        lambda: fit(X, Y, validation_data=X),
        ArgumentError, "validation_data", "(x, y)", "ndarray", "validation_data=",
    ),
    "weight of a class by name": Bad(
        lambda: fit(X, np.arange(ROWS) % 2, class_weight={"yes": 2.0}),
        ArgumentError, "class_weight", "class numbers", "'yes': 2.0", "{0: 1.0",
    ),
    "weight of a class that is NaN": Bad(
        lambda: fit(X, np.arange(ROWS) % 2, class_weight={1: NAN}),
        ArgumentError, "class_weight", "finite", "1: nan", "{0: 1.0",
    ),
    "weight of a row below 0": Bad(
        lambda: fit(X, Y, sample_weight=changed(np.ones(ROWS), 2, -1)),
        DataError, "sample_weight, row 2", "0 or more", "-1", "leaves a row out",
    ),
    "weights of another shape": Bad(
        lambda: net().set_weights([np.ones((2, 1)), np.ones(1)]),
        ShapeError, "kernel", "(3, 1)", "(2, 1)", "get_weights()",
    ),
    "dropout of 150%": Bad(
        lambda: layers.Dropout(1.5),
        ArgumentError, "rate", "0 to 1", "1.5", "usual",
    ),
    "text for a learning rate": Bad(
        lambda: keras.optimizers.Adam("fast"),
        ArgumentError, "learning_rate of Adam", "number", "'fast'", "0.001",
    ),
    "negative units": Bad(
        lambda: layers.Dense(-3),
        ArgumentError, "units", "whole number from 1", "-3", "units",
    ),
    "fractional units": Bad(
        lambda: layers.Dense(2.5),  # type: ignore[arg-type]
        ArgumentError, "units", "whole number from 1", "2.5", "units",
    ),
    "text for units": Bad(
        lambda: layers.Dense("a"),  # type: ignore[arg-type]
        ArgumentError, "units", "whole number from 1", "'a'", "units",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_the_error_says_it_all(name: str) -> None:
    bad = BAD[name]
    with pytest.raises(PronghornError) as caught:
        bad.mistake()
    error = caught.value
    assert isinstance(error, bad.error)
    for part in ("where", "expected", "received", "remedy"):
        said = getattr(error, part)
        assert said is not None, f"no `{part}` in: {error}"
        assert getattr(bad, part) in said, f"`{part}` of: {error}"
    assert "\n" not in error.message
    assert all(str(said) in str(error) for said in (error.where, error.remedy))


def test_nothing_was_learned_from_bad_rows() -> None:
    model = net()
    before = model.get_weights()
    with pytest.raises(DataError):
        fit(changed(X, (7, 1), NAN), Y, model)
    after = model.get_weights()
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))


@pytest.mark.parametrize(
    ("x", "y", "words"),
    [(X[:1], Y[:1], "one row"), (X, np.full(ROWS, 7.0), "constant")],
)
def test_a_warning_where_nothing_can_be_learned(
    x: np.ndarray, y: np.ndarray, words: str
) -> None:
    with pytest.warns(UserWarning, match=words):
        history = fit(x, y)
    assert np.isfinite(history.history["loss"]).all()


def test_targets_of_an_unknown_output_are_named() -> None:
    inputs = keras.Input((3,))
    outputs = [layers.Dense(1, name=name)(inputs) for name in ("price", "size")]
    model = keras.Model(inputs, outputs)
    model.compile("sgd", "mse")
    with pytest.raises(DataError, match="leave out prize") as caught:
        model.fit(X, {"prize": Y, "size": Y}, verbose=0)
    assert caught.value.expected == "price, size"


def test_good_input_warns_of_nothing() -> None:
    fit(X, Y)  # warnings are errors in these tests


@pytest.mark.parametrize("kind", ["pandas", "polars", "dict", "arrow"])
def test_permuted_columns_are_matched_by_name(kind: str) -> None:
    model = trained_on_a_frame()
    expected = model.predict(X, verbose=0)
    permuted = frame()[["protein", "sugars", "fiber"]]
    given: Any = permuted
    if kind == "polars":
        given = pl.from_pandas(permuted)
    elif kind == "arrow":
        given = pl.from_pandas(permuted).to_arrow()
    elif kind == "dict":
        given = {name: permuted[name].to_numpy() for name in permuted.columns}
    np.testing.assert_array_equal(model.predict(given, verbose=0), expected)
