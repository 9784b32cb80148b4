"""The estimators within scikit-learn's tools, joblib's backends and Dask."""

from __future__ import annotations

from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import TransformedTargetRegressor, make_column_transformer
from sklearn.ensemble import BaggingRegressor, StackingRegressor, VotingClassifier
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import (
    GridSearchCV,
    RandomizedSearchCV,
    cross_val_predict,
    cross_val_score,
    cross_validate,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from pronghorn.sklearn import TabularClassifier, TabularRegressor
from pronghorn.tabular import Preset

RNG = np.random.default_rng(0)
ROWS = 90
QUICK = Preset(hidden=(8,), epochs=4)
FRAME = pd.DataFrame(
    {
        "size": RNG.normal(size=ROWS),
        "age": np.where(RNG.random(ROWS) < 0.1, np.nan, RNG.normal(size=ROWS)),
        "color": pd.Series(RNG.choice(["red", "green", "blue"], size=ROWS)),
    }
)
PRICE = (FRAME["size"] + 2 * (FRAME["color"] == "red")).to_numpy()
DEAR = np.where(PRICE > 1, "dear", "cheap")
REGRESSOR, CLASSIFIER = TabularRegressor(QUICK), TabularClassifier(QUICK)


def test_a_pipeline_with_a_step_before_it() -> None:
    scale = make_column_transformer(
        (StandardScaler(), ["size", "age"]),
        remainder="passthrough",
        verbose_feature_names_out=False,
    ).set_output(transform="pandas")
    found = make_pipeline(scale, clone(CLASSIFIER)).fit(FRAME, DEAR)
    assert found.predict(FRAME).shape == (ROWS,)
    assert found[-1].feature_names_in_.tolist() == ["size", "age", "color"]
    last = make_pipeline(FunctionTransformer(), clone(REGRESSOR))
    last.fit(FRAME, PRICE, tabularregressor__sample_weight=np.ones(ROWS))
    assert np.isfinite(last.score(FRAME, PRICE))


def test_a_search_over_parameters_in_two_processes() -> None:
    space = {"epochs": [1, 4], "hidden": [(4,), (8,)]}
    found = [
        GridSearchCV(REGRESSOR, space, cv=3, n_jobs=jobs).fit(FRAME, PRICE)
        for jobs in (1, 2)
    ]
    scores = [search.cv_results_["mean_test_score"] for search in found]
    np.testing.assert_array_equal(*scores)
    assert len(set(scores[0])) == 4
    assert found[0].best_params_ == found[1].best_params_
    search = RandomizedSearchCV(CLASSIFIER, {"epochs": [1, 2]}, n_iter=2, cv=2)
    assert search.fit(FRAME, DEAR).predict_proba(FRAME).shape == (ROWS, 2)


@pytest.mark.parametrize("backend", ["loky", "threading"])
def test_cross_validation_by_joblib_gives_the_same(backend: str) -> None:
    alone = cross_val_score(CLASSIFIER, FRAME, DEAR, cv=3, scoring="roc_auc")
    with joblib.parallel_config(backend=backend, n_jobs=2):
        found = cross_val_score(CLASSIFIER, FRAME, DEAR, cv=3, scoring="roc_auc")
    np.testing.assert_array_equal(alone, found)


def test_answers_out_of_fold() -> None:
    odds = cross_val_predict(CLASSIFIER, FRAME, DEAR, cv=3, method="predict_proba")
    assert odds.shape == (ROWS, 2)
    np.testing.assert_allclose(odds.sum(axis=1), 1, rtol=1e-5)
    assert cross_val_predict(REGRESSOR, FRAME, PRICE, cv=3).shape == (ROWS,)


def test_weights_are_routed() -> None:
    weight = np.linspace(0, 2, ROWS)
    with sklearn.config_context(enable_metadata_routing=True):
        asked = clone(REGRESSOR).set_fit_request(sample_weight=True, eval_set=False)
        asked.set_score_request(sample_weight=False)
        found = cross_validate(
            asked, FRAME, PRICE, cv=3, params={"sample_weight": weight}
        )
    plain = cross_validate(REGRESSOR, FRAME, PRICE, cv=3)
    assert not np.array_equal(found["test_score"], plain["test_score"])


def test_ensembles_and_wrappers_of_others() -> None:
    calibrated = CalibratedClassifierCV(CLASSIFIER, cv=3).fit(FRAME, DEAR)
    assert calibrated.predict_proba(FRAME).shape == (ROWS, 2)
    stack = StackingRegressor(
        [("net", REGRESSOR), ("again", TabularRegressor(QUICK, random_state=1))],
        Ridge(),
        cv=3,
    ).fit(FRAME, PRICE)
    assert np.isfinite(stack.score(FRAME, PRICE))
    votes = VotingClassifier([("net", CLASSIFIER)], voting="soft").fit(FRAME, DEAR)
    np.testing.assert_array_equal(
        votes.predict(FRAME), clone(CLASSIFIER).fit(FRAME, DEAR).predict(FRAME)
    )
    logs = TransformedTargetRegressor(REGRESSOR, func=np.expm1, inverse_func=np.log1p)
    assert np.isfinite(logs.fit(FRAME, PRICE).predict(FRAME)).all()
    numbers = FRAME[["size"]].to_numpy()
    bag = BaggingRegressor(REGRESSOR, n_estimators=2, random_state=0)
    bag.fit(numbers, PRICE)
    seeds = {each.random_state for each in bag.estimators_}
    assert len(seeds) == 2  # drawn for each by scikit-learn


def test_stacked_classes_are_the_last_step_of_others() -> None:
    odds = clone(CLASSIFIER).fit(FRAME, DEAR).predict_proba(FRAME)
    assert LogisticRegression().fit(odds, DEAR).score(odds, DEAR) > 0.5


def test_a_column_that_tells_nothing_is_of_no_importance() -> None:
    data = FRAME.assign(noise="a", other=PRICE)
    found = TabularRegressor("fast").fit(data, PRICE)
    told = permutation_importance(found, data, PRICE, n_repeats=2, random_state=0)
    importance = dict(zip(data.columns, told.importances_mean))
    assert importance["noise"] == 0 < importance["other"]


# --- a cluster ----------------------------------------------------------------------
def test_a_cluster_of_dask_gives_the_same(cluster: Any) -> None:
    alone = GridSearchCV(CLASSIFIER, {"epochs": [1, 4]}, cv=2).fit(FRAME, DEAR)
    with joblib.parallel_config(backend="dask"):
        assert joblib.effective_n_jobs() == 2
        found = GridSearchCV(CLASSIFIER, {"epochs": [1, 4]}, cv=2).fit(FRAME, DEAR)
    for name in ("mean_test_score", "std_test_score"):
        np.testing.assert_array_equal(alone.cv_results_[name], found.cv_results_[name])
    np.testing.assert_array_equal(
        alone.predict_proba(FRAME), found.predict_proba(FRAME)
    )


def test_a_fitted_estimator_travels_to_a_cluster(cluster: Any) -> None:
    fitted = clone(REGRESSOR).fit(FRAME, PRICE)
    answer = cluster.submit(fitted.predict, FRAME).result()
    np.testing.assert_array_equal(answer, fitted.predict(FRAME))
