"""`SKLearnClassifier`, `SKLearnRegressor` and `SKLearnTransformer`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from pronghorn.errors import ArgumentError, MissingDependencyError, StateError
from pronghorn.models import Model, clone_model

try:
    import sklearn
    from sklearn.base import (
        BaseEstimator,
        ClassifierMixin,
        RegressorMixin,
        TransformerMixin,
    )
    from sklearn.utils.multiclass import type_of_target
    from sklearn.utils.validation import check_is_fitted, validate_data
except ImportError:  # the classes can be named without it, not made
    sklearn = None

    BaseEstimator = type("BaseEstimator", (), {})
    ClassifierMixin = type("ClassifierMixin", (), {})
    RegressorMixin = type("RegressorMixin", (), {})
    TransformerMixin = type("TransformerMixin", (), {})

__all__ = ["SKLearnClassifier", "SKLearnRegressor", "SKLearnTransformer"]

Make = Callable[..., Any]


class _Estimator(BaseEstimator):  # type: ignore[misc]
    """What the three have in common: a model, made anew for each fit."""

    def __init__(
        self,
        model: Any,
        warm_start: bool = False,
        model_kwargs: dict[str, Any] | None = None,
        fit_kwargs: dict[str, Any] | None = None,
    ) -> None:
        if sklearn is None:
            raise MissingDependencyError(
                f"{type(self).__name__} is an estimator of scikit-learn, which is not "
                "installed.",
                where=type(self).__name__,
                remedy="pip install 'pronghorn[sklearn]'",
            )
        self.model = model
        self.warm_start = warm_start
        self.model_kwargs = model_kwargs
        self.fit_kwargs = fit_kwargs

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.non_deterministic = True
        return tags

    def __sklearn_clone__(self) -> Any:
        """The same without what `fit` made; each fit makes a model of its own."""
        return type(self)(
            model=self.model,
            warm_start=self.warm_start,
            model_kwargs=self.model_kwargs,
            fit_kwargs=self.fit_kwargs,
        )

    @property
    def epoch_(self) -> int:
        """How many epochs the last fit took; 0 before one."""
        history = getattr(self, "history_", None)
        return 0 if history is None else len(history.epoch)

    def set_fit_request(self, **kwargs: Any) -> Any:
        """Says which metadata `fit` is given by scikit-learn's routing.

        Args:
            **kwargs: name of an argument of `model.fit` to True, False, None or the
                name that it goes by: see scikit-learn's page on metadata routing.

        Returns:
            The estimator.

        Raises:
            StateError: routing is off.
        """
        if not _routing():
            raise StateError(
                "Metadata are routed only where scikit-learn is told to.",
                where=f"{type(self).__name__}.set_fit_request",
                remedy="call sklearn.set_config(enable_metadata_routing=True) before",
            )
        requests = self._get_metadata_request()
        for name, alias in kwargs.items():
            requests.fit.add_request(param=name, alias=alias)
        self._metadata_request = requests
        return self

    def fit(self, X: Any, y: Any, **kwargs: Any) -> Any:
        """Trains a model.

        Args:
            X: table of numbers, (rows, features).
            y: targets, (rows,).
            **kwargs: of `model.fit`; they come before those of `fit_kwargs`.

        Returns:
            The estimator, with `model_` and `history_`.

        Raises:
            StateError: the model is not compiled, or without loss or optimizer.
            ValueError: data that scikit-learn refuses.
        """
        X, y = validate_data(self, X, y)
        y = self._begin(y)
        model = self._model(X, y)
        if not (model.compiled and model.loss and model.optimizer):
            raise StateError(
                "An estimator's model is compiled beforehand.",
                where=f"{type(self).__name__}, argument `model`",
                expected="a model with a loss and an optimizer",
                received=f"{model!r}, not compiled",
                remedy="call model.compile(optimizer=..., loss=...) before",
            )
        given = {**(self.fit_kwargs or {}), **kwargs}
        self.history_ = model.fit(X, y, **given)
        self.model_ = model
        return self

    def _model(self, X: np.ndarray, y: np.ndarray) -> Any:
        if self.warm_start and hasattr(self, "model_"):
            return self.model_
        if not isinstance(self.model, Model):
            return self.model(X=X, y=y, **(self.model_kwargs or {}))
        return self.model if self.warm_start else clone_model(self.model)

    def predict(self, X: Any) -> np.ndarray:
        """What the model says of a table, in the form of the targets of `fit`.

        Args:
            X: table of numbers, (rows, features).

        Raises:
            sklearn.exceptions.NotFittedError: before `fit`.
        """
        return self._as_target(self._outputs(X))

    def _outputs(self, X: Any) -> np.ndarray:
        check_is_fitted(self)
        X = validate_data(self, X, reset=False)
        outputs: np.ndarray = self.model_.predict(X)
        return outputs

    def _begin(self, y: np.ndarray) -> np.ndarray:
        """The targets of a fit as a model has them: a column."""
        _kind(y)
        self._flat_ = y.ndim == 1
        return y.reshape(-1, 1) if self._flat_ else y

    def _as_target(self, outputs: np.ndarray) -> np.ndarray:
        single = self._flat_ and outputs.ndim == 2 and outputs.shape[1] == 1
        return outputs[:, 0] if single else outputs


class SKLearnClassifier(ClassifierMixin, _Estimator):  # type: ignore[misc]
    """A model as a classifier of scikit-learn.

    The labels of `y`, of any type, become one column each (one-hot) for the model,
    whose highest output is the prediction. So the model has as many outputs as there
    are classes, two for yes and no.

    Args:
        model: a compiled model, of which each fit trains a new one (`clone_model`); or
            a function `(X, y, **model_kwargs)` that gives a compiled model.
        warm_start: True goes on with the weights of the fit before, and does not clone.
            Default False.
        model_kwargs: arguments of `model` where it is a function. Default None: none.
        fit_kwargs: arguments of `model.fit`, such as `epochs`. Default None: none.

    Attributes:
        model_: the trained model.
        history_: what `model.fit` returned.
        classes_: the labels, in the order of the model's outputs.

    Raises:
        MissingDependencyError: scikit-learn is not installed.
        ArgumentError: targets that are no classes, or of one class, in `fit`.
        StateError: a model that is not compiled, in `fit`.

    Example:

    >>> import pronghorn as keras
    >>> def net(X, y, units):
    ...     model = keras.Sequential([
    ...         keras.layers.Dense(units, "relu", input_shape=[X.shape[1]]),
    ...         keras.layers.Dense(y.shape[1], "softmax"),
    ...     ])
    ...     model.compile("adam", "categorical_crossentropy")
    ...     return model
    >>> X, y = np.array([[0.0], [0.1], [0.9], [1.0]]), ["no", "no", "yes", "yes"]
    >>> fit_kwargs = {"epochs": 300, "verbose": 0}
    >>> keras.utils.set_random_seed(0)
    >>> found = SKLearnClassifier(net, model_kwargs={"units": 8}, fit_kwargs=fit_kwargs)
    >>> found.fit(X, y).predict([[0.05], [0.95]]).tolist()
    ['no', 'yes']
    """

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.poor_score = True
        return tags

    def decision_function(self, X: Any) -> np.ndarray:
        """The model's outputs as they are, (rows, classes)."""
        return self._outputs(X)

    def _begin(self, y: np.ndarray) -> np.ndarray:
        kind = _kind(y)
        if kind not in ("binary", "multiclass"):
            raise ArgumentError(
                "Only binary and multiclass target types are supported.",
                where="SKLearnClassifier.fit, argument `y`",
                expected="one label a row",
                received=f"a target of the type {kind!r} (Unknown label type)",
                remedy="use SKLearnRegressor for numbers",
            )
        self.classes_, places = np.unique(y, return_inverse=True)
        if len(self.classes_) == 1:
            raise ArgumentError(
                "Classifier can't train when only one class is present.",
                where="SKLearnClassifier.fit, argument `y`",
                expected="two labels or more",
                received=f"only {self.classes_[0]!r}",
            )
        return np.eye(len(self.classes_))[places.reshape(-1)]

    def _as_target(self, outputs: np.ndarray) -> np.ndarray:
        labels: np.ndarray = self.classes_[outputs.argmax(axis=-1)]
        return labels


class SKLearnRegressor(RegressorMixin, _Estimator):  # type: ignore[misc]
    """A model as a regressor of scikit-learn.

    Args:
        model: a compiled model, of which each fit trains a new one (`clone_model`); or
            a function `(X, y, **model_kwargs)` that gives a compiled model.
        warm_start: True goes on with the weights of the fit before, and does not clone.
            Default False.
        model_kwargs: arguments of `model` where it is a function. Default None: none.
        fit_kwargs: arguments of `model.fit`, such as `epochs`. Default None: none.

    Attributes:
        model_: the trained model.
        history_: what `model.fit` returned.

    Raises:
        MissingDependencyError: scikit-learn is not installed.
        StateError: a model that is not compiled, in `fit`.

    Example:

    >>> import pronghorn as keras
    >>> line = keras.Sequential([keras.layers.Dense(1, input_shape=[1])])
    >>> line.compile(keras.optimizers.SGD(0.1), "mse")
    >>> found = SKLearnRegressor(line, fit_kwargs={"epochs": 500, "verbose": 0})
    >>> X = np.array([[0.0], [1.0], [2.0]])
    >>> found.fit(X, 3 * X[:, 0] + 1).predict([[4.0]]).round(2).tolist()
    [13.0]
    """

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.regressor_tags.poor_score = True
        return tags


class SKLearnTransformer(TransformerMixin, _Estimator):  # type: ignore[misc]
    """A model as a step of a pipeline of scikit-learn: it gives the model's outputs.

    Args:
        model: a compiled model, of which each fit trains a new one (`clone_model`); or
            a function `(X, y, **model_kwargs)` that gives a compiled model.
        warm_start: True goes on with the weights of the fit before, and does not clone.
            Default False.
        model_kwargs: arguments of `model` where it is a function. Default None: none.
        fit_kwargs: arguments of `model.fit`, such as `epochs`. Default None: none.

    Attributes:
        model_: the trained model.
        history_: what `model.fit` returned.

    Raises:
        MissingDependencyError: scikit-learn is not installed.
        StateError: a model that is not compiled, in `fit`.

    Example:

    >>> import pronghorn as keras
    >>> net = keras.Sequential([keras.layers.Dense(1, input_shape=[3])])
    >>> net.compile("sgd", "mse")
    >>> step = SKLearnTransformer(net, fit_kwargs={"verbose": 0})
    >>> X = np.arange(12.0).reshape(4, 3)
    >>> step.fit_transform(X, X[:, 0]).shape
    (4, 1)
    """

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = []
        return tags

    def transform(self, X: Any) -> np.ndarray:
        """The model's outputs.

        Args:
            X: table of numbers, (rows, features).

        Returns:
            float32, (rows, outputs).
        """
        return self._outputs(X)


def _kind(y: np.ndarray) -> str:
    """What scikit-learn takes targets for."""
    kind: str = type_of_target(y, input_name="y")
    if kind == "unknown":
        raise ArgumentError(
            "Unknown label type for y.",
            where="argument `y`",
            expected="numbers or labels",
            received=repr(y),
        )
    return kind


def _routing() -> bool:
    return bool(sklearn.get_config().get("enable_metadata_routing"))
