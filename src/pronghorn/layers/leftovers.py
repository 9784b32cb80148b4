"""Ways of Keras 2 that scripts still go, and what a step by hand is told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pronghorn.errors import ArgumentError, DtypeError
from pronghorn.metrics import Mean, Metric

__all__ = ["Leftovers", "placed", "yes_or_no"]

_BY_PLACE = ("shape", "initializer", "dtype")


def yes_or_no(value: Any, what: str, layer: str) -> bool:
    """An argument of a layer that is True or False.

    Raises:
        ArgumentError: anything else, as a text or a number.
    """
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    raise ArgumentError(
        f"{what} is True or False.",
        where=f"layer {layer!r}, {what}",
        expected="True or False",
        received=repr(value),
        remedy=f"write {what}={bool(value)}",
    )


def placed(
    args: Sequence[Any], named: tuple[Any, Any, Any], where: str
) -> tuple[Any, Any, Any]:
    """Shape, initializer and dtype of `add_weight`, by place or by name.

    Raises:
        ArgumentError: for a name in the first place, as in Keras 2, or one twice.
        DtypeError: for more than three arguments by place.

    >>> placed([(3, 2)], (None, "zeros", None), "layer 'dense'")
    ((3, 2), 'zeros', None)
    """
    first = args[0] if args else None
    if isinstance(first, str):
        raise ArgumentError(
            "The name of a weight is given by name.",
            where=f"{where}, add_weight",
            expected="the shape first, as in add_weight((3, 1))",
            received=repr(first),
            remedy=f"write add_weight(shape=..., name={first!r})",
        )
    twice = [n for n, a, b in zip(_BY_PLACE, args, named) if b is not None]
    if twice:
        raise ArgumentError(
            "add_weight gets an argument twice.",
            where=f"{where}, add_weight",
            expected="each argument once",
            received=f"{', '.join(twice)} twice, by place and by name",
            remedy="leave out one of them",
        )
    if len(args) > len(_BY_PLACE):
        raise DtypeError(
            "add_weight takes shape, initializer and dtype by place, the rest by name.",
            where=f"{where}, add_weight",
            expected="at most 3 arguments by place",
            received=f"{len(args)} by place",
            remedy="write their names",
        )
    shape, initializer, dtype = (*args, *named[len(args) :])
    return shape, initializer, dtype


class Leftovers:
    """Mixin of `Layer`: what Keras 3 left behind."""

    name: str
    _metrics: list[Metric]
    add_weight: Any

    def add_variable(
        self,
        shape: Any,
        initializer: Any,
        dtype: Any = None,
        trainable: bool = True,
        autocast: bool = True,
        regularizer: Any = None,
        constraint: Any = None,
        name: str | None = None,
    ) -> Any:
        """`add_weight`, with the shape and the initializer first."""
        return self.add_weight(
            shape=shape,
            initializer=initializer,
            dtype=dtype,
            trainable=trainable,
            autocast=autocast,
            regularizer=regularizer,
            constraint=constraint,
            name=name,
        )

    def add_metric(
        self, value: Any, name: str | None = None, aggregation: str | None = None
    ) -> None:
        """Shows the mean of a value of `call`, as in Keras 2; call it from `call`.

        Args:
            value: a tensor; or what a metric of this layer gave, which is shown anyway.
            name: what it is shown as. Without one, `value` must be a metric's.
            aggregation: "mean" (default), the only one.

        Raises:
            ArgumentError: no name, and no metric on the layer; another aggregation.
        """
        if aggregation not in (None, "mean"):
            raise ArgumentError(
                "add_metric keeps means.",
                where=f"layer {self.name!r}, add_metric(aggregation=)",
                expected="'mean'",
                received=repr(aggregation),
                remedy="set a metric on the layer, and update it in call()",
            )
        if name is None:
            if self._metrics:
                return
            raise ArgumentError(
                "A value that no metric gave needs a name.",
                where=f"layer {self.name!r}, add_metric(name=)",
                expected="name='error', say",
                received="None, and no metric on the layer",
                remedy="write self.add_metric(value, name='error')",
            )
        known = [m for m in self._metrics if m.name == name]
        if not known:
            known = [Mean(name=name)]
            self._metrics.extend(known)
        known[0].update_state(value)
