"""What `keras.config` sets and tells: the numbers, their type, what is printed.

What would change a result, and cannot here, raises.
"""

from __future__ import annotations

import warnings
from typing import Any

from pronghorn.errors import ArgumentError, UnsupportedError
from pronghorn.settings import EPSILON, backend_name

__all__ = [
    "backend",
    "disable_interactive_logging",
    "disable_traceback_filtering",
    "enable_interactive_logging",
    "enable_traceback_filtering",
    "enable_unsafe_deserialization",
    "epsilon",
    "floatx",
    "image_data_format",
    "is_interactive_logging_enabled",
    "is_traceback_filtering_enabled",
    "max_epochs",
    "max_steps_per_epoch",
    "set_backend",
    "set_epsilon",
    "set_floatx",
    "set_image_data_format",
    "set_max_epochs",
    "set_max_steps_per_epoch",
]

_limits: dict[str, int | None] = {"epochs": None, "steps_per_epoch": None}
_floats = {"dtype": "float32"}
_switches = {"interactive logging": True, "traceback filtering": True}


def backend() -> str:
    """The name of the backend that models compile for: "native" or "reference".

    >>> backend() in ("native", "reference")
    True
    """
    return backend_name()


def set_backend(backend: str) -> None:
    """Asks for a backend; only the one in force can be had.

    Raises:
        UnsupportedError: another one.
    """
    _only("set_backend", backend, backend_name(), "set PRONGHORN_BACKEND before start")


def epsilon() -> float:
    """The small number that keeps divisions and logarithms finite.

    >>> epsilon()
    1e-07
    """
    return EPSILON


def set_epsilon(value: float) -> None:
    """Asks for another small number; only 1e-7 can be had.

    Raises:
        UnsupportedError: another one.

    >>> set_epsilon(1e-7)
    """
    remedy = "pass epsilon= to the layer or optimizer that needs another"
    _only("set_epsilon", value, EPSILON, remedy)


def floatx() -> str:
    """The dtype of floats where none is named: of layers, losses and metrics.

    >>> floatx()
    'float32'
    """
    return _floats["dtype"]


def set_floatx(value: str) -> None:
    """Sets the dtype of floats where none is named.

    What that means here is told at `dtype_policies.set_dtype_policy`, and at the
    argument `dtype` of losses and metrics. Operations on arrays go by their arrays.

    Args:
        value: "float32"; "float64", which computes on the reference backend; or
            "float16" and "bfloat16", which are computed in float32, with a warning.

    Raises:
        ArgumentError: another one.

    >>> set_floatx("float32")
    """
    if value not in ("bfloat16", "float16", "float32", "float64"):
        raise ArgumentError(
            "Floats have no such dtype.",
            where="set_floatx",
            expected="'float32', 'float64', 'float16' or 'bfloat16'",
            received=repr(value),
        )
    if value in ("bfloat16", "float16"):
        warnings.warn(f"{value} is computed in float32 on a processor.", stacklevel=2)
    _floats["dtype"] = value


def image_data_format() -> str:
    """Where layers expect the channels of a picture: "channels_last".

    >>> image_data_format()
    'channels_last'
    """
    return "channels_last"


def set_image_data_format(data_format: str) -> None:
    """Asks for another order of axes; only "channels_last" can be had.

    Raises:
        UnsupportedError: another one.
    """
    remedy = "pass data_format= to Flatten"
    _only("set_image_data_format", data_format, "channels_last", remedy)


def max_epochs() -> int | None:
    """The most epochs that `fit` trains for; None for as many as it is asked for.

    >>> max_epochs() is None
    True
    """
    return _limits["epochs"]


def set_max_epochs(max_epochs: int | None) -> None:
    """Limits every `fit`, for a quick look whether a script runs; None lifts it.

    Raises:
        ArgumentError: neither None nor a whole number from 1 up.

    >>> set_max_epochs(None)
    """
    _limit("epochs", "set_max_epochs", max_epochs)


def max_steps_per_epoch() -> int | None:
    """The most batches of an epoch, of `evaluate` and of `predict`; None for all.

    >>> max_steps_per_epoch() is None
    True
    """
    return _limits["steps_per_epoch"]


def set_max_steps_per_epoch(max_steps_per_epoch: int | None) -> None:
    """Limits every pass, for a quick look whether a script runs; None lifts it.

    Raises:
        ArgumentError: neither None nor a whole number from 1 up.

    >>> set_max_steps_per_epoch(None)
    """
    _limit("steps_per_epoch", "set_max_steps_per_epoch", max_steps_per_epoch)


def _limit(what: str, where: str, value: Any) -> None:
    whole = isinstance(value, int) and not isinstance(value, bool) and value > 0
    if value is not None and not whole:
        raise ArgumentError(
            f"{where} takes a number, or None.",
            where=where,
            expected="a whole number from 1 up, or None for no limit",
            received=repr(value),
        )
    _limits[what] = value


def is_interactive_logging_enabled() -> bool:
    """Whether `verbose="auto"` shows a bar; otherwise a line an epoch.

    >>> is_interactive_logging_enabled()
    True
    """
    return _switches["interactive logging"]


def enable_interactive_logging() -> None:
    """Makes `verbose="auto"` show a bar, as it does at first."""
    _switches["interactive logging"] = True


def disable_interactive_logging() -> None:
    """Makes `verbose="auto"` print a line an epoch, for logs."""
    _switches["interactive logging"] = False


def is_traceback_filtering_enabled() -> bool:
    """What was last said about it. Tracebacks are short here, and never cut.

    >>> is_traceback_filtering_enabled()
    True
    """
    return _switches["traceback filtering"]


def enable_traceback_filtering() -> None:
    """Accepted: tracebacks are short here, and never cut."""
    _switches["traceback filtering"] = True


def disable_traceback_filtering() -> None:
    """Accepted: tracebacks are short here, and never cut."""
    _switches["traceback filtering"] = False


def enable_unsafe_deserialization() -> None:
    """Accepted: a file never runs code, allowed or not; loading such a file says so."""


def _only(where: str, value: Any, held: Any, remedy: str) -> None:
    if isinstance(value, bool) or not isinstance(value, type(held)):
        raise ArgumentError(
            f"{where} takes {'a number' if held == EPSILON else 'a name'}.",
            where=where,
            expected=repr(held),
            received=repr(value),
        )
    if value != held:
        raise UnsupportedError(
            f"{where} can only be given what is in force.",
            where=where,
            expected=repr(held),
            received=repr(value),
            remedy=remedy,
        )
