"""The estimators: frames, parameters, labels, weights, eval sets, pickles."""

from __future__ import annotations

import copy
import io
import pickle
import subprocess
import sys
import threading
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from pronghorn import sklearn as module
from pronghorn.backends import native
from pronghorn.errors import ArgumentError, DataError, FileFormatError, UnsupportedError
from pronghorn.sklearn import TabularClassifier, TabularRegressor
from pronghorn.tabular import Preset, TableModel, fit
from tests.pickles import names_in

RNG = np.random.default_rng(0)
ROWS = 80
QUICK = Preset(hidden=(8,), epochs=3)
NUMBERS = RNG.normal(size=(ROWS, 3))
FRAME = pd.DataFrame(
    {
        "size": np.where(RNG.random(ROWS) < 0.1, np.nan, RNG.normal(size=ROWS)),
        "color": pd.Series(RNG.choice(["red", "green", "blue"], size=ROWS)),
        "kind": pd.Series(RNG.choice(["a", "b"], size=ROWS), dtype="category"),
        "when": pd.date_range("2024-01-01", periods=ROWS),
        "sold": RNG.random(ROWS) < 0.5,
    }
)
PRICE = FRAME["size"].fillna(0) + 2 * (FRAME["color"] == "red")
DEAR = np.where(PRICE > 1, "dear", "cheap")


# --- tables -------------------------------------------------------------------------
def test_a_mixed_frame_needs_no_preparation() -> None:
    number = TabularRegressor("fast").fit(FRAME, PRICE)
    assert number.score(FRAME, PRICE) > 0.7
    label = TabularClassifier("fast").fit(FRAME, DEAR)
    assert label.score(FRAME, DEAR) > 0.85
    assert label.classes_.tolist() == ["cheap", "dear"]
    assert label.predict_proba(FRAME).shape == (ROWS, 2)
    assert label.feature_names_in_.tolist() == list(FRAME.columns)
    assert label.n_features_in_ == 5
    assert set(label.history_) == {"loss", "val_error"}


@pytest.mark.parametrize("form", [pl.from_pandas, pa.Table.from_pandas])
def test_frames_of_every_library_give_the_same(form: Any) -> None:
    first = TabularRegressor(QUICK).fit(FRAME, PRICE)
    found = TabularRegressor(QUICK).fit(form(FRAME), PRICE.to_numpy())
    assert found.feature_names_in_.tolist() == list(FRAME.columns)
    np.testing.assert_array_equal(found.predict(form(FRAME)), first.predict(FRAME))


def test_columns_without_names_go_by_their_place() -> None:
    array = TabularRegressor(QUICK).fit(NUMBERS, NUMBERS[:, 0])
    expected = array.predict(NUMBERS)
    unnamed = pd.DataFrame(NUMBERS)
    np.testing.assert_array_equal(array.predict(unnamed), expected)
    np.testing.assert_array_equal(array.predict(NUMBERS.tolist()), expected)
    with pytest.warns(UserWarning, match="has feature names"):
        found = array.predict(pd.DataFrame(NUMBERS, columns=list("abc")))
    np.testing.assert_array_equal(found, expected)
    assert not hasattr(array, "feature_names_in_")


def test_an_array_may_follow_a_frame() -> None:
    named = pd.DataFrame(NUMBERS, columns=list("abc"))
    found = TabularRegressor(QUICK).fit(named, NUMBERS[:, 0])
    for X in (NUMBERS, pd.DataFrame(NUMBERS)):
        with pytest.warns(UserWarning, match="does not have valid feature names"):
            np.testing.assert_array_equal(found.predict(X), found.predict(named))
    with pytest.raises(ValueError, match="same order"):
        found.predict(named[["b", "a", "c"]])


def test_an_array_of_objects_has_texts_and_numbers() -> None:
    X = np.array([["red", 1.5, None], ["blue", 2, 7]] * 20, object)
    found = TabularClassifier(QUICK).fit(X, [0, 1] * 20)
    kinds = {c.name: c.kind for c in found.model_.schema.columns}
    assert kinds == {"0": "categorical", "1": "numeric", "2": "categorical"}
    numbers = TabularRegressor(QUICK).fit(NUMBERS.astype(object), NUMBERS[:, 0])
    expected = TabularRegressor(QUICK).fit(NUMBERS, NUMBERS[:, 0]).predict(NUMBERS)
    np.testing.assert_array_equal(numbers.predict(NUMBERS), expected)


def test_a_column_may_be_named_like_the_target() -> None:
    X = pd.DataFrame({"target": NUMBERS[:, 0], "y": NUMBERS[:, 1]})
    y = pd.Series(NUMBERS[:, 1], name="y")
    found = TabularRegressor(QUICK).fit(X, y)
    assert [c.name for c in found.model_.schema.used] == ["target", "y"]


def test_bad_tables_are_refused() -> None:
    estimator = TabularRegressor(QUICK)
    infinite = NUMBERS.copy()
    infinite[3, 1] = np.inf
    for X in (infinite, pd.DataFrame(infinite), infinite.astype(object)):
        with pytest.raises(ValueError, match="infin"):
            estimator.fit(X, PRICE)
    fitted = clone(estimator).fit(NUMBERS, PRICE)
    for X in (infinite, pd.DataFrame(infinite), infinite.astype(object)):
        with pytest.raises(ValueError, match="inf"):
            fitted.predict(X)
    with pytest.raises(TypeError, match=r"[Ss]parse"):
        estimator.fit(sparse.csr_array(NUMBERS), PRICE)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        estimator.fit(FRAME, PRICE[:-1])
    with pytest.raises(DataError, match="0 sample"):
        estimator.fit(FRAME.iloc[:0], PRICE[:0])
    with pytest.raises(NotFittedError):
        estimator.predict(FRAME)
    with pytest.raises(NotFittedError):
        TabularClassifier().predict_proba(FRAME)


# --- labels -------------------------------------------------------------------------
@pytest.mark.parametrize(
    "y",
    [
        np.arange(ROWS, dtype=np.int32) % 3,
        np.arange(ROWS) % 2 == 0,
        np.arange(ROWS) % 2 * 2.0,
        np.arange(ROWS).astype(object) % 2,
        pd.Series(DEAR, dtype="category"),
        pd.Series(DEAR, dtype="string"),
        DEAR.astype(object),
        DEAR.tolist(),
    ],
    ids="int32 bool float object category string text list".split(),
)
def test_labels_come_back_in_their_own_type(y: Any) -> None:
    found = TabularClassifier(QUICK).fit(NUMBERS, y)
    plain = np.asarray(y).tolist()
    assert found.classes_.tolist() == sorted(set(plain))
    predicted = found.predict(NUMBERS)
    assert set(predicted.tolist()) <= set(plain)
    assert {*map(type, predicted.tolist())} == {type(plain[0])}
    again = pickle.loads(pickle.dumps(found))
    assert again.classes_.dtype == found.classes_.dtype == predicted.dtype


def test_bad_targets_are_refused() -> None:
    with pytest.raises(DataError, match=r"Unknown label type(.|\n)*TabularRegressor"):
        TabularClassifier(QUICK).fit(NUMBERS, PRICE)
    with pytest.raises(DataError, match=r"missing values"):
        TabularClassifier(QUICK).fit(NUMBERS, [*DEAR[:-1], None])
    with pytest.raises(ArgumentError, match="requires y"):
        TabularRegressor(QUICK).fit(NUMBERS, None)
    with pytest.raises(DataError, match="holds text"):
        TabularRegressor(QUICK).fit(NUMBERS, DEAR)
    with pytest.raises(DataError, match="constant"):
        TabularRegressor(QUICK).fit(NUMBERS, np.ones(ROWS))


# --- parameters ---------------------------------------------------------------------
def test_parameters_replace_what_the_preset_says() -> None:
    found = TabularRegressor(
        "fast", members=2, hidden=(5,), epochs=3, dropout=0.0, batch_size=16
    ).fit(NUMBERS, PRICE)
    assert len(found.history_["loss"]) == 3
    assert found.model_.net.get_layer("hidden_0").kernel.shape[::2] == (2, 5)
    assert "dropout_0" not in [layer.name for layer in found.model_.net.layers]
    with pytest.raises(ArgumentError, match="quick"):
        TabularRegressor("quick").fit(NUMBERS, PRICE)
    with pytest.raises(ArgumentError, match="validation"):
        TabularRegressor(QUICK, validation=2).fit(NUMBERS, PRICE)


def test_parameters_go_through_clone_and_set_params() -> None:
    one = TabularClassifier(QUICK, epochs=2, class_weight={"dear": 2.0}, n_jobs=1)
    other = clone(one)
    assert other.get_params() == one.get_params()
    assert other.set_params(epochs=5).epochs == 5
    assert "epochs=2" in repr(one)


def test_an_eval_set_chooses_the_weights() -> None:
    found = TabularClassifier(QUICK)
    for eval_set in ((FRAME, DEAR), [(FRAME, DEAR)], [FRAME, DEAR]):
        found.fit(FRAME, DEAR, eval_set=eval_set)
        assert found.model_.validated is not None
        assert len(found.model_.validated[0]) == ROWS
    with pytest.raises(ArgumentError, match="one table and its target"):
        found.fit(FRAME, DEAR, eval_set=FRAME)
    with pytest.raises(ValueError, match="feature names should match"):
        found.fit(FRAME, DEAR, eval_set=(FRAME[["size"]], DEAR))


def test_weights_of_rows_and_classes_reach_the_model() -> None:
    estimator = TabularClassifier(QUICK)
    weight = np.where(DEAR == "dear", 2.0, 0.5)
    plain = estimator.fit(FRAME, DEAR).predict_proba(FRAME)
    weighed = estimator.fit(FRAME, DEAR, sample_weight=weight).predict_proba(FRAME)
    classes = clone(estimator).set_params(class_weight={"dear": 2.0, "cheap": 0.5})
    assert not np.array_equal(plain, weighed)
    np.testing.assert_array_equal(
        classes.fit(FRAME, DEAR).predict_proba(FRAME), weighed
    )
    balanced = clone(estimator).set_params(class_weight="balanced")
    assert balanced.fit(FRAME, DEAR).predict_proba(FRAME)[:, 1].mean() > 0
    with pytest.raises(ArgumentError, match="no such class_weight"):
        clone(estimator).set_params(class_weight="even").fit(FRAME, DEAR)


def test_the_same_random_state_gives_the_same_model() -> None:
    def predicted(random_state: Any) -> list[float]:
        found = TabularRegressor(QUICK, random_state=random_state)
        return found.fit(NUMBERS, PRICE).predict(NUMBERS).tolist()

    made = np.random.RandomState
    assert predicted(1) == predicted(1) == predicted(np.int64(1)) != predicted(2)
    assert predicted(made(1)) == predicted(made(1)) != predicted(None)
    with pytest.raises(ValueError, match="cannot be used to seed"):
        predicted("one")


# --- threads ------------------------------------------------------------------------
def threads(n_jobs: Any, monkeypatch: pytest.MonkeyPatch) -> int:
    """The engine's threads during a fit."""
    seen = []

    def watched(*arguments: Any, **more: Any) -> TableModel:
        seen.append(native.info()["threads"])
        return fit(*arguments, **more)

    monkeypatch.setattr(module, "fit", watched)
    TabularRegressor(QUICK, n_jobs=n_jobs).fit(NUMBERS, PRICE)
    return seen[0]


def test_n_jobs_are_the_threads_of_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    before = native.info()["threads"]
    assert threads(None, monkeypatch) == before
    assert threads(1, monkeypatch) == 1
    assert threads(3, monkeypatch) == 3
    monkeypatch.setattr(module.os, "sched_getaffinity", lambda pid: range(4))
    assert threads(-1, monkeypatch) == 4
    assert threads(-2, monkeypatch) == 3
    assert threads(-9, monkeypatch) == 1
    assert native.info()["threads"] == before
    for wrong in (0, 1.5, "all", True):
        with pytest.raises(ArgumentError, match="n_jobs"):
            threads(wrong, monkeypatch)
    with pytest.raises(ValueError, match="threads"):
        threads(10**6, monkeypatch)
    assert native.info()["threads"] == before


def test_fits_side_by_side_leave_the_threads_as_they_were() -> None:
    before = native.info()["threads"]
    inside, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with module._threads(1):
            inside.set()
            leave.wait(30)

    first = threading.Thread(target=hold)
    first.start()
    assert inside.wait(30)
    with module._threads(2):
        assert native.info()["threads"] == 1  # the least that one of them wants
        leave.set()
        first.join()
        assert native.info()["threads"] == 2
    assert native.info()["threads"] == before


def test_another_backend_has_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRONGHORN_BACKEND", "reference")
    with pytest.raises(UnsupportedError, match="one thread"):
        TabularRegressor(QUICK, n_jobs=2).fit(NUMBERS, PRICE)


# --- pickles and files --------------------------------------------------------------
def test_a_pickle_asks_for_the_estimator_alone() -> None:
    found = TabularClassifier("fast", epochs=2).fit(FRAME, DEAR)
    assert names_in(pickle.dumps(found)) == {"pronghorn.sklearn TabularClassifier"}
    assert names_in(pickle.dumps(np.zeros(2))) != set()  # the reader sees others


@pytest.mark.parametrize(
    "again", [lambda x: pickle.loads(pickle.dumps(x)), copy.deepcopy]
)
def test_a_copy_answers_with_the_same_bits(again: Any) -> None:
    found = TabularClassifier("fast", epochs=2, random_state=3).fit(FRAME, DEAR)
    other = again(found)
    np.testing.assert_array_equal(
        other.predict_proba(FRAME), found.predict_proba(FRAME)
    )
    assert other.get_params() == found.get_params()
    assert other.classes_.tolist() == found.classes_.tolist()
    assert other.feature_names_in_.tolist() == found.feature_names_in_.tolist()
    assert other.n_features_in_ == 5 and other.history_ == found.history_
    assert again(TabularRegressor(QUICK)).get_params()["preset"] == QUICK


def test_a_damaged_pickle_is_refused() -> None:
    found = TabularRegressor(QUICK).fit(NUMBERS, PRICE)
    state = found.__getstate__()
    for model in (b"", state["model"][:500], state["model"][:-40], b"x" * 99, 3, None):
        with pytest.raises(FileFormatError):
            TabularRegressor().__setstate__({**state, "model": model})
    for broken in ({}, {"params": 3}, {"params": {}, "model": state["model"]}):
        with pytest.raises(FileFormatError):
            TabularRegressor().__setstate__(broken)


@pytest.mark.parametrize("X", [FRAME, NUMBERS], ids=["names", "numbers"])
def test_a_model_is_an_estimator(X: Any, tmp_path: Any) -> None:
    found = TabularClassifier(QUICK).fit(X, DEAR)
    found.model_.save(tmp_path / "m.keras")
    made = TabularClassifier.from_model(TableModel.load(tmp_path / "m.keras"))
    np.testing.assert_array_equal(made.predict(X), found.predict(X))
    assert made.score(X, DEAR) == found.score(X, DEAR)
    assert made.n_features_in_ == X.shape[1]
    assert hasattr(made, "feature_names_in_") == (X is FRAME)
    with pytest.raises(ArgumentError, match="no regression"):
        TabularRegressor.from_model(found.model_)
    assert TableModel.load(io.BytesIO(found.model_.to_bytes())).classes.size == 2


def test_without_scikit_learn_the_pip_line_is_told() -> None:
    code = "import sys; sys.modules['sklearn'] = None; import pronghorn.sklearn"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "MissingDependencyError" in done.stderr
    assert "pip install 'pronghorn[sklearn]'" in done.stderr
