"""Under accel, bad data warns once and goes on, as in Keras; without it, it raises."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import pronghorn as keras
from pronghorn import accel, layers, settings
from pronghorn.errors import DataError, DivergedError

X = np.arange(24, dtype="float32").reshape(8, 3) / 10
Y = X.sum(axis=1)
NAMES = ["sugars", "fiber", "protein"]


def net(loss: str = "mse", activation: str | None = None, rate: float = 0.01) -> Any:
    model = keras.Sequential([layers.Dense(1, input_shape=[3], activation=activation)])
    model.compile(optimizer=keras.optimizers.SGD(rate), loss=loss)
    return model


def with_nan() -> pd.DataFrame:
    frame = pd.DataFrame(X, columns=NAMES)
    frame.loc[5, "fiber"] = np.nan
    return frame


def nan_in_x() -> Any:
    model = net()
    history = model.fit(with_nan(), Y, epochs=2, batch_size=4, verbose=0)
    assert np.isnan(history.history["loss"]).all()
    assert np.isnan(model.weights[0].numpy()).any()
    return model


def infinity_in_y() -> None:
    y = Y.copy()
    y[2] = np.inf
    history = net().fit(X, y, epochs=1, verbose=0)
    assert not math.isfinite(history.history["loss"][0])


def labels_of_other_classes() -> None:
    labels = np.array([1, 2] * 4)
    model = net("binary_crossentropy", "sigmoid")
    history = model.fit(X, labels, epochs=2, verbose=0)
    assert np.isfinite(history.history["loss"]).all()


def classes_out_of_range() -> None:
    model = keras.Sequential([layers.Dense(3, "softmax", input_shape=[3])])
    model.compile("sgd", "sparse_categorical_crossentropy")
    model.fit(X, np.array([1, 2, 3] * 2 + [1, 2]), epochs=1, verbose=0)


def negative_weights() -> None:
    net().fit(X, Y, sample_weight=np.array([1.0] * 7 + [-1.0]), verbose=0)


def too_large_for_float32() -> None:
    x = X.astype("float64")
    x[1, 1] = 1e300
    assert net().predict(x, verbose=0).shape == (8, 1)


def columns_of_other_names() -> None:
    model = net()
    model.fit(pd.DataFrame(X, columns=NAMES), Y, verbose=0)
    other = pd.DataFrame(X, columns=["a", "b", "c"])
    by_place = model.predict(X, verbose=0)
    assert np.array_equal(model.predict(other, verbose=0), by_place)


CASES: dict[Callable[[], Any], tuple[str, ...]] = {
    nan_in_x: ("x holds NaN", "column 'fiber' of x", "1 row(s): 5"),
    infinity_in_y: ("y holds inf", "1 row(s): 2"),
    labels_of_other_classes: ("binary_crossentropy", "rows 1, 3, 5, 7", "received: 2"),
    classes_out_of_range: ("sparse_categorical", "rows 2, 5", "from 0 to 2"),
    negative_weights: ("A sample weight is negative", "row 7"),
    too_large_for_float32: ("x", "column 1", "1 (counted from 0)"),
    columns_of_other_names: ("column 'sugars'", "unknown to the model: 'a'"),
}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_without_accel_it_raises(case: Callable[[], Any]) -> None:
    with pytest.raises(DataError) as caught:
        case()
    assert all(word in str(caught.value) for word in CASES[case])


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_under_accel_it_warns_once_and_goes_on(case: Callable[[], Any]) -> None:
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        case()
    about_data = [w for w in told if "no longer finite" not in str(w.message)]
    assert len(about_data) == 1
    assert all(word in str(about_data[0].message) for word in CASES[case])
    assert about_data[0].filename == __file__


@pytest.mark.usefixtures("installed")
def test_one_warning_for_the_same_data_however_often() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = nan_in_x()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isnan(model.predict(with_nan(), verbose=0)).all()
        model.evaluate(with_nan(), Y, verbose=0)


def test_a_diverging_fit_goes_on_under_accel_alone() -> None:
    with pytest.raises(DivergedError):
        net(rate=1e30).fit(X, Y, epochs=30, verbose=0)
    accel.install()
    try:
        with pytest.warns(UserWarning, match="no longer finite from epoch"):
            history = net(rate=1e30).fit(X, Y, epochs=30, verbose=0)
        assert len(history.history["loss"]) == 30
        stop = keras.callbacks.TerminateOnNaN()
        with pytest.warns(UserWarning, match="no longer finite from epoch"):
            history = net(rate=1e30).fit(
                X, Y, epochs=30, verbose=0, callbacks=[stop], batch_size=4
            )
        assert len(history.history["loss"]) < 30
    finally:
        accel.uninstall()


@pytest.mark.usefixtures("installed")
def test_good_data_trains_to_the_same_bits() -> None:
    def trained() -> np.ndarray:
        keras.utils.set_random_seed(3)
        model = net()
        model.fit(X, Y, epochs=3, batch_size=2, verbose=0)
        return model.get_weights()[0]

    under = trained()
    accel.uninstall()
    assert np.array_equal(under, trained())


@pytest.mark.usefixtures("installed")
def test_what_keras_refuses_is_refused() -> None:
    with pytest.raises(DataError, match="'fiber'"):
        net().fit(pd.DataFrame(X, columns=NAMES).assign(fiber="much"), Y)
    narrow = pd.DataFrame(X[:, :2], columns=NAMES[:2])
    model = net()
    model.fit(pd.DataFrame(X, columns=NAMES), Y, verbose=0)
    with pytest.raises(DataError, match="missing: 'protein'"):
        model.predict(narrow)


def test_the_mode_is_off_again() -> None:
    settings.go_on_with_bad_data(True)
    assert settings.goes_on_with_bad_data()
    settings.go_on_with_bad_data(False)
    with pytest.raises(DataError, match="wrong"):
        settings.bad_data(DataError("wrong"))
