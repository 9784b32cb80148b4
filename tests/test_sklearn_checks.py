"""scikit-learn's own checks of estimators: all of them, with no exemption."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
from typing import Any

import pytest
from sklearn.utils import estimator_checks
from sklearn.utils.estimator_checks import parametrize_with_checks

from pronghorn.sklearn import TabularClassifier, TabularRegressor

ESTIMATORS = [TabularClassifier("fast"), TabularRegressor("fast")]


@parametrize_with_checks(ESTIMATORS)
def test_scikit_learn(estimator: Any, check: Any) -> None:
    if check.func is ARRAYS:
        assert type(estimator).__name__ in arrays_passed()
    else:
        check(estimator)


# SciPy looks at a variable when it is loaded; without it one check is skipped.
ARRAYS = estimator_checks.check_array_api_input
APART = """
from sklearn.utils.estimator_checks import check_array_api_input
from pronghorn import sklearn
for name in sklearn.__all__:
    made = getattr(sklearn, name)("fast")
    check_array_api_input(name, made, "numpy", expect_only_array_outputs=False)
    print(name)
"""


@functools.cache
def arrays_passed() -> list[str]:
    """The estimators that pass the check of arrays, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", APART],
        env={**os.environ, "SCIPY_ARRAY_API": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=["classes", "numbers"])
def test_no_tag_asks_to_be_spared(estimator: Any) -> None:
    tags = estimator.__sklearn_tags__()
    assert not tags.non_deterministic and not tags.no_validation
    assert not tags._skip_test and tags.requires_fit
    for kind in (tags.classifier_tags, tags.regressor_tags):
        assert kind is None or not kind.poor_score
    assert tags.classifier_tags is None or tags.classifier_tags.multi_class


def test_the_checks_refuse_an_estimator_that_fails() -> None:
    class Careless(TabularRegressor):
        def predict(self, X: Any) -> Any:
            return super().predict(X) + len(X)  # it depends on the other rows

    check = estimator_checks.check_methods_subset_invariance
    with pytest.raises(AssertionError, match="not invariant"):
        check("Careless", Careless("fast", epochs=2))
