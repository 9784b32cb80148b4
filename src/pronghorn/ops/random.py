"""Random tensors inside a graph, drawn anew at every step.

In a trace each call is a stream of its own: the numbers are a function of the run's
seed, the step and the stream (see `pronghorn.ir.rng`), the same on every backend.
"""

from __future__ import annotations

from math import pi
from typing import Any

import numpy as np

from pronghorn.ir import rng
from pronghorn.ir.graph import apply
from pronghorn.ir.primitive import Kind, Primitive
from pronghorn.ir.shapes import Shape
from pronghorn.ir.tensor import KerasTensor
from pronghorn.ops.elementwise import cos, log, multiply, sqrt


def _uniform_value(
    shape: tuple[int, ...], stream: int, seed: int, step: int
) -> np.ndarray:
    return rng.uniform(seed, step, stream, shape)


def _uniform_shape(shape: Shape, stream: int) -> tuple[Shape, str]:
    return shape, "float32"


uniform_p = Primitive("uniform", Kind.RANDOM, _uniform_value, _uniform_shape)


def uniform(shape: Shape, stream: int) -> Any:
    """Float32 numbers from [0, 1) as a node; `stream` tells sources apart."""
    attrs = {"shape": tuple(shape), "stream": int(stream)}
    return KerasTensor.of(apply(uniform_p, (), attrs))


def normal(shape: Shape, stream: int) -> Any:
    """Standard normal numbers as nodes, by the method of Box and Muller (1958)."""
    radius = sqrt(multiply(-2.0, log(1.0 - uniform(shape, stream))))
    # A second stream, far from those that a trace counts up from 1.
    angle = multiply(2 * pi, uniform(shape, stream + (1 << 30)))
    return radius * cos(angle)
