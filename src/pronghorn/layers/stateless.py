"""Calling a layer with values of the caller's choice for its variables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pronghorn.errors import ShapeError, StateError
from pronghorn.ir.stateless import StatelessScope
from pronghorn.ir.variable import Variable

__all__ = ["Stateless"]


class Stateless:
    """Mixin of `Layer`: `stateless_call`."""

    name: str
    built: bool
    losses: Any
    metrics: Any
    trainable_variables: Any
    non_trainable_variables: Any
    _clear_losses: Any

    def stateless_call(
        self,
        trainable_variables: Sequence[Any],
        non_trainable_variables: Sequence[Any],
        *args: Any,
        return_losses: bool = False,
        **kwargs: Any,
    ) -> tuple[Any, ...]:
        """The outputs for given values of the variables; the layer's own stay.

        Args:
            trainable_variables: a value for each of `trainable_variables`.
            non_trainable_variables: a value for each of `non_trainable_variables`.
            *args: of the call.
            return_losses: give the penalties too. Default False.
            **kwargs: of the call.

        Returns:
            The outputs, and the values of `non_trainable_variables` after the call;
            with `return_losses` the list of losses after them.

        Raises:
            StateError: the layer is not built.
            ShapeError: another number of values.

        Example:

        >>> from pronghorn.layers import Dense
        >>> layer = Dense(1, use_bias=False)
        >>> layer.build((None, 2))
        >>> y, rest = layer.stateless_call([[[1.0], [2.0]]], [], [[3.0, 4.0]])
        >>> y, rest
        (array([[11.]], dtype=float32), [])
        """
        if not self.built:
            raise StateError(
                "stateless_call needs a layer that has its variables.",
                where=f"layer {self.name!r}",
                expected="a layer that is built",
                received="one that is not",
                remedy="call it on data first, or layer.build(input_shape)",
            )
        pairs = [
            *self._matched("trainable_variables", trainable_variables),
            *self._matched("non_trainable_variables", non_trainable_variables),
        ]
        with StatelessScope(pairs) as scope:
            outputs = self(*args, **kwargs)  # type: ignore[operator]
            losses = self.losses if return_losses else []
            if return_losses:  # symbols of this call mean nothing to the next
                self._clear_losses()
        after = [scope.get_current_value(v) for v in self.non_trainable_variables]
        return (outputs, after, losses) if return_losses else (outputs, after)

    def _matched(self, name: str, values: Sequence[Any]) -> list[tuple[Variable, Any]]:
        """The variables of a kind, each with its value."""
        mine: list[Variable] = getattr(self, name)
        given = list(values)
        if len(given) != len(mine):
            raise ShapeError(
                f"{name} has another number of values.",
                where=f"layer {self.name!r}",
                expected=f"{len(mine)}: " + ", ".join(v.path for v in mine),
                received=len(given),
                remedy=f"pass one for each of layer.{name}",
            )
        return list(zip(mine, given, strict=True))

    @property
    def metrics_variables(self) -> list[Variable]:
        """The state of all metrics, in the order of `metrics`."""
        return [v for metric in self.metrics for v in metric.variables]
