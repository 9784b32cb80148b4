"""Losses: what training makes small. Classes, functions of each, and `get`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from pronghorn import config as configs
from pronghorn.errors import UnsupportedError
from pronghorn.lookup import from_config, interpret
from pronghorn.losses.circle import Circle, circle
from pronghorn.losses.classes import (
    BinaryCrossentropy,
    BinaryFocalCrossentropy,
    CategoricalCrossentropy,
    CategoricalFocalCrossentropy,
    CategoricalHinge,
    CosineSimilarity,
    Hinge,
    Huber,
    KLDivergence,
    LogCosh,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
    Poisson,
    SparseCategoricalCrossentropy,
    SquaredHinge,
)
from pronghorn.losses.crossentropy import (
    binary_crossentropy,
    binary_focal_crossentropy,
    categorical_crossentropy,
    categorical_focal_crossentropy,
    sparse_categorical_crossentropy,
)
from pronghorn.losses.functions import (
    categorical_hinge,
    cosine_similarity,
    hinge,
    huber,
    kl_divergence,
    log_cosh,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
    poisson,
    squared_hinge,
)
from pronghorn.losses.loss import Loss, LossFunctionWrapper
from pronghorn.losses.noisy import (
    CategoricalGeneralizedCrossEntropy,
    categorical_generalized_cross_entropy,
)
from pronghorn.losses.overlap import Dice, Tversky, dice, tversky
from pronghorn.losses.targets import check_targets

__all__ = [
    "BinaryCrossentropy",
    "BinaryFocalCrossentropy",
    "CategoricalCrossentropy",
    "CategoricalFocalCrossentropy",
    "CategoricalGeneralizedCrossEntropy",
    "CategoricalHinge",
    "Circle",
    "CosineSimilarity",
    "Dice",
    "Hinge",
    "Huber",
    "KLDivergence",
    "LogCosh",
    "Loss",
    "LossFunctionWrapper",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanSquaredError",
    "MeanSquaredLogarithmicError",
    "Poisson",
    "SparseCategoricalCrossentropy",
    "SquaredHinge",
    "Tversky",
    "binary_crossentropy",
    "binary_focal_crossentropy",
    "categorical_crossentropy",
    "categorical_focal_crossentropy",
    "categorical_generalized_cross_entropy",
    "categorical_hinge",
    "check_targets",
    "choose",
    "circle",
    "cosine_similarity",
    "deserialize",
    "dice",
    "get",
    "hinge",
    "huber",
    "kl_divergence",
    "log_cosh",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_squared_error",
    "mean_squared_logarithmic_error",
    "poisson",
    "serialize",
    "sparse_categorical_crossentropy",
    "squared_hinge",
    "tversky",
]

Shape = tuple[int | None, ...]


def __getattr__(name: str) -> NoReturn:
    if name in ("CTC", "ctc"):
        raise UnsupportedError(
            "Sequences are not part of Pronghorn.",
            where=f"losses.{name}",
            remedy="use Keras for them; for one label a row, "
            "SparseCategoricalCrossentropy",
        )
    raise AttributeError(f"module 'pronghorn.losses' has no attribute {name!r}")


_EXAMPLE = "pronghorn.losses.MeanSquaredError()"

_OBJECTS: tuple[Any, ...] = (
    BinaryCrossentropy,
    BinaryFocalCrossentropy,
    CategoricalCrossentropy,
    CategoricalFocalCrossentropy,
    CategoricalGeneralizedCrossEntropy,
    CategoricalHinge,
    Circle,
    CosineSimilarity,
    Dice,
    Hinge,
    Huber,
    KLDivergence,
    LogCosh,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
    Poisson,
    SparseCategoricalCrossentropy,
    SquaredHinge,
    Tversky,
    binary_crossentropy,
    binary_focal_crossentropy,
    categorical_crossentropy,
    categorical_focal_crossentropy,
    categorical_generalized_cross_entropy,
    categorical_hinge,
    circle,
    cosine_similarity,
    dice,
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
    tversky,
)
_SHORT: dict[str, Callable[..., Any]] = {
    "bce": binary_crossentropy,
    "kld": kl_divergence,
    "mae": mean_absolute_error,
    "mape": mean_absolute_percentage_error,
    "mse": mean_squared_error,
    "msle": mean_squared_logarithmic_error,
}
_NAMES: dict[str, Any] = {
    **{o.__name__: o for o in _OBJECTS},
    **_SHORT,
    **{name.upper(): function for name, function in _SHORT.items()},
    # the names of older Keras
    "kullback_leibler_divergence": kl_divergence,
    "logcosh": log_cosh,
}


def get(identifier: Any) -> Callable[..., Any] | None:
    """The loss that a name, a config, a class or an object stands for.

    Args:
        identifier: `"mse"`, `MeanSquaredError()`, a function `(y_true, y_pred)`, a
            config, or None (which stays None).

    Raises:
        UnknownNameError: no loss has that name.

    Example:

    >>> get("mse").__name__, get("Huber").delta
    ('mean_squared_error', 1.0)
    """
    found: Callable[..., Any] | None = interpret("loss", identifier, _NAMES, _EXAMPLE)
    return found


def choose(identifier: Any, true_shape: Shape, pred_shape: Shape) -> Loss | None:
    """The `Loss` object that `compile(loss=identifier)` means for a model's output.

    "crossentropy" and "ce" become the cross-entropy that fits the shapes; functions
    become objects, named as the user named them.

    Args:
        identifier: see `get`.
        true_shape: the shape of the targets.
        pred_shape: the shape of the outputs.

    Example:

    >>> choose("crossentropy", (None,), (None, 3)).name
    'crossentropy'
    >>> choose("mse", (None, 1), (None, 1)).name
    'mse'
    """
    if isinstance(identifier, str) and identifier.lower() in ("crossentropy", "ce"):
        found: Any = _crossentropy(true_shape, pred_shape)
    else:
        found = get(identifier)
    if found is None or isinstance(found, Loss):
        return found
    named = isinstance(identifier, str)
    name = identifier if named else getattr(found, "__name__", None)
    return LossFunctionWrapper(found, name=name)


def _crossentropy(true_shape: Shape, pred_shape: Shape) -> Callable[..., Any]:
    if pred_shape[-1] == 1:
        return binary_crossentropy
    sparse = len(true_shape) < len(pred_shape) or true_shape[-1] == 1
    return sparse_categorical_crossentropy if sparse else categorical_crossentropy


def serialize(loss: Callable[..., Any]) -> Any:
    """What a file says for a loss."""
    return configs.serialize(loss)


def deserialize(name: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The loss that `serialize` described.

    >>> deserialize("mse") is mean_squared_error
    True
    """
    return from_config("loss", name, _NAMES, _EXAMPLE, custom_objects)
