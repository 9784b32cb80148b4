"""Which targets a loss is defined for, checked on the data before training.

Cross-entropy of a class 2 where there is 0 and 1, or of class 7 of 3, trains without a
word in most frameworks, towards nonsense.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from pronghorn.errors import DataError
from pronghorn.losses import crossentropy as ce
from pronghorn.losses import functions as f
from pronghorn.losses.noisy import categorical_generalized_cross_entropy
from pronghorn.losses.overlap import dice, tversky
from pronghorn.settings import bad_data

__all__ = ["check_targets"]

_SHOWN = 5

_PROBABILITY = (
    ce.binary_crossentropy,
    ce.binary_focal_crossentropy,
    ce.categorical_crossentropy,
    ce.categorical_focal_crossentropy,
    f.kl_divergence,
    dice,
    tversky,
)
_NUMBERED = (
    ce.sparse_categorical_crossentropy,
    categorical_generalized_cross_entropy,
)
_NOT_NEGATIVE = (f.poisson, f.mean_squared_logarithmic_error)
_SIGNS = (f.hinge, f.squared_hinge)


def check_targets(
    loss: Callable[..., Any], y: np.ndarray, classes: int | None, where: str = "y"
) -> None:
    """Raises if targets lie outside of what a loss is defined for.

    Args:
        loss: a `Loss` or a loss function; of your own ones nothing is known.
        y: the targets, as numbers; the first axis counts rows.
        classes: the model's number of outputs (its last axis).
        where: what `y` is called, for the message.

    Raises:
        DataError: naming the first rows concerned; only a warning where the process
            goes on with bad data (`settings`).

    Example:

    >>> check_targets(ce.binary_crossentropy, np.array([0, 1, 1]), 1)
    >>> check_targets(ce.binary_crossentropy, np.array([1, 2]), 1)
    Traceback (most recent call last):
    ...
    pronghorn.errors.DataError: binary_crossentropy is not defined for these targets...
    """
    function = getattr(loss, "fn", loss)
    remedy = "check the column, or choose another loss"
    with np.errstate(invalid="ignore"):
        if function in _NUMBERED:
            expected = f"class numbers from 0 to {(classes or 1) - 1}"
            wrong = _no_class(y, classes, getattr(loss, "ignore_class", None))
            remedy = "number the classes from 0, and give the last layer one unit each"
        elif function in _PROBABILITY:
            expected, wrong = "0, 1, or values between", ~((y >= 0) & (y <= 1))
            remedy = (
                "encode the classes as 0 and 1; for class numbers use "
                "sparse_categorical_crossentropy, for amounts mean_squared_error"
            )
        elif function in _NOT_NEGATIVE:
            expected, wrong = "values of 0 or more", ~(y >= 0)
        elif function in _SIGNS:
            expected, wrong = "-1 and 1, or 0 and 1", ~np.isin(y, (-1, 0, 1))
        else:
            return
    if wrong.any():
        name = getattr(function, "__name__", type(loss).__name__)
        bad_data(
            DataError(
                f"{name} is not defined for these targets.",
                where=f"{where}, {_rows(wrong)}",
                expected=expected,
                received=_values(y, wrong),
                remedy=remedy,
            )
        )


def _no_class(y: np.ndarray, classes: int | None, ignored: int | None) -> np.ndarray:
    wrong = ~((y >= 0) & (y == np.floor(y)))
    if classes is not None:
        wrong |= ~(y < classes)
    if ignored is not None:
        wrong &= y != ignored
    return np.asarray(wrong)


def _rows(wrong: np.ndarray) -> str:
    rows = np.flatnonzero(wrong.reshape(len(wrong), -1).any(axis=1))
    shown = ", ".join(map(str, rows[:_SHOWN]))
    more = f" and {rows.size - _SHOWN} more" if rows.size > _SHOWN else ""
    return f"row{'s' if rows.size > 1 else ''} {shown}{more} (counted from 0)"


def _values(y: np.ndarray, wrong: np.ndarray) -> str:
    values = np.unique(y[wrong])
    shown = ", ".join(f"{v:g}" for v in values[:_SHOWN].astype(float))
    return shown + (", ..." if values.size > _SHOWN else "")
