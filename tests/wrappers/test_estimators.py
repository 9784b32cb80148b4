"""Models as estimators of scikit-learn: fitting, cloning, pipelines, errors."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
import sklearn
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import pronghorn as keras
from pronghorn import layers, wrappers
from pronghorn.errors import ArgumentError, StateError
from pronghorn.wrappers import SKLearnClassifier, SKLearnRegressor, SKLearnTransformer

RNG = np.random.default_rng(0)
X = RNG.normal(size=(80, 3))
LABELS = np.where(X[:, 0] > 0.5, "high", np.where(X[:, 0] < -0.5, "low", "middle"))
Y = 2 * X[:, 0] - X[:, 1]
QUIET = {"verbose": 0}


def net(
    X: Any, y: Any, units: int = 8, end: str | None = None, loss: str = "mse"
) -> Any:
    model = keras.Sequential([layers.Dense(units, "relu", input_shape=[X.shape[1]])])
    model.add(layers.Dense(1 if y.ndim == 1 else y.shape[1], end))
    model.compile(keras.optimizers.Adam(0.05), loss)
    return model


def classifier(**more: Any) -> Any:
    given = {"end": "softmax", "loss": "categorical_crossentropy"}
    fit_kwargs = {"epochs": 60, **QUIET, **more.pop("fit_kwargs", {})}
    return SKLearnClassifier(net, model_kwargs=given, fit_kwargs=fit_kwargs, **more)


def line() -> Any:
    model = keras.Sequential([layers.Dense(1, input_shape=[3])])
    model.compile(keras.optimizers.SGD(0.1), "mse")
    return model


def test_labels_of_any_type_come_back() -> None:
    found = classifier().fit(X, LABELS)
    assert found.classes_.tolist() == ["high", "low", "middle"]
    assert found.score(X, LABELS) > 0.9
    outputs = found.decision_function(X)
    np.testing.assert_allclose(outputs.sum(axis=1), np.ones(80), rtol=1e-5)
    told = [found.classes_[place] for place in outputs.argmax(axis=1)]
    assert found.predict(X).tolist() == told


def test_a_regressor_gives_targets_in_the_form_of_fit() -> None:
    found = SKLearnRegressor(line(), fit_kwargs={"epochs": 100, **QUIET})
    assert found.epoch_ == 0
    assert found.fit(X, Y).predict(X).shape == (80,)
    assert found.score(X, Y) > 0.99 and found.epoch_ == 100


def test_each_fit_trains_a_new_model_unless_it_is_to_go_on() -> None:
    given = line()
    before = given.get_weights()[0].copy()
    found = SKLearnRegressor(given, fit_kwargs={"epochs": 3, **QUIET}).fit(X, Y)
    np.testing.assert_array_equal(given.get_weights()[0], before)
    first = found.model_
    assert found.fit(X, Y).model_ is not first

    going_on = SKLearnRegressor(given, warm_start=True, fit_kwargs=QUIET).fit(X, Y)
    assert going_on.model_ is given
    loss = going_on.history_.history["loss"]
    assert going_on.fit(X, Y).history_.history["loss"] < loss
    from_function = SKLearnRegressor(net, warm_start=True, fit_kwargs=QUIET).fit(X, Y)
    assert from_function.fit(X, Y).model_ is from_function.fit(X, Y).model_


def test_arguments_of_fit_come_first_and_do_not_stay() -> None:
    found = SKLearnRegressor(line(), fit_kwargs={"epochs": 3, **QUIET})
    assert found.fit(X, Y, epochs=1).epoch_ == 1
    assert found.fit(X, Y).epoch_ == 3


def test_a_copy_has_all_arguments_and_no_fit() -> None:
    found = classifier(warm_start=True).fit(X, LABELS)
    copy = clone(found)
    assert copy.get_params() == found.get_params()
    assert not hasattr(copy, "model_") and copy.epoch_ == 0


def test_a_transformer_is_a_step() -> None:
    step = SKLearnTransformer(net, fit_kwargs=QUIET)
    made = step.fit_transform(X, Y)
    np.testing.assert_array_equal(made, step.model_.predict(X, verbose=0))
    scored = make_pipeline(StandardScaler(), classifier()).fit(X, LABELS)
    assert scored.score(X, LABELS) > 0.9


def test_scikit_learn_searches_and_folds() -> None:
    found = SKLearnRegressor(net, fit_kwargs={"epochs": 30, **QUIET})
    grid = {"model_kwargs": [{"units": 1}, {"units": 16}]}
    search = GridSearchCV(found, grid, cv=2, scoring="r2").fit(X, Y)
    assert search.best_params_ == {"model_kwargs": {"units": 16}}
    assert cross_val_score(found, X, Y, cv=2).shape == (2,)


def test_an_estimator_is_pickled() -> None:
    found = SKLearnRegressor(line(), fit_kwargs=QUIET).fit(X, Y)
    again = pickle.loads(pickle.dumps(found))
    np.testing.assert_array_equal(again.predict(X), found.predict(X))


def test_metadata_are_routed_to_fit() -> None:
    found = SKLearnRegressor(line(), fit_kwargs=QUIET)
    with pytest.raises(StateError, match="enable_metadata_routing"):
        found.set_fit_request(sample_weight=True)
    with sklearn.config_context(enable_metadata_routing=True):
        asked = found.set_fit_request(sample_weight=True)
        requests = asked.get_metadata_routing().fit.requests
    assert asked is found and requests == {"sample_weight": True}


def test_mistakes() -> None:
    with pytest.raises(ArgumentError, match="continuous"):
        classifier().fit(X, Y)
    with pytest.raises(ArgumentError, match="one class"):
        classifier().fit(X, np.ones(80, int))
    with pytest.raises(StateError, match=r"model\.compile"):
        SKLearnRegressor(keras.Sequential([layers.Dense(1)])).fit(X, Y)
    with pytest.raises(ArgumentError, match="Unknown label"):
        SKLearnRegressor(line()).fit(X, np.array([{}] * 80))
    with pytest.raises(sklearn.exceptions.NotFittedError):
        SKLearnRegressor(line()).predict(X)
    with pytest.raises(ValueError, match="NaN"):
        SKLearnRegressor(line()).fit(np.full((80, 3), np.nan), Y)
    with pytest.raises(AttributeError, match="nothing"):
        wrappers.nothing  # noqa: B018


WITHOUT = """
import sys
sys.modules["sklearn"] = None
import pronghorn
from pronghorn.wrappers import SKLearnRegressor
try:
    SKLearnRegressor(None)
except ImportError as error:
    print(error)
"""


def run(code: str) -> str:
    command = [sys.executable, "-c", code]
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, env=dict(os.environ)
    )
    return done.stdout


def test_without_scikit_learn_the_error_has_the_pip_line() -> None:
    assert "pip install 'pronghorn[sklearn]'" in run(WITHOUT)


def test_scikit_learn_is_loaded_when_it_is_used() -> None:
    code = "import sys, pronghorn; pronghorn.wrappers; print('sklearn' in sys.modules)"
    assert run(code).strip() == "False"
