"""The learners, each with its defaults, and what each is given.

`fit` takes all that a learner needs to be given a table: turning text into categories,
scaling, filling. That is part of its time.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

import numpy as np

Part = tuple[Any, np.ndarray]  # a data frame and its targets
EARLY = "the validation part chooses"
UNUSED = "the validation part is not used: its defaults do not stop early"


class Learner(ABC):
    """A learner for one table.

    Args:
        classes: how many; 0 for a regression.
        seed: of whatever is random in it.
        quick: to do little, for a first fit that loads what is loaded late.
    """

    name: str
    label: str
    packages: tuple[str, ...]  # the first ones name its version
    given: str  # said on the page
    slow = False  # takes minutes: runs on some sets

    def __init__(self, classes: int, seed: int, quick: bool = False) -> None:
        self.classes, self.seed, self.quick = classes, seed, quick

    @abstractmethod
    def fit(self, train: Part, valid: Part) -> None:
        """Learns the training part."""

    @abstractmethod
    def predict(self, x: Any) -> np.ndarray:
        """Targets (rows,), or probabilities (rows, classes)."""

    @classmethod
    def version(cls) -> str:
        """What its rows are stored under."""
        return ", ".join(f"{name} {installed(name)}" for name in cls.packages)

    def answer(self, model: Any, x: Any) -> np.ndarray:
        """Of a model like scikit-learn's."""
        if not self.classes:
            return np.asarray(model.predict(x), float).ravel()
        return np.asarray(model.predict_proba(x), float)


def installed(name: str) -> str:
    """A distribution's version, without the mark of a build ("+cpu")."""
    return importlib.metadata.version(name).partition("+")[0]


def texts(x: Any) -> list[str]:
    """The columns that hold no numbers."""
    from pandas.api.types import is_numeric_dtype

    return [name for name in x.columns if not is_numeric_dtype(x[name])]


class Categories:
    """Text columns as pandas' categories; what training did not have is missing."""

    def fit(self, x: Any) -> Any:
        """Takes the levels, and gives the frame with them."""
        self.levels = {n: sorted(x[n].dropna().unique()) for n in texts(x)}
        return self.of(x)

    def of(self, x: Any) -> Any:
        """The frame, its columns numbered: some characters are refused in names."""
        import pandas

        made = {
            n: pandas.Categorical(x[n].where(x[n].isin(known)), categories=known)
            for n, known in self.levels.items()
        }
        found = x.assign(**made)
        return found.set_axis([f"c{i}" for i in range(x.shape[1])], axis=1)


class Boosting(Learner):
    """Trees on pandas' categories, as LightGBM and XGBoost document it."""

    both = False

    @abstractmethod
    def make(self) -> Any:
        """The estimator."""

    def fit(self, train: Part, valid: Part) -> None:
        if self.both:
            train = together(train, valid)
        self.categories, self.model = Categories(), self.make()
        self.model.fit(self.categories.fit(train[0]), train[1])

    def predict(self, x: Any) -> np.ndarray:
        return self.answer(self.model, self.categories.of(x))


def together(train: Part, valid: Part) -> Part:
    """The rows of both parts."""
    import pandas

    x = pandas.concat([train[0], valid[0]], ignore_index=True)
    return x, np.concatenate([train[1], valid[1]])


class LightGbm(Boosting):
    """100 trees of 31 leaves."""

    name, label, packages = "lightgbm", "LightGBM", ("lightgbm",)
    given = f"pandas' categories, which it takes by itself; {UNUSED}"

    def make(self) -> Any:
        import lightgbm

        kind = lightgbm.LGBMClassifier if self.classes else lightgbm.LGBMRegressor
        return kind(random_state=self.seed, verbose=-1)


class LightGbmOnBoth(LightGbm):
    """The same on four fifths."""

    name, label, both = "lightgbm-80", "LightGBM on train + validation", True
    given = "the same, trained on the training and validation parts together"


class XgBoost(Boosting):
    """100 trees of depth 6."""

    name, label, packages = "xgboost", "XGBoost", ("xgboost",)
    given = f"pandas' categories with `enable_categorical=True`; {UNUSED}"

    def make(self) -> Any:
        import xgboost

        kind = xgboost.XGBClassifier if self.classes else xgboost.XGBRegressor
        return kind(random_state=self.seed, enable_categorical=True)


class XgBoostOnBoth(XgBoost):
    """The same on four fifths."""

    name, label, both = "xgboost-80", "XGBoost on train + validation", True
    given = "the same, trained on the training and validation parts together"


class CatBoost(Learner):
    """1,000 trees; the best number of them by the validation part."""

    name, label, packages = "catboost", "CatBoost", ("catboost",)
    given = (
        "text columns as `cat_features`, a missing one as a level of its own; "
        "`eval_set`: with one, its default `use_best_model` keeps the best number of "
        f"trees ({EARLY} it)"
    )

    def fit(self, train: Part, valid: Part) -> None:
        import catboost

        kind = catboost.CatBoostRegressor
        if self.classes:
            kind = catboost.CatBoostClassifier
        more = {"iterations": 10} if self.quick else {}
        self.model = kind(
            random_seed=self.seed, verbose=False, allow_writing_files=False, **more
        )
        self.columns = texts(train[0])
        self.model.fit(
            self.of(train[0]),
            train[1],
            cat_features=self.columns,
            eval_set=(self.of(valid[0]), valid[1]),
        )

    def of(self, x: Any) -> Any:
        """It takes no missing category: a word stands for it."""
        made = {n: x[n].astype(object).fillna("missing") for n in self.columns}
        return x.assign(**made)

    def predict(self, x: Any) -> np.ndarray:
        return self.answer(self.model, self.of(x))


class ScikitMlp(Learner):
    """One hidden layer of 100, Adam, at most 200 epochs."""

    name, label, packages = "sklearn-mlp", "scikit-learn MLP", ("scikit-learn",)
    given = (
        "numbers with the median for missing ones (and a column that tells where), "
        "standard scores, one-hot categories, targets of a regression standardized; "
        f"{UNUSED}"
    )

    def fit(self, train: Part, valid: Part) -> None:
        import warnings

        from sklearn.compose import TransformedTargetRegressor, make_column_transformer
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.impute import SimpleImputer
        from sklearn.neural_network import MLPClassifier, MLPRegressor
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import OneHotEncoder, StandardScaler

        columns = texts(train[0])
        numbers = [name for name in train[0].columns if name not in columns]
        filled = SimpleImputer(strategy="median", add_indicator=True)
        encoded = make_column_transformer(
            (make_pipeline(filled, StandardScaler()), numbers),
            (OneHotEncoder(handle_unknown="ignore"), columns),
            sparse_threshold=0,
        )
        more = {"max_iter": 2} if self.quick else {}
        if self.classes:
            net: Any = MLPClassifier(random_state=self.seed, **more)
        else:
            net = MLPRegressor(random_state=self.seed, **more)
            net = TransformedTargetRegressor(net, transformer=StandardScaler())
        self.model = make_pipeline(encoded, net)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            self.model.fit(*train)

    def predict(self, x: Any) -> np.ndarray:
        return self.answer(self.model, x)


class Pytabkit(Learner):
    """A net of pytabkit. They refuse missing numbers, so these are filled."""

    packages = ("pytabkit", "torch")
    slow = True
    kinds: tuple[str, str]
    given = (
        "pandas' categories; missing numbers by the median, and a column that tells "
        f"where; {EARLY} the epoch"
    )

    def fit(self, train: Part, valid: Part) -> None:
        from pytabkit.models.sklearn import sklearn_interfaces
        from sklearn.impute import SimpleImputer

        self.categories = Categories()
        x = self.categories.fit(train[0])
        columns = texts(x)
        self.numbers = [name for name in x.columns if name not in columns]
        self.filled = SimpleImputer(strategy="median", add_indicator=True)
        self.filled.set_output(transform="pandas")
        if self.numbers:
            self.filled.fit(x[self.numbers])
        more = {"n_epochs": 2} if self.quick else {}
        if "OMP_NUM_THREADS" in os.environ:  # it asks for all processors by itself
            more["n_threads"] = int(os.environ["OMP_NUM_THREADS"])
        kind = getattr(sklearn_interfaces, self.kinds[0 if self.classes else 1])
        self.model = kind(random_state=self.seed, **more)
        self.model.fit(self.of(train[0]), train[1], self.of(valid[0]), valid[1])

    def of(self, x: Any) -> Any:
        """The frame as it takes it."""
        import pandas

        x = self.categories.of(x)
        if not self.numbers:
            return x
        rest = x.drop(columns=self.numbers)
        return pandas.concat([self.filled.transform(x[self.numbers]), rest], axis=1)

    def predict(self, x: Any) -> np.ndarray:
        return self.answer(self.model, self.of(x))


class RealMlp(Pytabkit):
    """RealMLP-TD, arXiv 2407.04491."""

    name, label = "realmlp-td", "RealMLP-TD"
    kinds = "RealMLP_TD_Classifier", "RealMLP_TD_Regressor"


class TabM(Pytabkit):
    """TabM, arXiv 2410.24210."""

    name, label = "tabm-d", "TabM"
    kinds = "TabM_D_Classifier", "TabM_D_Regressor"


class Pronghorn(Learner):
    """Ours, by preset."""

    packages = ("pronghorn",)
    preset: str
    given = f"the frame as it is; `eval_set`: {EARLY} the epoch"

    def fit(self, train: Part, valid: Part) -> None:
        self.fit_on(train, eval_set=valid)

    def fit_on(self, train: Part, **more: Any) -> None:
        """Trains the estimator of the task."""
        from pronghorn import sklearn

        kind = sklearn.TabularClassifier if self.classes else sklearn.TabularRegressor
        self.model = kind(preset=self.preset, random_state=self.seed)
        self.model.fit(*train, **more)

    def predict(self, x: Any) -> np.ndarray:
        return self.answer(self.model, x)

    @classmethod
    def version(cls) -> str:
        """With letters that change when the files of the recipe do."""
        import pronghorn

        root = Path(pronghorn.__file__).parent
        rooms = ("sklearn*", "sklearn/*.py", "tabular/**/*.py")
        files = sorted({p for room in rooms for p in root.glob(room) if p.is_file()})
        known = hashlib.sha256(b"".join(p.read_bytes() for p in files)).hexdigest()
        return f"pronghorn {pronghorn.__version__} {known[:8]}"


class Fast(Pronghorn):
    """About a second."""

    name, label, preset = "pronghorn-fast", "Pronghorn, fast", "fast"


class Default(Pronghorn):
    """What one gets without asking."""

    name, label, preset = "pronghorn-default", "Pronghorn", "default"


class Best(Pronghorn):
    """An ensemble, each member validated by a fold of its own."""

    name, label, preset = "pronghorn-best", "Pronghorn, best", "best"
    given = (
        "the training and validation parts together: its folds choose the epochs, by "
        "rows that the member at hand was not trained on"
    )

    def fit(self, train: Part, valid: Part) -> None:
        self.fit_on(together(train, valid))


# In the order in which they run.
LEARNERS: dict[str, type[Learner]] = {
    each.name: each
    for each in (
        *(LightGbm, XgBoost, LightGbmOnBoth, XgBoostOnBoth, ScikitMlp, CatBoost),
        *(Fast, Default, Best, RealMlp, TabM),
    )
}
