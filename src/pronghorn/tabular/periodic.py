"""Numeric columns as waves of their values, with learned frequencies."""

from __future__ import annotations

import math
from typing import Any

from pronghorn import ops
from pronghorn.errors import ArgumentError
from pronghorn.initializers import RandomNormal, RandomUniform
from pronghorn.layers.by_shape import ByShape
from pronghorn.layers.core import known_size, whole
from pronghorn.layers.input_spec import InputSpec
from pronghorn.registry import keras_class
from pronghorn.tabular.piecewise import uniform_of

__all__ = ["PeriodicEmbedding"]

KINDS = ("PBLD", "PLR", "PL")

COSINE = (
    0.999999989,
    -19.7392045,
    64.9391175,
    -85.4501395,
    60.167631,
    -25.9675993,
    6.52865817,
)
"""cos(2 pi r) for r from -1/2 to 1/2, by powers of r squared: Chebyshev's fit."""


@keras_class("pronghorn.tabular")
class PeriodicEmbedding(ByShape):
    """Each column as waves of its value, mixed by a linear layer of its own.

    With learned frequencies w, `kind` says which (rows go through each column alone):

    - "PBLD": `[cos(2 pi w x + b) @ kernel + bias, x]`, the value itself among the
      `units` (Holzmueller et al., arXiv 2407.04491: periodic, bias, linear, DenseNet).
    - "PLR": `relu([cos(2 pi w x), sin(2 pi w x)] @ kernel + bias)` (Gorishniy et al.,
      arXiv 2203.05556, section 3.3).
    - "PL": the same without relu.

    Args:
        units: how many numbers each column becomes. Default 4, as RealMLP has it; 24
            is usual with "PLR".
        frequencies: how many waves. Default 16; 48 is usual with "PLR".
        scale: the standard deviation of the frequencies at first, which are normal.
            Default 0.1; 0.01 to 1 are worth a try with "PLR".
        kind: default "PBLD".
        **kwargs: `name`, `trainable`, and `input_shape` on a first layer.

    Shapes: float (rows, columns), scaled to about -3 to 3, to (rows, columns * units),
    the numbers of a column side by side; frequency (columns, frequencies).

    Raises:
        ArgumentError: `units` or `frequencies` no whole number from 1 up (units from 2
            with "PBLD"), a scale of 0 or less, another kind.

    Example:

    >>> import numpy as np
    >>> layer = PeriodicEmbedding()
    >>> layer(np.array([[0.5, -0.5]], "float32"))[0, [3, 7]]
    array([ 0.5, -0.5], dtype=float32)
    """

    def __init__(
        self,
        units: int = 4,
        frequencies: int = 16,
        scale: float = 0.1,
        kind: str = "PBLD",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if kind not in KINDS:
            raise ArgumentError(
                "There is no such kind of periodic embedding.",
                where=f"layer {self.name!r}, kind",
                expected=", ".join(map(repr, KINDS)),
                received=repr(kind),
            )
        least = 2 if kind == "PBLD" else 1
        self.units = whole(units, "units", "PeriodicEmbedding", least)
        self.frequencies = whole(frequencies, "frequencies", "PeriodicEmbedding")
        if not scale > 0:
            raise ArgumentError(
                "The frequencies' deviation is positive.",
                where=f"layer {self.name!r}, scale",
                expected="a number above 0",
                received=repr(scale),
                remedy="0.1 is usual",
            )
        self.scale = scale
        self.kind = kind
        self.input_spec = InputSpec(ndim=2)

    def build(self, input_shape: Any) -> None:
        """Makes the weights for this number of columns."""
        columns = known_size(input_shape, -1, self)
        ours = self.kind == "PBLD"
        waves = self.frequencies if ours else 2 * self.frequencies
        mixed = self.units - 1 if ours else self.units
        shape = (columns, self.frequencies)
        normal = RandomNormal(0.0, self.scale)
        self.frequency = self.add_weight(
            name="frequency", shape=shape, initializer=normal
        )
        if ours:
            turn = RandomUniform(-math.pi, math.pi)
            self.phase = self.add_weight(name="phase", shape=shape, initializer=turn)
        self.kernel = self.add_weight(
            name="kernel",
            shape=(columns, waves, mixed),
            initializer=uniform_of(waves),
        )
        self.bias = self.add_weight(
            name="bias", shape=(columns, mixed), initializer=uniform_of(waves)
        )
        self.input_spec = InputSpec(ndim=2, axes={-1: columns})
        self.built = True

    def call(self, inputs: Any) -> Any:
        """(rows, columns) to (rows, columns * units)."""
        x = ops.expand_dims(ops.cast(inputs, "float32"), -1)
        if self.kind == "PBLD":
            waves = _cos(x * self.frequency + self.phase * (0.5 / math.pi))
        else:
            angle = x * (2.0 * math.pi * self.frequency)
            waves = ops.concatenate([ops.cos(angle), ops.sin(angle)], axis=-1)
        y = ops.einsum("nck,cku->ncu", waves, self.kernel) + self.bias
        if self.kind == "PLR":
            y = ops.relu(y)
        elif self.kind == "PBLD":
            y = ops.concatenate([y, x], axis=-1)
        return ops.reshape(y, (-1, inputs.shape[-1] * self.units))

    def compute_output_shape(self, input_shape: Any) -> Any:
        """(rows, columns) to (rows, columns * units)."""
        rows, columns = input_shape
        return rows, columns * self.units

    def _output_dtype(self, inputs: Any) -> str:
        return "float32"

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            **super().get_config(),
            "units": self.units,
            "frequencies": self.frequencies,
            "scale": self.scale,
            "kind": self.kind,
        }


def _cos(turns: Any) -> Any:
    """cos(2 pi turns) to 4e-7, in a fifth of the engine's time for any angle's cosine.

    Of an angle of some turns the whole ones are taken off; a polynomial does the rest.
    """
    part = turns - ops.floor(turns + 0.5)
    square = part * part
    value: Any = COSINE[-1]
    for factor in COSINE[-2::-1]:
        value = value * square + factor
    return value
