"""What every optimizer's constructor takes, and the names that Keras 2 had for it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from pronghorn.errors import ArgumentError
from pronghorn.optimizers.schedules import InverseTimeDecay, LearningRateSchedule

__all__ = ["SHARED", "takes_shared"]

SHARED: dict[str, Any] = {
    "weight_decay": None,
    "clipnorm": None,
    "clipvalue": None,
    "global_clipnorm": None,
    "use_ema": False,
    "ema_momentum": 0.99,
    "ema_overwrite_frequency": None,
    "loss_scale_factor": None,
    "gradient_accumulation_steps": None,
    "name": None,
}

_Parameter = inspect.Parameter
_F = TypeVar("_F", bound=Callable[..., None])


def takes_shared(init: _F) -> _F:
    """Makes a constructor that ends with `**shared` one like Keras's.

    Its signature names the shared arguments, they may be given by place, and `lr=` and
    `decay=` mean what they meant in Keras 2.

    >>> class Named:
    ...     @takes_shared
    ...     def __init__(self, learning_rate=0.1, **shared):
    ...         self.given = learning_rate, shared
    >>> Named(lr=0.5, clipnorm=1.0).given
    (0.5, {'clipnorm': 1.0})
    >>> list(inspect.signature(Named).parameters)[:3]
    ['learning_rate', 'weight_decay', 'clipnorm']
    """
    whole = inspect.signature(init)
    own = {
        k: p for k, p in whole.parameters.items() if p.kind != _Parameter.VAR_KEYWORD
    }
    shared = [
        _Parameter(name, _Parameter.POSITIONAL_OR_KEYWORD, default=default)
        for name, default in SHARED.items()
        if name not in own
    ]
    rest = _Parameter("kwargs", _Parameter.VAR_KEYWORD)
    full = whole.replace(parameters=[*own.values(), *shared, rest])
    default = own["learning_rate"].default

    @wraps(init)
    def constructor(self: Any, *args: Any, **kwargs: Any) -> None:
        old: dict[str, Any] = {
            name: kwargs.pop(name) for name in ("lr", "decay") if name in kwargs
        }
        if old or len(args) >= len(own):
            given = full.bind_partial(self, *args, **kwargs).arguments
            kwargs = {k: v for k, v in given.items() if k not in ("self", "kwargs")}
            kwargs.update(given.get("kwargs", {}))
            args = ()
        if old:
            _translate(type(self).__name__, old, kwargs, default)
        init(self, *args, **kwargs)

    constructor.__signature__ = full  # type: ignore[attr-defined]
    return constructor  # type: ignore[return-value]


def _translate(
    optimizer: str, old: dict[str, Any], kwargs: dict[str, Any], default: Any
) -> None:
    """Puts what `lr` and `decay` ask for into the arguments."""
    rate, decay = old.get("lr"), old.get("decay")
    if rate is not None:
        if "learning_rate" in kwargs:
            raise _both(optimizer, f"lr={rate!r}", kwargs["learning_rate"])
        kwargs["learning_rate"] = rate
    if decay:
        first = kwargs.get("learning_rate", default)
        if isinstance(first, LearningRateSchedule):
            raise _both(optimizer, f"decay={decay!r}", first)
        kwargs["learning_rate"] = InverseTimeDecay(first, 1, decay)


def _both(optimizer: str, old: str, rate: Any) -> ArgumentError:
    return ArgumentError(
        "The learning rate is given twice.",
        where=f"optimizer {optimizer}",
        expected="learning_rate alone",
        received=f"{old} and learning_rate={rate!r}",
        remedy="leave the old name out",
    )
