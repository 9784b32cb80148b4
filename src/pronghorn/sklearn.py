"""Tables for scikit-learn: `TabularClassifier` and `TabularRegressor`.

They are `pronghorn.tabular.fit` as estimators: they go wherever scikit-learn's own go
(pipelines, searches, cross-validation, joblib), and pass all of its checks. A frame's
text, dates and missing values need no preparation.
"""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

import numpy as np

from pronghorn.backends import native
from pronghorn.data.columns import is_frame, named_columns
from pronghorn.errors import (
    ArgumentError,
    DataError,
    FileFormatError,
    MissingDependencyError,
    UnsupportedError,
)
from pronghorn.settings import backend_name
from pronghorn.tabular import TableModel, fit

try:
    from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
    from sklearn.utils import check_random_state, column_or_1d
    from sklearn.utils.multiclass import type_of_target
    from sklearn.utils.validation import (
        check_array,
        check_consistent_length,
        check_is_fitted,
        validate_data,
    )
except ImportError as error:
    raise MissingDependencyError(
        "pronghorn.sklearn needs scikit-learn 1.6 or newer, which is not installed.",
        where="pronghorn.sklearn",
        remedy="pip install 'pronghorn[sklearn]'",
    ) from error

__all__ = ["TabularClassifier", "TabularRegressor"]

PRESET = ("members", "hidden", "epochs", "batch_size", "dropout", "folds")
"""The parameters that replace what the preset says, where they are not None."""


class _Tabular(BaseEstimator):  # type: ignore[misc]
    """What both have in common: a table in, a `TableModel` inside."""

    _task: str

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.categorical = True
        tags.input_tags.string = True
        return tags

    def _fit(
        self, X: Any, y: Any, sample_weight: Any, eval_set: Any, **more: Any
    ) -> None:
        table, y = self._table(X, reset=True), self._goal(y)
        check_consistent_length(X, y)
        if eval_set is not None:
            data, truth = _pair(eval_set)
            eval_set = (self._table(data), self._goal(truth))
        with _threads(self.n_jobs):
            self.model_ = fit(
                table,
                y,
                preset=self.preset,
                task=self._task,
                eval_set=eval_set,
                validation=self.validation,
                sample_weight=sample_weight,
                seed=_seed(self.random_state),
                **{name: getattr(self, name) for name in PRESET},
                **more,
            )
        self.history_ = self.model_.history

    def _table(self, X: Any, reset: bool = False) -> Any:
        """What `fit` and `TableModel` take: a frame as it is, or columns by name."""
        frame = is_frame(X)
        if frame:
            X = validate_data(self, X, reset=reset, skip_check_array=True)
            if not len(X):
                raise DataError("Found array with 0 sample(s).", where="X")
        else:
            X = validate_data(
                self, X, reset=reset, dtype=None, ensure_all_finite="allow-nan"
            )
        names = getattr(self, "feature_names_in_", None)
        if not frame:
            X = _numbers(X)
            return X if names is None else dict(zip(names, X.T))
        columns = named_columns(X, "X")
        if names is None:
            return {str(i): column for i, (_, column) in enumerate(columns)}
        return X if len(columns) else dict(columns)

    def _goal(self, y: Any) -> np.ndarray:
        """The target, one value a row."""
        if y is None:
            raise ArgumentError(
                f"This {type(self).__name__} estimator requires y to be passed, but "
                "the target y is None.",
                where="y",
                expected="shape (rows,)",
            )
        return np.asarray(column_or_1d(y, warn=True))

    def _fitted(self) -> TableModel:
        check_is_fitted(self, "model_")
        model: TableModel = self.model_
        return model

    def predict(self, X: Any) -> np.ndarray:
        """A prediction for each row.

        Args:
            X: as in `fit`, with the same columns in the same order.

        Returns:
            (rows,): labels in their own type, or float64 in the target's units.

        Raises:
            sklearn.exceptions.NotFittedError: before `fit`.
            ValueError: other columns, no rows, infinite numbers.
        """
        model = self._fitted()
        return model.predict(self._table(X))

    @classmethod
    def from_model(cls, model: TableModel) -> Self:
        """A fitted estimator of a model, such as one that `TableModel.load` opened.

        Its parameters are the defaults: they count when it is fitted again.

        Args:
            model: of this estimator's task.

        Raises:
            ArgumentError: a model of the other task.
        """
        task = model.schema.target.task
        if task != cls._task:
            raise ArgumentError(
                f"This model is no {cls._task}.",
                where=f"{cls.__name__}.from_model",
                expected=f"a model of {cls._task}",
                received=f"one of {task}",
            )
        made = cls()
        names = [column.name for column in model.schema.columns]
        named = names != [str(i) for i in range(len(names))]
        made._take(model, len(names), names if named else None)
        return made

    def _take(self, model: TableModel, features: int, names: list[str] | None) -> None:
        self.model_ = model
        self.history_ = model.history
        self.n_features_in_ = features
        if names is not None:
            self.feature_names_in_ = np.array(names, object)

    def __getstate__(self) -> dict[str, Any]:
        state: dict[str, Any] = {"params": self.get_params(deep=False)}
        if hasattr(self, "model_"):
            names = getattr(self, "feature_names_in_", None)
            state["model"] = self.model_.to_bytes()
            state["features"] = int(self.n_features_in_)
            state["names"] = None if names is None else names.tolist()
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        try:
            self.__dict__.update(state["params"])
            if "model" in state:
                model = TableModel.load(io.BytesIO(state["model"]))
                self._take(model, state["features"], state["names"])
        except (KeyError, TypeError, AttributeError) as error:
            raise FileFormatError(
                f"This is no pickled {type(self).__name__}.",
                expected="what pickle made of one, in this version of Pronghorn",
                received=f"{type(error).__name__}: {error}",
            ) from error


class TabularClassifier(ClassifierMixin, _Tabular):  # type: ignore[misc]
    """Classes from a table: numbers, texts, dates and missing values, as they are.

    Args:
        preset: "fast", "default" (default) or "best", or a `tabular.Preset`.
        members, hidden, epochs, batch_size, dropout, folds: replace what the preset
            says: see `tabular.Preset`. Default None: as in the preset.
        validation: the part of the rows that chooses the weights where there is no
            `eval_set`. Default 0.2; 0: the weights of the last epoch.
        class_weight: "balanced": all classes count alike; or {label: weight}. Default
            None: all rows count alike.
        n_jobs: the engine's threads during `fit`; -1 for all processors. The result is
            the same. Default None: as the process is set (`PRONGHORN_NUM_THREADS`).
        random_state: of all that is drawn. Default 0: each `fit` gives the same model;
            None: another one each time; or a `numpy.random.RandomState`.

    Attributes:
        model_: the trained `TableModel`; `model_.save("m.keras")` writes it.
        classes_: the labels, sorted, in the order of `predict_proba`'s columns.
        history_: by name, one value an epoch.
        n_features_in_: how many columns `fit` saw.
        feature_names_in_: their names, where `fit` saw a frame that has names.

    Example:

    >>> X = np.array([[0.0], [0.1], [0.2], [0.8], [0.9], [1.0]] * 5)
    >>> y = np.repeat([["no", "no", "no", "yes", "yes", "yes"]], 5, axis=0).reshape(-1)
    >>> found = TabularClassifier("fast").fit(X, y)
    >>> found.predict([[0.05], [0.95]]).tolist()
    ['no', 'yes']
    """

    _task = "classification"

    def __init__(
        self,
        preset: Any = "default",
        *,
        members: int | None = None,
        hidden: tuple[int, ...] | None = None,
        epochs: int | None = None,
        batch_size: int | None = None,
        dropout: float | None = None,
        folds: int | None = None,
        validation: float = 0.2,
        class_weight: Any = None,
        n_jobs: int | None = None,
        random_state: Any = 0,
    ) -> None:
        self.preset = preset
        self.members = members
        self.hidden = hidden
        self.epochs = epochs
        self.batch_size = batch_size
        self.dropout = dropout
        self.folds = folds
        self.validation = validation
        self.class_weight = class_weight
        self.n_jobs = n_jobs
        self.random_state = random_state

    def fit(
        self, X: Any, y: Any, sample_weight: Any = None, eval_set: Any = None
    ) -> Self:
        """Trains a model.

        Args:
            X: a frame (pandas, polars, Arrow) or an array, (rows, columns).
            y: labels, (rows,).
            sample_weight: how much each row counts, (rows,). Default: all alike.
            eval_set: (X, y) of rows that choose the weights but are not trained on.
                Default: a part of the rows, `validation`.

        Returns:
            The estimator.

        Raises:
            ValueError: rows that differ in number, no rows, infinite numbers, missing
                labels, a single class; a parameter out of range.
        """
        self._fit(X, y, sample_weight, eval_set, class_weight=self.class_weight)
        self.classes_ = self.model_.classes
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        """How likely each class is: float32 (rows, classes), rows add up to 1.

        Args:
            X: as for `predict`.

        Raises:
            sklearn.exceptions.NotFittedError, ValueError: as `predict`.
        """
        model = self._fitted()
        return model.predict_proba(self._table(X))

    def _goal(self, y: Any) -> np.ndarray:
        found = super()._goal(y)
        kind = type_of_target(found, input_name="y")
        if kind.startswith("continuous"):
            raise DataError(
                "Unknown label type: continuous numbers are no classes.",
                where="y",
                expected="one label a row",
                received=f"numbers such as {found[0]!r}",
                remedy="TabularRegressor predicts numbers",
            )
        return found

    def _take(self, model: TableModel, features: int, names: list[str] | None) -> None:
        super()._take(model, features, names)
        self.classes_ = model.classes


class TabularRegressor(RegressorMixin, _Tabular):  # type: ignore[misc]
    """Numbers from a table: numbers, texts, dates and missing values, as they are.

    Args:
        preset: "fast", "default" (default) or "best", or a `tabular.Preset`.
        members, hidden, epochs, batch_size, dropout, folds: replace what the preset
            says: see `tabular.Preset`. Default None: as in the preset.
        validation: the part of the rows that chooses the weights where there is no
            `eval_set`. Default 0.2; 0: the weights of the last epoch.
        n_jobs: the engine's threads during `fit`; -1 for all processors. The result is
            the same. Default None: as the process is set (`PRONGHORN_NUM_THREADS`).
        random_state: of all that is drawn. Default 0: each `fit` gives the same model;
            None: another one each time; or a `numpy.random.RandomState`.

    Attributes:
        model_: the trained `TableModel`; `model_.save("m.keras")` writes it.
        history_: by name, one value an epoch.
        n_features_in_: how many columns `fit` saw.
        feature_names_in_: their names, where `fit` saw a frame that has names.

    Example:

    >>> X = np.linspace(-1, 1, 100).reshape(-1, 1)
    >>> found = TabularRegressor("fast", epochs=100).fit(X, 100 + 10 * X[:, 0])
    >>> bool(abs(found.predict([[0.5]])[0] - 105) < 2)
    True
    """

    _task = "regression"

    def __init__(
        self,
        preset: Any = "default",
        *,
        members: int | None = None,
        hidden: tuple[int, ...] | None = None,
        epochs: int | None = None,
        batch_size: int | None = None,
        dropout: float | None = None,
        folds: int | None = None,
        validation: float = 0.2,
        n_jobs: int | None = None,
        random_state: Any = 0,
    ) -> None:
        self.preset = preset
        self.members = members
        self.hidden = hidden
        self.epochs = epochs
        self.batch_size = batch_size
        self.dropout = dropout
        self.folds = folds
        self.validation = validation
        self.n_jobs = n_jobs
        self.random_state = random_state

    def fit(
        self, X: Any, y: Any, sample_weight: Any = None, eval_set: Any = None
    ) -> Self:
        """Trains a model.

        Args:
            X: a frame (pandas, polars, Arrow) or an array, (rows, columns).
            y: numbers, (rows,).
            sample_weight: how much each row counts, (rows,). Default: all alike.
            eval_set: (X, y) of rows that choose the weights but are not trained on.
                Default: a part of the rows, `validation`.

        Returns:
            The estimator.

        Raises:
            ValueError: rows that differ in number, fewer than two rows, infinite
                numbers, a missing or constant target; a parameter out of range.
        """
        self._fit(X, y, sample_weight, eval_set)
        return self


def _pair(eval_set: Any) -> tuple[Any, Any]:
    """(X, y) of an eval_set, which may stand in a list."""
    if isinstance(eval_set, list) and len(eval_set) == 1:
        eval_set = eval_set[0]
    if isinstance(eval_set, tuple | list) and len(eval_set) == 2:
        return eval_set[0], eval_set[1]
    raise ArgumentError(
        "An eval_set is one table and its target.",
        where="fit(eval_set=)",
        expected="(X, y)",
        received=type(eval_set).__name__,
    )


def _numbers(X: np.ndarray) -> np.ndarray:
    """An array of objects as float64 where all of them are numbers or missing."""
    if X.dtype != object:
        return X
    if any(isinstance(value, str) for value in X.reshape(-1).tolist()):
        return X
    try:
        found = X.astype(np.float64)
    except (TypeError, ValueError):
        return X
    return np.asarray(check_array(found, ensure_all_finite="allow-nan"))


def _seed(random_state: Any) -> int:
    if isinstance(random_state, int | np.integer) and random_state >= 0:
        return int(random_state)
    return int(check_random_state(random_state).randint(2**31 - 1))


class _Wishes:
    """The numbers of threads that running fits want; they may run side by side."""

    lock = threading.Lock()
    before = 0
    wanted: list[int] = []  # noqa: RUF012  one for the process, whose engine is one


@contextmanager
def _threads(n_jobs: int | None) -> Iterator[None]:
    """A scope in which the engine has so many threads."""
    if n_jobs is None:
        yield
        return
    count = _count(n_jobs)
    with _Wishes.lock:
        if not _Wishes.wanted:
            _Wishes.before = native.info()["threads"]
        _Wishes.wanted.append(count)
        native.set_threads(min(_Wishes.wanted))
    try:
        yield
    finally:
        with _Wishes.lock:
            _Wishes.wanted.remove(count)
            native.set_threads(min(_Wishes.wanted, default=_Wishes.before))


def _count(n_jobs: Any) -> int:
    """joblib's meaning of n_jobs: -1 for all processors, -2 for all but one."""
    if (
        isinstance(n_jobs, bool)
        or not isinstance(n_jobs, int | np.integer)
        or not n_jobs
    ):
        raise ArgumentError(
            "n_jobs is the number of the engine's threads.",
            where="n_jobs",
            expected="None, a whole number from 1 up, or -1 for all processors",
            received=repr(n_jobs),
        )
    if backend_name() != "native" and n_jobs != 1:
        raise UnsupportedError(
            f"The {backend_name()} backend has one thread.",
            where="n_jobs",
            expected="None or 1",
            received=repr(n_jobs),
            remedy="unset PRONGHORN_BACKEND",
        )
    processors = len(os.sched_getaffinity(0))
    return int(n_jobs) if n_jobs > 0 else max(1, processors + 1 + int(n_jobs))
