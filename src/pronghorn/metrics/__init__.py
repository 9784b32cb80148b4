"""Metrics: what training reports. Classes, functions of some, and `get`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pronghorn import config as configs
from pronghorn.lookup import from_config, interpret, names_of
from pronghorn.losses import (
    binary_crossentropy,
    binary_focal_crossentropy,
    categorical_crossentropy,
    categorical_focal_crossentropy,
    categorical_hinge,
    hinge,
    huber,
    kl_divergence,
    log_cosh,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
    poisson,
    sparse_categorical_crossentropy,
    squared_hinge,
)
from pronghorn.metrics.accuracy import (
    Accuracy,
    BinaryAccuracy,
    CategoricalAccuracy,
    SparseCategoricalAccuracy,
    SparseTopKCategoricalAccuracy,
    TopKCategoricalAccuracy,
    binary_accuracy,
    categorical_accuracy,
    sparse_categorical_accuracy,
    sparse_top_k_categorical_accuracy,
    top_k_categorical_accuracy,
)
from pronghorn.metrics.auc import AUC
from pronghorn.metrics.confusion import (
    FalseNegatives,
    FalsePositives,
    Precision,
    PrecisionAtRecall,
    Recall,
    RecallAtPrecision,
    SensitivityAtSpecificity,
    SpecificityAtSensitivity,
    TrueNegatives,
    TruePositives,
)
from pronghorn.metrics.correlation import (
    ConcordanceCorrelation,
    PearsonCorrelation,
    concordance_correlation,
    pearson_correlation,
)
from pronghorn.metrics.f_score import F1Score, FBetaScore
from pronghorn.metrics.metric import Metric
from pronghorn.metrics.overlap import (
    BinaryIoU,
    IoU,
    MeanIoU,
    OneHotIoU,
    OneHotMeanIoU,
)
from pronghorn.metrics.probabilistic import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    CategoricalHinge,
    Hinge,
    KLDivergence,
    Poisson,
    SparseCategoricalCrossentropy,
    SquaredHinge,
)
from pronghorn.metrics.reduction import Mean, MeanMetricWrapper, Sum
from pronghorn.metrics.regression import (
    CosineSimilarity,
    LogCoshError,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
    R2Score,
    RootMeanSquaredError,
)
from pronghorn.naming import snake_case

__all__ = [
    "AUC",
    "Accuracy",
    "BinaryAccuracy",
    "BinaryCrossentropy",
    "BinaryIoU",
    "CategoricalAccuracy",
    "CategoricalCrossentropy",
    "CategoricalHinge",
    "ConcordanceCorrelation",
    "CosineSimilarity",
    "F1Score",
    "FBetaScore",
    "FalseNegatives",
    "FalsePositives",
    "Hinge",
    "IoU",
    "KLDivergence",
    "LogCoshError",
    "Mean",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanIoU",
    "MeanMetricWrapper",
    "MeanSquaredError",
    "MeanSquaredLogarithmicError",
    "Metric",
    "OneHotIoU",
    "OneHotMeanIoU",
    "PearsonCorrelation",
    "Poisson",
    "Precision",
    "PrecisionAtRecall",
    "R2Score",
    "Recall",
    "RecallAtPrecision",
    "RootMeanSquaredError",
    "SensitivityAtSpecificity",
    "SparseCategoricalAccuracy",
    "SparseCategoricalCrossentropy",
    "SparseTopKCategoricalAccuracy",
    "SpecificityAtSensitivity",
    "SquaredHinge",
    "Sum",
    "TopKCategoricalAccuracy",
    "TrueNegatives",
    "TruePositives",
    "binary_accuracy",
    "binary_crossentropy",
    "binary_focal_crossentropy",
    "categorical_accuracy",
    "categorical_crossentropy",
    "categorical_focal_crossentropy",
    "categorical_hinge",
    "choose",
    "concordance_correlation",
    "deserialize",
    "get",
    "hinge",
    "huber",
    "kl_divergence",
    "log_cosh",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_squared_error",
    "mean_squared_logarithmic_error",
    "pearson_correlation",
    "poisson",
    "serialize",
    "sparse_categorical_accuracy",
    "sparse_categorical_crossentropy",
    "sparse_top_k_categorical_accuracy",
    "squared_hinge",
    "top_k_categorical_accuracy",
]

Shape = tuple[int | None, ...]

_EXAMPLE = "pronghorn.metrics.MeanSquaredError()"

_CLASSES: tuple[type, ...] = (
    AUC,
    Accuracy,
    BinaryAccuracy,
    BinaryCrossentropy,
    BinaryIoU,
    CategoricalAccuracy,
    CategoricalCrossentropy,
    CategoricalHinge,
    ConcordanceCorrelation,
    CosineSimilarity,
    F1Score,
    FBetaScore,
    FalseNegatives,
    FalsePositives,
    Hinge,
    IoU,
    KLDivergence,
    LogCoshError,
    Mean,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanIoU,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
    OneHotIoU,
    OneHotMeanIoU,
    PearsonCorrelation,
    Poisson,
    Precision,
    PrecisionAtRecall,
    R2Score,
    Recall,
    RecallAtPrecision,
    RootMeanSquaredError,
    SensitivityAtSpecificity,
    SparseCategoricalAccuracy,
    SparseCategoricalCrossentropy,
    SparseTopKCategoricalAccuracy,
    SpecificityAtSensitivity,
    SquaredHinge,
    Sum,
    TopKCategoricalAccuracy,
    TrueNegatives,
    TruePositives,
)
_SHORT: dict[str, type] = {
    "bce": BinaryCrossentropy,
    "mae": MeanAbsoluteError,
    "mape": MeanAbsolutePercentageError,
    "mse": MeanSquaredError,
    "msle": MeanSquaredLogarithmicError,
}
_NAMES: dict[str, Any] = {
    **names_of(_CLASSES, acc=Accuracy),
    **_SHORT,
    **{name.upper(): cls for name, cls in _SHORT.items()},
}


def get(identifier: Any) -> Any:
    """The metric that a name, a config, a class or an object stands for.

    Args:
        identifier: `"mae"`, `MeanAbsoluteError()`, a function `(y_true, y_pred)`, a
            config, or None (which stays None).

    Raises:
        UnknownNameError: no metric has that name.

    Example:

    >>> get("mae"), get("AUC").curve
    (<MeanAbsoluteError name=mean_absolute_error>, 'ROC')
    """
    return interpret("metric", identifier, _NAMES, _EXAMPLE)


def choose(identifier: Any, true_shape: Shape, pred_shape: Shape) -> Metric:
    """The `Metric` object that `compile(metrics=[identifier])` means for an output.

    "accuracy" and "acc" become the accuracy that fits the shapes, functions become
    means; what came by name is reported under that name.

    Args:
        identifier: see `get`.
        true_shape: the shape of the targets.
        pred_shape: the shape of the outputs.

    Example:

    >>> choose("accuracy", (None, 1), (None, 1))
    <BinaryAccuracy name=accuracy>
    >>> choose("mse", (None, 1), (None, 1))
    <MeanSquaredError name=mse>
    """
    named = isinstance(identifier, str)
    if named and identifier.lower() in ("accuracy", "acc"):
        found: Any = _accuracy(true_shape, pred_shape)
    else:
        found = get(identifier)
    if named:
        name = identifier
    elif isinstance(found, Metric):
        name = found.name
    else:
        name = getattr(found, "name", None) or snake_case(
            getattr(found, "__name__", type(found).__name__)
        )
    if not isinstance(found, Metric):
        found = MeanMetricWrapper(found)
    found.name = name
    return found


def _accuracy(true_shape: Shape, pred_shape: Shape) -> Metric:
    if pred_shape[-1] == 1:
        return BinaryAccuracy()
    sparse = len(true_shape) < len(pred_shape) or true_shape[-1] == 1
    return SparseCategoricalAccuracy() if sparse else CategoricalAccuracy()


def serialize(metric: Metric) -> Any:
    """What a file says for a metric."""
    return configs.serialize(metric)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The metric that `serialize` described.

    >>> deserialize(serialize(AUC(curve="PR"))).curve
    'PR'
    """
    return from_config("metric", config, _NAMES, _EXAMPLE, custom_objects)
