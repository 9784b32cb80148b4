"""Arguments of `fit`, `evaluate` and `predict`, checked before anything runs."""

from __future__ import annotations

import math
import warnings
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np

from pronghorn.errors import ArgumentError
from pronghorn.preferences import (
    is_interactive_logging_enabled,
    max_epochs,
    max_steps_per_epoch,
)

__all__ = [
    "checked_class_weight",
    "checked_frequency",
    "flag",
    "limited_epochs",
    "limited_steps",
    "refuse_beside_stream",
    "require_targets",
    "rows_per_step",
    "step_count",
    "verbosity_of",
    "warn_of_own_compile",
    "whole_number",
]


def whole_number(name: str, value: Any, least: int) -> int:
    """`value` as an int.

    Raises:
        ArgumentError: no whole number, or below `least`.

    >>> whole_number("epochs", 3, 0)
    3
    """
    whole = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    if not whole or value < least:
        raise ArgumentError(
            f"{name} must be a whole number from {least} up.",
            where=f"{name}=",
            expected=f"a whole number from {least} up",
            received=repr(value),
            remedy=f"write {name}={max(least, 1)}, say",
        )
    return int(value)


def flag(name: str, value: Any) -> bool:
    """`value` as a bool; other things than True and False are no answer.

    >>> flag("shuffle", True)
    True
    """
    if isinstance(value, (bool, int, np.bool_, np.integer)) and value in (0, 1):
        return bool(value)
    raise ArgumentError(
        f"{name} is True or False.",
        where=f"{name}=",
        expected="True or False",
        received=repr(value),
        remedy=f"write {name}=True",
    )


def verbosity_of(verbose: Any) -> int:
    """0, 1 or 2; "auto" is 1, or 2 where `config` has disabled interactive logging.

    >>> verbosity_of("auto"), verbosity_of(False)
    (1, 0)
    """
    if isinstance(verbose, str) and verbose == "auto":
        return 1 if is_interactive_logging_enabled() else 2
    if isinstance(verbose, (int, np.integer)) and 0 <= verbose <= 2:
        return int(verbose)
    raise ArgumentError(
        "There is no such verbosity.",
        where="verbose=",
        expected="0 (silent), 1 (a progress bar), 2 (a line per epoch) or 'auto'",
        received=repr(verbose),
        remedy="leave it out for a progress bar",
    )


def require_targets(y: Any, loss: Any, what: str) -> None:
    """Raises where a loss was compiled, but there is nothing to compare with."""
    if y is None and loss is not None:
        raise ArgumentError(
            f"{what} got no y.",
            where="y",
            expected="targets, one for each row of x",
            received="None",
            remedy=f"write {what}(x, y)",
        )


def step_count(name: str, value: Any) -> int | None:
    """A number of steps, or None.

    >>> step_count("steps", 3), step_count("steps", None)
    (3, None)
    """
    return None if value is None else whole_number(name, value, 1)


def limited_epochs(epochs: int) -> int:
    """A number of epochs, below the limit of `keras.config.set_max_epochs`.

    Warns:
        where it was above.
    """
    limit = max_epochs()
    if limit is None or epochs <= limit:
        return epochs
    warnings.warn(f"Limiting epochs to {limit}: set_max_epochs says so.", stacklevel=3)
    return limit


def limited_steps(steps: int | None, whole: int | None = None) -> int | None:
    """A number of steps, below the limit of `keras.config.set_max_steps_per_epoch`.

    Args:
        steps: how many were asked for; None for all.
        whole: how many there are, where that is known.

    Warns:
        where there were more.
    """
    limit, asked = max_steps_per_epoch(), whole if steps is None else steps
    if limit is None or (asked is not None and asked <= limit):
        return steps
    warnings.warn(
        f"Limiting steps_per_epoch to {limit}: set_max_steps_per_epoch says so.",
        stacklevel=4,
    )
    return limit


def checked_frequency(value: Any) -> int | Collection[int]:
    """`validation_freq`: every so many epochs, or the numbers of epochs, from 1.

    Raises:
        ArgumentError: neither.

    >>> checked_frequency(2), checked_frequency([1, 5])
    (2, [1, 5])
    """
    if isinstance(value, (list, tuple, set)):
        return value
    return whole_number("validation_freq", value, 1)


def rows_per_step(batch_size: Any, rows: int, steps: int | None) -> int:
    """The batch size; where none is given, 32, or what makes so many steps of the rows.

    >>> rows_per_step(None, 100, None), rows_per_step(None, 100, 3)
    (32, 34)
    """
    if batch_size is not None:
        return whole_number("batch_size", batch_size, 1)
    return 32 if steps is None else -(-rows // steps)


def refuse_beside_stream(what: str, **given: Any) -> None:
    """Raises for arguments that a stream of batches has within its batches."""
    for name, value in given.items():
        if value is not None:
            raise ArgumentError(
                f"{name} belongs to tables, and x is a stream of batches.",
                where=f"{name}=",
                expected="None: each batch is (x, y) or (x, y, sample_weight)",
                received=type(value).__name__,
                remedy=f"leave {name} out of {what}, and let the batches hold it",
            )


def checked_class_weight(class_weight: Mapping[Any, float]) -> dict[int, float]:
    """Weights by class number.

    Raises:
        ArgumentError: a key that is no class number, a weight that is no weight.

    >>> checked_class_weight({0: 1, 1: 2.5})
    {0: 1.0, 1: 2.5}
    """
    if not isinstance(class_weight, Mapping):
        raise _bad_class_weight(type(class_weight).__name__)
    weights = {}
    for key, weight in class_weight.items():
        try:
            number, value = int(key), float(weight)
        except (TypeError, ValueError):
            raise _bad_class_weight(f"{key!r}: {weight!r}") from None
        if number != key or not math.isfinite(value) or value < 0:
            raise _bad_class_weight(f"{key!r}: {weight!r}")
        weights[number] = value
    return weights


def _bad_class_weight(received: str) -> ArgumentError:
    return ArgumentError(
        "class_weight gives each class a weight.",
        where="class_weight=",
        expected="a dict of class numbers and weights, finite and not negative",
        received=received,
        remedy="write class_weight={0: 1.0, 1: 2.0}, say",
    )


def warn_of_own_compile() -> None:
    """Tells that a file's model is not compiled: its class has a `compile` of its own.

    That takes arguments of its own. The class has its `compile_from_config` too, or the
    model is compiled by hand.
    """
    warnings.warn(
        "`compile()` was not called as part of model loading because the model's "
        "`compile()` method is custom. Write get_compile_config() and "
        "compile_from_config(config) too, or compile the model after loading.",
        stacklevel=3,
    )
