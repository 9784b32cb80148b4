"""The values of a layer's weights: read, set, counted, and kept in files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pronghorn.errors import ShapeError, StateError

__all__ = ["Weights"]


class Weights:
    """Mixin of `Layer`: its weights as arrays."""

    name: str
    built: bool
    weights: Any
    _variables: Any

    def get_weights(self) -> list[np.ndarray]:
        """Copies of all weights."""
        return [v.numpy() for v in self.weights]

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Sets all weights.

        Raises:
            ShapeError: if there are more or fewer, or one has another shape.
        """
        mine = self.weights
        if len(weights) != len(mine):
            raise ShapeError(
                "set_weights got another number of arrays.",
                where=f"layer {self.name!r}",
                expected=f"{len(mine)}: " + ", ".join(str(v.shape) for v in mine),
                received=len(weights),
                remedy="pass the arrays in the order and shapes of get_weights()"
                if self.built
                else "build the layer first",
            )
        arrays = [np.asarray(w) for w in weights]
        for variable, array in zip(mine, arrays):
            if array.shape != variable.shape:
                raise ShapeError(
                    "set_weights got an array of another shape.",
                    where=f"layer {self.name!r}, weight {variable.path!r}",
                    expected=variable.shape,
                    received=array.shape,
                    remedy="pass the arrays in the order and shapes of get_weights()",
                )
        for variable, array in zip(mine, arrays):
            variable.assign(array)

    def count_params(self) -> int:
        """The number of numbers in the weights.

        Raises:
            StateError: if the layer is not built.
        """
        if not self.built:
            raise StateError(
                "A layer that is not built has no weights to count.",
                where=f"layer {self.name!r} ({type(self).__name__})",
                expected="a layer that has seen the shape of its input",
                received="one that has not",
                remedy="call it on data, or build(input_shape), first",
            )
        return sum(v.size for v in self.weights)

    def save_own_variables(self, store: Any) -> None:
        """Writes the layer's own variables to a mapping, by their place."""
        for i, variable in enumerate(self._variables):
            store[str(i)] = variable.numpy()

    def load_own_variables(self, store: Any) -> None:
        """Reads what `save_own_variables` wrote."""
        ordered = self._variables
        if len(store.keys()) != len(ordered):
            raise ShapeError(
                "The stored weights do not fit the layer.",
                where=f"layer {self.name!r}",
                expected=f"{len(ordered)} arrays",
                received=f"{len(store.keys())}",
                remedy="build the layer as it was when it was saved",
            )
        for i, variable in enumerate(ordered):
            variable.assign(np.asarray(store[str(i)]))
